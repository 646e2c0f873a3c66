//! Which way a packet goes that a VPC network has to route.
//!
//! Read on 2026-12-01, in copies of April 2026:
//!
//! - *Routes*: <https://docs.cloud.google.com/vpc/docs/routes>
//! - *Static*: <https://docs.cloud.google.com/vpc/docs/static-routes>
//! - *Policy*: <https://docs.cloud.google.com/vpc/docs/policy-based-routes>
//! - *Peering*: <https://docs.cloud.google.com/vpc/docs/vpc-peering>
//! - *Learned*: <https://docs.cloud.google.com/network-connectivity/docs/router/concepts/learned-routes>
//! - *Order*: <https://docs.cloud.google.com/network-connectivity/docs/vpn/concepts/order-of-routes>
//! - *Costs*: <https://docs.cloud.google.com/network-connectivity/docs/router/how-to/updating-priority>
//! - *Spokes*: <https://docs.cloud.google.com/network-connectivity/docs/network-connectivity-center/concepts/vpc-spokes-overview>
//!
//! The copies of *Routes*, *Static*, *Policy*, *Peering* and *Spokes* are excerpts; what they leave
//! out is from knowledge of the pages, and marked with (k).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

/// Everything that routes are made of.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    pub networks: Vec<Network>,
    pub peerings: Vec<Peering>,
    pub lines: Vec<Line>,
    pub spokes: Vec<Spoke>,
    /// What decided between routes so far.
    pub decided: RefCell<BTreeSet<&'static str>>,
}

#[derive(Clone, Debug, Default)]
pub struct Network {
    pub name: String,
    /// Global dynamic routing; else regional.
    pub global: bool,
    /// The standard mode of best path selection; else the legacy one.
    pub standard: bool,
    pub subnets: Vec<Subnet>,
    pub statics: Vec<Static>,
    pub policies: Vec<Policy>,
    pub machines: Vec<Machine>,
    pub balancers: Vec<Balancer>,
}

#[derive(Clone, Debug)]
pub struct Subnet {
    pub name: String,
    pub region: String,
    pub ranges: Vec<IpNet>,
}

#[derive(Clone, Debug)]
pub struct Static {
    pub destination: IpNet,
    pub priority: u32,
    pub tags: Vec<String>,
    pub hop: Hop,
}

#[derive(Clone, Debug)]
pub enum Hop {
    Internet,
    Machine(String),
    Address(IpAddr),
    Balancer(String),
    /// A Classic VPN tunnel, by the place of the line.
    Tunnel(usize),
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub priority: u32,
    pub sources: Vec<IpNet>,
    pub destinations: Vec<IpNet>,
    pub protocol: Option<String>,
    pub scope: Scope,
    /// A load balancer, or nothing: the other policy-based routes are skipped.
    pub balancer: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Scope {
    Everything,
    Tags(Vec<String>),
    /// Attachments of a region, or of every one.
    Attachments(Option<String>),
}

#[derive(Clone, Debug)]
pub struct Machine {
    pub name: String,
    pub region: String,
    pub address: IpAddr,
    pub tags: Vec<String>,
    pub forwards: bool,
    /// Whether it puts its own address in front of what it forwards.
    pub translates: bool,
    /// Whether it forwards only what belongs to connections whose beginning it saw.
    pub stateful: bool,
    pub running: bool,
}

#[derive(Clone, Debug)]
pub struct Balancer {
    pub name: String,
    pub region: String,
    pub address: IpAddr,
    pub global_access: bool,
}

/// One side of a peering.
#[derive(Clone, Debug, Default)]
pub struct Peering {
    pub network: String,
    pub peer: String,
    pub exports: bool,
    pub imports: bool,
    pub exports_public: bool,
    pub imports_public: bool,
    pub dual: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Vpn,
    Interconnect,
    Classic,
}

/// A line to a site, with its BGP session.
#[derive(Clone, Debug)]
pub struct Line {
    pub site: String,
    pub name: String,
    pub network: String,
    pub region: String,
    pub kind: Kind,
    pub up: bool,
    pub announces: Vec<IpNet>,
    /// What the site gives as MED; the same unknown number for all lines that do not say it.
    pub med: Option<u32>,
    /// How many systems the path has.
    pub path: u32,
}

/// A spoke of a hub: a network, or the lines of a site.
#[derive(Clone, Debug)]
pub struct Spoke {
    pub hub: String,
    /// Whether the hub is a star, and whether this is in its center.
    pub star: bool,
    pub center: bool,
    pub network: Option<String>,
    pub site: Option<String>,
    pub include: Vec<IpNet>,
    pub exclude: Vec<IpNet>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Machine,
    Attachment,
    Tunnel,
}

#[derive(Clone, Debug)]
pub struct Packet {
    pub network: String,
    pub region: String,
    pub origin: Origin,
    pub tags: Vec<String>,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: String,
}

/// Where a packet is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// To what has the address in the subnet.
    Subnet {
        network: String,
        subnet: String,
    },
    Machine {
        network: String,
        name: String,
    },
    Balancer {
        network: String,
        name: String,
    },
    Internet,
    Line {
        site: String,
        line: String,
    },
    Dropped(Lost),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// No route has the destination.
    NoRoute,
    /// The routes to the most specific destination lead nowhere.
    NextHopDown,
    /// The load balancer is in another region and has no global access.
    OtherRegion,
}

