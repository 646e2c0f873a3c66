//! Which rules an answer rests on.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::name::code;
use crate::question::answer::{Answer, Path};
use crate::rules::RuleId;
use crate::source::Finding;

/// The rules that hops, replies, answers to names, addresses and findings of an answer name.
pub fn cited(answer: &Answer<'_>) -> BTreeSet<RuleId> {
    let mut rules = cited_by_findings(&answer.head.findings);
    rules.extend(answer.addresses().iter().map(|address| address.rule));
    if let Some(paths) = answer.paths() {
        let Ok(()) = paths.each(|path| {
            of_path(path, &mut rules);
            Ok::<(), Infallible>(())
        });
    }
    rules
}

fn of_path(path: &Path, rules: &mut BTreeSet<RuleId>) {
    for hop in path.hops.iter().chain(&path.reply) {
        rules.extend([hop.rule, hop.hop_rule]);
    }
    rules.extend(path.resolved.as_ref().and_then(|resolved| resolved.rule));
}

/// The rules on which findings rest, by their codes.
pub fn cited_by_findings(findings: &[Finding]) -> BTreeSet<RuleId> {
    findings.iter().filter_map(|finding| code(finding.code).ok()?.0.rule?.parse().ok()).collect()
}
