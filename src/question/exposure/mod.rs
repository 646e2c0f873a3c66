//! `exposure`: which sources get into which services.
//!
//! What sources have in common is followed once. The way of a request has two parts:
//!
//! - a **prefix**, from its source to a *host dispatch* (a switch by host with several destinations
//!   behind it: Google's front end, a URL map), or to a hop with one destination behind it;
//! - a **suffix**, from such a hop to that destination. It is followed with every request, whoever
//!   sends it. The branches of a host dispatch lead to suffixes (`dispatch.rs`, `suffix.rs`).
//!
//! What a prefix brings is laid over each suffix behind it, and all axes but who sends and what is
//! assumed are projected out. All that goes to one destination so is a *suffix summary*, which is
//! asked for each *caller class*: callers that it does not tell apart (`caller_class.rs`). The answer
//! is a cell.
//!
//! An example:
//!
//! ```yaml
//! portolan: 1
//! projects: {demo: {number: 123456789012}}
//! networks: {core: {subnets: {run: {region: us-central1, range: 10.0.0.0/24, private_google_access: true}}}}
//! vms: {client: {network: core, subnet: run}}
//! services:
//!   shop: {region: us-central1, ingress: all, invokers: [allUsers]}
//!   ledger: {region: us-central1, ingress: internal, invokers: [allUsers]}
//! ```
//!
//! Everybody comes to the host dispatch of run.app, which has a branch for each of the two services.
//! The prefix of `internet` brings all hosts from outside; that of `vm/client` all hosts from network
//! `core`, by Private Google Access; that of a service all hosts from the shared pool of Cloud Run. The
//! suffix of `shop` is followed once: `ingress: all` and `allUsers` stop nobody. So is that of `ledger`,
//! for as many kinds of origin as its ingress setting tells apart: requests from a network pass, the
//! rest gets 404. Prefix × suffix, projected on callers, gives the cells:
//!
//! | | internet | vm/client | services |
//! |---|---|---|---|
//! | `ledger` | refused | open | refused |
//! | `shop` | open | open | open |
//!
//! A third service costs one branch and one suffix, a second machine in `core` one prefix: nothing is
//! followed for each pair. `shop` and `ledger` send by the same way, so they are one source class
//! (`source_class.rs`) and share a prefix.

mod caller_class;
mod dispatch;
mod solver;
mod suffix;

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::answer::{
    Answer, AnswerBody as Answered, AnswerHead, AskedQuestion, Cell, CellState, ExposureAnswer,
    ExposureRow, ExposureRows, Found, QuestionKind, Sender, SourceClass, SourceGroup, Verdict,
};
use super::selector::SelectedSender;
use super::{AskError, Model, Scope, completeness, selector, source_class, steps, verdict};
use crate::graph::{
    AssumptionId, Body, EntryId, Graph, Outcome, OutcomeId, ResourceId, ResourceKind,
};
use crate::solve::{Extra, Layout, Solver};
pub(super) use solver::ExposureSolver;

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Only these sources, each by itself; all if empty, workloads that leave by the same way
    /// together.
    pub from: Vec<String>,
    /// Only these services; all if empty.
    pub to: Vec<String>,
}

/// How one source cells at one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct SolvedCell {
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

/// Cells, each once: most sources fare alike at most services.
#[derive(Debug, Default)]
pub(super) struct DistinctCells {
    pub(super) list: Vec<SolvedCell>,
    index: HashMap<SolvedCell, u32, FxBuildHasher>,
}

impl DistinctCells {
    pub(super) fn number(&mut self, cell: SolvedCell) -> u32 {
        if let Some(known) = self.index.get(&cell) {
            return *known;
        }
        let number = self.list.len() as u32;
        self.list.push(cell.clone());
        self.index.insert(cell, number);
        number
    }
}

/// How one source cells where requests of it can go, by destination.
pub(super) type Column = Vec<(ResourceId, u32)>;

/// The table, before it is put into words.
#[derive(Debug)]
pub struct SolvedTable {
    from: Vec<SelectedSender>,
    to: Vec<ResourceId>,
    cells: Vec<SolvedCell>,
    /// Sources that share a column, and how they fare.
    columns: Vec<(Vec<usize>, Column)>,
}

impl SolvedTable {
    /// How many destinations a source enters in which way.
    fn count(&self, column: usize) -> BTreeMap<CellState, usize> {
        let mut count = BTreeMap::new();
        for to in &self.to {
            let state = self.cell(column, *to).and_then(|cell| cell.state);
            *count.entry(state.unwrap_or(CellState::Refused)).or_default() += 1;
        }
        count
    }

    /// How a source cells at a service; nothing if no request of it can go there.
    fn cell(&self, column: usize, to: ResourceId) -> Option<&SolvedCell> {
        let (_, column) = &self.columns[column];
        let at = column.binary_search_by_key(&to, |(end, _)| *end).ok()?;
        Some(&self.cells[column[at].1 as usize])
    }
}

