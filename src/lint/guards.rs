//! Ways around the guards of a load balancer.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::{BTreeMap, HashMap};

use super::Asker;
use super::ask::{AskedWay, EndsId, Engine, SourceId};
use crate::graph::{Entry, ResourceId, ResourceKind};
use crate::inventory::relations::{can_refuse, is_external};
use crate::sets::Set;
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{Backend, LoadBalancer};
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
  web: {region: europe-west1, ingress: all, invokers: [allUsers]}
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
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24, private_google_access: true}}}
services:
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
  web: {region: europe-west1, invokers: [allUsers]}
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

/// The ways by which a service is entered from the internet, by their entries.
#[derive(Default)]
struct Entered {
    by_url: Vec<AskedWay>,
    by_mapping: Vec<AskedWay>,
    by_balancer: Vec<AskedWay>,
}

/// A guard of the backends of a service.
#[derive(Clone, Copy)]
enum BackendGuard<'m> {
    Policy(&'m str),
    Iap,
}

impl<'m> Asker<'m, '_> {
    pub(super) fn guards(&mut self) {
        let topology = self.topology;
        let mut mapped: HashMap<Id<Service>, Span> = HashMap::new();
        for mapping in topology.domain_mappings.values() {
            for (name, at) in crate::topology::record::each(&mapping.service) {
                if let Some(index) = topology.services.id_of(name) {
                    mapped.entry(index).or_insert(at);
                }
            }
        }
        let entered = self.entered();
        let inside = self.entered_inside();
        let nothing = Entered::default();
        for (index, (id, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let resource = format!("service/{id}");
            let key = entry.key_span;
            let own = entered.get(&index).unwrap_or(&nothing);
            self.around(index, service, key, &resource, mapped.get(&index).copied(), own);
            self.siblings(index, &resource, &own.by_balancer);
            self.internal(index, service, key, &resource, &own.by_url);
            let own_inside = inside.get(&index).unwrap_or(&nothing);
            self.inside(index, service, key, &resource, &own_inside.by_url);
            let balanced: Vec<&AskedWay> =
                own.by_balancer.iter().chain(&own_inside.by_balancer).collect();
            self.audience(index, service, key, &resource, &balanced);
        }
    }

    /// How services behind load balancers are entered from the internet.
    fn entered(&mut self) -> HashMap<Id<Service>, Entered> {
        let topology = self.topology;
        let behind = |index: &Id<Service>| {
            self.relations.backends_of(topology, *index, |_| true).next().is_some()
        };
        let services: Vec<Id<Service>> = topology.services.ids().filter(behind).collect();
        let mut entered = HashMap::new();
        if let Some(internet) = self.engine.source("internet") {
            // Of all services: others ask the same.
            let together = self.engine.services();
            self.enter(internet, &services, Some(together), &mut entered);
        }
        entered
    }

    /// How services are entered from the networks of their projects, and from those of internal
    /// load balancers that lead to them.
    fn entered_inside(&mut self) -> HashMap<Id<Service>, Entered> {
        let topology = self.topology;
        let mut from: BTreeMap<Id<Network>, Vec<Id<Service>>> = BTreeMap::new();
        let of_projects = self.relations.networks_by_project();
        for (index, (_, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let mut networks: Vec<Id<Network>> = Vec::new();
            if self.is_meant_for_balancer(index, service) {
                let project = topology.service_project(index);
                networks
                    .extend(project.and_then(|own| of_projects.get(&own)).into_iter().flatten());
            }
            if self.has_audience(index, service) {
                let backends = self.relations.backends_of(topology, index, is_internal);
                let fronts = backends.flat_map(|(id, _, _)| self.relations.fronts(topology, id));
                let named = fronts.filter_map(|(_, own)| own.network.as_ref()?.known());
                networks.extend(named.filter_map(|own| topology.networks.id_of(own)));
            }
            networks.sort_unstable();
            networks.dedup();
            networks.into_iter().for_each(|own| from.entry(own).or_default().push(index));
        }
        let mut entered = HashMap::new();
        for (network, services) in from {
            let (id, _) = topology.networks.at(network);
            let Some(source) = self.engine.source(&format!("network/{id}")) else { continue };
            self.enter(source, &services, None, &mut entered);
        }
        entered
    }

    /// How some services are entered by a sender, asked of these alone or of ends that hold them.
    fn enter(
        &mut self,
        source: SourceId,
        services: &[Id<Service>],
        together: Option<EndsId>,
        entered: &mut HashMap<Id<Service>, Entered>,
    ) {
        let topology = self.topology;
        let mut ends: HashMap<ResourceId, Id<Service>> = HashMap::new();
        for index in services {
            let (id, _) = topology.services.at(*index);
            let end = self.engine.resource(ResourceKind::Service, id);
            ends.extend(end.map(|end| (end, *index)));
        }
        let own = |engine: &mut Engine<'_>| engine.ends(ends.keys().copied().collect());
        let together = together.unwrap_or_else(|| own(&mut self.engine));
        for way in self.engine.ways(source, together).iter() {
            let Some(index) = ends.get(&way.to).filter(|_| self.engine.is_delivered(way)) else {
                continue;
            };
            let own = entered.entry(*index).or_default();
            match way.entry.map(|entry| self.engine.graph.entry(entry)) {
                Some(Entry::RunApp | Entry::RunAppTag(_)) => own.by_url.push(way.clone()),
                Some(Entry::DomainMapping(_)) => own.by_mapping.push(way.clone()),
                Some(Entry::LoadBalancer { .. }) => own.by_balancer.push(way.clone()),
                _ => {}
            }
        }
    }

    /// Whether a way passes a guard.
    fn is_guarded(&self, way: &AskedWay, guard: BackendGuard<'_>) -> bool {
        way.hops.iter().any(|hop| {
            let own = self.engine.graph.resource(self.engine.graph.hop(*hop).resource);
            match guard {
                BackendGuard::Policy(name) => {
                    own.kind == ResourceKind::SecurityPolicy && &*own.id == name
                }
                BackendGuard::Iap => own.kind == ResourceKind::Iap,
            }
        })
    }

    /// Whether some request gets in by one of some ways past a guard, whatever is assumed: past a
    /// policy anyone's, past IAP that of somebody who does not say who it is.
    fn gets_past<'w>(
        &mut self,
        ways: impl IntoIterator<Item = &'w AskedWay>,
        guard: BackendGuard<'_>,
    ) -> bool {
        let past = ways.into_iter().filter(|way| !self.is_guarded(way, guard));
        let mut sets: Vec<Set> = past.map(|way| way.requests).collect();
        if matches!(guard, BackendGuard::Iap) {
            let anybody = self.engine.anonymous();
            for set in &mut sets {
                *set = self.engine.solver.sets.and(*set, anybody);
            }
        }
        self.engine.is_sure(&sets)
    }

    /// Whether some request gets in by one of some ways, whatever is assumed.
    fn gets_in(&mut self, ways: &[AskedWay]) -> bool {
        let sets: Vec<Set> = ways.iter().map(|way| way.requests).collect();
        self.engine.is_sure(&sets)
    }

    /// The places of the security policy and of the IAP that guard a backend.
    fn guards_of(&self, backend: &'m Backend) -> (Option<(&'m str, Span)>, Option<Span>) {
        let topology = self.topology;
        let fields = [&backend.security_policy, &backend.edge_security_policy];
        let policy = fields.into_iter().flatten().find_map(|field| {
            let name = field.known()?;
            let policy = topology.security_policies.get(name)?;
            can_refuse(policy).then_some((name.as_str(), field.span))
        });
        let iap = backend.iap.as_ref().filter(|_| backend.iap().is(true));
        (policy, iap.map(|iap| iap.span))
    }

    /// The first security policy and the first IAP on the backends of external load balancers that
    /// lead to a service.
    fn guards_before(&self, index: Id<Service>) -> (Option<(&'m str, Span)>, Option<Span>) {
        let backends = self.relations.backends_of(self.topology, index, is_external);
        let guards: Vec<_> = backends.map(|(_, backend, _)| self.guards_of(backend)).collect();
        let policy = guards.iter().find_map(|(policy, _)| *policy);
        (policy, guards.iter().find_map(|(_, iap)| *iap))
    }

    fn around(
        &mut self,
        index: Id<Service>,
        service: &Service,
        key: Span,
        resource: &str,
        mapped: Option<Span>,
        entered: &Entered,
    ) {
        let (policy, iap) = self.guards_before(index);
        let (at, words) = setting(service, key);
        let help = "set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`";
        let url = &entered.by_url;
        let past_policy =
            policy.filter(|(name, _)| self.gets_past(url, BackendGuard::Policy(name)));
        let past_iap = iap.filter(|_| self.gets_past(url, BackendGuard::Iap));
        if let Some((name, place)) = past_policy {
            let message = format!("the run.app URL of {resource} bypasses security_policy/{name}");
            let finding = BYPASSED_POLICY.finding(message).label(at, words);
            let finding = finding.also(place, "the guard");
            self.report(finding.help(help).resource(resource));
        }
        if let Some(place) = past_iap {
            let message = format!("the run.app URL of {resource} bypasses IAP");
            let finding = BYPASSED_IAP.finding(message).label(at, words);
            let finding = finding.also(place, "the guard");
            let help = "set `ingress: internal-and-cloud-load-balancing`, or turn IAP on on the \
                        service instead";
            self.report(finding.help(help).resource(resource));
        }
        if past_policy.is_none() && past_iap.is_none() && self.gets_in(url) {
            self.beside(index, at, words, resource);
        }
        let mapping = &entered.by_mapping;
        let past_policy =
            policy.filter(|(name, _)| self.gets_past(mapping, BackendGuard::Policy(name)));
        let past_iap = iap.filter(|_| self.gets_past(mapping, BackendGuard::Iap));
        if let Some(mapping) = mapped
            && let Some(guard) = past_policy.map(|(_, place)| place).or(past_iap)
        {
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
    fn beside(&mut self, index: Id<Service>, at: Span, words: &str, resource: &str) {
        let topology = self.topology;
        let behind = self.relations.backends_of(topology, index, is_external).next();
        let Some((_, _, place)) = behind else { return };
        let message = format!("{resource} is open beside its load balancer");
        let finding = OPEN_BESIDE.finding(message).label(at, words);
        let finding = finding.also(place, "leads here from the load balancer");
        let help = "set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`";
        self.report(finding.help(help).resource(resource));
    }

    /// Whether a service is meant to be entered by a guarded external load balancer, and by inside.
    fn is_meant_for_balancer(&self, index: Id<Service>, service: &Service) -> bool {
        service.ingress().is(Ingress::InternalAndLoadBalancing)
            && self.guards_before(index) != (None, None)
    }

    /// Open to everybody inside, past the guards of the load balancer that it is meant for.
    fn inside(
        &mut self,
        index: Id<Service>,
        service: &Service,
        key: Span,
        resource: &str,
        by_url: &[AskedWay],
    ) {
        if !self.is_meant_for_balancer(index, service) || !self.gets_past(by_url, BackendGuard::Iap)
        {
            return;
        }
        let (policy, iap) = self.guards_before(index);
        let Some(guard) = policy.map(|(_, place)| place).or(iap) else { return };
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

    /// Backends that lead to a service without a guard that others have.
    fn siblings(&mut self, index: Id<Service>, resource: &str, ways: &[AskedWay]) {
        let topology = self.topology;
        if self.relations.backends[index].len() < 2 {
            return;
        }
        let backends: Vec<_> = self.relations.backends_of(topology, index, is_external).collect();
        let (policy, iap) = self.guards_before(index);
        for (id, backend, at) in backends {
            let Some(own) = self.engine.resource(ResourceKind::Backend, id) else { continue };
            let by_it = || ways.iter().filter(|way| way.passes(self.engine.graph, own));
            let by_it: Vec<&AskedWay> = by_it().collect();
            if let Some((name, place)) = policy
                && backend.security_policy.is_none()
                && backend.edge_security_policy.is_none()
                && self.gets_past(by_it.iter().copied(), BackendGuard::Policy(name))
            {
                let message = format!(
                    "backend/{id} leads to {resource} without security_policy/{name}, which another \
                     backend has"
                );
                let finding = UNGUARDED_SIBLING.finding(message).at(at);
                let finding = finding.also(place, "the guard");
                let help = format!("add `security_policy: {name}`");
                self.report(finding.help(help).resource(format!("backend/{id}")));
            }
            if let Some(place) = iap
                && backend.iap.is_none()
                && self.gets_past(by_it, BackendGuard::Iap)
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
    fn internal(
        &mut self,
        index: Id<Service>,
        service: &Service,
        key: Span,
        resource: &str,
        by_url: &[AskedWay],
    ) {
        let topology = self.topology;
        if self.relations.backends_of(topology, index, is_external).next().is_some() {
            return;
        }
        let behind = self.relations.backends_of(topology, index, is_internal).next();
        let Some((id, _, _)) = behind.filter(|_| self.gets_in(by_url)) else { return };
        let (at, words) = setting(service, key);
        let message =
            format!("{resource} is behind an internal load balancer, but open to the internet");
        let finding = INTERNAL_BUT_OPEN.finding(message).label(at, words);
        let place = topology.backends.entry(id).map_or(Span::none(), |entry| entry.key_span);
        let finding = finding.also(place, "leads here from an internal load balancer");
        self.report(finding.help("set `ingress: internal`").resource(resource));
    }

    /// Whether callers of a service behind a load balancer need a token of their own.
    fn has_audience(&self, index: Id<Service>, service: &Service) -> bool {
        !service.invokers.is_empty()
            && !service.iap().is(true)
            && service.invoker_check().is(true)
            && self.relations.is_private(self.topology, index, service)
    }

    /// A host that leads to a service, which takes no token for it.
    fn audience(
        &mut self,
        index: Id<Service>,
        service: &Service,
        key: Span,
        resource: &str,
        ways: &[&AskedWay],
    ) {
        if !self.has_audience(index, service) {
            return;
        }
        let open = |way: &&&AskedWay| !self.is_guarded(way, BackendGuard::Iap);
        let ways: Vec<&AskedWay> = ways.iter().filter(open).copied().collect();
        let mut asked: Vec<(&str, Span)> = Vec::new();
        for way in &ways {
            for (host, place) in self.hosts_of(way) {
                if !asked.iter().any(|(known, _)| *known == host) {
                    asked.push((host, place));
                }
            }
        }
        let refused = asked.into_iter().find(|(host, _)| {
            let engine = &mut self.engine;
            let leading: Vec<&&AskedWay> =
                ways.iter().filter(|way| engine.leads_for(way, host)).collect();
            !leading.is_empty() && !leading.into_iter().any(|way| engine.takes_token_for(way, host))
        });
        let Some((host, place)) = refused else { return };
        let message = format!("`{host}` is no audience of {resource}");
        let at = service.custom_audiences.first().map_or(key, |audience| audience.span);
        let finding = AUDIENCE_OF_CUSTOM_DOMAIN.finding(message).at(at);
        let finding = finding.also(place, "leads there");
        let help = format!("add `https://{host}` to `custom_audiences`");
        self.report(finding.help(help).resource(resource));
    }

    /// The hosts by which a load balancer may be asked on a way, with where they are named.
    fn hosts_of(&self, way: &AskedWay) -> Vec<(&'m str, Span)> {
        let entry = way.entry.map(|entry| self.engine.graph.entry(entry));
        let Some(Entry::LoadBalancer { id, host, .. }) = entry else { return Vec::new() };
        let Some(load_balancer) = self.topology.load_balancers.get(id) else { return Vec::new() };
        let exact = |name: &str| !name.contains('*');
        if exact(host) {
            let hosts = load_balancer.url_maps().flat_map(|map| map.hosts.iter());
            let named = hosts.filter(|(own, _)| own.eq_ignore_ascii_case(host));
            return named.map(|(own, entry)| (&**own, entry.key_span)).take(1).collect();
        }
        let certificates = load_balancer.certificates.iter();
        let names = certificates.map(|name| (name.value.as_str(), name.span));
        names.filter(|(name, _)| exact(name)).collect()
    }
}

fn is_internal(load_balancer: &LoadBalancer) -> bool {
    load_balancer.kind.value.is_internal()
}

/// The place of the ingress setting `all`, and what to say there.
fn setting(service: &Service, key: Span) -> (Span, &'static str) {
    match &service.ingress {
        Some(ingress) => (ingress.span, ""),
        None => (key, "the ingress setting is `all` if it is not given"),
    }
}
