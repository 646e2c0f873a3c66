//! The way out to the internet: Cloud NAT, or an address of one's own (EGR-054 to EGR-079).

use crate::graph::{Branch, ChoiceKind, Placeholder};
use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;

use super::{Class, NetworkSender};
use crate::graph::compile::condition::Context;
use crate::graph::compile::{Core, Networks, Outside, Place, Senders, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, RuleVerdict, Switch};
use crate::inventory::SubnetId;
use crate::inventory::gateways::GatewayPart;
use crate::rules::RuleId;
use crate::topology::cel::Dialect;
use crate::topology::firewall::Protocol;
use crate::topology::hybrid::NccHub;
use crate::topology::network::{EndpointType, Nat, NatKind, Network};
use crate::topology::record::{Field, Id};

/// What a public gateway translates (EGR-072).
pub(super) const PUBLIC: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp];

impl<'t> Networks<'t> {
    /// Out to the internet.
    pub(super) fn out_to_internet(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        match sender.class {
            Class::Machine { external: Some(address), .. } if !sender.passes_on() => {
                let next = self.leaving(core, sender.network);
                let changes =
                    vec![FieldChange::Origin(Origin::Internet), FieldChange::Source(address)];
                let place = Place::new(
                    sender.resource,
                    HopKind::ExternalAddress,
                    RuleId::egr(71),
                    sender.at,
                );
                core.hop(place, Body::Rewrite { changes: changes.into(), next })
            }
            _ => self.by_nat(core, sender),
        }
    }

    /// Through a gateway (EGR-011, EGR-038, EGR-060).
    fn by_nat(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let translates = matches!(sender.class, Class::Machine { translates: true, .. });
        let number = if sender.passes_on() || translates { 87 } else { 11 };
        let place = Place::new(sender.resource, HopKind::CloudNat, RuleId::egr(number), sender.at);
        let hop = self.by_gateways(core, sender, place);
        if !translates || sender.nats.is_empty() {
            return hop;
        }
        let served = core.disputed("nat-serves-next-hops");
        let dropped = core.drop(Cause::NoExternalAddress);
        let list = core.list(vec![rule(served, RuleVerdict::Pass, sender.at, None)], dropped);
        core.hop(place, Body::Gate { list, next: hop })
    }

    fn by_gateways(&mut self, core: &mut Core<'t>, sender: &NetworkSender, place: Place) -> HopId {
        match sender.nats.as_slice() {
            [] => {
                // Past the gate is where a gateway would send it.
                let next = self.leaving(core, sender.network);
                let dropped = core.drop(Cause::NoExternalAddress);
                let list = core.list(Vec::new(), dropped);
                core.hop(place, Body::Gate { list, next })
            }
            [only] => self.nat_way(core, *only),
            several => {
                // Only overlapping gateways, which Google Cloud refuses, come here (EGR-056).
                let branches: Vec<HopId> =
                    several.iter().map(|nat| self.nat_way(core, *nat)).collect();
                let words = several
                    .iter()
                    .map(|nat| core.topology.nats.key(*nat))
                    .map(|id| Branch::Resource(ResourceKind::Nat, id.into()))
                    .collect();
                let at = sender.standing(core.inventory);
                let choice = core.choice(ChoiceKind::NatGateway, place.resource, &at, words);
                core.hop(place, Body::Choice { choice, branches: branches.into() })
            }
        }
    }

