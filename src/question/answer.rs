//! What a question answers, for every renderer.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::graph::AssumptionKind;
use crate::rules::RuleId;
use crate::source::{Finding, Span};

pub use super::listing::{ExposureRows, Head, Paths};

/// An answer.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The question as it was asked: its kind and its parameters.
    pub question: Asked,
    /// The verdict; tables have none.
    pub verdict: Option<Verdict>,
    /// The answer in a sentence.
    pub summary: String,
    /// Whether nothing that the input holds and Portolan does not model could change it.
    pub complete: bool,
    /// What could, and where it stands.
    pub unmodelled: Vec<(String, Span)>,
    /// The paths, put into words when they are asked for.
    pub paths: Paths<'a>,
    /// Under which addresses a sender arrives.
    pub egress_addresses: Vec<EgressAddress>,
    /// Sources by services.
    pub exposure: Option<Exposure<'a>>,
    /// What the verdict rests on, or would flip it.
    pub assumptions: Vec<Assumed>,
    /// Findings about the question itself.
    pub findings: Vec<Finding>,
    /// The time at which conditions on time were decided.
    pub at: Timestamp,
}

/// A question with its parameters, as JSON shows it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `bypass`, `reach`, …
    pub kind: &'static str,
    /// Parameters with their values, in order.
    pub parameters: Vec<(&'static str, Vec<String>)>,
}

/// The answer to a question that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Under all assumptions.
    Yes,
    /// Under none.
    No,
    /// Under some.
    Depends,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Yes => "yes",
            Verdict::No => "no",
            Verdict::Depends => "depends",
        }
    }
}

/// One path: a source, an entry, an outcome.
#[derive(Debug, Clone)]
pub struct Path {
    /// The source.
    pub from: String,
    /// The destination.
    pub to: String,
    /// By which way it is entered.
    pub entry: String,
    /// How it ends.
    pub outcome: Outcome,
    /// The guards that it passes, in order: policies, IAP, IAM.
    pub guards: Vec<String>,
    /// Whether the guard that was asked for stands on it.
    pub guard: Option<Guard>,
    /// Who gets through, or is refused.
    pub principals: Principals,
    /// The hops, in order.
    pub hops: Vec<Hop>,
    /// What the name of the host resolves to, for a single request.
    pub resolved: Option<Resolved>,
    /// What the answer meets on its way back, in order, for a single request that arrives.
    pub reply: Vec<Hop>,
    /// Which requests.
    pub requests: Requests,
    /// Whether it is taken only if Google so chooses.
    pub sometimes: bool,
    /// The assumptions that it needs, as `ID=true` or `ID=false`; those that only change which
    /// requests take it as `ID`.
    pub assumptions: Vec<String>,
}

/// How a path ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// Whether requests arrive.
    pub kind: OutcomeKind,
    /// Why they do not.
    pub cause: Option<&'static str>,
    /// The status that the caller sees; none if nothing is sent.
    pub http_status: Option<u16>,
    /// Where a redirect points.
    pub location: Option<String>,
}

/// Whether requests arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// They arrive.
    Delivered,
    /// Something else answers.
    Refused,
    /// Nothing answers.
    Dropped,
    /// The caller has nothing to send them from.
    Aborted,
}

impl OutcomeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Delivered => "delivered",
            OutcomeKind::Refused => "refused",
            OutcomeKind::Dropped => "dropped",
            OutcomeKind::Aborted => "aborted",
        }
    }
}

/// Whether a guard stands on a path.
#[derive(Debug, Clone)]
pub struct Guard {
    /// How far.
    pub state: GuardState,
    /// Why, in a clause.
    pub why: String,
    /// What would close the path, and what that breaks; for paths that are not guarded.
    pub remedies: Vec<Remedy>,
}

/// How far a path is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardState {
    /// The guard can refuse requests on this path.
    Guarded,
    /// The guard stands there, but can refuse nothing.
    NameOnly,
    /// The guard does not stand there.
    Unguarded,
}

impl GuardState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            GuardState::Guarded => "guarded",
            GuardState::NameOnly => "name-only",
            GuardState::Unguarded => "unguarded",
        }
    }
}

/// A change that would close a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The change.
    pub change: String,
    /// What stops working.
    pub breaks: Vec<String>,
}

/// Who is concerned by a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principals {
    /// Callers without an identity.
    pub anonymous: bool,
    /// Any account at all.
    pub any_account: bool,
    /// Named identities, as IAM member strings.
    pub named: Vec<String>,
}

