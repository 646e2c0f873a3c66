//! Rules and ranges of Cloud NAT gateways.

use std::collections::HashMap;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::network::{EndpointType, Nat, NatKind, NatRange, SubnetPurpose};
use crate::topology::record::Field;
use crate::topology::service::Egress;

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
    NAT_RULE_ON_AUTOMATIC = Warning "nat-rule-on-automatic" "EGR-063" {
        "a NAT rule where Google allocates the addresses",
        "a gateway with rules has addresses of its own",
        "networks:
  prod: {}
nats:
  tokyo:
    network: prod
    region: asia-northeast1
    rules:
      - {number: 1, match: \"destination.ip == '198.51.100.7'\", addresses: [203.0.113.11]}
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
    NAT_SECONDARY_ONLY = Warning "nat-secondary-only" "EGR-057" {
        "a gateway for secondary ranges where Cloud Run sends from the primary one",
        "what Cloud Run sends comes from the primary range, which secondary ranges alone do not \
         serve",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  out: {network: prod, region: europe-west1, subnets: [{subnet: run, ranges: [secondary]}]}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
",
    }
    NAT_FOR_OTHER_ENDPOINTS = Warning "nat-for-other-endpoints" "EGR-067" {
        "a gateway that serves no Cloud Run where Cloud Run sends",
        "machines, connectors and Cloud Run are served by gateways for the endpoint type `vm`",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  out: {network: prod, region: europe-west1, endpoint_types: [managed-proxy]}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
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
            self.nat_misses(&entry.value, &resource);
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
        let public = nat.kind() == NatKind::Public;
        let automatic = nat.automatic().known();
        if let Some(rule) = nat.rules.first()
            && public
            && automatic == Some(true)
        {
            let message = format!("{resource} has rules, but no addresses of its own");
            let finding = NAT_RULE_ON_AUTOMATIC.finding(message).at(rule.span);
            self.report(finding.help("add `addresses`").resource(resource));
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
        let network =
            topology.nat_network(nat).and_then(|index| topology.networks.get_index(index));
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

    /// A gateway that misses the senders where it is.
    fn nat_misses(&mut self, nat: &Nat, resource: &str) {
        let topology = self.topology;
        let Some(network) = topology.nat_network(nat) else { return };
        if nat.kind() == NatKind::Private {
            return;
        }
        let region = nat.region.known();
        let near: Vec<_> = self
            .seats
            .of(network)
            .filter(|each| {
                each.egress() == Some(Egress::AllTraffic)
                    && region == Some(&each.seat.region)
                    && self.relations.serving(topology, &each.seat).is_empty()
            })
            .collect();
        let mut found = Vec::new();
        let others = nat.endpoint_types.first();
        let others = others
            .filter(|_| !nat.endpoint_types.iter().any(|kind| kind.value == EndpointType::Vm));
        if let (Some(kind), Some(sending)) = (others, near.first()) {
            let message = format!("{resource} does not serve {}", sending.resource);
            let finding = NAT_FOR_OTHER_ENDPOINTS.finding(message).at(kind.span);
            let finding = finding.also(sending.at, "sends from there");
            found.push(finding.help("set `endpoint_types: [vm]`").resource(resource));
        }
        for subnet in nat.subnets.iter().filter(|_| others.is_none()) {
            let Some(first) = subnet.ranges.first() else { continue };
            let secondary = subnet.ranges.iter().all(|own| own.value == NatRange::Secondary);
            let here = |name: &Option<String>| {
                name.as_ref() == Field::known(&subnet.subnet) && name.is_some()
            };
            let Some(sending) = near.iter().find(|each| here(&each.seat.subnet)) else { continue };
            if secondary {
                let message = format!("{resource} does not serve {}", sending.resource);
                let finding = NAT_SECONDARY_ONLY.finding(message).at(first.span);
                let finding = finding.also(sending.at, "sends from the primary range");
                found.push(finding.help("add `primary`").resource(resource));
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }
}