impl Cloud {
    pub fn network(&self, name: &str) -> &Network {
        self.networks.iter().find(|own| own.name == name).expect("a network")
    }

    pub fn decided(&self, by: &'static str, is: bool) {
        if is {
            self.decided.borrow_mut().insert(by);
        }
    }

    /// Every way that a packet may go.
    pub fn ways(&self, packet: &Packet) -> BTreeSet<Way> {
        // Routes, order: policy-based routes come before all others, but for special paths.
        // Policy: only those of the highest priority count; of several with it, an algorithm of
        // Google's takes one. They do not match by longest prefix.
        let network = self.network(&packet.network);
        let matching: Vec<&Policy> =
            network.policies.iter().filter(|own| applies(own, packet)).collect();
        let Some(best) = matching.iter().map(|own| own.priority).min() else {
            return self.table(packet);
        };
        let ties = matching.iter().filter(|own| own.priority == best).count();
        self.decided("a tie of policies", ties > 1);
        let mut ways = BTreeSet::new();
        for policy in matching.iter().filter(|own| own.priority == best) {
            match &policy.balancer {
                None => ways.extend(self.table(packet)),
                Some(name) => {
                    ways.insert(self.to_balancer(packet, name));
                }
            }
        }
        ways
    }

    /// What subnet routes, static and dynamic routes say.
    fn table(&self, packet: &Packet) -> BTreeSet<Way> {
        // Routes, order: if the destination fits in a subnet route, no custom route is looked at.
        // Of several subnet routes the most specific one counts (k).
        let subnets = self.subnet_routes(&packet.network);
        let fits = subnets.iter().filter(|(range, ..)| range.contains(&packet.destination));
        if let Some((_, network, subnet)) = fits.max_by_key(|(range, ..)| range.prefix_len()) {
            return [Way::Subnet { network: network.clone(), subnet: subnet.clone() }].into();
        }
        // Costs: what another region costs lies between 201 and 9999, and is Google's to know. So
        // is what a site gives as MED if nothing says it. Every combination that could matter.
        let mut ways = BTreeSet::new();
        for world in self.worlds(packet) {
            ways.extend(self.custom(packet, &world));
        }
        ways
    }

    /// Destinations that stay in networks: of its own subnets, of those of peers, of those of other
    /// spokes.
    fn subnet_routes(&self, name: &str) -> Vec<(IpNet, String, String)> {
        let ranges_of = |network: &str| {
            let each = |subnet: &Subnet| {
                let of = |range: &IpNet| (*range, network.to_owned(), subnet.name.clone());
                subnet.ranges.iter().map(of).collect::<Vec<_>>()
            };
            self.network(network).subnets.iter().flat_map(each).collect::<Vec<_>>()
        };
        let mut routes = ranges_of(name);
        for (own, theirs) in self.peers(name) {
            // Peering: subnet routes of private IPv4 addresses are always exchanged; those of
            // public ones where one side exports and the other imports; those of IPv6 where both
            // sides have both versions. Nothing that a peer has from others (not transitive).
            routes.extend(ranges_of(&own.peer).into_iter().filter(|(range, ..)| match range {
                IpNet::V6(_) => own.dual && theirs.dual,
                _ => is_private(range) || (theirs.exports_public && own.imports_public),
            }));
        }
        for spoke in self.other_spokes(name) {
            // Spokes: networks that are spokes exchange subnet routes, privately used public
            // addresses included, but for excluded ranges.
            let Some(network) = &spoke.network else { continue };
            if network != name {
                let routes_of = ranges_of(network).into_iter();
                routes.extend(routes_of.filter(|(range, ..)| spoke.gives(range)));
            }
        }
        routes
    }

    /// The peerings of a network of which both sides are there.
    fn peers(&self, name: &str) -> Vec<(&Peering, &Peering)> {
        let mut peers = Vec::new();
        for own in self.peerings.iter().filter(|own| own.network == name) {
            // Peering: a connection is active only once both networks have made their side.
            let other = |other: &&Peering| other.network == own.peer && other.peer == own.network;
            peers.extend(self.peerings.iter().find(other).map(|theirs| (own, theirs)));
        }
        peers
    }

    /// The spokes that exchange routes with a network.
    fn other_spokes(&self, name: &str) -> Vec<&Spoke> {
        let mut others = Vec::new();
        // A network with the lines of a hybrid spoke takes the subnet routes of the hub in, so that
        // what comes from the site gets to other spokes (k).
        let of = |own: &&Spoke| match (&own.network, &own.site) {
            (Some(network), _) => network == name,
            (None, site) => {
                let own = |line: &Line| Some(&line.site) == site.as_ref() && line.network == name;
                self.lines.iter().any(own)
            }
        };
        for own in self.spokes.iter().filter(of) {
            for other in self.spokes.iter().filter(|other| other.hub == own.hub) {
                // Spokes: in a mesh everybody with everybody; in a star those at the edge with
                // those in the center alone.
                if !own.star || own.center || other.center {
                    others.push(other);
                }
            }
        }
        others
    }

