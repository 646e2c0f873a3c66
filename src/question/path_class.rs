//! Path classes: the paths of a question before they are put into words, one class for each source,
//! end, entry, outcome, and the guards and forwarding machines on the way.

use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::answer::GuardState;
use super::guard::{self, NameOnly, Passed};
use super::selector::{self, SelectedSender};
use super::{AskError, Model, RequestFilter, requests};
use crate::graph::{EntryId, HopId, HopKind, OutcomeId, ResourceId};
use crate::sets::{Copied, Set, Sets};
use crate::solve::{Block, Flow, Layout, Mode, Solver};

/// Paths of one source, end, entry and outcome that pass the same guards and forwarding machines,
/// together.
#[derive(Debug, Clone)]
pub struct PathClass {
    /// The source, an index into the question's sources.
    pub from: usize,
    /// The end.
    pub to: ResourceId,
    /// The entry.
    pub entry: Option<EntryId>,
    /// The outcome.
    pub outcome: OutcomeId,
    /// Whether the guard that is asked for stands on it, and why.
    pub guard: Option<(GuardState, NameOnly)>,
    /// The requests.
    pub requests: Set,
    /// The hops of the first of the paths.
    pub hops: Vec<HopId>,
    /// The gates that stop something on it, for a class that is refused.
    pub blocks: Vec<Block>,
}

/// What is asked of every path.
#[derive(Debug, Clone, Default)]
pub struct PathSearch {
    /// Only these requests.
    pub filter: RequestFilter,
    /// Hops of the guard, by index.
    pub guard: Option<Vec<bool>>,
    /// Hops of which a path must pass one, by index.
    pub via: Option<Vec<bool>>,
    /// Hops that a path may not pass, by index.
    pub avoid: Option<Vec<bool>>,
    /// Whether what is refused is listed, too.
    pub refused: bool,
    /// Whether that includes the paths and methods that no service ever gets.
    pub reserved: bool,
}

/// The kind of hop that refuses what no service ever gets.
const RESERVED: HopKind = HopKind::ReservedPaths;

/// What tells classes apart; the last number stands for the guards and forwarding machines.
type ClassKey = (usize, ResourceId, Option<EntryId>, OutcomeId, Option<GuardState>, u32);

/// Classes in the order in which their first path was found.
struct PathClasses<'l> {
    classes: Vec<PathClass>,
    index: HashMap<ClassKey, usize, FxBuildHasher>,
    passed: Passed<'l>,
}

impl<'l> PathClasses<'l> {
    fn new(labels: &'l [u32]) -> Self {
        PathClasses { classes: Vec::new(), index: HashMap::default(), passed: Passed::new(labels) }
    }

    fn add(
        &mut self,
        solver: &mut Solver<'_>,
        key: ClassKey,
        requests: Set,
        make: impl FnOnce() -> PathClass,
    ) {
        match self.index.get(&key) {
            Some(&at) => {
                let class = &mut self.classes[at];
                class.requests = solver.sets.or(class.requests, requests);
            }
            None => {
                self.index.insert(key, self.classes.len());
                self.classes.push(make());
            }
        }
    }
}

/// Follows the requests of every source to some ends, and gathers what arrives, and what is refused
/// if the search wants that.
pub fn search(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &PathSearch,
) -> Result<Vec<PathClass>, AskError> {
    search_labelled(model, solver, from, to, search, &guard::labels(&model.graph))
}

fn search_labelled(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &PathSearch,
    labels: &[u32],
) -> Result<Vec<PathClass>, AskError> {
    let reaching = selector::reaching(&model.graph, to);
    let mut classes = PathClasses::new(labels);
    for (at, each) in from.iter().enumerate() {
        let requests = requests::asked(model, solver, each, &search.filter)?;
        let source = &model.graph.sources[each.source];
        let mode = if search.refused { Mode::Blocked } else { Mode::Arriving };
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            gather(&mut classes, solver, search, at, flow);
        };
        solver.flow(source, requests, mode, reaching.clone(), &mut visitor);
    }
    Ok(classes.classes)
}

/// How many ends are solved for at a time at most where all gates in the way are followed, which
/// takes the most memory.
const SHARE: usize = 1024;
/// How many ends are worth a thread.
const WORTH: usize = 64;

/// Searches as [`search`] does, the ends shared out between threads. Of each share only the classes
/// that are `wanted` are left, with their sets; what else solving it took is gone.
pub fn search_shared(
    model: &Model,
    sets: &mut Sets,
    layout: &Arc<Layout>,
    from: &[SelectedSender],
    to: &[ResourceId],
    search: &PathSearch,
    wanted: impl Fn(&PathClass) -> bool + Sync,
) -> Result<Vec<PathClass>, AskError> {
    let threads = rayon::current_num_threads().max(1);
    let most = if search.refused { SHARE } else { usize::MAX };
    let share = to.len().div_ceil(threads).clamp(WORTH, most);
    let labels = guard::labels(&model.graph);
    let mut classes = Vec::new();
    for to in to.chunks(share.saturating_mul(threads)) {
        let solved: Vec<Result<(Sets, Vec<PathClass>), AskError>> = to
            .par_chunks(share)
            .map(|to| {
                let mut solver = Solver::within(&model.graph, Arc::clone(layout));
                let mut classes = search_labelled(model, &mut solver, from, to, search, &labels)?;
                classes.retain(&wanted);
                Ok((solver.sets, classes))
            })
            .collect();
        for part in solved {
            let (own, part) = part?;
            let mut copied = Copied::default();
            classes.extend(part.into_iter().map(|mut class| {
                class.requests = sets.copy(&own, class.requests, &mut copied);
                class
            }));
        }
    }
    Ok(classes)
}

fn gather(
    classes: &mut PathClasses<'_>,
    solver: &mut Solver<'_>,
    search: &PathSearch,
    from: usize,
    flow: &Flow<'_>,
) {
    let graph = solver.graph;
    let Some(to) = flow.to else { return };
    let passes = |marks: &Vec<bool>| flow.hops.iter().any(|hop| marks[hop.index()]);
    if search.via.as_ref().is_some_and(|via| !passes(via))
        || search.avoid.as_ref().is_some_and(&passes)
    {
        return;
    }
    let guard = search.guard.as_ref().map(|marks| guard::state(solver, marks, flow));
    let state = guard.map(|(state, _)| state);
    let passed = classes.passed.number(flow.hops);
    let class = |outcome, requests, blocks: &[Block]| PathClass {
        from,
        to,
        entry: flow.entry,
        outcome,
        guard,
        requests,
        hops: flow.hops.to_vec(),
        blocks: blocks
            .iter()
            .filter(|block| search.reserved || graph.hop(block.hop).kind != RESERVED)
            .cloned()
            .collect(),
    };
    if !solver.sets.is_empty(flow.passing) {
        let key = (from, to, flow.entry, flow.outcome, state, passed);
        classes.add(solver, key, flow.passing, || class(flow.outcome, flow.passing, &[]));
    }
    for refusal in flow.refusals {
        // What no service ever gets is worth a line only where everything refused is asked for.
        if !search.reserved && graph.hop(refusal.hop).kind == RESERVED {
            continue;
        }
        let key = (from, to, flow.entry, refusal.outcome, state, passed);
        classes.add(solver, key, refusal.requests, || {
            class(refusal.outcome, refusal.requests, flow.blocks)
        });
    }
}
