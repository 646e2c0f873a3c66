//! Single points of a space.

use std::net::IpAddr;

use super::address;
use super::algebra::{Set, Sets};
use super::decision::Decision;
use super::nodes::{FULL, LEAF, NONE, NodeId};
use super::space::{Axis, AxisData, AxisKind, PatternId, Space};

/// The value of a point on one axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PointValue {
    /// No text.
    Absent,
    /// A text.
    Text(String),
    /// An address.
    Address(IpAddr),
    /// A number.
    Number(u64),
    /// A value of an enumeration.
    Index(u32),
    /// A flag.
    Flag(bool),
}

/// A point of a space: a value for every axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    values: Vec<PointValue>,
    patterns: Vec<bool>,
}

impl Assignment {
    /// The point with the given values, in the order of the axes.
    pub fn new(space: &Space, values: Vec<PointValue>) -> Self {
        debug_assert_eq!(values.len(), space.axes.len());
        let patterns = (0..space.patterns.len() as u32)
            .map(|pattern| match values.get(space.patterns[pattern as usize].axis as usize) {
                Some(PointValue::Text(text)) => space.matches(PatternId(pattern), text),
                _ => false,
            })
            .collect();
        Self { values, patterns }
    }

    /// The value on an axis.
    pub fn get(&self, axis: Axis) -> &PointValue {
        self.values.get(axis.0 as usize).unwrap_or(&PointValue::Absent)
    }

    /// Whether the text matches a pattern.
    pub fn holds(&self, pattern: PatternId) -> bool {
        self.patterns.get(pattern.0 as usize).copied().unwrap_or(false)
    }

    /// The values in the order of the axes.
    pub fn values(&self) -> &[PointValue] {
        &self.values
    }
}

impl Sets {
    /// Whether a set holds a point. A value of the wrong sort is in no set that decides on its
    /// axis.
    pub fn contains(&self, set: Set, point: &Assignment) -> bool {
        self.leaf_of(set.0, point) == Some(FULL)
    }

    /// The outcome of a decision at a point.
    pub fn outcome(&self, decision: Decision, point: &Assignment) -> Option<u32> {
        let leaf = self.leaf_of(decision.0, point)?;
        (leaf != NONE).then_some(leaf & !LEAF)
    }

    /// The points that no set tells from this one on some axes.
    pub fn alike(&mut self, point: &Assignment, axes: &[Axis]) -> Set {
        let space = std::sync::Arc::clone(self.space());
        let mut parts = Vec::new();
        for axis in axes {
            let data = space.data(*axis);
            let Some(atom) = atom_of(data, point.get(*axis)) else { return Set::EMPTY };
            parts.push(Set(self.runs(data.var, data.atoms(), &[(atom, atom + 1)])));
            for pattern in space.patterns(*axis) {
                let matching = self.pattern(pattern);
                let holds = point.holds(pattern);
                parts.push(if holds { matching } else { self.not(matching) });
            }
        }
        self.and_all(&parts)
    }

    fn leaf_of(&self, mut id: NodeId, point: &Assignment) -> Option<NodeId> {
        while id & LEAF == 0 {
            let variable = self.space.variables[self.nodes.var(id) as usize];
            let atom = match variable.pattern {
                Some(pattern) => u32::from(point.holds(PatternId(pattern))),
                None => {
                    let axis = Axis(variable.axis);
                    atom_of(self.space.data(axis), point.get(axis))?
                }
            };
            id = self.nodes.child(id, atom);
        }
        Some(id)
    }
}

/// The atom of an axis that holds a value.
fn atom_of(data: &AxisData, value: &PointValue) -> Option<u32> {
    match (&data.kind, value) {
        (AxisKind::Text(text), PointValue::Text(value)) => {
            Some(text.atom_of(&text.order.key(value)))
        }
        (AxisKind::Text(text), PointValue::Absent) if text.optional => Some(0),
        (AxisKind::Addresses(points), PointValue::Address(value)) => {
            Some(points.atom_of(address::number(*value)))
        }
        (AxisKind::Numbers(points), PointValue::Number(value)) => {
            Some(points.atom_of((*value).into()))
        }
        (AxisKind::Values(count), PointValue::Index(value)) if value < count => Some(*value),
        (AxisKind::Flag, PointValue::Flag(value)) => Some(u32::from(*value)),
        _ => None,
    }
}
