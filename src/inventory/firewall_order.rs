//! The firewall rules of a network in the order in which they are asked; no findings.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use crate::source::Span;
use crate::topology::Topology;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallOrder, FirewallPolicy, FirewallPolicyRule, FirewallRule,
    Protocol, Traffic,
};
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::record::{Field, Spanned};

const EVERY_IPV4: IpNet = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0));

/// What a firewall rule matches, as far as it is certain, and when it is asked.
pub(crate) struct Ranked<'t> {
    pub name: String,
    pub resource: String,
    pub at: Span,
    /// The policy, or the VPC firewall rules, in the order of evaluation.
    pub level: usize,
    /// Smaller goes first, and deny before allow.
    pub rank: (u32, bool),
    pub action: FirewallAction,
    pub direction: Direction,
    /// All if empty.
    pub sources: Vec<IpNet>,
    /// All if empty.
    pub destinations: Vec<IpNet>,
    /// Network tags, secure tags and accounts of the targets; all endpoints if empty.
    pub targets: Vec<&'t str>,
    /// Senders by tag or account, which add to the ranges.
    pub senders: Vec<&'t str>,
    /// Names and regions, of which the addresses are not known here.
    pub narrowed: Vec<&'t str>,
    /// Everything if empty.
    pub traffic: &'t [Spanned<Traffic>],
    /// The region of the endpoints that it is for; all if absent.
    pub region: Option<&'t str>,
    /// The policy that it is of, if it is of one.
    pub policy: Option<&'t str>,
}

impl<'t> Ranked<'t> {
    /// `None` if not all of it is known.
    fn of_rule(rule: &'t FirewallRule, id: &str, at: Span) -> Option<Self> {
        rule.disabled().known()?;
        let denies = rule.action.value == FirewallAction::Deny;
        let direction = rule.direction();
        let senders = texts(&rule.source_tags, &rule.source_service_accounts);
        let (mut sources, mut destinations) =
            (known(&rule.source_ranges)?, known(&rule.destination_ranges)?);
        if sources.is_empty() && destinations.is_empty() && senders.is_empty() {
            // Without ranges it is for IPv4 alone (EGR-098).
            match direction {
                Direction::Ingress => sources.push(EVERY_IPV4),
                Direction::Egress => destinations.push(EVERY_IPV4),
            }
        }
        Some(Ranked {
            name: format!("firewall_rule/{id}"),
            resource: format!("firewall_rule/{id}"),
            at,
            level: 0,
            rank: (rule.priority(), !denies),
            action: rule.action.value,
            direction,
            sources,
            destinations,
            targets: texts(&rule.target_tags, &rule.target_service_accounts),
            senders,
            narrowed: Vec::new(),
            traffic: &rule.traffic,
            region: None,
            policy: None,
        })
    }

    fn of_policy_rule(
        rule: &'t FirewallPolicyRule,
        id: &'t str,
        region: Option<&'t str>,
    ) -> Option<Self> {
        let resource = format!("firewall_policy/{id}");
        Some(Ranked {
            name: format!("the rule {} of {resource}", rule.priority.value),
            resource,
            at: rule.span,
            level: 0,
            rank: (rule.priority.value, false),
            action: rule.action.value,
            direction: rule.direction(),
            sources: known(&rule.source_ranges)?,
            destinations: known(&rule.destination_ranges)?,
            targets: texts(&rule.target_service_accounts, &rule.target_secure_tags),
            senders: Vec::new(),
            narrowed: narrowing(rule),
            traffic: &rule.traffic,
            region,
            policy: Some(id),
        })
    }

    /// Whether it is for every endpoint that another rule is for.
    pub fn is_for_all_of(&self, other: &Self) -> bool {
        let targets = self.targets.is_empty()
            || (!other.targets.is_empty()
                && other.targets.iter().all(|target| self.targets.contains(target)));
        targets && (self.region.is_none() || self.region == other.region)
    }

    /// Whether it matches all of a packet for certain.
    fn matches(&self, packet: &Packet) -> bool {
        let holds = |ranges: &[IpNet], inner: Option<IpNet>| {
            ranges.is_empty()
                || inner.is_some_and(|inner| ranges.iter().any(|range| range.contains(&inner)))
        };
        let by_name_only = self.sources.is_empty() && !self.senders.is_empty();
        let spoken = |traffic: &Traffic| {
            let ports = &traffic.ports;
            traffic.protocol.is_none_or(|own| own == packet.protocol)
                && (ports.is_empty()
                    || ports.iter().any(|(low, high)| (*low..=*high).contains(&packet.port)))
        };
        self.direction == packet.direction
            && self.narrowed.is_empty()
            && !by_name_only
            && holds(&self.sources, packet.source)
            && holds(&self.destinations, packet.destination)
            && (self.traffic.is_empty() || self.traffic.iter().any(|each| spoken(&each.value)))
    }
}

