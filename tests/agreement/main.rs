//! The two engines agree: on random topologies and requests, the walk delivers a request exactly
//! if the request is in the solver's set, over the same hops, and for the same reasons.
//!
//! | property | is |
//! |---|---|
//! | 1 | a source can send a request: both say the same |
//! | 2 | the paths of a source divide its requests, and each goes the way that it walks |
//! | 3 | the same gates are in the way of a request, the same first, with the same answers |
//! | 4 | what the solver shows as an example walks as the solver says |
//! | 5 | with other ids, and keys in another order, the same is delivered |
//! | 6 | `trace`, `reach` and `egress` say the same of one request, and the same as walking it in every
//!       world and under every choice; with other ids the verdict is the same |
//! | 7 | laws of every family: more allows, more denies, splits, other names and orders (`law/`) |
//!
//! `cargo test` looks at a few hundred topologies; `PORTOLAN_AGREEMENT=10000x100` at that many
//! with that many requests each, and `PORTOLAN_AGREEMENT=10000x100+5000` begins at another seed.
//! A failure prints the seed and the smallest topology found that shows it. Such topologies are
//! kept in `regressions/`, and looked at first.

#![allow(clippy::result_large_err, reason = "a failure holds all that is printed of it")]
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod alike;
mod case;
mod check;
mod coverage;
mod document;
mod generate;
mod law;
mod questions;
mod random;
mod request;
mod run;
mod stable;
mod wanted;

use std::collections::BTreeSet;
use std::path::Path;

use portolan::rules::RuleId;

use rayon::prelude::*;

use crate::case::Case;
use crate::coverage::Coverage;
use crate::random::Random;
use crate::run::Failure;

/// Topologies that are looked at together.
const ROUND: u64 = 32;
/// Rules that a short run may miss, laws that it may hardly ask, and laws of which nothing may
/// move in it.
const RULES_MISSED: usize = 5;
const LAWS_IDLE: usize = 4;
const LAWS_UNMOVED: usize = 25;
/// Laws of which nothing moved in a long run that are accepted: a service attachment that does
/// not accept its only consumer, and access levels that alone stand in the way, are not made.
const LAWS_UNMOVED_LONG: usize = 3;
/// Laws that are asked of each.
const LAWS_OF_ONE: usize = 8;

/// Topologies, requests of each, and the first seed.
fn size() -> (u64, usize, u64) {
    let Ok(text) = std::env::var("PORTOLAN_AGREEMENT") else { return (256, 8, 0) };
    let parse = || {
        let (size, seed) = text.split_once('+').unwrap_or((&text, "0"));
        let (topologies, requests) = size.split_once('x')?;
        Some((topologies.parse().ok()?, requests.parse().ok()?, seed.parse().ok()?))
    };
    parse().unwrap_or_else(|| panic!("PORTOLAN_AGREEMENT={text} is not like 10000x100"))
}

fn report(what: &str, topology: &str, failure: &Failure) -> String {
    let request = match (Case::read(topology), &failure.request) {
        (Ok(case), Some(request)) => case.request(request),
        (_, request) => format!("{request:?}"),
    };
    format!(
        "{what}, from {}: {}\n  request: {request}\n\n{topology}",
        failure.source, failure.message
    )
}

#[test]
fn what_once_disagreed_agrees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/regressions");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the regressions can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a regression can be read");
        let seed = text
            .lines()
            .find_map(|line| line.strip_prefix("# requests: "))
            .and_then(|seed| seed.trim().parse().ok())
            .expect("a regression has a line `# requests: SEED`");
        let case = Case::read(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let sources = case.graph.sources.len();
        let mut random = Random::new(seed);
        for _ in 0..4 {
            let (met, sample) = (Coverage::default(), &mut Vec::new());
            let result = run::agreement(&case, &mut random, (60, sources), &met, sample);
            if let Err(failure) = result {
                panic!("{}", report(&file.display().to_string(), &text, &failure));
            }
        }
    }
}

