//! Application Load Balancers: front ends and backends (ING-083 to ING-115).

use crate::graph::{Branch, ChoiceKind, Placeholder};
use crate::graph::{Gap, GapKind, HopKind, ResourceKind, Touches, Unsaid};
use std::net::IpAddr;

use super::network::{Consumer, InternetNeg};
use super::outside::OutsideListener;
use super::url_map::host_pattern;
use super::{Core, Memo, Outside, Place, Policies, Services};
use crate::graph::expression::{Atom, ExpressionId, Origin, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, Outcome, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::condition::TextTest;
use crate::topology::load_balancer::{
    Backend, FrontEnd, LoadBalancer, LoadBalancerKind, Neg, Protocol,
};
use crate::topology::network::Network;
use crate::topology::record::{Field, Id};

/// The load balancer that hops are being made for.
pub(super) struct Front<'t> {
    pub of: Id<LoadBalancer>,
    pub id: &'t str,
    pub load_balancer: &'t LoadBalancer,
    /// Whether its routes are entry paths: not for who comes by another load balancer.
    pub is_entry: bool,
    /// The region of the proxies, for a front end of a cross-region internal one.
    pub region: Option<&'t str>,
}

impl<'t> Front<'t> {
    /// A load balancer as an entry path, or as another one leads to it.
    pub(super) fn new(topology: &'t Topology, of: Id<LoadBalancer>, is_entry: bool) -> Self {
        let (id, entry) = topology.load_balancers.at(of);
        Front { of, id, load_balancer: &entry.value, is_entry, region: None }
    }

    fn kind(&self) -> LoadBalancerKind {
        self.load_balancer.kind.value
    }

    /// One of its front ends: the proxies of a cross-region internal one are in the region of each
    /// address (ING-094).
    fn at(&self, topology: &'t Topology, front_end: Option<&'t FrontEnd>) -> Self {
        let own = self.load_balancer;
        let region = || {
            if let Some(region) = front_end.and_then(|own| own.region.as_ref()) {
                return Some(&*region.value);
            }
            let address = front_end.and_then(|own| own.address.as_ref()).or(own.address.as_ref());
            let address = address.and_then(Field::known)?;
            let network = own.network.as_ref().and_then(Field::known)?;
            let mut subnets = topology.networks.get(network)?.subnets.values();
            let holding = subnets.find(|own| own.ranges().any(|range| range.contains(address)));
            holding.map(|subnet| &*subnet.region.value)
        };
        let across = self.kind() == LoadBalancerKind::CrossRegionInternal;
        Front { region: across.then(region).flatten(), ..*self }
    }
}

/// A replaced host, and a replaced prefix of the path.
pub(super) type Rewrite = (Option<String>, Option<(String, String)>);

/// What makes the hops of a backend: the backend, the load balancer, and the route's rewrite.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct BackendKey {
    backend: String,
    load_balancer: Id<LoadBalancer>,
    region: Option<Box<str>>,
    rewrite: Option<Rewrite>,
}

impl BackendKey {
    pub(super) fn new(backend: &str, front: &Front<'_>, rewrite: Option<Rewrite>) -> Self {
        let region = front.region.map(Box::from);
        BackendKey { backend: backend.into(), load_balancer: front.of, region, rewrite }
    }
}

/// A front end of an internal load balancer, as clients in its network see it.
#[derive(Debug, Clone)]
pub(super) struct InternalListener {
    pub address: IpAddr,
    pub load_balancer: Id<LoadBalancer>,
    /// The region whose clients reach it; `None` if all do.
    pub region: Option<String>,
    /// Under which assumptions clients of other regions reach it as well (ING-109).
    pub global: ExpressionId,
    /// Whether the network has proxies for it (ING-112).
    pub has_proxies: bool,
    pub hop: HopId,
}

/// A front end in canonical form.
struct Listener<'t> {
    address: IpAddr,
    front_end: Option<&'t FrontEnd>,
    ports: Vec<(u16, u16)>,
    https: bool,
    hop: HopId,
}

/// Load balancers: what is before and behind each.
pub(super) struct LoadBalancers<'t> {
    pub services: Services,
    pub policies: Policies,
    pub outside: Outside,
    /// Internal load balancers by network.
    pub inside: Memo<Id<Network>, Vec<InternalListener>>,
    /// As others see them that pass requests on to them.
    behind_others: Memo<Id<LoadBalancer>, HopId>,
    backends: Memo<BackendKey, HopId>,
    /// Private Service Connect NEGs that are not connected yet.
    pub psc_negs: Vec<Consumer<'t>>,
    /// Internet NEGs that are not connected yet.
    pub internet_negs: Vec<InternetNeg>,
}

