//! Sets of one manager in another.

use rustc_hash::FxHashMap;

use super::algebra::{Set, Sets};
use super::nodes::{LEAF, NodeId};

/// What has been copied from one manager to another, so that shared parts are copied once.
#[derive(Debug, Default)]
pub struct Copied(FxHashMap<NodeId, NodeId>);

impl Sets {
    /// A set of another manager of the same space. A manager that holds copies of few sets can be
    /// used by a thread of its own, and whatever it made of them goes with it.
    pub fn copy(&mut self, other: &Sets, set: Set, copied: &mut Copied) -> Set {
        debug_assert!(std::sync::Arc::ptr_eq(&self.space, &other.space), "another space");
        Set(self.copy_node(other, set.0, copied))
    }

    fn copy_node(&mut self, other: &Sets, id: NodeId, copied: &mut Copied) -> NodeId {
        if id & LEAF != 0 {
            return id;
        }
        if let Some(known) = copied.0.get(&id) {
            return *known;
        }
        let base = self.scratch.len();
        for edge in other.nodes.edges(id) {
            let child = self.copy_node(other, edge.child, copied);
            self.push_edge(base, edge.until, child);
        }
        let copy = self.finish_node(other.nodes.var(id), base);
        copied.0.insert(id, copy);
        copy
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sets::SpaceBuilder;

    #[test]
    fn a_copy_has_the_same_points_and_is_the_set_made_there() {
        let mut builder = SpaceBuilder::new();
        let (port, flag) = (builder.numbers("port", 65_535), builder.flag("flag"));
        builder.range(port, 80, 90);
        let space = Arc::new(builder.build());
        let make = |sets: &mut Sets| {
            let ports = sets.number_ranges(port, &[(80, 90)]).expect("it is declared");
            let flag = sets.flag(flag).expect("it is a flag");
            sets.xor(ports, flag)
        };
        let (mut one, mut other) = (Sets::new(Arc::clone(&space)), Sets::new(space));
        let original = make(&mut one);
        let mut copied = Copied::default();
        let copy = other.copy(&one, original, &mut copied);
        assert_eq!(other.copy(&one, original, &mut copied), copy);
        assert_eq!(make(&mut other), copy);
        assert_eq!(other.witness(copy), one.witness(original));
        assert_eq!(other.copy(&one, Set::FULL, &mut copied), Set::FULL);
    }
}
