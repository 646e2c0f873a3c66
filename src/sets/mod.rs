//! The exact algebra of sets of points in a space of several axes.
//!
//! A [`Space`] has axes of texts, addresses, numbers, enumerations and flags. Whatever will be
//! asked about an axis is declared first, with a [`SpaceBuilder`]; it divides the axis into
//! *atoms*, none of which is without a value. What is no interval of an axis, such as a regular
//! expression, is a [`Pattern`]: a decision of its own right behind its axis.
//!
//! [`Sets`] builds and combines sets. A set is a decision diagram: a node decides an axis by a
//! list of intervals of atoms, each with the node for what is left; equal nodes exist once, so
//! that sets without patterns are equal exactly if their ids are. Where patterns are involved, a
//! diagram may ask for a text that does not exist (it starts with `/a` and matches `/b.*`). Then
//! [`Sets::equal`] and [`Sets::is_empty`] decide, by the product of the automata on the way.
//!
//! ```
//! use std::sync::Arc;
//! use portolan::internals::sets::{Order, Pattern, Sets, SpaceBuilder};
//!
//! let mut builder = SpaceBuilder::new();
//! let path = builder.text("path", Order::Forward, "/[a-z0-9/]*", false)?;
//! builder.prefix(path, "/shop/");
//! let item = builder.pattern(path, Pattern::new("/shop/item/[0-9]+"))?;
//! let mut sets = Sets::new(Arc::new(builder.build()));
//!
//! let shop = sets.prefix(path, "/shop/")?;
//! let item = sets.pattern(item);
//! assert!(sets.implies(item, shop));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order of the axes is the order of decisions: what most sets depend on comes first. Texts
//! are compared as they are; a caller for whom case does not matter folds it first.

pub mod address;
mod algebra;
mod apply;
mod assignment;
mod automaton;
mod builder;
mod cache;
mod copy;
mod count;
mod decision;
mod describe;
mod feasible;
mod nodes;
mod pattern;
mod points;
mod project;
mod search;
mod space;
#[cfg(test)]
mod tests;
mod text;
mod witness;

pub use algebra::{Set, Sets};
pub use assignment::{Assignment, PointValue};
pub use builder::SpaceBuilder;
pub use copy::Copied;
pub use decision::Decision;
pub use describe::{AxisValues, TextPiece};
pub use pattern::Pattern;
pub use space::{Axis, PatternId, Space, Undeclared};
pub use text::Order;
