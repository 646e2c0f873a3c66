//! Tests of findings: the example of every code, further cases of warnings and notes, the runnable
//! examples, and no panics.

mod answers;
mod cases;
mod codes;
mod filter_cases;
mod hybrid_cases;
mod network_cases;
mod properties;
mod psc_cases;
mod topologies;
mod unreached;

use std::sync::Arc;

use super::{CODES, model, of_text, of_traffic};
use crate::lint::unreached as solved;
use crate::source::testing::{Case, as_they_should_be};
use crate::source::{CodeInfo, Files, Findings, code as reading};
use crate::validate;

/// The codes that a text can have.
fn all() -> impl Iterator<Item = &'static CodeInfo> {
    reading::CODES.iter().chain(validate::CODES).chain(CODES)
}

/// One of them.
fn code(code: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

/// All findings about a text: of reading it, and of the checks if it can be decoded.
fn found(text: &str) -> (Files, Findings) {
    let (files, mut findings, topology) = validate::tests::checked(text);
    if let Some(topology) = topology {
        of_text(&topology, &[], &mut findings);
        if !findings.has_errors() {
            let model = model(topology.into(), Arc::default(), Vec::new());
            of_traffic(&model, &[], &mut findings);
        }
    }
    (files, findings)
}

/// All cases of warnings and notes.
fn cases() -> impl Iterator<Item = &'static Case> {
    let families = [
        cases::CASES,
        network_cases::CASES,
        filter_cases::CASES,
        hybrid_cases::CASES,
        psc_cases::CASES,
    ];
    families.into_iter().flatten()
}

#[test]
fn findings_are_as_they_should_be() {
    let codes: Vec<&CodeInfo> = all().collect();
    as_they_should_be(cases(), &codes, found);
}
