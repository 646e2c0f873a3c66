//! The fields of a request that rewrites change.

use std::borrow::Cow;
use std::net::IpAddr;

use super::trace::{Changed, CurrentField, CurrentValue};
use crate::graph::{FieldChange, Origin, Request};
use crate::topology::firewall::Protocol;

/// The current fields: at first the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CurrentRequest<'a> {
    pub origin: Origin,
    pub principal: u32,
    pub credential: u32,
    pub source: IpAddr,
    /// Whether the source address was translated, be it to what it was: the sets of `solve` do not
    /// tell which it was, so what is a loop may not depend on it.
    pub translated: bool,
    pub destination: IpAddr,
    pub protocol: Protocol,
    pub port: u16,
    pub https: bool,
    pub host: Cow<'a, str>,
    pub path: Cow<'a, str>,
}

impl<'a> CurrentRequest<'a> {
    /// The fields as the caller sends them.
    pub fn new(origin: Origin, request: &'a Request) -> Self {
        CurrentRequest {
            origin,
            principal: request.principal,
            credential: request.credential,
            // An IPv4 address may be written in the form of IPv6.
            source: request.source.to_canonical(),
            translated: false,
            destination: request.destination.to_canonical(),
            protocol: request.protocol,
            port: request.port,
            https: request.https,
            host: Cow::Borrowed(&request.host),
            path: Cow::Borrowed(&request.path),
        }
    }

    /// Makes one change, and notes which fields have another value for it.
    pub fn apply(&mut self, change: &'a FieldChange, changed: &mut Vec<Changed>) {
        let mut note = |field, before: CurrentValue, after: CurrentValue| {
            if before != after {
                changed.push(Changed { field, before, after });
            }
        };
        match change {
            FieldChange::Origin(origin) => {
                note(
                    CurrentField::Origin,
                    CurrentValue::Origin(self.origin),
                    CurrentValue::Origin(*origin),
                );
                self.origin = *origin;
            }
            FieldChange::Identity { principal, credential } => {
                note(
                    CurrentField::Principal,
                    CurrentValue::Class(self.principal),
                    CurrentValue::Class(*principal),
                );
                note(
                    CurrentField::Credential,
                    CurrentValue::Class(self.credential),
                    CurrentValue::Class(*credential),
                );
                self.principal = *principal;
                self.credential = *credential;
            }
            FieldChange::Source(address) => {
                note(
                    CurrentField::Source,
                    CurrentValue::Address(self.source),
                    CurrentValue::Address(*address),
                );
                self.source = *address;
                self.translated = true;
            }
            FieldChange::Host(host) => {
                note(CurrentField::Host, text(&self.host), text(host));
                self.host = Cow::Borrowed(host);
            }
            FieldChange::PathPrefix { from, to } => {
                if let Some(rest) = self.path.strip_prefix(&**from) {
                    let path = format!("{to}{rest}");
                    note(CurrentField::Path, text(&self.path), text(&path));
                    self.path = Cow::Owned(path);
                }
            }
            FieldChange::Path(path) => {
                note(CurrentField::Path, text(&self.path), text(path));
                self.path = Cow::Borrowed(path);
            }
            FieldChange::Destination(address) => {
                let before = CurrentValue::Address(self.destination);
                note(CurrentField::Destination, before, CurrentValue::Address(*address));
                self.destination = *address;
            }
            FieldChange::Connection { port, https } => {
                note(CurrentField::Port, CurrentValue::Port(self.port), CurrentValue::Port(*port));
                let scheme = |https| text(if https { "https" } else { "http" });
                note(CurrentField::Scheme, scheme(self.https), scheme(*https));
                self.protocol = Protocol::Tcp;
                self.port = *port;
                self.https = *https;
            }
        }
    }
}

fn text(text: &str) -> CurrentValue {
    CurrentValue::Text(text.into())
}
