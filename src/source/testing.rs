//! What tests of all stages share.

use std::fmt::Write as _;

use crate::source::{Files, Findings};

/// The findings as text: code and message, then each underlined text, the help and the note.
pub fn shown(files: &Files, findings: &Findings) -> String {
    let mut text = String::new();
    for finding in findings.clone().into_sorted() {
        let _ = writeln!(text, "{}[{}]: {}", finding.severity, finding.code, finding.message);
        for label in &finding.labels {
            let mark = if label.primary { '^' } else { '-' };
            let underlined = files.text(label.span);
            let space = if label.text.is_empty() { "" } else { " " };
            let _ = writeln!(text, "  {mark} {underlined:?}{space}{}", label.text);
        }
        let extra =
            [("help", &finding.help), ("note", &finding.note), ("resource", &finding.resource)];
        for (name, value) in extra {
            if let Some(value) = value {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
    }
    text
}
