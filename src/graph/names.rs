//! Host names: the forms of run.app URLs (ING-043, ING-044), and which address a name leads to.

use std::net::IpAddr;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// The short code of a region in the hash form of a run.app URL: the initials of its parts, by
/// Google's list of locations; `None` for a region that the list does not have.
pub fn region_code(region: &str) -> Option<&'static str> {
    Some(match region {
        "us-central1" => "uc",
        "us-east1" => "ue",
        "us-east4" => "uk",
        "us-east5" => "ul",
        "us-south1" => "vp",
        "us-west1" => "uw",
        "us-west2" => "wl",
        "us-west3" => "wm",
        "us-west4" => "wn",
        "northamerica-northeast1" => "nn",
        "northamerica-northeast2" => "pd",
        "southamerica-east1" => "rj",
        "southamerica-west1" => "tl",
        "europe-west1" => "ew",
        "europe-west2" => "nw",
        "europe-west3" => "ey",
        "europe-west4" => "ez",
        "europe-west6" => "oa",
        "europe-west8" => "oc",
        "europe-west9" => "od",
        "europe-north1" => "lz",
        "europe-central2" => "lm",
        "europe-southwest1" => "no",
        "asia-east1" => "de",
        "asia-east2" => "df",
        "asia-northeast1" => "an",
        "asia-northeast2" => "dt",
        "asia-northeast3" => "du",
        "asia-south1" => "el",
        "asia-south2" => "em",
        "asia-southeast1" => "as",
        "asia-southeast2" => "et",
        "australia-southeast1" => "ts",
        "australia-southeast2" => "km",
        "me-west1" => "zf",
        "me-central1" => "ww",
        "africa-south1" => "bq",
        _ => return None,
    })
}

/// What stands for the hash of a project whose services' URLs are not known: ten characters, as
/// long as a real one.
pub fn hash_placeholder(project: usize) -> String {
    format!("hash{project:06}")
}

/// A host for people: `HASH` in place of what stands for a hash that is not known.
pub fn shown(host: &str) -> String {
    match HashForm::parse(host) {
        Some(form) if is_placeholder(form.hash) => {
            host.replace(&format!("-{}-", form.hash), "-HASH-")
        }
        _ => host.to_string(),
    }
}

/// Whether a hash stands for one that is not known.
pub fn is_placeholder(hash: &str) -> bool {
    hash.strip_prefix("hash").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The pieces of a host in hash form: `[TAG---]NAME-HASH-CODE.a.run.app`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashForm<'a> {
    /// The traffic tag.
    pub tag: Option<&'a str>,
    /// The service's name.
    pub name: &'a str,
    /// Ten lower-case letters and digits.
    pub hash: &'a str,
    /// The region's code.
    pub code: &'a str,
}

impl<'a> HashForm<'a> {
    /// Splits a host, if it has this form.
    pub fn parse(host: &'a str) -> Option<Self> {
        let label = host.strip_suffix(".a.run.app")?;
        let (rest, code) = label.rsplit_once('-')?;
        let (service, hash) = rest.rsplit_once('-')?;
        let hash_fits =
            hash.len() == 10 && hash.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !hash_fits || !(2..=3).contains(&code.len()) || service.is_empty() {
            return None;
        }
        let (tag, name) = match service.split_once("---") {
            Some((tag, name)) => (Some(tag), name),
            None => (None, service),
        };
        Some(HashForm { tag, name, hash, code })
    }
}

/// Which name stands for which, and where names lead.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Name, tag and code of services whose hash is not known, to the host that stands for all
    /// hosts of that form. `None` if more than one service has it.
    open: HashMap<(String, String), Option<String>, FxBuildHasher>,
    /// Exact host to the address that it resolves to, as far as the topology says.
    addresses: HashMap<String, IpAddr, FxBuildHasher>,
    /// Wildcard suffixes (`.example.com`) and the address.
    suffixes: Vec<(String, IpAddr)>,
    /// Exact hosts by the address that they resolve to, but for Google's front end.
    hosts: HashMap<IpAddr, Vec<String>, FxBuildHasher>,
    /// run.app names without a tag, to the service's id.
    services: HashMap<String, String, FxBuildHasher>,
    /// Services' ids to their first run.app name.
    run_app: HashMap<String, String, FxBuildHasher>,
}

