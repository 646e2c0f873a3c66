//! Where requests come from: the internet, users, machines, services, sites, products.

use crate::graph::{HopKind, ResourceKind};
use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::gap::kind_of;
use super::network::{Attachment, DnsView, Querier, Sends, from_ranges};
use super::outside::not_on_the_internet;
use super::{Core, Networks, Place, Resolvers, rule};
use crate::graph::Placeholders;
use crate::graph::Versions;
use crate::graph::expression::{Atom, Expression, ExpressionId, Origin, TextField, TextMatch};
use crate::graph::graph::Source;
use crate::graph::hop::{Body, Cause, HopId, ResourceId, RuleVerdict, Switch};
use crate::graph::identity::Identities;
use crate::inventory::Workload;
use crate::inventory::addresses::held_on_the_internet;
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::known;
use crate::topology::organization::{
    Perimeter, Place as Seat, Product, ProductKind, Project, User,
};
use crate::topology::record::Id;
use crate::topology::service::Egress;
use crate::topology::url::Url;

/// Where requests that are sent by name start, which they are, and whose answers they get; and whose
/// they get instead in some worlds.
type NamedSources = ((HopId, ExpressionId, u32), Option<(ExpressionId, u32)>);

impl<'t> Networks<'t> {
    /// Every source of requests.
    pub(super) fn build_sources(&mut self, core: &mut Core<'t>) {
        // The internet's resolver is the first.
        self.resolvers.resolver(core, &Querier::public(Versions::V4));
        self.internet(core);
        self.users(core);
        self.products(core);
        self.vms(core);
        self.networks(core);
        self.sites(core);
        self.workloads(core);
    }

    fn internet(&mut self, core: &mut Core<'t>) {
        let resource = core.resource(ResourceKind::Internet, "");
        let start = self.outside(core);
        let classes = core.all_classes();
        let held = core.held_by(&classes);
        let public = core.public_addresses();
        core.source(resource, start, Origin::Internet, vec![held, public], Span::none());
    }

    fn users(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        for (id, entry) in &topology.users {
            let user = &entry.value;
            let resource = core.resource(ResourceKind::User, id);
            let mut requests = vec![core.user_identities(user)];
            let mut ranges: Vec<ipnet::IpNet> =
                user.addresses.iter().map(|range| range.value).collect();
            if let Some(region) = &user.region {
                let region = region.value.to_uppercase();
                requests.push(core.expressions.atom(Atom::Region(vec![region.into()].into())));
            }
            let on_site = user.at() == Seat::OnPremises;
            if on_site {
                let Some(site) = user.site.as_ref() else { continue };
                let Some(site) = topology.onprem.id_of(&site.value) else { continue };
                let declared = &topology.onprem[site];
                let Some(network) = topology.networks.id_of(&declared.network.value) else {
                    continue;
                };
                if ranges.is_empty() {
                    ranges = declared.ranges.iter().map(|range| range.value).collect();
                }
                requests.push(core.agreeing(&ranges));
                requests.push(from_ranges(core, ranges));
                let Some((start, named, resolver)) = self.site(core, site, resource) else {
                    continue;
                };
                requests.push(named);
                let origin = Origin::Network(network);
                core.source_by_name(resource, start, origin, requests, resolver, entry.key_span);
            } else {
                if ranges.is_empty() {
                    requests.push(core.public_addresses());
                } else {
                    requests.push(from_ranges(core, ranges));
                }
                let start = self.outside(core);
                core.source(resource, start, Origin::Internet, requests, entry.key_span);
            }
        }
    }

    fn workloads(&mut self, core: &mut Core<'t>) {
        for workload in core.inventory.workloads() {
            self.workload(core, workload);
        }
    }

    fn workload(&mut self, core: &mut Core<'t>, workload: &Workload<'_>) {
        let kind = kind_of(workload.of);
        let resource = core.resource(kind, workload.id);
        let identity = core.workload_identity(Some(&workload.account));
        let address = self.senders.sender_addresses(core, workload);
        let start = self.egress(core, resource, workload);
        let ((start, named, resolver), other) =
            self.resolvers.named(core, workload, resource, start);
        let requests = vec![identity, address, named];
        let at = workload.at;
        core.source_by_name(resource, start, Origin::Serverless, requests, resolver, at);
        if let Some(source) = core.sources.last_mut() {
            source.other_resolver = other;
        }
    }

