//! Lines of text: wrapping, and the few styles.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

/// How wide text may be.
pub const WIDTH: usize = 100;

/// What begins a part.
pub const STRONG: Style = Style::new().bold();
/// What is good.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is bad.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is not settled.
pub const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
/// What explains.
pub const FAINT: Style = Style::new().dimmed();

/// The text in a style.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The text in lines of at most `width` characters, broken at spaces. Line breaks stay; a word
/// that is longer stands alone.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let own = visible(word);
            if length > 0 && length + 1 + own > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += own;
        }
        lines.push(line);
    }
    lines
}

/// How many characters of a text are seen: terminal sequences are not.
pub fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in text.chars() {
        match c {
            '\x1b' => inside = true,
            'm' if inside => inside = false,
            _ if !inside => count += 1,
            _ => {}
        }
    }
    count
}

/// Writes a text wrapped, its first line behind `first`, the others behind `rest`.
pub fn paragraph(out: &mut dyn Write, first: &str, rest: &str, text: &str) -> io::Result<()> {
    let width = WIDTH.saturating_sub(visible(first).max(visible(rest))).max(20);
    let mut prefix = first;
    for line in wrap(text, width) {
        writeln!(out, "{}", format!("{prefix}{line}").trim_end())?;
        prefix = rest;
    }
    Ok(())
}

/// A number with its noun: `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub fn and<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub fn or<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "or")
}

fn joined<T: AsRef<str>>(words: &[T], with: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {with} {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_sequences_have_no_width() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a\n\nb", 7), ["a", "", "b"]);
        assert_eq!(wrap("incomprehensible it is", 5), ["incomprehensible", "it is"]);
        assert_eq!(visible(&styled(BAD, "no")), 2);
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(and(&["a", "b", "c"]), "a, b and c");
        assert_eq!(and(&["a", "b"]), "a and b");
        assert_eq!(and::<&str>(&[]), "");
        assert_eq!(or(&["a", "b", "c"]), "a, b or c");
        assert_eq!(count(1, "error"), "1 error");
        assert_eq!(count(0, "error"), "0 errors");
    }
}
