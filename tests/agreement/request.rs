//! Random requests, biased towards what the rules of a graph ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use portolan::internals::graph::{
    Atom, Body, ConditionId, Expression, FieldChange, Graph, Placeholders, Request, Switch,
    TextField,
};
use portolan::internals::sets::address;
use portolan::internals::topology::Protocol;
use portolan::internals::topology::TextTest;

use crate::generate::{HEADER_VALUES, QUERIES};
use crate::random::Random;

/// The constants of a graph, and their neighbours.
pub struct Vocabulary {
    hosts: Vec<String>,
    paths: Vec<String>,
    queries: Vec<String>,
    methods: Vec<String>,
    sources: Vec<IpAddr>,
    destinations: Vec<IpAddr>,
    ports: Vec<u16>,
    headers: BTreeMap<String, Vec<String>>,
    regions: Vec<String>,
    asns: Vec<u32>,
}

#[derive(Default)]
struct Found {
    hosts: BTreeSet<String>,
    paths: BTreeSet<String>,
    queries: BTreeSet<String>,
    methods: BTreeSet<String>,
    sources: BTreeSet<IpAddr>,
    destinations: BTreeSet<IpAddr>,
    ports: BTreeSet<u16>,
    headers: BTreeMap<String, BTreeSet<String>>,
    user_headers: BTreeSet<String>,
    regions: BTreeSet<String>,
    asns: BTreeSet<u32>,
}

impl Vocabulary {
    pub fn new(graph: &Graph) -> Self {
        let mut found = Found::default();
        for hop in graph.hops.node_weights() {
            found.body(&hop.body);
        }
        for (_, expression) in graph.expressions.iter() {
            if let Expression::Atom(atom) = expression {
                found.atom(atom);
            }
        }
        for host in ["nowhere.test", "x.example.com", "web-q1w2e3r4t5-an.a.run.app", "[::1]"] {
            found.hosts.insert(host.into());
        }
        for path in ["/", "/x.php", "/admin/items", "/ADMIN", "/API/V1/items", "/Static/x"] {
            found.paths.insert(path.into());
        }
        found.queries.extend(QUERIES.iter().map(|query| query.to_string()));
        found.methods.extend(
            ["GET", "POST", "HEAD", "OPTIONS", "PUT", "TRACE"].into_iter().map(String::from),
        );
        found.ports.extend([443, 80, 25, 0, 65535]);
        found.sources.extend(
            [
                "203.0.113.7",
                "198.51.100.200",
                "8.8.8.8",
                "2001:db8:1::7",
                "10.0.0.3",
                "::ffff:203.0.113.7",
            ]
            .iter()
            .filter_map(|text| text.parse::<IpAddr>().ok()),
        );
        found.destinations.extend([
            IpAddr::V4(Placeholders::GOOGLE_FRONT_END),
            IpAddr::V4(Placeholders::ELSEWHERE),
            IpAddr::V6(Placeholders::GOOGLE_FRONT_END_IPV6),
            IpAddr::V6(Placeholders::ELSEWHERE_IPV6),
            IpAddr::V4(Ipv4Addr::new(10, 0, 0, 10)),
            IpAddr::V6(Ipv4Addr::new(203, 0, 113, 80).to_ipv6_mapped()),
        ]);
        found.regions.extend(["", "JP", "XX"].into_iter().map(String::from));
        let users: Vec<String> = found.user_headers.iter().cloned().collect();
        for name in users {
            let addresses: Vec<String> = found.sources.iter().map(IpAddr::to_string).collect();
            let values = found.headers.entry(name).or_default();
            values.extend(addresses);
            let odd = ["203.0.113.07", "203.0.113.7:80", " 203.0.113.7", "::ffff:203.0.113.7"];
            values.extend(odd.into_iter().map(String::from));
        }
        let common = HEADER_VALUES.iter().map(|value| value.to_string());
        let common: Vec<String> = common.collect();
        found.headers.entry("x-unasked".into()).or_default();
        Vocabulary {
            hosts: around_hosts(&found.hosts),
            paths: around_paths(&found.paths),
            queries: found.queries.into_iter().filter(|query| is_query(query)).collect(),
            methods: found.methods.into_iter().filter(|method| is_method(method)).collect(),
            sources: found.sources.into_iter().collect(),
            destinations: found.destinations.into_iter().collect(),
            ports: found.ports.into_iter().collect(),
            headers: found
                .headers
                .into_iter()
                .map(|(name, values)| {
                    (name, values.into_iter().chain(common.iter().cloned()).collect())
                })
                .collect(),
            regions: found.regions.into_iter().collect(),
            asns: found.asns.into_iter().chain([0, 64500]).collect(),
        }
    }

