//! The internet: Google's front end, external load balancers, outside parties.

use crate::graph::Placeholder;
use crate::graph::{HopKind, ResourceKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::network::{EVERY_IPV4, NAT64, VIPS};
use super::{Core, Memo, Networks, Place, Services};
use crate::graph::Placeholders;
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, Entry, HopId, Outcome, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::rules::ranges::PROXIES;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::network::{External, Nat};
use crate::topology::record::{Field, Id};

/// Something that listens at an address on the internet.
#[derive(Debug, Clone)]
pub(super) struct OutsideListener {
    /// Which requests to the address it takes.
    pub when: ExpressionId,
    /// Where they go.
    pub hop: HopId,
    /// Where the address is declared.
    pub place: Place,
}

/// Addresses that no packet on the internet has.
pub fn not_on_the_internet() -> Vec<IpNet> {
    let v4 = |a, b, c, d, length| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length));
    let v6 = |first: u16, second: u16, length| {
        let address = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
        IpNet::V6(Ipv6Net::new_assert(address, length))
    };
    vec![
        v4(0, 0, 0, 0, 8),
        v4(10, 0, 0, 0, 8),
        v4(100, 64, 0, 0, 10),
        v4(127, 0, 0, 0, 8),
        v4(169, 254, 0, 0, 16),
        v4(172, 16, 0, 0, 12),
        v4(192, 168, 0, 0, 16),
        VIPS[1],
        VIPS[0],
        v4(224, 0, 0, 0, 3),
        VIPS[2],
        VIPS[3],
        v6(0, 0, 8),
        v6(0xfc00, 0, 7),
        v6(0xfe80, 0, 10),
        v6(0xff00, 0, 8),
    ]
}

/// Addresses inside networks: what [`not_on_the_internet`] lists, without the placeholders that
/// stand for something on the internet.
fn inside_networks() -> Vec<IpNet> {
    let mut ranges = not_on_the_internet();
    ranges.retain(|range| !matches!(range, IpNet::V4(range) if range.addr().octets()[0] == 0));
    ranges.push(Placeholders::internal_range());
    ranges
}

/// An outside party at one of its addresses.
#[derive(Debug, Clone)]
struct Party {
    of: Id<External>,
    address: IpAddr,
    listener: OutsideListener,
}

/// What listens on the internet, and outside parties.
#[derive(Default)]
pub(super) struct Outside {
    /// Outside parties, once they are made.
    parties: Option<Rc<[Party]>>,
    /// External load balancers by address.
    pub balancers: Memo<IpAddr, Vec<Id<LoadBalancer>>>,
    /// External load balancers and outside parties by address.
    pub listeners: Memo<IpAddr, Vec<OutsideListener>>,
}

