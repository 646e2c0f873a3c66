//! The findings of `check` that need solving: rules that no request reaches.

use std::collections::BTreeMap;

use super::Model;
use crate::graph::{Body, HopId, ListRule, Origin, Switch, Verdict};
use crate::rules::RuleId;
use crate::sets::Set;
use crate::solve::{Current, Solver};
use crate::source::{Finding, Findings, Severity, Span};
use crate::topology::check::CodeInfo;

const SHADOWED_RULE: CodeInfo = CodeInfo {
    code: "shadowed-rule",
    severity: Severity::Warning,
    title: "a rule of a security policy that no request reaches",
    text: "the first rule that matches decides; every request that this one matches is decided \
           by rules before it",
    example: "portolan: 1
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
    rule: Some(RuleId::ing(122)),
};

const IMPOSSIBLE_RULE: CodeInfo = CodeInfo {
    code: "impossible-rule",
    severity: Severity::Warning,
    title: "a rule of a security policy that matches no request",
    text: "no request meets all that the rule asks for",
    example: "portolan: 1
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
    rule: Some(RuleId::ing(122)),
};

const UNREACHED_ROUTE: CodeInfo = CodeInfo {
    code: "unreached-route",
    severity: Severity::Warning,
    title: "a route rule that no request reaches",
    text: "route rules are tried by priority and the first that matches decides; every request \
           that this one matches is taken by rules before it",
    example: "portolan: 1
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
    rule: Some(RuleId::ing(100)),
};

/// The codes of these findings.
pub const CODES: &[CodeInfo] = &[SHADOWED_RULE, IMPOSSIBLE_RULE, UNREACHED_ROUTE];

/// Finds what only solving finds.
pub fn check(model: &Model, findings: &mut Findings) {
    let graph = &model.graph;
    let mut solver = Solver::new(graph);
    let current = Current::start(Origin::Internet);
    let mut policies: BTreeMap<String, (Vec<ListRule>, HopId)> = BTreeMap::new();
    for id in graph.hops.node_indices() {
        let hop = graph.hop(id);
        match &hop.body {
            Body::Gate { list, .. } if hop.kind.ends_with("security_policy") => {
                let name = graph.resource(hop.resource).to_string();
                let rules = graph.list(*list).rules.to_vec();
                policies.entry(name).or_insert((rules, id));
            }
            Body::Switch(Switch::FirstMatch { branches, .. }) if hop.kind == "url_map" => {
                let routes: Vec<(Set, Span)> = branches
                    .iter()
                    .map(|(when, next)| (solver.express(*when, &current), graph.hop(*next).at))
                    .collect();
                for (at, by) in
                    hidden(&mut solver, &routes.iter().map(|(set, _)| *set).collect::<Vec<_>>())
                {
                    let Some(by) = by else { continue };
                    let message = "no request reaches this route rule";
                    findings.push(
                        finding(&UNREACHED_ROUTE, message, routes[at].1, routes[by].1)
                            .resource(graph.resource(hop.resource).to_string())
                            .help("give it a smaller priority than the rules that take its requests, or remove it"),
                    );
                }
            }
            _ => {}
        }
    }
    for (name, (rules, _)) in policies {
        let enforced: Vec<&ListRule> = rules.iter().filter(|rule| !rule.preview).collect();
        let sets: Vec<Set> =
            enforced.iter().map(|rule| solver.express(rule.when, &current)).collect();
        for (at, by) in hidden(&mut solver, &sets) {
            let rule = enforced[at];
            let label = &rule.label;
            // The default rule stands behind all others by its nature.
            if label.starts_with("default rule") {
                continue;
            }
            findings.push(
                match by {
                    Some(by) => {
                        let earlier = enforced[by];
                        let effect = match (rule.then, earlier.then) {
                            (Verdict::Refuse(_), Verdict::Pass) => {
                                "what it should refuse is let pass"
                            }
                            (Verdict::Pass, Verdict::Refuse(_)) => {
                                "what it should allow is refused"
                            }
                            _ => "it decides nothing",
                        };
                        let message = format!("no request reaches {label} of {name}: {effect}");
                        finding(&SHADOWED_RULE, message, rule.at, earlier.at)
                            .help("move it before the rules that match its requests, or remove it")
                    }
                    None => Finding::new(
                        IMPOSSIBLE_RULE.code,
                        IMPOSSIBLE_RULE.severity,
                        format!("{label} of {name} matches no request"),
                    )
                    .at(rule.at)
                    .help("look for parts of the condition that exclude each other"),
                }
                .resource(name.clone()),
            );
        }
    }
}

/// The positions of sets that earlier ones cover, each with the first that takes a part of it;
/// `None` for a set that is empty by itself.
fn hidden(solver: &mut Solver<'_>, sets: &[Set]) -> Vec<(usize, Option<usize>)> {
    let mut hidden = Vec::new();
    let mut taken = Set::EMPTY;
    for (at, set) in sets.iter().enumerate() {
        if solver.sets.is_empty(*set) {
            hidden.push((at, None));
        } else if solver.sets.implies(*set, taken) {
            let by = (0..at).find(|earlier| solver.sets.intersects(sets[*earlier], *set));
            hidden.push((at, by));
        }
        taken = solver.sets.or(taken, *set);
    }
    hidden
}

fn finding(code: &CodeInfo, message: impl Into<String>, at: Span, by: Span) -> Finding {
    let finding =
        Finding::new(code.code, code.severity, message).at(at).also(by, "this comes first");
    match code.rule {
        Some(rule) => finding.remark(format!("{rule}: {}", code.text)),
        None => finding,
    }
}
