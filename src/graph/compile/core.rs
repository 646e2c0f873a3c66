//! What is being made, and how parts of it are made: each part once.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use petgraph::graph::DiGraph;

use super::network::Cost;
use super::{Memo, Options, gap};
use crate::graph::expression::{Atom, ConditionId, ExpressionId, Expressions};
use crate::graph::graph::{NamedCondition as Free, Resource};
use crate::graph::hop::{
    Assumption, AssumptionKind, Body, Branch, Cause, Choice, ChoiceId, ChoiceKind, Entry, EntryId,
    Hop, HopId, List, ListId, ListRule, Outcome, OutcomeId, ResourceId, RuleName, RuleVerdict,
};
use crate::graph::identity::Identities;
use crate::graph::names::Names;
use crate::graph::placeholder::{Placeholder, Placeholders};
use crate::graph::{AssumptionId, AssumptionValue, Gap, HopKind, Resolver, ResourceKind, Source};
use crate::inventory::{Identity, Inventory};
use crate::rules::{self, RuleId};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::condition::Condition;
use crate::topology::record::{Field, FieldValue, Setting, Spanned};

/// Things of which each is made once, by the order in which they were made.
#[derive(Debug)]
pub(super) struct Table<T> {
    all: Vec<T>,
    index: Memo<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    /// The place of something, new or known.
    fn add(&mut self, one: T) -> u32 {
        let next = self.all.len() as u32;
        *self.index.entry(one).or_insert_with_key(|one| {
            self.all.push(one.clone());
            next
        })
    }

    /// All of them.
    pub(super) fn into_all(self) -> Vec<T> {
        self.all
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { all: Vec::new(), index: Memo::default() }
    }
}

/// The graph that is being made.
pub(super) struct Core<'t> {
    pub inventory: &'t Inventory<'t>,
    pub topology: &'t Topology,
    pub at: Timestamp,
    pub fixed: Memo<String, bool>,
    pub hops: DiGraph<Hop, (), u32>,
    pub expressions: Expressions,
    pub lists: Table<List>,
    pub outcomes: Table<Outcome>,
    pub resources: Table<Resource>,
    /// What each of these is in the cloud.
    pub resource_identities: Vec<Identity>,
    pub entries: Table<Entry>,
    pub choices: Table<Choice>,
    pub assumptions: Vec<Assumption>,
    assumption_index: Memo<String, AssumptionId>,
    pub conditions: Table<Free>,
    /// Conditions by their text, for each dialect.
    pub parsed: Memo<String, [Option<Result<Condition, ()>>; 3]>,
    pub identities: Identities,
    pub sources: Vec<Source>,
    pub resolvers: Vec<Resolver>,
    pub narrowed: Memo<ResourceId, ExpressionId>,
    pub placeholders: Placeholders,
    pub names: Names,
    pub gaps: Vec<Gap>,
    pub asked_in_vain: Vec<gap::AskedInVain>,
    /// From how much on costs between regions are asked for, with what each of these is.
    pub costs: Memo<Cost, BTreeMap<i64, ExpressionId>>,
}

impl<'t> Core<'t> {
    pub(super) fn new(inventory: &'t Inventory<'t>, options: Options) -> Self {
        Core {
            inventory,
            topology: inventory.topology,
            at: options.at,
            fixed: options.assumed.into_iter().collect(),
            hops: DiGraph::default(),
            expressions: Expressions::default(),
            lists: Table::default(),
            outcomes: Table::default(),
            resources: Table::default(),
            resource_identities: Vec::new(),
            entries: Table::default(),
            choices: Table::default(),
            assumptions: Vec::new(),
            assumption_index: Memo::default(),
            conditions: Table::default(),
            parsed: Memo::default(),
            identities: Identities::default(),
            sources: Vec::new(),
            resolvers: Vec::new(),
            narrowed: Memo::default(),
            placeholders: Placeholders::default(),
            names: Names::default(),
            gaps: Vec::new(),
            asked_in_vain: Vec::new(),
            costs: Memo::default(),
        }
    }

    pub(super) fn resource(&mut self, kind: ResourceKind, id: &str) -> ResourceId {
        let place = self.resources.add(Resource { kind, id: id.into() });
        if place as usize == self.resource_identities.len() {
            self.resource_identities.push(self.inventory.identity(kind.name(), id));
        }
        ResourceId(place)
    }

    /// The resource behind an id.
    pub(super) fn named(&self, id: ResourceId) -> &Resource {
        &self.resources.all[id.0 as usize]
    }

    /// The list behind an id.
    pub(super) fn rules_of(&self, id: ListId) -> &List {
        &self.lists.all[id.0 as usize]
    }

    pub(super) fn outcome(&mut self, outcome: Outcome) -> OutcomeId {
        OutcomeId(self.outcomes.add(outcome))
    }

    pub(super) fn refuse(&mut self, cause: Cause, status: u16) -> RuleVerdict {
        RuleVerdict::Refuse(self.outcome(Outcome::Refused { cause, status }))
    }

    /// The request goes on, but its reply does not come back.
    pub(super) fn lose_reply(&mut self, cause: Cause) -> RuleVerdict {
        RuleVerdict::Refuse(self.outcome(Outcome::Unanswered { cause }))
    }

    pub(super) fn drop(&mut self, cause: Cause) -> RuleVerdict {
        RuleVerdict::Refuse(self.outcome(Outcome::Dropped { cause }))
    }

    /// The end of what its sender has no address for (EGR-019).
    pub(super) fn mismatch(&mut self) -> RuleVerdict {
        let cause = Cause::MismatchedIpVersion;
        RuleVerdict::Refuse(self.outcome(Outcome::Aborted { cause }))
    }

