//! Findings as JSON, and the whole of what `check` says.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::CompleteWire;
use crate::question::Completeness;
use crate::report::{At, ENGINE_VERSION, FORMAT_VERSION};
use crate::rules;
use crate::source::{Finding, Places};

/// A finding that the user allows, and why.
#[derive(Clone, Copy, Debug)]
pub struct AllowedFinding<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The reason.
    pub reason: &'a str,
}

/// What `check` says.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFindings<'a> {
    /// What was checked.
    pub topology: &'a [String],
    /// The findings that are listed.
    pub listed: &'a [Finding],
    /// Those that are allowed.
    pub allowed: &'a [AllowedFinding<'a>],
    /// What was left out of account.
    pub completeness: &'a Completeness,
    /// How many lints were not run because of errors.
    pub not_run: usize,
}

/// Writes what `check` says, in the form of an answer.
pub fn findings(
    out: &mut dyn Write,
    places: &Places,
    checked: &CheckedFindings<'_>,
) -> io::Result<()> {
    let CheckedFindings { topology, listed, allowed, completeness, not_run } = *checked;
    let wire = CheckWire {
        format_version: FORMAT_VERSION,
        engine_version: ENGINE_VERSION,
        rules_version: rules::VERSION,
        question: CheckQuestion { kind: "check", topology },
        complete: CompleteWire::new(places, completeness),
        findings: listed.iter().map(|finding| FindingWire::new(places, finding)).collect(),
        allowed: allowed
            .iter()
            .map(|own| AllowedWire {
                finding: FindingWire::new(places, own.finding),
                reason: own.reason,
            })
            .collect(),
        lints_not_run: not_run,
    };
    serde_json::to_writer_pretty(&mut *out, &wire)?;
    writeln!(out)
}

#[derive(Serialize)]
struct CheckWire<'a> {
    format_version: &'static str,
    engine_version: &'static str,
    rules_version: &'static str,
    question: CheckQuestion<'a>,
    complete: CompleteWire<'a>,
    findings: Vec<FindingWire<'a>>,
    allowed: Vec<AllowedWire<'a>>,
    lints_not_run: usize,
}

#[derive(Serialize)]
struct CheckQuestion<'a> {
    kind: &'static str,
    topology: &'a [String],
}

#[derive(Serialize)]
struct AllowedWire<'a> {
    #[serde(flatten)]
    finding: FindingWire<'a>,
    reason: &'a str,
}

/// One thing to say about the input.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct FindingWire<'a> {
    /// What kind of finding it is; `portolan explain` explains it.
    code: &'static str,
    /// `error`, `warning` or `note`.
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    severity: &'static str,
    /// What is the matter.
    message: &'a str,
    /// Where.
    labels: Vec<LabelWire<'a>>,
    /// What to do.
    help: Option<&'a str>,
    /// What else to know.
    note: Option<&'a str>,
    /// The resource it is about.
    resource: Option<&'a str>,
    /// Its address in Terraform.
    address: Option<&'a str>,
}

impl<'a> FindingWire<'a> {
    pub fn new(places: &'a Places, finding: &'a Finding) -> Self {
        let resource = finding.resource.as_deref();
        let address = finding.address.as_deref();
        Self {
            code: finding.code,
            severity: finding.severity.as_str(),
            message: &finding.message,
            labels: finding
                .labels
                .iter()
                .map(|label| LabelWire {
                    at: places.at(label.span, ""),
                    text: &label.text,
                    primary: label.primary,
                })
                .collect(),
            help: finding.help.as_deref(),
            note: finding.note.as_deref(),
            resource,
            address: address.or_else(|| places.addresses.get(resource?).map(|own| &**own)),
        }
    }
}

/// A place that a finding points at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Label")]
pub struct LabelWire<'a> {
    /// The place.
    at: Option<At<'a>>,
    /// What is said at it; may be empty.
    text: &'a str,
    /// Whether this is where the finding is, not only a place that explains it.
    primary: bool,
}
