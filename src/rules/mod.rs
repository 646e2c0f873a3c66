//! The rulebook: every documented behaviour of Google Cloud that Portolan knows of, as data.
//!
//! A *rule* is one behaviour with an id (`ING-014`, `EGR-070`), a title, a text, its sources and how
//! well they support it ([`Confidence`]). Each hop of the graph names the rule it rests on by its
//! [`RuleId`]; `portolan explain` prints the rule.
//!
//! | file | holds |
//! |---|---|
//! | `ingress.yaml` | `ING-001` and on: who gets in |
//! | `egress.yaml` | `EGR-001` and on: where traffic gets out to, and as which address |
//! | `disputes.yaml` | what sources do not settle, by the id that `--assume` takes |
//! | `status.yaml` | the rules that are not modelled, and why |
//! | `id.rs` | [`RuleId`], usable in constants |
//! | `domains.yaml` | Google's domains, and which virtual address serves each |
//! | `dispute.rs` | the types of disputes, and [`dispute`] and [`disputes`], which read them |
//! | `domain.rs` | the type of a domain, and [`domain`] and [`domains`], which read them |
//! | `ranges.rs` | ranges of addresses that rules name |
//! | `book.rs` | the types of the data, and [`rule`] and [`all`], which read it |
//!
//! # Form of a rule
//!
//! ```yaml
//! - id: ING-019
//!   title: at most eight words
//!   text: one to three sentences, at most 600 characters
//!   confidence: documented | partly-documented | inferred | measured | knowledge
//!   sources: [URLs, or `repository OWNER/NAME PATH`, with `NAME@COMMIT` where the path is gone]
//!   disputed: ingress-refusal-is-404    # only where sources disagree or are silent
//!   read: 2026-12-01                    # absent if the sources could not be read again
//! ```
//!
//! `read` is the date of what was read: the page's own where the copy bears one, else the day on which it
//! was read.
//!
//! A dispute has its text and its default in `disputes.yaml`; several rules may name one.
//!
//! # Invariants
//!
//! - The data is embedded in the binary and parsed when it is first asked for. A [`RuleId`] needs no
//!   parsing, so a question that prints no rule pays nothing.
//! - A [`RuleId`] always names a rule that exists: a constant with a number that does not exist fails
//!   to compile. Numbers are never reused, and a rule is never removed.
//! - Nothing here decides anything: that a rule is modelled shows in the graph, not in this folder.

mod book;
mod dispute;
mod domain;
mod id;
pub mod ranges;

pub use book::{Confidence, Rule, Rulebook, all, not_modelled, rule, switches};
pub use dispute::{Dispute, dispute, disputes};
pub use domain::{Domain, domain, domains};
pub use id::{NotARule, RuleFamily, RuleId};

/// The day on which the rules were last compared with their sources.
pub const VERSION: &str = "2026-12-01";
