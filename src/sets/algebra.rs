//! The manager: builds sets of a space and combines them.

use std::fmt::Display;
use std::sync::Arc;

use super::apply::Op;
use super::cache::Cache;
use super::feasible::Samples;
use super::nodes::{EMPTY, Edge, FULL, NodeId, Nodes};
use super::space::{Axis, AxisKind, PatternId, Space, Undeclared};

/// A set of points of a space. Equal ids of one manager are equal sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Set(pub(super) NodeId);

impl Set {
    /// The set of nothing.
    pub const EMPTY: Self = Self(EMPTY);
    /// The set of everything.
    pub const FULL: Self = Self(FULL);
}

/// How much a manager holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Diagram nodes.
    pub nodes: usize,
    /// Edges of all nodes.
    pub edges: usize,
    /// Remembered products of pattern automata.
    pub samples: usize,
    /// Bytes held by nodes and caches, without the automata.
    pub bytes: usize,
}

/// Holds the diagrams of the sets of one space. A manager serves one thread; the space is shared.
pub struct Sets {
    pub(super) space: Arc<Space>,
    pub(super) nodes: Nodes,
    pub(super) cache: Cache,
    pub(super) samples: Samples,
    pub(super) scratch: Vec<Edge>,
}

impl Sets {
    /// A manager without any set but the empty and the full one.
    pub fn new(space: Arc<Space>) -> Self {
        Self {
            space,
            nodes: Nodes::default(),
            cache: Cache::new(),
            samples: Samples::default(),
            scratch: Vec::new(),
        }
    }

    /// The space of the sets.
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// The set of nothing.
    pub fn empty(&self) -> Set {
        Set::EMPTY
    }

    /// The set of everything.
    pub fn full(&self) -> Set {
        Set::FULL
    }

    /// The set of one text of an axis. A text that is not valid on the axis gives the empty set.
    ///
    /// # Errors
    /// If the text was not declared.
    pub fn exact(&mut self, axis: Axis, value: &str) -> Result<Set, Undeclared> {
        let atoms = self.space.text(axis.0).and_then(|text| text.exact(&text.order.key(value)));
        self.run(axis, atoms, value)
    }

    /// The set of the texts with a prefix (on an axis read from the end: a suffix).
    ///
    /// # Errors
    /// If the prefix was not declared.
    pub fn prefix(&mut self, axis: Axis, value: &str) -> Result<Set, Undeclared> {
        let atoms = self.space.text(axis.0).and_then(|text| text.prefix(&text.order.key(value)));
        self.run(axis, atoms, value)
    }

    /// The set of the texts that match a pattern. An absent text matches none.
    pub fn pattern(&mut self, pattern: PatternId) -> Set {
        let var = self.space.patterns[pattern.0 as usize].var;
        Set(self.runs(var, 2, &[(1, 2)]))
    }

    /// The set where an optional text is absent; empty for any other axis.
    pub fn absent(&mut self, axis: Axis) -> Set {
        let data = self.space.data(axis);
        match &data.kind {
            AxisKind::Text(text) if text.optional => {
                let (var, atoms) = (data.var, data.atoms());
                Set(self.runs(var, atoms, &[(0, 1)]))
            }
            _ => Set::EMPTY,
        }
    }

    /// The set where a text is not absent; full for an axis that is not optional.
    pub fn present(&mut self, axis: Axis) -> Set {
        let absent = self.absent(axis);
        self.not(absent)
    }

