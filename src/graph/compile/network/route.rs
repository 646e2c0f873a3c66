//! Route tables: subnet routes, static and dynamic ones, and what peerings and hubs bring (EGR-080
//! to EGR-096).

use crate::graph::{Branch, ChoiceKind};
use crate::graph::{HopKind, ResourceKind};
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::always::METADATA_SERVER;
use super::dynamic::{MED, Uplink};
use super::inside::Apis;
use super::reply::Leg;
use super::{Attachment, Class, Client, EVERY_IPV6, NAT64, NetworkSender, Sends, is_private};
use crate::graph::Placeholders;
use crate::graph::compile::{Core, Networks, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{AssumptionKind, Body, Cause, FieldChange, HopId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::hybrid::{NccHub, NccSpoke};
use crate::topology::network::{Network, Passthrough, SubnetPurpose, UNIQUE_LOCAL, Vm};
use crate::topology::private_access::PscEndpoint;
use crate::topology::record::{Id, Spanned};
use crate::topology::routing::{Peering, Route};

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Way {
    /// Into a network: the own one, or a peered one.
    Network { network: Id<Network>, peered: bool },
    /// To the managed services of a network, by private services access.
    Managed(Id<Network>),
    /// To an endpoint for Google APIs.
    Apis(Id<PscEndpoint>),
    /// To the default internet gateway.
    Internet,
    /// To a machine that passes it on.
    Machine(Id<Vm>),
    /// To the machines behind an internal passthrough load balancer.
    Passthrough(Id<Passthrough>),
    /// Into a network that is a spoke of the same hub.
    Hub { network: Id<Network>, hub: Id<NccHub> },
    /// To endpoints for published services in another spoke of a hub.
    HubEndpoint { network: Id<Network>, hub: Id<NccHub> },
    /// Into a network that the topology does not have, by a peering.
    ForeignPeer(Id<Peering>),
    /// Into a network that the topology does not have, by its spoke.
    ForeignSpoke(Id<NccSpoke>),
    /// To sites over some of their lines.
    Site { uplinks: Vec<Uplink>, through: Through },
    /// To addresses that only private translation uses (EGR-075).
    Translation,
    /// To the metadata server (EGR-110).
    Metadata,
    /// To something that does not exist.
    Nowhere,
}

/// Whose lines a way to a site takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Through {
    /// Those of the network itself.
    Own,
    /// Those of a peered network.
    Peering,
    /// Those of a spoke of the same hub; `far` if they end in other regions, and their network
    /// keeps dynamic routes to those.
    Hub { network: Id<Network>, hub: Id<NccHub>, far: bool },
}

/// One of several routes between which nothing documented decides.
pub(super) struct TiedRoute<'t> {
    pub id: &'t str,
    pub at: Span,
    /// Which packets it is for.
    pub when: ExpressionId,
}

/// A row of a route table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub range: IpNet,
    pub way: Way,
    pub subnet: bool,
    pub priority: u32,
    pub local: bool,
    /// Where it stands among equal ones by its kind (EGR-084).
    pub rank: u8,
    /// The static route that it is.
    pub route: Option<Id<Route>>,
}

impl Row {
    pub(super) fn subnet(range: IpNet, way: Way, local: bool) -> Self {
        Row { range, way, subnet: true, priority: 0, local, rank: 0, route: None }
    }

    pub(super) fn dynamic(range: IpNet, way: Way, local: bool) -> Self {
        Row { range, way, subnet: false, priority: MED, local, rank: 2, route: None }
    }

    /// Whether BGP told of it.
    pub(super) fn is_dynamic(&self) -> bool {
        self.route.is_none() && matches!(self.way, Way::Site { .. })
    }
}

