//! The fields of a request that rewrites change.

use std::borrow::Cow;
use std::net::IpAddr;

use super::trace::{Changed, Field, Value};
use crate::graph::{Change, Origin, Request};
use crate::topology::firewall::Protocol;

/// The current fields: at first the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Current<'a> {
    pub origin: Origin,
    pub principal: u32,
    pub credential: u32,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: Protocol,
    pub port: u16,
    pub https: bool,
    pub host: Cow<'a, str>,
    pub path: Cow<'a, str>,
}

impl<'a> Current<'a> {
    /// The fields as the caller sends them.
    pub fn new(origin: Origin, request: &'a Request) -> Self {
        Current {
            origin,
            principal: request.principal,
            credential: request.credential,
            // An IPv4 address may be written in the form of IPv6.
            source: request.source.to_canonical(),
            destination: request.destination.to_canonical(),
            protocol: request.protocol,
            port: request.port,
            https: request.https,
            host: Cow::Borrowed(&request.host),
            path: Cow::Borrowed(&request.path),
        }
    }

    /// Makes one change, and notes which fields have another value for it.
    pub fn apply(&mut self, change: &'a Change, changed: &mut Vec<Changed>) {
        let mut note = |field, before: Value, after: Value| {
            if before != after {
                changed.push(Changed { field, before, after });
            }
        };
        match change {
            Change::Origin(origin) => {
                note(Field::Origin, Value::Origin(self.origin), Value::Origin(*origin));
                self.origin = *origin;
            }
            Change::Identity { principal, credential } => {
                note(Field::Principal, Value::Class(self.principal), Value::Class(*principal));
                note(Field::Credential, Value::Class(self.credential), Value::Class(*credential));
                self.principal = *principal;
                self.credential = *credential;
            }
            Change::Source(address) => {
                note(Field::Source, Value::Address(self.source), Value::Address(*address));
                self.source = *address;
            }
            Change::Host(host) => {
                note(Field::Host, text(&self.host), text(host));
                self.host = Cow::Borrowed(host);
            }
            Change::PathPrefix { from, to } => {
                if let Some(rest) = self.path.strip_prefix(&**from) {
                    let path = format!("{to}{rest}");
                    note(Field::Path, text(&self.path), text(&path));
                    self.path = Cow::Owned(path);
                }
            }
            Change::Path(path) => {
                note(Field::Path, text(&self.path), text(path));
                self.path = Cow::Borrowed(path);
            }
            Change::Destination(address) => {
                let before = Value::Address(self.destination);
                note(Field::Destination, before, Value::Address(*address));
                self.destination = *address;
            }
            Change::Connection { port, https } => {
                note(Field::Port, Value::Port(self.port), Value::Port(*port));
                let scheme = |https| text(if https { "https" } else { "http" });
                note(Field::Scheme, scheme(self.https), scheme(*https));
                self.protocol = Protocol::Tcp;
                self.port = *port;
                self.https = *https;
            }
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}
