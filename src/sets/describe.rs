//! What a set allows on one axis, in pieces that can be put into words.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::algebra::{Set, Sets};
use super::feasible::{Path, Visitor};
use super::nodes::{EMPTY, FULL, NodeId};
use super::space::{Axis, Kind, PatternId};
use super::text::{Leading, Text};

/// The values of one axis that occur in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisValues {
    /// Every value.
    All,
    /// No value: the set is empty.
    Nothing,
    /// Addresses as numbers, both ends included, ascending.
    Addresses(Vec<(u128, u128)>),
    /// Numbers, both ends included, ascending.
    Numbers(Vec<(u64, u64)>),
    /// Values of an enumeration, ascending.
    Values(Vec<u32>),
    /// The only state of a flag.
    Flag(bool),
    /// Texts that are in any of the pieces.
    Text(Vec<TextPiece>),
    /// Texts, and their absence, that are in none of the pieces.
    TextExcept(Vec<TextPiece>),
}

/// A part of the values of a text axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPiece {
    /// No text.
    Absent,
    /// One text.
    Exact(String),
    /// Every text that starts so (on an axis read from the end: that ends so). Empty: every text.
    Prefix(String),
    /// Texts from the first until before the second, in the order of the axis.
    Between {
        /// The first text.
        from: String,
        /// The first text beyond, if there is an end.
        until: Option<String>,
    },
    /// What is in any of the pieces and matches or does not match some patterns.
    Matching {
        /// The pieces.
        within: Vec<TextPiece>,
        /// Patterns that must match.
        holds: Vec<PatternId>,
        /// Patterns that must not match.
        fails: Vec<PatternId>,
    },
}

impl Sets {
    /// The values of an axis for which the set has a point.
    pub fn axis_values(&mut self, set: Set, axis: Axis) -> AxisValues {
        let id = self.onto(set, axis).0;
        if id == FULL {
            return AxisValues::All;
        }
        if !self.meets(id, FULL) {
            return AxisValues::Nothing;
        }
        let space = Arc::clone(&self.space);
        let data = space.data(axis);
        if let Kind::Text(text) = &data.kind {
            return self.text_values(id, text);
        }
        let runs = self.runs_with(id, FULL);
        match &data.kind {
            Kind::Addresses(points) => AxisValues::Addresses(
                runs.iter().map(|(from, until)| points.bounds(*from, *until)).collect(),
            ),
            Kind::Numbers(points) => {
                let narrow = |number| u64::try_from(number).unwrap_or(u64::MAX);
                let bounds = |(from, until): &(u32, u32)| {
                    let (low, high) = points.bounds(*from, *until);
                    (narrow(low), narrow(high))
                };
                AxisValues::Numbers(runs.iter().map(bounds).collect())
            }
            Kind::Flag => AxisValues::Flag(runs.contains(&(1, 2))),
            Kind::Values(_) | Kind::Text(_) => {
                AxisValues::Values(runs.into_iter().flat_map(|(from, until)| from..until).collect())
            }
        }
    }

    /// The runs of atoms of an axis with which a set can begin, if the axis is the first that
    /// it decides on: a cheap way to see which few of many texts a set is about.
    pub fn first_runs(&self, set: Set, axis: Axis) -> Option<Vec<(u32, u32)>> {
        let id = set.0;
        if id == EMPTY || id == FULL || self.nodes.var(id) != self.space.data(axis).var {
            return None;
        }
        let (mut runs, mut from) = (Vec::new(), 0);
        for edge in self.nodes.edges(id) {
            if edge.child != EMPTY {
                runs.push((from, edge.until));
            }
            from = edge.until;
        }
        Some(runs)
    }

    /// The runs of atoms at a node that lead to a leaf.
    fn runs_with(&self, id: NodeId, leaf: NodeId) -> Vec<(u32, u32)> {
        let (mut runs, mut from) = (Vec::new(), 0);
        for edge in self.nodes.edges(id) {
            if edge.child == leaf {
                runs.push((from, edge.until));
            }
            from = edge.until;
        }
        runs
    }

