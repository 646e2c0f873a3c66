//! Gateways that miss who sends where they are.

use super::{Asker, Linter};
use crate::graph::ResourceKind;
use crate::inventory::gateways::GatewayPart;
use crate::source::codes;
use crate::topology::network::{EndpointType, Nat, NatKind};
use crate::topology::record::Field;
use crate::topology::service::Egress;

codes! {
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

impl Linter<'_, '_> {
    pub(super) fn nats(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            if let Some(rule) = nat.rules.first()
                && nat.kind.as_ref().is_none_or(|kind| kind.value == NatKind::Public)
                && nat.automatic().is(true)
            {
                let resource = format!("nat/{id}");
                let message = format!("{resource} has rules, but no addresses of its own");
                let finding = NAT_RULE_ON_AUTOMATIC.finding(message).at(rule.span);
                self.report(finding.help("add `addresses`").resource(&resource));
            }
        }
    }
}

impl Asker<'_, '_> {
    pub(super) fn nats(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            if entry.value.kind.as_ref().is_none_or(|kind| kind.value == NatKind::Public) {
                self.misses(&entry.value, id);
            }
        }
    }

    /// A gateway that names what it serves so that it misses a sender beside it, which gets out by
    /// nothing.
    fn misses(&mut self, nat: &Nat, id: &str) {
        let topology = self.topology;
        let others = nat.endpoint_types.first();
        let others = others
            .filter(|_| !nat.endpoint_types.iter().any(|kind| kind.value == EndpointType::Vm));
        if others.is_none() && nat.subnets.iter().all(|subnet| GatewayPart::Primary.is_of(subnet)) {
            return;
        }
        let Some(network) = topology.nat_network(nat) else { return };
        let resource = format!("nat/{id}");
        let gateway = self.engine.resource(ResourceKind::Nat, id);
        let outside = self.engine.outside();
        let seats = std::rc::Rc::clone(&self.seats);
        let region = nat.region.known();
        let near: Vec<_> = seats
            .of(network)
            .filter(|each| {
                each.egress() == Some(Egress::AllTraffic) && region == Some(&each.seat.region)
            })
            .filter(|each| {
                let Some(source) = self.engine.source(&each.resource) else { return false };
                let ways = self.engine.ways(source, outside);
                let used = self.engine.gateways(&ways);
                gateway.is_none_or(|own| !used.contains(&own)) && self.engine.never(source, outside)
            })
            .collect();
        if let (Some(kind), Some(sending)) = (others, near.first()) {
            let message = format!("{resource} does not serve {}", sending.resource);
            let finding = NAT_FOR_OTHER_ENDPOINTS.finding(message).at(kind.span);
            let finding = finding.also(sending.at, "sends from there");
            self.report(finding.help("set `endpoint_types: [vm]`").resource(&resource));
            return;
        }
        for subnet in nat.subnets.iter().filter(|subnet| !GatewayPart::Primary.is_of(subnet)) {
            let Some(first) = subnet.ranges.first() else { continue };
            let here = |name: &Option<String>| {
                name.is_some() && name.as_ref() == Field::known(&subnet.subnet)
            };
            let Some(sending) = near.iter().find(|each| here(&each.seat.subnet)) else { continue };
            let message = format!("{resource} does not serve {}", sending.resource);
            let finding = NAT_SECONDARY_ONLY.finding(message).at(first.span);
            let finding = finding.also(sending.at, "sends from the primary range");
            self.report(finding.help("add `primary`").resource(&resource));
        }
    }
}
