//! Every word of an answer: one file a subject.
//!
//! An answer is ids and enumerations; here they get their words, and nowhere else. The renderers
//! lay out what these give them, and decide nothing.

mod address;
mod assumption;
mod command;
mod entry;
mod gap;
mod guard;
mod kind;
mod note;
mod outcome;
mod principals;
mod requests;
mod reserved;
mod step;
mod summary;
mod verdict;

pub use assumption::{ASSUMPTION_KINDS, assumption_kind};
pub use command::credential;
pub use gap::{gap, skipped};
pub use guard::why;
pub use kind::{Chain, is_itself, kind};
pub use note::answerer;
pub use outcome::group_title;
pub use principals::principals;
pub use reserved::LeftOut;
pub use step::{ACTIONS, stopping};
pub use summary::summary;

use crate::graph::{Graph, ResourceId, ResourceKind};
use crate::question::Model;
use crate::question::answer::{Answer, Destination, Sender};
use crate::solve::Layout;

/// What it takes to put an answer into words.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// What was asked.
    pub model: &'a Model,
    /// The axes of the sets that the answer tells of.
    pub layout: &'a Layout,
    /// The audience of the token that was asked about.
    pub audience: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// Those of an answer.
    pub fn of(answer: &'a Answer<'_>) -> Self {
        let audience = answer.head.question.values("audience").first().map(String::as_str);
        Words { model: answer.head.model, layout: &answer.head.layout, audience }
    }

    /// The graph.
    pub fn graph(self) -> &'a Graph {
        &self.model.graph
    }

    /// A resource: `service/web`.
    pub fn resource(self, id: ResourceId) -> String {
        self.graph().resource(id).to_string()
    }

    /// Several.
    pub fn resources(self, ids: &[ResourceId]) -> Vec<String> {
        ids.iter().map(|id| self.resource(*id)).collect()
    }

    /// What kind of resource it is.
    pub fn resource_kind(self, id: ResourceId) -> ResourceKind {
        self.graph().resource(id).kind
    }

    /// Who sends: `internet`, `service/web`, `user:ana@example.com`.
    pub fn sender(self, sender: &Sender) -> String {
        match sender {
            Sender::Resource(id) => self.resource(*id),
            Sender::Identity(member) => member.to_string(),
        }
    }

    /// Where a path leads.
    pub fn destination(self, destination: &Destination) -> String {
        match destination {
            Destination::Resource(id) => self.resource(*id),
            Destination::Named(name) => name.clone(),
            Destination::Elsewhere => "elsewhere".into(),
        }
    }
}

/// A name as it stands in a sentence: `the internet reaches service/web`.
pub fn in_prose(name: &str) -> String {
    if name == "internet" { "the internet".into() } else { name.into() }
}

/// A text that begins with a capital letter, unless its first word is a name.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
