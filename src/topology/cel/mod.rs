//! Reads the expressions of Google Cloud rules into a [`Condition`].
//!
//! Three products let their rules be written in a subset of CEL, the Common Expression Language:
//! security policies (ING-128 to ING-132), IAM conditions (ING-066 to ING-069) and NAT rules. A
//! [`Dialect`] says which attributes and functions each of them has; anything else is a
//! [`CelError`], as the API refuses it too.
//!
//! # What is not decided
//!
//! A sub-expression whose syntax and names are right, but whose value the simulation does not
//! compute, becomes [`Unmodelled`](super::condition::Unmodelled): text that is decoded first
//! (`urlDecode()` and its like), sizes, arithmetic, parts of a time, two attributes compared with
//! each other, resource attributes and tags. Only the smallest condition around it does; the rest
//! of the expression stays exact.
//!
//! # Absent headers
//!
//! Naming an absent header is an evaluation error in CEL, and a rule whose expression ends in an
//! error does not match (ING-131). The error is not simply false: `!` keeps it, while `false && …`
//! and `true || …` drop it. So every sub-expression is read twice, as the condition under which it
//! is true and the one under which it is false; where neither holds it is an error. A negation
//! swaps the two. `request.headers['x'] != 'a'` and `!(request.headers['x'] == 'a')` thereby both
//! come out as "the header is present and is not `a`", and `!(request.headers['x'] == 'a' &&
//! request.method == 'GET')` holds without the header if the method is another one.
//!
//! A [`TextTest`](super::condition::TextTest) of an absent header is false, so the positive form
//! needs no separate test for presence.

use std::fmt;
use std::ops::Range;

use super::condition::Condition;

mod attribute;
mod compare;
mod function;
mod lookup;
mod pattern;
mod read;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

/// The longest expression that is read, in bytes. Google Cloud's own limits are lower.
pub const MAX_LENGTH: usize = 8192;

/// The deepest nesting of brackets that is read.
pub const MAX_NESTING: usize = 64;

/// Which product evaluates an expression, and so what it may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The advanced match of a security policy rule (ING-128 to ING-132).
    SecurityPolicy,
    /// The condition of an IAM binding (ING-066 to ING-069, ING-143).
    IamCondition,
    /// The match of a Cloud NAT rule.
    NatRule,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dialect::SecurityPolicy => "security policy rules",
            Dialect::IamCondition => "IAM conditions",
            Dialect::NatRule => "NAT rules",
        })
    }
}

/// Why an expression cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CelError {
    /// What is wrong: lower case, no full stop, the user's text in backticks.
    pub message: String,
    /// The part of the expression that is wrong, in bytes; best effort for syntax errors.
    pub range: Range<usize>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CelError {
    fn new(message: impl Into<String>, range: Range<usize>) -> CelError {
        CelError { message: message.into(), range, hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> CelError {
        CelError { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for CelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CelError {}

/// Reads an expression.
///
/// # Errors
///
/// If the text is not CEL, is longer than [`MAX_LENGTH`] or deeper than [`MAX_NESTING`], names
/// something that the dialect does not have, or compares values of different types; at the first
/// such place.
pub fn parse(text: &str, dialect: Dialect) -> Result<Condition, CelError> {
    let source = syntax::ParsedSource::parse(text)?;
    read::ConditionReader::new(&source, dialect).read()
}

/// How many sub-expressions an expression joins with `&&`, `||` and `?:`. The API refuses a
/// security policy rule with more than five (ING-128).
///
/// # Errors
///
/// If the text is not CEL, is too long or too deep.
pub fn count_subexpressions(text: &str) -> Result<usize, CelError> {
    Ok(syntax::ParsedSource::parse(text)?.count_subexpressions())
}
