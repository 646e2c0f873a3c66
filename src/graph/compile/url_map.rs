//! URL maps: hosts, paths, route rules (ING-096 to ING-101).

use crate::graph::{Branch, ChoiceKind};
use crate::graph::{HopKind, ResourceKind};
use std::collections::BTreeMap;

use super::load_balancer::{BackendKey, Front};
use super::{Core, LoadBalancers, Place};
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, Entry, HopId, Outcome, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::load_balancer::{
    HeaderMatch, QueryMatch, Redirect, Route, RouteMatch, RouteRule, UrlMap,
};
use crate::topology::record::Map;

/// Host patterns with one port, or with none.
#[derive(Default)]
struct Hosts {
    exact: Vec<(Box<str>, HopId)>,
    suffixes: Vec<(Box<str>, HopId)>,
}

/// Where in a URL map a route stands.
struct RoutePlace<'a> {
    host: &'a str,
    path: &'a str,
    /// What tells it from the other routes of the map.
    of: String,
    at: Span,
}

/// A path matcher's content, named or inline.
struct Matcher<'t> {
    default: Option<&'t Route>,
    paths: &'t Map<Route>,
    routes: &'t [RouteRule],
}

impl<'t> LoadBalancers<'t> {
    /// The hop that a URL map begins with.
    pub(super) fn url_map(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        map: &UrlMap,
    ) -> HopId {
        let resource = core.resource(ResourceKind::LoadBalancer, front.id);
        let place = Place::new(resource, HopKind::UrlMap, RuleId::ing(97), map.span.at_start());
        let otherwise = match &map.default {
            Some(route) => {
                let of = "default".to_string();
                let here = RoutePlace { host: "*", path: "/*", of, at: route.span };
                self.route(core, front, route, here, None)
            }
            None => {
                let verdict = core.refuse(Cause::NoBackend, 404);
                core.end(place, verdict)
            }
        };
        let mut hosts: BTreeMap<Option<u16>, Hosts> = BTreeMap::new();
        for (pattern, entry) in &map.hosts {
            let rule = &entry.value;
            let matcher = match &rule.path_matcher {
                Some(name) => map.path_matchers.get(&name.value).map(|matcher| Matcher {
                    default: matcher.default.as_ref(),
                    paths: &matcher.paths,
                    routes: &matcher.routes,
                }),
                None => Some(Matcher {
                    default: rule.default.as_ref(),
                    paths: &rule.paths,
                    routes: &rule.routes,
                }),
            };
            // A name that refers to nothing was reported.
            let Some(matcher) = matcher else { continue };
            let default = matcher.default.or(map.default.as_ref());
            let label = pattern.to_ascii_lowercase();
            let hop = self.matcher(core, front, &matcher, default, &label, entry.key_span);
            let (host, port) = split_port(&label);
            let hosts = hosts.entry(port).or_default();
            match host.strip_prefix('*') {
                Some(suffix) => hosts.suffixes.push((suffix.into(), hop)),
                None => hosts.exact.push((host.into(), hop)),
            }
        }
        let place = Place { rule: RuleId::ing(96), ..place };
        // Patterns with a port are closer than those for any.
        let any_port = match hosts.remove(&None) {
            Some(hosts) => self.host_switch(core, place, hosts, otherwise),
            None => otherwise,
        };
        let mut branches = Vec::new();
        for (port, hosts) in hosts {
            let Some(port) = port else { continue };
            let when = core.expressions.atom(Atom::Port(vec![(port, port)].into()));
            branches.push((when, self.host_switch(core, place, hosts, any_port)));
        }
        if branches.is_empty() {
            return any_port;
        }
        let switch = Switch::FirstMatch { branches: branches.into(), otherwise: any_port };
        core.hop(place, Body::Switch(switch))
    }

    fn host_switch(
        &mut self,
        core: &mut Core<'t>,
        place: Place,
        hosts: Hosts,
        otherwise: HopId,
    ) -> HopId {
        let Hosts { mut exact, mut suffixes } = hosts;
        exact.sort();
        exact.dedup_by(|one, other| one.0 == other.0);
        suffixes.sort();
        suffixes.dedup_by(|one, other| one.0 == other.0);
        let switch = Switch::Host { exact: exact.into(), suffixes: suffixes.into(), otherwise };
        core.hop(place, Body::Switch(switch))
    }

