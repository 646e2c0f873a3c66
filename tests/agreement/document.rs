//! A topology as a tree that can be written, changed and made smaller.

use std::fmt::{self, Display, Formatter};

use crate::random::Random;

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number or a boolean.
    Word(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl From<&str> for Node {
    fn from(text: &str) -> Node {
        Node::Text(text.into())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Node {
        Node::Text(text)
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Node {
        Node::Word(value.to_string())
    }
}

impl From<u64> for Node {
    fn from(value: u64) -> Node {
        Node::Word(value.to_string())
    }
}

impl<T: Into<Node>> From<Vec<T>> for Node {
    fn from(list: Vec<T>) -> Node {
        Node::List(list.into_iter().map(Into::into).collect())
    }
}

/// A map with these keys.
pub fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Node {
    pub fn new() -> Node {
        Node::Map(Vec::new())
    }

    /// Sets a key of a map, unless it is there.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Node>) {
        let (Node::Map(entries), key) = (self, key.into()) else { panic!("a map is needed") };
        if !entries.iter().any(|(known, _)| *known == key) {
            entries.push((key, value.into()));
        }
    }

    /// Sets a key of a map, whether it is there or not.
    pub fn put(&mut self, key: &str, value: impl Into<Node>) {
        match self.get_mut(key) {
            Some(known) => *known = value.into(),
            None => self.set(key, value),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The text of a key, if it is one.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_text)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Node] {
        match self {
            Node::List(items) => items,
            _ => &[],
        }
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match self {
            Node::Map(entries) => {
                entries.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub fn entries(&self) -> &[(String, Node)] {
        match self {
            Node::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn entries_mut(&mut self) -> &mut [(String, Node)] {
        match self {
            Node::Map(entries) => entries,
            _ => panic!("a map is needed"),
        }
    }

    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        match self {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The map at a key, made if it is not there.
    pub fn section(&mut self, key: &str) -> &mut Node {
        self.set(key, Node::new());
        self.get_mut(key).expect("it was just set")
    }

    /// The list at a key, made if it is not there.
    pub fn list(&mut self, key: &str) -> &mut Vec<Node> {
        self.set(key, Node::List(Vec::new()));
        self.get_mut(key).and_then(Node::items_mut).expect("a list is needed")
    }

    /// Takes a key out of a map.
    pub fn remove_key(&mut self, key: &str) {
        if let Node::Map(entries) = self {
            entries.retain(|(known, _)| known != key);
        }
    }

    /// Brings the keys of every map into another order. Lists keep theirs, which means something.
    pub fn shuffle_keys(&mut self, random: &mut Random) {
        match self {
            Node::Map(entries) => {
                random.shuffle(entries);
                entries.iter_mut().for_each(|(_, value)| value.shuffle_keys(random));
            }
            Node::List(items) => items.iter_mut().for_each(|item| item.shuffle_keys(random)),
            _ => {}
        }
    }

    /// Changes every text, keys included.
    pub fn change_texts(&mut self, change: &impl Fn(&str) -> String) {
        match self {
            Node::Word(_) => {}
            Node::Text(text) => *text = change(text),
            Node::List(items) => items.iter_mut().for_each(|item| item.change_texts(change)),
            Node::Map(entries) => {
                for (key, value) in entries {
                    *key = change(key);
                    value.change_texts(change);
                }
            }
        }
    }

    /// How many entries and items there are, at all depths.
    pub fn parts(&self) -> usize {
        match self {
            Node::List(items) => items.iter().map(|item| 1 + item.parts()).sum(),
            Node::Map(entries) => entries.iter().map(|(_, value)| 1 + value.parts()).sum(),
            _ => 0,
        }
    }

    /// The same without one of its [`parts`](Self::parts), counted from the outside in.
    pub fn without(&self, part: usize) -> Node {
        let mut smaller = self.clone();
        smaller.remove(part);
        smaller
    }

    fn remove(&mut self, mut part: usize) {
        let children: Vec<usize> = match self {
            Node::List(items) => items.iter().map(Node::parts).collect(),
            Node::Map(entries) => entries.iter().map(|(_, value)| value.parts()).collect(),
            _ => return,
        };
        for (at, inner) in children.into_iter().enumerate() {
            if part == 0 {
                match self {
                    Node::List(items) => drop(items.remove(at)),
                    Node::Map(entries) => drop(entries.remove(at)),
                    _ => {}
                }
                return;
            }
            part -= 1;
            if part < inner {
                match self {
                    Node::List(items) => items[at].remove(part),
                    Node::Map(entries) => entries[at].1.remove(part),
                    _ => {}
                }
                return;
            }
            part -= inner;
        }
    }
}

impl Display for Node {
    /// Writes it as YAML: a section a line, a resource a line, the rest in flow style.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (section, value) in self.entries() {
            match value {
                Node::Map(entries) if !entries.is_empty() => {
                    writeln!(f, "{}:", Quoted(section))?;
                    for (id, value) in entries {
                        writeln!(f, "  {}: {}", Quoted(id), Flow(value))?;
                    }
                }
                value => writeln!(f, "{}: {}", Quoted(section), Flow(value))?,
            }
        }
        Ok(())
    }
}

struct Flow<'a>(&'a Node);

impl Display for Flow<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Node::Word(word) => f.write_str(word),
            Node::Text(text) => Quoted(text).fmt(f),
            Node::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { ", " }, Flow(item))?;
                }
                f.write_str("]")
            }
            Node::Map(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{}: {}", Quoted(key), Flow(value))?;
                }
                f.write_str("}")
            }
        }
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = self.0.starts_with(|c: char| c.is_ascii_alphabetic())
            && self.0.chars().all(|c| c.is_ascii_alphanumeric() || "._/-@".contains(c))
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
                .contains(&self.0.to_ascii_lowercase().as_str());
        if plain {
            return f.write_str(self.0);
        }
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