    /// The routes of the highest rank among static and dynamic ones.
    fn custom(&self, packet: &Packet, world: &World) -> BTreeSet<Way> {
        let mut model = self.candidates(packet, world);
        model.retain(|each| each.destination.contains(&packet.destination));
        // Routes, order: only the most specific destination stays in the model.
        let longest = model.iter().map(|each| each.destination.prefix_len()).max();
        let Some(longest) = longest else { return [Way::Dropped(Lost::NoRoute)].into() };
        model.retain(|each| each.destination.prefix_len() == longest);
        // Routes, order: where there is a local static or dynamic route, those of hubs and of peers
        // go; where there is a dynamic route of a hub, those of peers go.
        let nearest = model.iter().map(|each| each.from).min();
        let from = |from| model.iter().any(|each| each.from == from);
        self.decided(
            "own routes before those of peers",
            nearest != Some(From::Peer) && from(From::Peer),
        );
        self.decided(
            "own routes before those of hubs",
            nearest == Some(From::Own) && from(From::Hub),
        );
        self.decided("routes of a hub", from(From::Hub));
        // Of static routes of peers against own ones that are dynamic the copy says nothing.
        let undecided = |each: &Candidate| each.from == From::Peer && !each.dynamic;
        let dynamic = model.iter().all(|each| each.from != From::Own || each.dynamic);
        let open = nearest == Some(From::Own) && dynamic && model.iter().any(undecided);
        self.decided("own dynamic routes against static ones of peers", open);
        model.retain(|each| Some(each.from) == nearest || (open && undecided(each)));
        // Routes, order: routes of peers are taken from one network alone, which an algorithm of
        // Google's chooses, before priorities are looked at.
        let owners: BTreeSet<&str> = model.iter().map(|each| each.owner.as_str()).collect();
        self.decided("one peer of several", owners.len() > 1);
        let mut ways = BTreeSet::new();
        for owner in owners {
            let of = model.iter().filter(|each| each.owner == owner).collect();
            ways.extend(self.best(packet, of));
        }
        ways
    }

    /// The ways of the best of some routes to one destination.
    fn best(&self, packet: &Packet, mut model: Vec<&Candidate>) -> BTreeSet<Way> {
        // Routes, order: static and dynamic routes with unusable next hops are disregarded. Order:
        // before priorities; and if none is left the packet is dropped, whatever broader routes
        // there are.
        self.decided("next hops that are disregarded", model.iter().any(|each| !each.usable));
        model.retain(|each| each.usable);
        let dynamic = model.iter().filter(|each| each.dynamic).count();
        let unsaid = model.iter().any(|each| each.unsaid);
        self.decided("static against a MED that nobody gives", unsaid && dynamic < model.len());
        self.decided("a MED that nobody gives", unsaid);
        // Routes, order: all but the highest priority are disregarded.
        let first = model.iter().map(|each| each.priority).min();
        model.retain(|each| Some(each.priority) == first);
        // Routes, order (k): then only the best category stays: static routes to machines and
        // Classic VPN tunnels, dynamic routes, static routes to load balancers, the gateway.
        let category = model.iter().map(|each| each.category).min();
        self.decided("categories", model.iter().any(|each| Some(each.category) != category));
        model.retain(|each| Some(each.category) == category);
        if model.is_empty() {
            return [Way::Dropped(Lost::NextHopDown)].into();
        }
        // Routes, order: several that are left share by ECMP; of several load balancers Google
        // takes one (k). Either way each of them may be the one.
        let way = |each: &&Candidate| match &each.to {
            To::Way(way) => way.clone(),
            To::Balancer(name) => self.to_balancer_of(packet, &each.owner, name),
        };
        model.iter().map(way).collect()
    }

