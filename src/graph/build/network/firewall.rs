//! Firewalls: VPC rules and policies, as one list for each endpoint and direction (EGR-097 to
//! EGR-109).

use ipnet::IpNet;

use super::{Class, Sender};
use crate::graph::build::{Builder, Place, rule};
use crate::graph::expression::{Atom, ExpressionId};
use crate::graph::hop::{Body, Cause, HopId, ListId, ListRule, Verdict};
use crate::rules::RuleId;
use crate::topology::Topology;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallOrder, FirewallPolicy, FirewallPolicyRule, FirewallRule,
    Protocol, Traffic,
};
use crate::topology::record::{Field, Spanned};

/// Where a rule stands in the order of one network's rules: smaller goes first, and a deny before
/// an allow (EGR-098).
type Rank = (u32, bool);

/// The priority of the rules that a connector brings along (EGR-029).
const MANAGED: u32 = 1000;

impl Builder<'_> {
    /// The firewall before a packet that `endpoint` sends or receives goes on to `next`.
    pub(super) fn firewall(
        &mut self,
        endpoint: &Sender,
        direction: Direction,
        next: HopId,
    ) -> HopId {
        let Some(list) = self.firewall_list(endpoint, direction) else { return next };
        let number = match direction {
            Direction::Ingress => 97,
            Direction::Egress => 98,
        };
        let kind = match direction {
            Direction::Ingress => "ingress_firewall",
            Direction::Egress => "egress_firewall",
        };
        let place = Place::new(endpoint.resource, kind, RuleId::egr(number), endpoint.at);
        self.hop(place, Body::Gate { list, next })
    }

    /// The rules for an endpoint; `None` if they let everything pass.
    fn firewall_list(&mut self, endpoint: &Sender, direction: Direction) -> Option<ListId> {
        let topology = self.topology;
        let (_, network) = topology.networks.get_index(endpoint.network)?;
        let order = network.value.firewall_order.as_ref().map(|order| order.value);
        let mut rules = Vec::new();
        for policy in hierarchical(topology, endpoint.network) {
            self.policy_rules(policy, endpoint, direction, 102, &mut rules);
        }
        let of_network = format!("network/{}", endpoint.network_id(topology));
        let mut policies: Vec<(&str, &FirewallPolicy)> = topology
            .firewall_policies
            .iter()
            .map(|(id, entry)| (&**id, &entry.value))
            .filter(|(_, policy)| {
                let near =
                    policy.region.as_ref().is_none_or(|region| region.value == endpoint.region);
                near && policy.attached_to.iter().any(|to| to.value == of_network)
            })
            .collect();
        // Global ones before regional ones.
        policies.sort_by_key(|(_, policy)| policy.region.is_some());
        let before = order == Some(FirewallOrder::BeforeClassic);
        let number = if before { 101 } else { 100 };
        if !before {
            self.classic_rules(endpoint, direction, &mut rules);
        }
        for policy in policies {
            self.policy_rules(policy, endpoint, direction, number, &mut rules);
        }
        if before {
            self.classic_rules(endpoint, direction, &mut rules);
        }
        let implied = match direction {
            Direction::Egress => Verdict::Pass,
            Direction::Ingress => self.drop(Cause::FirewallRule),
        };
        if rules.iter().all(|rule: &ListRule| rule.then == implied) && implied == Verdict::Pass {
            return None;
        }
        Some(self.list(rules, implied))
    }

    /// The rules of a policy; what leaves the decision to the next level is taken out of the rules
    /// behind it (EGR-099, EGR-103).
    fn policy_rules(
        &mut self,
        (id, policy): (&str, &FirewallPolicy),
        endpoint: &Sender,
        direction: Direction,
        number: u16,
        into: &mut Vec<ListRule>,
    ) {
        let topology = self.topology;
        let mut rules: Vec<&FirewallPolicyRule> = policy.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority.value);
        let mut left_to_next: Vec<ExpressionId> = Vec::new();
        for each in rules {
            let own = each.direction.as_ref().map_or(Direction::Ingress, |own| own.value);
            let off = each.disabled.as_ref().is_some_and(|disabled| disabled.value);
            let here = each.networks.is_empty()
                || each
                    .networks
                    .iter()
                    .any(|network| network.value == endpoint.network_id(topology));
            let accounts = &each.target_service_accounts;
            let targeted = endpoint.has_account(accounts)
                && (each.target_secure_tags.is_empty()
                    || each
                        .target_secure_tags
                        .iter()
                        .any(|tag| endpoint.secure_tags.iter().any(|own| *own == tag.value)));
            if own != direction || off || !here || !targeted {
                continue;
            }
            let mut parts = vec![
                self.from_fields(&each.source_ranges, Atom::Source),
                self.from_fields(&each.destination_ranges, Atom::Destination),
                self.traffic(&each.traffic),
            ];
            if !each.source_regions.is_empty() {
                let regions: Vec<Box<str>> =
                    each.source_regions.iter().map(|own| own.value.to_uppercase().into()).collect();
                parts.push(self.expressions.atom(Atom::Region(regions.into())));
            }
            if !each.destination_fqdns.is_empty() {
                let addresses: Vec<IpNet> = each
                    .destination_fqdns
                    .iter()
                    .filter_map(|name| self.names.address(&name.value.to_ascii_lowercase()))
                    .map(IpNet::from)
                    .collect();
                parts.push(self.expressions.atom(Atom::Destination(addresses.into())));
            }
            let matched = self.expressions.all(parts);
            let skipped = self.expressions.any(left_to_next.iter().copied());
            let not_skipped = self.expressions.not(skipped);
            let when = self.expressions.all([matched, not_skipped]);
            let then = match each.action.value {
                FirewallAction::Allow => Verdict::Pass,
                FirewallAction::Deny => self.drop(Cause::FirewallRule),
                FirewallAction::GoToNext => {
                    left_to_next.push(matched);
                    continue;
                }
            };
            let label = format!("rule {} of firewall_policy/{id}", each.priority.value).into();
            let at = each.span;
            into.push(ListRule { label, ..rule(when, then, at, Some(RuleId::egr(number))) });
        }
    }

    /// VPC firewall rules, and those that connectors bring along.
    fn classic_rules(&mut self, endpoint: &Sender, direction: Direction, into: &mut Vec<ListRule>) {
        let topology = self.topology;
        let mut rules: Vec<(Rank, ListRule)> = Vec::new();
        for (id, entry) in &topology.firewall_rules {
            let each = &entry.value;
            let own = each.direction.as_ref().map_or(Direction::Ingress, |own| own.value);
            let here = topology.networks.index_of(&each.network.value) == Some(endpoint.network);
            if own != direction || !here || !endpoint.is_target(each) {
                continue;
            }
            let disabled =
                self.whether(each.disabled.as_ref(), false, &format!("the switch of {id}"));
            let on = self.expressions.not(disabled);
            let from = self.senders(each, endpoint);
            let to = self.from_fields(&each.destination_ranges, Atom::Destination);
            let traffic = self.traffic(&each.traffic);
            let when = self.expressions.all([on, from, to, traffic]);
            let denies = each.action.value == FirewallAction::Deny;
            let then = if denies { self.drop(Cause::FirewallRule) } else { Verdict::Pass };
            let priority = each.priority.as_ref().map_or(1000, |priority| priority.value);
            let label = format!("firewall_rule/{id}, priority {priority}").into();
            let made =
                ListRule { label, ..rule(when, then, entry.key_span, Some(RuleId::egr(98))) };
            rules.push(((priority, !denies), made));
        }
        if direction == Direction::Ingress {
            for (id, entry) in &topology.connectors {
                let connector = &entry.value;
                let Some((network, _)) = topology.connector_network(connector) else { continue };
                // A connector in a service project brings none (EGR-031).
                let owner = topology.network_project(network);
                let project = match &connector.project {
                    Some(project) => topology.project(Some(project)),
                    None => owner,
                };
                if network != endpoint.network || project != owner {
                    continue;
                }
                let ranges = self.connector_ranges(connector);
                let when = self.expressions.atom(Atom::Source(ranges.into()));
                let label =
                    format!("the managed rule of connector/{id}, priority {MANAGED}").into();
                let number = Some(RuleId::egr(29));
                let made = ListRule { label, ..rule(when, Verdict::Pass, entry.key_span, number) };
                rules.push(((MANAGED, true), made));
            }
        }
        rules.sort_by_key(|(rank, _)| *rank);
        let never = self.expressions.never();
        into.extend(rules.into_iter().map(|(_, rule)| rule).filter(|rule| rule.when != never));
    }

    /// The senders that a rule speaks of: by range, network tag or account (EGR-046, EGR-108).
    fn senders(&mut self, each: &FirewallRule, endpoint: &Sender) -> ExpressionId {
        let by_range = each.source_ranges.is_empty();
        let nothing_else = each.source_tags.is_empty() && each.source_service_accounts.is_empty();
        if by_range && nothing_else {
            return self.expressions.always();
        }
        let mut parts = Vec::new();
        if !by_range {
            parts.push(self.from_fields(&each.source_ranges, Atom::Source));
        }
        if !nothing_else {
            let (certain, direct) = self.tagged(each, endpoint.network);
            parts.push(self.expressions.atom(Atom::Source(certain.into())));
            if !direct.is_empty() {
                let match_ = self.disputed("direct-vpc-source-tags-match");
                let from = self.expressions.atom(Atom::Source(direct.into()));
                parts.push(self.expressions.all([match_, from]));
            }
        }
        self.expressions.any(parts)
    }

    /// The addresses of senders with the tags or accounts of a rule: of machines and connectors,
    /// and those of Direct VPC egress, which documents leave undefined.
    fn tagged(&mut self, each: &FirewallRule, network: usize) -> (Vec<IpNet>, Vec<IpNet>) {
        let topology = self.topology;
        let has = |tags: &[String]| {
            each.source_tags.iter().any(|tag| tags.iter().any(|own| *own == tag.value))
        };
        let mut certain = Vec::new();
        for index in 0..topology.vms.len() {
            let Some(machine) = self.machine(index) else { continue };
            if machine.network != network {
                continue;
            }
            let by_account = !each.source_service_accounts.is_empty()
                && machine.has_account(&each.source_service_accounts);
            if has(&machine.tags) || by_account {
                certain.extend(machine.ranges);
            }
        }
        for (id, entry) in &topology.connectors {
            let connector = &entry.value;
            let leads = topology.connector_network(connector);
            if leads.is_some_and(|(leads, _)| leads == network)
                && has(&topology.connector_tags(id, connector))
            {
                certain.extend(self.connector_ranges(connector));
            }
        }
        let mut direct = Vec::new();
        let accesses = topology
            .services
            .values()
            .filter_map(|service| service.vpc_access.as_ref())
            .chain(topology.jobs.values().filter_map(|job| job.vpc_access.as_ref()));
        for access in accesses {
            let tags: Vec<String> = access.tags.iter().map(|tag| tag.value.clone()).collect();
            let Some((own, subnet)) = topology.direct_subnet(access) else { continue };
            if access.connector.is_none() && own == network && has(&tags) {
                direct.extend(topology.subnet_range(own, &subnet));
            }
        }
        (certain, direct)
    }

    /// Packets whose address lies in one of these; all if there are none. A range that is not
    /// known makes the rule match nothing, and the answer is marked.
    fn from_fields(
        &mut self,
        fields: &[Field<IpNet>],
        atom: fn(Box<[IpNet]>) -> Atom,
    ) -> ExpressionId {
        if fields.is_empty() {
            return self.expressions.always();
        }
        let mut ranges = Vec::new();
        for field in fields {
            match field.known() {
                Some(range) => ranges.push(*range),
                None => self
                    .unmodelled
                    .push(("a range of a firewall rule is not known".into(), field.span)),
            }
        }
        self.expressions.atom(atom(ranges.into()))
    }

    /// Packets that a list of protocols and ports speaks of; all if it is empty.
    pub(super) fn traffic(&mut self, listed: &[Spanned<Traffic>]) -> ExpressionId {
        if listed.is_empty() {
            return self.expressions.always();
        }
        let parts: Vec<ExpressionId> = listed
            .iter()
            .map(|each| {
                let Some(protocol) = each.value.protocol else {
                    return self.expressions.always();
                };
                let protocol = self.expressions.atom(Atom::Protocol(vec![protocol].into()));
                if each.value.ports.is_empty() {
                    return protocol;
                }
                let ports = each.value.ports.clone();
                let ports = self.expressions.atom(Atom::Port(ports.into()));
                self.expressions.all([protocol, ports])
            })
            .collect();
        self.expressions.any(parts)
    }

    /// A connector in a service project works only if the host project's rules let in what serves
    /// it (EGR-031, EGR-032).
    pub(super) fn connector_serves(
        &mut self,
        sender: &Sender,
        project: Option<usize>,
        next: HopId,
    ) -> HopId {
        let topology = self.topology;
        let owner = topology.network_project(sender.network);
        if project == owner || project.is_none() {
            return next;
        }
        let served = topology.firewall_rules.values().any(|each| {
            let ingress = each.direction.as_ref().is_none_or(|own| own.value == Direction::Ingress);
            let covers = each.source_ranges.is_empty()
                || each.source_ranges.iter().any(|range| {
                    range.known().is_some_and(|range| range.contains(&SERVERLESS_RANGE))
                });
            let speaks = each.traffic.is_empty()
                || each.traffic.iter().any(|traffic| {
                    let Traffic { protocol, ports } = &traffic.value;
                    protocol.is_none_or(|protocol| protocol == Protocol::Tcp)
                        && (ports.is_empty()
                            || ports.iter().any(|(low, high)| (*low..=*high).contains(&667)))
                });
            topology.networks.index_of(&each.network.value) == Some(sender.network)
                && ingress
                && each.action.value == FirewallAction::Allow
                && sender.is_target(each)
                && covers
                && speaks
        });
        if served {
            return next;
        }
        let blocked = self.drop(Cause::VpcConnectorServerlessTrafficBlocked);
        let list = self.list(Vec::new(), blocked);
        let place = Place::new(sender.resource, "connector_rules", RuleId::egr(32), sender.at);
        self.hop(place, Body::Gate { list, next })
    }
}

