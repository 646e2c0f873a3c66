//! Whether a packet arrives, and whether what is answered returns.
//!
//! Read on 2026-12-01. Besides the pages of `routes.rs` and `firewall.rs`, from knowledge of the
//! pages, which is marked with (k):
//!
//! - *Rules*: <https://docs.cloud.google.com/firewall/docs/firewalls>
//! - *Routes*: <https://docs.cloud.google.com/vpc/docs/routes>
//! - *Static*: <https://docs.cloud.google.com/vpc/docs/static-routes>
//! - *Advertised*: <https://docs.cloud.google.com/network-connectivity/docs/router/concepts/advertised-routes>
//! - *NAT*: <https://docs.cloud.google.com/nat/docs/overview>
//! - *Transit*: <https://docs.cloud.google.com/network-connectivity/docs/network-connectivity-center/concepts/overview>

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::firewall::{Direction, End, Firewalls, Packet};
use crate::routes::{self, Cloud, Kind, Line, Lost, Origin, Way};

/// Networks, with what is at their ends.
#[derive(Clone, Debug, Default)]
pub struct Field {
    pub cloud: Cloud,
    pub firewalls: BTreeMap<String, Firewalls>,
    pub sites: BTreeMap<String, Site>,
    pub gateways: Vec<Gateway>,
    /// The machines behind a load balancer, by its name.
    pub behind: BTreeMap<String, Vec<String>>,
    /// Accounts of machines.
    pub accounts: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default)]
pub struct Site {
    pub ranges: Vec<IpNet>,
    /// Whom its own firewall lets in; everybody if nothing says it.
    pub admits: Option<Vec<IpNet>>,
    /// What the Cloud Router of each line announces besides subnets, and whether it announces
    /// subnets; by the name of the line.
    pub learns: BTreeMap<String, (bool, Vec<IpNet>)>,
}

/// A Public NAT gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    pub network: String,
    pub region: String,
    /// The subnets that it serves; all if empty.
    pub subnets: Vec<String>,
}

/// Who sends.
#[derive(Clone, Debug)]
pub enum Client {
    /// A workload of a subnet, by Direct VPC egress.
    Workload { network: String, subnet: String, address: IpAddr, end: End },
    /// A host of a site.
    Host { site: String, address: IpAddr },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Answered,
    Lost(Cause),
    /// It arrived, and the reply was lost.
    Unanswered(Cause),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    Route(Lost),
    /// By a firewall, at an end of the network.
    Firewall(String),
    /// The address is nobody's.
    Nobody,
    /// A machine that does not forward.
    NotForwarding,
    Loop,
    /// Into the internet without an external address.
    Internal,
    /// The line is down, or does not lead there.
    Line,
    /// The site does not let it in.
    Site,
    /// The site has no route back.
    NotLearned,
    /// From a line to a line.
    Transit,
    /// A reply that came to another place than the client's.
    Elsewhere,
    /// A reply at a machine that never saw the request.
    Unseen,
}

/// Where a packet is.
#[derive(Clone, Debug)]
struct At {
    network: String,
    region: String,
    origin: Origin,
    end: End,
    /// Machines that it came through.
    through: Vec<Through>,
}

/// A machine that passed a packet on.
#[derive(Clone, Debug)]
struct Through {
    network: String,
    name: String,
    /// The source that it put its own address in front of.
    translated: Option<IpAddr>,
}

/// Where a packet came to.
#[derive(Clone, Debug)]
enum Arrived {
    Machine {
        network: String,
        name: String,
        through: Vec<Through>,
    },
    Host {
        site: String,
        through: Vec<Through>,
    },
    /// The internet, from an address of a gateway.
    Internet {
        through: Vec<Through>,
    },
    /// A subnet; replies only.
    Subnet {
        network: String,
        subnet: String,
        through: Vec<Through>,
    },
}

