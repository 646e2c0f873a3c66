//! Firewalls: VPC rules and policies, as one list for each endpoint and direction (EGR-097 to
//! EGR-109).

use crate::graph::{ConditionKind, NamedCondition, Placeholders, RuleName};
use crate::graph::{GapKind, HopKind, Touches};
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::always::METADATA_SERVER;
use super::{Class, EVERY_IPV4, NetworkSender};
use crate::graph::compile::unsaid::Could;
use crate::graph::compile::{Core, Place, Senders, rule};
use crate::graph::expression::{Atom, ExpressionId};
use crate::graph::hop::{AssumptionKind, Body, Cause, HopId, ListId, ListRule, RuleVerdict};
use crate::inventory::Inventory;
use crate::rules::RuleId;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallOrder, FirewallPolicy, FirewallPolicyRule, FirewallRule,
    NetworkType, Protocol, Traffic,
};
use crate::topology::network::{Network, Subnet, UNIQUE_LOCAL};
use crate::topology::record::{Field, Id, Spanned};

/// A rule where it holds: what it is called, what it does, and in which network.
type RuleHere<'r> = (&'r str, FirewallAction, Id<Network>);

/// Where a rule stands in the order of one network's rules: smaller goes first, and a deny before
/// an allow (EGR-098).
pub(super) type Rank = (u32, bool);

/// The priority of the rules that a connector brings along (EGR-029).
const MANAGED: u32 = 1000;

/// The priority of the rules of a network `default`.
const DEFAULT: u32 = 65534;

/// These rules: name, senders, protocols, port (EGR-097).
const DEFAULT_RULES: &[(&str, IpNet, &[Protocol], Option<u16>)] = &[
    (
        "default-allow-internal",
        range(10, 128, 0, 0, 9),
        &[Protocol::Tcp, Protocol::Udp, Protocol::Icmp],
        None,
    ),
    ("default-allow-ssh", range(0, 0, 0, 0, 0), &[Protocol::Tcp], Some(22)),
    ("default-allow-rdp", range(0, 0, 0, 0, 0), &[Protocol::Tcp], Some(3389)),
    ("default-allow-icmp", range(0, 0, 0, 0, 0), &[Protocol::Icmp], None),
];

impl Senders {
    /// The firewall before a packet that `endpoint` sends or receives goes on to `next`.
    pub(super) fn firewall(
        &mut self,
        core: &mut Core<'_>,
        endpoint: &NetworkSender,
        direction: Direction,
        next: HopId,
    ) -> HopId {
        let Some(list) = self.firewall_list(core, endpoint, direction) else { return next };
        let kind = match direction {
            Direction::Ingress => HopKind::IngressFirewall,
            Direction::Egress => HopKind::EgressFirewall,
        };
        let place = Place::new(endpoint.resource, kind, RuleId::egr(97), endpoint.at);
        core.hop(place, Body::Gate { list, next })
    }

    /// The rules for an endpoint; `None` if they let everything pass.
    fn firewall_list(
        &mut self,
        core: &mut Core<'_>,
        endpoint: &NetworkSender,
        direction: Direction,
    ) -> Option<ListId> {
        self.rules_for(core, endpoint, direction, false)
    }

    pub(super) fn rules_for(
        &mut self,
        core: &mut Core<'_>,
        endpoint: &NetworkSender,
        direction: Direction,
        with_service_rules: bool,
    ) -> Option<ListId> {
        let topology = core.topology;
        let network = &topology.networks[endpoint.network];
        let order = network.firewall_order();
        let mut rules = Vec::new();
        for policy in hierarchical(core.inventory, endpoint.network) {
            self.policy_rules(core, policy, endpoint, direction, 102, &mut rules);
        }
        let of_network = format!("network/{}", topology.networks.key(endpoint.network));
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
        let before = order == FirewallOrder::BeforeClassic;
        let number = if before { 101 } else { 100 };
        if !before {
            self.classic_rules(core, endpoint, direction, with_service_rules, &mut rules);
        }
        for policy in policies {
            self.policy_rules(core, policy, endpoint, direction, number, &mut rules);
        }
        if before {
            self.classic_rules(core, endpoint, direction, with_service_rules, &mut rules);
        }
        let implied = match direction {
            Direction::Egress => RuleVerdict::Pass,
            Direction::Ingress => core.drop(Cause::FirewallRule),
        };
        if rules.iter().all(|rule: &ListRule| rule.then == implied) && implied == RuleVerdict::Pass
        {
            return None;
        }
        if direction == Direction::Egress {
            // Nothing is kept from the metadata server (EGR-110).
            let there = core.expressions.atom(Atom::Destination([METADATA_SERVER].into()));
            rules.insert(0, rule(there, RuleVerdict::Pass, endpoint.at, Some(RuleId::egr(110))));
        }
        Some(core.list(rules, implied))
    }

