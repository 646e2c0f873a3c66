//! Host names: the forms of run.app URLs (ING-043, ING-044), and which address a name leads to.

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;

use crate::inventory::stable_hash;

/// The short codes of regions in the hash form of a run.app URL (ING-043). They follow no rule;
/// each is from the address of a service that Google's latency test GCPing runs in the region
/// (repository GoogleCloudPlatform/gcping, internal/config/endpoints.go, and lists of its services
/// for regions since).
const REGION_CODES: &[(&str, &str)] = &[
    ("us-central1", "uc"),
    ("us-east1", "ue"),
    ("us-east4", "uk"),
    ("us-east5", "ul"),
    ("us-south1", "vp"),
    ("us-west1", "uw"),
    ("us-west2", "wl"),
    ("us-west3", "wm"),
    ("us-west4", "wn"),
    ("northamerica-northeast1", "nn"),
    ("northamerica-northeast2", "pd"),
    ("northamerica-south1", "pv"),
    ("southamerica-east1", "rj"),
    ("southamerica-west1", "tl"),
    ("europe-central2", "lm"),
    ("europe-north1", "lz"),
    ("europe-north2", "ma"),
    ("europe-southwest1", "no"),
    ("europe-west1", "ew"),
    ("europe-west2", "nw"),
    ("europe-west3", "ey"),
    ("europe-west4", "ez"),
    ("europe-west6", "oa"),
    ("europe-west8", "oc"),
    ("europe-west9", "od"),
    ("europe-west10", "oe"),
    ("europe-west12", "og"),
    ("asia-east1", "de"),
    ("asia-east2", "df"),
    ("asia-northeast1", "an"),
    ("asia-northeast2", "dt"),
    ("asia-northeast3", "du"),
    ("asia-south1", "el"),
    ("asia-south2", "em"),
    ("asia-southeast1", "as"),
    ("asia-southeast2", "et"),
    ("australia-southeast1", "ts"),
    ("australia-southeast2", "km"),
    ("me-central1", "ww"),
    ("me-central2", "wx"),
    ("me-west1", "zf"),
    ("africa-south1", "bq"),
];

/// What stands for the code of a region whose code is not known.
const OPEN_CODE: &str = "zz";

/// The short code of a region in the hash form of a run.app URL; `None` if it is not known.
pub fn region_code(region: &str) -> Option<&'static str> {
    REGION_CODES.iter().find(|(own, _)| *own == region).map(|(_, code)| *code)
}

/// How many hashes stand for those of projects whose services' URLs are not known: `hash` and six
/// digits, as long as a real one.
const PLACEHOLDERS: u64 = 1_000_000;

/// A host for people: `HASH` and `CODE` in place of what stands for a hash or for the code of a
/// region that is not known.
pub fn shown(host: &str) -> String {
    let Some(form) = HashForm::parse(host).filter(HashForm::is_open) else {
        return host.to_string();
    };
    let tag = form.tag.map_or_else(String::new, |tag| format!("{tag}---"));
    let hash = if is_placeholder(form.hash) { "HASH" } else { form.hash };
    let code = if form.code == OPEN_CODE { "CODE" } else { form.code };
    format!("{tag}{}-{hash}-{code}.a.run.app", form.name)
}

/// Whether a hash stands for one that is not known.
fn is_placeholder(hash: &str) -> bool {
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

    /// Whether it stands for every host of a form, since the hash or the code is not known.
    pub fn is_open(&self) -> bool {
        is_placeholder(self.hash) || self.code == OPEN_CODE
    }
}

