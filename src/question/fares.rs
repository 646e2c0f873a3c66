//! How sources fare at destinations. What leads to one destination alone is followed once for all
//! who come that way, with every request; what each sends there is then laid over it.

use std::rc::Rc;

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;

use super::answer::CellState;
use super::exposure::{Column, End, Fare, Kinds};
use super::selector::From;
use super::{AskError, Model, RequestFilter, rows, verdict};
use crate::graph::identity::Identities;
use crate::graph::{
    AssumptionId, Body, EntryId, HopId, ListId, Outcome, OutcomeId, ResourceId, Source,
};
use crate::sets::{Axis, AxisValues, Set};
use crate::solve::{Current, Flow, Mode, Reaching, Solver, Standing, ToldApart, Visitor};

type Map<K, V> = HashMap<K, V, FxBuildHasher>;
/// Classes of principals.
type Principals = Rc<HashSet<u32, FxBuildHasher>>;

/// Where a source's requests come to a hop behind which there is one destination.
struct Turn {
    hop: HopId,
    to: ResourceId,
    entry: Option<EntryId>,
    current: Current,
    requests: Set,
}

/// Follows requests until there is only one destination left.
struct Head<'e> {
    ends: &'e [End],
    turns: Vec<Turn>,
}

impl Visitor for Head<'_> {
    fn arrived(&mut self, _solver: &mut Solver<'_>, _flow: &Flow<'_>) {}

    fn follows(&mut self, _solver: &mut Solver<'_>, here: &Standing<'_>) -> bool {
        match self.ends[here.hop.index()] {
            End::Several => true,
            End::Nowhere => false,
            End::At(to) => {
                let &Standing { hop, entry, requests, .. } = here;
                self.turns.push(Turn { hop, to, entry, current: here.current.clone(), requests });
                false
            }
        }
    }
}

/// All that arrives at a destination from some hop on, and what is refused on the way.
#[derive(Default)]
struct Tail {
    /// What arrives, with the entry that was named.
    arrived: Vec<(Option<EntryId>, Set)>,
    /// What passes each gate that refuses something, and what it refuses.
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
    /// The axes that these sets decide on.
    asked: Vec<Axis>,
    /// The gates that were noted, with what arrived there.
    noted: HashSet<(HopId, Set), FxBuildHasher>,
}

impl Tail {
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

impl Visitor for Tail {
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>) {
        if let Outcome::Delivered { .. } = solver.graph.outcome(flow.outcome) {
            self.arrived.push((flow.entry, flow.passing));
            self.gates_of(solver, flow.hops, flow.arriving, flow.before);
        }
    }

    fn stopped(&mut self, solver: &mut Solver<'_>, gate: &Standing<'_>) {
        self.gates_of(solver, gate.hops, gate.arriving, gate.before);
    }
}

/// What some requests become that take a tail, as principals in worlds: all other axes are
/// projected out.
struct Told {
    arrived: Vec<(Option<EntryId>, Set)>,
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
}

/// What goes to one destination: each with the entry that was named before.
type Gathered = Vec<(Option<EntryId>, Rc<Told>)>;

/// Follows sources, and remembers what they have in common.
pub(super) struct Followed<'m> {
    model: &'m Model,
    solver: Solver<'m>,
    reaching: &'m Reaching,
    ends: &'m [End],
    /// Each with its number.
    tails: Map<(HopId, ToldApart), (usize, Rc<Tail>)>,
    /// What becomes of requests, by the tail's number.
    told: Map<(usize, Set), Rc<Told>>,
    /// Principals and worlds of the intersection of two sets.
    met: Map<(Set, Set), Set>,
    principals: Map<Set, Principals>,
    assumed: Map<Set, Rc<[AssumptionId]>>,
}

impl<'m> Followed<'m> {
    pub fn new(
        model: &'m Model,
        solver: Solver<'m>,
        reaching: &'m Reaching,
        ends: &'m [End],
    ) -> Self {
        Followed {
            model,
            solver,
            reaching,
            ends,
            tails: Map::default(),
            told: Map::default(),
            met: Map::default(),
            principals: Map::default(),
            assumed: Map::default(),
        }
    }

