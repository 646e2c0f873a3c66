//! Documented cases: for every modelled rule a small topology, a question, and the answer that the
//! documents give.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use portolan::rules::{self, RuleId};
use serde_json::Value;

/// The cases of a folder by name.
fn cases(folder: &str) -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    fs::read_dir(folder)
        .expect("there are cases")
        .flatten()
        .map(|entry| {
            let path = entry.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let text = fs::read_to_string(&path).expect("a case can be read");
            let case = serde_yaml::from_str(&text);
            (name.to_string(), case.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect()
}

#[test]
fn every_case_is_answered_as_the_documents_say() {
    let scratch = tempfile::tempdir().expect("a folder for topologies");
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (name, case) in cases("cases") {
        let path = scratch.path().join(format!("{name}.yaml"));
        fs::write(&path, common::text(&case["topology"])).expect("a topology is written");
        for question in case["questions"].as_array().into_iter().flatten() {
            asked += 1;
            common::compare(&name, &path, question, &mut wrong);
        }
    }
    assert!(asked > 500, "only {asked} questions were asked");
    assert!(
        wrong.is_empty(),
        "{} problems in {asked} questions:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_modelled_rule_has_a_case() {
    let mut shown: BTreeMap<RuleId, Vec<String>> = BTreeMap::new();
    for (name, case) in cases("cases") {
        for rule in case["rules"].as_array().into_iter().flatten() {
            let rule = common::text(rule).parse().expect("a rule that exists");
            shown.entry(rule).or_default().push(name.clone());
        }
    }
    let modelled: BTreeSet<RuleId> =
        RuleId::every().filter(|rule| rules::not_modelled(*rule).is_none()).collect();
    let disputed =
        modelled.iter().filter(|id| rules::rule(**id).is_some_and(|rule| rule.disputed.is_some()));
    println!(
        "{} rules modelled, {} of them disputed, {} shown by cases, {} not modelled",
        modelled.len(),
        disputed.count(),
        modelled.iter().filter(|rule| shown.contains_key(rule)).count(),
        RuleId::every().count() - modelled.len(),
    );
    let missing: Vec<&RuleId> = modelled.iter().filter(|rule| !shown.contains_key(rule)).collect();
    assert!(missing.is_empty(), "modelled without a case: {missing:?}");

    // The list that `explain` shows is the list of these files.
    let listed: String =
        shown.iter().map(|(rule, names)| format!("{rule}: [{}]\n", names.join(", "))).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/cases.yaml");
    if std::env::var_os("PORTOLAN_UPDATE").is_some() {
        fs::write(&path, format!("# Which cases of tests/cases show which rule; PORTOLAN_UPDATE=1 cargo test --test cases writes it.\n{listed}")).expect("the list is written");
    }
    let embedded = fs::read_to_string(&path).expect("the list of cases");
    let embedded: String = embedded
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        embedded == listed,
        "run with PORTOLAN_UPDATE=1 to bring src/rules/cases.yaml up to date"
    );
}

/// What the documents say and the engine does not yet: a case that comes right belongs with the
/// others.
#[test]
fn gaps_are_still_gaps() {
    let scratch = tempfile::tempdir().expect("a folder for topologies");
    for (name, case) in cases("gaps") {
        let path = scratch.path().join(format!("{name}.yaml"));
        fs::write(&path, common::text(&case["topology"])).expect("a topology is written");
        let mut wrong = Vec::new();
        for question in case["questions"].as_array().into_iter().flatten() {
            common::compare(&name, &path, question, &mut wrong);
        }
        assert!(!wrong.is_empty(), "{name} is answered rightly now: move it to tests/cases");
    }
}
