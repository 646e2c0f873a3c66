//! What firewalls do to Cloud Run: tags that it does not have, connectors, Google cut off.

use std::collections::HashMap;

use ipnet::{IpNet, Ipv4Net};

use super::code::codes;
use super::firewall_order::direction;
use super::seats::{GOOGLE, connector_ranges};
use super::{Checker, value_or};
use crate::source::Span;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallPolicy, FirewallRule, Protocol, Traffic,
};
use crate::topology::network::Connector;
use crate::topology::record::{Field, Spanned};
use crate::topology::service::Egress;

codes! {
    CONNECTOR_NOT_SERVED = Warning "connector-not-served" egr 31 {
        "a connector of a service project without its firewall rules",
        "for a connector in a service project the host project has to let in what serves it, from \
         35.199.224.0/19 to the tag `vpc-connector`",
        "projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
connectors:
  own: {project: shop, network: hub, region: europe-west1, range: 10.8.0.0/28}
",
    }
    CONNECTOR_OPEN = Note "connector-open" egr 30 {
        "a connector that reaches every machine",
        "a connector brings a rule that lets it reach every machine; a deny for its tag or range at \
         a priority below 1000 restricts it",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
vms:
  app: {network: prod, subnet: vms}
",
    }
    GOOGLE_CUT_OFF = Warning "google-cut-off" egr 111 {
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
    SOURCE_TAG_OF_CLOUD_RUN = Warning "source-tag-of-cloud-run" egr 46 {
        "an ingress rule that knows Cloud Run by tag or account",
        "tags and accounts of Cloud Run are not supported as sources of ingress rules; what they \
         match is not defined",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
firewall_rules:
  db: {network: prod, action: allow, source_tags: [web], traffic: [\"tcp:5432\"]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run, tags: [web]}}
",
    }
    SECURE_TAG_FOR_CLOUD_RUN = Warning "secure-tag-for-cloud-run" egr 48 {
        "an egress rule for secure tags where only Cloud Run sends",
        "Cloud Run has no secure tags: a rule that targets some never matches it",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, direction: egress, action: deny, target_secure_tags: [web]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
}

/// Where Google's side of connectors sends from (EGR-031).
const SERVERLESS: IpNet =
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(35, 199, 224, 0), 19));

/// The priority of the rules that a connector brings along (EGR-029).
const MANAGED: u32 = 1000;

impl<'t> Checker<'t, '_> {
    pub(super) fn filtered(&mut self) {
        let topology = self.topology;
        let mut rules: HashMap<&str, Vec<(&'t str, &'t FirewallRule, Span)>> = HashMap::new();
        for (id, entry) in &topology.firewall_rules {
            let own = rules.entry(&entry.value.network.value).or_default();
            own.push((id, &entry.value, entry.key_span));
        }
        for (id, entry) in &topology.connectors {
            let network = topology.connector_network(&entry.value);
            let network = network.and_then(|(index, _)| topology.networks.get_index(index));
            let Some((network, _)) = network else { continue };
            let rules = rules.get(&**network).map_or(&[][..], Vec::as_slice);
            self.connector_rules(id, &entry.value, entry.key_span, rules);
        }
        for (index, (id, _)) in topology.networks.iter().enumerate() {
            let rules = rules.get(&**id).map_or(&[][..], Vec::as_slice);
            self.google_cut_off(index, id, rules);
            self.known_by_tag(index, rules);
        }
        for (id, entry) in &topology.firewall_policies {
            self.secure_tags(&entry.value, &format!("firewall_policy/{id}"));
        }
    }

    fn connector_rules(
        &mut self,
        id: &str,
        connector: &Connector,
        key: Span,
        rules: &[(&str, &FirewallRule, Span)],
    ) {
        let topology = self.topology;
        let resource = format!("connector/{id}");
        let Some((network, _)) = topology.connector_network(connector) else { return };
        let owner = topology.network_project(network);
        let own = match &connector.project {
            Some(project) => topology.project(Some(project)),
            None => owner,
        };
        let (Some(own), Some(owner)) = (own, owner) else { return };
        let tags = topology.connector_tags(id, connector);
        let ingress =
            || rules.iter().filter(|(_, rule, _)| direction(&rule.direction) == Direction::Ingress);
        if own != owner {
            let served = ingress().any(|(_, rule, _)| {
                rule.action.value == FirewallAction::Allow
                    && (rule.target_tags.is_empty() || tagged(&rule.target_tags, &tags))
                    && rule.target_service_accounts.is_empty()
                    && covers(&rule.source_ranges, &SERVERLESS)
                    && speaks(&rule.traffic, 667)
            });
            if !served {
                let host = topology.project_id(owner);
                let message = format!("nothing lets in what serves {resource}");
                let finding = CONNECTOR_NOT_SERVED.finding(message).at(key);
                let help = format!(
                    "add a rule in project/{host} that allows tcp:667 from `{SERVERLESS}` to the \
                     tag `vpc-connector`"
                );
                self.report(finding.help(help).resource(resource));
            }
            return;
        }
        let machines = topology
            .vms
            .values()
            .any(|vm| topology.networks.index_of(&vm.network.value) == Some(network));
        let ranges = connector_ranges(topology, connector);
        let restricted = ingress().any(|(_, rule, _)| {
            let by_range = ranges.iter().any(|range| covers(&rule.source_ranges, range));
            let by_range =
                by_range && (!rule.source_ranges.is_empty() || rule.source_tags.is_empty());
            rule.action.value == FirewallAction::Deny
                && rule.priority.as_ref().is_none_or(|own| own.value <= MANAGED)
                && (tagged(&rule.source_tags, &tags) || by_range)
        });
        if machines && !restricted {
            let message = format!("{resource} reaches every machine of its network");
            let finding = CONNECTOR_OPEN.finding(message).at(key);
            let help = "add a deny rule with `source_tags: [vpc-connector]` and a priority below \
                        1000, and allow what is needed before it";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Whether a general egress deny leaves no way to Google's APIs (EGR-111).
    fn google_cut_off(&mut self, index: usize, id: &str, rules: &[(&str, &FirewallRule, Span)]) {
        let topology = self.topology;
        let mut egress: Vec<_> = rules
            .iter()
            .filter(|(_, rule, _)| direction(&rule.direction) == Direction::Egress)
            .collect();
        if egress.is_empty() {
            return;
        }
        egress.sort_by_key(|(_, rule, _)| {
            let priority = rule.priority.as_ref().map_or(1000, |own| own.value);
            (priority, rule.action.value != FirewallAction::Deny)
        });
        // A policy may let pass what these rules do not.
        let attached = format!("network/{id}");
        if topology.firewall_policies.values().any(|policy| {
            policy
                .attached_to
                .iter()
                .any(|to| to.value == attached || !to.value.starts_with("network/"))
        }) {
            return;
        }
        let mut ways: Vec<IpNet> = GOOGLE.to_vec();
        let endpoints = topology.psc_endpoints.values();
        let endpoints =
            endpoints.filter(|own| own.network.value == id && !own.target.value.contains('/'));
        ways.extend(endpoints.filter_map(|own| own.address.known()).map(|own| IpNet::from(*own)));
        let led = self.leads_to_google(index);
        let mut found: Vec<(Span, String, crate::source::Finding)> = Vec::new();
        for sending in self.seats.of(index) {
            if !led && sending.egress() != Some(Egress::AllTraffic) {
                continue;
            }
            let mut tags: Vec<String> = Vec::new();
            match sending.access.connector.as_ref().and_then(Field::known) {
                Some(id) => {
                    let connector = topology.connectors.get(id);
                    tags.extend(
                        connector.into_iter().flat_map(|own| topology.connector_tags(id, own)),
                    );
                }
                None => tags.extend(sending.access.tags.iter().map(|tag| tag.value.clone())),
            }
            let first = |way: &IpNet| {
                egress.iter().find(|(_, rule, _)| {
                    value_or(&rule.disabled, false) == Some(false)
                        && rule.target_service_accounts.is_empty()
                        && (rule.target_tags.is_empty() || tagged(&rule.target_tags, &tags))
                        && covers(&rule.destination_ranges, way)
                        && sending.range.is_none_or(|range| covers(&rule.source_ranges, &range))
                        && speaks(&rule.traffic, 443)
                })
            };
            let deciding: Vec<_> = ways.iter().filter_map(first).collect();
            let denied =
                deciding.iter().all(|(_, rule, _)| rule.action.value == FirewallAction::Deny);
            let unknown = egress.iter().any(|(_, rule, _)| {
                rule.destination_ranges.iter().any(|range| range.known().is_none())
                    || value_or(&rule.disabled, false).is_none()
            });
            let Some((name, _, at)) = deciding.first().copied() else { continue };
            if deciding.len() < ways.len()
                || !denied
                || unknown
                || found.iter().any(|(span, _, _)| span == at)
            {
                continue;
            }
            let resource = format!("firewall_rule/{name}");
            let message = format!("{resource} cuts {} off from Google's APIs", sending.resource);
            let finding = GOOGLE_CUT_OFF.finding(message).at(*at);
            let finding = finding.also(sending.at, "sends from there");
            let help = "allow tcp:443 to `199.36.153.8/30` at a smaller priority, and let names of \
                        Google lead there";
            found.push((*at, resource.clone(), finding.help(help).resource(resource)));
        }
        found.into_iter().for_each(|(_, _, finding)| self.report(finding));
    }

    /// Ingress rules that name the tags or accounts of Direct VPC egress as sources.
    fn known_by_tag(&mut self, index: usize, rules: &[(&str, &FirewallRule, Span)]) {
        let mut tags: HashMap<&str, usize> = HashMap::new();
        let mut accounts: HashMap<&str, usize> = HashMap::new();
        let direct: Vec<_> = self.seats.of(index).filter(|each| each.is_direct()).collect();
        for (at, sending) in direct.iter().enumerate() {
            for tag in &sending.access.tags {
                tags.entry(&tag.value).or_insert(at);
            }
            if let Some(account) = sending.account {
                accounts.entry(account).or_insert(at);
            }
        }
        let mut found = Vec::new();
        for (id, rule, _) in rules {
            if direction(&rule.direction) == Direction::Egress {
                continue;
            }
            let of = |list: &[Spanned<String>], known: &HashMap<&str, usize>| {
                list.iter().find_map(|name| Some((name.span, *known.get(name.value.as_str())?)))
            };
            let by_tag = of(&rule.source_tags, &tags);
            let Some((at, sending)) = by_tag.or(of(&rule.source_service_accounts, &accounts))
            else {
                continue;
            };
            let sending = direct[sending];
            // A range that holds the sender decides, whatever the tag does.
            let held = |range: &IpNet| covers(&rule.source_ranges, range);
            if !rule.source_ranges.is_empty() && sending.range.as_ref().is_some_and(held) {
                continue;
            }
            let message =
                format!("whether firewall_rule/{id} knows {} is not defined", sending.resource);
            let finding = SOURCE_TAG_OF_CLOUD_RUN.finding(message).at(at);
            let finding = finding.also(sending.at, "sends by Direct VPC egress");
            let finding = match sending.range {
                Some(range) => finding.help(format!("add `{range}` to `source_ranges`")),
                None => finding.help("name the range of its subnet in `source_ranges`"),
            };
            found.push(finding.resource(format!("firewall_rule/{id}")));
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// Egress rules for secure tags that nothing has, where Cloud Run sends.
    fn secure_tags(&mut self, policy: &FirewallPolicy, resource: &str) {
        let topology = self.topology;
        for rule in &policy.rules {
            let Some(tag) = rule.target_secure_tags.first() else { continue };
            let had = topology.vms.values().any(|vm| {
                let mut own = vm.secure_tags.iter();
                own.any(|own| rule.target_secure_tags.iter().any(|tag| tag.value == own.value))
            });
            if direction(&rule.direction) == Direction::Ingress || had {
                continue;
            }
            let networks = policy.attached_to.iter().filter_map(|to| {
                let network = to.value.strip_prefix("network/")?;
                topology.networks.index_of(network)
            });
            let sending = networks.filter_map(|index| self.seats.of(index).next()).next();
            let Some(sending) = sending else { continue };
            let message = format!(
                "the rule {} of {resource} does not hold for {}",
                rule.priority.value, sending.resource
            );
            let finding = SECURE_TAG_FOR_CLOUD_RUN.finding(message).at(tag.span);
            let finding = finding.also(sending.at, "sends into the network");
            let help = "leave `target_secure_tags` out, or write a VPC rule with `target_tags`";
            self.report(finding.help(help).resource(resource));
        }
    }
}

fn tagged(list: &[Spanned<String>], tags: &[String]) -> bool {
    list.iter().any(|tag| tags.contains(&tag.value))
}

/// Whether the known ranges of a list hold one; an empty list holds everything.
fn covers(ranges: &[Field<IpNet>], inner: &IpNet) -> bool {
    ranges.is_empty()
        || ranges.iter().any(|range| range.known().is_some_and(|range| range.contains(inner)))
}

/// Whether a list of protocols and ports speaks of a port of TCP.
fn speaks(traffic: &[Spanned<Traffic>], port: u16) -> bool {
    traffic.is_empty()
        || traffic.iter().any(|each| {
            let Traffic { protocol, ports } = &each.value;
            protocol.is_none_or(|protocol| protocol == Protocol::Tcp)
                && (ports.is_empty()
                    || ports.iter().any(|(low, high)| (*low..=*high).contains(&port)))
        })
}
