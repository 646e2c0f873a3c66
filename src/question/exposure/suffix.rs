//! Suffixes: what is behind a hop that leads to one destination, followed once for all who come
//! there.

use std::rc::Rc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::solver::ExposureSolver;
use crate::graph::{Body, EntryId, HopId, ListId, OutcomeId};
use crate::sets::{Axis, Set};
use crate::solve::{Current, Flow, Mode, Solver, Standing, Visitor};

/// All that arrives at a destination from some hop on, and what is refused on the way.
pub(super) struct Suffix {
    number: usize,
    /// What arrives, with the entry that was named.
    arrived: Vec<(Option<EntryId>, Set)>,
    /// What passes each gate that refuses something, and what it refuses.
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
    /// The axes that these sets decide on.
    pub asked: Vec<Axis>,
    /// The axes that they do not, and that cells do not depend on.
    idle: Rc<[Axis]>,
}

/// Gathers what arrives at a destination, and the gates that refuse something.
#[derive(Default)]
struct SuffixVisitor {
    arrived: Vec<(Option<EntryId>, Set)>,
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
    /// The gates that were noted, with what arrived there.
    noted: HashSet<(HopId, Set), FxBuildHasher>,
}

impl SuffixVisitor {
    fn gates_of(
        &mut self,
        solver: &mut Solver<'_>,
        hops: &[HopId],
        arriving: &[Set],
        before: &[Current],
    ) {
        for ((hop, arriving), before) in hops.iter().zip(arriving).zip(before) {
            if let Body::Gate { list, .. } = &solver.graph.hop(*hop).body
                && self.noted.insert((*hop, *arriving))
            {
                self.gate(solver, *list, before, *arriving);
            }
        }
    }

    fn gate(&mut self, solver: &mut Solver<'_>, list: ListId, before: &Current, arriving: Set) {
        let mut passing = arriving;
        let mut refused = Vec::new();
        for (outcome, requests) in solver.refusals(list, before) {
            let part = solver.sets.and(arriving, requests);
            if !solver.sets.is_empty(part) {
                passing = solver.sets.minus(passing, part);
                refused.push((outcome, part));
            }
        }
        if !refused.is_empty() {
            self.gates.push((passing, refused));
        }
    }
}

impl Visitor for SuffixVisitor {
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>) {
        if flow.to.is_some() {
            self.arrived.push((flow.entry, flow.passing));
            self.gates_of(solver, flow.hops, flow.arriving, flow.before);
        }
    }

    fn stopped(&mut self, solver: &mut Solver<'_>, gate: &Standing<'_>) {
        self.gates_of(solver, gate.hops, gate.arriving, gate.before);
    }
}

/// What goes to one destination by several suffixes: each with the entry that was named before.
pub(super) type ProjectedSuffixes = Vec<(Option<EntryId>, Rc<ProjectedSuffix>)>;

/// What some requests become that take a suffix, as principals in worlds: all other axes are
/// projected out.
pub(super) struct ProjectedSuffix {
    pub number: usize,
    pub arrived: Vec<(Option<EntryId>, Set)>,
    pub gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
}

impl ProjectedSuffix {
    pub fn is_empty(&self) -> bool {
        self.arrived.is_empty() && self.gates.is_empty()
    }
}

impl ExposureSolver<'_> {
    /// What is behind a hop for requests with these fields.
    pub(super) fn suffix(&mut self, hop: HopId, current: &Current) -> Rc<Suffix> {
        let key = (hop, self.solver.distinguishable(hop, current));
        if let Some(suffix) = self.suffixes.get(&key) {
            return Rc::clone(suffix);
        }
        let mut visitor = SuffixVisitor::default();
        let reaching = self.reaching.clone();
        self.solver.follow(hop, current, Set::FULL, Mode::Arriving, reaching, &mut visitor);
        let SuffixVisitor { arrived, gates, .. } = visitor;
        let sets = gates.iter().flat_map(|(passing, refused)| {
            std::iter::once(*passing).chain(refused.iter().map(|(_, set)| *set))
        });
        let sets: Vec<Set> = sets.chain(arrived.iter().map(|(_, set)| *set)).collect();
        let asked = self.solver.sets.support_of_all(&sets);
        let idle = self.idle(&asked);
        let suffix = Suffix { number: self.suffixes.len(), arrived, gates, asked, idle };
        let suffix = Rc::new(suffix);
        self.suffixes.insert(key, Rc::clone(&suffix));
        suffix
    }

    /// Axes that are neither asked for nor shown in cells.
    pub(super) fn idle(&mut self, asked: &[Axis]) -> Rc<[Axis]> {
        if let Some(known) = self.idle.get(asked) {
            return Rc::clone(known);
        }
        let idle = self.projected_out.iter().filter(|axis| asked.binary_search(axis).is_err());
        let idle: Rc<[Axis]> = idle.copied().collect();
        self.idle.insert(asked.to_vec(), Rc::clone(&idle));
        idle
    }

    /// What of some requests arrives by a suffix, and what is refused: as far as the suffix tells
    /// them apart, and by principals and worlds.
    pub(super) fn projected(&mut self, suffix: &Suffix, requests: Set) -> Rc<ProjectedSuffix> {
        if let Some(known) = self.projected_from.get(&(suffix.number, requests)) {
            return Rc::clone(known);
        }
        let sent = self.solver.sets.project_out(requests, &suffix.idle);
        let projected = match self.projected.get(&(suffix.number, sent)) {
            Some(known) => Rc::clone(known),
            None => {
                let projected = Rc::new(self.project(suffix, sent));
                self.projected.insert((suffix.number, sent), Rc::clone(&projected));
                projected
            }
        };
        self.projected_from.insert((suffix.number, requests), Rc::clone(&projected));
        projected
    }

    /// The same, of requests that are narrowed already.
    fn project(&mut self, suffix: &Suffix, sent: Set) -> ProjectedSuffix {
        let arrived = suffix.arrived.iter();
        let arrived = arrived
            .map(|(entry, set)| (*entry, self.met(sent, *set)))
            .filter(|(_, set)| *set != Set::EMPTY)
            .collect();
        let mut gates = Vec::new();
        for (passing, refused) in &suffix.gates {
            let refused: Vec<(OutcomeId, Set)> = refused
                .iter()
                .map(|(outcome, set)| (*outcome, self.met(sent, *set)))
                .filter(|(_, set)| *set != Set::EMPTY)
                .collect();
            if !refused.is_empty() {
                gates.push((self.met(sent, *passing), refused));
            }
        }
        ProjectedSuffix { number: self.projected.len(), arrived, gates }
    }

    /// What two sets have in common, projected.
    fn met(&mut self, one: Set, other: Set) -> Set {
        if let Some(known) = self.met.get(&(one, other)) {
            return *known;
        }
        let both = self.solver.sets.and(one, other);
        let set = self.solver.sets.project_out(both, &self.projected_out);
        self.met.insert((one, other), set);
        set
    }
}
