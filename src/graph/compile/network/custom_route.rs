//! Custom routes: static ones, those that sites announce, and the default route (EGR-082 to
//! EGR-085, EGR-091, EGR-094, EGR-096).

use super::route::{Row, Through, Way};
use super::{EVERY_IPV4, EVERY_IPV6};
use crate::graph::compile::Builder;
use crate::topology::routing::NextHop;

impl Builder<'_> {
    /// The static and dynamic routes of a network; those that a peer imports if it is `through`
    /// one (EGR-091, EGR-094).
    pub(super) fn custom_routes(
        &mut self,
        network: usize,
        region: &str,
        tags: &[String],
        through: Option<usize>,
    ) -> Vec<Row> {
        let topology = self.topology;
        let mut rows = Vec::new();
        let local = through.is_none();
        let Some((_, entry)) = topology.networks.get_index(network) else { return rows };
        if local {
            // That of IPv6 comes with the first subnet of external IPv6.
            let has_ipv6 = entry.value.subnets.values().any(|subnet| subnet.has_external_ipv6());
            let defaults = [
                (EVERY_IPV4, entry.value.default_route.as_ref(), true),
                (EVERY_IPV6, entry.value.default_ipv6_route.as_ref(), has_ipv6),
            ];
            for (range, default, exists) in defaults {
                if exists && default.is_none_or(|route| route.known().copied().unwrap_or(true)) {
                    rows.push(Row {
                        range,
                        way: Way::Internet,
                        subnet: false,
                        priority: 1000,
                        local,
                        rank: 4,
                        route: None,
                    });
                }
            }
        }
        for (index, route) in topology.routes.values().enumerate() {
            let here = topology.networks.index_of(&route.network.value) == Some(network);
            let tagged = route.tags.is_empty()
                || local && route.tags.iter().any(|tag| tags.contains(&tag.value));
            if !here || !tagged {
                continue;
            }
            let Some(range) = route.destination.known() else { continue };
            let Some(way) = self.static_way(&route.next_hop.value, network) else { continue };
            if !local && way == Way::Internet {
                continue;
            }
            let way = match way {
                Way::Site { site, lines, .. } if !local => {
                    Way::Site { site, lines, through: Through::Peering }
                }
                way => way,
            };
            let rank = match &way {
                Way::Internet => 4,
                Way::Passthrough(_) => 3,
                _ => 1,
            };
            let priority = route.priority.as_ref().map_or(1000, |priority| priority.value);
            let range = *range;
            rows.push(Row { range, way, subnet: false, priority, local, rank, route: Some(index) });
        }
        for (index, site) in topology.onprem.values().enumerate() {
            if topology.networks.index_of(&site.network.value) == Some(network) {
                let through = if local { Through::Own } else { Through::Peering };
                for (range, lines) in self.announced(index, Some(region)) {
                    rows.push(Row::dynamic(
                        range,
                        Way::Site { site: index, lines, through },
                        local,
                    ));
                }
            }
        }
        rows
    }

    /// Where a next hop leads; `None` for the normal table.
    pub(super) fn static_way(&mut self, hop: &NextHop, network: usize) -> Option<Way> {
        let topology = self.topology;
        Some(match hop {
            NextHop::DefaultRouting => return None,
            NextHop::Internet => Way::Internet,
            NextHop::Vm(id) => topology.vms.index_of(id).map_or(Way::Nowhere, Way::Machine),
            NextHop::LoadBalancer(id) => topology
                .passthrough_load_balancers
                .index_of(id)
                .map_or(Way::Nowhere, Way::Passthrough),
            NextHop::Site { site, line } => {
                let declared = topology.onprem.get(site);
                let lines = declared.map(|site| site.static_lines(line.as_deref()));
                match (topology.onprem.index_of(site), lines) {
                    (Some(site), Some(lines)) if !lines.is_empty() => {
                        Way::Site { site, lines, through: Through::Own }
                    }
                    _ => Way::Nowhere,
                }
            }
            NextHop::Address(address) => {
                let machine = (0..topology.vms.len()).find(|index| {
                    self.machine(*index).is_some_and(|machine| {
                        machine.network == network && machine.addresses().any(|own| own == *address)
                    })
                });
                match machine {
                    Some(index) => Way::Machine(index),
                    None => topology
                        .passthrough_load_balancers
                        .values()
                        .position(|each| each.address.known() == Some(address))
                        .map_or(Way::Nowhere, Way::Passthrough),
                }
            }
        })
    }
}
