//! VPC networks: how what is sent inside them gets on (EGR-010 to EGR-172).
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | who sends in a network, and what leaves Cloud Run for one |
//! | `dns.rs` | what names resolve to, as a network sees it |
//! | `connector.rs` | connectors, and what serves them |
//! | `firewall.rs` | rules and policies |
//! | `route.rs` | route tables |
//! | `custom_route.rs` | static and dynamic routes |
//! | `dynamic.rs` | which dynamic route is taken |
//! | `policy_route.rs` | policy-based routes |
//! | `machine.rs` | machines |
//! | `nat.rs` | the way out to the internet |
//! | `inside.rs` | what listens inside networks |
//! | `version.rs` | versions of IP: who has which, and what differs for IPv6 |
//! | `hub.rs` | spokes of Network Connectivity Center |
//! | `endpoint_group.rs` | what is behind load balancers besides Cloud Run |
//! | `party.rs` | outside parties inside networks and behind them |
//! | `published.rs` | published services, and what leads to them |
//! | `reply.rs` | how replies get back |
//! | `always.rs` | what no firewall rule decides |
//! | `hybrid.rs` | sites and their lines |
//! | `arrival.rs` | what sites send |

mod always;
mod arrival;
mod connector;
mod custom_route;
mod dns;
mod dynamic;
mod endpoint_group;
mod firewall;
mod hub;
mod hybrid;
mod inside;
mod machine;
mod name_server;
mod nat;
mod party;
mod policy_route;
mod published;
mod reply;
mod route;
mod version;

use crate::graph::{Gap, GapKind, HopKind, ResourceKind, Touches};
use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;

use always::METADATA_SERVER;
pub(super) use dns::{DnsView, Querier, Resolvers};
pub(super) use dynamic::Cost;
use dynamic::Uplink;
pub(super) use endpoint_group::InternetNeg;
use inside::Apis;
pub(super) use machine::Senders;
pub(super) use published::Consumer;
use reply::{Leg, SenderPlace};
use version::EVERY_IPV6;
pub(super) use version::{EVERY_IPV4, NAT64};

use super::gap::kind_of;
use super::{Core, LoadBalancers, Memo, Place, rule};
use crate::graph::Placeholders;
use crate::graph::Versions;
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, ResourceId, RuleVerdict, Switch};
use crate::inventory::{Inventory, SubnetId, Workload, WorkloadId, ranges};
use crate::rules::RuleId;
use crate::rules::ranges::{PRIVATE, VIPS as GOOGLE, VIPS_IPV6};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::firewall::{Direction, Protocol};
use crate::topology::hybrid::{LineId, Site};
use crate::topology::network::{Connector, Nat, Network, Passthrough, SubnetPurpose, Vm};
use crate::topology::record::{Id, Spanned, each};
use crate::topology::service::{Egress, VpcAccess, WorkerPool};

/// Where in a network a sender sits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Attachment {
    /// Cloud Run in a subnet, by Direct VPC egress.
    Direct {
        /// The subnet.
        subnet: SubnetId,
        /// The revision's network tags.
        tags: Vec<String>,
        /// The revision's account, if a firewall rule names it as target (EGR-045).
        account: Option<String>,
    },
    /// Behind a connector.
    Connector(Id<Connector>),
    /// A machine.
    Machine {
        /// Which.
        machine: Id<Vm>,
        /// Whose packets.
        sends: Sends,
    },
    /// A machine in a subnet that is not declared, without tags.
    Anyone(SubnetId),
}

/// Whose packets a machine sends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Sends {
    /// Its own.
    Own,
    /// Those of others, with its own address in front.
    Translated,
    /// Those of others as they are.
    Passed(Leg),
}

/// What kind of endpoint sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Cloud Run by Direct VPC egress.
    DirectVpc,
    /// Instances of a connector.
    Connector,
    /// A machine.
    Machine {
        /// Its own address on the internet.
        external: Option<IpAddr>,
        /// Whether the packets are those of others, with its own address in front.
        translates: bool,
    },
    /// Proxies of a load balancer.
    Proxy,
    /// A line to a site.
    Line {
        /// Whether it is a VLAN attachment.
        interconnect: bool,
    },
}

