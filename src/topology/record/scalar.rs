//! Texts, numbers, addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::source::Finding;
use crate::source::tree::{Node, Value};
use crate::topology::record::{Decode, Decoder};

impl Decode for Arc<str> {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        cx.text(node).cloned()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

impl Decode for String {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        cx.text(node).map(|text| text.as_ref().to_owned())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

impl Decode for bool {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        let meant = node.as_str().and_then(|text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        });
        let mut finding = cx.wrong_type(node, "`true` or `false`");
        if let Some(meant) = meant {
            finding = finding.help(format!("write `{meant}`, without quotes"));
        }
        cx.report(finding);
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean"})
    }
}

/// A number that is not whole, or no number at all.
fn not_whole(node: &Node, cx: &mut Decoder<'_>) {
    let finding = match (&node.value, cx.short_source(node.span)) {
        (Value::Float(number), Some(source)) if !source.contains(['.', 'e', 'E']) => {
            let size = if *number < 0.0 { "small" } else { "large" };
            cx.invalid(node, format!("`{source}` is too {size}"))
        }
        (Value::Float(number), Some(source)) if number.fract() == 0.0 => {
            cx.invalid(node, format!("`{source}` is not written as a whole number"))
        }
        (Value::Float(_), Some(source)) => {
            cx.invalid(node, format!("`{source}` is not a whole number"))
        }
        _ => unquote(cx.wrong_type(node, "a whole number"), node),
    };
    cx.report(finding);
}

/// Offers the number without the quotes that make a text of it.
fn unquote(finding: Finding, node: &Node) -> Finding {
    match node.as_str() {
        Some(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
            finding.help(format!("write it without quotes: `{text}`"))
        }
        _ => finding,
    }
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl Decode for $number {
            fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
                let Value::Integer(number) = node.value else {
                    not_whole(node, cx);
                    return None;
                };
                let value = Self::try_from(number);
                if value.is_err() {
                    let size = if number < 0 { "small" } else { "large" };
                    let finding = cx.invalid(node, format!("`{number}` is too {size}"));
                    let range = format!("it is between {} and {}", Self::MIN, Self::MAX);
                    cx.report(finding.help(range));
                }
                value.ok()
            }

            fn schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "integer", "minimum": Self::MIN, "maximum": Self::MAX})
            }
        }
    )*};
}

whole!(u8, u16, u32, u64, i32, i64);

impl Decode for f64 {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            #[expect(clippy::cast_precision_loss, reason = "a number with a fraction is asked for")]
            Value::Integer(number) => Some(number as Self),
            Value::Float(number) if number.is_finite() => Some(number),
            _ => {
                let finding = unquote(cx.wrong_type(node, "a number"), node);
                cx.report(finding);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

/// Decodes a text by its own grammar; `help` says how such a text looks.
fn parse<T: std::str::FromStr>(
    node: &Node,
    cx: &mut Decoder<'_>,
    what: &str,
    help: &str,
) -> Option<T> {
    let text = cx.text(node)?;
    let value = text.parse().ok();
    if value.is_none() {
        let finding = cx.invalid(node, format!("`{text}` is not {what}")).help(help);
        cx.report(finding);
    }
    value
}

macro_rules! address {
    ($($address:ty, $what:literal, $example:literal, $format:expr;)*) => {$(
        impl Decode for $address {
            fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
                parse(node, cx, $what, concat!("write an address like `", $example, "`"))
            }

            fn schema(_: &mut SchemaGenerator) -> Schema {
                $format
            }
        }
    )*};
}

address! {
    IpAddr, "an IP address", "192.0.2.7", json_schema!({
        "type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]
    });
    Ipv4Addr, "an IPv4 address", "192.0.2.7", json_schema!({"type": "string", "format": "ipv4"});
    Ipv6Addr, "an IPv6 address", "2001:db8::7", json_schema!({"type": "string", "format": "ipv6"});
}

/// Reads a range; one without a prefix length is a single address.
fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Refuses a range with bits of the address set beyond the prefix, which Google Cloud refuses too.
fn exact(range: IpNet, node: &Node, cx: &mut Decoder<'_>) -> Option<IpNet> {
    if range.trunc() == range {
        return Some(range);
    }
    let message = format!("`{range}` has bits of the address set beyond the prefix");
    let (whole, single) = (range.trunc(), range.addr());
    let help = format!("write `{whole}` for the range, or `{single}` for the one address");
    let finding = cx.invalid(node, message).help(help);
    cx.report(finding);
    None
}

fn range_schema() -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^([0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?)$"
    })
}

impl Decode for IpNet {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let text = cx.text(node)?;
        let Some(range) = range(text) else {
            let finding = cx
                .invalid(node, format!("`{text}` is not a range of addresses"))
                .help("write an address and the length of the prefix, like `10.0.0.0/24`");
            cx.report(finding);
            return None;
        };
        exact(range, node, cx)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        range_schema()
    }
}

macro_rules! family {
    ($($net:ty, $variant:path, $what:literal, $example:literal;)*) => {$(
        impl Decode for $net {
            fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
                if let $variant(range) = IpNet::decode(node, cx)? {
                    return Some(range);
                }
                let text = cx.text(node)?;
                let finding = cx
                    .invalid(node, format!("`{text}` is not {}", $what))
                    .help(concat!("write a range like `", $example, "`"));
                cx.report(finding);
                None
            }

            fn schema(_: &mut SchemaGenerator) -> Schema {
                range_schema()
            }
        }
    )*};
}

family! {
    Ipv4Net, IpNet::V4, "a range of IPv4 addresses", "10.0.0.0/24";
    Ipv6Net, IpNet::V6, "a range of IPv6 addresses", "2001:db8::/64";
}
