//! From typed values back to what could be written, with what holds where nothing is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde_json::{Number, Value};

use crate::topology::Topology;
use crate::topology::record::{Decode, Default, Field, FieldValue, Map, Spanned};

/// A value as it could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A text, a number, true or false.
    Scalar(Value),
    /// Values in order.
    List(Vec<Shown>),
    /// Values by key.
    Map(Vec<ShownEntry>),
}

/// A key of a map and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEntry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Shown,
    /// The kind of the resource that this describes, if it is one.
    pub kind: Option<&'static str>,
    /// Where the value comes from.
    pub source: ValueSource,
}

/// Where a shown value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// It is written.
    Written,
    /// It is not, and this is what holds then.
    Default,
    /// It is not known.
    Unknown,
}

impl ShownEntry {
    fn new(key: &str, value: Shown, source: ValueSource) -> Self {
        Self { key: key.to_owned(), value, kind: None, source }
    }
}

impl Shown {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Scalar(Value::String(text.into()))
    }

    /// The entries of a map.
    pub fn entries(&self) -> &[ShownEntry] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Without the notes where values come from.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect()
            }
        }
    }
}

/// What showing needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    /// The whole topology.
    pub topology: &'a Topology,
    /// The kind and the id of the resource that is shown.
    pub resource: Option<(&'a str, &'a str)>,
}

/// What can be shown.
pub trait Show {
    /// The value as it could be written; nothing if it is absent.
    fn show(&self, showing: Showing<'_>) -> Option<Shown>;

    /// The same where the value is surely given: no items are an empty list there.
    fn show_given(&self, showing: Showing<'_>) -> Option<Shown> {
        self.show(showing)
    }

    /// Whether the value is not known.
    fn is_unknown(&self) -> bool {
        false
    }
}

/// Collects the entries of a record; made for `record!`.
#[derive(Debug)]
pub struct Entries<'a> {
    record: &'static str,
    showing: Showing<'a>,
    entries: Vec<ShownEntry>,
}

impl<'a> Entries<'a> {
    /// No entries yet of a record of that type.
    pub fn new(record: &'static str, showing: Showing<'a>) -> Self {
        Self { record, showing, entries: Vec::new() }
    }

    /// Adds a field, or what holds where it is not given.
    pub fn add(&mut self, key: &'static str, field: &impl Show, default: Option<Default>) {
        if let Some(value) = field.show(self.showing) {
            let source =
                if field.is_unknown() { ValueSource::Unknown } else { ValueSource::Written };
            self.entries.push(ShownEntry::new(key, value, source));
            return;
        }
        let default = match default {
            Some(default) => (default.shown)(self.showing),
            None => crate::topology::defaults::derived(self.showing, self.record, key),
        };
        let entry = default.map(|value| ShownEntry::new(key, value, ValueSource::Default));
        self.entries.extend(entry);
    }

    /// All of them.
    pub fn into_shown(self) -> Option<Shown> {
        Some(Shown::Map(self.entries))
    }
}

macro_rules! displayed {
    ($($type:ty),*) => {$(
        impl Show for $type {
            fn show(&self, _: Showing<'_>) -> Option<Shown> {
                Some(Shown::text(self.to_string()))
            }
        }
    )*};
}

displayed!(String, Arc<str>, IpAddr, Ipv4Addr, Ipv6Addr, IpNet, Ipv4Net, Ipv6Net);

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Show for $type {
            fn show(&self, _: Showing<'_>) -> Option<Shown> {
                Some(Shown::Scalar(Value::from(*self)))
            }
        }
    )*};
}

numbers!(bool, u8, u16, u32, u64, i32, i64);

impl Show for f64 {
    fn show(&self, _: Showing<'_>) -> Option<Shown> {
        Number::from_f64(*self).map(|number| Shown::Scalar(Value::Number(number)))
    }
}

impl<T: Show> Show for Spanned<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        self.value.show(showing)
    }

    fn show_given(&self, showing: Showing<'_>) -> Option<Shown> {
        self.value.show_given(showing)
    }

    fn is_unknown(&self) -> bool {
        self.value.is_unknown()
    }
}

impl<T: Show> Show for Field<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        let unknown = match &self.value {
            FieldValue::Known(value) => return value.show(showing),
            FieldValue::Unknown(unknown) => unknown,
        };
        let mut entries =
            vec![ShownEntry::new("unknown", Shown::text(&*unknown.text), ValueSource::Written)];
        let candidates: Vec<_> =
            unknown.candidates.iter().filter_map(|own| own.show(showing)).collect();
        if !candidates.is_empty() {
            entries.push(ShownEntry::new(
                "candidates",
                Shown::List(candidates),
                ValueSource::Written,
            ));
        }
        entries.push(ShownEntry::new("id", Shown::text(&*unknown.id), ValueSource::Written));
        Some(Shown::Map(entries))
    }

    fn is_unknown(&self) -> bool {
        self.known().is_none()
    }
}

/// A list that is given and empty is not the same as none: nobody is admitted, nothing announced.
impl<T: Show> Show for Option<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        self.as_ref()?.show_given(showing)
    }

    fn is_unknown(&self) -> bool {
        self.as_ref().is_some_and(Show::is_unknown)
    }
}

impl<T: Show> Show for Box<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        (**self).show(showing)
    }

    fn show_given(&self, showing: Showing<'_>) -> Option<Shown> {
        (**self).show_given(showing)
    }

    fn is_unknown(&self) -> bool {
        (**self).is_unknown()
    }
}

/// No items are the same as none given.
impl<T: Show> Show for Vec<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        if self.is_empty() { None } else { self.show_given(showing) }
    }

    fn show_given(&self, showing: Showing<'_>) -> Option<Shown> {
        Some(Shown::List(self.iter().filter_map(|item| item.show_given(showing)).collect()))
    }
}

/// No entries are the same as none given.
impl<T: Show + Decode> Show for Map<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        if self.is_empty() { None } else { self.show_given(showing) }
    }

    fn show_given(&self, showing: Showing<'_>) -> Option<Shown> {
        let entries = self.iter().filter_map(|(id, entry)| {
            let showing = match T::RESOURCE {
                Some(kind) => Showing { resource: Some((kind, id)), ..showing },
                None => showing,
            };
            let source =
                if entry.value.is_unknown() { ValueSource::Unknown } else { ValueSource::Written };
            let shown = ShownEntry::new(id, entry.value.show_given(showing)?, source);
            Some(ShownEntry { kind: T::RESOURCE, ..shown })
        });
        Some(Shown::Map(entries.collect()))
    }
}

/// Shows a value in its short form if nothing but the key is written that the short form sets.
pub fn shorten(full: Option<Shown>, short: &[&str]) -> Option<Shown> {
    let written = |entry: &&ShownEntry| entry.source != ValueSource::Default;
    let entries = full.as_ref()?.entries();
    let mut given = entries.iter().filter(written);
    let (Some(only), None) = (given.next(), given.next()) else { return full };
    if !short.contains(&only.key.as_str()) {
        return full;
    }
    match &only.value {
        Shown::List(items) => match items.as_slice() {
            [item] => Some(item.clone()),
            _ => full,
        },
        value => Some(value.clone()),
    }
}
