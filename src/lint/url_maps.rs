//! Rules of URL maps that never apply.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Linter;
use crate::inventory::patterns::{without_port, wrong_host, wrong_path};
use crate::source::{Span, codes};
use crate::topology::load_balancer::{Route, UrlMap};
use crate::topology::record::Map;

codes! {
    UNUSED_PATH_MATCHER = Warning "unused-path-matcher" "ING-097" {
        "a path matcher that no host rule names",
        "a path matcher applies to the hosts whose rules name it, and to no others",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: web, path_matchers: {main: {default: web}}}
",
    }
    HOST_NEVER_MATCHES = Warning "host-never-matches" "ING-096" {
        "a host rule that matches no request",
        "the most exact pattern wins, whatever the order, and what a name cannot be never matches",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts: {www.example.com: {default: web}, WWW.example.com: {default: web}}
",
    }
    PATH_NEVER_MATCHES = Warning "path-never-matches" "ING-099" {
        "a path rule that matches no request",
        "path rules match the path of a URL, without query and fragment",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: web, hosts: {www.example.com: {paths: {\"/find?q=1\": web}}}}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn url_maps(&mut self) {
        for (id, entry) in &self.topology.load_balancers {
            let resource = format!("load_balancer/{id}");
            for map in entry.value.url_maps() {
                self.hosts(map, &resource);
                for rule in map.hosts.values() {
                    self.path_rules(&rule.paths, &resource);
                }
                self.path_matchers(map, &resource);
            }
        }
    }

    fn hosts(&mut self, map: &UrlMap, resource: &str) {
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (pattern, entry) in map.hosts.iter().filter(|(own, _)| wrong_host(own).is_none()) {
            let at = entry.key_span;
            let name = without_port(pattern).to_ascii_lowercase();
            if !has_names(&name) {
                let message = format!("no host name matches `{pattern}`");
                let finding = HOST_NEVER_MATCHES.finding(message).at(at);
                self.report(finding.resource(resource));
            }
            match seen.entry(name) {
                Entry::Vacant(vacant) => {
                    vacant.insert(at);
                }
                Entry::Occupied(first) => {
                    let message = format!("the host rule `{pattern}` of {resource} never applies");
                    let finding = HOST_NEVER_MATCHES.finding(message).at(at);
                    let finding = finding.also(*first.get(), "has the same hosts");
                    self.report(finding.resource(resource));
                }
            }
        }
    }

    fn path_rules(&mut self, paths: &Map<Route>, resource: &str) {
        for (pattern, entry) in paths.iter().filter(|(own, _)| wrong_path(own).is_none()) {
            if pattern.contains(['?', '#']) {
                let message = format!("no path matches `{pattern}`");
                let finding = PATH_NEVER_MATCHES.finding(message).at(entry.key_span);
                let help = "match parameters of the query by a route rule";
                self.report(finding.help(help).resource(resource));
            }
        }
    }

    fn path_matchers(&mut self, map: &UrlMap, resource: &str) {
        for (name, entry) in &map.path_matchers {
            self.path_rules(&entry.value.paths, resource);
            let mut rules = map.hosts.values().filter_map(|rule| rule.path_matcher.as_ref());
            if !rules.any(|named| *named.value == **name) {
                let message =
                    format!("the path matcher `{name}` of {resource} is named by no host rule");
                let finding = UNUSED_PATH_MATCHER.finding(message).at(entry.key_span);
                let help = format!("name it in `hosts`, as `\"*\": {name}` for every host");
                self.report(finding.help(help).resource(resource));
            }
        }
    }
}

/// Whether some host name matches a pattern: no label is empty or longer than 63 characters, and
/// the whole is no longer than 253.
fn has_names(pattern: &str) -> bool {
    let (open, rest) = match pattern.strip_prefix('*') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let least = if open { 1 } else { 0 };
    let mut labels = rest.split('.').enumerate();
    rest.is_empty()
        || (rest.len() + least <= 253
            && labels.all(|(at, label)| {
                let begun = open && at == 0;
                label.len() <= 63 && (begun || !label.is_empty())
            }))
}