    /// Static and dynamic routes that hold for a packet.
    fn candidates(&self, packet: &Packet, world: &World) -> Vec<Candidate> {
        let name = &packet.network;
        let mut candidates = Vec::new();
        for route in &self.network(name).statics {
            // Static: one with tags holds for machines that have one of them.
            let tagged = route.tags.iter().any(|tag| packet.tags.contains(tag));
            if route.tags.is_empty() || (packet.origin == Origin::Machine && tagged) {
                candidates.extend(self.by_static(name, route, From::Own));
            }
        }
        let dynamic = self.dynamics(name, &packet.region, world);
        candidates.extend(dynamic.into_iter().map(|each| Candidate { from: From::Own, ..each }));
        for (own, theirs) in self.peers(name) {
            // Peering: static and dynamic routes are exchanged where one side exports and the other
            // imports; never those with tags, nor those to the gateway. Of IPv6 only where both
            // sides have both versions.
            if !(theirs.exports && own.imports) {
                continue;
            }
            let dual = own.dual && theirs.dual;
            let mut taken = Vec::new();
            for route in &self.network(&own.peer).statics {
                if route.tags.is_empty() && !matches!(route.hop, Hop::Internet) {
                    taken.extend(self.by_static(&own.peer, route, From::Peer));
                }
            }
            // Peering: the mode of the network that exports controls in which regions.
            let dynamic = self.dynamics(&own.peer, &packet.region, world).into_iter();
            taken.extend(dynamic.map(|each| Candidate { from: From::Peer, ..each }));
            taken.retain(|each| dual || matches!(each.destination, IpNet::V4(_)));
            candidates.extend(taken);
        }
        for spoke in self.other_spokes(name) {
            // Spokes: dynamic routes of hybrid spokes are exchanged with networks that are spokes,
            // IPv4 alone.
            let Some(site) = &spoke.site else { continue };
            let networks: BTreeSet<&String> =
                self.lines.iter().filter(|own| own.site == *site).map(|own| &own.network).collect();
            for network in networks.into_iter().filter(|own| *own != name) {
                let of = |each: &Candidate| {
                    matches!(&each.to, To::Way(Way::Line { site: own, .. }) if own == site)
                        && matches!(each.destination, IpNet::V4(_))
                        && spoke.gives(&each.destination)
                };
                // No page says whether the mode of the network with the lines holds for others.
                let region = &packet.region;
                let dynamic = self.dynamics_as(network, region, world, world.hub).into_iter();
                candidates
                    .extend(dynamic.filter(of).map(|each| Candidate { from: From::Hub, ..each }));
            }
        }
        // Routes, interactions: no dynamic route is made whose destination fits in a subnet route.
        let subnets = self.subnet_routes(name);
        let fits =
            |each: &Candidate| subnets.iter().any(|(own, ..)| own.contains(&each.destination));
        candidates.retain(|each| !(each.dynamic && fits(each)));
        candidates
    }

    fn by_static(&self, owner: &str, route: &Static, from: From) -> Option<Candidate> {
        let network = self.network(owner);
        let machine = |own: &Machine| {
            To::Way(Way::Machine { network: owner.to_owned(), name: own.name.clone() })
        };
        let (to, usable, category) = match &route.hop {
            Hop::Internet => (To::Way(Way::Internet), true, 4),
            Hop::Machine(name) => {
                let own = network.machines.iter().find(|own| own.name == *name)?;
                // Static: a machine is a next hop as long as it runs.
                (machine(own), own.running, 1)
            }
            // Static: an address that no interface has is disregarded.
            Hop::Address(address) => {
                match network.machines.iter().find(|own| own.address == *address) {
                    Some(own) => (machine(own), own.running, 1),
                    None => (To::Way(Way::Dropped(Lost::NextHopDown)), false, 1),
                }
            }
            // Static (k): a load balancer without healthy backends stays in effect.
            Hop::Balancer(name) => (To::Balancer(name.clone()), true, 3),
            // Order: a tunnel without an established security association is no next hop.
            Hop::Tunnel(at) => {
                let line = &self.lines[*at];
                (To::Way(line.way()), line.up, 1)
            }
        };
        Some(Candidate {
            destination: route.destination,
            priority: i64::from(route.priority),
            from,
            owner: owner.to_owned(),
            to,
            usable,
            category,
            dynamic: false,
            unsaid: false,
        })
    }

    /// The dynamic routes of a network as they are in a region.
    fn dynamics(&self, name: &str, region: &str, world: &World) -> Vec<Candidate> {
        self.dynamics_as(name, region, world, false)
    }

    /// The same, in every region if `everywhere`.
    fn dynamics_as(
        &self,
        name: &str,
        region: &str,
        world: &World,
        everywhere: bool,
    ) -> Vec<Candidate> {
        let own = self.network(name);
        let network = &Network { global: own.global || everywhere, ..own.clone() };
        // Order: when a tunnel is down its learned routes are removed. Classic VPN has static
        // routes alone.
        let speaks = |own: &&Line| own.network == name && own.up && own.kind != Kind::Classic;
        let lines: Vec<&Line> = self.lines.iter().filter(speaks).collect();
        let prefixes: BTreeSet<IpNet> =
            lines.iter().flat_map(|own| own.announces.iter().copied()).collect();
        // A range inside a subnet's never becomes a route.
        let subnets = self.subnet_routes(name);
        let mut candidates = Vec::new();
        for prefix in prefixes {
            if subnets.iter().any(|(own, ..)| own.contains(&prefix)) {
                continue;
            }
            let of: Vec<&Line> =
                lines.iter().copied().filter(|own| own.announces.contains(&prefix)).collect();
            for (line, priority) in ranked(network, region, of, world) {
                candidates.push(Candidate {
                    destination: prefix,
                    priority,
                    from: From::Own,
                    owner: name.to_owned(),
                    to: To::Way(line.way()),
                    usable: true,
                    category: 2,
                    dynamic: true,
                    unsaid: line.med.is_none(),
                });
            }
        }
        candidates
    }

