//! Firewall rules and policies: how they are written, and rules that never decide.

use std::collections::{BTreeSet, HashMap};

use ipnet::IpNet;

use super::Checker;
use super::code::codes;
use crate::source::Span;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallPolicy, FirewallPolicyRule, FirewallRule, Traffic,
};
use crate::topology::record::{Field, Spanned};

codes! {
    FIREWALL_PRIORITY = Error "firewall-priority" egr 98 {
        "an impossible priority of a firewall rule",
        "the priority of a VPC firewall rule is from 0 to 65535, that of a policy's rule from 0 to \
         2147483547",
        "networks:
  prod: {}
firewall_rules:
  open: {network: prod, priority: 70000, action: allow, source_ranges: [10.0.0.0/8]}
",
    }
    DUPLICATE_FIREWALL_PRIORITY = Error "duplicate-firewall-priority" egr 99 {
        "two rules of a firewall policy with one priority",
        "the rules of a firewall policy have priorities of their own",
        "networks:
  prod: {}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, action: allow, source_ranges: [10.0.0.0/8]}
      - {priority: 1, action: deny, source_ranges: [192.0.2.0/24]}
",
    }
    GOTO_NEXT_IN_RULE = Error "goto-next-in-rule" egr 99 {
        "a VPC firewall rule that leaves it to the next level",
        "only rules of firewall policies leave the decision to the next level",
        "networks:
  prod: {}
firewall_rules:
  on: {network: prod, action: goto_next, source_ranges: [10.0.0.0/8]}
",
    }
    TAGS_AND_ACCOUNTS = Error "tags-and-accounts" egr 105 {
        "network tags beside service accounts in a rule",
        "a VPC firewall rule names its endpoints by network tag or by service account, not both",
        "networks:
  prod: {}
firewall_rules:
  web:
    network: prod
    action: allow
    source_tags: [front]
    target_service_accounts: [web@shop.iam.gserviceaccount.com]
",
    }
    SOURCE_OF_EGRESS = Error "source-of-egress" egr 98 {
        "an egress rule with senders by tag, account or region",
        "the senders of an egress rule are its targets; only ingress rules name others",
        "networks:
  prod: {}
firewall_rules:
  web: {network: prod, direction: egress, action: allow, source_tags: [front]}
",
    }
    DESTINATION_OF_INGRESS = Error "destination-of-ingress" egr 115 {
        "an ingress rule with destinations by name",
        "the destinations of an ingress rule are its targets; only egress rules name others",
        "networks:
  prod: {}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, action: allow, destination_fqdns: [api.example.com]}
