//! Readers: from text in some format to the topology.
//!
//! [`yaml`] reads YAML and JSON into the spanned tree of [`crate::source::tree`], which every other
//! reader starts from; [`plan`] reads Terraform's plans.

pub mod code;
pub mod plan;
pub mod yaml;
