//! Tests of the module as a whole.

mod examples;
mod laws;
mod world;
