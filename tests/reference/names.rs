//! What a name means to a client in a VPC network.
//!
//! Read on 2026-12-01, in copies of April 2026 and, for what changes in 2027, of later:
//!
//! - *Order*: <https://docs.cloud.google.com/dns/docs/vpc-name-res-order>
//! - *Chasing*: <https://docs.cloud.google.com/dns/docs/cnamechasing>
//! - *Policies*: <https://docs.cloud.google.com/dns/docs/policies>
//! - *Zones*: <https://docs.cloud.google.com/dns/docs/zones/zones-overview>
//! - *Records*: <https://docs.cloud.google.com/dns/docs/records-overview>
//! - RFC 1034 and 4592, for wildcards.
//!
//! *Zones* and *Records* are from knowledge of the pages, and marked with (k).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What every network sees, and the internet.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub networks: BTreeMap<String, View>,
    /// Names on the internet.
    pub public: Records,
    /// What decided so far.
    pub decided: RefCell<BTreeSet<&'static str>>,
}

/// What a network sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The alternative name servers of an outbound server policy.
    pub servers: Vec<Server>,
    /// Rules of response policies.
    pub rules: BTreeMap<String, Rule>,
    pub zones: Vec<Zone>,
    /// Internal names of machines.
    pub internal: Records,
}

/// Full names, without a dot at the end; `*.` in front of some.
pub type Records = BTreeMap<String, Record>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Addresses(Vec<IpAddr>),
    Alias(String),
}

#[derive(Clone, Debug)]
pub enum Rule {
    Local(Vec<IpAddr>),
    Bypass,
}

#[derive(Clone, Debug)]
pub struct Zone {
    /// Without a dot at the end; empty for the root.
    pub domain: String,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Private(Records),
    Forwarding(Vec<Server>),
    /// The network whose view answers.
    Peering(String),
}

/// A name server that queries are forwarded to.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Whether queries reach it and its answers return.
    pub answers: bool,
    /// What it knows itself; the rest it asks the internet.
    pub own: Records,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Addresses(BTreeSet<IpAddr>),
    /// The name is there, but has no address of this version.
    NoData,
    /// NXDOMAIN.
    NoName,
    /// SERVFAIL.
    Failed,
    /// An alias whose target nobody sought.
    Unchased(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V4,
    V6,
}

/// What one step of the order has to say.
enum Found {
    Record(Record, Source),
    Answer(Answer),
    /// The next step.
    Nothing,
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Private,
    Public,
}

/// How far a chain is followed; no document gives a number, loops end here.
const CHAIN: usize = 16;

impl Names {
    fn decided(&self, by: &'static str) {
        self.decided.borrow_mut().insert(by);
    }

    /// What a name means in a network. `anew`: from 2027-01-05, the order is evaluated anew for
    /// each alias.
    pub fn resolve(&self, network: &str, name: &str, version: Version, anew: bool) -> Answer {
        let (mut name, mut only) = (name.to_owned(), None);
        for _ in 0..CHAIN {
            let found = match only {
                None => self.in_order(network, &name, version, 0),
                Some(Source::Private) => self.privately(network, &name, version),
                Some(Source::Public) => self.publicly(network, &name),
            };
            let (record, source) = match found {
                Found::Answer(answer) => return answer,
                Found::Record(record, source) => (record, source),
                Found::Nothing => return Answer::Unchased(name),
            };
            match record {
                Record::Addresses(addresses) => return answer(&addresses, version),
                Record::Alias(target) => name = target,
            }
            self.decided("aliases");
            // Chasing: the target of an alias of a private zone is sought in the private zones of
            // the network, never in public ones; that of a public one in internal names and public
            // zones. Order, from January 5, 2027: for each alias anew.
            only = if anew { None } else { Some(source) };
        }
        Answer::Failed
    }

