//! `egress`: under which addresses does a sender arrive?

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::answer::{Answer, Asked, EgressAddress, OutcomeKind, Verdict};
use super::describe::Describer;
use super::fields::field_words;
use super::model::on_some_network;
use super::paths::Listing;
use super::rows::{self, Row};
use super::selector::{self, From};
use super::{AskError, Model, RequestFilter, alike, paths, reach, verdict};
use crate::graph::NameAnswer;
use crate::graph::{
    EntryId, Graph, HopId, HopKind, Outcome, OutcomeId, Placeholders, ResourceId, ResourceKind,
};
use crate::rules::RuleId;
use crate::sets::{Copied, Set};
use crate::solve::{Block, Current, Extra, Flow, Layout, Mode, Reaching, Solver};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Who sends.
    pub from: String,
    /// To what; everything outside if all three are absent.
    pub to: Option<String>,
    /// To which host.
    pub host: Option<String>,
    /// To which address.
    pub ip: Option<IpAddr>,
}

/// A way out, before it is put into words.
#[derive(Debug, Clone)]
pub struct Way {
    /// The path.
    pub row: Row,
    /// The address that the other side sees; none if it is the caller's own.
    pub address: Option<IpAddr>,
}

impl Way {
    /// The same way of a source that leaves as this one does.
    fn of_another(
        &self,
        from: usize,
        to: ResourceId,
        requests: Set,
        turned: &HashMap<HopId, HopId, FxBuildHasher>,
    ) -> Way {
        let turn = |hop: HopId| turned.get(&hop).copied().unwrap_or(hop);
        let row = &self.row;
        let hops = row.hops.iter().map(|hop| turn(*hop)).collect();
        let blocks = row.blocks.iter().map(|block| Block { hop: turn(block.hop), ..block.clone() });
        let blocks = blocks.collect();
        Way { address: self.address, row: Row { from, to, requests, hops, blocks, ..row.clone() } }
    }
}

/// Solves it, without putting anything into words.
pub fn solve(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
) -> Result<(Vec<From>, Vec<Way>), AskError> {
    let graph = &model.graph;
    let from = selector::sources(model, std::slice::from_ref(&parameters.from))?;
    let ends: Option<Vec<ResourceId>> = match &parameters.to {
        Some(to) => Some(selector::destinations(model, std::slice::from_ref(to))?),
        None => None,
    };
    let mut restriction = Set::FULL;
    if let Some(host) = &parameters.host {
        let host = model.graph.names.canonical(host);
        let named = solver.sets.exact(solver.layout.host, &host).unwrap_or(Set::EMPTY);
        restriction = solver.sets.and(restriction, named);
    }
    let reaching = match &ends {
        Some(ends) => rows::reaching(graph, ends),
        // Without a destination: every class of destination but services, which have a question
        // of their own.
        None if everything(parameters) => {
            let outside = |end: &ResourceId| CLASSES.contains(&graph.resource(*end).kind);
            let ends: Vec<ResourceId> = selector::ends(graph).into_iter().filter(outside).collect();
            rows::reaching(graph, &ends)
        }
        None => Reaching::everything(graph),
    };
    // Who sends is asked by services alone; to other ends, those that leave by the same way are
    // followed as one.
    let asks_who = |end: &ResourceId| !CLASSES.contains(&graph.resource(*end).kind);
    let told_apart = match &ends {
        Some(ends) => ends.iter().any(asks_who),
        None => !everything(parameters),
    };
    let groups = if told_apart {
        (0..from.len()).map(|at| vec![at]).collect()
    } else {
        alike::groups(graph, &from)
    };
    let mut list: Vec<Way> = Vec::new();
    for members in groups {
        let Some(&first) = members.first() else { continue };
        let source = &graph.sources[from[first].source];
        let start = Current::start(source.origin);
        let there = destinations(model, parameters, source.resolver as usize);
        let there = match there {
            Some(ranges) => solver.ranges(solver.layout.destination, &ranges),
            None => Set::FULL,
        };
        let filtered = rows::filtered(model, solver, &RequestFilter::default())?;
        let sent = if members.len() == 1 {
            rows::asked(model, solver, &from[first], &RequestFilter::default())?
        } else {
            solver.express(source.others, &start)
        };
        let requests = solver.sets.and_all(&[sent, filtered, restriction, there]);
        let (mut ways, mut lost) = (Ways::default(), Ways::default());
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            let to = match graph.outcome(flow.outcome) {
                Outcome::Delivered { to } => *to,
                // What goes round in circles may be meant for others than who is asked for.
                _ if ends.is_some() => return,
                _ if solver.sets.is_empty(flow.passing) => {
                    return add(&mut lost, solver, first, source.resource, flow);
                }
                // What ends without a destination is listed under the sender's own name.
                _ => source.resource,
            };
            add(&mut ways, solver, first, to, flow);
        };
        solver.flow(source, requests, Mode::Blocked, reaching.clone(), &mut visitor);
        // Where nothing has got so far, what was refused before is all that there is to tell.
        let told = |way: &Way| !everything(parameters) || way.row.to == source.resource;
        if !ways.list.iter().any(told) {
            ways.list.append(&mut lost.list);
        }
        if members.len() > 1 {
            for &member in &members[1..] {
                let own = &graph.sources[from[member].source];
                let callers = solver.express(own.callers, &start);
                let turned = alike::counterparts(graph, source, own);
                list.extend(ways.list.iter().filter_map(|way| {
                    let requests = solver.sets.and(way.row.requests, callers);
                    let ends_here = way.row.to == source.resource;
                    let to = if ends_here { own.resource } else { way.row.to };
                    (requests != Set::EMPTY).then(|| way.of_another(member, to, requests, &turned))
                }));
            }
            let callers = solver.express(source.callers, &start);
            for way in &mut ways.list {
                way.row.requests = solver.sets.and(way.row.requests, callers);
            }
            ways.list.retain(|way| way.row.requests != Set::EMPTY);
        }
        list.append(&mut ways.list);
    }
    if let Some(ends) = &ends {
        // What ends before anything that leads there.
        let found: Vec<Row> = list.iter().map(|way| way.row.clone()).collect();
        let filter = RequestFilter::default();
        let lost = reach::dead_ends(model, solver, &from, ends, &filter, &found)?;
        list.extend(lost.into_iter().map(|row| Way { row, address: None }));
    }
    Ok((from, list))
}

