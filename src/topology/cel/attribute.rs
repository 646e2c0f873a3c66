//! The values that an expression can name, and which dialect has them.

use cel::common::ast::LiteralValue;
use jiff::Timestamp;

use super::Dialect;
use super::pattern::LetterCase;
use super::read::Undecided;
use crate::topology::condition::{AddressField, FreeKind, TextAttribute};

/// A value: what stands on either side of an operator, or what a function is called on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Constant(Constant),
    List(Vec<Constant>),
    /// A map literal: the options of a WAF rule set.
    Map(Vec<(String, Operand)>),
    Address(AddressField),
    Region(LetterCase),
    Asn,
    Text(TextAttribute, LetterCase),
    /// A property that nothing determines, with the first part of its name.
    Free(FreeKind, String),
    /// `request.headers` as a whole.
    Headers,
    AccessLevels,
    /// `request.time`.
    Time,
    /// A given time.
    Instant(Timestamp),
    /// A value that is not computed; with the reason.
    Opaque(Undecided),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Text(String),
    Integer(i128),
    /// Compared by its shortest decimal form only.
    Double(String),
    Bool(bool),
    Null,
}

impl Constant {
    pub(super) fn new(literal: &LiteralValue) -> Option<Constant> {
        Some(match literal {
            LiteralValue::Boolean(value) => Constant::Bool(*value.inner()),
            LiteralValue::Int(value) => Constant::Integer(i128::from(*value.inner())),
            LiteralValue::UInt(value) => Constant::Integer(i128::from(*value.inner())),
            LiteralValue::Double(value) => Constant::Double(value.inner().to_string()),
            LiteralValue::String(value) => Constant::Text(value.inner().to_owned()),
            LiteralValue::Null => Constant::Null,
            LiteralValue::Bytes(_) => return None,
        })
    }
}

impl Operand {
    /// What kind of value this is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Operand::Constant(Constant::Text(_)) | Operand::Text(..) | Operand::Region(_) => "text",
            Operand::Constant(Constant::Integer(_) | Constant::Double(_)) | Operand::Asn => {
                "a number"
            }
            Operand::Constant(Constant::Bool(_)) => "a boolean",
            Operand::Constant(Constant::Null) => "null",
            Operand::List(_) | Operand::AccessLevels => "a list",
            Operand::Map(_) | Operand::Headers => "a map",
            Operand::Address(_) => "an address",
            Operand::Time | Operand::Instant(_) => "a time",
            Operand::Free(..) | Operand::Opaque(_) => "a value",
        }
    }
}

/// The attributes of a dialect that are listed in messages.
pub(super) fn names(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::SecurityPolicy => &[
            "origin.ip",
            "origin.user_ip",
            "origin.region_code",
            "origin.asn",
            "origin.tls_ja3_fingerprint",
            "origin.tls_ja4_fingerprint",
            "request.headers",
            "request.method",
            "request.path",
            "request.scheme",
            "request.query",
            "token.recaptcha_action.score",
            "token.recaptcha_session.score",
            "token.recaptcha_exemption.valid",
        ],
        Dialect::IamCondition => &[
            "request.path",
            "request.host",
            "request.time",
            "request.auth.access_levels",
            "resource.name",
            "resource.type",
            "resource.service",
            "destination.ip",
            "destination.port",
        ],
        Dialect::NatRule => &["destination.ip", "source.ip", "nexthop.hub", "nexthop.is_hybrid"],
    }
}

/// The attribute of this name; `None` if the dialect has none.
pub(super) fn attribute(name: &str, dialect: Dialect) -> Option<Operand> {
    let text = |field| Some(Operand::Text(field, LetterCase::AsIs));
    let opaque = |reason: &str| Some(Operand::Opaque(reason.into()));
    match dialect {
        Dialect::SecurityPolicy => match name {
            "origin.ip" => Some(Operand::Address(AddressField::Origin)),
            "origin.user_ip" => Some(Operand::Address(AddressField::User)),
            "origin.region_code" => Some(Operand::Region(LetterCase::AsIs)),
            "origin.asn" => Some(Operand::Asn),
            "origin.tls_ja3_fingerprint" | "origin.tls_ja4_fingerprint" => {
                let short = name.trim_start_matches("origin.");
                Some(Operand::Free(FreeKind::TlsFingerprint, short.to_owned()))
            }
            "request.headers" => Some(Operand::Headers),
            "request.method" => text(TextAttribute::Method),
            "request.path" => text(TextAttribute::Path),
            "request.query" => text(TextAttribute::Query),
            "request.scheme" => text(TextAttribute::Scheme),
            _ => {
                let token = name.strip_prefix("token.")?;
                let known = token.starts_with("recaptcha_");
                known.then(|| Operand::Free(FreeKind::Recaptcha, token.to_owned()))
            }
        },
        Dialect::IamCondition => match name {
            "request.path" => text(TextAttribute::Path),
            "request.host" => text(TextAttribute::Host),
            "request.time" => Some(Operand::Time),
            "request.auth.access_levels" => Some(Operand::AccessLevels),
            "resource.name" | "resource.type" | "resource.service" => {
                opaque("resource attributes are not part of the request")
            }
            // Only tunnels have these.
            "destination.ip" | "destination.port" => Some(Operand::Opaque(Undecided::Missing)),
            _ => None,
        },
        Dialect::NatRule => match name {
            "destination.ip" => Some(Operand::Address(AddressField::Destination)),
            "source.ip" => Some(Operand::Address(AddressField::Source)),
            "nexthop.hub" | "nexthop.is_hybrid" => opaque("the next hop is not known here"),
            _ => None,
        },
    }
}

/// The header of this name (ING-131).
pub(super) fn header(name: &str) -> TextAttribute {
    match name.to_ascii_lowercase() {
        name if name == "host" => TextAttribute::Host,
        name => TextAttribute::Header(name),
    }
}
