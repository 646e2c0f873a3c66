//! Cloud Armor: the rules of security policies (ING-116 to ING-138).

use super::condition::Context;
use super::{Core, Memo, Place, rule};
use crate::graph::RuleName;
use crate::graph::expression::ExpressionId;
use crate::graph::hop::{
    Body, Cause, HopId, ListId, ListRule, Outcome, ResourceId, RuleVerdict, Switch,
};
use crate::graph::{HopKind, ResourceKind};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::cel::Dialect;
use crate::topology::condition::{AddressField, Condition, Test};
use crate::topology::organization::Project;
use crate::topology::record::{Field, Id};
use crate::topology::security_policy::{
    Action, PolicyRule, PolicyType, SecurityPolicy, SourceRange,
};

/// Security policies, each made once.
#[derive(Default)]
pub(super) struct Policies {
    /// Their rules, by whether they are hierarchical.
    lists: Memo<(String, bool), Option<ListId>>,
}

impl Policies {
    /// Compiles policies that nothing uses, too.
    pub(super) fn build_policies(&mut self, core: &mut Core<'_>) {
        for id in core.topology.security_policies.keys() {
            self.policy_list(core, id, false);
        }
    }

    /// The policies that were compiled, in the order of the topology, with their rules.
    pub(super) fn compiled_policies(&mut self, core: &mut Core<'_>) -> Vec<(ResourceId, ListId)> {
        let mut compiled = Vec::new();
        for id in core.topology.security_policies.keys() {
            let list = |hierarchical| self.lists.get(&(id.to_string(), hierarchical)).copied();
            if let Some(list) = list(false).flatten().or_else(|| list(true).flatten()) {
                compiled.push((core.resource(ResourceKind::SecurityPolicy, id), list));
            }
        }
        compiled
    }

    /// The gate of a policy that a backend refers to, before `next`. Under assumptions about
    /// which policy it is, each has a gate of its own.
    pub(super) fn attached_policy(
        &mut self,
        core: &mut Core<'_>,
        attached: Option<&Field<String>>,
        what: &str,
        edge: bool,
        next: HopId,
    ) -> HopId {
        let Some(attached) = attached else { return next };
        let alternatives = core.alternatives(Some(attached), None, &[], what, String::clone);
        let mut ways = Vec::new();
        for (when, id) in alternatives {
            let hop = if id.is_empty() { next } else { self.policy_gate(core, &id, edge, next) };
            ways.push((when, hop));
        }
        let resource = core.resource(ResourceKind::SecurityPolicy, "");
        let place = Place::new(resource, HopKind::SecurityPolicy, RuleId::ing(117), attached.span);
        core.first_match(place, ways).unwrap_or(next)
    }

    fn policy_gate(&mut self, core: &mut Core<'_>, id: &str, edge: bool, next: HopId) -> HopId {
        let Some(list) = self.policy_list(core, id, false) else { return next };
        let resource = core.resource(ResourceKind::SecurityPolicy, id);
        let at =
            core.topology.security_policies.entry(id).map_or(Span::none(), |entry| entry.key_span);
        let (kind, number) =
            if edge { (HopKind::EdgeSecurityPolicy, 134) } else { (HopKind::SecurityPolicy, 122) };
        core.hop(Place::new(resource, kind, RuleId::ing(number), at), Body::Gate { list, next })
    }

    /// The hops of the hierarchy's policies before `next`, the organization's first. A policy that
    /// allows ends the evaluation: the request goes on at `allowed` (ING-136, ING-137).
    pub(super) fn hierarchical_policies(
        &mut self,
        core: &mut Core<'_>,
        project: Option<Id<Project>>,
        allowed: HopId,
        next: HopId,
    ) -> HopId {
        let topology = core.topology;
        let Some(project) = project else { return next };
        let mut policies: Vec<&str> = Vec::new();
        if let Some(organization) = &topology.organization {
            policies.extend(organization.security_policies.iter().map(|id| id.value.as_str()));
        }
        for folder in core.inventory.folders_above(project).into_iter().rev() {
            if let Some(folder) = topology.folders.get(folder) {
                policies.extend(folder.security_policies.iter().map(|id| id.value.as_str()));
            }
        }
        let own = &topology.projects[project].security_policies;
        policies.extend(own.iter().map(|id| id.value.as_str()));
        let mut next = next;
        for id in policies.into_iter().rev() {
            let Some(entry) = topology.security_policies.entry(id) else { continue };
            let Some(list) = self.policy_list(core, id, true) else { continue };
            let when = self.policy_allows(core, id, &entry.value);
            let resource = core.resource(ResourceKind::SecurityPolicy, id);
            let place = Place::new(
                resource,
                HopKind::HierarchicalSecurityPolicy,
                RuleId::ing(137),
                entry.key_span,
            );
            let branches = vec![(when, allowed)].into();
            let switch = Switch::FirstMatch { branches, otherwise: next };
            let after = core.hop(place, Body::Switch(switch));
            let place = Place { rule: RuleId::ing(136), ..place };
            next = core.hop(place, Body::Gate { list, next: after });
        }
        next
    }

