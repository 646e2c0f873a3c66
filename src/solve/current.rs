//! The current fields of requests on one path, as functions of what the caller sent.

use std::net::IpAddr;

use crate::graph::{FieldChange, Origin};

/// What the rewrites passed so far have made of the caller's fields. All requests of a set share
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Current {
    /// Where the current leg comes from.
    pub origin: Origin,
    /// The replaced identity: classes of principal and credential.
    pub identity: Option<(u32, u32)>,
    /// The translated source address.
    pub source: Option<IpAddr>,
    /// The translated destination address.
    pub destination: Option<IpAddr>,
    /// The connection of a proxy.
    pub connection: Option<Connection>,
    /// The replaced host.
    pub host: Option<Box<str>>,
    /// What was done to the path, in order.
    pub path: Vec<PathChange>,
}

/// A TCP connection that a proxy makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Connection {
    /// To which port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub https: bool,
}

/// One change of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathChange {
    /// It was replaced as a whole.
    Whole(Box<str>),
    /// Its beginning was replaced.
    Prefix {
        /// What it began with.
        from: Box<str>,
        /// What it begins with now.
        to: Box<str>,
    },
}

impl Current {
    /// The caller's own fields.
    pub fn start(origin: Origin) -> Self {
        Current {
            origin,
            identity: None,
            source: None,
            destination: None,
            connection: None,
            host: None,
            path: Vec::new(),
        }
    }

    /// The fields after some changes.
    pub fn after(&self, changes: &[FieldChange]) -> Self {
        let mut next = self.clone();
        for change in changes {
            match change {
                FieldChange::Origin(origin) => next.origin = *origin,
                FieldChange::Identity { principal, credential } => {
                    next.identity = Some((*principal, *credential));
                }
                FieldChange::Source(address) => next.source = Some(*address),
                FieldChange::Host(host) => next.host = Some(host.clone()),
                FieldChange::Destination(address) => next.destination = Some(*address),
                FieldChange::Connection { port, https } => {
                    next.connection = Some(Connection { port: *port, https: *https });
                }
                FieldChange::Path(path) => next.path = vec![PathChange::Whole(path.clone())],
                FieldChange::PathPrefix { from, to } => {
                    next.path.push(PathChange::Prefix { from: from.clone(), to: to.clone() });
                }
            }
        }
        next
    }

    /// The same with only the fields that `what` depends on, so that equal answers are found
    /// again.
    pub(super) fn masked(&self, what: Depends) -> Self {
        Current {
            origin: if what.has(Depends::ORIGIN) { self.origin } else { Origin::Internet },
            identity: self.identity.filter(|_| what.has(Depends::IDENTITY)),
            source: self.source.filter(|_| what.has(Depends::SOURCE)),
            destination: self.destination.filter(|_| what.has(Depends::DESTINATION)),
            connection: self.connection.filter(|_| what.has(Depends::CONNECTION)),
            host: self.host.clone().filter(|_| what.has(Depends::HOST)),
            path: if what.has(Depends::PATH) { self.path.clone() } else { Vec::new() },
        }
    }
}

/// Which current fields something depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Depends(u8);

impl Depends {
    pub(super) const NOTHING: Depends = Depends(0);
    pub(super) const ORIGIN: Depends = Depends(1);
    pub(super) const IDENTITY: Depends = Depends(2);
    pub(super) const SOURCE: Depends = Depends(4);
    pub(super) const HOST: Depends = Depends(8);
    pub(super) const PATH: Depends = Depends(16);
    pub(super) const DESTINATION: Depends = Depends(64);
    pub(super) const CONNECTION: Depends = Depends(32);

    pub(super) fn has(self, other: Depends) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn with(self, other: Depends) -> Depends {
        Depends(self.0 | other.0)
    }

    pub(super) fn without(self, other: Depends) -> Depends {
        Depends(self.0 & !other.0)
    }
}
