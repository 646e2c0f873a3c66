//! Builds the graph, one file per resource family, from the far end of each path backwards: a
//! hop is made when the hops that it leads to exist.

mod condition;
mod gap;
mod iap;
mod identity;
mod load_balancer;
mod network;
mod outside;
mod policy;
mod service;
mod source;
mod unsaid;
mod url_map;

use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;
use std::rc::Rc;

use hashbrown::HashMap;
use ipnet::IpNet;
use jiff::Timestamp;
use petgraph::graph::DiGraph;
use rustc_hash::FxBuildHasher;

use self::identity::{Access, Right};
pub use self::outside::not_on_the_internet;
use super::expression::{
    Atom, ConditionId, Expression, ExpressionId, Expressions, OriginSet, TextField,
};
use super::graph::{Condition as Free, Graph, Resource};
use super::hop::{
    Assumption, AssumptionKind, Body, Branch, Cause, Choice, ChoiceId, ChoiceKind, Entry, EntryId,
    Hop, HopId, List, ListId, ListRule, Outcome, OutcomeId, ResourceId, RuleName, Verdict,
};
use super::identity::Identities;
use super::names::Names;
use super::placeholder::{Placeholder, Placeholders};
use super::{Assumed, AssumptionId, Gap, Touches};
use crate::inventory::Inventory;
use crate::rules::{self, RuleId};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::condition::Condition;
use crate::topology::hybrid::{LineId, Site};
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::network::{Nat, Network, Vm};
use crate::topology::organization::Project;
use crate::topology::record::{ById, Field, FieldValue, Id, Spanned};
use crate::topology::service::{Service, WorkerPool};
use crate::topology::unread::Unread;

type Memo<K, V> = HashMap<K, V, FxBuildHasher>;

/// What a graph is compiled for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time at which conditions on time are decided.
    pub at: Timestamp,
    /// What the reader of the input skipped.
    pub unread: Vec<Unread>,
    /// Assumptions that the asker fixed, by their ids.
    pub assumed: Vec<(String, bool)>,
    /// Whether policies are compiled that no backend uses: they decide nothing, but may be wrong.
    pub unused: bool,
}

impl Options {
    /// For the given time, from an input that was read whole.
    pub fn at(at: Timestamp) -> Self {
        Options { at, unread: Vec::new(), assumed: Vec::new(), unused: false }
    }
}

/// Compiles a topology in which no errors were found.
pub fn compile(inventory: &Inventory<'_>, options: Options) -> Graph {
    let unused = options.unused;
    let unread = options.unread.clone();
    let mut builder = Builder::new(inventory, options);
    builder.find_gaps(unread);
    builder.collect_identities();
    builder.build_services();
    builder.build_load_balancers();
    builder.build_sources();
    builder.connect_psc_negs();
    if unused {
        builder.build_policies();
    }
    builder.finish()
}

