//! The runnable examples, and generated estates.

use std::fs;
use std::path::{Path, PathBuf};

use super::found;
use crate::source::testing::shown;
use crate::source::{Findings, Severity};

/// The warnings that an example gives, which it is there to show.
const WARNINGS: &[(&str, &[&str])] = &[
    ("armor-bypassed", &["bypassed-policy"]),
    ("armor-default-url-off", &["product-cut-off", "product-cut-off"]),
    ("connectivity-center", &["spoke-not-learned"]),
    ("dual-stack", &["ipv6-past-response-policy"]),
    ("hub-and-spoke", &["sender-not-announced", "nat-not-used", "nat-not-used"]),
    ("iap-load-balancer", &["bypassed-iap"]),
    ("iap-service", &["product-before-iap"]),
    ("iap-without-agent", &["iap-agent-not-invoker"]),
    ("ingress-settings", &["internal-but-open"]),
    ("internal-call-by-endpoint", &["subnet-without-google-access"]),
    ("internal-call-firewall", &["google-cut-off"]),
    (
        "internal-call-without-google-access",
        &["subnet-without-google-access", "connector-without-google-access"],
    ),
    ("internal-call-zone-without-google-access", &["subnet-without-google-access"]),
    ("multi-region", &["unused-path-matcher"]),
    ("partner-networks", &["subnet-without-google-access", "nat-address-not-admitted"]),
    ("product-other-project", &["product-of-other-project"]),
    ("product-same-project", &["product-without-token", "product-by-domain"]),
    ("static-egress-private-ranges", &["nat-not-used", "admitted-nat-not-used"]),
    ("two-backends", &["unguarded-sibling"]),
    ("verdicts", &["nat-address-not-admitted"]),
];

fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("the examples can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(folder.join("topology.yaml")).expect("it can be read");
        (name, text)
    };
    folders.into_iter().map(read).collect()
}

fn codes(findings: &Findings, severity: Severity) -> Vec<&'static str> {
    let sorted = findings.clone().into_sorted();
    sorted.iter().filter(|each| each.severity == severity).map(|each| each.code).collect()
}

#[test]
fn examples_have_no_error_and_only_the_warnings_that_they_show() {
    for (name, text) in texts() {
        let (files, findings) = found(&text);
        let expected = WARNINGS.iter().find(|(example, _)| *example == name);
        let expected = expected.map_or(&[][..], |(_, codes)| codes);
        let shown = shown(&files, &findings);
        assert_eq!(codes(&findings, Severity::Error), [""; 0], "{name}:\n{shown}");
        assert_eq!(codes(&findings, Severity::Warning), expected, "{name}:\n{shown}");
    }
}

#[test]
fn networks_that_are_put_together_rightly_give_no_warning() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/networks.yaml");
    let text = fs::read_to_string(path).expect("it can be read");
    let (files, findings) = found(&text);
    let shown = shown(&files, &findings);
    assert_eq!(codes(&findings, Severity::Error), [""; 0], "{shown}");
    assert_eq!(codes(&findings, Severity::Warning), [""; 0], "{shown}");
    // Nothing but Google is let out of it.
    let notes = ["connector-open", "all-traffic-without-nat", "all-traffic-without-nat"];
    assert_eq!(codes(&findings, Severity::Note), notes, "{shown}");
}

#[test]
fn generated_estates_have_no_error() {
    for (services, seed) in [(1, 1), (10, 7), (100, 7), (730, 3)] {
        let (files, findings) = found(&crate::estate::generate(services, seed));
        assert!(!findings.has_errors(), "{}", shown(&files, &findings));
    }
}
