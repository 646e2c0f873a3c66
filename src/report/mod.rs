//! Renderers: from answers and findings to what people and programs read.
//!
//! One renderer a file. They decide nothing: whatever they say stands in the [`Answer`] or in the
//! [`Finding`](crate::source::Finding), and text and JSON carry the same facts. `words` has the
//! wording of answers, and nothing else has. All write to a writer; colours are written as terminal
//! sequences, which the caller strips where they are not wanted, and nothing is said by colour
//! alone.
//!
//! [`Answer`]: crate::question::answer::Answer

mod egress;
pub mod explain;
mod exposure;
pub mod findings;
mod hops;
pub mod json;
pub(crate) mod layout;
pub mod man;
mod page;
mod pairs;
mod path;
mod place;
pub mod sarif;
pub mod schema;
#[cfg(test)]
mod tests;
pub mod text;
pub mod topology;
mod trace;
pub mod words;

pub use place::At;

/// The version of the JSON that programs read: the first number changes with what would break them.
pub const FORMAT_VERSION: &str = "2.0";

/// The version of this program.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Every hop on a line of its own with the rule it rests on, and lists in full.
    pub explain: bool,
    /// The time at which conditions on time were decided.
    pub time: bool,
}