    fn nat_way(&mut self, core: &mut Core<'t>, of: Id<Nat>) -> HopId {
        if let Some(&hop) = self.nat_ways.get(&of) {
            return hop;
        }
        let topology = core.topology;
        let (id, entry) = topology.nats.at(of);
        let nat = &entry.value;
        let resource = core.resource(ResourceKind::Nat, id);
        let place = Place::new(resource, HopKind::CloudNat, RuleId::egr(58), entry.key_span);
        let addresses = core.nat_addresses(of);
        let origin = [FieldChange::Origin(Origin::Internet)];
        let network = nat.network.known().and_then(|name| topology.networks.id_of(name));
        let outside = match network {
            Some(network) => self.leaving(core, network),
            None => self.outside(core),
        };
        let mut hop = core.translated(place, "", &addresses, &origin, outside);
        let mut rules: Vec<_> = nat.rules.iter().collect();
        rules.sort_by_key(|rule| rule.number.value);
        // That a gateway with rules has reserved addresses is not confirmed (EGR-063).
        let automatic = match &nat.automatic {
            Some(field) => field.known().copied().unwrap_or(nat.addresses.is_empty()),
            None => nat.addresses.is_empty(),
        };
        let possible = if automatic && !rules.is_empty() {
            let manual_only = core.disputed("nat-rules-need-manual-addresses");
            core.expressions.not(manual_only)
        } else {
            core.expressions.always()
        };
        let mut branches = Vec::new();
        for each in rules {
            let name = format!("nat/{id}/{}", each.number.value);
            let context =
                Context { id: &name, at: each.span, user_headers: &[], access_levels: false };
            let when = match core.parse(&each.r#match.value, Dialect::NatRule) {
                Ok(condition) => core.express(&condition, &context),
                Err(()) => core.expressions.never(),
            };
            let when = core.expressions.all([possible, when]);
            let mut own = Vec::new();
            for (at, address) in each.addresses.iter().enumerate() {
                let (rule, at) = (each.number.value, at as u32 + 1);
                let what = Placeholder::NatRuleAddress { nat: (&**id).into(), rule, at };
                own.push(core.address(Some(address), what, false));
            }
            let place = Place { rule: RuleId::egr(61), at: each.span, ..place };
            let at = format!("rule {}", each.number.value);
            let hop = core.translated(place, &at, &own, &origin, outside);
            branches.push((each.number.value, when, hop));
        }
        if !branches.is_empty() {
            let place = Place { kind: HopKind::NatRules, rule: RuleId::egr(61), ..place };
            hop = core.nat_rules(place, branches, hop);
        }
        let hop = core.translatable(place, &PUBLIC, hop);
        self.nat_ways.insert(of, hop);
        hop
    }
}

impl Senders {
    /// The gateways that translate for a subnet, or for a range that is no subnet (EGR-054 to
    /// EGR-057, EGR-067).
    pub(super) fn serving_nats(
        &self,
        core: &Core<'_>,
        network: Id<Network>,
        region: &str,
        subnet: Option<SubnetId>,
    ) -> Vec<Id<Nat>> {
        let public = |nat: &Nat| nat.kind() == NatKind::Public;
        let serves = |id: &&Id<Nat>| {
            let nat = &core.topology.nats[**id];
            public(nat) && self.serves(core, nat, region, subnet)
        };
        core.inventory.network(network).nats.iter().filter(serves).copied().collect()
    }

    /// Whether a gateway of a network serves a subnet of it, or a range that is no subnet.
    fn serves(&self, core: &Core<'_>, nat: &Nat, region: &str, subnet: Option<SubnetId>) -> bool {
        let subnet = subnet.map(|subnet| core.inventory.subnet_name(subnet));
        let for_range = nat.subnets.is_empty()
            || nat.subnets.iter().any(|each| {
                each.subnet.known().is_some_and(|own| Some(own.as_str()) == subnet)
                    && GatewayPart::Primary.is_of(each)
            });
        is_near(nat, region) && for_range
    }

    /// The private gateway that serves a sender: for the routes of a hub, or for those that sites
    /// announce by the network's own lines (EGR-074).
    pub(super) fn private_gateway(
        &self,
        core: &Core<'_>,
        sender: &NetworkSender,
        hub: Option<Id<NccHub>>,
    ) -> Option<Id<Nat>> {
        let topology = core.topology;
        let fits = |id: &&Id<Nat>| {
            let nat = &topology.nats[**id];
            let named = nat.hub.as_ref().map(|own| topology.ncc_hubs.id_of(&own.value));
            nat.kind() == NatKind::Private
                && named == hub.map(Some)
                && self.serves(core, nat, &sender.region, sender.subnet)
        };
        let fitting = core.inventory.network(sender.network).nats.iter().filter(fits);
        // Several would overlap, which Google Cloud refuses (EGR-056).
        fitting.min_by_key(|id| topology.nats.key(**id)).copied()
    }

    /// By routes of a hub, or over the network's own lines by routes that the site announces: a
    /// private gateway that serves the sender translates to a subnet of its own (EGR-074, EGR-078).
    pub(super) fn private_nat(
        &mut self,
        core: &mut Core<'_>,
        sender: &NetworkSender,
        hub: Option<Id<NccHub>>,
        next: HopId,
    ) -> HopId {
        let topology = core.topology;
        let Some(gateway) = self.private_gateway(core, sender, hub) else { return next };
        let (id, entry) = topology.nats.at(gateway);
        let resource = core.resource(ResourceKind::Nat, id);
        let place = Place::new(
            resource,
            if hub.is_some() { HopKind::PrivateNat } else { HopKind::HybridNat },
            RuleId::egr(74),
            entry.key_span,
        );
        let subnets = &topology.networks[sender.network].subnets;
        let ranges = entry.value.private_subnets.iter();
        let ranges = ranges.filter_map(|own| subnets.get(&own.value)?.ipv4());
        // One address stands for its range: sites tell ranges apart.
        let addresses: Vec<IpAddr> = ranges.filter_map(|range| range.hosts().next()).collect();
        let translated = core.translated(place, "", &addresses, &[], next);
        core.translatable(place, &[Protocol::Tcp, Protocol::Udp], translated)
    }
}

