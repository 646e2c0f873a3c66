//! Paths of a question before they are put into words: one row for each source, end, entry, outcome,
//! and the guards and forwarding machines on the way.

use std::sync::Arc;

use hashbrown::HashMap;
use ipnet::IpNet;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::answer::GuardState;
use super::guard::{self, NameOnly, Passed};
use super::model::Only;
use super::model::on_some_network;
use super::selector::SelectedSender;
use super::{AskError, Model, RequestFilter};
use crate::graph::{
    Body, ConditionId, EntryId, Graph, HopId, HopKind, NameAnswer, Outcome, OutcomeId, ResourceId,
    Source,
};
use crate::sets::{Axis, Copied, Set, Sets};
use crate::solve::{Block, Current, Flow, Layout, Mode, Reaching, Solver, protocol_index};
use crate::topology::firewall::Protocol;

/// Paths of one source, end, entry and outcome that pass the same guards and forwarding machines,
/// together.
#[derive(Debug, Clone)]
pub struct Row {
    /// The source, an index into the question's sources.
    pub from: usize,
    /// The end.
    pub to: ResourceId,
    /// The entry.
    pub entry: Option<EntryId>,
    /// The outcome.
    pub outcome: OutcomeId,
    /// Whether the guard that is asked for stands on it, and why.
    pub guard: Option<(GuardState, NameOnly)>,
    /// The requests.
    pub requests: Set,
    /// The hops of the first of the paths.
    pub hops: Vec<HopId>,
    /// The gates that stop something on it, for a row that is refused.
    pub blocks: Vec<Block>,
}

/// What is asked of every path.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Only these requests.
    pub filter: RequestFilter,
    /// Hops of the guard, by index.
    pub guard: Option<Vec<bool>>,
    /// Hops of which a path must pass one, by index.
    pub via: Option<Vec<bool>>,
    /// Hops that a path may not pass, by index.
    pub avoid: Option<Vec<bool>>,
    /// Whether what is refused is listed, too.
    pub refused: bool,
    /// Whether that includes the paths and methods that no service ever gets.
    pub reserved: bool,
}

/// The kind of hop that refuses what no service ever gets.
const RESERVED: HopKind = HopKind::ReservedPaths;

/// What tells rows apart; the last number stands for the guards and forwarding machines.
type Key = (usize, ResourceId, Option<EntryId>, OutcomeId, Option<GuardState>, u32);

/// Rows in the order in which their first path was found.
struct Rows<'l> {
    rows: Vec<Row>,
    index: HashMap<Key, usize, FxBuildHasher>,
    passed: Passed<'l>,
}

impl<'l> Rows<'l> {
    fn new(labels: &'l [u32]) -> Self {
        Rows { rows: Vec::new(), index: HashMap::default(), passed: Passed::new(labels) }
    }

    fn add(
        &mut self,
        solver: &mut Solver<'_>,
        key: Key,
        requests: Set,
        make: impl FnOnce() -> Row,
    ) {
        match self.index.get(&key) {
            Some(&at) => {
                let row = &mut self.rows[at];
                row.requests = solver.sets.or(row.requests, requests);
            }
            None => {
                self.index.insert(key, self.rows.len());
                self.rows.push(make());
            }
        }
    }
}

/// Marks hops by index.
pub fn marked(graph: &Graph, hops: &[HopId]) -> Vec<bool> {
    let mut marked = vec![false; graph.hops.node_count()];
    for hop in hops {
        marked[hop.index()] = true;
    }
    marked
}

/// The hops that end at one of these resources.
pub fn reaching(graph: &Graph, ends: &[ResourceId]) -> Reaching {
    let mut wanted = vec![false; graph.resources.len()];
    for end in ends {
        wanted[end.0 as usize] = true;
    }
    Reaching::new(graph, |hop| match &graph.hop(hop).body {
        Body::Terminal(outcome) => match graph.outcome(*outcome) {
            Outcome::Delivered { to } => wanted[to.0 as usize],
            _ => false,
        },
        _ => false,
    })
}