/// What a table of all destinations has.
const CLASSES: &[ResourceKind] = &[
    ResourceKind::Internet,
    ResourceKind::External,
    ResourceKind::Api,
    ResourceKind::Onprem,
    ResourceKind::Vm,
    ResourceKind::WorkerPool,
    ResourceKind::SqlInstance,
    ResourceKind::RedisInstance,
    ResourceKind::Peering,
    ResourceKind::NccSpoke,
];

/// How many addresses a summary names.
const SHOWN: usize = 6;

/// Whether no destination is named.
fn everything(parameters: &Parameters) -> bool {
    parameters.to.is_none() && parameters.host.is_none() && parameters.ip.is_none()
}

type Key = (usize, ResourceId, Option<EntryId>, OutcomeId, Option<IpAddr>);

/// Ways in the order in which they were found.
#[derive(Default)]
struct Ways {
    list: Vec<Way>,
    index: HashMap<Key, usize, FxBuildHasher>,
}

fn add(ways: &mut Ways, solver: &mut Solver<'_>, from: usize, to: ResourceId, flow: &Flow<'_>) {
    let mut put = |solver: &mut Solver<'_>, outcome, requests: Set, blocks: &[Block]| {
        let address = flow.current.source;
        let key = (from, to, flow.entry, outcome, address);
        let next = ways.list.len();
        let at = *ways.index.entry(key).or_insert(next);
        match ways.list.get_mut(at) {
            Some(way) => way.row.requests = solver.sets.or(way.row.requests, requests),
            None => ways.list.push(Way {
                address,
                row: Row {
                    from,
                    to,
                    entry: flow.entry,
                    outcome,
                    guard: None,
                    requests,
                    hops: flow.hops.to_vec(),
                    blocks: blocks.to_vec(),
                },
            }),
        }
    };
    if !solver.sets.is_empty(flow.passing) {
        put(solver, flow.outcome, flow.passing, &[]);
    }
    for refusal in flow.refusals {
        put(solver, refusal.outcome, refusal.requests, flow.blocks);
    }
}

/// The address that a question names, itself or as a host.
fn literal(parameters: &Parameters) -> Option<IpAddr> {
    let host = || parameters.host.as_deref()?.trim_matches(['[', ']']).parse().ok();
    parameters.ip.or_else(host)
}

