//! A space with every kind of axis, and random expressions and points in it.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{
    Assignment, Axis, Order, Pattern, PatternId, PointValue, Set, Sets, Space, SpaceBuilder,
    address,
};

pub(super) const HOSTS: [&str; 4] = ["www.example.com", "api.example.com", "example.com", "a.test"];
pub(super) const SUFFIXES: [&str; 3] = [".example.com", ".com", "test"];
pub(super) const HOST_PATTERNS: [&str; 2] = ["[a-z]+\\.example\\.com", "a.*"];
pub(super) const PATHS: [&str; 4] = ["/", "/a", "/a/b", "/shop/1"];
pub(super) const PREFIXES: [&str; 4] = ["/a", "/a/", "/shop/", ""];
pub(super) const PATH_PATTERNS: [&str; 3] = ["/a/.*", "/shop/[0-9]+", ".*[0-9]"];
pub(super) const HEADERS: [&str; 2] = ["yes", "no"];
pub(super) const NETWORKS: [&str; 5] =
    ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "2001:db8::/32", "::/0"];

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Host(usize),
    Suffix(usize),
    HostPattern(usize),
    Path(usize),
    Prefix(usize),
    PathPattern(usize),
    Header(usize),
    HeaderAbsent,
    HeaderPattern,
    Network(usize),
    Ports(usize),
    Region(Vec<u32>),
    Flag(bool),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Minus(Box<Self>, Box<Self>),
    Xor(Box<Self>, Box<Self>),
}

pub(super) const PORTS: [(u64, u64); 3] = [(80, 80), (1, 1023), (443, 65535)];

pub(super) struct World {
    pub host: Axis,
    pub source: Axis,
    pub region: Axis,
    pub path: Axis,
    pub header: Axis,
    pub port: Axis,
    pub flags: [Axis; 2],
    pub host_patterns: Vec<PatternId>,
    pub path_patterns: Vec<PatternId>,
    pub header_pattern: PatternId,
    pub space: Arc<Space>,
}

pub(super) fn world() -> &'static World {
    static WORLD: LazyLock<World> = LazyLock::new(build);
    &WORLD
}

fn build() -> World {
    let mut builder = SpaceBuilder::new();
    let host = builder.text("host", Order::Reverse, "[a-z]+(\\.[a-z]+)*", false).unwrap();
    let source = builder.addresses("source");
    let region = builder.values("region", 5);
    let path = builder.text("path", Order::Forward, "/[a-z0-9/]*", false).unwrap();
    let header = builder.text("header", Order::Forward, "[a-z]*", true).unwrap();
    let port = builder.numbers("port", 65535);
    let flags = [builder.flag("waf"), builder.flag("trusted")];
    HOSTS.iter().for_each(|value| builder.exact(host, value));
    SUFFIXES.iter().for_each(|value| builder.prefix(host, value));
    PATHS.iter().for_each(|value| builder.exact(path, value));
    PREFIXES.iter().for_each(|value| builder.prefix(path, value));
    HEADERS.iter().for_each(|value| builder.exact(header, value));
    for (low, high) in NETWORKS.iter().flat_map(|net| address::ranges(net.parse().unwrap())) {
        builder.range(source, low, high);
    }
    PORTS.iter().for_each(|(low, high)| builder.range(port, (*low).into(), (*high).into()));
    let mut pattern = |axis, regex: &str| builder.pattern(axis, Pattern::new(regex)).unwrap();
    let host_patterns = HOST_PATTERNS.iter().map(|regex| pattern(host, regex)).collect();
    let path_patterns = PATH_PATTERNS.iter().map(|regex| pattern(path, regex)).collect();
    let header_pattern = pattern(header, "y.*");
    let space = Arc::new(builder.build());
    World {
        host,
        source,
        region,
        path,
        header,
        port,
        flags,
        host_patterns,
        path_patterns,
        header_pattern,
        space,
    }
}

impl World {
    pub fn set(&self, sets: &mut Sets, expression: &Expression) -> Set {
        use Expression as E;
        let both = |sets: &mut Sets, a: &E, b: &E| (self.set(sets, a), self.set(sets, b));
        match expression {
            E::Host(index) => sets.exact(self.host, HOSTS[*index]).unwrap(),
            E::Suffix(index) => sets.prefix(self.host, SUFFIXES[*index]).unwrap(),
            E::HostPattern(index) => sets.pattern(self.host_patterns[*index]),
            E::Path(index) => sets.exact(self.path, PATHS[*index]).unwrap(),
            E::Prefix(index) => sets.prefix(self.path, PREFIXES[*index]).unwrap(),
            E::PathPattern(index) => sets.pattern(self.path_patterns[*index]),
            E::Header(index) => sets.exact(self.header, HEADERS[*index]).unwrap(),
            E::HeaderAbsent => sets.absent(self.header),
            E::HeaderPattern => sets.pattern(self.header_pattern),
            E::Network(index) => {
                let ranges: Vec<_> = address::ranges(NETWORKS[*index].parse().unwrap()).collect();
                sets.ranges(self.source, &ranges).unwrap()
            }
            E::Ports(index) => sets.number_ranges(self.port, &[PORTS[*index]]).unwrap(),
            E::Region(values) => sets.one_of(self.region, values).unwrap(),
            E::Flag(which) => sets.flag(self.flags[usize::from(*which)]).unwrap(),
            E::Not(inner) => {
                let inner = self.set(sets, inner);
                sets.not(inner)
            }
            E::And(a, b) => {
                let (a, b) = both(sets, a, b);
                sets.and(a, b)
            }
            E::Or(a, b) => {
                let (a, b) = both(sets, a, b);
                sets.or(a, b)
            }
            E::Minus(a, b) => {
                let (a, b) = both(sets, a, b);
                sets.minus(a, b)
            }
            E::Xor(a, b) => {
                let (a, b) = both(sets, a, b);
                sets.xor(a, b)
            }
        }
    }

