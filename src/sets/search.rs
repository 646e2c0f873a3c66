//! A string in an interval that satisfies several automata, found by walking their product.

use rustc_hash::FxHashSet;

use super::automaton::Automaton;

/// The bound of an interval is no longer in sight.
const FREE: u32 = u32::MAX;

/// Bytes from the most to the least readable.
const READABLE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789/-._ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What a string must satisfy.
pub(super) struct Wanted<'a> {
    /// The language of valid values.
    pub alphabet: &'a Automaton,
    /// Automata with the outcome that each must have.
    pub literals: Vec<(&'a Automaton, bool)>,
    /// The least string admitted.
    pub from: &'a [u8],
    /// The least string beyond, if there is an end.
    pub until: Option<&'a [u8]>,
}

/// Whether an interval holds a string that the automaton accepts.
///
/// Linear in the two bounds: only strings that follow a bound need following, any other is decided
/// by whether acceptance can be reached at all.
pub(super) fn inhabited(alphabet: &Automaton, from: &[u8], until: Option<&[u8]>) -> bool {
    let common =
        until.map_or(0, |until| from.iter().zip(until).take_while(|(a, b)| a == b).count());
    let limit = |depth: usize| match until {
        Some(until) if depth <= common => usize::from(until[depth]),
        _ => 256,
    };
    let mut state = alphabet.start();
    let mut fork = state;
    let mut alive = true;
    for (depth, byte) in from.iter().enumerate() {
        if depth == common {
            fork = state;
        }
        if alphabet.live_between(state, usize::from(*byte) + 1, limit(depth)) {
            return true;
        }
        state = alphabet.next(state, *byte);
        if !alphabet.can_reach(state, true) {
            alive = false;
            if depth < common {
                return false;
            }
            break;
        }
    }
    if alive {
        if alphabet.accepts(state) || alphabet.live_between(state, 0, limit(from.len())) {
            return true;
        }
        if common == from.len() {
            fork = state;
        }
    }
    let Some(until) = until else { return false };
    let mut state = alphabet.next(fork, until[common]);
    for byte in &until[common + 1..] {
        if alphabet.accepts(state) || alphabet.live_between(state, 0, usize::from(*byte)) {
            return true;
        }
        state = alphabet.next(state, *byte);
    }
    false
}

/// A short and readable string with everything wanted, if there is one. The lower bound itself is
/// preferred, then the shortest.
pub(super) fn find(wanted: &Wanted<'_>) -> Option<Vec<u8>> {
    if wanted.until.is_none_or(|until| wanted.from < until)
        && wanted.alphabet.matches(wanted.from)
        && wanted.literals.iter().all(|(automaton, truth)| automaton.matches(wanted.from) == *truth)
    {
        return Some(wanted.from.to_vec());
    }
    let bytes = representatives(wanted);
    let width = wanted.literals.len() + 3;
    let mut states: Vec<u32> = Vec::with_capacity(width * 16);
    states.push(wanted.alphabet.start());
    states.extend(wanted.literals.iter().map(|(automaton, _)| automaton.start()));
    states.push(0);
    states.push(if wanted.until.is_some() { 0 } else { FREE });
    if wanted.until.is_some_and(<[u8]>::is_empty) {
        return None;
    }
    let mut seen: FxHashSet<Box<[u32]>> = FxHashSet::default();
    seen.insert(states.as_slice().into());
    // For each product state the one before it and the byte between.
    let mut trail: Vec<(usize, u8)> = vec![(0, 0)];
    let mut target = Vec::with_capacity(width);
    let mut current = 0;
    while current < trail.len() {
        for byte in &bytes {
            let state = &states[current * width..(current + 1) * width];
            if !wanted.step(state, *byte, &mut target) || seen.contains(target.as_slice()) {
                continue;
            }
            trail.push((current, *byte));
            if wanted.accepts(&target) {
                return Some(spell(&trail));
            }
            seen.insert(target.as_slice().into());
            states.extend_from_slice(&target);
        }
        current += 1;
    }
    None
}

