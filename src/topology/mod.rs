//! What is deployed, and under which conditions its rules apply.

pub mod cel;
pub mod condition;
