//! What is behind a hop, followed once for all who come there.

use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::{Base, Followed, Gathered, Map};
use crate::graph::{Body, EntryId, Graph, HopId, ListId, Origin, OutcomeId, ResourceId, Switch};
use crate::question::exposure::End;
use crate::sets::{Axis, Set};
use crate::solve::{Current, Flow, Mode, Solver, Standing, Visitor};

/// Where requests come to a hop that is not followed any further.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    hop: HopId,
    /// The only destination behind it; `None` at a fork.
    to: Option<ResourceId>,
    entry: Option<EntryId>,
    current: Current,
    requests: Set,
}

/// Follows requests to forks, and until there is only one destination left.
pub(super) struct Head<'e> {
    ends: &'e [End],
    forks: &'e [bool],
    /// The fork that is followed, if it is one: there are no others behind it.
    fork: Option<HopId>,
    turns: Vec<Turn>,
}

impl<'e> Head<'e> {
    pub fn new(ends: &'e [End], forks: &'e [bool], fork: Option<HopId>) -> Self {
        Head { ends, forks, fork, turns: Vec::new() }
    }
}

impl Visitor for Head<'_> {
    fn arrived(&mut self, _solver: &mut Solver<'_>, _flow: &Flow<'_>) {}

    fn follows(&mut self, _solver: &mut Solver<'_>, here: &Standing<'_>) -> bool {
        let to = match self.ends[here.hop.index()] {
            End::Several if self.fork.is_some() || !self.forks[here.hop.index()] => return true,
            End::Several => None,
            End::Nowhere => return false,
            End::At(to) => Some(to),
        };
        let &Standing { hop, entry, requests, .. } = here;
        self.turns.push(Turn { hop, to, entry, current: here.current.clone(), requests });
        false
    }
}

/// Where hosts lead to several destinations, by hop.
pub(super) fn forks(graph: &Graph, ends: &[End]) -> Vec<bool> {
    let by_host = |body: &Body| matches!(body, Body::Switch(Switch::Host { .. }));
    let hops = graph.hops.node_weights().zip(ends);
    hops.map(|(hop, end)| *end == End::Several && by_host(&hop.body)).collect()
}

/// A hop with many destinations behind it, and what leads to each of them.
pub(super) struct Fork {
    number: usize,
    turns: Vec<Turn>,
    /// The axes that the turns decide on.
    asked: Vec<Axis>,
    /// What stands for the network that requests come from, if nothing asks before there is one
    /// destination left.
    origin: Option<Origin>,
    /// Which turns tell a network from others, by network.
    by_network: Map<u32, Vec<usize>>,
}

/// What is behind the turns of a fork, in their order.
pub(super) struct Tails {
    number: usize,
    list: Vec<Rc<Tail>>,
    /// The axes that nothing behind the fork decides on.
    idle: Rc<[Axis]>,
}

/// All that arrives at a destination from some hop on, and what is refused on the way.
pub(super) struct Tail {
    number: usize,
    /// What arrives, with the entry that was named.
    arrived: Vec<(Option<EntryId>, Set)>,
    /// What passes each gate that refuses something, and what it refuses.
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
    /// The axes that these sets decide on.
    asked: Vec<Axis>,
    /// The axes that they do not, and that cells are not told by.
    idle: Rc<[Axis]>,
}

/// Gathers what arrives at a destination, and the gates that refuse something.
#[derive(Default)]
struct Gather {
    arrived: Vec<(Option<EntryId>, Set)>,
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
    /// The gates that were noted, with what arrived there.
    noted: HashSet<(HopId, Set), FxBuildHasher>,
}

impl Gather {
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

impl Visitor for Gather {
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

/// What some requests become that take a tail, as principals in worlds: all other axes are
/// projected out.
pub(super) struct Told {
    pub number: usize,
    pub arrived: Vec<(Option<EntryId>, Set)>,
    pub gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
}

impl Told {
    fn is_empty(&self) -> bool {
        self.arrived.is_empty() && self.gates.is_empty()
    }
}

/// What some requests become that come to a fork: by destination, the turn's place and entry.
pub(super) struct Arrivals {
    number: usize,
    list: Vec<(ResourceId, usize, Option<EntryId>, Rc<Told>)>,
}

/// What comes by a turn of a fork.
pub(super) struct Coming {
    fork: usize,
    turn: usize,
    entry: Option<EntryId>,
    told: Rc<Told>,
}

/// Stands for whatever network requests come from, where nothing asks.
const ANY_ORIGIN: Origin = Origin::Network(u32::MAX);

/// Where the requests of some sources lead, and what they have in common with those of others.
pub(super) struct Lead {
    pub base: Rc<Base>,
    /// What comes to destinations otherwise than the base says.
    pub apart: BTreeMap<ResourceId, Gathered>,
}

/// What comes to a fork, and what differs at some of its turns.
struct Forked {
    before: Option<EntryId>,
    arrivals: Rc<Arrivals>,
    differs: BTreeMap<usize, (ResourceId, Option<EntryId>, Rc<Told>)>,
}

impl Followed<'_> {
    /// Where requests lead that turn off so.
    pub(super) fn lead(&mut self, head: Head<'_>) -> Lead {
        let mut apart: BTreeMap<ResourceId, Gathered> = BTreeMap::new();
        let mut forked: Vec<Forked> = Vec::new();
        for turn in head.turns {
            match turn.to {
                Some(to) => {
                    let tail = self.tail(turn.hop, &turn.current);
                    let told = self.narrowed_told(&tail, turn.requests);
                    apart.entry(to).or_default().push((turn.entry, told));
                }
                None => forked.push(self.forked(&turn)),
            }
        }
        let base = self.base(&forked);
        for (at, fork) in forked.iter().enumerate() {
            for (to, entry, told) in fork.differs.values() {
                let own = apart.entry(*to).or_default();
                own.push((entry.or(forked[at].before), Rc::clone(told)));
            }
        }
        for (to, gathered) in &mut apart {
            for Coming { fork, turn, entry, told } in base.coming(*to) {
                if !forked[*fork].differs.contains_key(turn) {
                    gathered.push((*entry, Rc::clone(told)));
                }
            }
            gathered.retain(|(_, told)| !told.is_empty());
        }
        Lead { base, apart }
    }

