//! What was read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Checked, Error, Invalid};
use crate::graph::Options;
use crate::import::Reading;
use crate::question::Model;
use crate::report::layout;
use crate::source::{Files, Finding, Places};
use crate::topology::Topology;
use crate::topology::unread::Unread;
use crate::validate;

/// What was read, and what is wrong with it.
///
/// ```
/// use portolan::{Description, Severity};
///
/// let text = "portolan: 1\nservices: {web: {region: europe-west1, ingres: internal}}";
/// let loaded = Description::new().text("topology.yaml", text).load();
/// assert!(!loaded.is_usable());
///
/// let finding = &loaded.findings()[0];
/// assert_eq!((finding.code, finding.severity), ("unknown-key", Severity::Error));
/// let place = loaded.files().line_column(finding.span()).unwrap();
/// assert_eq!((place.line, place.column), (2, 40));
/// ```
#[derive(Clone, Debug)]
pub struct Loaded {
    topology: Option<Arc<Topology>>,
    places: Arc<Places>,
    findings: Vec<Finding>,
    unread: Vec<Unread>,
    is_readable: bool,
    is_validated: bool,
}

/// What the asker takes for granted: the time, and what the topology leaves open.
///
/// ```
/// use portolan::Premises;
///
/// let premises =
///     Premises::new().at("2026-11-23T00:00:00Z".parse()?).assume("var.egress=all-traffic", true);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Premises {
    at: Option<Timestamp>,
    assumed: Vec<(String, bool)>,
}

impl Premises {
    /// Nothing but that it is now.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides conditions on time as of a time.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.at = Some(time);
        self
    }

    /// Fixes an assumption, by the id that answers name it with.
    #[must_use]
    pub fn assume(mut self, id: impl Into<String>, holds: bool) -> Self {
        self.assumed.push((id.into(), holds));
        self
    }
}

impl Loaded {
    /// Fills in what goes without saying, and validates what was read.
    pub(super) fn new(reading: Reading) -> Self {
        let Reading { places, mut topology, mut findings, unread, unusable } = reading;
        if let Some(topology) = &mut topology {
            topology.complete();
        }
        // What cannot be read is left out, so that references to it would seem to lead nowhere.
        let is_validated = !unusable && !findings.has_errors();
        if let (Some(topology), true) = (&topology, is_validated) {
            validate::check(topology, &mut findings);
        }
        Self {
            topology: topology.map(Arc::new),
            places: Arc::new(places),
            findings: findings.into_sorted(),
            unread,
            is_readable: !unusable,
            is_validated,
        }
    }

    /// What reading and validating it found, by file and place.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The files that were read, to which the places of findings refer.
    pub fn files(&self) -> &Files {
        &self.places.files
    }

    /// Whether nothing is an error, so that questions can be asked.
    pub fn is_usable(&self) -> bool {
        self.usable().is_some()
    }

    /// Whether all that was named could be opened and is of a format that is read. If not, the
    /// findings are not the whole story.
    pub fn is_readable(&self) -> bool {
        self.is_readable
    }

    /// Whether the topology as a whole was validated. It is not if parts of it cannot be read.
    pub fn is_validated(&self) -> bool {
        self.is_validated
    }

    /// An error with all findings if one of them is an error.
    pub fn validate(&self) -> Result<(), Invalid> {
        self.valid().map(|_| ())
    }

    /// Everything that there is to find: what is wrong, what probably is not as it was meant, and
    /// what is worth knowing.
    pub fn check(&self) -> Checked {
        Checked::of(self)
    }

    /// What questions are asked of, now, with nothing assumed that the topology leaves open.
    ///
    /// ```
    /// use portolan::{Description, Reach, Verdict};
    ///
    /// let loaded = Description::new().path("topologies/armor-closed").load();
    /// let model = loaded.compile()?;
    /// let answer = Reach::from("internet").to("service/web").ask(&model)?;
    /// assert_eq!(answer.verdict(), Some(Verdict::Yes));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn compile(&self) -> Result<Model, Error> {
        self.compile_with(Premises::new())
    }

    /// What questions are asked of, with what the asker takes for granted.
    ///
    /// ```
    /// use portolan::{Description, Egress, Premises, Reach, Verdict};
    ///
    /// let loaded = Description::new().path("topologies/verdicts").load();
    /// let verdict = |premises: Premises| {
    ///     let model = loaded.compile_with(premises)?;
    ///     let answer = Reach::from("service/api").to("external/partner").ask(&model)?;
    ///     Ok::<_, portolan::Error>(answer.verdict())
    /// };
    /// assert_eq!(verdict(Premises::new())?, Some(Verdict::Depends));
    /// let all = Premises::new().assume("services.api.vpc_access.egress=all-traffic", true);
    /// assert_eq!(verdict(all)?, Some(Verdict::Sometimes));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn compile_with(&self, premises: Premises) -> Result<Model, Error> {
        let topology = Arc::clone(self.valid()?);
        let Premises { at, assumed } = premises;
        let at = at.unwrap_or_else(Timestamp::now);
        let options = Options { unread: self.unread.clone(), assumed, ..Options::at(at) };
        Ok(Model::new(topology, Arc::clone(&self.places), options)?)
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

    /// The topology, if nothing is an error.
    fn usable(&self) -> Option<&Arc<Topology>> {
        let has_errors = self.findings.iter().any(Finding::is_error);
        self.topology.as_ref().filter(|_| self.is_readable && !has_errors)
    }

    fn valid(&self) -> Result<&Arc<Topology>, Invalid> {
        self.usable().ok_or_else(|| Invalid::new(self.findings.clone(), Arc::clone(&self.places)))
    }

    /// The records of the topology, completed.
    pub(crate) fn topology(&self) -> Option<&Arc<Topology>> {
        self.topology.as_ref()
    }

    pub(super) fn places(&self) -> &Arc<Places> {
        &self.places
    }

    pub(super) fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
