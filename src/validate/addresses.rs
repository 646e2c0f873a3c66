//! Addresses: of the right kind, and of the subnet that they have to be in.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use crate::inventory::addresses::{AddressPlace, Internal, internal_addresses, public_addresses};
use crate::inventory::ranges::{Range, holding_address, is_private_address, ranges_by_network};
use crate::source::Span;
use crate::source::codes;
use crate::topology::network::SubnetPurpose;
use crate::topology::record::{each, every};

codes! {
    ADDRESS_OUTSIDE_SUBNET = Error "address-outside-subnet" {
        "an address that is not of its subnet",
        "A machine has an address of its subnet; a load balancer or an endpoint for a published \
         service has one of an ordinary subnet of its network and region.",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
vms:
  app: {network: prod, subnet: vms, address: 10.0.1.9}
",
    }
    ADDRESS_TWICE = Error "address-twice" {
        "two machines with one address",
        "An address of a network belongs to one machine.",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
vms:
  app: {network: prod, subnet: vms, address: 10.0.0.9}
  job: {network: prod, subnet: vms, address: 10.0.0.9}
",
    }
    PUBLIC_ADDRESS = Error "public-address" {
        "a public address where an internal one is needed",
        "What is in a network is reached there by an address of a subnet, or by a private one.",
        "networks:
  prod: {}
redis_instances:
  cache: {region: europe-west1, network: prod, address: 203.0.113.9}
private_connections:
  google: {network: prod, ranges: [10.60.0.0/16]}
",
    }
    PRIVATE_ADDRESS = Error "private-address" {
        "a private address where a public one is needed",
        "The internet knows no private addresses.",
        "networks:
  prod: {}
nats:
  tokyo: {network: prod, region: asia-northeast1, addresses: [10.0.0.9]}
",
    }
    API_ENDPOINT_ADDRESS = Error "api-endpoint-address" "EGR-127" {
        "an endpoint for Google APIs inside a subnet",
        "the address of an endpoint for Google APIs is outside all subnets of its network",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
psc_endpoints:
  apis: {network: prod, address: 10.0.0.9, target: all-apis}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn addresses(&mut self) {
        let ranges = ranges_by_network(self.topology);
        self.machine_addresses();
        self.internal_addresses(&ranges);
        self.api_endpoints(&ranges);
        self.managed_addresses(&ranges);
        self.public_addresses();
    }

    fn machine_addresses(&mut self) {
        let topology = self.topology;
        let mut taken: HashMap<(&str, IpAddr), (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.vms {
            let vm = &entry.value;
            if let Some(field) = &vm.address
                && let Some(address) = field.known()
                && let Some((other, first)) =
                    taken.insert((&vm.network.value, *address), (id, field.span))
            {
                let message = format!("vm/{other} and vm/{id} have the address `{address}`");
                let finding = ADDRESS_TWICE.finding(message).at(field.span);
                self.report(finding.also(first, "also here").resource(format!("vm/{id}")));
            }
            let Some(network) = topology.networks.get(&vm.network.value) else { continue };
            let Some(subnet) = network.subnets.get(&vm.subnet.value) else { continue };
            for (range, own) in
                [(&subnet.range, &vm.address), (&subnet.ipv6_range, &vm.ipv6_address)]
            {
                let Some(field) = range else { continue };
                let Some(range) = field.known() else { continue };
                for (address, at) in every(own) {
                    if range.contains(address) {
                        continue;
                    }
                    let resource = format!("vm/{id}");
                    let subnet_name = &vm.subnet.value;
                    let message = format!("`{address}` is not of the subnet `{subnet_name}`");
                    let finding = ADDRESS_OUTSIDE_SUBNET.finding(message).at(at);
                    let finding = finding.also(field.span, "its range");
                    self.report(family(finding, address, range).resource(resource));
                }
            }
        }
    }

    fn internal_addresses(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        for internal in internal_addresses(topology) {
            let Internal { address, at, resource, .. } = &internal;
            match internal.place(topology, ranges) {
                AddressPlace::Elsewhere(name, subnet) => {
                    let message = format!(
                        "`{address}` is of the subnet `{name}`, which is not for {resource}"
                    );
                    let place = match &subnet.purpose {
                        Some(purpose) if purpose.value != SubnetPurpose::Private => purpose.span,
                        _ => subnet.region.span,
                    };
                    let finding = ADDRESS_OUTSIDE_SUBNET.finding(message).at(*at);
                    self.report(finding.also(place, "what it is for").resource(resource));
                }
                AddressPlace::Internet => self.public_inside(address, *at, resource),
                AddressPlace::Fitting | AddressPlace::Nowhere(..) => {}
            }
        }
    }

    /// Endpoints for Google APIs have an address that no subnet has.
    fn api_endpoints(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        for (id, entry) in &topology.psc_endpoints {
            let endpoint = &entry.value;
            let network = topology.networks.id_of(&endpoint.network.value);
            let Some(network) = network.filter(|_| !endpoint.target.value.contains('/')) else {
                continue;
            };
            let resource = format!("psc_endpoint/{id}");
            let own = ranges.get(&network).map_or(&[][..], Vec::as_slice);
            for (address, at) in each(&endpoint.address) {
                if let Some(range) = holding_address(own, address) {
                    let message = format!("`{address}` is in {}", range.name);
                    let finding = API_ENDPOINT_ADDRESS.finding(message).at(at);
                    self.report(finding.also(range.at, "its range").resource(&resource));
                } else if !is_private_address(address) {
                    self.public_inside(address, at, &resource);
                }
            }
        }
    }

    fn managed_addresses(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        let mut managed: HashMap<&str, Vec<IpNet>> = HashMap::new();
        for connection in topology.private_connections.values() {
            let own = managed.entry(&connection.network.value).or_default();
            own.extend(connection.ranges.iter().map(|range| range.value));
        }
        let sql = topology.sql_instances.iter().filter_map(|(id, entry)| {
            let address = entry.value.private_address.as_ref()?;
            let network = entry.value.network.as_ref().map(|network| network.value.as_str());
            Some((format!("sql_instance/{id}"), network, address))
        });
        let redis = topology.redis_instances.iter().map(|(id, entry)| {
            let network = Some(entry.value.network.value.as_str());
            (format!("redis_instance/{id}"), network, &entry.value.address)
        });
        for (resource, network, address) in sql.chain(redis) {
            let ranges_here = network.and_then(|id| ranges.get(&topology.networks.id_of(id)?));
            let held = |address: &IpAddr| {
                let managed = network.and_then(|id| managed.get(id));
                managed.is_some_and(|own| own.iter().any(|range| range.contains(address)))
                    || ranges_here.is_some_and(|own| holding_address(own, address).is_some())
            };
            for (address, at) in each(address) {
                if !is_private_address(address) && !held(address) {
                    self.public_inside(address, at, &resource);
                }
            }
        }
    }

    fn public_inside(&mut self, address: &IpAddr, at: Span, resource: &str) {
        let message =
            format!("`{address}` is a public address, and {resource} needs an internal one");
        self.report(PUBLIC_ADDRESS.finding(message).at(at).resource(resource));
    }

    fn public_addresses(&mut self) {
        for (resource, address) in public_addresses(self.topology) {
            for (address, at) in each(address) {
                if is_private_address(address) {
                    let message = format!(
                        "`{address}` is a private address, and {resource} needs a public one"
                    );
                    self.report(PRIVATE_ADDRESS.finding(message).at(at).resource(&resource));
                }
            }
        }
    }
}

/// Says so where address and range are of different families.
fn family(
    finding: crate::source::Finding,
    address: &IpAddr,
    range: &IpNet,
) -> crate::source::Finding {
    match (address, range) {
        (IpAddr::V6(_), IpNet::V4(_)) => finding.help("the range is of IPv4, the address of IPv6"),
        (IpAddr::V4(_), IpNet::V6(_)) => finding.help("the range is of IPv6, the address of IPv4"),
        _ => finding.help(format!("take one of `{range}`")),
    }
}
