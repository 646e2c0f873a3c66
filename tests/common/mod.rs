//! Asking the binary what a file says, and comparing the answer.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How requests end: destination, entry, outcome, cause, status, guard.
type End = (String, String, String, String, String, String);

/// A scalar as text: `yes` and `no` are truth values of YAML.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn portolan(topology: &Path, ask: &str) -> (Option<i32>, Value, String) {
    let words = shlex::split(ask).expect("the question can be split into words");
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .arg(&words[0])
        .arg(topology)
        .args(&words[1..])
        .args(["--format", "json"])
        .args((words[0] != "check").then_some("--at=2026-11-23T00:00:00Z"))
        .output()
        .expect("the binary runs");
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), answer, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn expected_ends(answer: &Value) -> BTreeSet<End> {
    answer["paths"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|path| {
            (
                text(&path["to"]),
                text(&path["entry"]),
                text(&path["outcome"]),
                text(&path["cause"]),
                text(&path["status"]),
                text(&path["guard"]),
            )
        })
        .collect()
}

/// The ends that an answer gives; fields that the expectation leaves out are left out here, too.
fn given_ends(answer: &Value, expected: &BTreeSet<End>) -> BTreeSet<End> {
    let says = |pick: fn(&End) -> &String| expected.iter().any(|end| !pick(end).is_empty());
    let keep = |said: bool, value: &Value| if said { text(value) } else { String::new() };
    answer["paths"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|path| {
            let outcome = &path["outcome"];
            (
                keep(says(|end| &end.0), &path["to"]),
                keep(says(|end| &end.1), &path["entry"]),
                text(&outcome["kind"]),
                keep(says(|end| &end.3), &outcome["cause"]),
                keep(says(|end| &end.4), &outcome["http_status"]),
                if text(&outcome["kind"]) == "delivered" {
                    keep(says(|end| &end.5), &path["guard"]["state"])
                } else {
                    String::new()
                },
            )
        })
        .collect()
}

/// How a source fares at a service, in a table of exposure.
fn exposure(answer: &Value, from: &str, to: &str) -> Option<String> {
    let table = &answer["exposure"];
    let sources = table["sources"].as_array()?;
    let column = sources.iter().position(|source| {
        source["members"].as_array().is_some_and(|members| members.contains(&from.into()))
    })?;
    let row = table["rows"].as_array()?.iter().find(|row| text(&row["service"]) == to)?;
    Some(text(&row["cells"][column]["exposure"]))
}

/// Asks a question of a topology and compares the answer with what is expected; fields that are
/// left out are not compared.
pub fn compare(name: &str, topology: &Path, expected: &Value, wrong: &mut Vec<String>) {
    let ask = text(&expected["ask"]);
    let (status, answer, errors) = portolan(topology, &ask);
    let mut say = |problem: String| wrong.push(format!("{name}: {ask}\n    {problem}"));
    if ask.split(' ').next() == Some("check") {
        let codes: BTreeSet<String> = answer["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|finding| text(&finding["code"]))
            .collect();
        for code in expected["findings"].as_array().into_iter().flatten() {
            let code = text(code);
            // Findings may be told in words; then they are not compared here.
            if !code.contains(' ') && !codes.contains(&code) {
                say(format!("no finding {code}, but {codes:?}"));
            }
        }
        for code in expected["absent"].as_array().into_iter().flatten().map(text) {
            if codes.contains(&code) {
                say(format!("the finding {code}"));
            }
        }
        return;
    }
    if status != Some(0) || answer.is_null() {
        return say(format!("status {status:?}: {errors}"));
    }
    let verdict = text(&expected["verdict"]);
    if !verdict.is_empty() && text(&answer["verdict"]) != verdict {
        say(format!("verdict {} instead of {verdict}", answer["verdict"]));
    }
    let ends = expected_ends(expected);
    if !ends.is_empty() {
        let given = given_ends(&answer, &ends);
        for missing in ends.difference(&given) {
            say(format!("missing {missing:?}"));
        }
        for extra in given.difference(&ends) {
            say(format!("not expected {extra:?}"));
        }
    }
    for cell in expected["cells"].as_array().into_iter().flatten() {
        let given = exposure(&answer, &text(&cell["from"]), &text(&cell["to"]));
        if given.as_deref() != Some(&text(&cell["cell"])) {
            say(format!("cell {given:?} instead of {cell}"));
        }
    }
    let rules: BTreeSet<String> = answer["paths"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|path| path["hops"].as_array().into_iter().flatten())
        .flat_map(|hop| [text(&hop["rule"]), text(&hop["hop_rule"])])
        .collect();
    for rule in expected["rules"].as_array().into_iter().flatten() {
        if !rules.contains(&text(rule)) {
            say(format!("no hop rests on {}", text(rule)));
        }
    }
    // What the answer passes on its way back, in order.
    if let Some(reply) = expected["reply"].as_array() {
        let wanted: Vec<String> = reply.iter().map(text).collect();
        let given: Vec<String> = answer["paths"][0]["reply"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|hop| format!("{} {}", text(&hop["resource"]), text(&hop["rule"])))
            .collect();
        if wanted != given {
            say(format!("the answer passes {given:?} instead of {wanted:?}"));
        }
    }
    if let Some(addresses) = expected["addresses"].as_array() {
        let pairs = |list: &Vec<Value>| -> BTreeSet<(String, String)> {
            list.iter().map(|each| (text(&each["address"]), text(&each["cause"]))).collect()
        };
        let wanted = pairs(addresses);
        let given = answer["egress_addresses"].as_array().map(pairs).unwrap_or_default();
        if wanted != given {
            say(format!("addresses {given:?} instead of {wanted:?}"));
        }
    }
    for assumption in expected["assumptions"].as_array().into_iter().flatten() {
        let known = answer["assumptions"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|each| text(&each["id"]).contains(&text(assumption)));
        if !known {
            say(format!("no assumption {}", text(assumption)));
        }
    }
}
