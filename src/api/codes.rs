//! Every code that a finding may have, with its explanation.

use crate::edit;
use crate::import::{code as loading, plan};
use crate::source::CodeInfo;
use crate::suite::codes;

/// Every code there is.
pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
    loading::CODES.iter().chain(plan::code::CODES).chain(edit::code::CODES).chain(codes())
}

/// What a code means.
pub fn find(code: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

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
