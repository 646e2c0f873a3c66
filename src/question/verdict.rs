//! From sets of requests to yes, no, sometimes, or depends.
//!
//! A set of delivered requests is one over requests, choices of the platform and assumptions. In
//! which worlds some request *can* arrive is what is left when all but the assumptions is projected
//! out; in which some one request *must* is what is left of the requests that arrive whatever is
//! chosen.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Assumed, Chosen, Found, Needed, Pair, Verdict};
use super::path_class::PathClass;
use super::selector::SelectedSender;
use crate::graph::{AssumptionId, ChoiceId, Graph, ResourceId};
use crate::sets::{Axis, AxisValues, Set, Sets};
use crate::solve::{Layout, Solver};

/// Whether choices of the platform matter to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// A request must arrive whatever is chosen.
    Surely,
    /// It is enough that it can arrive: what a guard must not let happen at all.
    Possibly,
}

/// Requests that arrive from one source, with where they do.
pub type Delivered = (usize, ResourceId, Set);

/// The classes of requests that arrive, as a verdict takes them.
pub fn delivered<'r>(classes: impl IntoIterator<Item = &'r PathClass>) -> Vec<Delivered> {
    classes.into_iter().map(|class| (class.from, class.to, class.requests)).collect()
}

/// The worlds in which some request can arrive, and in which some one must.
#[derive(Debug, Clone, Copy)]
struct Worlds {
    can: Set,
    must: Set,
}

impl Worlds {
    const NONE: Self = Worlds { can: Set::EMPTY, must: Set::EMPTY };

    fn verdict(self) -> Verdict {
        if self.must == Set::FULL {
            Verdict::Yes
        } else if self.can == Set::EMPTY {
            Verdict::No
        } else if self.can == Set::FULL {
            Verdict::Sometimes
        } else {
            Verdict::Depends
        }
    }
}

/// The verdict over what arrives from some sources. Where a request arrives does not matter to it,
/// so that one that always gets somewhere is sure to, whichever backend is chosen.
pub fn overall(solver: &mut Solver<'_>, delivered: &[Delivered], counting: Counting) -> Found {
    // One set that is sure by itself is the common case.
    let mut sum = Worlds::NONE;
    for (_, _, set) in delivered {
        let own = worlds(solver, *set, counting);
        sum = Worlds {
            can: solver.sets.or(sum.can, own.can),
            must: solver.sets.or(sum.must, own.must),
        };
        if sum.must == Set::FULL {
            return Found::of(Verdict::Yes, Vec::new(), Vec::new());
        }
    }
    let mut by_source: BTreeMap<usize, Vec<Set>> = BTreeMap::new();
    for (from, _, set) in delivered {
        by_source.entry(*from).or_default().push(*set);
    }
    for sets in by_source.values().filter(|sets| sets.len() > 1) {
        let together = solver.sets.or_all(sets);
        let own = worlds(solver, together, counting);
        sum.must = solver.sets.or(sum.must, own.must);
    }
    let verdict = sum.verdict();
    let flips = match verdict {
        Verdict::Yes | Verdict::No => Vec::new(),
        _ => assumptions_in(&solver.layout, &solver.sets, &[sum.can, sum.must]),
    };
    let choices = match verdict {
        Verdict::Sometimes | Verdict::Depends if counting == Counting::Surely => {
            let sets: Vec<Set> = delivered.iter().map(|(_, _, set)| *set).collect();
            choices_in(&solver.layout, &solver.sets, &sets)
        }
        _ => Vec::new(),
    };
    Found::of(verdict, flips, choices)
}

/// From how many pairs on those of which nothing arrives are only counted.
const LISTED: usize = 10_000;

/// Adds the verdict of every pair of some sources and destinations, those without a class included.
pub fn add_pairs(
    found: &mut Found,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    to: &[ResourceId],
    delivered: &[Delivered],
    counting: Counting,
) {
    let mut sets: BTreeMap<(usize, ResourceId), Vec<Set>> = BTreeMap::new();
    for (from, to, set) in delivered {
        sets.entry((*from, *to)).or_default().push(*set);
    }
    let counted = from.len() * to.len() > LISTED;
    for (at, each) in from.iter().enumerate() {
        for end in to {
            let verdict = match sets.get(&(at, *end)) {
                None if counted => {
                    found.others += 1;
                    continue;
                }
                None => Verdict::No,
                Some(sets) => {
                    let together = solver.sets.or_all(sets);
                    worlds(solver, together, counting).verdict()
                }
            };
            found.pairs.push(Pair { from: each.sender.clone(), to: *end, verdict });
        }
    }
}

