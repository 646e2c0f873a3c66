//! Sources that differ only in who they send as: services that leave by the same way. They are
//! solved as one, and told apart by the principals of what arrives.

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;

use super::exposure::{End, Fare, Fares};
use super::selector::From;
use super::{AskError, Model, RequestFilter, answer::CellState, rows, verdict};
use crate::graph::identity::Identities;
use crate::graph::{
    Body, EntryId, ExpressionId, Graph, HopId, Origin, Outcome, OutcomeId, ResourceId,
};
use crate::sets::{AxisValues, Set};
use crate::solve::{Current, Flow, Mode, Reaching, Solver, Stop, Visitor};

type Map<K, V> = HashMap<K, V, FxBuildHasher>;

/// Groups the places of sources that may be solved as one.
pub fn groups(graph: &Graph, from: &[From]) -> Vec<Vec<usize>> {
    let mut classes = Classes { graph, known: Map::default() };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut index: Map<(u64, Origin, ExpressionId), usize> = Map::default();
    for (at, each) in from.iter().enumerate() {
        let source = &graph.sources[each.source];
        let workload = matches!(graph.resource(source.resource).kind, "service" | "job");
        if !workload || each.principal.is_some() {
            groups.push(vec![at]);
            continue;
        }
        let class = classes.of(source.start, source.resource);
        let next = groups.len();
        let group = *index.entry((class, source.origin, source.others)).or_insert(next);
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// Hops of sources by what they do, whoever's they are.
struct Classes<'g> {
    graph: &'g Graph,
    known: Map<String, u64>,
}

impl Classes<'_> {
    /// Equal for hops at which the same happens. Hops of other resources are only like themselves.
    fn of(&mut self, hop: HopId, own: ResourceId) -> u64 {
        let here = self.graph.hop(hop);
        if here.resource != own {
            return hop.index() as u64;
        }
        let next: Vec<u64> =
            here.body.successors().into_iter().map(|next| self.of(next, own)).collect();
        let what = match &here.body {
            Body::Gate { list, .. } => format!("gate {}", list.0),
            Body::Rewrite { changes, .. } => format!("rewrite {changes:?}"),
            Body::Choice { choice, .. } => format!("choice {}", choice.0),
            Body::Terminal(outcome) => format!("end {}", outcome.0),
            Body::Switch(switch) => {
                let mut text = String::new();
                match switch {
                    crate::graph::Switch::Destination { ranges, .. } => {
                        for (range, _) in ranges {
                            text.push_str(&format!("{range} "));
                        }
                    }
                    crate::graph::Switch::FirstMatch { branches, .. } => {
                        for (when, _) in branches {
                            text.push_str(&format!("{} ", when.0));
                        }
                    }
                    // No hop of a sender chooses by name or path.
                    _ => return hop.index() as u64,
                }
                format!("switch {text}")
            }
        };
        // Above every index of a hop.
        let fresh = (1 << 32) + self.known.len() as u64;
        *self.known.entry(format!("{what} {next:?}")).or_insert(fresh)
    }
}

/// What arrives at one destination, and what is refused before it.
#[derive(Default)]
struct Gathered {
    arrived: Vec<(Option<EntryId>, Set)>,
    /// What passes each gate, and what it refuses.
    gates: Vec<(Set, Vec<(OutcomeId, Set)>)>,
}

struct Gather<'e> {
    ends: &'e [End],
    found: Map<ResourceId, Gathered>,
}

impl Gather<'_> {
    fn refuse(
        &mut self,
        solver: &mut Solver<'_>,
        hop: HopId,
        list: crate::graph::ListId,
        current: &Current,
        arriving: Set,
    ) {
        let End::At(to) = self.ends[hop.index()] else { return };
        let mut passing = arriving;
        let mut refused = Vec::new();
        for (outcome, requests) in solver.refusals(list, current) {
            let part = solver.sets.and(arriving, requests);
            if !solver.sets.is_empty(part) {
                passing = solver.sets.minus(passing, part);
                refused.push((outcome, part));
            }
        }
        if !refused.is_empty() {
            self.found.entry(to).or_default().gates.push((passing, refused));
        }
    }
}

impl Visitor for Gather<'_> {
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>) {
        let Outcome::Delivered { to } = *solver.graph.outcome(flow.outcome) else { return };
        self.found.entry(to).or_default().arrived.push((flow.entry, flow.passing));
        for ((hop, arriving), before) in flow.hops.iter().zip(flow.arriving).zip(flow.before) {
            if let Body::Gate { list, .. } = &solver.graph.hop(*hop).body {
                self.refuse(solver, *hop, *list, before, *arriving);
            }
        }
    }

    fn stopped(&mut self, solver: &mut Solver<'_>, stop: &Stop<'_>) {
        self.refuse(solver, stop.hop, stop.list, stop.current, stop.arriving);
    }
}

