//! Routes: what they lead to, and who does not have them.

use crate::topology::record::Id;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Asker, Linter};
use crate::graph::{HopKind, Placeholders, ResourceKind};
use crate::inventory::attachments::Sending;
use crate::rules::ranges::VIPS;
use crate::source::{Span, codes};
use crate::topology::Topology;
use crate::topology::network::{Network, RoutingMode};
use crate::topology::record::{Field, MapEntry, Spanned};
use crate::topology::routing::{NextHop, PolicyRoute, Route};
use crate::topology::service::Egress;

codes! {
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
    EQUAL_POLICY_ROUTES = Warning "equal-policy-routes" "EGR-243" {
        "policy-based routes with one priority for the same packets",
        "which of two policy-based routes with one priority is taken is not documented",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
vms:
  gateway: {network: prod, subnet: vms, can_ip_forward: true}
passthrough_load_balancers:
  gateways: {network: prod, region: europe-west1, address: 10.0.0.9, machines: [gateway]}
policy_routes:
  inspect: {network: prod, destination: [192.0.2.0/24], next_hop: load_balancer/gateways}
  skip: {network: prod, next_hop: default-routing}
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

impl Linter<'_, '_> {
    pub(super) fn routes(&mut self) {
        let topology = self.topology;
        let mut by_place: BTreeMap<(&str, u32), Vec<(&str, &MapEntry<PolicyRoute>)>> =
            BTreeMap::new();
        for (id, entry) in &topology.policy_routes {
            let place = (entry.value.network.value.as_str(), entry.value.priority());
            by_place.entry(place).or_default().push((id, entry));
        }
        for ((_, priority), routes) in by_place {
            for (at, (id, entry)) in routes.iter().enumerate() {
                let meets = |(_, other): &&(&str, &MapEntry<PolicyRoute>)| {
                    entry.value.meets(&other.value)
                        && entry.value.next_hop.value != other.value.next_hop.value
                };
                let Some((other, first)) = routes[..at].iter().find(meets) else { continue };
                let resource = format!("policy_route/{id}");
                let message = format!(
                    "{resource} and policy_route/{other} have the priority {priority}, and packets in \
                     common"
                );
                let own = &entry.value.priority;
                let place = own.as_ref().map_or(entry.key_span, |own| own.span);
                let finding = EQUAL_POLICY_ROUTES.finding(message).at(place);
                let finding = finding.also(first.key_span, "the other one");
                let help = "give each a priority of its own";
                self.report(finding.help(help).resource(resource));
            }
        }
    }
}

impl Asker<'_, '_> {
    pub(super) fn routes(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.routes {
            let route = &entry.value;
            let resource = format!("route/{id}");
            if let NextHop::Address(address) = &route.next_hop.value
                && self.is_nobodys(&route.network.value, address)
                && self.leads_nowhere(id)
            {
                let message = format!("{resource} leads to `{address}`, which nothing has");
                let finding = NEXT_HOP_NOBODY.finding(message).at(route.next_hop.span);
                let help = "add the machine that has it to `vms`, with its `address`";
                self.report(finding.help(help).resource(&resource));
            }
            self.forwards(&route.next_hop, &resource);
        }
        for (id, entry) in &topology.policy_routes {
            self.forwards(&entry.value.next_hop, &format!("policy_route/{id}"));
        }
        for (index, (id, entry)) in topology.networks.ids().zip(&topology.networks) {
            if self.seats.of(index).next().is_some() {
                self.way_to_google(index, id, &entry.value, entry.key_span);
                self.dynamic_regions(index, id, &entry.value);
            }
        }
    }

    /// Whether nothing of a network may have an address, as far as what has one says it.
    fn is_nobodys(&self, network: &str, address: &IpAddr) -> bool {
        let may_be = |field: &Field<IpAddr>| field.known().is_none_or(|own| own == address);
        let topology = self.topology;
        let mut machines = topology.vms.values().filter(|vm| vm.network.value == network);
        let machine = machines.any(|vm| vm.address.as_ref().is_none_or(&may_be));
        let balancers = &topology.passthrough_load_balancers;
        !machine && !balancers.values().any(|each| may_be(&each.address))
    }

    /// Whether what takes a route gets nowhere, if anything can take it.
    fn leads_nowhere(&mut self, route: &str) -> bool {
        let Some(route) = self.engine.resource(ResourceKind::Route, route) else { return true };
        let hops = self.engine.hops_of(route).to_vec();
        hops.iter().all(|hop| self.engine.ends_nowhere(*hop))
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
            if entry.value.can_ip_forward() || !self.keeps_packets(id) {
                continue;
            }
            let message = format!("{resource} leads to vm/{id}, which does not pass packets on");
            let finding = NEXT_HOP_DOES_NOT_FORWARD.finding(message).at(hop.span);
            let place = entry.value.can_ip_forward.as_ref().map_or(entry.key_span, |own| own.span);
            let help = format!("set `can_ip_forward: true` on vm/{id}");
            self.report(finding.also(place, "the machine").help(help).resource(resource));
        }
    }

    /// Whether a machine passes nothing of others on, if anything can lead to it.
    fn keeps_packets(&mut self, machine: &str) -> bool {
        let Some(machine) = self.engine.resource(ResourceKind::Vm, machine) else { return true };
        let hops = self.engine.hops_of(machine).to_vec();
        let mut forwarding =
            hops.into_iter().filter(|hop| self.engine.kind(*hop) == HopKind::IpForwarding);
        forwarding.all(|hop| self.engine.is_shut(hop))
    }

    /// Whether Google's virtual addresses still lead to the internet gateway (EGR-132).
    fn way_to_google(&mut self, index: Id<Network>, id: &str, network: &Network, key: Span) {
        let topology = self.topology;
        let led = crate::inventory::attachments::google_ways(topology, index);
        let endpoint = topology
            .psc_endpoints
            .values()
            .any(|endpoint| endpoint.network.value == id && !endpoint.target.value.contains('/'));
        if endpoint {
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
        let missing = match led.as_slice() {
            [] if VIPS.iter().any(to_gateway) => return,
            [] => VIPS[0],
            led => match led.iter().find(|way| !to_gateway(way)) {
                Some(way) => *way,
                None => return,
            },
        };
        let mut addresses = led.clone();
        if led.is_empty() {
            addresses.extend(VIPS);
            addresses.push(IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into());
        }
        // Who needs such a route: where names lead to the addresses everybody.
        let seats = std::rc::Rc::clone(&self.seats);
        let needs = |egress| !led.is_empty() || egress == Some(Egress::AllTraffic);
        let mut needing = seats.of(index).filter(|sending| needs(sending.egress())).peekable();
        if needing.peek().is_none() {
            return;
        }
        let mut lost = |sending: &Sending<'_>| {
            let source = self.engine.source(&sending.resource);
            source.is_none_or(|source| self.engine.never_at_google(source, &addresses))
        };
        if !needing.all(&mut lost) {
            return;
        }
        let message = format!("network/{id} has no route to Google's virtual addresses");
        let finding = NO_ROUTE_TO_GOOGLE.finding(message).label(at, label);
        let help = format!("add a route for `{missing}` with `next_hop: internet`");
        self.report(finding.help(help).resource(format!("network/{id}")));
    }

    /// Senders in regions where the dynamic routes of the network do not hold (EGR-096).
    fn dynamic_regions(&mut self, index: Id<Network>, name: &str, network: &Network) {
        let topology = self.topology;
        let mode = network.routing_mode.as_ref().map(|mode| mode.value);
        let static_way = topology.routes.values().any(|route| {
            route.network.value == name && matches!(route.next_hop.value, NextHop::Site { .. })
        });
        if mode == Some(RoutingMode::Global) || static_way {
            return;
        }
        let sites: Vec<(&str, Vec<(&str, Span)>)> = topology
            .onprem
            .iter()
            .filter(|(_, entry)| entry.value.network.value == name)
            .map(|(id, entry)| {
                let lines = entry.value.each_line().into_iter().filter(|line| line.is_dynamic());
                (&**id, lines.map(|line| (line.region, line.region_at)).collect())
            })
            .collect();
        let seats = std::rc::Rc::clone(&self.seats);
        for sending in seats.of(index) {
            let Some(source) = self.engine.source(&sending.resource) else { continue };
            let region = &sending.seat.region;
            let far = sites.iter().find_map(|(site, lines)| {
                let (held, at) = lines.first()?;
                let near = lines.iter().any(|(own, _)| own == region);
                let end = self.engine.resource(ResourceKind::Onprem, site).filter(|_| !near)?;
                let end = self.engine.ends(vec![end]);
                self.engine.never(source, end).then_some((*site, *held, *at))
            });
            let Some((site, held, at)) = far else { continue };
            let message = format!(
                "{} sends from `{region}`, where the routes of onprem/{site} do not hold",
                sending.resource
            );
            let finding = REGIONAL_ROUTES.finding(message).at(sending.at);
            let finding = finding.also(at, format!("they hold in `{held}`"));
            let help = format!("set `routing_mode: global` on network/{name}");
            self.report(finding.help(help).resource(&sending.resource));
        }
    }
}

/// Where a network lost its way to the internet gateway, if it did, and why.
fn lost_default(
    topology: &Topology,
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
    let priority = |route: &Route| route.priority.as_ref().map_or(1000, |priority| priority.value);
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
