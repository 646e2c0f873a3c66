//! Every code: an error, and tested.

use super::{CODES, cases, found};
use crate::source::Severity;

/// Codes that no constant text shows.
const WITHOUT_CASE: &[&str] = &["custom-audiences-too-long", "expression-too-long"];

#[test]
fn every_code_is_of_an_error() {
    for info in CODES {
        assert_eq!(info.severity, Severity::Error, "{}", info.code);
    }
}

#[test]
fn every_code_has_a_case() {
    for info in CODES {
        let tested = cases().any(|case| case.code == info.code);
        assert!(tested != WITHOUT_CASE.contains(&info.code), "{} has no case", info.code);
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
