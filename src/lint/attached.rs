//! Security policies that are attached where they do not hold.

use super::Linter;
use crate::source::codes;
use crate::topology::load_balancer::{Backend, LoadBalancerKind};
use crate::topology::record::{Field, each};

codes! {
    EDGE_POLICY_UNSUPPORTED = Warning "edge-policy-unsupported" "ING-138" {
        "an edge security policy behind a load balancer without it",
        "edge security policies are available on global external and classic load balancers only",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], edge_security_policy: edge}
security_policies:
  edge: {type: edge, rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    HIERARCHICAL_UNSUPPORTED = Warning "hierarchical-policy-unsupported" "ING-138" {
        "a hierarchical policy that does not guard a load balancer",
        "hierarchical security policies guard backends of global external and classic load \
         balancers only",
        "projects:
  shop: {security_policies: [all]}
services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
security_policies:
  all: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    POLICY_ON_CROSS_REGION = Warning "policy-on-cross-region" "ING-119" {
        "a security policy behind a cross-region internal load balancer",
        "security policies are supported on external load balancers and the regional internal one",
        "networks:
  prod: {subnets: {p: {region: europe-west1, range: 10.0.0.0/24, purpose: global-managed-proxy}}}
services:
  web: {region: europe-west1, ingress: internal}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  inside: {kind: cross-region-internal, network: prod, url_map: {default: web}}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn attached_to(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            if let Some(field) = &backend.edge_security_policy {
                self.attached_edge(id, field, &resource);
            }
            if let Some(field) = &backend.security_policy {
                self.behind_cross_region(id, field, &resource);
            }
            self.hierarchical(id, backend, &resource);
        }
        for (id, entry) in &topology.backend_buckets {
            let resource = format!("backend_bucket/{id}");
            if let Some(field) = &entry.value.edge_security_policy {
                self.attached_edge(&resource, field, &resource);
            }
        }
    }

    fn behind_cross_region(&mut self, id: &str, field: &Field<String>, resource: &str) {
        let topology = self.topology;
        let fronts = self.relations.fronts(topology, id);
        let fronts: Vec<_> = fronts
            .filter(|(_, front)| front.kind.value == LoadBalancerKind::CrossRegionInternal)
            .collect();
        for (name, at) in each(field) {
            if !topology.security_policies.contains(name) {
                continue;
            }
            for (front, load_balancer) in &fronts {
                let message =
                    format!("load_balancer/{front} evaluates no security policy of its backends");
                let finding = POLICY_ON_CROSS_REGION.finding(message).at(at);
                let finding = finding.also(load_balancer.kind.span, "its kind");
                self.report(finding.resource(resource));
            }
        }
    }

    fn attached_edge(&mut self, id: &str, field: &Field<String>, resource: &str) {
        let topology = self.topology;
        let Some((front, load_balancer)) = self.relations.not_global(topology, id) else { return };
        let kind = &load_balancer.kind;
        for (name, at) in each(field) {
            if !topology.security_policies.contains(name) {
                continue;
            }
            let message = format!(
                "{resource} has an edge security policy, which load_balancer/{front} of kind `{}` \
                 does not evaluate",
                kind.value
            );
            let finding = EDGE_POLICY_UNSUPPORTED.finding(message).at(at);
            self.report(finding.also(kind.span, "its kind").resource(resource));
        }
    }

    /// Policies of the hierarchy that do not reach a backend (ING-138).
    fn hierarchical(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let Some(project) = topology.backend_project(backend) else { return };
        let policies = topology.projects[project].security_policies.iter();
        let folders = topology.folders_above(project).into_iter();
        let of_folders = folders
            .filter_map(|folder| topology.folders.get(folder))
            .flat_map(|folder| &folder.security_policies);
        let organization = topology.organization.iter();
        let of_organization = organization.flat_map(|each| &each.security_policies);
        let Some(policy) = policies.chain(of_folders).chain(of_organization).next() else { return };
        if let Some((front, load_balancer)) = self.relations.not_global(topology, id) {
            let kind = &load_balancer.kind;
            let name = &policy.value;
            let message = format!(
                "security_policy/{name} of the hierarchy does not guard {resource} behind \
                 load_balancer/{front}"
            );
            let finding = HIERARCHICAL_UNSUPPORTED.finding(message).at(kind.span);
            let finding = finding.also(policy.span, "attached to the hierarchy");
            self.report(finding.resource(resource));
        }
    }
}
