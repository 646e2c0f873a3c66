//! Which guards a path passes, and how far the one that is asked for stands on it.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::answer::{GuardHop, GuardState};
use super::selector::guards;
use crate::graph::{Body, Graph, HopId, HopKind, ListRule, ResourceId, RuleVerdict};
use crate::sets::Set;
use crate::solve::{Current, Flow, Solver};

/// What tells paths apart that have the same ends and the same entry: the number of the guard or the
/// forwarding machine that a hop is, from 1; else 0.
pub fn labels(graph: &Graph) -> Vec<u32> {
    let mut known: HashMap<(Option<GuardHop>, ResourceId), u32, FxBuildHasher> = HashMap::default();
    let label = |hop| {
        let own = graph.hop(hop);
        let guard = guards(graph, hop);
        if guard.is_none() && own.kind != HopKind::IpForwarding {
            return 0;
        }
        let next = known.len() as u32 + 1;
        *known.entry((guard, own.resource)).or_insert(next)
    };
    graph.hops.node_indices().map(label).collect()
}

/// Numbers for the guards and forwarding machines of paths, in the order in which they are passed.
pub struct Passed<'l> {
    /// What [`labels`] says of every hop.
    labels: &'l [u32],
    numbers: HashMap<Box<[u32]>, u32, FxBuildHasher>,
    /// The labels of the path at hand.
    path: Vec<u32>,
}

impl<'l> Passed<'l> {
    /// No path has a number yet.
    pub fn new(labels: &'l [u32]) -> Self {
        Passed { labels, numbers: HashMap::default(), path: Vec::new() }
    }

    /// The number of a path: the same for those that pass the same.
    pub fn number(&mut self, hops: &[HopId]) -> u32 {
        self.path.clear();
        for hop in hops {
            let label = self.labels[hop.index()];
            if label > 0 && self.path.last() != Some(&label) {
                self.path.push(label);
            }
        }
        if let Some(known) = self.numbers.get(&*self.path) {
            return *known;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert((&*self.path).into(), next);
        next
    }
}

/// Why a guard stands in name only, or how it guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameOnly {
    /// It is no such case.
    No,
    /// It guards, but only above a rate.
    RateLimit,
    /// Every rule that could refuse is a preview.
    Preview,
    /// An earlier rule lets pass what a later one would refuse.
    Shadowed,
    /// No rule refuses.
    NoRefusal,
}

/// How far a guard stands on a path: decided for the requests that arrive at it.
pub fn state(solver: &mut Solver<'_>, marks: &[bool], flow: &Flow<'_>) -> (GuardState, NameOnly) {
    let graph = solver.graph;
    let mut best = (GuardState::Unguarded, NameOnly::No);
    for (at, hop) in flow.hops.iter().enumerate() {
        if !marks[hop.index()] {
            continue;
        }
        let Body::Gate { list, .. } = &graph.hop(*hop).body else {
            // A resource that is no gate guards by standing there.
            if graph.hop(*hop).kind != HopKind::HierarchicalSecurityPolicy {
                return (GuardState::Guarded, NameOnly::No);
            }
            continue;
        };
        let rules = &graph.list(*list).rules;
        if rules.is_empty()
            && graph.list(*list).otherwise == RuleVerdict::Pass
            && guards(graph, *hop).is_none()
        {
            return (GuardState::Guarded, NameOnly::No);
        }
        let current = flow.before[at].clone();
        let arriving = flow.arriving[at];
        let pass = solver.passes(*list, &current);
        let refused = solver.sets.not(pass);
        if solver.sets.intersects(arriving, refused) {
            return (GuardState::Guarded, NameOnly::No);
        }
        let why = name_only(solver, rules, &current, arriving);
        let state =
            if why == NameOnly::RateLimit { GuardState::Guarded } else { GuardState::NameOnly };
        if state < best.0 {
            best = (state, why);
        }
    }
    best
}

/// Why a list refuses none of the requests that arrive.
fn name_only(
    solver: &mut Solver<'_>,
    rules: &[ListRule],
    current: &Current,
    arriving: Set,
) -> NameOnly {
    let concerned = |solver: &mut Solver<'_>, rule: &ListRule| {
        let when = solver.express(rule.when, current);
        solver.sets.intersects(arriving, when)
    };
    let mut shadowed = false;
    let mut preview = false;
    for rule in rules {
        if rule.rate_limit && !rule.preview {
            // A throttle counts only where no earlier rule decides.
            let mut reached = arriving;
            for earlier in rules.iter().take_while(|earlier| !std::ptr::eq(*earlier, rule)) {
                if !earlier.preview {
                    let when = solver.express(earlier.when, current);
                    reached = solver.sets.minus(reached, when);
                }
            }
            let when = solver.express(rule.when, current);
            if solver.sets.intersects(reached, when) {
                return NameOnly::RateLimit;
            }
        }
        let refuses = matches!(rule.then, RuleVerdict::Refuse(_));
        if refuses && rule.preview {
            preview |= concerned(solver, rule);
        } else if refuses {
            shadowed |= concerned(solver, rule);
        }
    }
    if shadowed {
        NameOnly::Shadowed
    } else if preview {
        NameOnly::Preview
    } else {
        NameOnly::NoRefusal
    }
}
