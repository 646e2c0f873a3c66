//! Expressions, each read once however often it is written.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::Checker;
use super::policies::INVALID_EXPRESSION;
use crate::source::Span;
use crate::topology::cel::{self, CelError, Dialect};
use crate::topology::condition::Test;

/// What the checks ask of an expression.
pub(super) struct Expression {
    pub subexpressions: usize,
    /// The address groups that it names, by their last part.
    pub address_groups: Vec<String>,
    /// The access levels that it names, by their last part.
    pub access_levels: Vec<String>,
}

/// The expressions that were read.
#[derive(Default)]
pub(super) struct Expressions<'t> {
    read: HashMap<(Dialect, &'t str), Rc<Result<Expression, CelError>>>,
}

impl<'t> Expressions<'t> {
    fn read(&mut self, text: &'t str, dialect: Dialect) -> Rc<Result<Expression, CelError>> {
        let read = self.read.entry((dialect, text));
        Rc::clone(read.or_insert_with(|| Rc::new(Expression::read(text, dialect))))
    }
}

impl Expression {
    fn read(text: &str, dialect: Dialect) -> Result<Self, CelError> {
        let condition = cel::parse(text, dialect)?;
        let subexpressions = match dialect {
            Dialect::SecurityPolicy => cel::count_subexpressions(text)?,
            _ => 0,
        };
        let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
        let (mut address_groups, mut access_levels) = (Vec::new(), Vec::new());
        for test in condition.tests() {
            match test {
                Test::AddressGroup { name, .. } => address_groups.push(last(name)),
                Test::AccessLevel(name) => access_levels.push(last(name)),
                _ => {}
            }
        }
        Ok(Self { subexpressions, address_groups, access_levels })
    }
}

impl<'t> Checker<'t, '_> {
    /// Reads an expression; `asked` gets it if it can be read.
    pub(super) fn ask<T>(
        &mut self,
        text: &'t str,
        dialect: Dialect,
        asked: impl FnOnce(&Expression) -> T,
    ) -> Option<T> {
        self.expressions.read(text, dialect).as_ref().as_ref().ok().map(asked)
    }

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
