//! How an answer differs from what is expected of it.

use std::fmt;

use crate::source::{Files, Span};

/// One thing in which an answer is another than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it is expected.
    pub at: Span,
    /// The key of the expectation.
    pub key: &'static str,
    /// What is expected; nothing if what is given should not be there.
    pub expected: Option<String>,
    /// What is given; nothing if what is expected is not there.
    pub given: Option<String>,
}

impl Difference {
    /// Another value than expected.
    pub(super) fn other(
        key: &'static str,
        at: Span,
        expected: impl fmt::Display,
        given: impl fmt::Display,
    ) -> Self {
        let (expected, given) = (Some(expected.to_string()), Some(given.to_string()));
        Difference { at, key, expected, given }
    }

    /// Something that is expected and not there.
    pub(super) fn missing(key: &'static str, at: Span, expected: impl fmt::Display) -> Self {
        Difference { at, key, expected: Some(expected.to_string()), given: None }
    }

    /// Something that is there and not expected.
    pub(super) fn extra(key: &'static str, at: Span, given: impl fmt::Display) -> Self {
        Difference { at, key, expected: None, given: Some(given.to_string()) }
    }

    /// It with its place: `FILE:LINE: KEY: ...`.
    pub fn line(&self, files: &Files) -> String {
        match files.line_column(self.at) {
            Some(place) => format!("{}:{}: {self}", files.name(self.at.file), place.line),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key;
        match (&self.expected, &self.given) {
            (Some(expected), Some(given)) => write!(f, "{key}: {given} instead of {expected}"),
            (Some(expected), None) => write!(f, "{key}: missing {expected}"),
            (None, Some(given)) => write!(f, "{key}: not expected: {given}"),
            (None, None) => write!(f, "{key}: nothing"),
        }
    }
}
