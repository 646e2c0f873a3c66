//! Policy-based routes (EGR-088, EGR-089).

use crate::graph::{HopKind, ResourceKind};
use ipnet::IpNet;

use super::route::TiedRoute;
use super::{Class, EVERY_IPV4, NetworkSender};
use crate::graph::compile::{Core, Networks, Place, rule};
use crate::graph::expression::{Atom, ExpressionId};
use crate::graph::hop::{Body, Cause, HopId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::topology::network::Network;
use crate::topology::record::{Id, Spanned};
use crate::topology::routing::PolicyRoute;

impl<'t> Networks<'t> {
    /// Policy-based routes, before all others (EGR-088, EGR-089); of equal ones an algorithm takes
    /// one that is not documented (EGR-243).
    pub(super) fn by_policy(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
        table: HopId,
    ) -> HopId {
        let topology = core.topology;
        let routes = core.policy_routes_of(sender);
        if routes.is_empty() {
            return table;
        }
        let mut hops: Vec<HopId> = Vec::new();
        for id in &routes {
            let (id, entry) = topology.policy_routes.at(*id);
            let route = &entry.value;
            let resource = core.resource(ResourceKind::PolicyRoute, id);
            let place = Place::new(resource, HopKind::PolicyRoute, RuleId::egr(88), entry.key_span);
            let (place, next) =
                match self.senders.static_way(core, &route.next_hop.value, sender.network) {
                    None => (Place { rule: RuleId::egr(89), ..place }, table),
                    Some(way) => {
                        let next = self.way(core, sender, &way);
                        (place, core.not_to_endpoints(place, sender.network, next))
                    }
                };
            let pass = core.list(Vec::new(), RuleVerdict::Pass);
            hops.push(core.hop(place, Body::Gate { list: pass, next }));
        }
        let taken = core.policy_routes_taken(sender, &routes).into_iter();
        let branches: Vec<_> = taken.map(|(when, at)| (when, hops[at])).collect();
        let place = Place::new(sender.resource, HopKind::PolicyRoutes, RuleId::egr(88), sender.at);
        let switch = Switch::FirstMatch { branches: branches.into(), otherwise: table };
        core.hop(place, Body::Switch(switch))
    }
}

impl Core<'_> {
    /// The policy-based routes that hold for a sender, the first to be asked first. Those of a
    /// network do not hold for proxies.
    pub(super) fn policy_routes_of(&self, sender: &NetworkSender) -> Vec<Id<PolicyRoute>> {
        let here = self.inventory.network(sender.network).policy_routes.iter().copied();
        let mut routes: Vec<_> = here
            .filter(|id| {
                let route = &self.topology.policy_routes[*id];
                let near = match (&route.interconnect_region, sender.class) {
                    (_, Class::Proxy) => false,
                    (None, _) => true,
                    (Some(region), Class::Line { interconnect: true }) => {
                        region.value == "all" || region.value == sender.region
                    }
                    (Some(_), _) => false,
                };
                sender.has_tag(&route.tags) && near
            })
            .collect();
        let routes_of_all = &self.topology.policy_routes;
        routes.sort_by_key(|id| (routes_of_all[*id].priority(), routes_of_all.key(*id)));
        routes
    }

    /// Which packets take which of some policy-based routes, first match first.
    pub(super) fn policy_routes_taken(
        &mut self,
        sender: &NetworkSender,
        routes: &[Id<PolicyRoute>],
    ) -> Vec<(ExpressionId, usize)> {
        let all = &self.topology.policy_routes;
        let mut taken = Vec::new();
        let mut first = 0;
        for equal in routes.chunk_by(|one, other| all[*one].priority() == all[*other].priority()) {
            let mut tied = Vec::new();
            for id in equal {
                let (id, entry) = all.at(*id);
                let when = self.policy_match(sender, &entry.value);
                tied.push(TiedRoute { id, at: entry.key_span, when });
            }
            let meet = |one: usize, other: usize| all[equal[one]].meets(&all[equal[other]]);
            let of_these = self.by_tie(ResourceKind::PolicyRoute, &tied, meet).into_iter();
            taken.extend(of_these.map(|(when, at)| (when, first + at)));
            first += equal.len();
        }
        taken
    }

    /// The packets that a policy-based route is for.
    pub(super) fn policy_match(
        &mut self,
        sender: &NetworkSender,
        route: &PolicyRoute,
    ) -> ExpressionId {
        let ranges = |ranges: &[Spanned<IpNet>]| -> Box<[IpNet]> {
            ranges.iter().map(|range| range.value).collect()
        };
        let mut parts = Vec::new();
        if !route.source.is_empty() {
            parts.push(self.expressions.atom(Atom::Source(ranges(&route.source))));
        }
        if !route.destination.is_empty() {
            parts.push(self.expressions.atom(Atom::Destination(ranges(&route.destination))));
        }
        if parts.is_empty() && sender.versions().v6 {
            // Without ranges it is for IPv4.
            parts.push(self.expressions.atom(Atom::Destination([EVERY_IPV4].into())));
        }
        if let Some(protocol) = &route.protocol {
            let protocol = vec![protocol.value].into();
            parts.push(self.expressions.atom(Atom::Protocol(protocol)));
        }
        self.expressions.all(parts)
    }

    /// Policy-based routes do not lead to Private Service Connect endpoints (EGR-089).
    fn not_to_endpoints(&mut self, place: Place, network: Id<Network>, next: HopId) -> HopId {
        let endpoints = self.inventory.network(network).psc_endpoints.iter();
        let endpoints: Vec<IpNet> = endpoints
            .filter_map(|each| self.topology.psc_endpoints[*each].address.known())
            .map(|address| IpNet::from(*address))
            .collect();
        if endpoints.is_empty() {
            return next;
        }
        let there = self.expressions.atom(Atom::Destination(endpoints.into()));
        let lost = self.drop(Cause::NoRoute);
        let list = self.list(vec![rule(there, lost, place.at, None)], RuleVerdict::Pass);
        self.hop(Place { rule: RuleId::egr(89), ..place }, Body::Gate { list, next })
    }
}
