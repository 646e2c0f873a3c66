//! The values of one field of a request in words.

use std::net::IpAddr;

use crate::graph::names::shown;
use crate::graph::{Graph, not_on_the_internet};
use crate::sets::{Axis, AxisValues, TextPiece, address};
use crate::solve::Layout;

/// How many values of one field are written out.
const SHOWN: usize = 4;

/// The contrary of a condition in words.
pub fn negated(text: &str) -> String {
    for (verb, contrary) in [
        ("matches ", "does not match "),
        ("is ", "is not "),
        ("has ", "does not have "),
        ("meets ", "does not meet "),
    ] {
        if let Some(rest) = text.strip_prefix(verb) {
            return format!("{contrary}{rest}");
        }
    }
    format!("not: {text}")
}

/// The values of a field; nothing if every value occurs.
pub fn field_words(
    graph: &Graph,
    layout: &Layout,
    values: AxisValues,
    axis: Axis,
) -> Option<String> {
    Some(match values {
        AxisValues::All | AxisValues::Nothing | AxisValues::Flag(_) => return None,
        AxisValues::Addresses(ranges) => addresses(graph, &ranges),
        AxisValues::Numbers(ranges) => {
            let all: Vec<String> = ranges
                .iter()
                .map(
                    |(low, high)| {
                        if low == high { low.to_string() } else { format!("{low}-{high}") }
                    },
                )
                .collect();
            list(&all)
        }
        AxisValues::Values(values) if axis == layout.region => {
            let named = |values: &[u32]| -> Vec<String> {
                values
                    .iter()
                    .filter(|value| **value != 0)
                    .map(|value| layout.regions[*value as usize].to_string())
                    .collect()
            };
            if values.contains(&0) {
                let missing: Vec<u32> = (0..layout.regions.len() as u32)
                    .filter(|value| !values.contains(value))
                    .collect();
                format!("any but {}", list(&named(&missing)))
            } else {
                list(&named(&values))
            }
        }
        AxisValues::Values(values) => {
            list(&values.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
        AxisValues::Text(pieces) => texts(layout, &pieces, axis),
        AxisValues::TextExcept(pieces) => texts_but(layout, &pieces, axis),
    })
}

/// Whether a text may be absent.
fn is_optional(layout: &Layout, axis: Axis) -> bool {
    layout.headers.values().any(|header| *header == axis)
}

/// Texts in any of some pieces. What may be absent is so only if that is said.
fn texts(layout: &Layout, pieces: &[TextPiece], axis: Axis) -> String {
    let absent = pieces.contains(&TextPiece::Absent);
    let rest: Vec<TextPiece> =
        pieces.iter().filter(|piece| **piece != TextPiece::Absent).cloned().collect();
    let words = match list(&text_pieces(layout, &rest, axis)) {
        words if words == ANY && is_optional(layout, axis) => "present".to_owned(),
        words => words,
    };
    match (absent, rest.is_empty()) {
        (true, true) => "absent".into(),
        (true, false) => format!("absent or {words}"),
        (false, _) => words,
    }
}

/// Texts, and their absence, that are in none of some pieces.
fn texts_but(layout: &Layout, pieces: &[TextPiece], axis: Axis) -> String {
    let rest: Vec<TextPiece> =
        pieces.iter().filter(|piece| **piece != TextPiece::Absent).cloned().collect();
    if rest.is_empty() {
        return "present".into();
    }
    let words = format!("{ANY} but {}", list(&text_pieces(layout, &rest, axis)));
    if is_optional(layout, axis) && rest.len() == pieces.len() {
        return format!("absent or {words}");
    }
    words
}

/// Every text.
const ANY: &str = "any";

/// Pieces in words. A name that begins with a dot is nobody's.
fn text_pieces(layout: &Layout, pieces: &[TextPiece], axis: Axis) -> Vec<String> {
    let is_host = axis == layout.host;
    let nobodys = |piece: &&TextPiece| match piece {
        TextPiece::Exact(text) => is_host && text.starts_with('.'),
        _ => false,
    };
    pieces
        .iter()
        .filter(|piece| !nobodys(piece))
        .map(|piece| text_piece(layout, piece, axis))
        .collect()
}

fn text_piece(layout: &Layout, piece: &TextPiece, axis: Axis) -> String {
    let suffix = axis == layout.host;
    match piece {
        TextPiece::Absent => "absent".into(),
        TextPiece::Exact(text) if text.is_empty() => "empty".into(),
        TextPiece::Exact(text) if suffix => shown(text),
        TextPiece::Exact(text) => text.clone(),
        TextPiece::Prefix(text) if text.is_empty() => ANY.into(),
        TextPiece::Prefix(text) if suffix => format!("*{text}"),
        TextPiece::Prefix(text) => format!("{text}*"),
        TextPiece::PrefixBut { prefix, but } => {
            let whole = text_piece(layout, &TextPiece::Prefix(prefix.clone()), axis);
            let but = text_pieces(layout, but, axis);
            if but.is_empty() { whole } else { format!("{whole} but {}", but.join(" and ")) }
        }
        TextPiece::Between { from, until } => match until {
            Some(until) => format!("from {from:?} to before {until:?}"),
            None => format!("from {from:?} on"),
        },
        TextPiece::Matching { within, holds, fails } => {
            let within = list(&text_pieces(layout, within, axis));
            let mut tests: Vec<String> =
                holds.iter().map(|pattern| layout.pattern_words(*pattern)).collect();
            tests.extend(fails.iter().map(|pattern| {
                let words = layout.pattern_words(*pattern);
                match words.strip_prefix("with ") {
                    Some(rest) => format!("without {rest}"),
                    None => format!("not {words}"),
                }
            }));
            let tests = tests.join(" and ");
            if within == ANY { tests } else { format!("{within} {tests}") }
        }
    }
}

fn addresses(graph: &Graph, ranges: &[(u128, u128)]) -> String {
    if let Some(missing) = missing_public(ranges) {
        return match missing.as_slice() {
            [] => "public addresses".into(),
            missing => format!("public addresses but {}", list(&ranges_words(graph, missing))),
        };
    }
    list(&ranges_words(graph, ranges))
}

/// Of ranges that are most of the internet and nothing else: the public addresses that they do not
/// have.
fn missing_public(ranges: &[(u128, u128)]) -> Option<Vec<(u128, u128)>> {
    let private: Vec<(u128, u128)> =
        not_on_the_internet().into_iter().flat_map(address::ranges).collect();
    let overlaps = |one: &(u128, u128), other: &(u128, u128)| one.0 <= other.1 && other.0 <= one.1;
    if ranges.len() <= SHOWN || ranges.iter().any(|own| private.iter().any(|no| overlaps(own, no)))
    {
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

fn ranges_words(graph: &Graph, ranges: &[(u128, u128)]) -> Vec<String> {
    let mut pieces = Vec::new();
    for (low, high) in ranges {
        let (low, high) = (address::address(*low), address::address(*high));
        if low == high {
            pieces.push(match graph.placeholders.label(low) {
                Some(label) => label.to_string(),
                None => low.to_string(),
            });
        } else {
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
    }
    pieces
}

fn list(pieces: &[String]) -> String {
    if pieces.len() <= SHOWN + 1 {
        return pieces.join(", ");
    }
    format!("{} and {} more", pieces[..SHOWN].join(", "), pieces.len() - SHOWN)
}