impl Core<'_> {
    /// Past what a gateway cannot translate (EGR-072).
    pub(super) fn translatable(
        &mut self,
        place: Place,
        protocols: &[Protocol],
        next: HopId,
    ) -> HopId {
        let supported = self.expressions.atom(Atom::Protocol(protocols.into()));
        let unsupported = self.drop(Cause::CloudNatProtocolUnsupported);
        let list = self.list(vec![rule(supported, RuleVerdict::Pass, place.at, None)], unsupported);
        let place = Place { kind: HopKind::NatProtocol, rule: RuleId::egr(72), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// The rules of a gateway. Where several match, the smallest number decides, if documents are
    /// right there, else any of them (EGR-061).
    fn nat_rules(
        &mut self,
        place: Place,
        numbered: Vec<(u32, ExpressionId, HopId)>,
        otherwise: HopId,
    ) -> HopId {
        let numbers = numbered.iter().map(|(number, ..)| Branch::Number(*number)).collect();
        let rules: Vec<(ExpressionId, HopId)> =
            numbered.into_iter().map(|(_, when, hop)| (when, hop)).collect();
        let mut overlaps = Vec::new();
        for (at, (one, _)) in rules.iter().enumerate() {
            for (other, _) in &rules[at + 1..] {
                overlaps.push(self.expressions.all([*one, *other]));
            }
        }
        let first = Switch::FirstMatch { branches: rules.clone().into(), otherwise };
        let first = self.hop(place, Body::Switch(first));
        let overlap = self.expressions.any(overlaps);
        if overlap == self.expressions.never() {
            return first;
        }
        let mut any = Vec::new();
        for at in 0..rules.len() {
            let mut rules = rules.clone();
            rules[..=at].rotate_right(1);
            let switch = Switch::FirstMatch { branches: rules.into(), otherwise };
            any.push(self.hop(place, Body::Switch(switch)));
        }
        let choice = self.choice(ChoiceKind::NatRule, place.resource, "", numbers);
        let any = self.hop(place, Body::Choice { choice, branches: any.into() });
        let lowest = self.disputed("lower-nat-rule-number-wins");
        let unordered = self.expressions.not(lowest);
        let unordered = self.expressions.all([overlap, unordered]);
        let branches = vec![(unordered, any)].into();
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise: first }))
    }

    /// On as one of some addresses; `at` says of which part of the gateway, if not of all of it.
    pub(super) fn translated(
        &mut self,
        place: Place,
        at: &str,
        addresses: &[IpAddr],
        others: &[FieldChange],
        next: HopId,
    ) -> HopId {
        let mut branches = Vec::new();
        for address in addresses {
            let mut changes = others.to_vec();
            changes.push(FieldChange::Source(*address));
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
                let words = addresses.iter().map(|address| Branch::Address(*address)).collect();
                let choice = self.choice(ChoiceKind::NatAddress, place.resource, at, words);
                let place = Place { rule: RuleId::egr(60), ..place };
                self.hop(place, Body::Choice { choice, branches: branches.into() })
            }
        }
    }
}

impl Outside {
    /// Nothing that was not asked for gets in at the addresses of a gateway (EGR-073).
    pub(in crate::graph::compile) fn announce_gateways(&mut self, core: &mut Core<'_>) {
        let topology = core.topology;
        for nat in topology.nats.ids() {
            let (id, entry) = topology.nats.at(nat);
            let gateway = &entry.value;
            if gateway.kind() == NatKind::Private {
                continue;
            }
            let resource = core.resource(ResourceKind::Nat, id);
            let place = Place::new(resource, HopKind::CloudNat, RuleId::egr(73), entry.key_span);
            let unasked = core.drop(Cause::ForwardingRuleMismatch);
            let end = core.end(place, unasked);
            let mut addresses = core.nat_addresses(nat);
            let of_rules = gateway.rules.iter().flat_map(|rule| &rule.addresses);
            addresses.extend(of_rules.filter_map(Field::known));
            for address in addresses {
                let when = core.expressions.always();
                self.listen(address, when, end, place);
            }
        }
    }
}

/// Whether a gateway of a network is for machines in a region of it.
pub(super) fn is_near(nat: &Nat, region: &str) -> bool {
    let here = nat.region.known().is_some_and(|own| own == region);
    let for_machines = nat.endpoint_types().contains(&EndpointType::Vm);
    here && for_machines
}
