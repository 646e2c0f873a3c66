//! Security policies and their rules.

use std::collections::HashMap;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::record::every;
use crate::topology::security_policy::{
    Action, DEFAULT_PRIORITY, PolicyRule, PolicyType, SecurityPolicy, SourceRange,
};

codes! {
    DUPLICATE_PRIORITY = Error "duplicate-priority" "ING-123" {
        "two rules with one priority",
        "the priority of a rule is unique in its policy",
        "security_policies:
  edge:
    rules:
      - {priority: 1000, action: allow, source_ranges: [192.0.2.0/24]}
      - {priority: 1000, action: deny(403), source_ranges: [198.51.100.0/24]}
",
    }
    PRIORITY_RANGE = Error "priority-range" "ING-123" {
        "a priority out of range",
        "priorities go from 0, the first, to 2147483647, the default rule",
        "security_policies:
  edge: {rules: [{priority: 3000000000, action: deny(403), source_ranges: [192.0.2.0/24]}]}
",
    }
    DEFAULT_RULE = Error "default-rule" "ING-123" {
        "a default rule that does not match everything",
        "the rule with the priority 2147483647 is the default rule, which matches `*`",
        "security_policies:
  edge: {rules: [{priority: 2147483647, action: allow, source_ranges: [192.0.2.0/24]}]}
",
    }
    RULE_MATCH = Error "rule-match" "ING-127" {
        "a rule with two matches or none",
        "a rule matches by an expression or by source ranges",
        "security_policies:
  edge: {rules: [{priority: 1000, action: deny(403)}]}
",
    }
    TOO_MANY_RANGES = Error "too-many-ranges" "ING-127" {
        "more than ten source ranges in a rule",
        "a rule has at most 10 source ranges",
        "security_policies:
  edge:
    rules:
      - priority: 1000
        action: deny(403)
        source_ranges:
          [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8,
           10.0.0.9, 10.0.0.10, 10.0.0.11]
",
    }
    TOO_MANY_SUBEXPRESSIONS = Error "too-many-subexpressions" "ING-128" {
        "more than five subexpressions in a rule",
        "an expression of a rule has at most 5 subexpressions",
        "security_policies:
  edge:
    rules:
      - priority: 1000
        action: deny(403)
        match: >-
          request.path == '/a' || request.path == '/b' || request.path == '/c' ||
          request.path == '/d' || request.path == '/e' || request.path == '/f'
",
    }
    EXPRESSION_TOO_LONG = Error "expression-too-long" {
        "an expression that is too long",
        "An expression of a security policy rule has at most 2,048 characters.",
        "",
    }
    INVALID_EXPRESSION = Error "invalid-expression" {
        "an expression that cannot be read",
        "Expressions are in a subset of CEL, with the attributes and functions of the product.",
        "security_policies:
  edge: {rules: [{priority: 1000, action: deny(403), match: \"origin.region == 'AQ'\"}]}
",
    }
    REDIRECT_ACTION = Error "redirect-action" "ING-124" {
        "a redirect in a regional or edge policy",
        "only global policies of type `backend` redirect",
        "security_policies:
  edge: {type: edge, rules: [{priority: 1000, action: redirect, source_ranges: [192.0.2.0/24]}]}
",
    }
}

/// The longest expression of a rule, in characters.
const EXPRESSION: usize = 2048;

impl<'t> Checker<'t, '_> {
    pub(super) fn policies(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.security_policies {
            let policy = &entry.value;
            let resource = format!("security_policy/{id}");
            self.priorities(policy, &resource);
            let own = policy.r#type();
            for rule in &policy.rules {
                self.rule_match(rule, &resource);
                self.redirect(policy, own, rule, &resource);
            }
        }
    }

    fn priorities(&mut self, policy: &SecurityPolicy, resource: &str) {
        let mut seen: HashMap<u32, Span> = HashMap::new();
        for rule in &policy.rules {
            let priority = &rule.priority;
            if priority.value > DEFAULT_PRIORITY {
                let message = format!("the priority {} is too large", priority.value);
                let finding = PRIORITY_RANGE.finding(message).at(priority.span);
                self.report(finding.resource(resource));
            }
            if let Some(first) = seen.insert(priority.value, priority.span) {
                let message =
                    format!("two rules of {resource} have the priority {}", priority.value);
                let finding = DUPLICATE_PRIORITY.finding(message).at(priority.span);
                self.report(finding.also(first, "the other one").resource(resource));
            }
            if priority.value == DEFAULT_PRIORITY && !matches_all(rule) {
                let at = match (&rule.r#match, rule.source_ranges.first()) {
                    (Some(text), _) => text.span,
                    (None, Some(range)) => range.span,
                    (None, None) => rule.span,
                };
                let message = format!("the default rule of {resource} does not match everything");
                let finding = DEFAULT_RULE.finding(message).at(at);
                let help = "write `source_ranges: [\"*\"]`, or give the rule another priority";
                self.report(finding.help(help).resource(resource));
            }
        }
    }

    fn rule_match(&mut self, rule: &'t PolicyRule, resource: &str) {
        let priority = rule.priority.value;
        match (&rule.r#match, rule.source_ranges.first()) {
            (Some(text), Some(range)) => {
                let message = format!("the rule {priority} has an expression and source ranges");
                let finding = RULE_MATCH.finding(message).at(range.span);
                let finding = finding.also(text.span, "the expression");
                let help = "leave one of them out, or ask for the ranges by `inIpRange`";
                self.report(finding.help(help).resource(resource));
            }
            (None, None) if priority != DEFAULT_PRIORITY => {
                let message = format!("the rule {priority} does not say what it matches");
                let finding = RULE_MATCH.finding(message).at(rule.span);
                self.report(finding.help("add `match` or `source_ranges`").resource(resource));
            }
            _ => {}
        }
        if let Some(eleventh) = rule.source_ranges.get(10) {
            let count = rule.source_ranges.len();
            let message = format!("the rule {priority} has {count} source ranges");
            let finding = TOO_MANY_RANGES.finding(message).at(eleventh.span);
            let help = "spread them over several rules, or over an address group";
            self.report(finding.help(help).resource(resource));
        }
        for (text, at) in every(&rule.r#match) {
            self.rule_expression(priority, text, at, resource);
        }
    }

    fn rule_expression(&mut self, priority: u32, text: &'t str, at: Span, resource: &str) {
        let length = text.chars().count();
        if length > EXPRESSION {
            let message = format!("the expression of the rule {priority} has {length} characters");
            let finding = EXPRESSION_TOO_LONG.finding(message).at(at);
            let help = "spread it over several rules; at most 2,048 are possible";
            self.report(finding.help(help).resource(resource));
            return;
        }
        if !self.expression(text, at, Dialect::SecurityPolicy, resource) {
            return;
        }
        let count = self.expressions.ask(text, Dialect::SecurityPolicy, |read| read.subexpressions);
        let count = count.unwrap_or(0);
        if count > 5 {
            let message =
                format!("the expression of the rule {priority} has {count} subexpressions");
            let finding = TOO_MANY_SUBEXPRESSIONS.finding(message).at(at);
            self.report(finding.help("spread them over several rules").resource(resource));
        }
    }

    fn redirect(
        &mut self,
        policy: &SecurityPolicy,
        kind: PolicyType,
        rule: &PolicyRule,
        resource: &str,
    ) {
        if rule.action.value != Action::Redirect {
            return;
        }
        let place = match (&policy.region, &policy.r#type) {
            (Some(region), _) => region.span,
            (None, Some(own)) if kind == PolicyType::Edge => own.span,
            _ => return,
        };
        let message = format!("the rule {} of {resource} cannot redirect", rule.priority.value);
        let finding = REDIRECT_ACTION.finding(message).at(rule.action.span);
        let words = if policy.region.is_some() { "a regional policy" } else { "an edge policy" };
        self.report(finding.also(place, words).resource(resource));
    }
}

fn matches_all(rule: &PolicyRule) -> bool {
    let expression = match &rule.r#match {
        None => true,
        Some(text) => text.known().is_none_or(|text| text.trim() == "true"),
    };
    let all = |range: &SourceRange| match range {
        SourceRange::All => true,
        SourceRange::Range(range) => range.prefix_len() == 0,
    };
    let ranges = &rule.source_ranges;
    expression && (ranges.is_empty() || ranges.iter().any(|range| all(&range.value)))
}