/// An endpoint of a network, as firewalls and routes see it.
#[derive(Debug, Clone)]
pub(super) struct NetworkSender {
    pub resource: ResourceId,
    pub at: Span,
    pub network: Id<Network>,
    pub region: String,
    /// Its subnet, if it is a declared one.
    pub subnet: Option<SubnetId>,
    /// Its addresses.
    pub ranges: Vec<IpNet>,
    pub tags: Vec<String>,
    pub secure_tags: Vec<String>,
    pub account: Option<String>,
    pub class: Class,
    /// Under which assumptions Private Google Access is on where it sits.
    pub google_access: ExpressionId,
    /// The same for what it sends over IPv6.
    pub google_access_ipv6: ExpressionId,
    /// Whether its addresses of IPv6 are of the internet.
    pub external_ipv6: bool,
    /// The gateways that serve it.
    pub nats: Vec<Id<Nat>>,
    /// Whose packets it sends.
    pub leg: Leg,
}

impl NetworkSender {
    /// The addresses that are its own alone.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let single = |range: &&IpNet| range.prefix_len() == range.max_prefix_len();
        self.ranges.iter().filter(single).map(IpNet::addr)
    }

    /// Whether the packets are those of others, as they are.
    pub fn passes_on(&self) -> bool {
        !self.leg.passed.is_empty()
    }

    /// Where it is: `NETWORK/SUBNET`, or `NETWORK/REGION` outside of every subnet.
    pub fn standing(&self, inventory: &Inventory<'_>) -> String {
        let network = inventory.topology.networks.key(self.network);
        let within = self.subnet.map_or(&*self.region, |subnet| inventory.subnet_name(subnet));
        format!("{network}/{within}")
    }

    /// Whether it has one of these network tags; without tags, whatever it has.
    pub fn has_tag(&self, tags: &[Spanned<String>]) -> bool {
        tags.is_empty() || tags.iter().any(|tag| self.tags.contains(&tag.value))
    }
}

/// Who reaches into a network, as what listens there tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Client {
    /// The region that the client, or its line, is in.
    pub region: String,
    /// The network that it sits in, or that its line ends in.
    pub network: Id<Network>,
    /// Whether it comes from a peered network.
    pub peered: bool,
    /// Whether it comes by a line from a site.
    pub hybrid: bool,
    /// Whose packets it sends; nothing where their replies come back by Google's own ways.
    pub leg: Option<Leg>,
}

/// private.googleapis.com and restricted.googleapis.com (EGR-123, EGR-124), then their addresses of
/// IPv6.
pub(super) const VIPS: [IpNet; 4] = [GOOGLE[0], GOOGLE[1], VIPS_IPV6[0], VIPS_IPV6[1]];

/// What connectors and Private Service Connect carry (EGR-168, EGR-240).
const CARRIED: [Protocol; 2] = [Protocol::Tcp, Protocol::Udp];

/// The private set: what `private-ranges-only` sends into the network (EGR-008).
pub(super) fn private_set() -> Vec<IpNet> {
    let internal = [Placeholders::internal_range()];
    PRIVATE.into_iter().chain(GOOGLE).chain(internal).collect()
}

