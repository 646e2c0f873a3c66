//! What sites send: by name, over their lines, and by the routes of the network that these end in
//! (ING-113, ING-163 to ING-171, EGR-158 to EGR-163).

use crate::graph::{HopKind, ResourceKind};
use std::collections::BTreeMap;

use ipnet::IpNet;

use super::dns::{DnsView, Querier};
use super::hybrid::Candidate;
use super::inside::Apis;
use super::reply::{Leg, SenderPlace};
use super::route::{Row, Way, chosen};
use super::{Class, Client, NetworkSender, VIPS};
use crate::graph::Versions;
use crate::graph::compile::{Core, Networks, Place};
use crate::graph::expression::{ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, ResourceId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::topology::hybrid::{LineId, LineKind, LineOf, Site};
use crate::topology::network::Network;
use crate::topology::private_access::PrivateConnection;
use crate::topology::record::Id;

/// A line by which something arrives.
struct Arriving<'t> {
    site: Id<Site>,
    id: &'t str,
    declared: &'t Site,
    line: LineOf<'t>,
    network: Id<Network>,
    place: Place,
    /// The line as a sender into the network.
    sender: NetworkSender,
}

impl<'t> Networks<'t> {
    /// A site as a source: by name, then over its lines into the network or out by itself.
    pub(in crate::graph::compile) fn site(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Site>,
        resource: ResourceId,
    ) -> Option<(HopId, ExpressionId, u32)> {
        let topology = core.topology;
        let (id, entry) = topology.onprem.at(of);
        let site = &entry.value;
        topology.networks.id_of(&site.network.value)?;
        let own = core.resource(ResourceKind::Onprem, id);
        let place = Place::new(own, HopKind::Onprem, RuleId::ing(113), entry.key_span);
        let beyond = self.beyond(core, place, id);
        let lines = site.each_line();
        let mut advertised: BTreeMap<IpNet, Vec<LineId>> = BTreeMap::new();
        for line in &lines {
            if line.is_dynamic() && line.is_down() {
                continue;
            }
            for range in self.learned(core, of, line) {
                let by = advertised.entry(range).or_default();
                if by.last() != Some(&line.line) {
                    by.push(line.line);
                }
            }
        }
        let mut ranges: BTreeMap<IpNet, HopId> = BTreeMap::new();
        let mut ways: BTreeMap<Vec<LineId>, HopId> = BTreeMap::new();
        for (range, by) in advertised {
            let way = match ways.get(&by) {
                Some(way) => *way,
                None => {
                    // Base priorities order lines of one region; of others costs are not known.
                    let own = || by.iter().map(|line| &lines[line.index()]);
                    let region = own().next().map(|line| line.region);
                    let ordered = own()
                        .all(|line| Some(line.region) == region && line.base_priority.is_some());
                    let mut groups: BTreeMap<Option<u32>, Vec<Candidate>> = BTreeMap::new();
                    for line in own() {
                        let hop = self.arrival(core, of, line.line)?;
                        let priority = line.base_priority.filter(|_| ordered);
                        groups.entry(priority).or_default().push(core.candidate(id, line, hop));
                    }
                    let place = Place { kind: HopKind::Lines, rule: RuleId::egr(159), ..place };
                    let way = core.by_a_line(place, groups.into_values().collect());
                    ways.insert(by, way);
                    way
                }
            };
            ranges.insert(range, way);
        }
        core.without_ipv6(place, site, &mut ranges);
        for (range, hop) in self.parties_at(core, &site.ranges) {
            ranges.entry(range).or_insert(hop);
        }
        let local = core.deliver(place, own);
        for range in &site.ranges {
            ranges.entry(range.value).or_insert(local);
        }
        // What the Cloud Router did not tell of has no way over the lines (EGR-159).
        let nowhere = core.drop(Cause::NoAdvertisedRouteToGcpDestination);
        let place_of_end = Place { kind: HopKind::NoRoute, rule: RuleId::egr(159), ..place };
        let nowhere = core.end(place_of_end, nowhere);
        for range in super::private_set() {
            ranges.entry(range).or_insert(nowhere);
        }
        let switch =
            Switch::Destination { ranges: ranges.into_iter().collect(), otherwise: beyond };
        let next = core.hop(Place { kind: HopKind::SiteRoutes, ..place }, Body::Switch(switch));
        let querier = Querier { view: DnsView::Site(of), versions: Versions::V4, region: None };
        Some(self.resolvers.by_name(core, &querier, resource, entry.key_span, next))
    }