impl<'t> LoadBalancers<'t> {
    pub(super) fn new(services: Services) -> Self {
        LoadBalancers {
            services,
            policies: Policies::default(),
            outside: Outside::default(),
            inside: Memo::default(),
            behind_others: Memo::default(),
            backends: Memo::default(),
            psc_negs: Vec::new(),
            internet_negs: Vec::new(),
        }
    }

    /// Every load balancer, from its backends to its front ends.
    pub(super) fn build_load_balancers(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        for of in topology.load_balancers.ids() {
            let front = Front::new(topology, of, true);
            if front.kind() == LoadBalancerKind::Network {
                continue;
            }
            self.build_load_balancer(core, &front, topology.load_balancers.at(of).1.key_span);
        }
    }

    /// The front ends of a load balancer.
    fn listeners<'f>(&mut self, core: &mut Core<'t>, front: &Front<'f>) -> Vec<Listener<'f>> {
        let load_balancer = front.load_balancer;
        let internal = front.kind().is_internal();
        let own = Placeholder::of(ResourceKind::LoadBalancer, front.id);
        let mut listeners = Vec::new();
        if load_balancer.front_ends.is_empty() {
            let https = !load_balancer.certificates.is_empty();
            let address = core.address(load_balancer.address.as_ref(), own.clone(), internal);
            let port = if https { 443 } else { 80 };
            let ports = vec![(port, port)];
            let hop = self.url_map(core, &front.at(core.topology, None), &load_balancer.url_map);
            listeners.push(Listener { address, front_end: None, ports, https, hop });
        }
        let mut maps: Vec<(Option<&str>, HopId)> = Vec::new();
        for each in &load_balancer.front_ends {
            let https = match each.protocol.as_ref().map(|protocol| protocol.value) {
                Some(protocol) => protocol == Protocol::Https,
                None => !each.certificates.is_empty(),
            };
            let address = core.address(
                each.address.as_ref().or(load_balancer.address.as_ref()),
                own.clone(),
                internal,
            );
            let mut ports: Vec<(u16, u16)> =
                each.ports.iter().map(|port| (port.value, port.value)).collect();
            if ports.is_empty() {
                ports.push(if https { (443, 443) } else { (80, 80) });
            }
            let hop = if each.redirect_to_https() {
                let resource = core.resource(ResourceKind::LoadBalancer, front.id);
                let outcome = core.outcome(Outcome::Redirected {
                    status: 301,
                    location: Some("https://{host}{path}".into()),
                });
                let place = Place::new(resource, HopKind::Redirect, RuleId::ing(97), each.span);
                core.hop(place, Body::Terminal(outcome))
            } else {
                let front = front.at(core.topology, Some(each));
                let known = maps.iter().find(|(region, _)| *region == front.region);
                match (&each.url_map, known) {
                    (Some(map), _) => self.url_map(core, &front, map),
                    (None, Some((_, hop))) => *hop,
                    (None, None) => {
                        let hop = self.url_map(core, &front, &load_balancer.url_map);
                        maps.push((front.region, hop));
                        hop
                    }
                }
            };
            listeners.push(Listener { address, front_end: Some(each), ports, https, hop });
        }
        listeners
    }

