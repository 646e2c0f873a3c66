//! `egress`: under which addresses does a sender arrive?

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::answer::{
    self, AddressCause, Answer, AnswerBody as Answered, AnswerHead, AskedQuestion, Destination,
    EgressAddress, EgressAnswer, EgressTarget, OutcomeKind, QuestionKind, Seen, Sender, Stability,
};
use super::describe::Describer;
use super::guard::{self, Passed};
use super::model::on_some_network;
use super::path_class::PathClass;
use super::paths::Listing;
use super::selector::{self, SelectedSender};
use super::verdict::Counting;
use super::{
    AskError, Model, RequestFilter, Scope, completeness, reach, requests, source_class, steps,
    verdict,
};
use crate::graph::{
    EntryId, Graph, HopId, HopKind, Outcome, OutcomeId, Placeholder, Placeholders, ResourceId,
    ResourceKind, Source,
};
use crate::rules::RuleId;
use crate::sets::{AxisValues, Copied, Set, address};
use crate::solve::{Block, Current, Flow, Layout, Mode, Reaching, Solver};

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
    /// Only these requests; its host is not looked at.
    pub filter: RequestFilter,
}

/// A way out, before it is put into words.
#[derive(Debug, Clone)]
pub struct EgressWay {
    /// The path.
    pub class: PathClass,
    /// The address that the other side sees; none if it is the caller's own.
    pub address: Option<IpAddr>,
}

impl EgressWay {
    /// The same way of a source that leaves as this one does.
    fn of_another(
        &self,
        from: usize,
        to: ResourceId,
        requests: Set,
        turned: &HashMap<HopId, HopId, FxBuildHasher>,
    ) -> EgressWay {
        let turn = |hop: HopId| turned.get(&hop).copied().unwrap_or(hop);
        let class = &self.class;
        let hops = class.hops.iter().map(|hop| turn(*hop)).collect();
        let blocks =
            class.blocks.iter().map(|block| Block { hop: turn(block.hop), ..block.clone() });
        let blocks = blocks.collect();
        EgressWay {
            address: self.address,
            class: PathClass { from, to, requests, hops, blocks, ..class.clone() },
        }
    }
}

/// Solves it, without putting anything into words.
pub fn solve(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
) -> Result<(Vec<SelectedSender>, Vec<EgressWay>), AskError> {
    let graph = &model.graph;
    let from = selector::sources(model, std::slice::from_ref(&parameters.from))?;
    let ends = ends(model, parameters)?;
    let filter = RequestFilter { host: None, ..parameters.filter.clone() };
    requests::sendable(model, solver, &from, &filter)?;
    let mut restriction = Set::FULL;
    if let Some(host) = &parameters.host {
        let host = model.graph.names.canonical(host);
        let named = solver.sets.exact(solver.layout.host, &host).unwrap_or(Set::EMPTY);
        restriction = solver.sets.and(restriction, named);
    }
    let reaching = match &ends {
        Some(ends) => selector::reaching(graph, ends),
        // Without a destination: every class of destination but services, which have a question
        // of their own.
        None if everything(parameters) => selector::reaching(graph, &outside(graph)),
        None => Reaching::everything(graph),
    };
    // Who sends is asked by services alone; to other ends, those that leave by the same way are
    // followed as one.
    let asks_who = |end: &ResourceId| !CLASSES.contains(&graph.resource(*end).kind);
    let distinguished = match &ends {
        Some(ends) => ends.iter().any(asks_who),
        None => !everything(parameters),
    };
    let groups = if distinguished {
        (0..from.len()).map(|at| vec![at]).collect()
    } else {
        source_class::groups(graph, &from)
    };
    let labels = guard::labels(graph);
    let filtered = requests::filtered(model, solver, &filter)?;
    let mut list: Vec<EgressWay> = Vec::new();
    for members in groups {
        let Some(&first) = members.first() else { continue };
        let source = &graph.sources[from[first].source];
        let start = Current::start(source.origin);
        let there = destined(model, solver, parameters, source);
        let sent = if members.len() == 1 {
            requests::asked(model, solver, &from[first], &filter)?
        } else {
            solver.express(source.others, &start)
        };
        let requests = solver.sets.and_all(&[sent, filtered, restriction, there]);
        let (mut ways, mut lost) = (Ways::new(&labels), Ways::new(&labels));
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            let to = match flow.to {
                Some(to) => to,
                // What goes round in circles may be meant for others than who is asked for.
                None if ends.is_some() => return,
                None if solver.sets.is_empty(flow.passing) => {
                    return add(&mut lost, solver, first, source.resource, flow);
                }
                // What ends without a destination is listed under the sender's own name.
                None => source.resource,
            };
            add(&mut ways, solver, first, to, flow);
        };
        solver.flow(source, requests, Mode::Blocked, reaching.clone(), &mut visitor);
        // Where nothing has got so far, what was refused before is all that there is to tell.
        let listed = |way: &EgressWay| !everything(parameters) || way.class.to == source.resource;
        if !ways.list.iter().any(listed) {
            ways.list.append(&mut lost.list);
        }
        if members.len() > 1 {
            for &member in &members[1..] {
                let own = &graph.sources[from[member].source];
                let callers = solver.express(own.callers, &start);
                let turned = source_class::counterparts(graph, source, own);
                list.extend(ways.list.iter().filter_map(|way| {
                    let requests = solver.sets.and(way.class.requests, callers);
                    let ends_here = way.class.to == source.resource;
                    let to = if ends_here { own.resource } else { way.class.to };
                    (requests != Set::EMPTY).then(|| way.of_another(member, to, requests, &turned))
                }));
            }
            let callers = solver.express(source.callers, &start);
            for way in &mut ways.list {
                way.class.requests = solver.sets.and(way.class.requests, callers);
            }
            ways.list.retain(|way| way.class.requests != Set::EMPTY);
        }
        list.append(&mut ways.list);
    }
    if let Some(ends) = &ends {
        // What ends before anything that leads there.
        let found: Vec<PathClass> = list.iter().map(|way| way.class.clone()).collect();
        let lost = reach::dead_ends(model, solver, &from, ends, &filter, &found)?;
        list.extend(lost.into_iter().map(|class| EgressWay { class, address: None }));
    }
    Ok((from, list))
}

