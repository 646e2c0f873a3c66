//! From the parser's events to the tree.
//!
//! Nothing here recurses: open lists and maps are kept on a stack, so that the depth of a file costs
//! no stack. Finished values wait on two more stacks until what holds them ends, so that each list
//! and map is allocated once, in its size.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_yaml::granit_parser::{
    Event, Options, Parser, ScalarStyle, Span as Place, StructureStyle, Tag,
};

use crate::import::yaml::{Limits, scalar, syntax};
use crate::source::tree::{Key, Node, Text, Value};
use crate::source::{FileId, Findings, Span, code};

/// Texts longer than this are unlikely to repeat and are not shared.
const SHARED: usize = 64;

/// Maps larger than this are searched for duplicate keys by table.
const SMALL: usize = 16;

/// The number as an offset into a text whose length was checked.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Reading cannot go on; the finding was made.
struct Stop;

/// Which documents of a text are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedDocuments {
    /// The first, with a finding if there are more. One that says nothing is none.
    One,
    /// The same, but nothing is a value if it is written.
    Value,
}

/// Reads the documents of a text.
pub(super) fn read(
    text: &str,
    file: FileId,
    limits: Limits,
    asked: AskedDocuments,
    findings: &mut Findings,
) -> Option<Vec<Node>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    // The reader's own limit comes first and counts both kinds together.
    options.flow_nesting_limit = limits.depth + 1;
    options.block_nesting_limit = limits.depth + 1;
    // Longer than YAML asks for, as JSON has no limit on the length of a key; but the parser holds
    // back that much of what may become a key.
    options.simple_key_max_lookahead = 4096;

    let mut reader = Reader {
        text,
        file,
        limits,
        asked,
        findings,
        shared: FxHashSet::default(),
        open: Vec::new(),
        values: Vec::new(),
        entries: Vec::new(),
        anchors: FxHashMap::default(),
        nodes: 0,
        aliased: 0,
        document: Span::none(),
        documents: Vec::new(),
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, place)) => reader.event(event, &place).ok()?,
            Err(error) => {
                reader.findings.push(syntax::finding(&error, text, file, limits));
                return None;
            }
        }
        if reader.documents.len() > 1 {
            reader.documents.truncate(1);
            let finding = code::SEVERAL_DOCUMENTS
                .finding("more than one document")
                .label(reader.document, "the second begins here")
                .help("put each document in a file of its own");
            reader.findings.push(finding);
            break;
        }
    }
    Some(reader.documents)
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    limits: Limits,
    asked: AskedDocuments,
    findings: &'a mut Findings,
    shared: FxHashSet<Arc<str>>,
    open: Vec<Open>,
    values: Vec<Node>,
    entries: Vec<(Key, Node)>,
    anchors: FxHashMap<usize, Anchor>,
    nodes: usize,
    aliased: usize,
    /// Where the current document begins.
    document: Span,
    documents: Vec<Node>,
}

/// A list or map that has not ended.
struct Open {
    kind: Kind,
    /// Whether it is written in brackets, which then end it; else its last value does.
    brackets: bool,
    anchor: usize,
    start: u32,
    end: u32,
    /// The number of values before it.
    nodes: usize,
    /// How deep it is, from its bottom.
    height: usize,
}

enum Kind {
    List { first: usize },
    Map { first: usize, key: KeyState, merges: Vec<Node> },
}

enum KeyState {
    /// A key comes next.
    Expected,
    /// The value of this key comes next.
    Of(Key),
    /// The value of a merge key comes next.
    Merge,
    /// The value of a key that was refused comes next.
    Refused,
}

/// A value with a name, to be repeated.
struct Anchor {
    node: Node,
    nodes: usize,
    height: usize,
}