/// Hosts of which one stands for all, since the topology does not tell them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OpenHosts {
    /// The hash, if it is known.
    hash: Option<String>,
    /// The code of the region.
    code: RegionCode,
    /// The host that stands for all.
    host: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RegionCode {
    Known(&'static str),
    /// That of a region whose code is not known: none of those that are.
    OfOtherRegion,
    /// The region is not known.
    Any,
}

impl OpenHosts {
    fn fits(&self, form: &HashForm<'_>) -> bool {
        let hash = self.hash.as_deref().is_none_or(|own| own == form.hash);
        let code = match self.code {
            RegionCode::Known(own) => own == form.code,
            RegionCode::OfOtherRegion => !REGION_CODES.iter().any(|(_, known)| *known == form.code),
            RegionCode::Any => true,
        };
        hash && code
    }
}

/// Which name stands for which, and where names lead.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// What stands for the hash of a project, by its id, and whose it is.
    stand_ins: HashMap<String, String, FxBuildHasher>,
    stood_for: HashSet<String, FxBuildHasher>,
    /// Tag and name of services of whose URLs a part is not known.
    open: HashMap<String, Vec<OpenHosts>, FxBuildHasher>,
    /// Exact host to the addresses that it resolves to, as far as the topology says: the first of
    /// each version of IP, that of IPv4 in front.
    addresses: HashMap<String, Vec<IpAddr>, FxBuildHasher>,
    /// Wildcard suffixes (`.example.com`) and their addresses.
    suffixes: Vec<(String, Vec<IpAddr>)>,
    /// Exact hosts by the address that they resolve to, but for Google's front end.
    hosts: HashMap<IpAddr, Vec<String>, FxBuildHasher>,
    /// run.app names without a tag, to the service's id.
    services: HashMap<String, String, FxBuildHasher>,
    /// Services' ids to their first run.app name.
    run_app: HashMap<String, String, FxBuildHasher>,
    /// run.app names to the first name of the same, where that is another one.
    first: HashMap<String, String, FxBuildHasher>,
    /// The names on the certificates at an address.
    certified: HashMap<IpAddr, Vec<String>, FxBuildHasher>,
}

impl Names {
    /// The host `LABEL-HASH-CODE.a.run.app`, where the label is `[TAG---]NAME`, with something in
    /// place of a hash (of a project by its id) and of a code that are not known; then every
    /// host of that form is a name of one service, and this one stands for all.
    pub fn declare_hash_form(
        &mut self,
        label: &str,
        hash: Result<&str, &str>,
        region: Option<&str>,
    ) -> String {
        let code = match region.map(region_code) {
            Some(Some(code)) => RegionCode::Known(code),
            Some(None) => RegionCode::OfOtherRegion,
            None => RegionCode::Any,
        };
        let written = if let RegionCode::Known(code) = code { code } else { OPEN_CODE };
        let stand_in = hash.map_or_else(|project| self.stand_in(project), str::to_string);
        let host = format!("{label}-{stand_in}-{written}.a.run.app");
        let open = OpenHosts { hash: hash.ok().map(str::to_string), code, host: host.clone() };
        if open.hash.is_none() || written == OPEN_CODE {
            let known = self.open.entry(label.to_string()).or_default();
            if !known.contains(&open) {
                known.push(open);
            }
        }
        host
    }

    /// What stands for the hash of a project: it follows from the project's id, so that in two graphs
    /// it is the same; only of two that would get the same one, the later gets the next.
    fn stand_in(&mut self, project: &str) -> String {
        if let Some(known) = self.stand_ins.get(project) {
            return known.clone();
        }
        let first = stable_hash([project]);
        let mut all = (0..PLACEHOLDERS)
            .map(|step| format!("hash{:06}", (first % PLACEHOLDERS + step) % PLACEHOLDERS));
        let hash = all.find(|hash| !self.stood_for.contains(hash)).unwrap_or_default();
        self.stood_for.insert(hash.clone());
        self.stand_ins.insert(project.to_string(), hash.clone());
        hash
    }

    /// What stands for the hash of a project, if that is not known.
    pub fn hash_placeholder(&self, project: &str) -> Option<&str> {
        self.stand_ins.get(project).map(String::as_str)
    }

