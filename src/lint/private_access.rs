//! Private Google Access, endpoints, published services and managed databases without a way.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use super::Linter;
use crate::inventory::attachments::{leads_to_google, overlap};
use crate::source::{Span, codes};
use crate::topology::network::SubnetPurpose;
use crate::topology::private_access::{PscEndpoint, ServiceAttachment, SqlInstance};
use crate::topology::record::{Field, Spanned, each};
use crate::topology::service::Egress;

codes! {
    CONNECTOR_WITHOUT_GOOGLE = Warning "connector-without-google-access" "EGR-035" {
        "all traffic by a connector without Private Google Access",
        "by a connector, `all-traffic` reaches Google APIs and internal services only with Private \
         Google Access on its subnet",
        "networks:
  prod: {subnets: {small: {region: europe-west1, range: 10.8.0.0/28}}}
connectors:
  own: {network: prod, region: europe-west1, subnet: small}
services:
  web: {region: europe-west1, vpc_access: {connector: own, egress: all-traffic}}
",
    }
    SUBNET_WITHOUT_GOOGLE = Warning "subnet-without-google-access" "EGR-051" {
        "a path to Google APIs by a subnet without Private Google Access",
        "`all-traffic` to Google APIs or run.app needs Private Google Access on the subnet; the \
         paths by virtual address or endpoint need it with either egress setting",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
",
    }
    ENDPOINT_NOT_ACCEPTED = Warning "endpoint-not-accepted" "EGR-167" {
        "an endpoint that the producer does not accept",
        "a service attachment accepts the projects and networks that it lists and does not refuse, \
         or everybody",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept: [network/data]}
psc_endpoints:
  store:
    network: prod
    region: europe-west1
    address: 10.0.0.9
    target: service_attachment/store
",
    }
    PUBLISHED_WITHOUT_SUBNET = Warning "published-without-subnet" "EGR-168" {
        "a published service without a subnet for translation",
        "consumers arrive with addresses of a subnet of purpose `private-service-connect`",
        "networks:
  data: {}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9}
service_attachments:
  store: {load_balancer: store}