    /// The first front end of a load balancer, as one that passes requests on to it sees it.
    pub(super) fn behind_another(
        &mut self,
        core: &mut Core<'t>,
        of: Id<LoadBalancer>,
    ) -> Option<HopId> {
        if let Some(&hop) = self.behind_others.get(&of) {
            return Some(hop);
        }
        let front = Front::new(core.topology, of, false);
        let listener = self.listeners(core, &front).into_iter().next()?;
        let resource = core.resource(ResourceKind::LoadBalancer, front.id);
        let at = core.topology.load_balancers.at(of).1.key_span;
        let place = Place::new(resource, HopKind::FrontEnd, RuleId::ing(83), at);
        let closed = core.drop(Cause::ForwardingRuleMismatch);
        let otherwise = core.end(place, closed);
        let when = core.listens(&listener.ports, listener.https);
        let branches = vec![(when, listener.hop)].into();
        let hop = core.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }));
        self.behind_others.insert(of, hop);
        Some(hop)
    }

    fn build_load_balancer(&mut self, core: &mut Core<'t>, front: &Front<'_>, at: Span) {
        let internal = front.kind().is_internal();
        let listeners = self.listeners(core, front);
        self.name_load_balancer(core, front, listeners.first().map(|listener| listener.address));

        // One hop for each address: which front end by port and protocol.
        let mut addresses: Vec<IpAddr> =
            listeners.iter().map(|listener| listener.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        for address in addresses {
            let resource = core.resource(ResourceKind::LoadBalancer, front.id);
            let place = Place::new(resource, HopKind::FrontEnd, RuleId::ing(83), at);
            let mut branches = Vec::new();
            let mut front_end = None;
            for listener in listeners.iter().filter(|listener| listener.address == address) {
                front_end = front_end.or(listener.front_end);
                let when = core.listens(&listener.ports, listener.https);
                branches.push((when, listener.hop));
            }
            if internal {
                let closed = core.drop(Cause::ForwardingRuleMismatch);
                let otherwise = core.end(place, closed);
                let switch = Switch::FirstMatch { branches: branches.into(), otherwise };
                let hop = core.hop(place, Body::Switch(switch));
                self.announce_internal(core, front, front_end, address, hop);
            } else {
                let mut own = Vec::new();
                for (when, hop) in branches {
                    let hop = core.behind_proxies(front, place, hop);
                    own.push(OutsideListener { when, hop, place });
                }
                self.outside.listeners.entry(address).or_default().extend(own);
                self.outside.balancers.entry(address).or_default().push(front.of);
            }
        }
    }

    fn name_load_balancer(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        address: Option<IpAddr>,
    ) {
        let Some(address) = address else { return };
        if core.placeholders.what(address).is_none() {
            // The bare address is a host as well.
            let host = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            core.names.declare_address(&host, address);
        }
        let load_balancer = front.load_balancer;
        let certificates = load_balancer
            .certificates
            .iter()
            .chain(load_balancer.front_ends.iter().flat_map(|each| &each.certificates));
        for name in certificates {
            let name = name.value.to_ascii_lowercase();
            core.names.declare_address(&name, address);
            core.names.declare_certificate(address, &name);
        }
        let maps = std::iter::once(&load_balancer.url_map)
            .chain(load_balancer.front_ends.iter().filter_map(|each| each.url_map.as_ref()));
        for map in maps {
            for host in map.hosts.keys() {
                let host = host_pattern(host);
                if host != "*" {
                    core.names.declare_address(&host, address);
                }
            }
        }
    }

    fn announce_internal(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        front_end: Option<&FrontEnd>,
        address: IpAddr,
        hop: HopId,
    ) {
        let topology = core.topology;
        let load_balancer = front.load_balancer;
        let network = load_balancer.network.as_ref().and_then(Field::known);
        let Some(network) = network.and_then(|network| topology.networks.id_of(network)) else {
            // Clients of some network enter it.
            let of = format!("load_balancer/{}", front.id).into();
            let field = load_balancer.network.as_ref();
            let why = field.and_then(Field::unknown).map_or("", |unknown| &unknown.text).into();
            let what = GapKind::Unsaid { what: Unsaid::Network, of, why };
            let at = field.map_or(load_balancer.span.at_start(), |field| field.span);
            core.gaps.push(Gap::opens(what, at, Touches::Entry(hop)));
            return;
        };
        let regional = front.kind().is_regional();
        let region = load_balancer.region.as_ref().and_then(Field::known).cloned();
        let global = if regional {
            let what = format!("global access of load_balancer/{}", front.id);
            let access = load_balancer.global_access_of(front_end);
            core.whether(access, &what)
        } else {
            core.expressions.always()
        };
        // A cross-region one needs proxies in the region of each address (ING-112).
        let own_region = front_end.and_then(|each| each.region.as_ref()).map(|own| &*own.value);
        let of_proxies = if regional { region.as_deref() } else { own_region };
        let has_proxies = front
            .kind()
            .proxies()
            .is_none_or(|purpose| core.inventory.has_proxy_subnet(network, purpose, of_proxies));
        let listener = InternalListener {
            address,
            load_balancer: front.of,
            region: if regional { region } else { None },
            global,
            has_proxies,
            hop,
        };
        self.inside.entry(network).or_default().push(listener);
    }

    /// The first hop of a backend: hierarchical policy, edge policy, cache, backend policy, IAP,
    /// rewrite, NEG (ING-102, ING-134 to ING-136).
    pub(super) fn backend(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        key: BackendKey,
    ) -> HopId {
        if let Some(&hop) = self.backends.get(&key) {
            return hop;
        }
        let hop = self.build_backend(core, front, &key);
        self.backends.insert(key, hop);
        hop
    }

    fn build_backend(&mut self, core: &mut Core<'t>, front: &Front<'_>, key: &BackendKey) -> HopId {
        let topology = core.topology;
        let id = key.backend.as_str();
        if let Some(bucket) = id.strip_prefix("backend_bucket/") {
            return self.policies.bucket(core, front, bucket);
        }
        let Some(of) = topology.backends.id_of(id) else {
            let resource = core.resource(ResourceKind::Backend, id);
            let verdict = core.refuse(Cause::NoBackend, 503);
            let place = Place::new(resource, HopKind::Backend, RuleId::ing(97), Span::none());
            return core.end(place, verdict);
        };
        let entry = topology.backends.at(of).1;
        let backend = &entry.value;
        let project = core.inventory.backend_project(backend);
        let resource = core.resource(ResourceKind::Backend, id);

        let negs = self.negs(core, front, of);
        let mut changes = vec![FieldChange::Origin(Origin::LoadBalancer {
            id: front.of,
            internal: front.kind().is_internal(),
        })];
        if let Some((host, path)) = &key.rewrite {
            changes.extend(host.iter().map(|host| FieldChange::Host(host.as_str().into())));
            changes.extend(path.iter().map(|(from, to)| FieldChange::PathPrefix {
                from: from.as_str().into(),
                to: to.as_str().into(),
            }));
        }
        let place = Place::new(resource, HopKind::Backend, RuleId::ing(102), entry.key_span);
        let proxied = core.hop(place, Body::Rewrite { changes: changes.into(), next: negs });
        let identified = match &backend.iap {
            Some(iap) => {
                self.services.grants.iap_hops(core, iap, id, project, RuleId::ing(140), proxied)
            }
            None => proxied,
        };

        let armored = !matches!(front.kind(), LoadBalancerKind::CrossRegionInternal);
        let global =
            matches!(front.kind(), LoadBalancerKind::GlobalExternal | LoadBalancerKind::Classic);
        let policy = if armored { backend.security_policy.as_ref() } else { None };
        let what = format!("the security policy of backend/{id}");
        let guarded = self.policies.attached_policy(core, policy, &what, false, identified);
        let with_cache = |core: &mut Core<'t>, inner: HopId| {
            if global { core.cache(front, id, backend, entry.key_span, inner) } else { inner }
        };
        let cached = with_cache(core, guarded);
        let what = format!("the edge security policy of backend/{id}");
        let edge_policy = if global { backend.edge_security_policy.as_ref() } else { None };
        let edge = self.policies.attached_policy(core, edge_policy, &what, true, cached);
        let regional = front.kind() == LoadBalancerKind::RegionalExternal;
        if !global && !regional {
            return edge;
        }
        // An allow of the hierarchy skips the policies of the backend (ING-137).
        let skipped = with_cache(core, identified);
        let outer = self.policies.hierarchical_policies(core, project, skipped, edge);
        if regional && outer != edge {
            // Whether the hierarchy's policies hold for regional load balancers is disputed.
            let fewer = core.disputed("regional-policies-have-fewer-features");
            let place =
                Place::new(resource, HopKind::PolicyScope, RuleId::ing(138), entry.key_span);
            let branches = vec![(fewer, edge)].into();
            return core
                .hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise: outer }));
        }
        if outer == edge || edge == cached {
            return outer;
        }
        // Whether the edge policy comes before or behind the hierarchy is disputed; the two
        // orders differ where the hierarchy allows.
        let inner = self.policies.hierarchical_policies(core, project, skipped, cached);
        let edge_first = self.policies.attached_policy(core, edge_policy, &what, true, inner);
        let first = core.disputed("hierarchical-before-edge");
        let place = Place::new(resource, HopKind::PolicyOrder, RuleId::ing(136), entry.key_span);
        let switch =
            Switch::FirstMatch { branches: vec![(first, outer)].into(), otherwise: edge_first };
        core.hop(place, Body::Switch(switch))
    }

    /// The NEGs of a backend: Google chooses one by region (ING-091 to ING-095).
    fn negs(&mut self, core: &mut Core<'t>, front: &Front<'_>, of: Id<Backend>) -> HopId {
        let (id, entry) = core.topology.backends.at(of);
        let backend = &entry.value;
        let resource = core.resource(ResourceKind::Backend, id);
        let at = backend.span.at_start();
        let place = Place::new(resource, HopKind::ServerlessNeg, RuleId::ing(84), at);
        let mut negs: Vec<&Neg> = backend.services.iter().collect();
        let with_iap = backend.iap.is_some();
        if front.kind() == LoadBalancerKind::CrossRegionInternal && with_iap {
            negs.truncate(1); // ING-095
        }
        let mut ways: Vec<NegWay<'_>> = Vec::new();
        for neg in &backend.psc_negs {
            let hop = self.psc_neg(core, front, of, neg);
            let target = neg.target.value.split_once('/');
            let named = target
                .and_then(|(kind, id)| Some((ResourceKind::from_name(kind)?, id)))
                .map(|(kind, id)| Branch::Resource(kind, id.into()));
            let region = neg.region.as_ref().map(|region| &*region.value).or_else(|| {
                let id = neg.target.value.strip_prefix("service_attachment/")?;
                let attachment = core.topology.service_attachments.get(id)?;
                core.topology.published_region(&attachment.load_balancer.value)
            });
            ways.push(NegWay { hop, word: named.unwrap_or(Branch::Nothing), region });
        }
        for group in &backend.endpoint_groups {
            if let Some(hop) = self.endpoint_group(core, front, of, group) {
                let id = group.value.as_str();
                let word = Branch::Resource(ResourceKind::EndpointGroup, id.into());
                let declared = core.topology.endpoint_groups.get(id);
                let region = declared.and_then(|own| own.region.as_ref()).map(|own| &*own.value);
                ways.push(NegWay { hop, word, region });
            }
        }
        for neg in negs {
            if let Some(hop) = self.services.neg(core, place, id, backend, neg) {
                let word = match (&neg.service, &neg.url_mask) {
                    (Some(service), _) => service.known().map_or(Branch::Unknown, |id| {
                        Branch::Resource(ResourceKind::Service, id.as_str().into())
                    }),
                    (None, Some(mask)) => Branch::Mask(mask.value.as_str().into()),
                    (None, None) => Branch::Nothing,
                };
                let service = neg.service.as_ref().and_then(Field::known);
                let service = service.and_then(|id| core.topology.services.get(id));
                let region = neg.region.as_ref().or(service.map(|service| &service.region));
                let region = region.and_then(Field::known).map(String::as_str);
                ways.push(NegWay { hop, word, region });
            }
        }
        core.by_region(front, place, of, ways)
    }
}

