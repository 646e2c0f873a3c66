//! What undoes an edit.

use super::{Change, Edit, EditPath, EditStep};
use crate::source::Span;
use crate::source::tree::{Key, Node, Text, Value};
use crate::topology::Topology;
use crate::topology::record::{Part, Showing, Shown, ShownEntry, ValueSource, View};

/// What undoes an edit once it has been applied to this topology; nothing if it cannot be. It
/// stands in no file.
pub fn inverse(edit: &Edit, topology: &Topology) -> Option<Edit> {
    let showing = Showing { topology, resource: None };
    let steps = &edit.path.steps;
    let mut part: &dyn Part = topology;
    for (depth, step) in steps.iter().enumerate() {
        let removes = depth + 1 == steps.len() && edit.change.removes();
        part = match (step, part.view()) {
            (EditStep::Key(key), View::Record(record)) => record.field(&key.text)?,
            (EditStep::Key(key), View::Map(map)) => match map.value(&key.text) {
                Some(value) => value,
                None => return Some(set(edit.path.first(depth + 1), nothing())),
            },
            // Its place is lost with it, so that the list comes back as a whole.
            (EditStep::Item { .. }, View::List(_)) if removes => {
                return Some(set(edit.path.first(depth), given(part, showing)));
            }
            (EditStep::Item { at, .. }, View::List(list)) => list.item(*at)?,
            // What holds the value is not written, and is made with it.
            _ => return Some(set(edit.path.first(depth), given(part, showing))),
        };
    }
    let change = match (&edit.change, part.view()) {
        (Change::Add(node), View::List(_)) => Change::Take(bare(node)),
        _ => Change::Set(given(part, showing)),
    };
    Some(Edit { path: edit.path.bare(), change })
}

fn set(path: EditPath, node: Node) -> Edit {
    Edit { path: path.bare(), change: Change::Set(node) }
}

/// What is written of a part.
fn given(part: &dyn Part, showing: Showing<'_>) -> Node {
    part.show_given(showing).map_or_else(nothing, |shown| node(&shown))
}

fn nothing() -> Node {
    Node { value: Value::Null, span: Span::none() }
}

/// A value as it could be written, without what holds where nothing is.
pub fn node(shown: &Shown) -> Node {
    let text = |text: &str| Value::Text(Text { text: text.into(), quoted: false });
    let value = match shown {
        Shown::Scalar(serde_json::Value::Bool(value)) => Value::Bool(*value),
        Shown::Scalar(serde_json::Value::String(value)) => text(value),
        Shown::Scalar(serde_json::Value::Number(value)) => match value.as_i64() {
            Some(value) => Value::Integer(value),
            None => Value::Float(value.as_f64().unwrap_or_default()),
        },
        Shown::Scalar(_) => Value::Null,
        Shown::List(items) => Value::List(items.iter().map(node).collect()),
        Shown::Map(entries) => {
            let written = |entry: &&ShownEntry| entry.source != ValueSource::Default;
            let entries = entries.iter().filter(written);
            Value::Map(entries.map(|entry| (key(&entry.key), node(&entry.value))).collect())
        }
    };
    Node { value, span: Span::none() }
}

fn key(text: &str) -> Key {
    Key { text: text.into(), span: Span::none() }
}

/// A value that stands nowhere.
fn bare(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(bare).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(own, node)| (key(&own.text), bare(node))).collect())
        }
        value => value.clone(),
    };
    Node { value, span: Span::none() }
}

impl EditPath {
    /// It, standing nowhere.
    fn bare(&self) -> Self {
        let bare = |step: &EditStep| match step {
            EditStep::Key(own) => EditStep::Key(key(&own.text)),
            EditStep::Item { at, .. } => EditStep::Item { at: *at, span: Span::none() },
        };
        Self { steps: self.steps.iter().map(bare).collect() }
    }
}
