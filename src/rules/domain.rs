//! Google's domains: which of the virtual addresses of Private Google Access serves each.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const DOMAINS: &str = include_str!("domains.yaml");

static ALL: LazyLock<Vec<Domain>> = LazyLock::new(|| {
    // The file is part of the binary and tests read it, so a fault in it is a bug.
    serde_yaml::from_str(DOMAINS).unwrap_or_else(|e| panic!("bug: rules/domains.yaml: {e}"))
});

/// A domain of Google's APIs and services (EGR-249).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// A name, or `*.` and the name that all of them are below.
    pub name: String,
    /// Whether the addresses of private.googleapis.com serve it.
    pub private: bool,
    /// Whether those of restricted.googleapis.com do; `None` if no page says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted: Option<bool>,
    /// Whether only a Private Service Connect endpoint answers for it.
    #[serde(default)]
    pub endpoint: bool,
    /// Addresses of pages. Never empty.
    pub sources: Vec<String>,
    /// The date of what was read.
    pub read: String,
}

impl Domain {
    /// Whether the host is this name, or below it. Hosts are in lower case, without the last dot.
    fn covers(&self, host: &str) -> bool {
        match self.name.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == self.name,
        }
    }
}

/// Every domain of the table.
pub fn domains() -> &'static [Domain] {
    &ALL
}

/// The domain that a host belongs to, by the longest name, or `None` if the table has none.
pub fn domain(host: &str) -> Option<&'static Domain> {
    ALL.iter().filter(|domain| domain.covers(host)).max_by_key(|domain| domain.name.len())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_domain_is_well_formed_and_stands_once() {
        let mut names = HashSet::new();
        for Domain { name, private, restricted, endpoint, sources, read } in domains() {
            assert!(names.insert(name), "{name}");
            let plain = name.strip_prefix("*.").unwrap_or(name);
            let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
            assert!(plain.bytes().all(label) && !plain.starts_with('.'), "{name}");
            assert!(!endpoint || !private && *restricted == Some(false), "{name}");
            assert!(sources.iter().all(|source| source.starts_with("https://")), "{name}");
            assert!(!sources.is_empty(), "{name}");
            let date: jiff::civil::Date = read.parse().unwrap();
            assert_eq!(date.to_string(), *read, "{name}");
        }
    }

    #[test]
    fn a_host_belongs_to_the_longest_name() {
        let name = |host| domain(host).map(|domain| domain.name.as_str());
        assert_eq!(name("storage.googleapis.com"), Some("*.googleapis.com"));
        assert_eq!(name("storage-one.p.googleapis.com"), Some("*.p.googleapis.com"));
        assert_eq!(name("us-central1-docker.pkg.dev"), Some("*.pkg.dev"));
        assert_eq!(name("pkg.dev"), Some("pkg.dev"));
        assert_eq!(name("web-abc-uc.a.run.app"), Some("*.run.app"));
        for host in
            ["run.app", "notpkg.dev", "googleapis.com", "pkg.dev.example", "mail.google.com"]
        {
            assert_eq!(name(host), None, "{host}");
        }
    }
}
