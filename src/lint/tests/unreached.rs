//! Cases: a small topology, and what solving finds in it, word for word.

use super::super::unreached::CODES;
use super::found as all_found;
use crate::source::Findings;
use crate::source::testing::shown;

/// What is found about rules that no request reaches, in a text that has no error.
fn found(text: &str) -> String {
    let (files, findings) = all_found(text);
    assert!(!findings.has_errors(), "{}", shown(&files, &findings));
    let own = findings.into_iter().filter(|each| CODES.iter().any(|info| info.code == each.code));
    shown(&files, &own.collect::<Findings>())
}

/// What solving finds in a policy with these rules, on a backend.
fn in_policy(rules: &str) -> String {
    found(&format!("{WEB}security_policies:\n  edge:\n    rules:\n{rules}"))
}

/// What solving finds in a host rule with these route rules.
fn in_routes(routes: &str) -> String {
    found(&format!(
        "services:
  web: {{region: europe-west1}}
backends:
  web: {{services: [web]}}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com:
          routes:
{routes}"
    ))
}

const WEB: &str = "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
";

#[track_caller]
fn same(found: &str, expected: &str) {
    assert_eq!(found.trim(), expected.trim());
}

#[test]
fn codes_are_words_with_an_example_that_gives_them() {
    for info in CODES {
        assert!(info.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        assert_eq!(info.text.ends_with('.'), info.rule.is_none(), "{}: text", info.code);
        let shown = found(info.example);
        assert!(shown.starts_with(&format!("{}[{}]", info.severity, info.code)), "{shown}");
        assert_eq!(shown.matches("]: ").count(), 1, "{shown}");
    }
}

#[test]
fn a_rule_behind_a_wider_one() {
    same(
        &found(CODES[0].example),
        r#"
warning[shadowed-rule]: no request reaches rule 20: deny(403) of security_policy/edge: requests that it should deny are allowed
  ^ "{priority: 20, action: deny(403), source_ranges: [198.51.100.7]}"
  - "{priority: 10, action: allow, source_ranges: [198.51.100.0/24]}" takes its requests
  help: move it before the rules that take its requests, or remove it
  note: ING-122: rules are tried by priority, and the first that matches decides
  resource: security_policy/edge
"#,
    );
}

#[test]
fn a_rule_behind_two_that_are_wider_together_only() {
    same(
        &in_policy(
            "      - {priority: 1, action: deny(403), source_ranges: [198.51.100.0/25]}
      - {priority: 2, action: throttle, source_ranges: [198.51.100.128/25]}
      - {priority: 3, action: allow, source_ranges: [203.0.113.0/24]}
      - {priority: 4, action: deny(403), source_ranges: [198.51.100.0/24]}
",
        ),
        r#"
warning[shadowed-rule]: no request reaches rule 4: deny(403) of security_policy/edge: some requests that it should deny are limited only
  ^ "{priority: 4, action: deny(403), source_ranges: [198.51.100.0/24]}"
  - "{priority: 1, action: deny(403), source_ranges: [198.51.100.0/25]}" takes its requests
  - "{priority: 2, action: throttle, source_ranges: [198.51.100.128/25]}" takes its requests
  help: move it before the rules that take its requests, or remove it
  note: ING-122: rules are tried by priority, and the first that matches decides
  resource: security_policy/edge
"#,
    );
}

#[test]
fn an_expression_behind_another() {
    same(
        &in_policy(
            "      - {priority: 9, action: allow, match: \"request.path.startsWith('/api/v1/') && request.method == 'GET'\"}
      - {priority: 5, action: deny(403), match: \"request.path.startsWith('/api/')\"}
      - {priority: 7, action: deny(404), match: \"request.path.matches('^/api/[a-z]+$')\"}
",
        ),
        r#"
warning[shadowed-rule]: no request reaches rule 9: allow of security_policy/edge: requests that it should allow are denied
  ^ "{priority: 9, action: allow, match: \"request.path.startsWith('/api/v1/') && request.method == 'GET'\"}"
  - "{priority: 5, action: deny(403), match: \"request.path.startsWith('/api/')\"}" takes its requests
  help: move it before the rules that take its requests, or remove it
  note: ING-122: rules are tried by priority, and the first that matches decides
  resource: security_policy/edge
warning[shadowed-rule]: no request reaches rule 7: deny(404) of security_policy/edge: it decides nothing
  ^ "{priority: 7, action: deny(404), match: \"request.path.matches('^/api/[a-z]+$')\"}"
  - "{priority: 5, action: deny(403), match: \"request.path.startsWith('/api/')\"}" takes its requests
  help: move it before the rules that take its requests, or remove it
  note: ING-122: rules are tried by priority, and the first that matches decides
  resource: security_policy/edge
"#,
    );
}

#[test]
fn what_is_in_preview_neither_hides_nor_is_hidden() {
    let rules = |preview: &str, other: &str| {
        in_policy(&format!(
            "      - {{priority: 1, action: allow, preview: {preview}, source_ranges: [198.51.100.0/24]}}
      - {{priority: 2, action: deny(403), preview: {other}, source_ranges: [198.51.100.7]}}
"
        ))
    };
    assert_eq!(rules("true", "false"), "");
    assert_eq!(rules("false", "true"), "");
    assert!(rules("false", "false").contains("no request reaches rule 2: deny(403)"));
}

#[test]
fn a_preview_that_is_not_known_may_be_off() {
    let rules = "      - {priority: 1, action: allow, preview: {unknown: var.preview}, source_ranges: [198.51.100.0/24]}
      - {priority: 2, action: deny(403), source_ranges: [198.51.100.7]}
";
    assert_eq!(in_policy(rules), "");
}

#[test]
fn an_expression_that_is_not_known_hides_nothing() {
    let rules = "      - {priority: 1, action: allow, match: {unknown: var.match}}
      - {priority: 2, action: deny(403), source_ranges: [198.51.100.7]}
";
    assert_eq!(in_policy(rules), "");
}

#[test]
fn signatures_are_told_apart() {
    let rules = |second: &str| {
        in_policy(&format!(
            "      - {{priority: 1, action: deny(403), match: \"evaluatePreconfiguredWaf('sqli-v33-stable')\"}}
      - {{priority: 2, action: deny(403), match: \"evaluatePreconfiguredWaf('{second}-v33-stable')\"}}
"
        ))
    };
    assert_eq!(rules("xss"), "");
    assert!(rules("sqli").contains("no request reaches rule 2: deny(403)"));
}

#[test]
fn the_default_rule_may_have_nothing_left() {
    let rules = "      - {priority: 1, action: allow, source_ranges: [\"*\"]}
      - {priority: 2147483647, action: deny(403), source_ranges: [\"*\"]}
";
    assert_eq!(in_policy(rules), "");
}

#[test]
fn a_policy_on_several_ways_is_told_once() {
    let text = "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
  site: {services: [web], security_policy: edge}
load_balancers:
  one: {kind: global-external, url_map: {default: web, hosts: {a.example.com: {default: site}}}}
  two: {kind: global-external, url_map: {default: web}}
security_policies:
  edge:
    rules:
      - {priority: 1, action: allow, source_ranges: [198.51.100.0/24]}
      - {priority: 2, action: deny(403), source_ranges: [198.51.100.7]}
";
    assert_eq!(found(text).matches("shadowed-rule").count(), 1);
}

#[test]
fn a_policy_on_nothing_is_looked_at_as_well() {
    same(
        &found(
            "security_policies:
  edge:
    rules:
      - {priority: 1, action: allow, source_ranges: [198.51.100.0/24]}
      - {priority: 2, action: throttle, source_ranges: [198.51.100.7]}
",
        ),
        r#"
warning[shadowed-rule]: no request reaches rule 2: throttle of security_policy/edge: requests that it should limit are allowed
  ^ "{priority: 2, action: throttle, source_ranges: [198.51.100.7]}"
  - "{priority: 1, action: allow, source_ranges: [198.51.100.0/24]}" takes its requests
  help: move it before the rules that take its requests, or remove it
  note: ING-122: rules are tried by priority, and the first that matches decides
  resource: security_policy/edge
"#,
    );
}

#[test]
fn a_rule_that_matches_nothing() {
    same(
        &found(CODES[1].example),
        r#"
warning[impossible-rule]: rule 10: deny(403) of security_policy/edge matches no request
  ^ "priority: 10\n        action: deny(403)\n        match: request.path.startsWith('/a') && request.path.startsWith('/b')"
  help: look for parts of the condition that exclude each other
  resource: security_policy/edge
"#,
    );
}

#[test]
fn a_path_without_its_slash_is_never_there() {
    let rules =
        "      - {priority: 1, action: deny(403), match: \"request.path.startsWith('admin')\"}
";
    assert!(
        in_policy(rules).contains("rule 1: deny(403) of security_policy/edge matches no request")
    );
}

#[test]
fn what_plain_requests_do_not_have_is_not_impossible() {
    // Bytes that are no characters of a URL, and methods that are no word in capitals.
    for condition in [
        "request.path.contains('ü')",
        "request.path.matches('[^ -~]')",
        "request.method == 'M-SEARCH'",
        "request.headers['user-agent'].contains('\\t')",
        "!request.path.matches('^[ -~]*$')",
    ] {
        let condition = condition.replace('\\', "\\\\");
        let rules = format!("      - {{priority: 1, action: deny(403), match: \"{condition}\"}}\n");
        assert_eq!(in_policy(&rules), "", "{condition}");
    }
}

#[test]
fn a_route_rule_behind_a_wider_one() {
    same(
        &found(CODES[2].example),
        r#"
warning[unreached-route]: no request reaches the route rule for `/api/v2/* with x-beta` of load_balancer/edge
  ^ "{priority: 2, matches: [{prefix: /api/v2/, headers: [{name: x-beta, present: true}]}], route: web}"
  - "{priority: 1, matches: [{prefix: /api/}], route: web}" takes its requests
  help: give it a priority before the rules that take its requests, or remove it
  note: ING-100: route rules are tried by priority, and the first that matches decides
  resource: load_balancer/edge
"#,
    );
}

#[test]
fn route_rules_behind_one_for_everything() {
    same(
        &in_routes(
            "            - {priority: 9, route: web}
            - {priority: 2, route: web, matches: [{prefix: /a}]}
            - {priority: 5, route: web, matches: [{prefix: /}]}
",
        ),
        r#"
warning[unreached-route]: no request reaches the route rule for `/*` of load_balancer/edge
  ^ "{priority: 9, route: web}"
  - "{priority: 2, route: web, matches: [{prefix: /a}]}" takes its requests
  - "{priority: 5, route: web, matches: [{prefix: /}]}" takes its requests
  help: give it a priority before the rules that take its requests, or remove it
  note: ING-100: route rules are tried by priority, and the first that matches decides
  resource: load_balancer/edge
"#,
    );
}

#[test]
fn a_route_rule_that_matches_nothing() {
    let routes = "            - {priority: 1, route: web, matches: [{prefix: /a, headers: [{name: x-tier, exact: gold}, {name: x-tier, exact: free}]}]}
";
    same(
        &in_routes(routes),
        r#"
warning[unreached-route]: the route rule for `/a* with x-tier with x-tier` of load_balancer/edge matches no request
  ^ "{priority: 1, route: web, matches: [{prefix: /a, headers: [{name: x-tier, exact: gold}, {name: x-tier, exact: free}]}]}"
  help: look for parts of the match that exclude each other
  note: ING-100: route rules are tried by priority, and the first that matches decides
  resource: load_balancer/edge
"#,
    );
}

#[test]
fn a_path_matcher_of_several_hosts_and_load_balancers_is_told_once_each() {
    let text = "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        a.example.com: {path_matcher: all}
        b.example.com: {path_matcher: all}
      path_matchers:
        all: {routes: [{priority: 1, route: web}, {priority: 2, route: web, matches: [{prefix: /a}]}]}
";
    assert_eq!(found(text).matches("unreached-route").count(), 1);
}

#[test]
fn backends_that_are_not_known_are_no_route_rules() {
    let text = "services:
  web: {region: europe-west1}
  site: {region: europe-west1}
backends:
  web: {services: [web]}
  site: {services: [site]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: {backend: {unknown: var.backend, candidates: [web, site]}}
      hosts:
        www.example.com: {default: {backend: {unknown: var.backend, candidates: [web, web]}}}
";
    assert_eq!(found(text), "");
}