/// A NEG of a backend: where it leads, what it is, and its region if that is known.
#[derive(Clone)]
struct NegWay<'t> {
    hop: HopId,
    word: Branch,
    region: Option<&'t str>,
}

impl Core<'_> {
    /// By one of the NEGs of a backend. A cross-region internal load balancer sends to that in the
    /// region of its proxies, and to another only where it notices that the first fails; where none
    /// is in that region, to all evenly (ING-094, EGR-256). Of others Google takes the nearest to
    /// a client, whose region is not known (ING-093).
    fn by_region(
        &mut self,
        front: &Front<'_>,
        place: Place,
        of: Id<Backend>,
        ways: Vec<NegWay<'_>>,
    ) -> HopId {
        let regions = ways.iter().all(|way| way.region.is_some());
        let Some(own) = front.region.filter(|_| regions && ways.len() > 1) else {
            return self.one_of_negs(front, Place { rule: RuleId::ing(93), ..place }, ways);
        };
        let place = Place { rule: RuleId::ing(94), ..place };
        let near: Vec<NegWay<'_>> =
            ways.iter().filter(|way| way.region == Some(own)).cloned().collect();
        if near.is_empty() || near.len() == ways.len() {
            return self.one_of_negs(front, place, ways);
        }
        let (id, entry) = self.topology.backends.at(of);
        let backend = &entry.value;
        // What is no NEG for a service has health checks.
        let fails_over = if backend.endpoint_groups.is_empty() {
            self.whether(backend.outlier_detection(), &format!("outlier detection of backend/{id}"))
        } else {
            self.expressions.always()
        };
        let near = self.one_of_negs(front, place, near);
        let pass = self.list(Vec::new(), RuleVerdict::Pass);
        let near = self.hop(place, Body::Gate { list: pass, next: near });
        if fails_over == self.expressions.never() {
            return near;
        }
        let any = self.one_of_negs(front, Place { rule: RuleId::egr(256), ..place }, ways);
        let branches = vec![(fails_over, any)].into();
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise: near }))
    }

    /// Any of some NEGs, as Google chooses.
    fn one_of_negs(&mut self, front: &Front<'_>, place: Place, ways: Vec<NegWay<'_>>) -> HopId {
        match ways.as_slice() {
            [] => {
                let verdict = self.refuse(Cause::NoBackend, 503);
                self.end(Place { rule: RuleId::ing(84), ..place }, verdict)
            }
            [only] => only.hop,
            _ => {
                let at = match front.region {
                    Some(region) => format!("{} in {region}", front.id),
                    None => front.id.to_string(),
                };
                let branches = ways.iter().map(|way| way.hop).collect();
                let words = ways.into_iter().map(|way| way.word).collect();
                let choice = self.choice(ChoiceKind::Neg, place.resource, &at, words);
                self.hop(place, Body::Choice { choice, branches })
            }
        }
    }
}

