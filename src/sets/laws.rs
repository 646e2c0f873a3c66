//! The laws of the algebra, on random expressions over a space with every kind of axis.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::select;

use super::{
    Assignment, Axis, AxisValues, Order, Pattern, PatternId, Set, Sets, Space, SpaceBuilder,
    TextPiece, Value, address,
};

const HOSTS: [&str; 4] = ["www.example.com", "api.example.com", "example.com", "a.test"];
const SUFFIXES: [&str; 3] = [".example.com", ".com", "test"];
const HOST_PATTERNS: [&str; 2] = ["[a-z]+\\.example\\.com", "a.*"];
const PATHS: [&str; 4] = ["/", "/a", "/a/b", "/shop/1"];
const PREFIXES: [&str; 4] = ["/a", "/a/", "/shop/", ""];
const PATH_PATTERNS: [&str; 3] = ["/a/.*", "/shop/[0-9]+", ".*[0-9]"];
const HEADERS: [&str; 2] = ["yes", "no"];
const NETWORKS: [&str; 5] =
    ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "2001:db8::/32", "::/0"];

#[derive(Clone, Debug)]
enum Expression {
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

const PORTS: [(u64, u64); 3] = [(80, 80), (1, 1023), (443, 65535)];

struct World {
    host: Axis,
    source: Axis,
    region: Axis,
    path: Axis,
    header: Axis,
    port: Axis,
    flags: [Axis; 2],
    host_patterns: Vec<PatternId>,
    path_patterns: Vec<PatternId>,
    header_pattern: PatternId,
    space: Arc<Space>,
}

fn world() -> &'static World {
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
    fn set(&self, sets: &mut Sets, expression: &Expression) -> Set {
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
    fn holds(&self, point: &Assignment, expression: &Expression) -> bool {
        use Expression as E;
        let text = |axis| match point.get(axis) {
            Value::Text(text) => Some(text.as_str()),
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
                matches!(point.get(self.source), Value::Address(it) if net.contains(it))
            }
            E::Ports(index) => {
                let (low, high) = PORTS[*index];
                matches!(point.get(self.port), Value::Number(it) if low <= *it && *it <= high)
            }
            E::Region(values) => {
                matches!(point.get(self.region), Value::Index(it) if values.contains(it))
            }
            E::Flag(which) => *point.get(self.flags[usize::from(*which)]) == Value::Flag(true),
            E::Not(inner) => !self.holds(point, inner),
            E::And(a, b) => self.holds(point, a) && self.holds(point, b),
            E::Or(a, b) => self.holds(point, a) || self.holds(point, b),
            E::Minus(a, b) => self.holds(point, a) && !self.holds(point, b),
            E::Xor(a, b) => self.holds(point, a) != self.holds(point, b),
        }
    }
}

/// Whether the whole value matches, by another engine than the one under test.
fn matches(regex: &str, value: &str) -> bool {
    use regex_automata::nfa::thompson::NFA;
    use regex_automata::{Anchored, Input, dfa::Automaton, dfa::dense::DFA};
    let _ = NFA::never_match();
    let dfa = DFA::new(&format!("^(?:{regex})$")).unwrap();
    dfa.try_search_fwd(&Input::new(value).anchored(Anchored::Yes)).unwrap().is_some()
}

