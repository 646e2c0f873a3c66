//! Custom routes: static ones, those that sites announce, and the default route (EGR-082 to
//! EGR-085, EGR-091, EGR-094, EGR-096).

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::dynamic::Uplink;
use super::route::{Row, Through, Way};
use super::{EVERY_IPV4, EVERY_IPV6};
use crate::graph::compile::{Core, Senders};
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::routing::NextHop;

impl Senders {
    /// The static and dynamic routes of a network; if it is not the `local` one, those that a peer
    /// imports from it (EGR-091, EGR-094).
    pub(super) fn custom_routes(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        region: &str,
        tags: &[String],
        local: bool,
    ) -> Vec<Row> {
        let (topology, inventory) = (core.topology, core.inventory);
        let mut rows = Vec::new();
        let declared = &topology.networks[network];
        if local {
            // That of IPv6 comes with the first subnet of external IPv6.
            let has_ipv6 = declared.subnets.values().any(|subnet| subnet.has_external_ipv6());
            let defaults = [
                (EVERY_IPV4, declared.default_route(), true),
                (EVERY_IPV6, declared.default_ipv6_route(), has_ipv6),
            ];
            for (range, default, exists) in defaults {
                if exists && default.may_be(true) {
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
        for &id in &inventory.network(network).routes {
            let route = &topology.routes[id];
            let tagged = route.tags.is_empty()
                || local && route.tags.iter().any(|tag| tags.contains(&tag.value));
            if !tagged {
                continue;
            }
            let Some(range) = route.destination.known() else { continue };
            let Some(way) = self.static_way(core, &route.next_hop.value, network) else { continue };
            if !local && way == Way::Internet {
                continue;
            }
            let way = match way {
                Way::Site { uplinks, .. } if !local => {
                    Way::Site { uplinks, through: Through::Peering }
                }
                way => way,
            };
            let rank = match &way {
                Way::Internet => 4,
                Way::Passthrough(_) => 3,
                _ => 1,
            };
            let priority = route.priority();
            let range = *range;
            rows.push(Row { range, way, subnet: false, priority, local, rank, route: Some(id) });
        }
        let mut announced: BTreeMap<IpNet, Vec<Uplink>> = BTreeMap::new();
        for &site in &inventory.network(network).sites {
            for (range, lines) in core.announced(site, Some(region)) {
                announced.entry(range).or_default().extend(core.uplinks(site, &lines, &range));
            }
        }
        let through = if local { Through::Own } else { Through::Peering };
        rows.extend(
            announced
                .into_iter()
                .map(|(range, uplinks)| Row::dynamic(range, Way::Site { uplinks, through }, local)),
        );
        rows
    }

    /// Where a next hop leads; `None` for the normal table.
    pub(super) fn static_way(
        &mut self,
        core: &mut Core<'_>,
        hop: &NextHop,
        network: Id<Network>,
    ) -> Option<Way> {
        let topology = core.topology;
        Some(match hop {
            NextHop::DefaultRouting => return None,
            NextHop::Internet => Way::Internet,
            NextHop::Vm(id) => topology.vms.id_of(id).map_or(Way::Nowhere, Way::Machine),
            NextHop::LoadBalancer(id) => {
                topology.passthrough_load_balancers.id_of(id).map_or(Way::Nowhere, Way::Passthrough)
            }
            NextHop::Site { site, line } => {
                let Some(site) = topology.onprem.id_of(site) else { return Some(Way::Nowhere) };
                let lines = topology.onprem[site].static_lines(line.as_deref());
                if lines.is_empty() {
                    return Some(Way::Nowhere);
                }
                let uplink = |line| Uplink { site, line, med: None };
                Way::Site {
                    uplinks: lines.into_iter().map(uplink).collect(),
                    through: Through::Own,
                }
            }
            NextHop::Address(address) => {
                let machine = core.inventory.network(network).vms.iter().find(|machine| {
                    let machine = self.machine(core, **machine);
                    machine.is_some_and(|own| own.addresses().any(|own| own == *address))
                });
                match machine {
                    Some(machine) => Way::Machine(*machine),
                    None => topology
                        .passthrough_load_balancers
                        .with_ids()
                        .find(|(_, each)| each.address.known() == Some(address))
                        .map_or(Way::Nowhere, |(id, _)| Way::Passthrough(id)),
                }
            }
        })
    }
}
