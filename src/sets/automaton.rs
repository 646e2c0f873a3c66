//! Deterministic automata over bytes, in a form that products can be walked in.
//!
//! `regex-automata` compiles the expression; its table is then copied into a smaller one that
//! also knows, for every state, whether acceptance and whether refusal can still be reached, so
//! that a product search stops where nothing can come of it.

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use rustc_hash::FxHashMap;

use super::pattern::PatternError;

/// The largest table that one expression may compile to, in bytes.
const SIZE_LIMIT: usize = 4 << 20;

/// A state can still reach acceptance.
const ACCEPTS: u8 = 1;
/// A state can still reach refusal.
const REFUSES: u8 = 2;

/// How an expression is read.
#[derive(Clone, Copy)]
pub(super) struct PatternReading {
    /// Characters are Unicode scalar values (else bytes).
    pub unicode: bool,
    /// The automaton reads values from their end.
    pub reverse: bool,
}

/// A complete deterministic automaton for whole values.
pub(super) struct Automaton {
    classes: Box<[u8; 256]>,
    stride: usize,
    next: Vec<u32>,
    start: u32,
    accept: Vec<bool>,
    hope: Vec<u8>,
    /// For each state the bytes that lead to a state from which acceptance can be reached.
    live: Vec<[u64; 4]>,
}

impl Automaton {
    /// Compiles an expression that must match the whole of `prepend` and the value without its
    /// leading `strip`.
    pub fn compile(
        regex: &str,
        reading: PatternReading,
        strip: &[u8],
        prepend: &[u8],
    ) -> Result<Self, PatternError> {
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(reading.unicode)
            .utf8(reading.unicode)
            .build()
            .parse(regex)
            .map_err(|error| PatternError::Syntax(error.to_string()))?;
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .reverse(reading.reverse)
                    .which_captures(thompson::WhichCaptures::None)
                    .nfa_size_limit(Some(SIZE_LIMIT)),
            )
            .build_from_hir(&hir)
            .map_err(|error| PatternError::from_nfa(&error))?;
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(StartKind::Anchored)
                    .match_kind(MatchKind::All)
                    .dfa_size_limit(Some(SIZE_LIMIT))
                    .determinize_size_limit(Some(SIZE_LIMIT)),
            )
            .build_from_nfa(&nfa)
            .map_err(|error| PatternError::from_dfa(&error))?;
        let (mut table, mut accept) = unroll(&dfa)?;
        let mut start = prepend.iter().fold(0, |state, byte| table[state][usize::from(*byte)]);
        if !strip.is_empty() {
            let dead = table.len();
            table.push(Box::new([dead; 256]));
            accept.push(false);
            for byte in strip.iter().rev() {
                let mut row = Box::new([dead; 256]);
                row[usize::from(*byte)] = start;
                start = table.len();
                table.push(row);
                accept.push(false);
            }
        }
        Ok(Self::shrink(&table, accept, start))
    }

    /// Merges hopeless states and bytes that no state tells apart.
    fn shrink(table: &[Box<[usize; 256]>], accept: Vec<bool>, start: usize) -> Self {
        let hope = hopes(table, &accept);
        let mut merged: Vec<usize> = (0..table.len()).collect();
        for sort in [ACCEPTS, REFUSES] {
            if let Some(first) = hope.iter().position(|hope| *hope == sort) {
                for (state, target) in merged.iter_mut().enumerate() {
                    if hope[state] == sort {
                        *target = first;
                    }
                }
            }
        }
        let mut classes = Box::new([0u8; 256]);
        let mut columns: FxHashMap<Vec<usize>, u8> = FxHashMap::default();
        let mut samples = Vec::new();
        for byte in 0..256 {
            let column: Vec<usize> = table.iter().map(|row| merged[row[byte]]).collect();
            let fresh = columns.len() as u8;
            classes[byte] = *columns.entry(column).or_insert_with(|| {
                samples.push(byte);
                fresh
            });
        }
        let stride = samples.len();
        let mut next = Vec::with_capacity(stride * table.len());
        let mut live = Vec::with_capacity(table.len());
        for row in table {
            next.extend(samples.iter().map(|byte| merged[row[*byte]] as u32));
            let mut bits = [0u64; 4];
            for byte in 0..256 {
                if hope[row[byte]] & ACCEPTS != 0 {
                    bits[byte / 64] |= 1 << (byte % 64);
                }
            }
            live.push(bits);
        }
        Self { classes, stride, next, start: merged[start] as u32, accept, hope, live }
    }

    /// The state before any byte.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The state after one more byte.
    pub fn next(&self, state: u32, byte: u8) -> u32 {
        self.next[state as usize * self.stride + usize::from(self.classes[usize::from(byte)])]
    }

    /// Bytes of one class lead to the same state from every state.
    pub fn class(&self, byte: u8) -> u8 {
        self.classes[usize::from(byte)]
    }

    /// Whether a value that ends in this state is accepted.
    pub fn accepts(&self, state: u32) -> bool {
        self.accept[state as usize]
    }

    /// Whether some continuation from this state ends with the given outcome.
    pub fn can_reach(&self, state: u32, accepted: bool) -> bool {
        self.hope[state as usize] & (if accepted { ACCEPTS } else { REFUSES }) != 0
    }

    /// Whether the whole value, given in reading order, is accepted.
    pub fn matches(&self, value: &[u8]) -> bool {
        self.accepts(value.iter().fold(self.start, |state, byte| self.next(state, *byte)))
    }

    /// Whether some byte in `from..until` keeps acceptance in reach.
    pub fn live_between(&self, state: u32, from: usize, until: usize) -> bool {
        if from >= until {
            return false;
        }
        let bits = &self.live[state as usize];
        (from / 64..=(until - 1) / 64).any(|word| {
            let mut mask = u64::MAX;
            if word == from / 64 {
                mask &= u64::MAX << (from % 64);
            }
            if word == (until - 1) / 64 {
                mask &= u64::MAX >> (63 - (until - 1) % 64);
            }
            bits[word] & mask != 0
        })
    }
}

