//! `reach`: can requests get from one place to another, and how?

use std::collections::BTreeMap;

use hashbrown::HashMap;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::answer::{Answer, Asked, Verdict};
use super::paths::Listing;
use super::rows::{self, Row, Search};
use super::{AskError, Model, RequestFilter, describe, paths, selector, verdict};
use crate::graph::identity::Identities;
use crate::graph::{Body, EntryId, HopId, Origin, Outcome, OutcomeId, ResourceId, Switch};
use crate::sets::Set;
use crate::solve::{Current, Flow, Layout, Mode, Reaching, Solver};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// From where.
    pub from: Vec<String>,
    /// To what.
    pub to: Vec<String>,
    /// Only paths over this.
    pub via: Option<String>,
    /// Only paths that do not pass this.
    pub avoid: Option<String>,
    /// Lists what is refused, too.
    pub refused: bool,
    /// Only these requests.
    pub filter: RequestFilter,
}

/// Solves it, without putting anything into words.
pub fn solve(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    refused: bool,
) -> Result<(Vec<selector::From>, Vec<Row>), AskError> {
    let graph = &model.graph;
    let from = selector::sources(model, &parameters.from)?;
    let to = selector::destinations(model, &parameters.to)?;
    let marks = |selector: &Option<String>| -> Result<Option<Vec<bool>>, AskError> {
        let Some(selector) = selector else { return Ok(None) };
        Ok(Some(rows::marked(graph, &selector::hops(model, selector)?)))
    };
    let search = Search {
        filter: parameters.filter.clone(),
        guard: None,
        via: marks(&parameters.via)?,
        avoid: marks(&parameters.avoid)?,
        refused,
        reserved: parameters.refused,
    };
    let mut found = rows::search(model, solver, &from, &to, &search)?;
    if refused && search.via.is_none() {
        let lost = dead_ends(model, solver, &from, &to, &parameters.filter, &found)?;
        found.extend(lost);
    }
    Ok((from, found))
}

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let mut named = parameters.clone();
    if let [only] = parameters.to.as_slice()
        && let (Some(host), None) = (selector::api_host(only), &parameters.filter.host)
    {
        named.filter.host = Some(host.to_string());
        named.to = vec![selector::APIS.to_string()];
    }
    let parameters = &named;
    let layout = Layout::new(graph, &rows::extra(model, &parameters.filter));
    let mut solver = Solver::within(graph, layout.into());
    let (from, arriving) = solve(model, &mut solver, parameters, false)?;
    let sets = paths::requests(&arriving);
    let (found, flips) = verdict::verdict(&mut solver, &sets);
    let mut rows = arriving;
    if parameters.refused || !verdict::by_default(&mut solver, &sets) {
        rows = solve(model, &mut solver, parameters, true)?.1;
    }
    rows.sort_by_cached_key(|row| {
        let name = &from[row.from].name;
        let to = graph.resource(row.to).to_string();
        (paths::outcome(graph, row.outcome), name.clone(), to, paths::entry_of(graph, row))
    });
    let sets = paths::requests(&rows);
    let consulted = verdict::assumptions_in(&solver.layout, &solver.sets, &sets);
    let summary = summary(parameters, found, &mut solver, &rows);
    Ok(Answer {
        question: asked(parameters),
        summary,
        verdict: Some(found),
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths: Listing::new(model, solver, from, rows).into_paths(|_| {}),
        egress_addresses: Vec::new(),
        exposure: None,
        assumptions: verdict::show(graph, &consulted, &flips),
        findings: Vec::new(),
        at: model.at,
    })
}

/// Requests by the entry that they are meant for.
type ByEntry = BTreeMap<Option<EntryId>, Set>;

/// Requests that concern a destination: what asks an address by which it is entered for a host and
/// a path that lead there.
fn concerning(solver: &mut Solver<'_>, reaching: &Reaching) -> ByEntry {
    let graph = solver.graph;
    let mut doors: Vec<(IpNet, HopId)> = Vec::new();
    for hop in graph.hops.node_weights() {
        let Body::Switch(Switch::Destination { ranges, .. }) = &hop.body else { continue };
        // Private ranges lead inside a network as a whole; they are no address of anything.
        let single = |(range, _): &&(IpNet, HopId)| range.prefix_len() == range.max_prefix_len();
        doors.extend(ranges.iter().filter(single).filter(|(_, next)| reaching.contains(*next)));
    }
    doors.sort_unstable();
    doors.dedup();
    let mut known = HashMap::default();
    let mut concerning = ByEntry::new();
    for (range, next) in doors {
        let at = solver.ranges(solver.layout.destination, &[range]);
        for (entry, requests) in behind(solver, reaching, next, &mut known) {
            let requests = solver.sets.and(at, requests);
            let own = concerning.entry(entry).or_insert(Set::EMPTY);
            *own = solver.sets.or(*own, requests);
        }
    }
    concerning
}

