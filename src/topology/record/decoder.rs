//! The state of decoding, and what decoders of all types share.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::source::tree::{Key, Node, Value};
use crate::source::{Files, Finding, Findings, Severity, Span, code, nearest};
use crate::topology::record::{Decode, KeyInfo};

/// The longest text that a help repeats.
const SHORT: usize = 60;

/// Collects findings while values are decoded, and knows where in the file decoding is.
pub struct Decoder<'a> {
    files: &'a Files,
    findings: &'a mut Findings,
    path: Vec<ReadStep>,
    resource: Option<String>,
    noun: Option<fn() -> String>,
}

enum ReadStep {
    Key(Arc<str>, Span),
    Item(usize),
}

impl<'a> Decoder<'a> {
    /// A decoder at the top of a file.
    pub fn new(files: &'a Files, findings: &'a mut Findings) -> Self {
        Self { files, findings, path: Vec::new(), resource: None, noun: None }
    }

    /// Adds a finding, about the resource that is being decoded if it names no other.
    pub fn report(&mut self, mut finding: Finding) {
        if finding.resource.is_none() {
            finding.resource.clone_from(&self.resource);
        }
        self.findings.push(finding);
    }

    /// Where decoding is, as `services.web.invokers[0]`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                ReadStep::Key(key, _) if path.is_empty() => path.push_str(key),
                ReadStep::Key(key, _) => {
                    path.push('.');
                    path.push_str(key);
                }
                ReadStep::Item(index) => {
                    let _ = write!(path, "[{index}]");
                }
            }
        }
        path
    }

    /// The text at a place.
    pub fn source(&self, span: Span) -> &'a str {
        self.files.text(span)
    }

    /// The text at a place, if it is short enough to be repeated in a message.
    pub fn short_source(&self, span: Span) -> Option<&'a str> {
        let text = self.source(span).trim();
        (!text.is_empty() && text.len() <= SHORT && !text.contains(['\n', '`'])).then_some(text)
    }

    /// Decodes the value under a key.
    pub fn under<T>(&mut self, key: &Key, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(ReadStep::Key(Arc::clone(&key.text), key.span));
        let value = decode(self);
        self.path.pop();
        value
    }

    /// Decodes an item of a list.
    pub fn item<T>(&mut self, index: usize, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(ReadStep::Item(index));
        let value = decode(self);
        self.path.pop();
        value
    }

    /// Decodes the value of a name; findings name the resource that it describes, if it does.
    pub fn named<T>(
        &mut self,
        name: &Key,
        kind: Option<&str>,
        decode: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.under(name, |cx| match kind {
            Some(kind) => cx.resource(kind, &name.text, decode),
            None => decode(cx),
        })
    }

    /// Decodes what describes a resource; findings name it.
    pub fn resource<T>(
        &mut self,
        kind: &str,
        name: &str,
        decode: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.resource.replace(format!("{kind}/{name}"));
        let value = decode(self);
        self.resource = outer;
        value
    }

    /// The finding that a value has the wrong shape; `expected` has an article: `a list`.
    pub fn wrong_type(&self, node: &Node, expected: &str) -> Finding {
        let message = format!("expected {expected}, found {}", node.kind());
        code::WRONG_TYPE.finding(message).at(self.visible(node))
    }

    /// The finding that a value of the right shape means nothing.
    pub fn invalid(&self, node: &Node, message: impl Into<String>) -> Finding {
        code::INVALID_VALUE.finding(message).at(self.visible(node))
    }

    /// Where to point for a value: at its key if the value is not written.
    fn visible(&self, node: &Node) -> Span {
        match self.path.last() {
            Some(ReadStep::Key(_, span)) if node.span.is_empty() => *span,
            _ => node.span,
        }
    }

    /// The text of a value, or a finding that it is none.
    pub fn text<'n>(&mut self, node: &'n Node) -> Option<&'n Arc<str>> {
        if let Value::Text(text) = &node.value {
            return Some(&text.text);
        }
        let mut finding = self.wrong_type(node, "text");
        if matches!(node.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_))
            && let Some(source) = self.short_source(node.span)
        {
            finding = finding.help(format!("write it in quotes: `\"{source}\"`"));
        }
        self.report(finding);
        None
    }

    /// The items of a list, none for nothing, or a finding that it is no list.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Null => Some(&[]),
            value => {
                let mut finding = self.wrong_type(node, "a list");
                if matches!(value, Value::Map(_)) {
                    finding = finding.help("begin each item with `- `");
                } else if let Some(source) = self.short_source(node.span) {
                    finding = finding.help(format!("write it as a list: `[{source}]`"));
                }
                self.report(finding);
                None
            }
        }
    }

    /// The entries of a map, none for nothing, or a finding that it is no map.
    pub fn map<'n>(&mut self, node: &'n Node) -> Option<&'n [(Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            Value::Null => Some(&[]),
            _ => {
                let finding = self.wrong_type(node, "a map").help("write `key: value` in it");
                self.report(finding);
                None
            }
        }
    }

    /// One of a list of words, by what each stands for, or a finding that names them.
    ///
    /// The first spelling of each is what findings offer.
    pub fn word<T: Copy>(
        &mut self,
        node: &Node,
        noun: fn() -> String,
        words: &[(&[&str], T)],
    ) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, value)) = words.iter().find(|(spellings, _)| spellings.contains(&&**text)) {
            return Some(*value);
        }
        let spellings = || words.iter().flat_map(|(spellings, _)| spellings.iter().copied());
        let first = |near: &str| {
            let (spellings, _) = words.iter().find(|(spellings, _)| spellings.contains(&near))?;
            spellings.first().copied()
        };
        let near = nearest(text, spellings()).and_then(first);
        let all = quoted(words.iter().filter_map(|(spellings, _)| spellings.first().copied()));
        let finding = self.invalid(node, format!("unknown {} `{text}`", noun()));
        self.report(suggest(finding, near, format!("it is one of {all}")));
        None
    }

    /// The keys of a record, or a finding that it is none; reports keys that it does not have.
    pub fn fields<'n>(
        &mut self,
        node: &'n Node,
        noun: fn() -> String,
        keys: &'static [KeyInfo],
    ) -> Option<Fields<'n>> {
        let Some(entries) = node.as_map().or_else(|| node.is_null().then_some(&[])) else {
            let finding = self.wrong_type(node, &article(&noun()));
            let names = quoted(keys.iter().map(|key| key.name));
            self.report(finding.help(format!("write a map with some of the keys {names}")));
            return None;
        };
        let mut meant = Vec::new();
        for (key, _) in entries {
            if !keys.iter().any(|known| *known.name == *key.text) {
                meant.extend(self.unknown_key(key, &noun(), keys));
            }
        }
        let place = match (self.path.last(), entries.first()) {
            (Some(ReadStep::Key(_, span)), _) => *span,
            (_, Some((first, _))) => first.span,
            _ => node.span,
        };
        Some(Fields { entries, noun, place, meant })
    }

    /// Decodes a value; nothing if anything in it is wrong.
    pub fn whole<T>(&mut self, decode: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.findings.count(Severity::Error);
        decode(self).filter(|_| self.findings.count(Severity::Error) == before)
    }

    /// Reports a key that a record does not have, and returns the key that was probably meant.
    pub fn unknown_key(
        &mut self,
        key: &Key,
        noun: &str,
        keys: &'static [KeyInfo],
    ) -> Option<&'static str> {
        let near = nearest(&key.text, keys.iter().map(|key| key.name));
        let noun = article(noun);
        let message = format!("unknown key `{}` in {noun}", key.text);
        let names = quoted(keys.iter().map(|key| key.name));
        let finding = code::UNKNOWN_KEY.finding(message).at(key.span);
        self.report(suggest(finding, near, format!("the keys of {noun} are {names}")));
        near
    }

    /// Reports a key that must be given; `place` is what stands for the record that lacks it.
    pub fn missing(&mut self, key: &str, place: Span) {
        let message = match self.noun {
            Some(noun) => format!("missing key `{key}` in {}", article(&noun())),
            None => format!("missing key `{key}`"),
        };
        let finding =
            code::MISSING_KEY.finding(message).label(place, format!("`{key}` must be given here"));
        self.report(finding);
    }
}

/// The entries of a record while it is decoded.
pub struct Fields<'n> {
    entries: &'n [(Key, Node)],
    noun: fn() -> String,
    place: Span,
    /// Keys that were probably meant by unknown ones: that these are missing need not be said.
    meant: Vec<&'static str>,
}

impl Fields<'_> {
    /// Decodes the value under a key, or what stands for its absence.
    pub fn get<T: Decode>(&self, name: &'static str, cx: &mut Decoder<'_>) -> Option<T> {
        if let Some((key, node)) = self.entries.iter().find(|(key, _)| *key.text == *name) {
            let value = cx.under(key, |cx| T::decode(node, cx));
            if value.is_some() || T::REQUIRED {
                return value;
            }
        } else if T::REQUIRED && self.meant.contains(&name) {
            return None;
        }
        let outer = cx.noun.replace(self.noun);
        let value = T::absent(name, self.place, cx);
        cx.noun = outer;
        value
    }
}

/// Gives the near word as the help and the rest as a note, or the rest as the help.
fn suggest(finding: Finding, near: Option<&str>, rest: String) -> Finding {
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).remark(rest),
        None => finding.help(rest),
    }
}

/// The words, each in backticks.
fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The noun with `a` or `an`. A `u` is taken as in `URL`.
fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}