struct Builder<'t> {
    inventory: &'t Inventory<'t>,
    topology: &'t Topology,
    at: Timestamp,
    fixed: Memo<String, bool>,
    hops: DiGraph<Hop, (), u32>,
    expressions: Expressions,
    lists: Vec<List>,
    list_index: Memo<List, ListId>,
    outcomes: Vec<Outcome>,
    outcome_index: Memo<Outcome, OutcomeId>,
    resources: Vec<Resource>,
    resource_index: Memo<Resource, ResourceId>,
    entries: Vec<Entry>,
    entry_index: Memo<Entry, EntryId>,
    choices: Vec<Choice>,
    choices_of: Memo<(ChoiceKind, ResourceId), u32>,
    assumptions: Vec<Assumption>,
    assumption_index: Memo<String, AssumptionId>,
    conditions: Vec<Free>,
    condition_index: Memo<Free, ConditionId>,
    identities: Identities,
    sources: Vec<super::Source>,
    narrowed: Memo<ResourceId, ExpressionId>,
    placeholders: Placeholders,
    names: Names,
    gaps: Vec<Gap>,
    asked_in_vain: Vec<gap::AskedInVain>,

    /// What counts as internal, by project.
    internal: Memo<Id<Project>, Rc<[(OriginSet, u16)]>>,
    /// The external load balancers that services of a project may admit.
    external: Memo<Option<Id<Project>>, ExpressionId>,
    /// Inherited access by project.
    inherited: Memo<(Id<Project>, Right), Access>,
    /// Where each service is entered behind a load balancer.
    behind: ById<Service, HopId>,
    /// Rows of the name switch of Google's front end.
    front_end_names: Vec<(Box<str>, HopId)>,
    /// External load balancers and outside parties by address.
    outside: Memo<IpAddr, Vec<outside::Listener>>,
    /// Internal load balancers by network.
    inside: Memo<Id<Network>, Vec<load_balancer::InternalListener>>,
    policies: Memo<(String, bool), Option<ListId>>,
    /// Conditions by their text, for each dialect.
    parsed: Memo<String, [Option<Result<Condition, ()>>; 3]>,
    backends: Memo<load_balancer::BackendKey, HopId>,
    nat_ways: Memo<Id<Nat>, HopId>,
    attachments: Memo<network::Attachment, HopId>,
    insides: Memo<(Id<Network>, network::Client), HopId>,
    machine_ends: Memo<Id<Vm>, HopId>,
    worker_pool_ends: Memo<Id<WorkerPool>, HopId>,
    machines: Memo<Id<Vm>, Option<network::Sender>>,
    /// The ranges from which workloads send, by network, and by which rule.
    sending_ranges: Memo<Id<Network>, Rc<[(IpNet, RuleId)]>>,
    /// Addresses of machines, by network.
    taken: Memo<Id<Network>, ExpressionId>,
    site_ways: Memo<(Id<Site>, Vec<LineId>, String), HopId>,
    site_ends: Memo<Id<Site>, HopId>,
    site_lines: Memo<(Id<Site>, LineId), HopId>,
    arrivals: Memo<(Id<Site>, LineId), HopId>,
    /// What others send through machines, by machine.
    passing_machines: Memo<Id<Vm>, HopId>,
    views: Memo<(network::View, super::Versions), (u32, ExpressionId)>,
    /// Private Service Connect NEGs that are not connected yet.
    psc_negs: Vec<network::Consumer<'t>>,
    /// Load balancers as others see them that pass requests on to them.
    behind_others: Memo<Id<LoadBalancer>, HopId>,
    metadata_server: Option<HopId>,
    /// The way out of each network.
    leaving: Memo<Id<Network>, HopId>,
    resolvers: Vec<super::Resolver>,
    outside_hop: Option<HopId>,
    /// The internet, as what comes by NAT64 sees it.
    outside_by_nat64: Option<HopId>,
}

impl<'t> Builder<'t> {
    fn new(inventory: &'t Inventory<'t>, options: Options) -> Self {
        Builder {
            inventory,
            topology: inventory.topology,
            at: options.at,
            fixed: options.assumed.into_iter().collect(),
            hops: DiGraph::default(),
            expressions: Expressions::default(),
            lists: Vec::new(),
            list_index: Memo::default(),
            outcomes: Vec::new(),
            outcome_index: Memo::default(),
            resources: Vec::new(),
            resource_index: Memo::default(),
            entries: Vec::new(),
            entry_index: Memo::default(),
            choices: Vec::new(),
            choices_of: Memo::default(),
            assumptions: Vec::new(),
            assumption_index: Memo::default(),
            conditions: Vec::new(),
            condition_index: Memo::default(),
            identities: Identities::default(),
            sources: Vec::new(),
            narrowed: Memo::default(),
            placeholders: Placeholders::default(),
            names: Names::default(),
            gaps: Vec::new(),
            asked_in_vain: Vec::new(),
            internal: Memo::default(),
            external: Memo::default(),
            inherited: Memo::default(),
            behind: ById::default(),
            front_end_names: Vec::new(),
            outside: Memo::default(),
            inside: Memo::default(),
            policies: Memo::default(),
            parsed: Memo::default(),
            backends: Memo::default(),
            nat_ways: Memo::default(),
            attachments: Memo::default(),
            insides: Memo::default(),
            machine_ends: Memo::default(),
            worker_pool_ends: Memo::default(),
            psc_negs: Vec::new(),
            behind_others: Memo::default(),
            metadata_server: None,
            leaving: Memo::default(),
            machines: Memo::default(),
            sending_ranges: Memo::default(),
            taken: Memo::default(),
            site_ways: Memo::default(),
            site_ends: Memo::default(),
            site_lines: Memo::default(),
            arrivals: Memo::default(),
            passing_machines: Memo::default(),
            views: Memo::default(),
            resolvers: Vec::new(),
            outside_hop: None,
            outside_by_nat64: None,
        }
    }