impl<'t> Networks<'t> {
    /// The first hop behind the egress firewall of a sender: policy-based routes, then its route
    /// table (EGR-080). That routes limited by tag hold for connectors is not documented (EGR-037).
    pub(super) fn routed(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let honoured = self.routed_by_tags(core, sender);
        let topology = core.topology;
        let here = core.inventory.network(sender.network);
        let chooses = |tags: &[Spanned<String>]| !tags.is_empty() && sender.has_tag(tags);
        let differs = here.routes.iter().any(|own| chooses(&topology.routes[*own].tags))
            || here.policy_routes.iter().any(|own| chooses(&topology.policy_routes[*own].tags));
        if sender.class != Class::Connector || !differs {
            return honoured;
        }
        let untagged = NetworkSender { tags: Vec::new(), ..sender.clone() };
        let otherwise = self.routed_by_tags(core, &untagged);
        let branches = vec![(core.disputed("connector-honours-tagged-routes"), honoured)].into();
        let place = Place::new(sender.resource, HopKind::TaggedRoutes, RuleId::egr(37), sender.at);
        core.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }))
    }

    fn routed_by_tags(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let table = self.by_table(core, sender);
        self.by_policy(core, sender, table)
    }

    /// The route table as a switch.
    fn by_table(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let place = Place::new(sender.resource, HopKind::Route, RuleId::egr(80), sender.at);
        let rows = self.table(core, sender.network, &sender.region, &sender.tags);
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        let mut ways: BTreeMap<Way, HopId> = BTreeMap::new();
        for (range, rows) in chosen(rows) {
            let hops: Vec<HopId> = rows
                .iter()
                .map(|row| {
                    let known = ways.get(&row.way).copied();
                    let mut next = known.unwrap_or_else(|| self.way(core, sender, &row.way));
                    ways.insert(row.way.clone(), next);
                    if let (Way::Site { through: Through::Own, .. }, None) = (&row.way, row.route) {
                        next = self.senders.private_nat(core, sender, None, next);
                    }
                    core.by_static_route(row, next)
                })
                .collect();
            ranges.push((range, core.tied(place, sender, &rows, hops)));
        }
        ranges.sort_by_key(|(range, _)| *range);
        let no_route = core.drop(Cause::NoRoute);
        let otherwise = core.end(Place { kind: HopKind::NoRoute, ..place }, no_route);
        core.hop(place, Body::Switch(Switch::Destination { ranges: ranges.into(), otherwise }))
    }

    /// Every route of a network that holds for senders in a region with these tags.
    pub(super) fn table(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
        region: &str,
        tags: &[String],
    ) -> Vec<Row> {
        let mut rows = self.own_subnets(core, network);
        rows.push(Row::subnet(METADATA_SERVER, Way::Metadata, true));
        let (topology, inventory) = (core.topology, core.inventory);
        let here = inventory.network(network);
        for &of in &here.psc_endpoints {
            let endpoint = &topology.psc_endpoints[of];
            let apis = matches!(endpoint.target.value.as_str(), "all-apis" | "vpc-sc");
            if let (true, Some(address)) = (apis, endpoint.address.known()) {
                rows.push(Row::subnet((*address).into(), Way::Apis(of), true));
            }
        }
        let managed = core.managed_ranges(network).into_iter();
        rows.extend(managed.map(|range| Row::subnet(range, Way::Managed(network), true)));
        rows.extend(self.senders.custom_routes(core, network, region, tags, true));
        for (side, other) in inventory.active_peerings(network) {
            let Some(peer) = topology.networks.id_of(&side.peer.value) else { continue };
            let takes_public = side.import_public_subnets() && other.export_public_subnets();
            // Routes of IPv6 cross if both sides say so.
            let takes_ipv6 = [side, other].iter().all(|side| side.has_ipv6());
            for row in self.own_subnets(core, peer) {
                let crosses = match row.range {
                    IpNet::V4(_) => takes_public || is_private(&row.range),
                    IpNet::V6(_) => takes_ipv6,
                };
                if crosses {
                    let way = match row.way {
                        Way::Network { network, .. } => Way::Network { network, peered: true },
                        way => way,
                    };
                    rows.push(Row::subnet(row.range, way, false));
                }
            }
            let takes_custom = side.import_custom_routes() && other.export_custom_routes();
            if takes_custom {
                // Of IPv6 only dynamic ones are documented to cross.
                let custom = self.senders.custom_routes(core, peer, region, &[], false).into_iter();
                rows.extend(custom.filter(|row| {
                    matches!(row.range, IpNet::V4(_)) || takes_ipv6 && row.route.is_none()
                }));
            }
        }
        for &side in &here.peerings {
            let ranges = topology.peerings[side].ranges.iter().map(|range| range.value);
            rows.extend(ranges.map(|range| Row::subnet(range, Way::ForeignPeer(side), false)));
        }
        rows.extend(self.by_hubs(core, network, Some(region)));
        // Nothing more special than a subnet route takes its destinations (EGR-081).
        let subnets: Vec<IpNet> =
            rows.iter().filter(|row| row.subnet).map(|row| row.range).collect();
        rows.retain(|row| row.subnet || !subnets.iter().any(|range| range.contains(&row.range)));
        rows
    }

    /// The subnets of a network, and single addresses in it that no subnet holds.
    pub(super) fn own_subnets(&mut self, core: &mut Core<'t>, network: Id<Network>) -> Vec<Row> {
        let topology = core.topology;
        let mut ranges: Vec<IpNet> = Vec::new();
        let mut translations: Vec<IpNet> = Vec::new();
        for subnet in topology.networks[network].subnets.values() {
            if subnet.purpose() == SubnetPurpose::PrivateNat {
                translations.extend(subnet.ipv4());
                continue;
            }
            ranges.extend(subnet.ranges());
            ranges.extend(subnet.secondary.values().map(|range| range.value));
        }
        for connector in &core.inventory.network(network).connectors {
            let range = topology.connectors[*connector].range.as_ref();
            ranges.extend(range.and_then(|range| range.known()));
        }
        let addresses: Vec<IpAddr> = self.addresses_in(core, network);
        for address in addresses {
            if !ranges.iter().chain(&translations).any(|range| range.contains(&address)) {
                ranges.push(address.into());
            }
        }
        ranges.sort_unstable();
        ranges.dedup();
        let way = Way::Network { network, peered: false };
        let own = ranges.into_iter().map(|range| Row::subnet(range, way.clone(), true));
        let translations = translations.into_iter();
        own.chain(translations.map(|range| Row::subnet(range, Way::Translation, true))).collect()
    }

    /// The first hop on a way.
    pub(super) fn way(&mut self, core: &mut Core<'t>, sender: &NetworkSender, way: &Way) -> HopId {
        let client = |peered| Client {
            region: sender.region.clone(),
            network: sender.network,
            peered,
            hybrid: false,
            leg: Some(sender.leg.clone()),
        };
        let place = Place::new(sender.resource, HopKind::Route, RuleId::egr(80), sender.at);
        match way {
            Way::Network { network, peered } => {
                let next = self.inside(core, *network, client(*peered));
                if *peered { core.answered(sender, *network, next) } else { next }
            }
            Way::Managed(network) => {
                let next = self.managed_services(core, *network);
                let of = self.senders.of_google(core, (place.resource, place.at), *network, "");
                self.answering_directly(core, &of, &sender.leg, next)
            }
            Way::Apis(endpoint) => {
                let next = self.api_endpoint(core, *endpoint, sender.network);
                core.with_google_access(sender, next)
            }
            Way::Internet => self.gateway(core, sender),
            Way::Machine(machine) => self.through_machine(core, *machine, &sender.leg, None, place),
            Way::Passthrough(of) => {
                let topology = core.topology;
                let (id, entry) = topology.passthrough_load_balancers.at(*of);
                let machines = entry.value.machines.iter().filter_map(|machine| {
                    Some((machine.value.as_str(), topology.vms.id_of(&machine.value)?))
                });
                let resource = core.resource(ResourceKind::PassthroughLoadBalancer, id);
                let place = Place { resource, at: entry.key_span, ..place };
                let hops: Vec<(&str, HopId)> = machines
                    .map(|(id, machine)| {
                        (id, self.through_machine(core, machine, &sender.leg, Some(*of), place))
                    })
                    .collect();
                let next = core.one_machine(place, id, hops);
                let rule = RuleId::egr(242);
                core.near_balancer(Place { rule, ..place }, *of, &sender.region, next)
            }
            Way::Hub { network, hub } => self.spoke_way(core, sender, *network, *hub),
            Way::HubEndpoint { network, hub } => {
                self.endpoint_of_spoke(core, sender, *network, *hub)
            }
            Way::ForeignPeer(peering) => {
                let (id, entry) = core.topology.peerings.at(*peering);
                let resource = core.resource(ResourceKind::Peering, id);
                self.beyond_the_known(core, resource, entry.key_span, &entry.value.ranges)
            }
            Way::ForeignSpoke(spoke) => {
                let (id, entry) = core.topology.ncc_spokes.at(*spoke);
                let resource = core.resource(ResourceKind::NccSpoke, id);
                self.beyond_the_known(core, resource, entry.key_span, &entry.value.ranges)
            }
            Way::Site { uplinks, through } => {
                let next = self.way_to_sites(core, place, uplinks, sender);
                match through {
                    Through::Hub { network, hub, far } => {
                        let next = self.known_by_hub(core, sender, *network, next);
                        let next = self.senders.private_nat(core, sender, Some(*hub), next);
                        let next = core.by_hub(*hub, next);
                        if *far { core.by_far_lines(sender, next) } else { next }
                    }
                    _ => next,
                }
            }
            Way::Translation => {
                let private = core.drop(Cause::DestinationIsPrivateNatIpRange);
                core.end(
                    Place { kind: HopKind::PrivateNat, rule: RuleId::egr(75), ..place },
                    private,
                )
            }
            Way::Metadata => self.metadata_server(core),
            Way::Nowhere => core.nowhere(place),
        }
    }

    /// To the default internet gateway: Google, or the internet by a gateway or an address of
    /// one's own (EGR-010 to EGR-012, EGR-082, EGR-090).
    fn gateway(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let place =
            Place::new(sender.resource, HopKind::InternetGateway, RuleId::egr(82), sender.at);
        let out = self.out_to_internet(core, sender);
        let google = self.google_way(core, sender, Apis::All, false);
        let restricted = self.google_way(core, sender, Apis::Restricted, false);
        let private = core.drop(Cause::PrivateTrafficToInternet);
        let private =
            core.end(Place { kind: HopKind::NoRoute, rule: RuleId::egr(90), ..place }, private);
        let mut ranges: Vec<(IpNet, HopId)> =
            super::private_set().into_iter().map(|range| (range, private)).collect();
        ranges.retain(|(range, _)| !super::VIPS.contains(range));
        ranges.extend(super::VIPS.iter().map(|range| match Apis::at(range) {
            Apis::All => (*range, google),
            Apis::Restricted => (*range, restricted),
        }));
        ranges.push((IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into(), google));
        if sender.versions().v6 {
            let google = self.google_way(core, sender, Apis::All, true);
            let restricted = self.google_way(core, sender, Apis::Restricted, true);
            let over_ipv6 = |range: &IpNet| matches!(range, IpNet::V6(_));
            for (range, hop) in ranges.iter_mut().filter(|(range, _)| over_ipv6(range)) {
                *hop = if Apis::at(range) == Apis::All { google } else { restricted };
            }
            ranges.push((IpAddr::V6(Placeholders::GOOGLE_FRONT_END_IPV6).into(), google));
            ranges.push((UNIQUE_LOCAL, private));
            ranges.push((EVERY_IPV6, self.out_over_ipv6(core, sender)));
            ranges.extend(self.nat64_way(core, sender).map(|way| (NAT64, way)));
        }
        ranges.sort_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: out };
        core.hop(place, Body::Switch(switch))
    }

    /// Through a machine that passes packets on: its firewall, whether it may, and then its own
    /// egress (EGR-086, EGR-087).
    fn through_machine(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Vm>,
        leg: &Leg,
        by: Option<Id<Passthrough>>,
        place: Place,
    ) -> HopId {
        let key = (of, leg.clone(), by);
        if let Some(&hop) = self.passing_machines.get(&key) {
            return hop;
        }
        let Some(machine) = self.senders.machine(core, of) else { return core.nowhere(place) };
        let Some(onward) = self.onward(core, of, &machine, leg, by) else {
            return core.nowhere(place);
        };
        let forwards = core.topology.vms[of].can_ip_forward();
        let place =
            Place::new(machine.resource, HopKind::IpForwarding, RuleId::egr(86), machine.at);
        let disallowed = core.drop(Cause::ForeignIpDisallowed);
        let list = core.list(Vec::new(), if forwards { RuleVerdict::Pass } else { disallowed });
        let next = core.hop(place, Body::Gate { list, next: onward });
        let hop = self.senders.firewall(
            core,
            &machine,
            crate::topology::firewall::Direction::Ingress,
            next,
        );
        self.passing_machines.insert(key, hop);
        hop
    }

    /// What a machine sends on: as it is, or with its own address in front (EGR-087).
    fn onward(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Vm>,
        machine: &NetworkSender,
        leg: &Leg,
        by: Option<Id<Passthrough>>,
    ) -> Option<HopId> {
        let place =
            Place::new(machine.resource, HopKind::SourceTranslation, RuleId::egr(87), machine.at);
        let translates = core.translates(of);
        let never = core.expressions.never();
        let mut ways = Vec::new();
        if translates != never {
            let sends = Sends::Translated;
            let own = self.attachment(core, Attachment::Machine { machine: of, sends })?;
            let next = core.in_front(place, machine, own);
            // The other side answers the machine, which answers the sender.
            let next = self.answering(core, machine, leg, next);
            ways.push((translates, next));
        }
        let as_it_is = core.expressions.not(translates);
        if as_it_is != never {
            let sends = Sends::Passed(leg.past(of, by));
            ways.push((
                as_it_is,
                self.attachment(core, Attachment::Machine { machine: of, sends })?,
            ));
        }
        core.first_match(place, ways)
    }
}