",
    }
    DEFAULT_RULES_NOT_SAID = Note "default-rules-not-said" egr 97 {
        "a network `default` of which it is not said whether it has its first rules",
        "the network `default` that a project begins with admits 10.128.0.0/9, SSH, RDP and ICMP \
         at priority 65534 until those rules are deleted",
        "networks:
  default: {subnets: {run: {region: europe-west1, range: 10.132.0.0/20}}}
",
    }
    SHADOWED_FIREWALL_RULE = Warning "shadowed-firewall-rule" egr 98 {
        "a firewall rule that never decides",
        "the first rule that matches decides: smaller priority first, and deny before allow",
        "networks:
  prod: {}
firewall_rules:
  closed: {network: prod, priority: 100, action: deny, source_ranges: [10.0.0.0/8]}
  web: {network: prod, action: allow, source_ranges: [10.1.0.0/16], traffic: [\"tcp:443\"]}
",
    }
}

/// The largest priority of a VPC firewall rule (EGR-098).
const LOWEST: u32 = 65_535;

/// The largest priority of a policy's rule that a user can give (EGR-099).
const LOWEST_OF_POLICY: u32 = 2_147_483_547;

impl<'t> Checker<'t, '_> {
    /// Networks called `default` that say nothing of the rules that they began with, neither by the
    /// switch nor one by one.
    fn default_rules(&mut self) {
        let topology = self.topology;
        let written = |id: &str| {
            topology.firewall_rules.iter().any(|(name, entry)| {
                name.starts_with("default-allow-") && entry.value.network.value == id
            })
        };
        for (id, entry) in &topology.networks {
            if &**id != "default" || entry.value.default_rules.is_some() || written(id) {
                continue;
            }
            let message = format!("network/{id} is taken not to have the rules that it began with");
            let finding = DEFAULT_RULES_NOT_SAID.finding(message).at(entry.key_span);
            let help = "set `default_rules: true` if it has those that it began with, else false";
            self.report(finding.help(help).resource(format!("network/{id}")));
        }
    }

    pub(super) fn firewalls(&mut self) {
        let topology = self.topology;
        self.default_rules();
        let mut by_network: HashMap<&str, Vec<Ranked<'t>>> = HashMap::new();
        for (id, entry) in &topology.firewall_rules {
            let rule = &entry.value;
            let name = format!("firewall_rule/{id}");
            self.firewall_rule(rule, &name);
            let ranked = Ranked::of_rule(rule, name, entry.key_span);
            by_network.entry(&rule.network.value).or_default().extend(ranked);
        }
        let mut networks: Vec<_> = by_network.into_iter().collect();
        networks.sort_by_key(|(network, _)| *network);
        for (_, rules) in networks {
            self.shadowed(rules);
        }
        for (id, entry) in &topology.firewall_policies {
            self.firewall_policy(&entry.value, &format!("firewall_policy/{id}"));
        }
    }

    fn firewall_rule(&mut self, rule: &FirewallRule, resource: &str) {
        if let Some(priority) = rule.priority.as_ref().filter(|own| own.value > LOWEST) {
            self.impossible_priority(priority, LOWEST, resource);
        }
        if rule.action.value == FirewallAction::GoToNext {
            let message = format!("{resource} cannot leave the decision to others");
            let finding = GOTO_NEXT_IN_RULE.finding(message).at(rule.action.span);
            self.report(finding.help("write `allow` or `deny`").resource(resource));
        }
        let tag = rule.source_tags.first().or(rule.target_tags.first());
        let accounts = &rule.source_service_accounts;
        let account = accounts.first().or(rule.target_service_accounts.first());
        if let (Some(tag), Some(account)) = (tag, account) {
            let message = format!("{resource} names network tags and service accounts");
            let finding = TAGS_AND_ACCOUNTS.finding(message).at(account.span);
            let finding = finding.also(tag.span, "a network tag");
            self.report(finding.help("take either for both sides").resource(resource));
        }
        if direction(&rule.direction) == Direction::Egress
            && let Some(source) = rule.source_tags.first().or(accounts.first())
        {
            self.source_of_egress(resource, source.span, rule.direction.as_ref(), resource);
        }
    }

    fn impossible_priority(&mut self, priority: &Spanned<u32>, lowest: u32, resource: &str) {
        let message = format!("the priority {} is too large", priority.value);
        let finding = FIREWALL_PRIORITY.finding(message).at(priority.span);
        self.report(finding.help(format!("at most {lowest} is possible")).resource(resource));
    }

    fn source_of_egress(
        &mut self,
        name: &str,
        at: Span,
        direction: Option<&Spanned<Direction>>,
        resource: &str,
    ) {
        let message = format!("{name} is for egress, and names other senders than its targets");
        let finding = SOURCE_OF_EGRESS.finding(message).at(at);
        let place = direction.map_or(Span::none(), |direction| direction.span);
        let finding = finding.also(place, "egress");
        self.report(finding.help("name targets, or `source_ranges`").resource(resource));
    }

    fn firewall_policy(&mut self, policy: &'t FirewallPolicy, resource: &str) {
        let mut seen: HashMap<u32, Span> = HashMap::new();
        for rule in &policy.rules {
            let priority = &rule.priority;
            if priority.value > LOWEST_OF_POLICY {
                self.impossible_priority(priority, LOWEST_OF_POLICY, resource);
            }
            if let Some(first) = seen.insert(priority.value, priority.span) {
                let message =
                    format!("two rules of {resource} have the priority {}", priority.value);
                let finding = DUPLICATE_FIREWALL_PRIORITY.finding(message).at(priority.span);
                self.report(finding.also(first, "the other one").resource(resource));
            }
            match direction(&rule.direction) {
                Direction::Egress => {
                    if let Some(region) = rule.source_regions.first() {
                        let name = format!("the rule {} of {resource}", priority.value);
                        let direction = rule.direction.as_ref();
                        self.source_of_egress(&name, region.span, direction, resource);
                    }
                }
                Direction::Ingress => {
                    if let Some(name) = rule.destination_fqdns.first() {
                        let message = format!(
                            "the rule {} is for ingress, and names destinations",
                            priority.value
                        );
                        let finding = DESTINATION_OF_INGRESS.finding(message).at(name.span);
                        self.report(finding.help("set `direction: egress`").resource(resource));
                    }
                }
            }
        }
        let ranked = policy.rules.iter().filter_map(|rule| {
            Ranked::of_policy_rule(rule, format!("the rule {} of {resource}", rule.priority.value))
        });
        self.shadowed(ranked.collect());
    }

    /// Reports rules that an earlier one covers. Earlier rules are found by their first source,
    /// destination and target, so that each rule is compared with few others.
    fn shadowed(&mut self, mut rules: Vec<Ranked<'t>>) {
        rules.sort_by_key(|rule| rule.rank);
        let sources = lengths(rules.iter().flat_map(|rule| &rule.sources));
        let destinations = lengths(rules.iter().flat_map(|rule| &rule.destinations));
        let mut earlier: HashMap<Place<'t>, Vec<usize>> = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let mut by = None;
            for source in around(rule.sources.first(), &sources) {
                for destination in around(rule.destinations.first(), &destinations) {
                    let targets =
                        std::iter::once(None).chain(rule.targets.first().map(|own| Some(*own)));
                    for target in targets {
                        let place = (rule.direction, source, destination, target);
                        let near = earlier.get(&place).into_iter().flatten();
                        let covering = near.copied().find(|other| {
                            rules[*other].rank < rule.rank && rules[*other].covers(rule)
                        });
                        by = by.or(covering);
                    }
                }
            }
            if let Some(other) = by {
                let other = &rules[other];
                let message = format!("{} never decides: {} goes first", rule.name, other.name);
                let finding = SHADOWED_FIREWALL_RULE.finding(message).at(rule.at);
                let finding = finding.also(other.at, "covers all that it matches");
                let resource = rule.name.rsplit(' ').next().unwrap_or_default();
                self.findings.push(finding.resource(resource));
            }
            for source in some(&rule.sources) {
                for destination in some(&rule.destinations) {
                    let targets: Vec<Option<&str>> = match rule.targets.as_slice() {
                        [] => vec![None],
                        targets => targets.iter().map(|own| Some(*own)).collect(),
                    };
                    for target in targets {
                        let place = (rule.direction, source, destination, target);
                        earlier.entry(place).or_default().push(index);
                    }
                }
            }
        }
    }
}

