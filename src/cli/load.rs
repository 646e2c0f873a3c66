//! From the arguments of a command to one topology.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::files;
use crate::import::{self, Document};
use crate::report::{Places, layout};
use crate::source::{Files, Finding, Findings};
use crate::topology::Topology;
use crate::topology::unread::Unread;
use crate::validate::check_of_part;

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files.
    pub files: Files,
    /// All of them together, completed; nothing if there is none that decodes.
    pub topology: Option<Topology>,
    /// What is wrong with them.
    pub findings: Findings,
    /// What could matter and is not in the topology.
    pub unread: Vec<Unread>,
    /// Addresses in Terraform, by `kind/id`.
    pub addresses: IndexMap<String, Arc<str>>,
    /// Whether something could not be read at all, so that the findings are not the whole story.
    pub unusable: bool,
    /// Whether the topology as a whole was not checked, because parts of it cannot be read.
    pub unchecked: bool,
}

impl Loaded {
    /// Reads everything that the arguments name, as one topology, and finds everything that is
    /// wrong with it.
    pub fn read(arguments: &[PathBuf]) -> Self {
        let files::Read { documents, refused } = files::read(arguments);
        Self::of(documents, refused)
    }

    /// Reads a text as a topology of that name, and finds everything that is wrong with it.
    pub fn text(name: &str, text: &str) -> Self {
        let document = Document { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        Self::of(vec![document], Vec::new())
    }

    fn of(documents: Vec<Document>, refused: Vec<Finding>) -> Self {
        let mut loaded = import::load(documents);
        for finding in refused {
            loaded.refuse(finding);
        }
        let import::Loaded { files, topology, mut findings, unread, addresses, unusable } = loaded;
        // What cannot be read is left out, so that references to it would seem to lead nowhere.
        let unchecked = unusable || findings.has_errors();
        if let (Some(topology), false) = (&topology, unchecked) {
            check_of_part(topology, &unread, &mut findings);
        }
        let unchecked = unchecked && topology.is_some();
        Self { files, topology, findings, unread, addresses, unusable, unchecked }
    }

    /// Whether questions can be asked of it.
    pub fn is_usable(&self) -> bool {
        !self.unusable && !self.findings.has_errors() && self.topology.is_some()
    }

    /// What is needed to say where facts stand.
    pub fn places(&self) -> Places<'_> {
        Places { files: &self.files, addresses: &self.addresses }
    }

    /// How much there is of what questions are about, in words: `2 services, 1 load balancer`.
    pub fn size(&self) -> String {
        const TOLD: &[&str] = &["service", "job", "worker_pool", "load_balancer", "network"];
        let Some(topology) = &self.topology else { return String::new() };
        let parts: Vec<_> = TOLD
            .iter()
            .filter_map(|kind| topology.sections().find(|section| section.kind == *kind))
            .filter(|section| !section.is_empty())
            .map(|section| layout::count(section.len(), &section.noun()))
            .collect();
        layout::and(&parts)
    }
}
