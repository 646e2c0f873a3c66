//! VPC networks: how a sender in a subnet or behind a connector gets out (EGR-010 to EGR-013,
//! EGR-022 to EGR-036, EGR-054 to EGR-079, EGR-130 to EGR-134).
//!
//! Routes, firewall rules and private name resolution are not modelled yet: a network has its
//! default route, and nothing filters.

use ipnet::{IpNet, Ipv4Net};

use super::{Builder, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::graph::Placeholders;
use crate::graph::hop::{Body, Cause, Change, HopId, ResourceId, Switch, Verdict};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::network::{EndpointType, Nat, NatRange};
use crate::topology::record::Field;
use crate::topology::service::{Egress, VpcAccess};

/// Where in a network a sender sits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Attachment {
    /// In a subnet, with no external address.
    Subnet {
        /// The network's index.
        network: usize,
        /// The subnet.
        subnet: String,
    },
    /// Behind a connector.
    Connector(usize),
}

/// What decides the way of a sender inside a network.
struct Sender {
    resource: ResourceId,
    network: usize,
    region: String,
    at: Span,
    /// Under which assumptions Private Google Access is on where it sits.
    google_access: ExpressionId,
    /// The gateways that serve it.
    nats: Vec<usize>,
}

/// The private set: what `private-ranges-only` sends into the network (EGR-008).
pub(super) fn private_set() -> Vec<IpNet> {
    let v4 = |a, b, c, d, length| {
        IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), length))
    };
    vec![
        v4(10, 0, 0, 0, 8),
        v4(172, 16, 0, 0, 12),
        v4(192, 168, 0, 0, 16),
        v4(100, 64, 0, 0, 10),
        v4(240, 0, 0, 0, 4),
        v4(199, 36, 153, 8, 30),
        v4(199, 36, 153, 4, 30),
        Placeholders::internal_range(),
    ]
}

/// The parts of the private set that some documents leave out (EGR-008).
fn disputed_private_set() -> Vec<IpNet> {
    private_set()
        .into_iter()
        .filter(|range| match range {
            IpNet::V4(range) => matches!(range.addr().octets(), [100 | 240, ..]),
            IpNet::V6(_) => false,
        })
        .collect()
}

