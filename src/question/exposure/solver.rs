//! Solves the table: follows prefixes and suffixes, and remembers what sources have in common.

use std::rc::Rc;

use super::caller_class::{PrincipalSet, SuffixSummary};
use super::dispatch::{
    self, BranchArrivals, CommonDestinations, Destinations, HostDispatch, PrefixVisitor, Suffixes,
};
use super::suffix::{ProjectedSuffix, Suffix};
use super::{Column, DistinctCells, End};
use crate::graph::{AssumptionId, EntryId, HopId, ResourceId};
use crate::question::selector::SelectedSender;
use crate::question::{AskError, Model, RequestFilter, requests};
use crate::sets::{Axis, Set};
use crate::solve::{Current, Distinguishable, FxMap, Mode, Reaching, Solver};

/// Follows sources, and remembers what they have in common.
pub(in crate::question) struct ExposureSolver<'m> {
    pub(super) model: &'m Model,
    pub(super) solver: Solver<'m>,
    pub(super) reaching: &'m Reaching,
    pub(super) ends: &'m [End],
    /// The cells that were met so far.
    pub(in crate::question) cells: DistinctCells,
    /// All axes but who sends and what is assumed: cells do not depend on them.
    pub(super) projected_out: Vec<Axis>,
    /// Those of them that are not asked for, by those that are.
    pub(super) idle: FxMap<Vec<Axis>, Rc<[Axis]>>,
    /// The hops that dispatch by host, by index.
    pub(super) is_dispatch: Rc<[bool]>,
    pub(super) dispatches: FxMap<(HopId, Current), Rc<HostDispatch>>,
    /// What is behind the branches of a dispatch, by the dispatch's number.
    pub(super) behind: FxMap<(usize, Distinguishable), Rc<Suffixes>>,
    pub(super) suffixes: FxMap<(HopId, Distinguishable), Rc<Suffix>>,
    /// Suffixes laid under requests, by the suffix's number.
    pub(super) projected: FxMap<(usize, Set), Rc<ProjectedSuffix>>,
    /// The same, by the requests before they are narrowed to what the suffix asks.
    pub(super) projected_from: FxMap<(usize, Set), Rc<ProjectedSuffix>>,
    pub(super) arrivals: FxMap<(usize, Set), Rc<BranchArrivals>>,
    pub(super) common: FxMap<Vec<(Option<EntryId>, usize)>, Rc<CommonDestinations>>,
    /// The column that was made last of what sources have in common, by the numbers of that and of
    /// its callers.
    pub(super) column: Option<(usize, usize, Column)>,
    pub(super) summaries: FxMap<Vec<(Option<EntryId>, usize)>, Rc<SuffixSummary>>,
    /// Principals and worlds of the intersection of two sets.
    pub(super) met: FxMap<(Set, Set), Set>,
    pub(super) classes: FxMap<Set, Rc<PrincipalSet>>,
    pub(super) assumed: FxMap<Set, Rc<[AssumptionId]>>,
}

impl<'m> ExposureSolver<'m> {
    pub fn new(
        model: &'m Model,
        solver: Solver<'m>,
        reaching: &'m Reaching,
        ends: &'m [End],
    ) -> Self {
        let layout = &solver.layout;
        let is_kept = |axis: &Axis| {
            *axis == layout.principal || layout.assumptions.binary_search(axis).is_ok()
        };
        let projected_out = solver.sets.space().axes().filter(|axis| !is_kept(axis)).collect();
        ExposureSolver {
            model,
            solver,
            reaching,
            ends,
            cells: DistinctCells::default(),
            projected_out,
            idle: FxMap::default(),
            is_dispatch: dispatch::host_dispatches(&model.graph, ends).into(),
            dispatches: FxMap::default(),
            behind: FxMap::default(),
            suffixes: FxMap::default(),
            projected: FxMap::default(),
            projected_from: FxMap::default(),
            arrivals: FxMap::default(),
            common: FxMap::default(),
            column: None,
            summaries: FxMap::default(),
            met: FxMap::default(),
            classes: FxMap::default(),
            assumed: FxMap::default(),
        }
    }