fn expressions() -> impl Strategy<Value = Expression> {
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

fn points() -> impl Strategy<Value = Vec<Value>> {
    let host = prop_oneof![select(HOSTS.to_vec()).prop_map(String::from), "[a-c](\\.test|\\.com)?"];
    let path =
        prop_oneof![select(PATHS.to_vec()).prop_map(String::from), "/(a|shop)?/?[0-9ab]{0,2}"];
    let header = prop_oneof![
        Just(Value::Absent),
        select(vec!["yes", "no", "", "yo"]).prop_map(|text| Value::Text(text.into()))
    ];
    let source =
        select(vec!["10.1.2.3", "10.2.0.0", "203.0.113.9", "2001:db8::5", "fe80::1", "8.8.8.8"]);
    let port = select(vec![0u64, 1, 80, 443, 1023, 65535]);
    (host, source, 0..5u32, path, header, port, any::<bool>(), any::<bool>()).prop_map(|it| {
        vec![
            Value::Text(it.0),
            Value::Address(it.1.parse().unwrap()),
            Value::Index(it.2),
            Value::Text(it.3),
            it.4,
            Value::Number(it.5),
            Value::Flag(it.6),
            Value::Flag(it.7),
        ]
    })
}

proptest! {
    #[test]
    fn sets_hold_what_expressions_say(a in expressions(), values in points()) {
        let world = world();
        let mut sets = Sets::new(Arc::clone(&world.space));
        let set = world.set(&mut sets, &a);
        let point = Assignment::new(&world.space, values);
        prop_assert_eq!(sets.contains(set, &point), world.holds(&point, &a));
        if sets.contains(set, &point) {
            prop_assert!(!sets.is_empty(set));
        }
    }

    #[test]
    fn witnesses_are_points(a in expressions()) {
        let world = world();
        let mut sets = Sets::new(Arc::clone(&world.space));
        let set = world.set(&mut sets, &a);
        match sets.witness(set) {
            Some(point) => {
                prop_assert!(sets.contains(set, &point) && world.holds(&point, &a));
                for axis in [world.host, world.path, world.header] {
                    if let Value::Text(text) = point.get(axis) {
                        prop_assert!(world.space.is_valid(axis, text));
                    }
                }
            }
            None => {
                prop_assert!(sets.is_empty(set));
                let complement = sets.not(set);
                prop_assert!(sets.equal(complement, Set::FULL));
            }
        }
    }

    #[test]
    fn boolean_laws(a in expressions(), b in expressions(), c in expressions()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let [a, b, c] = [a, b, c].map(|it| world.set(sets, &it));
        let (and, or) = (sets.and(a, b), sets.or(a, b));
        prop_assert_eq!(and, sets.and(b, a));
        prop_assert_eq!(or, sets.or(b, a));
        let (left, bc) = (sets.and(and, c), sets.and(b, c));
        prop_assert_eq!(left, sets.and(a, bc));
        let left = sets.or(or, c);
        prop_assert_eq!(left, sets.or_all(&[a, b, c]));
        let (not_a, not_b) = (sets.not(a), sets.not(b));
        prop_assert_eq!(sets.not(not_a), a);
        let left = sets.not(and);
        prop_assert_eq!(left, sets.or(not_a, not_b));
        let (left, ac) = (sets.and(or, c), sets.and(a, c));
        prop_assert_eq!(left, sets.or(ac, bc));
        prop_assert_eq!(sets.and(a, or), a);
        prop_assert_eq!(sets.or(a, and), a);
        prop_assert_eq!(sets.minus(a, b), sets.and(a, not_b));
        let xor = sets.xor(a, b);
        prop_assert_eq!(xor, sets.minus(or, and));
        prop_assert_eq!(sets.equal(a, b), sets.is_empty(xor));
        prop_assert_eq!(sets.intersects(a, b), !sets.is_empty(and));
        let rest = sets.minus(a, b);
        prop_assert_eq!(sets.implies(a, b), sets.is_empty(rest));
        prop_assert!(sets.implies(and, a) && sets.implies(a, or));
    }

    #[test]
    fn projections(a in expressions(), b in expressions(), values in points(), which in 0..8usize) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let [a, b] = [a, b].map(|it| world.set(sets, &it));
        let axis = world.space.axes().nth(which).unwrap();
        let out = sets.project_out(a, &[axis]);
        prop_assert!(sets.implies(a, out));
        prop_assert!(!sets.support(out).contains(&axis));
        prop_assert_eq!(sets.project_out(out, &[axis]), out);
        prop_assert_eq!(sets.is_empty(a), sets.is_empty(out));
        let (or, out_b) = (sets.or(a, b), sets.project_out(b, &[axis]));
        let (left, right) = (sets.project_out(or, &[axis]), sets.or(out, out_b));
        prop_assert!(sets.equal(left, right));
        // What does not depend on the axis passes through.
        let (and, right) = (sets.and(a, out_b), sets.and(out, out_b));
        let left = sets.project_out(and, &[axis]);
        prop_assert!(sets.equal(left, right));
        // A point is in the projection exactly if a point that differs on the axis is in the set.
        let point = Assignment::new(&world.space, values);
        let mut only = Set::FULL;
        for (other, value) in world.space.axes().zip(point.values()) {
            if other != axis {
                match value {
                    Value::Flag(value) => a_flag(sets, &mut only, other, *value),
                    Value::Index(value) => {
                        let set = sets.one_of(other, &[*value]).unwrap();
                        only = sets.and(only, set);
                    }
                    _ => {}
                }
            }
        }
        let (left, right) = (sets.intersects(only, a), sets.intersects(only, out));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn cofactors(a in expressions(), values in points(), region in 0..5u32, state in any::<bool>()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let a = world.set(sets, &a);
        let by_region = sets.cofactor(a, world.region, region);
        let by_flag = sets.cofactor(a, world.flags[1], state.into());
        let mut values = values;
        let point = Assignment::new(&world.space, values.clone());
        values[2] = Value::Index(region);
        let moved = Assignment::new(&world.space, values.clone());
        prop_assert_eq!(sets.contains(by_region, &point), sets.contains(a, &moved));
        values[2] = point.get(world.region).clone();
        values[7] = Value::Flag(state);
        let moved = Assignment::new(&world.space, values);
        prop_assert_eq!(sets.contains(by_flag, &point), sets.contains(a, &moved));
    }

    #[test]
    fn first_match_is_sequential(rules in proptest::collection::vec((expressions(), 0..4u32), 0..9),
                                 values in points()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let point = Assignment::new(&world.space, values);
        let expected = rules.iter().find(|(it, _)| world.holds(&point, it)).map_or(9, |it| it.1);
        let rules: Vec<_> = rules.iter().map(|(it, leaf)| (world.set(sets, it), *leaf)).collect();
        let decision = sets.first_match(&rules, 9);
        prop_assert_eq!(sets.outcome(decision, &point), Some(expected));
        let leaves = sets.leaves(decision);
        prop_assert!(leaves.contains(&expected));
        for leaf in 0..10 {
            let (chosen, mut rest) = (sets.select(decision, |it| it == leaf), Set::FULL);
            prop_assert_eq!(leaves.contains(&leaf), !sets.is_empty(chosen));
            let mut sequential = Set::EMPTY;
            for (set, outcome) in &rules {
                let mine = sets.and(rest, *set);
                rest = sets.minus(rest, *set);
                if *outcome == leaf {
                    sequential = sets.or(sequential, mine);
                }
            }
            if leaf == 9 {
                sequential = sets.or(sequential, rest);
            }
            prop_assert_eq!(chosen, sequential);
        }
        let mapped = sets.map(decision, |leaf| leaf + 1);
        prop_assert_eq!(sets.outcome(mapped, &point), Some(expected + 1));
    }

    #[test]
    fn values_of_an_axis_cover_the_set(a in expressions(), values in points()) {
        let world = world();
        let sets = &mut Sets::new(Arc::clone(&world.space));
        let set = world.set(sets, &a);
        let point = Assignment::new(&world.space, values);
        for axis in world.space.axes() {
            let others: Vec<_> = world.space.axes().filter(|other| *other != axis).collect();
            let shadow = sets.project_out(set, &others);
            let described = sets.axis_values(set, axis);
            let inside = allows(world, axis, &described, point.get(axis));
            prop_assert_eq!(inside, sets.contains(shadow, &point), "{:?}", described);
        }
    }
}

fn a_flag(sets: &mut Sets, only: &mut Set, axis: Axis, state: bool) {
    let set = sets.flag(axis).unwrap();
    *only = if state { sets.and(*only, set) } else { sets.minus(*only, set) };
}

fn allows(world: &World, axis: Axis, values: &AxisValues, value: &Value) -> bool {
    match (values, value) {
        (AxisValues::All, _) => true,
        (AxisValues::Nothing, _) => false,
        (AxisValues::Addresses(ranges), Value::Address(it)) => {
            ranges.iter().any(|(a, b)| (*a..=*b).contains(&address::number(*it)))
        }
        (AxisValues::Numbers(ranges), Value::Number(it)) => {
            ranges.iter().any(|(a, b)| (*a..=*b).contains(it))
        }
        (AxisValues::Values(all), Value::Index(it)) => all.contains(it),
        (AxisValues::Flag(state), Value::Flag(it)) => state == it,
        (AxisValues::Text(pieces), value) => in_pieces(world, axis, pieces, value),
        (AxisValues::TextExcept(pieces), value) => !in_pieces(world, axis, pieces, value),
        _ => unreachable!("{values:?} of {value:?}"),
    }
}

fn in_pieces(world: &World, axis: Axis, pieces: &[TextPiece], value: &Value) -> bool {
    let order = if axis == world.host { Order::Reverse } else { Order::Forward };
    let key = match value {
        Value::Text(text) => Some(order.key(text)),
        _ => None,
    };
    pieces.iter().any(|piece| match (piece, &key) {
        (TextPiece::Absent, None) => true,
        (TextPiece::Exact(it), Some(key)) => order.key(it) == *key,
        (TextPiece::Prefix(it), Some(key)) => key.starts_with(&order.key(it)),
        (TextPiece::Between { from, until }, Some(key)) => {
            order.key(from) <= *key && until.as_ref().is_none_or(|it| *key < order.key(it))
        }
        (TextPiece::Matching { within, holds, fails }, _) => {
            let matches = |id: &PatternId| match value {
                Value::Text(text) => world.space.matches(*id, text),
                _ => false,
            };
            in_pieces(world, axis, within, value)
                && holds.iter().all(matches)
                && !fails.iter().any(matches)
        }
        _ => false,
    })
}

#[test]
fn equal_sets_have_equal_ids_without_patterns() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let halves: Vec<Set> =
        (0..5).map(|value| sets.one_of(world.region, &[value]).unwrap()).collect();
    assert_eq!(sets.or_all(&halves), Set::FULL);
    let every = sets.prefix(world.path, "").unwrap();
    assert_eq!(every, Set::FULL);
    let (v6, inside) = (
        sets.ranges(world.source, &address::every_v6()).unwrap(),
        sets.ranges(
            world.source,
            &address::ranges("2001:db8::/32".parse().unwrap()).collect::<Vec<_>>(),
        )
        .unwrap(),
    );
    assert_eq!(sets.or(v6, inside), v6);
    assert_eq!(sets.count_over(inside, &[world.source]), Some(1 << 96));
    assert_eq!(sets.count(v6), Some(u128::MAX));
}

