//! The models against the library, on random small networks.
//!
//! `cargo test` compares a hundred networks of each family; `PORTOLAN_REFERENCE=20000` that many.
//! A family counts what its networks have and what comes of its questions, and fails where a kind is
//! hardly met. What differs and is known stands in [`known`], with its smallest topology, and in
//! DIFFERENCES.md: a kind of it is not compared until it is mended, and fails as soon as it is.

mod engine;
mod field;
mod firewall;
mod known;
mod names;
mod replies;
mod routes;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::random::Random;

/// How many networks of each family.
fn size() -> u64 {
    let Ok(text) = std::env::var("PORTOLAN_REFERENCE") else { return 100 };
    text.parse().unwrap_or_else(|_| panic!("PORTOLAN_REFERENCE={text} is not a number"))
}

/// What was met, and what differs.
#[derive(Default)]
struct Tally {
    met: BTreeMap<String, u64>,
    /// Kinds of difference: how often, and the shortest one.
    differ: BTreeMap<String, (u64, String)>,
}

impl Tally {
    fn met(&mut self, what: impl Into<String>) {
        *self.met.entry(what.into()).or_default() += 1;
    }

    /// Counts a difference that is known: where what is not mended decided. Says whether it is one.
    fn is_known(&mut self, family: &str, decided: &BTreeSet<&'static str>) -> bool {
        let of = |own: &&known::Known| own.family == family && decided.contains(own.decides);
        let Some(known) = known::KNOWN.iter().find(of) else { return false };
        self.met(format!("known: {}", known.decides));
        true
    }

    fn differs(&mut self, kind: impl Into<String>, text: String) {
        let kind = kind.into();
        let entry = self.differ.entry(kind).or_insert_with(|| (0, text.clone()));
        entry.0 += 1;
        if text.len() < entry.1.len() {
            entry.1 = text;
        }
    }

    fn join(mut self, other: Tally) -> Tally {
        for (what, count) in other.met {
            *self.met.entry(what).or_default() += count;
        }
        for (kind, (count, text)) in other.differ {
            self.differs(kind.clone(), text);
            self.differ.get_mut(&kind).expect("it is there").0 += count - 1;
        }
        self
    }
}

/// Compares a family. `least`: what has to be met, each by one network of a hundred at least.
fn compare(family: &str, least: &[&str], each: impl Fn(&mut Random, &mut Tally) + Sync) {
    let networks = size();
    let one = |seed: u64| {
        let mut tally = Tally::default();
        each(&mut Random::new(seed), &mut tally);
        tally
    };
    let tally = (0..networks).into_par_iter().map(one).reduce(Tally::default, Tally::join);
    let of = |what: &str| tally.met.get(what).copied().unwrap_or(0);
    for (what, count) in &tally.met {
        println!("{family}: {what}: {count}");
    }
    let rare: Vec<&&str> = least.iter().filter(|own| of(own) * 100 < networks).collect();
    assert!(rare.is_empty(), "{family}: hardly met: {rare:?}");
    let mut text = String::new();
    for (kind, (count, example)) in &tally.differ {
        text += &format!("== {kind}: {count} times, such as\n{example}\n");
    }
    assert!(text.is_empty(), "{family} differs\n{text}");
}