    fn to_balancer(&self, packet: &Packet, name: &str) -> Way {
        // Policy: the load balancer is of the route's network, or of one that is its peer.
        let mut near = vec![packet.network.as_str()];
        near.extend(self.peers(&packet.network).iter().map(|(own, _)| own.peer.as_str()));
        let has = |own: &&&str| self.network(own).balancers.iter().any(|own| own.name == name);
        match near.iter().find(has) {
            Some(owner) => self.to_balancer_of(packet, owner, name),
            None => Way::Dropped(Lost::NextHopDown),
        }
    }

    fn to_balancer_of(&self, packet: &Packet, owner: &str, name: &str) -> Way {
        let network = self.network(owner);
        let own = network.balancers.iter().find(|own| own.name == name).expect("a balancer");
        // Routes, order: one without global access is not reached from other regions.
        if own.region != packet.region && !own.global_access {
            self.decided("a load balancer of another region", true);
            return Way::Dropped(Lost::OtherRegion);
        }
        Way::Balancer { network: owner.to_owned(), name: name.to_owned() }
    }

    /// Everything that the numbers may be that nobody says, as far as it could decide.
    fn worlds(&self, packet: &Packet) -> Vec<World> {
        // Lines that do not announce it do not matter.
        let announces =
            |own: &&Line| own.announces.iter().any(|range| range.contains(&packet.destination));
        let lines: Vec<&Line> = self.lines.iter().filter(announces).collect();
        let mut regions: BTreeSet<&String> = lines.iter().map(|own| &own.region).collect();
        regions.remove(&packet.region);
        let regions: Vec<&String> = regions.into_iter().collect();
        self.decided("the cost of regions", !regions.is_empty() && lines.len() > 1);
        let statics: BTreeSet<i64> = self
            .networks
            .iter()
            .flat_map(|own| own.statics.iter().map(|route| i64::from(route.priority)))
            .collect();
        let given: BTreeSet<i64> = lines.iter().filter_map(|own| own.med).map(i64::from).collect();
        let near = |around: i64| [around - 1, around, around + 1];
        let mut meds: BTreeSet<i64> = [0, 65_535].into();
        meds.extend(statics.iter().chain(&given).flat_map(|around| near(*around)));
        meds.retain(|med| (0..=65_535).contains(med));
        if lines.iter().all(|own| own.med.is_some()) {
            meds = [0].into();
        }
        let mut worlds = Vec::new();
        for med in meds {
            let mut costs: BTreeSet<i64> = [201, 9_999].into();
            let all = given.iter().copied().chain([med]);
            costs.extend(all.flat_map(|med| statics.iter().flat_map(move |own| near(own - med))));
            for one in &given {
                costs.extend(given.iter().flat_map(|other| near(one - other)));
            }
            costs.retain(|cost| (201..=9_999).contains(cost));
            let mut choices = vec![BTreeMap::new()];
            for region in &regions {
                let each = |known: &BTreeMap<String, i64>| {
                    let with = |cost: &i64| {
                        let mut known = known.clone();
                        known.insert((*region).clone(), *cost);
                        known
                    };
                    costs.iter().map(with).collect::<Vec<_>>()
                };
                choices = choices.iter().flat_map(each).collect();
            }
            for hub in [false, true] {
                let of = |costs: &BTreeMap<String, i64>| World { med, costs: costs.clone(), hub };
                worlds.extend(choices.iter().map(of));
            }
        }
        if self.spokes.is_empty() {
            worlds.retain(|own| !own.hub);
        }
        worlds
    }
}

/// What nobody says.
#[derive(Debug)]
struct World {
    med: i64,
    /// The cost of each other region.
    costs: BTreeMap<String, i64>,
    /// Whether hubs carry dynamic routes of networks with regional routing into other regions.
    hub: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Own,
    Hub,
    Peer,
}

#[derive(Clone, Debug)]
enum To {
    Way(Way),
    Balancer(String),
}

#[derive(Clone, Debug)]
struct Candidate {
    destination: IpNet,
    priority: i64,
    from: From,
    owner: String,
    to: To,
    usable: bool,
    category: u8,
    dynamic: bool,
    /// Whether its priority is a MED that nobody gives.
    unsaid: bool,
}

/// The lines that a region takes for a prefix, with the priority of the route.
fn ranked<'l>(
    network: &Network,
    region: &str,
    lines: Vec<&'l Line>,
    world: &World,
) -> Vec<(&'l Line, i64)> {
    // Learned, routing mode: regional takes what its own region learned; global what every one did.
    let near: Vec<&Line> =
        lines.into_iter().filter(|own| network.global || own.region == region).collect();
    let med = |own: &Line| own.med.map_or(world.med, i64::from);
    // One of lines that do not matter is not in the world.
    let costs = |region: &str| world.costs.get(region).copied().unwrap_or(201);
    let cost = |own: &Line| if own.region == region { 0 } else { costs(&own.region) };
    if network.standard {
        // Learned, standard mode: the shortest path, then the smallest MED (always compared here:
        // a site has one system), then the smallest cost between regions; the route has priority
        // 65536, so that any static one goes first.
        let shortest = near.iter().map(|own| own.path).min();
        let near = near.into_iter().filter(|own| Some(own.path) == shortest);
        let near: Vec<&Line> = near.collect();
        let smallest = near.iter().map(|own| med(own)).min();
        let near: Vec<&Line> = near.into_iter().filter(|own| Some(med(own)) == smallest).collect();
        let cheapest = near.iter().map(|own| cost(own)).min();
        let near = near.into_iter().filter(|own| Some(cost(own)) == cheapest);
        return near.map(|own| (own, 65_536)).collect();
    }
    // Learned, legacy mode: a region gives its lowest MED to the others, which add the cost; the
    // lowest sum makes the routes. The path counts within one task of a router alone.
    let smallest = near.iter().map(|own| med(own) + cost(own)).min();
    let best = near.into_iter().filter(|own| Some(med(own) + cost(own)) == smallest);
    best.map(|own| (own, med(own) + cost(own))).collect()
}

