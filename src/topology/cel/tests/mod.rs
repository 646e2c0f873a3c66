//! Expressions as people write them, and properties of all of them.

mod errors;
mod properties;
mod table;
