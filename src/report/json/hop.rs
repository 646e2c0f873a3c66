//! Hops as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Cause, HopKind};
use crate::question::answer::{PathHop, Resolved, Stops};
use crate::report::At;
use crate::report::words::{ACTIONS, Words, answerer};
use crate::rules::RuleId;
use crate::source::Places;
use crate::walk;

/// A hop of a path.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hop")]
pub struct HopWire<'a> {
    /// What it belongs to.
    resource: String,
    /// What kind of place it is.
    kind: HopKind,
    /// What happens there; null where no request was followed.
    #[schemars(extend("enum" = actions()))]
    action: Option<&'static str>,
    /// The rule it rests on; `portolan explain` prints it.
    #[schemars(with = "String")]
    rule: RuleId,
    /// What the hop as a whole rests on, where `rule` is that of one of its entries.
    #[schemars(with = "String")]
    hop_rule: RuleId,
    /// Where the topology says so.
    at: Option<At<'a>>,
    /// What decided, in words; may be empty.
    note: String,
    /// What is another afterwards than it was before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangedWire>,
    /// Whether an earlier hop has refused the request: what is behind it, as if it had been
    /// admitted there.
    past: bool,
    /// For a gate that stops something, what it stops.
    stops: Option<StopsWire<'a>>,
}

/// The names of all actions, and none.
fn actions() -> Vec<Option<&'static str>> {
    ACTIONS.iter().map(|action| Some(action.name())).chain([None]).collect()
}

impl<'a> HopWire<'a> {
    pub fn new(words: Words<'a>, places: &'a Places, hop: &'a PathHop) -> Self {
        let resource = words.resource(hop.resource);
        let at = places.at(hop.at, &resource);
        Self {
            resource,
            kind: hop.kind,
            action: hop.action.map(walk::StepAction::name),
            rule: hop.rule,
            hop_rule: hop.hop_rule,
            at,
            note: words.note(hop),
            changes: hop.changes.iter().map(|own| ChangedWire::new(words, own)).collect(),
            past: hop.past,
            stops: hop.stops.as_ref().map(StopsWire::new),
        }
    }
}

/// A field of the request that a hop changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Changed")]
struct ChangedWire {
    /// Which.
    field: &'static str,
    /// Its value before.
    before: String,
    /// Its value after.
    after: String,
}

impl ChangedWire {
    fn new(words: Words<'_>, changed: &walk::Changed) -> Self {
        let (before, after) = words.change(changed);
        Self { field: changed.field.name(), before, after }
    }
}

/// What a gate stops.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stops")]
struct StopsWire<'a> {
    /// Everything that arrives there, or some of it.
    all: bool,
    /// The causes.
    causes: &'a [Cause],
}

impl<'a> StopsWire<'a> {
    fn new(stops: &'a Stops) -> Self {
        Self { all: stops.all, causes: &stops.causes }
    }
}

/// What a name resolves to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resolved")]
pub struct ResolvedWire<'a> {
    /// The name.
    name: &'a str,
    /// Its addresses, or `NXDOMAIN` or `SERVFAIL`.
    answer: String,
    /// Who answers: `public`, a zone, a response policy, the resolvers of a site.
    by: String,
    /// The rule that decides it, if one does.
    #[schemars(with = "Option<String>")]
    rule: Option<RuleId>,
    /// Where the topology says so.
    at: Option<At<'a>>,
}

impl<'a> ResolvedWire<'a> {
    pub fn new(words: Words<'a>, places: &'a Places, own: &'a Resolved) -> Self {
        let by = answerer(&own.by);
        let at = places.at(own.at, &by);
        Self { name: &own.name, answer: words.answer(&own.answer), by, rule: own.rule, at }
    }
}
