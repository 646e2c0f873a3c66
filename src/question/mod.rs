//! Questions: one file each, with its parameters, and how it is asked.
//!
//! A question gets a [`Model`] and gives an [`Answer`](answer::Answer); it renders nothing.

pub mod answer;
pub mod bypass;
pub mod egress;
pub mod exposure;
mod model;
pub mod reach;
pub mod trace;

pub use model::{AskError, Model, RequestFilter};