/// The requests that a question is about: what the source sends, restricted by the filter.
pub fn asked(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &SelectedSender,
    filter: &RequestFilter,
) -> Result<Set, AskError> {
    let source = &model.graph.sources[from.source];
    let mut set = solver.sent(source);
    let restriction = filtered(model, solver, filter)?;
    set = solver.sets.and(set, restriction);
    if let Some(class) = from.principal {
        let only = solver.sets.one_of(solver.layout.principal, &[class]);
        set = solver.sets.and(set, only.unwrap_or(Set::EMPTY));
    }
    Ok(set)
}

/// Refuses a filter that keeps no request of any of the sources: what is asked of none would be
/// answered `no`.
pub fn sendable(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    filter: &RequestFilter,
) -> Result<(), AskError> {
    let names = || {
        let names: Vec<String> =
            from.iter().map(|each| format!("`{}`", each.name(&model.graph))).collect();
        names.join(", ")
    };
    if let Some(range) = filter.source_ip {
        on_some_network(range)?;
        let axis = solver.layout.source;
        let wanted = solver.ranges(axis, &[range]);
        let can_be = from.iter().any(|each| {
            let sent = solver.sent(&model.graph.sources[each.source]);
            solver.sets.intersects(sent, wanted)
        });
        if !can_be {
            return Err(AskError {
                message: format!("{} cannot send from `{range}`", names()),
                help: Some("`portolan show` prints the addresses of a source".into()),
            });
        }
    }
    if filter.shown().is_empty() {
        return Ok(());
    }
    for each in from {
        let asked = asked(model, solver, each, filter)?;
        if !solver.sets.is_empty(asked) {
            return Ok(());
        }
    }
    Err(AskError {
        message: format!("{} sends no request that the question is about", names()),
        help: Some(
            "what restricts it asks for what the source never sends, or excludes itself; \
             `portolan show` prints what a source sends"
                .into(),
        ),
    })
}

pub(super) fn filtered(
    model: &Model,
    solver: &mut Solver<'_>,
    filter: &RequestFilter,
) -> Result<Set, AskError> {
    let layout = std::sync::Arc::clone(&solver.layout);
    filter.validate()?;
    let mut parts: Vec<Set> = Vec::new();
    let mut add = |set: Result<Set, crate::sets::Undeclared>| parts.push(set.unwrap_or(Set::EMPTY));
    if let Some(host) = &filter.host {
        add(solver.sets.exact(layout.host, &model.graph.names.canonical(host)));
    }
    if let Some(path) = &filter.path {
        add(match path.strip_suffix('*') {
            Some("") => Ok(Set::FULL),
            Some(prefix) => solver.sets.prefix(layout.path, prefix),
            None => solver.sets.exact(layout.path, path),
        });
    }
    let protocol = filter.protocol.unwrap_or(Protocol::Tcp);
    if filter.only.is_none() {
        add(solver.sets.one_of(layout.protocol, &[protocol_index(protocol)]));
    }
    if let Some(port) = filter.port {
        add(solver.sets.number_ranges(layout.port, &[(port.into(), port.into())]));
    }
    if let Some(method) = &filter.method {
        add(solver.sets.exact(layout.method, &method.to_ascii_uppercase()));
    }
    if let Some(range) = filter.source_ip {
        on_some_network(range)?;
        let set = solver.ranges(layout.source, &[range]);
        add(Ok(set));
    }
    if let Some(region) = &filter.region {
        let region = region.to_uppercase();
        let index = layout.regions.iter().position(|each| **each == *region).unwrap_or(0);
        add(solver.sets.one_of(layout.region, &[index as u32]));
    }
    for (name, holds) in &filter.conditions {
        let at = condition(&model.graph, name)?;
        let has = solver.sets.flag(layout.conditions[at.0 as usize]);
        add(if *holds { has } else { has.map(|has| solver.sets.not(has)) });
    }
    if let Some(Only { request, destination }) = &filter.only {
        let kept = |axis: &Axis| {
            layout.assumptions.binary_search(axis).is_err()
                && layout.choices.binary_search(axis).is_err()
                && (*destination || *axis != layout.destination)
        };
        let axes: Vec<Axis> = layout.space.axes().filter(kept).collect();
        add(Ok(solver.sets.alike(&layout.point(request), &axes)));
    }
    if let Some(principal) = &filter.principal {
        let class = principal_class(&model.graph, principal)?;
        add(solver.sets.one_of(layout.principal, &[class]));
    }
    Ok(solver.sets.and_all(&parts))
}

