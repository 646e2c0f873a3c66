//! Expressions that cannot be read.

use std::ops::Range;

use super::Checker;
use super::policies::INVALID_EXPRESSION;
use crate::source::Span;
use crate::topology::cel::Dialect;

impl<'t> Checker<'t, '_> {
    /// Whether an expression can be read; reports it if not.
    pub(super) fn expression(
        &mut self,
        text: &'t str,
        at: Span,
        dialect: Dialect,
        resource: &str,
    ) -> bool {
        let read = self.expressions.read(text, dialect);
        let Err(error) = read.as_ref() else { return true };
        let finding = INVALID_EXPRESSION.finding(error.message.clone());
        let mut finding = finding.at(within(at, text, &error.range)).resource(resource);
        if let Some(hint) = &error.hint {
            finding = finding.help(hint);
        }
        self.report(finding);
        false
    }
}

/// The place of a part of a text that stands at `at`: where the text is written as it is, with or
/// without quotes; else the whole place.
fn within(at: Span, text: &str, part: &Range<usize>) -> Span {
    let quotes = match at.len().checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return at,
    };
    if text.contains('\n') || at.is_none() || part.start > part.end || part.end > text.len() {
        return at;
    }
    let offset = |place: usize| u32::try_from(place + quotes).map(|place| at.start + place);
    match (offset(part.start), offset(part.end)) {
        (Ok(start), Ok(end)) => Span::new(at.file, start, end),
        _ => at,
    }
}