    /// The rules of a policy; what leaves the decision to the next level is taken out of the rules
    /// behind it (EGR-099, EGR-103).
    fn policy_rules(
        &mut self,
        core: &mut Core<'_>,
        (id, policy): (&str, &FirewallPolicy),
        endpoint: &NetworkSender,
        direction: Direction,
        number: u16,
        into: &mut Vec<ListRule>,
    ) {
        let topology = core.topology;
        let mut rules: Vec<&FirewallPolicyRule> = policy.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority.value);
        let mut left_to_next: Vec<ExpressionId> = Vec::new();
        for each in rules {
            let own = each.direction();
            let off = each.disabled();
            let here = each.networks.is_empty()
                || each
                    .networks
                    .iter()
                    .any(|network| network.value == topology.networks.key(endpoint.network));
            let tagged = each.target_secure_tags.is_empty()
                || each
                    .target_secure_tags
                    .iter()
                    .any(|tag| endpoint.secure_tags.contains(&tag.value));
            if own != direction || off || !here || !tagged {
                continue;
            }
            let name = format!("rule {} of firewall_policy/{id}", each.priority.value);
            let rule_here = (name.as_str(), each.action.value, endpoint.network);
            let parts = vec![
                self.runs_as(core, endpoint, &each.target_service_accounts, direction),
                self.policy_senders(core, each, rule_here),
                self.policy_destinations(core, each, (id, rule_here)),
                self.traffic(core, &each.traffic),
            ];
            let matched = core.expressions.all(parts);
            if matched == core.expressions.never() {
                continue;
            }
            let skipped = core.expressions.any(left_to_next.iter().copied());
            let not_skipped = core.expressions.not(skipped);
            let when = core.expressions.all([matched, not_skipped]);
            let then = match each.action.value {
                FirewallAction::Allow => RuleVerdict::Pass,
                FirewallAction::Deny => core.drop(Cause::FirewallRule),
                FirewallAction::GoToNext => {
                    left_to_next.push(matched);
                    continue;
                }
            };
            let (policy, priority) = ((*id).into(), each.priority.value);
            let name = RuleName::FirewallPolicy { policy, priority };
            let at = each.span;
            into.push(ListRule { name, ..rule(when, then, at, Some(RuleId::egr(number))) });
        }
    }

    /// The senders that a rule of a policy speaks of: those in any of what it names, of its network
    /// type (EGR-106, EGR-259).
    fn policy_senders(
        &mut self,
        core: &mut Core<'_>,
        each: &FirewallPolicyRule,
        rule_here: RuleHere<'_>,
    ) -> ExpressionId {
        let mut from = Vec::new();
        if !each.source_ranges.is_empty() {
            from.push(self.in_fields(core, &each.source_ranges, Atom::Source, rule_here));
        }
        if !each.source_address_groups.is_empty() {
            let ranges = core.in_groups(&each.source_address_groups);
            from.push(core.expressions.atom(Atom::Source(ranges)));
        }
        // Private addresses are in no region and on no list.
        let private = core.expressions.atom(Atom::Source(super::private_set().into()));
        let public = core.expressions.not(private);
        if !each.source_regions.is_empty() {
            let regions: Vec<Box<str>> =
                each.source_regions.iter().map(|own| own.value.to_uppercase().into()).collect();
            let there = core.expressions.atom(Atom::Region(regions.into()));
            from.push(core.expressions.all([there, public]));
        }
        for list in &each.source_threat_lists {
            let (kind, name) = (ConditionKind::ThreatIntelligence, list.value.as_str().into());
            let on = core.condition(NamedCondition { kind, name });
            let on = core.expressions.atom(Atom::Condition(on));
            from.push(core.expressions.all([on, public]));
        }
        let from = core.any_if_named(from);
        let Some(own) = &each.source_network_type else { return from };
        let (_, _, network) = rule_here;
        let topology = core.topology;
        let of = |networks: Vec<Id<Network>>| -> Box<[IpNet]> {
            let networks = networks.into_iter().map(|own| &topology.networks[own]);
            networks.flat_map(|own| own.subnets.values()).flat_map(subnet_ranges).collect()
        };
        let typed = match own.value {
            NetworkType::Internet => core.on_the_internet(Atom::Source),
            NetworkType::NonInternet => {
                let outside = core.on_the_internet(Atom::Source);
                core.expressions.not(outside)
            }
            NetworkType::IntraVpc => core.expressions.atom(Atom::Source(of(vec![network]))),
            NetworkType::VpcNetworks => {
                let named = each.source_networks.iter();
                let named = named.filter_map(|own| topology.networks.id_of(&own.value)).collect();
                core.expressions.atom(Atom::Source(of(named)))
            }
        };
        core.expressions.all([from, typed])
    }

    /// The destinations that a rule of a policy speaks of, in the same way. Where an address lies, and
    /// on which lists it is, nothing says of destinations: an assumption a rule.
    fn policy_destinations(
        &mut self,
        core: &mut Core<'_>,
        each: &FirewallPolicyRule,
        (id, rule_here): (&str, RuleHere<'_>),
    ) -> ExpressionId {
        let mut to = Vec::new();
        if !each.destination_ranges.is_empty() {
            to.push(self.in_fields(core, &each.destination_ranges, Atom::Destination, rule_here));
        }
        if !each.destination_address_groups.is_empty() {
            let ranges = core.in_groups(&each.destination_address_groups);
            to.push(core.expressions.atom(Atom::Destination(ranges)));
        }
        if !each.destination_fqdns.is_empty() {
            let mut addresses = Vec::new();
            for name in &each.destination_fqdns {
                addresses.extend(self.addresses_of(core, &name.value.to_ascii_lowercase()));
            }
            to.push(core.expressions.atom(Atom::Destination(addresses.into())));
        }
        let priority = each.priority.value;
        for (names, what) in [
            (&each.destination_regions, "destination-region"),
            (&each.destination_threat_lists, "destination-threat-list"),
        ] {
            let Some(first) = names.first() else { continue };
            let listed: Vec<&str> = names.iter().map(|own| own.value.as_str()).collect();
            let text = format!(
                "the destination is of {} (rule {priority} of firewall_policy/{id})",
                listed.join(", ")
            );
            let assumption = core.assumption(
                format!("firewall_policy/{id}/{priority}/{what}"),
                AssumptionKind::Unmodelled,
                || text,
                Some(false),
                first.span,
            );
            let there = core.assumed((assumption, true));
            let private = core.expressions.atom(Atom::Destination(super::private_set().into()));
            let public = core.expressions.not(private);
            to.push(core.expressions.all([there, public]));
        }
        let to = core.any_if_named(to);
        let Some(own) = &each.destination_network_type else { return to };
        let outside = core.on_the_internet(Atom::Destination);
        // Of which type Google's APIs are is not documented (EGR-106).
        let front_end: IpNet = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
        let google = core.expressions.atom(Atom::Destination([front_end].into()));
        let elsewhere = core.expressions.not(google);
        let outside_google = core.disputed("google-apis-are-internet-type");
        let either = core.expressions.any([elsewhere, outside_google]);
        let outside = core.expressions.all([outside, either]);
        let typed = match own.value {
            NetworkType::Internet => outside,
            _ => core.expressions.not(outside),
        };
        core.expressions.all([to, typed])
    }

    /// VPC firewall rules, and those that connectors bring along.
    fn classic_rules(
        &mut self,
        core: &mut Core<'_>,
        endpoint: &NetworkSender,
        direction: Direction,
        with_service_rules: bool,
        into: &mut Vec<ListRule>,
    ) {
        let topology = core.topology;
        let mut rules: Vec<(Rank, ListRule)> = Vec::new();
        if with_service_rules {
            rules.extend(self.service_rules(core, direction));
        }
        let here = core.inventory.network(endpoint.network);
        for &of in &here.firewall_rules {
            let (id, entry) = topology.firewall_rules.at(of);
            let each = &entry.value;
            let own = each.direction();
            if own != direction || !endpoint.has_tag(&each.target_tags) {
                continue;
            }
            let disabled = core.whether(each.disabled(), &format!("the switch of {id}"));
            let on = core.expressions.not(disabled);
            let from = self.senders(core, id, each, endpoint);
            let name = format!("firewall_rule/{id}");
            let rule_here = (name.as_str(), each.action.value, endpoint.network);
            let to = self.in_fields(core, &each.destination_ranges, Atom::Destination, rule_here);
            let of_version = self.of_rule_version(core, each, endpoint, direction);
            let traffic = self.traffic(core, &each.traffic);
            let target = self.runs_as(core, endpoint, &each.target_service_accounts, direction);
            let when = core.expressions.all([on, target, from, to, of_version, traffic]);
            let denies = each.action.value == FirewallAction::Deny;
            let then = if denies { core.drop(Cause::FirewallRule) } else { RuleVerdict::Pass };
            let priority = each.priority();
            let name = RuleName::FirewallRule { id: (&**id).into(), priority };
            let made = ListRule { name, ..rule(when, then, entry.key_span, Some(RuleId::egr(98))) };
            rules.push(((priority, !denies), made));
        }
        if direction == Direction::Ingress {
            rules.extend(self.default_rules(core, endpoint.network));
            for &of in &here.connectors {
                let (id, entry) = topology.connectors.at(of);
                if !core.brings_rules(&entry.value, endpoint.network) {
                    continue;
                }
                let ranges = core.connector_ranges(of);
                let from = core.expressions.atom(Atom::Source(ranges.into()));
                let protocols = vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp].into();
                let protocols = core.expressions.atom(Atom::Protocol(protocols));
                let when = core.expressions.all([from, protocols]);
                let connector = (&**id).into();
                let name = RuleName::OfConnector { connector, priority: MANAGED };
                let number = Some(RuleId::egr(29));
                let made =
                    ListRule { name, ..rule(when, RuleVerdict::Pass, entry.key_span, number) };
                rules.push(((MANAGED, true), made));
            }
        }
        rules.sort_by_key(|(rank, _)| *rank);
        let never = core.expressions.never();
        into.extend(rules.into_iter().map(|(_, rule)| rule).filter(|rule| rule.when != never));
    }

    /// A rule that names no ranges where it could is for 0.0.0.0/0 only; that matters to endpoints
    /// that have IPv6 (EGR-098).
    fn of_rule_version(
        &mut self,
        core: &mut Core<'_>,
        each: &FirewallRule,
        endpoint: &NetworkSender,
        direction: Direction,
    ) -> ExpressionId {
        let no_senders = each.source_ranges.is_empty()
            && each.source_tags.is_empty()
            && each.source_service_accounts.is_empty();
        let silent = each.destination_ranges.is_empty()
            && (direction == Direction::Egress && each.source_ranges.is_empty()
                || direction == Direction::Ingress && no_senders);
        if !silent || !endpoint.versions().v6 {
            return core.expressions.always();
        }
        core.expressions.atom(match direction {
            Direction::Egress => Atom::Destination([EVERY_IPV4].into()),
            Direction::Ingress => Atom::Source([EVERY_IPV4].into()),
        })
    }

    /// The rules that the network `default` of a project is made with (EGR-097).
    fn default_rules(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
    ) -> Vec<(Rank, ListRule)> {
        let (id, entry) = core.topology.networks.at(network);
        let what = format!("whether network/{id} has default rules");
        let here = core.whether(entry.value.default_rules(), &what);
        if here == core.expressions.never() {
            return Vec::new();
        }
        let at = entry.value.default_rules.as_ref().map_or(entry.key_span, |field| field.span);
        let mut made = Vec::new();
        for (name, from, protocols, ports) in DEFAULT_RULES {
            let from = core.expressions.atom(Atom::Source([*from].into()));
            let protocols = core.expressions.atom(Atom::Protocol((*protocols).into()));
            let mut parts = vec![here, from, protocols];
            if let Some(port) = ports {
                parts.push(core.expressions.atom(Atom::Port([(*port, *port)].into())));
            }
            let when = core.expressions.all(parts);
            let name = RuleName::DefaultNetwork { name, priority: DEFAULT };
            let each =
                ListRule { name, ..rule(when, RuleVerdict::Pass, at, Some(RuleId::egr(97))) };
            made.push(((DEFAULT, true), each));
        }
        made
    }

    /// The senders that a rule speaks of: by range, network tag or account (EGR-046, EGR-108).
    fn senders(
        &mut self,
        core: &mut Core<'_>,
        id: &str,
        each: &FirewallRule,
        endpoint: &NetworkSender,
    ) -> ExpressionId {
        let by_range = each.source_ranges.is_empty();
        let nothing_else = each.source_tags.is_empty() && each.source_service_accounts.is_empty();
        if by_range && nothing_else {
            return core.expressions.always();
        }
        let mut parts = Vec::new();
        if !by_range {
            let name = format!("firewall_rule/{id}");
            let rule_here = (name.as_str(), each.action.value, endpoint.network);
            parts.push(self.in_fields(core, &each.source_ranges, Atom::Source, rule_here));
        }
        if !nothing_else {
            let (certain, direct) = self.tagged(core, id, each, endpoint.network);
            parts.push(core.expressions.atom(Atom::Source(certain.into())));
            if !direct.is_empty() {
                let mut matched = core.disputed("direct-vpc-source-tags-match");
                if each.action.value == FirewallAction::Deny {
                    // Where tags are not said to match, a deny may deny (EGR-108).
                    let kind = ConditionKind::Firewall;
                    let name = "direct-vpc-source-tags".into();
                    let may = core.condition(NamedCondition { kind, name });
                    let may = core.expressions.atom(Atom::Condition(may));
                    matched = core.expressions.any([matched, may]);
                }
                let from = core.expressions.atom(Atom::Source(direct.into()));
                parts.push(core.expressions.all([matched, from]));
            }
        }
        core.expressions.any(parts)
    }

    /// The addresses of senders with the tags or accounts of a rule: of machines and connectors,
    /// and those of Direct VPC egress, which documents leave undefined.
    fn tagged(
        &mut self,
        core: &mut Core<'_>,
        id: &str,
        each: &FirewallRule,
        network: Id<Network>,
    ) -> (Vec<IpNet>, Vec<IpNet>) {
        let inventory = core.inventory;
        let here = inventory.network(network);
        let has = |tags: &[String]| each.source_tags.iter().any(|tag| tags.contains(&tag.value));
        let mut certain = Vec::new();
        for &machine in &here.vms {
            let Some(machine) = self.machine(core, machine) else { continue };
            let by_account = !each.source_service_accounts.is_empty()
                && machine.has_account(&each.source_service_accounts);
            if has(&machine.tags) || by_account {
                certain.extend(machine.ranges);
            }
        }
        for &connector in &here.connectors {
            if has(&inventory.connector_tags(connector)) {
                certain.extend(core.connector_ranges(connector));
            }
        }
        let mut direct = Vec::new();
        let mut untagged = Vec::new();
        for &workload in &here.direct {
            let workload = inventory.workload(workload);
            let (Some(access), Some(subnet)) = (workload.access, workload.direct) else { continue };
            let is_source = |tag: &str| each.source_tags.iter().any(|own| own.value == tag);
            let tagged = access.tags.iter().any(|tag| is_source(&tag.value));
            let ranges = if tagged { &mut direct } else { &mut untagged };
            ranges.extend(inventory.subnet(subnet).ranges());
        }
        if direct.iter().any(|range| untagged.contains(range)) {
            // All of the subnet are taken to have them.
            let could = Could::by_less(each.action.value);
            let gap = could.gap(GapKind::FirewallSourceTags(id.into()), each.span, by(network));
            core.gaps.push(gap);
        }
        direct.sort_unstable();
        direct.dedup();
        (certain, direct)
    }

    /// Packets whose address lies in one of these; all if there are none. Of a range that is not
    /// known nothing is taken to be in the rule.
    fn in_fields(
        &mut self,
        core: &mut Core<'_>,
        fields: &[Field<IpNet>],
        atom: fn(Box<[IpNet]>) -> Atom,
        (of, action, network): RuleHere<'_>,
    ) -> ExpressionId {
        if fields.is_empty() {
            return core.expressions.always();
        }
        let mut ranges = Vec::new();
        for field in fields {
            match field.known() {
                Some(range) => ranges.push(*range),
                None => {
                    let what = GapKind::FirewallRange(of.into());
                    let could = Could::by_more(action);
                    core.gaps.push(could.gap(what, field.span, by(network)));
                }
            }
        }
        core.expressions.atom(atom(ranges.into()))
    }

    /// Packets that a list of protocols and ports speaks of; all if it is empty.
    pub(super) fn traffic(
        &mut self,
        core: &mut Core<'_>,
        listed: &[Spanned<Traffic>],
    ) -> ExpressionId {
        if listed.is_empty() {
            return core.expressions.always();
        }
        let parts: Vec<ExpressionId> = listed
            .iter()
            .map(|each| {
                let Some(protocol) = each.value.protocol else {
                    return core.expressions.always();
                };
                let protocol = core.expressions.atom(Atom::Protocol(vec![protocol].into()));
                if each.value.ports.is_empty() {
                    return protocol;
                }
                let ports = each.value.ports.clone();
                let ports = core.expressions.atom(Atom::Port(ports.into()));
                core.expressions.all([protocol, ports])
            })
            .collect();
        core.expressions.any(parts)
    }

    /// Whether an endpoint runs as one of the accounts that a rule targets; without accounts,
    /// whatever it runs as (EGR-105). Accounts of Cloud Run are no target of ingress rules, and
    /// whether they are of egress rules is not documented (EGR-045).
    fn runs_as(
        &mut self,
        core: &mut Core<'_>,
        endpoint: &NetworkSender,
        accounts: &[Spanned<String>],
        direction: Direction,
    ) -> ExpressionId {
        if accounts.is_empty() {
            return core.expressions.always();
        }
        match (endpoint.has_account(accounts), endpoint.class, direction) {
            (true, Class::Machine { .. }, _) => core.expressions.always(),
            (true, Class::DirectVpc, Direction::Egress) => {
                core.disputed("service-account-targets-direct-vpc")
            }
            _ => core.expressions.never(),
        }
    }

    /// The addresses that a name leads to on the internet (EGR-115).
    fn addresses_of(&mut self, core: &mut Core<'_>, name: &str) -> Vec<IpNet> {
        let mut addresses: Vec<IpAddr> = core.names.addresses(name);
        for external in core.topology.externals.values() {
            if external.hosts.iter().any(|host| host.value.eq_ignore_ascii_case(name)) {
                addresses.extend(external.addresses.iter().filter_map(Field::known));
            }
        }
        addresses.into_iter().map(IpNet::from).collect()
    }
}

