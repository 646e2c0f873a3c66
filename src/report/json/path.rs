//! Paths as JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::hop::{HopWire, ResolvedWire};
use crate::graph::{Cause, ChoiceKind, Request};
use crate::question::answer::{
    CauseDirection, Chosen, Guard, GuardState, OutcomeKind, Path, Paths, Requests, Witness,
};
use crate::report::words::{Words, why};
use crate::source::Places;

/// Paths, made one by one while they are written.
pub struct PathsWire<'a> {
    /// What they are put into words with.
    pub words: Words<'a>,
    /// Where facts stand.
    pub places: &'a Places,
    /// The paths, if the answer has some.
    pub paths: Option<&'a Paths<'a>>,
}

impl PathsWire<'_> {
    pub fn stream<S: Serializer>(all: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let count = all.paths.map_or(0, |paths| paths.heads().len());
        let mut list = serializer.serialize_seq(Some(count))?;
        if let Some(paths) = all.paths {
            paths
                .each(|path| list.serialize_element(&PathWire::new(all.words, all.places, path)))?;
        }
        list.end()
    }
}

/// A path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Path")]
pub struct PathWire<'a> {
    /// The source.
    from: String,
    /// The destination.
    to: String,
    /// By which entry path the destination is entered; null if by none that has a name.
    entry: Option<String>,
    /// How it ends.
    outcome: OutcomeWire<'a>,
    /// The guards that it passes, in order: policies, IAP, IAM.
    guards: Vec<String>,
    /// Whether the guard that was asked for is on it.
    guard: Option<GuardWire>,
    /// Who gets through, or is refused.
    principals: PrincipalsWire<'a>,
    /// The hops, in order.
    hops: Vec<HopWire<'a>>,
    /// What the name of the host resolves to; in traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<ResolvedWire<'a>>,
    /// What the reply meets, in order; in traces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply: Vec<HopWire<'a>>,
    /// Which requests.
    requests: RequestsWire<'a>,
    /// The choices of the platform that it rests on.
    choices: Vec<ChoiceWire>,
    /// The assumptions that it needs, as `ID=true` or `ID=false`; those that only change which
    /// requests take it as `ID`.
    assumptions: Vec<String>,
}

impl<'a> PathWire<'a> {
    pub fn new(words: Words<'a>, places: &'a Places, path: &'a Path) -> Self {
        let outcome = &path.outcome;
        let hops = |all: &'a [_]| all.iter().map(|hop| HopWire::new(words, places, hop)).collect();
        let resolved = path.resolved.as_ref();
        Self {
            from: words.sender(&path.from),
            to: words.destination(&path.to),
            entry: path.entry.map(|entry| words.entry(entry)),
            outcome: OutcomeWire {
                kind: outcome.kind,
                cause: outcome.cause,
                direction: outcome.direction(),
                http_status: words.http_status(path),
                location: outcome.location.as_deref(),
            },
            guards: words.guard_hops(&path.guards),
            guard: path.guard.as_ref().map(|guard| GuardWire::new(words, guard)),
            principals: PrincipalsWire {
                anonymous: path.principals.anonymous,
                any_account: path.principals.any_account,
                named: &path.principals.named,
            },
            hops: hops(&path.hops),
            resolved: resolved.map(|own| ResolvedWire::new(words, places, own)),
            reply: hops(&path.reply),
            requests: RequestsWire::new(words, path),
            choices: path.choices.iter().map(|own| ChoiceWire::new(words, own)).collect(),
            assumptions: path.assumptions.iter().map(|own| words.needed(*own)).collect(),
        }
    }
}

/// How a path ends.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Outcome")]
struct OutcomeWire<'a> {
    /// `delivered`, `arrived-unanswered` (the reply does not come back), `redirected`, `refused`
    /// (something else answers), `dropped` (nothing answers) or `aborted` (the caller has nothing to
    /// send it from).
    kind: OutcomeKind,
    /// Why it does not arrive, or its reply.
    cause: Option<Cause>,
    /// What met the cause: the request, or its reply.
    direction: Option<CauseDirection>,
    /// The status that the caller sees, if HTTP is spoken.
    http_status: Option<u16>,
    /// Where a redirect points.
    location: Option<&'a str>,
}

