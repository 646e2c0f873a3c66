//! Topology → graph of hops. The behaviour of Google Cloud lives here and nowhere else.
//!
//! A hop is of one of five kinds ([`Body`]): a gate, a switch, a rewrite, a choice, a terminal.
//! Each names the documented rule that it rests on. `walk` evaluates the hops on one request,
//! `solve` turns the same expressions into sets; neither adds behaviour of its own, and nothing
//! here subtracts earlier rules from later ones.

mod compile;
mod expression;
mod gap;
#[allow(clippy::module_inception)]
mod graph;
mod hop;
pub mod identity;
mod kind;
pub mod names;
mod placeholder;
mod reply;
mod request;
mod resolver;

pub use compile::{Options, compile, not_on_the_internet};
pub use expression::*;
pub use gap::*;
pub use graph::*;
pub use hop::*;
pub(crate) use kind::named;
pub use kind::{HopKind, ResourceKind};
pub use placeholder::{Placeholder, Placeholders};
pub use reply::Reply;
pub use request::Request;
pub use resolver::*;
