//! Versions of IP: who has which, the way out over IPv6, and what names resolve to for each
//! (EGR-018, EGR-019, EGR-233).

use crate::graph::Placeholder;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::nat::{PUBLIC, is_near};
use super::{CARRIED, Class, NetworkSender, VIPS};
use crate::graph::compile::{Core, Networks, Place, Resolvers, Senders, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, Hop, HopId, ListId, RuleVerdict, Switch};
use crate::graph::{
    HopKind, NameAnswer, NameRule, Placeholders, ResourceKind, Versions, nat64_range,
};
use crate::inventory::{SubnetId, Workload};
use crate::rules::RuleId;
use crate::topology::hybrid::Site;
use crate::topology::network::{NatKind, Network, StackType, UNIQUE_LOCAL, Vm};
use crate::topology::record::{Field, Id};

/// Every address of IPv4.
pub(in crate::graph::compile) const EVERY_IPV4: IpNet =
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0));

/// Every address of IPv6.
pub(super) const EVERY_IPV6: IpNet = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0));

/// What NAT64 translates.
pub(in crate::graph::compile) const NAT64: IpNet =
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96));

/// What a private address of IPv6 is: those of networks, and Google's virtual ones.
const PRIVATE: [IpNet; 3] = [UNIQUE_LOCAL, VIPS[2], VIPS[3]];

impl NetworkSender {
    /// The versions of IP that it has addresses of.
    pub fn versions(&self) -> Versions {
        Versions::of(&self.ranges)
    }
}

impl Core<'_> {
    /// Requests whose source and destination are of one version, for senders that have ranges of
    /// both: the destination decides which is sent from.
    pub(in crate::graph::compile) fn agreeing(&mut self, ranges: &[IpNet]) -> ExpressionId {
        if Versions::of(ranges) != (Versions { v4: true, v6: true }) {
            return self.expressions.always();
        }
        let (v4, v6): (Vec<IpNet>, Vec<IpNet>) =
            ranges.iter().partition(|range| matches!(range, IpNet::V4(_)));
        let astray = [(v4, EVERY_IPV6), (v6, EVERY_IPV4)].map(|(own, other)| {
            let from = self.expressions.atom(Atom::Source(own.into()));
            let to = self.expressions.atom(Atom::Destination([other].into()));
            self.expressions.all([from, to])
        });
        let astray = self.expressions.any(astray);
        self.expressions.not(astray)
    }

    /// What `private-ranges-only` does with IPv6: what is private goes into the network, and the
    /// rest nowhere unless documents that are silent on it mean otherwise (EGR-018).
    pub(super) fn private_ipv6_ways(
        &mut self,
        workload: &Workload<'_>,
        place: Place,
        inside: HopId,
    ) -> Vec<(IpNet, HopId)> {
        let mismatch = self.mismatch();
        let place = Place { kind: HopKind::PrivateSet, rule: RuleId::egr(18), ..place };
        let otherwise = self.end(place, mismatch);
        if !Versions::of(&self.sender_ranges(workload)).v6 {
            return vec![(EVERY_IPV6, otherwise)];
        }
        let through = self.disputed("private-ranges-only-carries-public-ipv6");
        let branches = vec![(through, inside)].into();
        let place = Place { rule: RuleId::egr(7), ..place };
        let public = self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }));
        let private = PRIVATE.map(|range| (range, inside));
        private.into_iter().chain([(EVERY_IPV6, public)]).collect()
    }

    /// What sites that have IPv4 alone do with IPv6: they do not send it (EGR-019).
    pub(super) fn without_ipv6(
        &mut self,
        place: Place,
        site: &Site,
        ways: &mut BTreeMap<IpNet, HopId>,
    ) {
        let own: Vec<IpNet> = site.ranges.iter().map(|range| range.value).collect();
        if own.is_empty() || Versions::of(&own).v6 {
            return;
        }
        let mismatch = self.mismatch();
        let end = self.end(Place { rule: RuleId::egr(19), ..place }, mismatch);
        ways.retain(|range, _| matches!(range, IpNet::V4(_)));
        ways.insert(EVERY_IPV6, end);
    }

    /// A gate that asks for Private Google Access over IPv6, which no gateway turns on: none
    /// serves ranges of IPv6 (EGR-018).
    pub(super) fn with_ipv6_google_access(&mut self, sender: &NetworkSender, next: HopId) -> HopId {
        let place =
            Place::new(sender.resource, HopKind::PrivateGoogleAccess, RuleId::egr(130), sender.at);
        let never = self.expressions.never();
        let rules = [sender.google_access_ipv6].into_iter().filter(|when| *when != never);
        let rules = rules.map(|when| rule(when, RuleVerdict::Pass, sender.at, None)).collect();
        let disallowed = self.drop(Cause::PrivateGoogleAccessDisallowed);
        let list = self.list(rules, disallowed);
        self.hop(place, Body::Gate { list, next })
    }
}

