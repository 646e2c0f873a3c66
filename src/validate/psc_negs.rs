//! Private Service Connect NEGs: what they lead to, and by which load balancers.

use std::collections::HashMap;

use super::Checker;
use crate::inventory::relations::attachment_of;
use crate::source::{Span, codes};
use crate::topology::load_balancer::{LoadBalancer, PscNeg};

codes! {
    INVALID_PSC_TARGET = Error "invalid-psc-target" "ING-162" {
        "a Private Service Connect NEG that leads to something else",
        "a Private Service Connect NEG leads to a published service, or to one Google API",
        "backends:
  apis: {psc_negs: [all-apis]}
",
    }
    PSC_NEG_REGION = Error "psc-neg-region" "ING-162" {
        "a Private Service Connect NEG of another region",
        "a Private Service Connect NEG is in the region of what it leads to, and behind a regional \
         load balancer in that of the load balancer",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9, listens: [\"tcp:80\"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
backends:
  store: {psc_negs: [{target: service_attachment/store, region: europe-west3}]}
",
    }
    PSC_NEG_CIRCLE = Error "psc-neg-circle" {
        "load balancers that lead to each other",
        "What a load balancer sends to a published service cannot come back to it.",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
      proxies: {region: europe-west1, range: 10.2.0.0/24, purpose: regional-managed-proxy}
service_attachments:
  own: {load_balancer: inside, nat_subnets: [data/nat], accept_automatic: true}
backends:
  own: {psc_negs: [service_attachment/own]}
load_balancers:
  inside:
    kind: regional-internal
    network: data
    region: europe-west1
    address: 10.9.0.9
    url_map: {default: own}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn psc_negs(&mut self) {
        let topology = self.topology;
        let chains = topology.chains();
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            let mut regions: HashMap<&str, Span> = HashMap::new();
            for neg in &backend.psc_negs {
                let region = self.psc_neg_region(neg);
                if let Some(region) = region
                    && let Some(first) = regions.insert(region, neg.span)
                {
                    let message =
                        format!("{resource} has two Private Service Connect NEGs in `{region}`");
                    let finding = super::backends::DUPLICATE_NEG_REGION.finding(message);
                    let finding = finding.at(neg.span).also(first, "the other one");
                    self.report(finding.help("make a backend of each").resource(&resource));
                }
                let fronts: Vec<_> = self.relations.fronts(topology, id).collect();
                for (front, load_balancer) in &fronts {
                    self.psc_front(neg, region, front, load_balancer, &resource);
                }
                if !self.psc_circle(neg, &chains, &fronts, &resource) {
                    self.psc_target(neg, &resource);
                }
            }
        }
    }

    /// The region of a NEG: its own, else that of what it leads to.
    fn psc_neg_region(&self, neg: &'t PscNeg) -> Option<&'t str> {
        if let Some(region) = &neg.region {
            return Some(&region.value);
        }
        let (_, attachment) = attachment_of(self.topology, neg)?;
        self.topology.published_region(&attachment.load_balancer.value)
    }

    /// What a load balancer in front asks of a NEG.
    fn psc_front(
        &mut self,
        neg: &PscNeg,
        region: Option<&str>,
        front: &str,
        load_balancer: &LoadBalancer,
        resource: &str,
    ) {
        let kind = &load_balancer.kind;
        let own = load_balancer.region.as_ref();
        if kind.value.is_regional()
            && let (Some(region), Some(field)) = (region, own)
            && let Some(own) = field.known().filter(|own| *own != region)
        {
            let message =
                format!("the NEG of {resource} is in `{region}`, load_balancer/{front} in `{own}`");
            let finding = PSC_NEG_REGION.finding(message).at(neg.span);
            let finding = finding.also(field.span, "the load balancer's region");
            self.report(finding.resource(resource));
        }
    }

    /// Whether a NEG leads back to a load balancer in front of it.
    fn psc_circle(
        &mut self,
        neg: &'t PscNeg,
        chains: &HashMap<&str, Vec<&str>>,
        fronts: &[(&'t str, &'t LoadBalancer)],
        resource: &str,
    ) -> bool {
        let Some((_, attachment)) = attachment_of(self.topology, neg) else { return false };
        let published = &attachment.load_balancer;
        let leads =
            |(front, _): &&(&str, _)| self.topology.leads_back(chains, front, &published.value);
        let Some((front, _)) = fronts.iter().find(leads) else { return false };
        let message = format!("what load_balancer/{front} sends to {resource} comes back");
        let finding = PSC_NEG_CIRCLE.finding(message).at(neg.target.span);
        self.report(finding.also(published.span, "what is published").resource(resource));
        true
    }

    /// What a NEG leads to.
    fn psc_target(&mut self, neg: &PscNeg, resource: &str) {
        let topology = self.topology;
        let target = &neg.target;
        if !target.value.starts_with("service_attachment/") {
            if !target.value.ends_with(".googleapis.com") || target.value.contains('/') {
                let message =
                    format!("`{}` is nothing that a NEG of {resource} leads to", target.value);
                let finding = INVALID_PSC_TARGET.finding(message).at(target.span);
                let help = "write `service_attachment/ID`, or the name of an API such as \
                            `europe-west1-run.googleapis.com`";
                self.report(finding.help(help).resource(resource));
            }
            return;
        }
        let Some((id, attachment)) = attachment_of(self.topology, neg) else { return };
        let published = &attachment.load_balancer;
        let theirs = topology.published_region(&published.value);
        if let (Some(region), Some(theirs)) = (&neg.region, theirs)
            && region.value != theirs
        {
            let message = format!(
                "the NEG of {resource} is in `{}`, service_attachment/{id} in `{theirs}`",
                region.value
            );
            let finding = PSC_NEG_REGION.finding(message).at(region.span);
            self.report(finding.help("leave it out").resource(resource));
        }
    }
}
