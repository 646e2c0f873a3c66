//! A file that is laid over a topology, as edits.

use super::{Change, Edit, EditPath, EditStep};
use crate::source::tree::{Key, Node, Value};
use crate::topology::Topology;
use crate::topology::record::{Form, Part, View};

/// The edits that lay a file over a topology: what it gives under a key or a name is laid over what
/// is there, a list and everything else replaces it as a whole, and `null` removes it.
pub fn overlay(topology: &Topology, file: &Node) -> Vec<Edit> {
    let mut overlay = Overlay { path: EditPath::default(), edits: Vec::new() };
    overlay.lay(Topology::form(), topology, file);
    overlay.edits
}

struct Overlay {
    path: EditPath,
    edits: Vec<Edit>,
}

impl Overlay {
    fn lay(&mut self, form: Form, part: &dyn Part, node: &Node) {
        match (form, part.view(), &node.value) {
            (Form::Record { keys, field, .. }, View::Record(record), Value::Map(entries))
                if keys.iter().any(|key| key.name == "unknown")
                    || node.get("unknown").is_none() =>
            {
                for (key, node) in entries {
                    match (field(&key.text), record.field(&key.text)) {
                        (Some(form), Some(part)) => {
                            self.under(key, |own| own.lay(form, part, node))
                        }
                        _ => self.under(key, |own| own.set(node)),
                    }
                }
            }
            (Form::Map { of, .. }, View::Map(map), Value::Map(entries)) => {
                for (key, node) in entries {
                    match map.value(&key.text) {
                        Some(part) => self.under(key, |own| own.lay(of(), part, node)),
                        None => self.under(key, |own| own.set(node)),
                    }
                }
            }
            _ => self.set(node),
        }
    }

    fn under(&mut self, key: &Key, lay: impl FnOnce(&mut Self)) {
        self.path.steps.push(EditStep::Key(key.clone()));
        lay(self);
        self.path.steps.pop();
    }

    fn set(&mut self, node: &Node) {
        self.edits.push(Edit { path: self.path.clone(), change: Change::Set(node.clone()) });
    }
}