    /// The set of the addresses or numbers in any of the ranges, both ends included.
    ///
    /// # Errors
    /// If a range was not declared.
    pub fn ranges(&mut self, axis: Axis, ranges: &[(u128, u128)]) -> Result<Set, Undeclared> {
        let space = Arc::clone(&self.space);
        let data = space.data(axis);
        let mut runs = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            let run = match &data.kind {
                AxisKind::Addresses(points) | AxisKind::Numbers(points) => {
                    points.range(*low, *high)
                }
                _ => None,
            };
            runs.push(run.ok_or_else(|| space.undeclared(axis, format!("{low}..={high}")))?);
        }
        Ok(Set(self.runs_unsorted(data.var, data.atoms(), runs)))
    }

    /// The set of the numbers in any of the ranges, both ends included.
    ///
    /// # Errors
    /// If a range was not declared.
    pub fn number_ranges(&mut self, axis: Axis, ranges: &[(u64, u64)]) -> Result<Set, Undeclared> {
        let wide: Vec<_> =
            ranges.iter().map(|(low, high)| ((*low).into(), (*high).into())).collect();
        self.ranges(axis, &wide)
    }

    /// The set of some values of an enumeration.
    ///
    /// # Errors
    /// If the axis has no such value.
    pub fn one_of(&mut self, axis: Axis, values: &[u32]) -> Result<Set, Undeclared> {
        let space = Arc::clone(&self.space);
        let data = space.data(axis);
        let count = if let AxisKind::Values(count) = data.kind { count } else { 0 };
        if let Some(value) = values.iter().find(|value| **value >= count) {
            return Err(space.undeclared(axis, value));
        }
        let runs = values.iter().map(|value| (*value, value + 1)).collect();
        Ok(Set(self.runs_unsorted(data.var, count, runs)))
    }

    /// The set where a flag is true.
    ///
    /// # Errors
    /// If the axis is not a flag.
    pub fn flag(&mut self, axis: Axis) -> Result<Set, Undeclared> {
        let data = self.space.data(axis);
        let var = data.var;
        match data.kind {
            AxisKind::Flag => Ok(Set(self.runs(var, 2, &[(1, 2)]))),
            _ => Err(self.space.undeclared(axis, "true")),
        }
    }

    /// The set of the points in both.
    pub fn and(&mut self, left: Set, right: Set) -> Set {
        Set(self.apply(Op::And, left.0, right.0))
    }

    /// The set of the points in either.
    pub fn or(&mut self, left: Set, right: Set) -> Set {
        Set(self.apply(Op::Or, left.0, right.0))
    }

    /// The set of the points outside.
    pub fn not(&mut self, set: Set) -> Set {
        Set(self.apply(Op::Minus, FULL, set.0))
    }

    /// The set of the points in the first but not in the second.
    pub fn minus(&mut self, left: Set, right: Set) -> Set {
        Set(self.apply(Op::Minus, left.0, right.0))
    }

    /// The set of the points in one but not in the other.
    pub fn xor(&mut self, left: Set, right: Set) -> Set {
        Set(self.apply(Op::Xor, left.0, right.0))
    }

    /// The set of the points in all; everything, if there are none.
    pub fn and_all(&mut self, sets: &[Set]) -> Set {
        self.balanced(sets, Set::FULL, Self::and)
    }

    /// The set of the points in any; nothing, if there are none.
    pub fn or_all(&mut self, sets: &[Set]) -> Set {
        self.balanced(sets, Set::EMPTY, Self::or)
    }

    fn balanced(&mut self, sets: &[Set], none: Set, op: fn(&mut Self, Set, Set) -> Set) -> Set {
        match sets {
            [] => none,
            [set] => *set,
            _ => {
                let (left, right) = sets.split_at(sets.len() / 2);
                let left = self.balanced(left, none, op);
                let right = self.balanced(right, none, op);
                op(self, left, right)
            }
        }
    }

    /// The number of nodes that a set is made of.
    pub fn node_count(&self, set: Set) -> usize {
        self.reachable(&[set]).len()
    }

    /// How much the manager holds.
    pub fn stats(&self) -> Stats {
        Stats {
            nodes: self.nodes.len(),
            edges: self.nodes.edge_count(),
            samples: self.samples.len(),
            bytes: self.nodes.bytes() + self.cache.bytes(),
        }
    }

    /// Forgets remembered results; sets stay valid.
    pub fn clear_caches(&mut self) {
        self.cache.clear();
        self.samples.clear();
    }

    fn run(
        &mut self,
        axis: Axis,
        atoms: Option<(u32, u32)>,
        asked: impl Display,
    ) -> Result<Set, Undeclared> {
        let space = Arc::clone(&self.space);
        let data = space.data(axis);
        let run = atoms.ok_or_else(|| space.undeclared(axis, asked))?;
        Ok(Set(self.runs(data.var, data.atoms(), &[run])))
    }

    fn runs_unsorted(&mut self, var: u32, atoms: u32, mut runs: Vec<(u32, u32)>) -> NodeId {
        runs.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
        for (from, until) in runs {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => merged.push((from, until)),
            }
        }
        self.runs(var, atoms, &merged)
    }

    /// The set of the atoms in sorted runs that do not touch.
    pub(super) fn runs(&mut self, var: u32, atoms: u32, runs: &[(u32, u32)]) -> NodeId {
        let base = self.scratch.len();
        for (from, until) in runs.iter().filter(|(from, until)| from < until) {
            if *from > 0 {
                self.push_edge(base, *from, EMPTY);
            }
            self.push_edge(base, *until, FULL);
        }
        if self.scratch.len() == base || self.scratch.last().is_some_and(|it| it.until < atoms) {
            self.push_edge(base, atoms, EMPTY);
        }
        self.finish_node(var, base)
    }

    /// Adds a part to the list that began at `base`.
    pub(super) fn push_edge(&mut self, base: usize, until: u32, child: NodeId) {
        match self.scratch[base..].last_mut() {
            Some(last) if last.child == child => last.until = until,
            _ => self.scratch.push(Edge { until, child }),
        }
    }

    /// The node of the list that began at `base`.
    pub(super) fn finish_node(&mut self, var: u32, base: usize) -> NodeId {
        let is_pattern = self.space.variables[var as usize].pattern.is_some();
        let id = self.nodes.make(var, is_pattern, &self.scratch[base..]);
        self.scratch.truncate(base);
        id
    }
}