    /// What sources have in common that come to these forks.
    fn base(&mut self, forked: &[Forked]) -> Rc<Base> {
        let key: Vec<_> = forked.iter().map(|own| (own.before, own.arrivals.number)).collect();
        if let Some(known) = self.bases.get(&key) {
            return Rc::clone(known);
        }
        let mut found: BTreeMap<ResourceId, Vec<Coming>> = BTreeMap::new();
        for (fork, Forked { before, arrivals, .. }) in forked.iter().enumerate() {
            for (to, turn, entry, told) in &arrivals.list {
                let (turn, entry, told) = (*turn, entry.or(*before), Rc::clone(told));
                found.entry(*to).or_default().push(Coming { fork, turn, entry, told });
            }
        }
        let mut rows = Vec::with_capacity(found.len());
        for (to, coming) in found {
            let gathered: Gathered =
                coming.iter().map(|own| (own.entry, Rc::clone(&own.told))).collect();
            rows.push((to, self.summary(&gathered), coming));
        }
        let base = Rc::new(Base { rows, number: self.bases.len() });
        self.bases.insert(key, Rc::clone(&base));
        base
    }

    /// What comes to a fork. Networks are alike but for the services that tell them apart.
    fn forked(&mut self, turn: &Turn) -> Forked {
        let fork = self.fork(turn.hop, &turn.current);
        let Origin::Network(network) = turn.current.origin else {
            let arrivals = self.arrivals(&fork, turn.hop, &turn.current, turn.requests);
            return Forked { before: turn.entry, arrivals, differs: BTreeMap::new() };
        };
        let open =
            Current { origin: fork.origin.unwrap_or(turn.current.origin), ..turn.current.clone() };
        let arrivals = self.arrivals(&fork, turn.hop, &open, turn.requests);
        let mut differs = BTreeMap::new();
        for &at in fork.by_network.get(&network).into_iter().flatten() {
            let own = &fork.turns[at];
            let Some(to) = own.to else { continue };
            let current = Current { origin: turn.current.origin, ..own.current.clone() };
            let tail = self.tail(own.hop, &current);
            let coming = self.solver.sets.and(turn.requests, own.requests);
            differs.insert(at, (to, own.entry, self.narrowed_told(&tail, coming)));
        }
        Forked { before: turn.entry, arrivals, differs }
    }

    /// What requests become behind a fork.
    fn arrivals(
        &mut self,
        fork: &Fork,
        hop: HopId,
        current: &Current,
        requests: Set,
    ) -> Rc<Arrivals> {
        let tails = self.tails_behind(fork, hop, current);
        let sent = self.solver.sets.project_out(requests, &tails.idle);
        if let Some(known) = self.arrivals.get(&(tails.number, sent)) {
            return Rc::clone(known);
        }
        let mut list = Vec::new();
        for (at, (turn, tail)) in fork.turns.iter().zip(&tails.list).enumerate() {
            let Some(to) = turn.to else { continue };
            let coming = self.solver.sets.and(sent, turn.requests);
            let told = self.narrowed_told(tail, coming);
            if !told.is_empty() {
                list.push((to, at, turn.entry, told));
            }
        }
        let arrivals = Rc::new(Arrivals { number: self.arrivals.len(), list });
        self.arrivals.insert((tails.number, sent), Rc::clone(&arrivals));
        arrivals
    }

