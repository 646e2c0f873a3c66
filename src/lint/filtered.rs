//! What firewalls do to Cloud Run: tags that it does not have, and connectors that reach all.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::HashMap;

use ipnet::IpNet;

use super::Linter;
use crate::inventory::attachments::connector_ranges;
use crate::source::Span;
use crate::source::codes;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallPolicy, FirewallRule, Protocol,
};
use crate::topology::network::{Connector, Vm};
use crate::topology::record::{Field, Spanned};

codes! {
    CONNECTOR_OPEN = Note "connector-open" "EGR-030" {
        "a connector that is admitted to every machine",
        "a connector brings a rule that admits it to every machine; a deny of everything for its \
         tag or range at a priority below 1000 restricts it",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
vms:
  app: {network: prod, subnet: vms}
",
    }
    SOURCE_TAG_OF_CLOUD_RUN = Warning "source-tag-of-cloud-run" "EGR-046" {
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
    SECURE_TAG_FOR_CLOUD_RUN = Warning "secure-tag-for-cloud-run" "EGR-048" {
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

/// The priority of the rules that a connector brings along (EGR-029).
const MANAGED: u32 = 1000;

impl<'t> Linter<'t, '_> {
    pub(super) fn filtered(&mut self) {
        let topology = self.topology;
        let mut rules: HashMap<&str, Vec<(&'t str, &'t FirewallRule, Span)>> = HashMap::new();
        for (id, entry) in &topology.firewall_rules {
            let own = rules.entry(&entry.value.network.value).or_default();
            own.push((id, &entry.value, entry.key_span));
        }
        for (id, entry) in &topology.connectors {
            let Some((network, _)) = topology.connector_network(&entry.value) else { continue };
            let rules = rules.get(topology.networks.key(network)).map_or(&[][..], Vec::as_slice);
            self.connector_rules(id, &entry.value, entry.key_span, rules);
        }
        for (index, (id, _)) in topology.networks.ids().zip(&topology.networks) {
            let rules = rules.get(&**id).map_or(&[][..], Vec::as_slice);
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
        let ingress = || rules.iter().filter(|(_, rule, _)| rule.direction() == Direction::Ingress);
        if own != owner || connector.running().is(false) {
            return;
        }
        let ranges = connector_ranges(topology, connector);
        let denies: Vec<&FirewallRule> = ingress()
            .map(|(_, rule, _)| *rule)
            .filter(|rule| {
                let by_range = ranges.iter().any(|range| covers(&rule.source_ranges, range));
                let by_range =
                    by_range && (!rule.source_ranges.is_empty() || rule.source_tags.is_empty());
                rule.action.value == FirewallAction::Deny
                    && !rule.disabled().is(true)
                    && rule.priority() <= MANAGED
                    && (tagged(&rule.source_tags, &tags) || by_range)
            })
            .collect();
        let here = |vm: &Vm| topology.networks.id_of(&vm.network.value) == Some(network);
        let machines: Vec<(&str, &Vm)> = topology
            .vms
            .iter()
            .map(|(id, entry)| (&**id, &entry.value))
            .filter(|(_, vm)| here(vm))
            .collect();
        let open: Vec<&str> =
            machines.iter().filter(|(_, vm)| !kept_from(vm, &denies)).map(|(id, _)| *id).collect();
        if let Some(first) = open.first() {
            let message = match open.len() {
                all if all == machines.len() => {
                    format!("the rule of {resource} admits it to every machine of its network")
                }
                1 => format!("the rule of {resource} admits it to vm/{first}"),
                some => format!(
                    "the rule of {resource} admits it to vm/{first} and {} more machines",
                    some - 1
                ),
            };
            let finding = CONNECTOR_OPEN.finding(message).at(key);
            let partly = rules
                .iter()
                .find(|(_, rule, _)| denies.iter().any(|own| std::ptr::eq(*own, *rule)));
            let finding = match partly {
                Some((_, _, at)) => finding.also(*at, "denies a part"),
                None => finding,
            };
            let help = "add a deny rule with `source_tags: [vpc-connector]` and a priority below \
                        1000, and allow what is needed before it";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Ingress rules that name the tags or accounts of Direct VPC egress as sources.
    fn known_by_tag(&mut self, index: Id<Network>, rules: &[(&str, &FirewallRule, Span)]) {
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
            if rule.direction() == Direction::Egress {
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
            if rule.direction() == Direction::Ingress || had {
                continue;
            }
            let networks = policy.attached_to.iter().filter_map(|to| {
                let network = to.value.strip_prefix("network/")?;
                topology.networks.id_of(network)
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

/// Whether some denies together keep all that the rule of a connector admits, TCP, UDP and ICMP,
/// from a machine (EGR-029, EGR-030).
fn kept_from(vm: &Vm, denies: &[&FirewallRule]) -> bool {
    let account = vm.service_account.as_ref().and_then(Field::known);
    let tags: Vec<String> = vm.tags.iter().map(|tag| tag.value.clone()).collect();
    let own: Vec<&&FirewallRule> = denies
        .iter()
        .filter(|rule| {
            let accounts = &rule.target_service_accounts;
            let address = vm.address.as_ref().and_then(Field::known);
            (rule.target_tags.is_empty() || tagged(&rule.target_tags, &tags))
                && (accounts.is_empty() || accounts.iter().any(|own| Some(&own.value) == account))
                && (rule.destination_ranges.is_empty()
                    || address.is_some_and(|at| covers(&rule.destination_ranges, &(*at).into())))
        })
        .collect();
    [Protocol::Tcp, Protocol::Udp, Protocol::Icmp].into_iter().all(|protocol| {
        own.iter().any(|rule| {
            rule.traffic.is_empty()
                || rule.traffic.iter().any(|each| {
                    each.value.protocol.is_none_or(|own| own == protocol)
                        && each.value.ports.is_empty()
                })
        })
    })
}

fn tagged(list: &[Spanned<String>], tags: &[String]) -> bool {
    list.iter().any(|tag| tags.contains(&tag.value))
}

/// Whether the known ranges of a list hold one; an empty list holds everything.
fn covers(ranges: &[Field<IpNet>], inner: &IpNet) -> bool {
    ranges.is_empty()
        || ranges.iter().any(|range| range.known().is_some_and(|range| range.contains(inner)))
}