impl Senders {
    /// What a sender can send. What it has no address for is not sent (EGR-019); that Cloud Run has
    /// external IPv6 addresses is disputed (EGR-018). A connector carries no other protocols than
    /// TCP and UDP (EGR-240).
    pub(super) fn sendable(&mut self, core: &mut Core<'_>, sender: &NetworkSender) -> ListId {
        let versions = sender.versions();
        let mismatch = core.mismatch();
        let [v4, v6] = [EVERY_IPV4, EVERY_IPV6]
            .map(|range| core.expressions.atom(Atom::Destination([range].into())));
        let mut rules = Vec::new();
        if !versions.v4 {
            rules.push(rule(v4, mismatch, sender.at, Some(RuleId::egr(19))));
        }
        if !versions.v6 {
            rules.push(rule(v6, mismatch, sender.at, Some(RuleId::egr(19))));
        } else if sender.class == Class::DirectVpc && sender.external_ipv6 {
            let supported = core.disputed("direct-vpc-external-ipv6");
            let unsupported = core.expressions.not(supported);
            let when = core.expressions.all([v6, unsupported]);
            rules.push(rule(when, mismatch, sender.at, Some(RuleId::egr(18))));
        }
        if sender.class == Class::Connector {
            let carried = core.expressions.atom(Atom::Protocol(CARRIED.into()));
            let others = core.expressions.not(carried);
            let blocked = core.drop(Cause::TrafficTypeBlocked);
            rules.push(rule(others, blocked, sender.at, Some(RuleId::egr(240))));
        }
        let never = core.expressions.never();
        rules.retain(|rule| rule.when != never);
        core.list(rules, RuleVerdict::Pass)
    }

    /// Under which assumptions what a subnet sends over IPv6 has Private Google Access, which
    /// addresses of the internet do not need (EGR-130).
    pub(super) fn google_access_ipv6(
        &mut self,
        core: &mut Core<'_>,
        subnet: SubnetId,
        google_access: ExpressionId,
    ) -> ExpressionId {
        if core.inventory.subnet(subnet).has_external_ipv6() {
            core.expressions.always()
        } else {
            google_access
        }
    }

    /// The addresses of a machine inside its network: its own, or the last ones of its subnet that
    /// nothing else has, in the order of the machines' names.
    pub(super) fn machine_addresses(&mut self, core: &mut Core<'_>, of: Id<Vm>) -> Vec<IpAddr> {
        let (topology, inventory) = (core.topology, core.inventory);
        let (id, entry) = topology.vms.at(of);
        let vm = &entry.value;
        let Some(subnet) = inventory.vm_subnet(of) else { return Vec::new() };
        let declared = inventory.subnet(subnet);
        let stack = vm.stack(declared);
        // How many machines before it by name have no address of their own.
        let before = |has_none: fn(&Vm) -> bool| {
            let others = inventory.network(subnet.network).vms.iter();
            let others = others.filter(|other| topology.vms.key(**other) < &**id);
            let here = others.filter(|other| inventory.vm_subnet(**other) == Some(subnet));
            here.filter(|other| has_none(&topology.vms[**other])).count() as u32 + 3
        };
        let mut addresses = Vec::new();
        if stack != StackType::Ipv6Only {
            let own = vm.address.as_ref().and_then(Field::known).copied();
            addresses.push(match (own, declared.ipv4()) {
                (Some(own), _) => own,
                (None, Some(IpNet::V4(range))) => {
                    let last = u32::from(range.broadcast());
                    let address = last.saturating_sub(before(|other| other.address.is_none()));
                    IpAddr::V4(address.max(u32::from(range.network())).into())
                }
                _ => core.placeholder(Placeholder::of(ResourceKind::Vm, id), true),
            });
        }
        if stack != StackType::Ipv4Only {
            let own = vm.ipv6_address.as_ref().and_then(Field::known).copied();
            let of_subnet = || match declared.ipv6() {
                Some(IpNet::V6(range)) => {
                    let last = u128::from(range.broadcast());
                    let skip = u128::from(before(|other| other.ipv6_address.is_none()));
                    let address = last.saturating_sub(skip).max(u128::from(range.network()));
                    Some(IpAddr::V6(address.into()))
                }
                _ => None,
            };
            addresses.extend(own.or_else(of_subnet));
        }
        if addresses.is_empty() {
            addresses.push(core.placeholder(Placeholder::of(ResourceKind::Vm, id), true));
        }
        addresses
    }
}

