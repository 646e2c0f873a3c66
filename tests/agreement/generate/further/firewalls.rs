//! Firewall rules by account and by the tags of connectors, and policies of every place.

use super::super::Generator;
use super::super::identity::ACCOUNTS;
use crate::document::{Node, map};

const RANGES: &[&str] =
    &["10.0.0.0/8", "10.0.0.0/23", "0.0.0.0/0", "198.51.100.0/24", "192.168.0.0/16", "0.0.0.0/1"];

impl Generator {
    pub(super) fn further_firewalls(&mut self) {
        let targeted = self.percent(40);
        for at in 0..self.random.between(0, 3) {
            let ingress = self.percent(60);
            let mut rule = map([
                ("network", self.some_network().into()),
                ("action", self.random.word(&["allow", "allow", "deny"]).into()),
                ("direction", if ingress { "ingress" } else { "egress" }.into()),
                ("priority", (*self.random.pick(&[5u64, 500, 999, 1000])).into()),
            ]);
            let account = self.random.word(ACCOUNTS);
            match self.random.below(4) {
                0 if ingress => rule.set("source_service_accounts", vec![account.clone()]),
                1 if ingress => rule.set("source_tags", self.connector_tags()),
                2 if ingress => rule.set("source_ranges", self.random.some(RANGES, 1, 2)),
                _ if ingress => {}
                _ => rule.set("destination_ranges", self.random.some(RANGES, 1, 2)),
            }
            if targeted && self.percent(50) {
                rule.set("target_service_accounts", vec![self.random.word(ACCOUNTS)]);
            } else if self.percent(30) {
                rule.set("target_tags", self.connector_tags());
            }
            if self.percent(50) {
                rule.set("traffic", self.traffic());
            }
            self.add("firewall_rules", format!("qrule{}", 6 + at), rule);
        }
        // What networks are often closed with, and opened.
        let defaults = [("egress", "deny", 65000u64, 25), ("ingress", "allow", 65100, 40)];
        for (at, (direction, action, priority, share)) in defaults.into_iter().enumerate() {
            if self.percent(share) {
                let rule = map([
                    ("network", self.some_network().into()),
                    ("action", action.into()),
                    ("direction", direction.into()),
                    ("priority", priority.into()),
                ]);
                self.add("firewall_rules", format!("qdefault{at}"), rule);
            }
        }
        if self.percent(35) {
            self.further_policy();
        }
    }

    /// The tags that some connector has, or one that machines have.
    fn connector_tags(&mut self) -> Vec<String> {
        let mut tags = vec!["vpc-connector".to_owned(), "web".into(), "db".into()];
        for id in &self.connectors {
            tags.extend(self.regions.iter().map(|region| format!("vpc-connector-{region}-{id}")));
        }
        self.random.some(&tags, 1, 2)
    }

    fn traffic(&mut self) -> Vec<&'static str> {
        self.random.some(&["tcp:1-65535", "tcp:80,443", "udp", "tcp:400-500", "icmp", "all"], 1, 2)
    }

    /// A policy of a folder, of a network in one region, or of the organization.
    fn further_policy(&mut self) {
        let network = format!("network/{}", self.some_network());
        let mut places = vec![(network.clone(), true), (network, false)];
        places.push(("organization".into(), false));
        places.extend(self.folders.iter().map(|id| (format!("folder/{id}"), false)));
        places.extend(self.folders.iter().map(|id| (format!("folder/{id}"), false)));
        let (place, regional) = self.random.pick(&places).clone();
        let policies = self.document.get("firewall_policies").map(Node::entries);
        let taken = policies.unwrap_or_default().iter().any(|(_, policy)| {
            policy.get("region").is_some() == regional
                && policy
                    .get("attached_to")
                    .is_some_and(|to| to.items().contains(&place.as_str().into()))
        });
        if taken {
            return;
        }
        let mut rules = Vec::new();
        for number in 0..self.random.between(1, 4) {
            let ingress = self.percent(50);
            let mut rule = map([
                ("priority", (50 * (number as u64 + 1)).into()),
                ("direction", if ingress { "ingress" } else { "egress" }.into()),
                ("action", self.random.word(&["allow", "deny", "goto_next"]).into()),
            ]);
            match self.random.below(5) {
                0 if !ingress => {
                    let names = ["api.partner0.test", "www.googleapis.com", "nowhere.test"];
                    rule.set("destination_fqdns", self.random.some(&names, 1, 2));
                }
                0 => rule.set("source_regions", vec![self.random.word(&["JP", "de"])]),
                1 => rule.set("target_service_accounts", vec![self.random.word(ACCOUNTS)]),
                2 => rule.set("target_secure_tags", vec!["env/prod"]),
                3 if place == "organization" => rule.set("networks", vec![self.some_network()]),
                _ if ingress => rule.set("source_ranges", self.random.some(RANGES, 1, 2)),
                _ => rule.set("destination_ranges", self.random.some(RANGES, 1, 2)),
            }
            if self.percent(40) {
                rule.set("traffic", self.traffic());
            }
            rules.push(rule);
        }
        let mut policy = map([("attached_to", vec![place].into()), ("rules", Node::List(rules))]);
        if regional {
            policy.set("region", self.region());
        }
        self.add("firewall_policies", "qfirewall5", policy);
    }
}