/// A packet, as far as firewalls look at it. Addresses are ranges, all of which have to match.
#[derive(Clone, Copy)]
pub(crate) struct Packet {
    pub direction: Direction,
    pub source: Option<IpNet>,
    pub destination: Option<IpNet>,
    pub protocol: Protocol,
    pub port: u16,
}

/// The rule that decides over a packet of Cloud Run: of an endpoint with network tags in a region.
/// Rules for accounts and secure tags are not for it for certain (EGR-045, EGR-048).
pub(crate) fn deciding<'a, 't>(
    rules: &'a [Ranked<'t>],
    packet: &Packet,
    tags: &[String],
    region: &str,
) -> Option<&'a Ranked<'t>> {
    let mut left_by = None;
    for rule in rules.iter().filter(|rule| rule.matches(packet)) {
        let here = rule.region.is_none_or(|own| own == region)
            && (rule.targets.is_empty()
                || rule.targets.iter().any(|target| tags.iter().any(|tag| tag == target)));
        if !here || left_by == Some(rule.level) {
            continue;
        }
        if rule.action != FirewallAction::GoToNext {
            return Some(rule);
        }
        left_by = Some(rule.level);
    }
    None
}

/// The rules of a network as they are asked (EGR-100 to EGR-102), and whether all are known. What
/// connectors bring along is not among them.
pub(crate) fn order(topology: &Topology, network: Id<Network>) -> (Vec<Ranked<'_>>, bool) {
    let (id, entry) = topology.networks.at(network);
    let mut lists: Vec<Vec<Option<Ranked<'_>>>> = Vec::new();
    let attached = |to: &str| {
        let policies = topology.firewall_policies.iter();
        let to = to.to_owned();
        policies.filter(move |(_, own)| own.value.attached_to.iter().any(|own| own.value == to))
    };
    let project = topology.network_project(network);
    let folders = project.map(|project| topology.folders_above(project)).unwrap_or_default();
    let above = std::iter::once("organization".to_owned())
        .chain(folders.iter().rev().map(|folder| format!("folder/{folder}")));
    for level in above {
        for (name, policy) in attached(&level) {
            lists.push(rules_of(&policy.value, name, Some(id)));
        }
    }
    let rules = topology.firewall_rules.iter();
    let rules = rules
        .filter(|(_, rule)| rule.value.network.value == **id && !rule.value.disabled().is(true));
    let classic = rules.map(|(id, entry)| Ranked::of_rule(&entry.value, id, entry.key_span));
    let classic: Vec<_> = classic.collect();
    let mut policies: Vec<_> = attached(&format!("network/{id}")).collect();
    policies.sort_by_key(|(_, policy)| policy.value.region.is_some());
    let policies = policies.into_iter().map(|(name, own)| rules_of(&own.value, name, Some(id)));
    let order = entry.value.firewall_order();
    if order == FirewallOrder::BeforeClassic {
        lists.extend(policies);
        lists.push(classic);
    } else {
        lists.push(classic);
        lists.extend(policies);
    }
    let complete = lists.iter().flatten().all(Option::is_some);
    let mut all = Vec::new();
    for (level, rules) in lists.into_iter().enumerate() {
        all.extend(rules.into_iter().flatten().map(|rule| Ranked { level, ..rule }));
    }
    all.sort_by_key(|rule| (rule.level, rule.rank));
    (all, complete)
}

/// The rules of a policy that is attached to nothing.
pub(crate) fn of_policy<'t>(policy: &'t FirewallPolicy, name: &'t str) -> Vec<Ranked<'t>> {
    let mut rules: Vec<_> = rules_of(policy, name, None).into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.rank);
    rules
}

/// The rules of a policy that hold in a network.
fn rules_of<'t>(
    policy: &'t FirewallPolicy,
    name: &'t str,
    network: Option<&str>,
) -> Vec<Option<Ranked<'t>>> {
    let region = policy.region.as_ref().map(|region| region.value.as_str());
    let here = |rule: &&FirewallPolicyRule| {
        rule.networks.is_empty() || rule.networks.iter().any(|own| Some(&*own.value) == network)
    };
    let rules = policy.rules.iter().filter(here).filter(|rule| !rule.disabled());
    rules.map(|rule| Ranked::of_policy_rule(rule, name, region)).collect()
}

/// What a rule of a policy names besides ranges.
fn narrowing(rule: &FirewallPolicyRule) -> Vec<&str> {
    let types = rule.source_network_type.iter().chain(&rule.destination_network_type);
    let types = types.map(|own| own.value.as_str());
    let named = rule.other_senders().chain(rule.other_destinations()).chain(&rule.source_networks);
    named.map(|own| own.value.as_str()).chain(types).collect()
}

fn texts<'t>(one: &'t [Spanned<String>], other: &'t [Spanned<String>]) -> Vec<&'t str> {
    one.iter().chain(other).map(|own| own.value.as_str()).collect()
}

/// The ranges of a list, if all are known.
fn known(fields: &[Field<IpNet>]) -> Option<Vec<IpNet>> {
    fields.iter().map(|field| field.known().copied()).collect()
}