    /// Declares an address of a name; a leading `*` makes it a wildcard. The first of each version
    /// of IP counts.
    pub fn declare_address(&mut self, host: &str, address: IpAddr) {
        let add = |known: &mut Vec<IpAddr>| {
            let fresh = known.iter().all(|own| own.is_ipv4() != address.is_ipv4());
            if fresh {
                known.push(address);
                known.sort_unstable();
            }
            fresh
        };
        match host.strip_prefix('*') {
            Some(suffix) => match self.suffixes.iter_mut().find(|(known, _)| known == suffix) {
                Some((_, known)) => drop(add(known)),
                None => self.suffixes.push((suffix.to_string(), vec![address])),
            },
            None => {
                if add(self.addresses.entry(host.to_string()).or_default())
                    && address != IpAddr::V4(super::Placeholders::GOOGLE_FRONT_END)
                {
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

    /// Declares the run.app names of one thing, the one that is best known first.
    pub fn declare_alike(&mut self, hosts: &[String]) {
        if let [first, others @ ..] = hosts {
            self.first.extend(others.iter().map(|other| (other.clone(), first.clone())));
        }
    }

    /// The best known name of what a canonical run.app name leads to.
    pub fn first_alike<'n>(&'n self, host: &'n str) -> &'n str {
        self.first.get(host).map_or(host, String::as_str)
    }

    /// Declares a name on a certificate at an address; a leading `*` stands for one label.
    pub fn declare_certificate(&mut self, address: IpAddr, name: &str) {
        self.certified.entry(address).or_default().push(name.to_string());
    }

    /// Whether a caller that checks certificates accepts the one for a host at an address: the
    /// bare address is on none, and where the names on certificates are known, another is not.
    pub fn is_certified(&self, address: IpAddr, host: &str) -> bool {
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return false;
        }
        let fits = |name: &String| match name.strip_prefix('*') {
            Some(suffix) => {
                let label = host.strip_suffix(suffix);
                label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
            }
            None => name == host,
        };
        self.certified.get(&address).is_none_or(|names| names.iter().any(fits))
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
    /// placeholders in place of a hash or a code that is not known. A request for any name of
    /// such a language behaves as a request for its representative.
    pub fn canonical(&self, host: &str) -> String {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let Some(form) = HashForm::parse(&host) else { return host };
        if self.addresses.contains_key(&host) {
            return host;
        }
        let label = match form.tag {
            Some(tag) => format!("{tag}---{}", form.name),
            None => form.name.to_string(),
        };
        let open = self.open.get(&label).map_or(&[][..], Vec::as_slice);
        let mut fitting = open.iter().filter(|open| open.fits(&form));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => only.host.clone(),
            _ => host,
        }
    }

    /// The address that a canonical host resolves to, as far as the topology says: one of IPv4
    /// where it has one.
    pub fn address(&self, host: &str) -> Option<IpAddr> {
        self.addresses(host).first().copied()
    }

    /// The addresses that a canonical host resolves to, as far as the topology says, of IPv4 first.
    pub fn addresses(&self, host: &str) -> Vec<IpAddr> {
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return vec![address];
        }
        let by_suffix = || {
            self.suffixes
                .iter()
                .filter(|(suffix, _)| host.len() > suffix.len() && host.ends_with(suffix.as_str()))
                .max_by_key(|(suffix, _)| suffix.len())
                .map(|(_, addresses)| addresses)
        };
        self.addresses.get(host).or_else(by_suffix).cloned().unwrap_or_default()
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
    fn a_certificate_covers_its_names_and_one_label_for_a_star() {
        let mut names = Names::default();
        let address = IpAddr::from([203, 0, 113, 80]);
        assert!(names.is_certified(address, "www.example.com"), "nothing is known");
        assert!(!names.is_certified(address, "203.0.113.80"));
        names.declare_certificate(address, "www.example.com");
        names.declare_certificate(address, "*.example.org");
        for (host, covered) in [
            ("www.example.com", true),
            ("example.com", false),
            ("a.example.org", true),
            ("a.b.example.org", false),
            ("example.org", false),
            ("[2001:db8::1]", false),
        ] {
            assert_eq!(names.is_certified(address, host), covered, "{host}");
        }
    }

    #[test]
    fn a_name_has_the_first_address_of_each_version() {
        let mut names = Names::default();
        for address in ["2001:db8::7", "198.51.100.7", "198.51.100.8"] {
            names.declare_address("api.example", address.parse().unwrap());
            names.declare_address("*.example", address.parse().unwrap());
        }
        let both: Vec<IpAddr> =
            ["198.51.100.7", "2001:db8::7"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(names.addresses("api.example"), both);
        assert_eq!(names.addresses("other.example"), both);
        assert_eq!(names.address("api.example"), Some(both[0]));
        assert_eq!(names.hosts_at(both[1]), ["api.example"]);
        assert!(names.addresses("example").is_empty());
    }

    #[test]
    fn any_hash_leads_to_the_only_service_of_that_name() {
        let mut names = Names::default();
        names.declare_hash_form("web", Err("shop"), Some("asia-northeast1"));
        let hash = names.hash_placeholder("shop").unwrap();
        assert_eq!(hash.len(), 10);
        let open = format!("web-{hash}-an.a.run.app");
        assert_eq!(shown(&open), "web-HASH-an.a.run.app");
        assert_eq!(names.canonical("WEB-q1w2e3r4t5-an.a.run.app."), open);
        names.declare_hash_form("web", Err("other"), Some("asia-northeast1"));
        assert_eq!(
            names.canonical("web-q1w2e3r4t5-an.a.run.app"),
            "web-q1w2e3r4t5-an.a.run.app",
            "two projects have a service of that name"
        );
    }

    #[test]
    fn what_stands_for_a_hash_does_not_depend_on_what_came_before() {
        let (mut one, mut other) = (Names::default(), Names::default());
        let host = one.declare_hash_form("web", Err("shop"), Some("asia-northeast1"));
        other.declare_hash_form("api", Err("other"), Some("asia-northeast1"));
        assert_eq!(other.declare_hash_form("web", Err("shop"), Some("asia-northeast1")), host);
        let hash = other.hash_placeholder("other");
        assert!(hash.is_some() && hash != other.hash_placeholder("shop"));
    }

    #[test]
    fn any_code_that_is_of_no_other_region_leads_to_a_service_of_an_unknown_region() {
        let mut names = Names::default();
        let host = names.declare_hash_form("web", Ok("q1w2e3r4t5"), Some("mars-north1"));
        assert_eq!(host, "web-q1w2e3r4t5-zz.a.run.app");
        assert_eq!(shown(&host), "web-q1w2e3r4t5-CODE.a.run.app");
        assert_eq!(names.canonical("web-q1w2e3r4t5-xy.a.run.app"), host);
        let others = ["web-q1w2e3r4t5-an.a.run.app", "web-0000000000-xy.a.run.app"];
        for other in others {
            assert_eq!(names.canonical(other), other);
        }
        let host = names.declare_hash_form("blue---api", Err("third"), Some("mars-north1"));
        assert_eq!(names.canonical("blue---api-q1w2e3r4t5-xy.a.run.app"), host);
        assert_eq!(shown(&host), "blue---api-HASH-CODE.a.run.app");
        let host = names.declare_hash_form("anywhere", Err("third"), None);
        assert_eq!(names.canonical("anywhere-q1w2e3r4t5-an.a.run.app"), host);
    }

    #[test]
    fn a_name_that_is_known_is_nobody_elses() {
        let mut names = Names::default();
        let known = names.declare_hash_form("web", Ok("q1w2e3r4t5"), Some("asia-northeast1"));
        names.declare_address(&known, super::super::Placeholders::GOOGLE_FRONT_END.into());
        let open = names.declare_hash_form("web", Err("other"), Some("asia-northeast1"));
        assert_eq!(names.canonical(&known), known);
        assert_eq!(names.canonical("web-0000000000-an.a.run.app"), open);
    }

    #[test]
    fn codes_differ_and_fit_the_form() {
        let mut codes: Vec<&str> = REGION_CODES.iter().map(|(_, code)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), REGION_CODES.len());
        assert!(codes.iter().all(|code| code.len() == 2 && *code != OPEN_CODE));
    }
}