impl<'t> Networks<'t> {
    /// Out to the internet over IPv6: as an address of one's own, if it is of the internet, and
    /// without a gateway (EGR-018).
    pub(super) fn out_over_ipv6(&mut self, core: &mut Core<'t>, sender: &NetworkSender) -> HopId {
        let next = self.outside(core);
        let place = Place::new(sender.resource, HopKind::ExternalIpv6, RuleId::egr(18), sender.at);
        if !sender.external_ipv6 || sender.passes_on() {
            let dropped = core.drop(Cause::NoExternalAddress);
            let list = core.list(Vec::new(), dropped);
            return core.hop(place, Body::Gate { list, next });
        }
        let changes = vec![FieldChange::Origin(Origin::Internet)];
        core.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// By a gateway that translates to IPv4, which only machines that have IPv6 alone come by
    /// (EGR-018).
    pub(super) fn nat64_way(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
    ) -> Option<HopId> {
        let topology = core.topology;
        if sender.versions().v4 || !matches!(sender.class, Class::Machine { .. }) {
            return None;
        }
        let near = core.inventory.network(sender.network).nats.iter().filter(|nat| {
            let nat = &topology.nats[**nat];
            let wanted = nat.nat64().may_be(true);
            let public = nat.kind() == NatKind::Public;
            wanted && public && is_near(nat, &sender.region)
        });
        // Several would overlap, which Google Cloud refuses (EGR-056).
        let nat = *near.min_by_key(|nat| topology.nats.key(**nat))?;
        let (id, entry) = topology.nats.at(nat);
        let resource = core.resource(ResourceKind::Nat, id);
        let place = Place::new(resource, HopKind::CloudNat, RuleId::egr(18), entry.key_span);
        let outside = self.outside_by_nat64(core);
        let addresses = core.nat_addresses(nat);
        let next = core.translated(
            place,
            "",
            &addresses,
            &[FieldChange::Origin(Origin::Internet)],
            outside,
        );
        let what = format!("whether nat/{id} translates IPv6");
        let translates = core.whether(entry.value.nat64(), &what);
        let otherwise = core.drop(Cause::NoExternalAddress);
        let list =
            core.list(vec![rule(translates, RuleVerdict::Pass, entry.key_span, None)], otherwise);
        let next = core.hop(Place { kind: HopKind::Nat64, ..place }, Body::Gate { list, next });
        Some(core.translatable(place, &PUBLIC, next))
    }

    /// The internet with each address of IPv4 behind that of NAT64 for it.
    fn outside_by_nat64(&mut self, core: &mut Core<'t>) -> HopId {
        if let Some(known) = self.outside_by_nat64 {
            return known;
        }
        let outside = self.outside(core);
        let hop = core.hops[outside].clone();
        let hop = match hop.body {
            Body::Switch(Switch::Destination { ranges, otherwise }) => {
                // Google's names have addresses of IPv6 themselves.
                let front_end: IpNet = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
                let others = ranges.iter().filter(|(range, _)| *range != front_end);
                let translated = others.filter_map(|(range, next)| match range {
                    IpNet::V4(range) => Some((nat64_range(*range), *next)),
                    IpNet::V6(_) => None,
                });
                let ranges = translated.collect();
                let body = Body::Switch(Switch::Destination { ranges, otherwise });
                core.hops.add_node(Hop { body, ..hop })
            }
            _ => outside,
        };
        self.outside_by_nat64 = Some(hop);
        hop
    }
}

impl Resolvers {
    /// Whether machines of a network that have IPv6 alone get addresses for NAT64.
    pub(super) fn has_dns64(&self, core: &Core<'_>, network: Id<Network>) -> bool {
        let policies = &core.inventory.network(network).dns_policies;
        policies.iter().any(|policy| core.topology.dns_policies[*policy].dns64())
    }

