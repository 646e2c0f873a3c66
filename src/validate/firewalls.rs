//! Firewall rules and policies: how they are written.

use std::collections::HashMap;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::firewall::{
    Direction, FirewallAction, FirewallPolicy, FirewallPolicyRule, FirewallRule, NetworkType,
};
use crate::topology::record::Spanned;

codes! {
    FIREWALL_PRIORITY = Error "firewall-priority" "EGR-098" {
        "an impossible priority of a firewall rule",
        "the priority of a VPC firewall rule is from 0 to 65535, that of a policy's rule from 0 to \
         2147483547",
        "networks:
  prod: {}
firewall_rules:
  open: {network: prod, priority: 70000, action: allow, source_ranges: [10.0.0.0/8]}
",
    }
    DUPLICATE_FIREWALL_PRIORITY = Error "duplicate-firewall-priority" "EGR-099" {
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
    GOTO_NEXT_IN_RULE = Error "goto-next-in-rule" "EGR-099" {
        "a VPC firewall rule that leaves it to the next level",
        "only rules of firewall policies leave the decision to the next level",
        "networks:
  prod: {}
firewall_rules:
  on: {network: prod, action: goto_next, source_ranges: [10.0.0.0/8]}
",
    }
    TAGS_AND_ACCOUNTS = Error "tags-and-accounts" "EGR-105" {
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
    SOURCE_OF_EGRESS = Error "source-of-egress" "EGR-098" {
        "an egress rule with senders by tag, account or region",
        "the senders of an egress rule are its targets; only ingress rules name others",
        "networks:
  prod: {}
firewall_rules:
  web: {network: prod, direction: egress, action: allow, source_tags: [front]}
",
    }
    NETWORK_TYPE = Error "firewall-network-type" "EGR-259" {
        "a network type that a rule cannot have",
        "an egress rule leads to the internet or not to it; `vpc-networks` names the networks of senders",
        "networks:
  prod: {}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, direction: egress, action: deny, destination_network_type: intra-vpc}
",
    }
    DESTINATION_OF_INGRESS = Error "destination-of-ingress" "EGR-115" {
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
    WILDCARD_NAME = Error "wildcard-name" "EGR-115" {
        "a wildcard among the names of a firewall rule",
        "a name of a firewall rule is one name, without wildcards",
        "networks:
  prod: {}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, direction: egress, action: allow, destination_fqdns: [\"*.example.com\"]}
",
    }
}

/// The largest priority of a VPC firewall rule (EGR-098).
const LOWEST: u32 = 65_535;

/// The largest priority of a policy's rule that a user can give (EGR-099).
const LOWEST_OF_POLICY: u32 = 2_147_483_547;

impl<'t> Checker<'t, '_> {
    pub(super) fn firewalls(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.firewall_rules {
            self.firewall_rule(&entry.value, &format!("firewall_rule/{id}"));
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
        if rule.direction() == Direction::Egress
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
            for name in rule.destination_fqdns.iter().filter(|name| name.value.contains('*')) {
                let message = format!("`{}` has a wildcard", name.value);
                let finding = WILDCARD_NAME.finding(message).at(name.span);
                self.report(finding.help("write each name, or its addresses").resource(resource));
            }
            self.network_type(rule, resource);
            match rule.direction() {
                Direction::Egress => {
                    let typed = rule.source_network_type.iter().map(|own| own.span);
                    let named = rule.other_senders().chain(&rule.source_networks);
                    if let Some(at) = named.map(|own| own.span).chain(typed).next() {
                        let name = format!("the rule {} of {resource}", priority.value);
                        let direction = rule.direction.as_ref();
                        self.source_of_egress(&name, at, direction, resource);
                    }
                }
                Direction::Ingress => {
                    let typed = rule.destination_network_type.iter().map(|own| own.span);
                    let named = rule.other_destinations().map(|own| own.span).chain(typed).next();
                    if let Some(at) = named {
                        let message = format!(
                            "the rule {} is for ingress, and names destinations",
                            priority.value
                        );
                        let finding = DESTINATION_OF_INGRESS.finding(message).at(at);
                        self.report(finding.help("set `direction: egress`").resource(resource));
                    }
                }
            }
        }
    }

    fn network_type(&mut self, rule: &FirewallPolicyRule, resource: &str) {
        let by_networks = |own: &&Spanned<NetworkType>| own.value == NetworkType::VpcNetworks;
        let typed = rule.source_network_type.as_ref().filter(by_networks);
        let sending_only = |own: &&Spanned<NetworkType>| {
            matches!(own.value, NetworkType::VpcNetworks | NetworkType::IntraVpc)
        };
        let (message, at, help) = match (typed, rule.source_networks.first()) {
            (Some(own), None) => ("names no networks", own.span, "add `source_networks`"),
            (None, Some(name)) => {
                let help = "add `source_network_type: vpc-networks`";
                ("names networks without the type for that", name.span, help)
            }
            _ => match rule.destination_network_type.as_ref().filter(sending_only) {
                Some(own) => {
                    let help = "write `internet` or `non-internet`";
                    ("has a type of senders for its destinations", own.span, help)
                }
                None => return,
            },
        };
        let message = format!("the rule {} of {resource} {message}", rule.priority.value);
        let finding = NETWORK_TYPE.finding(message).at(at);
        self.report(finding.help(help).resource(resource));
    }
}