    fn vms(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        for of in topology.vms.ids() {
            let (id, entry) = topology.vms.at(of);
            let vm = &entry.value;
            let resource = core.resource(ResourceKind::Vm, id);
            let Some(machine) = self.senders.machine(core, of) else { continue };
            let identity = core.workload_identity(known(&vm.service_account));
            let agreeing = core.agreeing(&machine.ranges);
            let address = from_ranges(core, machine.ranges.clone());
            let address = core.expressions.all([address, agreeing]);
            let attachment = Attachment::Machine { machine: of, sends: Sends::Own };
            let Some(start) = self.attachment(core, attachment) else { continue };
            let at = entry.key_span;
            let querier = Querier {
                view: DnsView::Network(machine.network),
                versions: machine.versions(),
                region: Some(machine.region.as_str().into()),
            };
            let (start, named, resolver) =
                self.resolvers.by_name(core, &querier, resource, at, start);
            let origin = Origin::Network(machine.network);
            let requests = vec![identity, address, named];
            core.source_by_name(resource, start, origin, requests, resolver, at);
        }
    }

    /// What else may sit in a network: machines without tags, of which nothing is declared
    /// (ING-013, EGR-091).
    fn networks(&mut self, core: &mut Core<'t>) {
        for network in core.topology.networks.ids() {
            let (id, entry) = core.topology.networks.at(network);
            let Some((start, address, versions)) = self.undeclared(core, network) else { continue };
            let resource = core.resource(ResourceKind::Network, id);
            let classes = core.all_classes();
            let held = core.held_by(&classes);
            let (view, at) = (DnsView::Network(network), entry.key_span);
            let querier = Querier { view, versions, region: None };
            let (start, named, resolver) =
                self.resolvers.by_name(core, &querier, resource, at, start);
            let origin = Origin::Network(network);
            let requests = vec![held, address, named];
            core.source_by_name(resource, start, origin, requests, resolver, at);
        }
    }

    fn sites(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        for of in topology.onprem.ids() {
            let (id, entry) = topology.onprem.at(of);
            let site = &entry.value;
            let Some(network) = topology.networks.id_of(&site.network.value) else { continue };
            let resource = core.resource(ResourceKind::Onprem, id);
            let classes = core.all_classes();
            let held = core.held_by(&classes);
            let ranges: Vec<ipnet::IpNet> = site.ranges.iter().map(|range| range.value).collect();
            let agreeing = core.agreeing(&ranges);
            let address = from_ranges(core, ranges);
            let address = core.expressions.all([address, agreeing]);
            let Some((start, named, resolver)) = self.site(core, of, resource) else { continue };
            let origin = Origin::Network(network);
            let requests = vec![held, address, named];
            core.source_by_name(resource, start, origin, requests, resolver, entry.key_span);
        }
    }

    /// Google products: each sends one kind of request to one URL (ING-172 to ING-182).
    fn products(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        for (id, entry) in &topology.products {
            let product = &entry.value;
            let resource = core.resource(ResourceKind::Product, id);
            let project = core.inventory.project(product.project.as_ref());
            let Some(project) = project else { continue };
            let start = self.outside(core);
            let start = core.product_perimeter(resource, product, project, entry.key_span, start);
            let mut ways = Vec::new();
            for (when, target) in core.product_targets(id, product) {
                let request = core.product_request(product, &target);
                ways.push(core.expressions.all([when, request]));
            }
            let mut requests = vec![core.expressions.any(ways)];
            let pool: ipnet::IpNet = IpAddr::V4(Placeholders::SHARED_POOL).into();
            requests.push(from_ranges(core, vec![pool]));
            let origin = Origin::Product(project);
            core.source(resource, start, origin, requests, entry.key_span);
        }
    }
}