fn applies(policy: &Policy, packet: &Packet) -> bool {
    let within = |ranges: &[IpNet], address: &IpAddr| {
        ranges.is_empty() || ranges.iter().any(|own| own.contains(address))
    };
    // Policy: all machines, attachments and tunnels; or machines with a tag; or attachments.
    let scope = match &policy.scope {
        Scope::Everything => true,
        Scope::Tags(tags) => {
            packet.origin == Origin::Machine && tags.iter().any(|tag| packet.tags.contains(tag))
        }
        Scope::Attachments(region) => {
            packet.origin == Origin::Attachment
                && region.as_ref().is_none_or(|own| *own == packet.region)
        }
    };
    scope
        && within(&policy.sources, &packet.source)
        && within(&policy.destinations, &packet.destination)
        && policy.protocol.as_ref().is_none_or(|own| *own == packet.protocol)
}

impl Line {
    pub fn way(&self) -> Way {
        Way::Line { site: self.site.clone(), line: self.name.clone() }
    }
}

impl Spoke {
    /// Spokes: excluded ranges go first; where some are included, only those.
    fn gives(&self, range: &IpNet) -> bool {
        let within = |ranges: &[IpNet]| ranges.iter().any(|own| own.contains(range));
        (self.include.is_empty() || within(&self.include)) && !within(&self.exclude)
    }
}