/// The destinations that are named, if some are.
fn ends(model: &Model, parameters: &Parameters) -> Result<Option<Vec<ResourceId>>, AskError> {
    let to = parameters.to.as_ref();
    to.map(|to| selector::destinations(model, std::slice::from_ref(to))).transpose()
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

/// The ends that it has.
fn outside(graph: &Graph) -> Vec<ResourceId> {
    let outside = |end: &ResourceId| CLASSES.contains(&graph.resource(*end).kind);
    selector::ends(graph).into_iter().filter(outside).collect()
}

/// Whether no destination is named.
fn everything(parameters: &Parameters) -> bool {
    parameters.to.is_none() && parameters.host.is_none() && parameters.ip.is_none()
}

/// What tells ways apart; the last number stands for the guards and forwarding machines.
type WayKey = (usize, ResourceId, Option<EntryId>, OutcomeId, Option<IpAddr>, u32);

/// Ways in the order in which they were found.
struct Ways<'l> {
    list: Vec<EgressWay>,
    index: HashMap<WayKey, usize, FxBuildHasher>,
    passed: Passed<'l>,
}

impl<'l> Ways<'l> {
    fn new(labels: &'l [u32]) -> Self {
        Ways { list: Vec::new(), index: HashMap::default(), passed: Passed::new(labels) }
    }
}