    /// How each source of a group fares everywhere, in their order; they differ only in who sends
    /// (see [`groups`](crate::question::source_class::groups)).
    pub fn columns_apart(&mut self, members: &[&SelectedSender]) -> Result<Vec<Column>, AskError> {
        let callers = self.callers(members);
        self.columns(members, &callers)
    }

    /// How a group fares everywhere: what any of its sources can do.
    pub fn column_together(&mut self, members: &[&SelectedSender]) -> Result<Column, AskError> {
        let callers = self.callers(members);
        let anyone = self.solver.sets.or_all(&callers);
        let columns = self.columns(members, &[anyone])?;
        Ok(columns.into_iter().next().unwrap_or_default())
    }

    /// As whom each source sends.
    fn callers(&mut self, members: &[&SelectedSender]) -> Vec<Set> {
        let graph = &self.model.graph;
        let mut callers = Vec::with_capacity(members.len());
        for from in members {
            let source = &graph.sources[from.source];
            let own = self.solver.express(source.callers, &Current::start(source.origin));
            callers.push(match from.principal {
                None => own,
                Some(class) => {
                    let only = self.solver.sets.one_of(self.solver.layout.principal, &[class]);
                    self.solver.sets.and(own, only.unwrap_or(Set::EMPTY))
                }
            });
        }
        callers
    }

    /// How a group fares everywhere, as each of these callers.
    fn columns(
        &mut self,
        members: &[&SelectedSender],
        callers: &[Set],
    ) -> Result<Vec<Column>, AskError> {
        let graph = &self.model.graph;
        let Some(first) = members.first() else { return Ok(Vec::new()) };
        let first = &graph.sources[first.source];
        let start = Current::start(first.origin);
        let others = self.solver.express(first.others, &start);
        let restriction =
            requests::filtered(self.model, &mut self.solver, &RequestFilter::default())?;
        let own = self.solver.sets.or_all(callers);
        let anybody = self.anybody(own, &start).unwrap_or(own);
        let requests = self.solver.sets.and_all(&[anybody, others, restriction]);
        let is_dispatch = Rc::clone(&self.is_dispatch);
        let mut prefix = PrefixVisitor::new(self.ends, &is_dispatch, None);
        let reaching = self.reaching.clone();
        self.solver.flow(first, requests, Mode::Arriving, reaching, &mut prefix);
        let Destinations { common, apart } = self.destinations(prefix);
        let mut summaries: Vec<(ResourceId, Option<Rc<SuffixSummary>>)> = Vec::new();
        for (to, suffixes) in apart {
            let summary = (!suffixes.is_empty()).then(|| self.summary(&suffixes));
            summaries.push((to, summary));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(callers.len());
        for callers in callers {
            let own = self.classes(*callers);
            let shared = self.common_column(&common, &own);
            let mut column = Column::with_capacity(shared.len() + summaries.len());
            let mut rest = shared.into_iter().peekable();
            for (to, summary) in &summaries {
                while let Some(row) = rest.next_if(|(other, _)| other < to) {
                    column.push(row);
                }
                rest.next_if(|(other, _)| other == to);
                let number = summary.as_ref().and_then(|summary| self.cell(summary, &own));
                column.extend(number.map(|number| (*to, number)));
            }
            column.extend(rest);
            columns.push(column);
        }
        Ok(columns)
    }

    /// How callers fare by what sources have in common.
    fn common_column(&mut self, common: &CommonDestinations, own: &PrincipalSet) -> Column {
        let key = (common.number, own.number());
        match &self.column {
            Some((common, own, column)) if (*common, *own) == key => column.clone(),
            _ => {
                let mut column = Column::with_capacity(common.rows.len());
                for (to, summary, _) in &common.rows {
                    column.extend(self.cell(summary, own).map(|number| (*to, number)));
                }
                self.column = Some((key.0, key.1, column.clone()));
                column
            }
        }
    }

    /// All who send over the internet, if these callers show the same credentials as they do
    /// there: then who sends may be asked at the end, and what goes for one goes for all.
    fn anybody(&mut self, own: Set, start: &Current) -> Option<Set> {
        let internet = self.model.graph.sources.first()?;
        let all = self.solver.express(internet.callers, start);
        let principals = self.solver.sets.onto(own, self.solver.layout.principal);
        (self.solver.sets.and(all, principals) == own).then_some(all)
    }
}
