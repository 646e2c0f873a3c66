//! The space in which sets live: its axes, in the order of the decision variables, and their
//! partitions. A space never changes; sets of different spaces never compare.

use std::fmt;

use super::automaton::Automaton;
use super::points::Points;
use super::text::TextPartition;

/// One dimension of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Axis(pub(super) u32);

/// A pattern of a text axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatternId(pub(super) u32);

/// A set was asked for that the space was not told about when it was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// The name of the axis.
    pub axis: String,
    /// What was asked for.
    pub asked: String,
}

impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` was not declared on the axis `{}`", self.asked, self.axis)
    }
}

impl std::error::Error for Undeclared {}

pub(super) enum AxisKind {
    Text(Box<TextPartition>),
    Addresses(Points),
    Numbers(Points),
    Values(u32),
    Flag,
}

pub(super) struct AxisData {
    pub name: String,
    pub kind: AxisKind,
    /// The variable of the axis; those of its patterns follow.
    pub var: u32,
    pub patterns: Vec<u32>,
}

impl AxisData {
    /// The number of atoms.
    pub fn atoms(&self) -> u32 {
        match &self.kind {
            AxisKind::Text(text) => text.atoms(),
            AxisKind::Addresses(points) | AxisKind::Numbers(points) => points.atoms(),
            AxisKind::Values(count) => *count,
            AxisKind::Flag => 2,
        }
    }

    /// The variable behind the axis and its patterns.
    pub fn end(&self) -> u32 {
        self.var + 1 + self.patterns.len() as u32
    }
}

#[derive(Clone, Copy)]
pub(super) struct Variable {
    pub axis: u32,
    pub atoms: u32,
    pub pattern: Option<u32>,
}

pub(super) struct PatternData {
    pub source: super::Pattern,
    pub automaton: Automaton,
    pub var: u32,
    pub axis: u32,
}

/// Axes, partitions and patterns. Built by a [`SpaceBuilder`](super::SpaceBuilder).
pub struct Space {
    pub(super) axes: Vec<AxisData>,
    pub(super) variables: Vec<Variable>,
    pub(super) patterns: Vec<PatternData>,
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.axes.iter().map(|axis| (&axis.name, axis.atoms()))).finish()
    }
}

impl Space {
    /// The axes, in the order of the decision variables.
    pub fn axes(&self) -> impl Iterator<Item = Axis> + use<> {
        (0..self.axes.len() as u32).map(Axis)
    }

    /// The name of an axis.
    pub fn name(&self, axis: Axis) -> &str {
        &self.data(axis).name
    }

    /// The number of parts that an axis is divided into.
    pub fn atom_count(&self, axis: Axis) -> u32 {
        self.data(axis).atoms()
    }

    /// The patterns of an axis.
    pub fn patterns(&self, axis: Axis) -> impl Iterator<Item = PatternId> {
        self.data(axis).patterns.iter().copied().map(PatternId)
    }

    /// The pattern as it was declared.
    pub fn pattern(&self, pattern: PatternId) -> &super::Pattern {
        &self.patterns[pattern.0 as usize].source
    }

    /// Whether a value of the pattern's axis matches the pattern.
    pub fn matches(&self, pattern: PatternId, value: &str) -> bool {
        let data = &self.patterns[pattern.0 as usize];
        self.text(data.axis).is_some_and(|text| data.automaton.matches(&text.order.key(value)))
    }

    /// The atom of a text of an axis, as [`Sets::first_runs`](super::Sets::first_runs) counts them.
    pub fn atom_of(&self, axis: Axis, value: &str) -> Option<u32> {
        self.text(axis.0).map(|text| text.atom_of(&text.order.key(value)))
    }

    /// Whether a text is a valid value of the axis.
    pub fn is_valid(&self, axis: Axis, value: &str) -> bool {
        self.text(axis.0).is_some_and(|text| text.alphabet.matches(&text.order.key(value)))
    }

    pub(super) fn data(&self, axis: Axis) -> &AxisData {
        &self.axes[axis.0 as usize]
    }

    pub(super) fn text(&self, axis: u32) -> Option<&TextPartition> {
        match &self.axes[axis as usize].kind {
            AxisKind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn undeclared(&self, axis: Axis, asked: impl fmt::Display) -> Undeclared {
        Undeclared { axis: self.name(axis).to_owned(), asked: asked.to_string() }
    }
}
