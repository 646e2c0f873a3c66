//! Private Service Connect NEGs that do not reach what they lead to.

use super::Linter;
use crate::inventory::relations::attachment_of;
use crate::source::codes;
use crate::topology::Published;
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, Protocol, PscNeg};
use crate::topology::private_access::ServiceAttachment;
use crate::topology::record::Field;

codes! {
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
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: store}}
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

impl Linter<'_, '_> {
    pub(super) fn psc_negs(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            let fronts: Vec<_> = self.relations.fronts(topology, id).collect();
            for neg in &backend.psc_negs {
                for (front, load_balancer) in &fronts {
                    self.behind_classic(neg, front, load_balancer, &resource);
                }
                if let Some((_, attachment)) = attachment_of(topology, neg) {
                    self.psc_protocol(backend, neg, attachment, &resource);
                }
            }
        }
    }

    /// What stands in the way of NEGs at the producer. The engine is asked whether it does.
    pub(super) fn producers(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            let fronts: Vec<_> = self.relations.fronts(topology, id).collect();
            for neg in &backend.psc_negs {
                let Some((name, attachment)) = attachment_of(topology, neg) else { continue };
                for (_, load_balancer) in &fronts {
                    self.psc_accepted(backend, neg, load_balancer, (name, attachment), &resource);
                }
                self.psc_producer(neg, &fronts, attachment, &resource);
            }
        }
    }

    fn behind_classic(
        &mut self,
        neg: &PscNeg,
        front: &str,
        load_balancer: &LoadBalancer,
        resource: &str,
    ) {
        let kind = &load_balancer.kind;
        if kind.value == LoadBalancerKind::Classic {
            let message = format!(
                "whether load_balancer/{front} leads to the NEG of {resource} is not documented"
            );
            let finding = PSC_NEG_BEHIND_CLASSIC.finding(message).at(neg.span);
            let finding = finding.also(kind.span, "its kind");
            self.report(finding.help("take the kind `global-external`").resource(resource));
        }
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

    /// What the producer's forwarding rule may lack (ING-162): the engine is asked whether it does.
    fn psc_producer(
        &mut self,
        neg: &PscNeg,
        fronts: &[(&str, &LoadBalancer)],
        attachment: &ServiceAttachment,
        resource: &str,
    ) {
        let at = attachment.load_balancer.span;
        let what = match self.topology.published(&attachment.load_balancer.value) {
            Some(Published::LoadBalancer(id, _)) => format!("load_balancer/{id}"),
            Some(Published::Passthrough(id, _)) => format!("passthrough_load_balancer/{id}"),
            None => return,
        };
        let message = format!("{resource} leads to {what}, which has not one port");
        let finding = PSC_NEG_PORTS.finding(message).at(neg.target.span);
        let finding = finding.also(at, "what is published");
        self.report(finding.help("publish a forwarding rule of one port").resource(resource));
        let wide = fronts.iter().find(|(_, front)| !front.kind.value.is_regional());
        if let Some((front, load_balancer)) = wide {
            let message = format!("load_balancer/{front} does not reach {what}");
            let finding = PSC_NEG_WITHOUT_GLOBAL_ACCESS.finding(message).at(neg.target.span);
            let finding = finding.also(load_balancer.kind.span, "not regional");
            let help = format!("set `global_access: true` on {what}");
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Whether a backend speaks what the front end of the published load balancer does (ING-083).
    fn psc_protocol(
        &mut self,
        backend: &Backend,
        neg: &PscNeg,
        attachment: &ServiceAttachment,
        resource: &str,
    ) {
        let published = self.topology.published(&attachment.load_balancer.value);
        let Some(Published::LoadBalancer(id, load_balancer)) = published else { return };
        let front = load_balancer.front_ends.first();
        let https = match front.and_then(|front| front.protocol.as_ref()) {
            Some(protocol) => protocol.value == Protocol::Https,
            None => {
                let shared = &load_balancer.certificates;
                !front.map_or(shared, |front| &front.certificates).is_empty()
            }
        };
        let theirs = if https { Protocol::Https } else { Protocol::Http };
        let own = backend.protocol.as_ref().map_or(Protocol::Http, |own| own.value);
        if own == theirs {
            return;
        }
        let message = format!("{resource} speaks `{own}`, load_balancer/{id} `{theirs}`");
        let place = backend.protocol.as_ref().map_or(neg.target.span, |own| own.span);
        let finding = PSC_NEG_PROTOCOL.finding(message).at(place);
        let finding = finding.also(attachment.load_balancer.span, "what is published");
        self.report(finding.help(format!("set `protocol: {theirs}`")).resource(resource));
    }
}
