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
use crate::rules::{self, RuleId};
use crate::source::{Finding, Span};

/// Writes an answer.
pub fn answer(out: &mut dyn Write, places: Places<'_>, answer: &Answer<'_>) -> io::Result<()> {
    let wire = Wire::new(places, answer);
    serde_json::to_writer_pretty(&mut *out, &wire)?;
    writeln!(out)
}

/// A finding that the user allows, and why.
#[derive(Clone, Copy, Debug)]
pub struct Allowed<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The reason.
    pub reason: &'a str,
}

/// Writes the findings of `check`, in the form of an answer.
pub fn findings(
    out: &mut dyn Write,
    places: Places<'_>,
    topology: &[String],
    listed: &[Finding],
    allowed: &[Allowed<'_>],
    unmodelled: &[(String, Span)],
) -> io::Result<()> {
    let wire = CheckWire {
        format_version: FORMAT_VERSION,
        engine_version: ENGINE_VERSION,
        rules_version: rules::VERSION,
        question: CheckQuestion { kind: "check", topology },
        complete: unmodelled.is_empty(),
        unmodelled: unmodelled.iter().map(|own| UnmodelledWire::new(places, own)).collect(),
        findings: listed.iter().map(|finding| FindingWire::new(places, finding)).collect(),
        allowed: allowed
            .iter()
            .map(|own| AllowedWire {
                finding: FindingWire::new(places, own.finding),
                reason: own.reason,
            })
            .collect(),
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
    complete: bool,
    unmodelled: Vec<UnmodelledWire<'a>>,
    findings: Vec<FindingWire<'a>>,
    allowed: Vec<AllowedWire<'a>>,
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
    #[schemars(with = "Vec<PathWire<'a>>")]
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

/// Paths, made one by one while they are written.
struct PathsWire<'a> {
    places: Places<'a>,
    paths: &'a answer::Paths<'a>,
}

impl PathsWire<'_> {
    fn stream<S: Serializer>(paths: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let mut list = serializer.serialize_seq(Some(paths.paths.heads().len()))?;
        paths.paths.each(|path| list.serialize_element(&PathWire::new(paths.places, path)))?;
        list.end()
    }
}

/// A path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Path")]
struct PathWire<'a> {
    /// The source.
    from: &'a str,
    /// The destination.
    to: &'a str,
    /// By which way it is entered.
    entry: &'a str,
    /// How it ends.
    outcome: OutcomeWire<'a>,
    /// The guards that it passes, in order: policies, IAP, IAM.
    guards: &'a [String],
    /// Whether the guard that was asked for stands on it.
    guard: Option<GuardWire<'a>>,
    /// Who gets through, or is refused.
    principals: PrincipalsWire<'a>,
    /// The hops, in order.
    hops: Vec<HopWire<'a>>,
    /// Which requests.
    requests: RequestsWire<'a>,
    /// Whether it is taken only if Google so chooses.
    sometimes: bool,
    /// Ids of the assumptions that it needs.
    assumptions: &'a [String],
}

impl<'a> PathWire<'a> {
    fn new(places: Places<'a>, path: &'a answer::Path) -> Self {
        let outcome = &path.outcome;
        Self {
            from: &path.from,
            to: &path.to,
            entry: &path.entry,
            outcome: OutcomeWire {
                kind: outcome.kind.as_str(),
                cause: outcome.cause,
                http_status: outcome.http_status,
                location: outcome.location.as_deref(),
            },
            guards: &path.guards,
            guard: path.guard.as_ref().map(GuardWire::new),
            principals: PrincipalsWire {
                anonymous: path.principals.anonymous,
                any_account: path.principals.any_account,
                named: &path.principals.named,
            },
            hops: path.hops.iter().map(|hop| HopWire::new(places, hop)).collect(),
            requests: RequestsWire {
                text: &path.requests.text,
                witness: path.requests.witness.as_ref().map(WitnessWire::new),
            },
            sometimes: path.sometimes,
            assumptions: &path.assumptions,
        }
    }
}

