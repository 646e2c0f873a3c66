//! Where facts stand.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Files;

/// What is needed to say where a fact stands.
#[derive(Debug, Default)]
pub struct Places {
    /// The files that were read.
    pub files: Files,
    /// Addresses in Terraform, by `kind/id`.
    pub addresses: IndexMap<String, Arc<str>>,
}