    /// A request in which everything is drawn.
    pub fn request(&self, random: &mut Random, graph: &Graph) -> Request {
        let mut request = Request {
            source: *random.pick(&self.sources),
            destination: *random.pick(&self.destinations),
            port: 443,
            protocol: Protocol::Tcp,
            https: true,
            host: String::new(),
            path: String::new(),
            query: String::new(),
            method: "GET".into(),
            headers: BTreeMap::new(),
            region: random.pick(&self.regions).clone(),
            asn: *random.pick(&self.asns),
            principal: random.below(graph.identities.principals().len()) as u32,
            credential: random.below(graph.identities.credentials().len()) as u32,
            conditions: BTreeSet::new(),
            assumptions: Vec::new(),
            choices: Vec::new(),
        };
        if random.percent(40) {
            (request.principal, request.credential) = (0, 0);
        }
        request.assumptions = graph
            .assumptions
            .iter()
            .map(|assumption| match assumption.default {
                Some(default) if random.percent(60) => default,
                _ => random.percent(50),
            })
            .collect();
        request.choices = graph
            .choices
            .iter()
            .map(|choice| random.below(choice.branches.len().max(1)) as u32)
            .collect();
        for at in 0..graph.conditions.len() {
            if random.percent(20) {
                request.conditions.insert(ConditionId(at as u32));
            }
        }
        self.address(random, graph, &mut request);
        self.content(random, &mut request);
        request
    }

    /// Draws where the request goes.
    pub fn address(&self, random: &mut Random, graph: &Graph, request: &mut Request) {
        request.host = random.pick(&self.hosts).clone();
        let known = graph.names.address(&request.host);
        request.destination = match known {
            Some(address) if random.percent(70) => address,
            _ => *random.pick(&self.destinations),
        };
        request.https = random.percent(75);
        request.port = match random.below(10) {
            0 => *random.pick(&self.ports),
            _ if request.https => 443,
            _ => 80,
        };
    }

    /// Draws what the request says.
    pub fn content(&self, random: &mut Random, request: &mut Request) {
        request.path = random.pick(&self.paths).clone();
        request.query = match random.percent(40) {
            true => random.pick(&self.queries).clone(),
            false => String::new(),
        };
        if random.percent(50) {
            request.method = random.pick(&self.methods).clone();
        }
        for (name, values) in &self.headers {
            if random.percent(35) {
                request.headers.insert(name.clone(), random.pick(values).clone());
            }
        }
    }

    /// Draws one field again.
    pub fn mutate(&self, random: &mut Random, graph: &Graph, request: &mut Request) {
        match random.below(20) {
            0 => request.host = random.pick(&self.hosts).clone(),
            1..=2 => request.path = random.pick(&self.paths).clone(),
            3 => request.query = random.pick(&self.queries).clone(),
            4 => request.method = random.pick(&self.methods).clone(),
            5..=6 => request.source = *random.pick(&self.sources),
            7 => request.destination = *random.pick(&self.destinations),
            8 => request.port = *random.pick(&self.ports),
            9 => request.https = !request.https,
            18 => request.protocol = *random.pick(Protocol::ALL),
            10 => request.region = random.pick(&self.regions).clone(),
            11 => request.asn = *random.pick(&self.asns),
            12 => {
                request.principal = random.below(graph.identities.principals().len()) as u32;
            }
            13 => {
                request.credential = random.below(graph.identities.credentials().len()) as u32;
            }
            14 if !graph.conditions.is_empty() => {
                let condition = ConditionId(random.below(graph.conditions.len()) as u32);
                if !request.conditions.remove(&condition) {
                    request.conditions.insert(condition);
                }
            }
            15 if !request.assumptions.is_empty() => {
                let at = random.below(request.assumptions.len());
                request.assumptions[at] = !request.assumptions[at];
            }
            16 if !request.choices.is_empty() => {
                let at = random.below(request.choices.len());
                let branches = graph.choices[at].branches.len().max(1);
                request.choices[at] = random.below(branches) as u32;
            }
            17 if random.percent(30) => {
                // What is missing has its documented value.
                let keep = random.below(request.assumptions.len() + 1);
                request.assumptions.truncate(keep);
                let keep = random.below(request.choices.len() + 1);
                request.choices.truncate(keep);
            }
            _ => {
                let names: Vec<&String> = self.headers.keys().collect();
                let name = *random.pick(&names);
                match random.percent(30) {
                    true => drop(request.headers.remove(name)),
                    false => {
                        let value = random.pick(&self.headers[name]).clone();
                        request.headers.insert(name.clone(), value);
                    }
                }
            }
        }
    }
}