    fn finish(mut self) -> Graph {
        let policies = self.compiled_policies();
        let looped = self.outcome(Outcome::Dropped { cause: Cause::RoutingLoop });
        let gaps = self.take_gaps();
        let by_door = |gap: &Gap| {
            matches!(gap.touches, Touches::Networks(_) | Touches::AnyNetwork | Touches::Entry(_))
        };
        let doors = if gaps.iter().any(by_door) { self.doors() } else { ById::default() };
        let mut hops = self.hops;
        for hop in hops.node_indices().collect::<Vec<_>>() {
            for next in hops[hop].body.successors() {
                hops.add_edge(hop, next, ());
            }
        }
        let header = |expression: &Expression| match expression {
            Expression::Atom(
                Atom::Text(TextField::Header(name), _) | Atom::Present(TextField::Header(name)),
            ) => Some(name.clone()),
            _ => None,
        };
        let asked_headers = self.expressions.iter().filter_map(|(_, each)| header(each)).collect();
        Graph {
            asked_headers,
            hops,
            expressions: self.expressions,
            lists: self.lists,
            outcomes: self.outcomes,
            resources: self.resources,
            entries: self.entries,
            choices: self.choices,
            assumptions: self.assumptions,
            conditions: self.conditions,
            identities: self.identities,
            sources: self.sources,
            policies,
            narrowed: self.narrowed,
            placeholders: self.placeholders,
            names: self.names,
            resolvers: self.resolvers,
            looped,
            gaps,
            doors,
        }
    }

    fn resource(&mut self, kind: ResourceKind, id: &str) -> ResourceId {
        let resource = Resource { kind, id: id.into() };
        let next = ResourceId(self.resources.len() as u32);
        *self.resource_index.entry(resource).or_insert_with_key(|resource| {
            self.resources.push(resource.clone());
            next
        })
    }

    fn outcome(&mut self, outcome: Outcome) -> OutcomeId {
        let next = OutcomeId(self.outcomes.len() as u32);
        *self.outcome_index.entry(outcome).or_insert_with_key(|outcome| {
            self.outcomes.push(outcome.clone());
            next
        })
    }

    fn refuse(&mut self, cause: Cause, status: u16) -> Verdict {
        Verdict::Refuse(self.outcome(Outcome::Refused { cause, status }))
    }

    /// The request goes on, but its reply does not come back.
    fn lose_reply(&mut self, cause: Cause) -> Verdict {
        Verdict::Refuse(self.outcome(Outcome::Unanswered { cause }))
    }

    fn drop(&mut self, cause: Cause) -> Verdict {
        Verdict::Refuse(self.outcome(Outcome::Dropped { cause }))
    }

    /// The end of what its sender has no address for (EGR-019).
    fn mismatch(&mut self) -> Verdict {
        let cause = Cause::MismatchedIpVersion;
        Verdict::Refuse(self.outcome(Outcome::Aborted { cause }))
    }

    fn list(&mut self, rules: Vec<ListRule>, otherwise: Verdict) -> ListId {
        let list = List { rules: rules.into(), otherwise };
        let next = ListId(self.lists.len() as u32);
        *self.list_index.entry(list).or_insert_with_key(|list| {
            self.lists.push(list.clone());
            next
        })
    }

