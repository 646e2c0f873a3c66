//! An expectation against an answer.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::name::{PlaceName, SenderName};
use super::record::{Expectation, ExpectedAddress, ExpectedCell, ExpectedPath};
use super::{Difference, given};
use crate::graph::{AssumptionKind, Graph};
use crate::question::answer::{
    Answer, AnswerBody, CellState, Destination, EgressAddress, Path, Sender,
};
use crate::rules::RuleId;
use crate::source::{Finding, Span};
use crate::topology::record::Spanned;

/// How the answer to a question, which rests on the rules `cited`, differs from what is expected.
pub fn compare(
    expected: &Expectation,
    answer: &Answer<'_>,
    cited: &BTreeSet<RuleId>,
) -> Vec<Difference> {
    let graph = &answer.head.model.graph;
    let mut differences = Vec::new();
    if let Some(verdict) = &expected.verdict {
        let given = answer.verdict();
        if given != Some(verdict.value) {
            let given = given.map_or("none", |verdict| verdict.name());
            differences.push(Difference::other("verdict", verdict.span, verdict.value, given));
        }
    }
    if let Some(complete) = &expected.complete {
        let is = answer.head.completeness.is_complete();
        differences.extend(same("complete", complete.span, complete.value, is));
    }
    if let Some(disputed) = &expected.disputed {
        let is = answer
            .head
            .assumptions
            .iter()
            .any(|assumed| graph.assumption(assumed.id).kind == AssumptionKind::Disputed);
        differences.extend(same("disputed", disputed.span, disputed.value, is));
    }
    differences.extend(misplaced(expected, &answer.body));
    assumptions(expected, answer, &mut differences);
    paths(expected, answer, &mut differences);
    addresses(expected, answer, &mut differences);
    reply(expected, answer, &mut differences);
    for cell in &expected.cells {
        differences.extend(of_cell(cell, answer));
    }
    rules(expected, cited, &mut differences);
    findings(expected, &answer.head.findings, &mut differences);
    differences
}

/// Empty lists of what an answer of this kind never has: nothing would be compared with them.
fn misplaced(expected: &Expectation, body: &AnswerBody) -> Vec<Difference> {
    fn empty<T>(list: Option<&Spanned<Vec<T>>>) -> Option<Span> {
        list.filter(|list| list.value.is_empty()).map(|list| list.span)
    }
    let (paths, addresses) = (expected.paths.as_ref(), expected.addresses.as_ref());
    let never = [
        ("paths", empty(paths), matches!(body, AnswerBody::Exposure(_))),
        ("addresses", empty(addresses), !matches!(body, AnswerBody::Egress(_))),
        ("reply", empty(expected.reply.as_ref()), !matches!(body, AnswerBody::Trace(_))),
    ];
    let never = never.into_iter().filter(|(.., never)| *never);
    never
        .filter_map(|(key, at, _)| Some(Difference::missing(key, at?, "in such an answer")))
        .collect()
}

/// How the findings of `check` differ from what is expected. It answers nothing else.
pub fn compare_findings(
    expected: &Expectation,
    found: &[Finding],
    cited: &BTreeSet<RuleId>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut never = |key: &'static str, at: Option<Span>| {
        let difference = at.map(|at| Difference::missing(key, at, "in the answer to a `check`"));
        differences.extend(difference);
    };
    never("verdict", expected.verdict.as_ref().map(|verdict| verdict.span));
    never("paths", expected.paths.as_ref().map(|paths| paths.span));
    never("addresses", expected.addresses.as_ref().map(|addresses| addresses.span));
    never("assumptions", expected.assumptions.as_ref().map(|assumptions| assumptions.span));
    never("disputed", expected.disputed.as_ref().map(|disputed| disputed.span));
    never("complete", expected.complete.as_ref().map(|complete| complete.span));
    never("reply", expected.reply.as_ref().map(|reply| reply.span));
    never("cells", expected.cells.first().map(|cell| cell.span));
    rules(expected, cited, &mut differences);
    findings(expected, found, &mut differences);
    differences
}

fn same(key: &'static str, at: Span, expected: bool, given: bool) -> Option<Difference> {
    (expected != given).then(|| Difference::other(key, at, expected, given))
}