impl Found {
    fn body(&mut self, body: &Body) {
        match body {
            Body::Switch(Switch::Host { exact, suffixes, .. }) => {
                self.hosts.extend(exact.iter().map(|(host, _)| host.to_string()));
                self.hosts.extend(suffixes.iter().map(|(suffix, _)| suffix.to_string()));
            }
            Body::Switch(Switch::Path { exact, prefixes, .. }) => {
                self.paths.extend(exact.iter().map(|(path, _)| path.to_string()));
                self.paths.extend(prefixes.iter().map(|(path, _)| path.to_string()));
            }
            Body::Switch(Switch::Destination { ranges, .. }) => {
                for (range, _) in ranges {
                    self.destinations.extend(edges(*range));
                }
            }
            Body::Rewrite { changes, .. } => {
                for change in changes {
                    match change {
                        FieldChange::PathPrefix { from, to } => {
                            self.paths.extend([from.to_string(), to.to_string()]);
                        }
                        FieldChange::Host(host) => drop(self.hosts.insert(host.to_string())),
                        FieldChange::Path(path) => drop(self.paths.insert(path.to_string())),
                        FieldChange::Source(address) => drop(self.sources.insert(*address)),
                        FieldChange::Destination(address) => {
                            self.destinations.insert(*address);
                        }
                        FieldChange::Connection { port, .. } => drop(self.ports.insert(*port)),
                        FieldChange::Origin(_) | FieldChange::Identity { .. } => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn atom(&mut self, atom: &Atom) {
        match atom {
            Atom::Source(ranges) => self.sources.extend(ranges.iter().flat_map(|r| edges(*r))),
            Atom::UserAddress { ranges, headers } => {
                self.sources.extend(ranges.iter().flat_map(|range| edges(*range)));
                self.user_headers.extend(headers.iter().map(|header| header.to_string()));
            }
            Atom::Destination(ranges) => {
                self.destinations.extend(ranges.iter().flat_map(|range| edges(*range)));
            }
            Atom::Port(ranges) => {
                for (low, high) in ranges {
                    self.ports.extend([*low, *high, high.saturating_add(1)]);
                }
            }
            Atom::Asn(ranges) => {
                for (low, high) in ranges {
                    let edges = [*low, *high, low.saturating_sub(1), high.saturating_add(1)];
                    self.asns.extend(edges);
                }
            }
            Atom::Region(regions) => self.regions.extend(regions.iter().map(|r| r.to_string())),
            Atom::Text(field, matched) => {
                let text = match &matched.test {
                    TextTest::Matches(_) => String::new(),
                    TextTest::Equals(text)
                    | TextTest::Prefix(text)
                    | TextTest::Suffix(text)
                    | TextTest::Contains(text) => text.clone(),
                };
                let into = match field {
                    TextField::Host => &mut self.hosts,
                    TextField::Path => &mut self.paths,
                    TextField::Query => &mut self.queries,
                    TextField::Method => &mut self.methods,
                    TextField::Header(name) => self.headers.entry(name.to_string()).or_default(),
                };
                into.insert(text);
            }
            Atom::Present(TextField::Header(name)) => {
                self.headers.entry(name.to_string()).or_default();
            }
            _ => {}
        }
    }
}

/// The first and the last address of a range, and those beside it.
pub fn edges(range: IpNet) -> Vec<IpAddr> {
    let (first, last) = (address::number(range.network()), address::number(range.broadcast()));
    let v4 = |number: u128| matches!(address::address(number), IpAddr::V4(_));
    [first, last, first.saturating_sub(1), last.saturating_add(1)]
        .into_iter()
        .filter(|number| v4(*number) == matches!(range, IpNet::V4(_)))
        .map(address::address)
        .collect()
}

fn around_hosts(found: &BTreeSet<String>) -> Vec<String> {
    let mut hosts = BTreeSet::new();
    for host in found {
        let host = host.to_ascii_lowercase();
        for form in [
            host.clone(),
            format!("x{host}"),
            format!("x.a{host}"),
            format!("www{host}"),
            format!("{host}.test"),
            host.split_once('.').map_or(String::new(), |(_, rest)| rest.to_owned()),
        ] {
            let fits =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.:[]-".contains(c);
            if !form.is_empty() && form.chars().all(fits) {
                hosts.insert(form);
            }
        }
    }
    hosts.into_iter().collect()
}

fn around_paths(found: &BTreeSet<String>) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for path in found {
        for form in [
            path.clone(),
            format!("{path}/"),
            format!("{path}x"),
            format!("{path}/items"),
            format!("{path}v1/items"),
            path.trim_end_matches('/').to_owned(),
            format!("/{path}"),
            format!("/a/b{path}"),
        ] {
            let fits = |c: char| c.is_ascii_graphic() && !"#?`{}".contains(c);
            if form.starts_with('/') && form.chars().all(fits) {
                paths.insert(form);
            }
        }
    }
    paths.into_iter().collect()
}

fn is_query(query: &str) -> bool {
    query.chars().all(|c| c.is_ascii_graphic() && c != '#')
}

fn is_method(method: &str) -> bool {
    !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase())
}
