//! Ranges of networks, and addresses in them.

use std::collections::{HashMap, HashSet};

use super::Checker;
use crate::inventory::attachments::overlap;
use crate::inventory::ranges::{Range, ranges_by_network};
use crate::source::codes;
use crate::topology::network::Network;
use crate::topology::record::Id;

codes! {
    OVERLAPPING_RANGES = Error "overlapping-ranges" "EGR-022" {
        "ranges of a network that overlap",
        "nothing else may use the range of a subnet or connector in its network",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/16}
      vms: {region: europe-west1, range: 10.0.1.0/24}
",
    }
    OVERLAPPING_PEERS = Error "overlapping-peers" "EGR-092" {
        "peered networks whose ranges overlap",
        "networks with overlapping subnets cannot be peered",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/16}}}
  data: {subnets: {vms: {region: europe-west1, range: 10.0.1.0/24}}}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn ranges(&mut self) {
        let ranges = ranges_by_network(self.topology);
        let mut networks: Vec<Id<Network>> = ranges.keys().copied().collect();
        networks.sort_unstable();
        for network in &networks {
            self.overlapping(*network, &ranges[network]);
        }
        self.allocated_ranges(&ranges);
        self.overlapping_peers(&ranges);
    }

    fn overlapping(&mut self, network: Id<Network>, ranges: &[Range]) {
        let (id, _) = self.topology.networks.at(network);
        let resource = format!("network/{id}");
        let mut widest: Option<&Range> = None;
        for each in ranges {
            if let Some(wide) = widest
                && wide.range.contains(&each.range)
            {
                let message = format!(
                    "{} and {} of {resource} overlap: `{}` contains `{}`",
                    wide.name, each.name, wide.range, each.range
                );
                let finding = OVERLAPPING_RANGES.finding(message).at(each.at);
                self.report(finding.also(wide.at, "the wider range").resource(&resource));
            } else {
                widest = Some(each);
            }
        }
    }

    /// Ranges for managed services are set aside: no subnet has a part of them.
    fn allocated_ranges(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        for (id, entry) in &topology.private_connections {
            let network = &entry.value.network.value;
            let index = topology.networks.id_of(network);
            let own = index.and_then(|index| ranges.get(&index)).map_or(&[][..], Vec::as_slice);
            for range in &entry.value.ranges {
                let Some(subnet) = own.iter().find(|each| overlap(&each.range, &range.value))
                else {
                    continue;
                };
                let message = format!(
                    "`{}` of private_connection/{id} and {} of network/{network} overlap",
                    range.value, subnet.name
                );
                let finding = OVERLAPPING_RANGES.finding(message).at(range.span);
                let finding = finding.also(subnet.at, "its range");
                self.report(finding.resource(format!("private_connection/{id}")));
            }
        }
    }

    /// Each pair of peered networks once, by merging their ranges.
    fn overlapping_peers(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        let mut seen: HashSet<(Id<Network>, Id<Network>)> = HashSet::new();
        for (id, entry) in &topology.peerings {
            let index = |id: &str| topology.networks.id_of(id);
            let (Some(own), Some(peer)) =
                (index(&entry.value.network.value), index(&entry.value.peer.value))
            else {
                continue;
            };
            if own == peer || !seen.insert((own.min(peer), own.max(peer))) {
                continue;
            }
            let of = |network: Id<Network>| ranges.get(&network).map_or(&[][..], Vec::as_slice);
            let Some((one, other)) = common(of(own), of(peer)) else { continue };
            let message = format!(
                "network/{} and network/{} cannot be peered: `{}` and `{}` overlap",
                entry.value.network.value, entry.value.peer.value, one.range, other.range
            );
            let finding = OVERLAPPING_PEERS.finding(message).at(entry.key_span);
            let finding = finding.also(one.at, &one.name).also(other.at, &other.name);
            self.report(finding.resource(format!("peering/{id}")));
        }
    }
}

/// A range of each list that overlap. Both are in the order of addresses.
fn common<'a>(one: &'a [Range], other: &'a [Range]) -> Option<(&'a Range, &'a Range)> {
    let (mut at, mut beside) = (0, 0);
    while let (Some(left), Some(right)) = (one.get(at), other.get(beside)) {
        if overlap(&left.range, &right.range) {
            return Some((left, right));
        }
        if left.range.broadcast() < right.range.broadcast() { at += 1 } else { beside += 1 }
    }
    None
}