fn rules(expected: &Expectation, cited: &BTreeSet<RuleId>, differences: &mut Vec<Difference>) {
    for rule in &expected.rules {
        if !cited.contains(&rule.value) {
            differences.push(Difference::missing("rules", rule.span, rule.value));
        }
    }
}

fn findings(expected: &Expectation, found: &[Finding], differences: &mut Vec<Difference>) {
    let is_found = |code: &str| found.iter().any(|finding| finding.code == code);
    for code in expected.findings.iter().filter(|code| !is_found(code.0.code)) {
        let mut given: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        given.sort_unstable();
        given.dedup();
        let given = if given.is_empty() { "no finding".into() } else { given.join(", ") };
        differences.push(Difference::other("findings", code.span, code.0.code, given));
    }
    for code in expected.absent.iter().filter(|code| is_found(code.0.code)) {
        differences.push(Difference::extra("absent", code.span, code.0.code));
    }
}

fn assumptions(expected: &Expectation, answer: &Answer<'_>, differences: &mut Vec<Difference>) {
    let Some(assumptions) = &expected.assumptions else { return };
    let graph = &answer.head.model.graph;
    let flipping = answer.head.assumptions.iter().filter(|assumed| assumed.flips);
    let given: BTreeSet<&str> =
        flipping.map(|assumed| graph.assumption(assumed.id).id.as_str()).collect();
    for id in assumptions.iter().filter(|id| !given.contains(id.as_str())) {
        differences.push(Difference::missing("assumptions", id.span, &id.value));
    }
    for id in given {
        if assumptions.iter().all(|expected| expected.value != id) {
            differences.push(Difference::extra("assumptions", assumptions.span, id));
        }
    }
}

/// Compares what is given with what is expected, where each of these stands for all that agree
/// with it.
struct Matching<'e, E> {
    key: &'static str,
    expected: &'e [E],
    met: Vec<bool>,
    extra: Vec<String>,
}

impl<'e, E> Matching<'e, E> {
    fn new(key: &'static str, expected: &'e [E]) -> Self {
        Matching { key, expected, met: vec![false; expected.len()], extra: Vec::new() }
    }

    /// Takes one that is given.
    fn take(&mut self, agrees: impl Fn(&E) -> bool, written: impl FnOnce() -> String) {
        let mut known = false;
        for (expected, met) in self.expected.iter().zip(&mut self.met) {
            if agrees(expected) {
                *met = true;
                known = true;
            }
        }
        if !known {
            let written = written();
            if !self.extra.contains(&written) {
                self.extra.push(written);
            }
        }
    }

    /// What is missing, with its place, and what is there besides.
    fn differences(
        self,
        at: Span,
        written: impl Fn(&E) -> (Span, String),
    ) -> impl Iterator<Item = Difference> {
        let Matching { key, expected, met, extra } = self;
        let missing = expected.iter().zip(met).filter(|(_, met)| !met).map(move |(one, _)| {
            let (at, text) = written(one);
            Difference::missing(key, at, text)
        });
        missing.chain(extra.into_iter().map(move |text| Difference::extra(key, at, text)))
    }
}

fn paths(expected: &Expectation, answer: &Answer<'_>, differences: &mut Vec<Difference>) {
    let Some(list) = &expected.paths else { return };
    let graph = &answer.head.model.graph;
    let mut matching = Matching::new("paths", &list.value[..]);
    if let Some(paths) = answer.paths() {
        let Ok(()) = paths.each(|path| {
            matching.take(|one| agrees(graph, one, path), || given::path(graph, path));
            Ok::<(), Infallible>(())
        });
    }
    differences
        .extend(matching.differences(list.span, |path| (path.span, given::expected_path(path))));
}

/// Whether a path is as expected in all that is expected of it.
fn agrees(graph: &Graph, expected: &ExpectedPath, path: &Path) -> bool {
    let outcome = &path.outcome;
    let callers = || given::callers(&path.principals);
    let is = |names: &Vec<super::name::CallerName>| {
        let names: BTreeSet<&str> = names.iter().map(|name| &*name.0).collect();
        names == callers().into_iter().collect()
    };
    let entry = path.entry.map(|entry| graph.entry(entry));
    expected.from.as_ref().is_none_or(|from| is_sender(graph, from, &path.from))
        && expected.to.as_ref().is_none_or(|to| is_place(graph, to, &path.to))
        && expected.entry.as_ref().is_none_or(|own| entry == Some(own))
        && expected.outcome.is_none_or(|kind| kind == outcome.kind)
        && expected.cause.is_none_or(|cause| outcome.cause == Some(cause))
        && expected.direction.is_none_or(|way| outcome.direction() == Some(way))
        && expected.status.agrees(outcome.http_status.as_ref())
        && expected.location.agrees(outcome.location.as_ref())
        && expected
            .guard
            .is_none_or(|state| path.guard.as_ref().is_some_and(|guard| guard.state == state))
        && expected.principals.as_ref().is_none_or(is)
        && expected.sometimes.is_none_or(|sometimes| path.is_by_choice() == sometimes)
}