/// Where Google's side of connectors sends from (EGR-031).
const SERVERLESS_RANGE: IpNet =
    IpNet::V4(ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(35, 199, 224, 0), 19));

impl Sender {
    /// Whether it runs as one of these accounts; without accounts, whatever it runs as.
    fn has_account(&self, accounts: &[Spanned<String>]) -> bool {
        accounts.is_empty()
            || accounts.iter().any(|account| self.account.as_deref() == Some(&*account.value))
    }

    /// Whether a VPC rule is for it (EGR-105). Accounts of Cloud Run are no target of ingress
    /// rules, and whether they are of egress rules is not documented (EGR-045).
    fn is_target(&self, each: &FirewallRule) -> bool {
        let tagged = each.target_tags.is_empty()
            || each.target_tags.iter().any(|tag| self.tags.iter().any(|own| *own == tag.value));
        let accounts = &each.target_service_accounts;
        let by_account = self.has_account(accounts)
            && (accounts.is_empty() || matches!(self.class, Class::Machine { .. }));
        tagged && by_account
    }
}

/// The hierarchical policies above a network, the organization's first (EGR-102).
fn hierarchical(topology: &Topology, network: usize) -> Vec<(&str, &FirewallPolicy)> {
    let Some(project) = topology.network_project(network) else { return Vec::new() };
    let mut levels = vec!["organization".to_string()];
    let above = topology.folders_above(project);
    levels.extend(above.iter().rev().map(|folder| format!("folder/{folder}")));
    let policies = topology.firewall_policies.iter().map(|(id, entry)| (&**id, &entry.value));
    levels
        .into_iter()
        .flat_map(|level| {
            policies
                .clone()
                .filter(move |(_, policy)| policy.attached_to.iter().any(|to| to.value == level))
        })
        .collect()
}
