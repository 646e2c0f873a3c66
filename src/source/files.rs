//! The files that were read, and places in them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// One of the files of a [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    const NONE: Self = Self(u32::MAX);
}

/// A place in a file: the bytes from `start` up to, not including, `end`.
///
/// A fact that no file states, such as a default, has the span [`Span::none`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to `end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// The span of what stands in no file.
    pub const fn none() -> Self {
        Self { file: FileId::NONE, start: 0, end: 0 }
    }

    /// Whether this is [`Span::none`].
    pub fn is_none(self) -> bool {
        self.file == FileId::NONE
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the place lies between two bytes, as that of a value left out.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both; this one if they are in different files.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.is_none() {
            return other;
        }
        if self.file != other.file {
            return self;
        }
        Self::new(self.file, self.start.min(other.start), self.end.max(other.end))
    }

    /// The empty span at its start.
    #[must_use]
    pub fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The bytes as a range of the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::none()
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// The whole lines around a place, for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// The lines that the place touches, without the last line break.
    pub text: &'a str,
    /// The number of the first of them, from 1.
    pub first_line: u32,
    /// The place, as bytes of `text`.
    pub range: Range<usize>,
}

#[derive(Debug)]
struct File {
    name: Arc<str>,
    text: Arc<str>,
    /// Where each line begins; found when it is first asked for.
    lines: OnceLock<Box<[u32]>>,
}

impl File {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| offset(at + 1))).collect()
        })
    }

    /// The index of the line that holds the byte.
    fn line(&self, at: u32) -> usize {
        self.lines().partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// The bytes of a line without its break.
    fn line_range(&self, line: usize) -> Range<usize> {
        let lines = self.lines();
        let start = lines.get(line).map_or(self.text.len(), |&start| start as usize);
        let end = lines.get(line + 1).map_or(self.text.len(), |&next| next as usize);
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end_matches(['\n', '\r']).len()
    }
}

/// All files of a run, by id: their names and their texts.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

/// The number as an offset into a file; texts are far smaller than 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Files {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a text under a name, which need not be unique.
    ///
    /// Offsets are 32 bits wide, so places beyond 4 GiB cannot be named; readers refuse such files
    /// long before.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(offset(self.files.len()));
        self.files.push(File { name: name.into(), text: text.into(), lines: OnceLock::new() });
        id
    }

    fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// The ids of all files, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..offset(self.files.len())).map(FileId)
    }

    /// The name under which a file was added; empty for [`Span::none`]'s file.
    pub fn name(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| &file.name)
    }

    /// The whole text of a file; empty for [`Span::none`]'s file.
    pub fn source(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| &file.text)
    }

    /// The text at a place; empty if there is none.
    pub fn text(&self, span: Span) -> &str {
        self.source(span.file).get(span.range()).unwrap_or_default()
    }

    /// The line and the column at which a place begins, or nothing for [`Span::none`].
    pub fn line_column(&self, span: Span) -> Option<LineColumn> {
        let file = self.file(span.file)?;
        let line = file.line(span.start);
        let start = file.lines().get(line).copied()? as usize;
        let before = file.text.get(start..span.start as usize)?;
        Some(LineColumn { line: offset(line + 1), column: offset(before.chars().count() + 1) })
    }

    /// The whole lines that hold a place, or nothing for [`Span::none`].
    pub fn excerpt(&self, span: Span) -> Option<Excerpt<'_>> {
        let file = self.file(span.file)?;
        let first = file.line(span.start);
        let last = file.line(if span.is_empty() { span.start } else { span.end - 1 });
        let start = file.line_range(first).start;
        let text = file.text.get(start..file.line_range(last).end)?;
        let clip = |at: u32| (at as usize).saturating_sub(start).min(text.len());
        Some(Excerpt {
            name: &file.name,
            text,
            first_line: offset(first + 1),
            range: clip(span.start)..clip(span.end),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_small() {
        assert_eq!(size_of::<Span>(), 12);
    }

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let mut files = Files::new();
        let file = files.add("a.yaml", "é: 1\r\nü: zwölf\n");
        let place = |start, end| files.line_column(Span::new(file, start, end));
        assert_eq!(place(0, 2), Some(LineColumn { line: 1, column: 1 }));
        assert_eq!(place(4, 5), Some(LineColumn { line: 1, column: 4 }));
        assert_eq!(place(7, 9), Some(LineColumn { line: 2, column: 1 }));
        assert_eq!(place(18, 18), Some(LineColumn { line: 3, column: 1 }));
        assert_eq!(files.text(Span::new(file, 11, 17)), "zwölf");
    }

    #[test]
    fn nowhere_has_no_line_and_no_text() {
        let files = Files::new();
        assert_eq!(files.line_column(Span::none()), None);
        assert_eq!(files.excerpt(Span::none()), None);
        assert_eq!(files.text(Span::none()), "");
    }

    #[test]
    fn an_excerpt_is_whole_lines() {
        let mut files = Files::new();
        let file = files.add("a.yaml", "a: 1\r\nb:\n  c: 2\n");
        let excerpt = files.excerpt(Span::new(file, 9, 15));
        let expected = Excerpt { name: "a.yaml", text: "  c: 2", first_line: 3, range: 0..6 };
        assert_eq!(excerpt, Some(expected));
        let excerpt = files.excerpt(Span::new(file, 3, 8));
        let expected = Excerpt { name: "a.yaml", text: "a: 1\r\nb:", first_line: 1, range: 3..8 };
        assert_eq!(excerpt, Some(expected));
        let excerpt = files.excerpt(Span::new(file, 16, 16));
        let expected = Excerpt { name: "a.yaml", text: "", first_line: 4, range: 0..0 };
        assert_eq!(excerpt, Some(expected));
    }
}
