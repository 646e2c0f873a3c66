//! The partition of a text axis: declared strings and prefixes cut the ordered strings into
//! intervals, of which those that hold a valid value are the atoms.

use super::automaton::Automaton;
use super::search;

/// The direction in which values are ordered, and so what is an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By their bytes: what starts alike lies together (paths).
    Forward,
    /// By their bytes from the end: what ends alike lies together (host names).
    Reverse,
}

impl Order {
    /// The bytes by which a value is ordered.
    pub(super) fn key(self, value: &str) -> Vec<u8> {
        let mut key = value.as_bytes().to_vec();
        self.turn(&mut key);
        key
    }

    /// The value that is ordered by the bytes.
    pub(super) fn value(self, key: &[u8]) -> String {
        let mut bytes = key.to_vec();
        self.turn(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn turn(self, bytes: &mut [u8]) {
        if self == Self::Reverse {
            bytes.reverse();
        }
    }
}

/// The least string greater than every string with the prefix, if there is one.
pub(super) fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = prefix[..=kept].to_vec();
    next[kept] += 1;
    Some(next)
}

/// Byte strings laid end to end.
#[derive(Default)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Strings {
    pub fn push(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.ends.push(self.bytes.len() as u32);
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    /// The first index for which the string does not satisfy the predicate.
    fn partition_point(&self, keep: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if keep(self.get(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn sorted(self) -> Self {
        let mut order: Vec<&[u8]> = (0..self.len()).map(|index| self.get(index)).collect();
        order.sort_unstable();
        order.dedup();
        let mut sorted = Self::default();
        sorted.bytes.reserve(self.bytes.len());
        sorted.ends.reserve(order.len());
        for string in order {
            sorted.push(&[string]);
        }
        sorted
    }
}

/// The partition of a text axis.
pub(super) struct TextPartition {
    pub order: Order,
    pub optional: bool,
    pub alphabet: Automaton,
    /// All bounds, sorted, the empty string first.
    cuts: Strings,
    /// For each cut, and beyond the last, the number of atoms before it.
    before: Vec<u32>,
    /// For each atom with text its first cut.
    starts: Vec<u32>,
}

impl TextPartition {
    pub fn new(order: Order, optional: bool, alphabet: Automaton, mut cuts: Strings) -> Self {
        cuts.push(&[]);
        let cuts = cuts.sorted();
        let mut text = Self { order, optional, alphabet, cuts, before: vec![], starts: vec![] };
        for cut in 0..text.cuts.len() {
            text.before.push(text.atoms());
            if search::inhabited(&text.alphabet, text.cuts.get(cut), text.cut(cut + 1)) {
                text.starts.push(cut as u32);
            }
        }
        text.before.push(text.atoms());
        text
    }

    /// The number of atoms, of which the first is "absent" if the axis is optional.
    pub fn atoms(&self) -> u32 {
        u32::from(self.optional) + self.starts.len() as u32
    }

    fn cut(&self, cut: usize) -> Option<&[u8]> {
        (cut < self.cuts.len()).then(|| self.cuts.get(cut))
    }

    fn index(&self, key: &[u8]) -> Option<usize> {
        let index = self.cuts.partition_point(|cut| cut < key);
        (self.cut(index)? == key).then_some(index)
    }

    /// The atoms that hold just this value: one, or none if the value is not valid. Nothing if it
    /// was not declared.
    pub fn exact(&self, key: &[u8]) -> Option<(u32, u32)> {
        let index = self.index(key)?;
        let (last, rest) = self.cut(index + 1)?.split_last()?;
        (*last == 0 && rest == key).then(|| (self.before[index], self.before[index + 1]))
    }

    /// The atoms that hold what starts so, in reading order. Nothing if it was not declared.
    pub fn prefix(&self, key: &[u8]) -> Option<(u32, u32)> {
        let index = self.index(key)?;
        let end = match successor(key) {
            Some(end) => self.index(&end)?,
            None => self.cuts.len(),
        };
        Some((self.before[index], self.before[end]))
    }

    /// The atom that holds a value.
    pub fn atom_of(&self, key: &[u8]) -> u32 {
        let cut = self.cuts.partition_point(|cut| cut <= key);
        self.before[cut].saturating_sub(1).max(u32::from(self.optional))
    }

    /// Whether an atom is "absent".
    pub fn is_absent(&self, atom: u32) -> bool {
        self.optional && atom == 0
    }

    fn first_cut(&self, atom: u32) -> Option<usize> {
        self.starts.get((atom - u32::from(self.optional)) as usize).map(|cut| *cut as usize)
    }

    /// The strings from and until which a run of atoms (none of them "absent") reaches.
    pub fn interval(&self, from: u32, until: u32) -> (&[u8], Option<&[u8]>) {
        let start = self.first_cut(from).map_or(&[][..], |cut| self.cuts.get(cut));
        (start, self.first_cut(until).map(|cut| self.cuts.get(cut)))
    }

    /// The only string that an atom was cut out for, if it is such.
    pub fn point(&self, atom: u32) -> Option<&[u8]> {
        if self.is_absent(atom) {
            return None;
        }
        let cut = self.first_cut(atom)?;
        let (last, rest) = self.cut(cut + 1)?.split_last()?;
        (*last == 0 && rest == self.cuts.get(cut)).then_some(rest)
    }

    /// The declared prefixes with which all of an atom (not "absent") begins, the longest first,
    /// each with the atoms from and until which it reaches.
    pub fn around(&self, atom: u32) -> impl Iterator<Item = (&[u8], u32, u32)> {
        let key = self.first_cut(atom).map_or(&[][..], |cut| self.cuts.get(cut));
        (0..=key.len()).rev().filter_map(move |length| {
            let prefix = &key[..length];
            let (from, until) = self.prefix(prefix)?;
            (from <= atom && atom < until).then_some((prefix, from, until))
        })
    }

    /// The longest declared prefix, or string, that begins a run of atoms and does not leave it;
    /// with the atom after it.
    pub fn leading(&self, from: u32, until: u32) -> Option<(Leading<'_>, u32)> {
        let first = self.first_cut(from)?;
        let end = self.before.partition_point(|before| *before <= until) - 1;
        // Cuts before the first atom's own, back to the atom before, bound the same values.
        let earliest = self.before.partition_point(|before| *before < from);
        for cut in earliest..=first {
            let key = self.cuts.get(cut);
            let next = match successor(key) {
                None => self.cuts.len(),
                Some(next) => match self.index(&next) {
                    Some(next) => next,
                    None => continue,
                },
            };
            if next <= end && self.before[next] > from {
                return Some((Leading::Prefix(key), self.before[next]));
            }
        }
        self.point(from).map(|key| (Leading::Exact(key), from + 1))
    }
}

/// What a run of atoms begins with.
pub(super) enum Leading<'a> {
    Exact(&'a [u8]),
    Prefix(&'a [u8]),
}

#[cfg(test)]
mod tests {
    use super::super::automaton::PatternReading;
    use super::*;

    fn text(order: Order, alphabet: &str, exact: &[&str], prefixes: &[&str]) -> TextPartition {
        let reading = PatternReading { unicode: true, reverse: order == Order::Reverse };
        let automaton = Automaton::compile(alphabet, reading, b"", b"").unwrap();
        let mut cuts = Strings::default();
        for value in exact {
            cuts.push(&[&order.key(value)]);
            cuts.push(&[&order.key(value), &[0]]);
        }
        for prefix in prefixes {
            cuts.push(&[&order.key(prefix)]);
            cuts.push(&[&successor(&order.key(prefix)).unwrap()]);
        }
        TextPartition::new(order, false, automaton, cuts)
    }

    #[test]
    fn atoms_without_a_valid_value_are_merged_away() {
        let text = text(Order::Forward, "/[a-z]*", &["/", "/a", "x"], &["/a"]);
        // `/`, `/a`, what else starts with `/a`, and the rest; nothing lies between `/` and `/a`.
        assert_eq!(text.atoms(), 4);
        assert_eq!(text.exact(b"/"), Some((0, 1)));
        assert_eq!(text.exact(b"/a"), Some((1, 2)));
        assert_eq!(text.prefix(b"/a"), Some((1, 3)));
        assert_eq!(text.exact(b"x"), Some((4, 4)));
        assert_eq!(text.exact(b"/b"), None);
        assert_eq!(text.atom_of(b"/abc"), 2);
        assert_eq!(text.atom_of(b"/b"), 3);
    }

    #[test]
    fn suffixes_are_intervals_of_the_reverse_order() {
        let text = text(Order::Reverse, "[a-z.]+", &["www.example"], &[".example"]);
        let (from, until) = text.prefix(b"elpmaxe.").unwrap();
        let www = text.exact(b"elpmaxe.www").unwrap();
        assert!(from < www.0 && www.1 < until);
        assert_eq!(text.atom_of(b"elpmaxe.www"), www.0);
    }

    #[test]
    fn successors() {
        assert_eq!(successor(b"/a"), Some(b"/b".to_vec()));
        assert_eq!(successor(&[b'a', 255]), Some(b"b".to_vec()));
        assert_eq!(successor(b""), None);
    }
}
