//! What a question answers, as data: ids and enumerations. `report` has the words.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::Model;
use crate::graph::{
    Answerer, AssumptionId, Cause, ChoiceId, ConditionId, EntryId, HopId, HopKind, NameAnswer,
    OutcomeId, Reply, ResourceId, named,
};
use crate::rules::RuleId;
use crate::sets::{Axis, AxisValues};
use crate::solve::Layout;
use crate::source::{Finding, Span};
use crate::walk;

pub use super::completeness::Completeness;
pub use super::guard::NameOnly;
pub use super::listing::{ExposureRows, PathHead, Paths};

/// An answer: what all have, and what that of one question has.
#[derive(Debug)]
pub struct Answer<'a> {
    /// What all answers have.
    pub head: AnswerHead<'a>,
    /// What this question's answer has.
    pub body: AnswerBody<'a>,
}

/// What all answers have.
#[derive(Debug)]
pub struct AnswerHead<'a> {
    /// What was asked.
    pub model: &'a Model,
    /// The axes of the sets that the answer tells of.
    pub layout: Arc<Layout>,
    /// The question as it was asked: its kind and its parameters.
    pub question: AskedQuestion,
    /// What the input holds that could change the answer, and that is left out of account.
    pub completeness: Completeness,
    /// What the verdict rests on, or would flip it.
    pub assumptions: Vec<Assumed>,
    /// Findings about the question itself.
    pub findings: Vec<Finding>,
    /// The time at which conditions on time were decided.
    pub at: Timestamp,
}

/// What a question's answer has.
#[derive(Debug)]
pub enum AnswerBody<'a> {
    /// `reach`
    Reach(ReachAnswer<'a>),
    /// `bypass`
    Bypass(BypassAnswer<'a>),
    /// `egress`
    Egress(EgressAnswer<'a>),
    /// `trace`
    Trace(TraceAnswer<'a>),
    /// `exposure`
    Exposure(ExposureAnswer<'a>),
}

/// The answer to `reach`.
#[derive(Debug)]
pub struct ReachAnswer<'a> {
    /// The verdict.
    pub found: Found,
    /// What arrives, together.
    pub arriving: ArrivalSummary,
    /// Why the rest does not, each once.
    pub causes: Vec<Cause>,
    /// The paths.
    pub paths: Paths<'a>,
}

/// The answer to `bypass`.
#[derive(Debug)]
pub struct BypassAnswer<'a> {
    /// The guard, as it was named.
    pub guard: String,
    /// Whether it is attached anywhere.
    pub attached: bool,
    /// The verdict: whether it can be avoided.
    pub found: Found,
    /// Where requests arrive that avoided it.
    pub avoided: Vec<ResourceId>,
    /// What arrives past it, together.
    pub arriving: ArrivalSummary,
    /// Whether some path passes it in name only.
    pub name_only: bool,
    /// What was asked about.
    pub to: Vec<ResourceId>,
    /// Services that the same sources enter and that were not asked about.
    pub not_asked: Vec<ResourceId>,
    /// The paths.
    pub paths: Paths<'a>,
}

/// The answer to `egress`.
#[derive(Debug)]
pub struct EgressAnswer<'a> {
    /// Where it is sent.
    pub to: EgressTarget,
    /// The verdict; none for the table of all destinations.
    pub found: Option<Found>,
    /// Why what is lost is lost, each once.
    pub causes: Vec<Cause>,
    /// The paths.
    pub paths: Paths<'a>,
    /// Under which addresses the sender arrives.
    pub addresses: Vec<EgressAddress>,
}

/// Where something is sent, as a question names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressTarget {
    /// Everywhere.
    Anything,
    /// To what a selector names, to a host, to an address.
    Named(String),
}

/// The answer to `trace`.
#[derive(Debug)]
pub struct TraceAnswer<'a> {
    /// The verdict: that of solving this one request.
    pub found: Found,
    /// One walk for each way in which the platform can choose, the first of the defaults; what is
    /// assumed is assumed as by default.
    pub walks: Vec<Path>,
    /// Whether there are more walks than are shown.
    pub more: bool,
    /// The same for whoever lists paths.
    pub paths: Paths<'a>,
}

