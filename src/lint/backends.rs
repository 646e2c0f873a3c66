//! NEGs that lead elsewhere than they seem to.

use super::Linter;
use crate::source::{codes, nearest};
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, Neg};
use crate::topology::record::Field;

codes! {
    UNKNOWN_TRAFFIC_TAG = Warning "unknown-traffic-tag" "ING-084" {
        "a NEG for a tag that the service does not have",
        "a NEG with a tag leads to the revision that has it",
        "services:
  web: {region: europe-west1, traffic_tags: [blue]}
backends:
  web: {services: [{service: web, tag: bleu}]}
",
    }
    NEG_NOT_USED = Warning "neg-not-used" "ING-095" {
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
}

impl Linter<'_, '_> {
    pub(super) fn backends(&mut self) {
        for (id, entry) in &self.topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            for neg in &backend.services {
                self.traffic_tag(neg, &resource);
            }
            self.negs_behind_iap(id, backend, &resource);
        }
    }

    fn traffic_tag(&mut self, neg: &Neg, resource: &str) {
        let Some(tag) = &neg.tag else { return };
        let Some(id) = neg.service.as_ref().and_then(Field::known) else { return };
        let Some(service) = self.topology.services.get(id) else { return };
        let known = service.traffic_tags.iter().map(|tag| tag.value.as_str());
        if known.clone().any(|known| known == tag.value) {
            return;
        }
        let message = format!("service/{id} has no traffic tag `{}`", tag.value);
        let mut finding = UNKNOWN_TRAFFIC_TAG.finding(message).at(tag.span);
        if let Some(near) = nearest(&tag.value, known) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        self.report(finding.resource(resource));
    }

    fn negs_behind_iap(&mut self, id: &str, backend: &Backend, resource: &str) {
        let [first, second, ..] = backend.services.as_slice() else { return };
        if !backend.iap().is(true) {
            return;
        }
        let fits = |front: &LoadBalancer| front.kind.value == LoadBalancerKind::CrossRegionInternal;
        if self.relations.fronts(self.topology, id).any(|(_, front)| fits(front)) {
            let message = format!("only the first NEG of {resource} gets requests");
            let finding = NEG_NOT_USED.finding(message).at(second.span);
            let finding = finding.also(first.span, "the first one");
            self.report(finding.resource(resource));
        }
    }
}
