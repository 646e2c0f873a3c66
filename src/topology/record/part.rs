//! The parts of a value, one by one: what a path goes through, and what an edit changes.
//!
//! [`Form`] says of a type what its values can have inside; [`View`] what a value has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::source::tree::{Key, Node};
use crate::topology::record::{
    Decode, Decoder, Field, FieldValue, KeyInfo, Map, Show, Showing, Shown, Spanned,
};

/// What the values of a type have inside.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Nothing: a text, a number.
    Single,
    /// Named keys.
    Record {
        /// What findings call such a record.
        noun: fn() -> String,
        /// Its keys.
        keys: &'static [KeyInfo],
        /// The form of what is under one of them.
        field: fn(&str) -> Option<Form>,
    },
    /// Values by name.
    Map {
        /// The kind of resource that each describes, if it does.
        kind: Option<&'static str>,
        /// The form of each.
        of: fn() -> Form,
    },
    /// Values in order.
    List {
        /// The form of each.
        of: fn() -> Form,
    },
}

/// A value that is, or may stand, somewhere in a topology.
pub trait Part: Show {
    /// What such values have inside.
    fn form() -> Form
    where
        Self: Sized;

    /// What it has inside.
    fn view(&self) -> View<'_>;

    /// What it has inside, to change that.
    fn view_mut(&mut self) -> ViewMut<'_>;

    /// Takes another value instead. If that has anything wrong, reports it and stays as it was.
    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool;
}

