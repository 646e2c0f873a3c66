//! From a text to its records.

use super::record::{Case, Expectation, ListedMutant};
use crate::import::yaml;
use crate::source::{Files, Findings, code};
use crate::topology::record::{Decode, Decoder};

/// Reads a case. It is whole if no finding is an error.
pub fn case(files: &mut Files, name: &str, text: &str, findings: &mut Findings) -> Option<Case> {
    let case: Case = decoded(files, name, text, findings)?;
    let start = case.span.at_start();
    let mut need = |what: bool, key: &str| {
        if !what {
            let message = format!("missing key `{key}` in a case");
            findings.push(code::MISSING_KEY.finding(message).at(start));
        }
    };
    need(!case.rules.is_empty(), "rules");
    need(!case.questions.is_empty(), "questions");
    something(&case.questions, findings);
    Some(case)
}

/// Reads the answers of a folder.
pub fn answers(
    files: &mut Files,
    name: &str,
    text: &str,
    findings: &mut Findings,
) -> Option<Vec<Expectation>> {
    let answers: Vec<Expectation> = decoded(files, name, text, findings)?;
    something(&answers, findings);
    Some(answers)
}

/// Reads a list of mistakes that cases notice.
pub fn mutants(
    files: &mut Files,
    name: &str,
    text: &str,
    findings: &mut Findings,
) -> Option<Vec<ListedMutant>> {
    decoded(files, name, text, findings)
}

fn decoded<T: Decode>(
    files: &mut Files,
    name: &str,
    text: &str,
    findings: &mut Findings,
) -> Option<T> {
    let node = yaml::read(files, name, text.as_bytes(), findings)?;
    T::decode(&node, &mut Decoder::new(files, findings))
}

/// Reports expectations of which nothing is compared.
fn something(expectations: &[Expectation], findings: &mut Findings) {
    for expectation in expectations.iter().filter(|one| compares_nothing(one)) {
        let finding = code::MISSING_KEY
            .finding("nothing is expected of the answer")
            .label(expectation.ask.span, "to this question")
            .help("say what the answer must be, at least its `verdict`");
        findings.push(finding);
    }
}

fn compares_nothing(expectation: &Expectation) -> bool {
    let Expectation {
        ask: _,
        verdict,
        paths,
        addresses,
        rules,
        assumptions,
        disputed,
        complete,
        reply,
        cells,
        findings,
        absent,
        note: _,
        span: _,
    } = expectation;
    verdict.is_none()
        && paths.is_none()
        && addresses.is_none()
        && assumptions.is_none()
        && disputed.is_none()
        && complete.is_none()
        && reply.is_none()
        && rules.is_empty()
        && cells.is_empty()
        && findings.is_empty()
        && absent.is_empty()
}
