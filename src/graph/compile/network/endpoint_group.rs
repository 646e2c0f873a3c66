//! What is behind load balancers besides Cloud Run: groups of endpoints, of which an internet NEG may
//! lead to something that the topology has (ING-223, ING-224).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::graph::compile::load_balancer::Front;
use crate::graph::compile::{Core, LoadBalancers, Networks, Place};
use crate::graph::expression::Origin;
use crate::graph::hop::{Body, Branch, Cause, ChoiceKind, FieldChange, HopId, Switch};
use crate::graph::{HopKind, Placeholders, ResourceKind};
use crate::inventory::{Chains, leads_to};
use crate::rules::RuleId;
use crate::topology::load_balancer::{
    Backend, EndpointGroup, EndpointGroupKind, LoadBalancer, Protocol,
};
use crate::topology::network::{EndpointType, NatKind};
use crate::topology::record::{Field, Id, Spanned};

/// An internet NEG behind a load balancer, whose first hop exists before what it leads to.
#[derive(Debug)]
pub(in crate::graph::compile) struct InternetNeg {
    hop: HopId,
    place: Place,
    load_balancer: Id<LoadBalancer>,
    backend: Id<Backend>,
    group: Id<EndpointGroup>,
}

impl LoadBalancers<'_> {
    /// A group of endpoints: an end that answers, until an internet NEG is found to lead on.
    pub(in crate::graph::compile) fn endpoint_group(
        &mut self,
        core: &mut Core<'_>,
        front: &Front<'_>,
        backend: Id<Backend>,
        name: &Spanned<String>,
    ) -> Option<HopId> {
        let topology = core.topology;
        let group = topology.endpoint_groups.id_of(&name.value)?;
        let (id, entry) = topology.endpoint_groups.at(group);
        let resource = core.resource(ResourceKind::EndpointGroup, id);
        let on_the_internet = entry.value.kind.value == EndpointGroupKind::Internet;
        let number = RuleId::ing(if on_the_internet { 224 } else { 223 });
        let place = Place::new(resource, HopKind::EndpointGroup, number, entry.key_span);
        let hop = core.deliver(place, resource);
        if on_the_internet {
            let load_balancer = front.of;
            self.internet_negs.push(InternetNeg { hop, place, load_balancer, backend, group });
        }
        Some(hop)
    }

    /// The load balancers that each leads to, by Private Service Connect and over the internet.
    pub(super) fn chains(&self, core: &Core<'_>) -> Chains {
        let topology = core.topology;
        let mut chains = core.inventory.chains();
        for (id, load_balancer) in topology.load_balancers.with_ids() {
            let backends = load_balancer.backends();
            let backends = backends.into_iter().filter_map(|id| topology.backends.get(id));
            for name in backends.flat_map(|backend| &backend.endpoint_groups) {
                let Some(group) = topology.endpoint_groups.get(&name.value) else { continue };
                let addresses = core.internet_addresses(group).into_iter();
                let behind = addresses.filter_map(|address| self.outside.balancers.get(&address));
                chains.entry(id).or_default().extend(behind.flatten());
            }
        }
        chains
    }
}

impl<'t> Networks<'t> {
    /// Connects internet NEGs with what listens on the internet, when that is known. What leads back
    /// to a load balancer that it came by goes in a circle.
    pub(in crate::graph::compile) fn connect_internet_negs(&mut self, core: &mut Core<'t>) {
        if self.load_balancers.internet_negs.is_empty() {
            return;
        }
        let chains = self.load_balancers.chains(core);
        while let Some(neg) = self.load_balancers.internet_negs.pop() {
            let InternetNeg { hop, place, load_balancer, backend, group } = neg;
            let outside = self.outside(core);
            let group = &core.topology.endpoint_groups[group];
            let mut ways = Vec::new();
            for address in core.internet_addresses(group) {
                let behind = self.load_balancers.outside.balancers.get(&address);
                if behind.into_iter().flatten().any(|own| leads_to(&chains, *own, load_balancer)) {
                    let looped = core.drop(Cause::RoutingLoop);
                    ways.push((address, core.end(place, looped)));
                } else if let Some(next) = core.listener_at(outside, address) {
                    let next = core.out_of_proxies(place, load_balancer, next);
                    ways.push((address, core.sent_on(place, backend, group, address, next)));
                }
            }
            match ways.as_slice() {
                [] => {}
                [(_, only)] => core.hops[hop].body = core.hops[*only].body.clone(),
                _ => {
                    let words = ways.iter().map(|(address, _)| Branch::Address(*address)).collect();
                    let at = core.topology.backends.key(backend);
                    let choice = core.choice(ChoiceKind::Address, place.resource, at, words);
                    let branches = ways.into_iter().map(|(_, hop)| hop).collect();
                    core.hops[hop].body = Body::Choice { choice, branches };
                }
            }
        }
    }
}

