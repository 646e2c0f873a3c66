//! What is behind load balancers besides Cloud Run: groups of endpoints, of which an internet NEG may
//! lead to something that the topology has (ING-223, ING-224).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::graph::compile::load_balancer::Front;
use crate::graph::compile::{Core, LoadBalancers, Networks, Place};
use crate::graph::expression::Origin;
use crate::graph::hop::{Body, Branch, Cause, ChoiceKind, FieldChange, HopId, Switch};
use crate::graph::{HopKind, Placeholders, ResourceKind};
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
}

impl<'t> Networks<'t> {
    /// Connects internet NEGs with what listens on the internet, when that is known.
    pub(in crate::graph::compile) fn connect_internet_negs(&mut self, core: &mut Core<'t>) {
        while let Some(neg) = self.load_balancers.internet_negs.pop() {
            let InternetNeg { hop, place, load_balancer, backend, group } = neg;
            let outside = self.outside(core);
            let group = &core.topology.endpoint_groups[group];
            let addresses = match (&group.host, &group.address) {
                (Some(host), _) => core.names.addresses(&core.names.canonical(&host.value)),
                (None, address) => address.iter().map(|address| address.value).collect(),
            };
            let mut ways = Vec::new();
            for address in addresses {
                if core.is_answered(outside, address) {
                    let next = self.out_of_proxies(core, place, load_balancer, outside);
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

    /// How proxies send to the internet: those of global load balancers from addresses of Google's,
    /// those in a region by a gateway for proxies.
    fn out_of_proxies(
        &mut self,
        core: &mut Core<'t>,
        place: Place,
        load_balancer: Id<LoadBalancer>,
        outside: HopId,
    ) -> HopId {
        let topology = core.topology;
        let own = &topology.load_balancers[load_balancer];
        if !own.kind.value.is_regional() {
            let changes = vec![FieldChange::Source(Placeholders::PROXIES.into())].into();
            return core.hop(place, Body::Rewrite { changes, next: outside });
        }
        let network = own.network.as_ref().and_then(Field::known);
        let network = network.and_then(|network| topology.networks.id_of(network));
        let gateways =
            network.into_iter().flat_map(|network| &core.inventory.network(network).nats);
        let gateway = gateways.copied().find(|gateway| {
            let nat = &topology.nats[*gateway];
            nat.kind() == NatKind::Public
                && nat.endpoint_types().contains(&EndpointType::ManagedProxy)
                && nat.region.known() == own.region.as_ref().and_then(Field::known)
        });
        match gateway {
            Some(gateway) => self.nat_way(core, gateway),
            None => {
                let dropped = core.drop(Cause::NoExternalAddress);
                let list = core.list(Vec::new(), dropped);
                core.hop(place, Body::Gate { list, next: outside })
            }
        }
    }
}

impl Core<'_> {
    /// Whether the topology says what listens at an address on the internet.
    fn is_answered(&self, outside: HopId, address: IpAddr) -> bool {
        match &self.hops[outside].body {
            Body::Switch(Switch::Destination { ranges, otherwise }) => {
                let holding = ranges.iter().filter(|(range, _)| range.contains(&address));
                let closest = holding.max_by_key(|(range, _): &&(IpNet, _)| range.prefix_len());
                closest.is_some_and(|(_, hop)| hop != otherwise)
            }
            _ => false,
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
