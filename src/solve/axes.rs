//! The axes of the space of requests: what the hops of a graph ask divides them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::address_text;
use super::current::{Current, PathChange};
use super::layout::{Extra, Layout, OTHER_REGION, Patterns};
use super::predicate::Predicate;
use crate::graph::{
    Atom, Body, Expression, FieldChange, Graph, HopId, Origin, Switch, TextField, TextMatch,
};
use crate::sets::{Order, Pattern, SpaceBuilder, address};
use crate::topology::firewall::Protocol;

/// The values that a text of each field may have, as regular expressions.
const HOST: &str = r"[a-z0-9_.:\[\]\-]+";
const PATH: &str = r##"/[!"$-&'-;=@A-Z\[\]^-~<>\\]*"##;
const QUERY: &str = r##"[!"$-~]*"##;
const METHOD: &str = "[A-Z]+";
const HEADER: &str = "[ -~]*";

/// What was found in the graph that divides axes.
pub(super) struct AxisDivision {
    exact: HashSet<(TextAxis, String), FxBuildHasher>,
    affix: HashSet<(TextAxis, String), FxBuildHasher>,
    patterns: HashSet<(TextAxis, Pattern), FxBuildHasher>,
    sources: HashSet<ipnet::IpNet, FxBuildHasher>,
    destinations: HashSet<ipnet::IpNet, FxBuildHasher>,
    /// Headers that are taken for an address, with the ranges of each test.
    address_tests: BTreeMap<Box<str>, BTreeSet<Box<[ipnet::IpNet]>>>,
    ports: BTreeSet<(u16, u16)>,
    numbers: BTreeSet<(u32, u32)>,
    regions: BTreeSet<Box<str>>,
    headers: BTreeSet<Box<str>>,
    /// Whether sets decide on the path before they decide on the source address.
    path_first: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum TextAxis {
    Host,
    Path,
    Query,
    Method,
    Header(Box<str>),
}

fn text_axis(field: &TextField) -> TextAxis {
    match field {
        TextField::Host => TextAxis::Host,
        TextField::Path => TextAxis::Path,
        TextField::Query => TextAxis::Query,
        TextField::Method => TextAxis::Method,
        TextField::Header(name) if &**name == "host" => TextAxis::Host,
        TextField::Header(name) => TextAxis::Header(name.clone()),
    }
}

impl AxisDivision {
    /// What the hops of a graph ask.
    pub fn new(graph: &Graph) -> Self {
        let mut axes = AxisDivision {
            exact: HashSet::default(),
            affix: HashSet::default(),
            patterns: HashSet::default(),
            sources: HashSet::default(),
            destinations: HashSet::default(),
            address_tests: BTreeMap::new(),
            ports: BTreeSet::new(),
            numbers: BTreeSet::new(),
            regions: BTreeSet::new(),
            headers: BTreeSet::new(),
            path_first: path_first(graph),
        };
        for (_, expression) in graph.expressions.iter() {
            if let Expression::Atom(atom) = expression {
                axes.atom(atom);
            }
        }
        for hop in graph.hops.node_weights() {
            axes.body(&hop.body);
        }
        axes.rewritten(graph);
        axes
    }