/// Subnets, valid ranges (k): private addresses in Google's sense; other IPv4 ranges are public
/// ones used privately.
pub fn is_private(range: &IpNet) -> bool {
    const PRIVATE: &[&str] = &[
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
    ];
    let holds = |own: &&str| own.parse::<IpNet>().expect("a range").contains(range);
    matches!(range, IpNet::V6(_)) || PRIVATE.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    fn subnet(name: &str, region: &str, text: &str) -> Subnet {
        Subnet { name: name.into(), region: region.into(), ranges: vec![range(text)] }
    }

    fn machine(name: &str, address: &str) -> Machine {
        Machine {
            name: name.into(),
            region: "r1".into(),
            address: address.parse().unwrap(),
            tags: Vec::new(),
            forwards: true,
            translates: false,
            stateful: false,
            running: true,
        }
    }

    fn to(destination: &str, priority: u32, hop: Hop) -> Static {
        Static { destination: range(destination), priority, tags: Vec::new(), hop }
    }

    fn line(name: &str, region: &str, announces: &str) -> Line {
        Line {
            site: "hq".into(),
            name: name.into(),
            network: "a".into(),
            region: region.into(),
            kind: Kind::Vpn,
            up: true,
            announces: vec![range(announces)],
            med: None,
            path: 1,
        }
    }

    fn cloud() -> Cloud {
        let network = Network {
            name: "a".into(),
            subnets: vec![subnet("s", "r1", "10.0.0.0/24")],
            statics: vec![to("0.0.0.0/0", 1000, Hop::Internet)],
            machines: vec![machine("m1", "10.0.0.5"), machine("m2", "10.0.0.6")],
            ..Network::default()
        };
        Cloud { networks: vec![network], ..Cloud::default() }
    }

    fn packet(destination: &str) -> Packet {
        Packet {
            network: "a".into(),
            region: "r1".into(),
            origin: Origin::Machine,
            tags: Vec::new(),
            source: "10.0.0.9".parse().unwrap(),
            destination: destination.parse().unwrap(),
            protocol: "tcp".into(),
        }
    }

    fn ways(cloud: &Cloud, destination: &str) -> BTreeSet<Way> {
        cloud.ways(&packet(destination))
    }

    fn via(name: &str) -> Way {
        Way::Machine { network: "a".into(), name: name.into() }
    }

    #[test]
    fn subnet_routes_come_before_custom_ones() {
        let mut cloud = cloud();
        let here = Way::Subnet { network: "a".into(), subnet: "s".into() };
        assert_eq!(ways(&cloud, "10.0.0.77"), [here].into());
        assert_eq!(ways(&cloud, "10.0.1.77"), [Way::Internet].into());
        cloud.networks[0].statics.clear();
        assert_eq!(ways(&cloud, "10.0.1.77"), [Way::Dropped(Lost::NoRoute)].into());
    }

    /// The examples of what happens when tunnels are down.
    #[test]
    fn next_hops_that_are_down_are_disregarded_before_priorities() {
        let mut cloud = cloud();
        for (name, up) in [("t1", false), ("t2", true), ("t3", true)] {
            let kind = Kind::Classic;
            let tunnel = line(name, "r1", "192.168.168.0/24");
            cloud.lines.push(Line { kind, up, ..tunnel });
        }
        let statics = &mut cloud.networks[0].statics;
        statics.extend(
            [10, 20, 30]
                .into_iter()
                .zip(0..)
                .map(|(priority, at)| to("192.168.168.0/24", priority, Hop::Tunnel(at))),
        );
        statics.push(to("192.168.0.0/16", 5, Hop::Machine("m1".into())));
        let second = Way::Line { site: "hq".into(), line: "t2".into() };
        assert_eq!(ways(&cloud, "192.168.168.1"), [second].into());
        for line in &mut cloud.lines {
            line.up = false;
        }
        assert_eq!(ways(&cloud, "192.168.168.1"), [Way::Dropped(Lost::NextHopDown)].into());
        assert_eq!(ways(&cloud, "192.168.1.1"), [via("m1")].into());
    }

    #[test]
    fn priorities_then_categories_then_shares() {
        let mut cloud = cloud();
        let balancer = Balancer {
            name: "lb".into(),
            region: "r1".into(),
            address: "10.0.0.8".parse().unwrap(),
            global_access: false,
        };
        cloud.networks[0].balancers = vec![balancer];
        let route = |hop| to("172.16.0.0/12", 1000, hop);
        cloud.networks[0].statics.extend([
            route(Hop::Machine("m1".into())),
            route(Hop::Address("10.0.0.6".parse().unwrap())),
            route(Hop::Balancer("lb".into())),
            route(Hop::Internet),
        ]);
        assert_eq!(ways(&cloud, "172.16.0.1"), [via("m1"), via("m2")].into());
        cloud.networks[0].statics[3].priority = 999;
        let balanced = Way::Balancer { network: "a".into(), name: "lb".into() };
        assert_eq!(ways(&cloud, "172.16.0.1"), [balanced].into());
        cloud.networks[0].balancers[0].region = "r2".into();
        assert_eq!(ways(&cloud, "172.16.0.1"), [Way::Dropped(Lost::OtherRegion)].into());
    }

    #[test]
    fn policies_come_first() {
        let mut cloud = cloud();
        cloud.networks[0].balancers = vec![Balancer {
            name: "lb".into(),
            region: "r1".into(),
            address: "10.0.0.8".parse().unwrap(),
            global_access: false,
        }];
        let policy = |priority, balancer: Option<&str>, scope| Policy {
            priority,
            sources: Vec::new(),
            destinations: vec![range("10.0.0.0/24")],
            protocol: Some("tcp".into()),
            scope,
            balancer: balancer.map(Into::into),
        };
        let balanced = Way::Balancer { network: "a".into(), name: "lb".into() };
        let here = Way::Subnet { network: "a".into(), subnet: "s".into() };
        cloud.networks[0].policies = vec![policy(100, Some("lb"), Scope::Everything)];
        assert_eq!(ways(&cloud, "10.0.0.77"), [balanced.clone()].into());
        cloud.networks[0].policies.push(policy(99, None, Scope::Tags(vec!["t".into()])));
        assert_eq!(ways(&cloud, "10.0.0.77"), [balanced.clone()].into());
        let tagged = Packet { tags: vec!["t".into()], ..packet("10.0.0.77") };
        assert_eq!(cloud.ways(&tagged), [here.clone()].into());
        cloud.networks[0].policies[1].priority = 100;
        assert_eq!(cloud.ways(&tagged), [here.clone(), balanced.clone()].into());
        cloud.networks[0].policies[1] = policy(1, None, Scope::Attachments(Some("r1".into())));
        let attached = Packet { origin: Origin::Attachment, ..packet("10.0.0.77") };
        assert_eq!(cloud.ways(&attached), [here].into());
        let udp = Packet { protocol: "udp".into(), ..packet("10.0.0.77") };
        assert_eq!(cloud.ways(&udp).len(), 1);
    }

    #[test]
    fn own_region_first_then_whatever_it_costs() {
        let mut cloud = cloud();
        cloud.networks[0].global = true;
        let near = line("near", "r1", "172.16.0.0/12");
        cloud.lines = vec![line("far", "r2", "172.16.0.0/12"), near];
        let by = |name: &str| Way::Line { site: "hq".into(), line: name.into() };
        assert_eq!(ways(&cloud, "172.16.0.1"), [by("near")].into());
        cloud.lines[1].region = "r3".into();
        assert_eq!(ways(&cloud, "172.16.0.1"), [by("far"), by("near")].into());
        cloud.lines[0].med = Some(20_000);
        cloud.lines[1].med = Some(100);
        assert_eq!(ways(&cloud, "172.16.0.1"), [by("near")].into());
        cloud.lines[0].path = 1;
        cloud.lines[1].path = 2;
        assert_eq!(ways(&cloud, "172.16.0.1"), [by("near")].into());
        cloud.networks[0].standard = true;
        assert_eq!(ways(&cloud, "172.16.0.1"), [by("far")].into());
        cloud.networks[0].global = false;
        assert_eq!(ways(&cloud, "172.16.0.1"), [Way::Internet].into());
    }

    #[test]
    fn static_against_dynamic_by_priority() {
        let mut cloud = cloud();
        cloud.lines = vec![line("l", "r1", "0.0.0.0/0")];
        let by = Way::Line { site: "hq".into(), line: "l".into() };
        assert_eq!(ways(&cloud, "8.8.8.8"), [Way::Internet, by.clone()].into());
        cloud.lines[0].med = Some(100);
        assert_eq!(ways(&cloud, "8.8.8.8"), [by.clone()].into());
        cloud.lines[0].med = Some(1000);
        assert_eq!(ways(&cloud, "8.8.8.8"), [by].into());
        cloud.lines[0].med = Some(1001);
        assert_eq!(ways(&cloud, "8.8.8.8"), [Way::Internet].into());
        cloud.lines[0].med = Some(0);
        cloud.networks[0].standard = true;
        assert_eq!(ways(&cloud, "8.8.8.8"), [Way::Internet].into());
        cloud.lines[0].announces = vec![range("10.0.0.0/25")];
        assert_eq!(ways(&cloud, "10.0.0.1").len(), 1);
    }

    #[test]
    fn peers_give_what_both_sides_let_pass() {
        let mut cloud = cloud();
        let peer = Network {
            name: "b".into(),
            subnets: vec![subnet("t", "r1", "10.1.0.0/24"), subnet("p", "r1", "50.0.0.0/24")],
            statics: vec![to("172.16.0.0/12", 1000, Hop::Address("10.1.0.5".parse().unwrap()))],
            machines: vec![machine("m9", "10.1.0.5")],
            ..Network::default()
        };
        cloud.networks.push(peer);
        let side = |network: &str, peer: &str| Peering {
            network: network.into(),
            peer: peer.into(),
            ..Peering::default()
        };
        cloud.peerings = vec![side("a", "b")];
        assert_eq!(ways(&cloud, "10.1.0.5"), [Way::Internet].into());
        cloud.peerings.push(side("b", "a"));
        let there = |name: &str| Way::Subnet { network: "b".into(), subnet: name.into() };
        assert_eq!(ways(&cloud, "10.1.0.5"), [there("t")].into());
        assert_eq!(ways(&cloud, "50.0.0.1"), [Way::Internet].into());
        cloud.peerings[0].imports_public = true;
        cloud.peerings[1].exports_public = true;
        assert_eq!(ways(&cloud, "50.0.0.1"), [there("p")].into());
        assert_eq!(ways(&cloud, "172.16.0.1"), [Way::Internet].into());
        cloud.peerings[0].imports = true;
        cloud.peerings[1].exports = true;
        let far = Way::Machine { network: "b".into(), name: "m9".into() };
        assert_eq!(ways(&cloud, "172.16.0.1"), [far].into());
        cloud.networks[0].statics.push(to("172.16.0.0/12", 9000, Hop::Machine("m1".into())));
        assert_eq!(ways(&cloud, "172.16.0.1"), [via("m1")].into());
        cloud.networks[0].machines[0].running = false;
        assert_eq!(ways(&cloud, "172.16.0.1"), [Way::Dropped(Lost::NextHopDown)].into());
    }

    #[test]
    fn spokes_exchange_by_the_form_of_their_hub() {
        let mut cloud = cloud();
        let network = |name: &str, text: &str| Network {
            name: name.into(),
            subnets: vec![subnet("t", "r1", text)],
            ..Network::default()
        };
        cloud.networks.extend([network("b", "10.1.0.0/24"), network("c", "10.2.0.0/24")]);
        let spoke = |name: &str| Spoke {
            hub: "h".into(),
            star: false,
            center: false,
            network: Some(name.into()),
            site: None,
            include: Vec::new(),
            exclude: Vec::new(),
        };
        cloud.spokes = vec![spoke("a"), spoke("b")];
        let there = Way::Subnet { network: "b".into(), subnet: "t".into() };
        assert_eq!(ways(&cloud, "10.1.0.5"), [there.clone()].into());
        for spoke in &mut cloud.spokes {
            spoke.star = true;
        }
        assert_eq!(ways(&cloud, "10.1.0.5"), [Way::Internet].into());
        cloud.spokes[1].center = true;
        assert_eq!(ways(&cloud, "10.1.0.5"), [there].into());
        cloud.spokes[1].exclude = vec![range("10.1.0.0/16")];
        assert_eq!(ways(&cloud, "10.1.0.5"), [Way::Internet].into());
        // The lines of a site, in a network of which the other sees them.
        cloud.lines = vec![Line { network: "c".into(), ..line("l", "r1", "172.16.0.0/12") }];
        let site = Spoke { network: None, site: Some("hq".into()), center: true, ..spoke("c") };
        cloud.spokes.push(Spoke { star: true, ..site });
        let by = Way::Line { site: "hq".into(), line: "l".into() };
        assert_eq!(ways(&cloud, "172.16.0.1"), [by].into());
    }
}