",
    }
    NO_PRIVATE_CONNECTION = Warning "no-private-connection" "EGR-149" {
        "a managed service that its network does not reach",
        "private services access is a connection of the network with the ranges of the services",
        "networks:
  prod: {}
sql_instances:
  orders: {region: europe-west1, engine: postgres, network: prod, private_address: 10.60.0.3}
",
    }
    SQL_AUTHORIZES_NOBODY = Warning "sql-authorizes-nobody" "EGR-154" {
        "authorized networks without an address of the topology",
        "the public address of an instance answers authorized addresses: those of gateways and \
         machines, never those that Google shares between customers",
        "networks:
  prod: {}
nats:
  tokyo: {network: prod, region: asia-northeast1, addresses: [203.0.113.10]}
sql_instances:
  orders:
    region: asia-northeast1
    engine: postgres
    public_address: 198.51.100.5
    authorized_networks: [203.0.113.99/32]
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn private_access(&mut self) {
        for (id, entry) in &self.topology.service_attachments {
            let resource = format!("service_attachment/{id}");
            self.translation(&entry.value, entry.key_span, &resource);
        }
    }

    /// Endpoints and managed services that nothing seems to reach. The engine is asked.
    pub(super) fn services_in_networks(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.psc_endpoints {
            self.endpoint(&entry.value, &format!("psc_endpoint/{id}"));
        }
        self.managed_services();
        let Some(addresses) = self.sending_addresses() else { return };
        for (id, entry) in &topology.sql_instances {
            self.authorized(&entry.value, &addresses, &format!("sql_instance/{id}"));
        }
    }

    /// Senders that have no way to Google where they are attached (EGR-035, EGR-051). A gateway
    /// that serves them brings it along (EGR-070). The engine is asked whether they have another.
    pub(super) fn google_access(&mut self) {
        let topology = self.topology;
        let mut led: HashMap<Id<Network>, bool> = HashMap::new();
        let mut found = Vec::new();
        for sending in self.seats.all() {
            let network = sending.seat.network;
            let by_name = *led.entry(network).or_insert_with(|| leads_to_google(topology, network));
            let all = sending.egress() == Some(Egress::AllTraffic);
            if !(all || by_name) || !self.relations.serving(topology, &sending.seat).is_empty() {
                continue;
            }
            let connector = sending.access.connector.as_ref().and_then(Field::known);
            let connector = connector.and_then(|id| topology.connectors.entry(id));
            let subnets = &topology.networks[network].subnets;
            let subnet = sending.seat.subnet.as_ref();
            let subnet = subnet.and_then(|name| subnets.entry(name));
            let (access, key) = match (connector, subnet) {
                (_, Some(subnet)) => (subnet.value.private_google_access(), subnet.key_span),
                (Some(connector), None) => {
                    (connector.value.private_google_access(), connector.key_span)
                }
                (None, None) => continue,
            };
            if !access.is(false) {
                continue;
            }
            let (info, what) = match connector {
                Some(_) => (&CONNECTOR_WITHOUT_GOOGLE, "by its connector"),
                None => (&SUBNET_WITHOUT_GOOGLE, "by its subnet"),
            };
            let message = format!("{} does not reach Google APIs {what}", sending.resource);
            let place = access.field.map_or(key, |access| access.span);
            let at = if all { sending.egress_at() } else { sending.at };
            let finding = info.finding(message).at(at);
            let finding = finding.also(place, "Private Google Access is off");
            let help = "set `private_google_access: true` there";
            found.push(finding.help(help).resource(&sending.resource));
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    fn endpoint(&mut self, endpoint: &PscEndpoint, resource: &str) {
        let topology = self.topology;
        let target = endpoint.target.value.strip_prefix("service_attachment/");
        let Some(target) = target.filter(|_| endpoint.accepted.is_none()) else { return };
        let Some(attachment) = topology.service_attachments.entry(target) else { return };
        if topology.accepts_endpoint(&attachment.value, endpoint) {
            return;
        }
        let message = format!("service_attachment/{target} does not accept {resource}");
        let finding = ENDPOINT_NOT_ACCEPTED.finding(message).at(endpoint.target.span);
        let finding = finding.also(attachment.key_span, "the attachment");
        let network = &endpoint.network.value;
        let help = match attachment.value.reject.is_empty() {
            true => format!("add `network/{network}` or its project to `accept`"),
            false => format!(
                "name network/{network} in `accept`, and neither it nor its project in `reject`"
            ),
        };
        self.report(finding.help(help).resource(resource));
    }

    fn translation(&mut self, attachment: &ServiceAttachment, key: Span, resource: &str) {
        let topology = self.topology;
        if attachment.nat_subnets.is_empty() {
            let message = format!("{resource} has no subnet for translation");
            let finding = PUBLISHED_WITHOUT_SUBNET.finding(message).at(key);
            self.report(finding.help("add `nat_subnets`").resource(resource));
        }
        for name in &attachment.nat_subnets {
            let Some((network, subnet)) = topology.subnet(None, &name.value) else { continue };
            let entry = topology.networks[network].subnets.entry(&subnet);
            let Some(entry) = entry else { continue };
            if entry.value.purpose() == SubnetPurpose::ServiceConnect {
                continue;
            }
            let message = format!("the subnet `{}` is not for {resource}", name.value);
            let finding = PUBLISHED_WITHOUT_SUBNET.finding(message).at(name.span);
            let purpose = entry.value.purpose.as_ref();
            let place = purpose.map_or(entry.key_span, |own| own.span);
            let help = format!("set `purpose: private-service-connect` on the subnet `{subnet}`");
            self.report(finding.also(place, "the subnet").help(help).resource(resource));
        }
    }

    /// Managed services at addresses that no private connection of their network holds.
    fn managed_services(&mut self) {
        let topology = self.topology;
        let mut ranges: HashMap<&str, Vec<&Spanned<IpNet>>> = HashMap::new();
        for connection in topology.private_connections.values() {
            ranges.entry(&connection.network.value).or_default().extend(&connection.ranges);
        }
        let sql = topology.sql_instances.iter().filter_map(|(id, entry)| {
            let instance = &entry.value;
            let address = instance.private_address.as_ref()?;
            Some((format!("sql_instance/{id}"), instance.network.as_ref()?, address))
        });
        let redis = topology.redis_instances.iter().map(|(id, entry)| {
            (format!("redis_instance/{id}"), &entry.value.network, &entry.value.address)
        });
        for (resource, network, address) in sql.chain(redis) {
            let own = ranges.get(network.value.as_str());
            let Some(own) = own else {
                let message = format!("network/{} has no path to {resource}", network.value);
                let finding = NO_PRIVATE_CONNECTION.finding(message).at(network.span);
                let help =
                    format!("add the ranges of network/{} to `private_connections`", network.value);
                self.report(finding.help(help).resource(resource));
                continue;
            };
            for (address, at) in each(address) {
                if own.iter().any(|range| range.value.contains(address)) {
                    continue;
                }
                let message = format!(
                    "`{address}` is in no range that network/{} uses for managed services",
                    network.value
                );
                let finding = NO_PRIVATE_CONNECTION.finding(message).at(at);
                let place = own.first().map_or(Span::none(), |range| range.span);
                self.report(finding.also(place, "such a range").resource(&resource));
            }
        }
    }

    /// The addresses that the internet sees things of the topology come from; `None` if some are
    /// not known.
    fn sending_addresses(&self) -> Option<BTreeSet<IpAddr>> {
        let topology = self.topology;
        let mut addresses = BTreeSet::new();
        for nat in topology.nats.values() {
            if !nat.automatic().is(false) {
                return None;
            }
            let rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
            for address in nat.addresses.iter().chain(rules) {
                addresses.insert(*address.known()?);
            }
        }
        for vm in topology.vms.values() {
            if let Some(address) = &vm.external_address {
                addresses.insert(*address.known()?);
            }
        }
        Some(addresses)
    }

    fn authorized(&mut self, instance: &SqlInstance, addresses: &BTreeSet<IpAddr>, resource: &str) {
        let Some(first) = instance.authorized_networks.first() else { return };
        let users = self.topology.users.values().flat_map(|user| &user.addresses);
        let users: Vec<IpNet> = users.map(|range| range.value).collect();
        let held = instance.authorized_networks.iter().any(|range| {
            let range = &range.value;
            range.prefix_len() == 0
                || addresses.iter().any(|address| range.contains(address))
                || users.iter().any(|user| overlap(user, range))
        });
        if held || instance.public_address.is_none() || instance.require_connector() {
            return;
        }
        let message = format!("{resource} authorizes no address that anything sends from");
        let finding = SQL_AUTHORIZES_NOBODY.finding(message).at(first.span);
        let help = "authorize the addresses of a gateway in `nats`";
        self.report(finding.help(help).resource(resource));
    }
}