/// A question with its parameters, as JSON shows it.
#[derive(Debug, Clone)]
pub struct AskedQuestion {
    /// Which question.
    pub kind: QuestionKind,
    /// Parameters with their values, in order.
    pub parameters: Vec<(&'static str, Vec<String>)>,
}

impl AskedQuestion {
    /// The values of a parameter.
    pub fn values(&self, name: &str) -> &[String] {
        let found = self.parameters.iter().find(|(other, _)| *other == name);
        found.map_or(&[], |(_, values)| values)
    }
}

named! {
    /// Which question is asked.
    pub enum QuestionKind {
        /// Can a guard be avoided?
        Bypass = "bypass",
        /// Can requests get there?
        Reach = "reach",
        /// Under which addresses does a sender arrive?
        Egress = "egress",
        /// What happens to one request?
        Trace = "trace",
        /// Which sources get into which services?
        Exposure = "exposure",
    }
}

/// A verdict, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The verdict.
    pub verdict: Verdict,
    /// The assumptions that flip it.
    pub flips: Vec<AssumptionId>,
    /// The choices of the platform that it rests on.
    pub choices: Vec<ChoiceId>,
    /// The verdict of each pair that was asked about, where there are not too many.
    pub pairs: Vec<Pair>,
    /// How many more pairs there are: all of them *no*.
    pub others: usize,
}

impl Found {
    /// A verdict over all that was asked about.
    pub fn of(verdict: Verdict, flips: Vec<AssumptionId>, choices: Vec<ChoiceId>) -> Self {
        Found { verdict, flips, choices, pairs: Vec::new(), others: 0 }
    }
}

/// The verdict of one source and one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The source.
    pub from: Sender,
    /// The destination.
    pub to: ResourceId,
    /// The verdict.
    pub verdict: Verdict,
}

named! {
    /// The answer to a question that has one.
    pub enum Verdict {
        /// In every assumed world some one request is delivered under all choices.
        Yes = "yes",
        /// In no world is any request delivered under any choice.
        No = "no",
        /// In every world some request is delivered under some choice, and in some world none
        /// under all.
        Sometimes = "sometimes",
        /// Otherwise: it depends on assumptions.
        Depends = "depends",
    }
}

/// What arrives, together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrivalSummary {
    /// By how many paths.
    pub paths: usize,
    /// As whom.
    pub who: Principals,
    /// Whether others that were asked about do not get in.
    pub others_not: bool,
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sender {
    /// A source.
    Resource(ResourceId),
    /// An identity anywhere on the internet, as an IAM member string.
    Identity(Box<str>),
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To a resource.
    Resource(ResourceId),
    /// To what the question names, though nothing of it arrives anywhere.
    Named(String),
    /// To other places than those that are told by themselves.
    Elsewhere,
}

/// One path: a source, an entry, an outcome.
#[derive(Debug, Clone)]
pub struct Path {
    /// The source.
    pub from: Sender,
    /// The destination.
    pub to: Destination,
    /// By which way it is entered.
    pub entry: Option<EntryId>,
    /// How it ends.
    pub outcome: PathOutcome,
    /// The guards that it passes, in order: policies, IAP, IAM.
    pub guards: Vec<GuardHop>,
    /// Whether the guard that was asked for is on it.
    pub guard: Option<Guard>,
    /// Who gets through, or is refused.
    pub principals: Principals,
    /// The hops, in order.
    pub hops: Vec<PathHop>,
    /// What the name of the host resolves to, for a single request.
    pub resolved: Option<Resolved>,
    /// What the reply meets on its way back, in order, for a single request that arrives.
    pub reply: Vec<PathHop>,
    /// Which requests.
    pub requests: Requests,
    /// The choices of the platform that it rests on.
    pub choices: Vec<Chosen>,
    /// The assumptions that it needs.
    pub assumptions: Vec<Needed>,
}

impl Path {
    /// Whether the platform may choose otherwise, so that no request takes this path for certain.
    pub fn is_by_choice(&self) -> bool {
        !self.choices.is_empty()
    }
}

/// A guard on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuardHop {
    /// A policy, or IAP.
    Resource(ResourceId),
    /// Invoker IAM of this service.
    InvokerIam(ResourceId),
}

/// A choice of the platform that a path rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The choice.
    pub choice: ChoiceId,
    /// The branches that lead this way, by their place.
    pub taken: Vec<u32>,
}

