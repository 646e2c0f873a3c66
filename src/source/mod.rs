//! Where facts come from, and what is wrong with them.
//!
//! Everything that Portolan says about its input points at the input. So every file that was read is
//! kept in [`Files`], every fact carries a [`Span`], and everything worth telling is a [`Finding`]
//! with a [code], collected in [`Findings`]: no stage stops at its first error, and none prints.
//!
//! [`tree`] is what a file is read into, whatever its format.

pub mod code;
mod files;
mod finding;
pub mod flow;
mod nearest;
mod places;
#[cfg(test)]
pub mod testing;
pub mod tree;

pub use self::code::CodeInfo;
pub(crate) use self::code::codes;
pub use self::files::{Excerpt, FileId, Files, LineColumn, Span};
pub use self::finding::{Finding, Findings, Label, Severity, listed};
pub use self::nearest::nearest;
pub use self::places::Places;
