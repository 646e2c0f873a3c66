//! A set of requests from a source to every end of its paths.

use std::sync::Arc;

use petgraph::Direction;

use super::current::Current;
use super::solver::Solver;
use crate::graph::{Body, EntryId, Graph, HopId, ListId, Outcome, OutcomeId, ResourceId, Source};
use crate::sets::Set;

/// Which requests are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Those that arrive: a path ends at a gate that lets nothing pass.
    Arriving,
    /// All, past every gate, noting what each stops.
    Blocked,
}

/// The hops from which some ends can be reached.
#[derive(Debug, Clone)]
pub struct Reaching(Arc<[bool]>);

impl Reaching {
    /// The hops from which a hop that satisfies `end` can be reached.
    pub fn new(graph: &Graph, end: impl Fn(HopId) -> bool) -> Self {
        let mut reaching = vec![false; graph.hops.node_count()];
        let mut rest: Vec<HopId> = graph.hops.node_indices().filter(|hop| end(*hop)).collect();
        for hop in &rest {
            reaching[hop.index()] = true;
        }
        while let Some(hop) = rest.pop() {
            for before in graph.hops.neighbors_directed(hop, Direction::Incoming) {
                if !reaching[before.index()] {
                    reaching[before.index()] = true;
                    rest.push(before);
                }
            }
        }
        Reaching(reaching.into())
    }

    /// Every hop.
    pub fn everything(graph: &Graph) -> Self {
        Reaching(vec![true; graph.hops.node_count()].into())
    }

    /// Whether the ends can be reached from a hop.
    pub fn contains(&self, hop: HopId) -> bool {
        self.0[hop.index()]
    }
}

/// A gate on a path, and what it stops.
#[derive(Debug, Clone)]
pub struct Block {
    /// The gate.
    pub hop: HopId,
    /// Whether it stops all that arrives there, or some of it.
    pub all: bool,
    /// The outcomes.
    pub outcomes: Vec<OutcomeId>,
}

/// Requests aimed at the end of a path for which one gate is the first to refuse.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The gate.
    pub hop: HopId,
    /// The answer.
    pub outcome: OutcomeId,
    /// The requests.
    pub requests: Set,
}

/// A path that was followed to its end.
#[derive(Debug)]
pub struct Flow<'a> {
    /// The hops from the source to the end.
    pub hops: &'a [HopId],
    /// The entry that was named last.
    pub entry: Option<EntryId>,
    /// The fields at the end.
    pub current: &'a Current,
    /// Where it arrives, if it does.
    pub to: Option<ResourceId>,
    /// The outcome: that of the end, or that the reply is lost.
    pub outcome: OutcomeId,
    /// The requests that pass every gate.
    pub passing: Set,
    /// The requests that would arrive if every gate let them pass; only in [`Mode::Blocked`].
    pub aimed: Set,
    /// The gates that stop something; only in [`Mode::Blocked`].
    pub blocks: &'a [Block],
    /// What is refused first where; only in [`Mode::Blocked`].
    pub refusals: &'a [Refusal],
    /// For each hop, the requests that arrive there, as far as they pass all gates before it.
    pub arriving: &'a [Set],
    /// For each hop, the fields before it.
    pub before: &'a [Current],
}

/// Is told of every path.
pub trait Visitor {
    /// A path has reached its end.
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>);

    /// In [`Mode::Arriving`]: a gate lets nothing of what arrives there pass.
    fn stopped(&mut self, _solver: &mut Solver<'_>, _gate: &Standing<'_>) {}

    /// Whether a path is followed behind a hop.
    fn follows(&mut self, _solver: &mut Solver<'_>, _hop: &Standing<'_>) -> bool {
        true
    }
}

/// A hop, and the path to it.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The hop.
    pub hop: HopId,
    /// The entry that was named last.
    pub entry: Option<EntryId>,
    /// The fields before the hop.
    pub current: &'a Current,
    /// What arrives there.
    pub requests: Set,
    /// The hops from the start to this one.
    pub hops: &'a [HopId],
    /// For each hop, the requests that arrive there.
    pub arriving: &'a [Set],
    /// For each hop, the fields before it.
    pub before: &'a [Current],
}

impl<F: FnMut(&mut Solver<'_>, &Flow<'_>)> Visitor for F {
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>) {
        self(solver, flow);
    }
}

/// The path that is being followed.
struct Trail<'v> {
    mode: Mode,
    reaching: Reaching,
    visitor: &'v mut dyn Visitor,
    hops: Vec<HopId>,
    arriving: Vec<Set>,
    before: Vec<Current>,
    /// Gates that stop something, with what they refuse.
    blocks: Vec<(HopId, Vec<(OutcomeId, Set)>)>,
    refusals: Vec<Refusal>,
    /// How requests end whose reply is lost on its way back, if they arrive.
    unanswered: Option<OutcomeId>,
}