impl Names {
    /// Declares that every hash makes `TAG---NAME-HASH-CODE.a.run.app` a name of one service, for
    /// which `host` stands.
    pub fn declare_open(&mut self, service: &str, code: &str, host: &str) {
        self.open
            .entry((service.to_string(), code.to_string()))
            .and_modify(|known| {
                if known.as_deref() != Some(host) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(host.to_string()));
    }

    /// Declares the address of a name; a leading `*` makes it a wildcard.
    pub fn declare_address(&mut self, host: &str, address: IpAddr) {
        match host.strip_prefix('*') {
            Some(suffix) if !self.suffixes.iter().any(|(known, _)| known == suffix) => {
                self.suffixes.push((suffix.to_string(), address));
            }
            Some(_) => {}
            None if self.addresses.contains_key(host) => {}
            None => {
                self.addresses.insert(host.to_string(), address);
                if address != IpAddr::V4(super::Placeholders::GOOGLE_FRONT_END) {
                    self.hosts.entry(address).or_default().push(host.to_string());
                }
            }
        }
    }

    /// The exact hosts that resolve to an address, but for Google's front end.
    pub fn hosts_at(&self, address: IpAddr) -> &[String] {
        self.hosts.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Every exact host that resolves to an address other than Google's front end.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.values().flatten().map(String::as_str)
    }

    /// Declares a run.app name of a service.
    pub fn declare_run_app(&mut self, service: &str, host: &str) {
        self.services.entry(host.to_string()).or_insert_with(|| service.to_string());
        self.run_app.entry(service.to_string()).or_insert_with(|| host.to_string());
    }

    /// The service that a canonical run.app name without a tag belongs to.
    pub fn service_of(&self, host: &str) -> Option<&str> {
        self.services.get(host).map(String::as_str)
    }

    /// The first run.app name of a service: the deterministic one if it has one.
    pub fn run_app(&self, service: &str) -> Option<&str> {
        self.run_app.get(service).map(String::as_str)
    }

    /// The host that the graph knows a name by: lower case, without a trailing dot, and with the
    /// placeholder in place of a hash that the topology does not know. A request for any name of
    /// such a language behaves as a request for its representative.
    pub fn canonical(&self, host: &str) -> String {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let Some(form) = HashForm::parse(&host) else { return host };
        let service = match form.tag {
            Some(tag) => format!("{tag}---{}", form.name),
            None => form.name.to_string(),
        };
        match self.open.get(&(service, form.code.to_string())) {
            Some(Some(representative)) => representative.clone(),
            _ => host,
        }
    }

    /// The address that a canonical host resolves to, as far as the topology says.
    pub fn address(&self, host: &str) -> Option<IpAddr> {
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(address);
        }
        self.addresses.get(host).copied().or_else(|| {
            self.suffixes
                .iter()
                .filter(|(suffix, _)| host.len() > suffix.len() && host.ends_with(suffix.as_str()))
                .max_by_key(|(suffix, _)| suffix.len())
                .map(|(_, address)| *address)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_forms_are_split() {
        let form = HashForm::parse("blue---web-api-abcdefghij-an.a.run.app");
        assert_eq!(
            form,
            Some(HashForm { tag: Some("blue"), name: "web-api", hash: "abcdefghij", code: "an" })
        );
        assert_eq!(HashForm::parse("web-123456789012.asia-northeast1.run.app"), None);
        assert_eq!(HashForm::parse("web-short-an.a.run.app"), None);
    }

    #[test]
    fn any_hash_leads_to_the_only_service_of_that_name() {
        let mut names = Names::default();
        names.declare_open("web", "an", "web-hash000000-an.a.run.app");
        assert_eq!(names.canonical("WEB-q1w2e3r4t5-an.a.run.app."), "web-hash000000-an.a.run.app");
        names.declare_open("web", "an", "web-hash000001-an.a.run.app");
        assert_eq!(
            names.canonical("web-q1w2e3r4t5-an.a.run.app"),
            "web-q1w2e3r4t5-an.a.run.app",
            "two projects have a service of that name"
        );
    }
}