    /// The requests that a hierarchical policy allows for good, rather than leaving them to the
    /// next level.
    fn policy_allows(
        &mut self,
        core: &mut Core<'_>,
        id: &str,
        policy: &SecurityPolicy,
    ) -> ExpressionId {
        let mut earlier: Vec<ExpressionId> = Vec::new();
        let mut allowed = Vec::new();
        for each in in_order(policy) {
            let (when, preview) = self.rule_condition(core, id, policy, each);
            let enforced = core.expressions.not(preview);
            let when = core.expressions.all([when, enforced]);
            if matches!(each.action.value, Action::Allow | Action::Throttle | Action::RateBasedBan)
            {
                let mut parts: Vec<ExpressionId> = Vec::new();
                for before in &earlier {
                    parts.push(core.expressions.not(*before));
                }
                parts.push(when);
                allowed.push(core.expressions.all(parts));
            }
            earlier.push(when);
        }
        core.expressions.any(allowed)
    }

    /// The rules of a policy as a list. Hierarchical ones leave the rest to the next level, all
    /// others allow it (ING-123).
    fn policy_list(&mut self, core: &mut Core<'_>, id: &str, hierarchical: bool) -> Option<ListId> {
        let key = (id.to_string(), hierarchical);
        if let Some(list) = self.lists.get(&key) {
            return *list;
        }
        let policy = core.topology.security_policies.get(id);
        let concerns = |policy: &&SecurityPolicy| {
            !matches!(policy.r#type(), PolicyType::Network | PolicyType::InternalService)
        };
        let list = policy.filter(concerns).map(|policy| {
            let mut rules = Vec::new();
            for each in in_order(policy) {
                self.policy_rule(core, id, policy, each, &mut rules);
            }
            core.list(rules, RuleVerdict::Pass)
        });
        self.lists.insert(key, list);
        list
    }

    fn policy_rule(
        &mut self,
        core: &mut Core<'_>,
        id: &str,
        policy: &SecurityPolicy,
        each: &PolicyRule,
        rules: &mut Vec<ListRule>,
    ) {
        let (when, preview) = self.rule_condition(core, id, policy, each);
        let priority = each.priority.value;
        let (then, number) = match each.action.value {
            Action::Allow | Action::GoToNext => (RuleVerdict::Pass, 122),
            Action::Throttle | Action::RateBasedBan => (RuleVerdict::Pass, 125),
            Action::Deny(status) => (core.refuse(Cause::SecurityPolicyDeny, status), 124),
            Action::Redirect => {
                let location =
                    each.redirect.as_ref().map(|location| location.value.as_str().into());
                let outcome = Outcome::Redirected { status: 302, location };
                (RuleVerdict::Refuse(core.outcome(outcome)), 124)
            }
        };
        let action = each.action.value.to_string().into();
        let name = RuleName::SecurityPolicy { priority, action };
        let number = if name.is_default() { 123 } else { number };
        let rate_limit = matches!(each.action.value, Action::Throttle | Action::RateBasedBan);
        let template =
            ListRule { name, rate_limit, ..rule(when, then, each.span, Some(RuleId::ing(number))) };
        let always = core.expressions.always();
        let never = core.expressions.never();
        if preview == always {
            rules.push(ListRule { preview: true, rule: Some(RuleId::ing(126)), ..template });
        } else if preview == never {
            rules.push(template);
        } else {
            let enforced = core.expressions.not(preview);
            let when = core.expressions.all([when, enforced]);
            rules.push(ListRule { when, ..template });
        }
    }

    /// Which requests a rule matches, and under which assumptions it is a preview.
    fn rule_condition(
        &mut self,
        core: &mut Core<'_>,
        id: &str,
        policy: &SecurityPolicy,
        each: &PolicyRule,
    ) -> (ExpressionId, ExpressionId) {
        let name = format!("security_policy/{id}/{}", each.priority.value);
        let preview = core.whether(each.preview(), &format!("preview of {name}"));
        let headers: Vec<Box<str>> = policy
            .user_ip_request_headers
            .iter()
            .map(|header| header.value.to_ascii_lowercase().into())
            .collect();
        let context = Context {
            id: &name,
            at: each.r#match.as_ref().map_or(each.span, |text| text.span),
            user_headers: &headers,
            access_levels: false,
        };
        let Some(text) = &each.r#match else {
            let mut ranges = Vec::new();
            for range in &each.source_ranges {
                match range.value {
                    SourceRange::All => return (core.expressions.always(), preview),
                    SourceRange::Range(range) => ranges.push(range),
                }
            }
            if ranges.is_empty() {
                // Only the default rule may say nothing; for any other `check` has an error.
                return (core.expressions.always(), preview);
            }
            let test = Test::Address { field: AddressField::Origin, ranges };
            return (core.express(&Condition::Test(test), &context), preview);
        };
        let what = format!("the expression of {name}");
        if let Some(unknown) = text.unknown()
            && unknown.candidates.is_empty()
        {
            let assumption = core.assumption(
                format!("{name}:match"),
                crate::graph::AssumptionKind::Unknown,
                || format!("{name} matches (its expression is not known)"),
                None,
                text.span,
            );
            return (core.assumed((assumption, true)), preview);
        }
        let mut ways = Vec::new();
        let alternatives = core.alternatives(Some(text), None, &[], &what, String::clone);
        for (when, text) in alternatives {
            let condition = match core.parse(&text, Dialect::SecurityPolicy) {
                Ok(condition) => core.express(&condition, &context),
                // Reported by `check`; it matches nothing here.
                Err(()) => core.expressions.never(),
            };
            ways.push(core.expressions.all([when, condition]));
        }
        (core.expressions.any(ways), preview)
    }
}

/// The rules of a policy by priority.
fn in_order(policy: &SecurityPolicy) -> Vec<&PolicyRule> {
    let mut rules: Vec<&PolicyRule> = policy.rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority.value);
    rules
}
