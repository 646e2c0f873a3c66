//! Private Service Connect to published services: endpoints, NEGs behind load balancers, and what
//! is published (EGR-166 to EGR-172, ING-158 to ING-162).

use crate::graph::Placeholder;
use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;

use super::{CARRIED, Client};
use crate::graph::compile::load_balancer::{Front, InternalListener};
use crate::graph::compile::{Core, LoadBalancers, Networks, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, RuleVerdict};
use crate::inventory::PublishedTarget;
use crate::rules::RuleId;
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, Protocol, PscNeg};
use crate::topology::private_access::{PscEndpoint, ServiceAttachment};
use crate::topology::record::{Field, Id, Setting};

/// A Private Service Connect NEG behind a load balancer, whose first hop exists before what it
/// leads to.
#[derive(Debug)]
pub(in crate::graph::compile) struct Consumer<'t> {
    hop: HopId,
    place: Place,
    load_balancer: Id<LoadBalancer>,
    backend: Id<Backend>,
    neg: &'t PscNeg,
}

/// A published forwarding rule.
struct ForwardingRule {
    address: IpAddr,
    ports: Vec<u16>,
    /// Under which assumptions clients of other regions reach it.
    global: ExpressionId,
}

impl<'t> Networks<'t> {
    /// An endpoint for a published service (EGR-166 to EGR-168).
    pub(super) fn endpoint(
        &mut self,
        core: &mut Core<'t>,
        of: Id<PscEndpoint>,
        client: &Client,
    ) -> HopId {
        let topology = core.topology;
        let (id, entry) = topology.psc_endpoints.at(of);
        let each = &entry.value;
        let resource = core.resource(ResourceKind::PscEndpoint, id);
        let place = Place::new(resource, HopKind::PscEndpoint, RuleId::egr(166), entry.key_span);
        let (accepted, behind) = match each.target.value.split_once('/') {
            Some(("service_attachment", target)) => {
                let attachment = topology.service_attachments.get(target);
                let listed =
                    attachment.is_some_and(|own| core.inventory.accepts_endpoint(own, each));
                let behind = attachment.map(|own| self.published(core, target, own, true));
                (listed, behind)
            }
            Some(("sql_instance", target)) => {
                let behind = topology.sql_instances.id_of(target);
                (true, behind.map(|instance| core.sql(instance)))
            }
            Some(("external", target)) => (true, self.published_by_a_party(core, target)),
            _ => (false, None),
        };
        let Some(next) = behind else {
            let refused = core.drop(Cause::PscConnectionNotAccepted);
            return core.end(place, refused);
        };
        let by_lists = each.target.value.starts_with("service_attachment/");
        let what = format!("psc_endpoint/{id}");
        let connection = (each.accepted.as_ref(), accepted, by_lists);
        let mut next = core.accepted_connection(place, &what, connection, next);
        if client.peered {
            // Endpoints are not to be reached over a peering (EGR-093).
            let unreachable = core.drop(Cause::PscEndpointAccessedFromPeeredNetwork);
            let list = core.always(unreachable, place.at, RuleId::ing(161));
            let place = Place { rule: RuleId::egr(170), ..place };
            next = core.hop(place, Body::Gate { list, next });
        }
        if each.region.as_ref().is_some_and(|region| region.value != client.region) {
            let what = format!("global access of psc_endpoint/{id}");
            let global = core.whether(each.global_access(), &what);
            let mismatch = core.drop(Cause::ForwardingRuleRegionMismatch);
            let place = Place { rule: RuleId::egr(169), ..place };
            next = core.only_if(place, global, mismatch, next);
        }
        next
    }

