//! The question `trace`.

use super::answer::Answer;
use super::{AskError, Model, RequestFilter};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Who sends.
    pub from: String,
    /// To which URL.
    pub url: String,
    /// Who it is: an IAM member string; anonymous if absent.
    pub principal: Option<String>,
    /// The audience of its ID token; the right one for the service if absent.
    pub audience: Option<String>,
    /// From which address.
    pub source_ip: Option<std::net::IpAddr>,
    /// The address to connect to, instead of what the host resolves to.
    pub connect_to: Option<std::net::IpAddr>,
    /// The method; GET if absent.
    pub method: Option<String>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The region of the source (ISO 3166-1 alpha-2).
    pub region: Option<String>,
    /// Free properties that it has (`waf/sqli-v33-stable`).
    pub conditions: Vec<String>,
}

/// Asks it.
pub fn ask(model: &Model, parameters: &Parameters) -> Result<Answer, AskError> {
    let _ = (model, parameters, RequestFilter::default());
    Err(AskError { message: "not answered yet".into(), help: None })
}