    fn text_values(&mut self, id: NodeId, text: &Text) -> AxisValues {
        if !self.nodes.is_patterned(id) {
            return shorter(text, &self.runs_with(id, FULL), &self.runs_with(id, EMPTY));
        }
        let mut visitor = Paths::default();
        let _ = self.explore(id, FULL, &mut visitor);
        let mut all = Vec::new();
        for (literals, runs) in visitor.groups {
            let within = pieces(text, &runs, usize::MAX).unwrap_or_default();
            if literals.is_empty() {
                all.extend(within);
                continue;
            }
            let of = |truth: bool| {
                let chosen = literals.iter().filter(move |literal| literal.1 == truth);
                chosen.map(|literal| PatternId(literal.0)).collect()
            };
            all.push(TextPiece::Matching { within, holds: of(true), fails: of(false) });
        }
        AxisValues::Text(all)
    }
}

/// What is inside, or what is outside if that is easier to read. The one of fewer atoms is put into
/// pieces first, so that the other is given up as soon as it is the longer one.
fn shorter(text: &Text, inside: &[(u32, u32)], outside: &[(u32, u32)]) -> AxisValues {
    let atoms = |runs: &[(u32, u32)]| runs.iter().map(|(from, until)| until - from).sum::<u32>();
    if atoms(outside) < atoms(inside) {
        let except = pieces(text, outside, usize::MAX).unwrap_or_default();
        match pieces(text, inside, weight(&except)) {
            Some(inside) => AxisValues::Text(inside),
            None => AxisValues::TextExcept(except),
        }
    } else {
        let values = pieces(text, inside, usize::MAX).unwrap_or_default();
        match weight(&values).checked_sub(1).and_then(|less| pieces(text, outside, less)) {
            Some(except) => AxisValues::TextExcept(except),
            None => AxisValues::Text(values),
        }
    }
}

/// How hard a piece is to read.
fn effort(piece: &TextPiece) -> usize {
    if matches!(piece, TextPiece::Between { .. }) { 3 } else { 1 }
}

/// How hard a list of pieces is to read.
fn weight(pieces: &[TextPiece]) -> usize {
    pieces.iter().map(effort).sum()
}

/// The declared texts and prefixes that make up runs of atoms, as far as they do; nothing if they
/// weigh more than `limit`.
fn pieces(text: &Text, runs: &[(u32, u32)], limit: usize) -> Option<Vec<TextPiece>> {
    let mut pieces = Vec::new();
    let mut left = limit;
    let mut put = |piece: TextPiece| {
        left = left.checked_sub(effort(&piece))?;
        pieces.push(piece);
        Some(())
    };
    for &(from, until) in runs {
        let mut at = from;
        // Atoms that begin with nothing declared.
        let mut loose = None;
        while at < until {
            let (piece, next) = if text.is_absent(at) {
                (Some(TextPiece::Absent), at + 1)
            } else {
                match text.leading(at, until) {
                    Some((Leading::Exact(key), next)) => {
                        (Some(TextPiece::Exact(text.order.value(key))), next)
                    }
                    Some((Leading::Prefix(key), next)) => {
                        (Some(TextPiece::Prefix(text.order.value(key))), next)
                    }
                    None => (None, at + 1),
                }
            };
            match piece {
                None => loose = loose.or(Some(at)),
                Some(piece) => {
                    if let Some(from) = loose.take() {
                        put(between(text, from, at))?;
                    }
                    put(piece)?;
                }
            }
            at = next;
        }
        if let Some(from) = loose {
            put(between(text, from, until))?;
        }
    }
    Some(pieces)
}

fn between(text: &Text, from: u32, until: u32) -> TextPiece {
    let (from, until) = text.interval(from, until);
    TextPiece::Between { from: text.order.value(from), until: until.map(|it| text.order.value(it)) }
}

/// Runs of atoms by the outcomes of the patterns on the way.
#[derive(Default)]
struct Paths {
    groups: Vec<(Vec<(u32, bool)>, Vec<(u32, u32)>)>,
}

impl Visitor for Paths {
    fn skips(&mut self, left: NodeId, _: NodeId) -> bool {
        left == EMPTY
    }

    fn wants(&mut self, _: &mut Sets, left: NodeId, _: NodeId) -> bool {
        left == FULL
    }

    fn found(&mut self, _: &mut Sets, path: &mut Path, _: NodeId, _: NodeId) -> ControlFlow<()> {
        let run = (path.from, path.until);
        match self.groups.iter_mut().find(|group| group.0 == path.literals) {
            Some((_, runs)) => match runs.last_mut() {
                Some(last) if last.1 == run.0 => last.1 = run.1,
                _ => runs.push(run),
            },
            None => self.groups.push((path.literals.clone(), vec![run])),
        }
        ControlFlow::Continue(())
    }
}