/// What a value has inside.
pub enum View<'a> {
    /// Nothing: it is single, not there, or not known.
    Closed,
    /// Named keys.
    Record(&'a dyn Keyed),
    /// Values by name.
    Map(&'a dyn Named),
    /// Values in order.
    List(&'a dyn Listed),
}

/// What a value has inside, to change that.
pub enum ViewMut<'a> {
    /// Nothing: it is single, not there, or not known.
    Closed,
    /// Named keys.
    Record(&'a mut dyn Keyed),
    /// Values by name.
    Map(&'a mut dyn Named),
    /// Values in order.
    List(&'a mut dyn Listed),
}

/// What has named keys.
pub trait Keyed {
    /// What is under a key, or would be.
    fn field(&self, key: &str) -> Option<&dyn Part>;

    /// What is under a key, or would be, to change it.
    fn field_mut(&mut self, key: &str) -> Option<&mut dyn Part>;
}

/// What has values by name.
pub trait Named {
    /// The kind of resource that each describes, if it does.
    fn kind(&self) -> Option<&'static str>;

    /// All names.
    fn names(&self) -> Vec<&str>;

    /// The value of a name.
    fn value(&self, name: &str) -> Option<&dyn Part>;

    /// The value of a name, to change it.
    fn value_mut(&mut self, name: &str) -> Option<&mut dyn Part>;

    /// Adds a value, or reports what is wrong with it.
    fn add(&mut self, name: &Key, node: &Node, cx: &mut Decoder<'_>) -> bool;

    /// Removes the value of a name.
    fn remove(&mut self, name: &str);
}

/// What has values in order.
pub trait Listed {
    /// How many there are.
    fn count(&self) -> usize;

    /// The value at a position.
    fn item(&self, at: usize) -> Option<&dyn Part>;

    /// The value at a position, to change it.
    fn item_mut(&mut self, at: usize) -> Option<&mut dyn Part>;

    /// Adds values behind the last, all or none; reports what is wrong with them.
    fn extend(&mut self, nodes: &[Node], cx: &mut Decoder<'_>) -> bool;

    /// Removes the value at a position.
    fn remove(&mut self, at: usize);

    /// How a value would be shown if it were one of these; reports what is wrong with it.
    fn show_item(&self, node: &Node, showing: Showing<'_>, cx: &mut Decoder<'_>) -> Option<Shown>;
}

/// Decodes a value and puts it in place of another; that stays if there is anything wrong.
pub fn replace<T: Decode>(value: &mut T, node: &Node, cx: &mut Decoder<'_>) -> bool {
    let decoded = cx.whole(|cx| T::decode(node, cx));
    decoded.map(|decoded| *value = decoded).is_some()
}

/// Says of types that their values have nothing inside.
macro_rules! single {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::topology::record::Part for $type {
            fn form() -> $crate::topology::record::Form {
                $crate::topology::record::Form::Single
            }

            fn view(&self) -> $crate::topology::record::View<'_> {
                $crate::topology::record::View::Closed
            }

            fn view_mut(&mut self) -> $crate::topology::record::ViewMut<'_> {
                $crate::topology::record::ViewMut::Closed
            }

            fn put(
                &mut self,
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> bool {
                $crate::topology::record::replace(self, node, cx)
            }
        }
    )*};
}

pub(crate) use single;

single! {
    String, Arc<str>, bool, u8, u16, u32, u64, i32, i64, f64,
    IpAddr, Ipv4Addr, Ipv6Addr, IpNet, Ipv4Net, Ipv6Net,
}

impl<T: Part + Decode> Part for Spanned<T> {
    fn form() -> Form {
        T::form()
    }

    fn view(&self) -> View<'_> {
        self.value.view()
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        self.value.view_mut()
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Part for Field<T> {
    fn form() -> Form {
        T::form()
    }

    fn view(&self) -> View<'_> {
        self.known().map_or(View::Closed, Part::view)
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        match &mut self.value {
            FieldValue::Known(value) => value.view_mut(),
            FieldValue::Unknown(_) => ViewMut::Closed,
        }
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Part for Option<T> {
    fn form() -> Form {
        T::form()
    }

    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Closed, Part::view)
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        self.as_mut().map_or(ViewMut::Closed, Part::view_mut)
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Part for Box<T> {
    fn form() -> Form {
        T::form()
    }

    fn view(&self) -> View<'_> {
        (**self).view()
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        (**self).view_mut()
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Part for Vec<T> {
    fn form() -> Form {
        Form::List { of: T::form }
    }

    fn view(&self) -> View<'_> {
        View::List(self)
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut::List(self)
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Listed for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> Option<&dyn Part> {
        Some(self.get(at)?)
    }

    fn item_mut(&mut self, at: usize) -> Option<&mut dyn Part> {
        Some(self.get_mut(at)?)
    }

    fn extend(&mut self, nodes: &[Node], cx: &mut Decoder<'_>) -> bool {
        let first = self.len();
        let decoded: Option<Self> = cx.whole(|cx| {
            let nodes = nodes.iter().enumerate();
            let decode = |(at, node)| cx.item(first + at, |cx| T::decode(node, cx));
            // All are decoded before one that is wrong counts: all that is wrong is reported.
            nodes.map(decode).collect::<Vec<_>>().into_iter().collect()
        });
        decoded.map(|mut decoded| self.append(&mut decoded)).is_some()
    }

    fn remove(&mut self, at: usize) {
        if at < self.len() {
            Self::remove(self, at);
        }
    }

    fn show_item(&self, node: &Node, showing: Showing<'_>, cx: &mut Decoder<'_>) -> Option<Shown> {
        cx.whole(|cx| T::decode(node, cx))?.show_given(showing)
    }
}

impl<T: Part + Decode> Part for Map<T> {
    fn form() -> Form {
        Form::Map { kind: T::RESOURCE, of: T::form }
    }

    fn view(&self) -> View<'_> {
        View::Map(self)
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut::Map(self)
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Part + Decode> Named for Map<T> {
    fn kind(&self) -> Option<&'static str> {
        T::RESOURCE
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(|name| &**name).collect()
    }

    fn value(&self, name: &str) -> Option<&dyn Part> {
        Some(self.get(name)?)
    }

    fn value_mut(&mut self, name: &str) -> Option<&mut dyn Part> {
        Some(self.get_mut(name)?)
    }

    fn add(&mut self, name: &Key, node: &Node, cx: &mut Decoder<'_>) -> bool {
        let decoded = cx.whole(|cx| cx.named(name, T::RESOURCE, |cx| T::decode(node, cx)));
        decoded.map(|value| self.insert(Arc::clone(&name.text), name.span, value)).is_some()
    }

    fn remove(&mut self, name: &str) {
        Self::remove(self, name);
    }
}