/// The addresses that a question is about, where a resolver answers for a host; nothing if any will
/// do.
fn destinations(model: &Model, parameters: &Parameters, resolver: usize) -> Option<Vec<IpNet>> {
    let graph = &model.graph;
    if let Some(address) = parameters.ip {
        return Some(vec![address.into()]);
    }
    let host = graph.names.canonical(parameters.host.as_deref()?);
    let resolver = &graph.resolvers[resolver];
    let answer = resolver.resolve(&host).map(|rule| &rule.answer);
    match answer {
        Some(NameAnswer::Addresses(ranges)) => Some(ranges.clone()),
        // The gate of names tells of it.
        Some(NameAnswer::Nonexistent | NameAnswer::Unanswered) => None,
        Some(NameAnswer::Unknown) | None => Some(resolver.tried(&graph.public_addresses(&host))),
    }
}

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let mut named_so = parameters.clone();
    if let Some(host) = parameters.to.as_deref().and_then(selector::api_host)
        && parameters.host.is_none()
    {
        named_so.host = Some(host.to_string());
        named_so.to = Some(selector::APIS.to_string());
    }
    let parameters = &named_so;
    if let Some(address) = literal(parameters) {
        on_some_network(address.into())?;
    }
    let mut extra = Extra::default();
    extra.ports.extend([80, 443]);
    for resolver in 0..graph.resolvers.len() {
        extra.destinations.extend(destinations(model, parameters, resolver).into_iter().flatten());
    }
    extra.hosts.extend(parameters.host.iter().map(|host| graph.names.canonical(host)));
    let mut solver = Solver::within(graph, Layout::new(graph, &extra).into());
    let (from, ways) = solve(model, &mut solver, parameters)?;
    let everything = everything(parameters);
    let delivered = |way: &Way| matches!(graph.outcome(way.row.outcome), Outcome::Delivered { .. });
    let arriving = paths::requests(ways.iter().filter(|way| delivered(way)).map(|way| &way.row));
    let (found, flips) = verdict::verdict(&mut solver, &arriving);
    let all = paths::requests(ways.iter().map(|way| &way.row));
    let consulted = verdict::assumptions_in(&solver.layout, &solver.sets, &all);

    // What some requests to a destination are refused is noise where others arrive.
    let entered: HashSet<ResourceId, FxBuildHasher> =
        ways.iter().filter(|way| delivered(way)).map(|way| way.row.to).collect();
    // A party that does not admit the sender has seen its address all the same.
    let seen = |way: &Way| {
        let cause = paths::outcome(graph, way.row.outcome).cause;
        delivered(way) || cause == Some("DESTINATION_NOT_ADMITTED")
    };
    // So is what has no address of the other side's version, where something else is sent.
    let aborted = |way: &Way| matches!(graph.outcome(way.row.outcome), Outcome::Aborted { .. });
    let sent: HashSet<ResourceId, FxBuildHasher> =
        ways.iter().filter(|way| !aborted(way)).map(|way| way.row.to).collect();
    let noise =
        |way: &Way| entered.contains(&way.row.to) || aborted(way) && sent.contains(&way.row.to);
    let listed = |way: &Way| seen(way) || !noise(way);
    let mut describer = Describer::new(model, Arc::clone(&solver.layout));
    let mut copied = Copied::default();
    let mut addresses: Vec<EgressAddress> = Vec::new();
    for way in ways.iter().filter(|way| seen(way)) {
        let requests = describer.sets.copy(&solver.sets, way.row.requests, &mut copied);
        note_address(graph, &mut describer, &mut addresses, way, delivered(way), requests);
    }
    let mut rows: Vec<Row> = ways.into_iter().filter(listed).map(|way| way.row).collect();
    rows.sort_by_cached_key(|row| {
        let kind = paths::outcome(graph, row.outcome).kind;
        (kind, graph.resource(row.to).to_string(), paths::entry_of(graph, row), row.from)
    });
    let found = (!everything).then_some(found);
    // What has no destination ends where the question names one.
    let named = named(parameters);
    Ok(Answer {
        question: asked(parameters),
        summary: summary(graph, parameters, found, &addresses, &rows),
        verdict: found,
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths: Listing::new(model, solver, from, rows).into_paths(move |path| {
            if path.outcome.kind != OutcomeKind::Delivered
                && path.to == path.from
                && let Some(named) = &named
            {
                path.to.clone_from(named);
            }
        }),
        egress_addresses: addresses,
        exposure: None,
        assumptions: verdict::show(graph, &consulted, &flips),
        findings: Vec::new(),
        at: model.at,
    })
}

