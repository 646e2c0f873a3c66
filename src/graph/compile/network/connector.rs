//! Connectors: their instances as senders, and what has to serve them (EGR-022 to EGR-038).

use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;

use ipnet::IpNet;

use super::firewall::Rank;
use super::reply::{Leg, SenderPlace};
use super::{Class, NetworkSender};
use crate::graph::compile::{Core, Place, Senders, rule};
use crate::graph::expression::{Atom, Expression, ExpressionId, in_ranges};
use crate::graph::hop::{Body, Cause, HopId, ListId, ListRule, RuleVerdict};
use crate::inventory::ConnectorPlace;
use crate::rules::{RuleId, ranges};
use crate::source::Span;
use crate::topology::firewall::{Direction, Protocol};
use crate::topology::network::{Connector, Network};
use crate::topology::record::{Field, Id};

/// The priority of those between a connector and Google's side (EGR-028).
const SERVICE: u32 = 100;

/// Where Google's side of connectors sends from, and is answered at (EGR-031).
const SERVERLESS: &[IpNet] = &[ranges::SERVERLESS];
/// What it sends.
const SERVED: &[(Protocol, u16)] =
    &[(Protocol::Tcp, 667), (Protocol::Udp, 665), (Protocol::Udp, 666), (Protocol::Icmp, 0)];
/// Where the health checks of connectors come from (EGR-031, EGR-113).
const HEALTH_CHECKS: &[IpNet] = &ranges::HEALTH_CHECKS;
/// What they ask for.
const CHECKED: &[(Protocol, u16)] = &[(Protocol::Tcp, 667)];

/// A packet, as far as firewalls look at it.
struct HealthCheck {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    protocol: Protocol,
    port: u16,
}

impl Senders {
    /// The instances of a connector, as senders.
    pub(super) fn connector_sender(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Connector>,
    ) -> Option<NetworkSender> {
        let inventory = core.inventory;
        let (id, entry) = core.topology.connectors.at(of);
        let connector = &entry.value;
        let ConnectorPlace { network, subnet, region } = inventory.connector(of);
        let (network, region) = (network?, region?);
        let google_access = match subnet {
            Some(subnet) => self.subnet_access(core, subnet).0,
            None if connector.private_google_access.is_none() => {
                core.disputed("generated-connector-subnet-has-pga")
            }
            None => {
                let what = format!("Private Google Access of connector/{id}");
                core.whether(connector.private_google_access(), &what)
            }
        };
        Some(NetworkSender {
            resource: core.resource(ResourceKind::Connector, id),
            at: entry.key_span,
            network,
            nats: self.serving_nats(core, network, region, subnet),
            region: region.to_string(),
            subnet,
            ranges: core.connector_ranges(of),
            tags: inventory.connector_tags(of),
            secure_tags: Vec::new(),
            account: None,
            class: Class::Connector,
            google_access,
            google_access_ipv6: google_access,
            external_ipv6: false,
            leg: Leg::from(SenderPlace::Network(network)),
        })
    }

    /// A connector works only if it runs and the rules of its network let in what serves it: those
    /// that it brings, if it is in the project of the network, or the host project's own (EGR-028,
    /// EGR-031, EGR-032).
    pub(super) fn connector_serves(
        &mut self,
        core: &mut Core<'_>,
        sender: &NetworkSender,
        (id, connector): (&str, &Connector),
        next: HopId,
    ) -> HopId {
        let place =
            Place::new(sender.resource, HopKind::ConnectorRules, RuleId::egr(32), sender.at);
        let mut next = next;
        let lists = [Direction::Ingress, Direction::Egress]
            .map(|direction| self.connector_list(core, sender, connector, direction));
        let own = sender.ranges.first().map(IpNet::addr);
        for (ranges, ports, cause) in [
            (HEALTH_CHECKS, CHECKED, Cause::VpcConnectorHealthCheckTrafficBlocked),
            (SERVERLESS, SERVED, Cause::VpcConnectorServerlessTrafficBlocked),
        ] {
            let blocked = ranges.iter().any(|range| {
                let theirs = range.addr();
                ports.iter().any(|(protocol, port)| {
                    let packet = |source, destination| HealthCheck {
                        source,
                        destination,
                        protocol: *protocol,
                        port: *port,
                    };
                    let into = packet(Some(theirs), own);
                    let out = packet(own, Some(theirs));
                    let answers = cause == Cause::VpcConnectorServerlessTrafficBlocked;
                    !self.admits(core, lists[0], &into)
                        || answers && !self.admits(core, lists[1], &out)
                })
            });
            if blocked {
                let blocked = core.drop(cause);
                let list = match core.brings_rules(connector, sender.network) {
                    true => core.list(Vec::new(), blocked),
                    false => core.always(blocked, place.at, RuleId::egr(31)),
                };
                next = core.hop(place, Body::Gate { list, next });
            }
        }
        let what = format!("whether connector/{id} runs");
        let running = core.whether(connector.running(), &what);
        if running == core.expressions.always() {
            return next;
        }
        let at = connector.running.as_ref().map_or(sender.at, |running| running.span);
        let stopped = core.drop(Cause::VpcConnectorNotRunning);
        core.only_if(Place { kind: HopKind::ConnectorState, at, ..place }, running, stopped, next)
    }