    /// A list that decides the same of every request, by one documented behaviour.
    fn always(&mut self, then: Verdict, at: Span, cited: RuleId) -> ListId {
        let always = self.expressions.always();
        self.list(vec![rule(always, then, at, Some(cited))], then)
    }

    fn entry(&mut self, entry: Entry) -> EntryId {
        let next = EntryId(self.entries.len() as u32);
        *self.entry_index.entry(entry).or_insert_with_key(|entry| {
            self.entries.push(entry.clone());
            next
        })
    }

    fn choice(&mut self, kind: ChoiceKind, of: ResourceId, branches: Vec<Branch>) -> ChoiceId {
        let counter = self.choices_of.entry((kind, of)).or_insert(0);
        let number = *counter;
        *counter += 1;
        self.choices.push(Choice { kind, of, number, branches });
        ChoiceId(self.choices.len() as u32 - 1)
    }

    fn hop(&mut self, place: Place, body: Body) -> HopId {
        self.hops.add_node(Hop {
            resource: place.resource,
            kind: place.kind,
            rule: place.rule,
            at: place.at,
            entry: place.entry,
            body,
        })
    }

    /// A terminal that refuses or drops.
    fn end(&mut self, place: Place, verdict: Verdict) -> HopId {
        match verdict {
            Verdict::Refuse(outcome) => self.hop(place, Body::Terminal(outcome)),
            // A terminal cannot pass; no caller asks for it.
            Verdict::Pass => {
                let outcome = self.outcome(Outcome::Dropped { cause: Cause::NoRoute });
                self.hop(place, Body::Terminal(outcome))
            }
        }
    }

    /// A terminal that delivers to a resource.
    fn deliver(&mut self, place: Place, to: ResourceId) -> HopId {
        let outcome = self.outcome(Outcome::Delivered { to });
        self.hop(place, Body::Terminal(outcome))
    }

    fn assumption(
        &mut self,
        id: String,
        kind: AssumptionKind,
        text: impl FnOnce() -> String,
        default: Option<bool>,
        at: Span,
    ) -> AssumptionId {
        if let Some(&known) = self.assumption_index.get(&id) {
            return known;
        }
        let next = AssumptionId(self.assumptions.len() as u32);
        self.assumptions.push(Assumption { id: id.clone(), kind, text: text(), default, at });
        self.assumption_index.insert(id, next);
        next
    }

    /// Where an assumption holds, or does not: one that the asker fixed is decided here, so that
    /// nothing behind this knows of it.
    fn assumed(&mut self, (assumption, holds): Assumed) -> ExpressionId {
        let id = &self.assumptions[assumption.0 as usize].id;
        let truth = match self.fixed.get(id) {
            Some(true) => self.expressions.always(),
            Some(false) => self.expressions.never(),
            None => self.expressions.atom(Atom::Assumption(assumption)),
        };
        if holds { truth } else { self.expressions.not(truth) }
    }

    /// Where a reading that the rulebook calls disputed holds.
    fn disputed(&mut self, id: &'static str) -> ExpressionId {
        let dispute = rules::dispute(id);
        debug_assert!(dispute.is_some_and(|dispute| !dispute.shows_only), "{id}");
        let text = || dispute.map_or_else(String::new, |dispute| dispute.text.clone());
        let default = dispute.map(|dispute| dispute.default);
        let assumption =
            self.assumption(id.into(), AssumptionKind::Disputed, text, default, Span::none());
        self.assumed((assumption, true))
    }

    /// A status on which sources disagree: the first if the reading holds. A status alone never
    /// makes an answer depend, so one of them is taken.
    fn disputed_status(&self, id: &str, holds: u16, otherwise: u16) -> u16 {
        let dispute = rules::dispute(id);
        debug_assert!(dispute.is_some_and(|dispute| dispute.shows_only), "{id}");
        let default = dispute.is_none_or(|dispute| dispute.default);
        if self.fixed.get(id).copied().unwrap_or(default) { holds } else { otherwise }
    }

