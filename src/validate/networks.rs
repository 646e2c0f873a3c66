//! Connectors, gateways, outside parties.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::HashMap;

use super::Checker;
use super::load_balancers::{MISSING_NETWORK, MISSING_REGION};
use crate::inventory::gateways::GatewayPart;
use crate::source::Span;
use crate::source::codes;
use crate::topology::network::{Connector, EndpointType, Nat, NatKind};
use crate::topology::organization::Place;
use crate::topology::record::each;

codes! {
    CONNECTOR_RANGE = Error "connector-range" "EGR-022" {
        "a connector with a range and a subnet, or neither",
        "a connector has a /28 of its own or a subnet",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1}
",
    }
    CONNECTOR_SIZE = Error "connector-size" "EGR-022" {
        "a connector with another range than a /28",
        "a connector needs a /28",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/24}
",
    }
    NAT_OVERLAP = Error "nat-overlap" "EGR-056" {
        "two gateways for the same subnets",
        "beside a gateway for all subnets there is no other in its network and region",
        "networks:
  prod: {}
nats:
  one: {network: prod, region: europe-west1}
  two: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
",
    }
    EXTERNAL_NOWHERE = Error "external-nowhere" {
        "an outside party without host and address",
        "An outside party is reached by its hosts or its addresses.",
        "externals:
  billing: {ports: [443]}
",
    }
    USER_WITHOUT_SITE = Error "user-without-site" {
        "users on premises without a site",
        "Users on premises enter by the lines of a site, which must be named.",
        "users:
  staff: {at: on-premises}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn networks(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.connectors {
            self.connector(&entry.value, entry.key_span, &format!("connector/{id}"));
        }
        self.gateways();
        for (id, entry) in &topology.externals {
            let external = &entry.value;
            if external.hosts.is_empty() && external.addresses.is_empty() {
                let resource = format!("external/{id}");
                let message = format!("{resource} has neither a host nor an address");
                let finding = EXTERNAL_NOWHERE.finding(message).at(entry.key_span);
                self.report(finding.help("add `hosts` or `addresses`").resource(&resource));
            }
        }
        for (id, entry) in &topology.users {
            let user = &entry.value;
            if let Some(place) = user.at.as_ref().filter(|at| at.value == Place::OnPremises)
                && user.site.is_none()
            {
                let message = format!("user/{id} is on premises, but at no site");
                let finding = USER_WITHOUT_SITE.finding(message).at(place.span);
                self.report(finding.help("add `site`").resource(format!("user/{id}")));
            }
        }
    }

    fn connector(&mut self, connector: &Connector, key: Span, resource: &str) {
        match (&connector.range, &connector.subnet) {
            (Some(range), Some(subnet)) => {
                let message = format!("{resource} has a range of its own and a subnet");
                let finding = CONNECTOR_RANGE.finding(message).at(range.span);
                let finding = finding.also(subnet.span, "the subnet");
                self.report(finding.help("leave one of them out").resource(resource));
            }
            (None, None) => {
                let message = format!("{resource} has neither a range nor a subnet");
                let finding = CONNECTOR_RANGE.finding(message).at(key);
                self.report(finding.help("add `range` or `subnet`").resource(resource));
            }
            _ => {}
        }
        for (range, at) in connector.range.iter().flat_map(each) {
            if range.prefix_len() != 28 && range.addr().is_ipv4() {
                let message = format!("`{range}` is not a /28");
                let finding = CONNECTOR_SIZE.finding(message).at(at);
                let help = format!("write `{}/28`", range.addr());
                self.report(finding.help(help).resource(resource));
            }
        }
        if connector.subnet.is_some() {
            self.subnet_of_connector(connector, resource);
            return;
        }
        if connector.network.is_none() {
            let message = format!("{resource} is in no network");
            let finding = MISSING_NETWORK.finding(message).at(key);
            self.report(finding.help("add `network`").resource(resource));
        }
        if connector.region.is_none() {
            let message = format!("{resource} is in no region");
            let finding = MISSING_REGION.finding(message).at(key);
            self.report(finding.help("add `region`").resource(resource));
        }
    }

    /// A connector's subnet is a /28 of the connector's region.
    fn subnet_of_connector(&mut self, connector: &Connector, resource: &str) {
        let topology = self.topology;
        let Some(field) = &connector.subnet else { return };
        let Some((network, Some(name))) = topology.connector_network(connector) else { return };
        let (_, entry) = topology.networks.at(network);
        let Some(subnet) = entry.value.subnets.get(&name) else { return };
        if let Some(own) = &subnet.range
            && let Some(range) = own.known()
            && range.prefix_len() != 28
        {
            let message = format!("the subnet `{name}` of {resource} is not a /28");
            let finding = CONNECTOR_SIZE.finding(message).at(field.span);
            self.report(finding.also(own.span, "its range").resource(resource));
        }
        if let Some(region) = &connector.region
            && region.known().is_some_and(|own| *own != subnet.region.value)
        {
            let message = format!("{resource} is in another region than its subnet `{name}`");
            let finding = super::services::CONNECTOR_REGION.finding(message).at(region.span);
            self.report(finding.also(subnet.region.span, "the subnet's region").resource(resource));
        }
    }

    fn gateways(&mut self) {
        let topology = self.topology;
        let mut here: HashMap<(Id<Network>, &str), Vec<(&str, &Nat, Span)>> = HashMap::new();
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            if nat.kind.as_ref().is_some_and(|kind| kind.value == NatKind::Private) {
                continue;
            }
            let for_machines = nat.endpoint_types.is_empty()
                || nat.endpoint_types.iter().any(|each| each.value == EndpointType::Vm);
            if let (Some(network), Some(region)) = (topology.nat_network(nat), nat.region.known())
                && for_machines
            {
                here.entry((network, region)).or_default().push((id, nat, entry.key_span));
            }
        }
        let mut groups: Vec<_> = here.into_values().filter(|group| group.len() > 1).collect();
        groups.sort_by_key(|group| group.first().map(|(_, _, at)| *at));
        for group in groups {
            let everything = group.iter().position(|(_, nat, _)| nat.subnets.is_empty());
            let Some(everything) = everything else {
                self.shared_subnets(&group);
                continue;
            };
            let (id, _, first) = group[everything];
            for (at, (other, _, span)) in group.iter().enumerate() {
                if at == everything {
                    continue;
                }
                let message =
                    format!("nat/{id} serves all subnets, so nat/{other} cannot exist beside it");
                let finding = NAT_OVERLAP.finding(message).at(*span);
                let finding = finding.also(first, "serves all subnets");
                let help = format!("name the `subnets` of nat/{id} and of nat/{other}");
                self.report(finding.help(help).resource(format!("nat/{other}")));
            }
        }
    }

    /// Gateways that each name their subnets cannot serve the same range of one.
    fn shared_subnets(&mut self, group: &[(&str, &Nat, Span)]) {
        let mut served: HashMap<(&str, GatewayPart), (&str, Span)> = HashMap::new();
        for (id, nat, _) in group {
            for subnet in &nat.subnets {
                let Some(name) = subnet.subnet.known() else { continue };
                let mut both: Option<(Vec<GatewayPart>, &str, Span)> = None;
                for part in GatewayPart::ALL.into_iter().filter(|part| part.is_of(subnet)) {
                    let other = served.insert((name, part), (id, subnet.span));
                    if let Some((other, first)) = other.filter(|(other, _)| other != id) {
                        both.get_or_insert_with(|| (Vec::new(), other, first)).0.push(part);
                    }
                }
                let Some((parts, other, first)) = both else { continue };
                let what = match parts.as_slice() {
                    [GatewayPart::Primary] => "the primary range of ",
                    [GatewayPart::Secondary] => "secondary ranges of ",
                    _ => "",
                };
                let message =
                    format!("nat/{other} and nat/{id} both serve {what}the subnet `{name}`");
                let finding = NAT_OVERLAP.finding(message).at(subnet.span);
                self.report(finding.also(first, "also here").resource(format!("nat/{id}")));
            }
        }
    }
}
