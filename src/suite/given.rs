//! What an answer says, as an expectation would say it.

use std::fmt::Display;
use std::net::IpAddr;

use super::name::{ANONYMOUS, ANY_ACCOUNT, ELSEWHERE, entry_text};
use super::record::{ExpectedAddress, ExpectedPath, Stated};
use crate::graph::Graph;
use crate::question::answer::{Destination, EgressAddress, Path, Principals, Seen};
use crate::question::sender_name;

/// Fields of a thing with their values, written as in a file: `{to: service/web, status: 200}`.
#[derive(Default)]
struct GivenFields(Vec<String>);

impl GivenFields {
    fn add(&mut self, key: &str, value: Option<impl Display>) {
        self.0.extend(value.map(|value| format!("{key}: {value}")));
    }

    fn stated<T: Display>(&mut self, key: &str, value: &Stated<T>) {
        match value {
            Stated::LeftOut => {}
            Stated::Nothing => self.add(key, Some("null")),
            Stated::Value(value) => self.add(key, Some(value)),
        }
    }

    fn written(self) -> String {
        format!("{{{}}}", self.0.join(", "))
    }
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// A destination as it is written.
pub fn destination(graph: &Graph, to: &Destination) -> String {
    match to {
        Destination::Resource(id) => graph.resource(*id).to_string(),
        Destination::Named(name) => name.clone(),
        Destination::Elsewhere => ELSEWHERE.into(),
    }
}

/// Callers as they are written, in order.
pub fn callers(principals: &Principals) -> Vec<&str> {
    let anonymous = principals.anonymous.then_some(ANONYMOUS);
    let any = principals.any_account.then_some(ANY_ACCOUNT);
    let named = principals.named.iter().map(String::as_str);
    let mut callers: Vec<&str> = anonymous.into_iter().chain(any).chain(named).collect();
    callers.sort_unstable();
    callers
}

/// The one address that is seen, if it is known.
pub fn known_address(graph: &Graph, address: &EgressAddress) -> Option<IpAddr> {
    match address.address {
        Seen::One(address) => graph.placeholders.what(address).is_none().then_some(address),
        Seen::OneOf(..) => None,
    }
}

/// A path with everything that an expectation can say of it.
pub fn path(graph: &Graph, path: &Path) -> String {
    let mut fields = GivenFields::default();
    let outcome = &path.outcome;
    fields.add("from", Some(sender_name(graph, &path.from)));
    fields.add("to", Some(destination(graph, &path.to)));
    fields.add("entry", path.entry.map(|entry| entry_text(graph.entry(entry))));
    fields.add("outcome", Some(outcome.kind));
    fields.add("cause", outcome.cause);
    fields.add("direction", outcome.direction());
    fields.add("status", outcome.http_status);
    fields.add("location", outcome.location.as_ref());
    fields.add("guard", path.guard.as_ref().map(|guard| guard.state));
    fields.add("principals", Some(list(callers(&path.principals))));
    fields.add("sometimes", path.is_by_choice().then_some(true));
    fields.written()
}

/// What is expected of a path.
pub fn expected_path(path: &ExpectedPath) -> String {
    let mut fields = GivenFields::default();
    fields.add("from", path.from.as_ref());
    fields.add("to", path.to.as_ref());
    fields.add("entry", path.entry.as_ref().map(entry_text));
    fields.add("outcome", path.outcome);
    fields.add("cause", path.cause);
    fields.add("direction", path.direction);
    fields.stated("status", &path.status);
    fields.stated("location", &path.location);
    fields.add("guard", path.guard);
    let callers = |callers: &Vec<super::name::CallerName>| list(callers.iter().map(|one| &one.0));
    fields.add("principals", path.principals.as_ref().map(callers));
    fields.add("sometimes", path.sometimes);
    fields.written()
}

/// An address with everything that an expectation can say of it.
pub fn address(graph: &Graph, address: &EgressAddress) -> String {
    let null = || "null".to_owned();
    let known = known_address(graph, address).map(|address| address.to_string());
    let owner = address.owner.map(|owner| graph.resource(owner).to_string());
    let mut fields = GivenFields::default();
    fields.add("address", Some(known.unwrap_or_else(null)));
    fields.add("name", Some(owner.unwrap_or_else(null)));
    fields.add("cause", Some(address.cause));
    fields.add("stability", Some(address.stability));
    fields.written()
}

/// What is expected of an address.
pub fn expected_address(address: &ExpectedAddress) -> String {
    let mut fields = GivenFields::default();
    fields.stated("address", &address.address);
    fields.stated("name", &address.name);
    fields.add("cause", address.cause);
    fields.add("stability", address.stability);
    fields.written()
}