impl Core<'_> {
    /// A regional external load balancer, behind the proxies that it needs in its network (EGR-253).
    fn behind_proxies(&mut self, front: &Front<'_>, place: Place, next: HopId) -> HopId {
        let own = front.load_balancer;
        let network = own.network.as_ref().and_then(Field::known);
        let network = network.and_then(|network| self.topology.networks.id_of(network));
        let region = own.region.as_ref().and_then(Field::known);
        let (Some(purpose), Some(network), Some(region)) =
            (front.kind().proxies(), network, region)
        else {
            return next;
        };
        if self.inventory.has_proxy_subnet(network, purpose, Some(region)) {
            return next;
        }
        self.without_proxies(Place { rule: RuleId::egr(253), ..place }, next)
    }

    /// A load balancer that has no proxies: nobody gets through.
    pub(super) fn without_proxies(&mut self, place: Place, next: HopId) -> HopId {
        let missing = self.drop(Cause::LoadBalancerHasNoProxySubnet);
        let list = self.list(Vec::new(), missing);
        self.hop(Place { kind: HopKind::ProxySubnet, ..place }, Body::Gate { list, next })
    }

    /// Cloud CDN: a hit is answered before anything behind it is asked (ING-106).
    fn cache(
        &mut self,
        front: &Front<'_>,
        id: &str,
        backend: &Backend,
        at: Span,
        miss: HopId,
    ) -> HopId {
        let what = format!("Cloud CDN of backend/{id}");
        let on = self.whether(backend.cdn(), &what);
        let never = self.expressions.never();
        if on == never {
            return miss;
        }
        let resource = self.resource(ResourceKind::Cache, id);
        let place = Place::new(resource, HopKind::Cache, RuleId::ing(106), at);
        let hit = self.deliver(place, resource);
        let choice = self.choice(
            ChoiceKind::Cache,
            place.resource,
            front.id,
            vec![Branch::Miss, Branch::Hit],
        );
        let cached = self.hop(place, Body::Choice { choice, branches: vec![miss, hit].into() });
        // Only answers to GET and HEAD are cached.
        let cacheable: Vec<ExpressionId> = ["GET", "HEAD"]
            .into_iter()
            .map(|method| {
                let test = TextTest::Equals(method.into());
                let matched = TextMatch { test, ignore_case: false };
                self.expressions.atom(Atom::Text(TextField::Method, matched))
            })
            .collect();
        let cacheable = self.expressions.any(cacheable);
        let when = self.expressions.all([on, cacheable]);
        let switch = Switch::FirstMatch { branches: vec![(when, cached)].into(), otherwise: miss };
        self.hop(place, Body::Switch(switch))
    }

    /// Requests to these ports that speak HTTPS, or HTTP.
    pub(super) fn listens(&mut self, ports: &[(u16, u16)], https: bool) -> ExpressionId {
        let ports = self.expressions.atom(Atom::Port(ports.into()));
        let tls = self.expressions.atom(Atom::Https);
        let protocol = if https { tls } else { self.expressions.not(tls) };
        let tcp = self.tcp();
        self.expressions.all([tcp, ports, protocol])
    }

    /// The requests whose host and path a mask without variables fits.
    fn masked(&mut self, url: &str) -> ExpressionId {
        let (host, path) = match url.split_once('/') {
            Some((host, path)) => (host, format!("/{path}")),
            None => (url, String::new()),
        };
        let mut parts = Vec::new();
        let text = |this: &mut Self, field: TextField, test: TextTest| {
            this.expressions.atom(Atom::Text(field, TextMatch { test, ignore_case: false }))
        };
        if let Some(suffix) = host.strip_prefix('*') {
            parts.push(text(self, TextField::Host, TextTest::Suffix(suffix.to_ascii_lowercase())));
        } else if !host.is_empty() {
            parts.push(text(self, TextField::Host, TextTest::Equals(host.to_ascii_lowercase())));
        }
        let path = path.trim_end_matches(['*', '/']);
        if !path.is_empty() {
            let exact = text(self, TextField::Path, TextTest::Equals(path.into()));
            let below = text(self, TextField::Path, TextTest::Prefix(format!("{path}/")));
            parts.push(self.expressions.any([exact, below]));
        }
        self.expressions.all(parts)
    }
}