/// The condition of a name.
pub fn condition(graph: &Graph, name: &str) -> Result<ConditionId, AskError> {
    let index = graph.conditions.iter().position(|each| each.to_string() == name);
    index.map(|index| ConditionId(index as u32)).ok_or_else(|| {
        let known: Vec<String> = graph.conditions.iter().map(ToString::to_string).collect();
        AskError {
            message: format!("no rule asks for the condition `{name}`"),
            help: crate::source::nearest(name, known.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?")),
        }
    })
}

/// The class of `anonymous` or of an IAM member string.
pub fn principal_class(graph: &Graph, principal: &str) -> Result<u32, AskError> {
    if matches!(principal, "anonymous" | "allUsers") {
        return Ok(crate::graph::identity::Identities::ANONYMOUS);
    }
    if matches!(principal, "any account" | "allAuthenticatedUsers") {
        return Ok(crate::graph::identity::Identities::ANY_ACCOUNT);
    }
    super::selector::identity(graph, principal).ok_or_else(|| AskError {
        message: format!("`{principal}` is not a principal"),
        help: Some(
            "write `anonymous`, or a member such as `user:…`, `serviceAccount:…`, `group:…`".into(),
        ),
    })
}

/// What a filter asks of the axes, for the layout of a solver.
pub fn extra(model: &Model, filter: &RequestFilter) -> crate::solve::Extra {
    let mut extra = crate::solve::Extra::default();
    extra.hosts.extend(filter.host.iter().map(|host| model.graph.names.canonical(host)));
    match filter.path.as_deref().map(|path| (path, path.strip_suffix('*'))) {
        Some((_, Some(prefix))) => extra.path_prefixes.push(prefix.into()),
        Some((path, None)) => extra.paths.push(path.into()),
        None => {}
    }
    extra.methods.extend(filter.method.iter().map(|method| method.to_ascii_uppercase()));
    extra.ports.extend(filter.port);
    extra.ports.extend([80, 443]);
    extra.sources.extend(filter.source_ip);
    extra.regions.extend(filter.region.clone());
    extra
}

/// The addresses that a host leads to where a resolver answers; nothing if it answers none, of which
/// the gate of names tells.
fn led(graph: &Graph, resolver: u32, host: &str) -> Option<Vec<IpNet>> {
    let resolver = &graph.resolvers[resolver as usize];
    match resolver.resolve(host).map(|rule| &rule.answer) {
        Some(NameAnswer::Addresses(ranges)) => Some(ranges.clone()),
        Some(NameAnswer::Nonexistent | NameAnswer::Unanswered) => None,
        Some(NameAnswer::Unknown) | None => Some(resolver.tried(&graph.public_addresses(host))),
    }
}

/// Adds what a host leads to to what a layout tells apart.
pub fn led_to(model: &Model, host: &str, extra: &mut crate::solve::Extra) {
    let graph = &model.graph;
    let host = graph.names.canonical(host);
    for resolver in 0..graph.resolvers.len() as u32 {
        extra.destinations.extend(led(graph, resolver, &host).into_iter().flatten());
    }
    extra.hosts.push(host);
}

/// The requests of a source that go where a host leads.
pub fn led_by(model: &Model, solver: &mut Solver<'_>, source: &Source, host: &str) -> Set {
    let graph = &model.graph;
    let host = graph.names.canonical(host);
    let there = |solver: &mut Solver<'_>, resolver: u32| match led(graph, resolver, &host) {
        Some(ranges) => solver.ranges(solver.layout.destination, &ranges),
        None => Set::FULL,
    };
    let usually = there(solver, source.resolver);
    let Some((when, other)) = source.other_resolver else { return usually };
    let otherwise = there(solver, other);
    let when = solver.express(when, &Current::start(source.origin));
    let (one, other) = (solver.sets.minus(usually, when), solver.sets.and(otherwise, when));
    solver.sets.or(one, other)
}