impl Core<'_> {
    /// With the address of a machine in front, of the version of IP that the packet has.
    fn in_front(&mut self, place: Place, machine: &NetworkSender, next: HopId) -> HopId {
        let translated = |this: &mut Self, address: IpAddr| {
            let changes = vec![
                FieldChange::Origin(Origin::Network(machine.network)),
                FieldChange::Source(address),
            ];
            this.hop(place, Body::Rewrite { changes: changes.into(), next })
        };
        let own = |v6: bool| machine.addresses().find(|own| own.is_ipv6() == v6);
        let without = own(false).map_or(next, |own| translated(self, own));
        match own(true) {
            None => without,
            Some(own) => {
                let with = translated(self, own);
                let ranges = vec![(EVERY_IPV6, with)].into();
                self.hop(place, Body::Switch(Switch::Destination { ranges, otherwise: without }))
            }
        }
    }

    /// Past the static route that a row is, if it is one.
    pub(super) fn by_static_route(&mut self, row: &Row, next: HopId) -> HopId {
        let Some(route) = row.route else { return next };
        let (id, entry) = self.topology.routes.at(route);
        let resource = self.resource(ResourceKind::Route, id);
        let place = Place::new(resource, HopKind::Route, RuleId::egr(85), entry.key_span);
        let pass = self.always(RuleVerdict::Pass, entry.key_span, RuleId::egr(83));
        self.hop(place, Body::Gate { list: pass, next })
    }

    /// One of several routes for a destination: static ones or dynamic ones by priority, then one
    /// of equal ones.
    pub(super) fn tied(
        &mut self,
        place: Place,
        sender: &NetworkSender,
        rows: &[Row],
        hops: Vec<HopId>,
    ) -> HopId {
        let standing = sender.standing(self.inventory);
        let hop_of = |at: &usize| (&rows[*at], hops[*at]);
        let mut branches: Vec<(ExpressionId, HopId)> = Vec::new();
        for (when, best) in self.contenders(rows, &sender.region) {
            let hop = self.equal(place, &standing, best.iter().map(hop_of).collect());
            branches.push((when, hop));
        }
        let otherwise = branches.pop().map_or_else(|| self.nowhere(place), |(_, last)| last);
        if branches.is_empty() {
            return otherwise;
        }
        let branches = branches.into();
        let place = Place { kind: HopKind::EqualRoutes, rule: RuleId::egr(241), ..place };
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }))
    }

    /// Equal routes of who is at a place: local before imported and by kind, as far as documents are
    /// right, else any (EGR-084, EGR-095).
    fn equal(&mut self, place: Place, standing: &str, routes: Vec<(&Row, HopId)>) -> HopId {
        let (rows, hops): (Vec<&Row>, Vec<HopId>) = routes.into_iter().unzip();
        let by_kind = rows.iter().any(|row| row.rank != rows[0].rank);
        let by_local = rows.iter().any(|row| row.local != rows[0].local);
        let best = |this: &mut Self, local: bool, kind: bool| {
            let key = |row: &Row| (local && !row.local, if kind { row.rank } else { 0 });
            let least = rows.iter().map(|row| key(row)).min();
            let best = rows.iter().copied().zip(&hops).filter(|(row, _)| Some(key(row)) == least);
            let number = if local { 95 } else { 84 };
            let place = Place { rule: RuleId::egr(number), ..place };
            let mut at = format!("{standing} {}", rows[0].range);
            at.push_str(if local && by_local { " local" } else { "" });
            at.push_str(if kind && by_kind { " by kind" } else { "" });
            this.any_of(place, &at, best.collect())
        };
        let mut branches = Vec::new();
        if by_local {
            let local = self.disputed("local-route-before-peering");
            if by_kind {
                let kind = self.disputed("route-ties-by-kind");
                let both = self.expressions.all([local, kind]);
                branches.push((both, best(self, true, true)));
            }
            branches.push((local, best(self, true, false)));
        }
        if by_kind {
            let kind = self.disputed("route-ties-by-kind");
            branches.push((kind, best(self, false, true)));
        }
        let otherwise = best(self, false, false);
        if branches.is_empty() {
            return otherwise;
        }
        let number = if by_local { 95 } else { 84 };
        let place = Place { kind: HopKind::EqualRoutes, rule: RuleId::egr(number), ..place };
        let switch = Switch::FirstMatch { branches: branches.into(), otherwise };
        self.hop(place, Body::Switch(switch))
    }

    /// One of several: Google chooses by the packet's hash, but of several load balancers it always
    /// takes the same (EGR-243).
    fn any_of(&mut self, place: Place, at: &str, best: Vec<(&Row, &HopId)>) -> HopId {
        if let [(_, only)] = best.as_slice() {
            return **only;
        }
        let balancer = |row: &Row| matches!(row.way, Way::Passthrough(_));
        if best.iter().all(|(row, _)| balancer(row)) {
            let always = self.expressions.always();
            let routes = &self.topology.routes;
            let named = |row: &Row| row.route.map_or("", |route| routes.key(route));
            let mut best = best;
            best.sort_by_key(|(row, _)| named(row));
            let tie = |(row, _): &(&Row, &HopId)| TiedRoute {
                id: named(row),
                at: place.at,
                when: always,
            };
            let tied: Vec<TiedRoute<'_>> = best.iter().map(tie).collect();
            let taken = self.by_tie(ResourceKind::Route, &tied, |_, _| true).into_iter();
            let mut branches: Vec<_> = taken.map(|(when, at)| (when, *best[at].1)).collect();
            // Whichever goes first, one does.
            if let Some((_, otherwise)) = branches.pop() {
                let place = Place { kind: HopKind::EqualRoutes, rule: RuleId::egr(243), ..place };
                let branches = branches.into();
                return self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }));
            }
            return self.nowhere(place);
        }
        let words = (1..).zip(&best).map(|(number, (row, _))| {
            match row.route.map(|route| self.topology.routes.key(route)) {
                Some(id) => Branch::Resource(ResourceKind::Route, id.into()),
                None => Branch::Number(number),
            }
        });
        let words = words.collect();
        let choice = self.choice(ChoiceKind::Route, place.resource, at, words);
        let branches = best.into_iter().map(|(_, hop)| *hop).collect();
        self.hop(place, Body::Choice { choice, branches })
    }

    /// Of equal routes an algorithm that is not documented takes one, always the same: that of two
    /// one goes before the other is an assumption (EGR-243). They are in the order of their ids.
    pub(super) fn by_tie(
        &mut self,
        kind: ResourceKind,
        tied: &[TiedRoute<'_>],
        meet: impl Fn(usize, usize) -> bool,
    ) -> Vec<(ExpressionId, usize)> {
        let mut branches = Vec::new();
        for (at, own) in tied.iter().enumerate() {
            let mut parts = vec![own.when];
            for (beside, other) in tied.iter().enumerate() {
                if beside == at || !meet(at, beside) {
                    continue;
                }
                let goes_first = if at < beside {
                    self.before(kind, own, other)
                } else {
                    let other_first = self.before(kind, other, own);
                    self.expressions.not(other_first)
                };
                let elsewhere = self.expressions.not(other.when);
                parts.push(self.expressions.any([goes_first, elsewhere]));
            }
            branches.push((self.expressions.all(parts), at));
        }
        // Of three, each may go before the next; then it does not matter which is taken.
        if tied.len() > 2 {
            branches.extend(tied.iter().map(|own| own.when).zip(0..));
        }
        branches
    }

    fn before(
        &mut self,
        kind: ResourceKind,
        one: &TiedRoute<'_>,
        other: &TiedRoute<'_>,
    ) -> ExpressionId {
        let assumption = self.assumption(
            format!("{kind}/{}-before-{}", one.id, other.id),
            AssumptionKind::Unmodelled,
            || format!("{kind}/{} goes before {kind}/{}", one.id, other.id),
            None,
            other.at,
        );
        self.assumed((assumption, true))
    }

    /// A peer answers senders with public addresses only if it takes routes to them (EGR-091).
    fn answered(&mut self, sender: &NetworkSender, peer: Id<Network>, next: HopId) -> HopId {
        // Those of IPv6 are known if the sender knows the peer's.
        let public = |range: &&IpNet| matches!(range, IpNet::V4(_)) && !is_private(range);
        let public: Vec<IpNet> = sender.ranges.iter().filter(public).copied().collect();
        let takes = self.inventory.active_peerings(peer).any(|(side, other)| {
            self.topology.networks.id_of(&side.peer.value) == Some(sender.network)
                && side.import_public_subnets()
                && other.export_public_subnets()
        });
        if public.is_empty() || takes {
            return next;
        }
        let from = self.expressions.atom(Atom::Source(public.into()));
        let lost = self.lose_reply(Cause::NoRoute);
        let list = self.list(vec![rule(from, lost, sender.at, None)], RuleVerdict::Pass);
        let place = Place::new(sender.resource, HopKind::ReturnRoute, RuleId::egr(91), sender.at);
        self.hop(place, Body::Gate { list, next })
    }

    /// One of the machines behind a passthrough load balancer.
    pub(super) fn one_machine(
        &mut self,
        place: Place,
        id: &str,
        hops: Vec<(&str, HopId)>,
    ) -> HopId {
        match hops.as_slice() {
            [] => self.nowhere(place),
            [(_, only)] => *only,
            _ => {
                let machine = |id: &str| Branch::Resource(ResourceKind::Vm, id.into());
                let words = hops.iter().map(|(id, _)| machine(id)).collect();
                let balancer = self.resource(ResourceKind::PassthroughLoadBalancer, id);
                let choice = self.choice(ChoiceKind::Machine, balancer, place.kind.name(), words);
                let branches = hops.into_iter().map(|(_, hop)| hop).collect();
                self.hop(place, Body::Choice { choice, branches })
            }
        }
    }

    /// A passthrough load balancer without global access is there for its own region only.
    pub(super) fn near_balancer(
        &mut self,
        place: Place,
        of: Id<Passthrough>,
        region: &str,
        next: HopId,
    ) -> HopId {
        let (id, entry) = self.topology.passthrough_load_balancers.at(of);
        if entry.value.region.value == region {
            return next;
        }
        let what = format!("global access of passthrough_load_balancer/{id}");
        let global = self.whether(entry.value.global_access(), &what);
        let mismatch = self.drop(Cause::ForwardingRuleRegionMismatch);
        let place = Place { kind: HopKind::FrontEnd, at: entry.key_span, ..place };
        self.only_if(place, global, mismatch, next)
    }

    fn nowhere(&mut self, place: Place) -> HopId {
        let missing = self.drop(Cause::RouteNextHopResourceNotFound);
        self.end(Place { kind: HopKind::NextHop, rule: RuleId::egr(85), ..place }, missing)
    }
}

/// The best rows of each range: those of which nothing but tags, ties and costs between regions
/// decides.
pub(super) fn chosen(rows: Vec<Row>) -> Vec<(IpNet, Vec<Row>)> {
    let mut rows = rows;
    rows.sort_by(|one, other| {
        let key = |row: &Row| (row.range, !row.subnet, row.priority, row.way.clone());
        key(one).cmp(&key(other))
    });
    let mut chosen: Vec<(IpNet, Vec<Row>)> = Vec::new();
    for row in rows {
        match chosen.last_mut() {
            Some((range, best)) if *range == row.range => {
                // Subnets of one range are an error, of which the first is taken.
                let fixed = best.iter().find(|other| !other.is_dynamic());
                let worse = |other: &Row| other.subnet || other.priority != row.priority;
                let beaten = best[0].subnet || !row.is_dynamic() && fixed.is_some_and(worse);
                if !beaten && best.iter().all(|other| other.way != row.way) {
                    best.push(row);
                }
            }
            _ => chosen.push((row.range, vec![row])),
        }
    }
    chosen
}
