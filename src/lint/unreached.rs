//! The findings of `check` that need solving: rules that no request reaches.

use super::{Asker, expressible};
use crate::graph::{
    Body, Entry, ExpressionId, Graph, HopId, ListRule, Origin, RuleVerdict, Switch,
};
use crate::graph::{HopKind, RuleName};
use crate::rules::RuleId;
use crate::sets::Set;
use crate::solve::{Current, Solver};
use crate::source::{Finding, Findings, Span, codes};

codes! {
    SHADOWED_RULE = Warning "shadowed-rule" "ING-122" {
        "a rule of a security policy that no request reaches",
        "rules are tried by priority, and the first that matches decides",
        "portolan: 1
services: {web: {region: asia-northeast1, ingress: internal-and-cloud-load-balancing}}
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com], url_map: {default: web}}
backends: {web: {services: [web], security_policy: edge}}
security_policies:
  edge:
    rules:
      - {priority: 10, action: allow, source_ranges: [198.51.100.0/24]}
      - {priority: 20, action: deny(403), source_ranges: [198.51.100.7]}
      - {priority: 2147483647, action: deny(403), source_ranges: [\"*\"]}
",
    }
    IMPOSSIBLE_RULE = Warning "impossible-rule" {
        "a rule of a security policy that matches no request",
        "Parts of what the rule asks for exclude each other.",
        "portolan: 1
services: {web: {region: asia-northeast1, ingress: internal-and-cloud-load-balancing}}
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com], url_map: {default: web}}
backends: {web: {services: [web], security_policy: edge}}
security_policies:
  edge:
    rules:
      - priority: 10
        action: deny(403)
        match: request.path.startsWith('/a') && request.path.startsWith('/b')
      - {priority: 2147483647, action: allow, source_ranges: [\"*\"]}
",
    }
    UNREACHED_ROUTE = Warning "unreached-route" "ING-100" {
        "a route rule that no request reaches",
        "route rules are tried by priority, and the first that matches decides",
        "portolan: 1
services: {web: {region: asia-northeast1, ingress: internal-and-cloud-load-balancing}}
load_balancers:
  edge:
    kind: global-external
    certificates: [www.example.com]
    url_map:
      default: web
      hosts:
        www.example.com:
          routes:
            - {priority: 1, matches: [{prefix: /api/}], route: web}
            - {priority: 2, matches: [{prefix: /api/v2/, headers: [{name: x-beta, present: true}]}], route: web}
backends: {web: {services: [web]}}
",
    }
}

/// How many of the rules that take a rule's requests are shown.
const SHOWN: usize = 3;

impl Asker<'_, '_> {
    /// Finds rules that no request reaches, whatever the unknown values are.
    pub(super) fn unreached(&mut self) {
        let graph = self.engine.graph;
        let mut search = Search { solver: &mut self.engine.solver, graph, findings: self.findings };
        for (policy, list) in &graph.policies {
            search.policy(&graph.resource(*policy).to_string(), &graph.list(*list).rules);
        }
        for id in graph.hops.node_indices() {
            let hop = graph.hop(id);
            // Other switches of a URL map are by host, by path, or by what is assumed.
            if let Body::Switch(Switch::FirstMatch { branches, .. }) = &hop.body
                && hop.kind == HopKind::UrlMap
                && hop.rule == RuleId::ing(100)
            {
                search.routes(&graph.resource(hop.resource).to_string(), branches);
            }
        }
    }
}

struct Search<'a, 'g> {
    graph: &'g Graph,
    solver: &'a mut Solver<'g>,
    findings: &'a mut Findings,
}

/// A rule that no request reaches.
struct Hidden {
    /// Its position in the list.
    at: usize,
    /// The positions of the rules that take its requests; none if it matches nothing by itself.
    by: Vec<usize>,
}