/// Whether the guard that was asked for is on a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Guard")]
struct GuardWire {
    /// `guarded`, `name-only` (it can refuse nothing) or `unguarded`.
    state: GuardState,
    /// Why.
    why: &'static str,
    /// What would close the path.
    remedies: Vec<RemedyWire>,
}

impl GuardWire {
    fn new(words: Words<'_>, guard: &Guard) -> Self {
        let remedies = guard.remedies.iter().map(|remedy| RemedyWire {
            change: words.remedy(&remedy.change),
            breaks: words.breaks(remedy),
        });
        Self { state: guard.state, why: why(guard), remedies: remedies.collect() }
    }
}

/// A change that would close a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Remedy")]
struct RemedyWire {
    /// The change.
    change: String,
    /// What stops working.
    breaks: Vec<String>,
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

/// A choice of the platform.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Choice")]
pub struct ChoiceWire {
    /// Its id: `KIND/RESOURCE`, and behind a colon which of several at the resource it is.
    id: String,
    /// What is chosen.
    kind: ChoiceKind,
    /// What there is to choose from.
    options: Vec<String>,
    /// Those of them that lead here.
    delivers: Vec<String>,
}

impl ChoiceWire {
    pub fn new(words: Words<'_>, chosen: &Chosen) -> Self {
        Self {
            id: words.choice_id(chosen.choice),
            kind: words.graph().choice(chosen.choice).kind,
            options: words.options(chosen.choice),
            delivers: words.taken(chosen),
        }
    }
}

/// Which requests a path is about.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Requests")]
struct RequestsWire<'a> {
    /// In words.
    text: String,
    /// One of them.
    witness: Option<WitnessWire<'a>>,
}

impl<'a> RequestsWire<'a> {
    fn new(words: Words<'a>, path: &'a Path) -> Self {
        let Requests { witness, .. } = &path.requests;
        Self {
            text: words.requests(&path.requests),
            witness: witness.as_ref().map(|witness| WitnessWire::new(words, path, witness)),
        }
    }
}

/// One request in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Witness")]
struct WitnessWire<'a> {
    /// The address that it comes from, or what is known of it.
    source_ip: String,
    /// The address that it is sent to, if it is known.
    destination_ip: Option<String>,
    /// `https` or `http`.
    #[schemars(extend("enum" = ["https", "http"]))]
    scheme: &'static str,
    /// The host.
    host: &'a str,
    /// The port.
    port: u16,
    /// The method.
    method: &'a str,
    /// The path with its query.
    path: &'a str,
    /// Headers by name.
    headers: &'a BTreeMap<String, String>,
    /// Who sends it.
    principal: String,
    /// What it sends to prove that, in words.
    credential: String,
    /// The region of the source address, if it matters.
    region: Option<&'a str>,
    /// The autonomous system of the source address, if it matters.
    asn: Option<u32>,
    /// Free properties that it has, as `--condition` takes them.
    conditions: Vec<String>,
    /// A command that sends it; null if its end does not speak HTTP, or nobody can type it.
    curl: Option<String>,
}

impl<'a> WitnessWire<'a> {
    fn new(words: Words<'a>, path: &Path, witness: &'a Witness) -> Self {
        let request: &Request = &witness.request;
        let condition = |id: &_| words.graph().condition(*id).to_string();
        Self {
            source_ip: words.address(request.source),
            destination_ip: witness.destination.map(|address| address.to_string()),
            scheme: if request.https { "https" } else { "http" },
            host: &request.host,
            port: request.port,
            method: &request.method,
            path: &witness.path,
            headers: &witness.headers,
            principal: words.principal(request),
            credential: words.credential(request),
            region: (!request.region.is_empty()).then_some(request.region.as_str()),
            asn: (request.asn != 0).then_some(request.asn),
            conditions: request.conditions.iter().map(condition).collect(),
            curl: words.curl(path),
        }
    }
}
