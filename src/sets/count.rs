//! How many points a set has.

use rustc_hash::FxHashMap;

use super::algebra::{Set, Sets};
use super::nodes::{EMPTY, FULL, LEAF, NodeId};
use super::space::{Axis, AxisData, AxisKind};

impl Sets {
    /// The number of combinations of all values on axes other than texts that are in the set,
    /// at most `u128::MAX`. Nothing if the set depends on a text.
    pub fn count(&self, set: Set) -> Option<u128> {
        let finite = |axis: &Axis| !matches!(self.space.data(*axis).kind, AxisKind::Text(_));
        let axes: Vec<Axis> = self.space.axes().filter(finite).collect();
        self.count_over(set, &axes)
    }

    /// The number of combinations of values on the given axes that are in the set, at most
    /// `u128::MAX`. Nothing if the set depends on another axis, or one of these is a text.
    pub fn count_over(&self, set: Set, axes: &[Axis]) -> Option<u128> {
        let mut axes = axes.to_vec();
        axes.sort_unstable();
        axes.dedup();
        let text = |axis: &Axis| matches!(self.space.data(*axis).kind, AxisKind::Text(_));
        if axes.iter().any(text)
            || self.support(set).iter().any(|axis| axes.binary_search(axis).is_err())
        {
            return None;
        }
        Some(self.points(set.0, &axes, &mut FxHashMap::default()))
    }

    fn points(&self, id: NodeId, axes: &[Axis], known: &mut FxHashMap<NodeId, u128>) -> u128 {
        if id == EMPTY {
            return 0;
        }
        let var = self.nodes.var(id);
        let skipped = axes.partition_point(|axis| self.space.data(*axis).var < var);
        let free = axes[..skipped]
            .iter()
            .fold(1u128, |all, axis| all.saturating_mul(size(self.space.data(*axis), None)));
        if id == FULL || id & LEAF != 0 {
            return free;
        }
        let own = match known.get(&id) {
            Some(own) => *own,
            None => {
                let data = self.space.data(axes[skipped]);
                let (mut total, mut from) = (0u128, 0);
                for edge in self.nodes.edges(id) {
                    if edge.child != EMPTY {
                        let part = size(data, Some((from, edge.until)));
                        let below = self.points(edge.child, &axes[skipped + 1..], known);
                        total = total.saturating_add(part.saturating_mul(below));
                    }
                    from = edge.until;
                }
                known.insert(id, total);
                total
            }
        };
        free.saturating_mul(own)
    }
}

/// The number of values of a run of atoms, or of the whole axis.
fn size(data: &AxisData, run: Option<(u32, u32)>) -> u128 {
    let (from, until) = run.unwrap_or((0, data.atoms()));
    match &data.kind {
        AxisKind::Addresses(points) | AxisKind::Numbers(points) => {
            let (first, last) = points.bounds(from, until);
            (last - first).saturating_add(1)
        }
        AxisKind::Values(_) | AxisKind::Flag | AxisKind::Text(_) => (until - from).into(),
    }
}