    fn atom(&mut self, atom: &Atom) {
        match atom {
            Atom::Source(ranges) => self.sources.extend(ranges.iter().copied()),
            Atom::Destination(ranges) => self.destinations.extend(ranges.iter().copied()),
            Atom::UserAddress { ranges, headers } => {
                self.sources.extend(ranges.iter().copied());
                for header in headers {
                    self.address_tests.entry(header.clone()).or_default().insert(ranges.clone());
                }
            }
            Atom::Port(ranges) => self.ports.extend(ranges.iter().copied()),
            Atom::Asn(ranges) => self.numbers.extend(ranges.iter().copied()),
            Atom::Region(regions) => self.regions.extend(regions.iter().cloned()),
            Atom::Text(text, matched) => self.text(text, matched),
            Atom::Present(TextField::Header(name)) => {
                self.headers.insert(name.clone());
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &TextField, matched: &TextMatch) {
        let field = text_axis(text);
        if let TextAxis::Header(name) = &field {
            self.headers.insert(name.clone());
        }
        let predicate = Predicate::of(matched, field == TextAxis::Host);
        self.predicate(&field, &predicate);
    }

    fn predicate(&mut self, field: &TextAxis, predicate: &Predicate) {
        predicate.leaves(&mut |leaf| match leaf {
            Predicate::Exact(text) => {
                self.exact.insert((field.clone(), text.clone()));
            }
            Predicate::Affix(text) if !text.is_empty() => {
                self.affix.insert((field.clone(), text.clone()));
            }
            Predicate::Pattern(pattern) => {
                self.patterns.insert((field.clone(), pattern.clone()));
            }
            _ => {}
        });
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Switch(Switch::Host { exact, suffixes, .. }) => {
                for (host, _) in exact {
                    self.exact.insert((TextAxis::Host, host.to_string()));
                }
                for (suffix, _) in suffixes.iter().filter(|(suffix, _)| !suffix.is_empty()) {
                    // The part before the suffix may not be empty.
                    self.exact.insert((TextAxis::Host, suffix.to_string()));
                    self.affix.insert((TextAxis::Host, suffix.to_string()));
                }
            }
            Body::Switch(Switch::Path { exact, prefixes, .. }) => {
                for (path, _) in exact {
                    self.exact.insert((TextAxis::Path, path.to_string()));
                }
                for (prefix, _) in prefixes {
                    self.affix.insert((TextAxis::Path, prefix.to_string()));
                }
            }
            Body::Switch(Switch::Destination { ranges, .. }) => {
                self.destinations.extend(ranges.iter().map(|(range, _)| *range));
            }
            _ => {}
        }
    }

    /// What hops behind a rewrite of the path ask of the path before it.
    fn rewritten(&mut self, graph: &Graph) {
        let rewrites = graph.hops.node_indices().filter(|hop| match &graph.hops[*hop].body {
            Body::Rewrite { changes, .. } => {
                changes.iter().any(|change| matches!(change, FieldChange::PathPrefix { .. }))
            }
            _ => false,
        });
        let mut seen: HashSet<(HopId, Vec<PathChange>)> = HashSet::new();
        let mut rest: Vec<(HopId, Vec<PathChange>)> =
            rewrites.map(|hop| (hop, Vec::new())).collect();
        while let Some((hop, path)) = rest.pop() {
            if !seen.insert((hop, path.clone())) {
                continue;
            }
            let mut path = path;
            match &graph.hops[hop].body {
                Body::Rewrite { changes, .. } => {
                    let mut current = Current::start(Origin::Internet);
                    current.path = path;
                    path = current.after(changes).path;
                }
                Body::Gate { list, .. } => {
                    for rule in &graph.list(*list).rules {
                        self.paths_asked(graph, rule.when, &path);
                    }
                }
                Body::Switch(Switch::FirstMatch { branches, .. }) => {
                    for (when, _) in branches {
                        self.paths_asked(graph, *when, &path);
                    }
                }
                Body::Switch(Switch::Path { exact, prefixes, .. }) => {
                    for (text, _) in exact {
                        self.before(&path, Predicate::Exact(text.to_string()));
                    }
                    for (text, _) in prefixes {
                        self.before(&path, Predicate::Affix(text.to_string()));
                    }
                }
                _ => {}
            }
            rest.extend(
                graph.hops[hop].body.successors().into_iter().map(|next| (next, path.clone())),
            );
        }
    }

    fn paths_asked(
        &mut self,
        graph: &Graph,
        expression: crate::graph::ExpressionId,
        path: &[PathChange],
    ) {
        match graph.expressions.get(expression) {
            Expression::Not(part) => self.paths_asked(graph, *part, path),
            Expression::All(parts) | Expression::Any(parts) => {
                for part in parts {
                    self.paths_asked(graph, *part, path);
                }
            }
            Expression::Atom(Atom::Text(TextField::Path, matched)) => {
                self.before(path, Predicate::of(matched, false));
            }
            _ => {}
        }
    }

    fn before(&mut self, path: &[PathChange], predicate: Predicate) {
        if let Some(predicate) = before_changes(predicate, path) {
            self.predicate(&TextAxis::Path, &predicate);
        }
    }

    /// The space that tells all that apart, and what is asked besides.
    pub fn draw(mut self, graph: &Graph, extra: &Extra) -> Layout {
        let lower = |host: &String| (TextAxis::Host, host.to_ascii_lowercase());
        self.exact.extend(extra.hosts.iter().map(lower));
        let named = graph.names.hosts().map(|host| (TextAxis::Host, host.to_string()));
        self.exact.extend(named);
        self.exact.extend(extra.paths.iter().map(|path| (TextAxis::Path, path.clone())));
        self.affix.extend(extra.path_prefixes.iter().map(|path| (TextAxis::Path, path.clone())));
        self.exact.extend(extra.methods.iter().map(|method| (TextAxis::Method, method.clone())));
        for method in ["GET", "POST"] {
            self.exact.insert((TextAxis::Method, method.into()));
        }
        self.sources.extend(extra.sources.iter().copied());
        self.destinations.extend(extra.destinations.iter().copied());
        self.ports.extend(extra.ports.iter().map(|port| (*port, *port)));
        self.regions.extend(extra.regions.iter().map(|region| region.to_uppercase().into()));

        for (name, tests) in std::mem::take(&mut self.address_tests) {
            let field = text_axis(&TextField::Header(name.clone()));
            if field != TextAxis::Host && !self.headers.contains(&name) {
                self.address_tests.insert(name, tests);
                continue;
            }
            self.predicate(&field, &address_text::is_address());
            for ranges in tests {
                self.predicate(&field, &address_text::in_ranges(&ranges));
            }
        }

        let mut builder = SpaceBuilder::new();
        let text = |builder: &mut SpaceBuilder, name: &str, order, alphabet, optional| {
            // The alphabets are constants, which a test compiles.
            match builder.text(name, order, alphabet, optional) {
                Ok(axis) => axis,
                Err(_) => builder.flag(name),
            }
        };
        let identities = &graph.identities;
        let host = text(&mut builder, "host", Order::Reverse, HOST, false);
        let credential = builder.values("credential", identities.credentials().len() as u32);
        let principal = builder.values("principal", identities.principals().len() as u32);
        let destination = builder.addresses("destination");
        let port = builder.numbers("port", u16::MAX.into());
        let protocol = builder.values("protocol", Protocol::ALL.len() as u32);
        let https = builder.flag("https");
        let path_axis =
            |builder: &mut SpaceBuilder| text(builder, "path", Order::Forward, PATH, false);
        let early = self.path_first.then(|| path_axis(&mut builder));
        let source = builder.addresses("source");
        let regions: Vec<Box<str>> =
            std::iter::once(OTHER_REGION.into()).chain(self.regions).collect();
        let region = builder.values("region", regions.len() as u32);
        let asn = builder.numbers("asn", u32::MAX.into());
        let path = early.unwrap_or_else(|| path_axis(&mut builder));
        let method = text(&mut builder, "method", Order::Forward, METHOD, false);
        let query = text(&mut builder, "query", Order::Forward, QUERY, false);
        let mut headers = BTreeMap::new();
        for name in self.headers {
            let axis = text(&mut builder, &format!("header {name}"), Order::Forward, HEADER, true);
            headers.insert(name, axis);
        }
        let mut address_headers = BTreeMap::new();
        for (name, tests) in self.address_tests {
            let valid = builder.flag(format!("header {name} is an address"));
            let axis = builder.addresses(format!("header {name}"));
            for range in tests.iter().flatten().flat_map(|range| address::ranges(*range)) {
                builder.range(axis, range.0, range.1);
            }
            address_headers.insert(name, (valid, axis));
        }
        let conditions =
            graph.conditions.iter().map(|each| builder.flag(each.to_string())).collect();
        let choices = graph
            .choices
            .iter()
            .map(|choice| builder.values(choice.kind.name(), choice.branches.len() as u32))
            .collect();
        let assumptions =
            graph.assumptions.iter().map(|each| builder.flag(each.id.as_str())).collect();

        let defaults = graph.assumptions.iter().map(|each| each.default.unwrap_or(false)).collect();

        let axis_of = |field: &TextAxis| match field {
            TextAxis::Host => Some(host),
            TextAxis::Path => Some(path),
            TextAxis::Query => Some(query),
            TextAxis::Method => Some(method),
            TextAxis::Header(name) => headers.get(name).copied(),
        };
        for (field, text) in &self.exact {
            if let Some(axis) = axis_of(field) {
                builder.exact(axis, text);
            }
        }
        for (field, text) in &self.affix {
            if let Some(axis) = axis_of(field) {
                builder.prefix(axis, text);
            }
        }
        let mut ordered: Vec<&(TextAxis, Pattern)> = self.patterns.iter().collect();
        ordered.sort_by(|one, other| {
            let key = |each: &(TextAxis, Pattern)| {
                (each.1.regex.clone(), each.1.strip.clone(), each.1.prepend.clone())
            };
            key(one).cmp(&key(other))
        });
        let mut patterns = Patterns::default();
        for (field, pattern) in ordered {
            if let Some(axis) = axis_of(field) {
                let id = builder.pattern(axis, pattern.clone()).ok();
                patterns.insert((axis, pattern.clone()), id);
            }
        }
        for range in self.sources.into_iter().flat_map(address::ranges) {
            builder.range(source, range.0, range.1);
        }
        for range in self.destinations.into_iter().flat_map(address::ranges) {
            builder.range(destination, range.0, range.1);
        }
        for (low, high) in self.ports {
            builder.range(port, low.into(), high.into());
        }
        for (low, high) in self.numbers {
            builder.range(asn, low.into(), high.into());
        }
        Layout {
            space: Arc::new(builder.build()),
            host,
            credential,
            principal,
            destination,
            port,
            protocol,
            https,
            source,
            region,
            asn,
            path,
            method,
            query,
            headers,
            address_headers,
            conditions,
            choices,
            assumptions,
            regions,
            defaults,
            patterns,
        }
    }
}

/// Whether to decide on the path before the source address.
///
/// A route restricts the path, a policy the address, and both meet on every path through a load
/// balancer. With the address first, each route makes its own copy of the policy's ranges; with the
/// path first, each path that a policy asks for makes one. Estates have many routes and policies
/// with few paths, a single large policy has it the other way round; the smaller estimate decides.
fn path_first(graph: &Graph) -> bool {
    let mut tests: Vec<(u64, u64)> = Vec::with_capacity(graph.expressions.len());
    for (_, expression) in graph.expressions.iter() {
        let sum = |parts: &[crate::graph::ExpressionId]| {
            parts.iter().fold((0, 0), |sum: (u64, u64), part| {
                let of = tests[part.0 as usize];
                (sum.0 + of.0, sum.1 + of.1)
            })
        };
        tests.push(match expression {
            Expression::Atom(Atom::Text(TextField::Path, _)) => (1, 0),
            Expression::Atom(Atom::Source(ranges) | Atom::UserAddress { ranges, .. }) => {
                (0, ranges.len() as u64)
            }
            Expression::Not(part) => tests[part.0 as usize],
            Expression::All(parts) | Expression::Any(parts) => sum(parts),
            _ => (0, 0),
        });
    }
    let (mut copies_by_path, mut ranges, mut policies) = (0u64, 0u64, 0u64);
    for list in &graph.lists {
        let of = list.rules.iter().fold((0u64, 0u64), |sum, rule| {
            let of = tests[rule.when.0 as usize];
            (sum.0 + of.0, sum.1 + of.1)
        });
        if of.1 > 0 {
            copies_by_path += of.0 * of.1;
            ranges += of.1;
            policies += 1;
        }
    }
    let mut routes = 0u64;
    for hop in graph.hops.node_weights() {
        routes += match &hop.body {
            Body::Switch(Switch::Path { exact, prefixes, .. }) => {
                (exact.len() + prefixes.len()) as u64
            }
            Body::Switch(Switch::FirstMatch { branches, .. }) => {
                branches.iter().map(|(when, _)| tests[when.0 as usize].0).sum()
            }
            _ => 0,
        };
    }
    let copies_by_route = routes * ranges.checked_div(policies).unwrap_or(0);
    copies_by_path <= copies_by_route
}

/// What a test of the current path asks of the caller's path; `None` if a rewrite made it
/// independent of that.
pub(super) fn before_changes(mut predicate: Predicate, path: &[PathChange]) -> Option<Predicate> {
    for change in path.iter().rev() {
        match change {
            PathChange::Whole(_) => return None,
            PathChange::Prefix { from, to } => predicate = predicate.before_rewrite(from, to),
        }
    }
    Some(predicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabets_are_regular_expressions() {
        let mut builder = SpaceBuilder::new();
        for (alphabet, valid, invalid) in [
            (HOST, "www.example.com", "WWW"),
            (PATH, "/a/b;c=<d>\\'\"", "/a?b"),
            (PATH, "/a(b)*,-./:@[]^_`{|}~", "/a#b"),
            (QUERY, "a=b&c=%20?", "a#b"),
            (METHOD, "GET", "get"),
            (HEADER, "", "\n"),
        ] {
            let axis = builder.text("axis", Order::Forward, alphabet, false);
            let axis = axis.unwrap_or_else(|error| panic!("{alphabet}: {error}"));
            let space = {
                let mut builder = SpaceBuilder::new();
                let axis = builder.text("axis", Order::Forward, alphabet, false);
                (builder.build(), axis)
            };
            let axis = space.1.unwrap_or(axis);
            assert!(space.0.is_valid(axis, valid), "{alphabet} {valid}");
            assert!(!space.0.is_valid(axis, invalid), "{alphabet} {invalid}");
        }
    }
}