/// Follows the requests of every source to some ends, and gathers what arrives, and what is refused
/// if the search wants that.
pub fn search(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &Search,
) -> Result<Vec<Row>, AskError> {
    search_labelled(model, solver, from, to, search, &guard::labels(&model.graph))
}

fn search_labelled(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &Search,
    labels: &[u32],
) -> Result<Vec<Row>, AskError> {
    let reaching = reaching(&model.graph, to);
    let mut rows = Rows::new(labels);
    for (at, each) in from.iter().enumerate() {
        let requests = asked(model, solver, each, &search.filter)?;
        let source = &model.graph.sources[each.source];
        let mode = if search.refused { Mode::Blocked } else { Mode::Arriving };
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            gather(&mut rows, solver, search, at, flow);
        };
        solver.flow(source, requests, mode, reaching.clone(), &mut visitor);
    }
    Ok(rows.rows)
}

/// How many ends are solved for at a time at most where all gates in the way are followed, which
/// takes the most memory.
const SHARE: usize = 1024;
/// How many ends are worth a thread.
const WORTH: usize = 64;

/// Searches as [`search`] does, the ends shared out between threads. Of each share only the rows
/// that are `wanted` are left, with their sets; what else solving it took is gone.
pub fn search_shared(
    model: &Model,
    sets: &mut Sets,
    layout: &Arc<Layout>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &Search,
    wanted: impl Fn(&Row) -> bool + Sync,
) -> Result<Vec<Row>, AskError> {
    let threads = rayon::current_num_threads().max(1);
    let most = if search.refused { SHARE } else { usize::MAX };
    let share = to.len().div_ceil(threads).clamp(WORTH, most);
    let labels = guard::labels(&model.graph);
    let mut rows = Vec::new();
    for to in to.chunks(share.saturating_mul(threads)) {
        let solved: Vec<Result<(Sets, Vec<Row>), AskError>> = to
            .par_chunks(share)
            .map(|to| {
                let mut solver = Solver::within(&model.graph, Arc::clone(layout));
                let mut rows = search_labelled(model, &mut solver, from, to, search, &labels)?;
                rows.retain(&wanted);
                Ok((solver.sets, rows))
            })
            .collect();
        for part in solved {
            let (own, part) = part?;
            let mut copied = Copied::default();
            rows.extend(part.into_iter().map(|mut row| {
                row.requests = sets.copy(&own, row.requests, &mut copied);
                row
            }));
        }
    }
    Ok(rows)
}

fn gather(
    rows: &mut Rows<'_>,
    solver: &mut Solver<'_>,
    search: &Search,
    from: usize,
    flow: &Flow<'_>,
) {
    let graph = solver.graph;
    let Some(to) = flow.to else { return };
    let passes = |marks: &Vec<bool>| flow.hops.iter().any(|hop| marks[hop.index()]);
    if search.via.as_ref().is_some_and(|via| !passes(via))
        || search.avoid.as_ref().is_some_and(&passes)
    {
        return;
    }
    let guard = search.guard.as_ref().map(|marks| guard::state(solver, marks, flow));
    let state = guard.map(|(state, _)| state);
    let passed = rows.passed.number(flow.hops);
    let row = |outcome, requests, blocks: &[Block]| Row {
        from,
        to,
        entry: flow.entry,
        outcome,
        guard,
        requests,
        hops: flow.hops.to_vec(),
        blocks: blocks
            .iter()
            .filter(|block| search.reserved || graph.hop(block.hop).kind != RESERVED)
            .cloned()
            .collect(),
    };
    if !solver.sets.is_empty(flow.passing) {
        let key = (from, to, flow.entry, flow.outcome, state, passed);
        rows.add(solver, key, flow.passing, || row(flow.outcome, flow.passing, &[]));
    }
    for refusal in flow.refusals {
        // What no service ever gets is worth a line only where everything refused is asked for.
        if !search.reserved && graph.hop(refusal.hop).kind == RESERVED {
            continue;
        }
        let key = (from, to, flow.entry, refusal.outcome, state, passed);
        rows.add(solver, key, refusal.requests, || {
            row(refusal.outcome, refusal.requests, flow.blocks)
        });
    }
}
