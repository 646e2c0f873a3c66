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
//! | 6 | one more allow or invoker takes nothing away, one more deny gives nothing |
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
mod random;
mod request;
mod run;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::case::Case;
use crate::coverage::Coverage;
use crate::random::Random;
use crate::run::Failure;

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
            let result = run::agreement(&case, &mut random, 60, sources, &mut Vec::new());
            if let Err(failure) = result {
                panic!("{}", report(&file.display().to_string(), &text, &failure));
            }
        }
    }
}

#[test]
fn the_engines_agree_on_random_topologies() {
    let (topologies, requests, first) = size();
    let done = AtomicUsize::new(0);
    let one = |seed: u64| {
        let result = std::panic::catch_unwind(|| run::generated(seed, requests));
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(1000) {
            eprintln!("{done} of {topologies} topologies");
        }
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
    let (coverage, mut failures) = (first..first + topologies)
        .into_par_iter()
        .map(|seed| match one(seed) {
            Ok(coverage) => (coverage, Vec::new()),
            Err(failure) => (Coverage::default(), vec![failure]),
        })
        .reduce(<(Coverage, Vec<String>)>::default, join);
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
    eprintln!("{coverage}");
    if topologies >= 200 {
        assert!(coverage.delivered_share() > 5.0, "hardly anything is delivered:\n{coverage}");
    }
}
