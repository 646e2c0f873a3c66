//! The space of requests of one graph: its axes, and what they are divided by.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;

use super::address_text;
use super::current::{Current, PathChange};
use super::predicate::Predicate;
use crate::graph::{
    Atom, Body, Change, ConditionId, Expression, Graph, HopId, Origin, Placeholders, Request,
    Switch, TextField, TextMatch,
};
use crate::sets::{
    Assignment, Axis, Order, Pattern, PatternId, Set, Sets, Space, SpaceBuilder, Value, address,
};

type Map<K, V> = HashMap<K, V, FxBuildHasher>;

/// The values that a text of each field may have, as regular expressions.
const HOST: &str = r"[a-z0-9_.:\[\]\-]+";
const PATH: &str = r##"/[!"$-&'-;=@A-Z\[\]^-~<>\\]*"##;
const QUERY: &str = r##"[!"$-~]*"##;
const METHOD: &str = "[A-Z]+";
const HEADER: &str = "[ -~]*";

/// The region of a source address that no rule names.
pub const OTHER_REGION: &str = "";

/// The axes of the space of requests, in the order in which sets decide on them: what most hops
/// ask first.
#[derive(Debug)]
pub struct Layout {
    /// The space.
    pub space: Arc<Space>,
    /// The host.
    pub host: Axis,
    /// The class of the credential.
    pub credential: Axis,
    /// The class of the principal.
    pub principal: Axis,
    /// The destination address.
    pub destination: Axis,
    /// The port.
    pub port: Axis,
    /// Whether it is HTTPS.
    pub https: Axis,
    /// The source address.
    pub source: Axis,
    /// The region of the source address, an index into [`Layout::regions`].
    pub region: Axis,
    /// The autonomous system of the source address.
    pub asn: Axis,
    /// The path.
    pub path: Axis,
    /// The method.
    pub method: Axis,
    /// The query.
    pub query: Axis,
    /// Headers that some rule asks for as text, by name.
    pub headers: BTreeMap<Box<str>, Axis>,
    /// Headers that rules only take for an address: whether it is one, and which. One that some
    /// rule also asks for as text is among [`headers`](Self::headers) alone.
    pub address_headers: BTreeMap<Box<str>, (Axis, Axis)>,
    /// Free properties, by index; ascending.
    pub conditions: Vec<Axis>,
    /// Choices of the platform, by index; ascending.
    pub choices: Vec<Axis>,
    /// Assumptions, by index; ascending.
    pub assumptions: Vec<Axis>,
    /// The regions that rules name; the first stands for all others.
    pub regions: Vec<Box<str>>,
    /// What holds of assumptions that a request says nothing of, by index.
    defaults: Vec<bool>,
    patterns: Map<(Axis, Pattern), Option<PatternId>>,
}

impl Layout {
    /// The space that tells apart what the graph's hops tell apart, and what the caller of the
    /// solver asks besides (`extra`).
    pub fn new(graph: &Graph, extra: &Extra) -> Self {
        Drawing::new(graph).draw(graph, extra)
    }

    /// The axis of a text field.
    pub fn text_axis(&self, field: &TextField) -> Option<Axis> {
        Some(match field {
            TextField::Host => self.host,
            TextField::Path => self.path,
            TextField::Query => self.query,
            TextField::Method => self.method,
            TextField::Header(name) if &**name == "host" => self.host,
            TextField::Header(name) => *self.headers.get(name)?,
        })
    }

    /// The set of texts that satisfy a predicate.
    pub(super) fn texts(&self, sets: &mut Sets, axis: Axis, predicate: &Predicate) -> Set {
        match predicate {
            Predicate::Constant(true) => Set::FULL,
            Predicate::Constant(false) => Set::EMPTY,
            Predicate::Exact(text) => declared(sets.exact(axis, text)),
            Predicate::Affix(text) if text.is_empty() => {
                if self.is_header(axis) {
                    sets.present(axis)
                } else {
                    Set::FULL
                }
            }
            Predicate::Affix(text) => declared(sets.prefix(axis, text)),
            Predicate::Pattern(pattern) => {
                match self.patterns.get(&(axis, pattern.clone())) {
                    Some(Some(pattern)) => sets.pattern(*pattern),
                    // A pattern that cannot be compiled matches nothing, in both engines.
                    _ => Set::EMPTY,
                }
            }
            Predicate::Both(parts) => {
                let one = self.texts(sets, axis, &parts.0);
                let other = self.texts(sets, axis, &parts.1);
                sets.and(one, other)
            }
            Predicate::Either(parts) => {
                let one = self.texts(sets, axis, &parts.0);
                let other = self.texts(sets, axis, &parts.1);
                sets.or(one, other)
            }
            Predicate::Not(part) => {
                let part = self.texts(sets, axis, part);
                sets.not(part)
            }
        }
    }

    fn is_header(&self, axis: Axis) -> bool {
        self.headers.values().any(|header| *header == axis)
    }