    fn matcher(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        matcher: &Matcher<'_>,
        default: Option<&Route>,
        host: &str,
        at: Span,
    ) -> HopId {
        let resource = core.resource(ResourceKind::LoadBalancer, front.id);
        let place = Place::new(resource, HopKind::UrlMap, RuleId::ing(98), at);
        let otherwise = match default {
            Some(route) => {
                let of = format!("{host} default");
                let here = RoutePlace { host, path: "/*", of, at: route.span };
                self.route(core, front, route, here, None)
            }
            None => {
                let verdict = core.refuse(Cause::NoBackend, 404);
                core.end(place, verdict)
            }
        };
        if !matcher.routes.is_empty() {
            let mut rules: Vec<&RouteRule> = matcher.routes.iter().collect();
            rules.sort_by_key(|rule| rule.priority.value);
            let mut branches = Vec::new();
            for rule in rules {
                let when: Vec<ExpressionId> =
                    rule.matches.iter().map(|each| self.route_match(core, each)).collect();
                let when = if when.is_empty() {
                    core.expressions.always()
                } else {
                    core.expressions.any(when)
                };
                let label = route_label(rule);
                let matched = rule.matches.iter().find_map(|each| {
                    each.prefix.as_ref().or(each.path.as_ref()).map(|text| text.value.as_str())
                });
                let of = format!("{host} rule {}", rule.priority.value);
                let here = RoutePlace { host, path: &label, of, at: rule.span };
                let hop = self.route(core, front, &rule.route, here, matched);
                branches.push((when, hop));
            }
            let switch = Switch::FirstMatch { branches: branches.into(), otherwise };
            return core.hop(Place { rule: RuleId::ing(100), ..place }, Body::Switch(switch));
        }
        let mut exact: Vec<(Box<str>, HopId)> = Vec::new();
        let mut prefixes: Vec<(Box<str>, HopId)> = Vec::new();
        for (pattern, entry) in matcher.paths {
            let matched = pattern.strip_suffix('*').unwrap_or(pattern);
            let route = &entry.value;
            let of = format!("{host} {pattern}");
            let here = RoutePlace { host, path: pattern, of, at: route.span };
            let hop = self.route(core, front, route, here, Some(matched));
            match pattern.strip_suffix('*') {
                Some(prefix) => prefixes.push((prefix.into(), hop)),
                None => exact.push(((&**pattern).into(), hop)),
            }
        }
        if exact.is_empty() && prefixes.is_empty() {
            return otherwise;
        }
        exact.sort();
        prefixes.sort();
        let switch = Switch::Path { exact: exact.into(), prefixes: prefixes.into(), otherwise };
        core.hop(place, Body::Switch(switch))
    }

    /// Where a route leads; `matched` is the part of the path that its rule matched, which a
    /// rewrite replaces.
    fn route(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        route: &Route,
        RoutePlace { host, path, of, at }: RoutePlace<'_>,
        matched: Option<&str>,
    ) -> HopId {
        let resource = core.resource(ResourceKind::LoadBalancer, front.id);
        let mut place = Place::new(resource, HopKind::Route, RuleId::ing(97), at);
        if front.is_entry {
            let (id, host, path) = (front.id.into(), host.into(), path.into());
            place = place.entered_by(core.entry(Entry::LoadBalancer { id, host, path }));
        }
        if let Some(redirect) = &route.redirect {
            return self.redirect(core, place, redirect);
        }
        let rewrite = route.rewrite.as_ref().map(|rewrite| {
            (
                rewrite.host.as_ref().map(|host| host.value.clone()),
                rewrite
                    .path_prefix
                    .as_ref()
                    .map(|to| (matched.unwrap_or("/").to_string(), to.value.clone())),
            )
        });
        let next = if route.weighted_backends.is_empty() {
            let Some(backend) = &route.backend else {
                let verdict = core.refuse(Cause::NoBackend, 404);
                return core.end(place, verdict);
            };
            let what = format!("the backend of a route of load_balancer/{}", front.id);
            let mut ways = Vec::new();
            for (when, id) in core.alternatives(Some(backend), None, &[], &what, String::clone) {
                let key = BackendKey::new(&id, front, rewrite.clone());
                ways.push((when, self.backend(core, front, key)));
            }
            match core.first_match(place, ways) {
                Some(hop) => hop,
                None => {
                    let verdict = core.refuse(Cause::NoBackend, 404);
                    core.end(place, verdict)
                }
            }
        } else {
            let mut branches = Vec::new();
            let mut words = Vec::new();
            for each in &route.weighted_backends {
                if each.weight.value == 0 {
                    continue;
                }
                let what = format!("a weighted backend of a route of load_balancer/{}", front.id);
                let mut ways = Vec::new();
                let mut names = Vec::new();
                for (when, id) in
                    core.alternatives(Some(&each.backend), None, &[], &what, String::clone)
                {
                    let key = BackendKey::new(&id, front, rewrite.clone());
                    ways.push((when, self.backend(core, front, key)));
                    names.push(id.as_str().into());
                }
                let here = Place { at: each.backend.span, entry: None, ..place };
                // One without candidates is marked as not modelled.
                let Some(hop) = core.first_match(here, ways) else { continue };
                branches.push(hop);
                words.push(Branch::Weighted { backends: names, weight: each.weight.value });
            }
            if branches.is_empty() {
                let verdict = core.refuse(Cause::NoBackend, 503);
                return core.end(place, verdict);
            }
            let choice = core.choice(ChoiceKind::Backend, place.resource, &of, words);
            core.hop(place, Body::Choice { choice, branches: branches.into() })
        };
        let pass = core.list(Vec::new(), RuleVerdict::Pass);
        core.hop(place, Body::Gate { list: pass, next })
    }

