//! From text to syntax tree, with the place of every node.

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};

use cel::common::ast::operators::{CONDITIONAL, LOGICAL_AND, LOGICAL_NOT, LOGICAL_OR};
use cel::common::ast::{EntryExpr, Expr, IdedExpr, SourceInfo};

use super::{CelError, MAX_LENGTH, MAX_NESTING};

/// How many links a tree may have from its root to a leaf: brackets, operators, selections. The
/// parser and the reader recurse, and a long chain such as `a.a.a.a` is as deep as it is long.
const MAX_DEPTH: usize = 128;

/// The stack of the thread that parses. The generated parser needs some 150 KiB for a bracket when
/// it is not optimised, and more than the usual 2 MiB for the deepest expression that is read. A
/// thread of its own also turns a panic in the parser, should it have one left, into an error.
const STACK: usize = 64 << 20;

type Parsed = Result<(IdedExpr, SourceInfo), CelError>;

/// A text to parse, and where the result goes.
type ParseJob = (String, SyncSender<Option<Parsed>>);

/// Parses on a thread of its own, which is started with the first expression and kept: the
/// generated parser sets up its tables once for each thread, which takes longer than an
/// expression. `None` if it panics.
fn parse_aside(text: &str) -> Option<Parsed> {
    static PARSER: OnceLock<Option<Sender<ParseJob>>> = OnceLock::new();
    let parser = PARSER.get_or_init(|| {
        let (jobs, queue) = channel::<ParseJob>();
        let work = move || {
            let environment = cel::Env::default().with_optional_support(false);
            for (text, result) in queue {
                let parse = AssertUnwindSafe(|| parse(&environment, &text));
                let parsed = std::panic::catch_unwind(parse).ok();
                // Whoever asked may have given up.
                let _ = result.send(parsed);
            }
        };
        let thread = std::thread::Builder::new().name("cel".into()).stack_size(STACK);
        thread.spawn(work).ok().map(|_| jobs)
    });
    let (result, answer) = sync_channel(1);
    parser.as_ref()?.send((text.to_owned(), result)).ok()?;
    answer.recv().ok()?
}

/// An expression that has been parsed.
pub(super) struct ParsedSource<'a> {
    pub(super) text: &'a str,
    pub(super) root: IdedExpr,
    places: SourceInfo,
    brackets: Vec<(usize, usize)>,
}

impl<'a> ParsedSource<'a> {
    /// Parses a text, with all macros off: `has(request.headers['x'])` stays the call it is, where
    /// the standard macro would insist on a selection.
    pub(super) fn parse(text: &'a str) -> Result<ParsedSource<'a>, CelError> {
        if text.len() > MAX_LENGTH {
            let message = format!("an expression of more than {MAX_LENGTH} bytes is not read");
            return Err(CelError::new(message, 0..text.len()));
        }
        if text.trim().is_empty() {
            return Err(CelError::new("the expression is empty", 0..text.len())
                .hint("write `true` for a rule that matches every request"));
        }
        let brackets = scan(text)?;
        let (root, places) = parse_aside(text).unwrap_or_else(|| {
            Err(CelError::new("the expression cannot be read", 0..text.len()))
        })?;
        Ok(ParsedSource { text, root, places, brackets })
    }

    /// The part of the text that a node was read from.
    pub(super) fn range(&self, node: &IdedExpr) -> Range<usize> {
        let (mut start, mut end) = (usize::MAX, 0);
        visit(node, &mut |node| {
            if let Some((from, to)) = self.places.offset_for(node.id) {
                let mut from = from as usize;
                if let Expr::Call(call) = &node.expr
                    && call.target.is_none()
                    && call.func_name.bytes().all(is_name)
                {
                    // The place of a call is its bracket; the name stands before it.
                    let before = self.text.get(..from).unwrap_or_default().trim_end();
                    from =
                        before.trim_end_matches(|c: char| c.is_ascii() && is_name(c as u8)).len();
                }
                let mut to = to as usize + 1;
                if let Expr::Select(_) = &node.expr {
                    // The place of a selection is its point; the name stands after it.
                    let after = self.text.get(to..).unwrap_or_default().trim_start();
                    let name = after.bytes().take_while(|&b| is_name(b) && b != b'.').count();
                    to = self.text.len() - after.len() + name;
                }
                start = start.min(from);
                end = end.max(to);
            }
        });
        if start >= end || end > self.text.len() {
            return 0..self.text.len();
        }
        // Take in the other half of every bracket.
        loop {
            let before = (start, end);
            for &(open, close) in &self.brackets {
                if (start..end).contains(&open) {
                    end = end.max(close + 1);
                } else if (start..end).contains(&close) {
                    start = start.min(open);
                }
            }
            if before == (start, end) {
                return start..end;
            }
        }
    }

    /// The text of a node.
    pub(super) fn text(&self, node: &IdedExpr) -> &'a str {
        self.text.get(self.range(node)).unwrap_or(self.text)
    }

    pub(super) fn count_subexpressions(&self) -> usize {
        fn count(node: &IdedExpr) -> usize {
            match &node.expr {
                Expr::Call(call)
                    if [LOGICAL_AND, LOGICAL_OR, LOGICAL_NOT, CONDITIONAL]
                        .contains(&call.func_name.as_str()) =>
                {
                    call.args.iter().map(count).sum()
                }
                _ => 1,
            }
        }
        count(&self.root)
    }
}