/// Where a rule is looked for: by direction, source, destination and target.
type Place<'t> = (Direction, Option<IpNet>, Option<IpNet>, Option<&'t str>);

/// What a firewall rule matches, as far as it is certain, and when it is asked.
struct Ranked<'t> {
    name: String,
    at: Span,
    /// Smaller goes first, and deny before allow.
    rank: (u32, bool),
    direction: Direction,
    /// All if empty.
    sources: Vec<IpNet>,
    destinations: Vec<IpNet>,
    /// Network tags and accounts of the targets; all endpoints if empty.
    targets: Vec<&'t str>,
    /// What else narrows it: nothing, if it is empty.
    narrowed: Vec<&'t str>,
    traffic: &'t [Spanned<Traffic>],
    /// It names neither senders nor destinations, and so is for IPv4 alone (EGR-098).
    silent: bool,
}

impl<'t> Ranked<'t> {
    /// `None` if the rule is off, or if not all of it is known.
    fn of_rule(rule: &'t FirewallRule, name: String, at: Span) -> Option<Self> {
        if super::value_or(&rule.disabled, false) != Some(false) {
            return None;
        }
        let denies = rule.action.value == FirewallAction::Deny;
        let tags = rule.source_tags.iter().chain(&rule.source_service_accounts);
        let targets = rule.target_tags.iter().chain(&rule.target_service_accounts);
        Some(Ranked {
            name,
            at,
            rank: (rule.priority.as_ref().map_or(1000, |own| own.value), !denies),
            direction: direction(&rule.direction),
            sources: known(&rule.source_ranges)?,
            destinations: known(&rule.destination_ranges)?,
            targets: targets.map(|own| own.value.as_str()).collect(),
            silent: rule.source_ranges.is_empty()
                && rule.destination_ranges.is_empty()
                && tags.clone().next().is_none(),
            narrowed: tags.map(|own| own.value.as_str()).collect(),
            traffic: &rule.traffic,
        })
    }

