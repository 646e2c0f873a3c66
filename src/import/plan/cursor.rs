//! A resource's values beside what the plan says of each: known only after apply, sensitive, what
//! it was before, and how the configuration writes it.

use crate::source::Span;
use crate::source::tree::{Node, Value};

use super::attribute::AttributePath;

/// A place in a resource. Nothing but whole texts and truth values leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    value: Option<&'a Node>,
    /// `true` wherever the value is known only after apply.
    unknown: Option<&'a Node>,
    /// `true` wherever one of them is, the value is sensitive.
    sensitive: [Option<&'a Node>; 3],
    /// The value before, if the resource stays.
    before: Option<&'a Node>,
    written: Written<'a>,
}

/// How the configuration gives a value.
#[derive(Clone, Copy, Debug)]
pub enum Written<'a> {
    /// A block, whose keys are what is written in it.
    Block(&'a Node),
    /// Blocks of one name.
    Blocks(&'a [Node]),
    /// An expression.
    Expression(&'a Node),
    /// Not at all: the server chooses.
    No,
    /// The plan does not say: it has no configuration, or a dynamic block hides it.
    Unsaid,
}

/// What an attribute is.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'a> {
    /// Given by the plan.
    Known(Cursor<'a>),
    /// Not given, and computed by the server, which had this before the change.
    Prior(Cursor<'a>),
    /// Not given; the server's default holds.
    Unset,
    /// Not known.
    Unknown(Why<'a>),
}

/// Why a value is not known.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// In words.
    pub text: &'static str,
    /// The expression that it comes from.
    pub expression: Option<&'a Node>,
}

/// The reason of most unknown values.
pub const AFTER_APPLY: &str = "known after apply";
const SENSITIVE: &str = "marked as sensitive in the plan, so it is not read";
const MALFORMED: &str = "not of the type that the provider's schema gives it";

/// A value of a given type, or why there is none.
#[derive(Clone, Copy, Debug)]
pub enum Read<'a, T> {
    /// The value and its place.
    Known(T, Span),
    /// Not given; the server's default holds.
    Unset,
    /// Not known.
    Unknown(Why<'a>),
}

/// What is said about a resource, from which a cursor starts.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The planned values.
    pub value: Option<&'a Node>,
    /// Which are known only after apply.
    pub unknown: Option<&'a Node>,
    /// Which are sensitive, as three places of the plan may say.
    pub sensitive: [Option<&'a Node>; 3],
    /// The values before, if the resource stays.
    pub before: Option<&'a Node>,
    /// The configuration's expressions.
    pub written: Written<'a>,
}

impl<'a> Cursor<'a> {
    /// At the top of a resource.
    pub fn new(sides: Sides<'a>) -> Self {
        let Sides { value, unknown, sensitive, before, written } = sides;
        Self { value, unknown, sensitive, before, written }
    }

    fn step(self, key: &str) -> Self {
        let value = self.value.and_then(|node| child(node, key));
        Self {
            value,
            unknown: self.unknown.and_then(|node| mirror(node, key)),
            sensitive: self.sensitive.map(|node| node.and_then(|node| mirror(node, key))),
            before: self.before.and_then(|node| child(node, key)),
            written: self.written.step(key, value),
        }
    }

    fn at(self, path: AttributePath) -> Self {
        path.steps().iter().fold(self, |cursor, step| cursor.step(step))
    }

    /// What stands here.
    pub fn here(self) -> Attribute<'a> {
        if self.sensitive.iter().any(|mirror| mirror.is_some_and(is_true)) {
            let hidden = self.value.or(self.before).is_some_and(|node| !is_nothing(node));
            if hidden || self.unknown.is_some_and(is_true) {
                return Attribute::Unknown(Why { text: SENSITIVE, expression: None });
            }
        }
        if self.value.is_some_and(|node| !is_nothing(node)) {
            return Attribute::Known(self);
        }
        if !self.unknown.is_some_and(is_true) {
            return Attribute::Unset;
        }
        let expression = match self.written {
            Written::No => {
                let Some(before) = self.before.filter(|node| !is_nothing(node)) else {
                    return Attribute::Unset;
                };
                return Attribute::Prior(Self {
                    value: Some(before),
                    unknown: None,
                    before: None,
                    ..self
                });
            }
            Written::Expression(node) => Some(node),
            Written::Block(_) | Written::Blocks(_) | Written::Unsaid => None,
        };
        Attribute::Unknown(Why { text: AFTER_APPLY, expression })
    }

    /// What an attribute is, or was if the server keeps it.
    pub fn get(self, path: AttributePath) -> Attribute<'a> {
        match self.at(path).here() {
            Attribute::Prior(cursor) => Attribute::Known(cursor),
            attribute => attribute,
        }
    }

    /// What an attribute is, and whether that is only what it was.
    pub fn get_exactly(self, path: AttributePath) -> Attribute<'a> {
        self.at(path).here()
    }

    /// The expression that an attribute is written as, whether or not its value is known.
    pub fn expression(self, path: AttributePath) -> Option<&'a Node> {
        match self.at(path).written {
            Written::Expression(node) => Some(node),
            _ => None,
        }
    }

    /// An attribute that is a text.
    pub fn text(self, path: AttributePath) -> Read<'a, &'a str> {
        self.get(path).text()
    }

    /// The items of an attribute that is a list, or the blocks of a name.
    pub fn list(self, path: AttributePath) -> Read<'a, Vec<Cursor<'a>>> {
        self.get(path).list()
    }

    /// The place of the value; none if it is not given.
    pub fn span(self) -> Span {
        self.value.map_or(Span::none(), |node| node.span)
    }

    fn items(self, nodes: &'a [Node]) -> Vec<Self> {
        let item = |(at, node)| Self {
            value: Some(node),
            unknown: self.unknown.and_then(|node| mirror_item(node, at)),
            sensitive: self.sensitive.map(|node| node.and_then(|node| mirror_item(node, at))),
            before: None,
            written: match self.written {
                Written::Blocks(blocks) => blocks.get(at).map_or(Written::Unsaid, Written::Block),
                written => written,
            },
        };
        nodes.iter().enumerate().map(item).collect()
    }
}