    /// Over a line of a site into its network.
    fn arrival(&mut self, core: &mut Core<'t>, of: Id<Site>, line: LineId) -> Option<HopId> {
        if let Some(&hop) = self.sites.arrivals.get(&(of, line)) {
            return Some(hop);
        }
        let topology = core.topology;
        let (id, entry) = topology.onprem.at(of);
        let declared = &entry.value;
        let line = *declared.each_line().get(line.index())?;
        let network = topology.networks.id_of(&declared.network.value)?;
        let resource = core.resource(ResourceKind::Onprem, id);
        let place = Place::new(resource, HopKind::Onprem, RuleId::ing(113), entry.key_span);
        let sender = self.line_as_sender(core, of, &line)?;
        let from = Arriving { site: of, id, declared, line, network, place, sender };
        let table = self.routes_from(core, &from);
        let next = self.by_policy(core, &from.sender, table);
        // The answer goes back by what the site announces, or by static routes to it.
        let back = core.ways_back(&from, None);
        let back_place = Place { kind: HopKind::ReturnRoute, rule: RuleId::egr(158), ..place };
        let lost = core.lose_reply(Cause::NoRoute);
        let next = core.only_from(back_place, back, lost, next);
        let changes = vec![FieldChange::Origin(Origin::Network(network))];
        let enters = Place { kind: HopKind::HybridWay, rule: RuleId::ing(30), ..back_place };
        let next = core.hop(enters, Body::Rewrite { changes: changes.into(), next });
        let next = core.selected(place, &from.line, true, next);
        let hop = core.over(place, id, &from.line, next);
        self.sites.arrivals.insert((of, from.line.line), hop);
        Some(hop)
    }

    /// A line as a sender into the network that it ends in.
    fn line_as_sender(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Site>,
        line: &LineOf<'_>,
    ) -> Option<NetworkSender> {
        let topology = core.topology;
        let (id, entry) = topology.onprem.at(of);
        let network = topology.networks.id_of(&entry.value.network.value)?;
        let of_line = (core.resource(ResourceKind::Onprem, id), entry.key_span);
        // Private Google Access of subnets does not matter (EGR-136).
        let sender = self.senders.of_google(core, of_line, network, line.region);
        Some(NetworkSender {
            ranges: entry.value.ranges.iter().map(|range| range.value).collect(),
            class: Class::Line { interconnect: line.kind == LineKind::Interconnect },
            leg: Leg::from(SenderPlace::Site(of)),
            ..sender
        })
    }

    /// What a site answers comes in by one of some lines, and goes on by the routes there.
    pub(super) fn answering_over_lines(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Site>,
        lines: &[LineId],
        leg: &Leg,
        next: HopId,
    ) -> HopId {
        let all = core.topology.onprem[of].each_line();
        let line = lines.first().and_then(|line| all.get(line.index()));
        let Some(sender) = line.and_then(|line| self.line_as_sender(core, of, line)) else {
            return next;
        };
        self.answering(core, &sender, leg, next)
    }