/// How a path ends.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Outcome")]
struct OutcomeWire<'a> {
    /// `delivered`, `refused` (something else answers) or `dropped` (nothing answers).
    #[schemars(extend("enum" = ["delivered", "refused", "dropped"]))]
    kind: &'static str,
    /// Why it does not arrive.
    cause: Option<&'static str>,
    /// The status that the caller sees.
    http_status: Option<u16>,
    /// Where a redirect points.
    location: Option<&'a str>,
}

/// Whether the guard that was asked for stands on a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Guard")]
struct GuardWire<'a> {
    /// `guarded`, `name-only` (it can refuse nothing) or `unguarded`.
    #[schemars(extend("enum" = ["guarded", "name-only", "unguarded"]))]
    state: &'static str,
    /// Why.
    why: &'a str,
    /// What would close the path.
    remedies: Vec<RemedyWire<'a>>,
}

impl<'a> GuardWire<'a> {
    fn new(guard: &'a answer::Guard) -> Self {
        let remedy = |remedy: &'a answer::Remedy| RemedyWire {
            change: &remedy.change,
            breaks: &remedy.breaks,
        };
        Self {
            state: guard.state.as_str(),
            why: &guard.why,
            remedies: guard.remedies.iter().map(remedy).collect(),
        }
    }
}

/// A change that would close a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Remedy")]
struct RemedyWire<'a> {
    /// The change.
    change: &'a str,
    /// What stops working.
    breaks: &'a [String],
}

/// Who is concerned by a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Principals")]
struct PrincipalsWire<'a> {
    /// Callers without an identity.
    anonymous: bool,
    /// Any account at all.
    any_account: bool,
    /// Named identities, as IAM member strings.
    named: &'a [String],
}

/// A hop of a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hop")]
struct HopWire<'a> {
    /// What it belongs to.
    resource: &'a str,
    /// What kind of place it is.
    kind: &'a str,
    /// What happens there: `admit`, `refuse`, `redirect`, `route`, `rewrite`, `choose`,
    /// `deliver`, `drop`.
    action: &'a str,
    /// The rule it rests on; `portolan explain` prints it.
    #[schemars(with = "String")]
    rule: RuleId,
    /// What the hop as a whole rests on, where `rule` is that of one of its entries.
    #[schemars(with = "String")]
    hop_rule: RuleId,
    /// Where the topology says so.
    at: Option<At<'a>>,
    /// More in words; may be empty.
    note: &'a str,
    /// For a gate in the way, what it stops.
    stops: Option<StopsWire<'a>>,
}

impl<'a> HopWire<'a> {
    fn new(places: Places<'a>, hop: &'a answer::Hop) -> Self {
        Self {
            resource: &hop.resource,
            kind: &hop.kind,
            action: &hop.action,
            rule: hop.rule,
            hop_rule: hop.hop_rule,
            at: places.at(hop.at, &hop.resource),
            note: &hop.note,
            stops: hop
                .stops
                .as_ref()
                .map(|stops| StopsWire { all: stops.all, causes: &stops.causes }),
        }
    }
}

/// What a gate in the way stops.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stops")]
struct StopsWire<'a> {
    /// Everything that arrives there, or some of it.
    all: bool,
    /// The causes.
    causes: &'a [&'static str],
}

/// Which requests a path is about.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Requests")]
struct RequestsWire<'a> {
    /// In words.
    text: &'a str,
    /// One of them.
    witness: Option<WitnessWire<'a>>,
}

/// One request in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Witness")]
struct WitnessWire<'a> {
    /// The address that it comes from.
    source_ip: &'a str,
    /// The address that it is sent to.
    destination_ip: Option<&'a str>,
    /// `https` or `http`.
    scheme: &'a str,
    /// The host.
    host: &'a str,
    /// The port.
    port: u16,
    /// The method.
    method: &'a str,
    /// The path with its query.
    path: &'a str,
    /// Headers by name.
    headers: &'a std::collections::BTreeMap<String, String>,
    /// Who sends it.
    principal: &'a str,
    /// What it sends to prove that, in words.
    credential: &'a str,
    /// The region of the source address, if it matters.
    region: Option<&'a str>,
    /// The autonomous system of the source address, if it matters.
    asn: Option<u32>,
    /// Free properties that it has.
    conditions: &'a [String],
    /// A command that sends it.
    curl: &'a str,
}

