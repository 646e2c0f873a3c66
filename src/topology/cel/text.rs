//! Tests of texts: `==`, `contains()`, `startsWith()`, `endsWith()` and `matches()`.

use cel::common::ast::IdedExpr;

use super::Dialect;
use super::attribute::{Constant, Operand};
use super::pattern::{self, LetterCase, PatternRefusal};
use super::read::{ConditionReader, Halt, Truth, free, present, unmodelled};
use crate::topology::condition::{Condition, Test, TextAttribute, TextTest};

impl ConditionReader<'_> {
    pub(super) fn text_test(
        &self,
        target: &IdedExpr,
        name: &str,
        arg: &IdedExpr,
    ) -> Result<Truth, Halt> {
        let (subject, object) = (self.operand(target)?, self.operand(arg)?);
        let text = match (subject.clone(), object) {
            (Operand::Opaque(reason), _) | (_, Operand::Opaque(reason)) => {
                return unmodelled(reason);
            }
            // `'[CN,RU]'.contains(origin.region_code)`.
            (Operand::Constant(Constant::Text(list)), Operand::Region(case))
                if name == "contains" =>
            {
                return Ok(regions(|code| list.contains(&case.apply(code))));
            }
            (_, Operand::Constant(Constant::Text(text))) => text,
            (_, Operand::Text(..) | Operand::Region(_) | Operand::Address(_)) => {
                return unmodelled("it searches for a text that the request gives");
            }
            _ => return Err(self.wrong(arg, "a text").into()),
        };
        let test = match name {
            "startsWith" => TextTest::Prefix(text.clone()),
            "endsWith" => TextTest::Suffix(text.clone()),
            "contains" => TextTest::Contains(text.clone()),
            _ => TextTest::Matches(text.clone()),
        };
        if self.dialect == Dialect::IamCondition && !["startsWith", "endsWith"].contains(&name) {
            return unmodelled(format!("`{name}()` is not documented for IAM conditions"));
        }
        match subject {
            Operand::Text(field, case) => self.text(arg, &field, case, test),
            Operand::Region(case) => self.region(arg, case, test),
            Operand::Free(kind, of) => Ok(free(kind, format!("{of} {name} {text}"))),
            Operand::Address(_) => unmodelled("it reads an address as a text"),
            Operand::Constant(Constant::Text(_)) => unmodelled("it searches a constant"),
            _ => Err(self.wrong(target, "a text").into()),
        }
    }

    /// The test of a text, after a change of its case.
    pub(super) fn text(
        &self,
        place: &IdedExpr,
        field: &TextAttribute,
        case: LetterCase,
        test: TextTest,
    ) -> Result<Truth, Halt> {
        if let TextTest::Matches(text) = &test {
            self.pattern(place, text, case)?;
        }
        let (TextTest::Equals(text)
        | TextTest::Prefix(text)
        | TextTest::Suffix(text)
        | TextTest::Contains(text)
        | TextTest::Matches(text)) = &test;
        if !matches!(test, TextTest::Matches(_)) && !case.allows(text) {
            // A lower-cased text never has a capital in it.
            return Ok(Truth { yes: Condition::Never, no: present(field) });
        }
        let ignore_case = case != LetterCase::AsIs && text.bytes().any(|b| b.is_ascii_alphabetic());
        // One spelling for what is the same test.
        let fold = |text: String| if ignore_case { text.to_ascii_lowercase() } else { text };
        let test = match test {
            TextTest::Equals(text) => TextTest::Equals(fold(text)),
            TextTest::Prefix(text) => TextTest::Prefix(fold(text)),
            TextTest::Suffix(text) => TextTest::Suffix(fold(text)),
            TextTest::Contains(text) => TextTest::Contains(fold(text)),
            pattern @ TextTest::Matches(_) => pattern,
        };
        let yes = Test::Text { field: field.clone(), test, ignore_case }.into();
        Ok(Truth::given(field, yes))
    }

    fn pattern(&self, place: &IdedExpr, text: &str, case: LetterCase) -> Result<(), Halt> {
        pattern::check(text, case).map_err(|refusal| match refusal {
            PatternRefusal::Invalid(reason) => {
                let message = format!("`{text}` is not an RE2 pattern: {reason}");
                Halt::Error(self.error(place, message))
            }
            PatternRefusal::Unclear(reason) => Halt::Undecided(reason.into()),
        })
    }

    /// The test of a region code: there are few enough of them to try each.
    pub(super) fn region(
        &self,
        place: &IdedExpr,
        case: LetterCase,
        test: TextTest,
    ) -> Result<Truth, Halt> {
        let change = |code: &str| case.apply(code);
        Ok(match test {
            // Kept as it is written, even if it is no code.
            TextTest::Equals(text) if case == LetterCase::AsIs => {
                Truth::certain(Test::Region(vec![text]).into())
            }
            TextTest::Equals(text) => regions(|code| change(code) == text),
            TextTest::Prefix(text) => regions(|code| change(code).starts_with(&text)),
            TextTest::Suffix(text) => regions(|code| change(code).ends_with(&text)),
            TextTest::Contains(text) => regions(|code| change(code).contains(&text)),
            TextTest::Matches(text) => {
                self.pattern(place, &text, LetterCase::AsIs)?;
                match pattern::searcher(&text) {
                    Some(search) => regions(|code| search(&change(code))),
                    None => return unmodelled("the pattern is too large"),
                }
            }
        })
    }
}

/// The regions whose code passes a test; as those that do not, if they are fewer.
fn regions(test: impl Fn(&str) -> bool) -> Truth {
    let letters = 'A'..='Z';
    let codes = letters.clone().flat_map(|a| letters.clone().map(move |b| format!("{a}{b}")));
    let (inside, outside): (Vec<_>, Vec<_>) = codes.partition(|code| test(code));
    Truth::certain(match (inside.is_empty(), outside.is_empty()) {
        (true, _) => Condition::Never,
        (_, true) => Condition::Always,
        _ if outside.len() < inside.len() => Condition::not(Test::Region(outside).into()),
        _ => Test::Region(inside).into(),
    })
}