/// An assumption that a path needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// The assumption.
    pub assumption: AssumptionId,
    /// The value it must have; none if its value only changes which requests take the path.
    pub value: Option<bool>,
}

/// How a path ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathOutcome {
    /// Whether requests arrive.
    pub kind: OutcomeKind,
    /// Why they do not, or their replies.
    pub cause: Option<Cause>,
    /// The status that the caller sees; none if nothing is sent.
    pub http_status: Option<u16>,
    /// Where a redirect points.
    pub location: Option<String>,
}

impl PathOutcome {
    /// What met the cause: the request, or its reply.
    pub fn direction(&self) -> Option<CauseDirection> {
        self.cause?;
        Some(match self.kind {
            OutcomeKind::ArrivedUnanswered => CauseDirection::Reply,
            _ => CauseDirection::Request,
        })
    }
}

named! {
    /// What met a cause.
    pub enum CauseDirection {
        /// The request.
        Request = "request",
        /// Its reply.
        Reply = "reply",
    }
}

named! {
    /// Whether requests arrive.
    pub enum OutcomeKind {
        /// They arrive, and are answered.
        Delivered = "delivered",
        /// They arrive, and their reply does not come back.
        ArrivedUnanswered = "arrived-unanswered",
        /// They are sent elsewhere.
        Redirected = "redirected",
        /// Something else answers.
        Refused = "refused",
        /// Nothing answers.
        Dropped = "dropped",
        /// The caller has nothing to send them from.
        Aborted = "aborted",
    }
}

impl OutcomeKind {
    /// Whether they got where they were going, answered or not.
    pub fn is_arrival(self) -> bool {
        matches!(self, OutcomeKind::Delivered | OutcomeKind::ArrivedUnanswered)
    }
}

/// Whether a guard is on a path.
#[derive(Debug, Clone)]
pub struct Guard {
    /// How far.
    pub state: GuardState,
    /// Why it is there in name only, or how it guards.
    pub why: NameOnly,
    /// What would close the path, and what that breaks; for paths that are not guarded.
    pub remedies: Vec<Remedy>,
}

named! {
    /// How far a path is guarded.
    pub enum GuardState {
        /// The guard can refuse requests on this path.
        Guarded = "guarded",
        /// The guard is there, but can refuse nothing.
        NameOnly = "name-only",
        /// The guard is not there.
        Unguarded = "unguarded",
    }
}

/// A change that would close a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The change.
    pub change: RemedyChange,
    /// What stops working: who, by which entry.
    pub breaks: Vec<(ResourceId, Option<EntryId>)>,
}

/// A change of the topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemedyChange {
    /// The ingress setting of a service becomes `internal-and-cloud-load-balancing`.
    NarrowIngress(ResourceId),
    /// The default URL of a service is turned off.
    DisableDefaultUrl(ResourceId),
    /// A mapped domain is removed.
    RemoveMapping(String),
    /// A guard is put on a backend; the one of the route, if it is not known which.
    Attach {
        /// The guard.
        guard: String,
        /// The backend.
        backend: Option<ResourceId>,
    },
    /// A guard gets rules that refuse something.
    Enforce {
        /// The guard.
        guard: String,
    },
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
pub struct PathHop {
    /// The hop.
    pub id: HopId,
    /// What it belongs to.
    pub resource: ResourceId,
    /// What kind of place it is.
    pub kind: HopKind,
    /// What happens there; none where no request was followed.
    pub action: Option<walk::StepAction>,
    /// The documented behaviour.
    pub rule: RuleId,
    /// What the hop as a whole rests on, where the rule is that of one of its entries.
    pub hop_rule: RuleId,
    /// Where the topology says so.
    pub at: Span,
    /// What decided.
    pub note: Note,
    /// What is another afterwards than it was before.
    pub changes: Vec<walk::Changed>,
    /// Whether an earlier hop has refused the request: what is behind it, as if it had been
    /// admitted there.
    pub past: bool,
    /// For a gate in the way: whether it stops all of what arrives there, or some; with the
    /// cause.
    pub stops: Option<Stops>,
}