    /// What leads from a fork to the destinations behind it. Where a request comes from is left
    /// open as far as nothing asks before there is one destination left.
    fn fork(&mut self, hop: HopId, current: &Current) -> Rc<Fork> {
        let ends = self.ends;
        let asks_origin = self.solver.asks_origin(hop, &|hop| ends[hop.index()] != End::Several);
        let mut open = current.clone();
        if !asks_origin {
            open.origin = ANY_ORIGIN;
        }
        let key = (hop, open);
        if let Some(known) = self.forks.get(&key) {
            return Rc::clone(known);
        }
        let mut head = Head::new(self.ends, &[], Some(hop));
        let reaching = self.reaching.clone();
        self.solver.follow(hop, &key.1, Set::FULL, Mode::Arriving, reaching, &mut head);
        let sets: Vec<Set> = head.turns.iter().map(|turn| turn.requests).collect();
        let asked = self.solver.sets.support_of_all(&sets);
        let mut by_network: Map<u32, Vec<usize>> = Map::default();
        for (at, turn) in head.turns.iter().enumerate() {
            if turn.current.origin == ANY_ORIGIN {
                for network in self.solver.networks_asked(turn.hop) {
                    by_network.entry(network).or_default().push(at);
                }
            }
        }
        let origin = (!asks_origin).then_some(ANY_ORIGIN);
        let turns = head.turns;
        let fork = Rc::new(Fork { number: self.forks.len(), turns, asked, origin, by_network });
        self.forks.insert(key, Rc::clone(&fork));
        fork
    }

    fn tails_behind(&mut self, fork: &Fork, hop: HopId, current: &Current) -> Rc<Tails> {
        let key = (fork.number, self.solver.told_apart(hop, current));
        if let Some(known) = self.behind.get(&key) {
            return Rc::clone(known);
        }
        let mut asked: HashSet<Axis, FxBuildHasher> = fork.asked.iter().copied().collect();
        let mut list = Vec::with_capacity(fork.turns.len());
        for turn in &fork.turns {
            let tail = if turn.current.origin == ANY_ORIGIN {
                self.tail(turn.hop, &Current { origin: current.origin, ..turn.current.clone() })
            } else {
                self.tail(turn.hop, &turn.current)
            };
            asked.extend(&tail.asked);
            list.push(tail);
        }
        let mut asked: Vec<Axis> = asked.into_iter().collect();
        asked.sort_unstable();
        let idle = self.idle(&asked);
        let tails = Rc::new(Tails { number: self.behind.len(), list, idle });
        self.behind.insert(key, Rc::clone(&tails));
        tails
    }

    fn tail(&mut self, hop: HopId, current: &Current) -> Rc<Tail> {
        let key = (hop, self.solver.told_apart(hop, current));
        if let Some(tail) = self.tails.get(&key) {
            return Rc::clone(tail);
        }
        let mut gather = Gather::default();
        let reaching = self.reaching.clone();
        self.solver.follow(hop, current, Set::FULL, Mode::Arriving, reaching, &mut gather);
        let Gather { arrived, gates, .. } = gather;
        let sets = gates.iter().flat_map(|(passing, refused)| {
            std::iter::once(*passing).chain(refused.iter().map(|(_, set)| *set))
        });
        let sets: Vec<Set> = sets.chain(arrived.iter().map(|(_, set)| *set)).collect();
        let asked = self.solver.sets.support_of_all(&sets);
        let idle = self.idle(&asked);
        let tail = Tail { number: self.tails.len(), arrived, gates, asked, idle };
        let tail = Rc::new(tail);
        self.tails.insert(key, Rc::clone(&tail));
        tail
    }

    /// Axes that are neither asked for nor told.
    fn idle(&mut self, asked: &[Axis]) -> Rc<[Axis]> {
        if let Some(known) = self.idle.get(asked) {
            return Rc::clone(known);
        }
        let idle = self.untold.iter().filter(|axis| asked.binary_search(axis).is_err());
        let idle: Rc<[Axis]> = idle.copied().collect();
        self.idle.insert(asked.to_vec(), Rc::clone(&idle));
        idle
    }

    /// What of some requests arrives by a tail, and what is refused: as far as the tail tells them
    /// apart, and by principals and worlds.
    fn narrowed_told(&mut self, tail: &Tail, requests: Set) -> Rc<Told> {
        if let Some(known) = self.told_at.get(&(tail.number, requests)) {
            return Rc::clone(known);
        }
        let sent = self.solver.sets.project_out(requests, &tail.idle);
        let told = match self.told.get(&(tail.number, sent)) {
            Some(known) => Rc::clone(known),
            None => {
                let told = Rc::new(self.new_told(tail, sent));
                self.told.insert((tail.number, sent), Rc::clone(&told));
                told
            }
        };
        self.told_at.insert((tail.number, requests), Rc::clone(&told));
        told
    }

    fn new_told(&mut self, tail: &Tail, sent: Set) -> Told {
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
        Told { number: self.told.len(), arrived, gates }
    }

    fn met(&mut self, one: Set, other: Set) -> Set {
        if let Some(known) = self.met.get(&(one, other)) {
            return *known;
        }
        let both = self.solver.sets.and(one, other);
        let set = self.solver.sets.project_out(both, &self.untold);
        self.met.insert((one, other), set);
        set
    }
}
