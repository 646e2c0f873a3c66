//! What firewalls cut off from Cloud Run: what serves a connector, and Google's APIs.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Asker;
use crate::graph::{Cause, Placeholders, ResourceKind};
use crate::inventory::attachments::{Seats, Sending, connector_ranges};
use crate::inventory::firewall_order::{Packet, Ranked, deciding, order};
use crate::rules::ranges::{HEALTH_CHECKS, SERVERLESS, VIPS};
use crate::source::codes;
use crate::source::{Finding, Span};
use crate::topology::firewall::{Direction, FirewallAction, Protocol};
use crate::topology::network::Connector;
use crate::topology::record::Field;
use crate::topology::service::Egress;

codes! {
    CONNECTOR_NOT_SERVED = Warning "connector-not-served" "EGR-031" {
        "a connector of a service project without its firewall rules",
        "for a connector in a service project the host project has to let in what serves it, from \
         35.199.224.0/19 to the tag `vpc-connector`",
        "projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
connectors:
  own: {project: shop, network: hub, region: europe-west1, range: 10.8.0.0/28}
firewall_rules:
  checked:
    network: hub
    action: allow
    source_ranges: [35.191.0.0/16, 130.211.0.0/22]
    target_tags: [vpc-connector]
    traffic: [\"tcp:667\"]
",
    }
    GOOGLE_CUT_OFF = Warning "google-cut-off" "EGR-111" {
        "an egress deny that cuts Google's APIs off",
        "under a general egress deny 199.36.153.8/30 or 199.36.153.4/30 has to be allowed for \
         tcp:443",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24, private_google_access: true}}}
firewall_rules:
  closed: {network: prod, direction: egress, action: deny, destination_ranges: [0.0.0.0/0]}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
",
    }
}

/// What it sends, and what is answered.
const SERVED: [(Protocol, u16); 4] =
    [(Protocol::Tcp, 667), (Protocol::Udp, 665), (Protocol::Udp, 666), (Protocol::Icmp, 0)];

/// What health checks of connectors ask for (EGR-031).
const CHECKED: [(Protocol, u16); 1] = [(Protocol::Tcp, 667)];

