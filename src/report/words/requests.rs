//! Which requests a path is about.

use std::net::IpAddr;

use super::{Words, credential};
use crate::graph::names::shown;
use crate::graph::{ConditionKind, NamedCondition, Request, not_on_the_internet};
use crate::question::answer::{Clause, Requests};
use crate::sets::{Axis, AxisValues, TextPiece, address};
use crate::solve::{ParameterIs, PatternIs, PatternTest};
use crate::topology::firewall::Protocol;

/// How many values of one field are written out.
const SHOWN: usize = 4;

/// Every text.
const ANY: &str = "any";

impl Words<'_> {
    /// Requests: `host www.example.com; method any but TRACE`.
    pub fn requests(self, requests: &Requests) -> String {
        if let Some(single) = &requests.single {
            return self.request_line(single);
        }
        let clauses = self.clauses(&requests.clauses);
        if clauses.is_empty() { "every request".into() } else { clauses.join("; ") }
    }

    /// One request: `GET https://www.example.com/`; what is no TCP has no URL.
    fn request_line(self, request: &Request) -> String {
        if request.protocol != Protocol::Tcp {
            let to = self.address(request.destination);
            return match request.protocol {
                Protocol::Udp => format!("UDP to {to}:{}", request.port),
                other => format!("{} to {to}", other.as_str().to_uppercase()),
            };
        }
        let (scheme, default) = if request.https { ("https", 443) } else { ("http", 80) };
        let host = shown(&request.host);
        let port =
            if request.port == default { String::new() } else { format!(":{}", request.port) };
        let query =
            if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        format!("{} {scheme}://{host}{port}{}{query}", request.method, request.path)
    }

    fn clauses(self, clauses: &[Clause]) -> Vec<String> {
        clauses.iter().filter_map(|clause| self.clause(clause)).collect()
    }

    /// A clause; nothing if it tells nothing apart.
    fn clause(self, clause: &Clause) -> Option<String> {
        Some(match clause {
            Clause::Field(axis, AxisValues::Flag(https)) if *axis == self.layout.https => {
                if *https { "over HTTPS".into() } else { "over HTTP".into() }
            }
            Clause::Field(axis, values) => {
                format!("{} {}", self.field(*axis)?, self.values(values, *axis)?)
            }
            Clause::AddressHeader { name, or_none, addresses } => {
                let own = addresses.as_ref().map(|(axis, own)| self.values(own, *axis));
                let words = match (or_none, own) {
                    (_, None) => "no address".into(),
                    (true, Some(words)) => format!("no address or {}", words?),
                    (false, Some(words)) => words.unwrap_or_else(|| "an address".into()),
                };
                format!("header {name} {words}")
            }
            Clause::Condition(id, holds) => condition(self.graph().condition(*id), *holds),
            Clause::Either(alternatives) => {
                let each =
                    alternatives.iter().map(|clauses| match self.clauses(clauses).as_slice() {
                        [] => "every request".into(),
                        [one] => one.clone(),
                        several => format!("({})", several.join("; ")),
                    });
                format!("either {}", each.collect::<Vec<String>>().join(" or "))
            }
            Clause::Some(clauses) => {
                format!("some combinations of: {}", self.clauses(clauses).join("; "))
            }
        })
    }

    /// The free properties that a request has.
    pub fn conditions(self, request: &Request) -> Vec<String> {
        let words = |id: &_| condition(self.graph().condition(*id), true);
        request.conditions.iter().map(words).collect()
    }

    /// What a field is called in front of its values.
    fn field(self, axis: Axis) -> Option<String> {
        let layout = self.layout;
        let named = [
            (layout.host, "host"),
            (layout.path, "path"),
            (layout.query, "query"),
            (layout.method, "method"),
            (layout.source, "from"),
            (layout.region, "region"),
            (layout.asn, "AS"),
            (layout.destination, "to"),
            (layout.port, "port"),
            (layout.protocol, "protocol"),
            (layout.principal, "as"),
            (layout.credential, "with"),
        ];
        if let Some((_, name)) = named.iter().find(|(own, _)| *own == axis) {
            return Some((*name).into());
        }
        let header = layout.headers.iter().find(|(_, own)| **own == axis);
        header.map(|(name, _)| format!("header {name}"))
    }

    /// The values of a field; nothing if every value occurs.
    pub fn values(self, values: &AxisValues, axis: Axis) -> Option<String> {
        Some(match values {
            AxisValues::All | AxisValues::Nothing | AxisValues::Flag(_) => return None,
            AxisValues::Addresses(ranges) => self.addresses(ranges),
            AxisValues::Numbers(ranges) => {
                let number = |(low, high): &(u64, u64)| match low == high {
                    true => low.to_string(),
                    false => format!("{low}-{high}"),
                };
                list(&ranges.iter().map(number).collect::<Vec<_>>())
            }
            AxisValues::Values(values) if axis == self.layout.region => self.regions(values),
            AxisValues::Values(values) => {
                let all: Vec<String> =
                    values.iter().map(|value| self.value(*value, axis)).collect();
                list(&all)
            }
            AxisValues::Text(pieces) => self.texts(pieces, axis),
            AxisValues::TextExcept(pieces) => self.texts_but(pieces, axis),
        })
    }

    /// A value of an enumeration.
    fn value(self, value: u32, axis: Axis) -> String {
        let identities = &self.graph().identities;
        let at = value as usize;
        let known = if axis == self.layout.protocol {
            Protocol::ALL.get(at).map(|protocol| protocol.as_str().to_owned())
        } else if axis == self.layout.principal {
            identities.principals().get(at).map(|principal| principal.name())
        } else if axis == self.layout.credential {
            identities.credentials().get(at).map(|own| credential(self.model, own))
        } else {
            None
        };
        known.unwrap_or_else(|| value.to_string())
    }

    /// Regions. The first stands for all that no rule names.
    fn regions(self, values: &[u32]) -> String {
        let regions = &self.layout.regions;
        let named = |wanted: &dyn Fn(u32) -> bool| -> String {
            let all = regions.iter().enumerate().skip(1).filter(|(at, _)| wanted(*at as u32));
            list(&all.map(|(_, name)| name.to_string()).collect::<Vec<_>>())
        };
        if values.contains(&0) {
            format!("any but {}", named(&|at| !values.contains(&at)))
        } else {
            named(&|at| values.contains(&at))
        }
    }

    /// Whether a text may be absent.
    fn is_optional(self, axis: Axis) -> bool {
        self.layout.headers.values().any(|header| *header == axis)
    }

    /// Texts in any of some pieces. What may be absent is so only if that is said.
    fn texts(self, pieces: &[TextPiece], axis: Axis) -> String {
        let absent = pieces.contains(&TextPiece::Absent);
        let rest = present(pieces);
        let words = match list(&self.text_pieces(&rest, axis)) {
            words if words == ANY && self.is_optional(axis) => "present".to_owned(),
            words => words,
        };
        match (absent, rest.is_empty()) {
            (true, true) => "absent".into(),
            (true, false) => format!("absent or {words}"),
            (false, _) => words,
        }
    }

    /// Texts, and their absence, that are in none of some pieces.
    fn texts_but(self, pieces: &[TextPiece], axis: Axis) -> String {
        let rest = present(pieces);
        if rest.is_empty() {
            return "present".into();
        }
        let words = format!("{ANY} but {}", list(&self.text_pieces(&rest, axis)));
        if self.is_optional(axis) && rest.len() == pieces.len() {
            return format!("absent or {words}");
        }
        words
    }

    /// Pieces of texts. A name that begins with a dot is nobody's.
    fn text_pieces(self, pieces: &[TextPiece], axis: Axis) -> Vec<String> {
        let is_host = axis == self.layout.host;
        let nobodys = |piece: &&TextPiece| match piece {
            TextPiece::Exact(text) => is_host && text.starts_with('.'),
            _ => false,
        };
        let pieces = pieces.iter().filter(|piece| !nobodys(piece));
        pieces.map(|piece| self.text_piece(piece, axis)).collect()
    }

    fn text_piece(self, piece: &TextPiece, axis: Axis) -> String {
        let suffix = axis == self.layout.host;
        match piece {
            TextPiece::Absent => "absent".into(),
            TextPiece::Exact(text) if text.is_empty() => "empty".into(),
            TextPiece::Exact(text) if suffix => shown(text),
            TextPiece::Exact(text) => text.clone(),
            TextPiece::Prefix(text) if text.is_empty() => ANY.into(),
            TextPiece::Prefix(text) if suffix => format!("*{text}"),
            TextPiece::Prefix(text) => format!("{text}*"),
            TextPiece::PrefixBut { prefix, but } => {
                let whole = self.text_piece(&TextPiece::Prefix(prefix.clone()), axis);
                let but = self.text_pieces(but, axis);
                if but.is_empty() { whole } else { format!("{whole} but {}", but.join(" and ")) }
            }
            TextPiece::Between { from, until } => match until {
                Some(until) => format!("from {from:?} to before {until:?}"),
                None => format!("from {from:?} on"),
            },
            TextPiece::Matching { within, holds, fails } => {
                let within = list(&self.text_pieces(within, axis));
                let test = |pattern, holds| pattern_test(&self.layout.pattern_test(pattern), holds);
                let mut tests: Vec<String> =
                    holds.iter().map(|pattern| test(*pattern, true)).collect();
                tests.extend(fails.iter().map(|pattern| test(*pattern, false)));
                let tests = tests.join(" and ");
                if within == ANY { tests } else { format!("{within} {tests}") }
            }
        }
    }

    fn addresses(self, ranges: &[(u128, u128)]) -> String {
        match missing_public(ranges).as_deref() {
            None => list(&self.ranges(ranges)),
            Some([]) => "public addresses".into(),
            Some(missing) => format!("public addresses but {}", list(&self.ranges(missing))),
        }
    }

    fn ranges(self, ranges: &[(u128, u128)]) -> Vec<String> {
        let mut pieces = Vec::new();
        for (low, high) in ranges {
            let (low, high) = (address::address(*low), address::address(*high));
            if low == high {
                pieces.push(self.address(low));
                continue;
            }
            let subnets: Vec<String> = match (low, high) {
                (IpAddr::V4(low), IpAddr::V4(high)) => {
                    ipnet::Ipv4Subnets::new(low, high, 0).map(|net| net.to_string()).collect()
                }
                (IpAddr::V6(low), IpAddr::V6(high)) => {
                    ipnet::Ipv6Subnets::new(low, high, 0).map(|net| net.to_string()).collect()
                }
                _ => vec![format!("{low}-{high}")],
            };
            if subnets.len() > 3 {
                pieces.push(format!("{low}-{high}"));
            } else {
                pieces.extend(subnets);
            }
        }
        pieces
    }
}

