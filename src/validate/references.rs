//! Names that refer to nothing, and projects that are not named.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use crate::source::codes;
use crate::source::listed;
use crate::source::{Span, nearest};
use crate::topology::load_balancer::Route;
use crate::topology::record::{Field, Map, Spanned};
use crate::topology::record::{each, every};
use crate::topology::service::VpcAccess;

codes! {
    UNRESOLVED_REFERENCE = Error "unresolved-reference" {
        "a name that refers to nothing",
        "Every name must be the id of something that the topology has.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [wbe]}
",
    }
    AMBIGUOUS_REFERENCE = Error "ambiguous-reference" {
        "a subnet that several networks have",
        "A subnet without its network is only clear if one network alone has it.",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  test: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
services:
  web: {region: europe-west1, vpc_access: {subnet: run}}
",
    }
    AMBIGUOUS_PROJECT = Error "ambiguous-project" {
        "no project named, and there are several",
        "The project may be left out only if there is one alone.",
        "projects: {shop: {}, tools: {}}
services:
  web: {region: europe-west1}
",
    }
    CYCLE = Error "cycle" {
        "things that contain themselves",
        "Folders, groups and access levels cannot contain themselves, not even through others.",
        "folders:
  prod: {parent: all}
  all: {parent: prod}
",
    }
    INVALID_ADMITS = Error "invalid-admits" {
        "an allow list with something else than addresses",
        "An outside party admits addresses, ranges, gateways as `nat/ID`, or everybody as `*`.",
        "externals:
  billing: {hosts: [api.billing.example], admits: [service/web]}
",
    }
    INVALID_NODE = Error "invalid-node" {
        "not a place in the hierarchy",
        "Deny policies and principal access boundaries are about the organization, folders and \
         projects.",
        "deny_policies:
  none:
    at: service/web
    permissions: [run.googleapis.com/routes.invoke]
    principals: [\"principalSet://goog/public:all\"]
services:
  web: {region: europe-west1}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn references(&mut self) {
        self.hierarchy();
        self.network_references();
        self.service_references();
        self.load_balancer_references();
        self.outside_references();
        self.network_parts();
        self.cycles();
    }

    /// Reports a name that a section does not have.
    pub(super) fn refer<T>(
        &mut self,
        noun: &str,
        section: &Map<T>,
        name: &str,
        at: Span,
        from: &str,
    ) {
        if section.contains(name) {
            return;
        }
        // A project that is only implied is not written anywhere.
        let written = section.iter().filter(|(_, entry)| !entry.key_span.is_none());
        let names: Vec<&str> = written.map(|(name, _)| &**name).collect();
        self.unresolved(format!("there is no {noun} `{name}`"), noun, name, &names, at, from);
    }

    fn unresolved(
        &mut self,
        message: String,
        noun: &str,
        name: &str,
        names: &[&str],
        at: Span,
        from: &str,
    ) {
        let help = match (nearest(name, names.iter().copied()), names) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => format!("nothing is declared as a {noun}"),
            (None, names) if names.len() <= 6 => format!("declared are {}", listed(names)),
            (None, names) => format!("{} others are declared", names.len()),
        };
        self.report(UNRESOLVED_REFERENCE.finding(message).at(at).help(help).resource(from));
    }

    fn field<T>(
        &mut self,
        noun: &str,
        section: &Map<T>,
        field: Option<&Field<String>>,
        from: &str,
    ) {
        for (name, at) in field.into_iter().flat_map(each) {
            self.refer(noun, section, name, at, from);
        }
    }

    pub(super) fn list<T>(
        &mut self,
        noun: &str,
        section: &Map<T>,
        list: &[Spanned<String>],
        from: &str,
    ) {
        for name in list {
            self.refer(noun, section, &name.value, name.span, from);
        }
    }

    pub(super) fn project_of(&mut self, field: Option<&Field<String>>, from: &str) {
        let topology = self.topology;
        if topology.projects.is_empty()
            && field
                .and_then(Field::known)
                .is_some_and(|name| name == crate::topology::IMPLIED_PROJECT)
        {
            return;
        }
        self.field("project", &topology.projects, field, from);
    }

    /// A project that must be named where there are several.
    pub(super) fn project_needed(&mut self, field: Option<&Field<String>>, at: Span, from: &str) {
        if field.is_some() || self.topology.projects.len() < 2 {
            return;
        }
        let names: Vec<&str> = self.topology.projects.keys().take(6).map(|name| &**name).collect();
        let more = if self.topology.projects.len() > 6 { " or another" } else { "" };
        let message = format!("{from} names no project, and there are several");
        let help = format!("add `project` with one of {}{more}", listed(names));
        self.report(AMBIGUOUS_PROJECT.finding(message).at(at).help(help).resource(from));
    }

    fn hierarchy(&mut self) {
        let topology = self.topology;
        let policies = &topology.security_policies;
        if let Some(organization) = &topology.organization {
            let from = "organization";
            self.list("security policy", policies, &organization.security_policies, from);
        }
        for (id, entry) in &topology.folders {
            let from = format!("folder/{id}");
            if let Some(parent) = &entry.value.parent {
                self.refer("folder", &topology.folders, parent, parent.span, &from);
            }
            self.list("security policy", policies, &entry.value.security_policies, &from);
        }
        for (id, entry) in &topology.projects {
            let from = format!("project/{id}");
            if let Some(folder) = &entry.value.folder {
                self.refer("folder", &topology.folders, folder, folder.span, &from);
            }
            self.list("security policy", policies, &entry.value.security_policies, &from);
        }
        for (id, entry) in &topology.perimeters {
            let from = format!("perimeter/{id}");
            self.list("project", &topology.projects, &entry.value.projects, &from);
        }
        for (id, entry) in &topology.deny_policies {
            self.node(&entry.value.at, &format!("deny_policy/{id}"));
        }
        for (id, entry) in &topology.access_boundaries {
            for resource in &entry.value.resources {
                self.node(resource, &format!("access_boundary/{id}"));
            }
        }
        for (id, entry) in &topology.access_levels {
            let from = format!("access_level/{id}");
            self.list("access level", &topology.access_levels, &entry.value.levels, &from);
        }
    }

    /// `organization`, `folder/ID` or `project/ID`.
    fn node(&mut self, node: &Spanned<String>, from: &str) {
        let topology = self.topology;
        match node.value.split_once('/') {
            None if node.value == "organization" => {}
            Some(("folder", id)) => self.refer("folder", &topology.folders, id, node.span, from),
            Some(("project", id)) => {
                self.refer("project", &topology.projects, id, node.span, from);
            }
            _ => {
                let message = format!("`{}` is not a place in the hierarchy", node.value);
                let finding = INVALID_NODE.finding(message).at(node.span);
                let help = "write `organization`, `folder/ID` or `project/ID`";
                self.report(finding.help(help).resource(from));
            }
        }
    }

    fn network_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.networks {
            let from = format!("network/{id}");
            self.project_of(entry.value.project.as_ref(), &from);
            self.project_needed(entry.value.project.as_ref(), entry.key_span, &from);
            self.list("project", &topology.projects, &entry.value.shared_with, &from);
        }
        for (id, entry) in &topology.connectors {
            let from = format!("connector/{id}");
            let connector = &entry.value;
            self.project_of(connector.project.as_ref(), &from);
            self.field("network", &topology.networks, connector.network.as_ref(), &from);
            for (subnet, at) in every(&connector.subnet) {
                self.subnet_of(connector.network.as_ref(), subnet, at, &from);
            }
        }
        for (id, entry) in &topology.nats {
            let from = format!("nat/{id}");
            let nat = &entry.value;
            self.project_of(nat.project.as_ref(), &from);
            self.field("network", &topology.networks, Some(&nat.network), &from);
            for subnet in &nat.subnets {
                for (name, at) in each(&subnet.subnet) {
                    self.subnet_in(&nat.network, name, at, &from);
                }
            }
        }
        for (id, entry) in &topology.vms {
            let from = format!("vm/{id}");
            let vm = &entry.value;
            self.project_of(vm.project.as_ref(), &from);
            self.refer("network", &topology.networks, &vm.network, vm.network.span, &from);
            let network = Field::given(vm.network.value.clone(), vm.network.span);
            self.subnet_in(&network, &vm.subnet, vm.subnet.span, &from);
        }
        for (id, entry) in &topology.onprem {
            let network = &entry.value.network;
            let from = format!("onprem/{id}");
            self.refer("network", &topology.networks, network, network.span, &from);
        }
    }

    /// `SUBNET` or `NETWORK/SUBNET`, with or without a network beside it.
    pub(super) fn subnet_of(
        &mut self,
        network: Option<&Field<String>>,
        subnet: &str,
        at: Span,
        from: &str,
    ) {
        let topology = self.topology;
        if let Some((network, subnet)) = subnet.split_once('/') {
            self.refer("network", &topology.networks, network, at, from);
            let network = Field::given(network.to_owned(), at);
            return self.subnet_in(&network, subnet, at, from);
        }
        if let Some(network) = network {
            return self.subnet_in(network, subnet, at, from);
        }
        let having: Vec<&str> = topology
            .networks
            .iter()
            .filter(|(_, entry)| entry.value.subnets.contains(subnet))
            .map(|(id, _)| &**id)
            .collect();
        match having.as_slice() {
            [_] => {}
            [] => {
                let networks = topology.networks.values();
                let names: Vec<&str> =
                    networks.flat_map(|network| network.subnets.keys()).map(|id| &**id).collect();
                let message = format!("no network has a subnet `{subnet}`");
                self.unresolved(message, "subnet", subnet, &names, at, from);
            }
            several => {
                let message = format!("the subnet `{subnet}` is in {}", listed(several));
                let written = several.iter().take(3).map(|network| format!("{network}/{subnet}"));
                let help = format!("write one of {}", listed(written));
                let finding = AMBIGUOUS_REFERENCE.finding(message).at(at);
                self.report(finding.help(help).resource(from));
            }
        }
    }

    /// A subnet of a network. A network that does not exist was reported.
    pub(super) fn subnet_in(
        &mut self,
        network: &Field<String>,
        subnet: &str,
        at: Span,
        from: &str,
    ) {
        let topology = self.topology;
        let Some(id) = network.known() else { return };
        let Some(declared) = topology.networks.get(id) else { return };
        if declared.subnets.contains(subnet) {
            return;
        }
        let names: Vec<&str> = declared.subnets.keys().map(|name| &**name).collect();
        let message = format!("network/{id} has no subnet `{subnet}`");
        self.unresolved(message, "subnet", subnet, &names, at, from);
    }

    fn access(&mut self, access: Option<&VpcAccess>, from: &str) {
        let topology = self.topology;
        let Some(access) = access else { return };
        self.field("connector", &topology.connectors, access.connector.as_ref(), from);
        self.field("network", &topology.networks, access.network.as_ref(), from);
        if access.connector.is_some() {
            return;
        }
        match (&access.subnet, &access.network) {
            (Some(subnet), network) => {
                for (name, at) in each(subnet) {
                    self.subnet_of(network.as_ref(), name, at, from);
                }
            }
            (None, Some(network)) => {
                for (name, at) in each(network) {
                    self.subnet_in(&Field::given(name.clone(), at), name, at, from);
                }
            }
            (None, None) => {}
        }
    }

    fn service_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.services {
            let from = format!("service/{id}");
            self.project_of(entry.value.project.as_ref(), &from);
            self.project_needed(entry.value.project.as_ref(), entry.key_span, &from);
            self.access(entry.value.vpc_access.as_ref(), &from);
            self.list("Cloud SQL instance", &topology.sql_instances, &entry.value.cloud_sql, &from);
        }
        for (id, entry) in &topology.jobs {
            let from = format!("job/{id}");
            self.project_of(entry.value.project.as_ref(), &from);
            self.project_needed(entry.value.project.as_ref(), entry.key_span, &from);
            self.access(entry.value.vpc_access.as_ref(), &from);
            self.list("Cloud SQL instance", &topology.sql_instances, &entry.value.cloud_sql, &from);
        }
        for (id, entry) in &topology.worker_pools {
            let from = format!("worker_pool/{id}");
            self.project_of(entry.value.project.as_ref(), &from);
            self.project_needed(entry.value.project.as_ref(), entry.key_span, &from);
            self.access(entry.value.vpc_access.as_ref(), &from);
            self.list("Cloud SQL instance", &topology.sql_instances, &entry.value.cloud_sql, &from);
        }
        for (id, entry) in &topology.domain_mappings {
            let from = format!("domain_mapping/{id}");
            self.field("service", &topology.services, Some(&entry.value.service), &from);
        }
        for (id, entry) in &topology.products {
            let from = format!("product/{id}");
            self.project_of(entry.value.project.as_ref(), &from);
            self.project_needed(entry.value.project.as_ref(), entry.key_span, &from);
            self.field("service", &topology.services, entry.value.service.as_ref(), &from);
        }
    }

    fn load_balancer_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.load_balancers {
            let from = format!("load_balancer/{id}");
            let load_balancer = &entry.value;
            self.project_of(load_balancer.project.as_ref(), &from);
            if load_balancer.network.is_none() {
                self.project_needed(load_balancer.project.as_ref(), entry.key_span, &from);
            }
            self.field("network", &topology.networks, load_balancer.network.as_ref(), &from);
            for map in load_balancer.url_maps() {
                for rule in map.hosts.values() {
                    if let Some(name) = &rule.path_matcher {
                        self.refer("path matcher", &map.path_matchers, name, name.span, &from);
                    }
                }
                for (target, at) in map.routes(false).into_iter().flat_map(Route::targets) {
                    match target.strip_prefix("backend_bucket/") {
                        Some(bucket) => {
                            let buckets = &topology.backend_buckets;
                            self.refer("backend bucket", buckets, bucket, at, &from);
                        }
                        None => self.refer("backend", &topology.backends, target, at, &from),
                    }
                }
            }
        }
        for (id, entry) in &topology.backends {
            let from = format!("backend/{id}");
            let backend = &entry.value;
            self.project_of(backend.project.as_ref(), &from);
            if !backend.services.iter().any(|neg| neg.service.is_some() || neg.project.is_some()) {
                self.project_needed(backend.project.as_ref(), entry.key_span, &from);
            }
            for neg in &backend.services {
                self.project_of(neg.project.as_ref(), &from);
                self.field("service", &topology.services, neg.service.as_ref(), &from);
            }
            let groups = &topology.endpoint_groups;
            self.list("group of endpoints", groups, &backend.endpoint_groups, &from);
            self.policy(backend.security_policy.as_ref(), &from);
            self.policy(backend.edge_security_policy.as_ref(), &from);
        }
        for (id, entry) in &topology.backend_buckets {
            let from = format!("backend_bucket/{id}");
            self.policy(entry.value.edge_security_policy.as_ref(), &from);
        }
        for (id, entry) in &topology.security_policies {
            self.project_of(entry.value.project.as_ref(), &format!("security_policy/{id}"));
        }
    }

    /// An attached policy; an empty name is no policy.
    fn policy(&mut self, field: Option<&Field<String>>, from: &str) {
        let topology = self.topology;
        for (name, at) in field.into_iter().flat_map(each) {
            if !name.is_empty() {
                self.refer("security policy", &topology.security_policies, name, at, from);
            }
        }
    }

    fn outside_references(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.users {
            if let Some(site) = &entry.value.site {
                let from = format!("user/{id}");
                self.refer("on-premises site", &topology.onprem, site, site.span, &from);
            }
        }
        for (id, entry) in &topology.externals {
            let from = format!("external/{id}");
            for admitted in entry.value.admits.iter().flatten() {
                let text = admitted.value.as_str();
                if let Some(nat) = text.strip_prefix("nat/") {
                    self.refer("gateway", &topology.nats, nat, admitted.span, &from);
                } else if text != "*"
                    && text.parse::<IpNet>().is_err()
                    && text.parse::<IpAddr>().is_err()
                {
                    let message = format!("`{text}` is neither an address nor a gateway");
                    let help = "write `nat/ID`, an address, a range, or `*`";
                    let finding = INVALID_ADMITS.finding(message).at(admitted.span);
                    self.report(finding.help(help).resource(&from));
                }
            }
        }
    }

    fn cycles(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.folders {
            let above = |id: &str| -> Vec<&'t str> {
                let folder = topology.folders.get(id);
                let parent = folder.and_then(|folder| folder.parent.as_ref());
                parent.map(|parent| parent.value.as_str()).into_iter().collect()
            };
            if let Some(parent) = &entry.value.parent {
                let places = [(parent.value.as_str(), parent.span)];
                self.cycle("folder", id, &places, above);
            }
        }
        for (id, entry) in &topology.access_levels {
            let inside = |id: &str| -> Vec<&'t str> {
                let level = topology.access_levels.get(id);
                let levels = level.into_iter().flat_map(|level| &level.levels);
                levels.map(|level| level.value.as_str()).collect()
            };
            let places: Vec<(&str, Span)> =
                entry.value.levels.iter().map(|each| (each.value.as_str(), each.span)).collect();
            self.cycle("access level", id, &places, inside);
        }
        for (id, entry) in &topology.groups {
            let inside = |id: &str| -> Vec<&'t str> {
                let group = topology.groups.get(id);
                let members = group.into_iter().flat_map(|group| &group.members);
                members.filter_map(|member| member.value.strip_prefix("group:")).collect()
            };
            let members = entry.value.members.iter();
            let places: Vec<(&str, Span)> = members
                .filter_map(|member| Some((member.value.strip_prefix("group:")?, member.span)))
                .collect();
            self.cycle("group", id, &places, inside);
        }
    }

    /// Reports a thing that one of the things it names leads back to.
    fn cycle(
        &mut self,
        noun: &str,
        id: &str,
        places: &[(&'t str, Span)],
        next: impl Fn(&str) -> Vec<&'t str>,
    ) {
        for (name, at) in places {
            let mut seen: Vec<&str> = Vec::new();
            let mut open: Vec<&str> = vec![name];
            while let Some(inner) = open.pop() {
                if inner == id {
                    let message = format!("the {noun} `{id}` contains itself");
                    let from = format!("{}/{id}", noun.replace(' ', "_"));
                    self.report(CYCLE.finding(message).at(*at).resource(from));
                    return;
                }
                // A chain longer than this is another thing's circle, or none.
                if seen.len() < 64 && !seen.contains(&inner) {
                    seen.push(inner);
                    open.extend(next(inner));
                }
            }
        }
    }
}