    /// The rules for the instances of a connector, with those between them and Google's side that
    /// come with one in the project of the network (EGR-028).
    fn connector_list(
        &mut self,
        core: &mut Core<'_>,
        sender: &NetworkSender,
        connector: &Connector,
        direction: Direction,
    ) -> Option<ListId> {
        // Of a project that is not known nothing is held against it.
        let unknown = connector
            .project
            .as_ref()
            .is_some_and(|project| core.inventory.project(Some(project)).is_none());
        let brings = unknown || core.brings_rules(connector, sender.network);
        self.rules_for(core, sender, direction, brings)
    }

    /// The rules between the instances of a connector and Google's side (EGR-028).
    pub(super) fn service_rules(
        &mut self,
        core: &mut Core<'_>,
        direction: Direction,
    ) -> Vec<(Rank, ListRule)> {
        let parts: &[(&[IpNet], &[(Protocol, u16)])] = match direction {
            Direction::Ingress => &[(HEALTH_CHECKS, CHECKED), (SERVERLESS, SERVED)],
            Direction::Egress => &[(SERVERLESS, SERVED)],
        };
        let mut made = Vec::new();
        for (ranges, ports) in parts {
            let there = match direction {
                Direction::Ingress => core.expressions.atom(Atom::Source((*ranges).into())),
                Direction::Egress => core.expressions.atom(Atom::Destination((*ranges).into())),
            };
            for (protocol, port) in *ports {
                let mut parts = vec![there];
                parts.push(core.expressions.atom(Atom::Protocol([*protocol].into())));
                if *protocol != Protocol::Icmp {
                    parts.push(core.expressions.atom(Atom::Port([(*port, *port)].into())));
                }
                let when = core.expressions.all(parts);
                let number = Some(RuleId::egr(28));
                made.push(((SERVICE, true), rule(when, RuleVerdict::Pass, Span::none(), number)));
            }
        }
        made
    }

    /// Whether a list lets a packet pass; what is not known is taken not to match.
    fn admits(&self, core: &Core<'_>, list: Option<ListId>, packet: &HealthCheck) -> bool {
        let Some(list) = list else { return true };
        let list = core.rules_of(list);
        let first = list.rules.iter().find(|rule| self.matches_packet(core, rule.when, packet));
        first.map_or(list.otherwise, |rule| rule.then) == RuleVerdict::Pass
    }

    fn matches_packet(&self, core: &Core<'_>, when: ExpressionId, packet: &HealthCheck) -> bool {
        let within = |ranges: &[IpNet], address: Option<IpAddr>| {
            address.is_some_and(|address| in_ranges(ranges, address))
        };
        match core.expressions.get(when) {
            Expression::True => true,
            Expression::False => false,
            Expression::Not(inner) => !self.matches_packet(core, *inner, packet),
            Expression::All(parts) => {
                parts.iter().all(|part| self.matches_packet(core, *part, packet))
            }
            Expression::Any(parts) => {
                parts.iter().any(|part| self.matches_packet(core, *part, packet))
            }
            Expression::Atom(Atom::Source(ranges)) => within(ranges, packet.source),
            Expression::Atom(Atom::Destination(ranges)) => within(ranges, packet.destination),
            Expression::Atom(Atom::Protocol(protocols)) => protocols.contains(&packet.protocol),
            Expression::Atom(Atom::Port(ports)) => {
                ports.iter().any(|(low, high)| (*low..=*high).contains(&packet.port))
            }
            Expression::Atom(_) => false,
        }
    }
}

impl Core<'_> {
    /// The addresses of a connector's instances.
    pub(super) fn connector_ranges(&self, connector: Id<Connector>) -> Vec<IpNet> {
        let own = self.topology.connectors[connector].range.as_ref().and_then(Field::known);
        let subnet = self.inventory.connector(connector).subnet;
        let of_subnet = subnet.and_then(|subnet| self.inventory.subnet(subnet).ipv4());
        own.copied().into_iter().chain(of_subnet).collect()
    }

    /// Whether a connector brings rules along: one in a service project does not (EGR-031).
    pub(super) fn brings_rules(&self, connector: &Connector, network: Id<Network>) -> bool {
        let owner = self.inventory.network_project(network);
        match &connector.project {
            Some(project) => self.inventory.project(Some(project)) == owner,
            None => true,
        }
    }
}