/// That a request has a free property, or has not.
fn condition(condition: &NamedCondition, holds: bool) -> String {
    let name = &*condition.name;
    let has = if holds { "has" } else { "does not have" };
    match condition.kind {
        ConditionKind::Waf => {
            let matches = if holds { "matches" } else { "does not match" };
            format!("{matches} the WAF rules `{name}`")
        }
        ConditionKind::ThreatIntelligence => {
            let is = if holds { "is" } else { "is not" };
            format!("{is} on the threat intelligence list `{name}`")
        }
        ConditionKind::AdaptiveProtection => {
            let is = if holds { "is" } else { "is not" };
            format!("{is} flagged by Adaptive Protection (`{name}`)")
        }
        ConditionKind::Recaptcha => format!("{has} the reCAPTCHA property `{name}`"),
        ConditionKind::TlsFingerprint => format!("{has} the TLS fingerprint `{name}`"),
        ConditionKind::AccessLevel => {
            let meets = if holds { "meets" } else { "does not meet" };
            let (level, part) = name.split_once('/').unwrap_or(("", name));
            format!("{meets} `{part}` of access level {level}")
        }
        ConditionKind::Firewall => {
            let a = if holds { "a" } else { "no" };
            format!("{a} deny rule by the source tags of Direct VPC egress matches")
        }
    }
}