/// The hosts and paths for which a hop leads to the end, by the entry named last.
fn behind(
    solver: &mut Solver<'_>,
    reaching: &Reaching,
    hop: HopId,
    known: &mut HashMap<HopId, ByEntry, FxBuildHasher>,
) -> ByEntry {
    if let Some(behind) = known.get(&hop) {
        return behind.clone();
    }
    known.insert(hop, ByEntry::new());
    let here = solver.graph.hop(hop);
    let mut all = ByEntry::new();
    let mut add = |solver: &mut Solver<'_>, next: HopId, part: Set| {
        if !reaching.contains(next) {
            return;
        }
        for (entry, requests) in behind(solver, reaching, next, known) {
            let requests = solver.sets.and(part, requests);
            let own = all.entry(entry.or(here.entry)).or_insert(Set::EMPTY);
            *own = solver.sets.or(*own, requests);
        }
    };
    match &here.body {
        Body::Terminal(_) => {
            all.insert(here.entry, Set::FULL);
        }
        Body::Switch(switch @ (Switch::Host { .. } | Switch::Path { .. })) => {
            let parts = solver.partition(hop, &Current::start(Origin::Internet));
            for (at, part) in parts.iter().enumerate() {
                add(solver, switch.branch(at), *part);
            }
        }
        body => body.successors().into_iter().for_each(|next| add(solver, next, Set::FULL)),
    }
    known.insert(hop, all.clone());
    all
}

/// Requests that concern a destination and end before any hop that leads there.
pub(super) fn dead_ends(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[selector::From],
    to: &[ResourceId],
    filter: &RequestFilter,
    found: &[Row],
) -> Result<Vec<Row>, AskError> {
    let graph = &model.graph;
    let mut lost: Vec<Row> = Vec::new();
    for end in to {
        let reached = |at: usize| found.iter().any(|row| row.from == at && row.to == *end);
        let missed: Vec<usize> = (0..from.len()).filter(|at| !reached(*at)).collect();
        if missed.is_empty() {
            continue;
        }
        let reaching = rows::reaching(graph, &[*end]);
        let concerning = concerning(solver, &reaching);
        for at in missed {
            let source = &graph.sources[from[at].source];
            let asked = rows::asked(model, solver, &from[at], filter)?;
            for (entry, requests) in &concerning {
                let requests = solver.sets.and(asked, *requests);
                let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
                    let mut ended: Vec<(OutcomeId, Set)> = flow
                        .refusals
                        .iter()
                        .map(|refusal| (refusal.outcome, refusal.requests))
                        .collect();
                    if !matches!(graph.outcome(flow.outcome), Outcome::Delivered { .. }) {
                        ended.push((flow.outcome, flow.passing));
                    }
                    for (outcome, requests) in ended {
                        if solver.sets.is_empty(requests) {
                            continue;
                        }
                        let key = (at, *end, *entry, outcome);
                        let known = lost
                            .iter_mut()
                            .find(|row| (row.from, row.to, row.entry, row.outcome) == key);
                        match known {
                            Some(row) => row.requests = solver.sets.or(row.requests, requests),
                            None => lost.push(Row {
                                from: at,
                                to: *end,
                                entry: *entry,
                                outcome,
                                guard: None,
                                requests,
                                hops: flow.hops.to_vec(),
                                blocks: flow.blocks.to_vec(),
                            }),
                        }
                    }
                };
                let everywhere = Reaching::everything(graph);
                solver.flow(source, requests, Mode::Blocked, everywhere, &mut visitor);
            }
        }
    }
    Ok(lost)
}

fn asked(parameters: &Parameters) -> Asked {
    let mut list = vec![("from", parameters.from.clone()), ("to", parameters.to.clone())];
    list.extend(parameters.via.iter().map(|via| ("via", vec![via.clone()])));
    list.extend(parameters.avoid.iter().map(|avoid| ("avoid", vec![avoid.clone()])));
    list.extend(parameters.filter.shown());
    Asked { kind: "reach", parameters: list }
}

fn summary(
    parameters: &Parameters,
    found: Verdict,
    solver: &mut Solver<'_>,
    rows: &[Row],
) -> String {
    let graph = solver.graph;
    let from = parameters.from.join(", ");
    let to = parameters.to.join(", ");
    let delivered = |row: &&Row| matches!(graph.outcome(row.outcome), Outcome::Delivered { .. });
    let arriving: Vec<&Row> = rows.iter().filter(delivered).collect();
    let ways = match arriving.len() {
        1 => "one way".to_string(),
        count => format!("{count} ways"),
    };
    let Solver { layout, sets, .. } = solver;
    let nobody = sets.one_of(layout.principal, &[Identities::ANONYMOUS]).unwrap_or(Set::EMPTY);
    let anonymous = arriving.iter().any(|row| sets.intersects(row.requests, nobody));
    // A path that Google may or may not choose is no sure one.
    let sure = arriving.iter().any(|row| !verdict::sometimes(layout, sets, row.requests));
    let ways = if sure { ways } else { format!("{ways}, if Google so chooses") };
    match found {
        Verdict::Yes if anonymous => format!("yes: {from} reaches {to} by {ways}"),
        Verdict::Yes => {
            let mut who =
                |row: &&Row| paths::who(&describe::principals(graph, layout, sets, row.requests));
            let who = arriving.first().map(&mut who).unwrap_or_default();
            format!("yes, with a credential of {who}; anonymous: no: {from} reaches {to} by {ways}")
        }
        Verdict::Depends => format!("depends: {from} reaches {to} by {ways}, under assumptions"),
        Verdict::No => {
            let cause = |row: &Row| paths::outcome(graph, row.outcome).cause;
            let mut causes: Vec<&str> = rows.iter().filter_map(cause).collect();
            causes.sort_unstable();
            causes.dedup();
            match causes.as_slice() {
                [] => format!("no: nothing leads from {from} to {to}"),
                causes => format!("no: {from} does not reach {to} ({})", causes.join(", ")),
            }
        }
    }
}
