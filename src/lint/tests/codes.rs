//! Every code: well formed, with an example, and tested.

use std::collections::HashSet;

use super::cases::CASES;
use super::filter_cases::CASES as FILTER_CASES;
use super::found;
use super::hybrid_cases::CASES as HYBRID_CASES;
use super::network_cases::CASES as NETWORK_CASES;
use super::psc_cases::CASES as PSC_CASES;
use super::{all, code};
use crate::source::testing::shown;

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
        let other = findings.iter().any(|finding| {
            finding.severity == crate::source::Severity::Error && finding.code != info.code
        });
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
fn every_code_of_the_checks_has_a_case() {
    let reading: HashSet<&str> = crate::source::code::CODES.iter().map(|info| info.code).collect();
    for info in all() {
        let elsewhere = reading.contains(info.code) || WITHOUT_EXAMPLE.contains(&info.code);
        let cases = CASES.iter().chain(NETWORK_CASES).chain(FILTER_CASES);
        let mut cases = cases.chain(HYBRID_CASES).chain(PSC_CASES);
        let tested = cases.any(|case| case.code == info.code);
        assert!(tested || elsewhere, "{} has no case", info.code);
    }
}

#[test]
fn a_long_expression_is_too_long() {
    let expression = format!("request.path == '/{}'", "a".repeat(2048));
    let text = format!(
        "security_policies:\n  edge: {{rules: [{{priority: 1, action: deny(403), match: \
         \"{expression}\"}}]}}\n"
    );
    let (_, findings) = found(&text);
    let finding = findings.iter().find(|finding| finding.code == "expression-too-long");
    let finding = finding.expect("it is reported");
    assert_eq!(finding.message, "the expression of the rule 1 has 2067 characters");
    let help = "spread it over several rules; at most 2,048 are possible";
    assert_eq!(finding.help.as_deref(), Some(help));
    assert_eq!(finding.span().len(), expression.len() + 2);
}

#[test]
fn custom_audiences_have_a_limit() {
    let text = |count: usize| {
        let audience = "a".repeat(97);
        let all = vec![audience; count].join(", ");
        format!("services:\n  web: {{region: europe-west1, custom_audiences: [{all}]}}\n")
    };
    // Each takes 97 characters, two quotes and a comma; two brackets, and no last comma.
    let reported = |count: usize| {
        let (_, findings) = found(&text(count));
        let mut of_code = findings.iter().filter(|each| each.code == "custom-audiences-too-long");
        of_code.next().map(|finding| finding.message.clone())
    };
    assert_eq!(reported(327), None);
    let message = "the custom audiences of service/web have 32801 characters";
    assert_eq!(reported(328).as_deref(), Some(message));
}
