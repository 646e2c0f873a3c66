//! What no firewall rule decides: the metadata server, which nothing can be kept from, and what
//! never leaves for external addresses (EGR-110); and two known issues of Cloud Run.

use crate::graph::{Blocked, RuleName};
use crate::graph::{HopKind, ResourceKind};
use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use crate::graph::compile::{Core, Networks, Place, rule};
use crate::graph::expression::{Atom, ExpressionId};
use crate::graph::hop::{Body, Cause, HopId, ListRule, RuleVerdict};
use crate::rules::RuleId;
use crate::rules::ranges::UNREACHABLE;
use crate::source::Span;
use crate::topology::firewall::Protocol;
use crate::topology::network::Network;
use crate::topology::record::{Field, Id, Spanned};

/// The metadata server, which answers for DHCP, DNS and NTP as well.
pub(super) const METADATA_SERVER: IpNet =
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 169, 254), 32));

/// Its name.
const METADATA_NAME: &str = "metadata.google.internal";

/// What the metadata server listens for: metadata, DNS, DHCP, NTP.
const METADATA: &[(Protocol, u16)] = &[
    (Protocol::Tcp, 80),
    (Protocol::Tcp, 53),
    (Protocol::Udp, 53),
    (Protocol::Udp, 67),
    (Protocol::Udp, 123),
];

/// Protocols that leave for external addresses.
const ADMITTED: &[Protocol] = &[
    Protocol::Tcp,
    Protocol::Udp,
    Protocol::Icmp,
    Protocol::Ipip,
    Protocol::Ah,
    Protocol::Esp,
    Protocol::Sctp,
    Protocol::Gre,
];

/// The port of connectors to Cloud SQL.
const SQL_CONNECTION: u16 = 3307;

impl<'t> Networks<'t> {
    /// The metadata server as an end.
    pub(super) fn metadata_server(&mut self, core: &mut Core<'t>) -> HopId {
        if let Some(hop) = self.metadata_server {
            return hop;
        }
        let resource = core.resource(ResourceKind::MetadataServer, "");
        core.names.declare_address(METADATA_NAME, METADATA_SERVER.addr());
        let place = Place::new(resource, HopKind::MetadataServer, RuleId::egr(110), Span::none());
        let end = core.deliver(place, resource);
        let heard: Vec<ExpressionId> = METADATA
            .iter()
            .map(|(protocol, port)| core.packet(*protocol, (*port, *port)))
            .collect();
        let heard = core.expressions.any(heard);
        let closed = core.drop(Cause::PortNotListening);
        let list = core.list(vec![rule(heard, RuleVerdict::Pass, place.at, None)], closed);
        let hop = core.hop(Place { kind: HopKind::Port, ..place }, Body::Gate { list, next: end });
        self.metadata_server = Some(hop);
        hop
    }

    /// From a network to the internet, past what never leaves for external addresses: mail on port
    /// 25 unless the project may, DHCP, and protocols of no known kind (EGR-110).
    pub(super) fn leaving(&mut self, core: &mut Core<'t>, network: Id<Network>) -> HopId {
        if let Some(&hop) = self.leaving.get(&network) {
            return hop;
        }
        let next = self.outside(core);
        let topology = core.topology;
        let (id, entry) = topology.networks.at(network);
        let resource = core.resource(ResourceKind::Network, id);
        let at = entry.key_span;
        let project = core.inventory.network_project(network);
        let project = project.map(|project| topology.projects.at(project));
        let id = project.map_or("", |(id, _)| &**id);
        let what = format!("whether project/{id} may send to port 25 outside");
        let may = match project {
            Some((_, entry)) => core.whether(entry.value.external_port_25(), &what),
            None => core.expressions.never(),
        };
        let kept = core.expressions.not(may);
        let mail = core.packet(Protocol::Tcp, (25, 25));
        let mail = core.expressions.all([mail, kept]);
        let addresses = core.packet(Protocol::Udp, (67, 68));
        let admitted = core.expressions.atom(Atom::Protocol(ADMITTED.into()));
        let unknown = core.expressions.not(admitted);
        let blocked = core.drop(Cause::TrafficTypeBlocked);
        let never = core.expressions.never();
        let rules =
            [(mail, Blocked::Mail), (addresses, Blocked::Dhcp), (unknown, Blocked::Protocol)]
                .into_iter()
                .filter(|(when, _)| *when != never)
                .map(|(when, what)| ListRule {
                    name: RuleName::Blocked(what),
                    ..rule(when, blocked, at, None)
                })
                .collect();
        let list = core.list(rules, RuleVerdict::Pass);
        let place = Place::new(resource, HopKind::BlockedTraffic, RuleId::egr(110), at);
        let hop = core.hop(place, Body::Gate { list, next });
        self.leaving.insert(network, hop);
        hop
    }
}

impl Core<'_> {
    /// Packets of a protocol to some ports.
    fn packet(&mut self, protocol: Protocol, ports: (u16, u16)) -> ExpressionId {
        let protocol = self.expressions.atom(Atom::Protocol(vec![protocol].into()));
        let ports = self.expressions.atom(Atom::Port(vec![ports].into()));
        self.expressions.all([protocol, ports])
    }

    /// Past what Cloud Run cannot reach in any network, if something declared might be there
    /// (EGR-237).
    pub(super) fn without_unreachable(&mut self, place: Place, next: HopId) -> HopId {
        let topology = self.topology;
        let subnets = topology.networks.values().flat_map(|network| network.subnets.values());
        let sites = || topology.onprem.values();
        let connections = topology.private_connections.values();
        let mut declared = subnets
            .filter_map(|subnet| subnet.ipv4())
            .chain(sites().flat_map(|site| &site.ranges).map(|range| range.value))
            .chain(
                sites().flat_map(|site| site.announces.iter().flatten()).map(|range| range.value),
            )
            .chain(connections.flat_map(|own| &own.ranges).map(|range| range.value))
            .chain(topology.routes.values().filter_map(|own| own.destination.known().copied()));
        if !declared.any(|range| range.contains(&UNREACHABLE) || UNREACHABLE.contains(&range)) {
            return next;
        }
        let there = self.expressions.atom(Atom::Destination([UNREACHABLE].into()));
        let unreachable = self.drop(Cause::NoRoute);
        let list = self.list(vec![rule(there, unreachable, place.at, None)], RuleVerdict::Pass);
        self.hop(place, Body::Gate { list, next })
    }

    /// Past the public addresses of instances that a service has connections to, which are not to
    /// be used beside a connector for all traffic (EGR-238).
    pub(super) fn without_sql_connection(
        &mut self,
        place: Place,
        connected: &[Spanned<String>],
        next: HopId,
    ) -> HopId {
        let topology = self.topology;
        let instances = connected.iter().filter_map(|id| topology.sql_instances.get(&id.value));
        let addresses: Vec<IpNet> = instances
            .filter_map(|instance| instance.public_address.as_ref().and_then(Field::known))
            .map(|address| IpNet::from(*address))
            .collect();
        if addresses.is_empty() {
            return next;
        }
        let there = self.expressions.atom(Atom::Destination(addresses.into()));
        let connection = self.packet(Protocol::Tcp, (SQL_CONNECTION, SQL_CONNECTION));
        let when = self.expressions.all([there, connection]);
        let lost = self.drop(Cause::NoRoute);
        let list = self.list(vec![rule(when, lost, place.at, None)], RuleVerdict::Pass);
        self.hop(place, Body::Gate { list, next })
    }
}