fn is_sender(graph: &Graph, expected: &SenderName, given: &Sender) -> bool {
    match (expected, given) {
        (SenderName::Resource(own), Sender::Resource(id)) => graph.resource(*id) == own,
        (SenderName::Identity(own), Sender::Identity(member)) => own == member,
        _ => false,
    }
}

fn is_place(graph: &Graph, expected: &PlaceName, given: &Destination) -> bool {
    match (expected, given) {
        (PlaceName::Resource(own), Destination::Resource(id)) => graph.resource(*id) == own,
        // What nothing arrives at has the name that the question gives it.
        (PlaceName::Resource(own), Destination::Named(name)) => *name == own.to_string(),
        (PlaceName::Named(own), Destination::Named(name)) => **own == **name,
        (PlaceName::Elsewhere, Destination::Elsewhere) => true,
        _ => false,
    }
}

fn addresses(expected: &Expectation, answer: &Answer<'_>, differences: &mut Vec<Difference>) {
    let Some(list) = &expected.addresses else { return };
    let graph = &answer.head.model.graph;
    let mut matching = Matching::new("addresses", &list.value[..]);
    for address in answer.addresses() {
        matching.take(|one| is_address(graph, one, address), || given::address(graph, address));
    }
    differences
        .extend(matching.differences(list.span, |one| (one.span, given::expected_address(one))));
}

fn is_address(graph: &Graph, expected: &ExpectedAddress, given: &EgressAddress) -> bool {
    let owner = given.owner.map(|owner| graph.resource(owner));
    expected.address.agrees(given::known_address(graph, given).as_ref())
        && expected.name.agrees(owner)
        && expected.cause.is_none_or(|cause| cause == given.cause)
        && expected.stability.is_none_or(|stability| stability == given.stability)
}

fn reply(expected: &Expectation, answer: &Answer<'_>, differences: &mut Vec<Difference>) {
    let Some(steps) = &expected.reply else { return };
    let graph = &answer.head.model.graph;
    let mut given = Vec::new();
    if let AnswerBody::Trace(trace) = &answer.body
        && let Some(walk) = trace.walks.first()
    {
        let step = |hop: &crate::question::answer::PathHop| {
            format!("{} {}", graph.resource(hop.resource), hop.rule)
        };
        given = walk.reply.iter().map(step).collect();
    }
    let wanted: Vec<String> = steps.iter().map(ToString::to_string).collect();
    if wanted != given {
        let list = |steps: &[String]| format!("[{}]", steps.join(", "));
        differences.push(Difference::other("reply", steps.span, list(&wanted), list(&given)));
    }
}

fn of_cell(expected: &ExpectedCell, answer: &Answer<'_>) -> Option<Difference> {
    let at = expected.cell.span;
    let of = format!("{} for {} at {}", expected.cell.value, expected.from, expected.to);
    let given = cell(expected, answer).map(CellState::name);
    match given {
        Some(state) if state == expected.cell.name() => None,
        Some(state) => Some(Difference::other("cells", at, of, state)),
        None => Some(Difference::missing("cells", at, of)),
    }
}

/// How a source fares at a destination, if the table has both.
fn cell(expected: &ExpectedCell, answer: &Answer<'_>) -> Option<CellState> {
    let graph = &answer.head.model.graph;
    let AnswerBody::Exposure(table) = &answer.body else { return None };
    let column = table.sources.iter().position(|group| {
        group.members.iter().any(|member| is_sender(graph, &expected.from, member))
    })?;
    let mut rows = table.rows.iter();
    let row = rows.find(|row| *graph.resource(row.service) == expected.to)?;
    Some(row.cells.get(column)?.exposure)
}