    fn condition(&mut self, condition: Free) -> ConditionId {
        let next = ConditionId(self.conditions.len() as u32);
        *self.condition_index.entry(condition).or_insert_with_key(|condition| {
            self.conditions.push(condition.clone());
            next
        })
    }

    /// What a field may be: each value with the expression of assumptions under which it is that
    /// value. The expressions exclude each other and leave nothing out.
    ///
    /// An absent field is its documented default. One that is not known is one of its candidates,
    /// or of `domain` if it has none; with neither the answer is empty, and that is a gap.
    fn alternatives<T: Clone + PartialEq>(
        &mut self,
        field: Option<&Field<T>>,
        default: Option<T>,
        domain: &[T],
        what: &str,
        name: impl Fn(&T) -> String,
    ) -> Vec<(ExpressionId, T)> {
        let Some(field) = field else {
            let always = self.expressions.always();
            return default.into_iter().map(|value| (always, value)).collect();
        };
        let unknown = match &field.value {
            FieldValue::Known(value) => return vec![(self.expressions.always(), value.clone())],
            FieldValue::Unknown(unknown) => unknown,
        };
        let values: Vec<T> = if unknown.candidates.is_empty() {
            domain.to_vec()
        } else {
            unknown.candidates.iter().map(|each: &Spanned<T>| each.value.clone()).collect()
        };
        if values.is_empty() {
            let why = unknown.text.as_ref().into();
            self.asked_in_vain.push((what.into(), why, field.span));
            return Vec::new();
        }
        let mut earlier: Vec<ExpressionId> = Vec::new();
        let mut alternatives = Vec::with_capacity(values.len());
        let last = values.len() - 1;
        for (at, value) in values.into_iter().enumerate() {
            let mut parts = earlier.clone();
            if at < last {
                let written = name(&value);
                let assumption = self.assumption(
                    format!("{}={written}", unknown.id),
                    AssumptionKind::Unknown,
                    || format!("{what} is `{written}` ({})", unknown.text),
                    default.as_ref().map(|default| *default == value),
                    field.span,
                );
                parts.push(self.assumed((assumption, true)));
                earlier.push(self.assumed((assumption, false)));
            }
            let when = self.expressions.all(parts);
            alternatives.push((when, value));
        }
        alternatives
    }

    /// Under which assumptions a switch is on.
    fn whether(&mut self, field: Option<&Field<bool>>, default: bool, what: &str) -> ExpressionId {
        let on: Vec<ExpressionId> = self
            .alternatives(field, Some(default), &[true, false], what, |value| value.to_string())
            .into_iter()
            .filter(|(_, value)| *value)
            .map(|(when, _)| when)
            .collect();
        self.expressions.any(on)
    }

    /// The address of a field, or one that stands for it.
    fn address(
        &mut self,
        field: Option<&Field<IpAddr>>,
        what: Placeholder,
        internal: bool,
    ) -> IpAddr {
        match field.and_then(Field::known) {
            Some(address) => *address,
            None => self.placeholders.allocate(what, internal),
        }
    }
}

/// Where a hop is: everything of it but what happens there.
#[derive(Debug, Clone, Copy)]
struct Place {
    resource: ResourceId,
    kind: HopKind,
    rule: RuleId,
    at: Span,
    entry: Option<EntryId>,
}

impl Place {
    fn new(resource: ResourceId, kind: HopKind, rule: RuleId, at: Span) -> Self {
        Place { resource, kind, rule, at, entry: None }
    }

    fn entered_by(mut self, entry: EntryId) -> Self {
        self.entry = Some(entry);
        self
    }
}

/// A rule of a list, without a label.
fn rule(when: ExpressionId, then: Verdict, at: Span, rule: Option<RuleId>) -> ListRule {
    ListRule { when, then, at, rule, name: RuleName::Unnamed, preview: false, rate_limit: false }
}
