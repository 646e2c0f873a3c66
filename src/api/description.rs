//! What is read.

use std::io::{self, Read};
use std::path::Path;

use super::Loaded;
use super::edited::edit;
use super::files;
use crate::import::{self, Document};
use crate::source::Finding;

/// What describes a topology: texts, readers, files and folders, which are taken together.
///
/// Each may be of any format that is read (topology files in YAML or JSON, Terraform plans as JSON);
/// which one it is, is found out. Nothing is an error before [`load`](Description::load), and then
/// everything that is wrong is a [`Finding`] with its place.
///
/// ```
/// use portolan::Description;
///
/// let loaded = Description::new()
///     .text("services.yaml", "portolan: 1\nservices: {web: {region: europe-west1}}")
///     .reader("projects.yaml", &b"portolan: 1\nprojects: {shop: {}}"[..])
///     .load();
/// assert!(loaded.is_usable());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Description {
    documents: Vec<Document>,
    overlays: Vec<Document>,
    edits: Vec<String>,
    /// Why others cannot be read.
    refused: Vec<Finding>,
}

impl Description {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, by the name that findings shall call it.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.documents.push(Document { name: name.into(), bytes: text.into().into_bytes() });
        self
    }

    /// Adds what a reader gives, by the name that findings shall call it.
    #[must_use]
    pub fn reader(self, name: impl Into<String>, mut reader: impl Read) -> Self {
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes);
        self.read(name.into(), read.map(|_| bytes))
    }

    /// Adds a file, or the files of a folder that are topologies.
    ///
    /// ```
    /// let loaded = portolan::Description::new().path("topologies/armor-bypassed").load();
    /// assert!(loaded.is_usable());
    ///
    /// let missing = portolan::Description::new().path("no/such/folder").load();
    /// assert_eq!(missing.findings()[0].code, "unreadable");
    /// ```
    #[must_use]
    pub fn path(self, path: impl AsRef<Path>) -> Self {
        files::add(self, path.as_ref())
    }

    /// Lays a file over the topology, behind those that are laid over it already: what it gives under
    /// a key or a name is laid over what is there, lists and single values replace what is there,
    /// and `null` removes it.
    #[must_use]
    pub fn overlay(mut self, path: impl AsRef<Path>) -> Self {
        match files::document(path.as_ref()) {
            Ok(document) => self.overlays.push(document),
            Err(finding) => self.refused.push(*finding),
        }
        self
    }

    /// The same with a text, by the name that findings shall call it.
    #[must_use]
    pub fn overlay_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.overlays.push(Document { name: name.into(), bytes: text.into().into_bytes() });
        self
    }

    /// Changes the topology once all is read and laid over it, by the text of an edit:
    /// `PATH=VALUE`, `PATH+=VALUE` or `PATH-=VALUE`.
    ///
    /// ```
    /// use portolan::{Description, Reach, Verdict};
    ///
    /// let closed = Description::new()
    ///     .path("topologies/armor-bypassed")
    ///     .set("services.web.ingress=internal-and-cloud-load-balancing");
    /// let model = closed.load().compile()?;
    /// let question = Reach::from("internet").to("service/web").avoid("security_policy/edge");
    /// assert_eq!(question.ask(&model)?.verdict(), Some(Verdict::No));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    #[must_use]
    pub fn set(mut self, edit: impl Into<String>) -> Self {
        self.edits.push(edit.into());
        self
    }

    /// Reads it as one topology, and finds everything that is wrong with it.
    pub fn load(self) -> Loaded {
        let mut reading = import::load(self.documents);
        for finding in self.refused {
            reading.refuse(finding);
        }
        edit(&mut reading, &self.overlays, &self.edits);
        Loaded::new(reading)
    }

    /// Adds what was read of a file, or why it cannot be read.
    pub(super) fn read(mut self, name: String, read: io::Result<Vec<u8>>) -> Self {
        match read {
            Ok(bytes) => self.documents.push(Document { name, bytes }),
            Err(error) => self.refused.push(files::unreadable(&name, &error)),
        }
        self
    }

    /// Notes something that is not read.
    pub(super) fn refuse(mut self, finding: Finding) -> Self {
        self.refused.push(finding);
        self
    }
}
