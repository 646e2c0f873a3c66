//! The ranges of networks, which of them hold what, and which ranges are private.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::rules::ranges::{PRIVATE, VIPS, VIPS_IPV6};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::network::Network;
use crate::topology::network::UNIQUE_LOCAL;
use crate::topology::record::Id;

/// A range of a network: whose it is, and where it stands.
#[derive(Clone)]
pub(crate) struct Range {
    pub range: IpNet,
    pub name: String,
    pub at: Span,
}

/// The ranges of subnets and connectors, by the network's index, in the order of addresses.
pub(crate) fn ranges_by_network(topology: &Topology) -> HashMap<Id<Network>, Vec<Range>> {
    let mut ranges: HashMap<Id<Network>, Vec<Range>> = HashMap::new();
    for (index, (_, entry)) in topology.networks.ids().zip(&topology.networks) {
        for (name, subnet) in &entry.value.subnets {
            let own = ranges.entry(index).or_default();
            let both = subnet.value.range.iter().chain(&subnet.value.ipv6_range);
            for field in both {
                let Some(range) = field.known() else { continue };
                let (name, at) = (format!("the subnet `{name}`"), field.span);
                own.push(Range { range: *range, name, at });
            }
            for (secondary, range) in &subnet.value.secondary {
                let name = format!("the range `{secondary}` of the subnet `{name}`");
                own.push(Range { range: range.value.value, name, at: range.value.span });
            }
        }
    }
    for (id, entry) in &topology.connectors {
        let connector = &entry.value;
        if let Some(field) = &connector.range
            && let Some(range) = field.known()
            && let Some((network, None)) = topology.connector_network(connector)
        {
            let name = format!("connector/{id}");
            let range = Range { range: *range, name, at: field.span };
            ranges.entry(network).or_default().push(range);
        }
    }
    for own in ranges.values_mut() {
        own.sort_by_key(|each| (each.range.network(), each.range.prefix_len()));
    }
    ranges
}

/// Whether a range lies in what `private-ranges-only` sends into the network (EGR-008); of IPv6,
/// in what is of networks, and Google's virtual addresses.
pub(crate) fn is_private(range: &IpNet) -> bool {
    let private = PRIVATE.iter().chain(&VIPS).chain(&VIPS_IPV6).chain([&UNIQUE_LOCAL]);
    private.into_iter().any(|private| private.contains(range))
}

/// Whether an address is a private one of networks.
pub(crate) fn is_private_address(address: &IpAddr) -> bool {
    PRIVATE.iter().chain([&UNIQUE_LOCAL]).any(|private| private.contains(address))
}

/// The range that holds another, among ranges in the order of addresses.
pub(crate) fn holding<'a>(ranges: &'a [Range], inner: &IpNet) -> Option<&'a Range> {
    ranges.iter().find(|each| each.range.contains(inner))
}

/// The range that holds an address.
pub(crate) fn holding_address<'a>(ranges: &'a [Range], address: &IpAddr) -> Option<&'a Range> {
    ranges.iter().find(|each| each.range.contains(address))
}