impl<'a> WitnessWire<'a> {
    fn new(witness: &'a answer::Witness) -> Self {
        Self {
            source_ip: &witness.source_ip,
            destination_ip: witness.destination_ip.as_deref(),
            scheme: witness.scheme,
            host: &witness.host,
            port: witness.port,
            method: &witness.method,
            path: &witness.path,
            headers: &witness.headers,
            principal: &witness.principal,
            credential: &witness.credential,
            region: witness.region.as_deref(),
            asn: witness.asn,
            conditions: &witness.conditions,
            curl: &witness.curl,
        }
    }
}

/// An address under which a sender arrives.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EgressAddress")]
struct EgressAddressWire<'a> {
    /// The address; null if it is not known.
    address: Option<&'a str>,
    /// The address, or what is known of it, in words.
    label: &'a str,
    /// What has it.
    name: Option<&'a str>,
    /// Why it is seen: `cloud-nat`, `shared-pool`, `external-address`, `internal`.
    cause: &'static str,
    /// `static`, `automatic`, `shared-pool`, `internal`.
    stability: &'static str,
    /// The rule it rests on.
    #[schemars(with = "String")]
    rule: RuleId,
    /// The destinations that see it.
    to: &'a [String],
    /// Whether it is used only if Google so chooses.
    sometimes: bool,
}

impl<'a> EgressAddressWire<'a> {
    fn new(address: &'a answer::EgressAddress) -> Self {
        Self {
            address: address.address.as_deref(),
            label: &address.label,
            name: address.name.as_deref(),
            cause: address.cause,
            stability: address.stability,
            rule: address.rule,
            to: &address.to,
            sometimes: address.sometimes,
        }
    }
}

/// Sources by services.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exposure")]
struct ExposureWire<'a> {
    /// Groups of sources that fare alike everywhere.
    sources: Vec<SourceGroupWire<'a>>,
    /// Services, one row each.
    rows: Vec<RowWire<'a>>,
}

/// Sources that fare alike.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceGroup")]
struct SourceGroupWire<'a> {
    /// `internet`, `users`, `products` and so on.
    class: &'static str,
    /// The sources.
    members: &'a [String],
}

/// How one service fares.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExposureRow")]
struct RowWire<'a> {
    /// The service.
    service: &'a str,
    /// One cell for each group of sources.
    cells: Vec<CellWire<'a>>,
}

/// How a group of sources fares at a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cell")]
struct CellWire<'a> {
    /// `open`, `any account`, `named only` or `refused`.
    exposure: &'static str,
    /// The entries that let it in, or the causes that keep it out.
    by: &'a [String],
    /// Who gets in, if not everybody.
    named: &'a [String],
    /// Ids of assumptions that would change it.
    assumptions: &'a [String],
}

impl<'a> ExposureWire<'a> {
    fn new(exposure: &'a answer::Exposure) -> Self {
        let group = |group: &'a answer::SourceGroup| SourceGroupWire {
            class: group.class,
            members: &group.members,
        };
        let cell = |cell: &'a answer::Cell| CellWire {
            exposure: cell.exposure.as_str(),
            by: &cell.by,
            named: &cell.named,
            assumptions: &cell.assumptions,
        };
        let row = |row: &'a answer::ExposureRow| RowWire {
            service: &row.service,
            cells: row.cells.iter().map(cell).collect(),
        };
        Self {
            sources: exposure.sources.iter().map(group).collect(),
            rows: exposure.rows.iter().map(row).collect(),
        }
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

/// One thing to say about the input.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingWire<'a> {
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
    fn new(places: Places<'a>, finding: &'a Finding) -> Self {
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
struct LabelWire<'a> {
    /// The place.
    at: Option<At<'a>>,
    /// What is said at it; may be empty.
    text: &'a str,
    /// Whether this is where the finding is, not only a place that explains it.
    primary: bool,
}