fn add(ways: &mut Ways<'_>, solver: &mut Solver<'_>, from: usize, to: ResourceId, flow: &Flow<'_>) {
    let passed = ways.passed.number(flow.hops);
    let mut put = |solver: &mut Solver<'_>, outcome, requests: Set, blocks: &[Block]| {
        let address = flow.current.source;
        let key = (from, to, flow.entry, outcome, address, passed);
        let next = ways.list.len();
        let at = *ways.index.entry(key).or_insert(next);
        match ways.list.get_mut(at) {
            Some(way) => way.class.requests = solver.sets.or(way.class.requests, requests),
            None => ways.list.push(EgressWay {
                address,
                class: PathClass {
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

/// The requests to where a question sends from a source.
fn destined(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    source: &Source,
) -> Set {
    match (parameters.ip, &parameters.host) {
        (Some(address), _) => solver.destination(address),
        (None, Some(host)) => requests::led_by(model, solver, source, host),
        (None, None) => Set::FULL,
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
    let mut extra = requests::extra(model, &parameters.filter);
    extra.destinations.extend(parameters.ip.map(IpNet::from));
    if let Some(host) = &parameters.host {
        requests::led_to(model, host, &mut extra);
    }
    let mut solver = Solver::within(graph, Layout::new(graph, &extra).into());
    let (from, ways) = solve(model, &mut solver, parameters)?;
    let everything = everything(parameters);
    let delivered =
        |way: &EgressWay| matches!(graph.outcome(way.class.outcome), Outcome::Delivered { .. });
    let arriving = ways.iter().filter(|way| delivered(way)).map(|way| &way.class);
    let arriving = verdict::delivered(arriving);
    let mut found = verdict::overall(&mut solver, &arriving, Counting::Surely);
    let (to, all_of) = match ends(model, parameters)? {
        None if everything => (Some(outside(graph)), CLASSES.to_vec()),
        to => (to, selector::open_kinds(parameters.to.as_slice())),
    };
    if let (Some(to), Some(_)) = (&to, &parameters.to) {
        verdict::add_pairs(&mut found, &mut solver, &from, to, &arriving, Counting::Surely);
    }
    let selectors = [parameters.from.clone()];
    let scope = Scope {
        from: &from,
        selectors: Some(&selectors),
        to: to.as_deref(),
        all_of: &all_of,
        host: parameters.host.as_deref(),
        by_name: parameters.host.is_some(),
        ..Scope::default()
    };
    let completeness = completeness(model, &scope);
    let all: Vec<Set> = ways.iter().map(|way| way.class.requests).collect();
    let consulted = verdict::assumptions_in(&solver.layout, &solver.sets, &all);

    // What some requests to a destination are refused is noise where others arrive.
    let entered: HashSet<ResourceId, FxBuildHasher> =
        ways.iter().filter(|way| delivered(way)).map(|way| way.class.to).collect();
    let seen = |way: &EgressWay| graph.outcome(way.class.outcome).shows_sender();
    // So is what has no address of the other side's version, where something else is sent.
    let aborted =
        |way: &EgressWay| matches!(graph.outcome(way.class.outcome), Outcome::Aborted { .. });
    let sent: HashSet<ResourceId, FxBuildHasher> =
        ways.iter().filter(|way| !aborted(way)).map(|way| way.class.to).collect();
    let noise = |way: &EgressWay| {
        entered.contains(&way.class.to) || aborted(way) && sent.contains(&way.class.to)
    };
    let listed = |way: &EgressWay| seen(way) || !noise(way);
    let layout = Arc::clone(&solver.layout);
    let mut describer = Describer::new(model, Arc::clone(&layout));
    let mut copied = Copied::default();
    let mut addresses: Vec<EgressAddress> = Vec::new();
    for way in ways.iter().filter(|way| seen(way)) {
        let requests = describer.sets.copy(&solver.sets, way.class.requests, &mut copied);
        note_address(graph, &mut describer, &mut addresses, way, requests);
    }
    let mut classes: Vec<PathClass> =
        ways.into_iter().filter(listed).map(|way| way.class).collect();
    classes.sort_by_cached_key(|class| {
        let kind = answer::outcome(model, class.outcome).kind;
        let entry = class.entry.map(|entry| graph.entry(entry));
        (kind, graph.resource(class.to).to_string(), entry, class.from)
    });
    let outcomes: Vec<OutcomeId> = classes.iter().map(|class| class.outcome).collect();
    // What has no destination ends where the question names one.
    let to = match named(parameters) {
        Some(named) => EgressTarget::Named(named),
        None => EgressTarget::Anything,
    };
    let head = AnswerHead {
        model,
        layout,
        question: asked(parameters),
        completeness,
        assumptions: verdict::show(&consulted, &found.flips),
        findings: Vec::new(),
        at: model.at,
    };
    let target = to.clone();
    let body = EgressAnswer {
        to,
        found: (!everything).then_some(found),
        causes: steps::causes(graph, &outcomes),
        paths: Listing::new(model, solver, from, classes).into_paths(move |path| {
            let here = match &path.from {
                Sender::Resource(from) => path.to == Destination::Resource(*from),
                Sender::Identity(_) => false,
            };
            if path.outcome.kind != OutcomeKind::Delivered && here {
                path.to = match &target {
                    EgressTarget::Named(named) => Destination::Named(named.clone()),
                    EgressTarget::Anything => Destination::Elsewhere,
                };
            }
        }),
        addresses,
    };
    Ok(Answer { head, body: Answered::Egress(body) })
}

/// Adds the address by which a way arrives.
fn note_address(
    graph: &Graph,
    describer: &mut Describer<'_>,
    addresses: &mut Vec<EgressAddress>,
    way: &EgressWay,
    requests: Set,
) {
    let hop_of = |kinds: &[HopKind]| {
        way.class
            .hops
            .iter()
            .map(|hop| graph.hop(*hop))
            .rfind(|hop| kinds.contains(&hop.kind))
            .map(|hop| (hop.resource, hop.rule))
    };
    let (address, owner, cause, stability, rule) = match way.address {
        None => {
            // Of several addresses that the sender may have, none is stable (EGR-042).
            let axis = describer.layout.source;
            let own = describer.sets.onto(requests, axis);
            let values = describer.sets.axis_values(own, axis);
            let single = match &values {
                AxisValues::Addresses(ranges) => match ranges.as_slice() {
                    [(low, high)] if low == high => Some(address::address(*low)),
                    _ => None,
                },
                _ => None,
            };
            let seen = single.map_or(Seen::OneOf(axis, values), Seen::One);
            // IPv6 goes out as it is: a machine keeps its address, Cloud Run only its range.
            match hop_of(&[HopKind::ExternalIpv6]) {
                Some((owner, rule)) => {
                    let stays =
                        if single.is_some() { Stability::Static } else { Stability::SubnetRange };
                    (seen, Some(owner), AddressCause::ExternalIpv6, stays, rule)
                }
                None => {
                    let number = if hop_of(&[HopKind::PrivateGoogleAccess]).is_some() {
                        135
                    } else if hop_of(&[HopKind::DirectVpcEgress]).is_some() {
                        42
                    } else {
                        24
                    };
                    let rule = RuleId::egr(number);
                    (seen, None, AddressCause::Internal, Stability::Internal, rule)
                }
            }
        }
        Some(address) => {
            let allocated =
                matches!(graph.placeholders.what(address), Some(Placeholder::Allocated(_)));
            let stays = if allocated { Stability::Automatic } else { Stability::Static };
            let seen = Seen::One(address);
            match hop_of(&[HopKind::CloudNat]) {
                _ if address == IpAddr::V4(Placeholders::SHARED_POOL) => {
                    (seen, None, AddressCause::SharedPool, Stability::SharedPool, RuleId::egr(4))
                }
                Some((nat, _)) => (seen, Some(nat), AddressCause::CloudNat, stays, RuleId::egr(58)),
                None if let Some((owner, _)) = hop_of(&[HopKind::ExternalIpv6])
                    && address.is_ipv6() =>
                {
                    let rule = RuleId::egr(18);
                    (seen, Some(owner), AddressCause::ExternalIpv6, Stability::Static, rule)
                }
                None if let Some((nat, rule)) =
                    hop_of(&[HopKind::HybridNat, HopKind::PrivateNat]) =>
                {
                    (seen, Some(nat), AddressCause::PrivateNat, Stability::Internal, rule)
                }
                None => {
                    let owner = hop_of(&[HopKind::ExternalAddress]).map(|(owner, _)| owner);
                    let rule = RuleId::egr(71);
                    (seen, owner, AddressCause::ExternalAddress, Stability::Static, rule)
                }
            }
        }
    };
    let choices = verdict::chosen(&describer.layout, &mut describer.sets, requests);
    match addresses.iter_mut().find(|known| known.address == address && known.cause == cause) {
        Some(known) => {
            if choices.is_empty() {
                known.choices.clear();
            }
            if !known.to.contains(&way.class.to) {
                known.to.push(way.class.to);
            }
        }
        None => addresses.push(EgressAddress {
            address,
            owner,
            cause,
            stability,
            rule,
            to: vec![way.class.to],
            choices,
        }),
    }
}

/// What the question is about, as it names it.
fn named(parameters: &Parameters) -> Option<String> {
    let address = || parameters.ip.map(|ip| ip.to_string());
    parameters.to.clone().or_else(|| parameters.host.clone()).or_else(address)
}

fn asked(parameters: &Parameters) -> AskedQuestion {
    let mut list = vec![("from", vec![parameters.from.clone()])];
    list.extend(parameters.to.iter().map(|to| ("to", vec![to.clone()])));
    list.extend(parameters.host.iter().map(|host| ("host", vec![host.clone()])));
    list.extend(parameters.ip.iter().map(|ip| ("ip", vec![ip.to_string()])));
    list.extend(parameters.filter.shown().into_iter().filter(|(name, _)| *name != "host"));
    AskedQuestion { kind: QuestionKind::Egress, parameters: list }
}
