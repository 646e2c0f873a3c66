//! Portolan simulates the traffic to and from Google Cloud Run: from a description of a topology it
//! says who can reach what, by which path, past which guards, and as which address, for all requests
//! at once and before anything is deployed.
//!
//! ```
//! use portolan::{Bypass, Description, Verdict};
//!
//! let model = Description::new().path("topologies/armor-bypassed").load().compile()?;
//! let answer = Bypass::of("security_policy/edge").from("internet").ask(&model)?;
//! assert_eq!(answer.verdict(), Some(Verdict::Yes));
//! for path in answer.paths().expect("it lists paths").all() {
//!     println!("{}", answer.command(&path).unwrap_or_default());
//! }
//! # Ok::<(), portolan::Error>(())
//! ```
//!
//! # From a description to an answer
//!
//! | step | gives |
//! |---|---|
//! | [`Description`]: texts, readers, files and folders, of any format that is read | |
//! | [`load`](Description::load) reads and validates them | [`Loaded`]: its [`Finding`]s, each with its place |
//! | [`check`](Loaded::check) looks for all that is doubtful, too | [`Checked`], as text, JSON or SARIF |
//! | [`compile`](Loaded::compile), with what is taken for granted ([`Premises`]) | [`Model`] |
//! | a question asks it | [`Answer`]: a [`Verdict`], paths, addresses; as text or JSON |
//!
//! The questions are [`Reach`], [`Bypass`], [`Egress`], [`Trace`] and [`Exposure`]. A [`Model`] is
//! asked as often as one likes, from any thread; answers are data ([`answer`]) that borrow from it.
//! Nothing here prints or ends the process, and only [`Description::path`] opens files.
//!
//! Selectors name sources, destinations and guards: `internet`, `service/web`, `service/*`,
//! `label:team=shop`, `serviceAccount:web@shop.iam.gserviceaccount.com`.
//!
//! # The stages, for contributors
//!
//! The crate is built in stages, a folder each, of which each uses only those before it; this facade
//! (`api/`) is the last but the command line. [`architecture`] (`ARCHITECTURE.md`) says what each holds
//! and must not do, and which ideas carry the weight:
//!
//! `source` → `sets` → `rules` → `topology` → `import` → `inventory` → `validate` → `edit` → `graph` → `walk` or
//! `solve` → `question` → `lint` → `suite` → `report` → `api` → `cli`

mod api;
mod cli;
mod edit;
mod graph;
mod import;
#[doc(hidden)]
pub mod internals;
mod inventory;
mod lint;
mod question;
mod report;
pub mod rules;
mod sets;
mod solve;
mod source;
mod suite;
#[cfg(test)]
mod testing;
mod topology;
mod validate;
mod walk;

/// Generated estates, for tests.
#[cfg(test)]
#[path = "../examples/estate/generate.rs"]
mod estate;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

#[doc = include_str!("../ARCHITECTURE.md")]
pub mod architecture {}

pub use api::{
    Allowed, Bypass, Checked, Description, Egress, Error, Exposure, Invalid, Loaded, Premises,
    Reach, Trace, codes,
};
pub use question::answer::{Answer, Completeness, Verdict};
pub use question::{AskError, Model};
pub use report::{Detail, schema};
pub use source::{CodeInfo, Excerpt, FileId, Files, Finding, Label, LineColumn, Severity, Span};
pub use topology::firewall::Protocol;

/// Answers as data: what each question answers, and the ids and enumerations in it.
///
/// [`Model`] has what ids stand for, [`Answer`] puts things into words.
pub mod answer {
    pub use crate::graph::{
        Answerer, Assumption, AssumptionId, AssumptionKind, Branch, Cause, Choice, ChoiceId,
        ChoiceKind, ConditionId, ConditionKind, Entry, EntryId, Gap, GapKind, HopId, HopKind,
        NameAnswer, NamedCondition, Reply, Request, Resource, ResourceId, ResourceKind,
    };
    pub use crate::question::answer::*;
    pub use crate::sets::{Axis, AxisValues};
    pub use crate::walk::{
        Changed, CurrentField, CurrentValue, StepAction, StepNote as WalkedNote,
    };
}