/// Every rule that some hop of a documented case carries.
fn carried_by_cases() -> BTreeSet<RuleId> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files: Vec<_> = std::fs::read_dir(folder).expect("there are cases").flatten().collect();
    let read = files.par_iter().map(|file| {
        let text = std::fs::read_to_string(file.path()).expect("a case can be read");
        let value: serde_json::Value = serde_yaml::from_str(&text).expect("a case is YAML");
        let topology = value["topology"].as_str().unwrap_or_default();
        Case::read(topology).map(|case| coverage::carried(&case.graph)).unwrap_or_default()
    });
    read.reduce(BTreeSet::new, |one, other| one.into_iter().chain(other).collect())
}

#[test]
fn the_engines_agree_on_random_topologies() {
    let (topologies, requests, first) = size();
    // A few topologies are looked at in full.
    let most = if topologies < 10 { usize::MAX } else { LAWS_OF_ONE };
    let one = |seed: u64, met: &Coverage| {
        let result = std::panic::catch_unwind(|| run::generated(seed, requests, met, most));
        match result {
            Ok(Ok(coverage)) => Ok(coverage),
            Ok(Err((text, failure))) => Err(report(&format!("seed {seed}"), &text, &failure)),
            Err(_) => {
                let topology = generate::topology(seed).document;
                Err(format!("seed {seed} panics\n{topology}"))
            }
        }
    };
    let join = |mut one: (Coverage, Vec<String>), other: (Coverage, Vec<String>)| {
        one.1.extend(other.1);
        (one.0.with(other.0), one.1)
    };
    let mut coverage = Coverage::default();
    let mut failures = Vec::new();
    // In rounds, so that laws that were asked little until now are asked first and rules that were
    // not met are looked for, and still the same in every run.
    for round in (0..topologies).step_by(ROUND as usize) {
        let last = (round + ROUND).min(topologies);
        let (more, wrong) = (first + round..first + last)
            .into_par_iter()
            .map(|seed| match one(seed, &coverage) {
                Ok(coverage) => (coverage, Vec::new()),
                Err(failure) => (Coverage::default(), vec![failure]),
            })
            .reduce(<(Coverage, Vec<String>)>::default, join);
        coverage = coverage.with(more);
        failures.extend(wrong);
        if last % 1000 < ROUND && topologies > 1000 {
            eprintln!("{last} of {topologies} topologies");
        }
    }
    if !failures.is_empty() {
        // The shortest tells most.
        failures.sort_by_key(String::len);
        let others: String = failures
            .iter()
            .skip(1)
            .take(40)
            .filter_map(|failure| failure.lines().next())
            .map(|line| format!("{line}\n"))
            .collect();
        panic!("{}\n{} failures; others:\n{others}", failures[0], failures.len());
    }
    eprintln!("{coverage}laws:\n{}", coverage.laws);
    if topologies >= 200 {
        assert!(coverage.delivered_share() > 5.0, "hardly anything is delivered:\n{coverage}");
        // A short run may miss some that are rare; a long one none.
        let long = topologies >= 2000;
        let idle = coverage.laws.idle(topologies as usize / 100);
        let most = if long { 0 } else { LAWS_IDLE };
        assert!(idle.len() <= most, "laws hardly ever asked:\n{}", idle.join("\n"));
        let unmoved = coverage.laws.unmoved();
        let most = if long { LAWS_UNMOVED_LONG } else { LAWS_UNMOVED };
        assert!(unmoved.len() <= most, "laws of which nothing moved:\n{}", unmoved.join("\n"));
        let never = coverage.never(&carried_by_cases());
        let most = if long { 0 } else { RULES_MISSED };
        eprintln!("rules that hops of cases carry and no request came by: {never:?}");
        assert!(never.len() <= most, "rules that no request came by: {never:?}");
    }
}
