//! Ways around the guards of a load balancer.

use super::Linter;
use crate::inventory::relations::{can_refuse, is_external, run_app_is_open};
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::Backend;
use crate::topology::service::{Ingress, Service};

codes! {
    BYPASSED_POLICY = Warning "bypassed-policy" "ING-050" {
        "a security policy that the run.app URL bypasses",
        "with ingress `all` and the default URL on, the run.app URL bypasses the load balancer \
         and its security policy",
        "services:
  web: {region: europe-west1, ingress: all, invokers: [allUsers]}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
",
    }
    BYPASSED_IAP = Warning "bypassed-iap" "ING-051" {
        "IAP that the run.app URL bypasses",
        "IAP on a backend guards only the path by the load balancer",
        "services:
  web: {region: europe-west1, ingress: all, invokers: [allUsers]}
backends:
  web: {services: [web], iap: {accessors: [user:alice@example.com]}}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
",
    }
    BYPASSED_BY_MAPPING = Warning "bypassed-by-mapping" "ING-049" {
        "a domain mapping beside a guarded load balancer",
        "a domain mapping ends at Google's own front end: no security policy and no IAP of a load \
         balancer is on its path",
        "services:
  web: {region: europe-west1, default_url: false, invokers: [allUsers]}
domain_mappings:
  www.example.com: {service: web}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
",
    }
    UNGUARDED_SIBLING = Warning "unguarded-sibling" "ING-104" {
        "a backend without the guard that another backend of the service has",
        "security policy and IAP are per backend, so the weakest path counts",
        "services:
  web:
    region: europe-west1
    ingress: internal-and-cloud-load-balancing
    invokers: [allUsers]
backends:
  site: {services: [web], security_policy: edge}
  api: {services: [web]}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge:
    kind: global-external
    url_map: {default: site, hosts: {www.example.com: {paths: {/api/*: api}}}}
",
    }
    OPEN_BESIDE = Note "open-beside-load-balancer" "ING-010" {
        "a service behind a load balancer that its run.app URL enters as well",
        "ingress `all` admits every source, so the load balancer is not the only path in while the \
         default URL is on",
        "services:
  web: {region: europe-west1, ingress: all}
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
",
    }
    PUBLIC_BEHIND = Note "public-behind-load-balancer" "ING-052" {
        "allUsers on a service that is meant for a guarded load balancer only",
        "internal sources still reach the run.app URL directly, where only IAM is left, and \
         allUsers lets all of them in",
        "services:
  web:
    region: europe-west1
    ingress: internal-and-cloud-load-balancing
    invokers: [allUsers]
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
",
    }
    INTERNAL_BUT_OPEN = Warning "internal-but-open" "ING-010" {
        "a service behind an internal load balancer that the internet enters",
        "ingress `all` admits every source, whatever stands in front of the service",
        "networks:
  prod: {subnets: {p: {region: europe-west1, range: 10.0.0.0/24, purpose: regional-managed-proxy}}}
services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  inside: {kind: regional-internal, network: prod, region: europe-west1, url_map: {default: web}}
",
    }
    AUDIENCE_OF_CUSTOM_DOMAIN = Note "audience-of-custom-domain" "ING-072" {
        "a host that is no audience of a private service",
        "behind a load balancer the audience of a token is the run.app URL or a custom audience; \
         the host counts only if it is one",
        "services:
  web:
    region: europe-west1
    ingress: internal-and-cloud-load-balancing
    invokers: [user:alice@example.com]
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web, hosts: {www.example.com: {default: web}}}}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn guards(&mut self) {
        let topology = self.topology;
        let mut mapped: std::collections::HashMap<usize, Span> = std::collections::HashMap::new();
        for mapping in topology.domain_mappings.values() {
            for (name, at) in crate::topology::record::each(&mapping.service) {
                if let Some(index) = topology.services.index_of(name) {
                    mapped.entry(index).or_insert(at);
                }
            }
        }
        for (index, (id, entry)) in topology.services.iter().enumerate() {
            let service = &entry.value;
            let resource = format!("service/{id}");
            let key = entry.key_span;
            self.around(index, service, key, &resource, mapped.get(&index).copied());
            self.siblings(index, &resource);
            self.inside(index, service, key, &resource);
            self.internal(index, service, key, &resource);
            self.audience(index, service, key, &resource);
        }
    }

    /// The places of the security policy and of the IAP that guard a backend.
    fn guards_of(&self, backend: &Backend) -> (Option<(String, Span)>, Option<Span>) {
        let topology = self.topology;
        let fields = [&backend.security_policy, &backend.edge_security_policy];
        let policy = fields.into_iter().flatten().find_map(|field| {
            let name = field.known()?;
            let policy = topology.security_policies.get(name)?;
            can_refuse(policy).then(|| (name.clone(), field.span))
        });
        let iap = backend.iap.as_ref().filter(|_| backend.iap().is(true));
        (policy, iap.map(|iap| iap.span))
    }

    fn around(
        &mut self,
        index: usize,
        service: &Service,
        key: Span,
        resource: &str,
        mapped: Option<Span>,
    ) {
        if !service.ingress().is(Ingress::All) {
            return;
        }
        let topology = self.topology;
        let guarded: Vec<_> = self
            .relations
            .backends_of(topology, index, is_external)
            .map(|(_, backend, _)| self.guards_of(backend))
            .collect();
        let policy = guarded.iter().find_map(|(policy, _)| policy.clone());
        let public = self.relations.is_public(topology, index, service);
        let iap = guarded.iter().find_map(|(_, iap)| *iap);
        let iap = iap.filter(|_| public && !service.iap().is(true));
        let (at, words) = setting(service, key);
        let help = "set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`";
        if run_app_is_open(service) {
            if let Some((name, place)) = &policy {
                let message =
                    format!("the run.app URL of {resource} bypasses security_policy/{name}");
                let finding = BYPASSED_POLICY.finding(message).label(at, words);
                let finding = finding.also(*place, "the guard");
                self.report(finding.help(help).resource(resource));
            }
            if let Some(place) = iap {
                let message = format!("the run.app URL of {resource} bypasses IAP");
                let finding = BYPASSED_IAP.finding(message).label(at, words);
                let finding = finding.also(place, "the guard");
                let help = "set `ingress: internal-and-cloud-load-balancing`, or turn IAP on on the \
                            service instead";
                self.report(finding.help(help).resource(resource));
            }
        }
        if run_app_is_open(service) && policy.is_none() && iap.is_none() {
            self.beside(index, at, words, resource);
        }
        let guard = policy.map(|(_, place)| place).or(iap);
        if let (Some(mapping), Some(guard)) = (mapped, guard) {
            let message = format!(
                "the domain mapping of {resource} bypasses the guards of its load balancer"
            );
            let finding = BYPASSED_BY_MAPPING.finding(message).at(mapping);
            let finding = finding.also(guard, "a guard");
            let help = "set `ingress: internal-and-cloud-load-balancing`, or remove the mapping";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Open beside a load balancer that has no guard to go around.
    fn beside(&mut self, index: usize, at: Span, words: &str, resource: &str) {
        let topology = self.topology;
        let behind = self.relations.backends_of(topology, index, is_external).next();
        let Some((_, _, place)) = behind else { return };
        let message = format!("{resource} is open beside its load balancer");
        let finding = OPEN_BESIDE.finding(message).label(at, words);
        let finding = finding.also(place, "leads here from the load balancer");
        let help = "set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`";
        self.report(finding.help(help).resource(resource));
    }

    /// Open to everybody inside, past the guards of the load balancer that it is meant for.
    fn inside(&mut self, index: usize, service: &Service, key: Span, resource: &str) {
        let topology = self.topology;
        let meant = service.ingress().is(Ingress::InternalAndLoadBalancing)
            && service.default_url().is(true)
            && !service.iap().is(true);
        if !meant || !self.relations.is_public(topology, index, service) {
            return;
        }
        let guard = self
            .relations
            .backends_of(topology, index, is_external)
            .map(|(_, backend, _)| self.guards_of(backend))
            .find_map(|(policy, iap)| policy.map(|(_, place)| place).or(iap));
        let Some(guard) = guard else { return };
        let bindings = service.invokers.iter().chain(&service.iam);
        let everybody = bindings
            .flat_map(|binding| &binding.members)
            .find(|member| member.known().is_some_and(|member| member == "allUsers"));
        let at = everybody.map_or(key, |member| member.span);
        let message = format!("internal sources enter {resource} without its load balancer");
        let finding = PUBLIC_BEHIND.finding(message).at(at).also(guard, "the guard");
        let help = "grant roles/run.invoker to its actual callers only (with IAP on the backend, IAP's \
                    service agent), or set `default_url: false`";
        self.report(finding.help(help).resource(resource));
    }

    fn siblings(&mut self, index: usize, resource: &str) {
        let topology = self.topology;
        if self.relations.backends.get(index).is_none_or(|behind| behind.len() < 2) {
            return;
        }
        let backends: Vec<_> = self.relations.backends_of(topology, index, is_external).collect();
        let policy = backends.iter().find_map(|(_, backend, _)| self.guards_of(backend).0);
        let iap = backends.iter().find_map(|(_, backend, _)| self.guards_of(backend).1);
        for (id, backend, at) in backends {
            if let Some((name, place)) = &policy
                && backend.security_policy.is_none()
                && backend.edge_security_policy.is_none()
            {
                let message = format!(
                    "backend/{id} leads to {resource} without security_policy/{name}, which another \
                     backend has"
                );
                let finding = UNGUARDED_SIBLING.finding(message).at(at);
                let finding = finding.also(*place, "the guard");
                let help = format!("add `security_policy: {name}`");
                self.report(finding.help(help).resource(format!("backend/{id}")));
            }
            if let Some(place) = iap
                && backend.iap.is_none()
            {
                let message = format!(
                    "backend/{id} leads to {resource} without IAP, which another backend has"
                );
                let finding = UNGUARDED_SIBLING.finding(message).at(at);
                let finding = finding.also(place, "the guard");
                self.report(finding.help("add `iap`").resource(format!("backend/{id}")));
            }
        }
    }

    /// Behind an internal load balancer, but open to the internet.
    fn internal(&mut self, index: usize, service: &Service, key: Span, resource: &str) {
        let topology = self.topology;
        if !run_app_is_open(service)
            || self.relations.backends_of(topology, index, is_external).next().is_some()
        {
            return;
        }
        let internal = self
            .relations
            .backends_of(topology, index, |each| each.kind.value.is_internal())
            .next();
        let Some((id, _, _)) = internal else { return };
        let (at, words) = setting(service, key);
        let message =
            format!("{resource} is behind an internal load balancer, but open to the internet");
        let finding = INTERNAL_BUT_OPEN.finding(message).label(at, words);
        let place = topology.backends.entry(id).map_or(Span::none(), |entry| entry.key_span);
        let finding = finding.also(place, "leads here from an internal load balancer");
        self.report(finding.help("set `ingress: internal`").resource(resource));
    }

    fn audience(&mut self, index: usize, service: &Service, key: Span, resource: &str) {
        let topology = self.topology;
        if service.iap().is(true) || !self.relations.is_private(topology, index, service) {
            return;
        }
        let named = !service.invokers.is_empty();
        let mut backends = self.relations.backends_of(topology, index, |_| true);
        let Some((id, _, _)) = backends.find(|(_, backend, _)| !backend.iap().is(true)) else {
            return;
        };
        drop(backends);
        if !named || !service.invoker_check().is(true) {
            return;
        }
        let accepted = |host: &str| {
            service.custom_audiences.iter().any(|audience| {
                let text = audience.value.as_str();
                let text = text.strip_prefix("https://").unwrap_or(text);
                text.split('/').next().unwrap_or(text).eq_ignore_ascii_case(host)
            })
        };
        let host = self.relations.fronts(topology, id).find_map(|(_, load_balancer)| {
            let certificates = load_balancer.certificates.iter();
            let certificates = certificates.map(|name| (name.value.as_str(), name.span));
            let hosts = load_balancer.url_maps().flat_map(|map| map.hosts.iter());
            let hosts = hosts.map(|(host, entry)| (&**host, entry.key_span));
            let mut all = hosts.chain(certificates).filter(|(host, _)| !host.contains('*'));
            all.find(|(host, _)| !accepted(host))
        });
        if let Some((host, place)) = host {
            let message = format!("`{host}` is no audience of {resource}");
            let at = service.custom_audiences.first().map_or(key, |audience| audience.span);
            let finding = AUDIENCE_OF_CUSTOM_DOMAIN.finding(message).at(at);
            let finding = finding.also(place, "leads there");
            let help = format!("add `https://{host}` to `custom_audiences`");
            self.report(finding.help(help).resource(resource));
        }
    }
}

/// The place of the ingress setting `all`, and what to say there.
fn setting(service: &Service, key: Span) -> (Span, &'static str) {
    match &service.ingress {
        Some(ingress) => (ingress.span, ""),
        None => (key, "the ingress setting is `all` if it is not given"),
    }
}