/// Whether a range lies in the private set.
pub(super) fn is_private(range: &IpNet) -> bool {
    ranges::is_private(range) || Placeholders::internal_range().contains(range)
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

/// Networks: the ways in, through and out of each.
pub(super) struct Networks<'t> {
    pub load_balancers: LoadBalancers<'t>,
    pub resolvers: Resolvers,
    pub senders: Senders,
    /// Where what is sent from a place begins.
    pub attachments: Memo<Attachment, HopId>,
    /// What clients reach by the addresses of a network.
    pub insides: Memo<(Id<Network>, Client), HopId>,
    /// The ranges from which workloads send, by network, and by which rule.
    sending_ranges: Memo<Id<Network>, Rc<[(IpNet, RuleId)]>>,
    pub machine_ends: Memo<(Id<Vm>, Option<Leg>), HopId>,
    pub worker_pool_ends: Memo<(Id<WorkerPool>, Option<Leg>), HopId>,
    /// What others send through machines, by machine and whose packets they are.
    pub passing_machines: Memo<(Id<Vm>, Leg, Option<Id<Passthrough>>), HopId>,
    pub sites: Sites,
    nat_ways: Memo<Id<Nat>, HopId>,
    /// The way out of each network.
    pub leaving: Memo<Id<Network>, HopId>,
    metadata_server: Option<HopId>,
    /// The internet.
    pub outside_hop: Option<HopId>,
    /// The internet, as what comes by NAT64 sees it.
    outside_by_nat64: Option<HopId>,
}

/// What leads to sites and comes from them.
#[derive(Default)]
pub(super) struct Sites {
    /// To sites by some of their lines, from a region, for senders by their leg.
    ways: Memo<(Vec<Uplink>, String, Leg), HopId>,
    /// What is behind all lines of a site.
    pub ends: Memo<Id<Site>, HopId>,
    /// To a site by one line.
    pub lines: Memo<(Id<Site>, LineId), HopId>,
    /// From a site by one line.
    pub arrivals: Memo<(Id<Site>, LineId), HopId>,
}

impl<'t> Networks<'t> {
    pub(super) fn new(load_balancers: LoadBalancers<'t>) -> Self {
        Networks {
            load_balancers,
            resolvers: Resolvers::default(),
            senders: Senders::default(),
            attachments: Memo::default(),
            insides: Memo::default(),
            sending_ranges: Memo::default(),
            machine_ends: Memo::default(),
            worker_pool_ends: Memo::default(),
            passing_machines: Memo::default(),
            sites: Sites::default(),
            nat_ways: Memo::default(),
            leaving: Memo::default(),
            metadata_server: None,
            outside_hop: None,
            outside_by_nat64: None,
        }
    }

