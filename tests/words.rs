//! What the program says, in words that were stumbled over once: none of them comes back.
//!
//! A pattern stands for what was said, with a line that it hits and one that says it rightly. Every
//! question of every example is asked, everything is checked, and the README is read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use regex_automata::dfa::regex::Regex;
use serde_json::Value;

/// A pattern, a line that it hits, and one that it does not.
struct Said(&'static str, &'static str, &'static str);

const SAID: &[Said] = &[
    Said(
        // Codes of findings may have it.
        r"(?i)(^|[^-a-z])ways?\b",
        "yes: service/web can be reached by one way",
        "yes: the internet reaches service/web by one path, past the gateway",
    ),
    Said(
        r"(?i)entered past",
        "service/web can be entered past security_policy/edge",
        "service/web can be reached without passing security_policy/edge",
    ),
    Said(
        r"(?i)\bstands? on (this|that|the|some|no|it)\b",
        "unguarded  it does not stand on this path",
        "unguarded  the path does not pass it",
    ),
    Said(
        r"(?i)that arrives has passed",
        "no: every request that arrives has passed `security_policy/edge`",
        "no: service/web cannot be reached without passing iap/web: every path passes it",
    ),
    Said(
        r"(?i)\b(go|goes|gone|going|went) around\b",
        "who sends to run.app goes around the policy",
        "who sends to run.app bypasses the policy",
    ),
    Said(
        r"(?i)without an (account|identity)",
        "who        anyone without an account; serviceAccount:x",
        "who        unauthenticated, or as serviceAccount:x",
    ),
    Said(
        r"(?i)with or without",
        "who        anyone, with or without an account",
        "who        anyone (unauthenticated or any Google account)",
    ),
    Said(
        r"(?i)so chooses",
        "delivered 200, if Google so chooses",
        "delivered 200, only if NAT address 203.0.113.10 is picked",
    ),
    Said(
        r"(?i)in vain",
        "no: the caller waits in vain (NO_ROUTE)",
        "no: the request times out (NO_ROUTE)",
    ),
    Said(
        r"(?i)nobody there",
        "1 to named identities only, 2 to nobody there",
        "1 to named identities only, 2 not reachable from the internet",
    ),
    Said(
        r"(?i)is let pass",
        "what it should refuse is let pass",
        "requests that it should deny are allowed",
    ),
    Said(
        r"(?i)let only the callers",
        "let only the callers invoke it that it has",
        "grant roles/run.invoker to its actual callers only",
    ),
    Said(r"(?i)\bsays nothing\b", "the file says nothing", "the file is empty"),
    Said(
        r"(?i)\b(dns|route|front end|URL map|destination|setting|IAM|policy|firewall|external) (routes|admits|rewrites|delivers)\b",
        "   1. internet: destination routes (destination in 203.0.113.80/32)",
        "   1. Destination 203.0.113.80 → load_balancer/edge",
    ),
    Said(
        r"\bbranch [0-9]+ of [0-9]+",
        "load_balancer/edge: front end routes (branch 1 of 1)",
        "Forwarding rule edge:443 → URL map",
    ),
    Said(r"\bexternal of external/", "external of external/partner", "arrived at external/partner"),
    Said(
        r"\brefused 30[0-9]\b",
        "internet → service/web by run.app: refused 302 REDIRECTED",
        "internet → service/web by run.app: redirected 302 to https://accounts.google.com/",
    ),
    Said(
        r"(sql|redis)_instance/[^ ]+:? +delivered 200|delivered 200 to (sql|redis)_instance/",
        "yes: delivered 200 to sql_instance/orders",
        "yes: connected to sql_instance/orders",
    ),
];

/// The patterns, compiled: a word ends where its letters do.
fn patterns() -> Vec<(&'static str, Regex)> {
    let compiled = |said: &Said| {
        let ascii = said.0.replace(r"\b", r"(?-u:\b)");
        (said.0, Regex::new(&ascii).unwrap_or_else(|error| panic!("{}: {error}", said.0)))
    };
    SAID.iter().map(compiled).collect()
}

/// The lines of a text that a pattern hits.
fn hits(what: &str, text: &str, patterns: &[(&'static str, Regex)]) -> Vec<String> {
    let hit = |line: &str| {
        let found = patterns.iter().find(|(_, pattern)| pattern.is_match(line.as_bytes()))?;
        Some(format!("{what}: `{}` in\n    {}", found.0, line.trim()))
    };
    text.lines().filter_map(hit).collect()
}

#[test]
fn every_pattern_hits_what_was_said_and_not_what_is_said() {
    for (Said(_, said, says), (pattern, regex)) in SAID.iter().zip(patterns()) {
        assert!(regex.is_match(said.as_bytes()), "{pattern} does not hit: {said}");
        assert!(!regex.is_match(says.as_bytes()), "{pattern} hits: {says}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A question as it is told of, and its command line.
type Asked = (String, Vec<String>);

/// What `answers.yaml` of every example asks, and that each is checked.
fn commands() -> (Vec<Asked>, Vec<Asked>) {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("topologies"))
        .expect("there are examples")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let (mut questions, mut checks) = (Vec::new(), Vec::new());
    for folder in folders {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let text = fs::read_to_string(folder.join("answers.yaml")).expect("an example has answers");
        let answers: Vec<Value> = serde_yaml::from_str(&text).expect("answers can be read");
        for ask in answers.iter().filter_map(|answer| answer["ask"].as_str()) {
            let mut words = shlex::split(ask).expect("a question can be split into words");
            if words[0] != "check" {
                words.insert(1, format!("topologies/{name}"));
                words.push("--at=2026-11-23T00:00:00Z".into());
                questions.push((format!("{name}: {ask}"), words));
            }
        }
        let check = vec!["check".into(), format!("topologies/{name}")];
        checks.push((format!("{name}: check"), check));
    }
    (questions, checks)
}

/// What is said as it should not be.
fn said(commands: &[Asked]) -> Vec<String> {
    let patterns = patterns();
    let said = |(what, words): &Asked| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let output = run.current_dir(root()).args(words).output().expect("the program runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.is_empty(), "{what}: {errors}");
        [hits(what, &text, &patterns), hits(what, &errors, &patterns)].concat()
    };
    commands.par_iter().flat_map_iter(said).collect()
}

#[test]
fn no_answer_says_it_so_again() {
    let (questions, _) = commands();
    assert!(questions.len() > 150, "only {} questions are asked", questions.len());
    let all = said(&questions);
    assert!(all.is_empty(), "{} lines:\n{}", all.len(), all.join("\n"));
}

#[test]
fn no_finding_says_it_so_again() {
    let (_, checks) = commands();
    let all = said(&checks);
    assert!(all.is_empty(), "{} lines:\n{}", all.len(), all.join("\n"));
}

#[test]
fn neither_the_readme_nor_the_help_says_it_so_again() {
    let patterns = patterns();
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let mut all = hits("README.md", &readme, &patterns);
    let mut man = Command::new(env!("CARGO_BIN_EXE_portolan"));
    let output = man.arg("man").output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    all.extend(hits("man", &text, &patterns));
    assert!(all.is_empty(), "{} lines:\n{}", all.len(), all.join("\n"));
}
