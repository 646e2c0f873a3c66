//! The exit status of the program.
//!
//! | status | meaning |
//! |---|---|
//! | [`ANSWERED`] | answered, whatever the verdict, or what was expected held |
//! | [`FAILED`] | `--expect` did not hold, or `check` found errors or what `--deny` names |
//! | [`UNUSABLE`] | the input cannot be read, does not refer rightly or would be refused by Google's API, a selector is not known, filters contradict each other, or the command line is wrong |
//! | [`DEPENDS`] | `--expect` was given and the verdict is `depends`, or it is as expected and the answer is not complete in the direction that could speak against it |
//! | [`BUG`] | a bug in Portolan |

/// Answered, whatever the verdict, or what was expected held.
pub const ANSWERED: u8 = 0;
/// `--expect` did not hold, or `check` found errors or what `--deny` names.
pub const FAILED: u8 = 1;
/// The input cannot be read or does not refer rightly, a selector is not known, or the command
/// line is wrong.
pub const UNUSABLE: u8 = 2;
/// `--expect` was given and the verdict is `depends`.
pub const DEPENDS: u8 = 3;
/// A bug in Portolan.
pub const BUG: u8 = 70;
