//! What the project's own tests and benches see of the stages: the agreement of the two engines, the
//! laws of the algebra, the readers. No promise is made of it.

/// Where facts come from.
pub mod source {
    pub use crate::source::{Files, Finding, Findings, Span, tree};
}

/// The algebra.
pub mod sets {
    pub use crate::sets::{
        Axis, Order, Pattern, PatternId, Set, Sets, Space, SpaceBuilder, address,
    };
}

/// The records.
pub mod topology {
    pub use crate::topology::Topology;
    pub use crate::topology::condition::TextTest;
    pub use crate::topology::firewall::Protocol;
    pub use crate::topology::iam::Binding;
    pub use crate::topology::record::{Field, FieldValue, Spanned};
}

/// The readers.
pub mod import {
    pub use crate::import::{Document, Reading, load};

    /// Terraform's plans.
    pub mod plan {
        pub use crate::import::plan::{Imported, detect, read};
    }

    /// YAML and JSON.
    pub mod yaml {
        pub use crate::import::yaml::{Limits, read, read_within};
    }
}

/// Edits, and what undoes them.
pub mod edit {
    pub use crate::edit::Edit;
}

/// The graph.
pub mod graph {
    pub use crate::graph::identity::{Credential, Principal};
    pub use crate::graph::{
        Answerer, AssumptionId, AssumptionKind, Atom, Body, Branch, Choice, ChoiceId, ConditionId,
        EntryId, Expression, ExpressionId, FieldChange, Graph, Hop, HopId, HopKind, ListId,
        ListRule, Options, Outcome, OutcomeId, Placeholder, Placeholders, Request, ResourceKind,
        RuleName, RuleVerdict, Source, Switch, TextField,
    };
}

/// One request.
pub mod walk {
    pub use crate::walk::{Step, WalkTrace, Walker, walk_from};
}

/// All requests.
pub mod solve {
    pub use crate::solve::{Block, Current, Extra, Flow, Layout, Mode, Reaching, Refusal, Solver};
}

/// Questions, as they are solved.
pub mod question {
    pub use crate::question::{Only, RequestFilter, bypass, egress, exposure, reach, trace};
}

/// Expectation files.
pub mod suite {
    pub use crate::cli::{LineReply, ask_line, compare};
    pub use crate::suite::{Case, Difference, Expectation, ListedMutant, answers, case, mutants};
}

/// Words.
pub mod words {
    pub use crate::report::words::skipped;
}

/// The program.
pub use crate::cli::main;
