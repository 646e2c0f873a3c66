//! Answers and findings as JSON.
//!
//! [`Wire`] and the types below are the format: `portolan schema --of answer` is made from them.
//! What is read by programs changes only by addition as long as the first number of
//! [`FORMAT_VERSION`] stays. Enumerations that have one name everywhere are written by that name.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::words::{ASSUMPTION_KINDS, Words, assumption_kind, gap, summary};
use super::{At, ENGINE_VERSION, FORMAT_VERSION};
use crate::graph::Gap;
use crate::question::answer::{Answer, AnswerBody, Assumed, Completeness, Pair, Verdict};
use crate::rules;
use crate::source::Places;

mod finding;
mod hop;
mod path;
mod question;
mod table;

pub use finding::{AllowedFinding, CheckedFindings, findings};

use finding::FindingWire;
use path::PathsWire;
use question::QuestionWire;
use table::{EgressAddressWire, ExposureWire};

/// Writes an answer.
pub fn answer(out: &mut dyn Write, answer: &Answer<'_>) -> io::Result<()> {
    let wire = Wire::new(answer);
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
    verdict: Option<Verdict>,
    /// The answer in a sentence.
    summary: String,
    /// What the input holds that is not modelled or not read, and could change the answer.
    complete: CompleteWire<'a>,
    /// The verdict of each pair of source and destination that was asked about; of more than 10,000 those
    /// that something reaches.
    pairs: Vec<PairWire>,
    /// One path for each source, destination, entry, outcome, and the guards and forwarding machines on the
    /// way.
    #[serde(serialize_with = "PathsWire::stream")]
    #[schemars(with = "Vec<path::PathWire<'a>>")]
    paths: PathsWire<'a>,
    /// Under which addresses a sender arrives.
    egress_addresses: Vec<EgressAddressWire>,
    /// Sources by services.
    exposure: Option<ExposureWire<'a>>,
    /// What the verdict rests on, or would flip it.
    assumptions: Vec<AssumptionWire<'a>>,
    /// Findings about the question itself.
    findings: Vec<FindingWire<'a>>,
}

impl<'a> Wire<'a> {
    fn new(answer: &'a Answer<'a>) -> Self {
        let words = Words::of(answer);
        let head = &answer.head;
        let places = &*head.model.places;
        let found = answer.verdict().and_then(|_| answer.found());
        let pairs = found.map_or(&[][..], |found| &found.pairs);
        let addresses = answer.addresses().iter();
        Wire {
            format_version: FORMAT_VERSION,
            engine_version: ENGINE_VERSION,
            rules_version: rules::VERSION,
            question: QuestionWire(&head.question),
            at: head.at.to_string(),
            verdict: answer.verdict(),
            summary: summary(answer),
            complete: CompleteWire::new(places, &head.completeness),
            pairs: pairs.iter().map(|pair| PairWire::new(words, pair)).collect(),
            paths: PathsWire { words, places, paths: answer.paths() },
            egress_addresses: addresses.map(|own| EgressAddressWire::new(words, own)).collect(),
            exposure: match &answer.body {
                AnswerBody::Exposure(exposure) => Some(ExposureWire::new(words, exposure)),
                _ => None,
            },
            assumptions: head
                .assumptions
                .iter()
                .map(|own| AssumptionWire::new(words, places, own))
                .collect(),
            findings: head.findings.iter().map(|own| FindingWire::new(places, own)).collect(),
        }
    }
}

/// What is left out of account: an answer is complete if there is neither.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Complete")]
pub struct CompleteWire<'a> {
    /// What could open a path that is not shown.
    could_open: Vec<LeftOutWire<'a>>,
    /// What could close a path that is shown.
    could_close: Vec<LeftOutWire<'a>>,
}

impl<'a> CompleteWire<'a> {
    pub fn new(places: &'a Places, complete: &Completeness) -> Self {
        let all = |gaps: &[Gap]| gaps.iter().map(|gap| LeftOutWire::new(places, gap)).collect();
        Self { could_open: all(&complete.could_open), could_close: all(&complete.could_close) }
    }
}

/// What is left out of account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LeftOut")]
struct LeftOutWire<'a> {
    /// It in words.
    text: String,
    /// Where it stands.
    at: Option<At<'a>>,
}

impl<'a> LeftOutWire<'a> {
    fn new(places: &'a Places, left: &Gap) -> Self {
        Self { text: gap(left), at: places.at(left.at, "") }
    }
}

/// The verdict of one source and one destination.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Pair")]
struct PairWire {
    /// The source.
    from: String,
    /// The destination.
    to: String,
    /// The verdict.
    verdict: Verdict,
}

impl PairWire {
    fn new(words: Words<'_>, pair: &Pair) -> Self {
        let (from, to) = (words.sender(&pair.from), words.resource(pair.to));
        Self { from, to, verdict: pair.verdict }
    }
}

/// An assumption in an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Assumption")]
struct AssumptionWire<'a> {
    /// The id that `--assume` takes.
    id: &'a str,
    /// `unknown` (the input does not say it), `disputed` (documents disagree) or `unmodelled`.
    #[schemars(extend("enum" = ASSUMPTION_KINDS))]
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
    fn new(words: Words<'a>, places: &'a Places, assumed: &'a Assumed) -> Self {
        let own = words.graph().assumption(assumed.id);
        Self {
            id: &own.id,
            kind: assumption_kind(own.kind),
            text: &own.text,
            default: own.default,
            at: places.at(own.at, ""),
            flips: assumed.flips,
        }
    }
}
