//! The question `exposure`.

use super::answer::Answer;
use super::{AskError, Model, RequestFilter};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Only these sources; all if empty.
    pub from: Vec<String>,
    /// Only these services; all if empty.
    pub to: Vec<String>,
}

/// Asks it.
pub fn ask(model: &Model, parameters: &Parameters) -> Result<Answer, AskError> {
    let _ = (model, parameters, RequestFilter::default());
    Err(AskError { message: "not answered yet".into(), help: None })
}
