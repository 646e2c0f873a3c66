//! Declaring a space: its axes, and what will be asked about each.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::automaton::{Automaton, PatternReading};
use super::pattern::{Pattern, PatternError};
use super::points::Points;
use super::space::{Axis, AxisData, AxisKind, PatternData, PatternId, Space, Variable};
use super::text::{Order, Strings, TextPartition, successor};

/// The greatest number of values of an enumeration.
const MOST_VALUES: u32 = 1 << 24;

enum Draft {
    Text { order: Order, optional: bool, alphabet: Automaton, cuts: Strings },
    Addresses(Vec<u128>),
    Numbers(Vec<u128>, u64),
    Values(u32),
    Flag,
}

/// Collects axes, in the order of the decision variables, and the strings, prefixes, patterns and
/// ranges that sets will be asked for.
#[derive(Default)]
pub struct SpaceBuilder {
    axes: Vec<(String, Draft)>,
    patterns: IndexMap<(u32, Pattern), Automaton, FxBuildHasher>,
}

impl SpaceBuilder {
    /// A space without axes.
    pub fn new() -> Self {
        Self::default()
    }

    fn axis(&mut self, name: impl Into<String>, draft: Draft) -> Axis {
        let axis = Axis(self.axes.len() as u32);
        self.axes.push((name.into(), draft));
        axis
    }

    /// An axis of texts. `alphabet` is an expression for the whole of a valid value, over Unicode
    /// characters; if `optional`, the value may also be absent.
    ///
    /// # Errors
    /// If the expression cannot be compiled or admits nothing.
    pub fn text(
        &mut self,
        name: impl Into<String>,
        order: Order,
        alphabet: &str,
        optional: bool,
    ) -> Result<Axis, PatternError> {
        let reading = PatternReading { unicode: true, reverse: order == Order::Reverse };
        let alphabet = Automaton::compile(alphabet, reading, b"", b"")?;
        if !alphabet.can_reach(alphabet.start(), true) {
            return Err(PatternError::NoValue);
        }
        let cuts = Strings::default();
        Ok(self.axis(name, Draft::Text { order, optional, alphabet, cuts }))
    }

    /// An axis of IPv4 and IPv6 addresses.
    pub fn addresses(&mut self, name: impl Into<String>) -> Axis {
        self.axis(name, Draft::Addresses(Vec::new()))
    }

    /// An axis of the numbers from 0 to `max`.
    pub fn numbers(&mut self, name: impl Into<String>, max: u64) -> Axis {
        self.axis(name, Draft::Numbers(Vec::new(), max))
    }

    /// An axis of the values `0..count`. Without values it would be empty, so it has at least one.
    pub fn values(&mut self, name: impl Into<String>, count: u32) -> Axis {
        debug_assert!(count <= MOST_VALUES, "an enumeration of {count} values");
        self.axis(name, Draft::Values(count.clamp(1, MOST_VALUES)))
    }

    /// An axis that is true or false.
    pub fn flag(&mut self, name: impl Into<String>) -> Axis {
        self.axis(name, Draft::Flag)
    }

    /// Declares that one text will be asked for. Ignored if the axis has no texts.
    pub fn exact(&mut self, axis: Axis, value: &str) {
        if let Some((_, Draft::Text { order, cuts, .. })) = self.axes.get_mut(axis.0 as usize) {
            let key = order.key(value);
            cuts.push(&[&key]);
            cuts.push(&[&key, &[0]]);
        }
    }

    /// Declares that a prefix (on an axis read from the end: a suffix) will be asked for. Ignored
    /// if the axis has no texts.
    pub fn prefix(&mut self, axis: Axis, value: &str) {
        if let Some((_, Draft::Text { order, cuts, .. })) = self.axes.get_mut(axis.0 as usize) {
            let key = order.key(value);
            cuts.push(&[&key]);
            if let Some(end) = successor(&key) {
                cuts.push(&[&end]);
            }
        }
    }

    /// Declares a pattern. The same pattern of the same axis has one id.
    ///
    /// # Errors
    /// If the expression cannot be compiled, or the axis cannot carry it.
    pub fn pattern(&mut self, axis: Axis, pattern: Pattern) -> Result<PatternId, PatternError> {
        let Some((_, Draft::Text { order, .. })) = self.axes.get(axis.0 as usize) else {
            return Err(PatternError::Misplaced);
        };
        let reverse = *order == Order::Reverse;
        if reverse && !(pattern.strip.is_empty() && pattern.prepend.is_empty()) {
            return Err(PatternError::Misplaced);
        }
        let key = (axis.0, pattern);
        if let Some(index) = self.patterns.get_index_of(&key) {
            return Ok(PatternId(index as u32));
        }
        let reading = PatternReading { unicode: false, reverse };
        let Pattern { regex, strip, prepend } = &key.1;
        let automaton = Automaton::compile(regex, reading, strip.as_bytes(), prepend.as_bytes())?;
        Ok(PatternId(self.patterns.insert_full(key, automaton).0 as u32))
    }

    /// Declares a range of addresses or numbers, both ends included. Ignored if the axis has
    /// neither.
    pub fn range(&mut self, axis: Axis, low: u128, high: u128) {
        let draft = self.axes.get_mut(axis.0 as usize);
        if let Some((_, Draft::Addresses(cuts) | Draft::Numbers(cuts, _))) = draft {
            cuts.push(low);
            cuts.extend(high.checked_add(1));
        }
    }

    /// Fixes the partitions.
    pub fn build(self) -> Space {
        let mut space = Space { axes: vec![], variables: vec![], patterns: vec![] };
        let mut patterns_of = vec![Vec::new(); self.axes.len()];
        for (index, ((axis, source), automaton)) in self.patterns.into_iter().enumerate() {
            patterns_of[axis as usize].push(index as u32);
            space.patterns.push(PatternData { source, automaton, var: 0, axis });
        }
        for (axis, ((name, draft), patterns)) in self.axes.into_iter().zip(patterns_of).enumerate()
        {
            let kind = match draft {
                Draft::Text { order, optional, alphabet, cuts } => {
                    AxisKind::Text(Box::new(TextPartition::new(order, optional, alphabet, cuts)))
                }
                Draft::Addresses(cuts) => AxisKind::Addresses(Points::new(cuts, u128::MAX)),
                Draft::Numbers(cuts, max) => AxisKind::Numbers(Points::new(cuts, max.into())),
                Draft::Values(count) => AxisKind::Values(count),
                Draft::Flag => AxisKind::Flag,
            };
            let data = AxisData { name, kind, var: space.variables.len() as u32, patterns };
            let axis = axis as u32;
            space.variables.push(Variable { axis, atoms: data.atoms(), pattern: None });
            for pattern in &data.patterns {
                space.patterns[*pattern as usize].var = space.variables.len() as u32;
                space.variables.push(Variable { axis, atoms: 2, pattern: Some(*pattern) });
            }
            space.axes.push(data);
        }
        space
    }
}