    /// What is behind an attachment, as its subnets for translation see it (EGR-168). What comes by
    /// another load balancer keeps the entry path that it came by.
    fn published(
        &mut self,
        core: &mut Core<'t>,
        id: &str,
        attachment: &ServiceAttachment,
        is_entry: bool,
    ) -> HopId {
        let inventory = core.inventory;
        let resource = core.resource(ResourceKind::ServiceAttachment, id);
        let at = attachment.span;
        let place = Place::new(resource, HopKind::ServiceAttachment, RuleId::egr(168), at);
        let mut subnets = attachment.nat_subnets.iter();
        let subnet = subnets.find_map(|subnet| inventory.subnet_named(None, &subnet.value));
        let Some(subnet) = subnet else {
            let missing = core.drop(Cause::NoNatSubnetsForPscServiceAttachment);
            let list = core.always(missing, at, RuleId::ing(161));
            let next = core.end(place, missing);
            return core.hop(place, Body::Gate { list, next });
        };
        let source = inventory.subnet(subnet).ipv4().and_then(|range| range.hosts().next());
        let source = source.unwrap_or_else(|| {
            let what = Placeholder::OneOf(ResourceKind::ServiceAttachment, (*id).into());
            core.placeholder(what, true)
        });
        let client = Client {
            region: inventory.subnet_region(subnet).to_string(),
            network: subnet.network,
            peered: false,
            hybrid: false,
            leg: None,
        };
        let Some(next) = self.published_front(core, attachment, &client, is_entry) else {
            let missing = core.drop(Cause::RouteNextHopResourceNotFound);
            return core.end(place, missing);
        };
        let mut changes =
            vec![FieldChange::Source(source), FieldChange::Origin(Origin::Network(subnet.network))];
        let rule = core.forwarding_rule(attachment);
        changes.extend(rule.map(|rule| FieldChange::Destination(rule.address)));
        core.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// The front end that an attachment publishes, as its own network sees it.
    fn published_front(
        &mut self,
        core: &mut Core<'t>,
        attachment: &ServiceAttachment,
        client: &Client,
        is_entry: bool,
    ) -> Option<HopId> {
        let of = match core.inventory.published(&attachment.load_balancer.value)? {
            PublishedTarget::Passthrough(of) => return Some(self.passthrough(core, of, client)),
            PublishedTarget::LoadBalancer(of) => of,
        };
        let address = core.forwarding_rule(attachment)?.address;
        let own = |listener: &&InternalListener| {
            listener.load_balancer == of && listener.address == address
        };
        let mut listener = self.load_balancers.inside.values().flatten().find(own).cloned()?;
        if !is_entry {
            listener.hop = self.load_balancers.behind_another(core, of)?;
        }
        Some(core.listened(listener, &client.region))
    }

    /// Connects the NEGs with what they lead to, when every load balancer has its hops.
    pub(in crate::graph::compile) fn connect_psc_negs(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        if self.load_balancers.psc_negs.is_empty() {
            return;
        }
        let chains = self.load_balancers.chains(core);
        while let Some(consumer) = self.load_balancers.psc_negs.pop() {
            let Consumer { hop, place, load_balancer, backend, neg } = consumer;
            let front = Front::new(topology, load_balancer, true);
            let target = neg.target.value.strip_prefix("service_attachment/");
            let attachment = target.and_then(|target| topology.service_attachments.get(target));
            let back = attachment.is_some_and(|own| {
                core.inventory.leads_back(&chains, load_balancer, &own.load_balancer.value)
            });
            let next = if back {
                let looped = core.drop(Cause::RoutingLoop);
                Some(core.end(place, looped))
            } else {
                self.psc_way(core, &front, place, backend, neg)
            };
            let Some(next) = next else { continue };
            let pass = core.list(Vec::new(), RuleVerdict::Pass);
            core.hops[hop].body = Body::Gate { list: pass, next };
        }
    }

    /// Behind a NEG: the producer's lists, its global access and its port, then on to the published
    /// service over a connection of the consumer's proxies; `None` if it leads to nothing.
    fn psc_way(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        place: Place,
        backend: Id<Backend>,
        neg: &PscNeg,
    ) -> Option<HopId> {
        let topology = core.topology;
        let (id, entry) = topology.backends.at(backend);
        let backend = &entry.value;
        let target = neg.target.value.strip_prefix("service_attachment/")?;
        let attachment = topology.service_attachments.get(target)?;
        let published = self.published(core, target, attachment, false);
        let rule = core.forwarding_rule(attachment)?;
        let own = backend.protocol.as_ref().map(|own| own.value);
        let https = own == Some(Protocol::Https);
        let port = rule.ports.first().copied().unwrap_or(if https { 443 } else { 80 });
        let changes = vec![FieldChange::Connection { port, https }].into();
        let mut next = core.hop(
            Place { kind: HopKind::Connection, ..place },
            Body::Rewrite { changes, next: published },
        );
        if rule.ports.len() != 1 {
            let several = core.drop(Cause::PscNegProducerForwardingRuleMultiplePorts);
            let list = core.list(Vec::new(), several);
            next =
                core.hop(Place { kind: HopKind::ProducerPort, ..place }, Body::Gate { list, next });
        }
        if !front.load_balancer.kind.value.is_regional() {
            let regional = core.drop(Cause::PscNegProducerEndpointNoGlobalAccess);
            let place = Place { kind: HopKind::ProducerGlobalAccess, ..place };
            next = core.only_if(place, rule.global, regional, next);
        }
        let project = match &backend.project {
            Some(_) => core.inventory.backend_project(backend),
            None => core.inventory.load_balancer_project(front.load_balancer),
        };
        let network = neg.network.as_ref().map(|network| network.value.as_str());
        let network = network.or_else(|| {
            front.load_balancer.network.as_ref().and_then(Field::known).map(String::as_str)
        });
        let listed = core.inventory.accepts(attachment, project, network);
        let connection = (neg.accepted.as_ref(), listed, true);
        let accepts = Place { kind: HopKind::PscConnection, ..place };
        next = core.accepted_connection(accepts, &format!("backend/{id}"), connection, next);
        Some(core.behind_kind(front, place, next))
    }
}

impl Core<'_> {
    /// A gate at which a connection has to be accepted: as it is said, else as the lists of the
    /// attachment have it (EGR-166, EGR-167).
    fn accepted_connection(
        &mut self,
        place: Place,
        what: &str,
        (said, listed, by_lists): (Option<&Field<bool>>, bool, bool),
        next: HopId,
    ) -> HopId {
        let refused = self.drop(Cause::PscConnectionNotAccepted);
        let what = format!("whether the connection of {what} is accepted");
        let accepted = match said {
            Some(field) => self.whether(Setting { field: Some(field), default: listed }, &what),
            None if listed => self.expressions.always(),
            None => self.expressions.never(),
        };
        let number = if said.is_none() && by_lists { 167 } else { 166 };
        let place = Place { rule: RuleId::egr(number), ..place };
        // It carries TCP and UDP alone (EGR-168).
        let carried = self.expressions.atom(Atom::Protocol(CARRIED.into()));
        let others = self.expressions.not(carried);
        let mismatch = self.drop(Cause::ForwardingRuleMismatch);
        let mut rules = vec![rule(others, mismatch, place.at, Some(RuleId::egr(168)))];
        if accepted != self.expressions.never() {
            rules.push(rule(accepted, RuleVerdict::Pass, place.at, None));
        }
        let list = self.list(rules, refused);
        self.hop(place, Body::Gate { list, next })
    }

