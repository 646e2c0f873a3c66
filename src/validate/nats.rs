//! Rules and ranges of Cloud NAT gateways.

use std::collections::HashMap;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::network::{Nat, NatKind, NatRange, SubnetPurpose};
use crate::topology::record::each;

codes! {
    NAT_RULE_NUMBER = Error "nat-rule-number" "EGR-061" {
        "an impossible number of a NAT rule",
        "a NAT rule has a number of its own from 0 to 65000",
        "networks:
  prod: {}
nats:
  tokyo:
    network: prod
    region: asia-northeast1
    addresses: [203.0.113.10]
    rules:
      - {number: 65001, match: \"destination.ip == '198.51.100.7'\", addresses: [203.0.113.11]}
",
    }
    PRIVATE_NAT_SUBNET = Error "private-nat-subnet" "EGR-074" {
        "a private gateway without a subnet for it, or a public one with one",
        "a private gateway takes addresses of subnets of purpose `private-nat`, a public one has \
         addresses of the internet",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  inside: {network: prod, region: europe-west1, kind: private, private_subnets: [vms]}
",
    }
    NAT_REGION = Error "nat-region" "EGR-054" {
        "a gateway for a subnet of another region",
        "a gateway serves ranges of its own region",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  out: {network: prod, region: europe-west4, subnets: [run]}
",
    }
    PRIVATE_NAT_RANGES = Error "private-nat-ranges" "EGR-074" {
        "a private gateway for some ranges of a subnet",
        "a private gateway serves all ranges of a subnet",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24, secondary: {pods: 10.4.0.0/16}}
      nat: {region: europe-west1, range: 10.9.0.0/24, purpose: private-nat}
nats:
  inside:
    network: prod
    region: europe-west1
    kind: private
    subnets: [{subnet: run, ranges: [secondary]}]
    private_subnets: [nat]
",
    }
}

/// The largest number of a NAT rule (EGR-061).
const LAST: u32 = 65_000;

impl<'t> Checker<'t, '_> {
    pub(super) fn nats(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            let resource = format!("nat/{id}");
            self.nat_rules(&entry.value, &resource);
            self.private_nat(&entry.value, entry.key_span, &resource);
            self.nat_region(&entry.value, &resource);
        }
    }

    /// Whether the subnets of a gateway are of its region.
    fn nat_region(&mut self, nat: &'t Nat, resource: &str) {
        let topology = self.topology;
        let (Some(network), Some(region)) = (topology.nat_network(nat), nat.region.known()) else {
            return;
        };
        let served = nat.subnets.iter().flat_map(|own| each(&own.subnet));
        let used = nat.private_subnets.iter().map(|own| (&own.value, own.span));
        for (name, at) in served.chain(used) {
            let Some(subnet) = topology.subnet_of(network, name) else { continue };
            let own = &subnet.region;
            if own.value == *region {
                continue;
            }
            let message = format!("the subnet `{name}` is of another region than {resource}");
            let finding = NAT_REGION.finding(message).at(at);
            let finding = finding.also(own.span, "its region");
            let finding = finding.also(nat.region.span, "the gateway's region");
            let help = format!("make a gateway in `{}`", own.value);
            self.report(finding.help(help).resource(resource));
        }
    }

    fn nat_rules(&mut self, nat: &'t Nat, resource: &str) {
        let mut seen: HashMap<u32, Span> = HashMap::new();
        for rule in &nat.rules {
            let number = &rule.number;
            if number.value > LAST {
                let message = format!("the number {} of a rule is too large", number.value);
                let finding = NAT_RULE_NUMBER.finding(message).at(number.span);
                self.report(finding.resource(resource));
            }
            if let Some(first) = seen.insert(number.value, number.span) {
                let message = format!("two rules of {resource} have the number {}", number.value);
                let finding = NAT_RULE_NUMBER.finding(message).at(number.span);
                self.report(finding.also(first, "the other one").resource(resource));
            }
            self.expression(&rule.r#match.value, rule.r#match.span, Dialect::NatRule, resource);
        }
    }

    fn private_nat(&mut self, nat: &Nat, key: Span, resource: &str) {
        let topology = self.topology;
        let private = nat.kind.as_ref().filter(|kind| kind.value == NatKind::Private);
        let Some(kind) = private else {
            if let Some(subnet) = nat.private_subnets.first() {
                let message = format!("{resource} is public, but takes addresses of a subnet");
                let finding = PRIVATE_NAT_SUBNET.finding(message).at(subnet.span);
                self.report(finding.help("set `kind: private`").resource(resource));
            }
            return;
        };
        if nat.private_subnets.is_empty() {
            let message = format!("{resource} has no subnet to take addresses of");
            let at = if kind.span.is_none() { key } else { kind.span };
            let finding = PRIVATE_NAT_SUBNET.finding(message).at(at);
            self.report(finding.help("add `private_subnets`").resource(resource));
        }
        if let Some(address) = nat.addresses.first() {
            let message = format!("{resource} is private, but has addresses of the internet");
            let finding = PRIVATE_NAT_SUBNET.finding(message).at(address.span);
            self.report(finding.also(kind.span, "its kind").resource(resource));
        }
        let parts = nat.subnets.iter().flat_map(|subnet| &subnet.ranges);
        if let Some(part) = parts.into_iter().find(|part| part.value != NatRange::All) {
            let message = format!("{resource} is private, and serves some ranges of a subnet only");
            let finding = PRIVATE_NAT_RANGES.finding(message).at(part.span);
            let finding = finding.also(kind.span, "its kind");
            self.report(finding.help("name the subnet alone").resource(resource));
        }
        let network = topology.nat_network(nat).map(|index| topology.networks.at(index));
        let Some((_, network)) = network else { return };
        for name in &nat.private_subnets {
            let Some(entry) = network.value.subnets.entry(&name.value) else { continue };
            if entry.value.purpose() == SubnetPurpose::PrivateNat {
                continue;
            }
            let message = format!("the subnet `{}` is not for {resource}", name.value);
            let finding = PRIVATE_NAT_SUBNET.finding(message).at(name.span);
            let purpose = entry.value.purpose.as_ref();
            let place = purpose.map_or(entry.key_span, |own| own.span);
            let finding = finding.also(place, "the subnet");
            let help = format!("set `purpose: private-nat` on the subnet `{}`", name.value);
            self.report(finding.help(help).resource(resource));
        }
    }
}
