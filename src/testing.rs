//! What unit tests of all stages start from: a text, read and compiled.

use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{Description, Loaded, Premises};
use crate::question::Model;
use crate::topology::Topology;

/// A text as it is read; it need not say that it is a topology.
pub fn load(text: &str) -> Loaded {
    let is_topology = text.lines().any(|line| line.starts_with("portolan:"));
    let version = if is_topology { "" } else { "\nportolan: 1\n" };
    Description::new().text("topology.yaml", format!("{text}{version}")).load()
}

/// A text without errors.
pub fn topology(text: &str) -> Arc<Topology> {
    let loaded = load(text);
    loaded.validate().unwrap_or_else(|error| panic!("{error}"));
    Arc::clone(loaded.topology().expect("it is read"))
}

/// A text without errors, compiled.
pub fn model(text: &str) -> Model {
    let premises = Premises::new().at(Timestamp::UNIX_EPOCH);
    load(text).compile_with(premises).unwrap_or_else(|error| panic!("{error}"))
}