impl Search<'_, '_> {
    fn policy(&mut self, name: &str, rules: &[ListRule]) {
        let enforced: Vec<&ListRule> = rules.iter().filter(|rule| !rule.preview).collect();
        let conditions: Vec<ExpressionId> = enforced.iter().map(|rule| rule.when).collect();
        for Hidden { at, by } in self.hidden(&conditions) {
            let rule = enforced[at];
            let RuleName::SecurityPolicy { priority, action } = &rule.name else { continue };
            // The default rule stands behind all others by its nature.
            if rule.name.is_default() {
                continue;
            }
            let label = format!("rule {priority}: {action}");
            let finding = if by.is_empty() {
                IMPOSSIBLE_RULE
                    .finding(format!("{label} of {name} matches no request"))
                    .at(rule.at)
                    .help("look for parts of the condition that exclude each other")
            } else {
                let takers: Vec<&ListRule> = by.iter().map(|by| enforced[*by]).collect();
                let effect = effect(rule, &takers);
                let message = format!("no request reaches {label} of {name}: {effect}");
                let finding = SHADOWED_RULE.finding(message).at(rule.at);
                behind(finding, takers.iter().map(|taker| taker.at))
                    .help("move it before the rules that take its requests, or remove it")
            };
            self.findings.push(finding.resource(name));
        }
    }

    fn routes(&mut self, name: &str, branches: &[(ExpressionId, HopId)]) {
        let graph = self.graph;
        let conditions: Vec<ExpressionId> = branches.iter().map(|(when, _)| *when).collect();
        let place = |at: usize| graph.hop(branches[at].1).at;
        for Hidden { at, by } in self.hidden(&conditions) {
            let matched = match graph.hop(branches[at].1).entry.map(|id| graph.entry(id)) {
                Some(Entry::LoadBalancer { path, .. }) => path,
                _ => continue,
            };
            let finding = if by.is_empty() {
                let message =
                    format!("the route rule for `{matched}` of {name} matches no request");
                UNREACHED_ROUTE
                    .finding(message)
                    .at(place(at))
                    .help("look for parts of the match that exclude each other")
            } else {
                let message =
                    format!("no request reaches the route rule for `{matched}` of {name}");
                let finding = UNREACHED_ROUTE.finding(message).at(place(at));
                behind(finding, by.into_iter().map(place)).help(
                    "give it a priority before the rules that take its requests, or remove it",
                )
            };
            self.findings.push(finding.resource(name));
        }
    }

    /// The rules of a list, first match first, that no request reaches.
    fn hidden(&mut self, conditions: &[ExpressionId]) -> Vec<Hidden> {
        let current = Current::start(Origin::Internet);
        let solver = &mut *self.solver;
        let sets: Vec<Option<Set>> = conditions
            .iter()
            .map(|when| {
                expressible::is_expressible(solver, *when, &current)
                    .then(|| solver.express(*when, &current))
            })
            .collect();
        let mut hidden = Vec::new();
        let mut taken = Set::EMPTY;
        for (at, set) in sets.iter().enumerate() {
            let Some(set) = *set else { continue };
            if solver.sets.is_empty(set) {
                hidden.push(Hidden { at, by: Vec::new() });
            } else if solver.sets.implies(set, taken) {
                let mut by = Vec::new();
                let mut rest = set;
                for (earlier, other) in sets[..at].iter().enumerate() {
                    let Some(other) = *other else { continue };
                    if solver.sets.intersects(rest, other) {
                        by.push(earlier);
                        rest = solver.sets.minus(rest, other);
                    }
                }
                hidden.push(Hidden { at, by });
            }
            taken = solver.sets.or(taken, set);
        }
        hidden
    }
}

/// What a rule does to a request, from the weakest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Pass,
    Limit,
    Refuse,
}

impl Effect {
    fn of(rule: &ListRule) -> Self {
        match rule.then {
            RuleVerdict::Refuse(_) => Effect::Refuse,
            RuleVerdict::Pass if rule.rate_limit => Effect::Limit,
            RuleVerdict::Pass => Effect::Pass,
        }
    }
}

/// What comes of it that others take a rule's requests.
fn effect(rule: &ListRule, takers: &[&ListRule]) -> String {
    let own = Effect::of(rule);
    let others = takers.iter().map(|taker| Effect::of(taker));
    let Some(other) = others.clone().filter(|other| *other != own).min() else {
        return "it decides nothing".into();
    };
    let some = if others.clone().all(|each| each == other) { "" } else { "some " };
    let meant = match own {
        Effect::Pass => "allow",
        Effect::Limit => "limit",
        Effect::Refuse => "deny",
    };
    let happens = match other {
        Effect::Pass => "allowed",
        Effect::Limit => "limited only",
        Effect::Refuse => "denied",
    };
    format!("{some}requests that it should {meant} are {happens}")
}

/// Shows the first of the places that come before a rule.
fn behind(finding: Finding, places: impl Iterator<Item = Span>) -> Finding {
    places.take(SHOWN).fold(finding, |finding, place| finding.also(place, "takes its requests"))
}
