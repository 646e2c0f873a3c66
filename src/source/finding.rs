//! What there is to say about the input.

use std::cmp::Ordering;

use crate::source::Span;

/// How bad a finding is; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The input cannot be used as it is.
    Error,
    /// The input can be used, but probably does not say what is meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place that a finding underlines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say at it; may be empty.
    pub text: String,
    /// Whether this is where the finding is, not only a place that explains it.
    pub primary: bool,
}

/// One thing to say about the input.
///
/// The message is lower case without a full stop, quotes input in backticks, and stands alone; the
/// help says what to do about it, the note what to know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What kind of finding it is; [`codes::find`](crate::codes::find) explains it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub message: String,
    /// Where.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// What else to know.
    pub note: Option<String>,
    /// The resource it is about, as `kind/name`.
    pub resource: Option<String>,
    /// Its address in Terraform.
    pub address: Option<String>,
}

impl Finding {
    /// A finding of a given severity.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            note: None,
            resource: None,
            address: None,
        }
    }

    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Says where the finding is, without words at the place.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Says where the finding is, with words at the place. Nothing for [`Span::none`].
    #[must_use]
    pub fn label(self, span: Span, text: impl Into<String>) -> Self {
        self.with_label(Label { span, text: text.into(), primary: true })
    }

    /// Adds a place that explains the finding. Nothing for [`Span::none`].
    #[must_use]
    pub fn also(self, span: Span, text: impl Into<String>) -> Self {
        self.with_label(Label { span, text: text.into(), primary: false })
    }

    fn with_label(mut self, label: Label) -> Self {
        if !label.span.is_none() {
            self.labels.push(label);
        }
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what else to know.
    #[must_use]
    pub fn remark(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Says which resource it is about, as `kind/name`.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Gives its address in Terraform.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Whether the input cannot be used for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Which of two comes first in a list: by file and place, those without a place last.
    pub fn by_place(&self, other: &Self) -> Ordering {
        let key = |finding: &Self| (finding.span(), finding.severity, finding.code);
        key(self).cmp(&key(other)).then_with(|| self.message.cmp(&other.message))
    }

    /// Where the finding is: its first primary place, or [`Span::none`].
    pub fn span(&self) -> Span {
        self.labels.iter().find(|label| label.primary).map_or(Span::none(), |label| label.span)
    }
}

/// Collects findings, so that a reader can go on after the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// No findings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Finding::is_error)
    }

    /// All of them, in the order in which they were found, or sorted after [`Findings::sort`].
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.list.iter()
    }

    /// Sorts by file and place, those without a place last, and drops repetitions.
    pub fn sort(&mut self) {
        self.list.sort_by(Finding::by_place);
        self.list.dedup();
    }

    /// All of them, sorted as by [`Findings::sort`].
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.sort();
        self.list
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.list.extend(findings);
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        Self { list: findings.into_iter().collect() }
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Words as a list in a sentence: `a`, `b` and `c`.
pub fn listed<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Files;

    #[test]
    fn findings_come_by_file_and_place_and_once() {
        let mut files = Files::new();
        let (a, b) = (files.add("a", "text"), files.add("b", "text"));
        let mut findings = Findings::new();
        findings.push(Finding::note("n", "nowhere"));
        findings.push(Finding::error("e", "second file").at(Span::new(b, 0, 1)));
        findings.push(Finding::warning("w", "late").at(Span::new(a, 2, 3)));
        findings.push(Finding::error("e", "early").at(Span::new(a, 0, 1)));
        findings.push(Finding::warning("w", "late").at(Span::new(a, 2, 3)));
        assert!(findings.has_errors());
        assert_eq!(findings.count(Severity::Warning), 2);
        let sorted: Vec<_> = findings.into_sorted().into_iter().map(|f| f.message).collect();
        assert_eq!(sorted, ["early", "late", "second file", "nowhere"]);
    }

    #[test]
    fn the_place_is_the_first_primary_label() {
        let mut files = Files::new();
        let file = files.add("a", "text");
        let finding = Finding::error("e", "m")
            .also(Span::new(file, 0, 1), "here before")
            .label(Span::new(file, 2, 3), "here again")
            .label(Span::none(), "dropped");
        assert_eq!(finding.span(), Span::new(file, 2, 3));
        assert_eq!(finding.labels.len(), 2);
    }
}