impl Policies {
    /// A backend bucket: an end of its own.
    fn bucket(&mut self, core: &mut Core<'_>, front: &Front<'_>, id: &str) -> HopId {
        let topology = core.topology;
        let resource = core.resource(ResourceKind::BackendBucket, id);
        let at = topology.backend_buckets.entry(id).map_or(Span::none(), |entry| entry.key_span);
        let place = Place::new(resource, HopKind::BackendBucket, RuleId::ing(91), at);
        let end = core.deliver(place, resource);
        let policy =
            topology.backend_buckets.get(id).and_then(|each| each.edge_security_policy.as_ref());
        let policy = if front.kind().is_internal() { None } else { policy };
        let what = format!("the edge security policy of backend_bucket/{id}");
        self.attached_policy(core, policy, &what, true, end)
    }
}

impl Services {
    fn neg(
        &mut self,
        core: &mut Core<'_>,
        place: Place,
        id: &str,
        backend: &Backend,
        neg: &Neg,
    ) -> Option<HopId> {
        let topology = core.topology;
        if let Some(mask) = &neg.url_mask {
            return Some(self.url_mask(core, place, backend, neg, &mask.value));
        }
        let what = format!("the service of backend/{id}");
        let services = core.alternatives(neg.service.as_ref(), None, &[], &what, String::clone);
        let mut ways = Vec::new();
        for (when, service) in services {
            if let Some(service) = topology.services.id_of(&service) {
                let next = self.behind[service];
                let pass = core.list(Vec::new(), RuleVerdict::Pass);
                let place = Place { at: neg.span, ..place };
                ways.push((when, core.hop(place, Body::Gate { list: pass, next })));
            }
        }
        core.first_match(place, ways)
    }

