//! Firewalls: VPC rules and policies, as one list for each endpoint and direction (EGR-097 to
//! EGR-109).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::{Class, EVERY_IPV4, Sender};
use crate::graph::build::{Builder, Place, rule};
use crate::graph::expression::{Atom, Expression, ExpressionId, in_ranges};
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
        let kind = match direction {
            Direction::Ingress => "ingress_firewall",
            Direction::Egress => "egress_firewall",
        };
        let place = Place::new(endpoint.resource, kind, RuleId::egr(97), endpoint.at);
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
            let tagged = each.target_secure_tags.is_empty()
                || each
                    .target_secure_tags
                    .iter()
                    .any(|tag| endpoint.secure_tags.contains(&tag.value));
            if own != direction || off || !here || !tagged {
                continue;
            }
            let mut parts = vec![
                self.runs_as(endpoint, &each.target_service_accounts, direction),
                self.in_fields(&each.source_ranges, Atom::Source),
                self.in_fields(&each.destination_ranges, Atom::Destination),
                self.traffic(&each.traffic),
            ];
            if !each.source_regions.is_empty() {
                let regions: Vec<Box<str>> =
                    each.source_regions.iter().map(|own| own.value.to_uppercase().into()).collect();
                parts.push(self.expressions.atom(Atom::Region(regions.into())));
            }
            if !each.destination_fqdns.is_empty() {
                let mut addresses = Vec::new();
                for name in &each.destination_fqdns {
                    addresses.extend(self.addresses_of(&name.value.to_ascii_lowercase()));
                }
                parts.push(self.expressions.atom(Atom::Destination(addresses.into())));
            }
            let matched = self.expressions.all(parts);
            if matched == self.expressions.never() {
                continue;
            }
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
            if own != direction || !here || !endpoint.has_tag(&each.target_tags) {
                continue;
            }
            let disabled =
                self.whether(each.disabled.as_ref(), false, &format!("the switch of {id}"));
            let on = self.expressions.not(disabled);
            let from = self.senders(each, endpoint);
            let to = self.in_fields(&each.destination_ranges, Atom::Destination);
            let of_version = self.of_rule_version(each, endpoint, direction);
            let traffic = self.traffic(&each.traffic);
            let target = self.runs_as(endpoint, &each.target_service_accounts, direction);
            let when = self.expressions.all([on, target, from, to, of_version, traffic]);
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
                let from = self.expressions.atom(Atom::Source(ranges.into()));
                let protocols = vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp].into();
                let protocols = self.expressions.atom(Atom::Protocol(protocols));
                let when = self.expressions.all([from, protocols]);
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

    /// A rule that names no ranges where it could is for 0.0.0.0/0 only; that matters to endpoints
    /// that have IPv6 (EGR-098).
    fn of_rule_version(
        &mut self,
        each: &FirewallRule,
        endpoint: &Sender,
        direction: Direction,
    ) -> ExpressionId {
        let no_senders = each.source_ranges.is_empty()
            && each.source_tags.is_empty()
            && each.source_service_accounts.is_empty();
        let silent = each.destination_ranges.is_empty()
            && (direction == Direction::Egress && each.source_ranges.is_empty()
                || direction == Direction::Ingress && no_senders);
        if !silent || !endpoint.versions().v6 {
            return self.expressions.always();
        }
        self.expressions.atom(match direction {
            Direction::Egress => Atom::Destination([EVERY_IPV4].into()),
            Direction::Ingress => Atom::Source([EVERY_IPV4].into()),
        })
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
            parts.push(self.in_fields(&each.source_ranges, Atom::Source));
        }
        if !nothing_else {
            let (certain, direct) = self.tagged(each, endpoint.network);
            parts.push(self.expressions.atom(Atom::Source(certain.into())));
            if !direct.is_empty() {
                let mut matched = self.disputed("direct-vpc-source-tags-match");
                if each.action.value == FirewallAction::Deny {
                    // Where tags are not said to match, a deny may deny (EGR-108).
                    let text = || "a deny by the source tags of Direct VPC egress matches".into();
                    let may = self.condition("firewall/direct-vpc-source-tags".into(), text);
                    let may = self.expressions.atom(Atom::Condition(may));
                    matched = self.expressions.any([matched, may]);
                }
                let from = self.expressions.atom(Atom::Source(direct.into()));
                parts.push(self.expressions.all([matched, from]));
            }
        }
        self.expressions.any(parts)
    }

    /// The addresses of senders with the tags or accounts of a rule: of machines and connectors,
    /// and those of Direct VPC egress, which documents leave undefined.
    fn tagged(&mut self, each: &FirewallRule, network: usize) -> (Vec<IpNet>, Vec<IpNet>) {
        let topology = self.topology;
        let has = |tags: &[String]| each.source_tags.iter().any(|tag| tags.contains(&tag.value));
        let mut certain = Vec::new();
        for &index in self.machines_in(network).iter() {
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
        let mut untagged = Vec::new();
        let accesses = topology
            .services
            .values()
            .filter_map(|service| service.vpc_access.as_ref())
            .chain(topology.jobs.values().filter_map(|job| job.vpc_access.as_ref()));
        for access in accesses {
            let tags: Vec<String> = access.tags.iter().map(|tag| tag.value.clone()).collect();
            let Some((own, subnet)) = topology.direct_subnet(access) else { continue };
            if access.connector.is_some() || own != network {
                continue;
            }
            let ranges = if has(&tags) { &mut direct } else { &mut untagged };
            ranges.extend(topology.subnet_ranges(own, &subnet));
        }
        if direct.iter().any(|range| untagged.contains(range)) {
            let text = "a firewall rule names source tags that only some revisions of a subnet \
                        have, and all of the subnet are taken to have them";
            let note = (text.to_string(), each.span);
            if !self.unmodelled.contains(&note) {
                self.unmodelled.push(note);
            }
        }
        direct.sort_unstable();
        direct.dedup();
        (certain, direct)
    }

    /// Packets whose address lies in one of these; all if there are none. A range that is not
    /// known makes the rule match nothing, and the answer is marked.
    fn in_fields(
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
        let lists = [Direction::Ingress, Direction::Egress]
            .map(|direction| self.firewall_list(sender, direction));
        let own = sender.ranges.first().map(IpNet::addr);
        let mut next = next;
        for (ranges, ports, cause) in [
            (HEALTH_CHECKS, CHECKED, Cause::VpcConnectorHealthCheckTrafficBlocked),
            (SERVERLESS, SERVED, Cause::VpcConnectorServerlessTrafficBlocked),
        ] {
            let blocked = ranges.iter().any(|range| {
                let theirs = range.addr();
                ports.iter().any(|(protocol, port)| {
                    let packet = |source, destination| Packet {
                        source,
                        destination,
                        protocol: *protocol,
                        port: *port,
                    };
                    let into = packet(Some(theirs), own);
                    let out = packet(own, Some(theirs));
                    let answers = cause == Cause::VpcConnectorServerlessTrafficBlocked;
                    !self.admits(lists[0], &into) || answers && !self.admits(lists[1], &out)
                })
            });
            if blocked {
                let blocked = self.drop(cause);
                let list = self.list(Vec::new(), blocked);
                let place =
                    Place::new(sender.resource, "connector_rules", RuleId::egr(32), sender.at);
                next = self.hop(place, Body::Gate { list, next });
            }
        }
        next
    }

    /// Whether a list lets a packet pass; what is not known is taken not to match.
    fn admits(&self, list: Option<ListId>, packet: &Packet) -> bool {
        let Some(list) = list else { return true };
        let list = &self.lists[list.0 as usize];
        let first = list.rules.iter().find(|rule| self.matches_packet(rule.when, packet));
        first.map_or(list.otherwise, |rule| rule.then) == Verdict::Pass
    }

    fn matches_packet(&self, when: ExpressionId, packet: &Packet) -> bool {
        let within = |ranges: &[IpNet], address: Option<IpAddr>| {
            address.is_some_and(|address| in_ranges(ranges, address))
        };
        match self.expressions.get(when) {
            Expression::True => true,
            Expression::False => false,
            Expression::Not(inner) => !self.matches_packet(*inner, packet),
            Expression::All(parts) => parts.iter().all(|part| self.matches_packet(*part, packet)),
            Expression::Any(parts) => parts.iter().any(|part| self.matches_packet(*part, packet)),
            Expression::Atom(Atom::Source(ranges)) => within(ranges, packet.source),
            Expression::Atom(Atom::Destination(ranges)) => within(ranges, packet.destination),
            Expression::Atom(Atom::Protocol(protocols)) => protocols.contains(&packet.protocol),
            Expression::Atom(Atom::Port(ports)) => {
                ports.iter().any(|(low, high)| (*low..=*high).contains(&packet.port))
            }
            Expression::Atom(_) => false,
        }
    }

    /// Whether an endpoint runs as one of the accounts that a rule targets; without accounts,
    /// whatever it runs as (EGR-105). Accounts of Cloud Run are no target of ingress rules, and
    /// whether they are of egress rules is not documented (EGR-045).
    fn runs_as(
        &mut self,
        endpoint: &Sender,
        accounts: &[Spanned<String>],
        direction: Direction,
    ) -> ExpressionId {
        if accounts.is_empty() {
            return self.expressions.always();
        }
        match (endpoint.has_account(accounts), endpoint.class, direction) {
            (true, Class::Machine { .. }, _) => self.expressions.always(),
            (true, Class::DirectVpc, Direction::Egress) => {
                self.disputed("service-account-targets-direct-vpc")
            }
            _ => self.expressions.never(),
        }
    }

    /// Whether a firewall rule is for endpoints that run as an account.
    pub(super) fn is_firewall_target(&self, account: &str) -> bool {
        let topology = self.topology;
        let of_rules = topology.firewall_rules.values().map(|each| &each.target_service_accounts);
        let of_policies = topology
            .firewall_policies
            .values()
            .flat_map(|policy| &policy.rules)
            .map(|each| &each.target_service_accounts);
        of_rules.chain(of_policies).flatten().any(|each| each.value == account)
    }

    /// The addresses that a name leads to on the internet (EGR-115).
    fn addresses_of(&mut self, name: &str) -> Vec<IpNet> {
        let mut addresses: Vec<IpAddr> = self.names.addresses(name);
        for external in self.topology.externals.values() {
            if external.hosts.iter().any(|host| host.value.eq_ignore_ascii_case(name)) {
                addresses.extend(external.addresses.iter().filter_map(Field::known));
            }
        }
        addresses.into_iter().map(IpNet::from).collect()
    }
}

/// A packet, as far as firewalls look at it.
struct Packet {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    protocol: Protocol,
    port: u16,
}

const fn range(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

/// Where Google's side of connectors sends from, and is answered at (EGR-031).
const SERVERLESS: &[IpNet] = &[range(35, 199, 224, 0, 19)];
/// What it sends.
const SERVED: &[(Protocol, u16)] =
    &[(Protocol::Tcp, 667), (Protocol::Udp, 665), (Protocol::Udp, 666), (Protocol::Icmp, 0)];
/// Where the health checks of connectors come from (EGR-031, EGR-113).
const HEALTH_CHECKS: &[IpNet] = &[range(35, 191, 0, 0, 16), range(130, 211, 0, 0, 22)];
/// What they ask for.
const CHECKED: &[(Protocol, u16)] = &[(Protocol::Tcp, 667)];

impl Sender {
    /// Whether it runs as one of these accounts; without accounts, whatever it runs as.
    fn has_account(&self, accounts: &[Spanned<String>]) -> bool {
        accounts.is_empty()
            || accounts.iter().any(|account| self.account.as_deref() == Some(&*account.value))
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
