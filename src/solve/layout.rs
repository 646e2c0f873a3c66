//! The space of requests of one graph: its axes, and what they are divided by.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::axes::AxisDivision;
use super::predicate::{PatternTest, Predicate};
use crate::graph::{ConditionId, Graph, Placeholders, Request, TextField};
use crate::sets::{Assignment, Axis, Pattern, PatternId, PointValue, Set, Sets, Space};
use crate::topology::firewall::Protocol;

/// The patterns of a space by what they are; nothing for one that cannot be compiled.
pub(super) type Patterns = HashMap<(Axis, Pattern), Option<PatternId>, FxBuildHasher>;

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
    /// The protocol, an index into [`Protocol::ALL`].
    pub protocol: Axis,
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
    pub(super) defaults: Vec<bool>,
    pub(super) patterns: Patterns,
}

/// The index of a protocol on its axis.
pub fn protocol_index(protocol: Protocol) -> u32 {
    Protocol::ALL.iter().position(|other| *other == protocol).unwrap_or(0) as u32
}

impl Layout {
    /// The space that tells apart what the graph's hops tell apart, and what the caller of the
    /// solver asks besides (`extra`).
    pub fn new(graph: &Graph, extra: &Extra) -> Self {
        AxisDivision::new(graph).draw(graph, extra)
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

    /// What a pattern asks of a text.
    pub fn pattern_test(&self, pattern: PatternId) -> PatternTest {
        super::predicate::test_of(self.space.pattern(pattern))
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
        let mut values = vec![PointValue::Absent; self.space.axes().count()];
        let order: Vec<Axis> = self.space.axes().collect();
        let index: HashMap<Axis, usize, FxBuildHasher> =
            order.iter().enumerate().map(|(at, axis)| (*axis, at)).collect();
        let mut put = |axis: Axis, value: PointValue| {
            if let Some(at) = index.get(&axis) {
                values[*at] = value;
            }
        };
        put(self.host, PointValue::Text(request.host.clone()));
        put(self.credential, PointValue::Index(request.credential));
        put(self.principal, PointValue::Index(request.principal));
        put(self.destination, PointValue::Address(request.destination));
        put(self.port, PointValue::Number(request.port.into()));
        put(self.protocol, PointValue::Index(protocol_index(request.protocol)));
        put(self.https, PointValue::Flag(request.https));
        put(self.source, PointValue::Address(request.source));
        let region = self.regions.iter().position(|region| **region == *request.region);
        put(self.region, PointValue::Index(region.unwrap_or(0) as u32));
        put(self.asn, PointValue::Number(request.asn.into()));
        put(self.path, PointValue::Text(request.path.clone()));
        put(self.method, PointValue::Text(request.method.clone()));
        put(self.query, PointValue::Text(request.query.clone()));
        for (name, axis) in &self.headers {
            let value = request.headers.get(&**name);
            put(*axis, value.map_or(PointValue::Absent, |value| PointValue::Text(value.clone())));
        }
        for (name, (valid, axis)) in &self.address_headers {
            let parsed: Option<IpAddr> =
                request.headers.get(&**name).and_then(|value| value.parse().ok());
            let parsed = parsed.map(|address| address.to_canonical());
            put(*valid, PointValue::Flag(parsed.is_some()));
            let none = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
            put(*axis, PointValue::Address(parsed.unwrap_or(none)));
        }
        for (at, axis) in self.conditions.iter().enumerate() {
            put(*axis, PointValue::Flag(request.conditions.contains(&ConditionId(at as u32))));
        }
        for (at, axis) in self.choices.iter().enumerate() {
            put(*axis, PointValue::Index(request.choices.get(at).copied().unwrap_or(0)));
        }
        for (at, axis) in self.assumptions.iter().enumerate() {
            let default = self.defaults.get(at).copied().unwrap_or(false);
            put(*axis, PointValue::Flag(request.assumptions.get(at).copied().unwrap_or(default)));
        }
        Assignment::new(&self.space, values)
    }

    /// The request that a point of the space is.
    pub fn request(&self, point: &Assignment) -> Request {
        let text = |axis: Axis| match point.get(axis) {
            PointValue::Text(text) => text.clone(),
            _ => String::new(),
        };
        let index = |axis: Axis| match point.get(axis) {
            PointValue::Index(index) => *index,
            _ => 0,
        };
        let number = |axis: Axis| match point.get(axis) {
            PointValue::Number(number) => *number,
            _ => 0,
        };
        let flag = |axis: Axis| matches!(point.get(axis), PointValue::Flag(true));
        let address = |axis: Axis| match point.get(axis) {
            PointValue::Address(address) => *address,
            _ => IpAddr::V4(Placeholders::ELSEWHERE),
        };
        let mut headers = BTreeMap::new();
        for (name, axis) in &self.headers {
            if let PointValue::Text(value) = point.get(*axis) {
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
            protocol: Protocol::ALL
                .get(index(self.protocol) as usize)
                .copied()
                .unwrap_or(Protocol::Tcp),
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
