//! Patterns of `matches()`: RE2 syntax, read with a parser that is a little more generous.

use regex_automata::Input;
use regex_automata::dfa::{Automaton, dense};
use regex_syntax::ast::{self, AssertionKind, Ast, ClassSet, ClassSetItem, Flag, FlagsItemKind};

/// How a text was changed before it is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LetterCase {
    AsIs,
    Lower,
    Upper,
}

impl LetterCase {
    /// Whether a text could still have this byte in it.
    fn has(self, byte: u8) -> bool {
        match self {
            LetterCase::AsIs => true,
            LetterCase::Lower => !byte.is_ascii_uppercase(),
            LetterCase::Upper => !byte.is_ascii_lowercase(),
        }
    }

    /// Whether a text could still equal this one.
    pub(super) fn allows(self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }

    pub(super) fn apply(self, text: &str) -> String {
        match self {
            LetterCase::AsIs => text.to_owned(),
            LetterCase::Lower => text.to_ascii_lowercase(),
            LetterCase::Upper => text.to_ascii_uppercase(),
        }
    }
}

/// What keeps a pattern from being used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PatternRefusal {
    /// RE2 refuses it too, for this reason.
    Invalid(String),
    /// RE2 may read it, but its meaning here would not be certain.
    Unclear(&'static str),
}

/// Checks that a pattern is RE2, means the same to RE2, and that searching a text in the given
/// case is the same as searching the original with case ignored.
pub(super) fn check(pattern: &str, case: LetterCase) -> Result<(), PatternRefusal> {
    let invalid = |error: regex_syntax::Error| {
        let text = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            other => other.to_string(),
        };
        PatternRefusal::Invalid(text)
    };
    let ast = ast::parse::ParserBuilder::new()
        .nest_limit(100)
        .build()
        .parse(pattern)
        .map_err(|error| invalid(error.into()))?;
    regex_syntax::hir::translate::Translator::new()
        .translate(pattern, &ast)
        .map_err(|error| invalid(error.into()))?;
    ast::visit(&ast, Differences { case })
}

/// Finds what RE2 lacks or reads differently, and classes that tell apart what the case removed.
struct Differences {
    case: LetterCase,
}

impl ast::Visitor for Differences {
    type Output = ();
    type Err = PatternRefusal;

    fn finish(self) -> Result<(), PatternRefusal> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), PatternRefusal> {
        let mut class = [false; 128];
        match ast {
            Ast::Flags(set) => re2_flags(&set.flags)?,
            Ast::Group(group) => {
                if let ast::GroupKind::NonCapturing(flags) = &group.kind {
                    re2_flags(flags)?;
                }
            }
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::StartText
                | AssertionKind::EndText
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary => {}
                _ => {
                    return Err(PatternRefusal::Invalid(
                        "RE2 has no such word boundary".to_owned(),
                    ));
                }
            },
            Ast::Literal(literal) => mark(&mut class, literal.c, literal.c),
            Ast::ClassUnicode(_) if self.case != LetterCase::AsIs => {
                return Err(PatternRefusal::Unclear("a Unicode class is searched in changed case"));
            }
            Ast::ClassBracketed(bracketed) => self.class(&bracketed.kind, &mut class)?,
            _ => {}
        }
        // With case ignored, a class takes in the other case of its letters. That is the same as
        // changing the text only if the class has no letter whose remaining case it lacks.
        let lost = (0..128u8).find(|&b| {
            let other = b ^ 0x20;
            class[usize::from(b)] && !self.case.has(b) && !class[usize::from(other)]
        });
        match lost {
            Some(_) => {
                Err(PatternRefusal::Unclear("the pattern asks for a case that the text lost"))
            }
            None => Ok(()),
        }
    }
}

impl Differences {
    fn class(&self, set: &ClassSet, class: &mut [bool; 128]) -> Result<(), PatternRefusal> {
        let nested = "brackets or set operators inside a class mean something else to RE2";
        match set {
            ClassSet::BinaryOp(_) => Err(PatternRefusal::Unclear(nested)),
            ClassSet::Item(ClassSetItem::Union(union)) => {
                union.items.iter().try_for_each(|item| self.item(item, class, nested))
            }
            ClassSet::Item(item) => self.item(item, class, nested),
        }
    }

    fn item(
        &self,
        item: &ClassSetItem,
        class: &mut [bool; 128],
        nested: &'static str,
    ) -> Result<(), PatternRefusal> {
        match item {
            ClassSetItem::Literal(literal) => mark(class, literal.c, literal.c),
            ClassSetItem::Range(range) => mark(class, range.start.c, range.end.c),
            ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => {
                return Err(PatternRefusal::Unclear(nested));
            }
            ClassSetItem::Ascii(_) | ClassSetItem::Unicode(_) if self.case != LetterCase::AsIs => {
                return Err(PatternRefusal::Unclear("a named class is searched in changed case"));
            }
            // \d, \s and \w make no difference between the cases.
            _ => {}
        }
        Ok(())
    }
}

fn mark(class: &mut [bool; 128], low: char, high: char) {
    for (index, slot) in class.iter_mut().enumerate() {
        *slot |= (u32::from(low)..=u32::from(high)).contains(&(index as u32));
    }
}

fn re2_flags(flags: &ast::Flags) -> Result<(), PatternRefusal> {
    let unknown = flags.items.iter().any(|item| {
        matches!(
            item.kind,
            FlagsItemKind::Flag(Flag::Unicode | Flag::IgnoreWhitespace | Flag::CRLF)
        )
    });
    if unknown {
        return Err(PatternRefusal::Invalid("RE2 only has the flags i, m, s and U".to_owned()));
    }
    Ok(())
}

/// Compiles a pattern for short texts; `None` if it is too large for that.
pub(super) fn searcher(pattern: &str) -> Option<impl Fn(&str) -> bool + use<>> {
    let limit = Some(1 << 20);
    let config = dense::Config::new().dfa_size_limit(limit).determinize_size_limit(limit);
    let automaton = dense::Builder::new()
        .configure(config)
        .thompson(regex_automata::nfa::thompson::Config::new().nfa_size_limit(limit))
        .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
        .build(pattern)
        .ok()?;
    Some(move |text: &str| matches!(automaton.try_search_fwd(&Input::new(text)), Ok(Some(_))))
}
