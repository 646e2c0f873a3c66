//! From the arguments of a command to one topology.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::merge::merge;
use crate::import::code;
use crate::import::plan::{self, Imported};
use crate::import::yaml;
use crate::report::{Places, layout};
use crate::source::tree::{Node, Value};
use crate::source::{Files, Finding, Findings, code as reading};
use crate::topology::Topology;
use crate::topology::record::{Decode as _, Decoder};
use crate::topology::unread::Unread;
use crate::validate::check_of_part;

/// The name of standard input in findings.
const STDIN: &str = "<stdin>";

/// The version of the format that is read.
const VERSION: i64 = 1;

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files.
    pub files: Files,
    /// All of them together, completed; nothing if there is none that decodes.
    pub topology: Option<Topology>,
    /// What is wrong with them.
    pub findings: Findings,
    /// What could matter and is not in the topology.
    pub unread: Vec<Unread>,
    /// Addresses in Terraform, by `kind/id`.
    pub addresses: IndexMap<String, Arc<str>>,
    /// Whether something could not be read at all, so that the findings are not the whole story.
    pub unusable: bool,
    /// Whether the topology as a whole was not checked, because parts of it cannot be read.
    pub unchecked: bool,
}

impl Loaded {
    /// Reads everything that the arguments name, as one topology, and finds everything that is
    /// wrong with it.
    pub fn read(arguments: &[PathBuf]) -> Self {
        let mut loaded = Self::default();
        let mut stdin = false;
        for path in arguments {
            if path.as_os_str() == "-" {
                if !std::mem::replace(&mut stdin, true) {
                    let mut bytes = Vec::new();
                    let read = io::stdin().lock().read_to_end(&mut bytes);
                    loaded.take(STDIN, read.map(|_| bytes));
                }
            } else if path.is_dir() {
                loaded.folder(path);
            } else if path.extension() == Some(OsStr::new("tf")) {
                loaded.terraform(path);
            } else {
                loaded.take(&path.display().to_string(), fs::read(path));
            }
        }
        loaded.complete();
        loaded
    }

    /// Reads a text as a topology of that name, and finds everything that is wrong with it.
    pub fn text(name: &str, text: &str) -> Self {
        let mut loaded = Self::default();
        loaded.take(name, Ok(text.as_bytes().to_vec()));
        loaded.complete();
        loaded
    }

    /// Fills in what goes without saying, and checks the whole.
    fn complete(&mut self) {
        let Some(topology) = &mut self.topology else { return };
        topology.complete();
        // What cannot be read is left out, so that references to it would seem to lead nowhere.
        self.unchecked = self.unusable || self.findings.has_errors();
        if !self.unchecked {
            check_of_part(topology, &self.unread, &mut self.findings);
        }
    }

    /// Whether questions can be asked of it.
    pub fn is_usable(&self) -> bool {
        !self.unusable && !self.findings.has_errors() && self.topology.is_some()
    }

    /// Something that cannot be read at all.
    fn refuse(&mut self, finding: Finding) {
        self.unusable = true;
        self.findings.push(finding);
    }

    fn terraform(&mut self, path: &Path) {
        let message = format!("`{}` is Terraform's source, which is not read yet", path.display());
        self.refuse(code::NOT_READ_YET.finding(message).help(PLAN_HELP));
    }

    /// Reads the files of a folder that are topologies, in the order of their names.
    fn folder(&mut self, folder: &Path) {
        let listed = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()
        });
        let mut paths = match listed {
            Ok(paths) => paths,
            Err(error) => return self.refuse(unreadable(&folder.display().to_string(), &error)),
        };
        paths.sort();
        let has = |extensions: &[&str], path: &Path| {
            path.extension().and_then(OsStr::to_str).is_some_and(|own| extensions.contains(&own))
        };
        let mut found = false;
        for path in paths.iter().filter(|path| has(&["yaml", "yml"], path) && path.is_file()) {
            match fs::read(path) {
                Ok(bytes) if !begins_as_topology(&bytes) => {}
                read => {
                    found = true;
                    self.take(&path.display().to_string(), read);
                }
            }
        }
        if found {
            return;
        }
        if paths.iter().any(|path| has(&["tf"], path)) {
            return self.terraform(folder);
        }
        let message = format!("there is no topology in the folder `{}`", folder.display());
        self.refuse(code::NO_TOPOLOGY.finding(message).help(
            "a topology is a file ending in .yaml or .yml, directly in the folder, that begins with `portolan: 1`",
        ));
    }

    /// Takes in one file.
    fn take(&mut self, name: &str, read: io::Result<Vec<u8>>) {
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => return self.refuse(unreadable(name, &error)),
        };
        if let Some(what) = foreign_text(&bytes) {
            return self.not_read_yet(name, what);
        }
        let Some(node) = yaml::read(&mut self.files, name, &bytes, &mut self.findings) else {
            return;
        };
        if plan::detect(&node) {
            let Imported { topology, unread, addresses } = plan::read(&node, &mut self.findings);
            self.unread.extend(unread);
            self.addresses.extend(addresses);
            return self.add(topology);
        }
        if let Some(what) = foreign(&node) {
            return self.not_read_yet(name, what);
        }
        if !self.is_known_version(&node, name) {
            return;
        }
        let decoded = Topology::decode(&node, &mut Decoder::new(&self.files, &mut self.findings));
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
                let text = self.files.text(version.span);
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
const PLAN_HELP: &str = "write the plan as JSON (`terraform show -json PLAN`) and give that, or write a topology \
                         file; `portolan schema` describes one";

fn unreadable(name: &str, error: &io::Error) -> Finding {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{name}`"),
        io::ErrorKind::PermissionDenied => format!("`{name}` may not be read"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    code::UNREADABLE.finding(message)
}

/// Whether the first line that says something begins with `portolan:`.
fn begins_as_topology(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#") && *line != b"---")
        .is_some_and(|line| line.starts_with(b"portolan:"))
}

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

impl Loaded {
    /// What is needed to say where facts stand.
    pub fn places(&self) -> Places<'_> {
        Places { files: &self.files, addresses: &self.addresses }
    }

    /// How much there is, in words: `2 services, 1 load balancer`.
    pub fn size(&self) -> String {
        let Some(topology) = &self.topology else { return String::new() };
        let parts = [
            (topology.services.len(), "service"),
            (topology.jobs.len(), "job"),
            (topology.worker_pools.len(), "worker pool"),
            (topology.load_balancers.len(), "load balancer"),
            (topology.networks.len(), "network"),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, noun)| layout::count(number, noun))
            .collect();
        layout::and(&parts)
    }
}
