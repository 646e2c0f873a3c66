//! Questions: one file each, with its parameters, and how it is asked.
//!
//! A question gets a [`Model`] and gives an [`Answer`](answer::Answer); it renders nothing.

pub mod answer;
pub mod bypass;
mod completeness;
mod describe;
pub mod egress;
pub mod exposure;
mod guard;
mod listing;
mod model;
mod path_class;
mod paths;
pub mod reach;
mod requests;
mod selector;
mod source_class;
mod steps;
#[cfg(test)]
mod tests;
pub mod trace;
mod verdict;
mod witness;

pub use completeness::{Completeness, Scope, behind, completeness, could_open, delivered_behind};
pub use model::{AskError, Model, Only, RequestFilter};
pub(crate) use selector::SelectedSender;
pub(crate) use selector::reaching;
pub use selector::sender_name;
pub(crate) use source_class::groups as source_classes;
pub(crate) use verdict::{Counting, overall};