impl<'v> Trail<'v> {
    /// The visitor, and what it is told of the last hop.
    fn standing<'a>(
        &'a mut self,
        hop: HopId,
        entry: Option<EntryId>,
        current: &'a Current,
        requests: Set,
    ) -> (&'a mut (dyn Visitor + 'v), Standing<'a>) {
        let Trail { visitor, hops, arriving, before, .. } = self;
        let standing = Standing { hop, entry, current, requests, hops, arriving, before };
        (&mut **visitor, standing)
    }
}

impl Solver<'_> {
    /// The requests that a source can send.
    pub fn sent(&mut self, source: &Source) -> Set {
        self.express(source.requests, &Current::start(source.origin))
    }

    /// Follows `requests` from a source over every path that leads to `reaching`.
    pub fn flow(
        &mut self,
        source: &Source,
        requests: Set,
        mode: Mode,
        reaching: Reaching,
        visitor: &mut dyn Visitor,
    ) {
        let current = Current::start(source.origin);
        self.follow(source.start, &current, requests, mode, reaching, visitor);
    }

    /// Follows `requests` from a hop, where these are their fields.
    pub fn follow(
        &mut self,
        start: HopId,
        current: &Current,
        requests: Set,
        mode: Mode,
        reaching: Reaching,
        visitor: &mut dyn Visitor,
    ) {
        let mut trail = Trail {
            mode,
            reaching,
            visitor,
            hops: Vec::new(),
            arriving: Vec::new(),
            before: Vec::new(),
            blocks: Vec::new(),
            refusals: Vec::new(),
            unanswered: None,
        };
        self.step(&mut trail, start, current, None, requests, requests);
    }

    fn step(
        &mut self,
        trail: &mut Trail<'_>,
        hop: HopId,
        current: &Current,
        entry: Option<EntryId>,
        passing: Set,
        aimed: Set,
    ) {
        let followed = if trail.mode == Mode::Arriving { passing } else { aimed };
        if !trail.reaching.contains(hop) || self.sets.is_empty(followed) {
            return;
        }
        let graph = self.graph;
        // A hop that is entered again with the same fields is a loop, which ends nowhere.
        let again = trail.hops.iter().zip(&trail.before);
        if again.into_iter().any(|(earlier, before)| *earlier == hop && before == current) {
            let blocks = self.blocks_of(&trail.blocks, aimed);
            let refusals = self.refusals_of(&trail.refusals, aimed);
            let flow = Flow {
                hops: &trail.hops,
                entry,
                current,
                to: None,
                outcome: graph.looped,
                passing,
                aimed,
                blocks: &blocks,
                refusals: &refusals,
                arriving: &trail.arriving,
                before: &trail.before,
            };
            trail.visitor.arrived(self, &flow);
            return;
        }
        let here = graph.hop(hop);
        let entry = here.entry.or(entry);
        trail.hops.push(hop);
        trail.arriving.push(passing);
        trail.before.push(current.clone());
        let (visitor, standing) = trail.standing(hop, entry, current, passing);
        if visitor.follows(self, &standing) {
            self.behind(trail, hop, current, entry, passing, aimed);
        }
        trail.hops.pop();
        trail.arriving.pop();
        trail.before.pop();
    }

    /// Follows a path behind the hop that is its last so far.
    fn behind(
        &mut self,
        trail: &mut Trail<'_>,
        hop: HopId,
        current: &Current,
        entry: Option<EntryId>,
        passing: Set,
        aimed: Set,
    ) {
        let graph = self.graph;
        let followed = if trail.mode == Mode::Arriving { passing } else { aimed };
        match &graph.hop(hop).body {
            Body::Terminal(outcome) => {
                let blocks = self.blocks_of(&trail.blocks, aimed);
                let refusals = self.refusals_of(&trail.refusals, aimed);
                let to = match graph.outcome(*outcome) {
                    Outcome::Delivered { to } => Some(*to),
                    _ => None,
                };
                let unanswered = trail.unanswered.filter(|_| to.is_some());
                let flow = Flow {
                    hops: &trail.hops,
                    entry,
                    current,
                    to,
                    outcome: unanswered.unwrap_or(*outcome),
                    passing,
                    aimed,
                    blocks: &blocks,
                    refusals: &refusals,
                    arriving: &trail.arriving,
                    before: &trail.before,
                };
                trail.visitor.arrived(self, &flow);
            }
            Body::Gate { list, next } => {
                let pass = self.passes(*list, current);
                let through = self.sets.and(passing, pass);
                if trail.mode == Mode::Arriving && self.sets.is_empty(through) {
                    let (visitor, gate) = trail.standing(hop, entry, current, passing);
                    visitor.stopped(self, &gate);
                }
                let (blocks, refusals) = (trail.blocks.len(), trail.refusals.len());
                if trail.mode == Mode::Blocked && pass != Set::FULL {
                    self.note_block(trail, hop, *list, current, passing, aimed);
                }
                self.past_gate(trail, *list, *next, current, entry, through, aimed);
                trail.blocks.truncate(blocks);
                trail.refusals.truncate(refusals);
            }
            Body::Rewrite { changes, next } => {
                let after = current.after(changes);
                self.step(trail, *next, &after, entry, passing, aimed);
            }
            Body::Choice { choice, branches } => {
                let axis = self.layout.choices[choice.0 as usize];
                for (at, next) in branches.iter().enumerate() {
                    let Ok(taken) = self.sets.one_of(axis, &[at as u32]) else { continue };
                    let part = self.sets.and(passing, taken);
                    let aimed = if trail.mode == Mode::Blocked {
                        self.sets.and(aimed, taken)
                    } else {
                        aimed
                    };
                    self.step(trail, *next, current, entry, part, aimed);
                }
            }
            Body::Switch(switch) => {
                let partition = self.partition(hop, current);
                for at in self.branches(hop, current, followed) {
                    let next = switch.branch(at);
                    if !trail.reaching.contains(next) {
                        continue;
                    }
                    let part = partition[at];
                    let taken = self.sets.and(passing, part);
                    let aimed = if trail.mode == Mode::Blocked {
                        self.sets.and(aimed, part)
                    } else {
                        aimed
                    };
                    self.step(trail, next, current, entry, taken, aimed);
                }
            }
        }
    }

    /// Goes on behind a gate: those whose reply it loses by themselves.
    #[allow(clippy::too_many_arguments, reason = "it is a part of `behind`")]
    fn past_gate(
        &mut self,
        trail: &mut Trail<'_>,
        list: ListId,
        next: HopId,
        current: &Current,
        entry: Option<EntryId>,
        through: Set,
        aimed: Set,
    ) {
        let (mut answered, mut aimed) = (through, aimed);
        // The reply comes to the last such gate first.
        let before = trail.unanswered;
        for (outcome, lost) in self.replies_lost(list, current) {
            let part = self.sets.and(through, lost);
            let aimed_part = self.sets.and(aimed, lost);
            answered = self.sets.minus(answered, lost);
            aimed = self.sets.minus(aimed, lost);
            trail.unanswered = Some(outcome);
            self.step(trail, next, current, entry, part, aimed_part);
            trail.unanswered = before;
        }
        self.step(trail, next, current, entry, answered, aimed);
    }

    /// What was refused on the way of requests that are aimed at this end: a gate before a fork
    /// refuses requests that are aimed at others, too.
    fn refusals_of(&mut self, refusals: &[Refusal], aimed: Set) -> Vec<Refusal> {
        let own = |refusal: &Refusal| {
            let requests = self.sets.and(refusal.requests, aimed);
            (!self.sets.is_empty(requests)).then_some(Refusal { requests, ..*refusal })
        };
        refusals.iter().filter_map(own).collect()
    }

    /// What stops requests that are aimed at this end.
    fn blocks_of(&mut self, blocks: &[(HopId, Vec<(OutcomeId, Set)>)], aimed: Set) -> Vec<Block> {
        let mut own = Vec::with_capacity(blocks.len());
        for (hop, refused) in blocks {
            let (mut outcomes, mut stopped) = (Vec::new(), Set::EMPTY);
            for (outcome, requests) in refused {
                if self.sets.intersects(*requests, aimed) {
                    outcomes.push(*outcome);
                    stopped = self.sets.or(stopped, *requests);
                }
            }
            if !outcomes.is_empty() {
                let all = self.sets.implies(aimed, stopped);
                own.push(Block { hop: *hop, all, outcomes });
            }
        }
        own
    }

    fn note_block(
        &mut self,
        trail: &mut Trail<'_>,
        hop: HopId,
        list: ListId,
        current: &Current,
        passing: Set,
        aimed: Set,
    ) {
        let mut refused_by = Vec::new();
        for (outcome, requests) in self.refusals(list, current) {
            let refused = self.sets.and(aimed, requests);
            if self.sets.is_empty(refused) {
                continue;
            }
            refused_by.push((outcome, refused));
            let first = self.sets.and(passing, requests);
            if !self.sets.is_empty(first) {
                trail.refusals.push(Refusal { hop, outcome, requests: first });
            }
        }
        if !refused_by.is_empty() {
            trail.blocks.push((hop, refused_by));
        }
    }
}
