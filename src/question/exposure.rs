//! `exposure`: which sources get into which services.

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::answer::{
    Answer, Asked, Cell, CellState, Exposure, ExposureRow, ExposureRows, SourceGroup,
};
use super::fares::Followed;
use super::selector::From;
use super::{AskError, Model, alike, paths, rows, selector, verdict};
use crate::graph::{
    AssumptionId, Body, EntryId, Graph, Outcome, OutcomeId, ResourceId, ResourceKind,
};
use crate::solve::{Extra, Layout, Solver};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Only these sources, each by itself; all if empty, workloads that leave by the same way
    /// together.
    pub from: Vec<String>,
    /// Only these services; all if empty.
    pub to: Vec<String>,
}

/// How one source fares at one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Fare {
    pub state: Option<CellState>,
    pub entries: Vec<EntryId>,
    pub refusals: Vec<OutcomeId>,
    pub named: Vec<String>,
    pub assumptions: Vec<u32>,
}

/// The ways to fare, each once: most sources fare alike at most services.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    pub(super) list: Vec<Fare>,
    index: HashMap<Fare, u32, FxBuildHasher>,
}

impl Kinds {
    pub(super) fn number(&mut self, fare: Fare) -> u32 {
        if let Some(known) = self.index.get(&fare) {
            return *known;
        }
        let number = self.list.len() as u32;
        self.list.push(fare.clone());
        self.index.insert(fare, number);
        number
    }
}

/// How one source fares where requests of it can go, by destination.
pub(super) type Column = Vec<(ResourceId, u32)>;

/// The table, before it is put into words.
#[derive(Debug)]
pub struct Solved {
    from: Vec<From>,
    to: Vec<ResourceId>,
    kinds: Vec<Fare>,
    /// Sources that are told of together, and how they fare.
    columns: Vec<(Vec<usize>, Column)>,
}

impl Solved {
    /// How many cells of the table let somebody in.
    pub fn open_cells(&self) -> usize {
        let lets_in = |(_, kind): &&(ResourceId, u32)| {
            self.kinds[*kind as usize].state.is_some_and(|state| state != CellState::Refused)
        };
        self.columns.iter().flat_map(|(_, column)| column).filter(lets_in).count()
    }

    /// How a source fares at a service; nothing if no request of it can go there.
    fn fare(&self, column: usize, to: ResourceId) -> Option<&Fare> {
        let (_, column) = &self.columns[column];
        let at = column.binary_search_by_key(&to, |(end, _)| *end).ok()?;
        Some(&self.kinds[column[at].1 as usize])
    }
}