/// Solves it, without putting anything into words. Sources are shared out between threads, each
/// with sets of its own.
pub fn solve(model: &Model, parameters: &Parameters) -> Result<SolvedTable, AskError> {
    solve_within(model, &Arc::new(Layout::new(&model.graph, &Extra::default())), parameters)
}

fn solve_within(
    model: &Model,
    layout: &Arc<Layout>,
    parameters: &Parameters,
) -> Result<SolvedTable, AskError> {
    let graph = &model.graph;
    let all = parameters.from.is_empty();
    let from = if all {
        let sources = graph.sources.iter().enumerate();
        sources
            .map(|(index, source)| SelectedSender {
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
    let groups = source_class::groups(graph, &from);
    let threads = rayon::current_num_threads().clamp(1, to.len().max(1));
    let shares: Vec<Vec<ResourceId>> = (0..threads)
        .map(|share| to.iter().skip(share).step_by(threads).copied().collect())
        .collect();
    type Share = (DistinctCells, Vec<(Vec<usize>, Column)>);
    let solved: Vec<Result<Share, AskError>> = shares
        .into_par_iter()
        .map(|share| {
            let reaching = selector::reaching(graph, &share);
            let solver = Solver::within(graph, Arc::clone(layout));
            let mut solver = ExposureSolver::new(model, solver, &reaching, &ends);
            let mut columns: Vec<(Vec<usize>, Column)> = Vec::with_capacity(groups.len());
            for group in &groups {
                let members: Vec<&SelectedSender> = group.iter().map(|at| &from[*at]).collect();
                if all {
                    columns.push((group.clone(), solver.column_together(&members)?));
                } else {
                    let each = solver.columns_apart(&members)?;
                    columns.extend(group.iter().map(|at| vec![*at]).zip(each));
                }
            }
            Ok((solver.cells, columns))
        })
        .collect();
    let mut cells = DistinctCells::default();
    let mut columns: Vec<(Vec<usize>, Column)> = Vec::new();
    for share in solved {
        let (own, parts) = share?;
        let numbers: Vec<u32> = own.list.into_iter().map(|cell| cells.number(cell)).collect();
        if columns.is_empty() {
            columns = parts.iter().map(|(members, _)| (members.clone(), Column::new())).collect();
        }
        for ((_, column), (_, part)) in columns.iter_mut().zip(parts) {
            column.extend(part.into_iter().map(|(to, number)| (to, numbers[number as usize])));
        }
    }
    columns.iter_mut().for_each(|(_, column)| column.sort_unstable());
    columns.sort_unstable_by_key(|(members, _)| members.first().copied());
    Ok(SolvedTable { from, to, cells: cells.list, columns })
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
        .map(|(_, number)| *number)
        .collect();
    let found = found(used.iter().map(|number| &solved.cells[*number as usize]));
    let consulted: Vec<AssumptionId> = used
        .into_iter()
        .flat_map(|number| &solved.cells[number as usize].assumptions)
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
    let head = AnswerHead {
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
        let cell = |column: &usize| shown_cell(graph, solved.cell(*column, service));
        ExposureRow { service, cells: shown.iter().map(cell).collect() }
    });
    let body = ExposureAnswer { found, sources, rows, only_services, internet };
    Ok(Answer { head, body: Answered::Exposure(body) })
}

/// Whether anything of the table is entered.
fn found<'f>(cells: impl Iterator<Item = &'f SolvedCell>) -> Found {
    let mut flips: Vec<AssumptionId> = Vec::new();
    let mut verdict = Verdict::No;
    for cell in cells.filter(|cell| cell.can) {
        if cell.must {
            verdict = Verdict::Yes;
            break;
        }
        verdict = Verdict::Depends;
        flips.extend(cell.assumptions.iter().map(|id| AssumptionId(*id)));
    }
    if verdict == Verdict::Yes {
        flips.clear();
    }
    flips.sort_unstable();
    flips.dedup();
    Found::of(verdict, flips, Vec::new())
}

/// Sources of a class that fare alike everywhere share a column: the groups, and the column of each.
fn groups(graph: &Graph, solved: &SolvedTable) -> (Vec<SourceGroup>, Vec<usize>) {
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
fn shown_cell(graph: &Graph, cell: Option<&SolvedCell>) -> Cell {
    let nothing = SolvedCell::default();
    let cell = cell.unwrap_or(&nothing);
    let exposure = cell.state.unwrap_or(CellState::Refused);
    let refused = exposure == CellState::Refused;
    Cell {
        exposure,
        entries: if refused { Vec::new() } else { cell.entries.clone() },
        causes: if refused { steps::causes(graph, &cell.refusals) } else { Vec::new() },
        named: cell.named.clone(),
        assumptions: cell.assumptions.iter().map(|id| AssumptionId(*id)).collect(),
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

fn asked(parameters: &Parameters) -> AskedQuestion {
    let mut list = Vec::new();
    if !parameters.from.is_empty() {
        list.push(("from", parameters.from.clone()));
    }
    if !parameters.to.is_empty() {
        list.push(("to", parameters.to.clone()));
    }
    AskedQuestion { kind: QuestionKind::Exposure, parameters: list }
}
