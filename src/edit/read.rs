//! From the text of an edit to the edit.

use std::sync::Arc;

use super::code::EDIT_SYNTAX;
use super::{Change, Edit, EditPath, EditStep};
use crate::import::yaml;
use crate::source::tree::Key;
use crate::source::{FileId, Files, Finding, Findings, Span};

const FORM: &str = "write `PATH=VALUE`, or `PATH+=VALUE` and `PATH-=VALUE` for lists";

/// Reads an edit, and keeps its text in `files`; reports what is wrong with it.
pub fn read(files: &mut Files, name: &str, text: &str, findings: &mut Findings) -> Option<Edit> {
    let file = files.add(name, text);
    let mut reader = EditReader { text, file, at: 0, findings };
    let path = reader.path()?;
    let operator = reader.operator()?;
    let place = reader.place(reader.at, reader.at);
    let before = findings.len();
    let value = yaml::read_behind(files, place, findings);
    if value.is_none() && findings.len() == before {
        let finding = EDIT_SYNTAX.finding("there is no value behind the `=`").at(place);
        findings.push(finding.help("`null` removes what is there, `\"\"` is an empty text"));
    }
    let value = value?;
    let change = match operator {
        Operator::Set => Change::Set(value),
        Operator::Add => Change::Add(value),
        Operator::Take => Change::Take(value),
    };
    // What is wrong in the value was left out of it.
    (findings.len() == before).then_some(Edit { path, change })
}

enum Operator {
    Set,
    Add,
    Take,
}

struct EditReader<'a, 'f> {
    text: &'a str,
    file: FileId,
    at: usize,
    findings: &'f mut Findings,
}

impl<'a> EditReader<'a, '_> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn place(&self, start: usize, end: usize) -> Span {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    /// Reports that nothing can be read here.
    fn refuse<T>(&mut self, finding: Finding) -> Option<T> {
        self.findings.push(finding);
        None
    }

    /// A finding about the character at a place.
    fn wrong(&self, message: &str, start: usize) -> Finding {
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        EDIT_SYNTAX.finding(message).at(self.place(start, start + length)).help(FORM)
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a text if it comes next.
    fn takes(&mut self, text: &str) -> bool {
        let next = self.rest().starts_with(text);
        if next {
            self.at += text.len();
        }
        next
    }

    fn path(&mut self) -> Option<EditPath> {
        self.skip_spaces();
        let mut steps = vec![self.name()?];
        loop {
            if self.takes(".") {
                steps.push(self.name()?);
            } else if self.rest().starts_with('[') {
                steps.push(self.item()?);
            } else {
                return Some(EditPath { steps });
            }
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        let end = self.at;
        self.skip_spaces();
        for (text, operator) in
            [("+=", Operator::Add), ("-=", Operator::Take), ("=", Operator::Set)]
        {
            if self.takes(text) {
                return Some(operator);
            }
        }
        let (message, at) = match self.rest() {
            "" => ("there is no `=` in this edit", end),
            _ => ("a path goes on with `.`, `[`, `=`, `+=` or `-=`", self.at),
        };
        self.refuse(self.wrong(message, at))
    }

    /// A key, an id or a name.
    fn name(&mut self) -> Option<EditStep> {
        let start = self.at;
        let text: Arc<str> = match self.rest().chars().next() {
            Some('"') => self.double_quoted()?.into(),
            Some('\'') => self.single_quoted()?.into(),
            _ => self.bare().into(),
        };
        if self.at == start {
            let help =
                "write names that hold `.`, `=`, `[` or spaces in quotes: `services.\"a.b\"`";
            return self.refuse(self.wrong("a name is missing in the path", start).help(help));
        }
        Some(EditStep::Key(Key { text, span: self.place(start, self.at) }))
    }

    /// A name without quotes: up to what has a meaning in a path.
    fn bare(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |(at, c): &(usize, char)| {
            let then = rest.get(at + c.len_utf8()..).unwrap_or_default();
            matches!(c, '.' | '[' | ']' | '=' | '"' | '\'')
                || c.is_whitespace()
                || (matches!(c, '+' | '-') && then.starts_with('='))
        };
        let length = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        let start = self.at;
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn double_quoted(&mut self) -> Option<String> {
        let start = self.at;
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((length, _)) = end else { return self.refuse(self.unclosed(start)) };
        self.at += length + 1;
        let text = self.text.get(start..self.at).unwrap_or_default();
        let read = serde_json::from_str(text).ok();
        read.or_else(|| {
            let finding = EDIT_SYNTAX.finding(format!("`{text}` is not a text in quotes"));
            let help = "escapes in it are those of JSON: `\\\"`, `\\\\`, `\\n`, `\\u0041`";
            self.refuse(finding.at(self.place(start, self.at)).help(help))
        })
    }

    fn single_quoted(&mut self) -> Option<String> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let Some((part, _)) = self.rest().split_once('\'') else {
                return self.refuse(self.unclosed(start));
            };
            text.push_str(part);
            self.at += part.len() + 1;
            if !self.takes("'") {
                return Some(text);
            }
            text.push('\'');
        }
    }

    fn unclosed(&self, start: usize) -> Finding {
        self.wrong("the quotes are not closed", start)
    }

    /// A position of a list, in brackets.
    fn item(&mut self) -> Option<EditStep> {
        let start = self.at;
        let inside = self.rest().get(1..).and_then(|rest| rest.split_once(']'));
        let Some((number, _)) = inside else {
            return self.refuse(self.wrong("the bracket is not closed", start));
        };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        self.at = start + number.len() + 2;
        let span = self.place(start, self.at);
        match number.parse() {
            Ok(at) if digits => Some(EditStep::Item { at, span }),
            _ => {
                let message = format!("`{number}` is not a position in a list");
                let finding = EDIT_SYNTAX.finding(message).at(span);
                self.refuse(finding.help("positions count from 0: `rules[0]`"))
            }
        }
    }
}
