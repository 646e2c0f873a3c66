//! Where a fact stands, as answers say it.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::source::{Places, Span};

/// Where a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct At<'a> {
    /// The file; nothing for what no file states.
    pub file: Option<&'a str>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// The address in Terraform.
    pub address: Option<&'a str>,
}

impl Places {
    /// Where a fact about a resource stands; nothing if neither a file nor Terraform has it.
    pub fn at(&self, span: Span, resource: &str) -> Option<At<'_>> {
        let place = self.files.line_column(span);
        let address = self.addresses.get(resource).map(|address| &**address);
        if place.is_none() && address.is_none() {
            return None;
        }
        Some(At {
            file: place.map(|_| self.files.name(span.file)),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            address,
        })
    }
}

/// `topology.yaml:21`, or the address.
impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.file, self.line) {
            (Some(address), ..) => f.write_str(address),
            (None, Some(file), Some(line)) => write!(f, "{file}:{line}"),
            (None, file, _) => f.write_str(file.unwrap_or_default()),
        }
    }
}
