//! From texts in any format that is read to one topology.

use super::merge::merge;
use super::plan::{self, Imported};
use super::{code, yaml};
use crate::source::tree::{Node, Value};
use crate::source::{Finding, Findings, Places, code as reading};
use crate::topology::Topology;
use crate::topology::record::{Decode as _, Decoder};
use crate::topology::unread::Unread;

/// The version of the format that is read.
const VERSION: i64 = 1;

/// A text to read, by the name that findings call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The name, a path say.
    pub name: String,
    /// The text.
    pub bytes: Vec<u8>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// The texts, and what Terraform calls what they declare.
    pub places: Places,
    /// All of them together; nothing if there is none that decodes.
    pub topology: Option<Topology>,
    /// What is wrong with them.
    pub findings: Findings,
    /// What could matter and is not in the topology.
    pub unread: Vec<Unread>,
    /// Whether something could not be read at all, so that the findings are not the whole story.
    pub unusable: bool,
}

/// Reads texts as one topology, each in the format that it is found to have.
pub fn load(documents: impl IntoIterator<Item = Document>) -> Reading {
    let mut reading = Reading::default();
    for document in documents {
        reading.take(&document);
    }
    reading
}

impl Reading {
    /// Notes something that cannot be read at all.
    pub fn refuse(&mut self, finding: Finding) {
        self.unusable = true;
        self.findings.push(finding);
    }

    /// Reads a text that is laid over the topology: a topology file, of which much may be left out.
    pub fn overlay(&mut self, Document { name, bytes }: &Document) -> Option<Node> {
        let node = yaml::read(&mut self.places.files, name, bytes, &mut self.findings)?;
        self.is_known_version(&node, name).then_some(node)
    }

    fn take(&mut self, Document { name, bytes }: &Document) {
        if let Some(what) = foreign_text(bytes) {
            return self.not_read_yet(name, what);
        }
        let Some(node) = yaml::read(&mut self.places.files, name, bytes, &mut self.findings) else {
            return;
        };
        if plan::detect(&node) {
            let Imported { topology, unread, addresses } = plan::read(&node, &mut self.findings);
            self.unread.extend(unread);
            self.places.addresses.extend(addresses);
            return self.add(topology);
        }
        if let Some(what) = foreign(&node) {
            return self.not_read_yet(name, what);
        }
        if !self.is_known_version(&node, name) {
            return;
        }
        let decoded =
            Topology::decode(&node, &mut Decoder::new(&self.places.files, &mut self.findings));
        if let Some(topology) = decoded {
            self.add(topology);
        }
    }

    fn not_read_yet(&mut self, name: &str, what: &str) {
        let message = format!("`{name}` is {what}, which is not read yet");
        let help = if what == STATE { PLAN_HELP } else { TOPOLOGY_HELP };
        self.refuse(code::NOT_READ_YET.finding(message).help(help));
    }

    fn add(&mut self, topology: Topology) {
        match &mut self.topology {
            Some(whole) => merge(whole, topology, &mut self.findings),
            None => self.topology = Some(topology),
        }
    }

    /// Whether a topology is written in the version that is read; reports it if it is not.
    fn is_known_version(&mut self, node: &Node, name: &str) -> bool {
        let help = format!("begin the file with `portolan: {VERSION}`");
        let finding = match node.get("portolan") {
            Some(Node { value: Value::Integer(VERSION), .. }) => return true,
            Some(version) => {
                let text = self.places.files.text(version.span);
                let message = match &version.value {
                    Value::Integer(_) => format!("version {text} of the format is not known"),
                    _ => "the version of the format is a whole number".to_owned(),
                };
                code::UNKNOWN_VERSION.finding(message).at(version.span)
            }
            None => {
                let message = format!("`{name}` does not say that it is a topology");
                let start = node.as_map().and_then(|entries| entries.first());
                let place = start.map_or(node.span.at_start(), |(key, _)| key.span);
                reading::MISSING_KEY
                    .finding(message)
                    .label(place, "`portolan` must be given before this")
            }
        };
        self.findings.push(finding.help(help));
        false
    }
}

/// What `foreign` calls a state.
const STATE: &str = "a Terraform state";
const TOPOLOGY_HELP: &str = "write a topology file; `portolan schema` describes one";
/// What to give where Terraform's source or a state is.
pub const PLAN_HELP: &str = "write the plan as JSON (`terraform show -json PLAN`) and give that, or write a topology \
                         file; `portolan schema` describes one";

/// What a text is that is neither YAML nor JSON as a whole, where Portolan knows it.
fn foreign_text(bytes: &[u8]) -> Option<&'static str> {
    let first = bytes.split(|&byte| byte == b'\n').next()?.trim_ascii();
    let is_asset = |line: &[u8]| {
        line.starts_with(b"{") && line.windows(11).any(|part| part == b"\"assetType\"")
            || line.windows(12).any(|part| part == b"\"asset_type\"")
    };
    (bytes.len() > first.len() && is_asset(first)).then_some("an asset export")
}

/// What a document is that is neither a topology nor a plan, where Portolan knows it.
fn foreign(node: &Node) -> Option<&'static str> {
    let is_asset =
        |node: &Node| node.get("assetType").is_some() || node.get("asset_type").is_some();
    if is_asset(node) || node.as_list().is_some_and(|items| items.first().is_some_and(is_asset)) {
        return Some("an asset export");
    }
    if node.get("portolan").is_some() {
        return None;
    }
    if node.get("terraform_version").is_some() {
        return Some(STATE);
    }
    if node.get("apiVersion").is_some() && node.get("kind").is_some() {
        return Some("a Knative manifest");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(texts: [(&str, &str); N]) -> Reading {
        load(texts.map(|(name, text)| Document { name: name.into(), bytes: text.into() }))
    }

    #[test]
    fn texts_of_either_format_are_one_topology() {
        let reading = read([
            ("a.yaml", "portolan: 1\nservices: {web: {region: europe-west1}}\n"),
            (
                "plan.json",
                r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{
                    "address": "google_cloud_run_v2_service.api", "mode": "managed",
                    "type": "google_cloud_run_v2_service", "name": "api",
                    "values": {"name": "api", "location": "europe-west1", "project": "shop"}
                }]}}}"#,
            ),
        ]);
        assert!(!reading.findings.has_errors(), "{:?}", reading.findings);
        let topology = reading.topology.expect("both are read");
        assert_eq!(topology.services.keys().map(|id| &**id).collect::<Vec<_>>(), ["web", "api"]);
        assert!(reading.places.addresses.contains_key("service/api"));
    }

    #[test]
    fn what_is_declared_twice_stays_as_it_was() {
        let web = |region| format!("portolan: 1\nservices: {{web: {{region: {region}}}}}\n");
        let reading = read([("a.yaml", &web("europe-west1")), ("b.yaml", &web("europe-west3"))]);
        let codes: Vec<_> = reading.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [code::DECLARED_TWICE.code]);
        assert_eq!(
            reading.places.files.text(reading.findings.iter().next().unwrap().span()),
            "web"
        );
    }

    #[test]
    fn what_is_known_and_not_read_makes_the_rest_unusable() {
        let reading = read([
            ("a.yaml", "portolan: 1\nservices: {web: {region: europe-west1}}\n"),
            ("b.yaml", "apiVersion: serving.knative.dev/v1\nkind: Service\n"),
        ]);
        assert!(reading.unusable && reading.topology.is_some());
    }
}
