//! Answers and findings as JSON.
//!
//! [`Wire`] and the types below are the format: `portolan schema --of answer` is made from them.
//! What is read by programs changes only by addition as long as the first number of
//! [`FORMAT_VERSION`] stays.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{At, ENGINE_VERSION, FORMAT_VERSION, Places};
use crate::graph::AssumptionKind;
use crate::question::answer::{self, Answer};
use crate::rules;
use crate::source::Span;

mod finding;
mod path;
mod table;

pub use finding::{Allowed, findings};

use finding::FindingWire;
use path::PathsWire;
use table::{EgressAddressWire, ExposureWire};

/// Writes an answer.
pub fn answer(out: &mut dyn Write, places: Places<'_>, answer: &Answer<'_>) -> io::Result<()> {
    let wire = Wire::new(places, answer);
    serde_json::to_writer_pretty(&mut *out, &wire)?;
    writeln!(out)
}

/// An answer of `portolan`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
pub struct Wire<'a> {
    /// The version of this format: the first number changes with what would break a reader.
    format_version: &'static str,
    /// The version of the program.
    engine_version: &'static str,
    /// The day on which the rules were last compared with their sources.
    rules_version: &'static str,
    /// The question as it was asked.
    question: QuestionWire<'a>,
    /// The time at which conditions on time were decided (RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// The verdict; null for tables.
    verdict: Option<VerdictWire>,
    /// The answer in a sentence.
    summary: &'a str,
    /// Whether nothing that the input holds and Portolan does not model could change the answer.
    complete: bool,
    /// What could, and where it stands.
    unmodelled: Vec<UnmodelledWire<'a>>,
    /// One path for each source, entry and outcome.
    #[serde(serialize_with = "PathsWire::stream")]
    #[schemars(with = "Vec<path::PathWire<'a>>")]
    paths: PathsWire<'a>,
    /// Under which addresses a sender arrives.
    egress_addresses: Vec<EgressAddressWire<'a>>,
    /// Sources by services.
    exposure: Option<ExposureWire<'a>>,
    /// What the verdict rests on, or would flip it.
    assumptions: Vec<AssumptionWire<'a>>,
    /// Findings about the question itself.
    findings: Vec<FindingWire<'a>>,
}

impl<'a> Wire<'a> {
    fn new(places: Places<'a>, answer: &'a Answer<'a>) -> Self {
        Wire {
            format_version: FORMAT_VERSION,
            engine_version: ENGINE_VERSION,
            rules_version: rules::VERSION,
            question: QuestionWire(&answer.question),
            at: answer.at.to_string(),
            verdict: answer.verdict.map(VerdictWire::from),
            summary: &answer.summary,
            complete: answer.complete,
            unmodelled: answer.unmodelled.iter().map(|o| UnmodelledWire::new(places, o)).collect(),
            paths: PathsWire { places, paths: &answer.paths },
            egress_addresses: answer.egress_addresses.iter().map(EgressAddressWire::new).collect(),
            exposure: answer.exposure.as_ref().map(ExposureWire::new),
            assumptions: answer
                .assumptions
                .iter()
                .map(|o| AssumptionWire::new(places, o))
                .collect(),
            findings: answer.findings.iter().map(|own| FindingWire::new(places, own)).collect(),
        }
    }
}

/// The parameters that are lists however many values they have.
const LISTS: &[&str] = &["from", "to", "headers", "conditions", "assume"];

/// The kind of the question under `kind`, and its parameters: texts, and lists for those that may
/// be given several times.
#[derive(JsonSchema)]
#[schemars(rename = "Question", with = "std::collections::BTreeMap<String, serde_json::Value>")]
struct QuestionWire<'a>(&'a answer::Asked);

impl Serialize for QuestionWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.0.kind)?;
        for (name, values) in &self.0.parameters {
            match values.as_slice() {
                [only] if !LISTS.contains(name) => map.serialize_entry(name, only)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

/// The answer to a question that has one: under all assumptions, under none, or under some.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Verdict")]
enum VerdictWire {
    Yes,
    No,
    Depends,
}

impl From<answer::Verdict> for VerdictWire {
    fn from(verdict: answer::Verdict) -> Self {
        match verdict {
            answer::Verdict::Yes => Self::Yes,
            answer::Verdict::No => Self::No,
            answer::Verdict::Depends => Self::Depends,
        }
    }
}

/// What is not modelled.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unmodelled")]
struct UnmodelledWire<'a> {
    /// It in words.
    text: &'a str,
    /// Where it stands.
    at: Option<At<'a>>,
}

impl<'a> UnmodelledWire<'a> {
    fn new(places: Places<'a>, (text, span): &'a (String, Span)) -> Self {
        Self { text, at: places.at(*span, "") }
    }
}

/// The word for a kind of assumption.
pub fn assumption_kind(kind: AssumptionKind) -> &'static str {
    match kind {
        AssumptionKind::Unknown => "unknown",
        AssumptionKind::Disputed => "disputed",
        AssumptionKind::Unmodelled => "unmodelled",
    }
}

/// An assumption in an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Assumption")]
struct AssumptionWire<'a> {
    /// The id that `--assume` takes.
    id: &'a str,
    /// `unknown` (the input does not say it), `disputed` (documents disagree) or `unmodelled`.
    #[schemars(extend("enum" = ["unknown", "disputed", "unmodelled"]))]
    kind: &'static str,
    /// What is assumed.
    text: &'a str,
    /// The documented default.
    default: Option<bool>,
    /// Where the topology leaves it open.
    at: Option<At<'a>>,
    /// Whether the verdict flips with it.
    flips: bool,
}

impl<'a> AssumptionWire<'a> {
    fn new(places: Places<'a>, assumed: &'a answer::Assumed) -> Self {
        Self {
            id: &assumed.id,
            kind: assumption_kind(assumed.kind),
            text: &assumed.text,
            default: assumed.default,
            at: places.at(assumed.at, ""),
            flips: assumed.flips,
        }
    }
}
