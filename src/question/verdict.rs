//! From sets of requests to yes, no, or depends.

use super::answer::{Assumed, Verdict};
use crate::graph::{AssumptionId, Graph};
use crate::sets::{Axis, Set, Sets};
use crate::solve::{Layout, Solver};

/// Whether there is a request under all assumptions, under none, or what that depends on.
pub fn verdict(solver: &mut Solver<'_>, sets: &[Set]) -> (Verdict, Vec<AssumptionId>) {
    let mut worlds = Set::EMPTY;
    for set in sets {
        let part = worlds_of(solver, *set);
        worlds = solver.sets.or(worlds, part);
        if worlds == Set::FULL {
            return (Verdict::Yes, Vec::new());
        }
    }
    if solver.sets.is_empty(worlds) {
        return (Verdict::No, Vec::new());
    }
    (Verdict::Depends, assumptions_in(&solver.layout, &solver.sets, &[worlds]))
}

/// Whether there is a request where every assumption with a documented default holds so.
pub fn by_default(solver: &mut Solver<'_>, sets: &[Set]) -> bool {
    let graph = solver.graph;
    let Solver { layout, sets: own, .. } = solver;
    sets.iter().any(|set| default_world(graph, layout, own, *set) != Set::EMPTY)
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

/// What a set rests on, as `--assume` takes it: `ID=true` or `ID=false` where it has no request
/// otherwise, `ID` alone where another value only changes which requests it has.
pub fn needs(graph: &Graph, layout: &Layout, sets: &mut Sets, set: Set) -> Vec<String> {
    let mut needs = Vec::new();
    for id in assumptions_in(layout, sets, &[set]) {
        let name = &graph.assumption(id).id;
        let Ok(holds) = sets.flag(layout.assumptions[id.0 as usize]) else { continue };
        let (with, without) = (sets.and(set, holds), sets.minus(set, holds));
        needs.push(match (with == Set::EMPTY, without == Set::EMPTY) {
            (false, true) => format!("{name}=true"),
            (true, false) => format!("{name}=false"),
            _ => name.clone(),
        });
    }
    needs
}

/// The worlds in which a set has a request: assumptions alone are left.
fn worlds_of(solver: &mut Solver<'_>, set: Set) -> Set {
    let support = solver.sets.support(set);
    let layout = std::sync::Arc::clone(&solver.layout);
    let free = |axis: &Axis| layout.assumptions.binary_search(axis).is_ok();
    if !support.iter().any(free) {
        return if solver.sets.is_empty(set) { Set::EMPTY } else { Set::FULL };
    }
    let out: Vec<Axis> = support.into_iter().filter(|axis| !free(axis)).collect();
    solver.sets.project_out(set, &out)
}

/// The assumptions that sets depend on.
pub fn assumptions_in(layout: &Layout, sets: &Sets, all: &[Set]) -> Vec<AssumptionId> {
    sets.support_of_all(all)
        .into_iter()
        .filter_map(|axis| layout.assumptions.binary_search(&axis).ok())
        .map(|index| AssumptionId(index as u32))
        .collect()
}

/// Whether a set is reached only if Google so chooses.
pub fn sometimes(layout: &Layout, sets: &mut Sets, set: Set) -> bool {
    let support = sets.support(set);
    let chosen = |axis: &Axis| layout.choices.binary_search(axis).is_ok();
    if !support.iter().any(chosen) {
        return false;
    }
    let out: Vec<Axis> = support.into_iter().filter(|axis| !chosen(axis)).collect();
    sets.project_out(set, &out) != Set::FULL
}

/// Assumptions as answers show them.
pub fn show(graph: &Graph, consulted: &[AssumptionId], flips: &[AssumptionId]) -> Vec<Assumed> {
    let mut all: Vec<AssumptionId> = consulted.iter().chain(flips).copied().collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .map(|id| {
            let assumption = graph.assumption(id);
            Assumed {
                id: assumption.id.clone(),
                kind: assumption.kind,
                text: assumption.text.clone(),
                default: assumption.default,
                at: assumption.at,
                flips: flips.contains(&id),
            }
        })
        .collect()
}
