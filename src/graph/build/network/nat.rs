//! The way out to the internet: Cloud NAT, or an address of one's own (EGR-054 to EGR-079).

use std::net::IpAddr;

use super::{Class, Sender};
use crate::graph::build::condition::Context;
use crate::graph::build::{Builder, Place, rule};
use crate::graph::expression::{Atom, Origin};
use crate::graph::hop::{Body, Cause, Change, HopId, Switch, Verdict};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::cel::Dialect;
use crate::topology::firewall::Protocol;
use crate::topology::network::{EndpointType, Nat, NatKind, NatRange};

impl Builder<'_> {
    /// Out to the internet.
    pub(super) fn out_to_internet(&mut self, sender: &Sender) -> HopId {
        match sender.class {
            Class::Machine { external: Some(address), .. } => {
                let next = self.outside();
                let changes = vec![Change::Origin(Origin::Internet), Change::Source(address)];
                let place =
                    Place::new(sender.resource, "external_address", RuleId::egr(71), sender.at);
                self.hop(place, Body::Rewrite { changes: changes.into(), next })
            }
            _ => self.by_nat(sender),
        }
    }

    /// The gateways that translate for a subnet, or for a range that is no subnet (EGR-054 to
    /// EGR-057, EGR-067).
    pub(super) fn serving_nats(
        &self,
        network: usize,
        region: &str,
        subnet: Option<&str>,
    ) -> Vec<usize> {
        let topology = self.topology;
        let serves = |nat: &Nat| {
            let public = nat.kind.as_ref().is_none_or(|kind| kind.value == NatKind::Public);
            let here = topology.nat_network(nat) == Some(network)
                && nat.region.known().is_some_and(|own| own == region);
            let for_machines = nat.endpoint_types.is_empty()
                || nat.endpoint_types.iter().any(|each| each.value == EndpointType::Vm);
            let for_range = nat.subnets.is_empty()
                || nat.subnets.iter().any(|each| {
                    each.subnet.known().is_some_and(|own| Some(own.as_str()) == subnet)
                        && (each.ranges.is_empty()
                            || each.ranges.iter().any(|range| range.value != NatRange::Secondary))
                });
            public && here && for_machines && for_range
        };
        let nats = topology.nats.values().enumerate();
        nats.filter(|(_, nat)| serves(nat)).map(|(index, _)| index).collect()
    }

    /// Through a gateway (EGR-011, EGR-038, EGR-060).
    fn by_nat(&mut self, sender: &Sender) -> HopId {
        let place = Place::new(sender.resource, "cloud_nat", RuleId::egr(11), sender.at);
        match sender.nats.as_slice() {
            [] => {
                // Past the gate is where a gateway would send it.
                let next = self.outside();
                let dropped = self.drop(Cause::NoExternalAddress);
                let list = self.list(Vec::new(), dropped);
                self.hop(place, Body::Gate { list, next })
            }
            [only] => self.nat_way(*only),
            several => {
                // Only overlapping gateways, which Google Cloud refuses, come here (EGR-056).
                let branches: Vec<HopId> = several.iter().map(|nat| self.nat_way(*nat)).collect();
                let words = several
                    .iter()
                    .filter_map(|nat| self.topology.nats.get_index(*nat))
                    .map(|(id, _)| format!("nat/{id}"))
                    .collect();
                let choice = self.choice("which gateway translates".into(), words);
                self.hop(place, Body::Choice { choice, branches: branches.into() })
            }
        }
    }

    fn nat_way(&mut self, nat: usize) -> HopId {
        if let Some(&hop) = self.nat_ways.get(&nat) {
            return hop;
        }
        let topology = self.topology;
        let (id, at) = match topology.nats.get_index(nat) {
            Some((id, entry)) => (&**id, entry.key_span),
            None => ("", Span::none()),
        };
        let resource = self.resource("nat", id);
        let place = Place::new(resource, "cloud_nat", RuleId::egr(58), at);
        let addresses = self.nat_addresses(nat);
        let mut hop = self.translated(place, id, &addresses);
        let mut rules: Vec<_> =
            topology.nats.get(id).into_iter().flat_map(|nat| &nat.rules).collect();
        // The smallest number decides, or any that matches (EGR-061).
        rules.sort_by_key(|rule| rule.number.value);
        let mut branches = Vec::new();
        for each in rules {
            let name = format!("nat/{id}/{}", each.number.value);
            let context =
                Context { id: &name, at: each.span, user_headers: &[], access_levels: false };
            let when = match self.parse(&each.r#match.value, Dialect::NatRule) {
                Ok(condition) => self.express(&condition, &context),
                Err(()) => self.expressions.never(),
            };
            let mut own = Vec::new();
            for (at, address) in each.addresses.iter().enumerate() {
                let label = format!("address {} of rule {name}", at + 1);
                own.push(self.address(Some(address), &label, false));
            }
            let place = Place { rule: RuleId::egr(61), at: each.span, ..place };
            branches.push((when, self.translated(place, id, &own)));
        }
        if !branches.is_empty() {
            let place = Place { kind: "nat_rules", rule: RuleId::egr(61), ..place };
            let switch = Switch::FirstMatch { branches: branches.into(), otherwise: hop };
            hop = self.hop(place, Body::Switch(switch));
        }
        // What it cannot translate (EGR-072).
        let protocols = vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp].into();
        let supported = self.expressions.atom(Atom::Protocol(protocols));
        let unsupported = self.drop(Cause::CloudNatProtocolUnsupported);
        let list = self.list(vec![rule(supported, Verdict::Pass, at, None)], unsupported);
        let place = Place { kind: "nat_protocol", rule: RuleId::egr(72), ..place };
        let hop = self.hop(place, Body::Gate { list, next: hop });
        self.nat_ways.insert(nat, hop);
        hop
    }

    /// To the internet as one of some addresses.
    fn translated(&mut self, place: Place, id: &str, addresses: &[IpAddr]) -> HopId {
        let next = self.outside();
        let mut branches = Vec::new();
        for address in addresses {
            let changes = vec![Change::Origin(Origin::Internet), Change::Source(*address)];
            branches.push(self.hop(place, Body::Rewrite { changes: changes.into(), next }));
        }
        match branches.as_slice() {
            [] => {
                let dropped = self.drop(Cause::CloudNatNoAddresses);
                let list = self.list(Vec::new(), dropped);
                self.hop(place, Body::Gate { list, next })
            }
            [only] => *only,
            _ => {
                let words = addresses
                    .iter()
                    .map(|address| match self.placeholders.label(*address) {
                        Some(label) => label.to_string(),
                        None => address.to_string(),
                    })
                    .collect();
                let choice = self.choice(format!("the address of nat/{id}"), words);
                let place = Place { rule: RuleId::egr(60), ..place };
                self.hop(place, Body::Choice { choice, branches: branches.into() })
            }
        }
    }
}
