//! The question `reach`.

use super::answer::Answer;
use super::{AskError, Model, RequestFilter};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// From where.
    pub from: Vec<String>,
    /// To what.
    pub to: Vec<String>,
    /// Only paths over this.
    pub via: Option<String>,
    /// Only paths that do not pass this.
    pub avoid: Option<String>,
    /// Lists what is refused, too.
    pub refused: bool,
    /// Only these requests.
    pub filter: RequestFilter,
}

/// Asks it.
pub fn ask(model: &Model, parameters: &Parameters) -> Result<Answer, AskError> {
    let _ = (model, parameters, RequestFilter::default());
    Err(AskError { message: "not answered yet".into(), help: None })
}
