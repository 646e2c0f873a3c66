//! Patterns, searched by following the nondeterministic automaton.
//!
//! The other engine makes patterns deterministic. That this one does not keeps the two apart, so
//! that their agreement means something, and no pattern can blow up here.

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;

/// The largest automaton, in bytes; RE2 refuses such patterns long before.
const SIZE_LIMIT: usize = 16 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct CompiledPattern {
    /// `None` if the pattern cannot be read, which matches nothing.
    nfa: Option<NFA>,
}

impl CompiledPattern {
    /// Compiles an RE2 pattern. Texts are bytes, and only ASCII letters have case; a pattern that
    /// only makes sense of characters (`\pL`, `[é]`) is read as one of characters.
    pub fn new(pattern: &str, ignore_case: bool) -> Self {
        let compile = |unicode: bool| {
            let config = Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(SIZE_LIMIT));
            let reading =
                syntax::Config::new().unicode(unicode).utf8(false).case_insensitive(ignore_case);
            let nfa = Compiler::new().configure(config).syntax(reading).build(pattern).ok()?;
            // Word boundaries between characters would need tables that are not built in.
            nfa.look_set_any().available().ok()?;
            Some(nfa)
        };
        CompiledPattern { nfa: compile(false).or_else(|| compile(true)) }
    }

    /// Whether the pattern matches anywhere in the text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let Some(nfa) = &self.nfa else { return false };
        let states = nfa.states().len();
        let (mut now, mut next) = (Active::new(states), Active::new(states));
        for at in 0..=text.len() {
            // A match may begin at every place.
            if now.enter(nfa, nfa.start_anchored(), text, at) {
                return true;
            }
            for &state in &now.consuming {
                let target = match nfa.state(state) {
                    State::ByteRange { trans } => trans.matches(text, at).then_some(trans.next),
                    State::Sparse(transitions) => transitions.matches(text, at),
                    State::Dense(transitions) => transitions.matches(text, at),
                    _ => None,
                };
                if let Some(target) = target
                    && next.enter(nfa, target, text, at + 1)
                {
                    return true;
                }
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
        false
    }
}

/// The states that the automaton may be in at one place of the text.
struct Active {
    seen: Vec<bool>,
    /// Those that read a byte next.
    consuming: Vec<StateID>,
    /// Those that were seen, for clearing.
    entered: Vec<StateID>,
    open: Vec<StateID>,
}

impl Active {
    fn new(states: usize) -> Self {
        Active {
            seen: vec![false; states],
            consuming: Vec::new(),
            entered: Vec::new(),
            open: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for state in self.entered.drain(..) {
            self.seen[state.as_usize()] = false;
        }
        self.consuming.clear();
    }

    /// Adds a state and all that follow it without reading; true if a match is among them.
    fn enter(&mut self, nfa: &NFA, state: StateID, text: &[u8], at: usize) -> bool {
        self.open.push(state);
        while let Some(state) = self.open.pop() {
            if std::mem::replace(&mut self.seen[state.as_usize()], true) {
                continue;
            }
            self.entered.push(state);
            match nfa.state(state) {
                State::Match { .. } => return true,
                State::Fail => {}
                State::Look { look, next } => {
                    if nfa.look_matcher().matches(*look, text, at) {
                        self.open.push(*next);
                    }
                }
                State::Union { alternates } => self.open.extend(alternates.iter().copied()),
                State::BinaryUnion { alt1, alt2 } => self.open.extend([*alt1, *alt2]),
                State::Capture { next, .. } => self.open.push(*next),
                State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => {
                    self.consuming.push(state);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_automata::Input;
    use regex_automata::dfa::{Automaton, dense};

    use super::*;

    #[test]
    fn patterns_are_searched_anywhere() {
        let cases: &[(&str, &str, bool)] = &[
            ("admin", "/x/admin/y", true),
            ("^/admin", "/x/admin", false),
            ("^/admin$", "/admin", true),
            ("^$", "", true),
            ("", "anything", true),
            (r"\bcurl\b", "a curl/8", true),
            (r"\bcurl\b", "curly", false),
            (r"(?i)SELECT\s+\d+", "select 42", true),
            (r"^[^/]+$", "a/b", false),
            (r"^.{3}$", "abc", true),
            (r"^\pL+$", "été", true),
            (r"^[é]$", "é", true),
            ("(a|b)*a(a|b){40}$", &"ab".repeat(40), false),
            ("(a|b)*a(a|b){41}$", &"ab".repeat(40), true),
            ("(", "(", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(
                CompiledPattern::new(pattern, false).is_match(text.as_bytes()),
                *expected,
                "`{pattern}` in `{text}`"
            );
        }
    }

    #[test]
    fn case_is_that_of_ascii() {
        assert!(CompiledPattern::new("straße-k", true).is_match("STRAßE-K".as_bytes()));
        assert!(!CompiledPattern::new("é", true).is_match("É".as_bytes()));
        assert!(!CompiledPattern::new("k", true).is_match("\u{212a}".as_bytes()));
    }

    #[test]
    fn a_pattern_that_is_too_large_matches_nothing() {
        assert!(!CompiledPattern::new("(a{1000}){1000}{1000}", false).is_match(b"a"));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_deterministic_automaton(
            pattern in "(\\^)?([ab/.]|[ab]\\*|\\(a\\|b/\\)|\\[\\^a\\]|a\\{0,2\\}|\\\\b|\\(ab\\)\\?){0,6}(\\$)?",
            text in "[ab/ ]{0,8}",
        ) {
            let dfa = dense::Builder::new()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build(&pattern);
            if let Ok(dfa) = dfa {
                let expected = dfa.try_search_fwd(&Input::new(&text)).unwrap().is_some();
                prop_assert_eq!(CompiledPattern::new(&pattern, false).is_match(text.as_bytes()), expected);
            }
        }
    }
}