    /// The first hop of what a service, job or worker pool sends (EGR-001 to EGR-016).
    pub(super) fn egress(
        &mut self,
        core: &mut Core<'t>,
        resource: ResourceId,
        workload: &Workload<'_>,
    ) -> HopId {
        let Workload { access, at, .. } = *workload;
        let outside = self.outside(core);
        let pool = core.shared_pool(resource, at, 4, outside);
        // To Google by the same addresses.
        let google = self.front_end_for(core, Apis::All);
        let number = if access.is_none() { 6 } else { 13 };
        let google = core.shared_pool(resource, at, number, google);
        let front_end: IpNet = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
        let metadata = self.metadata_server(core);
        let place = |kind, number, at| Place::new(resource, kind, RuleId::egr(number), at);
        let Some(access) = access else {
            // Private addresses are not to be reached at all (EGR-005).
            let dropped = core.drop(Cause::VpcConnectorNotSet);
            let dropped = core.end(place(HopKind::VpcAccess, 5, at), dropped);
            let mut ranges: Vec<(IpNet, HopId)> =
                private_set().into_iter().map(|range| (range, dropped)).collect();
            // Google's side has no IPv6 (EGR-018).
            let mismatch = core.mismatch();
            ranges.push((EVERY_IPV6, core.end(place(HopKind::VpcAccess, 18, at), mismatch)));
            ranges.push((METADATA_SERVER, metadata));
            ranges.push((front_end, google));
            let switch = Switch::Destination { ranges: ranges.into(), otherwise: pool };
            return core.hop(place(HopKind::VpcAccess, 4, at), Body::Switch(switch));
        };
        let at = access.span;
        let name = format!("{}/{}", kind_of(workload.of), workload.id);
        let inside = match self.attachments_of(core, access, &name, workload) {
            Some(inside) => inside,
            None => {
                // It sends nowhere, and what it sends past the network may go into it.
                let what = GapKind::SenderNetwork(name.as_str().into());
                let at = access.connector.as_ref().map_or(at, |connector| connector.span);
                let touches = Touches::Senders([core.named(resource).clone()].into());
                core.gaps.push(Gap::both(what, at, touches));
                let dropped = core.drop(Cause::VpcConnectorNotSet);
                core.end(place(HopKind::VpcAccess, 5, at), dropped)
            }
        };
        let inside = core.without_unreachable(place(HopKind::KnownIssue, 237, at), inside);
        let span = access.egress.as_ref().map_or(at, |egress| egress.span);
        let mut ranges =
            core.private_ways(workload, place(HopKind::EgressSetting, 7, span), inside, pool);
        ranges.push((METADATA_SERVER, metadata));
        ranges.push((front_end, google));
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: pool };
        let private_only = core.hop(place(HopKind::EgressSetting, 7, span), Body::Switch(switch));
        let pass = core.list(Vec::new(), RuleVerdict::Pass);
        let everything = match &access.connector {
            Some(connector) => core.without_sql_connection(
                place(HopKind::KnownIssue, 238, connector.span),
                sql_connections(core.topology, workload.of),
                inside,
            ),
            None => inside,
        };
        let gate = Body::Gate { list: pass, next: everything };
        let all = core.hop(place(HopKind::EgressSetting, 10, span), gate);
        let ways = core
            .settings(access.egress(), Egress::ALL, &format!("the egress setting of {name}"))
            .into_iter()
            .map(|(when, egress)| match egress {
                Egress::PrivateRangesOnly => (when, private_only),
                Egress::AllTraffic => (when, all),
            })
            .collect();
        core.first_match(place(HopKind::EgressSetting, 2, span), ways).unwrap_or(private_only)
    }

    /// The way into the network by a connector or directly; `None` if it is not known which.
    fn attachments_of(
        &mut self,
        core: &mut Core<'t>,
        access: &VpcAccess,
        name: &str,
        workload: &Workload<'_>,
    ) -> Option<HopId> {
        let topology = core.topology;
        if let Some(connector) = &access.connector {
            let what = format!("the connector of {name}");
            let mut ways = Vec::new();
            for (when, id) in core.alternatives(Some(connector), None, &[], &what, String::clone) {
                let connector = topology.connectors.id_of(&id)?;
                ways.push((when, self.attachment(core, Attachment::Connector(connector))?));
            }
            let resource = core.resource(ResourceKind::Connector, "");
            let place = Place::new(resource, HopKind::Connector, RuleId::egr(1), connector.span);
            return core.first_match(place, ways);
        }
        let subnet = workload.direct?;
        let mut tags: Vec<String> = access.tags.iter().map(|tag| tag.value.clone()).collect();
        tags.sort();
        let account = &workload.account;
        let account = core.inventory.is_firewall_target(account).then(|| account.clone());
        self.attachment(core, Attachment::Direct { subnet, tags, account })
    }

    /// The hop at which what is sent from a place inside a network begins. Machines that pass on
    /// each other's packets make a circle, so the hop exists before those that it leads to.
    pub(super) fn attachment(
        &mut self,
        core: &mut Core<'t>,
        attachment: Attachment,
    ) -> Option<HopId> {
        if let Some(&hop) = self.attachments.get(&attachment) {
            return Some(hop);
        }
        let sender = self.senders.sender(core, &attachment)?;
        let (kind, number) = match attachment {
            Attachment::Direct { .. } => (HopKind::DirectVpcEgress, RuleId::egr(42)),
            Attachment::Connector(_) => (HopKind::Connector, RuleId::egr(24)),
            Attachment::Machine { .. } => (HopKind::Vm, RuleId::ing(27)),
            Attachment::Anyone { .. } => (HopKind::Subnet, RuleId::ing(13)),
        };
        let place = Place::new(sender.resource, kind, number, sender.at);
        let no_route = core.drop(Cause::NoRoute);
        let hop = core.end(place, no_route);
        self.attachments.insert(attachment.clone(), hop);
        let routed = self.routed(core, &sender);
        let mut next = self.senders.firewall(core, &sender, Direction::Egress, routed);
        if let Attachment::Connector(connector) = attachment {
            let (id, entry) = core.topology.connectors.at(connector);
            next = self.senders.connector_serves(core, &sender, (id, &entry.value), next);
        }
        let list = self.senders.sendable(core, &sender);
        core.hops[hop].body = Body::Gate { list, next };
        Some(hop)
    }

    /// The first hop of what machines send that a network holds undeclared, by their subnets, and
    /// the addresses that they may have; `None` if no subnet is for machines.
    pub(super) fn undeclared(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
    ) -> Option<(HopId, ExpressionId, Versions)> {
        let (id, entry) = core.topology.networks.at(network);
        let mut ranges: Vec<IpNet> = Vec::new();
        let mut both: Vec<IpNet> = Vec::new();
        let mut branches: Vec<(ExpressionId, HopId)> = Vec::new();
        for (subnet, declared) in entry.value.subnets.with_ids() {
            let ordinary = declared.purpose() == SubnetPurpose::Private;
            let own: Vec<IpNet> = declared.ranges().filter(|_| ordinary).collect();
            if own.is_empty() {
                continue;
            }
            let start = self.attachment(core, Attachment::Anyone(SubnetId { network, subnet }))?;
            ranges.extend(&own);
            if own.len() > 1 {
                both.extend(&own);
            }
            let from = core.expressions.atom(Atom::Source(own.into()));
            branches.push((from, start));
        }
        let (_, last) = branches.pop()?;
        let resource = core.resource(ResourceKind::Network, id);
        let place = Place::new(resource, HopKind::Subnets, RuleId::ing(13), entry.key_span);
        let start = if branches.is_empty() {
            last
        } else {
            let switch = Switch::FirstMatch { branches: branches.into(), otherwise: last };
            core.hop(place, Body::Switch(switch))
        };
        let versions = Versions::of(&ranges);
        let own = from_ranges(core, ranges);
        let agreeing = core.agreeing(&both);
        let own = core.expressions.all([own, agreeing]);
        Some((start, self.senders.undeclared_of(core, network, own), versions))
    }

    /// To Google's front end without leaving Google's network: needs Private Google Access, which
    /// a serving gateway turns on (EGR-012, EGR-069, EGR-070, EGR-134).
    fn google_way(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
        apis: Apis,
        over_ipv6: bool,
    ) -> HopId {
        let front_end = self.front_end_for(core, apis);
        let changes = vec![FieldChange::Origin(Origin::Network(sender.network))];
        let place =
            Place::new(sender.resource, HopKind::PrivateGoogleAccess, RuleId::egr(131), sender.at);
        let next = core.hop(place, Body::Rewrite { changes: changes.into(), next: front_end });
        if over_ipv6 {
            return core.with_ipv6_google_access(sender, next);
        }
        core.with_google_access(sender, next)
    }
}