impl Wanted<'_> {
    /// Moves on by a byte; false where nothing wanted can follow.
    fn step(&self, state: &[u32], byte: u8, target: &mut Vec<u32>) -> bool {
        target.clear();
        let valid = self.alphabet.next(state[0], byte);
        if !self.alphabet.can_reach(valid, true) {
            return false;
        }
        target.push(valid);
        for ((automaton, truth), state) in self.literals.iter().zip(&state[1..]) {
            let next = automaton.next(*state, byte);
            if !automaton.can_reach(next, *truth) {
                return false;
            }
            target.push(next);
        }
        let bounds = &state[state.len() - 2..];
        let lower = match self.from.get(bounds[0] as usize) {
            Some(bound) if byte < *bound => return false,
            Some(bound) if byte == *bound => bounds[0] + 1,
            _ => FREE,
        };
        let upper = match self.until.and_then(|until| until.get(bounds[1] as usize)) {
            Some(bound) if byte > *bound => return false,
            Some(bound) if byte == *bound => bounds[1] + 1,
            _ => FREE,
        };
        if upper != FREE && self.until.is_some_and(|until| until.len() == upper as usize) {
            return false;
        }
        target.push(lower);
        target.push(upper);
        true
    }

    fn accepts(&self, state: &[u32]) -> bool {
        let lower = state[state.len() - 2];
        (lower == FREE || lower as usize == self.from.len())
            && self.alphabet.accepts(state[0])
            && self
                .literals
                .iter()
                .zip(&state[1..])
                .all(|((automaton, truth), state)| automaton.accepts(*state) == *truth)
    }
}

/// One byte, the most readable, of each class that something wanted tells apart.
fn representatives(wanted: &Wanted<'_>) -> Vec<u8> {
    let mut bound = [false; 256];
    for byte in wanted.from.iter().chain(wanted.until.unwrap_or_default()) {
        bound[usize::from(*byte)] = true;
    }
    // Between two bounding bytes the order of a byte to a bound stays the same.
    let mut group = [0u32; 256];
    let mut gap = 0;
    for byte in 0..256 {
        gap += u32::from(bound[byte] || (byte > 0 && bound[byte - 1]));
        group[byte] = gap;
    }
    let automata = std::iter::once(wanted.alphabet).chain(wanted.literals.iter().map(|it| it.0));
    for automaton in automata {
        let mut fresh = rustc_hash::FxHashMap::default();
        for byte in 0..=255u8 {
            let key = (group[usize::from(byte)], automaton.class(byte));
            let number = fresh.len() as u32;
            group[usize::from(byte)] = *fresh.entry(key).or_insert(number);
        }
    }
    let mut taken = FxHashSet::default();
    let others = (0..=255u8).filter(|byte| byte.is_ascii_graphic());
    READABLE
        .iter()
        .copied()
        .chain(others)
        .chain(0..=255)
        .filter(|byte| taken.insert(group[usize::from(*byte)]))
        .collect()
}

fn spell(trail: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut at = trail.len() - 1;
    while at != 0 {
        bytes.push(trail[at].1);
        at = trail[at].0;
    }
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::automaton::PatternReading;
    use super::*;
    use proptest::prelude::*;

    fn automaton(regex: &str) -> Automaton {
        Automaton::compile(regex, PatternReading { unicode: false, reverse: false }, b"", b"")
            .unwrap()
    }

    fn first(alphabet: &str, literals: &[(&str, bool)], from: &str, until: &str) -> Option<String> {
        let automata: Vec<_> = literals.iter().map(|(regex, _)| automaton(regex)).collect();
        let wanted = Wanted {
            alphabet: &automaton(alphabet),
            literals: automata.iter().zip(literals).map(|(a, (_, truth))| (a, *truth)).collect(),
            from: from.as_bytes(),
            until: (!until.is_empty()).then_some(until.as_bytes()),
        };
        find(&wanted).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn finds_the_shortest() {
        assert_eq!(first("/[a-z/]*", &[], "", ""), Some("/".into()));
        assert_eq!(first("/[a-z/]*", &[], "/a/", "/a0"), Some("/a/".into()));
        assert_eq!(first("/[a-z/]*", &[("/", false)], "", ""), Some("/a".into()));
        assert_eq!(
            first("/[a-z/]*", &[(".*b.*", true), (".*c", true)], "", ""),
            Some("/bc".into())
        );
        assert_eq!(first("/[a-z/]*", &[("/b.*", true)], "/a/", "/a0"), None);
        assert_eq!(first("[ab]*", &[(".*", false)], "", ""), None);
    }

    proptest! {
        #[test]
        fn an_interval_is_inhabited_iff_a_string_is_found(a in "[abc]{0,4}", b in "[abc]{0,4}",
                                                          which in 0..5usize) {
            let alphabet = ["[ab]*", "a+b", "", "(ab|c)*", "b(a|cc)?"][which];
            let (from, until) = if a < b { (a, b) } else { (b, a) };
            let until = (from != until).then_some(until);
            let automaton = automaton(alphabet);
            let end = until.as_deref().unwrap_or_default();
            let found = first(alphabet, &[], &from, end);
            prop_assert_eq!(
                inhabited(&automaton, from.as_bytes(), until.as_deref().map(str::as_bytes)),
                found.is_some()
            );
            if let Some(found) = found {
                prop_assert!(found >= from && until.is_none_or(|until| found < until));
                prop_assert!(automaton.matches(found.as_bytes()));
            }
        }
    }
}