impl<'t> Networks<'t> {
    /// Where a request on the internet goes, by its destination address.
    pub(super) fn outside(&mut self, core: &mut Core<'t>) -> HopId {
        if let Some(hop) = self.outside_hop {
            return hop;
        }
        // Machines and databases are behind hops that may lead out again.
        self.outside_hop = None;
        self.load_balancers.outside.announce_externals(core);
        self.announce_public_endpoints(core);
        self.load_balancers.outside.announce_gateways(core);
        let resource = core.resource(ResourceKind::Internet, "");
        let place = Place::new(resource, HopKind::Destination, RuleId::egr(16), Span::none());
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        let front_end = self.load_balancers.services.google_front_end(core);
        ranges.push((IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into(), front_end));
        let unreachable = core.drop(Cause::NoRoute);
        let unreachable = core.end(Place { kind: HopKind::NoRoute, ..place }, unreachable);
        ranges.extend(inside_networks().into_iter().map(|range| (range, unreachable)));

        let mut listeners: Vec<(IpAddr, Vec<OutsideListener>)> =
            std::mem::take(&mut self.load_balancers.outside.listeners).into_iter().collect();
        listeners.sort_by_key(|(address, _)| *address);
        for (address, listeners) in listeners {
            let Some(first) = listeners.first() else { continue };
            let closed = core.drop(Cause::ForwardingRuleMismatch);
            let own = |listener: &OutsideListener| listener.place.resource == first.place.resource;
            // An address of several is a front end of each only for what is meant for it.
            let shared = !listeners.iter().all(own);
            let place = if shared { place } else { first.place };
            let otherwise = core.end(place, closed);
            let mut branches: Vec<(ExpressionId, HopId)> = Vec::new();
            for listener in &listeners {
                let mut next = listener.hop;
                if shared && listener.place.kind == HopKind::FrontEnd {
                    let Place { at, rule, .. } = listener.place;
                    let list = core.always(RuleVerdict::Pass, at, rule);
                    next = core.hop(listener.place, Body::Gate { list, next });
                }
                branches.push((listener.when, next));
            }
            if address.is_ipv6() {
                // Nobody gets there from an address of IPv4 (EGR-019).
                let from = core.expressions.atom(Atom::Source([EVERY_IPV4].into()));
                let mismatch = core.mismatch();
                let place = Place { rule: RuleId::egr(19), ..place };
                branches.insert(0, (from, core.end(place, mismatch)));
            }
            let switch = Switch::FirstMatch { branches: branches.into(), otherwise };
            let hop = core.hop(place, Body::Switch(switch));
            ranges.push((address.into(), hop));
        }
        let elsewhere = core.outcome(Outcome::Delivered { to: resource });
        let otherwise =
            core.hop(Place { kind: HopKind::Internet, ..place }, Body::Terminal(elsewhere));
        ranges.push((IpAddr::V6(Placeholders::ELSEWHERE_IPV6).into(), otherwise));
        ranges.push((NAT64, unreachable));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise };
        let hop = core.hop(place, Body::Switch(switch));
        self.outside_hop = Some(hop);
        hop
    }
}

impl Services {
    /// Google's front end: TLS, then the names that it knows (ING-043, ING-053).
    fn google_front_end(&mut self, core: &mut Core<'_>) -> HopId {
        let resource = core.resource(ResourceKind::GoogleFrontEnd, "");
        let place = Place::new(resource, HopKind::Names, RuleId::ing(53), Span::none());
        let unknown = core.refuse(Cause::HostNotFound, 404);
        let otherwise = core.end(place, unknown);
        let mut exact = std::mem::take(&mut self.front_end_names);
        let apis = core.resource(ResourceKind::Api, "googleapis.com");
        let label = core.entry(Entry::External("*.googleapis.com".into()));
        let end = Place::new(apis, HopKind::Api, RuleId::egr(15), Span::none()).entered_by(label);
        let api = core.deliver(end, apis);
        exact.sort();
        exact.dedup_by(|one, other| one.0 == other.0);
        let suffixes = vec![(".googleapis.com".into(), api)].into();
        let switch = Switch::Host { exact: exact.into(), suffixes, otherwise };
        let names = core.hop(place, Body::Switch(switch));
        let place = Place::new(resource, HopKind::Tls, RuleId::ing(43), Span::none());
        let redirect = core.outcome(Outcome::Redirected {
            status: 302,
            location: Some("https://{host}{path}".into()),
        });
        let plain = core.hop(place, Body::Terminal(redirect));
        let closed = core.drop(Cause::ForwardingRuleMismatch);
        let closed = core.end(place, closed);
        let https = core.listens(&[(443, 443)], true);
        let http = core.listens(&[(80, 80)], false);
        let switch = Switch::FirstMatch {
            branches: vec![(https, names), (http, plain)].into(),
            otherwise: closed,
        };
        core.hop(place, Body::Switch(switch))
    }
}

impl Outside {
    /// Outside parties on the internet, each at its addresses there.
    fn announce_externals(&mut self, core: &mut Core<'_>) {
        let inside = inside_networks();
        for party in self.parties(core).iter() {
            if !inside.iter().any(|range| range.contains(&party.address)) {
                let listeners = self.listeners.entry(party.address).or_default();
                listeners.push(party.listener.clone());
            }
        }
    }