/// Calls `each` with a node and everything below it.
fn visit(node: &IdedExpr, each: &mut impl FnMut(&IdedExpr)) {
    each(node);
    match &node.expr {
        Expr::Call(call) => {
            call.target.iter().for_each(|target| visit(target, each));
            call.args.iter().for_each(|arg| visit(arg, each));
        }
        Expr::List(list) => list.elements.iter().for_each(|item| visit(item, each)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    visit(&entry.key, each);
                    visit(&entry.value, each);
                }
            }
        }
        Expr::Select(select) => visit(&select.operand, each),
        _ => {}
    }
}

/// Runs the parser; the text must have been scanned.
fn parse(environment: &cel::Env, text: &str) -> Parsed {
    let parser = environment.parser();
    // No recovery: a tree with repairs in it would never be used, only walked.
    let parser = parser.error_recovery_limit(0).max_recursion_depth(1000);
    let parsed = parser.parse_with_source_info(text);
    parsed.map_err(|errors| syntax_error(text, &errors))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.'
}

fn syntax_error(text: &str, errors: &cel::ParseErrors) -> CelError {
    // The parser adds an error of its own for having stopped, which helps nobody.
    let stopped = "error recovery attempt limit";
    let first = errors.errors.iter().find(|e| !e.msg.contains(stopped));
    let Some(error) = first.or(errors.errors.first()) else {
        return CelError::new("the expression cannot be read", 0..text.len());
    };
    let before: usize = text
        .split_inclusive('\n')
        .take(usize::try_from(error.pos.0 - 1).unwrap_or(0))
        .map(str::len)
        .sum();
    let line = text.get(before..).unwrap_or_default();
    let column = usize::try_from(error.pos.1 - 1).unwrap_or(0);
    let start = before + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let rest = text.get(start..).unwrap_or_default();
    let word = rest.bytes().take_while(|&b| is_name(b)).count();
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let range = start..start + word.max(first);
    if error.msg.contains(stopped) || rest.is_empty() {
        let message = match text.get(range.clone()) {
            Some(found) if !found.is_empty() => format!("`{found}` is not expected here"),
            _ => "the expression ends too early".to_owned(),
        };
        return CelError::new(message, range);
    }
    let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg);
    // The list of everything that could stand there is longer than most expressions.
    let message = message.split(" expecting ").next().unwrap_or(message);
    CelError::new(format!("not a CEL expression: {}", message.trim()), range)
}

/// What a level of brackets has seen.
#[derive(Default)]
struct Level {
    open: usize,
    /// Links since the last separator, which bounds the depth of the tree there.
    links: usize,
    deepest: usize,
}

/// Pairs the brackets of a text and makes sure that its tree is shallow, before the parser, which
/// recurses, gets to see it. Knows strings and comments.
fn scan(text: &str) -> Result<Vec<(usize, usize)>, CelError> {
    let bytes = text.as_bytes();
    let mut pairs = Vec::new();
    let mut levels = vec![Level::default()];
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let mut links = 0;
        match byte {
            b'\'' | b'"' => at = string_end(text, start, false)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                while bytes.get(at).is_some_and(|&b| is_name(b) && b != b'.') {
                    at += 1;
                }
                match &text[start..at] {
                    "in" => links = 1,
                    prefix if matches!(bytes.get(at), Some(b'\'' | b'"')) => {
                        let raw = matches!(prefix, "r" | "R" | "br" | "bR" | "Br" | "BR");
                        at = string_end(text, at, raw)?;
                    }
                    _ => {}
                }
            }
            b'/' if bytes.get(at) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
            }
            b'(' | b'[' | b'{' => levels.push(Level { open: start, links: 1, deepest: 0 }),
            b')' | b']' | b'}' => {
                let level = levels.pop().filter(|_| !levels.is_empty());
                let Some(level) = level.filter(|level| {
                    matches!((bytes[level.open], byte), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
                }) else {
                    let message = format!("`{}` closes nothing", char::from(byte));
                    return Err(CelError::new(message, start..at));
                };
                pairs.push((level.open, start));
                links = level.links.max(level.deepest);
            }
            b'=' | b'!' | b'<' | b'>' if bytes.get(at) == Some(&b'=') => {
                at += 1;
                links = 1;
            }
            b'&' | b'|' | b'=' if byte == b'=' || bytes.get(at) != Some(&byte) => {
                let sign = char::from(byte);
                let message = format!("`{sign}` is not an operator");
                return Err(CelError::new(message, start..at).hint(format!("write `{sign}{sign}`")));
            }
            b',' | b'?' | b':' | b'&' | b'|' => {
                if matches!(byte, b'&' | b'|') {
                    at += 1;
                }
                if let Some(level) = levels.last_mut() {
                    level.deepest = level.deepest.max(level.links);
                    level.links = 1;
                }
            }
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'!' => links = 1,
            _ => {}
        }
        if let Some(level) = levels.last_mut() {
            level.links += links;
        }
        let depth: usize = levels.iter().map(|level| level.links).sum();
        if levels.len() > MAX_NESTING + 1 || depth > MAX_DEPTH {
            let message = "the expression is nested too deeply to be read";
            return Err(CelError::new(message, start..at));
        }
    }
    match levels.pop() {
        Some(level) if !levels.is_empty() => {
            let message = format!("`{}` is never closed", char::from(bytes[level.open]));
            Err(CelError::new(message, level.open..level.open + 1))
        }
        _ => Ok(pairs),
    }
}

/// Where the string that opens at `start` ends.
fn string_end(text: &str, start: usize, raw: bool) -> Result<usize, CelError> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if !raw => at += 1,
            b'\n' | b'\r' if !triple => break,
            _ if triple && bytes[at..].starts_with(&[quote; 3]) => return Ok(at + 3),
            _ if !triple && byte == quote => return Ok(at + 1),
            _ => {}
        }
        at += 1;
    }
    Err(CelError::new("the string is never closed", start..text.len()))
}
