//! Tests of errors: cases of every code.

mod cases;
mod codes;
mod hybrid_cases;
mod network_cases;
mod psc_cases;

use super::{CODES, check};
use crate::import::yaml;
use crate::source::testing::{Case, as_they_should_be};
use crate::source::{CodeInfo, Files, Findings, code as reading};
use crate::topology::Topology;
use crate::topology::record::{Decode as _, Decoder};

/// The codes of errors that a text can show.
fn all() -> impl Iterator<Item = &'static CodeInfo> {
    reading::CODES.iter().chain(CODES)
}

/// What a text says if it can be decoded, and the errors in it.
pub(crate) fn checked(text: &str) -> (Files, Findings, Option<Topology>) {
    let mut files = Files::new();
    let mut findings = Findings::new();
    let node = yaml::read(&mut files, "topology.yaml", text.as_bytes(), &mut findings);
    let mut topology =
        node.and_then(|node| Topology::decode(&node, &mut Decoder::new(&files, &mut findings)));
    if let Some(topology) = &mut topology {
        topology.complete();
        check(topology, &mut findings);
    }
    (files, findings, topology)
}

fn found(text: &str) -> (Files, Findings) {
    let (files, findings, _) = checked(text);
    (files, findings)
}

/// All cases of errors.
fn cases() -> impl Iterator<Item = &'static Case> {
    let families = [cases::CASES, network_cases::CASES, hybrid_cases::CASES, psc_cases::CASES];
    families.into_iter().flatten()
}

#[test]
fn findings_are_as_they_should_be() {
    let codes: Vec<&CodeInfo> = all().collect();
    as_they_should_be(cases(), &codes, found);
}
