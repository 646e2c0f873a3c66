//! Fewer axes: projection, cofactors, and which axes a set depends on.

use rustc_hash::{FxHashMap, FxHashSet};

use super::algebra::{Set, Sets};
use super::nodes::{LEAF, NodeId};
use super::space::{Axis, AxisKind};

impl Sets {
    /// The points that are in the set for some value of the axes. The patterns of a text axis go
    /// with it, and only values that exist count.
    pub fn project_out(&mut self, set: Set, axes: &[Axis]) -> Set {
        let mut out = vec![false; self.space.axes.len()];
        for axis in axes {
            out[axis.0 as usize] = true;
        }
        let last = axes.iter().map(|axis| self.space.data(*axis).end()).max().unwrap_or(0);
        Set(self.project(set.0, &out, last, &mut FxHashMap::default()))
    }

    /// The points that are in the set for every value of the axes.
    pub fn for_all(&mut self, set: Set, axes: &[Axis]) -> Set {
        let rest = self.not(set);
        let rest = self.project_out(rest, axes);
        self.not(rest)
    }

    fn project(
        &mut self,
        id: NodeId,
        out: &[bool],
        end: u32,
        known: &mut FxHashMap<NodeId, NodeId>,
    ) -> NodeId {
        let var = self.nodes.var(id);
        if var >= end {
            return id;
        }
        if let Some(result) = known.get(&id) {
            return *result;
        }
        let axis = self.space.variables[var as usize].axis as usize;
        let result = if out[axis] {
            let mut parts: Vec<Set> = self
                .successors(id)
                .into_iter()
                .map(|child| Set(self.project(child, out, end, known)))
                .collect();
            parts.sort_unstable();
            parts.dedup();
            self.or_all(&parts).0
        } else {
            self.rebuild(id, |sets, child| sets.project(child, out, end, known))
        };
        known.insert(id, result);
        result
    }

    /// The set's points for one value of an enumeration, or for one state (0 or 1) of a flag, for
    /// any value of that axis. Of any other axis the set stays as it is.
    pub fn cofactor(&mut self, set: Set, axis: Axis, value: u32) -> Set {
        let data = self.space.data(axis);
        if !matches!(data.kind, AxisKind::Values(_) | AxisKind::Flag) {
            debug_assert!(false, "a cofactor by `{}`", data.name);
            return set;
        }
        let var = data.var;
        Set(self.restrict(set.0, var, value, &mut FxHashMap::default()))
    }

    fn restrict(
        &mut self,
        id: NodeId,
        var: u32,
        atom: u32,
        known: &mut FxHashMap<NodeId, NodeId>,
    ) -> NodeId {
        if self.nodes.var(id) > var {
            return id;
        }
        if self.nodes.var(id) == var {
            return self.nodes.child(id, atom);
        }
        if let Some(result) = known.get(&id) {
            return *result;
        }
        let result = self.rebuild(id, |sets, child| sets.restrict(child, var, atom, known));
        known.insert(id, result);
        result
    }

    /// The points of a set on one axis: all other axes are projected out.
    pub fn onto(&mut self, set: Set, axis: Axis) -> Set {
        let others: Vec<Axis> =
            self.support(set).into_iter().filter(|other| *other != axis).collect();
        self.project_out(set, &others)
    }

    /// What is left of a set behind the first axis that it decides on: a set for each sort of
    /// values of that axis, none of them empty.
    pub fn residues(&mut self, set: Set) -> Vec<Set> {
        if set.0 & LEAF != 0 {
            return Vec::new();
        }
        let mut left: Vec<Set> = self.successors(set.0).into_iter().map(Set).collect();
        left.retain(|set| !self.is_empty(*set));
        left
    }

    /// The axes that the diagram of a set decides on, in order.
    pub fn support(&self, set: Set) -> Vec<Axis> {
        self.support_of_all(&[set])
    }

    /// The axes that the diagram of any of some sets decides on, in order.
    pub fn support_of_all(&self, sets: &[Set]) -> Vec<Axis> {
        let variables = &self.space.variables;
        let mut axes: Vec<Axis> = self
            .reachable(sets)
            .into_iter()
            .map(|id| Axis(variables[self.nodes.var(id) as usize].axis))
            .collect();
        axes.sort_unstable();
        axes.dedup();
        axes
    }

    /// The same list with other children.
    pub(super) fn rebuild(
        &mut self,
        id: NodeId,
        mut child: impl FnMut(&mut Self, NodeId) -> NodeId,
    ) -> NodeId {
        let base = self.scratch.len();
        let mut index = 0;
        while let Some(edge) = self.nodes.edge(id, index) {
            let child = child(self, edge.child);
            self.push_edge(base, edge.until, child);
            index += 1;
        }
        self.finish_node(self.nodes.var(id), base)
    }

    /// The nodes behind the axis of a node that is not a leaf which some value leads to.
    pub(super) fn successors(&mut self, id: NodeId) -> Vec<NodeId> {
        if self.nodes.is_patterned(id) {
            return self.exits(id);
        }
        let mut nodes: Vec<NodeId> = self.nodes.edges(id).iter().map(|edge| edge.child).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// All nodes of some sets, without the leaves.
    pub(super) fn reachable(&self, sets: &[Set]) -> Vec<NodeId> {
        let mut seen = FxHashSet::default();
        let mut nodes = Vec::new();
        let mut open: Vec<NodeId> = sets.iter().map(|set| set.0).collect();
        while let Some(id) = open.pop() {
            if id & LEAF == 0 && seen.insert(id) {
                nodes.push(id);
                open.extend(self.nodes.edges(id).iter().map(|edge| edge.child));
            }
        }
        nodes
    }
}