type Principals = HashSet<u32, FxBuildHasher>;

fn principals(solver: &mut Solver<'_>, set: Set) -> Principals {
    let axis = solver.layout.principal;
    let own = solver.sets.onto(set, axis);
    match solver.sets.axis_values(own, axis) {
        AxisValues::Values(classes) => classes.into_iter().collect(),
        AxisValues::All => (0..solver.graph.identities.principals().len() as u32).collect(),
        _ => Principals::default(),
    }
}

/// How each source of a group fares everywhere, in their order.
pub fn fares(
    model: &Model,
    solver: &mut Solver<'_>,
    members: &[&From],
    reaching: &Reaching,
    ends: &[End],
) -> Result<Vec<Fares>, AskError> {
    let graph = &model.graph;
    let sources: Vec<_> = members.iter().map(|from| &graph.sources[from.source]).collect();
    let Some(first) = sources.first() else { return Ok(Vec::new()) };
    let start = Current::start(first.origin);
    let callers: Vec<Set> =
        sources.iter().map(|source| solver.express(source.callers, &start)).collect();
    let others = solver.express(first.others, &start);
    let restriction = rows::filtered(model, solver, &RequestFilter::default())?;
    let anybody = solver.sets.or_all(&callers);
    let requests = solver.sets.and_all(&[anybody, others, restriction]);
    let mut gather = Gather { ends, found: Map::default() };
    solver.flow(first, requests, Mode::Arriving, reaching.clone(), &mut gather);
    let own: Vec<Principals> = callers.iter().map(|set| principals(solver, *set)).collect();
    let mut fares: Vec<Fares> = vec![Fares::default(); members.len()];
    for (to, Gathered { arrived, gates }) in gather.found {
        let sets: Vec<Set> = arrived.iter().map(|(_, set)| *set).collect();
        let all = solver.sets.or_all(&sets);
        let assumed = verdict::assumptions_in(&solver.layout, &solver.sets, &[all]);
        let by_default = verdict::default_world(graph, &solver.layout, &mut solver.sets, all);
        let arriving = principals(solver, by_default);
        let entries: Vec<(Option<EntryId>, Principals)> =
            arrived.iter().map(|(entry, set)| (*entry, principals(solver, *set))).collect();
        type Gate = (Principals, Vec<(OutcomeId, Principals)>);
        let mut told: Vec<Gate> = Vec::with_capacity(gates.len());
        for (passing, refused) in gates {
            let refused = refused
                .into_iter()
                .map(|(outcome, set)| (outcome, principals(solver, set)))
                .collect();
            told.push((principals(solver, passing), refused));
        }
        for (member, own) in own.iter().enumerate() {
            let is_in = |some: &Principals| own.iter().any(|class| some.contains(class));
            let mut fare = Fare {
                entries: entries
                    .iter()
                    .filter(|(_, who)| is_in(who))
                    .filter_map(|(entry, _)| *entry)
                    .collect(),
                ..Fare::default()
            };
            // Causes are told only of what is refused as a whole.
            let stopped = told
                .iter()
                .filter(|(passing, _)| !is_in(passing))
                .flat_map(|(_, refused)| refused)
                .filter(|(_, who)| is_in(who));
            let refusals: Vec<OutcomeId> = stopped.map(|(outcome, _)| *outcome).collect();
            let arrives = entries.iter().any(|(_, who)| is_in(who));
            if !arrives && refusals.is_empty() {
                continue;
            }
            let known = if own.contains(&Identities::ANONYMOUS)
                && arriving.contains(&Identities::ANONYMOUS)
            {
                CellState::Open
            } else if is_in(&arriving) {
                CellState::Named
            } else {
                CellState::Refused
            };
            if known == CellState::Named {
                let names = graph.identities.principals().iter().enumerate();
                let named = |class: usize| {
                    own.contains(&(class as u32)) && arriving.contains(&(class as u32))
                };
                fare.named = names
                    .filter(|(class, _)| named(*class))
                    .map(|(_, principal)| principal.name())
                    .collect();
            }
            if known == CellState::Refused && !arrives {
                fare.refusals = refusals;
            }
            if !assumed.is_empty() {
                // Which of them concern this source is only to be seen in its own part.
                let mine = solver.sets.and(all, callers[member]);
                let mine = verdict::assumptions_in(&solver.layout, &solver.sets, &[mine]);
                fare.assumptions = mine.into_iter().map(|id| id.0).collect();
            }
            fare.state = Some(known);
            fare.entries.sort_unstable();
            fare.entries.dedup();
            fare.refusals.sort_unstable();
            fare.refusals.dedup();
            fares[member].insert(to, fare);
        }
    }
    Ok(fares)
}