/// A hop of a path.
#[derive(Debug, Clone)]
pub struct Hop {
    /// What it belongs to.
    pub resource: String,
    /// What kind of place it is.
    pub kind: String,
    /// What happens there: `admit`, `refuse`, `redirect`, `route`, `rewrite`, `choose`,
    /// `deliver`, `drop`.
    pub action: String,
    /// The documented behaviour.
    pub rule: RuleId,
    /// What the hop as a whole rests on, where the rule is that of one of its entries.
    pub hop_rule: RuleId,
    /// Where the topology says so.
    pub at: Span,
    /// More in words (`rule 1000: deny(403)`), empty if there is nothing to add.
    pub note: String,
    /// What is another afterwards than it was before.
    pub changes: Vec<Changed>,
    /// Whether an earlier hop has refused the request: what is behind it, as if it had been
    /// admitted there.
    pub past: bool,
    /// For a gate in the way: whether it stops all of what arrives there, or some; with the
    /// cause.
    pub stops: Option<Stops>,
}

/// A field of the request that a hop changes, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub field: &'static str,
    /// Its value before.
    pub before: String,
    /// Its value after.
    pub after: String,
}

/// What a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The name.
    pub name: String,
    /// Its address, or why it has none.
    pub answer: String,
    /// Who answers.
    pub by: String,
    /// The documented behaviour, if one decides.
    pub rule: Option<RuleId>,
    /// Where the topology says so.
    pub at: Span,
}

/// What a gate in the way stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stops {
    /// Everything that arrives, or some of it.
    pub all: bool,
    /// The causes.
    pub causes: Vec<&'static str>,
}

/// Which requests a path is about.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// In words.
    pub text: String,
    /// One of them.
    pub witness: Option<Witness>,
}

/// One request in full.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// The address that it comes from.
    pub source_ip: String,
    /// The address that it is sent to, if it is known.
    pub destination_ip: Option<String>,
    /// `https` or `http`.
    pub scheme: &'static str,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
    /// Who sends it.
    pub principal: String,
    /// What it sends to prove that, in words.
    pub credential: String,
    /// The region of the source address, if it matters.
    pub region: Option<String>,
    /// The autonomous system of the source address, if it matters.
    pub asn: Option<u32>,
    /// Free properties that it has (`waf/sqli-v33-stable`).
    pub conditions: Vec<String>,
    /// A command that sends it.
    pub curl: String,
}

/// An address under which a sender arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressAddress {
    /// The address; none if it is not known.
    pub address: Option<String>,
    /// The address, or what is known of it, in words.
    pub label: String,
    /// What has it (`nat/tokyo`).
    pub name: Option<String>,
    /// `cloud-nat`, `shared-pool`, `external-address`, `external-ipv6`, `private-nat`, `internal`.
    pub cause: &'static str,
    /// `static`, `subnet-range`, `automatic`, `shared-pool`, `internal`.
    pub stability: &'static str,
    /// The documented behaviour.
    pub rule: RuleId,
    /// The destinations that see it.
    pub to: Vec<String>,
    /// Whether it is used only if Google so chooses.
    pub sometimes: bool,
}

/// Sources by services.
#[derive(Debug)]
pub struct Exposure<'a> {
    /// Groups of sources that fare alike everywhere.
    pub sources: Vec<SourceGroup>,
    /// Services, one row each, made when they are asked for.
    pub rows: ExposureRows<'a>,
}

/// Sources that fare alike, or send by the same way: then a cell tells what any of them can do,
/// and as whom.
#[derive(Debug, Clone)]
pub struct SourceGroup {
    /// `internet`, `users`, `products`, …
    pub class: &'static str,
    /// The sources.
    pub members: Vec<String>,
}

/// How one service fares.
#[derive(Debug, Clone)]
pub struct ExposureRow {
    /// The service.
    pub service: String,
    /// One cell for each group of sources.
    pub cells: Vec<Cell>,
}

/// How a source fares at a service.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The word for it.
    pub exposure: CellState,
    /// The entries that let it in, or the causes that keep it out.
    pub by: Vec<String>,
    /// Who gets in, if not everybody.
    pub named: Vec<String>,
    /// Ids of assumptions that would change it.
    pub assumptions: Vec<String>,
}

/// How a source fares at a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellState {
    /// Anyone gets in, without an identity.
    Open,
    /// Any account gets in.
    AnyAccount,
    /// Only named identities get in.
    Named,
    /// Nobody gets in.
    Refused,
}

impl CellState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CellState::Open => "open",
            CellState::AnyAccount => "any account",
            CellState::Named => "named only",
            CellState::Refused => "refused",
        }
    }
}

/// An assumption in an answer.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// The id that `--assume` takes.
    pub id: String,
    /// Why it is one.
    pub kind: AssumptionKind,
    /// What is assumed.
    pub text: String,
    /// The documented default.
    pub default: Option<bool>,
    /// Where the topology leaves it open.
    pub at: Span,
    /// Whether the verdict flips with it.
    pub flips: bool,
}