    /// Outside parties at their addresses, wherever those are.
    fn parties(&mut self, core: &mut Core<'_>) -> Rc<[Party]> {
        if let Some(known) = &self.parties {
            return Rc::clone(known);
        }
        let mut parties: Vec<Party> = Vec::new();
        for of in core.topology.externals.ids() {
            let (id, entry) = core.topology.externals.at(of);
            let external = &entry.value;
            let resource = core.resource(ResourceKind::External, id);
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in &external.addresses {
                addresses.push(core.address(
                    Some(address),
                    Placeholder::OneOf(ResourceKind::External, (&**id).into()),
                    false,
                ));
            }
            if addresses.is_empty() {
                addresses.push(core.address(
                    None,
                    Placeholder::of(ResourceKind::External, id),
                    false,
                ));
            }
            for host in &external.hosts {
                for address in &addresses {
                    core.names.declare_address(&host.value.to_ascii_lowercase(), *address);
                }
            }
            let label = external.hosts.first().map_or(&**id, |host| &host.value);
            let label = core.entry(Entry::External(label.into()));
            let place = Place::new(resource, HopKind::External, RuleId::egr(76), entry.key_span)
                .entered_by(label);
            let end = core.deliver(place, resource);
            let hop = self.admission(core, place, external, end);
            let ports: Vec<_> = external.ports().into_iter().map(|port| (port, port)).collect();
            let ports = core.expressions.atom(Atom::Port(ports.into()));
            let tcp = core.tcp();
            let ports = core.expressions.all([tcp, ports]);
            for address in addresses {
                let when = self.at_host(core, address, &external.hosts, ports);
                parties.push(Party { of, address, listener: OutsideListener { when, hop, place } });
            }
        }
        let parties: Rc<[Party]> = parties.into();
        self.parties = Some(Rc::clone(&parties));
        parties
    }

