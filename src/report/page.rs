//! What all text of one answer is written with.

use std::io::{self, Write};

use super::Detail;
use super::layout::{FAINT, and, paragraph, styled};
use super::words::Words;
use crate::graph::ResourceId;
use crate::source::{Places, Span};

/// How many names of a list are shown unless everything is asked for.
const NAMES: usize = 6;

/// What all text of one answer is written with.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its words.
    pub words: Words<'a>,
    /// Where facts stand.
    pub places: &'a Places,
    /// How much is told.
    pub detail: Detail,
}

impl Page<'_> {
    /// Some names, and how many more there are.
    pub fn names(self, all: &[String]) -> String {
        names(all, self.detail)
    }

    /// Where a fact about a resource stands: `topology.yaml:21`; empty if it is not known.
    pub fn at(self, span: Span, resource: Option<ResourceId>) -> String {
        let resource = resource.map(|id| self.words.resource(id)).unwrap_or_default();
        let at = self.places.at(span, &resource);
        at.map_or_else(String::new, |at| at.to_string())
    }
}

/// Some names, and how many more there are.
pub fn names(all: &[String], detail: Detail) -> String {
    if detail.explain || all.len() <= NAMES + 1 {
        return and(all);
    }
    let (shown, rest) = all.split_at(NAMES);
    format!("{} and {} more", shown.join(", "), rest.len())
}

/// Writes a named fact of a path, wrapped; nothing if it is empty.
pub fn item(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let first = format!("    {}", styled(FAINT, format!("{name:<11}")));
    paragraph(out, &first, &" ".repeat(15), text)
}

/// Writes a named fact of a path on one line: it is there to be copied.
pub fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "    {}{text}", styled(FAINT, format!("{name:<11}")))
}
