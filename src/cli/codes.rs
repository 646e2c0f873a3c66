//! Every code that a finding may have, with its explanation.

use crate::source::{Severity, code};

/// What a code of findings means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code.
    pub code: &'static str,
    /// How bad such a finding is at worst.
    pub severity: Severity,
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do, in sentences.
    pub text: &'static str,
    /// An input that causes it; may be empty.
    pub example: &'static str,
}

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
    READING.iter()
}

/// What a code means.
pub fn find(code: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

const fn error(
    code: &'static str,
    title: &'static str,
    text: &'static str,
    example: &'static str,
) -> CodeInfo {
    CodeInfo { code, severity: Severity::Error, title, text, example }
}

/// The codes of reading, decoding and merging.
const READING: &[CodeInfo] = &[
    error(
        UNREADABLE,
        "a file cannot be opened",
        "The file or folder does not exist, or it may not be read.",
        "",
    ),
    error(
        NOT_READ_YET,
        "a kind of input that is not read yet",
        "Portolan recognised what the input is, but cannot read it. Write a topology file instead.",
        "",
    ),
    error(
        NO_TOPOLOGY,
        "a folder without a topology",
        "Of a folder, the files ending in .yaml or .yml are read that lie directly in it and begin \
         with `portolan:`. This folder has none.",
        "",
    ),
    error(
        UNKNOWN_VERSION,
        "a version of the format that is not known",
        "Every topology file begins with the version of the format, which is 1.",
        "portolan: 2",
    ),
    error(
        DECLARED_TWICE,
        "one resource in two files",
        "Files that are read together form one topology, in which every resource of a kind has an \
         id of its own. Where two resources have the same name in Google Cloud, say in two \
         projects, give them different ids and the same `name`.",
        "# one.yaml\nservices:\n  web: {region: asia-northeast1}\n# two.yaml\nservices:\n  web: {region: europe-west1}",
    ),
    error(
        code::UNKNOWN_KEY,
        "a key that the thing does not have",
        "A misspelt key would otherwise be ignored, and the answer would be about another \
         topology. `portolan schema` lists all keys.",
        "services:\n  web: {regoin: asia-northeast1}",
    ),
    error(
        code::MISSING_KEY,
        "a key that must be given",
        "The thing cannot be understood without it, and there is no documented default.",
        "services:\n  web: {ingress: all}   # a service has a region",
    ),
    error(
        code::WRONG_TYPE,
        "a value of another shape than the key takes",
        "A text stands where a list is taken, say, or a number where a text is.",
        "services:\n  web: {region: asia-northeast1, invokers: allUsers}   # a list",
    ),
    error(
        code::INVALID_VALUE,
        "a value that means nothing here",
        "The value has the right shape, but is none of the words that the key takes, or does not \
         have the form of an address, a range or whatever the key holds.",
        "services:\n  web: {region: asia-northeast1, ingress: everyone}",
    ),
    error(
        code::DUPLICATE_KEY,
        "the same key twice in one map",
        "YAML forbids it, and readers differ in which of the two they keep.",
        "services:\n  web: {region: asia-northeast1, region: europe-west1}",
    ),
    error(
        code::INVALID_KEY,
        "a key that is not a plain word",
        "A key is a list, a map or nothing.",
        "[services]: {}",
    ),
    error(
        code::UNKNOWN_TAG,
        "a YAML tag that is not one of YAML's own",
        "Tags such as `!Ref` belong to other programs and have no meaning in a topology.",
        "services: !Ref web",
    ),
    error(
        code::SYNTAX,
        "text that is not YAML or JSON",
        "The reader could not go on at the place shown, often because of indentation or an \
         unclosed bracket shortly before.",
        "services: {web",
    ),
    error(
        code::TOO_LARGE,
        "a file over the limit of size",
        "A file may have 64 MiB and some million values. Split it: a folder is read as one \
         topology.",
        "",
    ),
    error(
        code::TOO_DEEP,
        "lists and maps too deep inside each other",
        "Nothing in a topology is nested as deep as the limit of 64.",
        "",
    ),
    error(
        code::TOO_MANY_ALIASES,
        "aliases that stand for too many values",
        "A small file can blow up to any size with aliases of aliases, so what they stand for is \
         limited.",
        "",
    ),
    error(
        code::SEVERAL_DOCUMENTS,
        "more than one document in a file",
        "A topology file holds one YAML document. Write the second into a file of its own: a \
         folder is read as one topology.",
        "portolan: 1\n---\nportolan: 1",
    ),
    error(code::NOT_UTF8, "bytes that are not UTF-8", "Save the file as UTF-8.", ""),
    error(code::EMPTY_FILE, "a file that says nothing", "It is empty or holds comments only.", ""),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_stands_once_and_says_something() {
        let mut seen = HashSet::new();
        for info in all() {
            assert!(seen.insert(info.code), "{} stands twice", info.code);
            assert!(info.text.ends_with('.'), "{}: {}", info.code, info.text);
            assert!(!info.title.ends_with('.') && !info.title.is_empty(), "{}", info.code);
        }
    }
}
