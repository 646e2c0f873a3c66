//! One concrete request, as its caller sends it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::expression::ConditionId;
use crate::topology::firewall::Protocol;

/// One concrete attempt, with a value for everything that a hop may ask.
///
/// These are the caller's fields: they never change. Hops that translate, proxy or rewrite
/// change the *current* fields, which the engines derive from these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The address that it is sent from.
    pub source: IpAddr,
    /// The address that it is sent to; may be a placeholder.
    pub destination: IpAddr,
    /// The protocol of the transport layer.
    pub protocol: Protocol,
    /// The port that it is sent to; no matter where the protocol has none.
    pub port: u16,
    /// Whether it uses TLS.
    pub https: bool,
    /// The host, canonical (`Names::canonical`).
    pub host: String,
    /// The path, beginning with `/`.
    pub path: String,
    /// The query without the `?`; empty if there is none.
    pub query: String,
    /// The method, upper case.
    pub method: String,
    /// Headers by lower-case name, without `host` and credentials.
    pub headers: BTreeMap<String, String>,
    /// The region of the source address (ISO 3166-1 alpha-2), empty if it is none that a rule
    /// names.
    pub region: String,
    /// The autonomous system of the source address.
    pub asn: u32,
    /// The class of the principal, an index into the graph's identities.
    pub principal: u32,
    /// The class of the credential, an index into the graph's identities.
    pub credential: u32,
    /// The free properties that it has.
    pub conditions: BTreeSet<ConditionId>,
    /// Whether each assumption holds, by index; missing ones hold at their default.
    pub assumptions: Vec<bool>,
    /// The branch of each choice, by index; missing ones take the first.
    pub choices: Vec<u32>,
}