impl Core<'_> {
    /// What `private-ranges-only` sends into the network: the private set, and what documents
    /// disagree on (EGR-008, EGR-009).
    fn private_ways(
        &mut self,
        workload: &Workload<'_>,
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
            let place = Place { kind: HopKind::PrivateSet, rule: RuleId::egr(number), ..place };
            let hop = this.hop(place, Body::Switch(switch));
            ways.retain(|(range, _)| !ranges.contains(range));
            ways.extend(ranges.into_iter().map(|range| (range, hop)));
        };
        perhaps(self, disputed_private_set(), "class-e-is-private", 8);
        let network = workload.network.map(|network| &self.topology.networks[network]);
        let mut borrowed: Vec<IpNet> = network
            .into_iter()
            .flat_map(|network| network.subnets.values())
            .filter_map(|subnet| subnet.ipv4())
            .filter(|range| !is_private(range))
            .collect();
        borrowed.sort_unstable();
        borrowed.dedup();
        perhaps(self, borrowed, "attached-pupi-is-private", 9);
        ways.extend(self.private_ipv6_ways(workload, place, inside));
        ways
    }

    /// Out by the addresses that Google shares between customers (EGR-004, EGR-006).
    fn shared_pool(&mut self, resource: ResourceId, at: Span, number: u16, next: HopId) -> HopId {
        let changes = vec![
            FieldChange::Origin(Origin::Serverless),
            FieldChange::Source(Placeholders::SHARED_POOL.into()),
        ];
        let place = Place::new(resource, HopKind::SharedPool, RuleId::egr(number), at);
        self.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// A gate that asks for Private Google Access where a sender sits.
    fn with_google_access(&mut self, sender: &NetworkSender, next: HopId) -> HopId {
        let place =
            Place::new(sender.resource, HopKind::PrivateGoogleAccess, RuleId::egr(134), sender.at);
        let disallowed = self.drop(Cause::PrivateGoogleAccessDisallowed);
        let mut rules = Vec::new();
        if !sender.nats.is_empty() {
            let always = self.expressions.always();
            rules.push(rule(always, RuleVerdict::Pass, sender.at, Some(RuleId::egr(70))));
        }
        rules.push(rule(
            sender.google_access,
            RuleVerdict::Pass,
            sender.at,
            Some(RuleId::egr(130)),
        ));
        let never = self.expressions.never();
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = self.list(rules, disallowed);
        self.hop(place, Body::Gate { list, next })
    }

    fn front_end_of(&self, outside: HopId) -> HopId {
        let wanted: IpNet = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
        match &self.hops[outside].body {
            Body::Switch(Switch::Destination { ranges, otherwise }) => ranges
                .iter()
                .find(|(range, _)| *range == wanted)
                .map_or(*otherwise, |(_, hop)| *hop),
            _ => outside,
        }
    }

    /// The range that a sender's own address is from.
    pub(super) fn sender_ranges(&self, workload: &Workload<'_>) -> Vec<IpNet> {
        let mut ranges = Vec::new();
        let connector = workload.access.and_then(|access| access.connector.as_ref());
        if let Some(connector) = connector {
            for (id, _) in each(connector) {
                let Some(connector) = self.topology.connectors.id_of(id) else { continue };
                ranges.extend(self.connector_ranges(connector));
            }
        } else if let Some(subnet) = workload.direct {
            ranges.extend(self.inventory.subnet(subnet).ranges());
        }
        if ranges.is_empty() {
            ranges.push(IpAddr::V4(Placeholders::SHARED_POOL).into());
        }
        ranges
    }
}

