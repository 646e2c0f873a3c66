//! How sources fare at destinations.
//!
//! What sources have in common is followed once. A source's requests go on until there is one
//! destination left, or to a fork by host, behind which there are many; what is behind is followed with
//! every request (`follow.rs`), and what each source sends is then laid over it. Who gets in is
//! told by classes of principals that fare alike (`tell.rs`).

mod follow;
mod tell;

use std::rc::Rc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::exposure::{Column, End, Kinds};
use super::selector::From;
use super::{AskError, Model, RequestFilter, rows};
use crate::graph::{AssumptionId, EntryId, HopId, ResourceId};
use crate::sets::{Axis, Set};
use crate::solve::{Current, Mode, Reaching, Solver, ToldApart};
use follow::{Arrivals, Coming, Fork, Head, Lead, Tail, Tails, Told};
use tell::{Classes, Summary};

type Map<K, V> = HashMap<K, V, FxBuildHasher>;

/// What goes to one destination: each with the entry that was named before.
type Gathered = Vec<(Option<EntryId>, Rc<Told>)>;

/// What sources that come the same ways have in common, by destination, in order.
struct Base {
    number: usize,
    rows: Vec<(ResourceId, Rc<Summary>, Vec<Coming>)>,
}

impl Base {
    /// What comes to a destination.
    fn coming(&self, to: ResourceId) -> &[Coming] {
        match self.rows.binary_search_by_key(&to, |(other, ..)| *other) {
            Ok(at) => &self.rows[at].2,
            Err(_) => &[],
        }
    }
}

/// Follows sources, and remembers what they have in common.
pub(super) struct Followed<'m> {
    model: &'m Model,
    solver: Solver<'m>,
    reaching: &'m Reaching,
    ends: &'m [End],
    /// The ways to fare that were met so far.
    pub kinds: Kinds,
    /// The axes that cells are not told by.
    untold: Vec<Axis>,
    /// Those of them that are not asked for, by those that are.
    idle: Map<Vec<Axis>, Rc<[Axis]>>,
    /// The hops that are forks, by index.
    shared: Rc<[bool]>,
    forks: Map<(HopId, Current), Rc<Fork>>,
    /// What is behind the turns of a fork, by the fork's number.
    behind: Map<(usize, ToldApart), Rc<Tails>>,
    /// Each with its number.
    tails: Map<(HopId, ToldApart), Rc<Tail>>,
    /// What becomes of requests, by the tail's number.
    told: Map<(usize, Set), Rc<Told>>,
    /// The same before they are narrowed to what the tail asks.
    told_at: Map<(usize, Set), Rc<Told>>,
    arrivals: Map<(usize, Set), Rc<Arrivals>>,
    bases: Map<Vec<(Option<EntryId>, usize)>, Rc<Base>>,
    /// The column that was made last of a base alone, with its callers.
    column: Option<(usize, usize, Column)>,
    summaries: Map<Vec<(Option<EntryId>, usize)>, Rc<Summary>>,
    /// Principals and worlds of the intersection of two sets.
    met: Map<(Set, Set), Set>,
    classes: Map<Set, Rc<Classes>>,
    assumed: Map<Set, Rc<[AssumptionId]>>,
}

impl<'m> Followed<'m> {
    pub fn new(
        model: &'m Model,
        solver: Solver<'m>,
        reaching: &'m Reaching,
        ends: &'m [End],
    ) -> Self {
        let layout = &solver.layout;
        let is_told = |axis: &Axis| {
            *axis == layout.principal || layout.assumptions.binary_search(axis).is_ok()
        };
        let untold = solver.sets.space().axes().filter(|axis| !is_told(axis)).collect();
        Followed {
            model,
            solver,
            reaching,
            ends,
            kinds: Kinds::default(),
            untold,
            idle: Map::default(),
            shared: follow::forks(&model.graph, ends).into(),
            forks: Map::default(),
            behind: Map::default(),
            tails: Map::default(),
            told: Map::default(),
            told_at: Map::default(),
            arrivals: Map::default(),
            bases: Map::default(),
            column: None,
            summaries: Map::default(),
            met: Map::default(),
            classes: Map::default(),
            assumed: Map::default(),
        }
    }

    /// How each source of a group fares everywhere, in their order; they differ only in who sends
    /// (see [`groups`](super::alike::groups)).
    pub fn fares(&mut self, members: &[&From]) -> Result<Vec<Column>, AskError> {
        let callers = self.callers(members);
        self.columns(members, &callers)
    }

    /// How a group fares everywhere: what any of its sources can do.
    pub fn fare_together(&mut self, members: &[&From]) -> Result<Column, AskError> {
        let callers = self.callers(members);
        let anyone = self.solver.sets.or_all(&callers);
        let columns = self.columns(members, &[anyone])?;
        Ok(columns.into_iter().next().unwrap_or_default())
    }

    /// As whom each source sends.
    fn callers(&mut self, members: &[&From]) -> Vec<Set> {
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
    fn columns(&mut self, members: &[&From], callers: &[Set]) -> Result<Vec<Column>, AskError> {
        let graph = &self.model.graph;
        let Some(first) = members.first() else { return Ok(Vec::new()) };
        let first = &graph.sources[first.source];
        let start = Current::start(first.origin);
        let others = self.solver.express(first.others, &start);
        let restriction = rows::filtered(self.model, &mut self.solver, &RequestFilter::default())?;
        let own = self.solver.sets.or_all(callers);
        let anybody = self.anybody(own, &start).unwrap_or(own);
        let requests = self.solver.sets.and_all(&[anybody, others, restriction]);
        let shared = Rc::clone(&self.shared);
        let mut head = Head::new(self.ends, &shared, None);
        let reaching = self.reaching.clone();
        self.solver.flow(first, requests, Mode::Arriving, reaching, &mut head);
        let Lead { base, apart } = self.lead(head);
        let mut summaries: Vec<(ResourceId, Option<Rc<Summary>>)> = Vec::new();
        for (to, gathered) in apart {
            let summary = (!gathered.is_empty()).then(|| self.summary(&gathered));
            summaries.push((to, summary));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(callers.len());
        for callers in callers {
            let own = self.classes(*callers);
            let common = self.common(&base, &own);
            let mut column = Column::with_capacity(common.len() + summaries.len());
            let mut rest = common.into_iter().peekable();
            for (to, summary) in &summaries {
                while let Some(row) = rest.next_if(|(other, _)| other < to) {
                    column.push(row);
                }
                rest.next_if(|(other, _)| other == to);
                let kind = summary.as_ref().and_then(|summary| self.tell(summary, &own));
                column.extend(kind.map(|kind| (*to, kind)));
            }
            column.extend(rest);
            columns.push(column);
        }
        Ok(columns)
    }

    /// How callers fare by what a base says.
    fn common(&mut self, base: &Base, own: &Classes) -> Column {
        let key = (base.number, own.number());
        match &self.column {
            Some((base, own, column)) if (*base, *own) == key => column.clone(),
            _ => {
                let mut column = Column::with_capacity(base.rows.len());
                for (to, summary, _) in &base.rows {
                    column.extend(self.tell(summary, own).map(|kind| (*to, kind)));
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
