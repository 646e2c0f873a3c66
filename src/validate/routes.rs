//! Routes: static, policy-based, dynamic.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::HashMap;

use ipnet::IpNet;

use super::Checker;
use crate::inventory::ranges::{Range, holding, ranges_by_network};
use crate::source::codes;
use crate::topology::record::{Field, Spanned};
use crate::topology::routing::NextHop;

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
}

/// The largest priority of a route (EGR-083).
const LOWEST: u32 = 65_535;

impl Checker<'_, '_> {
    pub(super) fn routes(&mut self) {
        let topology = self.topology;
        let ranges = ranges_by_network(topology);
        for (id, entry) in &topology.routes {
            let route = &entry.value;
            let resource = format!("route/{id}");
            self.route_priority(route.priority.as_ref(), &resource);
            let Some(network) = topology.networks.id_of(&route.network.value) else { continue };
            self.route_place(network, &route.destination, &ranges, &resource);
            self.route_hop(network, &route.next_hop, &resource);
        }
        for (id, entry) in &topology.policy_routes {
            let route = &entry.value;
            let resource = format!("policy_route/{id}");
            self.route_priority(route.priority.as_ref(), &resource);
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
        network: Id<Network>,
        destination: &Field<IpNet>,
        ranges: &HashMap<Id<Network>, Vec<Range>>,
        resource: &str,
    ) {
        let topology = self.topology;
        let peers: Vec<Id<Network>> = self.seats.near(network).collect();
        for (range, at) in crate::topology::record::each(destination) {
            let here = std::iter::once(network).chain(peers.iter().copied());
            let subnet = here
                .filter_map(|network| Some((network, holding(ranges.get(&network)?, range)?)))
                .next();
            let Some((network, subnet)) = subnet else { continue };
            let id = topology.networks.key(network);
            let message = format!("`{range}` is inside {} of network/{id}", subnet.name);
            let finding = ROUTE_INSIDE_SUBNET.finding(message).at(at);
            self.report(finding.also(subnet.at, "its range").resource(resource));
        }
    }

    /// Whether a next hop is one of the route's network.
    fn route_hop(&mut self, network: Id<Network>, hop: &Spanned<NextHop>, resource: &str) {
        let topology = self.topology;
        let index = |id: &str| topology.networks.id_of(id);
        let (own, other) = match &hop.value {
            NextHop::DefaultRouting => (None, "the normal routes".to_owned()),
            NextHop::Internet | NextHop::Address(_) => return,
            NextHop::Vm(id) => {
                let Some(vm) = topology.vms.get(id) else { return };
                (index(&vm.network.value), format!("vm/{id}"))
            }
            NextHop::LoadBalancer(id) => {
                let Some(balancer) = topology.passthrough_load_balancers.get(id) else { return };
                let own = index(&balancer.network.value);
                let peered = |own: Id<Network>| {
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
        };
        if own == Some(network) {
            return;
        }
        let message = format!("{resource} cannot lead to {other}");
        let finding = ROUTE_NEXT_HOP.finding(message).at(hop.span);
        let help = match own.map(|own| topology.networks.at(own)) {
            Some((id, _)) => format!("that is in network/{id}"),
            None => "`default-routing` is for policy-based routes".to_owned(),
        };
        self.report(finding.help(help).resource(resource));
    }
}
