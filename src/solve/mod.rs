//! Request sets through the graph: all requests at once.
//!
//! A [`Solver`] turns what the hops ask into sets of a space ([`Layout`]) whose axes are the
//! fields of a request; [`Solver::flow`] follows a set from a source to every end, and tells a
//! [`Visitor`] of each path. It reads the same hops as [`walk`](crate::walk) and shares nothing
//! else with it.

mod address_text;
mod asked;
mod axes;
mod current;
mod flow;
mod layout;
mod predicate;
mod solver;

pub use asked::Distinguishable;
pub use current::Current;
pub use flow::{Block, Flow, Mode, Reaching, Refusal, Standing, Visitor};
pub use layout::{Extra, Layout, protocol_index};
pub use predicate::{ParameterIs, PatternIs, PatternTest};
pub use solver::{FxMap, Solver};
