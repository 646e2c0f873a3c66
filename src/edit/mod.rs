//! Edits of a topology, and files that are laid over it.
//!
//! An edit is a path of the schema with what becomes of the value there:
//!
//! | text | does |
//! |---|---|
//! | `services.web.ingress=internal` | sets a key; also one that is not written yet |
//! | `services.new={region: europe-west1}` | adds a resource, or replaces one |
//! | `services."a.b".vpc_access.egress=all-traffic` | names that hold dots stand in quotes |
//! | `security_policies.edge.rules[0].action=deny(403)` | items of lists count from 0 |
//! | `services.web.invokers+=allUsers` | adds to a list, at its end; of a list, every item |
//! | `services.web.invokers-=allUsers` | takes away from a list; of equal items the last |
//! | `services.web.ingress=null`, `nats.out=null` | removes a key, a resource, an item of a list |
//!
//! The value is YAML and is decoded as the same value of a file is, short forms and all, so that
//! what is wrong with it is found and underlined as there. An edit changes all that it says or
//! nothing. What is edited need not come from a file of topologies: edits act on the records.
//!
//! | file | holds |
//! |---|---|
//! | `path.rs` | paths |
//! | `read.rs` | from the text of an edit to the edit |
//! | `check.rs` | whether an edit fits the schema and the topology |
//! | `perform.rs` | an edit carried out |
//! | `inverse.rs` | what undoes an edit |
//! | `overlay.rs` | a file that is laid over a topology, as edits |

mod check;
pub mod code;
mod inverse;
mod overlay;
mod path;
mod perform;
mod read;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Formatter};

use crate::source::tree::{Node, Value};
use crate::source::{Files, Findings};
use crate::topology::Topology;
use crate::topology::record::Decoder;

pub use self::overlay::overlay;
pub use self::path::{EditPath, EditStep};

/// A change of one place of a topology.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The place.
    pub path: EditPath,
    /// What becomes of the value there.
    pub change: Change,
}

/// What becomes of a value.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is this, or not there, for `null`.
    Set(Node),
    /// The list gets this, or each item of this list.
    Add(Node),
    /// The list loses this, or each item of this list.
    Take(Node),
}

impl Change {
    /// Whether it leaves nothing at the place.
    fn removes(&self) -> bool {
        matches!(self, Change::Set(node) if node.is_null())
    }
}

/// The items that a list gets or loses.
fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

impl Edit {
    /// Reads the text of an edit, and keeps it in `files` under a name; reports what is wrong with
    /// it.
    pub fn read(
        files: &mut Files,
        name: &str,
        text: &str,
        findings: &mut Findings,
    ) -> Option<Self> {
        read::read(files, name, text, findings)
    }

    /// Whether topologies can have such a place; reports why not.
    pub fn fits_the_schema(&self, files: &Files, findings: &mut Findings) -> bool {
        check::check(self, None, &mut Decoder::new(files, findings)).is_some()
    }

    /// Changes a topology, or reports why that cannot be and changes nothing.
    pub fn apply(&self, topology: &mut Topology, files: &Files, findings: &mut Findings) -> bool {
        let mut cx = Decoder::new(files, findings);
        let Some(taken) = check::check(self, Some(topology), &mut cx) else { return false };
        perform::perform(self, topology, &taken, &mut cx)
    }

    /// What undoes it once it has been applied to this topology; nothing if it cannot be.
    pub fn inverse(&self, topology: &Topology) -> Option<Self> {
        inverse::inverse(self, topology)
    }
}

/// Applies edits one after the other, or reports everything that is wrong with them and changes
/// nothing.
pub fn apply(
    edits: &[Edit],
    topology: &mut Topology,
    files: &Files,
    findings: &mut Findings,
) -> bool {
    let mut edited = topology.clone();
    let mut failed: Vec<&EditPath> = Vec::new();
    for edit in edits {
        // What is about something that another edit was to make is not wrong by itself.
        let rests = failed.iter().any(|path| edit.path.is_within(path));
        if !rests && !edit.apply(&mut edited, files, findings) {
            failed.push(&edit.path);
        }
    }
    if failed.is_empty() {
        *topology = edited;
    }
    failed.is_empty()
}

impl Display for Edit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.change {
            Change::Set(node) => write!(f, "{}={node}", self.path),
            Change::Add(node) => write!(f, "{}+={node}", self.path),
            Change::Take(node) => write!(f, "{}-={node}", self.path),
        }
    }
}