    /// By the route table of the network, for what arrives by a line.
    fn routes_from(&mut self, core: &mut Core<'t>, from: &Arriving<'_>) -> HopId {
        let place = Place { kind: HopKind::HybridRoutes, ..from.place };
        let mut ranges: BTreeMap<IpNet, HopId> = BTreeMap::new();
        for (range, rows) in chosen(self.table(core, from.network, from.line.region, &[])) {
            let mut hops = Vec::new();
            for row in &rows {
                let next = self.way_from(core, from, row);
                hops.push(core.by_static_route(row, next));
            }
            let hop = core.tied(place, &from.sender, &rows, hops);
            ranges.insert(range, hop);
        }
        // Google's virtual addresses need a route of the network (EGR-136).
        for vip in VIPS {
            if !ranges.keys().any(|range| range.contains(&vip)) {
                let hop = self.no_way_to_google(core, place, &vip);
                ranges.insert(vip, hop);
            }
        }
        let lost = core.drop(Cause::NoRoute);
        let otherwise =
            core.end(Place { kind: HopKind::NoRoute, rule: RuleId::egr(80), ..place }, lost);
        let ranges = ranges.into_iter().collect();
        core.hop(place, Body::Switch(Switch::Destination { ranges, otherwise }))
    }

    /// Where a route leads what arrives by a line.
    fn way_from(&mut self, core: &mut Core<'t>, from: &Arriving<'_>, row: &Row) -> HopId {
        let topology = core.topology;
        let place = from.place;
        let client = |peered| Client {
            region: from.line.region.to_string(),
            network: from.network,
            peered,
            hybrid: true,
            leg: Some(from.sender.leg.clone()),
        };
        match &row.way {
            Way::Network { network, peered: false } => {
                let inside = self.inside(core, *network, client(false));
                core.known_in_region(from, *network, row, inside)
            }
            Way::Network { network: peer, peered: true } => {
                // The peer has to know the way back (EGR-162).
                let inside = self.inside(core, *peer, client(true));
                let knows = core.inventory.active_peerings(*peer).any(|(side, other)| {
                    topology.networks.id_of(&side.peer.value) == Some(from.network)
                        && side.import_custom_routes()
                        && other.export_custom_routes()
                });
                let inside = core.known_in_region(from, *peer, row, inside);
                core.known_back(place, 162, knows, inside)
            }
            Way::Hub { network, hub } | Way::HubEndpoint { network, hub } => {
                let mut inside = self.inside(core, *network, client(false));
                if let Way::HubEndpoint { .. } = row.way {
                    inside = core.propagated(*hub, inside);
                }
                let region = core.region_of_range(*network, &row.range);
                let spoke = (*network, *hub);
                let inside = self.answered_over_hub(
                    core,
                    place,
                    from.site,
                    spoke,
                    region.as_deref(),
                    inside,
                );
                core.by_hub(*hub, inside)
            }
            Way::Managed(network) => {
                let managed = self.managed_services(core, *network);
                let connections = &core.inventory.network(*network).private_connections;
                let exports = |own: &Id<PrivateConnection>| {
                    topology.private_connections[*own].export_custom_routes()
                };
                let knows = connections.iter().any(exports);
                core.known_back(place, 150, knows, managed)
            }
            Way::Apis(endpoint) => self.api_endpoint(core, *endpoint, from.network),
            Way::Internet => self.gateway_from(core, from),
            Way::Site { .. } => {
                // Lines do not lead to Google (EGR-136).
                let otherwise = self.way(core, &from.sender, &row.way);
                let vips = VIPS.iter().filter(|vip| row.range.contains(*vip));
                let mut ranges: Vec<(IpNet, HopId)> =
                    vips.map(|vip| (*vip, self.no_way_to_google(core, place, vip))).collect();
                if ranges.is_empty() {
                    return otherwise;
                }
                ranges.sort_by_key(|(range, _)| *range);
                let switch = Switch::Destination { ranges: ranges.into(), otherwise };
                core.hop(Place { kind: HopKind::HybridRoutes, ..place }, Body::Switch(switch))
            }
            // Through machines, to translation, to nothing, out of the known world.
            way => self.way(core, &from.sender, way),
        }
    }