impl<'a> Written<'a> {
    /// What is written under a key, whose planned value is known.
    fn step(self, key: &str, value: Option<&Node>) -> Self {
        let block = match self {
            Self::Block(block) => block,
            Self::Blocks([block, ..]) => block,
            Self::Blocks([]) => return Self::No,
            written => return written,
        };
        match block.get(key) {
            Some(node) => Self::of(node),
            // Dynamic blocks are left out of the configuration, but not out of the values.
            None if value.is_some_and(holds_blocks) => Self::Unsaid,
            None => Self::No,
        }
    }

    fn of(node: &'a Node) -> Self {
        match &node.value {
            Value::List(blocks) => Self::Blocks(blocks),
            Value::Map(entries)
                if entries.is_empty()
                    || node.get("references").is_some()
                    || node.get("constant_value").is_some() =>
            {
                Self::Expression(node)
            }
            Value::Map(_) => Self::Block(node),
            _ => Self::Unsaid,
        }
    }
}

impl<'a> Attribute<'a> {
    /// It as a text.
    pub fn text(self) -> Read<'a, &'a str> {
        self.read(|cursor| cursor.value.and_then(Node::as_str))
    }

    /// It as true or false, which annotations write as texts.
    pub fn flag(self) -> Read<'a, bool> {
        self.read(|cursor| match &cursor.value?.value {
            Value::Bool(flag) => Some(*flag),
            Value::Text(text) if text.text.eq_ignore_ascii_case("true") => Some(true),
            Value::Text(text) if text.text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
    }

    /// Its items.
    pub fn list(self) -> Read<'a, Vec<Cursor<'a>>> {
        self.read(|cursor| Some(cursor.items(cursor.value?.as_list()?)))
    }

    fn read<T>(self, read: impl FnOnce(Cursor<'a>) -> Option<T>) -> Read<'a, T> {
        match self {
            Self::Known(cursor) | Self::Prior(cursor) => match read(cursor) {
                Some(value) => Read::Known(value, cursor.span()),
                None => Read::Unknown(Why { text: MALFORMED, expression: None }),
            },
            Self::Unset => Read::Unset,
            Self::Unknown(why) => Read::Unknown(why),
        }
    }
}

impl<T> Read<'_, T> {
    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value, _) => Some(value),
            Self::Unset | Self::Unknown(_) => None,
        }
    }
}

/// The only instance of a block, or the value itself.
fn first(node: &Node) -> Option<&Node> {
    match &node.value {
        Value::List(items) => items.first(),
        _ => Some(node),
    }
}

fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    first(node)?.get(key)
}

/// What a mirror of the values, in which `true` stands for a whole value, says under a key.
fn mirror<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let node = first(node)?;
    if is_true(node) { Some(node) } else { node.get(key) }
}

fn mirror_item(node: &Node, at: usize) -> Option<&Node> {
    if is_true(node) { Some(node) } else { node.as_list()?.get(at) }
}

fn is_true(node: &Node) -> bool {
    node.value == Value::Bool(true)
}

/// Whether the provider takes the value as not given.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Text(text) => text.text.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

fn holds_blocks(node: &Node) -> bool {
    matches!(&node.value, Value::List(items) if items.iter().any(|item| item.as_map().is_some()))
}
