//! Paths as JSON.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::question::answer;
use crate::report::{At, Places};
use crate::rules::RuleId;

/// Paths, made one by one while they are written.
pub struct PathsWire<'a> {
    /// Where facts stand.
    pub places: Places<'a>,
    /// The paths.
    pub paths: &'a answer::Paths<'a>,
}

impl PathsWire<'_> {
    pub fn stream<S: Serializer>(paths: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let mut list = serializer.serialize_seq(Some(paths.paths.heads().len()))?;
        paths.paths.each(|path| list.serialize_element(&PathWire::new(paths.places, path)))?;
        list.end()
    }
}

/// A path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Path")]
pub struct PathWire<'a> {
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
    /// What the name of the host resolves to; in traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<ResolvedWire<'a>>,
    /// What the answer meets on its way back, in order; in traces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply: Vec<HopWire<'a>>,
    /// Which requests.
    requests: RequestsWire<'a>,
    /// Whether it is taken only if Google so chooses.
    sometimes: bool,
    /// The assumptions that it needs, as `ID=true` or `ID=false`; those that only change which
    /// requests take it as `ID`.
    assumptions: &'a [String],
}

impl<'a> PathWire<'a> {
    pub fn new(places: Places<'a>, path: &'a answer::Path) -> Self {
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
            resolved: path.resolved.as_ref().map(|own| ResolvedWire::new(places, own)),
            reply: path.reply.iter().map(|hop| HopWire::new(places, hop)).collect(),
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
pub struct OutcomeWire<'a> {
    /// `delivered`, `refused` (something else answers), `dropped` (nothing answers) or `aborted`
    /// (the caller has nothing to send it from).
    #[schemars(extend("enum" = ["delivered", "refused", "dropped", "aborted"]))]
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
pub struct GuardWire<'a> {
    /// `guarded`, `name-only` (it can refuse nothing) or `unguarded`.
    #[schemars(extend("enum" = ["guarded", "name-only", "unguarded"]))]
    state: &'static str,
    /// Why.
    why: &'a str,
    /// What would close the path.
    remedies: Vec<RemedyWire<'a>>,
}

impl<'a> GuardWire<'a> {
    pub fn new(guard: &'a answer::Guard) -> Self {
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
pub struct RemedyWire<'a> {
    /// The change.
    change: &'a str,
    /// What stops working.
    breaks: &'a [String],
}

/// Who is concerned by a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Principals")]
pub struct PrincipalsWire<'a> {
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
pub struct HopWire<'a> {
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
    /// What is another afterwards than it was before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangedWire<'a>>,
    /// Whether an earlier hop has refused the request: what is behind it, as if it had been
    /// admitted there.
    past: bool,
    /// For a gate in the way, what it stops.
    stops: Option<StopsWire<'a>>,
}

impl<'a> HopWire<'a> {
    pub fn new(places: Places<'a>, hop: &'a answer::Hop) -> Self {
        Self {
            resource: &hop.resource,
            kind: &hop.kind,
            action: &hop.action,
            rule: hop.rule,
            hop_rule: hop.hop_rule,
            at: places.at(hop.at, &hop.resource),
            note: &hop.note,
            changes: hop.changes.iter().map(ChangedWire::new).collect(),
            past: hop.past,
            stops: hop
                .stops
                .as_ref()
                .map(|stops| StopsWire { all: stops.all, causes: &stops.causes }),
        }
    }
}

/// A field of the request that a hop changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Changed")]
pub struct ChangedWire<'a> {
    /// Which.
    field: &'static str,
    /// Its value before.
    before: &'a str,
    /// Its value after.
    after: &'a str,
}

impl<'a> ChangedWire<'a> {
    fn new(changed: &'a answer::Changed) -> Self {
        Self { field: changed.field, before: &changed.before, after: &changed.after }
    }
}

/// What a name resolves to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resolved")]
pub struct ResolvedWire<'a> {
    /// The name.
    name: &'a str,
    /// Its addresses, or why it has none.
    answer: &'a str,
    /// Who answers.
    by: &'a str,
    /// The rule that decides it, if one does.
    #[schemars(with = "Option<String>")]
    rule: Option<RuleId>,
    /// Where the topology says so.
    at: Option<At<'a>>,
}

impl<'a> ResolvedWire<'a> {
    fn new(places: Places<'a>, own: &'a answer::Resolved) -> Self {
        Self {
            name: &own.name,
            answer: &own.answer,
            by: &own.by,
            rule: own.rule,
            at: places.at(own.at, &own.by),
        }
    }
}

/// What a gate in the way stops.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stops")]
pub struct StopsWire<'a> {
    /// Everything that arrives there, or some of it.
    all: bool,
    /// The causes.
    causes: &'a [&'static str],
}

/// Which requests a path is about.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Requests")]
pub struct RequestsWire<'a> {
    /// In words.
    text: &'a str,
    /// One of them.
    witness: Option<WitnessWire<'a>>,
}

/// One request in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Witness")]
pub struct WitnessWire<'a> {
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
    pub fn new(witness: &'a answer::Witness) -> Self {
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