#[test]
fn impossible_combinations_are_empty() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let [a, shop, digit] = [0, 1, 2].map(|index| sets.pattern(world.path_patterns[index]));
    let both = sets.and(a, shop);
    assert!(both != Set::EMPTY && sets.is_empty(both));
    assert!(sets.implies(shop, digit) && !sets.implies(digit, shop));
    let under = sets.prefix(world.path, "/shop/").unwrap();
    let union = sets.or(shop, under);
    assert!(union != under && sets.equal(union, under));
    let absent = sets.absent(world.header);
    let yes = sets.pattern(world.header_pattern);
    assert!(!sets.intersects(absent, yes));
}

#[test]
fn what_was_not_declared_is_an_error() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let error = sets.exact(world.path, "/nowhere").unwrap_err();
    assert_eq!(error.to_string(), "`/nowhere` was not declared on the axis `path`");
    assert!(sets.prefix(world.path, "/nowhere").is_err());
    assert!(sets.exact(world.port, "80").is_err());
    assert!(sets.ranges(world.source, &[(0, 5)]).is_err());
    assert!(sets.one_of(world.region, &[5]).is_err());
    assert!(sets.flag(world.path).is_err());
}

#[test]
fn witnesses_are_readable() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let suffix = sets.prefix(world.host, ".example.com").unwrap();
    let under = sets.prefix(world.path, "/a/").unwrap();
    let set = sets.and(suffix, under);
    let point = sets.witness(set).unwrap();
    assert_eq!(
        point.values(),
        [
            Value::Text("api.example.com".into()),
            Value::Address("203.0.113.1".parse().unwrap()),
            Value::Index(0),
            Value::Text("/a/".into()),
            Value::Absent,
            Value::Number(0),
            Value::Flag(false),
            Value::Flag(false),
        ]
    );
    let net: Vec<_> = address::ranges("10.1.0.0/16".parse().unwrap()).collect();
    let set = sets.ranges(world.source, &net).unwrap();
    let point = sets.witness(set).unwrap();
    assert_eq!(*point.get(world.source), Value::Address("10.1.0.1".parse().unwrap()));
    assert_eq!(*point.get(world.path), Value::Text("/".into()));
}

#[test]
fn sets_are_described_in_pieces() {
    let world = world();
    let sets = &mut Sets::new(Arc::clone(&world.space));
    let www = sets.exact(world.host, "www.example.com").unwrap();
    let other = sets.not(www);
    let exact = vec![TextPiece::Exact("www.example.com".into())];
    assert_eq!(sets.axis_values(www, world.host), AxisValues::Text(exact.clone()));
    assert_eq!(sets.axis_values(other, world.host), AxisValues::TextExcept(exact));
    let suffix = sets.prefix(world.host, ".example.com").unwrap();
    let described = sets.axis_values(suffix, world.host);
    assert_eq!(described, AxisValues::Text(vec![TextPiece::Prefix(".example.com".into())]));
    let shop = sets.pattern(world.path_patterns[1]);
    let described = sets.axis_values(shop, world.path);
    let AxisValues::Text(pieces) = described else { panic!("{described:?}") };
    assert!(
        matches!(&pieces[..], [TextPiece::Matching { holds, .. }, ..] if holds.contains(&world.path_patterns[1]))
    );
    assert_eq!(sets.axis_values(shop, world.host), AxisValues::All);
}
