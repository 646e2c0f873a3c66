//! Behaviours that sources do not settle, in a file of their own: a graph asks for these few,
//! without reading every rule.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const DISPUTES: &str = include_str!("disputes.yaml");

static ALL: LazyLock<Vec<Dispute>> = LazyLock::new(|| {
    // The file is part of the binary and tests read it, so a fault in it is a bug.
    serde_yaml::from_str(DISPUTES).unwrap_or_else(|e| panic!("bug: rules/disputes.yaml: {e}"))
});

/// A behaviour on which sources disagree or are silent: an assumption that one may fix.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// The stable name for `--assume ID=true|false`, in kebab case.
    pub id: String,
    /// What is disputed, and what true means.
    pub text: String,
    /// What holds where one answer has to be shown.
    pub default: bool,
    /// Whether it changes only what a refused caller sees, and never who gets through.
    #[serde(default)]
    pub shows_only: bool,
    /// Whether the graph asks for it. What no hop rests on changes nothing, so it is no switch.
    #[serde(default = "asked")]
    pub asked: bool,
}

fn asked() -> bool {
    true
}

/// Every dispute, in the order of the first rule that has it.
pub fn disputes() -> &'static [Dispute] {
    &ALL
}

/// The dispute of that id.
pub fn dispute(id: &str) -> Option<&'static Dispute> {
    ALL.iter().find(|dispute| dispute.id == id)
}
