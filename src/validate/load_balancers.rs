//! Kinds of load balancer, and what each kind needs.

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{LoadBalancer, LoadBalancerKind, Route};
use crate::topology::record::Field;

codes! {
    NETWORK_LOAD_BALANCER = Error "network-load-balancer" "ING-040" {
        "a Network Load Balancer before Cloud Run",
        "serverless NEGs stand behind Application Load Balancers only",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: network, url_map: {default: web}}
",
    }
    MISSING_NETWORK = Error "missing-network" {
        "no network where one is needed",
        "An internal load balancer and a connector with a range of its own are in a network, \
         which must be named.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  inside: {kind: regional-internal, region: europe-west1, url_map: {default: web}}
",
    }
    MISSING_REGION = Error "missing-region" {
        "no region where one is needed",
        "A regional load balancer, a connector with a range of its own and a NEG with a URL mask \
         are in a region, which must be named.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: regional-external, url_map: {default: web}}
",
    }
    CROSS_PROJECT_ON_CLASSIC = Error "cross-project-on-classic" "ING-090" {
        "a classic load balancer with a backend of another project",
        "a classic load balancer does not refer to backends of other projects",
        "projects: {shop: {}, hub: {}}
services:
  web: {project: shop, region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {project: hub, kind: classic, url_map: {default: web}}
",
    }
    CROSS_PROJECT_WITHOUT_SHARED_VPC = Error "cross-project-without-shared-vpc" "ING-089" {
        "a backend of another project without Shared VPC",
        "regional and internal load balancers refer to backends of other projects only where both \
         projects share a VPC network",
        "projects: {shop: {}, hub: {}}
services:
  web: {project: shop, region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge: {project: hub, kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn load_balancers(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.load_balancers {
            let load_balancer = &entry.value;
            let resource = format!("load_balancer/{id}");
            self.needs(load_balancer, &resource);
            self.other_projects(load_balancer, &resource);
        }
    }

    fn needs(&mut self, load_balancer: &LoadBalancer, resource: &str) {
        let kind = &load_balancer.kind;
        if kind.value == LoadBalancerKind::Network {
            let mut targets =
                load_balancer.url_maps().flat_map(|map| map.routes(false)).flat_map(Route::targets);
            if let Some((target, at)) = targets.next() {
                let message = format!("{resource} cannot lead to Cloud Run");
                let finding = NETWORK_LOAD_BALANCER.finding(message).at(kind.span);
                let finding = finding.also(at, format!("leads to backend/{target}"));
                let help = "give it the kind of an Application Load Balancer";
                self.report(finding.help(help).resource(resource));
            }
            return;
        }
        if kind.value.is_internal() && load_balancer.network.is_none() {
            let message = format!("{resource} is `{}`, but in no network", kind.value);
            let finding = MISSING_NETWORK.finding(message).at(kind.span);
            self.report(finding.help("add `network`").resource(resource));
        }
        if kind.value.is_regional() && load_balancer.region.is_none() {
            let message = format!("{resource} is `{}`, but in no region", kind.value);
            let finding = MISSING_REGION.finding(message).at(kind.span);
            self.report(finding.help("add `region`").resource(resource));
        }
    }

    /// Backends of other projects (ING-089, ING-090).
    fn other_projects(&mut self, load_balancer: &LoadBalancer, resource: &str) {
        let topology = self.topology;
        let kind = load_balancer.kind.value;
        let network = load_balancer.network.as_ref().and_then(Field::known);
        let network = network.and_then(|network| topology.networks.id_of(network));
        let own = match (&load_balancer.project, network) {
            (None, Some(network)) => topology.network_project(network),
            (project, _) => topology.project(project.as_ref()),
        };
        let Some(own) = own else { return };
        if matches!(kind, LoadBalancerKind::GlobalExternal | LoadBalancerKind::Network) {
            return;
        }
        let targets = load_balancer.url_maps().flat_map(|map| map.routes(false));
        let mut seen: Vec<(&str, Span)> = targets.flat_map(Route::targets).collect();
        seen.sort_unstable();
        seen.dedup_by_key(|(target, _)| *target);
        for (target, at) in seen {
            let Some(backend) = topology.backends.get(target) else { continue };
            let Some(other) = topology.backend_project(backend) else { continue };
            if other == own {
                continue;
            }
            let (ours, theirs) = (topology.project_id(own), topology.project_id(other));
            let message =
                format!("{resource} is in project/{ours}, backend/{target} in project/{theirs}");
            if kind == LoadBalancerKind::Classic {
                let finding = CROSS_PROJECT_ON_CLASSIC.finding(message).at(at);
                let finding = finding.also(load_balancer.kind.span, "its kind");
                self.report(finding.help("make it `global-external`").resource(resource));
                continue;
            }
            let shared = self
                .relations
                .sharing
                .values()
                .any(|projects| projects.contains(&own) && projects.contains(&other));
            if !shared {
                let finding = CROSS_PROJECT_WITHOUT_SHARED_VPC.finding(message).at(at);
                let help = format!("share a network between `{ours}` and `{theirs}`");
                self.report(finding.help(help).resource(resource));
            }
        }
    }
}
