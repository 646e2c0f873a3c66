//! Sites and their lines: what is sent to them and what they send, and whether the answer finds
//! its way back (EGR-136, EGR-158 to EGR-165, ING-163 to ING-171).

use std::net::IpAddr;

use ipnet::IpNet;

use super::dns::View;
use super::inside::Apis;
use super::route::{Way, flag};
use super::{Client, VIPS};
use crate::graph::Versions;
use crate::graph::build::{Builder, Place};
use crate::graph::expression::{ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, Change, HopId, ResourceId, Switch, Verdict};
use crate::rules::RuleId;
use crate::topology::network::{RoutingMode, Site};
use crate::topology::routing::NextHop;

/// What `learns` calls the subnets that a Cloud Router sees.
const ALL_SUBNETS: &str = "all-subnets";

impl Builder<'_> {
    /// To a site over its lines, `through` a peered network if they end there.
    pub(super) fn way_to_site(&mut self, index: usize, through: Option<usize>) -> HopId {
        let key = (index, through);
        if let Some(&hop) = self.site_ways.get(&key) {
            return hop;
        }
        let topology = self.topology;
        let Some((id, entry)) = topology.onprem.get_index(index) else { return self.outside() };
        let site = &entry.value;
        let resource = self.resource("onprem", id);
        let place = Place::new(resource, "onprem", RuleId::egr(158), entry.key_span);
        let end = self.deliver(place, resource);
        let beyond = self.beyond(place, id);
        let unsupported = self.drop(Cause::PrivateGoogleAccessViaVpnTunnelUnsupported);
        let unsupported = self.end(Place { rule: RuleId::egr(132), ..place }, unsupported);
        let mut ranges: Vec<(IpNet, HopId)> =
            site.ranges.iter().map(|range| (range.value, end)).collect();
        ranges.extend(VIPS.iter().map(|range| (*range, unsupported)));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: beyond };
        let mut next = self.hop(place, Body::Switch(switch));
        if let Some(admits) = &site.admits {
            let at = admits.first().map_or(entry.key_span, |first| first.span);
            let place = Place { kind: "site_firewall", at, ..place };
            let ranges = admits.iter().map(|range| range.value).collect();
            next = self.only_from(place, ranges, Cause::DestinationNotAdmitted, next);
        }
        // The answer goes back only to what the site learned of (EGR-159, EGR-160).
        let learned = self.learned(site);
        let place = Place { kind: "return_route", rule: RuleId::egr(159), ..place };
        next = self.only_from(place, learned, Cause::NoAdvertisedRouteToGcpDestination, next);
        let next = self.lines(place, id, site, next);
        self.site_ways.insert(key, next);
        next
    }

    /// The lines, if they are up (EGR-085).
    fn lines(&mut self, place: Place, id: &str, site: &Site, next: HopId) -> HopId {
        let up = self.whether(site.up.as_ref(), true, &format!("whether the lines of {id} are up"));
        if up == self.expressions.always() {
            return next;
        }
        let down = self.drop(Cause::RouteNextHopVpnTunnelNotEstablished);
        let rules = vec![crate::graph::build::rule(up, Verdict::Pass, place.at, None)];
        let never = self.expressions.never();
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = self.list(rules, down);
        let place = Place { kind: "lines", rule: RuleId::egr(85), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// Through a site to the internet, as one of its own addresses (EGR-076).
    fn beyond(&mut self, place: Place, id: &str) -> HopId {
        let address =
            self.placeholders.allocate(&format!("a public address of onprem/{id}"), false);
        let next = self.outside();
        let changes = vec![Change::Origin(Origin::Internet), Change::Source(address)];
        let place = Place { kind: "site_internet", rule: RuleId::egr(76), ..place };
        self.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// The ranges that a site learned of (EGR-096, EGR-159).
    fn learned(&mut self, site: &Site) -> Vec<IpNet> {
        let topology = self.topology;
        let Some(network) = topology.networks.index_of(&site.network.value) else {
            return Vec::new();
        };
        let Some((_, entry)) = topology.networks.get_index(network) else { return Vec::new() };
        let global =
            entry.value.routing_mode.as_ref().is_some_and(|own| own.value == RoutingMode::Global);
        let mut subnets: Vec<IpNet> = Vec::new();
        for subnet in entry.value.subnets.values() {
            if global || subnet.region.value == site.region.value {
                subnets.extend(subnet.ranges());
                subnets.extend(subnet.secondary.values().map(|range| range.value));
            }
        }
        for connector in topology.connectors.values() {
            let here = topology.connector_network(connector).is_some_and(|(own, _)| own == network);
            let near = topology.connector_region(connector) == Some(&*site.region.value);
            if here && (global || near) {
                subnets.extend(connector.range.as_ref().and_then(|range| range.known()));
            }
        }
        // Addresses that no declared subnet holds are taken to be in one of the region.
        let endpoints: Vec<IpAddr> = self.addresses_in(network);
        let declared: Vec<IpNet> =
            entry.value.subnets.values().flat_map(|subnet| subnet.ranges()).collect();
        subnets.extend(
            endpoints
                .into_iter()
                .filter(|address| !declared.iter().any(|range| range.contains(address)))
                .map(IpNet::from),
        );
        let Some(learns) = &site.learns else { return subnets };
        let mut ranges = Vec::new();
        for each in learns {
            match each.value.as_str() {
                ALL_SUBNETS => ranges.extend(subnets.iter().copied()),
                text => match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
                    (Ok(range), _) => ranges.push(range),
                    (_, Ok(address)) => ranges.push(address.into()),
                    // `check` has said that it is neither.
                    _ => {}
                },
            }
        }
        ranges
    }

    /// A site as a source: by name, then over its lines into the network or out by itself.
    pub(in crate::graph::build) fn site(
        &mut self,
        index: usize,
        resource: ResourceId,
    ) -> Option<(HopId, ExpressionId, u32)> {
        let topology = self.topology;
        let (id, entry) = topology.onprem.get_index(index)?;
        let site = &entry.value;
        let network = topology.networks.index_of(&site.network.value)?;
        let own = self.resource("onprem", id);
        let place = Place::new(own, "onprem", RuleId::ing(113), entry.key_span);
        let beyond = self.beyond(place, id);
        let arrival = self.arrival(place, id, site, network);
        let mut ranges: Vec<(IpNet, HopId)> =
            self.learned(site).into_iter().map(|range| (range, arrival)).collect();
        self.without_ipv6(place, site, &mut ranges);
        let local = self.deliver(place, own);
        ranges.extend(site.ranges.iter().map(|range| (range.value, local)));
        // What the Cloud Router did not tell of has no way over the lines (EGR-159).
        let nowhere = self.drop(Cause::NoAdvertisedRouteToGcpDestination);
        let place_of_end = Place { kind: "no_route", rule: RuleId::egr(159), ..place };
        let nowhere = self.end(place_of_end, nowhere);
        let private = super::private_set().into_iter().map(|range| (range, nowhere));
        ranges.extend(private);
        ranges.sort_by_key(|(range, hop)| (*range, *hop != arrival));
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: beyond };
        let next = self.hop(Place { kind: "site_routes", ..place }, Body::Switch(switch));
        let view = (View::Site(index), Versions::V4);
        Some(self.by_name(view, resource, entry.key_span, next))
    }

    /// Over the lines of a site into its network.
    fn arrival(&mut self, place: Place, id: &str, site: &Site, network: usize) -> HopId {
        let topology = self.topology;
        let client =
            |peered| Client { region: site.region.value.clone(), network, peered, hybrid: true };
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        for row in self.table(network, &site.region.value, &[]) {
            let hop = match &row.way {
                Way::Network { network, peered: false } => self.inside(*network, client(false)),
                Way::Network { network: peer, peered: true } => {
                    // The peer has to know the way back (EGR-162).
                    let inside = self.inside(*peer, client(true));
                    let knows = topology.active_peerings(*peer).iter().any(|(side, other)| {
                        topology.networks.index_of(&side.peer.value) == Some(network)
                            && flag(&side.import_custom_routes, false)
                            && flag(&other.export_custom_routes, false)
                    });
                    self.known_back(place, 162, knows, inside)
                }
                Way::Managed(network) => {
                    let managed = self.managed(*network);
                    let knows = topology.private_connections.values().any(|connection| {
                        topology.networks.index_of(&connection.network.value) == Some(*network)
                            && flag(&connection.export_custom_routes, false)
                    });
                    self.known_back(place, 150, knows, managed)
                }
                Way::Apis(endpoint) => self.api_endpoint(*endpoint, network),
                _ => continue,
            };
            ranges.push((row.range, hop));
        }
        for vip in VIPS {
            ranges.push((vip, self.google_from_site(place, site, network, vip)));
        }
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let disallowed = self.drop(Cause::TrafficFromHybridEndpointToInternetDisallowed);
        let otherwise = self.end(Place { rule: RuleId::egr(163), ..place }, disallowed);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise };
        let next = self.hop(Place { kind: "hybrid_routes", ..place }, Body::Switch(switch));
        // The answer goes back by what the site announces, or by static routes to it.
        let mut back: Vec<IpNet> = site
            .announces
            .as_ref()
            .unwrap_or(&site.ranges)
            .iter()
            .map(|range| range.value)
            .collect();
        if site
            .lines
            .as_ref()
            .is_some_and(|lines| lines.value == crate::topology::network::LineKind::ClassicVpn)
        {
            back.clear();
        }
        for route in topology.routes.values() {
            if route.next_hop.value == NextHop::Site(id.to_string()) {
                back.extend(route.destination.known());
            }
        }
        let place = Place { kind: "return_route", rule: RuleId::egr(158), ..place };
        let next = self.only_from(place, back, Cause::NoRoute, next);
        let changes = vec![Change::Origin(Origin::Network(network as u32))];
        let enters = Place { kind: "hybrid_way", rule: RuleId::ing(30), ..place };
        let next = self.hop(enters, Body::Rewrite { changes: changes.into(), next });
        self.lines(place, id, site, next)
    }

    /// Past a peering whose other side has to know the way back.
    fn known_back(&mut self, place: Place, number: u16, known: bool, next: HopId) -> HopId {
        if known {
            return next;
        }
        let lost = self.drop(Cause::NoRoute);
        let list = self.list(Vec::new(), lost);
        let place = Place { kind: "return_route", rule: RuleId::egr(number), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// To Google APIs from a site: the network needs a route for their addresses to the internet
    /// gateway (EGR-136); Private Google Access of a subnet does not matter.
    fn google_from_site(&mut self, place: Place, site: &Site, network: usize, vip: IpNet) -> HopId {
        let front_end = self.front_end_for(Apis::at(&vip));
        let mut rows = self.table(network, &site.region.value, &[]);
        rows.retain(|row| row.range.contains(&vip));
        let longest = rows.iter().map(|row| row.range.prefix_len()).max();
        let routed = rows
            .iter()
            .any(|row| matches!(row.way, Way::Internet) && Some(row.range.prefix_len()) == longest);
        let place = Place { kind: "google_route", rule: RuleId::egr(136), ..place };
        let list = if routed {
            self.list(Vec::new(), Verdict::Pass)
        } else {
            let no_route = self.drop(Cause::NoRoute);
            self.list(Vec::new(), no_route)
        };
        self.hop(place, Body::Gate { list, next: front_end })
    }
}
