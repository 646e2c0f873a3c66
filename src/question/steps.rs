//! What happens on a way, step by step: the hops of a request, and those of its answer.

use std::net::IpAddr;

use super::answer::{Changed, Hop, Resolved, Stops};
use super::{Model, paths, witness};
use crate::graph::{
    Body, Graph, HopId, HopKind, NameAnswer, Origin, OutcomeId, Reply, Resolver, Switch,
};
use crate::solve::Block;
use crate::source::Span;
use crate::walk::{self, Action, Field, Step, Trace, Value};

/// The steps of a walk as hops.
pub fn of_walk(model: &Model, trace: &Trace, blocks: &[Block]) -> Vec<Hop> {
    let mut refused = false;
    let steps = trace.steps.iter().enumerate();
    steps
        .map(|(index, step)| {
            let past = refused;
            refused |= step.outcome.is_some();
            let next = trace.steps.get(index + 1);
            Hop { past, ..of_step(model, step, next, blocks) }
        })
        .collect()
}

fn of_step(model: &Model, step: &Step, next: Option<&Step>, blocks: &[Block]) -> Hop {
    let graph = &model.graph;
    let hop = graph.hop(step.hop);
    let decided = match (&hop.body, step.rule) {
        (Body::Gate { list, .. }, Some(rule)) => graph.list(*list).rules.get(rule),
        _ => None,
    };
    let block = blocks.iter().find(|block| block.hop == step.hop);
    let stops = match (block, step.outcome) {
        (Some(block), _) => Some(Stops { all: block.all, causes: causes(graph, &block.outcomes) }),
        (None, Some(ended)) if step.action != Action::Deliver => {
            Some(Stops { all: true, causes: causes(graph, &[ended]) })
        }
        _ => None,
    };
    let label = decided.map(|rule| rule.label.to_string()).filter(|label| !label.is_empty());
    let mut note = label.unwrap_or_else(|| step.note.clone());
    if let Some(range) = note.strip_prefix("destination in ")
        && let Ok(range) = range.parse::<ipnet::IpNet>()
        && let Some(label) = graph.placeholders.label(range.addr())
    {
        note = format!("destination {label}");
    }
    if step.rule.is_none() && matches!(hop.kind, HopKind::EgressFirewall | HopKind::IngressFirewall)
    {
        note = "the implied rule".into();
    }
    if let (Body::Switch(Switch::Destination { .. }), HopKind::Route, Some(next)) =
        (&hop.body, hop.kind, next)
    {
        let next = graph.hop(next.hop);
        let named = if next.resource == hop.resource {
            next.kind.name().replace('_', " ")
        } else {
            graph.resource(next.resource).to_string()
        };
        note.push_str(&format!(", next hop {named}"));
    }
    Hop {
        resource: graph.resource(hop.resource).to_string(),
        kind: hop.kind.name().into(),
        action: step.action.name().into(),
        rule: decided.and_then(|rule| rule.rule).unwrap_or(hop.rule),
        hop_rule: hop.rule,
        at: decided.map(|rule| rule.at).filter(|at| !at.is_none()).unwrap_or(hop.at),
        note,
        changes: step.changed.iter().map(|changed| change(model, changed)).collect(),
        past: false,
        stops,
    }
}

fn causes(graph: &Graph, outcomes: &[OutcomeId]) -> Vec<&'static str> {
    let mut causes: Vec<&'static str> =
        outcomes.iter().filter_map(|id| paths::outcome(graph, *id).cause).collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

fn change(model: &Model, changed: &walk::Changed) -> Changed {
    let words = |value: &Value| match value {
        Value::Origin(origin) => origin_words(model, *origin),
        Value::Class(class) if changed.field == Field::Principal => {
            model.graph.identities.principals()[*class as usize].name()
        }
        Value::Class(class) => {
            let credential = &model.graph.identities.credentials()[*class as usize];
            witness::credential_words(model, credential)
        }
        Value::Address(address) => address_words(&model.graph, *address),
        Value::Text(text) => text.to_string(),
        Value::Port(port) => port.to_string(),
    };
    Changed {
        field: changed.field.name(),
        before: words(&changed.before),
        after: words(&changed.after),
    }
}