    /// A gate that is open where an expression holds.
    pub(super) fn only_if(
        &mut self,
        place: Place,
        when: ExpressionId,
        otherwise: RuleVerdict,
        next: HopId,
    ) -> HopId {
        let mut rules = vec![rule(when, RuleVerdict::Pass, place.at, None)];
        if when == self.expressions.never() {
            rules.clear();
        }
        let list = self.list(rules, otherwise);
        self.hop(place, Body::Gate { list, next })
    }

    /// The forwarding rule that an attachment publishes: of an Application Load Balancer that of
    /// its first front end.
    fn forwarding_rule(&mut self, attachment: &ServiceAttachment) -> Option<ForwardingRule> {
        let topology = self.topology;
        let (id, each) = match self.inventory.published(&attachment.load_balancer.value)? {
            PublishedTarget::LoadBalancer(of) => topology.load_balancers.at(of),
            PublishedTarget::Passthrough(of) => {
                let (id, entry) = topology.passthrough_load_balancers.at(of);
                let each = &entry.value;
                let mut ports = Vec::new();
                for (low, high) in each.listens.iter().flat_map(|traffic| &traffic.value.ports) {
                    ports.extend([*low, *high]);
                }
                ports.dedup();
                let what = Placeholder::of(ResourceKind::PassthroughLoadBalancer, id);
                let address = self.address(Some(&each.address), what, true);
                let what = format!("global access of passthrough_load_balancer/{id}");
                let global = self.whether(each.global_access(), &what);
                return Some(ForwardingRule { address, ports, global });
            }
        };
        let each = &each.value;
        let front = each.front_ends.first();
        let address = front.and_then(|front| front.address.as_ref()).or(each.address.as_ref());
        let address = self.address(address, Placeholder::of(ResourceKind::LoadBalancer, id), true);
        let https = match front {
            None => !each.certificates.is_empty(),
            Some(front) => match &front.protocol {
                Some(protocol) => protocol.value == Protocol::Https,
                None => !front.certificates.is_empty(),
            },
        };
        let mut ports: Vec<u16> =
            front.into_iter().flat_map(|front| &front.ports).map(|port| port.value).collect();
        if ports.is_empty() {
            ports.push(if https { 443 } else { 80 });
        }
        let global = if each.kind.value.is_regional() {
            let what = format!("global access of load_balancer/{id}");
            self.whether(each.global_access_of(front), &what)
        } else {
            self.expressions.always()
        };
        Some(ForwardingRule { address, ports, global })
    }