impl Core<'_> {
    /// The addresses that an internet NEG leads to; none for other groups, and where the topology does
    /// not know the host.
    fn internet_addresses(&self, group: &EndpointGroup) -> Vec<IpAddr> {
        match (&group.host, &group.address) {
            (Some(host), _) => self.names.addresses(&self.names.canonical(&host.value)),
            (None, address) => address.iter().map(|address| address.value).collect(),
        }
    }

    /// What the topology has at an address on the internet.
    fn listener_at(&self, outside: HopId, address: IpAddr) -> Option<HopId> {
        let Body::Switch(Switch::Destination { ranges, otherwise }) = &self.hops[outside].body
        else {
            return None;
        };
        let holding = ranges.iter().filter(|(range, _)| range.contains(&address));
        let closest = holding.max_by_key(|(range, _): &&(IpNet, _)| range.prefix_len());
        closest.map(|(_, hop)| *hop).filter(|hop| hop != otherwise)
    }

    /// How proxies send to the internet: those of global load balancers from addresses of Google's,
    /// those in a region by a gateway for proxies.
    fn out_of_proxies(
        &mut self,
        place: Place,
        load_balancer: Id<LoadBalancer>,
        next: HopId,
    ) -> HopId {
        let topology = self.topology;
        let own = &topology.load_balancers[load_balancer];
        if !own.kind.value.is_regional() {
            let changes = vec![FieldChange::Source(Placeholders::PROXIES.into())].into();
            return self.hop(place, Body::Rewrite { changes, next });
        }
        let network = own.network.as_ref().and_then(Field::known);
        let network = network.and_then(|network| topology.networks.id_of(network));
        let gateways =
            network.into_iter().flat_map(|network| &self.inventory.network(network).nats);
        let gateway = gateways.copied().find(|gateway| {
            let nat = &topology.nats[*gateway];
            nat.kind() == NatKind::Public
                && nat.endpoint_types().contains(&EndpointType::ManagedProxy)
                && nat.region.known() == own.region.as_ref().and_then(Field::known)
        });
        match gateway {
            Some(gateway) => {
                let (id, entry) = topology.nats.at(gateway);
                let resource = self.resource(ResourceKind::Nat, id);
                let number = RuleId::egr(58);
                let place = Place::new(resource, HopKind::CloudNat, number, entry.key_span);
                let addresses = self.nat_addresses(gateway);
                self.translated(place, "", &addresses, &[], next)
            }
            None => {
                let dropped = self.drop(Cause::NoExternalAddress);
                let list = self.list(Vec::new(), dropped);
                self.hop(place, Body::Gate { list, next })
            }
        }
    }

    /// A connection of a proxy to an address on the internet.
    fn sent_on(
        &mut self,
        place: Place,
        backend: Id<Backend>,
        group: &EndpointGroup,
        address: IpAddr,
        next: HopId,
    ) -> HopId {
        let backend = &self.topology.backends[backend];
        let https = backend.protocol.as_ref().is_some_and(|own| own.value == Protocol::Https);
        let port = group.port.as_ref().map(|port| port.value);
        let port = port.unwrap_or(if https { 443 } else { 80 });
        let mut changes = vec![
            FieldChange::Origin(Origin::Internet),
            FieldChange::Connection { port, https },
            FieldChange::Destination(address),
        ];
        let host = backend.host.as_ref().map(|host| self.names.canonical(&host.value));
        changes.extend(host.map(|host| FieldChange::Host(host.into())));
        self.hop(place, Body::Rewrite { changes: changes.into(), next })
    }
}