impl<'t> Asker<'t, '_> {
    pub(super) fn cut_off(&mut self) {
        let topology = self.topology;
        let seats = std::rc::Rc::clone(&self.seats);
        let mut found = Vec::new();
        for network in topology.networks.ids() {
            let connectors: Vec<_> = topology
                .connectors
                .iter()
                .filter(|(_, entry)| {
                    let leads = topology.connector_network(&entry.value);
                    leads.is_some_and(|(leads, _)| leads == network)
                })
                .collect();
            if connectors.is_empty() && seats.of(network).next().is_none() {
                continue;
            }
            let (rules, complete) = order(topology, network);
            for (id, entry) in connectors {
                if complete {
                    self.served(network, id, &entry.value, entry.key_span, &rules, &mut found);
                }
            }
            if complete && !rules.is_empty() {
                self.google_cut_off(network, &seats, &rules, &mut found);
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// A connector in a service project works only if the host project's rules let in what serves
    /// it (EGR-031, EGR-032).
    fn served(
        &mut self,
        network: Id<Network>,
        id: &str,
        connector: &Connector,
        key: Span,
        rules: &[Ranked<'t>],
        found: &mut Vec<Finding>,
    ) {
        let topology = self.topology;
        let owner = topology.network_project(network);
        let own = match &connector.project {
            Some(project) => topology.project(Some(project)),
            None => owner,
        };
        let (Some(own), Some(owner)) = (own, owner) else { return };
        if own == owner {
            return;
        }
        let tags = topology.connector_tags(id, connector);
        let region = topology.connector_region(connector).unwrap_or_default();
        let range = connector_ranges(topology, connector).first().copied();
        let decided = |direction: Direction, theirs: IpNet, (protocol, port)| {
            let (source, destination) = match direction {
                Direction::Ingress => (Some(theirs), range),
                Direction::Egress => (range, Some(theirs)),
            };
            let packet = Packet { direction, source, destination, protocol, port };
            deciding(rules, &packet, &tags, region)
        };
        // What keeps packets out: a rule, or that there is none.
        let kept_out = |theirs: &[IpNet], ports: &[(Protocol, u16)]| {
            let all = theirs.iter().flat_map(|theirs| ports.iter().map(move |port| (theirs, port)));
            let mut rules = all.map(|(theirs, port)| decided(Direction::Ingress, *theirs, *port));
            rules.find(|rule| rule.is_none_or(|rule| rule.action == FirewallAction::Deny))
        };
        let resource = format!("connector/{id}");
        let host = topology.project_id(owner);
        let mut report = |message: String, rule: Option<&Ranked<'t>>, help: String| {
            let mut finding = CONNECTOR_NOT_SERVED.finding(message).at(key);
            if let Some(rule) = rule {
                finding = finding.also(rule.at, "keeps it out");
            }
            found.push(finding.help(help).resource(&resource));
        };
        let served = kept_out(&[SERVERLESS], &SERVED)
            .filter(|_| self.is_not_served(id, Cause::VpcConnectorServerlessTrafficBlocked));
        let checked = kept_out(&HEALTH_CHECKS, &CHECKED)
            .filter(|_| self.is_not_served(id, Cause::VpcConnectorHealthCheckTrafficBlocked));
        if let Some(rule) = served {
            let help = format!(
                "add a rule in project/{host} that allows tcp:667, udp:665-666 and icmp from \
                 `{SERVERLESS}` to the tag `vpc-connector`"
            );
            report(format!("nothing lets in what serves {resource}"), rule, help);
        }
        if let Some(rule) = checked {
            let help = format!(
                "add a rule in project/{host} that allows tcp:667 from {} to the tag \
                 `vpc-connector`",
                crate::source::listed(HEALTH_CHECKS)
            );
            report(format!("nothing lets in the health checks of {resource}"), rule, help);
        }
        let answers = SERVED.iter().map(|port| decided(Direction::Egress, SERVERLESS, *port));
        let denied = answers.flatten().find(|rule| rule.action == FirewallAction::Deny);
        let denied =
            denied.filter(|_| self.is_not_served(id, Cause::VpcConnectorServerlessTrafficBlocked));
        if let Some(rule) = denied {
            let help = format!(
                "allow tcp:667, udp:665-666 and icmp to `{SERVERLESS}` before {}",
                rule.name
            );
            report(format!("{resource} cannot answer what serves it"), Some(rule), help);
        }
    }

    /// Whether a connector that is used lacks something that serves it.
    fn is_not_served(&mut self, id: &str, cause: Cause) -> bool {
        let Some(connector) = self.engine.resource(ResourceKind::Connector, id) else {
            return true;
        };
        let hops = self.engine.hops_of(connector).to_vec();
        hops.is_empty() || hops.into_iter().any(|hop| self.engine.is_stopping(hop, cause))
    }

    /// Whether egress denies leave no way to Google's APIs (EGR-111).
    fn google_cut_off(
        &mut self,
        network: Id<Network>,
        seats: &Seats<'t>,
        rules: &[Ranked<'t>],
        found: &mut Vec<Finding>,
    ) {
        let led = crate::inventory::attachments::google_ways(self.topology, network);
        let mut ways = led.clone();
        if led.is_empty() {
            ways.extend(VIPS);
            ways.extend(
                crate::inventory::attachments::api_endpoints(self.topology, network)
                    .map(IpNet::from),
            );
        }
        let mut addresses = ways.clone();
        if led.is_empty() {
            addresses.push(IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into());
        }
        let mut reported: Vec<Span> = Vec::new();
        for sending in seats.of(network) {
            // By IPv6 there are other ways.
            let subnet = sending.seat.subnet.as_ref();
            let subnet = subnet.and_then(|name| self.topology.subnet_of(network, name));
            let has_ipv6 = subnet.is_some_and(|own| own.ipv6_range.is_some());
            if sending.is_direct() && has_ipv6 {
                continue;
            }
            if led.is_empty() && sending.egress() != Some(Egress::AllTraffic) {
                continue;
            }
            let tags = self.tags_of(sending);
            let denying = |way: &IpNet| {
                let packet = Packet {
                    direction: Direction::Egress,
                    source: sending.range,
                    destination: Some(*way),
                    protocol: Protocol::Tcp,
                    port: 443,
                };
                let rule = deciding(rules, &packet, &tags, &sending.seat.region);
                rule.filter(|rule| rule.action == FirewallAction::Deny)
            };
            // Where names lead to one way, another one is of no use.
            let denied: Vec<_> =
                ways.iter().filter_map(|way| Some((*way, denying(way)?))).collect();
            let Some((way, rule)) = denied.first().copied() else { continue };
            if (led.is_empty() && denied.len() < ways.len()) || reported.contains(&rule.at) {
                continue;
            }
            let source = self.engine.source(&sending.resource);
            if !source.is_some_and(|source| self.engine.never_at_google(source, &addresses)) {
                continue;
            }
            reported.push(rule.at);
            let message = format!("{} cuts {} off from Google's APIs", rule.name, sending.resource);
            let finding = GOOGLE_CUT_OFF.finding(message).at(rule.at);
            let finding = finding.also(sending.at, "sends from there");
            let help = match led.is_empty() {
                true => format!(
                    "allow tcp:443 to `{}` at a smaller priority, and let names of Google lead \
                     there",
                    VIPS[0]
                ),
                false => format!(
                    "allow tcp:443 to `{way}`, where names of Google lead, at a smaller priority"
                ),
            };
            found.push(finding.help(help).resource(&rule.resource));
        }
    }

    /// The network tags of what a service or job sends.
    fn tags_of(&self, sending: &Sending<'t>) -> Vec<String> {
        let topology = self.topology;
        match sending.access.connector.as_ref().and_then(Field::known) {
            Some(id) => {
                let connector = topology.connectors.get(id);
                connector.map(|own| topology.connector_tags(id, own)).unwrap_or_default()
            }
            None => sending.access.tags.iter().map(|tag| tag.value.clone()).collect(),
        }
    }
}