impl Senders {
    /// Who sends at a place.
    fn sender(&mut self, core: &mut Core<'_>, attachment: &Attachment) -> Option<NetworkSender> {
        match attachment {
            Attachment::Direct { subnet, tags, account } => {
                let sender = self.in_subnet(core, *subnet, Class::DirectVpc);
                Some(NetworkSender { tags: tags.clone(), account: account.clone(), ..sender })
            }
            Attachment::Connector(connector) => self.connector_sender(core, *connector),
            Attachment::Machine { machine, sends } => {
                let mut machine = self.machine(core, *machine)?;
                if let Class::Machine { translates, .. } = &mut machine.class {
                    *translates = *sends == Sends::Translated;
                }
                if let Sends::Passed(leg) = sends {
                    // What it passes on as it is is not translated by a gateway (EGR-087).
                    machine.nats = Vec::new();
                    machine.leg = leg.clone();
                }
                Some(machine)
            }
            Attachment::Anyone(subnet) => {
                let class = Class::Machine { external: None, translates: false };
                Some(self.in_subnet(core, *subnet, class))
            }
        }
    }

    /// Who sends from a subnet, without tags and account.
    pub(super) fn in_subnet(
        &mut self,
        core: &mut Core<'_>,
        subnet: SubnetId,
        class: Class,
    ) -> NetworkSender {
        let (google_access, at) = self.subnet_access(core, subnet);
        let inventory = core.inventory;
        let network = subnet.network;
        let region = inventory.subnet_region(subnet);
        NetworkSender {
            resource: core.resource(ResourceKind::Network, core.topology.networks.key(network)),
            at,
            network,
            nats: self.serving_nats(core, network, region, Some(subnet)),
            region: region.to_string(),
            subnet: Some(subnet),
            ranges: inventory.subnet(subnet).ranges().collect(),
            tags: Vec::new(),
            secure_tags: Vec::new(),
            account: None,
            class,
            google_access,
            google_access_ipv6: self.google_access_ipv6(core, subnet, google_access),
            external_ipv6: inventory.subnet(subnet).has_external_ipv6(),
            leg: Leg::from(SenderPlace::Network(network)),
        }
    }