impl Core<'_> {
    /// The ranges of some groups of addresses.
    fn in_groups(&self, names: &[Spanned<String>]) -> Box<[IpNet]> {
        let groups = names.iter().filter_map(|own| self.topology.address_groups.get(&own.value));
        groups.flat_map(|group| &group.ranges).map(|range| range.value).collect()
    }

    /// What matches one of several; everything if a rule names nothing.
    fn any_if_named(&mut self, named: Vec<ExpressionId>) -> ExpressionId {
        if named.is_empty() {
            return self.expressions.always();
        }
        self.expressions.any(named)
    }

    /// Packets whose address is of the internet: not private, not of a network or a site, and none of
    /// Google's virtual addresses (EGR-259).
    fn on_the_internet(&mut self, atom: fn(Box<[IpNet]>) -> Atom) -> ExpressionId {
        let topology = self.topology;
        let subnets = topology.networks.values().flat_map(|network| network.subnets.values());
        let external =
            |range: &IpNet| matches!(range, IpNet::V6(_)) && !UNIQUE_LOCAL.contains(range);
        let sites = topology.onprem.values().flat_map(|site| &site.ranges).map(|own| own.value);
        let mut inside = super::private_set();
        inside.extend(super::VIPS);
        inside.push(UNIQUE_LOCAL);
        inside.extend(subnets.flat_map(subnet_ranges).chain(sites).filter(|own| !external(own)));
        let inside = self.expressions.atom(atom(inside.into()));
        self.expressions.not(inside)
    }
}