fn present(pieces: &[TextPiece]) -> Vec<TextPiece> {
    pieces.iter().filter(|piece| **piece != TextPiece::Absent).cloned().collect()
}

/// Of ranges that are most of the internet and nothing else: the public addresses that they do not
/// have.
fn missing_public(ranges: &[(u128, u128)]) -> Option<Vec<(u128, u128)>> {
    if ranges.len() <= SHOWN {
        return None;
    }
    let private: Vec<(u128, u128)> =
        not_on_the_internet().into_iter().flat_map(address::ranges).collect();
    let overlaps = |one: &(u128, u128), other: &(u128, u128)| one.0 <= other.1 && other.0 <= one.1;
    if ranges.iter().any(|own| private.iter().any(|no| overlaps(own, no))) {
        return None;
    }
    let mut taken: Vec<(u128, u128)> = ranges.iter().copied().chain(private).collect();
    taken.sort_unstable();
    let mut missing = Vec::new();
    let mut at = 0;
    for (low, high) in taken {
        if low > at {
            missing.push((at, low - 1));
        }
        at = at.max(high.saturating_add(1));
    }
    if at < u128::MAX {
        missing.push((at, u128::MAX));
    }
    let size = |all: &[(u128, u128)]| all.iter().map(|(low, high)| high - low).max();
    (size(&missing) < size(ranges)).then_some(missing)
}