/// Adds the address by which a way arrives.
fn note_address(
    graph: &Graph,
    describer: &mut Describer<'_>,
    addresses: &mut Vec<EgressAddress>,
    way: &Way,
    delivered: bool,
    requests: Set,
) {
    let hop_of = |kinds: &[HopKind]| {
        way.row
            .hops
            .iter()
            .map(|hop| graph.hop(*hop))
            .rfind(|hop| kinds.contains(&hop.kind))
            .map(|hop| (graph.resource(hop.resource).to_string(), hop.rule))
    };
    let (address, label, name, cause, stability, rule) = match way.address {
        None => {
            // Of several addresses that the sender may have, none is stable (EGR-042).
            let axis = describer.layout.source;
            let own = describer.sets.onto(requests, axis);
            let values = describer.sets.axis_values(own, axis);
            let words = field_words(graph, &describer.layout, values, axis).unwrap_or_default();
            let single = words.parse::<IpAddr>().is_ok();
            let label = if single { words } else { format!("an address of {words}") };
            let address = single.then(|| label.clone());
            // IPv6 goes out as it is: a machine keeps its address, Cloud Run only its range.
            match hop_of(&[HopKind::ExternalIpv6]) {
                Some((name, rule)) => {
                    let stability = if single { "static" } else { "subnet-range" };
                    (address, label, Some(name), "external-ipv6", stability, rule)
                }
                None => (address, label, None, "internal", "internal", RuleId::egr(24)),
            }
        }
        Some(address) => {
            let known = graph.placeholders.label(address);
            let exact = known.is_none().then(|| address.to_string());
            let label = known.map_or_else(|| address.to_string(), str::to_string);
            let automatic = label.contains("Google allocates");
            let stability = if automatic { "automatic" } else { "static" };
            match hop_of(&[HopKind::CloudNat]) {
                _ if address == IpAddr::V4(Placeholders::SHARED_POOL) => {
                    (None, label, None, "shared-pool", "shared-pool", RuleId::egr(4))
                }
                Some((nat, _)) => {
                    (exact, label, Some(nat), "cloud-nat", stability, RuleId::egr(58))
                }
                None if address.is_ipv6() && hop_of(&[HopKind::ExternalIpv6]).is_some() => {
                    let name = hop_of(&[HopKind::ExternalIpv6]).map(|(name, _)| name);
                    (exact, label, name, "external-ipv6", "static", RuleId::egr(18))
                }
                None if let Some((nat, rule)) =
                    hop_of(&[HopKind::HybridNat, HopKind::PrivateNat]) =>
                {
                    (exact, label, Some(nat), "private-nat", "internal", rule)
                }
                None => {
                    let name = hop_of(&[HopKind::ExternalAddress]).map(|(name, _)| name);
                    (exact, label, name, "external-address", "static", RuleId::egr(71))
                }
            }
        }
    };
    let sometimes =
        delivered && verdict::sometimes(&describer.layout, &mut describer.sets, requests);
    let to = graph.resource(way.row.to).to_string();
    match addresses.iter_mut().find(|known| known.label == label && known.cause == cause) {
        Some(known) => {
            known.sometimes &= sometimes;
            if !known.to.contains(&to) {
                known.to.push(to);
            }
        }
        None => addresses.push(EgressAddress {
            address,
            label,
            name,
            cause,
            stability,
            rule,
            to: vec![to],
            sometimes,
        }),
    }
}

/// What the question is about, as it names it.
fn named(parameters: &Parameters) -> Option<String> {
    let address = || parameters.ip.map(|ip| ip.to_string());
    parameters.to.clone().or_else(|| parameters.host.clone()).or_else(address)
}

fn asked(parameters: &Parameters) -> Asked {
    let mut list = vec![("from", vec![parameters.from.clone()])];
    list.extend(parameters.to.iter().map(|to| ("to", vec![to.clone()])));
    list.extend(parameters.host.iter().map(|host| ("host", vec![host.clone()])));
    list.extend(parameters.ip.iter().map(|ip| ("ip", vec![ip.to_string()])));
    Asked { kind: "egress", parameters: list }
}

fn summary(
    graph: &Graph,
    parameters: &Parameters,
    found: Option<Verdict>,
    addresses: &[EgressAddress],
    rows: &[Row],
) -> String {
    let from = &parameters.from;
    let to = named(parameters).unwrap_or_else(|| "the outside".into());
    let seen = match addresses {
        [] => String::new(),
        [one] => match &one.name {
            Some(name) => format!("{} ({name}, {})", one.label, one.stability),
            None => one.label.clone(),
        },
        several => {
            let all: Vec<&str> =
                several.iter().take(SHOWN).map(|each| each.label.as_str()).collect();
            let more = match several.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("one of {}{more}", all.join(", "))
        }
    };
    let causes = || {
        let cause = |row: &Row| paths::outcome(graph, row.outcome).cause;
        let mut causes: Vec<&str> = rows.iter().filter_map(cause).collect();
        causes.sort_unstable();
        causes.dedup();
        causes.join(", ")
    };
    match found {
        Some(Verdict::No) => format!("no: nothing from {from} arrives at {to} ({})", causes()),
        Some(Verdict::Depends) => {
            format!("depends: {to} sees {seen} as the source, under assumptions")
        }
        Some(Verdict::Yes) => format!("yes: {to} sees {from} as {seen}"),
        None if addresses.is_empty() => {
            format!("nothing from {from} leaves Google Cloud ({})", causes())
        }
        None => format!("{from} is seen as {seen}"),
    }
}