    /// The outside parties that have addresses in some ranges, inside a network or behind it: they are
    /// where their addresses are (EGR-257).
    pub(super) fn parties_in(
        &mut self,
        core: &mut Core<'_>,
        ranges: &[IpNet],
    ) -> Vec<(IpNet, HopId)> {
        let parties = self.parties(core);
        let here = |party: &&Party| ranges.iter().any(|range| range.contains(&party.address));
        let mut addresses: Vec<IpAddr> =
            parties.iter().filter(here).map(|party| party.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let at = |address: IpAddr| parties.iter().filter(move |party| party.address == address);
        addresses
            .into_iter()
            .filter_map(|address| {
                let own = at(address).map(|party| &party.listener);
                Some((address.into(), core.one_of_parties(own.collect())?))
            })
            .collect()
    }

    /// An outside party that publishes a service, whatever its addresses are.
    pub(super) fn party(&mut self, core: &mut Core<'_>, of: Id<External>) -> Option<HopId> {
        let parties = self.parties(core);
        let own = parties.iter().find(|party| party.of == of)?;
        core.one_of_parties(vec![&own.listener])
    }

    /// Requests for a party at an address that it may share with another: by port, and by host
    /// where there is one.
    fn at_host(
        &mut self,
        core: &mut Core<'_>,
        address: IpAddr,
        hosts: &[crate::topology::record::Spanned<String>],
        ports: ExpressionId,
    ) -> ExpressionId {
        let shared = core
            .topology
            .externals
            .values()
            .filter(|other| other.addresses.iter().any(|each| each.known() == Some(&address)))
            .count()
            > 1;
        if !shared || hosts.is_empty() {
            return ports;
        }
        let hosts: Vec<ExpressionId> = hosts
            .iter()
            .map(|host| {
                let host = host.value.to_ascii_lowercase();
                let test = match host.strip_prefix('*') {
                    Some(suffix) => TextTest::Suffix(suffix.into()),
                    None => TextTest::Equals(host),
                };
                let matched = TextMatch { test, ignore_case: false };
                core.expressions.atom(Atom::Text(TextField::Host, matched))
            })
            .collect();
        let hosts = core.expressions.any(hosts);
        core.expressions.all([ports, hosts])
    }

    /// The outside party's own filter by address.
    fn admission(
        &mut self,
        core: &mut Core<'_>,
        place: Place,
        external: &External,
        next: HopId,
    ) -> HopId {
        let Some(admits) = &external.admits else { return next };
        let topology = core.topology;
        let mut ranges: Vec<IpNet> = Vec::new();
        for each in admits {
            let text = each.value.as_str();
            if let Some(nat) = text.strip_prefix("nat/") {
                let Some(nat) = topology.nats.id_of(nat) else { continue };
                ranges.extend(core.nat_addresses(nat).into_iter().map(IpNet::from));
                // Those of its rules are the gateway's, too (EGR-061).
                let of_rules = topology.nats[nat]
                    .rules
                    .iter()
                    .flat_map(|rule| &rule.addresses)
                    .filter_map(Field::known);
                ranges.extend(of_rules.copied().map(IpNet::from));
            } else if text == "*" {
                return next;
            } else if let Ok(range) = text.parse::<IpNet>() {
                ranges.push(range);
            } else if let Ok(address) = text.parse::<IpAddr>() {
                ranges.push(address.into());
            }
        }
        if PROXIES.iter().all(|own| ranges.iter().any(|range| range.contains(own))) {
            ranges.push(IpAddr::V4(Placeholders::PROXIES).into());
        }
        ranges.sort_unstable();
        ranges.dedup();
        let at = admits.first().map_or(external.span.at_start(), |first| first.span);
        let admitted = core.expressions.atom(Atom::Source(ranges.into()));
        let refused = core.drop(Cause::DestinationNotAdmitted);
        let pool = IpAddr::V4(Placeholders::SHARED_POOL).into();
        let from_pool = core.expressions.atom(Atom::Source([pool].into()));
        let rules = vec![
            super::rule(admitted, RuleVerdict::Pass, at, None),
            super::rule(from_pool, refused, at, Some(RuleId::egr(77))),
        ];
        let list = core.list(rules, refused);
        let place = Place { kind: HopKind::AllowList, at, ..place };
        core.hop(place, Body::Gate { list, next })
    }
}

impl Core<'_> {
    /// What of outside parties listens at an address.
    fn one_of_parties(&mut self, listeners: Vec<&OutsideListener>) -> Option<HopId> {
        let place = listeners.first()?.place;
        let closed = self.drop(Cause::ForwardingRuleMismatch);
        let otherwise = self.end(place, closed);
        let branches = listeners.into_iter().map(|own| (own.when, own.hop)).collect();
        let place = Place { rule: RuleId::egr(257), entry: None, ..place };
        Some(self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise })))
    }

    /// Past some destinations that something else takes, to where all others go.
    pub(super) fn besides(
        &mut self,
        place: Place,
        mut ranges: Vec<(IpNet, HopId)>,
        otherwise: HopId,
    ) -> HopId {
        if ranges.is_empty() {
            return otherwise;
        }
        ranges.sort_by_key(|(range, _)| *range);
        self.hop(place, Body::Switch(Switch::Destination { ranges: ranges.into(), otherwise }))
    }

    /// The addresses that a gateway translates new connections to (EGR-058, EGR-059). An
    /// automatic gateway has one placeholder for all that Google may allocate.
    pub(super) fn nat_addresses(&mut self, nat: Id<Nat>) -> Vec<IpAddr> {
        let (id, entry) = self.topology.nats.at(nat);
        let gateway = &entry.value;
        let what = |at: usize| Placeholder::NatAddress((&**id).into(), at as u32 + 1);
        let drained: Vec<&IpAddr> =
            gateway.drain_addresses.iter().filter_map(Field::known).collect();
        let mut addresses = Vec::new();
        for (at, address) in gateway.addresses.iter().enumerate() {
            let address = self.address(Some(address), what(at), false);
            if !drained.contains(&&address) {
                addresses.push(address);
            }
        }
        let automatic = match &gateway.automatic {
            Some(field) => field.known().copied().unwrap_or(gateway.addresses.is_empty()),
            None => gateway.addresses.is_empty(),
        };
        if automatic {
            let allocated = Placeholder::Allocated((&**id).into());
            addresses.push(self.placeholder(allocated, false));
        }
        addresses
    }
}