    /// The point of the space that a request is.
    pub fn point(&self, request: &Request) -> Assignment {
        let mut values = vec![Value::Absent; self.space.axes().count()];
        let order: Vec<Axis> = self.space.axes().collect();
        let index: Map<Axis, usize> =
            order.iter().enumerate().map(|(at, axis)| (*axis, at)).collect();
        let mut put = |axis: Axis, value: Value| {
            if let Some(at) = index.get(&axis) {
                values[*at] = value;
            }
        };
        put(self.host, Value::Text(request.host.clone()));
        put(self.credential, Value::Index(request.credential));
        put(self.principal, Value::Index(request.principal));
        put(self.destination, Value::Address(request.destination));
        put(self.port, Value::Number(request.port.into()));
        put(self.https, Value::Flag(request.https));
        put(self.source, Value::Address(request.source));
        let region = self.regions.iter().position(|region| **region == *request.region);
        put(self.region, Value::Index(region.unwrap_or(0) as u32));
        put(self.asn, Value::Number(request.asn.into()));
        put(self.path, Value::Text(request.path.clone()));
        put(self.method, Value::Text(request.method.clone()));
        put(self.query, Value::Text(request.query.clone()));
        for (name, axis) in &self.headers {
            let value = request.headers.get(&**name);
            put(*axis, value.map_or(Value::Absent, |value| Value::Text(value.clone())));
        }
        for (name, (valid, axis)) in &self.address_headers {
            let parsed: Option<IpAddr> =
                request.headers.get(&**name).and_then(|value| value.parse().ok());
            let parsed = parsed.map(|address| address.to_canonical());
            put(*valid, Value::Flag(parsed.is_some()));
            let none = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
            put(*axis, Value::Address(parsed.unwrap_or(none)));
        }
        for (at, axis) in self.conditions.iter().enumerate() {
            put(*axis, Value::Flag(request.conditions.contains(&ConditionId(at as u32))));
        }
        for (at, axis) in self.choices.iter().enumerate() {
            put(*axis, Value::Index(request.choices.get(at).copied().unwrap_or(0)));
        }
        for (at, axis) in self.assumptions.iter().enumerate() {
            let default = self.defaults.get(at).copied().unwrap_or(false);
            put(*axis, Value::Flag(request.assumptions.get(at).copied().unwrap_or(default)));
        }
        Assignment::new(&self.space, values)
    }

    /// The request that a point of the space is.
    pub fn request(&self, point: &Assignment) -> Request {
        let text = |axis: Axis| match point.get(axis) {
            Value::Text(text) => text.clone(),
            _ => String::new(),
        };
        let index = |axis: Axis| match point.get(axis) {
            Value::Index(index) => *index,
            _ => 0,
        };
        let number = |axis: Axis| match point.get(axis) {
            Value::Number(number) => *number,
            _ => 0,
        };
        let flag = |axis: Axis| matches!(point.get(axis), Value::Flag(true));
        let address = |axis: Axis| match point.get(axis) {
            Value::Address(address) => *address,
            _ => IpAddr::V4(Placeholders::ELSEWHERE),
        };
        let mut headers = BTreeMap::new();
        for (name, axis) in &self.headers {
            if let Value::Text(value) = point.get(*axis) {
                headers.insert(name.to_string(), value.clone());
            }
        }
        for (name, (valid, axis)) in &self.address_headers {
            if flag(*valid) {
                headers.insert(name.to_string(), address(*axis).to_string());
            }
        }
        let set = |axes: &[Axis]| -> Vec<u32> {
            (0..axes.len() as u32).filter(|at| flag(axes[*at as usize])).collect()
        };
        Request {
            source: address(self.source),
            destination: address(self.destination),
            port: number(self.port) as u16,
            https: flag(self.https),
            host: text(self.host),
            path: text(self.path),
            query: text(self.query),
            method: text(self.method),
            headers,
            region: self
                .regions
                .get(index(self.region) as usize)
                .map_or(String::new(), |r| r.to_string()),
            asn: number(self.asn) as u32,
            principal: index(self.principal),
            credential: index(self.credential),
            conditions: set(&self.conditions).into_iter().map(ConditionId).collect(),
            assumptions: self.assumptions.iter().map(|axis| flag(*axis)).collect(),
            choices: self.choices.iter().map(|axis| index(*axis)).collect(),
        }
    }

    /// Every axis of the request itself: all but assumptions.
    pub fn request_axes(&self) -> Vec<Axis> {
        self.space.axes().filter(|axis| !self.assumptions.contains(axis)).collect()
    }
}

/// What a declared axis answers; a text that was never declared is in no set, which a debug build
/// reports.
pub(super) fn declared(set: Result<Set, crate::sets::Undeclared>) -> Set {
    match set {
        Ok(set) => set,
        Err(undeclared) => {
            debug_assert!(false, "{undeclared}");
            Set::EMPTY
        }
    }
}

