//! `exposure`: which sources get into which services.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::answer::{
    Answer, Asked, Body as Answered, Cell, CellState, Exposure, ExposureRow, ExposureRows, Found,
    Head, QuestionKind, Sender, SourceClass, SourceGroup, Verdict,
};
use super::fares::Followed;
use super::selector::From;
use super::{AskError, Model, Scope, alike, completeness, rows, selector, steps, verdict};
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
    /// Whether it is entered under some assumptions.
    pub can: bool,
    /// Whether it is entered whatever is assumed.
    pub must: bool,
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
    /// How many destinations a source enters in which way.
    fn count(&self, column: usize) -> BTreeMap<CellState, usize> {
        let mut count = BTreeMap::new();
        for to in &self.to {
            let state = self.fare(column, *to).and_then(|fare| fare.state);
            *count.entry(state.unwrap_or(CellState::Refused)).or_default() += 1;
        }
        count
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
    solve_within(model, &Arc::new(Layout::new(&model.graph, &Extra::default())), parameters)
}

fn solve_within(
    model: &Model,
    layout: &Arc<Layout>,
    parameters: &Parameters,
) -> Result<Solved, AskError> {
    let graph = &model.graph;
    let all = parameters.from.is_empty();
    let from = if all {
        let sources = graph.sources.iter().enumerate();
        sources
            .map(|(index, source)| From {
                source: index,
                principal: None,
                sender: Sender::Resource(source.resource),
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
            let solver = Solver::within(graph, Arc::clone(layout));
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
    let layout = Arc::new(Layout::new(graph, &Extra::default()));
    let mut solved = solve_within(model, &layout, parameters)?;
    let (sources, shown) = groups(graph, &solved);
    let asked_for: HashSet<ResourceId, FxBuildHasher> = solved.to.iter().copied().collect();
    let used: HashSet<u32, FxBuildHasher> = shown
        .iter()
        .flat_map(|column| &solved.columns[*column].1)
        .filter(|(to, _)| asked_for.contains(to))
        .map(|(_, kind)| *kind)
        .collect();
    let found = found(used.iter().map(|kind| &solved.kinds[*kind as usize]));
    let consulted: Vec<AssumptionId> = used
        .into_iter()
        .flat_map(|kind| &solved.kinds[kind as usize].assumptions)
        .map(|id| AssumptionId(*id))
        .collect();
    let all_of = match parameters.to.as_slice() {
        [] => vec![ResourceKind::Service],
        to => selector::open_kinds(to),
    };
    let scope = Scope {
        from: &solved.from,
        selectors: Some(&parameters.from[..]).filter(|from| !from.is_empty()),
        to: Some(&solved.to),
        all_of: &all_of,
        ..Scope::default()
    };
    let completeness = completeness(model, &scope);
    solved.to.sort_by_cached_key(|to| graph.resource(*to).to_string());
    let internet = sources.iter().position(|group| group.class == SourceClass::Internet);
    let internet = internet.map(|group| solved.count(shown[group]));
    let is_service = |to: &ResourceId| graph.resource(*to).kind == ResourceKind::Service;
    let only_services = solved.to.iter().all(is_service);
    let head = Head {
        model,
        layout,
        question: asked(parameters),
        completeness,
        assumptions: verdict::show(&consulted, &found.flips),
        findings: Vec::new(),
        at: model.at,
    };
    let rows = ExposureRows::new(solved.to.len(), move |at| {
        let service = solved.to[at];
        let cell = |column: &usize| cell(graph, solved.fare(*column, service));
        ExposureRow { service, cells: shown.iter().map(cell).collect() }
    });
    let body = Exposure { found, sources, rows, only_services, internet };
    Ok(Answer { head, body: Answered::Exposure(body) })
}

/// Whether anything of the table is entered.
fn found<'f>(fares: impl Iterator<Item = &'f Fare>) -> Found {
    let mut flips: Vec<AssumptionId> = Vec::new();
    let mut verdict = Verdict::No;
    for fare in fares.filter(|fare| fare.can) {
        if fare.must {
            verdict = Verdict::Yes;
            break;
        }
        verdict = Verdict::Depends;
        flips.extend(fare.assumptions.iter().map(|id| AssumptionId(*id)));
    }
    if verdict == Verdict::Yes {
        flips.clear();
    }
    flips.sort_unstable();
    flips.dedup();
    Found::of(verdict, flips, Vec::new())
}

/// Sources of a class that fare alike everywhere share a column: the groups, and the column of each.
fn groups(graph: &Graph, solved: &Solved) -> (Vec<SourceGroup>, Vec<usize>) {
    let mut sources: Vec<SourceGroup> = Vec::new();
    let mut shown: Vec<usize> = Vec::new();
    let mut groups: HashMap<(SourceClass, &Column), usize, FxBuildHasher> = HashMap::default();
    for (at, (members, column)) in solved.columns.iter().enumerate() {
        let senders = members.iter().map(|member| solved.from[*member].sender.clone());
        let Some(first) = members.first() else { continue };
        let class = class_of(graph, &solved.from[*first].sender);
        let next = sources.len();
        let group = *groups.entry((class, column)).or_insert(next);
        match sources.get_mut(group) {
            Some(group) => group.members.extend(senders),
            None => {
                shown.push(at);
                sources.push(SourceGroup { class, members: senders.collect() });
            }
        }
    }
    (sources, shown)
}

/// A cell of the table.
fn cell(graph: &Graph, fare: Option<&Fare>) -> Cell {
    let nothing = Fare::default();
    let fare = fare.unwrap_or(&nothing);
    let exposure = fare.state.unwrap_or(CellState::Refused);
    let refused = exposure == CellState::Refused;
    Cell {
        exposure,
        entries: if refused { Vec::new() } else { fare.entries.clone() },
        causes: if refused { steps::causes(graph, &fare.refusals) } else { Vec::new() },
        named: fare.named.clone(),
        assumptions: fare.assumptions.iter().map(|id| AssumptionId(*id)).collect(),
    }
}

fn class_of(graph: &Graph, sender: &Sender) -> SourceClass {
    let Sender::Resource(resource) = sender else { return SourceClass::Identities };
    match graph.resource(*resource).kind {
        ResourceKind::Internet => SourceClass::Internet,
        ResourceKind::User => SourceClass::Users,
        ResourceKind::Product => SourceClass::Products,
        ResourceKind::Service => SourceClass::Services,
        ResourceKind::Job => SourceClass::Jobs,
        ResourceKind::WorkerPool => SourceClass::WorkerPools,
        ResourceKind::Vm => SourceClass::Machines,
        ResourceKind::Network => SourceClass::Networks,
        ResourceKind::Onprem => SourceClass::Sites,
        _ => SourceClass::Identities,
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
    Asked { kind: QuestionKind::Exposure, parameters: list }
}