/// Solves it, without putting anything into words. Sources are shared out between threads, each
/// with sets of its own.
pub fn solve(model: &Model, parameters: &Parameters) -> Result<Solved, AskError> {
    let graph = &model.graph;
    let all = parameters.from.is_empty();
    let from = if all {
        let sources = graph.sources.iter().enumerate();
        sources
            .map(|(index, source)| From {
                source: index,
                principal: None,
                name: graph.resource(source.resource).to_string(),
            })
            .collect()
    } else {
        selector::sources(model, &parameters.from)?
    };
    let to = if parameters.to.is_empty() {
        let mut services: Vec<ResourceId> = selector::ends(graph)
            .into_iter()
            .filter(|end| graph.resource(*end).kind == ResourceKind::Service)
            .collect();
        services.sort_unstable();
        services
    } else {
        selector::destinations(model, &parameters.to)?
    };
    let layout = std::sync::Arc::new(Layout::new(graph, &Extra::default()));
    let ends = ends(graph);
    // Sources that leave by the same way are solved as one. Destinations are shared out between
    // threads: what leads to one is followed once.
    let groups = alike::groups(graph, &from);
    let threads = rayon::current_num_threads().clamp(1, to.len().max(1));
    let shares: Vec<Vec<ResourceId>> = (0..threads)
        .map(|share| to.iter().skip(share).step_by(threads).copied().collect())
        .collect();
    type Share = (Kinds, Vec<(Vec<usize>, Column)>);
    let solved: Vec<Result<Share, AskError>> = shares
        .into_par_iter()
        .map(|share| {
            let reaching = rows::reaching(graph, &share);
            let solver = Solver::within(graph, std::sync::Arc::clone(&layout));
            let mut followed = Followed::new(model, solver, &reaching, &ends);
            let mut columns: Vec<(Vec<usize>, Column)> = Vec::with_capacity(groups.len());
            for group in &groups {
                let members: Vec<&From> = group.iter().map(|at| &from[*at]).collect();
                if all {
                    columns.push((group.clone(), followed.fare_together(&members)?));
                } else {
                    let each = followed.fares(&members)?;
                    columns.extend(group.iter().map(|at| vec![*at]).zip(each));
                }
            }
            Ok((followed.kinds, columns))
        })
        .collect();
    let mut kinds = Kinds::default();
    let mut columns: Vec<(Vec<usize>, Column)> = Vec::new();
    for share in solved {
        let (own, parts) = share?;
        let numbers: Vec<u32> = own.list.into_iter().map(|fare| kinds.number(fare)).collect();
        if columns.is_empty() {
            columns = parts.iter().map(|(members, _)| (members.clone(), Column::new())).collect();
        }
        for ((_, column), (_, part)) in columns.iter_mut().zip(parts) {
            column.extend(part.into_iter().map(|(to, kind)| (to, numbers[kind as usize])));
        }
    }
    columns.iter_mut().for_each(|(_, column)| column.sort_unstable());
    columns.sort_unstable_by_key(|(members, _)| members.first().copied());
    Ok(Solved { from, to, kinds: kinds.list, columns })
}

/// Where everything behind a hop arrives, if it is one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Nowhere,
    At(ResourceId),
    Several,
}

/// The end of every hop, by index.
pub(super) fn ends(graph: &Graph) -> Vec<End> {
    let mut ends = vec![End::Nowhere; graph.hops.node_count()];
    // Most hops are made behind those that they lead to; until nothing changes, for the others.
    loop {
        let mut settled = true;
        for hop in graph.hops.node_indices() {
            let end = match &graph.hop(hop).body {
                Body::Terminal(outcome) => match graph.outcome(*outcome) {
                    Outcome::Delivered { to } => End::At(*to),
                    _ => End::Nowhere,
                },
                body => body.successors().into_iter().map(|next| ends[next.index()]).fold(
                    End::Nowhere,
                    |sum, end| match (sum, end) {
                        (End::Nowhere, end) => end,
                        (sum, End::Nowhere) => sum,
                        (sum, end) if sum == end => sum,
                        _ => End::Several,
                    },
                ),
            };
            settled &= ends[hop.index()] == end;
            ends[hop.index()] = end;
        }
        if settled {
            return ends;
        }
    }
}

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let mut solved = solve(model, parameters)?;
    let (sources, shown) = groups(&solved);
    let asked_for: HashSet<ResourceId, FxBuildHasher> = solved.to.iter().copied().collect();
    let used: HashSet<u32, FxBuildHasher> = shown
        .iter()
        .flat_map(|column| &solved.columns[*column].1)
        .filter(|(to, _)| asked_for.contains(to))
        .map(|(_, kind)| *kind)
        .collect();
    let consulted: Vec<AssumptionId> = used
        .into_iter()
        .flat_map(|kind| &solved.kinds[kind as usize].assumptions)
        .map(|id| AssumptionId(*id))
        .collect();
    solved.to.sort_by_cached_key(|to| graph.resource(*to).to_string());
    let internet = sources.iter().position(|group| group.class == "internet");
    let summary = summary(graph, &solved, internet.map(|group| shown[group]));
    let rows = ExposureRows::new(solved.to.len(), move |at| {
        let to = solved.to[at];
        let cells = shown.iter().map(|column| cell(graph, solved.fare(*column, to))).collect();
        ExposureRow { service: graph.resource(to).to_string(), cells }
    });
    Ok(Answer {
        question: asked(parameters),
        summary,
        verdict: None,
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths: Vec::new().into(),
        egress_addresses: Vec::new(),
        exposure: Some(Exposure { sources, rows }),
        assumptions: verdict::show(graph, &consulted, &[]),
        findings: Vec::new(),
        at: model.at,
    })
}

