//! YAML and JSON text into the spanned tree.

use crate::source::tree::Node;
use crate::source::{Files, Findings};

/// Reads.
pub fn read(files: &mut Files, name: &str, bytes: &[u8], findings: &mut Findings) -> Option<Node> {
    let _ = (files, name, bytes, findings);
    None
}
