//! Codes: what a finding can be, with words and an example. Every finding is made of one.
//!
//! A stage declares its codes beside what makes the findings, by [`codes`]; those of reading and
//! decoding a text stand here.

use super::{Finding, Severity};

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
    /// The id of the rule that it rests on, if it rests on one.
    pub rule: Option<&'static str>,
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

    /// A finding of this kind where it takes nothing more away than what it is about.
    pub fn warning(&self, message: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..self.finding(message) }
    }
}

/// Declares the codes of a family: a constant for each, and `CODES` with all of them.
macro_rules! codes {
    (@rule) => { None };
    (@rule $rule:literal) => { Some($rule) };
    ($(
        $name:ident = $severity:ident $code:literal $($rule:literal)? {
            $title:literal, $text:literal, $example:literal $(,)?
        }
    )*) => {
        $(
            #[doc = $title]
            pub const $name: $crate::source::CodeInfo = $crate::source::CodeInfo {
                code: $code,
                severity: $crate::source::Severity::$severity,
                title: $title,
                text: $text,
                example: $example,
                rule: $crate::source::codes!(@rule $($rule)?),
            };
        )*

        /// All of them.
        pub const CODES: &[$crate::source::CodeInfo] = &[$($name),*];
    };
}

pub(crate) use codes;

/// How many codes the families have.
pub const fn count(families: &[&[CodeInfo]]) -> usize {
    let (mut total, mut family) = (0, 0);
    while family < families.len() {
        total += families[family].len();
        family += 1;
    }
    total
}

/// The codes of all families in one array, which [`count`] gives the length of.
pub const fn join<const N: usize>(families: &[&[CodeInfo]]) -> [CodeInfo; N] {
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

codes! {
    UNKNOWN_KEY = Error "unknown-key" {
        "a key that does not exist",
        "The description of this thing has no such key.",
        "services:
  web: {region: europe-west1, ingres: internal}
",
    }
    MISSING_KEY = Error "missing-key" {
        "a key that must be given",
        "This thing cannot be understood without the key.",
        "services:
  web: {ingress: internal}
",
    }
    WRONG_TYPE = Error "wrong-type" {
        "a value of the wrong shape",
        "The key takes a value of another shape: a list for a text, say.",
        "services:
  web: {region: [europe-west1]}
",
    }
    INVALID_VALUE = Error "invalid-value" {
        "a value that means nothing",
        "The value has the right shape, but is none of those that the key takes.",
        "services:
  web: {region: europe-west1, ingress: private}
",
    }
    DUPLICATE_KEY = Error "duplicate-key" {
        "the same key twice",
        "Only one value can stand under a key, and it is not clear which was meant.",
        "services:
  web: {region: europe-west1, region: europe-west3}
",
    }
    INVALID_KEY = Error "invalid-key" {
        "a key that is not a word",
        "Keys are texts, not lists or maps.",
        "services:
  [web]: {region: europe-west1}
",
    }
    UNKNOWN_TAG = Error "unknown-tag" {
        "a tag that YAML does not have",
        "Only YAML's own tags are understood.",
        "services:
  web: {region: !secret europe-west1}
",
    }
    SYNTAX = Error "syntax" {
        "text that is not YAML",
        "The file cannot be read from here on.",
        "services: {web: {region: europe-west1}
",
    }
    TOO_LARGE = Error "too-large" {
        "a file over the limit of size",
        "Files are read up to a limit, so that a wrong one cannot use up the memory.",
        "",
    }
    TOO_DEEP = Error "too-deep" {
        "lists and maps too deep inside each other",
        "No topology needs this depth, and reading it could use up the stack.",
        "services: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\
]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
",    }
    TOO_MANY_ALIASES = Error "too-many-aliases" {
        "aliases that stand for too much",
        "Aliases of aliases can make a small file stand for a very large one.",
        "",
    }
    SEVERAL_DOCUMENTS = Error "several-documents" {
        "more than one document in a file",
        "A topology is one document; put the others into files of their own.",
        "projects: {shop: {}}
---
projects: {tools: {}}
",
    }
    NOT_UTF8 = Error "not-utf8" {
        "bytes that are not UTF-8",
        "Text files are read as UTF-8.",
        "",
    }
    EMPTY_FILE = Error "empty-file" {
        "an empty file",
        "The file holds no value.",
        "# nothing
",
    }
}