    /// To virtual addresses of Google without a route of the network to the internet gateway.
    fn no_way_to_google(&mut self, core: &mut Core<'t>, place: Place, vip: &IpNet) -> HopId {
        let next = self.front_end_for(core, Apis::at(vip));
        let lost = core.drop(Cause::NoRoute);
        let list = core.always(lost, place.at, RuleId::ing(164));
        let place = Place { kind: HopKind::GoogleRoute, rule: RuleId::egr(136), ..place };
        core.hop(place, Body::Gate { list, next })
    }

    /// To the default internet gateway from a site: to Google only (EGR-136, EGR-163).
    fn gateway_from(&mut self, core: &mut Core<'t>, from: &Arriving<'_>) -> HopId {
        let disallowed = core.drop(Cause::TrafficFromHybridEndpointToInternetDisallowed);
        let otherwise = core.end(Place { rule: RuleId::egr(163), ..from.place }, disallowed);
        let place = Place { kind: HopKind::GoogleRoute, rule: RuleId::egr(136), ..from.place };
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        for vip in VIPS {
            let next = self.front_end_for(core, Apis::at(&vip));
            let next = core.back_in_the_region(from, next);
            let list = core.always(RuleVerdict::Pass, place.at, RuleId::ing(164));
            ranges.push((vip, core.hop(place, Body::Gate { list, next })));
        }
        ranges.sort_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise };
        core.hop(place, Body::Switch(switch))
    }
}

impl Core<'_> {
    /// Past a peering whose other side has to know the way back.
    fn known_back(&mut self, place: Place, number: u16, known: bool, next: HopId) -> HopId {
        if known {
            return next;
        }
        let lost = self.lose_reply(Cause::NoRoute);
        let list = self.list(Vec::new(), lost);
        let place = Place { kind: HopKind::ReturnRoute, rule: RuleId::egr(number), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// Into a subnet, in whose region the routes back have to hold (EGR-096).
    fn known_in_region(
        &mut self,
        from: &Arriving<'_>,
        network: Id<Network>,
        row: &Row,
        next: HopId,
    ) -> HopId {
        let Some(region) = self.region_of_range(network, &row.range) else { return next };
        let everywhere = self.ways_back(from, None);
        let here = self.ways_back(from, Some(&region));
        if here == everywhere {
            return next;
        }
        let place = Place { kind: HopKind::ReturnRoute, rule: RuleId::egr(96), ..from.place };
        let lost = self.lose_reply(Cause::NoRoute);
        self.only_from(place, here, lost, next)
    }

    /// The ranges of a site that its network knows a way to: in a region, or in any.
    fn ways_back(&self, from: &Arriving<'_>, region: Option<&str>) -> Vec<IpNet> {
        let dynamic = self.announced(from.site, region).into_iter();
        let statics = self.static_routes_to(from.id).into_iter();
        sorted(dynamic.chain(statics).map(|(range, _)| range))
    }

    /// What Google answers goes back by lines of the region that the request came in by (ING-165).
    fn back_in_the_region(&mut self, from: &Arriving<'_>, next: HopId) -> HopId {
        let lines = from.declared.each_line();
        let near =
            |by: &[LineId]| by.iter().any(|line| lines[line.index()].region == from.line.region);
        let dynamic = self.announced(from.site, Some(from.line.region)).into_iter();
        let statics = self.static_routes_to(from.id).into_iter();
        let here = sorted(dynamic.chain(statics).filter(|(_, by)| near(by)).map(|own| own.0));
        if here == self.ways_back(from, None) {
            return next;
        }
        let place = Place { kind: HopKind::ReturnRoute, rule: RuleId::ing(165), ..from.place };
        let lost = self.lose_reply(Cause::NoRoute);
        self.only_from(place, here, lost, next)
    }
}

fn sorted(ranges: impl Iterator<Item = IpNet>) -> Vec<IpNet> {
    let mut ranges: Vec<IpNet> = ranges.collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}
