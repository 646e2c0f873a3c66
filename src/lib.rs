//! Portolan simulates the traffic to and from Google Cloud Run.

pub mod api;
pub mod cli;
pub mod edit;
pub mod graph;
pub mod import;
pub mod inventory;
pub mod lint;
pub mod question;
pub mod report;
pub mod rules;
pub mod sets;
pub mod solve;
pub mod source;
pub mod suite;
pub mod topology;
pub mod validate;
pub mod walk;

#[cfg(test)]
mod testing;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// Generated estates, for tests.
#[cfg(test)]
#[path = "../examples/estate/generate.rs"]
mod estate;

pub use api::{
    Allowed, Bypass, Checked, Description, Egress, Error, Exposure, Invalid, Loaded, Premises,
    Reach, Trace,
};
pub use question::answer::{self, Answer, Verdict};
pub use question::{AskError, Model};
pub use report::Detail;
pub use source::{Finding, Severity};
