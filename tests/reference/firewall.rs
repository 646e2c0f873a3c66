//! Whether firewalls let a packet pass.
//!
//! Read on 2026-12-01, in copies of 2026:
//!
//! - *Order*: <https://docs.cloud.google.com/firewall/docs/firewall-policies-rule-eval-order>
//! - *Policies*: <https://docs.cloud.google.com/firewall/docs/firewall-policies-overview>
//! - *Rules*: <https://docs.cloud.google.com/firewall/docs/firewalls>
//!
//! *Rules* and the details of *Policies* are from knowledge of the pages, and marked with (k).

use std::net::IpAddr;

use ipnet::IpNet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Allow,
    Deny,
    /// Policies only.
    Next,
}

/// A rule of a network or of a policy.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    pub direction: Direction,
    pub priority: u32,
    pub action: Action,
    /// Protocols with their ports; everything if empty.
    pub traffic: Vec<(String, Vec<(u16, u16)>)>,
    pub sources: Vec<IpNet>,
    pub destinations: Vec<IpNet>,
    pub source_tags: Vec<String>,
    pub source_accounts: Vec<String>,
    pub targets: Targets,
    /// The networks that a rule of a hierarchical policy holds in; all if empty.
    pub networks: Vec<String>,
    pub disabled: bool,
}

impl Rule {
    /// A rule for everything and everybody.
    pub fn new(name: &str, direction: Direction, priority: u32, action: Action) -> Self {
        Rule {
            name: name.into(),
            direction,
            priority,
            action,
            traffic: Vec::new(),
            sources: Vec::new(),
            destinations: Vec::new(),
            source_tags: Vec::new(),
            source_accounts: Vec::new(),
            targets: Targets::default(),
            networks: Vec::new(),
            disabled: false,
        }
    }
}

/// Which endpoints a rule is for; all if everything is empty.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    pub tags: Vec<String>,
    pub accounts: Vec<String>,
    pub secure: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Regional if it has one.
    pub region: Option<String>,
    pub rules: Vec<Rule>,
}

/// The firewalls of a network.
#[derive(Clone, Debug, Default)]
pub struct Firewalls {
    pub network: String,
    /// Hierarchical policies: of the organization, of its folder, of the folder in that, ...
    pub hierarchy: Vec<Policy>,
    pub rules: Vec<Rule>,
    pub policies: Vec<Policy>,
    /// Network policies before VPC firewall rules.
    pub before: bool,
}

/// One end of a connection.
#[derive(Clone, Debug, Default)]
pub struct End {
    pub region: String,
    pub tags: Vec<String>,
    pub account: Option<String>,
    pub secure: Vec<String>,
}

/// The first packet of a connection.
#[derive(Clone, Debug)]
pub struct Packet<'p> {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: &'p str,
    pub port: u16,
    /// Who sent it, if it is an endpoint of the same network.
    pub sender: Option<&'p End>,
}

/// What decided: the name of a rule, or nothing for what is implied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub passes: bool,
    pub by: Option<String>,
}

impl Firewalls {
    /// What firewalls say of a packet at an end. Of a connection only the first packet is asked
    /// for: Rules (k): firewalls have state, the reply of what was allowed passes.
    pub fn decide(&self, direction: Direction, end: &End, packet: &Packet<'_>) -> Decision {
        // Order: hierarchical policies first, that of the organization, then those of folders from
        // the top.
        for policy in &self.hierarchy {
            if let Some(decision) = self.of_policy(policy, direction, end, packet) {
                return decision;
            }
        }
        // Order: AFTER_CLASSIC_FIREWALL asks VPC firewall rules, then the global network policy,
        // then the regional one; BEFORE_CLASSIC_FIREWALL the policies first.
        let policies = || {
            let of = |regional: bool| {
                let fits = move |own: &&Policy| match &own.region {
                    Some(region) => regional && *region == end.region,
                    None => !regional,
                };
                self.policies.iter().filter(fits)
            };
            of(false).chain(of(true)).find_map(|own| self.of_policy(own, direction, end, packet))
        };
        let decision = if self.before {
            policies().or_else(|| self.of_rules(direction, end, packet))
        } else {
            self.of_rules(direction, end, packet).or_else(policies)
        };
        // Order, implied actions: egress passes, ingress does not.
        decision.unwrap_or(Decision { passes: direction == Direction::Egress, by: None })
    }

    fn of_policy(
        &self,
        policy: &Policy,
        direction: Direction,
        end: &End,
        packet: &Packet<'_>,
    ) -> Option<Decision> {
        // Policies (k): the matching rule with the smallest number decides; goto_next, and no
        // match, which is an implied goto_next, leave it to the next level.
        let matching = policy.rules.iter().filter(|own| self.matches(own, direction, end, packet));
        decided(matching.min_by_key(|own| own.priority)?)
    }

    fn of_rules(&self, direction: Direction, end: &End, packet: &Packet<'_>) -> Option<Decision> {
        // Rules (k): the smallest number goes first; of equal ones deny goes before allow.
        let matching = self.rules.iter().filter(|own| self.matches(own, direction, end, packet));
        decided(matching.min_by_key(|own| (own.priority, own.action == Action::Allow))?)
    }

