//! Readers: from text in some format to the topology.
//!
//! [`yaml`] reads YAML and JSON into the spanned tree of [`crate::source::tree`], which every other
//! reader starts from; [`plan`] reads Terraform's plans. [`load`] takes texts of either kind and makes one
//! topology of them; it opens no files.

pub mod code;
mod load;
mod merge;
pub mod plan;
pub mod yaml;

pub use load::{Document, PLAN_HELP, Reading, load};
