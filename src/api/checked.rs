//! Everything that is found about a topology.

use std::io::{self, Write};
use std::sync::Arc;

use super::{Loaded, codes};
use crate::graph::Gap;
use crate::lint;
use crate::question::Completeness;
use crate::report::{findings, json, sarif};
use crate::source::{Finding, Findings, Places};

/// Everything that is found about a topology: errors, warnings and notes.
///
/// ```
/// use portolan::{Checked, Description, Severity};
///
/// let text = "portolan: 1
/// services: {web: {region: europe-west1, ingress: internal-and-cloud-load-balancing}}";
/// let mut checked = Description::new().text("topology.yaml", text).load().check();
/// let is_listed = |checked: &Checked| checked.findings().iter().any(|own| own.code == "no-way-in");
/// assert!(is_listed(&checked));
///
/// checked.allow("no-way-in", "its load balancer comes next week");
/// assert!(!is_listed(&checked));
/// assert_eq!(checked.allowed()[0].finding.severity, Severity::Note);
/// ```
#[derive(Clone, Debug)]
pub struct Checked {
    findings: Vec<Finding>,
    allowed: Vec<Allowed>,
    completeness: Completeness,
    places: Arc<Places>,
    size: String,
    is_whole: bool,
    not_run: usize,
}

/// A finding that the user allows, and why.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The finding.
    pub finding: Finding,
    /// The reason.
    pub reason: String,
}

impl Checked {
    pub(super) fn of(loaded: &Loaded) -> Self {
        let mut found: Findings = loaded.findings().iter().cloned().collect();
        let unread = loaded.unread();
        if let (Some(topology), true) = (loaded.topology(), loaded.is_validated()) {
            lint::of_text(topology, unread, &mut found);
        }
        // Only what has no errors can be compiled.
        let sound = loaded.topology().filter(|_| !found.has_errors());
        // What cannot be read at all has no lints.
        let not_run = match loaded.topology() {
            Some(_) if sound.is_none() => lint::asking(),
            _ => 0,
        };
        let completeness = match sound {
            Some(topology) => {
                let places = Arc::clone(loaded.places());
                let model = lint::model(Arc::clone(topology), places, unread.to_vec());
                lint::of_traffic(&model, unread, &mut found)
            }
            None => Completeness::of_all(&Gap::of_unread(unread)),
        };
        Checked {
            findings: found.into_sorted(),
            allowed: Vec::new(),
            completeness,
            places: Arc::clone(loaded.places()),
            size: loaded.size(),
            is_whole: loaded.is_validated() || loaded.topology().is_none(),
            not_run,
        }
    }

    /// What was found and is not allowed, by file and place.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is allowed.
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// What the input holds that is left out of account.
    pub fn completeness(&self) -> &Completeness {
        &self.completeness
    }

    /// How many lints could not ask the engine because of errors.
    pub fn lints_not_run(&self) -> usize {
        self.not_run
    }

    /// Allows the findings of a code for a reason. Errors stay: they mean that the topology cannot be
    /// used.
    pub fn allow(&mut self, code: &str, reason: &str) {
        let (allowed, listed) = std::mem::take(&mut self.findings)
            .into_iter()
            .partition(|finding| finding.code == code && !finding.is_error());
        let allowed: Vec<Finding> = allowed;
        self.findings = listed;
        let with_reason = |finding| Allowed { finding, reason: reason.to_owned() };
        self.allowed.extend(allowed.into_iter().map(with_reason));
        self.allowed.sort_by(|a, b| a.finding.by_place(&b.finding));
    }

    /// It for people, without colour.
    pub fn to_text(&self) -> String {
        super::plain(|out| self.write_text(out))
    }

    /// Writes it for people, with the colours of terminals as escape sequences.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        findings::write(out, &self.places.files, &self.findings)?;
        for Allowed { finding, reason } in &self.allowed {
            let place = self.places.at(finding.span(), "");
            let place = place.map_or_else(String::new, |at| format!(" at {at}"));
            writeln!(out, "allowed[{}]: {}{place}: {reason}", finding.code, finding.message)?;
        }
        let tally = findings::tally(&self.findings).unwrap_or_else(|| "no findings".to_owned());
        match self.size.as_str() {
            "" => writeln!(out, "{tally}"),
            size => writeln!(out, "{tally} in {size}"),
        }?;
        if self.not_run > 0 && self.is_whole {
            writeln!(out, "{}", findings::not_run(self.not_run))?;
        }
        if !self.is_whole {
            writeln!(out, "the topology as a whole is checked once it can be read")?;
        }
        Ok(())
    }

    /// Writes it for programs, in the form of an answer; `topology` is what was checked, by name.
    pub fn write_json(&self, out: &mut dyn Write, topology: &[String]) -> io::Result<()> {
        let allowed: Vec<_> = self
            .allowed
            .iter()
            .map(|Allowed { finding, reason }| json::AllowedFinding { finding, reason })
            .collect();
        let checked = json::CheckedFindings {
            topology,
            listed: &self.findings,
            allowed: &allowed,
            completeness: &self.completeness,
            not_run: self.not_run,
        };
        json::findings(out, &self.places, &checked)
    }

    /// Writes it as SARIF 2.1.0, for code scanning.
    pub fn write_sarif(&self, out: &mut dyn Write) -> io::Result<()> {
        sarif::write(out, &self.places.files, &self.findings, self.not_run, codes::find)
    }
}
