//! Backends: their NEGs and caches.

use std::collections::HashMap;

use super::Checker;
use super::load_balancers::MISSING_REGION;
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{Backend, LoadBalancer, Neg};
use crate::topology::record::{Field, Spanned};

codes! {
    NEG_TARGET = Error "neg-target" "ING-084" {
        "a NEG with no service or with too much",
        "a serverless NEG has a service, or a URL mask that names it",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{service: web, url_mask: \"example.com/<service>\"}]}
",
    }
    INVALID_URL_MASK = Error "invalid-url-mask" "ING-085" {
        "a URL mask that is none",
        "a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of \
         the names",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{url_mask: \"https://example.com/<name>\", region: europe-west1}]}
",
    }
    NEG_REGION = Error "neg-region" "ING-088" {
        "a NEG in another region than its service",
        "a serverless NEG is in the project and region of its service",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [{service: web, region: europe-west3}]}
",
    }
    NEG_PROJECT = Error "neg-project" "ING-088" {
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
    DUPLICATE_NEG_REGION = Error "duplicate-neg-region" "ING-091" {
        "two NEGs of one region in a backend",
        "a backend service has at most one serverless NEG in a region",
        "services:
  web: {region: europe-west1}
  api: {region: europe-west1}
backends:
  web: {services: [web, api]}
",
    }
    REGIONAL_NEEDS_ONE_NEG = Error "regional-needs-one-neg" "ING-091" {
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
    REGIONAL_NEG_REGION = Error "regional-neg-region" "ING-091" {
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
    CDN_WITH_IAP = Error "cdn-with-iap" "ING-105" {
        "Cloud CDN with IAP",
        "Cloud CDN is incompatible with IAP on the same backend service",
        "services:
  web: {region: europe-west1, invokers: [allUsers]}
backends:
  web: {services: [web], cdn: true, iap: true}
",
    }
    CDN_UNSUPPORTED = Error "cdn-unsupported" "ING-106" {
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
}

impl Checker<'_, '_> {
    pub(super) fn backends(&mut self) {
        for (id, entry) in &self.topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            self.negs(backend, &resource);
            self.regional_negs(id, backend, &resource);
            self.cache(id, backend, &resource);
        }
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
        let Some(index) = topology.services.id_of(id) else { return };
        let (_, entry) = topology.services.at(index);
        let service = &entry.value;
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
        if let Some(iap) = backend.iap.as_ref().filter(|_| backend.iap().is(true)) {
            let message = format!("{resource} has Cloud CDN and IAP");
            let finding = CDN_WITH_IAP.finding(message).at(cdn.span).also(iap.span, "IAP");
            self.report(finding.help("turn one of them off").resource(resource));
        }
        if let Some((front, load_balancer)) = self.relations.not_global(topology, id) {
            let kind = &load_balancer.kind;
            let message = format!(
                "{resource} has Cloud CDN, which load_balancer/{front} of kind `{}` does not have",
                kind.value
            );
            let finding = CDN_UNSUPPORTED.finding(message).at(cdn.span).also(kind.span, "its kind");
            self.report(finding.resource(resource));
        }
    }
}