fn list(pieces: &[String]) -> String {
    if pieces.len() <= SHOWN + 1 {
        return pieces.join(", ");
    }
    format!("{} and {} more", pieces[..SHOWN].join(", "), pieces.len() - SHOWN)
}

/// What a pattern asks of a text, or that it does not hold, in words that follow what is tested.
fn pattern_test(of: &PatternTest, holds: bool) -> String {
    let not = if holds { "" } else { "not " };
    let mut words = match &of.test {
        PatternIs::Equal(text) => format!("{not}equal to `{text}`"),
        PatternIs::Beginning(text) => format!("{not}beginning with `{text}`"),
        PatternIs::Ending(text) => format!("{not}ending in `{text}`"),
        PatternIs::Containing(text) => format!("{not}containing `{text}`"),
        PatternIs::Matching(regex) => format!("{not}matching `{regex}`"),
        PatternIs::Parameter { name, value } => {
            let with = if holds { "with" } else { "without" };
            match value {
                None => format!("{with} `{name}`"),
                Some(ParameterIs::Text(text)) => format!("{with} `{name}={text}`"),
                Some(ParameterIs::Matching(regex)) => format!("{with} `{name}` matching `{regex}`"),
            }
        }
    };
    if of.ignore_case {
        words.push_str(" in any case");
    }
    if of.rewritten {
        words.push_str(" once rewritten");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_and_its_contrary_are_both_sentences() {
        for kind in ConditionKind::ALL {
            let own = NamedCondition { kind: *kind, name: "level/part".into() };
            let (holds, fails) = (condition(&own, true), condition(&own, false));
            assert_ne!(holds, fails, "{kind}");
            assert!(fails.contains("not ") || fails.starts_with("no "), "{fails}");
        }
        let waf = NamedCondition { kind: ConditionKind::Waf, name: "sqli-v33-stable".into() };
        assert_eq!(condition(&waf, false), "does not match the WAF rules `sqli-v33-stable`");
    }
}
