//! Remembered results of operations, in a table that forgets what collides.

use super::nodes::NodeId;

/// Entries at first, as a power of two.
const SMALLEST: u32 = 12;
/// Entries at most, as a power of two.
const LARGEST: u32 = 21;

#[derive(Clone, Copy)]
struct CacheEntry {
    op: u32,
    left: NodeId,
    right: NodeId,
    result: NodeId,
}

const VACANT: CacheEntry = CacheEntry { op: u32::MAX, left: 0, right: 0, result: 0 };

/// A direct-mapped table that grows with the diagram.
pub(super) struct Cache {
    entries: Vec<CacheEntry>,
    bits: u32,
}

impl Cache {
    pub fn new() -> Self {
        Self { entries: vec![VACANT; 1 << SMALLEST], bits: SMALLEST }
    }

    fn slot(&self, op: u32, left: NodeId, right: NodeId) -> usize {
        let key = (u64::from(left) << 32 | u64::from(right)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ u64::from(op).wrapping_mul(0xd6e8_feb8_6659_fd93);
        (key.wrapping_mul(0xff51_afd7_ed55_8ccd) >> (64 - self.bits)) as usize
    }

    pub fn get(&self, op: u32, left: NodeId, right: NodeId) -> Option<NodeId> {
        let entry = &self.entries[self.slot(op, left, right)];
        (entry.op == op && entry.left == left && entry.right == right).then_some(entry.result)
    }

    pub fn put(&mut self, op: u32, left: NodeId, right: NodeId, result: NodeId) {
        let slot = self.slot(op, left, right);
        self.entries[slot] = CacheEntry { op, left, right, result };
    }

    /// Keeps the table in proportion to the number of nodes.
    pub fn fit(&mut self, nodes: usize) {
        if nodes > self.entries.len() * 2 && self.bits < LARGEST {
            self.bits = (self.bits + 2).min(LARGEST);
            let old = std::mem::replace(&mut self.entries, vec![VACANT; 1 << self.bits]);
            for entry in old.into_iter().filter(|entry| entry.op != u32::MAX) {
                self.put(entry.op, entry.left, entry.right, entry.result);
            }
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<CacheEntry>()
    }
}