impl Core<'_> {
    fn source(
        &mut self,
        resource: ResourceId,
        start: HopId,
        origin: Origin,
        requests: Vec<ExpressionId>,
        at: Span,
    ) {
        self.source_by_name(resource, start, origin, requests, 0, at);
    }

    fn source_by_name(
        &mut self,
        resource: ResourceId,
        start: HopId,
        origin: Origin,
        requests: Vec<ExpressionId>,
        resolver: u32,
        at: Span,
    ) {
        // Who sends comes first.
        let always = self.expressions.always();
        let callers = requests.first().copied().unwrap_or(always);
        let others = self.expressions.all(requests.iter().skip(1).copied());
        let requests = self.expressions.all([callers, others]);
        self.sources.push(Source {
            resource,
            start,
            origin,
            requests,
            callers,
            others,
            resolver,
            other_resolver: None,
            at,
        });
    }

    /// Requests from addresses of the internet, but not from what the topology has of it (EGR-258).
    fn public_addresses(&mut self) -> ExpressionId {
        let mut others = not_on_the_internet();
        others.extend(self.asked_of_its_own());
        let others = from_ranges(self, others);
        self.expressions.not(others)
    }

    /// What the topology has of the internet, as far as some rule asks for it: what no rule tells from
    /// the addresses around it changes nothing.
    fn asked_of_its_own(&self) -> BTreeSet<IpNet> {
        let held = held_on_the_internet(self.topology);
        let mut asked = BTreeSet::new();
        if held.is_empty() {
            return asked;
        }
        let ranges = self.expressions.iter().filter_map(|(_, expression)| match expression {
            Expression::Atom(Atom::Source(ranges) | Atom::UserAddress { ranges, .. }) => {
                Some(ranges)
            }
            _ => None,
        });
        for range in ranges.flatten() {
            let around = held.range(..=range.network()).next_back();
            asked.extend(around.filter(|(_, own)| own.contains(range)).map(|(_, own)| *own));
            // Of a larger one there is always something else.
            if range.max_prefix_len() - range.prefix_len() <= 8 {
                let within = held.range(range.network()..=range.broadcast());
                asked.extend(within.map(|(_, own)| *own));
            }
        }
        asked
    }

    fn user_identities(&mut self, user: &User) -> ExpressionId {
        let mut classes: Vec<u32> = Vec::new();
        for identity in &user.identities {
            match identity.value.as_str() {
                "allUsers" => classes.extend(self.all_classes()),
                member => classes.extend(self.classes(member)),
            }
        }
        let anonymous =
            user.anonymous.as_ref().map_or(user.identities.is_empty(), |anonymous| anonymous.value);
        if anonymous {
            classes.push(Identities::ANONYMOUS);
        }
        classes.sort_unstable();
        classes.dedup();
        self.held_by(&classes)
    }

    /// A workload's identity: its account, or none if it sends no token.
    fn workload_identity(&mut self, account: Option<&str>) -> ExpressionId {
        let mut classes = vec![Identities::ANONYMOUS];
        if let Some(account) = account {
            classes.push(self.account(account));
        }
        self.held_by(&classes)
    }

    /// What a perimeter that restricts the product lets it call: run.app, and for Tasks only with
    /// a token (ING-177, ING-179).
    fn product_perimeter(
        &mut self,
        resource: ResourceId,
        product: &Product,
        project: Id<Project>,
        at: Span,
        next: HopId,
    ) -> HopId {
        let (api, number) = match product.kind.value {
            ProductKind::Tasks => ("cloudtasks.googleapis.com", 177),
            ProductKind::Workflows => ("workflows.googleapis.com", 179),
            _ => return next,
        };
        let restricts = |perimeter: &Perimeter| {
            perimeter.restricted_services.iter().any(|name| name.value == api)
        };
        if !self.inventory.share_perimeter([project], restricts) {
            return next;
        }
        let suffix = TextMatch { test: TextTest::Suffix(".run.app".into()), ignore_case: false };
        let mut allowed = self.expressions.atom(Atom::Text(TextField::Host, suffix));
        if product.kind.value == ProductKind::Tasks {
            let none = vec![(Identities::NONE, Identities::NONE)].into();
            let none = self.expressions.atom(Atom::Credential(none));
            let with_token = self.expressions.not(none);
            allowed = self.expressions.all([allowed, with_token]);
        }
        let denied = self.refuse(Cause::VpcScDenied, 403);
        let list = self.list(vec![rule(allowed, RuleVerdict::Pass, at, None)], denied);
        let place = Place::new(resource, HopKind::Perimeter, RuleId::ing(number), at);
        self.hop(place, Body::Gate { list, next })
    }

    /// The URLs that a product may call, each with the service whose URL it is.
    fn product_targets(&mut self, id: &str, product: &Product) -> Vec<(ExpressionId, Url)> {
        let topology = self.topology;
        if let Some(url) = &product.url {
            let always = self.expressions.always();
            return Url::parse(&url.value).map(|target| (always, target)).into_iter().collect();
        }
        let what = format!("the service that product/{id} calls");
        let path = product.path();
        self.alternatives(product.service.as_ref(), None, &[], &what, String::clone)
            .into_iter()
            .filter_map(|(when, service)| {
                let service = topology.services.id_of(&service)?;
                let host = self.names.run_app(topology.services.key(service))?.to_string();
                let target =
                    Url { https: true, port: 443, host, path: path.clone(), query: String::new() };
                Some((when, target))
            })
            .collect()
    }

    fn product_request(&mut self, product: &Product, target: &Url) -> ExpressionId {
        let host = self.names.canonical(&target.host);
        let address = self.names.address(&host).unwrap_or(IpAddr::V4(Placeholders::ELSEWHERE));
        let uptime = product.kind.value == ProductKind::UptimeCheck;
        let method = match &product.method {
            Some(method) => method.value.to_ascii_uppercase(),
            None if uptime => "GET".into(),
            None => "POST".into(),
        };
        let (principal, credential) = match &product.service_account {
            None => (Identities::ANONYMOUS, Identities::NONE),
            Some(account) => {
                let email = account.known().cloned().unwrap_or_default();
                (self.account(&email), self.product_audience(product, target))
            }
        };
        let text = |this: &mut Self, field, wanted: &str| {
            let matched = TextMatch { test: TextTest::Equals(wanted.into()), ignore_case: false };
            this.expressions.atom(Atom::Text(field, matched))
        };
        let parts = vec![
            text(self, TextField::Host, &host),
            text(self, TextField::Path, &target.path),
            text(self, TextField::Query, &target.query),
            text(self, TextField::Method, &method),
            self.expressions.atom(Atom::Destination(vec![address.into()].into())),
            self.listens(&[(target.port, target.port)], target.https),
            self.expressions.atom(Atom::Principal(vec![principal].into())),
            self.expressions.atom(Atom::Credential(vec![(credential, credential)].into())),
        ];
        self.expressions.all(parts)
    }

    /// The class of the token that a product sends: its audience is what is configured, or the
    /// URL called, whose path does not count (ING-073, ING-172, ING-173).
    fn product_audience(&self, product: &Product, target: &Url) -> u32 {
        let audience = match &product.audience {
            Some(audience) => audience.value.clone(),
            None => format!("https://{}{}", target.host, target.path),
        };
        self.identities.audience(&audience, &self.names, self.topology)
    }
}

