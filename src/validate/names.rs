//! The same name, host, number or address twice; names that are not well formed.

use crate::topology::network::Network;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use super::Checker;
use crate::inventory::{Identity, Inventory};
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{FrontEnd, LoadBalancer, LoadBalancerKind, Protocol};
use crate::topology::organization::Project;
use crate::topology::record::Field;
use crate::topology::record::Id;

codes! {
    DUPLICATE_PROJECT_NUMBER = Error "duplicate-project-number" {
        "two projects with one number",
        "A project number belongs to one project alone.",
        "projects:
  shop: {number: 123456789012}
  tools: {number: 123456789012}
",
    }
    DUPLICATE_SERVICE = Error "duplicate-service" {
        "two services with one name in a project and region",
        "A name stands for one service of a project and region.",
        "services:
  web: {region: europe-west1}
  site: {region: europe-west1, name: web}
",
    }
    DUPLICATE_CONNECTOR = Error "duplicate-connector" {
        "two connectors with one name in a project and region",
        "A name stands for one connector of a project and region.",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/26}}}
connectors:
  one: {network: prod, region: europe-west1, range: 10.8.0.0/28}
  two: {network: prod, region: europe-west1, range: 10.8.1.0/28, name: one}
",
    }
    DUPLICATE_HOST = Error "duplicate-host" "ING-049" {
        "two domain mappings of one host",
        "a host is mapped to one service",
        "services:
  web: {region: europe-west1}
  api: {region: europe-west1}
domain_mappings:
  www.example.com: {service: web}
  other: {host: WWW.example.com, service: api}
",
    }
    DUPLICATE_FRONT_END = Error "duplicate-front-end" {
        "two front ends at one address and port",
        "What arrives at an address and port goes to one front end.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  one: {kind: global-external, address: 203.0.113.80, url_map: {default: web}}
  two: {kind: global-external, address: 203.0.113.80, url_map: {default: web}}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn names(&mut self) {
        self.project_numbers();
        self.service_names();
        self.connector_names();
        self.mapped_hosts();
        self.front_ends();
    }

    fn project_numbers(&mut self) {
        let topology = self.topology;
        let mut seen: HashMap<u64, (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.projects {
            let Some(field) = &entry.value.number else { continue };
            let Some(number) = field.known() else { continue };
            match seen.entry(*number) {
                Entry::Vacant(vacant) => {
                    vacant.insert((id, field.span));
                }
                Entry::Occupied(first) => {
                    let (other, at) = *first.get();
                    let message = format!("project/{id} has the number of project/{other}");
                    let finding = DUPLICATE_PROJECT_NUMBER.finding(message).at(field.span);
                    let finding = finding.also(at, "also here");
                    self.report(finding.resource(format!("project/{id}")));
                }
            }
        }
    }

    fn service_names(&mut self) {
        let topology = self.topology;
        let mut seen: HashMap<(Id<Project>, &str, &str), (&str, Span)> = HashMap::new();
        for (index, (id, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let name = topology.service_name(index);
            let at = service.name.as_ref().map_or(entry.key_span, |name| name.span);
            let resource = format!("service/{id}");
            let project = topology.service_project(index);
            let (Some(project), Some(region)) = (project, service.region.known()) else {
                continue;
            };
            match seen.entry((project, region, name)) {
                Entry::Vacant(vacant) => {
                    vacant.insert((id, at));
                }
                Entry::Occupied(first) => {
                    let (other, first) = *first.get();
                    let message = format!(
                        "service/{id} has the name of service/{other}, in the same project and \
                         region"
                    );
                    let finding = DUPLICATE_SERVICE.finding(message).at(at);
                    let finding = finding.also(first, "also here");
                    self.report(finding.resource(&resource));
                }
            }
        }
    }

    fn connector_names(&mut self) {
        let topology = self.topology;
        if topology.connectors.values().all(|connector| connector.name.is_none()) {
            return;
        }
        let inventory = Inventory::new(topology);
        let mut seen: HashMap<Identity, (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.connectors {
            let identity = inventory.identity("connector", id);
            let at = entry.value.name.as_ref().map_or(entry.key_span, |name| name.span);
            match seen.entry(identity) {
                // Of one whose region is not known it is not known either whether it is another.
                Entry::Vacant(vacant) if !vacant.key().location.is_empty() => {
                    vacant.insert((id, at));
                }
                Entry::Vacant(_) => {}
                Entry::Occupied(first) => {
                    let (other, first) = *first.get();
                    let message = format!(
                        "connector/{id} has the name of connector/{other}, in the same project \
                         and region"
                    );
                    let finding = DUPLICATE_CONNECTOR.finding(message).at(at);
                    let finding = finding.also(first, "also here");
                    self.report(finding.resource(format!("connector/{id}")));
                }
            }
        }
    }

    fn mapped_hosts(&mut self) {
        let topology = self.topology;
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (id, entry) in &topology.domain_mappings {
            let (host, at) = match &entry.value.host {
                Some(host) => (host.value.as_str(), host.span),
                None => (&**id, entry.key_span),
            };
            match seen.entry(host.to_ascii_lowercase()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(at);
                }
                Entry::Occupied(first) => {
                    let message = format!("the host `{host}` is mapped twice");
                    let finding = DUPLICATE_HOST.finding(message).at(at);
                    let finding = finding.also(*first.get(), "also here");
                    self.report(finding.resource(format!("domain_mapping/{id}")));
                }
            }
        }
    }

    fn front_ends(&mut self) {
        let topology = self.topology;
        let mut seen: HashMap<(Option<Id<Network>>, IpAddr, u16), (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.load_balancers {
            let load_balancer = &entry.value;
            if load_balancer.kind.value == LoadBalancerKind::Network {
                continue;
            }
            let network = if load_balancer.kind.value.is_internal() {
                let network = load_balancer.network.as_ref().and_then(Field::known);
                match network.and_then(|network| topology.networks.id_of(network)) {
                    Some(network) => Some(network),
                    None => continue,
                }
            } else {
                None
            };
            for (address, at, ports) in listeners(load_balancer) {
                for port in ports {
                    match seen.entry((network, address, port)) {
                        Entry::Vacant(vacant) => {
                            vacant.insert((id, at));
                        }
                        Entry::Occupied(first) => {
                            let (other, first) = *first.get();
                            let message = format!(
                                "load_balancer/{id} and load_balancer/{other} both listen at \
                                 `{address}` on port {port}"
                            );
                            let message = if other == &**id {
                                format!(
                                    "load_balancer/{id} listens twice at `{address}` on port {port}"
                                )
                            } else {
                                message
                            };
                            let finding = DUPLICATE_FRONT_END.finding(message).at(at);
                            let finding = finding.also(first, "also here");
                            self.report(finding.resource(format!("load_balancer/{id}")));
                        }
                    }
                }
            }
        }
    }
}

/// The known addresses of front ends, their places, and the ports there.
fn listeners(load_balancer: &LoadBalancer) -> Vec<(IpAddr, Span, Vec<u16>)> {
    let own = load_balancer.address.as_ref();
    let at = |field: Option<&Field<IpAddr>>| Some((*field?.known()?, field?.span));
    if load_balancer.front_ends.is_empty() {
        let port = if load_balancer.certificates.is_empty() { 80 } else { 443 };
        return at(own).map(|(address, span)| (address, span, vec![port])).into_iter().collect();
    }
    let front_ends = load_balancer.front_ends.iter();
    front_ends
        .filter_map(|front_end| {
            let (address, span) = at(front_end.address.as_ref().or(own))?;
            let place = if front_end.address.is_some() { span } else { front_end.span };
            Some((address, place, ports(front_end)))
        })
        .collect()
}

fn ports(front_end: &FrontEnd) -> Vec<u16> {
    let mut ports: Vec<u16> = front_end.ports.iter().map(|port| port.value).collect();
    if ports.is_empty() {
        let https = match &front_end.protocol {
            Some(protocol) => protocol.value == Protocol::Https,
            None => !front_end.certificates.is_empty(),
        };
        ports.push(if https { 443 } else { 80 });
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}
