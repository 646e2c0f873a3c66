//! The sections of a topology: what holds for resources of every kind.

use std::fmt;
use std::sync::Arc;

use super::record::{Decode, Labels, Map, Record};
use crate::source::Span;

/// A section of a topology: the resources of one kind, by id.
#[derive(Clone, Copy)]
pub struct Section<'t> {
    /// Its key, such as `services`.
    pub key: &'static str,
    /// The kind of its resources, such as `service`.
    pub kind: &'static str,
    resources: &'t dyn Resources,
}

impl<'t> Section<'t> {
    /// The section under a key.
    pub(super) fn new<T: Decode + Record>(key: &'static str, map: &'t Map<T>) -> Self {
        Self { key, kind: kind::<T>(), resources: map }
    }

    /// How many resources it has.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of its resources, in the order in which they are written.
    pub fn ids(self) -> impl Iterator<Item = &'t Arc<str>> {
        self.resources.ids()
    }

    /// The labels of a resource, if it is there and its kind has labels.
    pub fn labels(self, id: &str) -> Option<&'t Labels> {
        self.resources.labels(id)
    }

    /// What findings call one of its resources, such as `load balancer`.
    pub fn noun(&self) -> String {
        self.resources.noun()
    }
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids().map(|id| format!("{}/{id}", self.kind))).finish()
    }
}

/// What a map tells of its resources, whatever their kind.
trait Resources {
    fn len(&self) -> usize;
    fn ids(&self) -> Box<dyn Iterator<Item = &Arc<str>> + '_>;
    fn labels(&self, id: &str) -> Option<&Labels>;
    fn noun(&self) -> String;
}

impl<T: Record> Resources for Map<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn ids(&self) -> Box<dyn Iterator<Item = &Arc<str>> + '_> {
        Box::new(self.keys())
    }

    fn labels(&self, id: &str) -> Option<&Labels> {
        self.get(id)?.labels()
    }

    fn noun(&self) -> String {
        T::called()
    }
}

/// The kind of the resources of a section.
fn kind<T: Decode>() -> &'static str {
    const { T::RESOURCE.expect("a section is of resources") }
}

/// A resource that two topologies declare.
#[derive(Debug)]
pub struct Twice {
    /// Its kind and id, `service/web`.
    pub resource: String,
    /// Where the one that stays is declared.
    pub first: Span,
    /// Where the other is.
    pub second: Span,
}

/// Moves the resources of one section into another that has none of their ids.
pub(super) fn join<T: Decode>(into: &mut Map<T>, other: &mut Map<T>, twice: &mut dyn FnMut(Twice)) {
    for (id, entry) in std::mem::take(other) {
        if let Some(first) = into.entry(&id) {
            let resource = format!("{}/{id}", kind::<T>());
            twice(Twice { resource, first: first.key_span, second: entry.key_span });
        } else {
            into.insert(id, entry.key_span, entry.value);
        }
    }
}