    /// The order of a network. `peered`: over how many peering zones the query came.
    fn in_order(&self, network: &str, name: &str, version: Version, peered: usize) -> Found {
        let view = &self.networks[network];
        // Order: with an outbound server policy its servers have the last word. SERVFAIL if none
        // of them responds.
        if !view.servers.is_empty() {
            return Found::Answer(self.forwarded(&view.servers, name, version));
        }
        // Order: then the rule of response policies with the longest suffix; one that bypasses
        // lets the query go on.
        match closest_rule(&view.rules, name) {
            Some(Rule::Local(addresses)) => return Found::Answer(answer(addresses, version)),
            Some(Rule::Bypass) => self.decided("a rule that bypasses"),
            None => {}
        }
        let found = self.in_zones(view, name, version, peered);
        if !matches!(found, Found::Nothing) {
            return found;
        }
        self.publicly(network, name)
    }

    /// Private zones alone.
    fn privately(&self, network: &str, name: &str, version: Version) -> Found {
        let view = &self.networks[network];
        // Chasing: response policies count among private zones.
        if let Some(Rule::Local(addresses)) = closest_rule(&view.rules, name) {
            return Found::Answer(answer(addresses, version));
        }
        self.in_zones(view, name, version, 0)
    }

    fn in_zones(&self, view: &View, name: &str, version: Version, peered: usize) -> Found {
        // Order: of all private, forwarding and peering zones the one with the longest suffix.
        let holding = view.zones.iter().filter(|own| is_within(name, &own.domain));
        let longest = holding.clone().max_by_key(|own| own.domain.len());
        let Some(zone) = longest else { return Found::Nothing };
        if holding.count() > 1 {
            self.decided("the longest of several zones");
        }
        match &zone.kind {
            // Order: what the zone has; NXDOMAIN if it has nothing. It does not go on.
            Kind::Private(records) => match lookup(records, &zone.domain, name) {
                Lookup::Record(record) => Found::Record(record.clone(), Source::Private),
                Lookup::Empty => {
                    self.decided("names without records");
                    Found::Answer(Answer::NoData)
                }
                Lookup::Nothing => Found::Answer(Answer::NoName),
            },
            // Order: what the target responds; SERVFAIL if it does not. Chasing: aliases among it
            // are not followed; the server has done so.
            Kind::Forwarding(servers) => Found::Answer(self.forwarded(servers, name, version)),
            // Order: a new resolution from the other network's point of view. Zones (k): over one
            // network in between at most.
            Kind::Peering(_) if peered == 2 => {
                self.decided("peering zones over several networks");
                Found::Answer(Answer::Failed)
            }
            Kind::Peering(target) => {
                self.decided("peering zones");
                self.in_order(target, name, version, peered + 1)
            }
        }
    }

    fn publicly(&self, network: &str, name: &str) -> Found {
        // Order: internal names of machines, then the internet.
        if let Some(record) = self.networks[network].internal.get(name) {
            return Found::Record(record.clone(), Source::Public);
        }
        match lookup(&self.public, "", name) {
            Lookup::Record(record) => Found::Record(record.clone(), Source::Public),
            Lookup::Empty => Found::Answer(Answer::NoData),
            Lookup::Nothing => Found::Answer(Answer::NoName),
        }
    }

    fn forwarded(&self, servers: &[Server], name: &str, version: Version) -> Answer {
        // Order: the servers are asked by rank until one responds, NXDOMAIN included. Which is
        // ranked first is Google's to know; here they know the same.
        let Some(server) = servers.iter().find(|own| own.answers) else {
            self.decided("servers that do not answer");
            return Answer::Failed;
        };
        self.decided("servers");
        let mut name = name.to_owned();
        for _ in 0..CHAIN {
            let own = closest(&server.own, &name);
            let record = match own {
                Some(record) => record,
                None => {
                    self.decided("servers that ask the internet");
                    match lookup(&self.public, "", &name) {
                        Lookup::Record(record) => record,
                        Lookup::Empty => return Answer::NoData,
                        Lookup::Nothing => return Answer::NoName,
                    }
                }
            };
            match record {
                Record::Addresses(addresses) => return answer(addresses, version),
                Record::Alias(target) => name.clone_from(target),
            }
        }
        Answer::Failed
    }
}

fn answer(addresses: &[IpAddr], version: Version) -> Answer {
    let of: BTreeSet<IpAddr> =
        addresses.iter().copied().filter(|own| own.is_ipv4() == (version == Version::V4)).collect();
    if of.is_empty() { Answer::NoData } else { Answer::Addresses(of) }
}