    fn matches(&self, rule: &Rule, direction: Direction, end: &End, packet: &Packet<'_>) -> bool {
        let within = |ranges: &[IpNet], address: &IpAddr| {
            ranges.is_empty() || ranges.iter().any(|own| own.contains(address))
        };
        let any = |own: &[String], others: &[String]| own.iter().any(|each| others.contains(each));
        let account_in =
            |end: &End, list: &[String]| end.account.as_ref().is_some_and(|own| list.contains(own));
        // Rules (k): targets are endpoints with one of the tags or accounts.
        let targets = &rule.targets;
        let all =
            targets.tags.is_empty() && targets.accounts.is_empty() && targets.secure.is_empty();
        let is_target = all
            || any(&targets.tags, &end.tags)
            || account_in(end, &targets.accounts)
            || any(&targets.secure, &end.secure);
        // Rules (k): source ranges and source tags or accounts together match either. Without any
        // a rule is for all sources. Tags and accounts are those of endpoints of the network.
        let by_identity = packet.sender.is_some_and(|own| {
            any(&rule.source_tags, &own.tags) || account_in(own, &rule.source_accounts)
        });
        let identities = !rule.source_tags.is_empty() || !rule.source_accounts.is_empty();
        let from = match (rule.sources.is_empty(), identities) {
            (_, false) => within(&rule.sources, &packet.source),
            (true, true) => by_identity,
            (false, true) => by_identity || within(&rule.sources, &packet.source),
        };
        // Rules (k): ports are those of the destination; a protocol without ports has all.
        let traffic = rule.traffic.is_empty()
            || rule.traffic.iter().any(|(protocol, ports)| {
                let port = |(low, high): &(u16, u16)| (*low..=*high).contains(&packet.port);
                (protocol == "all" || protocol == packet.protocol)
                    && (ports.is_empty() || ports.iter().any(port))
            });
        let network = rule.networks.is_empty() || rule.networks.contains(&self.network);
        rule.direction == direction
            && !rule.disabled
            && network
            && is_target
            && from
            && within(&rule.destinations, &packet.destination)
            && traffic
    }
}

fn decided(rule: &Rule) -> Option<Decision> {
    let by = Some(rule.name.clone());
    match rule.action {
        Action::Allow => Some(Decision { passes: true, by }),
        Action::Deny => Some(Decision { passes: false, by }),
        Action::Next => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, priority: u32, action: Action) -> Rule {
        Rule::new(name, Direction::Ingress, priority, action)
    }

    fn packet<'p>(sender: Option<&'p End>) -> Packet<'p> {
        Packet {
            source: "10.0.0.1".parse().unwrap(),
            destination: "10.0.0.2".parse().unwrap(),
            protocol: "tcp",
            port: 443,
            sender,
        }
    }

    fn by(firewalls: &Firewalls, end: &End) -> (bool, Option<String>) {
        let decision = firewalls.decide(Direction::Ingress, end, &packet(None));
        (decision.passes, decision.by)
    }

    #[test]
    fn what_is_implied() {
        let firewalls = Firewalls::default();
        let end = End::default();
        assert!(!firewalls.decide(Direction::Ingress, &end, &packet(None)).passes);
        assert!(firewalls.decide(Direction::Egress, &end, &packet(None)).passes);
    }

    #[test]
    fn levels_are_asked_in_order() {
        let policy = |rule| Policy { region: None, rules: vec![rule] };
        let end = End { region: "r1".into(), ..End::default() };
        let mut firewalls = Firewalls {
            rules: vec![rule("vpc", 1000, Action::Allow)],
            policies: vec![policy(rule("global", 1, Action::Deny))],
            ..Firewalls::default()
        };
        assert_eq!(by(&firewalls, &end), (true, Some("vpc".into())));
        firewalls.before = true;
        assert_eq!(by(&firewalls, &end), (false, Some("global".into())));
        firewalls.policies[0].rules[0].action = Action::Next;
        let regional = |region: &str| Policy {
            region: Some(region.into()),
            rules: vec![rule(region, 1, Action::Deny)],
        };
        firewalls.policies.push(regional("r2"));
        assert_eq!(by(&firewalls, &end), (true, Some("vpc".into())));
        firewalls.policies.push(regional("r1"));
        assert_eq!(by(&firewalls, &end), (false, Some("r1".into())));
        firewalls.hierarchy = vec![
            policy(rule("organization", 5, Action::Next)),
            policy(rule("folder", 9, Action::Allow)),
        ];
        assert_eq!(by(&firewalls, &end), (true, Some("folder".into())));
        firewalls.hierarchy[1].rules[0].networks = vec!["other".into()];
        assert_eq!(by(&firewalls, &end), (false, Some("r1".into())));
    }

    #[test]
    fn deny_goes_before_allow_of_the_same_priority() {
        let rules = vec![rule("yes", 1000, Action::Allow), rule("no", 1000, Action::Deny)];
        let mut firewalls = Firewalls { rules, ..Firewalls::default() };
        assert_eq!(by(&firewalls, &End::default()), (false, Some("no".into())));
        firewalls.rules[1].disabled = true;
        assert_eq!(by(&firewalls, &End::default()), (true, Some("yes".into())));
        firewalls.rules[0].traffic = vec![("tcp".into(), vec![(80, 80), (8000, 8999)])];
        assert_eq!(by(&firewalls, &End::default()), (false, None));
    }

    #[test]
    fn targets_and_sources() {
        let tagged = End { tags: vec!["web".into()], ..End::default() };
        let mut one = rule("tagged", 1, Action::Allow);
        one.targets.tags = vec!["web".into()];
        one.source_tags = vec!["web".into()];
        let mut firewalls = Firewalls { rules: vec![one], ..Firewalls::default() };
        let passes = |firewalls: &Firewalls, end: &End, sender: Option<&End>| {
            firewalls.decide(Direction::Ingress, end, &packet(sender)).passes
        };
        assert!(passes(&firewalls, &tagged, Some(&tagged)));
        assert!(!passes(&firewalls, &End::default(), Some(&tagged)));
        assert!(!passes(&firewalls, &tagged, None));
        firewalls.rules[0].sources = vec!["10.0.0.0/24".parse().unwrap()];
        assert!(passes(&firewalls, &tagged, None));
    }
}
