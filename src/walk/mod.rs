//! One request through the graph, hop by hop: the reference.
//!
//! This is the slow and obvious engine. It knows nothing of sets of requests and adds no cloud
//! behaviour: at each hop it does what [`graph`](crate::graph) documents of that hop, to one
//! request whose every property has a value, and writes down what happened. Every witness of the
//! other engine is walked before it is shown.
//!
//! ```text
//! hop       gate            switch         rewrite        choice        terminal
//! looks at  rules in order  current field  -              the request   -
//! action    Admit           Route          Rewrite        Choose        Deliver
//!           Refuse, Redirect, Drop                                      Refuse, Redirect, Drop
//! ```
//!
//! - A walk is *total*: it ends for every request and every graph. A hop that is entered again
//!   with the same current fields is a loop, and ends it.
//! - [`Walker::walk`] ends at the first gate that refuses. [`Walker::walk_past`] goes on behind
//!   it as if it had admitted, so that [`WalkTrace::blocked`] lists everything that is in the way;
//!   what the caller sees is the answer of the first all the same.
//! - Only what was asked is listed as consulted: parts of an expression are asked in order, and
//!   no further than the answer needs. Preview rules are asked silently, for they decide nothing.
//!
//! [`walk_from`] is for one request; whoever walks many keeps a [`Walker`], which keeps compiled
//! patterns.

mod current;
mod evaluate;
mod pattern;
#[cfg(test)]
mod tests;
mod trace;
mod walker;

pub use trace::{Changed, CurrentField, CurrentValue, Step, StepAction, StepNote, WalkTrace};
pub use walker::{Walker, walk_from};