/// Sources of a class that fare alike everywhere share a column: the groups, and the column of each.
fn groups(solved: &Solved) -> (Vec<SourceGroup>, Vec<usize>) {
    let mut sources: Vec<SourceGroup> = Vec::new();
    let mut shown: Vec<usize> = Vec::new();
    let mut groups: HashMap<(&'static str, &Column), usize, FxBuildHasher> = HashMap::default();
    for (at, (members, column)) in solved.columns.iter().enumerate() {
        let names = members.iter().map(|member| solved.from[*member].name.clone());
        let class = members.first().map_or("", |first| class_of(&solved.from[*first].name));
        let next = sources.len();
        let group = *groups.entry((class, column)).or_insert(next);
        match sources.get_mut(group) {
            Some(group) => group.members.extend(names),
            None => {
                shown.push(at);
                sources.push(SourceGroup { class, members: names.collect() });
            }
        }
    }
    (sources, shown)
}

/// A cell in words.
fn cell(graph: &Graph, fare: Option<&Fare>) -> Cell {
    let Some(fare) = fare else {
        return Cell {
            exposure: CellState::Refused,
            by: Vec::new(),
            named: Vec::new(),
            assumptions: Vec::new(),
        };
    };
    let state = fare.state.unwrap_or(CellState::Refused);
    let by = if state == CellState::Refused {
        let cause = |outcome: &OutcomeId| paths::outcome(graph, *outcome).cause;
        let mut causes: Vec<&str> = fare.refusals.iter().filter_map(cause).collect();
        causes.sort_unstable();
        causes.dedup();
        causes.into_iter().map(str::to_string).collect()
    } else {
        fare.entries.iter().map(|entry| paths::entry(graph.entry(*entry))).collect()
    };
    let assumptions = fare.assumptions.iter();
    Cell {
        exposure: state,
        by,
        named: fare.named.clone(),
        assumptions: assumptions.map(|id| graph.assumptions[*id as usize].id.clone()).collect(),
    }
}

fn class_of(name: &str) -> &'static str {
    match name.split('/').next() {
        Some("internet") => "internet",
        Some("user") => "users",
        Some("product") => "products",
        Some("service") => "services",
        Some("job") => "jobs",
        Some("worker_pool") => "worker pools",
        Some("vm") => "machines",
        Some("network") => "networks",
        Some("onprem") => "sites",
        _ => "identities",
    }
}

fn asked(parameters: &Parameters) -> Asked {
    let mut list = Vec::new();
    if !parameters.from.is_empty() {
        list.push(("from", parameters.from.clone()));
    }
    if !parameters.to.is_empty() {
        list.push(("to", parameters.to.clone()));
    }
    Asked { kind: "exposure", parameters: list }
}

/// The table in a sentence: how the internet fares, if it is among the sources.
fn summary(graph: &Graph, solved: &Solved, internet: Option<usize>) -> String {
    let services = solved.to.iter().all(|to| graph.resource(*to).kind == ResourceKind::Service);
    let noun = if services { "service" } else { "destination" };
    let total = match solved.to.len() {
        1 => format!("1 {noun}"),
        several => format!("{several} {noun}s"),
    };
    let Some(internet) = internet else { return total };
    let state = |to: &ResourceId| {
        solved.fare(internet, *to).and_then(|fare| fare.state).unwrap_or(CellState::Refused)
    };
    let count = |wanted| solved.to.iter().filter(|to| state(to) == wanted).count();
    format!(
        "of {total}, {} {} open to anyone on the internet, {} to any account, {} to named \
         identities only, {} to nobody there",
        count(CellState::Open),
        if count(CellState::Open) == 1 { "is" } else { "are" },
        count(CellState::AnyAccount),
        count(CellState::Named),
        count(CellState::Refused),
    )
}