    fn of_policy_rule(rule: &'t FirewallPolicyRule, name: String) -> Option<Self> {
        if super::on(&rule.disabled) {
            return None;
        }
        let targets = rule.target_service_accounts.iter().chain(&rule.target_secure_tags);
        let names = rule.destination_fqdns.iter().chain(&rule.source_regions);
        Some(Ranked {
            name,
            at: rule.span,
            rank: (rule.priority.value, false),
            direction: direction(&rule.direction),
            sources: known(&rule.source_ranges)?,
            destinations: known(&rule.destination_ranges)?,
            targets: targets.map(|own| own.value.as_str()).collect(),
            narrowed: names.chain(&rule.networks).map(|own| own.value.as_str()).collect(),
            traffic: &rule.traffic,
            silent: false,
        })
    }

    /// Whether everything that another rule matches is matched by this one.
    fn covers(&self, other: &Self) -> bool {
        let targets = self.targets.is_empty()
            || (!other.targets.is_empty()
                && other.targets.iter().all(|target| self.targets.contains(target)));
        // Senders by tag beside ranges add to them; alone they are all that there is.
        let by_name_only = !other.narrowed.is_empty() && other.sources.is_empty();
        let sources = match (self.narrowed.is_empty(), by_name_only) {
            (true, true) => self.sources.is_empty(),
            (true, false) => {
                hold(&self.sources, &other.sources)
                    && (other.narrowed.is_empty() || self.sources.is_empty())
            }
            (false, _) => {
                let ranges = match self.sources.is_empty() {
                    true => other.sources.is_empty(),
                    false => hold(&self.sources, &other.sources),
                };
                self.narrowed == other.narrowed && ranges
            }
        };
        let traffic = self.traffic.is_empty()
            || (!other.traffic.is_empty()
                && other.traffic.iter().all(|inner| {
                    self.traffic.iter().any(|outer| carries(&outer.value, &inner.value))
                }));
        let mut ranges = other.sources.iter().chain(&other.destinations);
        let version = !self.silent || ranges.all(|range| matches!(range, IpNet::V4(_)));
        let destinations = hold(&self.destinations, &other.destinations);
        targets && sources && destinations && version && traffic
    }
}

/// Whether some ranges hold all of others; no ranges are all addresses.
fn hold(outer: &[IpNet], inner: &[IpNet]) -> bool {
    let all = |ranges: &[IpNet]| ranges.is_empty();
    all(outer)
        || (!all(inner)
            && inner.iter().all(|inner| outer.iter().any(|outer| outer.contains(inner))))
}

/// Whether all that one entry speaks of is spoken of by another.
fn carries(outer: &Traffic, inner: &Traffic) -> bool {
    let protocol = outer.protocol.is_none() || outer.protocol == inner.protocol;
    let ports = outer.ports.is_empty()
        || (!inner.ports.is_empty()
            && inner.ports.iter().all(|(low, high)| {
                outer.ports.iter().any(|(first, last)| first <= low && high <= last)
            }));
    protocol && ports
}

/// The lengths of prefixes that occur.
fn lengths<'a>(ranges: impl Iterator<Item = &'a IpNet>) -> Vec<u8> {
    let lengths: BTreeSet<u8> = ranges.map(|range| range.prefix_len()).collect();
    lengths.into_iter().collect()
}

/// The ranges around one, itself among them, of the lengths that occur, and everything.
fn around(range: Option<&IpNet>, lengths: &[u8]) -> Vec<Option<IpNet>> {
    let mut found = vec![None];
    if let Some(range) = range {
        let wider = lengths.iter().filter(|length| **length <= range.prefix_len());
        found.extend(wider.filter_map(|length| {
            IpNet::new(range.addr(), *length).ok().map(|range| Some(range.trunc()))
        }));
    }
    found
}

/// The ranges of a list, or everything if there are none.
fn some(ranges: &[IpNet]) -> Vec<Option<IpNet>> {
    match ranges {
        [] => vec![None],
        ranges => ranges.iter().map(|range| Some(*range)).collect(),
    }
}

/// The ranges of a list, if all are known.
fn known(fields: &[Field<IpNet>]) -> Option<Vec<IpNet>> {
    fields.iter().map(|field| field.known().copied()).collect()
}

/// The direction of a rule; ingress if absent.
pub(super) fn direction(field: &Option<Spanned<Direction>>) -> Direction {
    field.as_ref().map_or(Direction::Ingress, |own| own.value)
}
