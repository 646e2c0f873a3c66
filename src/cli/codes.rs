//! Every code that a finding may have, with its explanation.

use crate::import::plan;
use crate::question::{bypass, check as solved, trace};
use crate::source::Severity;
use crate::topology::check;
pub use crate::topology::check::CodeInfo;

/// A file or folder that cannot be opened.
pub const UNREADABLE: &str = "unreadable";
/// A kind of input that is not read yet.
pub const NOT_READ_YET: &str = "not-read-yet";
/// A folder without a topology.
pub const NO_TOPOLOGY: &str = "no-topology";
/// A version of the format that is not known.
pub const UNKNOWN_VERSION: &str = "unknown-version";
/// One resource in two files.
pub const DECLARED_TWICE: &str = "declared-twice";

/// Every code there is.
pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
    LOADING.iter().chain(PLANS).chain(QUESTIONS).chain(check::CODES).chain(solved::CODES)
}

/// What a code means.
pub fn find(code: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

const fn info(
    severity: Severity,
    code: &'static str,
    title: &'static str,
    text: &'static str,
    example: &'static str,
) -> CodeInfo {
    CodeInfo { code, severity, title, text, example, rule: None }
}

/// The codes of opening and merging files.
const LOADING: &[CodeInfo] = &[
    info(
        Severity::Error,
        UNREADABLE,
        "a file that cannot be opened",
        "The file or folder does not exist, or it may not be read.",
        "",
    ),
    info(
        Severity::Error,
        NOT_READ_YET,
        "a kind of input that is not read yet",
        "Portolan recognised what the input is, but cannot read it. Write a topology file instead, \
         or give the plan that Terraform makes of it.",
        "",
    ),
    info(
        Severity::Error,
        NO_TOPOLOGY,
        "a folder without a topology",
        "Of a folder, the files ending in .yaml or .yml are read that lie directly in it and begin \
         with `portolan:`. This folder has none.",
        "",
    ),
    info(
        Severity::Error,
        UNKNOWN_VERSION,
        "a version of the format that is not known",
        "Every topology file begins with the version of the format, which is 1.",
        "portolan: 2",
    ),
    info(
        Severity::Error,
        DECLARED_TWICE,
        "one resource in two files",
        "Files that are read together form one topology, in which every resource of a kind has an \
         id of its own. Where two resources have the same name in Google Cloud, say in two \
         projects, give them different ids and the same `name`.",
        "# one.yaml\nservices:\n  web: {region: asia-northeast1}\n\
         # two.yaml\nservices:\n  web: {region: europe-west1}",
    ),
];

/// The codes of reading Terraform's plans.
const PLANS: &[CodeInfo] = &[
    info(
        Severity::Note,
        plan::NOT_READ,
        "a type of resources that is not read",
        "The plan has resources of a type that Portolan does not read. If they could open or close \
         a path, answers are marked as not complete.",
        "",
    ),
    info(
        Severity::Warning,
        plan::INCOMPLETE_PLAN,
        "a plan that is not all that will be",
        "Planning failed, or the plan defers changes, so what it leaves out is not known.",
        "",
    ),
    info(
        Severity::Warning,
        plan::FORMAT_VERSION,
        "a version of the plan format that is not known",
        "The plan was written by a version of Terraform or OpenTofu that this reader was not made \
         for, so parts of it may be misread.",
        "",
    ),
    info(
        Severity::Warning,
        plan::OUTSIDE_PLAN,
        "a reference to a service that is not in the plan",
        "A binding names a service that the plan does not hold; it is left out.",
        "",
    ),
    info(
        Severity::Warning,
        plan::IGNORED_ANNOTATION,
        "an annotation where Cloud Run ignores it",
        "Annotations of a service and of its revisions stand at different places; this one has no \
         effect where it stands.",
        "",
    ),
    info(
        Severity::Note,
        plan::UNKNOWN_PROJECT,
        "resources whose project the plan does not say",
        "The project comes from the provider's configuration or the environment. They are taken to \
         be in one project of their own.",
        "",
    ),
    info(
        Severity::Note,
        plan::KNOWN_AFTER_APPLY,
        "a name that is known only after apply",
        "The resource is read under its address, since its name is not known yet.",
        "",
    ),
];

/// The codes of findings about a question.
const QUESTIONS: &[CodeInfo] = &[bypass::GUARD_NOT_ATTACHED, trace::CANNOT_BE_SENT];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_stands_once_and_says_something() {
        let mut seen = HashSet::new();
        for info in all() {
            assert!(seen.insert(info.code), "{} stands twice", info.code);
            assert!(!info.text.is_empty(), "{}", info.code);
            assert!(!info.title.ends_with('.') && !info.title.is_empty(), "{}", info.code);
        }
    }
}