    /// Something of Google's in a network, without subnet, tags and firewall.
    fn of_google(
        &mut self,
        core: &mut Core<'_>,
        (resource, at): (ResourceId, Span),
        network: Id<Network>,
        region: &str,
    ) -> NetworkSender {
        let always = core.expressions.always();
        NetworkSender {
            resource,
            at,
            network,
            region: region.to_string(),
            subnet: None,
            ranges: Vec::new(),
            tags: Vec::new(),
            secure_tags: Vec::new(),
            account: None,
            class: Class::Proxy,
            google_access: always,
            google_access_ipv6: always,
            external_ipv6: false,
            nats: Vec::new(),
            leg: Leg::from(SenderPlace::Network(network)),
        }
    }

    /// Whether Private Google Access is on in a subnet, and where the subnet is declared.
    fn subnet_access(&mut self, core: &mut Core<'_>, subnet: SubnetId) -> (ExpressionId, Span) {
        let (network, entry) = core.topology.networks.at(subnet.network);
        let (id, declared) = entry.value.subnets.at(subnet.subnet);
        let what = format!("Private Google Access of subnet {network}/{id}");
        let access = declared.value.private_google_access();
        (core.whether(access, &what), declared.key_span)
    }

    /// Requests with an address that a service or job can have: one of its ranges that no machine
    /// has (EGR-042).
    pub(super) fn sender_addresses(
        &mut self,
        core: &mut Core<'_>,
        workload: &Workload<'_>,
    ) -> ExpressionId {
        let ranges = core.sender_ranges(workload);
        let agreeing = core.agreeing(&ranges);
        let own = from_ranges(core, ranges);
        let own = core.expressions.all([own, agreeing]);
        match workload.network {
            Some(network) => self.undeclared_of(core, network, own),
            None => own,
        }
    }

    /// Of requests from a network those that no declared machine's address is on.
    fn undeclared_of(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        own: ExpressionId,
    ) -> ExpressionId {
        let taken = match self.taken.get(&network) {
            Some(taken) => *taken,
            None => {
                let mut addresses: Vec<IpNet> = Vec::new();
                for &machine in &core.inventory.network(network).vms {
                    addresses
                        .extend(self.machine_addresses(core, machine).into_iter().map(IpNet::from));
                }
                addresses.sort_unstable();
                addresses.dedup();
                let taken = core.expressions.atom(Atom::Source(addresses.into()));
                self.taken.insert(network, taken);
                taken
            }
        };
        let free = core.expressions.not(taken);
        core.expressions.all([own, free])
    }
}

/// The instances of Cloud SQL that a workload has connections to.
fn sql_connections(topology: &Topology, workload: WorkloadId) -> &[Spanned<String>] {
    match workload {
        WorkloadId::Service(service) => &topology.services[service].cloud_sql,
        WorkloadId::Job(job) => &topology.jobs[job].cloud_sql,
        WorkloadId::WorkerPool(pool) => &topology.worker_pools[pool].cloud_sql,
    }
}

/// Requests from these ranges; everything if there are none.
pub(super) fn from_ranges(core: &mut Core<'_>, ranges: Vec<IpNet>) -> ExpressionId {
    if ranges.is_empty() {
        return core.expressions.always();
    }
    core.expressions.atom(Atom::Source(ranges.into()))
}
