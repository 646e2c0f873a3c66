//! Backends: their NEGs, caches and attached policies.

use std::collections::HashMap;

use super::code::codes;
use super::load_balancers::MISSING_REGION;
use super::relations::{backend_project, iap_is_on, is_external};
use super::{Checker, each, every};
use crate::source::Span;
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, Neg};
use crate::topology::record::{Field, Spanned};
use crate::topology::security_policy::{Action, PolicyType, SecurityPolicy};

codes! {
    NEG_TARGET = Error "neg-target" ing 84 {
        "a NEG with no service or with too much",
        "a serverless NEG has a service, or a URL mask that names it",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{service: web, url_mask: \"example.com/<service>\"}]}
",
    }
    INVALID_URL_MASK = Error "invalid-url-mask" ing 85 {
        "a URL mask that is none",
        "a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of \
         the names",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{url_mask: \"https://example.com/<name>\", region: europe-west1}]}
",
    }
    UNKNOWN_TRAFFIC_TAG = Warning "unknown-traffic-tag" ing 84 {
        "a NEG for a tag that the service does not have",
        "a NEG with a tag leads to the revision that has it",
        "services:
  web: {region: europe-west1, traffic_tags: [blue]}
backends:
  web: {services: [{service: web, tag: bleu}]}
",
    }
    NEG_REGION = Error "neg-region" ing 88 {
        "a NEG in another region than its service",
        "a serverless NEG is in the project and region of its service",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{service: web, region: europe-west3}]}
",
    }
    NEG_PROJECT = Error "neg-project" ing 88 {
        "a NEG or backend in another project than its service",
        "backend service and serverless NEG are in the project of the service; a URL map of \
         another project refers to the backend service",
        "projects: {shop: {}, hub: {}}
services:
  web: {project: shop, region: europe-west1}
backends:
  web: {project: hub, services: [web]}
",
    }
    DUPLICATE_NEG_REGION = Error "duplicate-neg-region" ing 91 {
        "two NEGs of one region in a backend",
        "a backend service has at most one serverless NEG in a region",
        "services:
  web: {region: europe-west1}
  api: {region: europe-west1}
backends:
  web: {services: [web, api]}
",
    }
    REGIONAL_NEEDS_ONE_NEG = Error "regional-needs-one-neg" ing 91 {
        "several NEGs behind a regional load balancer",
        "a backend of a regional load balancer has one serverless NEG, in the load balancer's \
         region",
        "services:
  web: {region: europe-west1}
  far: {region: europe-west3}
backends:
  web: {services: [web, far]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    REGIONAL_NEG_REGION = Error "regional-neg-region" ing 91 {
        "a NEG of another region behind a regional load balancer",
        "a backend of a regional load balancer has one serverless NEG, in the load balancer's \
         region",
        "services:
  web: {region: europe-west3}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    NEG_NOT_USED = Warning "neg-not-used" ing 95 {
        "a NEG that gets no requests",
        "behind a cross-region internal load balancer with IAP only one serverless NEG gets \
         requests",
        "networks:
  prod: {subnets: {p: {region: europe-west1, range: 10.0.0.0/24, purpose: global-managed-proxy}}}
services:
  web: {region: europe-west1, ingress: internal, invokers: [allUsers]}
  far: {region: europe-west3, ingress: internal, invokers: [allUsers]}
backends:
  web: {services: [web, far], iap: true}
load_balancers:
  inside: {kind: cross-region-internal, network: prod, url_map: {default: web}}
",
    }
    CDN_WITH_IAP = Error "cdn-with-iap" ing 105 {
        "Cloud CDN with IAP",
        "Cloud CDN is incompatible with IAP on the same backend service",
        "services:
  web: {region: europe-west1, invokers: [allUsers]}
backends:
  web: {services: [web], cdn: true, iap: true}
",
    }
    CDN_UNSUPPORTED = Error "cdn-unsupported" ing 106 {
        "Cloud CDN behind a load balancer without it",
        "Cloud CDN is available on global external and classic load balancers only",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], cdn: true}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    EDGE_POLICY_UNSUPPORTED = Warning "edge-policy-unsupported" ing 138 {
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
    HIERARCHICAL_UNSUPPORTED = Warning "hierarchical-policy-unsupported" ing 138 {
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
    POLICY_ON_CROSS_REGION = Warning "policy-on-cross-region" ing 119 {
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
    POLICY_SCOPE = Error "policy-scope" ing 138 {
        "a security policy of another scope than the load balancer",
        "a regional load balancer takes a policy of its region, a global one a global policy",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    POLICY_TYPE = Error "policy-type" ing 117 {
        "a security policy of the wrong type",
        "`security_policy` and the hierarchy take policies of type `backend`, \
         `edge_security_policy` those of type `edge`",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {type: edge, rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
",
    }
    GOTO_NEXT = Error "goto-next" ing 136 {
        "`goto_next` in a policy of a backend",
        "only policies of the organization, a folder or a project leave a decision to the next \
         level",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: goto_next, source_ranges: [192.0.2.0/24]}]}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn backends(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            self.negs(backend, &resource);
            self.regional_negs(id, backend, &resource);
            self.cache(id, backend, &resource);
            self.attached(id, backend, &resource);
            self.hierarchical(id, backend, &resource);
        }
        for (id, entry) in &topology.backend_buckets {
            let resource = format!("backend_bucket/{id}");
            if let Some(field) = &entry.value.edge_security_policy {
                self.attached_edge(&format!("backend_bucket/{id}"), field, &resource);
            }
        }
        self.hierarchy_types();
    }

    fn negs(&mut self, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let mut regions: HashMap<&str, Span> = HashMap::new();
        for neg in &backend.services {
            self.neg(backend, neg, resource);
            let service = neg.service.as_ref().and_then(Field::known);
            let service = service.and_then(|id| topology.services.get(id));
            let region = neg.region.as_ref().or(service.map(|service| &service.region));
            let Some(region) = region.and_then(Field::known) else { continue };
            if let Some(first) = regions.insert(region, neg.span) {
                let message = format!("{resource} has two NEGs in `{region}`");
                let finding = DUPLICATE_NEG_REGION.finding(message).at(neg.span);
                let finding = finding.also(first, "the other one");
                self.report(finding.help("make a backend of each").resource(resource));
            }
        }
    }

    fn neg(&mut self, backend: &Backend, neg: &Neg, resource: &str) {
        let topology = self.topology;
        match (&neg.service, &neg.url_mask) {
            (Some(_), Some(mask)) => {
                let message = format!("a NEG of {resource} has a service and a URL mask");
                let finding = NEG_TARGET.finding(message).at(mask.span);
                self.report(finding.help("leave one of them out").resource(resource));
            }
            (None, None) => {
                let message = format!("a NEG of {resource} has no service");
                let finding = NEG_TARGET.finding(message).at(neg.span);
                self.report(finding.help("add `service` or `url_mask`").resource(resource));
            }
            (None, Some(mask)) => self.url_mask(neg, mask, resource),
            (Some(_), None) => {}
        }
        let Some(id) = neg.service.as_ref().and_then(Field::known) else { return };
        let Some(index) = topology.services.index_of(id) else { return };
        let Some((_, entry)) = topology.services.get_index(index) else { return };
        let service = &entry.value;
        if let Some(tag) = &neg.tag
            && !service.traffic_tags.iter().any(|known| known.value == tag.value)
        {
            let message = format!("service/{id} has no traffic tag `{}`", tag.value);
            let known = service.traffic_tags.iter().map(|tag| tag.value.as_str());
            let near = crate::source::nearest(&tag.value, known);
            let mut finding = UNKNOWN_TRAFFIC_TAG.finding(message).at(tag.span);
            if let Some(near) = near {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            self.report(finding.resource(resource));
        }
        if let (Some(field), Some(theirs)) = (&neg.region, service.region.known())
            && let Some(own) = field.known()
            && own != theirs
        {
            let message = format!("the NEG is in `{own}`, service/{id} in `{theirs}`");
            let finding = NEG_REGION.finding(message).at(field.span);
            let finding = finding.also(service.region.span, "the service's region");
            self.report(finding.help("leave it out").resource(resource));
        }
        let Some(theirs) = topology.service_project(index) else { return };
        for (field, what) in [(&neg.project, "the NEG"), (&backend.project, resource)] {
            let Some(field) = field else { continue };
            let Some(own) = topology.project(Some(field)) else { continue };
            if own == theirs {
                continue;
            }
            let (own, theirs) = (topology.project_id(own), topology.project_id(theirs));
            let message = format!("{what} is in project/{own}, service/{id} in project/{theirs}");
            let finding = NEG_PROJECT.finding(message).at(field.span);
            self.report(finding.help(format!("write `{theirs}`")).resource(resource));
        }
    }

    fn url_mask(&mut self, neg: &Neg, mask: &Spanned<String>, resource: &str) {
        let text = mask.value.as_str();
        let count = |word: &str| text.matches(word).count();
        let rest = text.replace("<service>", "").replace("<tag>", "");
        let help = if text.contains("://") {
            Some("leave the scheme out")
        } else if count("<service>") != 1 {
            Some("write `<service>` once, where the name of the service stands")
        } else if count("<tag>") > 1 {
            Some("write `<tag>` at most once")
        } else if rest.contains(['<', '>', '?', '#']) || rest.contains(char::is_whitespace) {
            Some("besides `<service>` and `<tag>` it is a host and a path")
        } else {
            None
        };
        if let Some(help) = help {
            let message = format!("`{text}` is not a URL mask");
            let finding = INVALID_URL_MASK.finding(message).at(mask.span);
            self.report(finding.help(help).resource(resource));
        }
        if neg.region.is_none() {
            let message = format!("a NEG of {resource} has a URL mask, but no region");
            let finding = MISSING_REGION.finding(message).at(mask.span);
            self.report(finding.help("add `region`").resource(resource));
        }
    }

    fn regional_negs(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let fronts: Vec<(&str, &LoadBalancer)> = self.relations.fronts(topology, id).collect();
        for (front, load_balancer) in fronts {
            let kind = &load_balancer.kind;
            if kind.value == LoadBalancerKind::CrossRegionInternal
                && iap_is_on(&backend.iap)
                && let [first, second, ..] = backend.services.as_slice()
            {
                let message = format!("only the first NEG of {resource} gets requests");
                let finding = NEG_NOT_USED.finding(message).at(second.span);
                let finding = finding.also(first.span, "the first one");
                self.report(finding.resource(resource));
            }
            if !kind.value.is_regional() {
                continue;
            }
            if let [_, second, ..] = backend.services.as_slice() {
                let message =
                    format!("{resource} has several NEGs behind a regional load balancer");
                let finding = REGIONAL_NEEDS_ONE_NEG.finding(message).at(second.span);
                let finding = finding.also(kind.span, format!("load_balancer/{front}"));
                self.report(finding.help("leave one of them").resource(resource));
                continue;
            }
            let Some(neg) = backend.services.first() else { continue };
            let service = neg.service.as_ref().and_then(Field::known);
            let service = service.and_then(|id| topology.services.get(id));
            let region = neg.region.as_ref().or(service.map(|service| &service.region));
            let own = load_balancer.region.as_ref();
            if let (Some(theirs), Some(field)) = (region.and_then(Field::known), own)
                && let Some(own) = field.known()
                && own != theirs
            {
                let message = format!(
                    "the NEG of {resource} is in `{theirs}`, load_balancer/{front} in `{own}`"
                );
                let finding = REGIONAL_NEG_REGION.finding(message).at(neg.span);
                let finding = finding.also(field.span, "the load balancer's region");
                self.report(finding.resource(resource));
            }
        }
    }

    fn cache(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let Some(cdn) = &backend.cdn else { return };
        if cdn.known() != Some(&true) {
            return;
        }
        if let Some(iap) = backend.iap.as_ref().filter(|_| iap_is_on(&backend.iap)) {
            let message = format!("{resource} has Cloud CDN and IAP");
            let finding = CDN_WITH_IAP.finding(message).at(cdn.span).also(iap.span, "IAP");
            self.report(finding.help("turn one of them off").resource(resource));
        }
        if let Some((front, load_balancer)) = self.not_global(topology, id) {
            let kind = &load_balancer.kind;
            let message = format!(
                "{resource} has Cloud CDN, which load_balancer/{front} of kind `{}` does not have",
                kind.value
            );
            let finding = CDN_UNSUPPORTED.finding(message).at(cdn.span).also(kind.span, "its kind");
            self.report(finding.resource(resource));
        }
    }

    /// The first load balancer before a backend that is neither global external nor classic.
    fn not_global(
        &self,
        topology: &'t crate::topology::Topology,
        backend: &str,
    ) -> Option<(&'t str, &'t LoadBalancer)> {
        self.relations.fronts(topology, backend).find(|(_, load_balancer)| {
            let kind = load_balancer.kind.value;
            kind.is_regional() || kind.is_internal()
        })
    }

    fn attached(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        if let Some(field) = &backend.edge_security_policy {
            self.attached_edge(id, field, resource);
        }
        let Some(field) = &backend.security_policy else { return };
        let fronts: Vec<(&str, &LoadBalancer)> = self.relations.fronts(topology, id).collect();
        for (name, at) in each(field) {
            let Some(policy) = topology.security_policies.get(name) else { continue };
            self.policy_type(name, policy, PolicyType::Backend, at, resource);
            self.no_goto_next(name, policy, at, resource);
            for (front, load_balancer) in &fronts {
                let kind = &load_balancer.kind;
                if kind.value == LoadBalancerKind::CrossRegionInternal {
                    let message = format!(
                        "load_balancer/{front} evaluates no security policy of its backends"
                    );
                    let finding = POLICY_ON_CROSS_REGION.finding(message).at(at);
                    self.report(finding.also(kind.span, "its kind").resource(resource));
                    continue;
                }
                self.policy_scope(name, policy, at, front, load_balancer, resource);
            }
        }
    }

    fn attached_edge(&mut self, id: &str, field: &Field<String>, resource: &str) {
        let topology = self.topology;
        for (name, at) in each(field) {
            let Some(policy) = topology.security_policies.get(name) else { continue };
            self.policy_type(name, policy, PolicyType::Edge, at, resource);
            self.no_goto_next(name, policy, at, resource);
            if let Some((front, load_balancer)) = self.not_global(topology, id) {
                let kind = &load_balancer.kind;
                let message = format!(
                    "{resource} has an edge security policy, which load_balancer/{front} of kind \
                     `{}` does not evaluate",
                    kind.value
                );
                let finding = EDGE_POLICY_UNSUPPORTED.finding(message).at(at);
                self.report(finding.also(kind.span, "its kind").resource(resource));
            } else if let Some(region) = &policy.region {
                let message =
                    format!("security_policy/{name} is regional, edge policies are global");
                let finding = POLICY_SCOPE.finding(message).at(at);
                self.report(finding.also(region.span, "its region").resource(resource));
            }
        }
    }

    fn policy_scope(
        &mut self,
        name: &str,
        policy: &SecurityPolicy,
        at: Span,
        front: &str,
        load_balancer: &LoadBalancer,
        resource: &str,
    ) {
        let kind = &load_balancer.kind;
        let own = load_balancer.region.as_ref().and_then(Field::known);
        let message = match (&policy.region, kind.value.is_regional()) {
            (None, true) => {
                format!("security_policy/{name} is global, load_balancer/{front} regional")
            }
            (Some(_), false) if is_external(load_balancer) => {
                format!("security_policy/{name} is regional, load_balancer/{front} global")
            }
            (Some(region), true) if own.is_some_and(|own| *own != region.value) => format!(
                "security_policy/{name} is in `{}`, load_balancer/{front} in `{}`",
                region.value,
                own.map_or("", String::as_str)
            ),
            _ => return,
        };
        let place = match (&policy.region, &load_balancer.region) {
            (Some(region), _) => (region.span, "the policy's region"),
            (None, Some(region)) => (region.span, "the load balancer's region"),
            (None, None) => (kind.span, "its kind"),
        };
        let help = match own {
            Some(own) if kind.value.is_regional() => {
                format!("take a policy with `region: {own}`")
            }
            _ => "take a policy without `region`".to_owned(),
        };
        let finding = POLICY_SCOPE.finding(message).at(at).also(place.0, place.1);
        self.report(finding.help(help).resource(resource));
    }

    fn policy_type(
        &mut self,
        name: &str,
        policy: &SecurityPolicy,
        wanted: PolicyType,
        at: Span,
        resource: &str,
    ) {
        let kind = policy.r#type.as_ref().map_or(PolicyType::Backend, |kind| kind.value);
        if kind == wanted {
            return;
        }
        let message = format!("security_policy/{name} is of type `{kind}`, not `{wanted}`");
        let mut finding = POLICY_TYPE.finding(message).at(at);
        if let Some(kind) = &policy.r#type {
            finding = finding.also(kind.span, "its type");
        }
        if kind == PolicyType::Edge {
            finding = finding.help("attach it as `edge_security_policy`");
        } else if wanted == PolicyType::Edge && kind == PolicyType::Backend {
            finding = finding.help("attach it as `security_policy`");
        }
        self.report(finding.resource(resource));
    }

    fn no_goto_next(&mut self, name: &str, policy: &SecurityPolicy, at: Span, resource: &str) {
        let rule = policy.rules.iter().find(|rule| rule.action.value == Action::GoToNext);
        if let Some(rule) = rule {
            let message = format!(
                "a rule of security_policy/{name} goes to the next level, but there is none"
            );
            let finding = GOTO_NEXT.finding(message).at(rule.action.span);
            self.report(finding.also(at, "attached here").resource(resource));
        }
    }

    /// Policies of the hierarchy that do not reach a backend (ING-138).
    fn hierarchical(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let Some(project) = backend_project(topology, backend) else { return };
        let of_project = topology.projects.get_index(project);
        let policies = of_project.into_iter().flat_map(|(_, entry)| &entry.value.security_policies);
        let folders = topology.folders_above(project).into_iter();
        let of_folders = folders
            .filter_map(|folder| topology.folders.get(folder))
            .flat_map(|folder| &folder.security_policies);
        let organization = topology.organization.iter();
        let of_organization = organization.flat_map(|each| &each.security_policies);
        let Some(policy) = policies.chain(of_folders).chain(of_organization).next() else { return };
        if let Some((front, load_balancer)) = self.not_global(topology, id) {
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

    fn hierarchy_types(&mut self) {
        let topology = self.topology;
        let organization = topology.organization.iter();
        let organization =
            organization.map(|each| ("organization".to_owned(), &each.security_policies));
        let folders = topology.folders.iter();
        let folders =
            folders.map(|(id, entry)| (format!("folder/{id}"), &entry.value.security_policies));
        let projects = topology.projects.iter();
        let projects =
            projects.map(|(id, entry)| (format!("project/{id}"), &entry.value.security_policies));
        for (resource, policies) in organization.chain(folders).chain(projects) {
            for name in policies {
                let Some(policy) = topology.security_policies.get(&name.value) else { continue };
                self.policy_type(&name.value, policy, PolicyType::Backend, name.span, &resource);
                if let Some(region) = &policy.region {
                    let message =
                        format!("security_policy/{} is regional, the hierarchy global", name.value);
                    let finding = POLICY_SCOPE.finding(message).at(name.span);
                    self.report(finding.also(region.span, "its region").resource(&resource));
                }
            }
        }
    }
}

/// The policies that are attached to a backend or bucket or to the hierarchy.
pub(super) fn attached_policies(topology: &crate::topology::Topology) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for backend in topology.backends.values() {
        names.extend(every(&backend.security_policy).map(|(name, _)| name.as_str()));
        names.extend(every(&backend.edge_security_policy).map(|(name, _)| name.as_str()));
    }
    for bucket in topology.backend_buckets.values() {
        names.extend(every(&bucket.edge_security_policy).map(|(name, _)| name.as_str()));
    }
    let organization = topology.organization.iter().flat_map(|each| &each.security_policies);
    let folders = topology.folders.values().flat_map(|each| &each.security_policies);
    let projects = topology.projects.values().flat_map(|each| &each.security_policies);
    names.extend(organization.chain(folders).chain(projects).map(|name| name.value.as_str()));
    names.sort_unstable();
    names.dedup();
    names
}
