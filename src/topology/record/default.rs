//! What holds where a key is not given.

use serde_json::Value;

use crate::source::Span;
use crate::topology::Topology;
use crate::topology::record::{Field, Showing, Shown, Spanned};

/// A field that may be absent, for which a record declares what holds then.
pub trait Defaulted: Sized {
    /// When the default holds, in words.
    const WHEN: &'static str = "if absent";

    /// What the default is written as.
    type Default;

    /// What the field is, given or not.
    type Held<'f>
    where
        Self: 'f;

    /// What the field is, given or not.
    fn held(&self, default: Self::Default) -> Self::Held<'_>;

    /// The field as if the default were written.
    fn given(default: Self::Default) -> Self;
}

/// A setting that may be absent, so that a default holds, and that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'f, T> {
    /// What is written.
    pub field: Option<&'f Field<T>>,
    /// What holds if nothing is.
    pub default: T,
}

impl<T: Copy + PartialEq> Setting<'_, T> {
    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        self.field.map_or(Some(self.default), |field| field.known().copied())
    }

    /// Whether it is known to be this.
    pub fn is(self, value: T) -> bool {
        self.known() == Some(value)
    }

    /// Whether it could be this, by its candidates if it is not known.
    pub fn may_be(self, value: T) -> bool {
        self.known().is_none_or(|known| known == value)
    }
}

impl<T: Copy> Defaulted for Option<Field<T>> {
    type Default = T;
    type Held<'f>
        = Setting<'f, T>
    where
        Self: 'f;

    fn held(&self, default: T) -> Setting<'_, T> {
        Setting { field: self.as_ref(), default }
    }

    fn given(default: T) -> Self {
        Some(Field::given(default, Span::none()))
    }
}

impl<T: Clone> Defaulted for Option<Spanned<T>> {
    type Default = T;
    type Held<'f>
        = T
    where
        Self: 'f;

    fn held(&self, default: T) -> T {
        self.as_ref().map_or(default, |field| field.value.clone())
    }

    fn given(default: T) -> Self {
        Some(Spanned::new(default, Span::none()))
    }
}

impl<T: Clone> Defaulted for Option<Vec<Spanned<T>>> {
    type Default = T;
    type Held<'f>
        = Vec<T>
    where
        Self: 'f;

    fn held(&self, default: T) -> Vec<T> {
        match self {
            Some(items) => items.iter().map(|item| item.value.clone()).collect(),
            None => vec![default],
        }
    }

    fn given(default: T) -> Self {
        Some(vec![Spanned::new(default, Span::none())])
    }
}

/// An empty list is as none: it holds the one that is the default.
impl<T: Copy> Defaulted for Vec<Spanned<T>> {
    const WHEN: &'static str = "if empty";

    type Default = T;
    type Held<'f>
        = Vec<T>
    where
        Self: 'f;

    fn held(&self, default: T) -> Vec<T> {
        match self.as_slice() {
            [] => vec![default],
            items => items.iter().map(|item| item.value).collect(),
        }
    }

    fn given(default: T) -> Self {
        vec![Spanned::new(default, Span::none())]
    }
}

/// What holds if a key is not given, for those who tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Default {
    /// It as it could be written.
    pub shown: fn(Showing<'_>) -> Option<Shown>,
    /// When it holds, in words.
    pub when: &'static str,
}

impl Default {
    /// It as JSON.
    pub fn json(self) -> Option<Value> {
        let topology = Topology::empty(Span::none());
        let showing = Showing { topology: &topology, resource: None };
        (self.shown)(showing).map(|shown| shown.to_json())
    }

    /// It as a sentence of the documentation.
    pub fn text(self) -> Option<String> {
        let value = match self.json()? {
            Value::String(word) => word,
            Value::Array(items) => match items.as_slice() {
                [Value::String(word)] => word.clone(),
                [item] => item.to_string(),
                _ => Value::Array(items).to_string(),
            },
            value => value.to_string(),
        };
        Some(format!("`{value}` {}.", self.when))
    }
}
