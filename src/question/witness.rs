//! One request in full.

use std::net::IpAddr;

use super::answer::Witness;
use crate::graph::{Graph, Request};

/// A request in full.
pub fn show(graph: &Graph, request: &Request) -> Witness {
    let known = |address: IpAddr| graph.placeholders.what(address).is_none().then_some(address);
    let path = match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    };
    Witness {
        destination: known(request.destination),
        path,
        headers: request.headers.clone(),
        request: Box::new(request.clone()),
    }
}

/// What a command sends by itself, where the request may have it.
pub const SENT: [(&str, &str); 2] = [("accept", "*/*"), ("user-agent", "curl/8.5.0")];

/// Whether a character stands in a URL as it is, for any command and any shell.
pub fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~/=&".contains(c)
}