/// The worlds of a set: assumptions alone are left.
fn worlds(solver: &mut Solver<'_>, set: Set, counting: Counting) -> Worlds {
    let layout = Arc::clone(&solver.layout);
    let can = worlds_of(solver, set);
    if counting == Counting::Possibly {
        return Worlds { can, must: can };
    }
    let sure = surely(&layout, &mut solver.sets, set);
    let must = if sure == set { can } else { worlds_of(solver, sure) };
    Worlds { can, must }
}

fn worlds_of(solver: &mut Solver<'_>, set: Set) -> Set {
    let support = solver.sets.support(set);
    let layout = Arc::clone(&solver.layout);
    let free = |axis: &Axis| layout.assumptions.binary_search(axis).is_ok();
    if !support.iter().any(free) {
        return if solver.sets.is_empty(set) { Set::EMPTY } else { Set::FULL };
    }
    let out: Vec<Axis> = support.into_iter().filter(|axis| !free(axis)).collect();
    solver.sets.project_out(set, &out)
}

/// The requests of a set that are in it whatever the platform chooses.
pub fn surely(layout: &Layout, sets: &mut Sets, set: Set) -> Set {
    let chosen = |axis: &Axis| layout.choices.binary_search(axis).is_ok();
    let axes: Vec<Axis> = sets.support(set).into_iter().filter(chosen).collect();
    if axes.is_empty() { set } else { sets.for_all(set, &axes) }
}

/// Whether there is a request where every assumption with a documented default holds so.
pub fn by_default(solver: &mut Solver<'_>, delivered: &[Delivered]) -> bool {
    let graph = solver.graph;
    let Solver { layout, sets: own, .. } = solver;
    delivered.iter().any(|(_, _, set)| default_world(graph, layout, own, *set) != Set::EMPTY)
}

/// The requests of a set in the worlds where every assumption with a documented default holds so.
pub fn default_world(graph: &Graph, layout: &Layout, sets: &mut Sets, set: Set) -> Set {
    let mut left = set;
    for id in assumptions_in(layout, sets, &[set]) {
        let Some(default) = graph.assumption(id).default else { continue };
        let Ok(holds) = sets.flag(layout.assumptions[id.0 as usize]) else { continue };
        left = if default { sets.and(left, holds) } else { sets.minus(left, holds) };
    }
    left
}

/// What a set rests on.
pub fn needs(layout: &Layout, sets: &mut Sets, set: Set) -> Vec<Needed> {
    let mut needs = Vec::new();
    for assumption in assumptions_in(layout, sets, &[set]) {
        let Ok(holds) = sets.flag(layout.assumptions[assumption.0 as usize]) else { continue };
        let (with, without) = (sets.and(set, holds), sets.minus(set, holds));
        let value = match (sets.is_empty(with), sets.is_empty(without)) {
            (false, true) => Some(true),
            (true, false) => Some(false),
            _ => None,
        };
        needs.push(Needed { assumption, value });
    }
    needs
}

/// The assumptions that sets depend on.
pub fn assumptions_in(layout: &Layout, sets: &Sets, all: &[Set]) -> Vec<AssumptionId> {
    sets.support_of_all(all)
        .into_iter()
        .filter_map(|axis| layout.assumptions.binary_search(&axis).ok())
        .map(|index| AssumptionId(index as u32))
        .collect()
}

/// The choices of the platform that sets depend on.
fn choices_in(layout: &Layout, sets: &Sets, all: &[Set]) -> Vec<ChoiceId> {
    sets.support_of_all(all)
        .into_iter()
        .filter_map(|axis| layout.choices.binary_search(&axis).ok())
        .map(|index| ChoiceId(index as u32))
        .collect()
}

/// The choices that a set rests on, with the branches that it is taken by; none if some of its
/// requests are in it whatever is chosen.
pub fn chosen(layout: &Layout, sets: &mut Sets, set: Set) -> Vec<Chosen> {
    let choices = choices_in(layout, sets, &[set]);
    if choices.is_empty() {
        return Vec::new();
    }
    let sure = surely(layout, sets, set);
    if !sets.is_empty(sure) {
        return Vec::new();
    }
    let mut chosen = Vec::new();
    for choice in choices {
        let axis = layout.choices[choice.0 as usize];
        let own = sets.onto(set, axis);
        let taken = match sets.axis_values(own, axis) {
            AxisValues::Values(taken) => taken,
            _ => (0..layout.space.atom_count(axis)).collect(),
        };
        chosen.push(Chosen { choice, taken });
    }
    chosen
}

/// Assumptions as answers show them.
pub fn show(consulted: &[AssumptionId], flips: &[AssumptionId]) -> Vec<Assumed> {
    let mut all: Vec<AssumptionId> = consulted.iter().chain(flips).copied().collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|id| Assumed { id, flips: flips.contains(&id) }).collect()
}