    fn redirect(&mut self, core: &mut Core<'t>, place: Place, redirect: &Redirect) -> HopId {
        let https = redirect.https();
        let scheme = if https { "https" } else { "{scheme}" };
        let host = redirect.host.as_ref().map_or("{host}", |host| &host.value);
        let path = match (&redirect.path, &redirect.prefix) {
            (Some(path), _) => path.value.clone(),
            (None, Some(prefix)) => format!("{}{{rest}}", prefix.value),
            (None, None) => "{path}".into(),
        };
        let outcome = Outcome::Redirected {
            status: redirect.status(),
            location: Some(format!("{scheme}://{host}{path}").into()),
        };
        let outcome = core.outcome(outcome);
        core.hop(place, Body::Terminal(outcome))
    }

    fn route_match(&mut self, core: &mut Core<'t>, each: &RouteMatch) -> ExpressionId {
        let ignore_case = each.ignore_case();
        let fold = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.into() };
        let mut parts = Vec::new();
        if let Some(path) = &each.path {
            let test = TextTest::Equals(fold(&path.value));
            parts.push(core.text(TextField::Path, test, ignore_case));
        }
        if let Some(prefix) = &each.prefix {
            let test = TextTest::Prefix(fold(&prefix.value));
            parts.push(core.text(TextField::Path, test, ignore_case));
        }
        if let Some(regex) = &each.regex {
            let test = TextTest::Matches(format!("^(?:{})$", regex.value));
            parts.push(core.text(TextField::Path, test, false));
        }
        for header in &each.headers {
            parts.push(self.header_match(core, header));
        }
        for query in &each.query {
            parts.push(self.query_match(core, query));
        }
        core.expressions.all(parts)
    }

    fn header_match(&mut self, core: &mut Core<'t>, each: &HeaderMatch) -> ExpressionId {
        let name = each.name.value.to_ascii_lowercase();
        let field =
            if name == "host" { TextField::Host } else { TextField::Header(name.as_str().into()) };
        let test = [
            each.exact.as_ref().map(|text| TextTest::Equals(text.value.clone())),
            each.prefix.as_ref().map(|text| TextTest::Prefix(text.value.clone())),
            each.suffix.as_ref().map(|text| TextTest::Suffix(text.value.clone())),
            each.regex.as_ref().map(|text| TextTest::Matches(format!("^(?:{})$", text.value))),
        ]
        .into_iter()
        .flatten()
        .next();
        let present = |core: &mut Core<'t>| match &field {
            TextField::Header(_) => core.expressions.atom(Atom::Present(field.clone())),
            _ => core.expressions.always(),
        };
        let held = match test {
            Some(test) => core.text(field.clone(), test, false),
            None => {
                let there = present(core);
                match each.present.as_ref().map(|present| present.value) {
                    Some(false) => core.expressions.not(there),
                    _ => there,
                }
            }
        };
        if each.invert() { core.expressions.not(held) } else { held }
    }

    fn query_match(&mut self, core: &mut Core<'t>, each: &QueryMatch) -> ExpressionId {
        let name = &each.name.value;
        let pattern = match (&each.exact, &each.regex) {
            (Some(exact), _) => {
                super::condition::query_pattern(name, &TextTest::Equals(exact.value.clone()))
            }
            (None, Some(regex)) => {
                super::condition::query_pattern(name, &TextTest::Matches(regex.value.clone()))
            }
            (None, None) => format!("(?:^|&){}(?:=|&|$)", regex_syntax::escape(name)),
        };
        core.text(TextField::Query, TextTest::Matches(pattern), false)
    }
}

impl Core<'_> {
    fn text(&mut self, field: TextField, test: TextTest, ignore_case: bool) -> ExpressionId {
        self.expressions.atom(Atom::Text(field, TextMatch { test, ignore_case }))
    }
}

/// A host pattern without its port, lower case. The switch by host takes what follows the `*`.
pub(super) fn host_pattern(pattern: &str) -> String {
    split_port(&pattern.to_ascii_lowercase()).0.into()
}

/// A host pattern's host and port (ING-096).
fn split_port(pattern: &str) -> (&str, Option<u16>) {
    match pattern.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (pattern, None),
        },
        None => (pattern, None),
    }
}

fn route_label(rule: &RouteRule) -> String {
    let patterns: Vec<String> = rule
        .matches
        .iter()
        .map(|each| {
            let mut words = match (&each.path, &each.prefix, &each.regex) {
                (Some(path), _, _) => path.value.clone(),
                (_, Some(prefix), _) => format!("{}*", prefix.value),
                (_, _, Some(regex)) => format!("~{}", regex.value),
                _ => "/*".into(),
            };
            for header in &each.headers {
                words.push_str(&format!(" with {}", header.name.value));
            }
            for query in &each.query {
                words.push_str(&format!(" with ?{}", query.name.value));
            }
            words
        })
        .collect();
    if patterns.is_empty() { "/*".into() } else { patterns.join(", ") }
}
