//! Operations on two diagrams, part by part.

use super::algebra::Sets;
use super::nodes::{EMPTY, EdgeCursor, FULL, LEAF, NONE, NodeId};

/// An operation on two functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    /// In both.
    And,
    /// In either.
    Or,
    /// In the first, not in the second.
    Minus,
    /// In one only.
    Xor,
    /// The first decision, or the second where the first is not made.
    Over,
    /// The second, a decision, inside the first, a set; not made outside.
    Within,
}

impl Op {
    /// The key of another operation's results in the shared cache.
    pub const MEETS: u32 = 16;

    /// The result, if it does not take a look inside.
    #[inline]
    fn shortcut(self, left: NodeId, right: NodeId) -> Option<NodeId> {
        match self {
            Self::And => match (left, right) {
                (EMPTY, _) | (_, EMPTY) => Some(EMPTY),
                (FULL, other) | (other, FULL) => Some(other),
                _ => (left == right).then_some(left),
            },
            Self::Or => match (left, right) {
                (FULL, _) | (_, FULL) => Some(FULL),
                (EMPTY, other) | (other, EMPTY) => Some(other),
                _ => (left == right).then_some(left),
            },
            Self::Minus => match (left, right) {
                (EMPTY, _) | (_, FULL) => Some(EMPTY),
                (FULL, EMPTY) => Some(FULL),
                (_, EMPTY) => Some(left),
                _ => (left == right).then_some(EMPTY),
            },
            Self::Xor => match (left, right) {
                (FULL, EMPTY) | (EMPTY, FULL) => Some(FULL),
                (EMPTY, other) | (other, EMPTY) => Some(other),
                _ => (left == right).then_some(EMPTY),
            },
            Self::Over => match (left, right) {
                (NONE, _) => Some(right),
                (_, NONE) => Some(left),
                _ => (left == right || left & LEAF != 0).then_some(left),
            },
            Self::Within => match (left, right) {
                (EMPTY, _) | (_, NONE) => Some(NONE),
                (FULL, _) => Some(right),
                _ => None,
            },
        }
    }

    /// The result whatever the other side is, by the left or by the right side alone.
    #[inline]
    fn settled(self, left: NodeId, right: NodeId) -> (Option<NodeId>, Option<NodeId>) {
        let when = |settled: bool, result: NodeId| settled.then_some(result);
        match self {
            Self::And => (when(left == EMPTY, EMPTY), when(right == EMPTY, EMPTY)),
            Self::Or => (when(left == FULL, FULL), when(right == FULL, FULL)),
            Self::Minus => (when(left == EMPTY, EMPTY), when(right == FULL, EMPTY)),
            Self::Xor => (None, None),
            Self::Over => (when(left & LEAF != 0 && left != NONE, left), None),
            Self::Within => (when(left == EMPTY, NONE), when(right == NONE, NONE)),
        }
    }

    fn commutes(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Xor)
    }
}

impl Sets {
    /// Applies an operation.
    pub(super) fn apply(&mut self, op: Op, left: NodeId, right: NodeId) -> NodeId {
        if let Some(result) = op.shortcut(left, right) {
            return result;
        }
        let (left, right) =
            if op.commutes() && right < left { (right, left) } else { (left, right) };
        if let Some(result) = self.cache.get(op as u32, left, right) {
            return result;
        }
        let var = self.nodes.var(left).min(self.nodes.var(right));
        let atoms = self.space.variables[var as usize].atoms;
        let base = self.scratch.len();
        let mut first = EdgeCursor::new(&self.nodes, left, var);
        let mut second = EdgeCursor::new(&self.nodes, right, var);
        loop {
            let (a, b) = (first.edge, second.edge);
            let (until, child) = match op.settled(a.child, b.child) {
                (Some(result), _) => (a.until, result),
                (_, Some(result)) => (b.until, result),
                _ => (a.until.min(b.until), self.apply(op, a.child, b.child)),
            };
            let until = until.min(atoms);
            self.push_edge(base, until, child);
            if until == atoms {
                break;
            }
            first.advance(&self.nodes, until);
            second.advance(&self.nodes, until);
        }
        let result = self.finish_node(var, base);
        self.cache.fit(self.nodes.len());
        self.cache.put(op as u32, left, right, result);
        result
    }
}