/// What decided at a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// What the walk wrote down, with the rule of the gate's list that decided.
    Walked(walk::StepNote, Option<usize>),
    /// The firewall rule that every network has.
    ImpliedRule,
    /// A route, with its next hop: a resource, or a place of the sender's own.
    NextHop {
        /// The range of destinations.
        range: Box<walk::StepNote>,
        /// Whose the next hop is.
        resource: ResourceId,
        /// What kind of place it is, if it is the sender's own.
        kind: Option<HopKind>,
    },
    /// What happens to the reply.
    Reply(Reply),
}

/// What a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The name.
    pub name: String,
    /// Its addresses, or why it has none.
    pub answer: NameAnswer,
    /// Who answers.
    pub by: Answerer,
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
    pub causes: Vec<Cause>,
}

/// Which requests a path is about.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// What tells them from others; every request if there is nothing.
    pub clauses: Vec<Clause>,
    /// The single one, where there is one alone.
    pub single: Option<Box<crate::graph::Request>>,
    /// One of them.
    pub witness: Option<Witness>,
}

/// What tells requests from others.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// The values of a field.
    Field(Axis, AxisValues),
    /// A header that is taken for an address.
    AddressHeader {
        /// Its name, lower case.
        name: Box<str>,
        /// Whether it may be something else than an address.
        or_none: bool,
        /// Which addresses; none if it is no address at all.
        addresses: Option<(Axis, AxisValues)>,
    },
    /// A condition holds, or does not.
    Condition(ConditionId, bool),
    /// One of several combinations of clauses.
    Either(Vec<Vec<Clause>>),
    /// Some combinations of these.
    Some(Vec<Clause>),
}

/// One request in full.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The request.
    pub request: Box<crate::graph::Request>,
    /// The address that it is sent to, if it is known.
    pub destination: Option<IpAddr>,
    /// The path with its query.
    pub path: String,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
}

/// An address under which a sender arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressAddress {
    /// The address.
    pub address: Seen,
    /// What has it (`nat/tokyo`).
    pub owner: Option<ResourceId>,
    /// Why it is this one.
    pub cause: AddressCause,
    /// Whether it stays.
    pub stability: Stability,
    /// The documented behaviour.
    pub rule: RuleId,
    /// The destinations that see it.
    pub to: Vec<ResourceId>,
    /// The choices of the platform that it rests on.
    pub choices: Vec<Chosen>,
}

/// An address that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// This one, which may be a placeholder.
    One(IpAddr),
    /// One of the sender's own.
    OneOf(Axis, AxisValues),
}

named! {
    /// Why a sender is seen under an address.
    pub enum AddressCause {
        /// Cloud NAT translates.
        CloudNat = "cloud-nat",
        /// It is one of those that Google shares between customers.
        SharedPool = "shared-pool",
        /// It is the external address of a machine.
        ExternalAddress = "external-address",
        /// It is the external IPv6 address of the sender.
        ExternalIpv6 = "external-ipv6",
        /// Private or hybrid NAT translates.
        PrivateNat = "private-nat",
        /// It is the sender's own.
        Internal = "internal",
    }
}

named! {
    /// Whether an address stays.
    pub enum Stability {
        /// It does.
        Static = "static",
        /// The range stays, its addresses change.
        SubnetRange = "subnet-range",
        /// Google allocates it.
        Automatic = "automatic",
        /// Google shares it between customers.
        SharedPool = "shared-pool",
        /// It is of the inside of a network.
        Internal = "internal",
    }
}

/// The answer to `exposure`: sources by services.
#[derive(Debug)]
pub struct ExposureAnswer<'a> {
    /// Whether any selected source gets into any selected service.
    pub found: Found,
    /// Groups of sources that fare alike everywhere.
    pub sources: Vec<SourceGroup>,
    /// Services, one row each, made when they are asked for.
    pub rows: ExposureRows<'a>,
    /// Whether all destinations are services.
    pub only_services: bool,
    /// How the internet fares, if it is among the sources: destinations by state.
    pub internet: Option<BTreeMap<CellState, usize>>,
}

/// Sources that fare alike, or send by the same way: then a cell tells what any of them can do,
/// and as whom.
#[derive(Debug, Clone)]
pub struct SourceGroup {
    /// What they are.
    pub class: SourceClass,
    /// The sources.
    pub members: Vec<Sender>,
}