/// To whom a reply returns: the client, or a machine that translated.
#[derive(Clone, Copy, Debug)]
enum Home<'h> {
    Client(&'h Client),
    Machine(&'h Through),
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Call<'c> {
    pub to: IpAddr,
    pub protocol: &'c str,
    pub port: u16,
}

/// The port that a client sends from, which a reply is sent to.
const EPHEMERAL: u16 = 50_000;

impl Field {
    /// Everything that may come of a call.
    pub fn outcomes(&self, client: &Client, call: &Call<'_>) -> BTreeSet<Outcome> {
        let mut outcomes = BTreeSet::new();
        for start in self.starts(client, call) {
            let at = match start {
                Ok(at) => at,
                Err(cause) => {
                    outcomes.insert(Outcome::Lost(cause));
                    continue;
                }
            };
            for arrived in self.sent(&at, client.address(), call, call.port, None) {
                match arrived {
                    Err(cause) => {
                        outcomes.insert(Outcome::Lost(cause));
                    }
                    Ok(arrived) => outcomes.extend(self.replied(client, call, &arrived)),
                }
            }
        }
        outcomes
    }

    /// Where the packets of a client enter networks.
    fn starts(&self, client: &Client, call: &Call<'_>) -> Vec<Result<At, Cause>> {
        match client {
            Client::Workload { network, end, address, .. } => {
                let packet = Packet {
                    source: *address,
                    destination: call.to,
                    protocol: call.protocol,
                    port: call.port,
                    sender: Some(end),
                };
                // Rules (k): egress rules are asked where a packet leaves its endpoint.
                let decision = self.firewalls[network].decide(Direction::Egress, end, &packet);
                if !decision.passes {
                    return vec![Err(Cause::Firewall(network.clone()))];
                }
                vec![Ok(At {
                    network: network.clone(),
                    region: end.region.clone(),
                    origin: Origin::Machine,
                    end: end.clone(),
                    through: Vec::new(),
                })]
            }
            Client::Host { site, .. } => self.entries(site, call.to),
        }
    }

    /// How a host of a site gets to an address: over the lines whose Cloud Router announces the
    /// most specific range with it.
    fn entries(&self, site: &str, to: IpAddr) -> Vec<Result<At, Cause>> {
        let down = |own: &Line| own.site == site && !own.up && own.kind == Kind::Classic;
        if self.cloud.lines.iter().any(down) {
            self.cloud.decided("a site with a Classic VPN tunnel that is down", true);
        }
        let mut known: Vec<(u8, &Line)> = Vec::new();
        for line in self.cloud.lines.iter().filter(|own| own.site == site && own.up) {
            let ranges = self.announced(line);
            let fits = ranges.iter().filter(|own| own.contains(&to)).map(IpNet::prefix_len).max();
            known.extend(fits.map(|length| (length, line)));
        }
        let longest = known.iter().map(|(length, _)| *length).max();
        let best = known.iter().filter(|(length, _)| Some(*length) == longest);
        let entered = |(_, line): &(u8, &Line)| {
            Ok(At {
                network: line.network.clone(),
                region: line.region.clone(),
                origin: match line.kind {
                    Kind::Interconnect => Origin::Attachment,
                    Kind::Vpn | Kind::Classic => Origin::Tunnel,
                },
                end: End::default(),
                through: Vec::new(),
            })
        };
        let entries: Vec<_> = best.map(entered).collect();
        if entries.is_empty() { vec![Err(Cause::NotLearned)] } else { entries }
    }

    /// What a site hears of over a line.
    fn announced(&self, line: &Line) -> Vec<IpNet> {
        let (subnets, mut ranges) = match self.sites[&line.site].learns.get(&line.name) {
            Some((subnets, ranges)) => (*subnets, ranges.clone()),
            None => (true, Vec::new()),
        };
        if subnets {
            // Advertised (k): by default the subnets of its own network: of its region with
            // regional dynamic routing, of all regions with global one. Not those of peers.
            let network = self.cloud.network(&line.network);
            let seen = network.subnets.iter();
            let seen = seen.filter(|own| network.global || own.region == line.region);
            ranges.extend(seen.flat_map(|own| own.ranges.iter().copied()));
        }
        ranges
    }

    /// Where a packet comes to. `reply`: the machines that the request went through, whose
    /// firewalls know the connection, and the client that it belongs to.
    fn sent(
        &self,
        at: &At,
        source: IpAddr,
        call: &Call<'_>,
        port: u16,
        reply: Option<(&[Through], Home<'_>)>,
    ) -> Vec<Result<Arrived, Cause>> {
        let packet = routes::Packet {
            network: at.network.clone(),
            region: at.region.clone(),
            origin: at.origin,
            tags: at.end.tags.clone(),
            source,
            destination: call.to,
            protocol: call.protocol.to_owned(),
        };
        let mut found = Vec::new();
        for way in self.cloud.ways(&packet) {
            match way {
                Way::Dropped(lost) => found.push(Err(Cause::Route(lost))),
                Way::Internet => found.push(self.to_internet(at, source, call.to, reply.is_some())),
                Way::Line { site, line } => {
                    found.push(self.to_site(at, source, call.to, (&site, &line), reply));
                }
                Way::Subnet { network, subnet } => {
                    if let Some((_, home)) = reply {
                        found.push(match home {
                            Home::Client(Client::Host { .. }) => Err(Cause::Elsewhere),
                            _ => {
                                let through = at.through.clone();
                                Ok(Arrived::Subnet { network, subnet, through })
                            }
                        });
                        continue;
                    }
                    let machines = self.holders(&network, call.to);
                    if machines.is_empty() {
                        found.push(Err(Cause::Nobody));
                    }
                    for (name, far) in machines {
                        // Routes, order: a load balancer without global access is not reached
                        // from other regions.
                        if far.is_some_and(|region| region != at.region) {
                            found.push(Err(Cause::Route(Lost::OtherRegion)));
                            continue;
                        }
                        let passes = self.enters(&network, &name, at, source, call, port, None);
                        let through = at.through.clone();
                        let arrived = Arrived::Machine { network: network.clone(), name, through };
                        found.push(passes.map(|()| arrived));
                    }
                }
                Way::Machine { network, name } => {
                    found.extend(self.passed_on(&network, &name, at, source, call, port, reply));
                }
                Way::Balancer { network, name } => {
                    for machine in &self.behind[&name] {
                        found.extend(
                            self.passed_on(&network, machine, at, source, call, port, reply),
                        );
                    }
                }
            }
        }
        found
    }

    /// The machines that get what is sent to an address of a network, with the region of the load
    /// balancer in front if it has no global access.
    fn holders(&self, network: &str, address: IpAddr) -> Vec<(String, Option<String>)> {
        let network = self.cloud.network(network);
        let machine = network.machines.iter().find(|own| own.address == address);
        if let Some(machine) = machine {
            return vec![(machine.name.clone(), None)];
        }
        let Some(balancer) = network.balancers.iter().find(|own| own.address == address) else {
            return Vec::new();
        };
        let far = (!balancer.global_access).then(|| balancer.region.clone());
        self.behind[&balancer.name].iter().map(|own| (own.clone(), far.clone())).collect()
    }

    fn end_of(&self, network: &str, name: &str) -> End {
        let machines = &self.cloud.network(network).machines;
        let machine = machines.iter().find(|own| own.name == name).expect("a machine");
        End {
            region: machine.region.clone(),
            tags: machine.tags.clone(),
            account: self.accounts.get(name).cloned(),
            secure: Vec::new(),
        }
    }

    /// Whether the firewalls of a machine let something in.
    #[allow(clippy::too_many_arguments)]
    fn enters(
        &self,
        network: &str,
        name: &str,
        at: &At,
        source: IpAddr,
        call: &Call<'_>,
        port: u16,
        knows: Option<&[Through]>,
    ) -> Result<(), Cause> {
        // Rules (k): the reply of a connection that passed here needs no rule. One that never
        // passed here is a new connection.
        if knows.is_some_and(|through| through.iter().any(|own| own.name == name)) {
            return Ok(());
        }
        let packet = Packet {
            source,
            destination: call.to,
            protocol: call.protocol,
            port,
            // Rules (k): tags and accounts of sources are those of interfaces of the same network.
            sender: (at.origin == Origin::Machine && at.network == network).then_some(&at.end),
        };
        let end = self.end_of(network, name);
        let decision = self.firewalls[network].decide(Direction::Ingress, &end, &packet);
        if decision.passes { Ok(()) } else { Err(Cause::Firewall(network.to_owned())) }
    }

    /// What a machine does with a packet that is not for itself.
    #[allow(clippy::too_many_arguments)]
    fn passed_on(
        &self,
        network: &str,
        name: &str,
        at: &At,
        source: IpAddr,
        call: &Call<'_>,
        port: u16,
        reply: Option<(&[Through], Home<'_>)>,
    ) -> Vec<Result<Arrived, Cause>> {
        let knows = reply.map(|(through, _)| through);
        if let Err(cause) = self.enters(network, name, at, source, call, port, knows) {
            return vec![Err(cause)];
        }
        let machines = &self.cloud.network(network).machines;
        let machine = machines.iter().find(|own| own.name == name).expect("a machine");
        // The one that a packet is for keeps it: its own address, or that of a load balancer that it
        // is behind.
        let balancers = self.cloud.network(network).balancers.iter();
        let mut balancers = balancers.filter(|own| own.address == call.to);
        let balanced = balancers.any(|own| self.behind[&own.name].iter().any(|own| own == name));
        self.cloud.decided("the address of a load balancer as next hop", balanced);
        if (machine.address == call.to || balanced) && reply.is_none() {
            let through = at.through.clone();
            let (network, name) = (network.to_owned(), name.to_owned());
            return vec![Ok(Arrived::Machine { network, name, through })];
        }
        // Static (k): a next hop needs IP forwarding, or drops what is not its own.
        if !machine.forwards {
            return vec![Err(Cause::NotForwarding)];
        }
        if at.through.iter().any(|own| own.name == name) {
            return vec![Err(Cause::Loop)];
        }
        let end = self.end_of(network, name);
        let known = knows.is_some_and(|through| through.iter().any(|own| own.name == name));
        // One that translates cannot translate back what it never translated.
        if (machine.stateful || machine.translates) && !known && reply.is_some() {
            return vec![Err(Cause::Unseen)];
        }
        let translates = machine.translates && reply.is_none();
        let (before, source) = (source, if translates { machine.address } else { source });
        let packet = Packet {
            source,
            destination: call.to,
            protocol: call.protocol,
            port,
            sender: Some(&end),
        };
        let decision = self.firewalls[network].decide(Direction::Egress, &end, &packet);
        if !known && !decision.passes {
            return vec![Err(Cause::Firewall(network.to_owned()))];
        }
        let mut through = at.through.clone();
        let region = machine.region.clone();
        let (network, name) = (network.to_owned(), name.to_owned());
        let translated = translates.then_some(before);
        through.push(Through { network: network.clone(), name, translated });
        let next = At { network, region, origin: Origin::Machine, end, through };
        self.sent(&next, source, call, port, reply)
    }

    fn to_internet(
        &self,
        at: &At,
        source: IpAddr,
        to: IpAddr,
        reply: bool,
    ) -> Result<Arrived, Cause> {
        // Routes (k): what goes to private addresses by the gateway is dropped.
        if reply || routes::is_private(&IpNet::from(to)) {
            return Err(Cause::Internal);
        }
        // NAT (k): a gateway serves interfaces without external address of the ranges that it is
        // for, in its region. What comes from elsewhere is not served. It translates where the
        // default internet gateway is the next hop. What comes back is translated back and goes to
        // the machine, without a route.
        let network = self.cloud.network(&at.network);
        let subnet = network.subnets.iter().find(|own| {
            own.region == at.region && own.ranges.iter().any(|range| range.contains(&source))
        });
        let serves = |own: &Gateway| {
            own.network == at.network
                && own.region == at.region
                && at.origin == Origin::Machine
                && subnet.is_some_and(|subnet| {
                    own.subnets.is_empty() || own.subnets.contains(&subnet.name)
                })
        };
        self.cloud.decided("appliances before the internet", !at.through.is_empty());
        if self.gateways.iter().any(serves) {
            return Ok(Arrived::Internet { through: at.through.clone() });
        }
        Err(Cause::Internal)
    }

    fn to_site(
        &self,
        at: &At,
        source: IpAddr,
        to: IpAddr,
        (site, line): (&str, &str),
        reply: Option<(&[Through], Home<'_>)>,
    ) -> Result<Arrived, Cause> {
        let own = self.cloud.lines.iter().find(|own| own.site == site && own.name == line);
        if !own.expect("a line").up {
            return Err(Cause::Line);
        }
        // Transit (k): what comes in by a line leaves by none, without a hub for it.
        if at.origin != Origin::Machine {
            self.cloud.decided("transit between sites", true);
            return Err(Cause::Transit);
        }
        let place = &self.sites[site];
        if !place.ranges.iter().any(|own| own.contains(&to)) {
            return Err(Cause::Line);
        }
        if reply.is_none() {
            let admitted =
                place.admits.as_ref().is_none_or(|own| own.iter().any(|own| own.contains(&source)));
            if !admitted {
                return Err(Cause::Site);
            }
        }
        Ok(Arrived::Host { site: site.to_owned(), through: at.through.clone() })
    }

    /// What comes of the reply.
    fn replied(&self, client: &Client, call: &Call<'_>, arrived: &Arrived) -> BTreeSet<Outcome> {
        match arrived {
            Arrived::Subnet { .. } => unreachable!("a request ends at a machine"),
            // NAT (k): translated back by the gateway, to the machine that it came from.
            Arrived::Internet { through } => match through.as_slice() {
                [] => [Outcome::Answered].into(),
                [.., last] => self.after(client, call, through, last),
            },
            Arrived::Machine { network, name, through } => {
                // The reply leaves the machine: its firewall knows the connection.
                let at = self.place(network, name);
                self.back(client, call, vec![Ok(at)], through)
            }
            Arrived::Host { site, through } => {
                let to = self.seen(client, through).0;
                self.back(client, call, self.entries(site, to), through)
            }
        }
    }

    /// The source that is seen behind some machines, and whose it is.
    fn seen<'h>(&self, client: &'h Client, through: &'h [Through]) -> (IpAddr, Home<'h>) {
        match through.iter().rfind(|own| own.translated.is_some()) {
            None => (client.address(), Home::Client(client)),
            Some(own) => {
                let machines = &self.cloud.network(&own.network).machines;
                let machine = machines.iter().find(|each| each.name == own.name);
                (machine.expect("a machine").address, Home::Machine(own))
            }
        }
    }

    /// A reply that starts at some places, to the source that was seen.
    fn back(
        &self,
        client: &Client,
        call: &Call<'_>,
        starts: Vec<Result<At, Cause>>,
        through: &[Through],
    ) -> BTreeSet<Outcome> {
        let (to, home) = self.seen(client, through);
        // Those that passed the request on behind the last that translated.
        let own = through.iter().rposition(|own| own.translated.is_some()).map_or(0, |at| at + 1);
        let back = Call { to, protocol: call.protocol, port: EPHEMERAL };
        let mut outcomes = BTreeSet::new();
        for start in starts {
            let at = match start {
                Ok(at) => at,
                Err(cause) => {
                    outcomes.insert(Outcome::Unanswered(cause));
                    continue;
                }
            };
            for each in self.sent(&at, call.to, &back, EPHEMERAL, Some((through, home))) {
                match (each, home) {
                    (Err(cause), _) => {
                        outcomes.insert(Outcome::Unanswered(cause));
                    }
                    (Ok(arrived), _) if !self.is_home(home, &arrived) => {
                        outcomes.insert(Outcome::Unanswered(Cause::Elsewhere));
                    }
                    (Ok(arrived), _) if !self.saw_both(&through[own..], &arrived) => {
                        outcomes.insert(Outcome::Unanswered(Cause::Unseen));
                    }
                    (Ok(_), Home::Client(_)) => {
                        outcomes.insert(Outcome::Answered);
                    }
                    (Ok(_), Home::Machine(own)) => {
                        outcomes.extend(self.after(client, call, through, own));
                    }
                }
            }
        }
        outcomes
    }

    /// Whether every machine with state on the way of a request is on that of the reply, too: it
    /// passes on nothing more of a connection of which it misses one side (k).
    fn saw_both(&self, request: &[Through], arrived: &Arrived) -> bool {
        let (Arrived::Machine { through, .. }
        | Arrived::Host { through, .. }
        | Arrived::Internet { through }
        | Arrived::Subnet { through, .. }) = arrived;
        request.iter().all(|own| {
            let machines = &self.cloud.network(&own.network).machines;
            let machine = machines.iter().find(|each| each.name == own.name).expect("a machine");
            !machine.stateful || through.iter().any(|each| each.name == own.name)
        })
    }

    /// A reply that a machine has that the request went through, back from there on.
    fn after(
        &self,
        client: &Client,
        call: &Call<'_>,
        through: &[Through],
        last: &Through,
    ) -> BTreeSet<Outcome> {
        let at = through.iter().rposition(|own| own.name == last.name).expect("it is there");
        self.back(client, call, vec![Ok(self.place(&last.network, &last.name))], &through[..at])
    }

    /// Where what a machine sends starts.
    fn place(&self, network: &str, name: &str) -> At {
        let end = self.end_of(network, name);
        let region = end.region.clone();
        At { network: network.into(), region, origin: Origin::Machine, end, through: Vec::new() }
    }

    fn is_home(&self, home: Home<'_>, arrived: &Arrived) -> bool {
        match (home, arrived) {
            (
                Home::Client(Client::Workload { network, subnet, .. }),
                Arrived::Subnet { network: other, subnet: own, .. },
            ) => network == other && subnet == own,
            (Home::Client(Client::Host { site, .. }), Arrived::Host { site: other, .. }) => {
                site == other
            }
            (Home::Machine(own), Arrived::Subnet { network, .. }) => own.network == *network,
            _ => false,
        }
    }
}

impl Client {
    fn address(&self) -> IpAddr {
        match self {
            Client::Workload { address, .. } | Client::Host { address, .. } => *address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Action, Rule};
    use crate::routes::{Hop, Machine, Network, Peering, Static, Subnet};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn range(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    fn open() -> Rule {
        Rule::new("open", Direction::Ingress, 1000, Action::Allow)
    }

    fn machine(name: &str, address: &str, forwards: bool) -> Machine {
        Machine {
            name: name.into(),
            region: "r1".into(),
            address: ip(address),
            tags: Vec::new(),
            forwards,
            translates: false,
            stateful: false,
            running: true,
        }
    }

    /// A network with a workload in 10.0.0.0/24, a database in 10.0.1.0/24 and a site.
    fn field() -> Field {
        let subnet = |name: &str, text: &str| Subnet {
            name: name.into(),
            region: "r1".into(),
            ranges: vec![range(text)],
        };
        let network = Network {
            name: "a".into(),
            subnets: vec![subnet("run", "10.0.0.0/24"), subnet("data", "10.0.1.0/24")],
            machines: vec![machine("db", "10.0.1.2", false), machine("fw", "10.0.1.3", true)],
            ..Network::default()
        };
        let line = Line {
            site: "hq".into(),
            name: "l1".into(),
            network: "a".into(),
            region: "r1".into(),
            kind: Kind::Vpn,
            up: true,
            announces: vec![range("172.16.0.0/16")],
            med: None,
            path: 1,
        };
        let site = Site { ranges: vec![range("172.16.0.0/16")], ..Site::default() };
        let firewalls =
            Firewalls { network: "a".into(), rules: vec![open()], ..Firewalls::default() };
        Field {
            cloud: Cloud { networks: vec![network], lines: vec![line], ..Cloud::default() },
            firewalls: [("a".into(), firewalls)].into(),
            sites: [("hq".into(), site)].into(),
            ..Field::default()
        }
    }

    fn workload() -> Client {
        Client::Workload {
            network: "a".into(),
            subnet: "run".into(),
            address: ip("10.0.0.7"),
            end: End { region: "r1".into(), ..End::default() },
        }
    }

    fn is(field: &Field, client: &Client, to: &str, outcome: Outcome) {
        let call = Call { to: ip(to), protocol: "tcp", port: 443 };
        assert_eq!(field.outcomes(client, &call), [outcome].into(), "{to}");
    }

    #[test]
    fn within_a_network() {
        let mut field = field();
        is(&field, &workload(), "10.0.1.2", Outcome::Answered);
        is(&field, &workload(), "10.0.1.9", Outcome::Lost(Cause::Nobody));
        field.firewalls.get_mut("a").unwrap().rules.clear();
        is(&field, &workload(), "10.0.1.2", Outcome::Lost(Cause::Firewall("a".into())));
    }

    #[test]
    fn a_site_must_have_learned_the_way_back() {
        let mut field = field();
        is(&field, &workload(), "172.16.0.1", Outcome::Answered);
        let learns = [("l1".to_owned(), (false, vec![range("10.0.1.0/24")]))].into();
        field.sites.get_mut("hq").unwrap().learns = learns;
        is(&field, &workload(), "172.16.0.1", Outcome::Unanswered(Cause::NotLearned));
        let host = Client::Host { site: "hq".into(), address: ip("172.16.0.1") };
        is(&field, &host, "10.0.1.2", Outcome::Answered);
        field.sites.get_mut("hq").unwrap().admits = Some(vec![range("10.0.1.0/24")]);
        is(&field, &workload(), "172.16.0.1", Outcome::Lost(Cause::Site));
        field.cloud.lines[0].up = false;
        is(&field, &workload(), "172.16.0.1", Outcome::Lost(Cause::Route(Lost::NoRoute)));
    }

    #[test]
    fn only_a_gateway_makes_the_internet_answer() {
        let mut field = field();
        let gateway = Static {
            destination: range("0.0.0.0/0"),
            priority: 1000,
            tags: Vec::new(),
            hop: Hop::Internet,
        };
        field.cloud.networks[0].statics = vec![gateway];
        is(&field, &workload(), "9.9.9.9", Outcome::Lost(Cause::Internal));
        let nat =
            Gateway { network: "a".into(), region: "r1".into(), subnets: vec!["data".into()] };
        field.gateways = vec![nat];
        is(&field, &workload(), "9.9.9.9", Outcome::Lost(Cause::Internal));
        field.gateways[0].subnets.clear();
        is(&field, &workload(), "9.9.9.9", Outcome::Answered);
    }

    /// The request goes by a machine that forwards; the reply comes back without it.
    #[test]
    fn an_appliance_on_one_way_alone() {
        let mut field = field();
        let route = Static {
            destination: range("172.16.0.0/24"),
            priority: 1000,
            tags: vec!["inspected".into()],
            hop: Hop::Machine("fw".into()),
        };
        field.cloud.networks[0].statics = vec![route];
        let Client::Workload { network, subnet, address, mut end } = workload() else { panic!() };
        end.tags = vec!["inspected".into()];
        let client = Client::Workload { network, subnet, address, end };
        is(&field, &client, "172.16.0.1", Outcome::Answered);
        field.cloud.networks[0].machines[1].translates = true;
        is(&field, &client, "172.16.0.1", Outcome::Answered);
        let learns = [("l1".to_owned(), (false, vec![range("10.0.0.0/24")]))].into();
        field.sites.get_mut("hq").unwrap().learns = learns;
        is(&field, &client, "172.16.0.1", Outcome::Unanswered(Cause::NotLearned));
        field.cloud.networks[0].machines[1].translates = false;
        is(&field, &client, "172.16.0.1", Outcome::Answered);
        field.cloud.networks[0].machines[1].stateful = true;
        is(&field, &client, "172.16.0.1", Outcome::Unanswered(Cause::Unseen));
        field.cloud.networks[0].machines[1].forwards = false;
        is(&field, &client, "172.16.0.1", Outcome::Lost(Cause::NotForwarding));
    }

    /// The reply goes by a machine that never saw the request.
    #[test]
    fn an_appliance_that_never_saw_the_request() {
        let mut field = field();
        field.cloud.networks[0].policies = vec![routes::Policy {
            priority: 1,
            sources: vec![range("10.0.1.2/32")],
            destinations: Vec::new(),
            protocol: None,
            scope: routes::Scope::Tags(vec!["inspected".into()]),
            balancer: Some("lb".into()),
        }];
        field.cloud.networks[0].balancers = vec![routes::Balancer {
            name: "lb".into(),
            region: "r1".into(),
            address: ip("10.0.1.4"),
            global_access: false,
        }];
        field.cloud.networks[0].machines[0].tags = vec!["inspected".into()];
        field.behind = [("lb".into(), vec!["fw".into()])].into();
        is(&field, &workload(), "10.0.1.2", Outcome::Answered);
        field.cloud.networks[0].machines[1].stateful = true;
        is(&field, &workload(), "10.0.1.2", Outcome::Unanswered(Cause::Unseen));
    }

    /// A policy-based route for attachments takes what comes in; nothing leaves by a line again.
    #[test]
    fn what_comes_in_by_an_attachment() {
        let mut field = field();
        field.cloud.lines[0].kind = Kind::Interconnect;
        let host = Client::Host { site: "hq".into(), address: ip("172.16.0.1") };
        is(&field, &host, "10.0.1.2", Outcome::Answered);
        let policy = routes::Policy {
            priority: 1,
            sources: Vec::new(),
            destinations: Vec::new(),
            protocol: None,
            scope: routes::Scope::Attachments(None),
            balancer: Some("lb".into()),
        };
        let balancer = routes::Balancer {
            name: "lb".into(),
            region: "r1".into(),
            address: ip("10.0.1.4"),
            global_access: false,
        };
        field.cloud.networks[0].policies = vec![policy];
        field.cloud.networks[0].balancers = vec![balancer];
        field.behind = [("lb".into(), vec!["fw".into()])].into();
        is(&field, &host, "10.0.1.2", Outcome::Answered);
        field.cloud.networks[0].machines[1].forwards = false;
        is(&field, &host, "10.0.1.2", Outcome::Lost(Cause::NotForwarding));
        field.cloud.networks[0].policies.clear();
        let learns = [("l1".to_owned(), (true, vec![range("172.16.9.0/24")]))].into();
        field.sites.get_mut("hq").unwrap().learns = learns;
        is(&field, &host, "172.16.9.1", Outcome::Lost(Cause::Transit));
    }

    /// Peering takes requests to a peer, whose site knows nothing of the network behind it.
    #[test]
    fn behind_a_peering() {
        let mut field = field();
        let mut b = field.cloud.networks[0].clone();
        b.name = "b".into();
        b.subnets = vec![Subnet {
            name: "far".into(),
            region: "r1".into(),
            ranges: vec![range("10.9.0.0/24")],
        }];
        b.machines = vec![machine("far", "10.9.0.2", false)];
        field.cloud.networks.push(b);
        field.cloud.lines[0].network = "b".into();
        let side = |network: &str, peer: &str| Peering {
            network: network.into(),
            peer: peer.into(),
            exports: true,
            imports: true,
            ..Peering::default()
        };
        field.cloud.peerings = vec![side("a", "b"), side("b", "a")];
        let firewalls =
            Firewalls { network: "b".into(), rules: vec![open()], ..Firewalls::default() };
        field.firewalls.insert("b".into(), firewalls);
        is(&field, &workload(), "10.9.0.2", Outcome::Answered);
        is(&field, &workload(), "172.16.0.1", Outcome::Unanswered(Cause::NotLearned));
        let learns = [("l1".to_owned(), (true, vec![range("10.0.0.0/23")]))].into();
        field.sites.get_mut("hq").unwrap().learns = learns;
        is(&field, &workload(), "172.16.0.1", Outcome::Answered);
        field.cloud.peerings[0].imports = false;
        is(&field, &workload(), "172.16.0.1", Outcome::Lost(Cause::Route(Lost::NoRoute)));
    }
}
