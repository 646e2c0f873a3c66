//! URL maps: hosts, paths, routes.

use std::collections::HashMap;

use super::Checker;
use crate::inventory::patterns::{wrong_host, wrong_path};
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{
    HeaderMatch, HostRule, LoadBalancerKind, Route, RouteMatch, RouteRule, UrlMap,
};
use crate::topology::record::{Map, Spanned};

codes! {
    INVALID_HOST_PATTERN = Error "invalid-host-pattern" "ING-096" {
        "a host pattern that is none",
        "a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: web, hosts: {\"www.*.com\": {paths: {/*: web}}}}
",
    }
    INVALID_PATH_PATTERN = Error "invalid-path-pattern" "ING-099" {
        "a path pattern that is none",
        "a path pattern begins with `/`, and has a `*` only as its end, after a `/`",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: web, hosts: {www.example.com: {paths: {/api*: web}}}}
",
    }
    PATHS_AND_ROUTES = Error "paths-and-routes" "ING-100" {
        "path rules and route rules together",
        "a path matcher has path rules or route rules, not both",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com: {paths: {/*: web}, routes: [{priority: 1, route: web}]}
",
    }
    MATCHER_AND_CONTENT = Error "matcher-and-content" {
        "a host rule with a path matcher and rules of its own",
        "A host rule names a path matcher or has the rules inline, not both.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts: {www.example.com: {path_matcher: main, paths: {/*: web}}}
      path_matchers: {main: {default: web}}
",
    }
    ROUTES_ON_CLASSIC = Error "routes-on-classic" "ING-101" {
        "route rules or weights on a classic load balancer",
        "a classic load balancer has simple path rules only",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: classic
    url_map:
      default: web
      hosts: {www.example.com: {routes: [{priority: 1, route: web}]}}
",
    }
    DUPLICATE_ROUTE_PRIORITY = Error "duplicate-route-priority" "ING-100" {
        "two route rules with one priority",
        "route rules are evaluated by ascending priority, from 0 to 2147483647, which each has for \
         itself",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com:
          routes:
            - {priority: 1, matches: [{prefix: /a}], route: web}
            - {priority: 1, matches: [{prefix: /b}], route: web}
",
    }
    ROUTE_PRIORITY_RANGE = Error "route-priority-range" "ING-100" {
        "a route rule with a priority out of range",
        "route rules are evaluated by ascending priority, from 0 to 2147483647",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts: {www.example.com: {routes: [{priority: 4000000000, route: web}]}}
",
    }
    ROUTE_MATCH = Error "invalid-route-match" "ING-100" {
        "a match with several conditions where one is possible",
        "a match has one of path, prefix and regular expression, and one condition for each header \
         and parameter",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com:
          routes: [{priority: 1, matches: [{path: /a, prefix: /b}], route: web}]
",
    }
    INVALID_REGEX = Error "invalid-regex" {
        "a regular expression that is none",
        "Regular expressions are in the syntax of RE2.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com: {routes: [{priority: 1, matches: [{regex: \"/(a\"}], route: web}]}
",
    }
    REDIRECT_STATUS = Error "redirect-status" {
        "a redirect with another status",
        "A redirect answers with 301, 302, 303, 307 or 308.",
        "load_balancers:
  edge: {kind: global-external, url_map: {default: {redirect: {https: true, status: 300}}}}
",
    }
    REDIRECT_TARGET = Error "redirect-target" {
        "a redirect with a path and a prefix",
        "A redirect replaces the whole path or the prefix that was matched, not both.",
        "load_balancers:
  edge: {kind: global-external, url_map: {default: {redirect: {path: /a, prefix: /b}}}}
",
    }
    ROUTE_TARGET = Error "route-target" {
        "a route with no target or several",
        "A route leads to one backend, to several by weight, or to a redirect.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: global-external, url_map: {default: {backend: web, redirect: {https: true}}}}
",
    }
    ZERO_WEIGHTS = Error "zero-weights" {
        "weights that are all zero",
        "At least one backend of a route must have a share.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: {weighted_backends: [{backend: web, weight: 0}]}}
",
    }
}

const PRIORITY_MAX: u32 = 2_147_483_647;

impl Checker<'_, '_> {
    pub(super) fn url_maps(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.load_balancers {
            let resource = format!("load_balancer/{id}");
            let kind = &entry.value.kind;
            for map in entry.value.url_maps() {
                self.url_map(map, kind, &resource);
            }
        }
    }

    fn url_map(&mut self, map: &UrlMap, kind: &Spanned<LoadBalancerKind>, resource: &str) {
        self.hosts(map, resource);
        for rule in map.hosts.values() {
            self.path_rules(&rule.paths, resource);
            self.route_rules(&rule.routes, kind, resource);
            self.both(&rule.paths, &rule.routes, resource);
            self.matcher_and_content(rule, resource);
        }
        for matcher in map.path_matchers.values() {
            self.path_rules(&matcher.paths, resource);
            self.route_rules(&matcher.routes, kind, resource);
            self.both(&matcher.paths, &matcher.routes, resource);
        }
        for route in map.routes(false) {
            self.route(route, kind, resource);
        }
    }

    fn hosts(&mut self, map: &UrlMap, resource: &str) {
        for (pattern, entry) in &map.hosts {
            if let Some(why) = wrong_host(pattern) {
                let message = format!("`{pattern}` is not a host pattern");
                let finding = INVALID_HOST_PATTERN.finding(message).at(entry.key_span).help(why);
                self.report(finding.resource(resource));
            }
        }
    }

    fn path_rules(&mut self, paths: &Map<Route>, resource: &str) {
        for (pattern, entry) in paths {
            if let Some(help) = wrong_path(pattern) {
                let message = format!("`{pattern}` is not a path pattern");
                let finding = INVALID_PATH_PATTERN.finding(message).at(entry.key_span).help(help);
                self.report(finding.resource(resource));
            }
        }
    }

    fn both(&mut self, paths: &Map<Route>, routes: &[RouteRule], resource: &str) {
        if let (Some((_, path)), Some(route)) = (paths.first(), routes.first()) {
            let message = format!("a path matcher of {resource} has path rules and route rules");
            let finding = PATHS_AND_ROUTES.finding(message).at(route.span);
            let finding = finding.also(path.key_span, "a path rule");
            self.report(finding.help("write the path rules as route rules").resource(resource));
        }
    }

    fn matcher_and_content(&mut self, rule: &HostRule, resource: &str) {
        let Some(name) = &rule.path_matcher else { return };
        let content = rule
            .default
            .as_ref()
            .map(|route| route.span)
            .or_else(|| rule.paths.first().map(|(_, entry)| entry.key_span))
            .or_else(|| rule.routes.first().map(|route| route.span));
        if let Some(content) = content {
            let message = format!(
                "the rule names the path matcher `{}` and has rules of its own",
                name.value
            );
            let finding = MATCHER_AND_CONTENT.finding(message).at(name.span);
            let finding = finding.also(content, "a rule of its own");
            self.report(finding.help("leave one of them out").resource(resource));
        }
    }

    fn route_rules(
        &mut self,
        rules: &[RouteRule],
        kind: &Spanned<LoadBalancerKind>,
        resource: &str,
    ) {
        if let Some(first) = rules.first()
            && kind.value == LoadBalancerKind::Classic
        {
            let message = format!("{resource} is classic, but has route rules");
            let finding = ROUTES_ON_CLASSIC.finding(message).at(first.span);
            let finding = finding.also(kind.span, "its kind");
            self.report(finding.help("make it `global-external`").resource(resource));
        }
        let mut seen: HashMap<u32, Span> = HashMap::new();
        for rule in rules {
            let priority = &rule.priority;
            if priority.value > PRIORITY_MAX {
                let message = format!("the priority {} is too large", priority.value);
                let finding = ROUTE_PRIORITY_RANGE.finding(message).at(priority.span);
                self.report(finding.resource(resource));
            }
            if let Some(first) = seen.insert(priority.value, priority.span) {
                let message = format!("two route rules have the priority {}", priority.value);
                let finding = DUPLICATE_ROUTE_PRIORITY.finding(message).at(priority.span);
                self.report(finding.also(first, "the other one").resource(resource));
            }
            for each in &rule.matches {
                self.route_match(each, resource);
            }
        }
    }

    fn route_match(&mut self, each: &RouteMatch, resource: &str) {
        let texts = [&each.path, &each.prefix, &each.regex];
        let given: Vec<&Spanned<String>> = texts.into_iter().flatten().collect();
        if let [first, second, ..] = given.as_slice() {
            let message = "a match has several conditions on the path".to_owned();
            self.several(message, second.span, first.span, resource);
        }
        for text in [&each.path, &each.prefix].into_iter().flatten() {
            if !text.value.starts_with('/') {
                let message = format!("`{}` does not begin with `/`", text.value);
                let finding = ROUTE_MATCH.finding(message).at(text.span);
                self.report(finding.help(format!("write `/{}`", text.value)).resource(resource));
            }
        }
        for header in &each.headers {
            let conditions = header_conditions(header);
            if let [first, second, ..] = conditions.as_slice() {
                let message =
                    format!("a match has several conditions on the header `{}`", header.name.value);
                self.several(message, *second, *first, resource);
            }
            if conditions.is_empty() {
                let message = format!("nothing is asked of the header `{}`", header.name.value);
                let finding = ROUTE_MATCH.finding(message).at(header.name.span);
                self.report(finding.help("add `present: true`").resource(resource));
            }
            self.regex(&header.regex, resource);
        }
        for parameter in &each.query {
            if let (Some(exact), Some(regex)) = (&parameter.exact, &parameter.regex) {
                let message =
                    format!("a match has several conditions on `{}`", parameter.name.value);
                self.several(message, regex.span, exact.span, resource);
            }
            self.regex(&parameter.regex, resource);
        }
        self.regex(&each.regex, resource);
    }

    fn several(&mut self, message: String, at: Span, first: Span, resource: &str) {
        let finding = ROUTE_MATCH.finding(message).at(at).also(first, "the other one");
        self.report(finding.help("leave one of them").resource(resource));
    }

    fn regex(&mut self, text: &Option<Spanned<String>>, resource: &str) {
        let Some(text) = text else { return };
        if let Err(error) = regex_syntax::parse(&text.value) {
            let why = match &error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => "not a regular expression".to_owned(),
            };
            let message = format!("`{}` is not a regular expression", text.value);
            let finding = INVALID_REGEX.finding(message).label(text.span, why);
            self.report(finding.resource(resource));
        }
    }

    fn route(&mut self, route: &Route, kind: &Spanned<LoadBalancerKind>, resource: &str) {
        let targets = usize::from(route.backend.is_some())
            + usize::from(!route.weighted_backends.is_empty())
            + usize::from(route.redirect.is_some());
        if targets != 1 {
            let message = match targets {
                0 => format!("a route of {resource} leads nowhere"),
                _ => format!("a route of {resource} has several targets"),
            };
            let finding = ROUTE_TARGET.finding(message).at(route.span);
            let help = "give it one of `backend`, `weighted_backends` and `redirect`";
            self.report(finding.help(help).resource(resource));
        }
        if let Some(first) = route.weighted_backends.first() {
            if route.weighted_backends.iter().all(|each| each.weight.value == 0) {
                let message = format!("all weights of a route of {resource} are zero");
                let finding = ZERO_WEIGHTS.finding(message).at(first.weight.span);
                self.report(finding.resource(resource));
            }
            if kind.value == LoadBalancerKind::Classic {
                let message = format!("{resource} is classic, but has weights");
                let finding = ROUTES_ON_CLASSIC.finding(message).at(first.weight.span);
                let finding = finding.also(kind.span, "its kind");
                self.report(finding.help("make it `global-external`").resource(resource));
            }
        }
        let Some(redirect) = &route.redirect else { return };
        if let Some(status) = &redirect.status
            && ![301, 302, 303, 307, 308].contains(&status.value)
        {
            let message = format!("{} is not the status of a redirect", status.value);
            let finding = REDIRECT_STATUS.finding(message).at(status.span);
            self.report(finding.help("take 301, 302, 303, 307 or 308").resource(resource));
        }
        if let (Some(path), Some(prefix)) = (&redirect.path, &redirect.prefix) {
            let message = "a redirect has a path and a prefix";
            let finding = REDIRECT_TARGET.finding(message).at(prefix.span);
            let finding = finding.also(path.span, "the path");
            self.report(finding.help("leave one of them out").resource(resource));
        }
    }
}

/// The places of what is asked of a header.
fn header_conditions(header: &HeaderMatch) -> Vec<Span> {
    let texts = [&header.exact, &header.prefix, &header.suffix, &header.regex];
    let texts = texts.into_iter().flatten().map(|text| text.span);
    let mut places: Vec<Span> = texts.collect();
    // `present: false` beside a text asks nothing; `invert` turns the one condition round.
    if header.present.as_ref().is_some_and(|present| present.value)
        || (places.is_empty() && header.present.is_some())
    {
        places.extend(header.present.as_ref().map(|present| present.span));
    }
    places
}