named! {
    /// What sources of a group are.
    pub enum SourceClass {
        /// The internet.
        Internet = "internet",
        /// Named groups of people outside.
        Users = "users",
        /// Google products.
        Products = "products",
        /// Services.
        Services = "services",
        /// Jobs.
        Jobs = "jobs",
        /// Worker pools.
        WorkerPools = "worker pools",
        /// Machines.
        Machines = "machines",
        /// Anyone in a network.
        Networks = "networks",
        /// Networks outside Google Cloud.
        Sites = "sites",
        /// Identities.
        Identities = "identities",
    }
}

/// How one service fares.
#[derive(Debug, Clone)]
pub struct ExposureRow {
    /// The service.
    pub service: ResourceId,
    /// One cell for each group of sources.
    pub cells: Vec<Cell>,
}

/// How a source fares at a service.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The word for it.
    pub exposure: CellState,
    /// The entries that let it in.
    pub entries: Vec<EntryId>,
    /// The causes that keep it out.
    pub causes: Vec<Cause>,
    /// Who gets in, if not everybody.
    pub named: Vec<String>,
    /// Assumptions that would change it.
    pub assumptions: Vec<AssumptionId>,
}

named! {
    /// How a source fares at a service.
    pub enum CellState {
        /// Anyone gets in, without an identity.
        Open = "open",
        /// Any account gets in.
        AnyAccount = "any account",
        /// Only named identities get in.
        Named = "named only",
        /// Nobody gets in.
        Refused = "refused",
    }
}

/// An assumption in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// The assumption.
    pub id: AssumptionId,
    /// Whether the verdict flips with it.
    pub flips: bool,
}

impl<'a> Answer<'a> {
    /// The verdict, if the question has one.
    pub fn found(&self) -> Option<&Found> {
        match &self.body {
            AnswerBody::Reach(ReachAnswer { found, .. })
            | AnswerBody::Bypass(BypassAnswer { found, .. })
            | AnswerBody::Trace(TraceAnswer { found, .. })
            | AnswerBody::Exposure(ExposureAnswer { found, .. }) => Some(found),
            AnswerBody::Egress(EgressAnswer { found, .. }) => found.as_ref(),
        }
    }

    /// The verdict that is told: tables have none.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.body {
            AnswerBody::Exposure(_) => None,
            _ => self.found().map(|found| found.verdict),
        }
    }

    /// The paths, if the answer lists some.
    pub fn paths(&self) -> Option<&Paths<'a>> {
        match &self.body {
            AnswerBody::Reach(ReachAnswer { paths, .. })
            | AnswerBody::Bypass(BypassAnswer { paths, .. })
            | AnswerBody::Egress(EgressAnswer { paths, .. })
            | AnswerBody::Trace(TraceAnswer { paths, .. }) => Some(paths),
            AnswerBody::Exposure(_) => None,
        }
    }

    /// Under which addresses a sender arrives.
    pub fn addresses(&self) -> &[EgressAddress] {
        match &self.body {
            AnswerBody::Egress(EgressAnswer { addresses, .. }) => addresses,
            _ => &[],
        }
    }
}

/// An outcome of the graph as answers have it.
pub(super) fn outcome(model: &Model, id: OutcomeId) -> PathOutcome {
    use crate::graph::{Outcome as Of, ResourceKind};
    let graph = &model.graph;
    let own = graph.outcome(id);
    let (kind, http_status, location) = match own {
        // What answers somewhere on the internet is not known.
        Of::Delivered { to } => {
            let known = graph.resource(*to).kind != ResourceKind::Internet;
            (OutcomeKind::Delivered, known.then_some(200), None)
        }
        Of::Unanswered { .. } => (OutcomeKind::ArrivedUnanswered, None, None),
        Of::Redirected { status, location } => {
            (OutcomeKind::Redirected, Some(*status), location.as_ref().map(|at| at.to_string()))
        }
        Of::Refused { status, .. } => (OutcomeKind::Refused, Some(*status), None),
        Of::Dropped { .. } => (OutcomeKind::Dropped, None, None),
        Of::Aborted { .. } => (OutcomeKind::Aborted, None, None),
    };
    PathOutcome { kind, cause: own.cause(), http_status, location }
}
