//! Rows → the paths of an answer.

use super::Model;
use super::answer::{self, GuardState, Hop, OutcomeKind, Path, Stops};
use super::describe;
use super::rows::Row;
use super::selector::{From, guards};
use super::verdict::{assumptions_in, sometimes};
use crate::graph::{Body, Entry, Graph, HopId, Outcome, OutcomeId, Request};
use crate::solve::Solver;
use crate::walk::{Action, Trace, Walker};

/// An outcome as answers show it.
pub fn outcome(graph: &Graph, id: OutcomeId) -> answer::Outcome {
    match graph.outcome(id) {
        Outcome::Delivered { .. } => answer::Outcome {
            kind: OutcomeKind::Delivered,
            cause: None,
            http_status: Some(200),
            location: None,
        },
        Outcome::Refused { cause, status, location } => answer::Outcome {
            kind: OutcomeKind::Refused,
            cause: Some(cause.name()),
            http_status: Some(*status),
            location: location.as_ref().map(|location| location.to_string()),
        },
        Outcome::Dropped { cause } => answer::Outcome {
            kind: OutcomeKind::Dropped,
            cause: Some(cause.name()),
            http_status: None,
            location: None,
        },
    }
}

/// An entry as answers show it.
pub fn entry(entry: &Entry) -> String {
    match entry {
        Entry::RunApp => "run.app".into(),
        Entry::RunAppTag(tag) => format!("run.app-tag {tag}"),
        Entry::DomainMapping(host) => format!("domain-mapping {host}"),
        Entry::LoadBalancer { id, host, path } => format!("load_balancer/{id} {host} {path}"),
        Entry::External(host) => host.to_string(),
    }
}

/// A row in full: its witness is walked, and the steps of the walk are the hops.
pub fn path(
    model: &Model,
    solver: &mut Solver<'_>,
    walker: &Walker<'_>,
    from: &[From],
    row: &Row,
) -> Path {
    let graph = &model.graph;
    let source = &graph.sources[from[row.from].source];
    let request = describe::plain_request(solver, row.requests);
    let trace =
        request.as_ref().map(|request| walker.walk_past(source.start, source.origin, request));
    let hops = match &trace {
        Some(trace) => steps(graph, trace, &row.blocks),
        None => bare(graph, &row.hops),
    };
    let outcome = outcome(graph, row.outcome);
    let delivered = outcome.kind == OutcomeKind::Delivered;
    let mut listed: Vec<String> = row.hops.iter().filter_map(|hop| guards(graph, *hop)).collect();
    listed.dedup();
    Path {
        from: from[row.from].name.clone(),
        to: graph.resource(row.to).to_string(),
        entry: row.entry.map(|id| entry(graph.entry(id))).unwrap_or_default(),
        guards: listed,
        guard: row.guard.map(|(state, why)| answer::Guard {
            state,
            why: match state {
                GuardState::Unguarded => "it does not stand on this path".into(),
                _ => why.clause().into(),
            },
            remedies: Vec::new(),
        }),
        principals: describe::principals(solver, row.requests),
        hops,
        requests: answer::Requests {
            text: describe::words(model, solver, row.requests),
            witness: request.as_ref().map(|request: &Request| describe::show(model, request)),
        },
        sometimes: delivered && sometimes(solver, row.requests),
        assumptions: assumptions_in(solver, row.requests)
            .into_iter()
            .map(|id| graph.assumption(id).id.clone())
            .collect(),
        outcome,
    }
}

/// The steps of a walk as hops.
pub fn steps(graph: &Graph, trace: &Trace, blocks: &[crate::solve::Block]) -> Vec<Hop> {
    trace
        .steps
        .iter()
        .map(|step| {
            let hop = graph.hop(step.hop);
            let decided = match (&hop.body, step.rule) {
                (Body::Gate { list, .. }, Some(rule)) => graph.list(*list).rules.get(rule),
                _ => None,
            };
            let block = blocks.iter().find(|block| block.hop == step.hop);
            let causes = |outcomes: &[OutcomeId]| -> Vec<&'static str> {
                let mut causes: Vec<&'static str> =
                    outcomes.iter().filter_map(|id| outcome(graph, *id).cause).collect();
                causes.sort_unstable();
                causes.dedup();
                causes
            };
            let stops = match (block, step.outcome) {
                (Some(block), _) => Some(Stops { all: block.all, causes: causes(&block.outcomes) }),
                (None, Some(ended)) if step.action != Action::Deliver => {
                    Some(Stops { all: true, causes: causes(&[ended]) })
                }
                _ => None,
            };
            let rule = decided.and_then(|rule| rule.rule).unwrap_or(hop.rule);
            let label =
                decided.map(|rule| rule.label.to_string()).filter(|label| !label.is_empty());
            Hop {
                resource: graph.resource(hop.resource).to_string(),
                kind: hop.kind.into(),
                action: step.action.name().into(),
                rule,
                hop_rule: hop.rule,
                at: decided.map(|rule| rule.at).filter(|at| !at.is_none()).unwrap_or(hop.at),
                note: label.unwrap_or_else(|| step.note.clone()),
                stops,
            }
        })
        .collect()
}

/// Hops without a walk, for a set that has no request to show.
fn bare(graph: &Graph, hops: &[HopId]) -> Vec<Hop> {
    hops.iter()
        .map(|id| {
            let hop = graph.hop(*id);
            Hop {
                resource: graph.resource(hop.resource).to_string(),
                kind: hop.kind.into(),
                action: String::new(),
                rule: hop.rule,
                hop_rule: hop.rule,
                at: hop.at,
                note: String::new(),
                stops: None,
            }
        })
        .collect()
}

/// Who a path lets in, in words.
pub fn who(principals: &answer::Principals) -> String {
    if principals.anonymous {
        return "anyone, without an identity".into();
    }
    if principals.any_account {
        return "any account".into();
    }
    match principals.named.as_slice() {
        [] => "nobody".into(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        several => format!("{}, {} and {} more", several[0], several[1], several.len() - 2),
    }
}