/// What a question asks besides what the graph asks.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// Hosts.
    pub hosts: Vec<String>,
    /// Paths, and beginnings of paths.
    pub paths: Vec<String>,
    /// Beginnings of paths.
    pub path_prefixes: Vec<String>,
    /// Methods.
    pub methods: Vec<String>,
    /// Ranges of source addresses.
    pub sources: Vec<ipnet::IpNet>,
    /// Ranges of destination addresses.
    pub destinations: Vec<ipnet::IpNet>,
    /// Ports.
    pub ports: Vec<u16>,
    /// Regions.
    pub regions: Vec<String>,
}

/// What was found in the graph that divides axes.
struct Drawing {
    exact: HashSet<(Field, String), FxBuildHasher>,
    affix: HashSet<(Field, String), FxBuildHasher>,
    patterns: HashSet<(Field, Pattern), FxBuildHasher>,
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
enum Field {
    Host,
    Path,
    Query,
    Method,
    Header(Box<str>),
}

fn field(field: &TextField) -> Field {
    match field {
        TextField::Host => Field::Host,
        TextField::Path => Field::Path,
        TextField::Query => Field::Query,
        TextField::Method => Field::Method,
        TextField::Header(name) if &**name == "host" => Field::Host,
        TextField::Header(name) => Field::Header(name.clone()),
    }
}

impl Drawing {
    fn new(graph: &Graph) -> Self {
        let mut drawing = Drawing {
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
                drawing.atom(atom);
            }
        }
        for hop in graph.hops.node_weights() {
            drawing.body(&hop.body);
        }
        drawing.rewritten(graph);
        drawing
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
        let field = field(text);
        if let Field::Header(name) = &field {
            self.headers.insert(name.clone());
        }
        let predicate = Predicate::of(matched, field == Field::Host);
        self.predicate(&field, &predicate);
    }

    fn predicate(&mut self, field: &Field, predicate: &Predicate) {
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
                    self.exact.insert((Field::Host, host.to_string()));
                }
                for (suffix, _) in suffixes.iter().filter(|(suffix, _)| !suffix.is_empty()) {
                    // The part before the suffix may not be empty.
                    self.exact.insert((Field::Host, suffix.to_string()));
                    self.affix.insert((Field::Host, suffix.to_string()));
                }
            }
            Body::Switch(Switch::Path { exact, prefixes, .. }) => {
                for (path, _) in exact {
                    self.exact.insert((Field::Path, path.to_string()));
                }
                for (prefix, _) in prefixes {
                    self.affix.insert((Field::Path, prefix.to_string()));
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
                changes.iter().any(|change| matches!(change, Change::PathPrefix { .. }))
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
            self.predicate(&Field::Path, &predicate);
        }
    }

    fn draw(mut self, graph: &Graph, extra: &Extra) -> Layout {
        let lower = |host: &String| (Field::Host, host.to_ascii_lowercase());
        self.exact.extend(extra.hosts.iter().map(lower));
        let named = graph.names.hosts().map(|host| (Field::Host, host.to_string()));
        self.exact.extend(named);
        self.exact.extend(extra.paths.iter().map(|path| (Field::Path, path.clone())));
        self.affix.extend(extra.path_prefixes.iter().map(|path| (Field::Path, path.clone())));
        self.exact.extend(extra.methods.iter().map(|method| (Field::Method, method.clone())));
        for method in ["GET", "POST"] {
            self.exact.insert((Field::Method, method.into()));
        }
        self.sources.extend(extra.sources.iter().copied());
        self.destinations.extend(extra.destinations.iter().copied());
        self.ports.extend(extra.ports.iter().map(|port| (*port, *port)));
        self.regions.extend(extra.regions.iter().map(|region| region.to_uppercase().into()));

        for (name, tests) in std::mem::take(&mut self.address_tests) {
            let field = field(&TextField::Header(name.clone()));
            if field != Field::Host && !self.headers.contains(&name) {
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
            graph.conditions.iter().map(|each| builder.flag(each.name.as_str())).collect();
        let choices = graph
            .choices
            .iter()
            .map(|choice| builder.values(choice.text.as_str(), choice.branches.len() as u32))
            .collect();
        let assumptions =
            graph.assumptions.iter().map(|each| builder.flag(each.id.as_str())).collect();

        let defaults = graph.assumptions.iter().map(|each| each.default.unwrap_or(false)).collect();

        let axis_of = |field: &Field| match field {
            Field::Host => Some(host),
            Field::Path => Some(path),
            Field::Query => Some(query),
            Field::Method => Some(method),
            Field::Header(name) => headers.get(name).copied(),
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
        let mut ordered: Vec<&(Field, Pattern)> = self.patterns.iter().collect();
        ordered.sort_by(|one, other| {
            let key = |each: &(Field, Pattern)| {
                (each.1.regex.clone(), each.1.strip.clone(), each.1.prepend.clone())
            };
            key(one).cmp(&key(other))
        });
        let mut patterns: Map<(Axis, Pattern), Option<PatternId>> = Map::default();
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