    /// Documents name the kinds of load balancer that have Private Service Connect NEGs; the
    /// classic one is not among them.
    fn behind_kind(&mut self, front: &Front<'_>, place: Place, next: HopId) -> HopId {
        if front.load_balancer.kind.value != LoadBalancerKind::Classic {
            return next;
        }
        let supported = self.disputed("classic-has-psc-negs");
        let unsupported = self.refuse(Cause::NoBackend, 503);
        self.only_if(Place { rule: RuleId::ing(162), ..place }, supported, unsupported, next)
    }
}

impl<'t> LoadBalancers<'t> {
    /// The first hop of a Private Service Connect NEG of a backend (ING-162, ING-218).
    pub(in crate::graph::compile) fn psc_neg(
        &mut self,
        core: &mut Core<'t>,
        front: &Front<'_>,
        backend: Id<Backend>,
        neg: &'t PscNeg,
    ) -> HopId {
        let resource = core.resource(ResourceKind::Backend, core.topology.backends.key(backend));
        let place = Place::new(resource, HopKind::PscNeg, RuleId::ing(162), neg.span);
        if !neg.target.value.contains('/') {
            let apis = core.resource(ResourceKind::Api, "googleapis.com");
            let place = Place { rule: RuleId::ing(218), ..place };
            let next = core.deliver(Place { resource: apis, kind: HopKind::Api, ..place }, apis);
            return core.behind_kind(front, place, next);
        }
        // A chain of load balancers shows each.
        let own = core.resource(ResourceKind::LoadBalancer, front.id);
        let missing = core.drop(Cause::RouteNextHopResourceNotFound);
        let hop = core.end(Place { resource: own, ..place }, missing);
        self.psc_negs.push(Consumer { hop, place, load_balancer: front.of, backend, neg });
        hop
    }
}
