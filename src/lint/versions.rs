//! Versions of IP: gateways that translate for nobody, and senders with IPv6 that rules for IPv4
//! alone do not hold.

use std::net::IpAddr;

use super::Linter;
use crate::inventory::attachments::names_network;
use crate::source::codes;
use crate::topology::network::{NatKind, StackType, Subnet, SubnetPurpose, Vm};

codes! {
    NAT64_NOBODY = Warning "nat64-nobody" "EGR-018" {
        "a gateway with NAT64 where nothing has IPv6 alone",
        "NAT64 of a public gateway is for machines that have IPv6 alone; Cloud Run is none",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24, ipv6_range: \"2600:1900:4000:1::/64\"}
nats:
  out: {network: prod, region: europe-west1, nat64: true}
",
    }
    IPV6_PAST_RESPONSE_POLICY = Warning "ipv6-past-response-policy" "EGR-233" {
        "a response policy that senders with IPv6 get past",
        "a rule with addresses of IPv4 alone leaves the public addresses of IPv6 to ordinary \
         resolution",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24, ipv6_range: \"2600:1900:4000:1::/64\"}
response_policies:
  google: {networks: [prod], rules: {\"*.run.app\": [199.36.153.8]}}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn versions(&mut self) {
        self.nat64_for_nobody();
        self.past_response_policies();
    }

    fn nat64_for_nobody(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let Some(switch) = nat.nat64.as_ref().filter(|own| own.known() == Some(&true)) else {
                continue;
            };
            let network = topology.nat_network(nat).map(|own| topology.networks.at(own));
            let (Some((network, declared)), Some(region)) = (network, nat.region.known()) else {
                continue;
            };
            let private = nat.kind() == NatKind::Private;
            let near = |subnet: &Subnet| subnet.region.value == *region;
            let subnets = declared.value.subnets.values();
            let mut alone = subnets.filter(|own| near(own) && own.range.is_none());
            let mut machines = topology.vms.values().filter(|vm| *vm.network.value == **network);
            let machine = |vm: &Vm| {
                let subnet = declared.value.subnets.get(&vm.subnet.value);
                subnet.is_some_and(|own| near(own) && vm.stack(own) == StackType::Ipv6Only)
            };
            if private || alone.next().is_none() && !machines.any(machine) {
                let message = format!("nat/{id} translates IPv6 for nobody");
                let finding = NAT64_NOBODY.finding(message).at(switch.span);
                self.report(finding.resource(format!("nat/{id}")));
            }
        }
    }

    /// Rules of response policies that answer Google's names with IPv4 alone, in networks with
    /// senders that have IPv6.
    fn past_response_policies(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.response_policies {
            let policy = &entry.value;
            let networks = topology.networks.with_ids();
            let seen = networks
                .filter(|(index, _)| names_network(topology, &policy.networks, *index))
                .flat_map(|(_, network)| network.subnets.values())
                .find(|subnet| {
                    subnet.purpose() == SubnetPurpose::Private && subnet.ipv6_range.is_some()
                });
            let Some(range) = seen.and_then(|subnet| subnet.ipv6_range.as_ref()) else { continue };
            for (name, values) in &policy.rules {
                let own = name.trim_end_matches('.').to_ascii_lowercase();
                let google = [".run.app", ".googleapis.com"];
                let public = google.iter().any(|suffix| own.ends_with(suffix));
                let addresses = values.value.iter().map(|value| value.value.parse::<IpAddr>());
                let ipv4_alone = !values.value.is_empty()
                    && addresses.into_iter().all(|own| own.is_ok_and(|own| own.is_ipv4()));
                if !public || !ipv4_alone {
                    continue;
                }
                let message = format!("senders with IPv6 get past the rule for `{name}`");
                let finding = IPV6_PAST_RESPONSE_POLICY.finding(message).at(values.key_span);
                let finding = finding.also(range.span, "sends IPv6");
                let help = "add an address of IPv6, such as `2600:2d00:2:2000::` or \
                            `2600:2d00:2:1000::`";
                self.report(finding.help(help).resource(format!("response_policy/{id}")));
            }
        }
    }
}
