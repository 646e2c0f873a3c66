//! Answers: the names of what they hold ids of, and answers as text and JSON.

use std::io::{self, Write};
use std::net::IpAddr;

use crate::graph::{
    Assumption, AssumptionId, Choice, ChoiceId, Entry, EntryId, Resource, ResourceId,
};
use crate::question::answer::{Answer, Path, Paths, Seen, Sender};
use crate::question::{Model, sender_name};
use crate::report::words::{Words, summary};
use crate::report::{Detail, json, text};

/// What the ids in answers stand for.
impl Model {
    /// A resource; displayed, it is written as selectors are: `service/web`.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        self.graph.resource(id)
    }

    /// A way by which something is entered.
    pub fn entry(&self, id: EntryId) -> &Entry {
        self.graph.entry(id)
    }

    /// An assumption: something that the topology leaves open, or on which documents disagree.
    pub fn assumption(&self, id: AssumptionId) -> &Assumption {
        self.graph.assumption(id)
    }

    /// Everything that may be assumed of this topology, each by its id.
    pub fn assumptions(&self) -> &[Assumption] {
        &self.graph.assumptions
    }

    /// A choice of the platform.
    pub fn choice(&self, id: ChoiceId) -> &Choice {
        self.graph.choice(id)
    }

    /// A sender, as selectors write it.
    pub fn sender(&self, sender: &Sender) -> String {
        sender_name(&self.graph, sender)
    }

    /// Everything that sends requests.
    pub fn senders(&self) -> impl Iterator<Item = &Resource> {
        self.graph.sources.iter().map(|source| self.graph.resource(source.resource))
    }
}

/// Answers in words.
///
/// ```
/// use portolan::{Description, Detail, Reach};
///
/// let model = Description::new().path("topologies/armor-closed").load().compile()?;
/// let answer = Reach::from("internet").to("service/web").ask(&model)?;
/// assert!(answer.summary().starts_with("yes: the internet reaches service/web"));
/// assert!(answer.to_text(Detail::default()).contains("Delivered (2)"));
/// assert!(answer.to_json().contains("\"verdict\": \"yes\""));
/// # Ok::<(), portolan::Error>(())
/// ```
impl Answer<'_> {
    /// The answer in a sentence.
    pub fn summary(&self) -> String {
        summary(self)
    }

    /// A way by which something is entered, as answers write it: `load_balancer/edge * /*`.
    pub fn entry_name(&self, id: EntryId) -> String {
        Words::of(self).entry(id)
    }

    /// A command that sends a request by a path, if one does: `curl https://www.example.com/`.
    pub fn command(&self, path: &Path) -> Option<String> {
        Words::of(self).command(path)
    }

    /// Which requests take a path, in words.
    pub fn requests(&self, path: &Path) -> String {
        Words::of(self).requests(&path.requests)
    }

    /// As what a sender is seen, in words: an address, what stands for one, or one of a range.
    pub fn seen_as(&self, seen: &Seen) -> String {
        Words::of(self).seen(seen)
    }

    /// The address as which a sender is seen, if it is a single known one.
    pub fn seen_address(&self, seen: &Seen) -> Option<IpAddr> {
        match seen {
            Seen::One(address) => {
                self.head.model.graph.placeholders.what(*address).is_none().then_some(*address)
            }
            Seen::OneOf(..) => None,
        }
    }

    /// The answer for people, without colour.
    pub fn to_text(&self, detail: Detail) -> String {
        super::plain(|out| self.write_text(out, detail))
    }

    /// Writes the answer for people, with the colours of terminals as escape sequences.
    pub fn write_text(&self, out: &mut dyn Write, detail: Detail) -> io::Result<()> {
        text::answer(out, self, detail)
    }

    /// The answer for programs, as JSON; `portolan schema --of answer` describes it.
    pub fn to_json(&self) -> String {
        super::written(|out| self.write_json(out))
    }

    /// Writes the answer for programs. Large answers are written as they are made.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::answer(out, self)
    }
}

impl Paths<'_> {
    /// Every path, in order. Of a large answer, [`each`](Paths::each) holds a few at a time.
    pub fn all(&self) -> Vec<Path> {
        let mut all = Vec::with_capacity(self.heads().len());
        let taken = self.each(|path| {
            all.push(path.clone());
            Ok::<(), std::convert::Infallible>(())
        });
        match taken {
            Ok(()) => all,
        }
    }
}
