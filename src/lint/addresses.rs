//! Internal addresses in no subnet that is known.

use super::Linter;
use crate::inventory::addresses::{AddressPlace, internal_addresses};
use crate::inventory::ranges::ranges_by_network;
use crate::source::codes;

codes! {
    ADDRESS_OF_NO_SUBNET = Warning "address-of-no-subnet" {
        "an address that no subnet of the topology holds",
        "A load balancer or an endpoint for a published service has an address of an ordinary \
         subnet; its subnet may be missing here.",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
passthrough_load_balancers:
  store: {network: prod, region: europe-west1, address: 10.9.0.9}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn addresses(&mut self) {
        let topology = self.topology;
        let ranges = ranges_by_network(topology);
        for internal in internal_addresses(topology) {
            let AddressPlace::Nowhere(name, range) = internal.place(topology, &ranges) else {
                continue;
            };
            let network = internal.network(topology);
            let message = format!(
                "`{}` is of no subnet of network/{network} for {}",
                internal.address, internal.resource
            );
            let finding = ADDRESS_OF_NO_SUBNET.finding(message).at(internal.at);
            let finding = finding.also(range.span, format!("the subnet `{name}` is for it"));
            self.report(finding.resource(internal.resource));
        }
    }
}
