//! Why there is no model, or no answer.

use std::fmt;
use std::sync::Arc;

use crate::question::AskError;
use crate::report::findings;
use crate::source::{Files, Finding, Places};

/// Why a topology cannot be asked.
///
/// ```
/// let loaded = portolan::Description::new().text("topology.yaml", "services: {}").load();
/// let error = loaded.compile().unwrap_err();
/// assert!(error.to_string().contains("does not say that it is a topology"));
/// assert!(matches!(error, portolan::Error::Invalid(_)));
/// ```
#[derive(Debug, Clone)]
pub enum Error {
    /// What was read has errors.
    Invalid(Invalid),
    /// The question cannot be asked of it, or what is assumed cannot be assumed.
    Ask(AskError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(error) => error.fmt(f),
            Error::Ask(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Invalid(error) => error.source(),
            Error::Ask(error) => error.source(),
        }
    }
}

impl From<Invalid> for Error {
    fn from(error: Invalid) -> Self {
        Error::Invalid(error)
    }
}

impl From<AskError> for Error {
    fn from(error: AskError) -> Self {
        Error::Ask(error)
    }
}

/// What was read has errors. It is displayed as the findings, each with the text underlined.
#[derive(Clone)]
pub struct Invalid {
    findings: Vec<Finding>,
    places: Arc<Places>,
}

impl Invalid {
    pub(super) fn new(findings: Vec<Finding>, places: Arc<Places>) -> Self {
        Self { findings, places }
    }

    /// What was found, by file and place.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The files that were read.
    pub fn files(&self) -> &Files {
        &self.places.files
    }
}

impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalid").field("findings", &self.findings).finish_non_exhaustive()
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = super::plain(|out| findings::write(out, self.files(), &self.findings));
        f.write_str(text.trim_end())
    }
}

impl std::error::Error for Invalid {}
