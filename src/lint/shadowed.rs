//! Firewall rules that never decide: others before them take all that they match, or nothing is
//! there that they are for.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::Linter;
use crate::inventory::firewall_order::{Ranked, of_policy, order};
use crate::source::codes;
use crate::source::{Finding, Span};
use crate::topology::firewall::{Direction, FirewallAction, Protocol, Traffic};
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::record::Spanned;

codes! {
    SHADOWED_FIREWALL_RULE = Warning "shadowed-firewall-rule" "EGR-098" {
        "a firewall rule that never decides",
        "the first rule that matches decides: smaller priority first, and deny before allow",
        "networks:
  prod: {}
firewall_rules:
  closed: {network: prod, priority: 100, action: deny, source_ranges: [10.0.0.0/8]}
  web: {network: prod, action: allow, source_ranges: [10.1.0.0/16], traffic: [\"tcp:443\"]}
",
    }
    FIREWALL_RULE_FOR_NOBODY = Note "firewall-rule-for-nobody" "EGR-105" {
        "a firewall rule for endpoints that are not there",
        "a rule with targets is for endpoints with one of its tags or accounts",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
vms:
  app: {network: prod, subnet: vms, tags: [app]}
firewall_rules:
  db: {network: prod, action: allow, source_ranges: [10.0.0.0/8], target_tags: [db]}
",
    }
}

/// How many rules before a rule are looked at, so that the cost grows with the rules and not with
/// their pairs.
const LOOKED_AT: usize = 1_000;

/// Into how many parts a rule may fall while others are taken out of it.
const PARTS: usize = 1_000;

/// How many of the rules that take what a rule matches are shown.
const SHOWN: usize = 3;

/// A finding for each rule, unless it decides in some network that it is for.
#[derive(Default)]
struct Everywhere {
    at: HashMap<Span, Option<Finding>>,
    places: Vec<Span>,
}

impl Everywhere {
    fn add(&mut self, place: Span, finding: Option<Finding>) {
        match self.at.get_mut(&place) {
            Some(known) if finding.is_none() => *known = None,
            Some(_) => {}
            None => {
                self.at.insert(place, finding);
                self.places.push(place);
            }
        }
    }

    fn into_findings(mut self) -> impl Iterator<Item = Finding> {
        self.places.into_iter().filter_map(move |place| self.at.remove(&place).flatten())
    }
}

impl<'t> Linter<'t, '_> {
    pub(super) fn shadowed(&mut self) {
        let topology = self.topology;
        let mut hidden = Everywhere::default();
        let mut idle = Everywhere::default();
        let mut seen: HashSet<&str> = HashSet::new();
        for network in topology.networks.ids() {
            let (rules, _) = order(topology, network);
            if rules.is_empty() {
                continue;
            }
            add_hidden(&rules, &mut hidden);
            self.add_idle(network, &rules, &mut idle);
            seen.extend(rules.iter().filter_map(|rule| rule.policy));
        }
        for (id, entry) in &topology.firewall_policies {
            if !seen.contains(&**id) {
                add_hidden(&of_policy(&entry.value, id), &mut hidden);
            }
        }
        for finding in hidden.into_findings().chain(idle.into_findings()) {
            self.report(finding);
        }
    }

    /// Rules whose targets are nowhere in the network.
    fn add_idle(&self, network: Id<Network>, rules: &[Ranked<'t>], idle: &mut Everywhere) {
        let (id, _) = self.topology.networks.at(network);
        let Some(endpoints) = self.endpoints(network) else { return };
        for rule in rules {
            let own = |target: &&str| {
                endpoints.iter().any(|(name, only)| {
                    name == *target && only.is_none_or(|only| only == rule.direction)
                })
            };
            let found = (!rule.targets.is_empty() && !rule.targets.iter().any(own)).then(|| {
                let message = format!("nothing in network/{id} is a target of {}", rule.name);
                let finding = FIREWALL_RULE_FOR_NOBODY.finding(message).at(rule.at);
                let help = format!("its targets are {}", crate::source::listed(&rule.targets));
                let finding = finding.help(help);
                finding.resource(&rule.resource)
            });
            idle.add(rule.at, found);
        }
    }

    /// The tags and accounts of what is in a network, and the direction that they are targets for
    /// if it is only one; `None` if something is not known or nothing is there.
    fn endpoints(&self, network: Id<Network>) -> Option<Vec<(String, Option<Direction>)>> {
        let topology = self.topology;
        let mut names: Vec<(String, Option<Direction>)> = Vec::new();
        let mut any = false;
        for vm in topology.vms.values() {
            if topology.networks.id_of(&vm.network.value) != Some(network) {
                continue;
            }
            any = true;
            let tags = vm.tags.iter().chain(&vm.secure_tags);
            names.extend(tags.map(|tag| (tag.value.clone(), None)));
            if let Some(account) = &vm.service_account {
                names.push((account.known()?.clone(), None));
            }
        }
        for (id, entry) in &topology.connectors {
            let leads = topology.connector_network(&entry.value);
            if leads.is_some_and(|(leads, _)| leads == network) {
                any = true;
                let tags = topology.connector_tags(id, &entry.value);
                names.extend(tags.into_iter().map(|tag| (tag, None)));
            }
        }
        for sending in self.seats.of(network) {
            any = true;
            let tags = sending.access.tags.iter().map(|tag| tag.value.clone());
            let account = sending.account.map(str::to_owned);
            names.extend(tags.chain(account).map(|name| (name, Some(Direction::Egress))));
        }
        any.then_some(names)
    }
}

fn add_hidden(rules: &[Ranked<'_>], hidden: &mut Everywhere) {
    let taken: Vec<Taken> = (0..rules.len()).map(|index| Taken::new(rules, index)).collect();
    for (index, rule) in rules.iter().enumerate() {
        let takers = takers(rules, &taken, index);
        let finding = takers.map(|takers| {
            let names: Vec<&str> =
                takers.iter().take(SHOWN).map(|taker| rules[*taker].name.as_str()).collect();
            let more = takers.len().saturating_sub(SHOWN);
            let first = match (names.as_slice(), more) {
                ([only], _) => format!("{only} goes"),
                ([first @ .., last], 0) => format!("{} and {last} go", first.join(", ")),
                (names, more) => format!("{} and {more} more go", names.join(", ")),
            };
            let message = format!("{} never decides: {first} first", rule.name);
            let finding = SHADOWED_FIREWALL_RULE.finding(message).at(rule.at);
            let label = match takers.as_slice() {
                [_] => "covers all that it matches",
                _ => "covers some of it",
            };
            let shown = takers.iter().take(SHOWN);
            let finding =
                shown.fold(finding, |finding, taker| finding.also(rules[*taker].at, label));
            finding.resource(&rule.resource)
        });
        hidden.add(rule.at, finding);
    }
}

/// What a rule takes for certain from the rules behind it.
struct Taken {
    /// From rules of its own policy.
    within: Vec<RulePart>,
    /// From rules of other levels: what its policy left to them is not among it.
    beyond: Vec<RulePart>,
    /// Whether its policy left something to other levels before.
    split: bool,
}

impl Taken {
    fn new(rules: &[Ranked<'_>], index: usize) -> Self {
        let rule = &rules[index];
        let within = certain(rule);
        let mut beyond = within.clone();
        let before = rules[..index].iter().rev().take(LOOKED_AT);
        let mut split = false;
        for other in before.take_while(|other| other.level == rule.level) {
            if other.action != FirewallAction::GoToNext || other.direction != rule.direction {
                continue;
            }
            split = true;
            match possible(other) {
                Some(left) => {
                    for cut in &left {
                        beyond = beyond.iter().flat_map(|part| part.without(cut)).collect();
                    }
                }
                None => beyond.clear(),
            }
            if beyond.len() > PARTS {
                beyond.clear();
            }
        }
        Taken { within, beyond, split }
    }
}

/// The rules that take all that a rule matches; `None` if something is left for it.
fn takers(rules: &[Ranked<'_>], taken: &[Taken], index: usize) -> Option<Vec<usize>> {
    let rule = &rules[index];
    let before: Vec<usize> = (index.saturating_sub(LOOKED_AT)..index)
        .filter(|other| {
            let other = &rules[*other];
            // What a policy leaves to the next level is taken only from the rest of the policy.
            let takes = other.action != FirewallAction::GoToNext || other.level == rule.level;
            takes
                && other.direction == rule.direction
                && (other.level, other.rank) < (rule.level, rule.rank)
                && other.is_for_all_of(rule)
        })
        .collect();
    let one = before.iter().find(|other| {
        let whole = rules[**other].level == rule.level || !taken[**other].split;
        whole && covers(&rules[**other], rule)
    });
    if let Some(one) = one {
        return Some(vec![*one]);
    }
    let mut left = possible(rule)?;
    let mut takers = Vec::new();
    for other in before {
        if left.is_empty() || left.len() > PARTS {
            break;
        }
        let within = rules[other].level == rule.level;
        let cuts = if within { &taken[other].within } else { &taken[other].beyond };
        let mut takes = false;
        for cut in cuts {
            if left.iter().any(|part| part.meets(cut)) {
                takes = true;
                left = left.iter().flat_map(|part| part.without(cut)).collect();
            }
        }
        if takes {
            takers.push(other);
        }
    }
    (left.is_empty() && !takers.is_empty()).then_some(takers)
}

/// Whether everything that a rule matches is matched by another one.
fn covers(outer: &Ranked<'_>, inner: &Ranked<'_>) -> bool {
    let everybody = outer.sources.is_empty() && outer.senders.is_empty();
    // Whether names and regions add to ranges or narrow them is not relied on.
    let narrowed = outer.narrowed == inner.narrowed
        || (outer.narrowed.is_empty() && everybody && outer.destinations.is_empty());
    let senders = everybody || inner.senders.iter().all(|sender| outer.senders.contains(sender));
    // Senders by name without ranges are all that there is.
    let by_name_only = |rule: &Ranked<'_>| rule.sources.is_empty() && !rule.senders.is_empty();
    let sources = everybody
        || by_name_only(inner)
        || (!by_name_only(outer) && hold(&outer.sources, &inner.sources));
    let traffic = outer.traffic.is_empty()
        || (!inner.traffic.is_empty()
            && inner.traffic.iter().all(|inner| {
                outer.traffic.iter().any(|outer| carries(&outer.value, &inner.value))
            }));
    narrowed && senders && sources && traffic && hold(&outer.destinations, &inner.destinations)
}

/// Whether some ranges hold all of others; no ranges are all addresses.
fn hold(outer: &[IpNet], inner: &[IpNet]) -> bool {
    outer.is_empty()
        || (!inner.is_empty()
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

/// Packets of one family and protocol, from addresses to addresses and ports.
#[derive(Clone, Debug)]
struct RulePart {
    v6: bool,
    protocol: Protocol,
    /// Sources, destinations and ports, inclusive.
    bounds: [(u128, u128); 3],
}

impl RulePart {
    fn meets(&self, other: &Self) -> bool {
        self.v6 == other.v6
            && self.protocol == other.protocol
            && self
                .bounds
                .iter()
                .zip(&other.bounds)
                .all(|(own, other)| own.0 <= other.1 && other.0 <= own.1)
    }

    /// What is left of it when another is taken out.
    fn without(&self, other: &Self) -> Vec<Self> {
        if !self.meets(other) {
            return vec![self.clone()];
        }
        let mut rest = self.clone();
        let mut left = Vec::new();
        for axis in 0..self.bounds.len() {
            let ((low, high), (first, last)) = (rest.bounds[axis], other.bounds[axis]);
            if low < first {
                let mut below = rest.clone();
                below.bounds[axis] = (low, first - 1);
                left.push(below);
            }
            if last < high {
                let mut above = rest.clone();
                above.bounds[axis] = (last + 1, high);
                left.push(above);
            }
            rest.bounds[axis] = (low.max(first), high.min(last));
        }
        left
    }
}

/// What a rule matches for certain.
fn certain(rule: &Ranked<'_>) -> Vec<RulePart> {
    let by_name_only = rule.sources.is_empty() && !rule.senders.is_empty();
    if by_name_only || !rule.narrowed.is_empty() {
        return Vec::new();
    }
    parts(&rule.sources, &rule.destinations, rule.traffic).unwrap_or_default()
}

/// What a rule matches at most; `None` if that is too much to look at.
fn possible(rule: &Ranked<'_>) -> Option<Vec<RulePart>> {
    let by_range = rule.senders.is_empty() && rule.narrowed.is_empty();
    let sources = if by_range { &rule.sources[..] } else { &[] };
    let destinations = if rule.narrowed.is_empty() { &rule.destinations[..] } else { &[] };
    parts(sources, destinations, rule.traffic)
}

/// The parts of a cross product; `None` if there are too many.
fn parts(
    sources: &[IpNet],
    destinations: &[IpNet],
    traffic: &[Spanned<Traffic>],
) -> Option<Vec<RulePart>> {
    const ALL: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Other];
    let mut spoken: Vec<(Protocol, (u128, u128))> = Vec::new();
    let every_port = (0, u128::from(u16::MAX));
    for each in traffic {
        let protocols = match &each.value.protocol {
            Some(protocol) => std::slice::from_ref(protocol),
            None => &ALL[..],
        };
        for protocol in protocols {
            match each.value.ports.as_slice() {
                [] => spoken.push((*protocol, every_port)),
                ports => spoken.extend(
                    ports
                        .iter()
                        .map(|(low, high)| (*protocol, (u128::from(*low), u128::from(*high)))),
                ),
            }
        }
    }
    if traffic.is_empty() {
        spoken.extend(ALL.iter().map(|protocol| (*protocol, every_port)));
    }
    let mut found = Vec::new();
    for v6 in [false, true] {
        let (sources, destinations) = (bounds(sources, v6), bounds(destinations, v6));
        if sources.len() * destinations.len() * spoken.len() > PARTS {
            return None;
        }
        for source in &sources {
            for destination in &destinations {
                found.extend(spoken.iter().map(|(protocol, ports)| RulePart {
                    v6,
                    protocol: *protocol,
                    bounds: [*source, *destination, *ports],
                }));
            }
        }
    }
    Some(found)
}

/// The first and last addresses of the ranges of a family; of all, if there are no ranges.
fn bounds(ranges: &[IpNet], v6: bool) -> Vec<(u128, u128)> {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    if ranges.is_empty() {
        return vec![(0, if v6 { u128::MAX } else { u128::from(u32::MAX) })];
    }
    let own = ranges.iter().filter(|range| matches!(range, IpNet::V6(_)) == v6);
    own.map(|range| (number(range.network()), number(range.broadcast()))).collect()
}
