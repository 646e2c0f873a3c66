//! What a set allows on one axis, in pieces that can be put into words.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::algebra::{Set, Sets};
use super::feasible::{DecisionPath, PathVisitor};
use super::nodes::{EMPTY, FULL, NodeId};
use super::space::{Axis, AxisKind, PatternId};
use super::text::{Leading, TextPartition};

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
    /// Every text that starts so, as [`Prefix`](Self::Prefix) has it, but those of some pieces.
    PrefixBut {
        /// How they start.
        prefix: String,
        /// The pieces that are left out.
        but: Vec<TextPiece>,
    },
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
        if let AxisKind::Text(text) = &data.kind {
            return self.text_values(id, text);
        }
        let runs = self.runs_with(id, FULL);
        match &data.kind {
            AxisKind::Addresses(points) => AxisValues::Addresses(
                runs.iter().map(|(from, until)| points.bounds(*from, *until)).collect(),
            ),
            AxisKind::Numbers(points) => {
                let narrow = |number| u64::try_from(number).unwrap_or(u64::MAX);
                let bounds = |(from, until): &(u32, u32)| {
                    let (low, high) = points.bounds(*from, *until);
                    (narrow(low), narrow(high))
                };
                AxisValues::Numbers(runs.iter().map(bounds).collect())
            }
            AxisKind::Flag => AxisValues::Flag(runs.contains(&(1, 2))),
            AxisKind::Values(_) | AxisKind::Text(_) => {
                AxisValues::Values(runs.into_iter().flat_map(|(from, until)| from..until).collect())
            }
        }
    }

    /// The values of an enumeration that occur in a set, as ascending runs: the first, and the one
    /// behind the last.
    pub fn value_runs(&mut self, set: Set, axis: Axis) -> Vec<(u32, u32)> {
        match self.onto(set, axis).0 {
            EMPTY => Vec::new(),
            FULL => vec![(0, self.space.data(axis).atoms())],
            id => self.runs_with(id, FULL),
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

    fn text_values(&mut self, id: NodeId, text: &TextPartition) -> AxisValues {
        if !self.nodes.is_patterned(id) {
            return shorter(text, &self.runs_with(id, FULL), &self.runs_with(id, EMPTY));
        }
        let mut visitor = RunCollector::default();
        let _ = self.explore(id, FULL, &mut visitor);
        let mut all = Vec::new();
        for (literals, runs) in simpler(visitor.groups, text) {
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

/// Outcomes of patterns, and the runs of atoms for which they matter.
type OutcomeRuns = (Vec<(u32, bool)>, Vec<(u32, u32)>);

/// Groups of the same values that ask less. What is absent, which no pattern matches, is a group
/// of its own.
fn simpler(groups: Vec<OutcomeRuns>, text: &TextPartition) -> Vec<OutcomeRuns> {
    let mut absent = false;
    let mut groups = groups;
    for (literals, runs) in &mut groups {
        if let Some(first) = runs.first_mut().filter(|run| text.is_absent(run.0)) {
            absent |= literals.iter().all(|(_, truth)| !truth);
            first.0 += 1;
        }
        runs.retain(|(from, until)| from < until);
    }
    groups.retain(|(_, runs)| !runs.is_empty());
    // What holds in one group need not be said to fail in another that has the rest in common.
    for at in 0..groups.len() {
        let mut literals = groups[at].0.clone();
        for (pattern, truth) in groups[at].0.clone() {
            let others = groups.iter().enumerate().filter(|(other, _)| *other != at);
            let settles = |(_, other): (usize, &OutcomeRuns)| {
                other.1 == groups[at].1
                    && other.0.iter().all(|literal| {
                        *literal == (pattern, !truth)
                            || literal.0 != pattern && literals.contains(literal)
                    })
            };
            if { others }.any(settles) {
                literals.retain(|literal| literal.0 != pattern);
            }
        }
        groups[at].0 = literals;
    }
    if absent {
        groups.insert(0, (Vec::new(), vec![(0, 1)]));
    }
    groups
}

/// What is inside, or what is outside if that is easier to read. The one of fewer atoms is put into
/// pieces first, so that the other is given up as soon as it is the longer one.
fn shorter(text: &TextPartition, inside: &[(u32, u32)], outside: &[(u32, u32)]) -> AxisValues {
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
    match piece {
        TextPiece::Between { .. } => 3,
        TextPiece::PrefixBut { but, .. } => 1 + weight(but),
        _ => 1,
    }
}

/// How hard a list of pieces is to read.
fn weight(pieces: &[TextPiece]) -> usize {
    pieces.iter().map(effort).sum()
}

/// What a prefix may leave out at most, by its weight.
const LEFT_OUT: usize = 8;

/// A piece with the run of atoms that it stands for, holes and all.
type Piece = (TextPiece, u32, u32);

/// The declared texts and prefixes that make up runs of atoms, as far as they do; nothing if they
/// weigh more than `limit`.
fn pieces(text: &TextPartition, runs: &[(u32, u32)], limit: usize) -> Option<Vec<TextPiece>> {
    let pieces = pieces_within(text, runs, (0, u32::MAX), limit)?;
    Some(pieces.into_iter().map(|(piece, ..)| piece).collect())
}

/// Pieces as of [`pieces`]; prefixes that leave something out are those of a part of a run alone.
fn pieces_within(
    text: &TextPartition,
    runs: &[(u32, u32)],
    part: (u32, u32),
    limit: usize,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut spent = 0;
    let mut done = 0;
    for &(from, until) in runs {
        let mut at = from.max(done);
        // Atoms that begin with nothing declared.
        let mut loose = None;
        while at < until {
            let leading = if text.is_absent(at) { None } else { text.leading(at, until) };
            let (piece, next) = match leading {
                _ if text.is_absent(at) => (Some(TextPiece::Absent), at + 1),
                Some((Leading::Exact(key), next)) => {
                    (Some(TextPiece::Exact(text.order.value(key))), next)
                }
                Some((Leading::Prefix(key), next)) => {
                    (Some(TextPiece::Prefix(text.order.value(key))), next)
                }
                None => (None, at + 1),
            };
            if piece.is_none()
                && loose.is_none()
                && let Some(whole) = with_holes(text, runs, at, part)
            {
                // What it stands for need not be said before it.
                while let Some(last) = pieces.pop_if(|last| whole.1 <= last.1) {
                    spent -= effort(&last.0);
                }
                spent += effort(&whole.0);
                done = whole.2;
                at = done;
                pieces.push(whole);
                continue;
            }
            if let Some(piece) = piece {
                if let Some(from) = loose.take() {
                    pieces.push((between(text, from, at), from, at));
                    spent += 3;
                }
                spent += effort(&piece);
                pieces.push((piece, at, next));
            } else {
                loose = loose.or(Some(at));
            }
            if spent > limit {
                return None;
            }
            at = next;
        }
        if let Some(from) = loose {
            pieces.push((between(text, from, until), from, until));
            spent += 3;
        }
        if spent > limit {
            return None;
        }
    }
    Some(pieces)
}

/// The narrowest declared prefix around an atom of some runs of which they leave out little, and
/// that in declared texts and prefixes.
fn with_holes(
    text: &TextPartition,
    runs: &[(u32, u32)],
    at: u32,
    part: (u32, u32),
) -> Option<Piece> {
    for (key, from, until) in text.around(at) {
        if from < part.0 || until > part.1 || (from, until) == part {
            continue;
        }
        let Some(holes) = holes(runs, from, until) else { continue };
        let Some(but) = pieces_within(text, &holes, (from, until), LEFT_OUT) else { continue };
        let but: Vec<TextPiece> = but.into_iter().map(|(piece, ..)| piece).collect();
        let vague = |piece: &TextPiece| matches!(piece, TextPiece::Between { .. });
        if !but.iter().any(vague) {
            let prefix = text.order.value(key);
            return Some((TextPiece::PrefixBut { prefix, but }, from, until));
        }
    }
    None
}

/// The atoms between two that are in none of the runs; nothing if they are in many places.
fn holes(runs: &[(u32, u32)], from: u32, until: u32) -> Option<Vec<(u32, u32)>> {
    let mut holes = Vec::new();
    let mut at = from;
    let first = runs.partition_point(|run| run.1 <= from);
    for (start, end) in &runs[first..] {
        if *start >= until {
            break;
        }
        if *start > at {
            holes.push((at, *start));
        }
        if holes.len() > LEFT_OUT {
            return None;
        }
        at = *end;
    }
    if at < until {
        holes.push((at, until));
    }
    Some(holes)
}

fn between(text: &TextPartition, from: u32, until: u32) -> TextPiece {
    let (from, until) = text.interval(from, until);
    TextPiece::Between { from: text.order.value(from), until: until.map(|it| text.order.value(it)) }
}

/// Runs of atoms by the outcomes of the patterns on the way.
#[derive(Default)]
struct RunCollector {
    groups: Vec<OutcomeRuns>,
}

impl PathVisitor for RunCollector {
    fn skips(&mut self, left: NodeId, _: NodeId) -> bool {
        left == EMPTY
    }

    fn wants(&mut self, _: &mut Sets, left: NodeId, _: NodeId) -> bool {
        left == FULL
    }

    fn found(
        &mut self,
        _: &mut Sets,
        path: &mut DecisionPath,
        _: NodeId,
        _: NodeId,
    ) -> ControlFlow<()> {
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
