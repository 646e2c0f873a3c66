//! Internal addresses of front ends and endpoints, and where they are.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::inventory::ranges::{Range, holding_address, is_private_address};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::network::Network;
use crate::topology::network::{NatKind, Subnet, SubnetPurpose};
use crate::topology::record::Id;
use crate::topology::record::{Field, each, every};

/// An address that has to be of an ordinary subnet of a network, in a region if it is known.
pub(crate) struct Internal<'t> {
    pub address: IpAddr,
    pub at: Span,
    network: Id<Network>,
    region: Option<&'t str>,
    pub resource: String,
}

/// Where an internal address is. Where no subnet is declared that could have it, only what cannot
/// be is told.
pub(crate) enum AddressPlace<'t> {
    /// Where it can be, as far as is known.
    Fitting,
    /// In a subnet that is not for it.
    Elsewhere(&'t str, &'t Subnet),
    /// On the internet.
    Internet,
    /// In no subnet, and one is for it, with this range.
    Nowhere(&'t str, &'t Field<IpNet>),
}

/// The addresses on the internet that the topology has, each with the resource that has it.
pub(crate) fn public_addresses(topology: &Topology) -> Vec<(String, &Field<IpAddr>)> {
    let mut all: Vec<(String, &Field<IpAddr>)> = Vec::new();
    for (id, entry) in &topology.nats {
        let nat = &entry.value;
        if nat.kind() == NatKind::Private {
            continue;
        }
        let rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
        let own = nat.addresses.iter().chain(&nat.drain_addresses).chain(rules);
        all.extend(own.map(|address| (format!("nat/{id}"), address)));
    }
    for (id, entry) in &topology.vms {
        let own = entry.value.external_address.iter();
        all.extend(own.map(|address| (format!("vm/{id}"), address)));
    }
    for (id, entry) in &topology.sql_instances {
        let own = entry.value.public_address.iter();
        all.extend(own.map(|address| (format!("sql_instance/{id}"), address)));
    }
    for (id, entry) in &topology.load_balancers {
        if entry.value.kind.value.is_internal() {
            continue;
        }
        let front_ends = entry.value.front_ends.iter().flat_map(|own| &own.address);
        let own = entry.value.address.iter().chain(front_ends);
        all.extend(own.map(|address| (format!("load_balancer/{id}"), address)));
    }
    all
}

/// What the topology has of the internet, by the first address of each: single addresses, and subnets
/// of IPv6 that are of the internet.
pub(crate) fn held_on_the_internet(topology: &Topology) -> BTreeMap<IpAddr, IpNet> {
    let single = public_addresses(topology).into_iter();
    let single = single.filter_map(|(_, address)| address.known().copied().map(IpNet::from));
    let subnets = topology.networks.values().flat_map(|network| network.subnets.values());
    let subnets = subnets.filter(|subnet| subnet.has_external_ipv6()).filter_map(Subnet::ipv6);
    single.chain(subnets).map(|range| (range.network(), range)).collect()
}

/// The internal addresses of load balancers, and of endpoints for published services.
pub(crate) fn internal_addresses(topology: &Topology) -> Vec<Internal<'_>> {
    let index = |id: &str| topology.networks.id_of(id);
    let mut found = Vec::new();
    for (id, entry) in &topology.load_balancers {
        let load_balancer = &entry.value;
        if !load_balancer.kind.value.is_internal() {
            continue;
        }
        let network = load_balancer.network.as_ref().and_then(Field::known);
        let Some(network) = network.and_then(|network| index(network)) else { continue };
        let region = load_balancer.region.as_ref().and_then(Field::known).map(String::as_str);
        let own = (&load_balancer.address, region);
        let front_ends = load_balancer.front_ends.iter().map(|front_end| {
            let own = front_end.region.as_ref().map(|region| region.value.as_str());
            (&front_end.address, own.or(region))
        });
        for (address, region) in std::iter::once(own).chain(front_ends) {
            for (address, at) in every(address) {
                let resource = format!("load_balancer/{id}");
                found.push(Internal { address: *address, at, network, region, resource });
            }
        }
    }
    for (id, entry) in &topology.passthrough_load_balancers {
        let Some(network) = index(&entry.value.network.value) else { continue };
        let region = Some(entry.value.region.value.as_str());
        for (address, at) in each(&entry.value.address) {
            let resource = format!("passthrough_load_balancer/{id}");
            found.push(Internal { address: *address, at, network, region, resource });
        }
    }
    for (id, entry) in &topology.psc_endpoints {
        let endpoint = &entry.value;
        let network = index(&endpoint.network.value);
        let Some(network) = network.filter(|_| endpoint.target.value.contains('/')) else {
            continue;
        };
        let region = endpoint.region.as_ref().map(|region| region.value.as_str());
        for (address, at) in each(&endpoint.address) {
            let resource = format!("psc_endpoint/{id}");
            found.push(Internal { address: *address, at, network, region, resource });
        }
    }
    found
}

impl<'t> Internal<'t> {
    /// Where it is, among the ranges of all networks.
    pub fn place(
        &self,
        topology: &'t Topology,
        ranges: &HashMap<Id<Network>, Vec<Range>>,
    ) -> AddressPlace<'t> {
        let Internal { address, region, .. } = self;
        let entry = topology.networks.at(self.network).1;
        let own = ranges.get(&self.network).map_or(&[][..], Vec::as_slice);
        let holds = |subnet: &Subnet| subnet.ranges().any(|range| range.contains(address));
        // The range that an address of this version has to be of.
        let range = |subnet: &'t Subnet| -> Option<&'t Field<IpNet>> {
            if address.is_ipv4() { subnet.range.as_ref() } else { subnet.ipv6_range.as_ref() }
        };
        let ordinary = |subnet: &Subnet| {
            subnet.purpose() == SubnetPurpose::Private
                && region.is_none_or(|region| subnet.region.value == region)
        };
        let subnets = || entry.value.subnets.iter().map(|(name, entry)| (&**name, &entry.value));
        if subnets().any(|(_, subnet)| ordinary(subnet) && holds(subnet)) {
            return AddressPlace::Fitting;
        }
        if let Some((name, subnet)) = subnets().find(|(_, subnet)| holds(subnet)) {
            return AddressPlace::Elsewhere(name, subnet);
        }
        if holding_address(own, address).is_none() && !is_private_address(address) {
            return AddressPlace::Internet;
        }
        // A subnet that is not known may hold it.
        if subnets().any(|(_, subnet)| range(subnet).is_some_and(|own| own.known().is_none())) {
            return AddressPlace::Fitting;
        }
        let mut fitting = subnets().filter(|(_, subnet)| ordinary(subnet));
        let fitting = fitting.find_map(|(name, subnet)| Some((name, range(subnet)?)));
        fitting.map_or(AddressPlace::Fitting, |(name, range)| AddressPlace::Nowhere(name, range))
    }

    /// The name of the network that it has to be in.
    pub fn network(&self, topology: &'t Topology) -> &'t str {
        topology.networks.key(self.network)
    }
}
