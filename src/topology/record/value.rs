//! Values with their places, values that are not known, and values that may be absent.

use std::ops::Deref;
use std::sync::Arc;

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::source::Span;
use crate::source::tree::{Node, Value};
use crate::topology::record::{Decode, Decoder, KeyInfo, schema};

/// A value and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Decode> Decode for Spanned<T> {
    const REQUIRED: bool = T::REQUIRED;
    const RESOURCE: Option<&'static str> = T::RESOURCE;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        T::decode(node, cx).map(|value| Self::new(value, node.span))
    }

    fn absent(key: &str, place: Span, cx: &mut Decoder<'_>) -> Option<Self> {
        T::absent(key, place, cx).map(|value| Self::new(value, Span::none()))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

/// A value that may not be known, and its place.
///
/// What is not known is written `{unknown: "why", candidates: [...], id: "name"}`, of which all but
/// the first may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<T> {
    /// The value, or why there is none.
    pub value: FieldValue<T>,
    /// Where it stands.
    pub span: Span,
}

/// A value, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue<T> {
    /// The value.
    Known(T),
    /// Why it is not known.
    Unknown(Box<Unknown<T>>),
}

/// A value that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown<T> {
    /// What assumptions about it are called; by default where it stands, as `services.web.region`.
    pub id: Arc<str>,
    /// Why it is not known.
    pub text: Arc<str>,
    /// The values that it may have; if there are none here, any.
    pub candidates: Vec<Spanned<T>>,
}

impl<T> Field<T> {
    /// A value that is known.
    pub const fn given(value: T, span: Span) -> Self {
        Self { value: FieldValue::Known(value), span }
    }

    /// A value that is not.
    pub fn not_known(unknown: Unknown<T>, span: Span) -> Self {
        Self { value: FieldValue::Unknown(Box::new(unknown)), span }
    }

    /// The value, if it is known.
    pub const fn known(&self) -> Option<&T> {
        match &self.value {
            FieldValue::Known(value) => Some(value),
            FieldValue::Unknown(_) => None,
        }
    }

    /// Why it is not known, if it is not.
    pub const fn unknown(&self) -> Option<&Unknown<T>> {
        match &self.value {
            FieldValue::Known(_) => None,
            FieldValue::Unknown(unknown) => Some(unknown),
        }
    }

    /// The values that it may have, if it is not known and they are given.
    pub fn candidates(&self) -> &[Spanned<T>] {
        self.unknown().map_or(&[], |unknown| &unknown.candidates)
    }

    /// The same with every value, known or candidate, turned into another.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Field<U> {
        let value = match self.value {
            FieldValue::Known(value) => FieldValue::Known(f(value)),
            FieldValue::Unknown(unknown) => {
                let Unknown { id, text, candidates } = *unknown;
                let turn = |each: Spanned<T>| Spanned::new(f(each.value), each.span);
                let candidates = candidates.into_iter().map(turn).collect();
                FieldValue::Unknown(Box::new(Unknown { id, text, candidates }))
            }
        };
        Field { value, span: self.span }
    }
}

const UNKNOWN_KEYS: &[KeyInfo] = &[
    KeyInfo {
        name: "unknown",
        doc: &["Why the value is not known."],
        required: true,
        default: None,
    },
    KeyInfo {
        name: "candidates",
        doc: &["The values that it may have."],
        required: false,
        default: None,
    },
    KeyInfo {
        name: "id",
        doc: &["What assumptions about it are called."],
        required: false,
        default: None,
    },
];

impl<T: Decode> Unknown<T> {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let fields = cx.fields(node, || "value that is not known".to_owned(), UNKNOWN_KEYS)?;
        let text = fields.get("unknown", cx);
        let candidates = fields.get("candidates", cx);
        let id: Option<Option<Arc<str>>> = fields.get("id", cx);
        let id = id?.unwrap_or_else(|| cx.path().into());
        Some(Self { id, text: text?, candidates: candidates? })
    }
}

impl<T: Decode> Decode for Field<T> {
    const REQUIRED: bool = T::REQUIRED;
    const RESOURCE: Option<&'static str> = T::RESOURCE;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if node.get("unknown").is_some() {
            return Unknown::decode(node, cx).map(|unknown| Self::not_known(unknown, node.span));
        }
        T::decode(node, cx).map(|value| Self::given(value, node.span))
    }

    fn absent(key: &str, place: Span, cx: &mut Decoder<'_>) -> Option<Self> {
        T::absent(key, place, cx).map(|value| Self::given(value, Span::none()))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let known = T::schema(generator);
        let unknown = schema::record_schema(
            &[],
            UNKNOWN_KEYS,
            vec![
                ("unknown", Arc::<str>::schema(generator)),
                ("candidates", Vec::<T>::schema(generator)),
                ("id", Option::<Arc<str>>::schema(generator)),
            ],
        );
        json_schema!({"anyOf": [known, unknown]})
    }
}

/// Absent, or written as nothing, is `None`.
impl<T: Decode> Decode for Option<T> {
    const REQUIRED: bool = false;
    const RESOURCE: Option<&'static str> = T::RESOURCE;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Null => Some(None),
            _ => T::decode(node, cx).map(Some),
        }
    }

    fn absent(_: &str, _: Span, _: &mut Decoder<'_>) -> Option<Self> {
        Some(None)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        schema::nullable(T::schema(generator))
    }
}

/// Absent, or written as nothing, is no items.
impl<T: Decode> Decode for Vec<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let items = cx.list(node)?.iter().enumerate();
        Some(items.filter_map(|(at, node)| cx.item(at, |cx| T::decode(node, cx))).collect())
    }

    fn absent(_: &str, _: Span, _: &mut Decoder<'_>) -> Option<Self> {
        Some(Self::new())
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let items = T::schema(generator);
        json_schema!({"type": ["array", "null"], "items": items})
    }
}

impl<T: Decode> Decode for Box<T> {
    const REQUIRED: bool = T::REQUIRED;
    const RESOURCE: Option<&'static str> = T::RESOURCE;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        T::decode(node, cx).map(Self::new)
    }

    fn absent(key: &str, place: Span, cx: &mut Decoder<'_>) -> Option<Self> {
        T::absent(key, place, cx).map(Self::new)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

/// The values that a field may have, each with its place.
pub fn each<T>(field: &Field<T>) -> impl Iterator<Item = (&T, Span)> {
    let known = field.known().map(|value| (value, field.span));
    known.into_iter().chain(field.candidates().iter().map(|each| (&each.value, each.span)))
}

/// The values that a field may have if it is written, each with its place.
pub fn every<T>(field: &Option<Field<T>>) -> impl Iterator<Item = (&T, Span)> {
    field.iter().flat_map(each)
}