/// A finished value with what its holder must know of it.
struct Done {
    node: Node,
    height: usize,
    /// Whether it is a scalar without quotes and tag.
    plain: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, place: &Place) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => {
                self.document = self.span(place);
                self.anchors.clear();
            }
            Event::Scalar(text, style, anchor, tag) => {
                let done = self.scalar(&text, style, tag.as_deref(), place)?;
                self.anchor(anchor, &done, 1)?;
                self.place(done);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", place);
                let kind = Kind::List { first: self.values.len() };
                self.begin(kind, style, anchor, place)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", place);
                let first = self.entries.len();
                let kind = Kind::Map { first, key: KeyState::Expected, merges: Vec::new() };
                self.begin(kind, style, anchor, place)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(place)?,
            Event::Alias(id) => self.alias(id, place)?,
            _ => {}
        }
        Ok(())
    }

    fn span(&self, place: &Place) -> Span {
        let range = place.byte_range().unwrap_or_default();
        Span::new(self.file, offset(range.start), offset(range.end))
    }

    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.shared.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        self.shared.insert(Arc::clone(&shared));
        shared
    }

    fn count(&mut self, place: Span) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        let message = format!("more than {} values", self.limits.nodes);
        self.findings.push(code::TOO_LARGE.finding(message).at(place));
        Err(Stop)
    }

    fn count_aliased(&mut self, nodes: usize, place: Span) -> Result<(), Stop> {
        self.aliased += nodes;
        if self.aliased <= self.limits.aliased {
            return Ok(());
        }
        let message = format!("aliases stand for more than {} values", self.limits.aliased);
        let finding = code::TOO_MANY_ALIASES.finding(message).at(place);
        self.findings.push(finding.help("write out the values, or repeat fewer of them"));
        Err(Stop)
    }

    fn check_depth(&mut self, depth: usize, place: Span) -> Result<(), Stop> {
        if depth <= self.limits.depth {
            return Ok(());
        }
        self.findings.push(syntax::too_deep(place, self.limits));
        Err(Stop)
    }

    fn begin(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        anchor: usize,
        place: &Place,
    ) -> Result<(), Stop> {
        let mut span = self.span(place);
        // A list that is indented like its key is placed at its first item; it begins at the dash.
        if matches!(kind, Kind::List { .. })
            && span.is_empty()
            && let Some(before) = self.text.get(..span.start as usize)
            && let Some(before) = before.trim_end_matches(' ').strip_suffix('-')
        {
            span = Span::new(self.file, offset(before.len()), span.end);
        }
        self.count(span)?;
        self.check_depth(self.open.len() + 1, span)?;
        self.open.push(Open {
            kind,
            brackets: style == StructureStyle::Flow,
            anchor,
            start: span.start,
            end: span.end,
            nodes: self.nodes,
            height: 0,
        });
        Ok(())
    }

    fn finish(&mut self, place: &Place) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // `[a: b]` is a map without brackets of its own: the end has no width, and the last value
        // says more. An end in brackets comes after all that it holds.
        let end = if open.brackets { open.end.max(self.span(place).end) } else { open.end };
        let span = Span::new(self.file, open.start, end);
        let value = match open.kind {
            Kind::List { first } => Value::List(self.values.drain(first..).collect()),
            Kind::Map { first, merges, .. } => {
                self.drop_duplicates(first);
                self.merge(first, merges);
                Value::Map(self.entries.drain(first..).collect())
            }
        };
        let nodes = self.nodes.saturating_sub(open.nodes) + 1;
        let done = Done { node: Node { value, span }, height: open.height + 1, plain: false };
        self.anchor(open.anchor, &done, nodes)?;
        self.place(done);
        Ok(())
    }

    /// Reports keys that are there already, and keeps the first of each.
    fn drop_duplicates(&mut self, first: usize) {
        let entries = self.entries.get(first..).unwrap_or_default();
        // Keys are shared, so that equal ones are the same.
        let id = |key: &Key| Arc::as_ptr(&key.text).cast::<u8>();
        let mut repeated: Vec<(usize, usize)> = Vec::new();
        if entries.len() <= SMALL {
            for (at, (key, _)) in entries.iter().enumerate() {
                let mut before = entries.iter().take(at);
                if let Some(earlier) = before.position(|(other, _)| id(other) == id(key)) {
                    repeated.push((at, earlier));
                }
            }
        } else {
            let mut seen = FxHashMap::default();
            seen.reserve(entries.len());
            for (at, (key, _)) in entries.iter().enumerate() {
                let earlier = *seen.entry(id(key)).or_insert(at);
                if earlier != at {
                    repeated.push((at, earlier));
                }
            }
        }
        for &(at, earlier) in &repeated {
            if let (Some((key, _)), Some((before, _))) = (entries.get(at), entries.get(earlier)) {
                let finding = code::DUPLICATE_KEY
                    .finding(format!("the key `{}` is given twice", key.text))
                    .label(key.span, "given again here")
                    .also(before.span, "first given here")
                    .help("keep one of them");
                self.findings.push(finding);
            }
        }
        if repeated.is_empty() {
            return;
        }
        let mut repeated = repeated.into_iter().map(|(at, _)| at).peekable();
        let kept: Vec<_> = self
            .entries
            .drain(first..)
            .enumerate()
            .filter(|(at, _)| repeated.next_if_eq(at).is_none())
            .map(|(_, entry)| entry)
            .collect();
        self.entries.extend(kept);
    }

    /// Adds the entries of merged maps whose keys are not given; earlier maps come first.
    fn merge(&mut self, first: usize, merges: Vec<Node>) {
        if merges.is_empty() {
            return;
        }
        let own = self.entries.get(first..).unwrap_or_default();
        let mut seen: FxHashSet<Arc<str>> =
            own.iter().map(|(key, _)| Arc::clone(&key.text)).collect();
        for node in merges {
            let maps = match node.value {
                Value::List(maps) => maps.into_vec(),
                _ => vec![node],
            };
            for map in maps {
                let Value::Map(entries) = map.value else {
                    let message = format!("`<<` takes a map, found {}", map.kind());
                    let finding = code::WRONG_TYPE.finding(message).at(map.span);
                    self.findings.push(finding.help("merge an alias of a map: `<<: *name`"));
                    continue;
                };
                for (key, node) in entries {
                    if seen.insert(Arc::clone(&key.text)) {
                        self.entries.push((key, node));
                    }
                }
            }
        }
    }

    fn anchor(&mut self, id: usize, done: &Done, nodes: usize) -> Result<(), Stop> {
        if id == 0 {
            return Ok(());
        }
        self.count_aliased(nodes, done.node.span)?;
        let node = done.node.clone();
        self.anchors.insert(id, Anchor { node, nodes, height: done.height });
        Ok(())
    }

    fn alias(&mut self, id: usize, place: &Place) -> Result<(), Stop> {
        let span = self.span(place);
        self.count(span)?;
        let Some(anchor) = self.anchors.get(&id) else {
            let alias = self.text.get(span.range()).unwrap_or_default();
            let message = format!("`{alias}` stands inside the value that it repeats");
            self.findings.push(code::SYNTAX.finding(message).at(span));
            return Err(Stop);
        };
        let (nodes, height) = (anchor.nodes, anchor.height);
        self.count_aliased(nodes, span)?;
        self.check_depth(self.open.len() + height, span)?;
        // What the value holds counts as if it were written here, so that aliases of aliases do.
        self.nodes += nodes.saturating_sub(1);
        let Some(anchor) = self.anchors.get(&id) else {
            return Ok(());
        };
        let done = Done { node: anchor.node.clone(), height, plain: false };
        if let Some(open) = self.open.last_mut() {
            open.end = open.end.max(span.end);
        }
        self.place(done);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, done: Done) {
        let Some(open) = self.open.last_mut() else {
            let is_value = self.asked == AskedDocuments::Value && !done.node.span.is_empty();
            if !done.node.is_null() || is_value {
                self.documents.push(done.node);
            }
            return;
        };
        open.height = open.height.max(done.height);
        if done.node.span.start >= open.start {
            open.end = open.end.max(done.node.span.end);
        }
        let Kind::Map { key, merges, .. } = &mut open.kind else {
            self.values.push(done.node);
            return;
        };
        match std::mem::replace(key, KeyState::Expected) {
            KeyState::Expected => {
                let key = self.key(&done);
                if let Some(Open { kind: Kind::Map { key: state, .. }, .. }) = self.open.last_mut()
                {
                    *state = key;
                }
            }
            KeyState::Of(key) => self.entries.push((key, done.node)),
            KeyState::Merge => merges.push(done.node),
            KeyState::Refused => {}
        }
    }

    /// What a value in the place of a key is.
    fn key(&mut self, done: &Done) -> KeyState {
        let span = done.node.span;
        let text = match &done.node.value {
            Value::Text(text) if done.plain && &*text.text == "<<" => return KeyState::Merge,
            Value::Text(text) => text.text.as_ref(),
            // A key that looks like a number or another word is that text.
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Null
                if !span.is_empty() =>
            {
                self.text.get(span.range()).unwrap_or_default()
            }
            _ => {
                let message = match &done.node.value {
                    Value::Null => "a value without a key".to_owned(),
                    _ => format!("expected a key, found {}", done.node.kind()),
                };
                let finding = code::INVALID_KEY.finding(message).at(span);
                self.findings.push(finding.help("write a word before the `:`"));
                return KeyState::Refused;
            }
        };
        let text = self.share(text);
        KeyState::Of(Key { text, span })
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        place: &Place,
    ) -> Result<Done, Stop> {
        let mut span = self.span(place);
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            // The parser counts the empty lines behind a block to it.
            let source = self.text.get(span.range()).unwrap_or_default();
            span = Span::new(self.file, span.start, span.start + offset(source.trim_end().len()));
        }
        self.count(span)?;
        let plain = style == ScalarStyle::Plain;
        // An absent value comes as the text `~` without width.
        let text = if plain && span.is_empty() { "" } else { text };
        let value = match tag {
            None if plain => scalar::resolve(text),
            None => None,
            Some(tag) => self.tagged(text, tag, span, place),
        };
        let value = value.unwrap_or_else(|| {
            let quoted = !plain || tag.is_some();
            let shared = if text.len() <= SHARED { self.share(text) } else { text.into() };
            Value::Text(Text { text: shared, quoted })
        });
        Ok(Done { node: Node { value, span }, height: 0, plain: plain && tag.is_none() })
    }

    /// The value of a scalar with a tag, or nothing if it is a text.
    fn tagged(&mut self, text: &str, tag: &Tag, span: Span, place: &Place) -> Option<Value> {
        let value = scalar::resolve(text);
        let fits = match tag.core_suffix() {
            Some("str") => return None,
            Some("null") => matches!(value, Some(Value::Null)),
            Some("bool") => matches!(value, Some(Value::Bool(_))),
            Some("int") => matches!(value, Some(Value::Integer(_))),
            Some("float") => matches!(value, Some(Value::Integer(_) | Value::Float(_))),
            Some(_) => false,
            // A lone `!` says that what follows is a text.
            None if tag.original() == "!" => return None,
            None => {
                self.unknown_tag(tag, place);
                return None;
            }
        };
        if fits {
            return value;
        }
        let message = format!("`{text}` is not what its tag `{}` says", tag.original());
        self.findings.push(code::WRONG_TYPE.finding(message).at(span));
        None
    }

    /// Reports the tag of a list or map, unless it says what is so anyway.
    fn check_tag(&mut self, tag: Option<&Tag>, own: &str, place: &Place) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(own)
            && tag.original() != "!"
        {
            self.unknown_tag(tag, place);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, place: &Place) {
        let span = place.tag_span().map_or_else(|| self.span(place), |place| self.span(&place));
        let message = format!("unknown tag `{}`", tag.original());
        let finding = code::UNKNOWN_TAG.finding(message).at(span);
        self.findings.push(finding.help("remove it, or put text that begins with `!` in quotes"));
    }
}
