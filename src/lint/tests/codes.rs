//! Every code: well formed, with an example, and tested.

use std::collections::HashSet;

use super::super::TEXT_ONLY;
use super::{CODES, all, cases, code, found, of_text, solved};
use crate::source::testing::shown;
use crate::source::{Findings, Severity};
use crate::validate;

/// Codes that no constant text shows.
const WITHOUT_EXAMPLE: &[&str] = &[
    "custom-audiences-too-long",
    "expression-too-long",
    "not-utf8",
    "too-large",
    "too-many-aliases",
];

#[test]
fn codes_are_words_and_differ() {
    let mut seen = HashSet::new();
    for info in all() {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(info.code.bytes().all(fits), "{}", info.code);
        assert!(seen.insert(info.code), "{} is there twice", info.code);
        assert!(!info.title.is_empty() && !info.title.ends_with('.'), "{}: title", info.code);
        // The text follows the rule in a note, or stands alone.
        assert_eq!(info.text.ends_with('.'), info.rule.is_none(), "{}: text", info.code);
        assert_eq!(code(info.code), Some(info));
    }
    assert_eq!(code("no-such-code"), None);
}

#[test]
fn every_code_has_an_example_that_gives_it() {
    for info in all() {
        if WITHOUT_EXAMPLE.contains(&info.code) {
            assert!(info.example.is_empty(), "{} has an example", info.code);
            continue;
        }
        let (files, findings) = found(info.example);
        let own = findings.iter().find(|finding| finding.code == info.code);
        let own = own.unwrap_or_else(|| {
            panic!("{}: the example gives\n{}", info.code, shown(&files, &findings))
        });
        assert_eq!(own.severity, info.severity, "{}", info.code);
    }
}

#[test]
fn an_example_has_no_error_but_its_own() {
    for info in all() {
        let (files, findings) = found(info.example);
        let other = findings
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.code != info.code);
        assert!(!other || info.example.is_empty(), "{}:\n{}", info.code, shown(&files, &findings));
    }
}

#[test]
fn every_finding_has_a_code_and_a_place() {
    for info in all() {
        let (files, findings) = found(info.example);
        for finding in &findings {
            let known = code(finding.code);
            assert!(
                known.is_some_and(|known| known.severity == finding.severity),
                "{}",
                finding.code
            );
            assert!(!finding.labels.is_empty(), "{}", shown(&files, &findings));
            let lower = finding.message.starts_with("IAP")
                || finding.message.starts_with(|c: char| !c.is_uppercase());
            assert!(lower && !finding.message.ends_with('.'), "{}", finding.message);
        }
    }
}

#[test]
fn no_code_is_of_an_error() {
    for info in CODES {
        assert_ne!(info.severity, Severity::Error, "{}", info.code);
    }
}

#[test]
fn every_code_has_a_case() {
    let solved = |code: &str| solved::CODES.iter().any(|info| info.code == code);
    for info in CODES.iter().filter(|info| !solved(info.code)) {
        assert!(cases().any(|case| case.code == info.code), "{} has no case", info.code);
    }
}

#[test]
fn a_lint_asks_the_engine_or_says_why_not() {
    let text_only = |code: &str| TEXT_ONLY.iter().any(|(own, _)| *own == code);
    for (code, reason) in TEXT_ONLY {
        assert!(CODES.iter().any(|info| info.code == *code), "{code}");
        assert!(!reason.is_empty() && !reason.ends_with('.'), "{code}");
    }
    assert!(TEXT_ONLY.is_sorted_by_key(|(code, _)| code));
    for info in CODES {
        let (_, _, topology) = validate::tests::checked(info.example);
        let mut of_the_text = Findings::new();
        of_text(&topology.expect("it can be read"), &[], &mut of_the_text);
        let found = of_the_text.iter().any(|finding| finding.code == info.code);
        assert_eq!(found, text_only(info.code), "{}", info.code);
    }
}
