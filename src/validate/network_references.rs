//! What routes, firewalls, zones and endpoints refer to.

use super::Checker;
use super::references::INVALID_NODE;
use crate::source::Span;
use crate::source::codes;
use crate::topology::hybrid::{Line, Lines, Site};
use crate::topology::record::{Field, Map, Spanned};
use crate::topology::routing::NextHop;

codes! {
    INVALID_TARGET = Error "invalid-target" "EGR-166" {
        "an endpoint that leads to something else",
        "an endpoint leads to a bundle of Google APIs, a service attachment or a Cloud SQL instance",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
psc_endpoints:
  orders: {network: prod, region: europe-west1, address: 10.0.0.9, target: service/orders}
",
    }
    INVALID_PUBLISHED = Error "invalid-published" "EGR-167" {
        "a service attachment of something else than a load balancer",
        "a service attachment publishes an internal load balancer",
        "networks:
  prod:
    subnets:
      nat: {region: europe-west1, range: 10.0.9.0/24, purpose: private-service-connect}
services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: global-external, address: 203.0.113.80, url_map: {default: web}}
service_attachments:
  web: {load_balancer: edge, nat_subnets: [prod/nat]}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn network_parts(&mut self) {
        self.routing_references();
        self.firewall_references();
        self.dns_references();
        self.private_references();
        self.shared_networks();
    }

    /// Networks of other projects that are not shared with the project of what is in them.
    fn shared_networks(&mut self) {
        let topology = self.topology;
        let index = |id: &str| topology.networks.id_of(id);
        for (id, entry) in &topology.connectors {
            let connector = &entry.value;
            let network = topology.connector_network(connector).map(|(network, _)| network);
            let place = connector.network.as_ref().or(connector.subnet.as_ref());
            if let (Some(project), Some(network), Some(place)) =
                (&connector.project, network, place)
            {
                let own = topology.project(Some(project));
                self.shared(network, own, place.span, &format!("connector/{id}"));
            }
        }
        for (id, entry) in &topology.vms {
            let vm = &entry.value;
            if let (Some(project), Some(network)) = (&vm.project, index(&vm.network.value)) {
                let own = topology.project(Some(project));
                self.shared(network, own, vm.network.span, &format!("vm/{id}"));
            }
        }
        for (id, entry) in &topology.load_balancers {
            let own = &entry.value;
            let Some(field) = &own.network else { continue };
            if let (Some(project), Some(network)) = (&own.project, field.known())
                && let Some(network) = index(network)
            {
                let project = topology.project(Some(project));
                self.shared(network, project, field.span, &format!("load_balancer/{id}"));
            }
        }
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            if let (Some(project), Some(network)) = (&nat.project, topology.nat_network(nat)) {
                let own = topology.project(Some(project));
                self.shared(network, own, nat.network.span, &format!("nat/{id}"));
            }
        }
        for (id, entry) in &topology.sql_instances {
            let instance = &entry.value;
            let Some(place) = &instance.network else { continue };
            if let Some(network) = index(&place.value) {
                let own = topology.project(instance.project.as_ref());
                self.shared(network, own, place.span, &format!("sql_instance/{id}"));
            }
        }
        for (id, entry) in &topology.redis_instances {
            let place = &entry.value.network;
            if let Some(network) = index(&place.value) {
                let own = topology.project(entry.value.project.as_ref());
                self.shared(network, own, place.span, &format!("redis_instance/{id}"));
            }
        }
    }

    fn network_name(&mut self, network: &Spanned<String>, from: &str) {
        self.refer("network", &self.topology.networks, &network.value, network.span, from);
    }

    fn routing_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.routes {
            let from = format!("route/{id}");
            self.network_name(&entry.value.network, &from);
            self.next_hop(&entry.value.next_hop, &from);
        }
        for (id, entry) in &topology.policy_routes {
            let from = format!("policy_route/{id}");
            self.network_name(&entry.value.network, &from);
            self.next_hop(&entry.value.next_hop, &from);
        }
        for (id, entry) in &topology.peerings {
            let from = format!("peering/{id}");
            self.network_name(&entry.value.network, &from);
            if entry.value.ranges.is_empty() {
                self.network_name(&entry.value.peer, &from);
            }
        }
        for (id, entry) in &topology.ncc_spokes {
            let spoke = &entry.value;
            let from = format!("ncc_spoke/{id}");
            self.refer("hub", &topology.ncc_hubs, &spoke.hub.value, spoke.hub.span, &from);
            if let Some(network) = spoke.network.as_ref().filter(|_| spoke.ranges.is_empty()) {
                self.network_name(network, &from);
            }
            if let Some(site) = &spoke.site {
                self.refer("on-premises site", &topology.onprem, &site.value, site.span, &from);
            }
        }
        for (id, entry) in &topology.passthrough_load_balancers {
            let from = format!("passthrough_load_balancer/{id}");
            self.network_name(&entry.value.network, &from);
            self.list("machine", &topology.vms, &entry.value.machines, &from);
        }
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            for subnet in &nat.private_subnets {
                self.subnet_in(&nat.network, &subnet.value, subnet.span, &format!("nat/{id}"));
            }
            if let Some(hub) = &nat.hub {
                self.refer("hub", &topology.ncc_hubs, &hub.value, hub.span, &format!("nat/{id}"));
            }
        }
    }

    fn next_hop(&mut self, hop: &Spanned<NextHop>, from: &str) {
        let topology = self.topology;
        match &hop.value {
            NextHop::Vm(id) => self.refer("machine", &topology.vms, id, hop.span, from),
            NextHop::LoadBalancer(id) => {
                let balancers = &topology.passthrough_load_balancers;
                self.refer("passthrough load balancer", balancers, id, hop.span, from);
            }
            NextHop::Site { site, line } => {
                self.refer("on-premises site", &topology.onprem, site, hop.span, from);
                if let (Some(site), Some(line)) = (topology.onprem.get(site), line) {
                    self.line_of(site, line, hop.span, from);
                }
            }
            NextHop::Internet | NextHop::DefaultRouting | NextHop::Address(_) => {}
        }
    }

    fn line_of(&mut self, site: &Site, line: &str, at: Span, from: &str) {
        match &site.lines {
            Some(Lines::Named(lines)) => self.refer("line", lines, line, at, from),
            _ => self.refer("line", &Map::<Line>::new(), line, at, from),
        }
    }

    fn firewall_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.firewall_rules {
            self.network_name(&entry.value.network, &format!("firewall_rule/{id}"));
        }
        for (id, entry) in &topology.firewall_policies {
            let from = format!("firewall_policy/{id}");
            for rule in &entry.value.rules {
                let groups = &topology.address_groups;
                self.list("address group", groups, &rule.source_address_groups, &from);
                self.list("address group", groups, &rule.destination_address_groups, &from);
                self.list("network", &topology.networks, &rule.source_networks, &from);
            }
            for place in &entry.value.attached_to {
                match place.value.split_once('/') {
                    None if place.value == "organization" => {}
                    Some(("folder", id)) => {
                        self.refer("folder", &topology.folders, id, place.span, &from);
                    }
                    Some(("network", id)) => {
                        self.refer("network", &topology.networks, id, place.span, &from);
                    }
                    _ => {
                        let message = format!("`{}` has no firewall policies", place.value);
                        let finding = INVALID_NODE.finding(message).at(place.span);
                        let help = "write `organization`, `folder/ID` or `network/ID`";
                        self.report(finding.help(help).resource(&from));
                    }
                }
            }
            for rule in &entry.value.rules {
                self.list("network", &topology.networks, &rule.networks, &from);
            }
        }
    }

    fn dns_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.zones {
            let from = format!("zone/{id}");
            self.list("network", &topology.networks, &entry.value.networks, &from);
            if let Some(peer) = &entry.value.peering {
                self.network_name(peer, &from);
            }
        }
        for (id, entry) in &topology.response_policies {
            let from = format!("response_policy/{id}");
            self.list("network", &topology.networks, &entry.value.networks, &from);
        }
        for (id, entry) in &topology.dns_policies {
            let from = format!("dns_policy/{id}");
            self.list("network", &topology.networks, &entry.value.networks, &from);
        }
    }

    fn private_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.psc_endpoints {
            let from = format!("psc_endpoint/{id}");
            self.network_name(&entry.value.network, &from);
            self.leads_to(&entry.value.target, &from);
        }
        for (id, entry) in &topology.backends {
            let from = format!("backend/{id}");
            for neg in &entry.value.psc_negs {
                if let Some(id) = neg.target.value.strip_prefix("service_attachment/") {
                    let attachments = &topology.service_attachments;
                    self.refer("service attachment", attachments, id, neg.target.span, &from);
                }
                if let Some(network) = &neg.network {
                    self.network_name(network, &from);
                }
            }
        }
        for (id, entry) in &topology.service_attachments {
            let attachment = &entry.value;
            let from = format!("service_attachment/{id}");
            self.project_of(attachment.project.as_ref(), &from);
            self.published(&attachment.load_balancer, &from);
            for subnet in &attachment.nat_subnets {
                self.subnet_of(None, &subnet.value, subnet.span, &from);
            }
            for named in attachment.accept.iter().chain(&attachment.reject) {
                match named.value.split_once('/') {
                    Some(("network", id)) => {
                        self.refer("network", &topology.networks, id, named.span, &from);
                    }
                    Some(("project", id)) => {
                        self.refer("project", &topology.projects, id, named.span, &from);
                    }
                    // Projects and networks elsewhere are named here, too.
                    _ => {}
                }
            }
        }
        for (id, entry) in &topology.private_connections {
            self.network_name(&entry.value.network, &format!("private_connection/{id}"));
        }
        for (id, entry) in &topology.sql_instances {
            let instance = &entry.value;
            let from = format!("sql_instance/{id}");
            self.managed_project(instance.project.as_ref(), entry.key_span, &from);
            if let Some(network) = &instance.network {
                self.network_name(network, &from);
            }
        }
        for (id, entry) in &topology.redis_instances {
            let from = format!("redis_instance/{id}");
            self.managed_project(entry.value.project.as_ref(), entry.key_span, &from);
            self.network_name(&entry.value.network, &from);
        }
    }

    fn managed_project(&mut self, project: Option<&Field<String>>, at: Span, from: &str) {
        self.project_of(project, from);
        self.project_needed(project, at, from);
    }

    /// What an endpoint leads to.
    fn leads_to(&mut self, target: &Spanned<String>, from: &str) {
        let topology = self.topology;
        match target.value.split_once('/') {
            None if matches!(target.value.as_str(), "all-apis" | "vpc-sc") => {}
            Some(("service_attachment", id)) => {
                let attachments = &topology.service_attachments;
                self.refer("service attachment", attachments, id, target.span, from);
            }
            Some(("sql_instance", id)) => {
                let instances = &topology.sql_instances;
                self.refer("Cloud SQL instance", instances, id, target.span, from);
            }
            Some(("external", id)) => {
                self.refer("outside party", &topology.externals, id, target.span, from);
            }
            _ => {
                let message = format!("`{}` is nothing that an endpoint leads to", target.value);
                let finding = INVALID_TARGET.finding(message).at(target.span);
                let help = "write `all-apis`, `vpc-sc`, `service_attachment/ID`, `sql_instance/ID` or \
                            `external/ID`";
                self.report(finding.help(help).resource(from));
            }
        }
    }

    /// The internal load balancer behind an attachment, with or without its kind.
    fn published(&mut self, name: &Spanned<String>, from: &str) {
        let topology = self.topology;
        let id = match name.value.split_once('/') {
            Some(("load_balancer" | "passthrough_load_balancer", id)) => id,
            _ => name.value.as_str(),
        };
        if topology.passthrough_load_balancers.contains(id) {
            return;
        }
        self.refer("load balancer", &topology.load_balancers, id, name.span, from);
        let Some(load_balancer) = topology.load_balancers.get(id) else { return };
        if load_balancer.kind.value.is_internal() {
            return;
        }
        let message = format!("{from} publishes load_balancer/{id}, which is not internal");
        let finding = INVALID_PUBLISHED.finding(message).at(name.span);
        self.report(finding.also(load_balancer.kind.span, "its kind").resource(from));
    }
}
