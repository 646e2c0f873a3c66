//! The codes of the findings that reading and decoding can make.
//!
//! A code never changes its meaning: it is what users write to allow or deny a finding.

/// A key that the description of a thing does not have.
pub const UNKNOWN_KEY: &str = "unknown-key";
/// A key that must be given and is not.
pub const MISSING_KEY: &str = "missing-key";
/// A value of another shape than the key takes: a list for a text, say.
pub const WRONG_TYPE: &str = "wrong-type";
/// A value of the right shape that means nothing here.
pub const INVALID_VALUE: &str = "invalid-value";
/// The same key twice in one map.
pub const DUPLICATE_KEY: &str = "duplicate-key";
/// A key that is not a plain word: a list, a map or nothing.
pub const INVALID_KEY: &str = "invalid-key";
/// A YAML tag that is not one of YAML's own.
pub const UNKNOWN_TAG: &str = "unknown-tag";
/// Text that is not YAML or JSON.
pub const SYNTAX: &str = "syntax";
/// A file, or what it holds, over the limit of size.
pub const TOO_LARGE: &str = "too-large";
/// Lists and maps inside each other, over the limit of depth.
pub const TOO_DEEP: &str = "too-deep";
/// Aliases that stand for more values than the limit allows.
pub const TOO_MANY_ALIASES: &str = "too-many-aliases";
/// More than one document in a file.
pub const SEVERAL_DOCUMENTS: &str = "several-documents";
/// Bytes that are not UTF-8.
pub const NOT_UTF8: &str = "not-utf8";
/// A file that says nothing.
pub const EMPTY_FILE: &str = "empty-file";
