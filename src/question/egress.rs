//! The question `egress`.

use super::answer::Answer;
use super::{AskError, Model, RequestFilter};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Who sends.
    pub from: String,
    /// To what; everything outside if all three are absent.
    pub to: Option<String>,
    /// To which host.
    pub host: Option<String>,
    /// To which address.
    pub ip: Option<std::net::IpAddr>,
}

/// Asks it.
pub fn ask(model: &Model, parameters: &Parameters) -> Result<Answer, AskError> {
    let _ = (model, parameters, RequestFilter::default());
    Err(AskError { message: "not answered yet".into(), help: None })
}