    /// How each source of a group fares everywhere, in their order; they differ only in who sends
    /// (see [`groups`](super::alike::groups)).
    pub fn fares(&mut self, members: &[&From], kinds: &mut Kinds) -> Result<Vec<Column>, AskError> {
        let graph = &self.model.graph;
        let sources: Vec<&Source> =
            members.iter().map(|from| &graph.sources[from.source]).collect();
        let Some(first) = sources.first() else { return Ok(Vec::new()) };
        let start = Current::start(first.origin);
        let callers: Vec<Set> = members
            .iter()
            .zip(&sources)
            .map(|(from, source)| {
                let callers = self.solver.express(source.callers, &start);
                let class = from.principal.as_slice();
                if class.is_empty() {
                    return callers;
                }
                let only = self.solver.sets.one_of(self.solver.layout.principal, class);
                self.solver.sets.and(callers, only.unwrap_or(Set::EMPTY))
            })
            .collect();
        let others = self.solver.express(first.others, &start);
        let restriction = rows::filtered(self.model, &mut self.solver, &RequestFilter::default())?;
        // What goes for one workload goes for all that leave as it does: who sends is asked at the
        // end, as which identities an account can show does not depend on where it runs.
        let workload =
            matches!(graph.resource(first.resource).kind, "service" | "job" | "worker_pool");
        let anybody = match graph.sources.first() {
            Some(internet) if workload => self.solver.express(internet.callers, &start),
            _ => self.solver.sets.or_all(&callers),
        };
        let requests = self.solver.sets.and_all(&[anybody, others, restriction]);
        let mut head = Head { ends: self.ends, turns: Vec::new() };
        let reaching = self.reaching.clone();
        self.solver.flow(first, requests, Mode::Arriving, reaching, &mut head);
        let own: Vec<Principals> = callers.into_iter().map(|set| self.principals(set)).collect();
        let mut columns: Vec<Column> = vec![Column::new(); members.len()];
        for (to, gathered) in self.gathered(head.turns) {
            self.tell(to, &gathered, &own, &mut columns, kinds);
        }
        columns.iter_mut().for_each(|column| column.sort_unstable());
        Ok(columns)
    }

    /// What of the requests that turn off arrives, and what is refused, by destination.
    fn gathered(&mut self, turns: Vec<Turn>) -> Map<ResourceId, Gathered> {
        let mut found: Map<ResourceId, Gathered> = Map::default();
        for Turn { hop, to, entry, current, requests } in turns {
            let (number, tail) = self.tail(hop, &current);
            let sent = self.narrowed(requests, &tail);
            let told = match self.told.get(&(number, sent)) {
                Some(known) => Rc::clone(known),
                None => {
                    let told = Rc::new(self.tell_apart(&tail, sent));
                    self.told.insert((number, sent), Rc::clone(&told));
                    told
                }
            };
            found.entry(to).or_default().push((entry, told));
        }
        found
    }

    fn tell_apart(&mut self, tail: &Tail, sent: Set) -> Told {
        let arrived = tail.arrived.iter();
        let arrived = arrived
            .map(|(entry, set)| (*entry, self.met(sent, *set)))
            .filter(|(_, set)| *set != Set::EMPTY)
            .collect();
        let mut gates = Vec::new();
        for (passing, refused) in &tail.gates {
            let refused: Vec<(OutcomeId, Set)> = refused
                .iter()
                .map(|(outcome, set)| (*outcome, self.met(sent, *set)))
                .filter(|(_, set)| *set != Set::EMPTY)
                .collect();
            if !refused.is_empty() {
                gates.push((self.met(sent, *passing), refused));
            }
        }
        Told { arrived, gates }
    }

    fn tail(&mut self, hop: HopId, current: &Current) -> (usize, Rc<Tail>) {
        let key = (hop, self.solver.told_apart(hop, current));
        if let Some((number, tail)) = self.tails.get(&key) {
            return (*number, Rc::clone(tail));
        }
        let mut tail = Tail::default();
        let reaching = self.reaching.clone();
        self.solver.follow(hop, current, Set::FULL, Mode::Arriving, reaching, &mut tail);
        let sets = tail.gates.iter().flat_map(|(passing, refused)| {
            std::iter::once(*passing).chain(refused.iter().map(|(_, set)| *set))
        });
        let sets: Vec<Set> = sets.chain(tail.arrived.iter().map(|(_, set)| *set)).collect();
        tail.asked = self.solver.sets.support_of_all(&sets);
        tail.noted = HashSet::default();
        let (number, tail) = (self.tails.len(), Rc::new(tail));
        self.tails.insert(key, (number, Rc::clone(&tail)));
        (number, tail)
    }

    /// Requests as far as a tail tells them apart, and by principals and worlds.
    fn narrowed(&mut self, requests: Set, tail: &Tail) -> Set {
        let mut out = self.solver.sets.support(requests);
        out.retain(|axis| !self.is_told(axis) && tail.asked.binary_search(axis).is_err());
        self.solver.sets.project_out(requests, &out)
    }

    /// Whether cells are told by an axis: principals, and assumptions.
    fn is_told(&self, axis: &Axis) -> bool {
        let layout = &self.solver.layout;
        *axis == layout.principal || layout.assumptions.binary_search(axis).is_ok()
    }

    fn met(&mut self, one: Set, other: Set) -> Set {
        if let Some(known) = self.met.get(&(one, other)) {
            return *known;
        }
        let both = self.solver.sets.and(one, other);
        let mut out = self.solver.sets.support(both);
        out.retain(|axis| !self.is_told(axis));
        let set = self.solver.sets.project_out(both, &out);
        self.met.insert((one, other), set);
        set
    }