    /// The same by looking at the values.
    pub fn holds(&self, point: &Assignment, expression: &Expression) -> bool {
        use Expression as E;
        let text = |axis| match point.get(axis) {
            PointValue::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let (host, path, header) = (text(self.host), text(self.path), text(self.header));
        let whole = |regex: &str, value: Option<&str>| value.is_some_and(|v| matches(regex, v));
        match expression {
            E::Host(index) => host == Some(HOSTS[*index]),
            E::Suffix(index) => host.unwrap().ends_with(SUFFIXES[*index]),
            E::HostPattern(index) => whole(HOST_PATTERNS[*index], host),
            E::Path(index) => path == Some(PATHS[*index]),
            E::Prefix(index) => path.unwrap().starts_with(PREFIXES[*index]),
            E::PathPattern(index) => whole(PATH_PATTERNS[*index], path),
            E::Header(index) => header == Some(HEADERS[*index]),
            E::HeaderAbsent => header.is_none(),
            E::HeaderPattern => header.is_some_and(|header| header.starts_with('y')),
            E::Network(index) => {
                let net: ipnet::IpNet = NETWORKS[*index].parse().unwrap();
                matches!(point.get(self.source), PointValue::Address(it) if net.contains(it))
            }
            E::Ports(index) => {
                let (low, high) = PORTS[*index];
                matches!(point.get(self.port), PointValue::Number(it) if low <= *it && *it <= high)
            }
            E::Region(values) => {
                matches!(point.get(self.region), PointValue::Index(it) if values.contains(it))
            }
            E::Flag(which) => *point.get(self.flags[usize::from(*which)]) == PointValue::Flag(true),
            E::Not(inner) => !self.holds(point, inner),
            E::And(a, b) => self.holds(point, a) && self.holds(point, b),
            E::Or(a, b) => self.holds(point, a) || self.holds(point, b),
            E::Minus(a, b) => self.holds(point, a) && !self.holds(point, b),
            E::Xor(a, b) => self.holds(point, a) != self.holds(point, b),
        }
    }
}

/// Whether the whole value matches, without the tables of the module.
fn matches(regex: &str, value: &str) -> bool {
    use regex_automata::{Anchored, Input, dfa::Automaton, dfa::dense::DFA};
    let dfa = DFA::new(&format!("^(?:{regex})$")).unwrap();
    dfa.try_search_fwd(&Input::new(value).anchored(Anchored::Yes)).unwrap().is_some()
}

pub(super) fn expressions() -> impl Strategy<Value = Expression> {
    use Expression as E;
    let leaf = prop_oneof![
        (0..HOSTS.len()).prop_map(E::Host),
        (0..SUFFIXES.len()).prop_map(E::Suffix),
        (0..HOST_PATTERNS.len()).prop_map(E::HostPattern),
        (0..PATHS.len()).prop_map(E::Path),
        (0..PREFIXES.len()).prop_map(E::Prefix),
        (0..PATH_PATTERNS.len()).prop_map(E::PathPattern),
        (0..HEADERS.len()).prop_map(E::Header),
        Just(E::HeaderAbsent),
        Just(E::HeaderPattern),
        (0..NETWORKS.len()).prop_map(E::Network),
        (0..PORTS.len()).prop_map(E::Ports),
        proptest::collection::vec(0..5u32, 0..4).prop_map(E::Region),
        any::<bool>().prop_map(E::Flag),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            inner.prop_map(|inner| E::Not(Box::new(inner))),
            pair.clone().prop_map(|(a, b)| E::And(a, b)),
            pair.clone().prop_map(|(a, b)| E::Or(a, b)),
            pair.clone().prop_map(|(a, b)| E::Minus(a, b)),
            pair.prop_map(|(a, b)| E::Xor(a, b)),
        ]
    })
}

pub(super) fn points() -> impl Strategy<Value = Vec<PointValue>> {
    let host = prop_oneof![select(HOSTS.to_vec()).prop_map(String::from), "[a-c](\\.test|\\.com)?"];
    let path =
        prop_oneof![select(PATHS.to_vec()).prop_map(String::from), "/(a|shop)?/?[0-9ab]{0,2}"];
    let header = prop_oneof![
        Just(PointValue::Absent),
        select(vec!["yes", "no", "", "yo"]).prop_map(|text| PointValue::Text(text.into()))
    ];
    let source =
        select(vec!["10.1.2.3", "10.2.0.0", "203.0.113.9", "2001:db8::5", "fe80::1", "8.8.8.8"]);
    let port = select(vec![0u64, 1, 80, 443, 1023, 65535]);
    (host, source, 0..5u32, path, header, port, any::<bool>(), any::<bool>()).prop_map(|it| {
        vec![
            PointValue::Text(it.0),
            PointValue::Address(it.1.parse().unwrap()),
            PointValue::Index(it.2),
            PointValue::Text(it.3),
            it.4,
            PointValue::Number(it.5),
            PointValue::Flag(it.6),
            PointValue::Flag(it.7),
        ]
    })
}
