//! The mistakes of `tests/mutants.yaml`, each made for a while: the cases that are listed with it
//! must notice.
//!
//! This takes hours and needs `cargo-mutants`, so it is done where `PORTOLAN_MUTANTS` is set. It may
//! be set to rules (`EGR-001,ING-019`), of which alone the mistakes are tried then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use portolan::internals::source::{Files, Findings};
use portolan::internals::suite::{self, ListedMutant};
use serde_json::Value;

/// How many seconds the cases may take with a mistake.
const TIMEOUT: &str = "900";

/// The mistakes that are to be tried.
fn listed(wanted: &str) -> Vec<ListedMutant> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants.yaml");
    let text = fs::read_to_string(path).expect("a list of mistakes");
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let listed = suite::mutants(&mut files, "tests/mutants.yaml", &text, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    let rules: Vec<&str> = wanted.split(',').map(str::trim).collect();
    let is_wanted = |mutant: &ListedMutant| {
        wanted == "1" || rules.contains(&mutant.rule.value.to_string().as_str())
    };
    let by_hand = |mutant: &ListedMutant| mutant.by_hand == Some(true);
    listed.expect("a list").into_iter().filter(|one| is_wanted(one) && !by_hand(one)).collect()
}

fn cargo_mutants() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("mutants");
    // What is built with a mistake must not be taken for the real thing.
    command.env_remove("CARGO_TARGET_DIR");
    command
}

/// The names of all mistakes that can be made in a file, in the order of their places.
fn names(file: &str) -> Vec<String> {
    let output = cargo_mutants()
        .args(["--list", "--json", "--file", file])
        .output()
        .expect("`cargo install cargo-mutants` provides the command");
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let mut places: Vec<(u64, u64, String)> = all
        .iter()
        .map(|one| {
            let start = &one["span"]["start"];
            let number = |key: &str| start[key].as_u64().unwrap_or_default();
            (number("line"), number("column"), one["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    places.sort();
    places.into_iter().map(|(_, _, name)| name).collect()
}

/// The name with its place of a listed mistake, if it can be made.
fn name_of<'n>(mutant: &ListedMutant, names: &'n [String]) -> Option<&'n str> {
    let text = format!(": {}", mutant.mutant.value);
    let nth = mutant.nth.unwrap_or(1).saturating_sub(1) as usize;
    names.iter().filter(|name| name.ends_with(&text)).nth(nth).map(String::as_str)
}

/// A text as a regular expression that it alone matches.
fn exactly(text: &str) -> String {
    let is_special = |c: char| r"\.+*?()|[]{}^$#&-~".contains(c);
    let escape = |c: char| if is_special(c) { format!("\\{c}") } else { c.to_string() };
    format!("^{}$", text.chars().map(escape).collect::<String>())
}

#[test]
fn every_listed_mutant_is_noticed_by_its_cases() {
    let Ok(wanted) = std::env::var("PORTOLAN_MUTANTS") else { return };
    let listed = listed(&wanted);
    let mut wrong = Vec::new();
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut tried: Vec<(&ListedMutant, String)> = Vec::new();
    for mutant in &listed {
        let file = mutant.file.value.as_str();
        let names = files.entry(file).or_insert_with(|| names(file));
        match name_of(mutant, names) {
            Some(name) => tried.push((mutant, name.to_owned())),
            None => wrong.push(format!("{}: no such mutant in {file}", mutant.mutant.value)),
        }
    }
    assert!(!tried.is_empty(), "nothing to try: {wrong:#?}");
    let folder = tempfile::tempdir().expect("a folder for results");
    let mut command = cargo_mutants();
    command.args(["--no-shuffle", "--baseline", "skip", "--timeout", TIMEOUT, "--output"]);
    command.arg(folder.path());
    for (_, name) in &tried {
        command.args(["--re", &exactly(name)]);
    }
    for file in files.keys() {
        command.args(["--file", file]);
    }
    // The cases alone have to notice. Deletions of fields are tried whether they are listed or not,
    // since no filter leaves them out; what comes of the others does not matter.
    command.args(["--cargo-arg=--test=cases", "--", "every_case_is_answered_as_the_documents_say"]);
    command.env_remove("PORTOLAN_MUTANTS").status().expect("cargo mutants runs");
    let results = folder.path().join("mutants.out");
    let outcomes = fs::read_to_string(results.join("outcomes.json")).expect("results");
    let outcomes: Value = serde_json::from_str(&outcomes).expect("results are JSON");
    let outcomes = outcomes["outcomes"].as_array().expect("a list of results");
    for (mutant, name) in &tried {
        let of = |outcome: &&Value| outcome["scenario"]["Mutant"]["name"] == name.as_str();
        let Some(outcome) = outcomes.iter().find(of) else {
            wrong.push(format!("{name}: not tried"));
            continue;
        };
        match outcome["summary"].as_str() {
            // One that hangs is noticed.
            Some("Timeout") => continue,
            Some("CaughtMutant") => {}
            other => {
                wrong.push(format!("{name}: {}", other.unwrap_or("no result")));
                continue;
            }
        }
        let log = outcome["log_path"].as_str().unwrap_or_default();
        let log = fs::read_to_string(results.join(log)).unwrap_or_default();
        for case in &mutant.cases {
            if !log.contains(&format!("tests/cases/{}.yaml:", case.value)) {
                wrong.push(format!("{name}: {} does not notice", case.value));
            }
        }
    }
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
}
