//! YAML and JSON text into the spanned tree.
//!
//! The text is read as YAML 1.2, of which JSON is a part: `yes` and `on` are texts, and a quoted
//! text is never a number. Anchors, aliases and merge keys (`<<`) are resolved; tags other than
//! YAML's own are refused. Every value and every key keeps its exact place.
//!
//! No bytes make the reader panic, and none make it use more than [`Limits`] allows: it is made for
//! files from anywhere. What it cannot read it reports.

mod reader;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::reader::AskedDocuments;
use crate::source::tree::Node;
use crate::source::{FileId, Files, Findings, Span, code};

/// What a file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length of a file in bytes.
    pub bytes: usize,
    /// How deep lists and maps may stand inside each other.
    pub depth: usize,
    /// How many values a file may hold.
    pub nodes: usize,
    /// How many values aliases and the anchors that they name may stand for.
    pub aliased: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 64, nodes: 5_000_000, aliased: 500_000 }
    }
}

/// Reads a file that holds one document, and keeps its text in `files`.
///
/// Returns nothing if the file cannot be read at all; the findings say why. Duplicate keys, unknown
/// tags and the like are reported and left out.
pub fn read(files: &mut Files, name: &str, bytes: &[u8], findings: &mut Findings) -> Option<Node> {
    read_within(Limits::default(), files, name, bytes, findings)
}

/// Reads a file that holds one document, within limits of the caller's choice.
pub fn read_within(
    limits: Limits,
    files: &mut Files,
    name: &str,
    bytes: &[u8],
    findings: &mut Findings,
) -> Option<Node> {
    let limits = Limits { bytes: limits.bytes.min(u32::MAX as usize), ..limits };
    if bytes.len() > limits.bytes {
        let file = files.add(name, "");
        let limit = limits.bytes >> 20;
        let message = format!("`{name}` is larger than {limit} MiB");
        findings.push(code::TOO_LARGE.finding(message).at(Span::new(file, 0, 0)));
        return None;
    }
    let (file, text) = decode(files, name, bytes, findings)?;
    let documents = reader::read(&text, file, limits, AskedDocuments::One, findings)?;
    let document = documents.into_iter().next();
    if document.is_none() {
        let finding = code::EMPTY_FILE.finding(format!("`{name}` is empty"));
        findings.push(finding.at(Span::new(file, 0, 0)));
    }
    document
}

/// Reads what stands in a kept file from a place on, as one value; nothing if none is written.
pub fn read_behind(files: &Files, place: Span, findings: &mut Findings) -> Option<Node> {
    let text = files.source(place.file);
    let start = place.start as usize;
    // Blank lines stand for what is before it, so that every value has its place in the file.
    let blank = "\n".repeat(start) + text.get(start..).unwrap_or_default();
    reader::read(&blank, place.file, Limits::default(), AskedDocuments::Value, findings)?
        .into_iter()
        .next()
}

/// The bytes as text without a byte order mark, kept in `files`.
fn decode(
    files: &mut Files,
    name: &str,
    bytes: &[u8],
    findings: &mut Findings,
) -> Option<(FileId, Arc<str>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let text: Arc<str> = text.into();
            return Some((files.add(name, Arc::clone(&text)), text));
        }
        Err(error) => error,
    };
    // The text up to the bad byte is kept, with a mark in its place, so that it can be shown.
    let good = error.valid_up_to();
    let mut text = String::from_utf8_lossy(bytes.get(..good).unwrap_or_default()).into_owned();
    text.push(char::REPLACEMENT_CHARACTER);
    let end = text.len();
    let file = files.add(name, text);
    let span = Span::new(file, reader::offset(good), reader::offset(end));
    let byte = bytes.get(good).copied().unwrap_or_default();
    let message = format!("`{name}` is not UTF-8: byte {good} is 0x{byte:02x}");
    let help = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16: save it as UTF-8",
        _ => "save it as UTF-8",
    };
    findings.push(code::NOT_UTF8.finding(message).at(span).help(help));
    None
}
