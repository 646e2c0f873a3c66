//! The table of diagram nodes. A node is a variable and a run-length list of children; equal nodes
//! exist once, so that equal functions have equal ids.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// A node, or a leaf if [`LEAF`] is set.
pub(super) type NodeId = u32;

/// Marks a leaf; the other bits are its value.
pub(super) const LEAF: NodeId = 1 << 31;
/// The leaf of everything outside a set.
pub(super) const EMPTY: NodeId = LEAF;
/// The leaf of everything inside a set.
pub(super) const FULL: NodeId = LEAF | 1;
/// The leaf where a decision has not been made.
pub(super) const NONE: NodeId = u32::MAX;

/// A part of the list of an axis: up to `until` (exclusive) the function is `child`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub until: u32,
    pub child: NodeId,
}

#[derive(Clone, Copy)]
struct DecisionNode {
    var: u32,
    start: u32,
    len: u32,
    hash: u32,
}

/// Marks, in a node's variable, that a pattern is decided in it or below.
const PATTERNED: u32 = 1 << 31;

/// All nodes, and their edges laid end to end.
#[derive(Default)]
pub(super) struct Nodes {
    nodes: Vec<DecisionNode>,
    edges: Vec<Edge>,
    unique: HashTable<NodeId>,
}

impl Nodes {
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<DecisionNode>()
            + self.edges.capacity() * size_of::<Edge>()
            + self.unique.allocation_size()
    }

    /// The variable that a node decides; a leaf comes after all variables.
    pub fn var(&self, id: NodeId) -> u32 {
        if id & LEAF != 0 { u32::MAX } else { self.nodes[id as usize].var & !PATTERNED }
    }

    /// Whether the function depends on a pattern.
    pub fn is_patterned(&self, id: NodeId) -> bool {
        id & LEAF == 0 && self.nodes[id as usize].var & PATTERNED != 0
    }

    /// The edges of a node that is not a leaf.
    pub fn edges(&self, id: NodeId) -> &[Edge] {
        let node = &self.nodes[id as usize];
        &self.edges[node.start as usize..(node.start + node.len) as usize]
    }

    /// An edge by its position.
    pub fn edge(&self, id: NodeId, index: u32) -> Option<Edge> {
        let node = &self.nodes[id as usize];
        (index < node.len).then(|| self.edges[(node.start + index) as usize])
    }

    /// The child for an atom, at a node that is not a leaf.
    pub fn child(&self, id: NodeId, atom: u32) -> NodeId {
        let edges = self.edges(id);
        let index = edges.partition_point(|edge| edge.until <= atom);
        edges.get(index).or(edges.last()).map_or(EMPTY, |edge| edge.child)
    }

    /// The node of a list whose adjacent children differ. `is_pattern` says whether the variable
    /// is a pattern's.
    pub fn make(&mut self, var: u32, is_pattern: bool, edges: &[Edge]) -> NodeId {
        if let [edge] = edges {
            return edge.child;
        }
        debug_assert!(edges.windows(2).all(|pair| pair[0].until < pair[1].until));
        debug_assert!(edges.windows(2).all(|pair| pair[0].child != pair[1].child));
        let hash = hash(var, edges);
        let Self { nodes, edges: arena, unique } = self;
        let same = |id: &NodeId| {
            let node = &nodes[*id as usize];
            node.hash == hash as u32
                && node.var & !PATTERNED == var
                && node.len as usize == edges.len()
                && &arena[node.start as usize..][..edges.len()] == edges
        };
        if let Some(id) = unique.find(spread(hash as u32), same) {
            return *id;
        }
        let patterned = is_pattern
            || edges.iter().any(|edge| {
                edge.child & LEAF == 0 && nodes[edge.child as usize].var & PATTERNED != 0
            });
        let id = nodes.len() as NodeId;
        debug_assert!(id < LEAF);
        nodes.push(DecisionNode {
            var: var | if patterned { PATTERNED } else { 0 },
            start: arena.len() as u32,
            len: edges.len() as u32,
            hash: hash as u32,
        });
        arena.extend_from_slice(edges);
        unique.insert_unique(spread(hash as u32), id, |id| spread(nodes[*id as usize].hash));
        id
    }
}

fn hash(var: u32, edges: &[Edge]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u32(var);
    for edge in edges {
        hasher.write_u64(u64::from(edge.until) << 32 | u64::from(edge.child));
    }
    hasher.finish()
}

/// The table takes its tags from the upper bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Walks the list of a node; a node that decides a later variable is a list of one part.
#[derive(Clone, Copy)]
pub(super) struct EdgeCursor {
    id: NodeId,
    index: u32,
    pub edge: Edge,
}

impl EdgeCursor {
    /// At the first part of what `id` says of a variable.
    pub fn new(nodes: &Nodes, id: NodeId, var: u32) -> Self {
        if nodes.var(id) == var {
            let edge = nodes.edges(id)[0];
            Self { id, index: 0, edge }
        } else {
            Self { id: LEAF, index: 0, edge: Edge { until: u32::MAX, child: id } }
        }
    }

    /// Moves to the part that holds the atom, which must not lie before the current part. Long
    /// stretches are jumped over.
    pub fn advance(&mut self, nodes: &Nodes, atom: u32) {
        if self.edge.until > atom || self.id & LEAF != 0 {
            return;
        }
        let edges = nodes.edges(self.id);
        let (mut low, mut step) = (self.index as usize + 1, 1);
        while low + step < edges.len() && edges[low + step - 1].until <= atom {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(edges.len());
        let index = low + edges[low.min(high)..high].partition_point(|edge| edge.until <= atom);
        if let Some(edge) = edges.get(index) {
            self.index = index as u32;
            self.edge = *edge;
        }
    }
}
