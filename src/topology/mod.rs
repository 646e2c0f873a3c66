//! The typed model of what the user describes: one file per resource family.
//!
//! Everything here is as written: a reference is the name of another resource, an absent key is
//! `None`. [`Topology`] answers what the defaults are and what a name refers to.

pub mod cel;
pub mod condition;
mod defaults;
pub mod dns;
pub mod firewall;
pub mod hybrid;
pub mod iam;
pub mod load_balancer;
pub mod network;
pub mod organization;
pub mod private_access;
pub mod record;
mod resolve;
pub mod routing;
mod section;
pub mod security_policy;
pub mod service;
mod shorthand;
#[allow(clippy::module_inception)]
mod topology;
pub mod unread;
pub mod url;

pub use resolve::*;
pub use topology::*;
