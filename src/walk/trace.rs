//! What a walk writes down.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::graph::{
    AssumptionId, ChoiceId, ConditionId, EntryId, Graph, HopId, Origin, Outcome, OutcomeId,
};

/// The way of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkTrace {
    /// The hops in the order in which they were passed.
    pub steps: Vec<Step>,
    /// What the caller sees: the first answer on the way, or that the reply to a request that
    /// arrived is lost. `None` if there is none because the walk [`looped`](Self::looped) or came
    /// to a choice without branches.
    pub outcome: Option<OutcomeId>,
    /// How the request ends whose reply is lost on its way back, if it arrives.
    pub unanswered: Option<OutcomeId>,
    /// The entry path: that of the last hop that names one, which is the nearest to the end.
    pub entry: Option<EntryId>,
    /// The current source address at the end, which is the one that the other side sees.
    pub source_address: IpAddr,
    /// The assumptions that were consulted, each once, in order, with the value used.
    pub consulted: Vec<(AssumptionId, bool)>,
    /// The choices of the platform on the way, each once, in order, with the branch taken.
    pub choices: Vec<(ChoiceId, u32)>,
    /// The free properties that were consulted, each once, in order, with the value used.
    pub conditions: Vec<(ConditionId, bool)>,
    /// The hop at which the walk gave up: it was entered before with the same current fields, or
    /// the walk had `STEP_LIMIT` steps.
    pub looped: Option<HopId>,
}

impl WalkTrace {
    /// Whether the request arrives somewhere, be it a service, a bucket or a cache, and its reply
    /// comes back.
    pub fn is_delivered(&self, graph: &Graph) -> bool {
        self.outcome.is_some_and(|id| matches!(graph.outcome(id), Outcome::Delivered { .. }))
    }

    /// Everything that stands in the way, in order: gates that refuse, and the terminal if it
    /// delivers nothing. More than one only after [`walk_past`](super::Walker::walk_past).
    pub fn blocked(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action.stops())
    }

    /// The step whose answer the caller sees, unless the request arrives.
    pub fn refused_by(&self) -> Option<&Step> {
        self.blocked().next()
    }

    /// Where the walk ends: the same as the outcome after [`walk`](super::Walker::walk); after
    /// [`walk_past`](super::Walker::walk_past) the outcome if every gate had admitted.
    pub fn end(&self) -> Option<OutcomeId> {
        let last = self.steps.last().filter(|_| self.looped.is_none())?;
        let unanswered = self.unanswered.filter(|_| last.action == StepAction::Deliver);
        unanswered.or(last.outcome)
    }
}

/// What happened at one hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The hop.
    pub hop: HopId,
    /// What happened.
    pub action: StepAction,
    /// What decided.
    pub note: StepNote,
    /// At a gate, the rule that decided, as an index into the list's rules; `None` if no rule
    /// matched.
    pub rule: Option<usize>,
    /// Preview rules of a gate that matched before it was decided, as indices into the list's
    /// rules.
    pub previewed: Vec<usize>,
    /// The current fields that a rewrite changed, in order.
    pub changed: Vec<Changed>,
    /// The answer that the hop gives: of a gate that refuses, and of a terminal.
    pub outcome: Option<OutcomeId>,
}

impl Step {
    pub(super) fn new(hop: HopId, action: StepAction) -> Self {
        Step {
            hop,
            action,
            note: StepNote::Nothing,
            rule: None,
            previewed: Vec::new(),
            changed: Vec::new(),
            outcome: None,
        }
    }
}

/// What decided at a hop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StepNote {
    /// There is nothing to add.
    #[default]
    Nothing,
    /// The rule of [`Step::rule`].
    Rule,
    /// None of the gate's rules.
    NoRule,
    /// The host of this name.
    Host(Box<str>),
    /// Hosts that end so.
    HostSuffix(Box<str>),
    /// No host that is named.
    AnyOtherHost,
    /// The path of this name.
    Path(Box<str>),
    /// Paths that begin so.
    PathPrefix(Box<str>),
    /// No path that is named.
    AnyOtherPath,
    /// Destinations in this range.
    Destination(IpNet),
    /// No destination that is named.
    AnyOtherDestination,
    /// A branch, from 1, of several.
    Branch {
        /// Which.
        at: usize,
        /// Of how many.
        of: usize,
    },
    /// No branch.
    NoBranch,
    /// A branch that the platform chose.
    Choice(ChoiceId, u32),
}

/// What a hop does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepAction {
    /// A gate lets it pass.
    Admit,
    /// It is answered with an error, by a gate or a terminal.
    Refuse,
    /// It is answered with a redirect, by a gate or a terminal.
    Redirect,
    /// A switch sends it on.
    Route,
    /// Current fields are set, perhaps to what they were.
    Rewrite,
    /// The platform chooses a branch.
    Choose,
    /// It arrives.
    Deliver,
    /// It is not answered.
    Drop,
    /// It is not sent.
    Abort,
    /// It goes on, but its reply will not come back by here.
    LoseReply,
}

impl StepAction {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            StepAction::Admit => "admit",
            StepAction::Refuse => "refuse",
            StepAction::Redirect => "redirect",
            StepAction::Route => "route",
            StepAction::Rewrite => "rewrite",
            StepAction::Choose => "choose",
            StepAction::Deliver => "deliver",
            StepAction::Drop => "drop",
            StepAction::Abort => "abort",
            StepAction::LoseReply => "lose_reply",
        }
    }

    /// Whether the request gets no further, and has not arrived.
    pub fn stops(self) -> bool {
        matches!(
            self,
            StepAction::Refuse | StepAction::Redirect | StepAction::Drop | StepAction::Abort
        )
    }
}

/// A current field that has another value than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which field.
    pub field: CurrentField,
    /// Its value before.
    pub before: CurrentValue,
    /// Its value after.
    pub after: CurrentValue,
}

/// A current field, one that rewrites can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CurrentField {
    /// Where the current leg comes from.
    Origin,
    /// The class of the principal.
    Principal,
    /// The class of the credential.
    Credential,
    /// The source address.
    Source,
    /// The destination address.
    Destination,
    /// The destination port.
    Port,
    /// Whether it uses TLS.
    Scheme,
    /// The host.
    Host,
    /// The path.
    Path,
}

impl CurrentField {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            CurrentField::Origin => "origin",
            CurrentField::Principal => "principal",
            CurrentField::Credential => "credential",
            CurrentField::Source => "source address",
            CurrentField::Destination => "destination address",
            CurrentField::Port => "port",
            CurrentField::Scheme => "scheme",
            CurrentField::Host => "host",
            CurrentField::Path => "path",
        }
    }
}

/// The value of a current field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrentValue {
    /// An origin.
    Origin(Origin),
    /// The class of a principal or of a credential, an index into the graph's identities.
    Class(u32),
    /// An address.
    Address(IpAddr),
    /// A port.
    Port(u16),
    /// A host, a path or a scheme.
    Text(Box<str>),
}
