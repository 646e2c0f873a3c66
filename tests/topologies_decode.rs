//! Every example under `topologies/` is a topology that decodes without a finding, and has its
//! answers beside it.

use std::fs;
use std::path::{Path, PathBuf};

use portolan::internals::import::{Document, load};
use portolan::internals::source::{Files, Findings};
use portolan::internals::suite;
use portolan::internals::topology::Topology;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("the examples can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are no examples");
    folders
}

fn lines(files: &Files, findings: &Findings) -> String {
    let line = |finding: &portolan::Finding| {
        let place = files.line_column(finding.span());
        let place = place.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
        format!(
            "{place}{}: {} ({})\n",
            finding.code,
            finding.message,
            finding.help.as_deref().unwrap_or_default()
        )
    };
    findings.iter().map(line).collect()
}

fn decode(name: &str, text: &str) -> Result<Topology, String> {
    let reading = load([Document { name: name.into(), bytes: text.into() }]);
    match reading.topology {
        Some(topology) if reading.findings.is_empty() => Ok(topology),
        _ => Err(lines(&reading.places.files, &reading.findings)),
    }
}

#[test]
fn every_example_decodes_without_findings() {
    let mut wrong = String::new();
    for folder in folders() {
        let path = folder.join("topology.yaml");
        let text = fs::read_to_string(&path).expect("an example has a topology.yaml");
        assert!(text.starts_with("portolan: 1\n"), "{} does not begin so", path.display());
        if let Err(found) = decode("topology.yaml", &text) {
            wrong += &format!("{}:\n{found}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_example_has_a_page_and_answers() {
    for folder in folders() {
        let page = fs::read_to_string(folder.join("README.md")).expect("an example has a page");
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(page.contains(&format!("topologies/{name}")), "{name}: its page shows no command");

        let text = fs::read_to_string(folder.join("answers.yaml")).expect("answers can be read");
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let answers = suite::answers(&mut files, "answers.yaml", &text, &mut findings);
        assert!(findings.is_empty(), "{name}:\n{}", lines(&files, &findings));
        assert!(answers.is_some_and(|answers| !answers.is_empty()), "{name} has no answers");
    }
}

#[path = "../examples/estate/generate.rs"]
mod estate;

#[test]
fn generated_estates_decode_without_findings() {
    for (services, seed) in [(1, 1), (10, 7), (100, 7), (730, 3)] {
        let text = estate::generate(services, seed);
        let topology = decode("estate.yaml", &text).unwrap_or_else(|found| panic!("{found}"));
        assert_eq!(topology.services.len(), services);
    }
}

#[test]
fn a_generated_estate_depends_on_its_numbers_alone() {
    assert_eq!(estate::generate(60, 7), estate::generate(60, 7));
    assert_ne!(estate::generate(60, 7), estate::generate(60, 8));
}