impl Resolvers {
    /// What a workload can send by name, to whom it is answered by its network (EGR-117). That connectors ask the network for every name is not
    /// documented where they get only part of the traffic (EGR-116).
    fn named(
        &mut self,
        core: &mut Core<'_>,
        workload: &Workload<'_>,
        resource: ResourceId,
        start: HopId,
    ) -> NamedSources {
        let at = workload.at;
        let versions = Versions::of(&core.sender_ranges(workload));
        let view = workload.network.map_or(DnsView::Public, DnsView::Network);
        let region = match (workload.direct, workload.access) {
            (Some(subnet), _) => Some(core.inventory.subnet_region(subnet)),
            (None, Some(access)) => {
                let connector = access.connector.as_ref().and_then(|name| name.known());
                let connector = connector.and_then(|name| core.topology.connectors.get(name));
                connector.and_then(|own| core.topology.connector_region(own))
            }
            (None, None) => None,
        };
        let querier = Querier { view, versions, region: region.map(Into::into) };
        let inside = self.by_name(core, &querier, resource, at, start);
        let partly = workload.access.is_some_and(|access| {
            access.connector.is_some() && !access.egress().is(Egress::AllTraffic)
        });
        if !partly || core.resolvers[inside.2 as usize].layers.len() < 2 {
            return (inside, None);
        }
        let public = self.by_name(core, &Querier::public(versions), resource, at, start);
        let by_network = core.disputed("connector-uses-vpc-dns");
        if by_network == core.expressions.never() {
            return (public, None);
        }
        let otherwise = core.expressions.not(by_network);
        let inside_names = core.expressions.all([by_network, inside.1]);
        let public_names = core.expressions.all([otherwise, public.1]);
        let requests = core.expressions.any([inside_names, public_names]);
        let branches = vec![(by_network, inside.0)].into();
        let switch = Switch::FirstMatch { branches, otherwise: public.0 };
        let place = Place::new(resource, HopKind::Dns, RuleId::egr(116), at);
        let start = core.hop(place, Body::Switch(switch));
        ((start, requests, inside.2), Some((otherwise, public.2)))
    }
}
