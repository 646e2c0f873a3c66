//! What can really occur. Intervals and patterns of one text are separate decisions, so a path
//! through a diagram may ask for a text that does not exist. Every question about the content of a
//! set therefore walks the part of the diagram that belongs to one axis path by path, and leaves a
//! path where the product of its automata is empty.

use std::ops::ControlFlow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::algebra::{Set, Sets};
use super::apply::Op;
use super::nodes::{EMPTY, EdgeCursor, FULL, NodeId};
use super::search::{self, Wanted};
use super::text::TextPartition;

/// A value of a text axis, in reading order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sample {
    Absent,
    Text(Arc<[u8]>),
}

/// Remembered searches: the axis, a run of atoms and the patterns with their outcome.
pub(super) type Samples = FxHashMap<Box<[u32]>, Option<Sample>>;

/// The decisions taken on the way through the part of a diagram that belongs to one axis.
pub(super) struct DecisionPath {
    pub axis: u32,
    /// The run of atoms.
    pub from: u32,
    pub until: u32,
    /// Patterns with their outcome.
    pub literals: Vec<(u32, bool)>,
    /// A value with all that, once looked for.
    sample: Option<Sample>,
}

/// Looks at the paths through one axis.
pub(super) trait PathVisitor {
    /// Whether nothing of interest can follow.
    fn skips(&mut self, left: NodeId, right: NodeId) -> bool;
    /// Whether a path to these two nodes behind the axis is of interest.
    fn wants(&mut self, sets: &mut Sets, left: NodeId, right: NodeId) -> bool;
    /// Takes a path that can occur.
    fn found(
        &mut self,
        sets: &mut Sets,
        path: &mut DecisionPath,
        left: NodeId,
        right: NodeId,
    ) -> ControlFlow<()>;
}

impl Sets {
    /// Whether a set has no point. Combinations of patterns that no text has do not count.
    pub fn is_empty(&mut self, set: Set) -> bool {
        !self.meets(set.0, FULL)
    }

    /// Whether two sets have the same points.
    pub fn equal(&mut self, left: Set, right: Set) -> bool {
        if left == right {
            return true;
        }
        if !self.nodes.is_patterned(left.0) && !self.nodes.is_patterned(right.0) {
            return false;
        }
        let difference = self.apply(Op::Xor, left.0, right.0);
        !self.meets(difference, FULL)
    }

    /// Whether two sets have a point in common.
    pub fn intersects(&mut self, left: Set, right: Set) -> bool {
        self.meets(left.0, right.0)
    }

    /// Whether every point of the first set is in the second.
    pub fn implies(&mut self, left: Set, right: Set) -> bool {
        let outside = self.minus(left, right);
        !self.meets(outside.0, FULL)
    }

    /// Whether some point is in both.
    pub(super) fn meets(&mut self, left: NodeId, right: NodeId) -> bool {
        if left == EMPTY || right == EMPTY {
            return false;
        }
        // A diagram without patterns and without parts that cannot occur is empty only as a leaf.
        if (left == right || left == FULL || right == FULL)
            && !self.nodes.is_patterned(left)
            && !self.nodes.is_patterned(right)
        {
            return true;
        }
        let (left, right) = if right < left { (right, left) } else { (left, right) };
        if let Some(result) = self.cache.get(Op::MEETS, left, right) {
            return result == FULL;
        }
        let var = self.nodes.var(left).min(self.nodes.var(right));
        let variable = self.space.variables[var as usize];
        let met = if self.space.axes[variable.axis as usize].patterns.is_empty() {
            self.meets_parts(left, right, var, variable.atoms)
        } else {
            let mut visitor = Meeting { met: false };
            let _ = self.explore(left, right, &mut visitor);
            visitor.met
        };
        self.cache.put(Op::MEETS, left, right, if met { FULL } else { EMPTY });
        met
    }

    fn meets_parts(&mut self, left: NodeId, right: NodeId, var: u32, atoms: u32) -> bool {
        let mut first = EdgeCursor::new(&self.nodes, left, var);
        let mut second = EdgeCursor::new(&self.nodes, right, var);
        loop {
            let (a, b) = (first.edge, second.edge);
            let until = match (a.child, b.child) {
                (EMPTY, _) => a.until,
                (_, EMPTY) => b.until,
                (left, right) if self.meets(left, right) => return true,
                _ => a.until.min(b.until),
            };
            if until >= atoms {
                return false;
            }
            first.advance(&self.nodes, until);
            second.advance(&self.nodes, until);
        }
    }

    /// The nodes behind the axis that a node belongs to, which some value of the axis leads to.
    pub(super) fn exits(&mut self, id: NodeId) -> Vec<NodeId> {
        let mut visitor = Exits::default();
        let _ = self.explore(id, FULL, &mut visitor);
        visitor.nodes
    }

    /// Walks the paths through the first axis that either node decides on.
    pub(super) fn explore(
        &mut self,
        left: NodeId,
        right: NodeId,
        visitor: &mut dyn PathVisitor,
    ) -> ControlFlow<()> {
        let var = self.nodes.var(left).min(self.nodes.var(right));
        let Some(variable) = self.space.variables.get(var as usize) else {
            return ControlFlow::Continue(());
        };
        let mut path =
            DecisionPath::whole(variable.axis, self.space.axes[variable.axis as usize].atoms());
        let end = self.space.axes[variable.axis as usize].end();
        self.follow(left, right, end, &mut path, visitor)
    }