    /// A URL mask: it leads to every service of the project and region that a URL names
    /// (ING-085 to ING-087).
    fn url_mask(
        &mut self,
        core: &mut Core<'_>,
        place: Place,
        backend: &Backend,
        neg: &Neg,
        mask: &str,
    ) -> HopId {
        let topology = core.topology;
        let place = Place { rule: RuleId::ing(85), kind: HopKind::UrlMask, at: neg.span, ..place };
        let verdict = core.refuse(Cause::UrlMaskNoMatch, 404);
        let otherwise = core.end(Place { rule: RuleId::ing(86), ..place }, verdict);
        let project = match &neg.project {
            Some(field) => core.inventory.project(Some(field)),
            None => core.inventory.backend_project(backend),
        };
        let region = neg.region.as_ref().and_then(Field::known);
        let mut branches = Vec::new();
        for (of, service) in topology.services.with_ids() {
            let same_region =
                region.is_none_or(|region| service.region.known().is_none_or(|own| own == region));
            let same_project = project.is_none() || core.inventory.service_project(of) == project;
            if !same_region || !same_project {
                continue;
            }
            let name = core.inventory.service_name(of);
            if !mask.contains("<tag>") {
                branches.push((core.masked(&mask.replace("<service>", name)), self.behind[of]));
                continue;
            }
            for tag in &service.traffic_tags {
                let url = mask.replace("<service>", name).replace("<tag>", &tag.value);
                branches.push((core.masked(&url), self.behind[of]));
            }
        }
        if branches.is_empty() {
            return otherwise;
        }
        core.hop(place, Body::Switch(Switch::FirstMatch { branches: branches.into(), otherwise }))
    }
}