/// Copies the reachable part of a table; state 0 is the start.
type TransitionTable = Vec<Box<[usize; 256]>>;

fn unroll(dfa: &dense::DFA<Vec<u32>>) -> Result<(TransitionTable, Vec<bool>), PatternError> {
    let config = start::Config::new().anchored(Anchored::Yes);
    let start = dfa
        .start_state(&config)
        .map_err(|error| PatternError::Syntax(format!("no start state: {error}")))?;
    let mut states = vec![start];
    let mut numbers = FxHashMap::default();
    numbers.insert(start, 0);
    let (mut table, mut accept) = (Vec::new(), Vec::new());
    while let Some(state) = states.get(table.len()).copied() {
        let mut row = Box::new([0; 256]);
        for byte in 0..=255u8 {
            let target = dfa.next_state(state, byte);
            let fresh = states.len();
            row[usize::from(byte)] = *numbers.entry(target).or_insert_with(|| {
                states.push(target);
                fresh
            });
        }
        table.push(row);
        accept.push(dfa.is_match_state(dfa.next_eoi_state(state)));
    }
    Ok((table, accept))
}

/// What each state can still come to.
fn hopes(table: &[Box<[usize; 256]>], accept: &[bool]) -> Vec<u8> {
    let mut sources: Vec<Vec<usize>> = vec![Vec::new(); table.len()];
    for (state, row) in table.iter().enumerate() {
        for target in row.iter() {
            if sources[*target].last() != Some(&state) {
                sources[*target].push(state);
            }
        }
    }
    let mut hope = vec![0u8; table.len()];
    for sort in [ACCEPTS, REFUSES] {
        let mut open: Vec<usize> =
            (0..table.len()).filter(|state| accept[*state] == (sort == ACCEPTS)).collect();
        while let Some(state) = open.pop() {
            if hope[state] & sort == 0 {
                hope[state] |= sort;
                open.extend(&sources[state]);
            }
        }
    }
    hope
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automaton(regex: &str, reverse: bool, strip: &str, prepend: &str) -> Automaton {
        let reading = PatternReading { unicode: false, reverse };
        Automaton::compile(regex, reading, strip.as_bytes(), prepend.as_bytes()).unwrap()
    }

    #[test]
    fn matches_whole_values_only() {
        let abc = automaton("ab|abc", false, "", "");
        assert!(abc.matches(b"ab") && abc.matches(b"abc"));
        assert!(!abc.matches(b"a") && !abc.matches(b"abcd") && !abc.matches(b"xab"));
        let anchored = automaton("^/v[0-9]+$", false, "", "");
        assert!(anchored.matches(b"/v12") && !anchored.matches(b"/v12/"));
    }

    #[test]
    fn reads_from_the_end() {
        let host = automaton("^[a-z]+-x\\.example$", true, "", "");
        assert!(host.matches(b"elpmaxe.x-ba"));
        assert!(!host.matches(b"ab-x.example"));
    }

    #[test]
    fn strips_and_prepends() {
        let path = automaton("/new/[a-z]+", false, "/old/", "/new/");
        assert!(path.matches(b"/old/a"));
        assert!(!path.matches(b"/old/") && !path.matches(b"/new/a") && !path.matches(b"/ol"));
    }

    #[test]
    fn knows_what_can_still_be_reached() {
        let any = automaton("(?s:.*)", false, "", "");
        assert!(any.can_reach(any.start(), true) && !any.can_reach(any.start(), false));
        let a = automaton("a", false, "", "");
        let dead = a.next(a.start(), b'b');
        assert!(!a.can_reach(dead, true));
        assert!(a.live_between(a.start(), 0, 256) && !a.live_between(a.start(), 98, 256));
        assert!(a.live_between(a.start(), 97, 98) && !a.live_between(a.start(), 0, 97));
    }

    #[test]
    fn refuses_what_is_too_large() {
        let reading = PatternReading { unicode: false, reverse: false };
        let result = Automaton::compile("[ab]*a[ab]{24}", reading, b"", b"");
        assert!(matches!(result, Err(PatternError::TooLarge)));
    }
}
