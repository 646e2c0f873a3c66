//! Expressions, on the fields of one request.

use std::borrow::Cow;
use std::net::IpAddr;

use super::current::CurrentRequest;
use super::walker::Walker;
use crate::graph::{
    AssumptionId, Atom, ConditionId, Expression, ExpressionId, Request, TextField, TextMatch,
    in_ranges,
};
use crate::topology::condition::TextTest;

/// A request on its way, and what it was asked so far.
pub(super) struct Evaluation<'a> {
    walker: &'a Walker<'a>,
    request: &'a Request,
    pub current: CurrentRequest<'a>,
    /// Assumptions consulted, each once, in order.
    pub assumptions: Vec<(AssumptionId, bool)>,
    /// Conditions consulted, each once, in order.
    pub conditions: Vec<(ConditionId, bool)>,
}

/// What is left to do when a part has its value.
enum Pending<'a> {
    Not,
    All(&'a [ExpressionId]),
    Any(&'a [ExpressionId]),
}

impl<'a> Evaluation<'a> {
    pub fn new(walker: &'a Walker<'a>, request: &'a Request, current: CurrentRequest<'a>) -> Self {
        Evaluation { walker, request, current, assumptions: Vec::new(), conditions: Vec::new() }
    }

    /// Whether the expression holds, without noting what is consulted.
    pub fn holds_silently(&mut self, id: ExpressionId) -> bool {
        let lengths = (self.assumptions.len(), self.conditions.len());
        let holds = self.holds(id);
        self.assumptions.truncate(lengths.0);
        self.conditions.truncate(lengths.1);
        holds
    }

    /// Whether the expression holds. Parts are asked in order, and no more than needed; those
    /// that wait for an answer are kept in a list, so that no nesting is too deep.
    pub fn holds(&mut self, mut id: ExpressionId) -> bool {
        let walker = self.walker;
        let mut pending: Vec<Pending<'a>> = Vec::new();
        loop {
            let mut value = match walker.graph().expressions.get(id) {
                Expression::True => true,
                Expression::False => false,
                Expression::Atom(atom) => self.atom(id, atom),
                Expression::Not(inner) => {
                    pending.push(Pending::Not);
                    id = *inner;
                    continue;
                }
                Expression::All(parts) => {
                    pending.push(Pending::All(parts));
                    true
                }
                Expression::Any(parts) => {
                    pending.push(Pending::Any(parts));
                    false
                }
            };
            // The next part that is still needed, or the answer.
            id = loop {
                match pending.pop() {
                    None => return value,
                    Some(Pending::Not) => value = !value,
                    Some(Pending::All([next, rest @ ..])) if value => {
                        pending.push(Pending::All(rest));
                        break *next;
                    }
                    Some(Pending::Any([next, rest @ ..])) if !value => {
                        pending.push(Pending::Any(rest));
                        break *next;
                    }
                    Some(Pending::All(_) | Pending::Any(_)) => {}
                }
            };
        }
    }

    fn atom(&mut self, id: ExpressionId, atom: &Atom) -> bool {
        let request = self.request;
        match atom {
            Atom::Origin(origins) => origins.contains(self.current.origin),
            Atom::Source(ranges) => in_ranges(ranges, self.current.source),
            Atom::UserAddress { ranges, headers } => in_ranges(ranges, self.user_address(headers)),
            Atom::Destination(ranges) => in_ranges(ranges, self.current.destination),
            Atom::Port(ranges) => within(ranges, self.current.port),
            Atom::Protocol(protocols) => protocols.contains(&self.current.protocol),
            Atom::Https => self.current.https,
            Atom::Principal(classes) => classes.contains(&self.current.principal),
            Atom::Credential(ranges) => within(ranges, self.current.credential),
            Atom::Text(field, wanted) => {
                self.text(field).is_some_and(|text| self.matches(id, wanted, text))
            }
            Atom::Present(field) => self.text(field).is_some(),
            Atom::Region(regions) => regions.iter().any(|region| **region == *request.region),
            Atom::Asn(ranges) => within(ranges, request.asn),
            Atom::Condition(condition) => {
                let value = request.conditions.contains(condition);
                once(&mut self.conditions, *condition, value);
                value
            }
            Atom::Assumption(assumption) => {
                let value = self.walker.assumed(request, *assumption);
                once(&mut self.assumptions, *assumption, value);
                value
            }
        }
    }

    /// The text in a field; `None` if it is a header that is absent.
    fn text(&self, field: &TextField) -> Option<&str> {
        match field {
            TextField::Host => Some(&self.current.host),
            TextField::Path => Some(&self.current.path),
            TextField::Query => Some(&self.request.query),
            TextField::Method => Some(&self.request.method),
            TextField::Header(name) => self.header(name),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        match name {
            "host" => Some(&self.current.host),
            name => self.request.headers.get(name).map(String::as_str),
        }
    }

    fn user_address(&self, headers: &[Box<str>]) -> IpAddr {
        headers
            .iter()
            .find_map(|name| self.header(name)?.parse::<IpAddr>().ok())
            // An IPv4 address may be written in the form of IPv6.
            .map_or(self.current.source, |address| address.to_canonical())
    }

    fn matches(&self, id: ExpressionId, wanted: &TextMatch, text: &str) -> bool {
        let fold = |text| if wanted.ignore_case { lower(text) } else { Cow::Borrowed(text) };
        match &wanted.test {
            TextTest::Equals(other) if wanted.ignore_case => text.eq_ignore_ascii_case(other),
            TextTest::Equals(other) => text == other,
            TextTest::Prefix(prefix) => fold(text).starts_with(&*fold(prefix)),
            TextTest::Suffix(suffix) => fold(text).ends_with(&*fold(suffix)),
            TextTest::Contains(part) => fold(text).contains(&*fold(part)),
            TextTest::Matches(pattern) => {
                self.walker.pattern(id, pattern, wanted.ignore_case).is_match(text.as_bytes())
            }
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn within<T: PartialOrd>(ranges: &[(T, T)], value: T) -> bool {
    ranges.iter().any(|(first, last)| *first <= value && value <= *last)
}

fn once<T: Copy + PartialEq, V>(list: &mut Vec<(T, V)>, item: T, value: V) {
    if !list.iter().any(|(known, _)| *known == item) {
        list.push((item, value));
    }
}
