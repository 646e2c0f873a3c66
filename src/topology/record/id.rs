//! Which entry of a map something is about, and tables of them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use super::Map;

/// An entry of a [`Map`], by its place in it. A map whose entries are not removed has every entry
/// whose id it gave out.
pub struct Id<T> {
    at: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The entry at a place; the caller knows that there is one.
    pub(crate) fn at(at: usize) -> Self {
        Id { at: at as u32, of: PhantomData }
    }

    /// The place of the entry in its map.
    pub fn index(self) -> usize {
        self.at as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.at)
    }
}

/// A value for each entry of a [`Map`].
#[derive(Debug, Clone)]
pub struct ById<T, V> {
    values: Vec<V>,
    of: PhantomData<fn() -> T>,
}

impl<T, V> ById<T, V> {
    /// What `value` says of each entry.
    pub fn new(map: &Map<T>, value: impl FnMut(Id<T>) -> V) -> Self {
        ById { values: map.ids().map(value).collect(), of: PhantomData }
    }

    /// The values of all entries.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.values.iter()
    }

    /// Each entry with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Id<T>, &V)> {
        self.values.iter().enumerate().map(|(at, value)| (Id::at(at), value))
    }
}

impl<T, V> Default for ById<T, V> {
    fn default() -> Self {
        ById { values: Vec::new(), of: PhantomData }
    }
}

impl<T, V> Index<Id<T>> for ById<T, V> {
    type Output = V;

    fn index(&self, id: Id<T>) -> &V {
        &self.values[id.index()]
    }
}

impl<T, V> IndexMut<Id<T>> for ById<T, V> {
    fn index_mut(&mut self, id: Id<T>) -> &mut V {
        &mut self.values[id.index()]
    }
}
