//! Functions with many outcomes: what an ordered list of rules decides.

use rustc_hash::{FxHashMap, FxHashSet};

use super::algebra::{Set, Sets};
use super::apply::Op;
use super::nodes::{EMPTY, FULL, LEAF, NONE, NodeId};

/// A function from the points of a space to numbers below `2^31 - 1`, not made where nothing
/// applies. Equal ids of one manager are equal functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decision(pub(super) NodeId);

impl Decision {
    /// The decision that is not made anywhere.
    pub const NONE: Self = Self(NONE);

    /// The same outcome everywhere.
    pub fn always(outcome: u32) -> Self {
        debug_assert!(outcome < NONE & !LEAF, "the outcome {outcome} is out of range");
        Self(LEAF | outcome)
    }
}

impl Sets {
    /// The outcome of the first rule whose set holds the point, else the default.
    pub fn first_match(&mut self, rules: &[(Set, u32)], default: u32) -> Decision {
        let decision = self.partial_match(rules);
        self.over(decision, Decision::always(default))
    }

    /// The outcome of the first rule whose set holds the point, not made where none does.
    ///
    /// Halves are decided apart and laid over each other, so that long lists stay balanced.
    pub fn partial_match(&mut self, rules: &[(Set, u32)]) -> Decision {
        match rules {
            [] => Decision::NONE,
            [(set, outcome)] => self.restrict_to(Decision::always(*outcome), *set),
            _ => {
                let (first, second) = rules.split_at(rules.len() / 2);
                let first = self.partial_match(first);
                let second = self.partial_match(second);
                self.over(first, second)
            }
        }
    }

    /// The first decision, and the second where the first is not made.
    pub fn over(&mut self, first: Decision, second: Decision) -> Decision {
        Decision(self.apply(Op::Over, first.0, second.0))
    }

    /// The decision inside a set, not made outside.
    pub fn restrict_to(&mut self, decision: Decision, set: Set) -> Decision {
        Decision(self.apply(Op::Within, set.0, decision.0))
    }

    /// The outcomes that some point has, in ascending order.
    pub fn leaves(&mut self, decision: Decision) -> Vec<u32> {
        let mut seen = FxHashSet::default();
        let mut leaves = Vec::new();
        let mut open = vec![decision.0];
        while let Some(id) = open.pop() {
            if id == NONE || !seen.insert(id) {
                continue;
            }
            if id & LEAF != 0 {
                leaves.push(id & !LEAF);
            } else {
                open.extend(self.successors(id));
            }
        }
        leaves.sort_unstable();
        leaves
    }

    /// The points whose outcome is chosen. Points without an outcome are not.
    pub fn select(&mut self, decision: Decision, mut choose: impl FnMut(u32) -> bool) -> Set {
        let mut leaf = |id: NodeId| {
            if id != NONE && choose(id & !LEAF) { FULL } else { EMPTY }
        };
        Set(self.relabel(decision.0, &mut leaf, &mut FxHashMap::default()))
    }

    /// The decision with other outcomes.
    pub fn map(&mut self, decision: Decision, mut outcome: impl FnMut(u32) -> u32) -> Decision {
        let mut leaf =
            |id: NodeId| if id == NONE { NONE } else { Decision::always(outcome(id & !LEAF)).0 };
        Decision(self.relabel(decision.0, &mut leaf, &mut FxHashMap::default()))
    }

    fn relabel(
        &mut self,
        id: NodeId,
        leaf: &mut dyn FnMut(NodeId) -> NodeId,
        known: &mut FxHashMap<NodeId, NodeId>,
    ) -> NodeId {
        if let Some(result) = known.get(&id) {
            return *result;
        }
        let result = if id & LEAF != 0 {
            leaf(id)
        } else {
            self.rebuild(id, |sets, child| sets.relabel(child, leaf, known))
        };
        known.insert(id, result);
        result
    }
}
