//! One point of a set, as readable as can be.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::address::{self, V4_FIRST, V4_LAST};
use super::algebra::{Set, Sets};
use super::assignment::{Assignment, PointValue};
use super::feasible::{DecisionPath, PathVisitor, Sample};
use super::nodes::{EMPTY, FULL, NodeId};
use super::points::Points;
use super::space::AxisKind;
use super::text::{Order, TextPartition};

/// Addresses of documentation networks, shown before any other.
const FAMILIAR: [u128; 4] = [
    0xffff_cb00_7101,
    0xffff_c633_6401,
    0xffff_c000_0201,
    0x2001_0db8_0000_0000_0000_0000_0000_0001,
];
/// The number of familiar addresses that are IPv4.
const FAMILIAR_V4: usize = 3;
/// Paths of a text axis that are compared for a readable one.
const COMPARED: usize = 64;
/// Atoms that are looked through for a declared text.
const LOOKED_THROUGH: u32 = 256;

impl Sets {
    /// A point of the set, if there is one: flags false, the first value of an enumeration, the
    /// lowest number, a familiar address, a declared or else a short text, if the set allows.
    pub fn witness(&mut self, set: Set) -> Option<Assignment> {
        if self.is_empty(set) {
            return None;
        }
        let space = Arc::clone(&self.space);
        let mut values = Vec::with_capacity(space.axes.len());
        let mut id = set.0;
        for (index, data) in space.axes.iter().enumerate() {
            let value = match &data.kind {
                AxisKind::Text(text) => {
                    let path = self.readable_path(id, index as u32)?;
                    id = path.1;
                    match path.0 {
                        Sample::Absent => PointValue::Absent,
                        Sample::Text(key) => PointValue::Text(text.order.value(&key)),
                    }
                }
                kind => {
                    let runs = self.possible(id, data.var, data.atoms());
                    let &(from, _, child) = runs.first()?;
                    let (value, child) = match kind {
                        AxisKind::Addresses(points) => familiar(points, &runs)?,
                        AxisKind::Numbers(points) => {
                            let (low, _) = points.bounds(from, from + 1);
                            (PointValue::Number(u64::try_from(low).unwrap_or(u64::MAX)), child)
                        }
                        AxisKind::Values(_) => (PointValue::Index(from), child),
                        AxisKind::Flag | AxisKind::Text(_) => (PointValue::Flag(from == 1), child),
                    };
                    id = child;
                    value
                }
            };
            values.push(value);
        }
        Some(Assignment::new(&space, values))
    }

    /// The runs of atoms of an axis behind which the set goes on.
    fn possible(&mut self, id: NodeId, var: u32, atoms: u32) -> Vec<(u32, u32, NodeId)> {
        if self.nodes.var(id) != var {
            return vec![(0, atoms, id)];
        }
        let (mut runs, mut from, mut index) = (Vec::new(), 0, 0);
        while let Some(edge) = self.nodes.edge(id, index) {
            if self.meets(edge.child, FULL) {
                runs.push((from, edge.until, edge.child));
            }
            from = edge.until;
            index += 1;
        }
        runs
    }

    /// The most readable value of a text axis, and the node behind it.
    fn readable_path(&mut self, id: NodeId, axis: u32) -> Option<(Sample, NodeId)> {
        let (end, atoms) = {
            let data = &self.space.axes[axis as usize];
            (data.end(), data.atoms())
        };
        if self.nodes.var(id) >= end {
            let mut path = DecisionPath::whole(axis, atoms);
            return self.readable(&mut path).map(|(_, sample)| (sample, id));
        }
        let mut visitor = Readable::default();
        let _ = self.explore(id, FULL, &mut visitor);
        visitor.best.map(|(_, sample, id)| (sample, id))
    }

    /// The most readable value on a path, with a rank: lower is better.
    fn readable(&mut self, path: &mut DecisionPath) -> Option<((u8, usize), Sample)> {
        let space = Arc::clone(&self.space);
        let text = space.text(path.axis)?;
        if text.is_absent(path.from) && path.literals.iter().all(|(_, truth)| !truth) {
            return Some(((0, 0), Sample::Absent));
        }
        if text.order == Order::Reverse {
            let until = path.until.min(path.from.saturating_add(LOOKED_THROUGH));
            for atom in path.from..until {
                if let Some(point) = self.point_on(text, atom, path) {
                    return Some(((1, point.len()), Sample::Text(point.into())));
                }
            }
        }
        let sample = self.sample(path)?;
        let rank = match &sample {
            Sample::Absent => (0, 0),
            Sample::Text(key) => (2, key.len()),
        };
        Some((rank, sample))
    }

    fn point_on<'a>(
        &self,
        text: &'a TextPartition,
        atom: u32,
        path: &DecisionPath,
    ) -> Option<&'a [u8]> {
        let point = text.point(atom)?;
        let takes = |(pattern, truth): &(u32, bool)| {
            self.space.patterns[*pattern as usize].automaton.matches(point) == *truth
        };
        path.literals.iter().all(takes).then_some(point)
    }
}

/// A familiar address in the runs, else the first IPv4 address, else the first address.
fn familiar(points: &Points, runs: &[(u32, u32, NodeId)]) -> Option<(PointValue, NodeId)> {
    let bounds = |(from, until, child): &(u32, u32, NodeId)| {
        let (low, high) = points.bounds(*from, *until);
        (low, high, *child)
    };
    let ranges: Vec<(u128, u128, NodeId)> = runs.iter().map(bounds).collect();
    let holding = |number: u128| {
        let index = ranges.partition_point(|(_, high, _)| *high < number);
        ranges.get(index).filter(|(low, ..)| *low <= number).map(|range| (number, range.2))
    };
    let lowest = |low: u128, high: u128, child: NodeId| {
        // The address of the network itself looks odd where its neighbour is as good.
        let number = if low & 0xff == 0 && low < high { low + 1 } else { low };
        (number, child)
    };
    let v4 = || {
        let &(low, high, child) = ranges.iter().find(|range| range.1 >= V4_FIRST)?;
        (low <= V4_LAST).then(|| lowest(low.max(V4_FIRST), high.min(V4_LAST), child))
    };
    let (first, second) = FAMILIAR.split_at(FAMILIAR_V4);
    let (number, child) = first
        .iter()
        .find_map(|number| holding(*number))
        .or_else(v4)
        .or_else(|| second.iter().find_map(|number| holding(*number)))
        .or_else(|| ranges.first().map(|&(low, high, child)| lowest(low, high, child)))?;
    Some((PointValue::Address(address::address(number)), child))
}

#[derive(Default)]
struct Readable {
    best: Option<((u8, usize), Sample, NodeId)>,
    compared: usize,
}

impl PathVisitor for Readable {
    fn skips(&mut self, left: NodeId, _: NodeId) -> bool {
        left == EMPTY
    }

    fn wants(&mut self, sets: &mut Sets, left: NodeId, right: NodeId) -> bool {
        sets.meets(left, right)
    }

    fn found(
        &mut self,
        sets: &mut Sets,
        path: &mut DecisionPath,
        left: NodeId,
        _: NodeId,
    ) -> ControlFlow<()> {
        if let Some((rank, sample)) = sets.readable(path)
            && self.best.as_ref().is_none_or(|best| rank < best.0)
        {
            self.best = Some((rank, sample, left));
        }
        self.compared += 1;
        match &self.best {
            Some(((0, _), ..)) => ControlFlow::Break(()),
            _ if self.compared >= COMPARED => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}
