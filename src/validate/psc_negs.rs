//! Private Service Connect NEGs: what they lead to, and by which load balancers.

use std::collections::HashMap;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::Published;
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, Protocol, PscNeg};
use crate::topology::private_access::ServiceAttachment;
use crate::topology::record::Field;
use crate::topology::record::value_or;

codes! {
    INVALID_PSC_TARGET = Error "invalid-psc-target" "ING-162" {
        "a Private Service Connect NEG that leads to something else",
        "a Private Service Connect NEG leads to a published service, or to one Google API",
        "backends:
  apis: {psc_negs: [all-apis]}
",
    }
    MIXED_NEGS = Error "mixed-negs" {
        "NEGs of two sorts in a backend",
        "The NEGs of a backend service are all serverless, or all for Private Service Connect.",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], psc_negs: [europe-west1-run.googleapis.com]}
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
    PSC_NEG_NOT_ACCEPTED = Warning "psc-neg-not-accepted" "EGR-167" {
        "a Private Service Connect NEG that the producer does not accept",
        "a service attachment accepts the projects and networks that it lists and does not refuse, \
         or everybody",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9, listens: [\"tcp:80\"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat]}
backends:
  store: {psc_negs: [service_attachment/store]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: store}}
",
    }
    PSC_NEG_WITHOUT_GLOBAL_ACCESS = Warning "psc-neg-without-global-access" "ING-162" {
        "a published service without global access behind a global load balancer",
        "global and cross-region load balancers reach a published service only if its forwarding \
         rule has global access",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9, listens: [\"tcp:80\"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
backends:
  store: {psc_negs: [service_attachment/store]}
load_balancers:
  edge: {kind: global-external, url_map: {default: store}}
",
    }
    PSC_NEG_PORTS = Warning "psc-neg-ports" "ING-162" {
        "a published service with another number of ports than one behind a load balancer",
        "a Private Service Connect NEG sends to the only port of the producer's forwarding rule",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
backends:
  store: {psc_negs: [service_attachment/store]}
",
    }
    PSC_NEG_PROTOCOL = Warning "psc-neg-protocol" "ING-083" {
        "a backend that speaks another protocol than the published load balancer",
        "a front end of an Application Load Balancer speaks HTTP or HTTPS",
        "networks:
  data:
    subnets:
      nat: {region: europe-west1, range: 10.1.0.0/24, purpose: private-service-connect}
      proxies: {region: europe-west1, range: 10.2.0.0/24, purpose: regional-managed-proxy}
services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
  consumed: {psc_negs: [service_attachment/web]}
load_balancers:
  inside:
    kind: regional-internal
    network: data
    region: europe-west1
    address: 10.9.0.9
    certificates: [inside.example.com]
    url_map: {default: web}
service_attachments:
  web: {load_balancer: inside, nat_subnets: [data/nat], accept_automatic: true}
",
    }
    PSC_NEG_BEHIND_CLASSIC = Warning "psc-neg-behind-classic" "ING-162" {
        "a Private Service Connect NEG behind a classic load balancer",
        "documents name global external, regional external, regional internal and cross-region \
         internal load balancers as those that have Private Service Connect NEGs",
        "backends:
  admin: {psc_negs: [europe-west1-run.googleapis.com]}
load_balancers:
  edge: {kind: classic, url_map: {default: admin}}
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
            if let (Some(serverless), Some(neg)) =
                (backend.services.first(), backend.psc_negs.first())
            {
                let message = format!("{resource} has serverless and Private Service Connect NEGs");
                let finding = MIXED_NEGS.finding(message).at(neg.span);
                let finding = finding.also(serverless.span, "a serverless NEG");
                self.report(finding.help("make a backend of each sort").resource(&resource));
            }
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
                    self.psc_target(backend, neg, &fronts, &resource);
                }
            }
        }
    }

    /// The region of a NEG: its own, else that of what it leads to.
    fn psc_neg_region(&self, neg: &'t PscNeg) -> Option<&'t str> {
        if let Some(region) = &neg.region {
            return Some(&region.value);
        }
        let (_, attachment) = self.attachment_of(neg)?;
        self.topology.published_region(&attachment.load_balancer.value)
    }

    fn attachment_of(&self, neg: &'t PscNeg) -> Option<(&'t str, &'t ServiceAttachment)> {
        let id = neg.target.value.strip_prefix("service_attachment/")?;
        Some((id, self.topology.service_attachments.get(id)?))
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
        if kind.value == LoadBalancerKind::Classic {
            let message = format!(
                "whether load_balancer/{front} leads to the NEG of {resource} is not documented"
            );
            let finding = PSC_NEG_BEHIND_CLASSIC.finding(message).at(neg.span);
            let finding = finding.also(kind.span, "its kind");
            self.report(finding.help("take the kind `global-external`").resource(resource));
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
        let Some((_, attachment)) = self.attachment_of(neg) else { return false };
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
    fn psc_target(
        &mut self,
        backend: &Backend,
        neg: &'t PscNeg,
        fronts: &[(&'t str, &'t LoadBalancer)],
        resource: &str,
    ) {
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
        let Some((id, attachment)) = self.attachment_of(neg) else { return };
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
        for (_, load_balancer) in fronts {
            self.psc_accepted(backend, neg, load_balancer, (id, attachment), resource);
        }
        self.psc_producer(backend, neg, fronts, attachment, resource);
    }

    /// Whether the producer's lists accept a NEG (EGR-167).
    fn psc_accepted(
        &mut self,
        backend: &Backend,
        neg: &PscNeg,
        load_balancer: &LoadBalancer,
        (id, attachment): (&str, &ServiceAttachment),
        resource: &str,
    ) {
        let topology = self.topology;
        let project = match &backend.project {
            Some(_) => topology.backend_project(backend),
            None => topology.load_balancer_project(load_balancer),
        };
        let own = neg.network.as_ref().map(|network| network.value.as_str());
        let network = load_balancer.network.as_ref().and_then(Field::known);
        let network = own.or(network.map(String::as_str));
        let Some(project) = project else { return };
        if neg.accepted.is_some() || topology.accepts(attachment, Some(project), network) {
            return;
        }
        let message = format!("service_attachment/{id} does not accept the NEG of {resource}");
        let finding = PSC_NEG_NOT_ACCEPTED.finding(message).at(neg.target.span);
        let finding = finding.also(attachment.load_balancer.span, "the attachment");
        let project = topology.project_id(project);
        let help = match attachment.reject.is_empty() {
            true => format!("add `project/{project}` to `accept`"),
            false => format!("name project/{project} in `accept`, and not in `reject`"),
        };
        self.report(finding.help(help).resource(resource));
    }

    /// What the producer's forwarding rule has to have (ING-162).
    fn psc_producer(
        &mut self,
        backend: &Backend,
        neg: &PscNeg,
        fronts: &[(&str, &LoadBalancer)],
        attachment: &ServiceAttachment,
        resource: &str,
    ) {
        let topology = self.topology;
        let at = attachment.load_balancer.span;
        let Some(published) = topology.published(&attachment.load_balancer.value) else { return };
        let (what, ports, global, speaks) = match published {
            Published::LoadBalancer(id, own) => {
                let front = own.front_ends.first();
                let https = match front.and_then(|front| front.protocol.as_ref()) {
                    Some(protocol) => protocol.value == Protocol::Https,
                    None => {
                        !front.map_or(&own.certificates, |front| &front.certificates).is_empty()
                    }
                };
                let said = front.and_then(|front| front.global_access.as_ref());
                let said = said.or(own.global_access.as_ref()).cloned();
                let global = !own.kind.value.is_regional() || value_or(&said, false) != Some(false);
                let speaks = if https { Protocol::Https } else { Protocol::Http };
                let ports = front.map_or(1, |front| front.ports.len().max(1));
                (format!("load_balancer/{id}"), ports, global, Some(speaks))
            }
            Published::Passthrough(id, own) => {
                let listed = own.listens.iter().flat_map(|traffic| &traffic.value.ports);
                let ports = listed.map(|(low, high)| usize::from(high - low) + 1).sum();
                let global = value_or(&own.global_access, false) != Some(false);
                (format!("passthrough_load_balancer/{id}"), ports, global, None)
            }
        };
        if ports != 1 {
            let message = format!("{resource} leads to {what}, which has not one port");
            let finding = PSC_NEG_PORTS.finding(message).at(neg.target.span);
            let finding = finding.also(at, "what is published");
            self.report(finding.help("publish a forwarding rule of one port").resource(resource));
        }
        let wide = fronts.iter().find(|(_, front)| !front.kind.value.is_regional());
        if let Some((front, load_balancer)) = wide.filter(|_| !global) {
            let message = format!("load_balancer/{front} does not reach {what}");
            let finding = PSC_NEG_WITHOUT_GLOBAL_ACCESS.finding(message).at(neg.target.span);
            let finding = finding.also(load_balancer.kind.span, "not regional");
            let help = format!("set `global_access: true` on {what}");
            self.report(finding.help(help).resource(resource));
        }
        let own = backend.protocol.as_ref().map_or(Protocol::Http, |own| own.value);
        if let Some(theirs) = speaks.filter(|theirs| *theirs != own) {
            let message = format!("{resource} speaks `{own}`, {what} `{theirs}`");
            let place = backend.protocol.as_ref().map_or(neg.target.span, |own| own.span);
            let finding = PSC_NEG_PROTOCOL.finding(message).at(place);
            let finding = finding.also(at, "what is published");
            let help = format!("set `protocol: {theirs}`");
            self.report(finding.help(help).resource(resource));
        }
    }
}
