//! Routes: static, policy-based, dynamic.

use std::collections::HashMap;

use ipnet::IpNet;

use super::Checker;
use crate::inventory::attachments::{GOOGLE, leads_to_google};
use crate::inventory::ranges::{Range, holding, ranges_by_network};
use crate::source::Span;
use crate::source::codes;
use crate::topology::network::{Network, RoutingMode};
use crate::topology::record::{Field, Spanned};
use crate::topology::routing::{NextHop, Route};
use crate::topology::service::Egress;

codes! {
    ROUTE_INSIDE_SUBNET = Error "route-inside-subnet" "EGR-081" {
        "a static route inside a subnet",
        "a static route with the same or a longer prefix than a subnet route cannot be created",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/16}}}
routes:
  special: {network: prod, destination: 10.0.1.0/24, next_hop: internet}
",
    }
    ROUTE_PRIORITY = Error "route-priority" "EGR-083" {
        "a route with an impossible priority",
        "the priority of a route is from 0 to 65535",
        "networks:
  prod: {}
routes:
  out: {network: prod, destination: 0.0.0.0/0, priority: 70000, next_hop: internet}
",
    }
    ROUTE_NEXT_HOP = Error "route-next-hop" "EGR-085" {
        "a static route that leads where it cannot",
        "a static route leads to the internet gateway, or to a machine, load balancer or line of \
         its own network",
        "networks:
  prod: {}
routes:
  out: {network: prod, destination: 0.0.0.0/0, next_hop: default-routing}
",
    }
    POLICY_ROUTE_NEXT_HOP = Error "policy-route-next-hop" "EGR-088" {
        "a policy-based route that leads where it cannot",
        "a policy-based route leads to an internal passthrough load balancer, or to the normal \
         routes",
        "networks:
  prod: {}
policy_routes:
  out: {network: prod, next_hop: internet}
",
    }
    POLICY_ROUTE_FOR_BOTH = Error "policy-route-for-both" "EGR-088" {
        "a policy-based route for tagged machines and for VLAN attachments",
        "a policy-based route holds for all, for machines with a tag, or for the VLAN attachments \
         of a region",
        "networks:
  prod: {}
policy_routes:
  out: {network: prod, tags: [web], interconnect_region: all, next_hop: default-routing}
",
    }
    NEXT_HOP_NOBODY = Warning "next-hop-nobody" "EGR-085" {
        "a route to an address that nothing has",
        "packets on a route whose next hop does not exist are dropped",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
routes:
  out: {network: prod, destination: 192.168.0.0/16, next_hop: 10.0.0.9}
",
    }
    NEXT_HOP_DOES_NOT_FORWARD = Warning "next-hop-does-not-forward" "EGR-086" {
        "a route to a machine that does not pass packets on",
        "a machine passes on packets of others only with `can_ip_forward`",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
vms:
  gateway: {network: prod, subnet: vms}
routes:
  out: {network: prod, destination: 192.168.0.0/16, next_hop: vm/gateway}
",
    }
    NO_ROUTE_TO_GOOGLE = Warning "no-route-to-google" "EGR-132" {
        "a default route elsewhere, and none to Google's virtual addresses",
        "where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or \
         199.36.153.4/30 needs a route to the internet gateway",
        "networks:
  prod:
    default_route: false
    subnets: {run: {region: europe-west1, range: 10.0.0.0/24, private_google_access: true}}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
",
    }
    REGIONAL_ROUTES = Note "regional-routes" "EGR-096" {
        "senders in a region without the routes of a line",
        "with regional dynamic routing the routes of a line hold in its region only",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
onprem:
  office: {network: prod, region: europe-west3, ranges: [192.168.0.0/16]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
}

/// The largest priority of a route (EGR-083).
const LOWEST: u32 = 65_535;

impl<'t> Checker<'t, '_> {
    pub(super) fn routes(&mut self) {
        let topology = self.topology;
        let ranges = ranges_by_network(topology);
        for (id, entry) in &topology.routes {
            let route = &entry.value;
            let resource = format!("route/{id}");
            self.route_priority(route.priority.as_ref(), &resource);
            let Some(network) = topology.networks.index_of(&route.network.value) else { continue };
            self.route_place(network, &route.destination, &ranges, &resource);
            self.route_hop(network, &route.next_hop, &resource);
            self.forwards(&route.next_hop, &resource);
        }
        for (id, entry) in &topology.policy_routes {
            let route = &entry.value;
            let resource = format!("policy_route/{id}");
            self.route_priority(route.priority.as_ref(), &resource);
            self.forwards(&route.next_hop, &resource);
            if let (Some(tag), Some(region)) = (route.tags.first(), &route.interconnect_region) {
                let message = format!("{resource} is for a tag and for VLAN attachments");
                let finding = POLICY_ROUTE_FOR_BOTH.finding(message).at(region.span);
                let finding = finding.also(tag.span, "the tag");
                self.report(finding.help("make two routes of it").resource(&resource));
            }
            if !matches!(route.next_hop.value, NextHop::LoadBalancer(_) | NextHop::DefaultRouting) {
                let message = format!("{resource} cannot lead to `{}`", route.next_hop.value);
                let finding = POLICY_ROUTE_NEXT_HOP.finding(message).at(route.next_hop.span);
                let help = "write `load_balancer/ID` or `default-routing`";
                self.report(finding.help(help).resource(resource));
            }
        }
        for (index, (id, entry)) in topology.networks.iter().enumerate() {
            if self.seats.of(index).next().is_some() {
                self.way_to_google(index, id, &entry.value, entry.key_span);
                self.dynamic_regions(index, &entry.value);
            }
        }
    }

    fn route_priority(&mut self, priority: Option<&Spanned<u32>>, resource: &str) {
        let Some(priority) = priority.filter(|priority| priority.value > LOWEST) else { return };
        let message = format!("the priority {} of {resource} is too large", priority.value);
        let finding = ROUTE_PRIORITY.finding(message).at(priority.span);
        self.report(finding.resource(resource));
    }

    /// Whether a route is inside a subnet of its network or of a peered one.
    fn route_place(
        &mut self,
        network: usize,
        destination: &Field<IpNet>,
        ranges: &HashMap<usize, Vec<Range>>,
        resource: &str,
    ) {
        let topology = self.topology;
        let peers: Vec<usize> = self.seats.near(network).collect();
        for (range, at) in crate::topology::record::each(destination) {
            let here = std::iter::once(network).chain(peers.iter().copied());
            let subnet = here
                .filter_map(|network| Some((network, holding(ranges.get(&network)?, range)?)))
                .next();
            let Some((network, subnet)) = subnet else { continue };
            let id = topology.networks.get_index(network).map_or("", |(id, _)| id);
            let message = format!("`{range}` is inside {} of network/{id}", subnet.name);
            let finding = ROUTE_INSIDE_SUBNET.finding(message).at(at);
            self.report(finding.also(subnet.at, "its range").resource(resource));
        }
    }

    /// Whether a next hop is one of the route's network.
    fn route_hop(&mut self, network: usize, hop: &Spanned<NextHop>, resource: &str) {
        let topology = self.topology;
        let index = |id: &str| topology.networks.index_of(id);
        let (own, other) = match &hop.value {
            NextHop::DefaultRouting => (None, "the normal routes".to_owned()),
            NextHop::Internet => return,
            NextHop::Vm(id) => {
                let Some(vm) = topology.vms.get(id) else { return };
                (index(&vm.network.value), format!("vm/{id}"))
            }
            NextHop::LoadBalancer(id) => {
                let Some(balancer) = topology.passthrough_load_balancers.get(id) else { return };
                let own = index(&balancer.network.value);
                let peered = |own: usize| {
                    self.seats.near(network).any(|peer| peer == own)
                        || topology.are_spokes_of_one_hub(network, own)
                };
                let own = own.map(|own| if peered(own) { network } else { own });
                (own, format!("passthrough_load_balancer/{id}"))
            }
            NextHop::Site { site: id, .. } => {
                let Some(site) = topology.onprem.get(id) else { return };
                (index(&site.network.value), format!("the lines of onprem/{id}"))
            }
            NextHop::Address(address) => {
                let taken = |field: &Option<Field<std::net::IpAddr>>| {
                    field
                        .as_ref()
                        .is_none_or(|field| field.known().is_none_or(|own| own == address))
                };
                let machine = topology
                    .vms
                    .values()
                    .any(|vm| index(&vm.network.value) == Some(network) && taken(&vm.address));
                let balancer = topology
                    .passthrough_load_balancers
                    .values()
                    .any(|each| each.address.known().is_none_or(|own| own == address));
                if !machine && !balancer {
                    let message = format!("{resource} leads to `{address}`, which nothing has");
                    let finding = NEXT_HOP_NOBODY.finding(message).at(hop.span);
                    let help = "add the machine that has it to `vms`, with its `address`";
                    self.report(finding.help(help).resource(resource));
                }
                return;
            }
        };
        if own == Some(network) {
            return;
        }
        let message = format!("{resource} cannot lead to {other}");
        let finding = ROUTE_NEXT_HOP.finding(message).at(hop.span);
        let help = match own.and_then(|own| topology.networks.get_index(own)) {
            Some((id, _)) => format!("that is in network/{id}"),
            None => "`default-routing` is for policy-based routes".to_owned(),
        };
        self.report(finding.help(help).resource(resource));
    }

    /// Whether the machines of a next hop pass packets on.
    fn forwards(&mut self, hop: &Spanned<NextHop>, resource: &str) {
        let topology = self.topology;
        let machines: Vec<&str> = match &hop.value {
            NextHop::Vm(id) => vec![id],
            NextHop::LoadBalancer(id) => {
                let balancer = topology.passthrough_load_balancers.get(id);
                let machines = balancer.into_iter().flat_map(|balancer| &balancer.machines);
                machines.map(|machine| machine.value.as_str()).collect()
            }
            _ => return,
        };
        for id in machines {
            let Some(entry) = topology.vms.entry(id) else { continue };
            if entry.value.can_ip_forward() {
                continue;
            }
            let message = format!("{resource} leads to vm/{id}, which does not pass packets on");
            let finding = NEXT_HOP_DOES_NOT_FORWARD.finding(message).at(hop.span);
            let place = entry.value.can_ip_forward.as_ref().map_or(entry.key_span, |own| own.span);
            let help = format!("set `can_ip_forward: true` on vm/{id}");
            self.report(finding.also(place, "the machine").help(help).resource(resource));
        }
    }

    /// Whether Google's virtual addresses still lead to the internet gateway (EGR-132).
    fn way_to_google(&mut self, index: usize, id: &str, network: &Network, key: Span) {
        let topology = self.topology;
        let needs = leads_to_google(topology, index)
            || self.seats.of(index).any(|each| each.egress() == Some(Egress::AllTraffic));
        let endpoint = topology
            .psc_endpoints
            .values()
            .any(|endpoint| endpoint.network.value == id && !endpoint.target.value.contains('/'));
        if !needs || endpoint {
            return;
        }
        let Some((at, label)) = lost_default(topology, id, network, key) else { return };
        let to_gateway = |vip: &IpNet| {
            topology.routes.values().any(|route| {
                let covers = |range: &IpNet| range.prefix_len() > 0 && range.contains(vip);
                route.network.value == id
                    && route.next_hop.value == NextHop::Internet
                    && route.destination.known().is_none_or(covers)
            })
        };
        // Where names lead to one of the virtual addresses, a route to the other is of no use.
        let led = crate::inventory::attachments::google_ways(self.topology, index);
        let missing = match led.as_slice() {
            [] if GOOGLE.iter().any(to_gateway) => return,
            [] => GOOGLE[0],
            led => match led.iter().find(|way| !to_gateway(way)) {
                Some(way) => *way,
                None => return,
            },
        };
        let message = format!("network/{id} has no route to Google's virtual addresses");
        let finding = NO_ROUTE_TO_GOOGLE.finding(message).label(at, label);
        let help = format!("add a route for `{missing}` with `next_hop: internet`");
        self.report(finding.help(help).resource(format!("network/{id}")));
    }

    /// Senders in regions where the dynamic routes of the network do not hold (EGR-096).
    fn dynamic_regions(&mut self, index: usize, network: &Network) {
        let topology = self.topology;
        let name = topology.networks.get_index(index).map_or("", |(id, _)| &**id);
        let lines: Vec<(&str, &str, Span)> = topology
            .onprem
            .iter()
            .filter(|(_, entry)| entry.value.network.value == name)
            .flat_map(|(id, entry)| entry.value.each_line().into_iter().map(move |line| (id, line)))
            .filter(|(_, line)| line.is_dynamic())
            .map(|(id, line)| (&**id, line.region, line.region_at))
            .collect();
        let static_way = topology.routes.values().any(|route| {
            route.network.value == name && matches!(route.next_hop.value, NextHop::Site { .. })
        });
        let Some((site, region, at)) = lines.first().copied() else { return };
        if network.routing_mode() == RoutingMode::Global || static_way {
            return;
        }
        let mut found = Vec::new();
        for sending in self.seats.of(index) {
            if lines.iter().any(|(_, region, _)| *region == sending.seat.region) {
                continue;
            }
            let message = format!(
                "{} sends from `{}`, where the routes of onprem/{site} do not hold",
                sending.resource, sending.seat.region
            );
            let finding = REGIONAL_ROUTES.finding(message).at(sending.at);
            let finding = finding.also(at, format!("they hold in `{region}`"));
            let help = format!("set `routing_mode: global` on network/{name}");
            found.push(finding.help(help).resource(&sending.resource));
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }
}

/// Whether the internet is reached from a network by a machine or a line, and not by its gateways.
pub(super) fn leads_elsewhere(topology: &crate::topology::Topology, network: usize) -> bool {
    let Some((id, entry)) = topology.networks.get_index(network) else { return false };
    let lost = lost_default(topology, id, &entry.value, entry.key_span);
    lost.is_some_and(|(_, label)| !label.is_empty())
}

/// Where a network lost its way to the internet gateway, if it did, and why.
fn lost_default(
    topology: &crate::topology::Topology,
    id: &str,
    network: &Network,
    key: Span,
) -> Option<(Span, &'static str)> {
    let everything = |range: &IpNet| matches!(range, IpNet::V4(_)) && range.prefix_len() == 0;
    let own = |route: &&Route| {
        route.network.value == id && route.destination.known().is_some_and(everything)
    };
    let routes: Vec<_> = topology.routes.values().filter(own).collect();
    let by_gateway = routes.iter().filter(|route| route.next_hop.value == NextHop::Internet);
    let priority = |route: &Route| route.priority();
    let mut best = by_gateway.map(|route| priority(route)).min();
    if let Some(field) = &network.default_route {
        match field.known() {
            Some(true) => best = Some(best.unwrap_or(1000).min(1000)),
            Some(false) if best.is_none() => return Some((field.span, "")),
            Some(false) => {}
            None => return None,
        }
    } else {
        best = Some(best.unwrap_or(1000).min(1000));
    }
    let best = best.unwrap_or(u32::MAX);
    let elsewhere = routes
        .iter()
        .filter(|route| route.next_hop.value != NextHop::Internet && route.tags.is_empty());
    for route in elsewhere {
        if priority(route) < best {
            return Some((route.next_hop.span, "the default route leads here"));
        }
    }
    // What a site announces has the priority 100.
    let announced = topology.onprem.values().filter(|site| site.network.value == id);
    let ranges = announced.flat_map(|site| site.each_line()).flat_map(|line| line.announces);
    let ranges: Vec<_> = ranges.collect();
    let all = ranges.iter().find(|range| everything(&range.value));
    // Halves are longer prefixes than the default route, whatever its priority is (EGR-068).
    let parts: Vec<IpNet> = ranges.iter().map(|range| range.value).collect();
    if all.is_none() && IpNet::aggregate(&parts).iter().any(everything) {
        let half = ranges.iter().find(|range| range.value.prefix_len() == 1);
        let at = half.map_or(key, |half| half.span);
        let at = if at.is_none() { key } else { at };
        return Some((at, "this site takes the place of the default route"));
    }
    let all = all?;
    let at = if all.span.is_none() { key } else { all.span };
    (best > 100).then_some((at, "the default route leads to this site"))
}
