//! Expressions, each read once however often it is written.

use std::collections::HashMap;
use std::rc::Rc;

use crate::topology::cel::{self, CelError, Dialect};
use crate::topology::condition::Test;

/// What is asked of an expression.
pub(crate) struct ReadExpression {
    pub subexpressions: usize,
    /// The address groups that it names, by their last part.
    pub address_groups: Vec<String>,
    /// The access levels that it names, by their last part.
    pub access_levels: Vec<String>,
}

/// The expressions that were read.
#[derive(Default)]
pub(crate) struct ReadExpressions<'t> {
    read: HashMap<(Dialect, &'t str), Rc<Result<ReadExpression, CelError>>>,
}

impl<'t> ReadExpressions<'t> {
    /// Reads an expression.
    pub fn read(
        &mut self,
        text: &'t str,
        dialect: Dialect,
    ) -> Rc<Result<ReadExpression, CelError>> {
        let read = self.read.entry((dialect, text));
        Rc::clone(read.or_insert_with(|| Rc::new(ReadExpression::read(text, dialect))))
    }

    /// Reads an expression; `asked` gets it if it can be read.
    pub fn ask<T>(
        &mut self,
        text: &'t str,
        dialect: Dialect,
        asked: impl FnOnce(&ReadExpression) -> T,
    ) -> Option<T> {
        self.read(text, dialect).as_ref().as_ref().ok().map(asked)
    }
}

impl ReadExpression {
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
