//! What happens on a way, step by step: the hops of a request, and those of its answer.

use std::net::IpAddr;

use super::answer::{Note, PathHop, Resolved, Stops};
use crate::graph::{
    Answerer, Body, Cause, Graph, HopId, HopKind, NameAnswer, OutcomeId, Reply, Resolver, Switch,
};
use crate::rules::RuleId;
use crate::solve::Block;
use crate::source::Span;
use crate::walk::{self, CurrentField, Step, StepAction, WalkTrace};

/// The steps of a walk as hops.
pub fn of_walk(graph: &Graph, trace: &WalkTrace, blocks: &[Block]) -> Vec<PathHop> {
    let mut refused = false;
    let steps = trace.steps.iter().enumerate();
    steps
        .map(|(index, step)| {
            let past = refused;
            refused |= step.action.stops();
            let next = trace.steps.get(index + 1);
            PathHop { past, ..of_step(graph, step, next, blocks) }
        })
        .collect()
}

fn of_step(graph: &Graph, step: &Step, next: Option<&Step>, blocks: &[Block]) -> PathHop {
    let hop = graph.hop(step.hop);
    let decided = match (&hop.body, step.rule) {
        (Body::Gate { list, .. }, Some(rule)) => graph.list(*list).rules.get(rule),
        _ => None,
    };
    let block = blocks.iter().find(|block| block.hop == step.hop);
    let stops = match (block, step.outcome) {
        (Some(block), _) => Some(Stops { all: block.all, causes: causes(graph, &block.outcomes) }),
        (None, Some(ended)) if step.action.stops() => {
            Some(Stops { all: true, causes: causes(graph, &[ended]) })
        }
        _ => None,
    };
    let firewall = matches!(hop.kind, HopKind::EgressFirewall | HopKind::IngressFirewall);
    let note = match (&hop.body, hop.kind, next) {
        _ if step.rule.is_none() && firewall => Note::ImpliedRule,
        (Body::Switch(Switch::Destination { .. }), HopKind::Route, Some(next)) => {
            let next = graph.hop(next.hop);
            Note::NextHop {
                range: Box::new(step.note.clone()),
                resource: next.resource,
                kind: (next.resource == hop.resource).then_some(next.kind),
            }
        }
        _ => Note::Walked(step.note.clone(), step.rule),
    };
    PathHop {
        id: step.hop,
        resource: hop.resource,
        kind: hop.kind,
        action: Some(step.action),
        rule: decided.and_then(|rule| rule.rule).unwrap_or(hop.rule),
        hop_rule: hop.rule,
        at: decided.map(|rule| rule.at).filter(|at| !at.is_none()).unwrap_or(hop.at),
        note,
        changes: step.changed.clone(),
        past: false,
        stops,
    }
}

/// The causes of some outcomes, each once.
pub fn causes(graph: &Graph, outcomes: &[OutcomeId]) -> Vec<Cause> {
    let mut causes: Vec<Cause> =
        outcomes.iter().filter_map(|id| graph.outcome(*id).cause()).collect();
    causes.sort_unstable_by_key(|cause| cause.name());
    causes.dedup();
    causes
}

/// What the reply to a request that arrived meets on its way back, in order.
pub fn of_reply(graph: &Graph, trace: &WalkTrace) -> Vec<PathHop> {
    let mut back = Vec::new();
    for step in trace.steps.iter().rev() {
        let Some((reply, rule)) = graph.reply(step.hop) else { continue };
        let hop = graph.hop(step.hop);
        let lost = step.action == StepAction::LoseReply;
        let action = match reply {
            _ if lost => StepAction::Drop,
            Reply::Connection | Reply::Response => StepAction::Admit,
            Reply::Translation | Reply::Proxy => StepAction::Rewrite,
            Reply::Route => StepAction::Route,
        };
        let turned = step.changed.iter().filter(|changed| changed.field == CurrentField::Source);
        let changes = turned.map(|there| walk::Changed {
            field: CurrentField::Destination,
            before: there.after.clone(),
            after: there.before.clone(),
        });
        let stopped = step.outcome.filter(|_| lost);
        let stops = stopped.map(|id| Stops { all: true, causes: causes(graph, &[id]) });
        back.push(PathHop {
            id: step.hop,
            resource: hop.resource,
            kind: hop.kind,
            action: Some(action),
            rule,
            hop_rule: hop.rule,
            at: hop.at,
            note: Note::Reply(reply),
            changes: changes.collect(),
            past: false,
            stops,
        });
        if lost {
            break;
        }
        // Behind a proxy there is a connection of its own.
        if reply == Reply::Proxy {
            back.retain(|hop: &PathHop| hop.kind != HopKind::InsideNetwork);
        }
    }
    back
}

/// What a name resolves to where a request is sent from; nothing for an address.
pub fn resolved(graph: &Graph, resolver: &Resolver, name: &str) -> Option<Resolved> {
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return None;
    }
    Some(match resolver.resolve(name) {
        None => Resolved {
            name: name.into(),
            answer: match graph.names.address(name) {
                Some(address) => NameAnswer::Addresses(vec![address.into()]),
                None => NameAnswer::Unknown,
            },
            by: Answerer::Public,
            rule: Some(RuleId::egr(15)),
            at: Span::none(),
        },
        Some(rule) => Resolved {
            name: name.into(),
            answer: rule.answer.clone(),
            by: rule.by.clone(),
            rule: Some(rule.rule),
            at: rule.at,
        },
    })
}

/// Hops without a walk, for a set that has no request to show.
pub fn bare(graph: &Graph, hops: &[HopId]) -> Vec<PathHop> {
    hops.iter()
        .map(|id| {
            let hop = graph.hop(*id);
            PathHop {
                id: *id,
                resource: hop.resource,
                kind: hop.kind,
                action: None,
                rule: hop.rule,
                hop_rule: hop.rule,
                at: hop.at,
                note: Note::Walked(walk::StepNote::Nothing, None),
                changes: Vec::new(),
                past: false,
                stops: None,
            }
        })
        .collect()
}
