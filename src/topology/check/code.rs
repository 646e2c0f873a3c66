//! Codes: what a finding can be, with words and an example.

use crate::rules::RuleId;
use crate::source::{Finding, Severity};

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code: what users write to allow or deny it. It never changes its meaning.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it is one.
    pub text: &'static str,
    /// A small topology that has it; empty if a text cannot show it.
    pub example: &'static str,
    /// The rule that it rests on, if it rests on one.
    pub rule: Option<RuleId>,
}

impl CodeInfo {
    /// A finding of this kind, with the rule as its note.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        let finding = Finding::new(self.code, self.severity, message);
        match self.rule {
            Some(rule) => finding.remark(format!("{rule}: {}", self.text)),
            None => finding,
        }
    }
}

/// Declares the codes of a family: a constant for each, and `CODES` with all of them.
macro_rules! codes {
    (@rule) => { None };
    (@rule $family:ident $number:literal) => {
        Some($crate::rules::RuleId::$family($number))
    };
    ($(
        $name:ident = $severity:ident $code:tt $($family:ident $number:literal)? {
            $title:literal, $text:literal, $example:literal $(,)?
        }
    )*) => {
        $(
            pub(super) const $name: $crate::topology::check::CodeInfo =
                $crate::topology::check::CodeInfo {
                    code: $code,
                    severity: $crate::source::Severity::$severity,
                    title: $title,
                    text: $text,
                    example: $example,
                    rule: $crate::topology::check::code::codes!(@rule $($family $number)?),
                };
        )*

        pub(super) const CODES: &[$crate::topology::check::CodeInfo] = &[$($name),*];
    };
}

pub(super) use codes;

/// How many codes the families have.
pub(super) const fn count(families: &[&[CodeInfo]]) -> usize {
    let (mut total, mut family) = (0, 0);
    while family < families.len() {
        total += families[family].len();
        family += 1;
    }
    total
}

/// The codes of all families in one array, which [`count`] gives the length of.
pub(super) const fn join<const N: usize>(families: &[&[CodeInfo]]) -> [CodeInfo; N] {
    let blank = CodeInfo {
        code: "",
        severity: Severity::Note,
        title: "",
        text: "",
        example: "",
        rule: None,
    };
    let mut all = [blank; N];
    let (mut at, mut family) = (0, 0);
    while family < families.len() {
        let mut member = 0;
        while member < families[family].len() {
            all[at] = families[family][member];
            at += 1;
            member += 1;
        }
        family += 1;
    }
    all
}