/// An address in words: what it stands for, if it is a placeholder.
fn address_words(graph: &Graph, address: IpAddr) -> String {
    graph.placeholders.label(address).map_or_else(|| address.to_string(), str::to_string)
}

/// Where a leg of the way comes from, in words.
fn origin_words(model: &Model, origin: Origin) -> String {
    let topology = &model.topology;
    let named = |kind: &str, id: Option<&str>| format!("{kind}/{}", id.unwrap_or_default());
    match origin {
        Origin::Internet => "the internet".into(),
        Origin::Serverless => "Cloud Run".into(),
        Origin::Network(index) => {
            named("network", topology.networks.get_index(index as usize).map(|(id, _)| &**id))
        }
        Origin::Product(index) => {
            format!("products of {}", topology.project_id(index as usize))
        }
        Origin::LoadBalancer { index, .. } => {
            let id = topology.load_balancers.get_index(index as usize).map(|(id, _)| &**id);
            named("load_balancer", id)
        }
    }
}

/// What the answer to a request that arrived meets on its way back, in order.
pub fn of_reply(model: &Model, trace: &Trace) -> Vec<Hop> {
    let graph = &model.graph;
    let mut back = Vec::new();
    for step in trace.steps.iter().rev() {
        let Some((reply, rule)) = graph.reply(step.hop) else { continue };
        let hop = graph.hop(step.hop);
        let (action, note) = match reply {
            Reply::Connection => ("admit", "part of a connection that it admitted"),
            Reply::Response => ("admit", "an answer to what went out by it"),
            Reply::Translation => ("rewrite", ""),
            Reply::Route => ("route", "back to where the request came from"),
            Reply::Proxy => ("rewrite", "the proxy answers its own client"),
        };
        let turned = step.changed.iter().filter(|changed| changed.field == Field::Source);
        let changes = turned.map(|changed| {
            let there = change(model, changed);
            Changed { field: "destination address", before: there.after, after: there.before }
        });
        back.push(Hop {
            resource: graph.resource(hop.resource).to_string(),
            kind: hop.kind.name().into(),
            action: action.into(),
            rule,
            hop_rule: hop.rule,
            at: hop.at,
            note: note.into(),
            changes: changes.collect(),
            past: false,
            stops: None,
        });
        // Behind a proxy there is a connection of its own.
        if reply == Reply::Proxy {
            back.retain(|hop| hop.kind != HopKind::InsideNetwork.name());
        }
    }
    back
}

/// What a name resolves to where a request is sent from; nothing for an address.
pub fn resolved(model: &Model, resolver: &Resolver, name: &str) -> Option<Resolved> {
    let graph = &model.graph;
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return None;
    }
    let known = graph.names.address(name).map(|address| address_words(graph, address));
    let Some(rule) = resolver.resolve(name) else {
        let answer = known.unwrap_or_else(|| "an address that is not known".into());
        let by = "public DNS".into();
        return Some(Resolved { name: name.into(), answer, by, rule: None, at: Span::none() });
    };
    let answer = match &rule.answer {
        NameAnswer::Addresses(ranges) => {
            let single = |range: &ipnet::IpNet| range.prefix_len() == range.max_prefix_len();
            let words = ranges.iter().map(|range| {
                if single(range) { address_words(graph, range.addr()) } else { range.to_string() }
            });
            words.collect::<Vec<_>>().join(", ")
        }
        NameAnswer::Nonexistent => "no name that exists".into(),
        NameAnswer::Unanswered => "without an answer".into(),
        NameAnswer::Unknown => "not known".into(),
    };
    Some(Resolved {
        name: name.into(),
        answer,
        by: rule.label.clone(),
        rule: Some(rule.rule),
        at: rule.at,
    })
}

/// Hops without a walk, for a set that has no request to show.
pub fn bare(graph: &Graph, hops: &[HopId]) -> Vec<Hop> {
    hops.iter()
        .map(|id| {
            let hop = graph.hop(*id);
            Hop {
                resource: graph.resource(hop.resource).to_string(),
                kind: hop.kind.name().into(),
                action: String::new(),
                rule: hop.rule,
                hop_rule: hop.rule,
                at: hop.at,
                note: String::new(),
                changes: Vec::new(),
                past: false,
                stops: None,
            }
        })
        .collect()
}