    pub(super) fn list(&mut self, rules: Vec<ListRule>, otherwise: RuleVerdict) -> ListId {
        ListId(self.lists.add(List { rules: rules.into(), otherwise }))
    }

    /// A list that decides the same of every request, by one documented behaviour.
    pub(super) fn always(&mut self, then: RuleVerdict, at: Span, cited: RuleId) -> ListId {
        let always = self.expressions.always();
        self.list(vec![rule(always, then, at, Some(cited))], then)
    }

    pub(super) fn entry(&mut self, entry: Entry) -> EntryId {
        EntryId(self.entries.add(entry))
    }

    /// A choice between some branches; `at` tells it from others of its kind at the resource. No
    /// request comes by the same one twice, so it is one however many hops have it.
    pub(super) fn choice(
        &mut self,
        kind: ChoiceKind,
        of: ResourceId,
        at: &str,
        branches: Vec<Branch>,
    ) -> ChoiceId {
        ChoiceId(self.choices.add(Choice { kind, of, at: at.into(), branches }))
    }

    pub(super) fn hop(&mut self, place: Place, body: Body) -> HopId {
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
    pub(super) fn end(&mut self, place: Place, verdict: RuleVerdict) -> HopId {
        match verdict {
            RuleVerdict::Refuse(outcome) => self.hop(place, Body::Terminal(outcome)),
            // A terminal cannot pass; no caller asks for it.
            RuleVerdict::Pass => {
                let outcome = self.outcome(Outcome::Dropped { cause: Cause::NoRoute });
                self.hop(place, Body::Terminal(outcome))
            }
        }
    }

    /// A terminal that delivers to a resource.
    pub(super) fn deliver(&mut self, place: Place, to: ResourceId) -> HopId {
        let outcome = self.outcome(Outcome::Delivered { to });
        self.hop(place, Body::Terminal(outcome))
    }

    pub(super) fn assumption(
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
    pub(super) fn assumed(&mut self, (assumption, holds): AssumptionValue) -> ExpressionId {
        let id = &self.assumptions[assumption.0 as usize].id;
        let truth = match self.fixed.get(id) {
            Some(true) => self.expressions.always(),
            Some(false) => self.expressions.never(),
            None => self.expressions.atom(Atom::Assumption(assumption)),
        };
        if holds { truth } else { self.expressions.not(truth) }
    }

    /// Where a reading that the rulebook calls disputed holds.
    pub(super) fn disputed(&mut self, id: &'static str) -> ExpressionId {
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
    pub(super) fn disputed_status(&self, id: &str, holds: u16, otherwise: u16) -> u16 {
        let dispute = rules::dispute(id);
        debug_assert!(dispute.is_some_and(|dispute| dispute.shows_only), "{id}");
        let default = dispute.is_none_or(|dispute| dispute.default);
        if self.fixed.get(id).copied().unwrap_or(default) { holds } else { otherwise }
    }

    pub(super) fn condition(&mut self, condition: Free) -> ConditionId {
        ConditionId(self.conditions.add(condition))
    }

    /// What a field may be: each value with the expression of assumptions under which it is that
    /// value. The expressions exclude each other and leave nothing out.
    ///
    /// An absent field is its documented default. One that is not known is one of its candidates,
    /// or of `domain` if it has none; with neither the answer is empty, and that is a gap.
    pub(super) fn alternatives<T: Clone + PartialEq>(
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

    /// The values that a setting may have, each with the assumptions under which it has it.
    pub(super) fn settings<T: Copy + PartialEq + ToString>(
        &mut self,
        Setting { field, default }: Setting<'_, T>,
        domain: &[T],
        what: &str,
    ) -> Vec<(ExpressionId, T)> {
        self.alternatives(field, Some(default), domain, what, T::to_string)
    }

    /// Under which assumptions a switch is on.
    pub(super) fn whether(&mut self, setting: Setting<'_, bool>, what: &str) -> ExpressionId {
        let on: Vec<ExpressionId> = self
            .settings(setting, &[true, false], what)
            .into_iter()
            .filter(|(_, value)| *value)
            .map(|(when, _)| when)
            .collect();
        self.expressions.any(on)
    }

    /// The address of a field, or one that stands for it.
    pub(super) fn address(
        &mut self,
        field: Option<&Field<IpAddr>>,
        what: Placeholder,
        internal: bool,
    ) -> IpAddr {
        match field.and_then(Field::known) {
            Some(address) => *address,
            None => self.placeholder(what, internal),
        }
    }

    /// The address that stands for something; `internal` if it is a private address.
    pub(super) fn placeholder(&mut self, what: Placeholder, internal: bool) -> IpAddr {
        let (kind, id) = what.resource();
        let of = self.inventory.identity(kind.name(), id);
        self.placeholders.allocate(what, &of, internal)
    }
}

/// Where a hop is: everything of it but what happens there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub resource: ResourceId,
    pub kind: HopKind,
    pub rule: RuleId,
    pub at: Span,
    pub entry: Option<EntryId>,
}

impl Place {
    pub(super) fn new(resource: ResourceId, kind: HopKind, rule: RuleId, at: Span) -> Self {
        Place { resource, kind, rule, at, entry: None }
    }

    pub(super) fn entered_by(mut self, entry: EntryId) -> Self {
        self.entry = Some(entry);
        self
    }
}

/// A rule of a list, without a label.
pub(super) fn rule(
    when: ExpressionId,
    then: RuleVerdict,
    at: Span,
    rule: Option<RuleId>,
) -> ListRule {
    ListRule { when, then, at, rule, name: RuleName::Unnamed, preview: false, rate_limit: false }
}
