//! Tests of expectation files: what is read, what is found wrong, what is compared.

mod comparing;
mod names;
mod reading;
