//! Patterns: conditions on a text that are neither an exact string nor a prefix.

use std::fmt;

use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;

/// A condition on the whole of a text value.
///
/// A value matches if it starts with `strip`, and `regex` matches the whole of `prepend` followed
/// by the value without that start. The two let a condition on a rewritten path be asked of the
/// path before it was rewritten. On an axis read from the end both must be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The expression, in the syntax of the `regex` crate, over bytes.
    pub regex: String,
    /// What a value must start with, and what is taken off before the expression is tried.
    pub strip: String,
    /// What is put in front of the rest before the expression is tried.
    pub prepend: String,
}

impl Pattern {
    /// A condition on the value as it is.
    pub fn new(regex: impl Into<String>) -> Self {
        Self { regex: regex.into(), ..Self::default() }
    }
}

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The expression is not well formed, or uses what an automaton cannot do.
    Syntax(String),
    /// The automaton of the expression would be too large.
    TooLarge,
    /// No value at all is valid on the axis.
    NoValue,
    /// The axis has no text, or is read from its end while the pattern strips or prepends.
    Misplaced,
}

impl PatternError {
    pub(super) fn from_nfa(error: &thompson::BuildError) -> Self {
        match error.size_limit() {
            Some(_) => Self::TooLarge,
            None => Self::Syntax(error.to_string()),
        }
    }

    pub(super) fn from_dfa(error: &dense::BuildError) -> Self {
        if error.is_size_limit_exceeded() {
            Self::TooLarge
        } else {
            Self::Syntax(error.to_string())
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(why) => write!(f, "the expression cannot be read: {why}"),
            Self::TooLarge => f.write_str("the expression is too large to be decided exactly"),
            Self::NoValue => f.write_str("the expression admits no value at all"),
            Self::Misplaced => f.write_str("the axis cannot carry this pattern"),
        }
    }
}

impl std::error::Error for PatternError {}