/// The ranges of a subnet, with its secondary ones.
fn subnet_ranges(subnet: &Subnet) -> impl Iterator<Item = IpNet> {
    subnet.ranges().chain(subnet.secondary.values().map(|range| range.value))
}

/// What comes by a network.
fn by(network: Id<Network>) -> Touches {
    Touches::Networks([network].into())
}

pub(super) const fn range(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

impl NetworkSender {
    /// Whether it runs as one of these accounts; without accounts, whatever it runs as.
    fn has_account(&self, accounts: &[Spanned<String>]) -> bool {
        accounts.is_empty()
            || accounts.iter().any(|account| self.account.as_deref() == Some(&*account.value))
    }
}

/// The hierarchical policies above a network, the organization's first (EGR-102).
fn hierarchical<'t>(
    inventory: &Inventory<'t>,
    network: Id<Network>,
) -> Vec<(&'t str, &'t FirewallPolicy)> {
    let Some(project) = inventory.network_project(network) else { return Vec::new() };
    let mut levels = vec!["organization".to_string()];
    let above = inventory.folders_above(project);
    levels.extend(above.iter().rev().map(|folder| format!("folder/{folder}")));
    let policies =
        inventory.topology.firewall_policies.iter().map(|(id, entry)| (&**id, &entry.value));
    levels
        .into_iter()
        .flat_map(|level| {
            policies
                .clone()
                .filter(move |(_, policy)| policy.attached_to.iter().any(|to| to.value == level))
        })
        .collect()
}
