//! Assumptions.

use super::Words;
use crate::graph::AssumptionKind;
use crate::question::answer::Needed;

/// The words for every kind of assumption.
pub const ASSUMPTION_KINDS: [&str; 3] = [
    assumption_kind(AssumptionKind::Unknown),
    assumption_kind(AssumptionKind::Disputed),
    assumption_kind(AssumptionKind::Unmodelled),
];

/// The word for a kind of assumption.
pub const fn assumption_kind(kind: AssumptionKind) -> &'static str {
    match kind {
        AssumptionKind::Unknown => "unknown",
        AssumptionKind::Disputed => "disputed",
        AssumptionKind::Unmodelled => "unmodelled",
    }
}

impl Words<'_> {
    /// What a path needs, as `--assume` takes it: `ID=true`, or `ID` where its value only changes
    /// which requests take the path.
    pub fn needed(self, needed: Needed) -> String {
        let id = &self.graph().assumption(needed.assumption).id;
        match needed.value {
            Some(value) => format!("{id}={value}"),
            None => id.clone(),
        }
    }
}