    /// A rule of a response policy with addresses of one version of IP leaves queries for the
    /// other one to what would answer without it (EGR-233).
    pub(super) fn add_other_version(
        &mut self,
        core: &mut Core<'_>,
        rules: &mut Vec<NameRule>,
        asked: Versions,
        zones: &[NameRule],
        bypassed: &[String],
    ) {
        let public = self.public_layer(core).rules;
        let named = |of: &[NameRule]| of.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>();
        let hosts = core.names.hosts().map(str::to_string);
        let names: BTreeSet<String> =
            named(zones).into_iter().chain(named(&public)).chain(hosts).collect();
        let mut finer: Vec<NameRule> = Vec::new();
        for at in 0..rules.len() {
            let rule = rules[at].clone();
            let NameAnswer::Addresses(own) = &rule.answer else { continue };
            let has = Versions::of(own);
            if asked.v4 <= has.v4 && asked.v6 <= has.v6 {
                continue;
            }
            // Itself, and names below it that something else may answer for.
            let below = names.iter().filter(|name| {
                let name = NameRule { name: (*name).clone(), ..rule.clone() };
                let decided = |of: &NameRule| {
                    of.name == name.name || of.is_inside(&rule) && name.is_inside(of)
                };
                name.is_inside(&rule)
                    && !bypassed.contains(&name.name)
                    && !rules.iter().chain(&finer).any(decided)
            });
            let below = below.map(|name| NameRule { name: name.clone(), ..rule.clone() });
            let mut answering: Vec<NameRule> = [rule.clone()].into_iter().chain(below).collect();
            for one in &mut answering {
                let NameAnswer::Addresses(ranges) = &mut one.answer else { continue };
                let NameAnswer::Addresses(others) = self.ordinary(core, &one.name, zones, &public)
                else {
                    continue;
                };
                let missing = |range: &&IpNet| has.v6 == range.addr().is_ipv4();
                let before = ranges.len();
                ranges.extend(others.iter().filter(missing));
                if ranges.len() > before {
                    one.rule = RuleId::egr(233);
                }
            }
            rules[at] = answering.remove(0);
            finer.extend(answering);
        }
        rules.extend(finer);
    }

    /// What answers for a name without response policies: what is closest to it of the zones,
    /// else of the internet.
    fn ordinary(
        &self,
        core: &Core<'_>,
        name: &str,
        zones: &[NameRule],
        public: &[NameRule],
    ) -> NameAnswer {
        // The name itself can stand for all below it.
        let closest = |of: &[NameRule]| {
            let speaking = of.iter().filter(|of| of.name == name || of.covers(name));
            let closest = speaking.max_by_key(|of| (!of.name.starts_with('.'), of.name.len()));
            closest.map(|of| of.answer.clone())
        };
        let known = closest(zones).or_else(|| closest(public));
        known.unwrap_or_else(|| self.public_answer(core, name))
    }

    /// What the internet's name servers answer to a name that is none of Google's.
    pub(super) fn public_answer(&self, core: &Core<'_>, name: &str) -> NameAnswer {
        let addresses = core.names.addresses(name);
        if addresses.is_empty() {
            return NameAnswer::Unknown;
        }
        NameAnswer::Addresses(addresses.into_iter().map(IpNet::from).collect())
    }
}
