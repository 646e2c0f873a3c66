//! What happens on a way, step by step: the hops of a request, and those of its answer.

use std::net::IpAddr;

use super::answer::{Note, PathHop, Resolved, Stops};
use crate::graph::{
    Answerer, Body, Cause, Graph, HopId, HopKind, NameAnswer, OutcomeId, Reply, Resolver, RuleName,
    Switch, Waypoint,
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
    // A leg whose way back is known passes none of the machines that its request passed but these.
    let mut routed: Option<&[Waypoint]> = None;
    for step in trace.steps.iter().rev() {
        let hop = graph.hop(step.hop);
        if let Some(way) = way_back(graph, step) {
            let outcome = step.outcome.filter(|_| step.action == StepAction::LoseReply);
            back.extend(waypoints(graph, step.hop, way, outcome));
            if outcome.is_some() {
                break;
            }
            routed = Some(way);
            continue;
        }
        let Some((reply, rule)) = graph.reply(step.hop) else { continue };
        // There the sender is translated: another leg.
        let begins = reply == Reply::Translation;
        let skipped =
            |way: &[Waypoint]| !begins && passes_on(graph, trace, step.hop, !way.is_empty());
        if routed.is_some_and(skipped) {
            continue;
        }
        if begins {
            routed = None;
        }
        let lost = step.action == StepAction::LoseReply;
        let action = match reply {
            _ if lost => StepAction::Drop,
            Reply::Connection | Reply::Response => StepAction::Admit,
            Reply::Translation | Reply::Proxy => StepAction::Rewrite,
            Reply::Route | Reply::Onward => StepAction::Route,
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

/// The way back of a leg, as the gate at its end found it.
fn way_back<'g>(graph: &'g Graph, step: &Step) -> Option<&'g [Waypoint]> {
    let Body::Gate { list, .. } = &graph.hop(step.hop).body else { return None };
    match &graph.list(*list).rules.get(step.rule?)?.name {
        RuleName::Back(way) => Some(way),
        _ => None,
    }
}

/// Whether a hop is of a machine that passed the request on, or, if the reply is led elsewhere, the
/// end of a route.
fn passes_on(graph: &Graph, trace: &WalkTrace, hop: HopId, elsewhere: bool) -> bool {
    let hop = graph.hop(hop);
    let forwards = |step: &&Step| {
        let other = graph.hop(step.hop);
        other.kind == HopKind::IpForwarding && other.resource == hop.resource
    };
    elsewhere && hop.kind == HopKind::InsideNetwork
        || trace.steps.iter().any(|step| forwards(&step))
}

/// The places that a reply passes, at the last of which it is lost if it is.
fn waypoints(
    graph: &Graph,
    gate: HopId,
    way: &[Waypoint],
    outcome: Option<OutcomeId>,
) -> Vec<PathHop> {
    let of_gate = graph.hop(gate);
    let lost_here = Waypoint {
        resource: of_gate.resource,
        kind: of_gate.kind,
        rule: of_gate.rule,
        at: of_gate.at,
    };
    let lost = way.is_empty().then_some(&lost_here);
    let last = way.len().saturating_sub(1);
    let places = way.iter().chain(lost.filter(|_| outcome.is_some())).enumerate();
    places
        .map(|(at, place)| {
            let ends = outcome.filter(|_| at == last);
            PathHop {
                id: gate,
                resource: place.resource,
                kind: place.kind,
                action: Some(if ends.is_some() { StepAction::Drop } else { StepAction::Route }),
                rule: place.rule,
                hop_rule: place.rule,
                at: place.at,
                note: Note::Reply(if at == last { Reply::Route } else { Reply::Onward }),
                changes: Vec::new(),
                past: false,
                stops: ends.map(|id| Stops { all: true, causes: causes(graph, &[id]) }),
            }
        })
        .collect()
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