impl Builder<'_> {
    /// The first hop of what a service or job sends (EGR-001 to EGR-016).
    pub(super) fn egress(
        &mut self,
        resource: ResourceId,
        name: &str,
        access: Option<&VpcAccess>,
        at: Span,
    ) -> HopId {
        let pool = self.shared_pool(resource, at);
        let place = |kind, number, at| Place::new(resource, kind, RuleId::egr(number), at);
        let Some(access) = access else {
            // Private addresses are not to be reached at all (EGR-005).
            let dropped = self.drop(Cause::VpcConnectorNotSet);
            let dropped = self.end(place("vpc_access", 5, at), dropped);
            let ranges = private_set().into_iter().map(|range| (range, dropped)).collect();
            let switch = Switch::Destination { ranges, otherwise: pool };
            return self.hop(place("vpc_access", 4, at), Body::Switch(switch));
        };
        let at = access.span;
        let inside = match self.attachments_of(access, name) {
            Some(inside) => inside,
            None => {
                self.unmodelled
                    .push((format!("the network that {name} sends into is not known"), at));
                let dropped = self.drop(Cause::VpcConnectorNotSet);
                self.end(place("vpc_access", 5, at), dropped)
            }
        };
        let span = access.egress.as_ref().map_or(at, |egress| egress.span);
        let ranges = self.private_ways(access, place("egress_setting", 7, span), inside, pool);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: pool };
        let private_only = self.hop(place("egress_setting", 7, span), Body::Switch(switch));
        let pass = self.list(Vec::new(), Verdict::Pass);
        let gate = Body::Gate { list: pass, next: inside };
        let all = self.hop(place("egress_setting", 10, span), gate);
        let ways = self
            .alternatives(
                access.egress.as_ref(),
                Some(Egress::PrivateRangesOnly),
                Egress::ALL,
                &format!("the egress setting of {name}"),
                |egress| egress.to_string(),
            )
            .into_iter()
            .map(|(when, egress)| match egress {
                Egress::PrivateRangesOnly => (when, private_only),
                Egress::AllTraffic => (when, all),
            })
            .collect();
        self.first_match(place("egress_setting", 2, span), ways).unwrap_or(private_only)
    }

    /// What `private-ranges-only` sends into the network: the private set, and what documents
    /// disagree on (EGR-008, EGR-009).
    fn private_ways(
        &mut self,
        access: &VpcAccess,
        place: Place,
        inside: HopId,
        pool: HopId,
    ) -> Vec<(IpNet, HopId)> {
        let mut ways: Vec<(IpNet, HopId)> =
            private_set().into_iter().map(|range| (range, inside)).collect();
        let mut perhaps = |this: &mut Self, ranges: Vec<IpNet>, id: &'static str, number: u16| {
            if ranges.is_empty() {
                return;
            }
            let private = this.disputed(id);
            let branches = vec![(private, inside)].into();
            let switch = Switch::FirstMatch { branches, otherwise: pool };
            let place = Place { kind: "private_set", rule: RuleId::egr(number), ..place };
            let hop = this.hop(place, Body::Switch(switch));
            ways.retain(|(range, _)| !ranges.contains(range));
            ways.extend(ranges.into_iter().map(|range| (range, hop)));
        };
        perhaps(self, disputed_private_set(), "class-e-is-private", 8);
        let network = self.topology.attached_network(access);
        let subnets = network.and_then(|network| self.topology.networks.get_index(network));
        let mut borrowed: Vec<IpNet> = subnets
            .into_iter()
            .flat_map(|(_, entry)| entry.value.subnets.values())
            .filter_map(|subnet| subnet.range.known().copied())
            .filter(|range| !private_set().iter().any(|private| private.contains(range)))
            .collect();
        borrowed.sort_unstable();
        borrowed.dedup();
        perhaps(self, borrowed, "attached-pupi-is-private", 9);
        ways
    }

    /// Out by the addresses that Google shares between customers (EGR-004, EGR-006).
    fn shared_pool(&mut self, resource: ResourceId, at: Span) -> HopId {
        let next = self.outside();
        let changes = vec![
            Change::Origin(Origin::Serverless),
            Change::Source(Placeholders::SHARED_POOL.into()),
        ];
        let place = Place::new(resource, "shared_pool", RuleId::egr(4), at);
        self.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// The way into the network by a connector or directly; `None` if it is not known which.
    fn attachments_of(&mut self, access: &VpcAccess, name: &str) -> Option<HopId> {
        let topology = self.topology;
        if let Some(connector) = &access.connector {
            let what = format!("the connector of {name}");
            let mut ways = Vec::new();
            for (when, id) in self.alternatives(Some(connector), None, &[], &what, String::clone) {
                let index = topology.connectors.index_of(&id)?;
                ways.push((when, self.attachment(Attachment::Connector(index))?));
            }
            let resource = self.resource("connector", "");
            let place = Place::new(resource, "connector", RuleId::egr(1), connector.span);
            return self.first_match(place, ways);
        }
        let (network, subnet) = topology.direct_subnet(access)?;
        self.attachment(Attachment::Subnet { network, subnet })
    }

    /// The hop at which what is sent from a place inside a network begins.
    pub(super) fn attachment(&mut self, attachment: Attachment) -> Option<HopId> {
        if let Some(&hop) = self.attachments.get(&attachment) {
            return Some(hop);
        }
        let hop = match &attachment {
            Attachment::Subnet { network, subnet } => {
                let sender = self.subnet_sender(*network, subnet)?;
                self.inside_network(&sender, RuleId::egr(16), "direct_vpc_egress")
            }
            Attachment::Connector(index) => {
                let sender = self.connector_sender(*index)?;
                self.inside_network(&sender, RuleId::egr(24), "connector")
            }
        };
        self.attachments.insert(attachment, hop);
        Some(hop)
    }

    /// A virtual machine with an address of its own: it uses that instead of a gateway (EGR-071),
    /// and needs no Private Google Access (EGR-130).
    pub(super) fn vm_with_address(
        &mut self,
        resource: ResourceId,
        network: usize,
        subnet: &str,
        address: std::net::IpAddr,
        at: Span,
    ) -> Option<HopId> {
        let region = self.topology.subnet_region(network, subnet)?.to_string();
        let next = self.outside();
        let changes = vec![Change::Origin(Origin::Internet), Change::Source(address)];
        let place = Place::new(resource, "external_address", RuleId::egr(71), at);
        let out = self.hop(place, Body::Rewrite { changes: changes.into(), next });
        let google_access = self.expressions.always();
        let sender = Sender { resource, network, region, at, google_access, nats: Vec::new() };
        Some(self.by_destination(&sender, RuleId::ing(27), "vm", out))
    }

    fn subnet_sender(&mut self, network: usize, subnet: &str) -> Option<Sender> {
        let topology = self.topology;
        let (id, entry) = topology.networks.get_index(network)?;
        let declared = entry.value.subnets.entry(subnet)?;
        let region = declared.value.region.value.clone();
        let what = format!("Private Google Access of subnet {id}/{subnet}");
        let google_access =
            self.whether(declared.value.private_google_access.as_ref(), false, &what);
        let nats = self.serving_nats(network, &region, Some(subnet));
        let resource = self.resource("network", id);
        Some(Sender { resource, network, region, at: declared.key_span, google_access, nats })
    }

    fn connector_sender(&mut self, index: usize) -> Option<Sender> {
        let topology = self.topology;
        let (id, entry) = topology.connectors.get_index(index)?;
        let connector = &entry.value;
        let (network, subnet) = topology.connector_network(connector)?;
        let region = topology.connector_region(connector)?.to_string();
        let google_access = match &subnet {
            Some(subnet) => self.subnet_sender(network, subnet)?.google_access,
            None if connector.private_google_access.is_none() => {
                self.disputed("generated-connector-subnet-has-pga")
            }
            None => {
                let what = format!("Private Google Access of connector/{id}");
                self.whether(connector.private_google_access.as_ref(), true, &what)
            }
        };
        let nats = self.serving_nats(network, &region, subnet.as_deref());
        let resource = self.resource("connector", id);
        Some(Sender { resource, network, region, at: entry.key_span, google_access, nats })
    }

    /// The gateways that translate for a subnet, or for a range that is no subnet (EGR-054 to
    /// EGR-057, EGR-067).
    fn serving_nats(&self, network: usize, region: &str, subnet: Option<&str>) -> Vec<usize> {
        let topology = self.topology;
        let serves = |nat: &Nat| {
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
            here && for_machines && for_range
        };
        let nats = topology.nats.values().enumerate();
        nats.filter(|(_, nat)| serves(nat)).map(|(index, _)| index).collect()
    }

    fn inside_network(&mut self, sender: &Sender, number: RuleId, kind: &'static str) -> HopId {
        let out = self.by_nat(sender);
        self.by_destination(sender, number, kind, out)
    }

    /// Out to the internet through a gateway (EGR-011, EGR-038, EGR-060).
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
        let next = self.outside();
        let (id, at) = match self.topology.nats.get_index(nat) {
            Some((id, entry)) => (id.to_string(), entry.key_span),
            None => (String::new(), Span::none()),
        };
        let resource = self.resource("nat", &id);
        let place = Place::new(resource, "cloud_nat", RuleId::egr(58), at);
        let addresses = self.nat_addresses(nat);
        let mut branches = Vec::new();
        for address in &addresses {
            let changes = vec![Change::Origin(Origin::Internet), Change::Source(*address)];
            branches.push(self.hop(place, Body::Rewrite { changes: changes.into(), next }));
        }
        let hop = match branches.as_slice() {
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
        };
        self.nat_ways.insert(nat, hop);
        hop
    }

    /// Inside a network: Google's front end, internal load balancers, or out.
    fn by_destination(
        &mut self,
        sender: &Sender,
        number: RuleId,
        kind: &'static str,
        out: HopId,
    ) -> HopId {
        let place = Place::new(sender.resource, kind, number, sender.at);
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        let google = self.google_way(sender);
        ranges.push((std::net::IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into(), google));
        let no_route = self.drop(Cause::NoRoute);
        let no_route = self.end(Place { kind: "no_route", ..place }, no_route);
        self.routes_are_not_modelled(no_route, sender.network);
        ranges.extend(private_set().into_iter().map(|range| (range, no_route)));
        ranges.extend(self.internal_listeners(sender.network, &sender.region));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: out };
        self.hop(place, Body::Switch(switch))
    }

    /// Marks the end of what is sent to an address of a network or to a virtual address of Google
    /// APIs: whether it arrives is up to routes.
    fn routes_are_not_modelled(&mut self, end: HopId, network: usize) {
        let id = self.topology.networks.get_index(network).map_or("", |(id, _)| &**id);
        let what = format!(
            "routes to addresses inside network/{id} and to Google's virtual addresses \
             199.36.153.4/30 and 199.36.153.8/30"
        );
        self.unmodelled_ends.insert(end, what);
    }

    /// To Google's front end without leaving Google's network: needs Private Google Access, which
    /// a serving gateway turns on (EGR-012, EGR-069, EGR-070, EGR-134).
    fn google_way(&mut self, sender: &Sender) -> HopId {
        let outside = self.outside();
        let front_end = self.front_end_of(outside);
        let changes = vec![Change::Origin(Origin::Network(sender.network as u32))];
        let place =
            Place::new(sender.resource, "private_google_access", RuleId::egr(131), sender.at);
        let next = self.hop(place, Body::Rewrite { changes: changes.into(), next: front_end });
        let disallowed = self.drop(Cause::PrivateGoogleAccessDisallowed);
        let mut rules = Vec::new();
        if !sender.nats.is_empty() {
            let always = self.expressions.always();
            rules.push(rule(always, Verdict::Pass, sender.at, Some(RuleId::egr(70))));
        }
        rules.push(rule(sender.google_access, Verdict::Pass, sender.at, Some(RuleId::egr(130))));
        let never = self.expressions.never();
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = self.list(rules, disallowed);
        self.hop(Place { rule: RuleId::egr(134), ..place }, Body::Gate { list, next })
    }

    fn front_end_of(&self, outside: HopId) -> HopId {
        let wanted: IpNet = std::net::IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
        match &self.hops[outside].body {
            Body::Switch(Switch::Destination { ranges, otherwise }) => ranges
                .iter()
                .find(|(range, _)| *range == wanted)
                .map_or(*otherwise, |(_, hop)| *hop),
            _ => outside,
        }
    }

    /// The internal load balancers of a network, as clients in a region see them (ING-109 to
    /// ING-112).
    fn internal_listeners(&mut self, network: usize, region: &str) -> Vec<(IpNet, HopId)> {
        let listeners = self.inside.get(&network).cloned().unwrap_or_default();
        let mut ways = Vec::new();
        for listener in listeners {
            let Some((id, entry)) = self.topology.load_balancers.get_index(listener.load_balancer)
            else {
                continue;
            };
            let resource = self.resource("load_balancer", id);
            let place = Place::new(resource, "front_end", RuleId::ing(109), entry.key_span);
            let mut next = listener.hop;
            let near = listener.region.as_deref().is_none_or(|own| own == region);
            if !near {
                let mismatch = self.drop(Cause::ForwardingRuleRegionMismatch);
                let pass = vec![rule(listener.global, Verdict::Pass, entry.key_span, None)];
                let list = self.list(pass, mismatch);
                next = self.hop(place, Body::Gate { list, next });
            }
            if !listener.has_proxies {
                let missing = self.drop(Cause::LoadBalancerHasNoProxySubnet);
                let list = self.list(Vec::new(), missing);
                let place = Place { kind: "proxy_subnet", rule: RuleId::ing(112), ..place };
                next = self.hop(place, Body::Gate { list, next });
            }
            ways.push((listener.address.into(), next));
        }
        ways
    }

    /// An on-premises site: the way by its lines is one assumption.
    pub(super) fn site(&mut self, id: &str, network: usize, region: &str, at: Span) -> HopId {
        let resource = self.resource("onprem", id);
        let assumption = self.assumption(
            format!("onprem/{id}:hybrid-way"),
            crate::graph::AssumptionKind::Unmodelled,
            || {
                format!(
                    "lines, routes and name resolution lead from onprem/{id} to Google's front \
                     end and the internal load balancers of its network, and back"
                )
            },
            Some(true),
            at,
        );
        let exists = self.assumed((assumption, true));
        let no_way = self.drop(Cause::NoRoute);
        let place = Place::new(resource, "hybrid_way", RuleId::ing(113), at);
        let nowhere = self.end(place, no_way);
        self.routes_are_not_modelled(nowhere, network);
        let mut ranges: Vec<(IpNet, HopId)> = self.internal_listeners(network, region);
        let outside = self.outside();
        let front_end = self.front_end_of(outside);
        let changes = vec![Change::Origin(Origin::Network(network as u32))];
        let enters = Place { rule: RuleId::ing(30), ..place };
        let google = self.hop(enters, Body::Rewrite { changes: changes.into(), next: front_end });
        ranges.push((std::net::IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into(), google));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: nowhere };
        let next = self.hop(place, Body::Switch(switch));
        let list = self.list(vec![rule(exists, Verdict::Pass, at, None)], no_way);
        self.hop(place, Body::Gate { list, next })
    }

    /// The range that a sender's own address is from.
    pub(super) fn sender_ranges(&self, access: Option<&VpcAccess>) -> Vec<IpNet> {
        let pool: IpNet = std::net::IpAddr::V4(Placeholders::SHARED_POOL).into();
        let Some(access) = access else { return vec![pool] };
        let topology = self.topology;
        let mut ranges = Vec::new();
        let subnet_range = |network: usize, subnet: &str| {
            let (_, entry) = topology.networks.get_index(network)?;
            entry.value.subnets.get(subnet)?.range.known().copied()
        };
        if let Some(connector) = &access.connector {
            let ids = connector
                .known()
                .into_iter()
                .chain(connector.candidates().iter().map(|each| &each.value));
            for id in ids {
                let Some(connector) = topology.connectors.get(id) else { continue };
                ranges.extend(connector.range.as_ref().and_then(Field::known).copied());
                if let Some((network, Some(subnet))) = topology.connector_network(connector) {
                    ranges.extend(subnet_range(network, &subnet));
                }
            }
        } else if let Some((network, subnet)) = topology.direct_subnet(access) {
            ranges.extend(subnet_range(network, &subnet));
        }
        if ranges.is_empty() {
            ranges.push(pool);
        }
        ranges
    }
}

/// Requests from these ranges; everything if there are none.
pub(super) fn from_ranges(builder: &mut Builder<'_>, ranges: Vec<IpNet>) -> ExpressionId {
    if ranges.is_empty() {
        return builder.expressions.always();
    }
    builder.expressions.atom(Atom::Source(ranges.into()))
}
