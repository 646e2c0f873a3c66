//! The values of one field of a request in words.

use std::net::IpAddr;

use crate::graph::Graph;
use crate::graph::names::shown;
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
    let suffix = axis == layout.host;
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
        AxisValues::Text(pieces) => {
            let pieces: Vec<String> =
                pieces.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            list(&pieces)
        }
        AxisValues::TextExcept(pieces) => {
            let pieces: Vec<String> =
                pieces.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            format!("any but {}", list(&pieces))
        }
    })
}

fn text_piece(layout: &Layout, piece: &TextPiece, suffix: bool) -> String {
    match piece {
        TextPiece::Absent => "absent".into(),
        TextPiece::Exact(text) if text.is_empty() => "empty".into(),
        TextPiece::Exact(text) if suffix => shown(text),
        TextPiece::Exact(text) => text.clone(),
        TextPiece::Prefix(text) if text.is_empty() => "any".into(),
        TextPiece::Prefix(text) if suffix => format!("*{text}"),
        TextPiece::Prefix(text) => format!("{text}*"),
        TextPiece::Between { from, until } => match until {
            Some(until) => format!("from {from:?} to before {until:?}"),
            None => format!("from {from:?} on"),
        },
        TextPiece::Matching { within, holds, fails } => {
            let mut words: Vec<String> =
                within.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            if words.is_empty() {
                words.push("any".into());
            }
            let space = &layout.space;
            let mut text = list(&words);
            for pattern in holds {
                text.push_str(&format!(" like `{}`", space.pattern(*pattern).regex));
            }
            for pattern in fails {
                text.push_str(&format!(" not like `{}`", space.pattern(*pattern).regex));
            }
            text
        }
    }
}

fn addresses(graph: &Graph, ranges: &[(u128, u128)]) -> String {
    let total = ranges.len();
    // Most of the space: what is left out says more.
    let covers =
        |low: u128, high: u128| ranges.iter().any(|(from, until)| *from <= low && high <= *until);
    let some = address::number(IpAddr::from([1, 0, 0, 0]));
    let public = total > SHOWN && covers(some, some);
    if public {
        return "public addresses".into();
    }
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
    list(&pieces)
}

fn list(pieces: &[String]) -> String {
    if pieces.len() <= SHOWN + 1 {
        return pieces.join(", ");
    }
    format!("{} and {} more", pieces[..SHOWN].join(", "), pieces.len() - SHOWN)
}
