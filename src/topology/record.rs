//! One declaration for a part of a topology file: the struct, its decoder and its JSON Schema.
//!
//! `record!` declares a map with named keys, `keyword!` a choice of words. From the declaration
//! come the type, [`Decode`], [`Show`], [`schemars::JsonSchema`] and the list of keys for the reference page,
//! so that these cannot drift apart.
//!
//! ```ignore
//! record! {
//!     /// One Cloud Run service.
//!     pub struct Service: resource "service" {
//!         /// The project it is deployed in.
//!         pub project: Option<Spanned<String>>,
//!         /// The region it runs in.
//!         pub region: Field<String>,
//!         /// Where requests may come from.
//!         pub ingress: Option<Field<Ingress>> = Ingress::All,
//!         /// Who may invoke it.
//!         pub invokers: Vec<Field<String>>,
//!         /// What kind of service it is.
//!         pub kind: Option<Spanned<String>> as "type",
//!     }
//! }
//!
//! keyword! {
//!     /// Where requests may come from.
//!     pub enum Ingress: called "ingress setting" {
//!         /// From everywhere.
//!         All = "all" | "INGRESS_TRAFFIC_ALL",
//!         /// From inside only.
//!         Internal = "internal",
//!     }
//! }
//! ```
//!
//! Decoding does not stop at the first thing that is wrong. What cannot be decoded is reported and
//! left out: a list item, the entry of a map, a key that may be absent; only what a record cannot be
//! without takes the record along. So a decoded value stands for what was written only if no errors
//! were found.
//!
//! A type that has several written forms implements [`Decode`] by hand, with the help of what
//! [`Decoder`] offers.

mod declare;
mod decoder;
mod default;
mod id;
mod map;
mod part;
mod scalar;
mod schema;
mod show;
#[cfg(test)]
mod tests;
mod value;

use schemars::{Schema, SchemaGenerator};

use crate::source::Span;
use crate::source::tree::Node;

pub use self::declare::{key_name, noun};
pub(crate) use self::declare::{keyword, record};
pub use self::decoder::Decoder;
pub use self::default::{Default, Defaulted, Setting};
pub use self::id::{ById, Id};
pub use self::map::{Map, MapEntry};
pub(crate) use self::part::single;
pub use self::part::{Form, Keyed, Listed, Named, Part, View, ViewMut, replace};
pub use self::schema::{keyword_schema, record_schema, reference_schema};
pub use self::show::{Entries, Show, Showing, Shown, ShownEntry, ValueSource, shorten};
pub use self::value::{Field, FieldValue, Spanned, Unknown, each, every};

/// What can be decoded from a value of a topology file.
pub trait Decode: Sized {
    /// Whether the key that holds such a value must be given.
    const REQUIRED: bool = true;

    /// The kind of the resource that this describes, if it is one; findings name it.
    const RESOURCE: Option<&'static str> = None;

    /// Decodes a value, or reports what is wrong with it.
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self>;

    /// The value for a key that is not given; reports it if it must be.
    ///
    /// `place` is what stands for the record that lacks it.
    fn absent(key: &str, place: Span, cx: &mut Decoder<'_>) -> Option<Self> {
        cx.missing(key, place);
        None
    }

    /// The JSON Schema of what can be written.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// Free labels of a resource, for selectors.
pub type Labels = Map<Spanned<String>>;

/// What `record!` declares.
pub trait Record {
    /// What findings call it.
    fn called() -> String;

    /// Its labels, if it has that key.
    fn labels(&self) -> Option<&Labels>;
}

/// A key of a record, for the reference page.
#[derive(Clone, Copy, Debug)]
pub struct KeyInfo {
    /// The key as it is written.
    pub name: &'static str,
    /// What it means, line by line.
    pub doc: &'static [&'static str],
    /// Whether it must be given.
    pub required: bool,
    /// What holds if it is not, where that is the same for every such record.
    pub default: Option<Default>,
}

impl KeyInfo {
    /// What it means, as one text, and what holds if it is not given.
    pub fn description(&self) -> String {
        let doc = schema::prose(self.doc);
        match self.default.and_then(|default| default.text()) {
            Some(default) => format!("{doc} {default}"),
            None => doc,
        }
    }
}
