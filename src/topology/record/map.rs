//! Values by name, in the order in which they are written.

use std::ops::Index;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::source::Span;
use crate::source::tree::Node;
use crate::topology::record::{Decode, Decoder, Id};

/// A value of a [`Map`], with the place of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapEntry<T> {
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: T,
}

/// Values by name, in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<T> {
    entries: IndexMap<Arc<str>, MapEntry<T>, FxBuildHasher>,
}

impl<T> Map<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self { entries: IndexMap::default() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value under a name.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// The value under a name, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// The value under a name with the place of the name.
    pub fn entry(&self, key: &str) -> Option<&MapEntry<T>> {
        self.entries.get(key)
    }

    /// The id of what is under a name.
    pub fn id_of(&self, key: &str) -> Option<Id<T>> {
        self.entries.get_index_of(key).map(Id::at)
    }

    /// The name and the entry behind an id.
    pub fn at(&self, id: Id<T>) -> (&Arc<str>, &MapEntry<T>) {
        match self.entries.get_index(id.index()) {
            Some(found) => found,
            None => panic!("{id:?} is of another map"),
        }
    }

    /// The name behind an id.
    pub fn key(&self, id: Id<T>) -> &str {
        self.at(id).0
    }

    /// The ids of all entries.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<T>> + Clone + use<T> {
        (0..self.len()).map(Id::at)
    }

    /// All values with their ids.
    pub fn with_ids(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.ids().zip(self.values())
    }

    /// The first name and entry.
    pub fn first(&self) -> Option<(&Arc<str>, &MapEntry<T>)> {
        self.entries.first()
    }

    /// Whether there is such a name.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Puts a value under a name, and returns what was there.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, key_span: Span, value: T) -> Option<T> {
        self.entries.insert(key.into(), MapEntry { key_span, value }).map(|entry| entry.value)
    }

    /// Removes what is under a name; the order of the rest stays.
    pub fn remove(&mut self, key: &str) -> Option<T> {
        self.entries.shift_remove(key).map(|entry| entry.value)
    }

    /// All names with their entries.
    pub fn iter(&self) -> indexmap::map::Iter<'_, Arc<str>, MapEntry<T>> {
        self.entries.iter()
    }

    /// All names with their entries, to change them.
    pub fn iter_mut(&mut self) -> indexmap::map::IterMut<'_, Arc<str>, MapEntry<T>> {
        self.entries.iter_mut()
    }

    /// All names.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.keys()
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|entry| &entry.value)
    }
}

impl<T> Index<Id<T>> for Map<T> {
    type Output = T;

    fn index(&self, id: Id<T>) -> &T {
        &self.at(id).1.value
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FromIterator<(Arc<str>, MapEntry<T>)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, MapEntry<T>)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (Arc<str>, MapEntry<T>);
    type IntoIter = indexmap::map::IntoIter<Arc<str>, MapEntry<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Map<T> {
    type Item = (&'a Arc<str>, &'a MapEntry<T>);
    type IntoIter = indexmap::map::Iter<'a, Arc<str>, MapEntry<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Absent or empty is no entries.
impl<T: Decode> Decode for Map<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let entries = cx.map(node)?;
        let mut map = Self::new();
        map.entries.reserve(entries.len());
        for (key, node) in entries {
            if let Some(value) = cx.named(key, T::RESOURCE, |cx| T::decode(node, cx)) {
                map.insert(Arc::clone(&key.text), key.span, value);
            }
        }
        Some(map)
    }

    fn absent(_: &str, _: Span, _: &mut Decoder<'_>) -> Option<Self> {
        Some(Self::new())
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let value = T::schema(generator);
        json_schema!({"type": ["object", "null"], "additionalProperties": value})
    }
}