/// Whether a name is a domain or below it.
fn is_within(name: &str, domain: &str) -> bool {
    domain.is_empty()
        || name == domain
        || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name itself, then the wildcards above it from the longest.
fn patterns(name: &str) -> Vec<String> {
    let mut patterns = vec![name.to_owned()];
    let mut rest = name;
    while let Some((_, above)) = rest.split_once('.') {
        patterns.push(format!("*.{above}"));
        rest = above;
    }
    patterns.push("*".to_owned());
    patterns
}

fn closest_rule<'r>(rules: &'r BTreeMap<String, Rule>, name: &str) -> Option<&'r Rule> {
    patterns(name).iter().find_map(|pattern| rules.get(pattern))
}

fn closest<'r>(records: &'r Records, name: &str) -> Option<&'r Record> {
    patterns(name).iter().find_map(|pattern| records.get(pattern))
}

enum Lookup<'r> {
    Record(&'r Record),
    /// The name is there without a record: names below it have some.
    Empty,
    Nothing,
}

/// What a zone has for a name, as RFC 1034 and 4592 say.
fn lookup<'r>(records: &'r Records, domain: &str, name: &str) -> Lookup<'r> {
    if let Some(record) = records.get(name) {
        return Lookup::Record(record);
    }
    let exists =
        |own: &str| own == domain || records.keys().any(|key| key == own || is_within(key, own));
    if exists(name) {
        return Lookup::Empty;
    }
    // RFC 4592: only the wildcard below the closest name that exists.
    let mut encloser = name;
    loop {
        encloser = encloser.split_once('.').map_or("", |(_, above)| above);
        if exists(encloser) || encloser.is_empty() {
            break;
        }
    }
    let wildcard = if encloser.is_empty() { "*".to_owned() } else { format!("*.{encloser}") };
    match records.get(&wildcard) {
        Some(record) => Lookup::Record(record),
        None => Lookup::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn records(list: &[(&str, &str)]) -> Records {
        let record = |text: &str| match text.parse() {
            Ok(address) => Record::Addresses(vec![address]),
            Err(_) => Record::Alias(text.to_owned()),
        };
        list.iter().map(|(name, text)| ((*name).to_owned(), record(text))).collect()
    }

    fn private(domain: &str, list: &[(&str, &str)]) -> Zone {
        Zone { domain: domain.to_owned(), kind: Kind::Private(records(list)) }
    }

    fn names(views: Vec<(&str, View)>, public: &[(&str, &str)]) -> Names {
        let networks = views.into_iter().map(|(name, view)| (name.to_owned(), view)).collect();
        Names { networks, public: records(public), ..Names::default() }
    }

    fn is(names: &Names, name: &str, anew: bool, answer: Answer) {
        assert_eq!(names.resolve("a", name, Version::V4, anew), answer, "{name}");
    }

    fn one(text: &str) -> Answer {
        Answer::Addresses([ip(text)].into())
    }

    /// The example on the page of the order, without its cluster.
    #[test]
    fn the_longest_suffix_answers() {
        let peering = Zone { domain: "peer.com".into(), kind: Kind::Peering("b".into()) };
        let zones = vec![
            private("static.example.com", &[("x.static.example.com", "10.0.0.1")]),
            private("10.internal", &[("y.10.internal", "10.0.0.2")]),
            peering,
        ];
        let b = View {
            zones: vec![private("peer.com", &[("z.peer.com", "10.0.0.3")])],
            ..View::default()
        };
        let public = [("example.com", "192.0.2.1"), ("y.static.example.com", "192.0.2.2")];
        let names = names(vec![("a", View { zones, ..View::default() }), ("b", b)], &public);
        is(&names, "x.static.example.com", false, one("10.0.0.1"));
        is(&names, "y.static.example.com", false, Answer::NoName);
        is(&names, "example.com", false, one("192.0.2.1"));
        is(&names, "y.10.internal", false, one("10.0.0.2"));
        is(&names, "z.peer.com", false, one("10.0.0.3"));
        is(&names, "static.example.com", false, Answer::NoData);
        assert_eq!(names.resolve("a", "x.static.example.com", Version::V6, false), Answer::NoData);
    }

    #[test]
    fn servers_come_first_and_rules_before_zones() {
        let zones = vec![private("corp", &[("db.corp", "10.0.0.1"), ("web.corp", "10.0.0.2")])];
        let rules = BTreeMap::from([
            ("*.corp".to_owned(), Rule::Local(vec![ip("10.9.9.9")])),
            ("web.corp".to_owned(), Rule::Bypass),
        ]);
        let mut view = View { zones, rules, ..View::default() };
        let names_of = |view: &View| names(vec![("a", view.clone())], &[("db.corp", "192.0.2.1")]);
        is(&names_of(&view), "db.corp", false, one("10.9.9.9"));
        is(&names_of(&view), "web.corp", false, one("10.0.0.2"));
        view.servers = vec![Server::default()];
        is(&names_of(&view), "db.corp", false, Answer::Failed);
        view.servers.push(Server { answers: true, own: records(&[("*.corp", "10.7.7.7")]) });
        is(&names_of(&view), "db.corp", false, one("10.7.7.7"));
        view.servers[1].own.clear();
        is(&names_of(&view), "db.corp", false, one("192.0.2.1"));
        is(&names_of(&view), "web.corp", false, Answer::NoName);
    }

    #[test]
    fn aliases_are_chased_by_their_date() {
        let zones = vec![
            private("corp", &[("out.corp", "www.example.com"), ("in.corp", "db.lan")]),
            private("lan", &[("db.lan", "10.0.0.1")]),
        ];
        let view = View { zones, ..View::default() };
        let public = [("www.example.com", "192.0.2.1"), ("back.example.com", "db.lan")];
        let names = names(vec![("a", view)], &public);
        is(&names, "out.corp", false, Answer::Unchased("www.example.com".into()));
        is(&names, "out.corp", true, one("192.0.2.1"));
        is(&names, "in.corp", false, one("10.0.0.1"));
        is(&names, "back.example.com", false, Answer::NoName);
        is(&names, "back.example.com", true, one("10.0.0.1"));
    }

    #[test]
    fn wildcards_stop_at_the_closest_name() {
        let zone = private(
            "corp",
            &[("*.corp", "10.0.0.1"), ("a.b.corp", "10.0.0.2"), ("loop.corp", "loop.corp")],
        );
        let names = names(vec![("a", View { zones: vec![zone], ..View::default() })], &[]);
        is(&names, "x.corp", false, one("10.0.0.1"));
        is(&names, "x.y.corp", false, one("10.0.0.1"));
        is(&names, "a.b.corp", false, one("10.0.0.2"));
        is(&names, "b.corp", false, Answer::NoData);
        is(&names, "x.b.corp", false, Answer::NoName);
        is(&names, "corp", false, Answer::NoData);
        is(&names, "loop.corp", false, Answer::Failed);
    }

    #[test]
    fn peering_zones_go_over_one_network_in_between() {
        let to = |target: &str| Zone { domain: "corp".into(), kind: Kind::Peering(target.into()) };
        let view = |zone| View { zones: vec![zone], ..View::default() };
        let last = private("corp", &[("db.corp", "10.0.0.1")]);
        let three = vec![("a", view(to("b"))), ("b", view(to("c"))), ("c", view(last.clone()))];
        is(&names(three.clone(), &[]), "db.corp", false, one("10.0.0.1"));
        let mut four = three;
        four[2].1 = view(to("d"));
        four.push(("d", view(last)));
        is(&names(four, &[]), "db.corp", false, Answer::Failed);
    }

    #[test]
    fn forwarding_zones_answer_or_fail() {
        let own = records(&[("db.corp", "172.16.0.1")]);
        let mut names = names(vec![("a", View::default())], &[]);
        for answers in [true, false] {
            let kind = Kind::Forwarding(vec![Server { answers, own: own.clone() }]);
            let zones = vec![Zone { domain: "corp".into(), kind }];
            names.networks.insert("a".into(), View { zones, ..View::default() });
            let known = if answers { one("172.16.0.1") } else { Answer::Failed };
            is(&names, "db.corp", false, known);
        }
    }
}