    fn follow(
        &mut self,
        left: NodeId,
        right: NodeId,
        end: u32,
        path: &mut DecisionPath,
        visitor: &mut dyn PathVisitor,
    ) -> ControlFlow<()> {
        if visitor.skips(left, right) {
            return ControlFlow::Continue(());
        }
        let var = self.nodes.var(left).min(self.nodes.var(right));
        if var >= end {
            if visitor.wants(self, left, right) {
                return visitor.found(self, path, left, right);
            }
            return ControlFlow::Continue(());
        }
        let variable = self.space.variables[var as usize];
        let mut first = EdgeCursor::new(&self.nodes, left, var);
        let mut second = EdgeCursor::new(&self.nodes, right, var);
        let mut from = 0;
        loop {
            let until = first.edge.until.min(second.edge.until).min(variable.atoms);
            let (left, right) = (first.edge.child, second.edge.child);
            match variable.pattern {
                None => {
                    (path.from, path.until, path.sample) = (from, until, None);
                    self.follow(left, right, end, path, visitor)?;
                }
                Some(pattern) if !visitor.skips(left, right) => {
                    let sample = path.sample.clone();
                    path.literals.push((pattern, from == 1));
                    if self.sample(path).is_some() {
                        self.follow(left, right, end, path, visitor)?;
                    }
                    path.literals.pop();
                    path.sample = sample;
                }
                Some(_) => {}
            }
            if until >= variable.atoms {
                return ControlFlow::Continue(());
            }
            first.advance(&self.nodes, until);
            second.advance(&self.nodes, until);
            from = until;
        }
    }

    /// A value that takes the path, if there is one.
    pub(super) fn sample(&mut self, path: &mut DecisionPath) -> Option<Sample> {
        let space = Arc::clone(&self.space);
        let text = space.text(path.axis)?;
        let fits = |sample: &Sample, literals: &[(u32, bool)]| {
            literals.iter().position(|(pattern, truth)| match sample {
                Sample::Absent => *truth,
                Sample::Text(value) => {
                    space.patterns[*pattern as usize].automaton.matches(value) != *truth
                }
            })
        };
        // What took the path so far often takes the next step too.
        if let Some(sample) = &path.sample
            && fits(sample, &path.literals).is_none()
        {
            return path.sample.clone();
        }
        path.sample = None;
        let mut from = path.from;
        if text.is_absent(from) {
            if fits(&Sample::Absent, &path.literals).is_none() {
                path.sample = Some(Sample::Absent);
                return path.sample.clone();
            }
            from += 1;
        }
        if from >= path.until {
            return None;
        }
        if let (Some(point), true) = (text.point(from), from + 1 == path.until) {
            let sample = Sample::Text(point.into());
            path.sample = fits(&sample, &path.literals).is_none().then_some(sample);
            return path.sample.clone();
        }
        // A few of the patterns decide; the others are added only when a find violates them.
        let mut core: Vec<(u32, bool)> = Vec::new();
        loop {
            let sample = self.search(text, path.axis, (from, path.until), &core)?;
            match fits(&sample, &path.literals) {
                None => {
                    path.sample = Some(sample);
                    return path.sample.clone();
                }
                Some(violated) => core.push(path.literals[violated]),
            }
            core.sort_unstable();
        }
    }

    fn search(
        &mut self,
        text: &TextPartition,
        axis: u32,
        (from, until): (u32, u32),
        literals: &[(u32, bool)],
    ) -> Option<Sample> {
        let mut key = vec![axis, from, until];
        key.extend(literals.iter().map(|(pattern, truth)| pattern << 1 | u32::from(*truth)));
        if let Some(known) = self.samples.get(key.as_slice()) {
            return known.clone();
        }
        let (low, high) = text.interval(from, until);
        let automata = literals
            .iter()
            .map(|(pattern, truth)| (&self.space.patterns[*pattern as usize].automaton, *truth));
        let wanted = Wanted {
            alphabet: &text.alphabet,
            literals: automata.collect(),
            from: low,
            until: high,
        };
        let found = search::find(&wanted).map(|value| Sample::Text(value.into()));
        self.samples.insert(key.into(), found.clone());
        found
    }
}

impl DecisionPath {
    /// A path on which nothing has been decided.
    pub fn whole(axis: u32, atoms: u32) -> Self {
        Self { axis, from: 0, until: atoms, literals: Vec::new(), sample: None }
    }
}

struct Meeting {
    met: bool,
}

impl PathVisitor for Meeting {
    fn skips(&mut self, left: NodeId, right: NodeId) -> bool {
        left == EMPTY || right == EMPTY
    }

    fn wants(&mut self, sets: &mut Sets, left: NodeId, right: NodeId) -> bool {
        sets.meets(left, right)
    }

    fn found(
        &mut self,
        _: &mut Sets,
        _: &mut DecisionPath,
        _: NodeId,
        _: NodeId,
    ) -> ControlFlow<()> {
        self.met = true;
        ControlFlow::Break(())
    }
}

#[derive(Default)]
struct Exits {
    seen: FxHashSet<NodeId>,
    nodes: Vec<NodeId>,
}

impl PathVisitor for Exits {
    fn skips(&mut self, left: NodeId, _: NodeId) -> bool {
        self.seen.contains(&left)
    }

    fn wants(&mut self, _: &mut Sets, _: NodeId, _: NodeId) -> bool {
        true
    }

    fn found(
        &mut self,
        _: &mut Sets,
        _: &mut DecisionPath,
        left: NodeId,
        _: NodeId,
    ) -> ControlFlow<()> {
        if self.seen.insert(left) {
            self.nodes.push(left);
        }
        ControlFlow::Continue(())
    }
}
