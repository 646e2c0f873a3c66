//! Paths of the schema: `services.web.vpc_access.egress`, `security_policies."a.b".rules[0]`.

use std::fmt::{Display, Formatter, Result};

use crate::source::tree::Key;
use crate::source::{Span, flow};

/// One part of a path.
#[derive(Clone, Debug)]
pub enum EditStep {
    /// What is under a key, or has a name.
    Key(Key),
    /// What is at a position of a list.
    Item {
        /// The position, from 0.
        at: usize,
        /// Where it stands.
        span: Span,
    },
}

/// Where in a topology something is.
#[derive(Clone, Debug, Default)]
pub struct EditPath {
    /// Its parts, from the top.
    pub steps: Vec<EditStep>,
}

impl EditStep {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            EditStep::Key(key) => key.span,
            EditStep::Item { span, .. } => *span,
        }
    }
}

impl EditPath {
    /// Its first parts.
    #[must_use]
    pub fn first(&self, number: usize) -> Self {
        Self { steps: self.steps.iter().take(number).cloned().collect() }
    }

    /// Whether it leads to the same as another, or to what is inside that.
    pub fn is_within(&self, other: &Self) -> bool {
        self.first(other.steps.len()).to_string() == other.to_string()
    }
}

impl Display for EditPath {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (number, step) in self.steps.iter().enumerate() {
            match step {
                EditStep::Key(key) => {
                    f.write_str(if number > 0 { "." } else { "" })?;
                    f.write_str(&name(&key.text))?;
                }
                EditStep::Item { at, .. } => write!(f, "[{at}]")?,
            }
        }
        Ok(())
    }
}

/// A name as a path has it: in quotes where it holds what has a meaning there.
fn name(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-/*@:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.ends_with('-') {
        text.to_owned()
    } else {
        flow::quoted(text)
    }
}
