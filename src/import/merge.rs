//! Several topologies as one.

use super::code;
use crate::source::{Finding, Findings, Span};
use crate::topology::Topology;

/// Adds what `other` declares. A resource that both declare is reported, and stays as it was.
pub fn merge(into: &mut Topology, mut other: Topology, findings: &mut Findings) {
    into.take_resources(&mut other, &mut |both| {
        let finding = twice(&both.resource, both.first, both.second);
        findings.push(finding.resource(both.resource));
    });
    into.portolan = into.portolan.take().or(other.portolan);
    match (&into.organization, other.organization) {
        (Some(first), Some(second)) => {
            findings.push(twice("organization", first.span, second.span));
        }
        (None, organization) => into.organization = organization,
        (Some(_), None) => {}
    }
}

fn twice(what: &str, first: Span, second: Span) -> Finding {
    code::DECLARED_TWICE
        .finding(format!("`{what}` is declared twice"))
        .label(second, "declared again here")
        .also(first, "first declared here")
        .help("keep one of the two, or give one another id and set its `name`")
}