    fn principals(&mut self, set: Set) -> Principals {
        if let Some(known) = self.principals.get(&set) {
            return Rc::clone(known);
        }
        let Solver { layout, sets, graph, .. } = &mut self.solver;
        let axis = layout.principal;
        let own = sets.onto(set, axis);
        let classes: HashSet<u32, FxBuildHasher> = match sets.axis_values(own, axis) {
            AxisValues::Values(classes) => classes.into_iter().collect(),
            AxisValues::All => (0..graph.identities.principals().len() as u32).collect(),
            _ => HashSet::default(),
        };
        let classes = Rc::new(classes);
        self.principals.insert(set, Rc::clone(&classes));
        classes
    }

    fn assumed(&mut self, set: Set) -> Rc<[AssumptionId]> {
        if let Some(known) = self.assumed.get(&set) {
            return Rc::clone(known);
        }
        let found = verdict::assumptions_in(&self.solver.layout, &self.solver.sets, &[set]);
        let found: Rc<[AssumptionId]> = found.into();
        self.assumed.insert(set, Rc::clone(&found));
        found
    }

    /// Writes down how each member fares at one destination.
    fn tell(
        &mut self,
        to: ResourceId,
        gathered: &Gathered,
        own: &[Principals],
        columns: &mut [Column],
        kinds: &mut Kinds,
    ) {
        let arrived = gathered.iter().flat_map(|(before, told)| {
            told.arrived.iter().map(|(entry, set)| (entry.or(*before), *set))
        });
        let arrived: Vec<(Option<EntryId>, Set)> = arrived.collect();
        let sets: Vec<Set> = arrived.iter().map(|(_, set)| *set).collect();
        let all = self.solver.sets.or_all(&sets);
        let assumed = self.assumed(all);
        // A cell says what holds by default; its assumptions say what would change it.
        let graph = &self.model.graph;
        let by_default = if assumed.is_empty() {
            all
        } else {
            let Solver { layout, sets, .. } = &mut self.solver;
            verdict::default_world(graph, layout, sets, all)
        };
        let arriving = self.principals(by_default);
        let entries: Vec<(Option<EntryId>, Principals)> =
            arrived.into_iter().map(|(entry, set)| (entry, self.principals(set))).collect();
        type Gate = (Principals, Vec<(OutcomeId, Principals)>);
        let gates: Vec<Gate> = gathered
            .iter()
            .flat_map(|(_, told)| &told.gates)
            .map(|(passing, refused)| {
                let refused =
                    refused.iter().map(|(outcome, set)| (*outcome, self.principals(*set)));
                let refused = refused.collect();
                (self.principals(*passing), refused)
            })
            .collect();
        let mut last: Option<(Fare, u32)> = None;
        for (own, column) in own.iter().zip(columns) {
            let mut fare = Fare::default();
            let mut arrives = false;
            for (entry, who) in &entries {
                if meet(own, who) {
                    arrives = true;
                    fare.entries.extend(*entry);
                }
            }
            // Causes are told only of what is refused as a whole.
            for (passing, refused) in &gates {
                if !arrives && !meet(own, passing) {
                    let stopped = refused.iter().filter(|(_, who)| meet(own, who));
                    fare.refusals.extend(stopped.map(|(outcome, _)| *outcome));
                }
            }
            if !arrives && fare.refusals.is_empty() {
                continue;
            }
            let both = |class: u32| own.contains(&class) && arriving.contains(&class);
            let state = if both(Identities::ANONYMOUS) {
                CellState::Open
            } else if both(Identities::ANY_ACCOUNT) {
                CellState::AnyAccount
            } else if meet(own, &arriving) {
                CellState::Named
            } else {
                CellState::Refused
            };
            fare.state = Some(state);
            if state == CellState::Named {
                let mut classes: Vec<u32> = own.intersection(&arriving).copied().collect();
                classes.sort_unstable();
                let names = graph.identities.principals();
                fare.named =
                    classes.into_iter().map(|class| names[class as usize].name()).collect();
            }
            if !assumed.is_empty() {
                // Which of them concern this member is only to be seen in its own part.
                let mut classes: Vec<u32> = own.iter().copied().collect();
                classes.sort_unstable();
                let mine = self.solver.sets.one_of(self.solver.layout.principal, &classes);
                let mine = self.solver.sets.and(all, mine.unwrap_or(Set::EMPTY));
                fare.assumptions = self.assumed(mine).iter().map(|id| id.0).collect();
            }
            fare.entries.sort_unstable();
            fare.entries.dedup();
            fare.refusals.sort_unstable();
            fare.refusals.dedup();
            let kind = match &last {
                Some((known, kind)) if *known == fare => *kind,
                _ => {
                    let kind = kinds.number(fare.clone());
                    last = Some((fare, kind));
                    kind
                }
            };
            column.push((to, kind));
        }
    }
}

/// Whether two sets of principals have one in common.
fn meet(one: &Principals, other: &Principals) -> bool {
    let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
    few.iter().any(|class| many.contains(class))
}
