//! Zones that forward or that are another network's, response policies, other name servers.

use super::super::Generator;
use crate::document::{Node, map};

impl Generator {
    pub(super) fn further_names(&mut self) {
        if self.percent(25) {
            let records = map([
                ("*", self.answers()),
                ("@", self.answers()),
                ("www", self.answers()),
                ("b.a", self.answers()),
            ]);
            let domain =
                self.random.word(&["corp.test", "partner0.test", "asia-northeast1.run.app"]);
            let zone = map([
                ("domain", domain.into()),
                ("networks", vec![self.some_network()].into()),
                ("records", records),
            ]);
            self.add("zones", "qzone5", zone);
        }
        if self.percent(15) {
            let servers = vec![self.random.word(&["192.168.7.9", "8.8.8.8"])];
            let zone = map([
                ("domain", self.random.word(&["hybrid.test", "x.example.com"]).into()),
                ("networks", vec![self.some_network()].into()),
                ("forwarding", servers.into()),
            ]);
            self.add("zones", "qzone6", zone);
        }
        // A network has one response policy at most.
        if self.percent(25) && self.ids("response_policies").is_empty() {
            let mut rules =
                map([("*.run.app", self.answers()), ("www.example.com", self.answers())]);
            if self.percent(50) {
                rules.set("*.a.run.app", vec!["bypass"]);
            }
            let policy = map([("networks", self.networks.clone().into()), ("rules", rules)]);
            self.add("response_policies", "qresponse5", policy);
        }
        if self.percent(12) {
            let servers = vec![self.random.word(&["192.168.7.9", "8.8.8.8"])];
            let policy = map([
                ("networks", vec![self.some_network()].into()),
                ("alternative_name_servers", servers.into()),
            ]);
            self.add("dns_policies", "qdns0", policy);
        }
        if let [one, other, ..] = self.networks.clone().as_slice()
            && self.percent(40)
        {
            // What one network sees of the other's.
            let domain = format!("{}.run.app", self.regions[0]);
            let zones = self.document.get("zones").map(Node::entries).unwrap_or_default();
            if zones.iter().any(|(_, zone)| zone.text("domain") == Some(&domain)) {
                return;
            }
            let records = map([("*", self.answers()), ("@", self.answers())]);
            let own = map([
                ("domain", domain.as_str().into()),
                ("networks", vec![other.as_str()].into()),
                ("records", records),
            ]);
            let seen = map([
                ("domain", domain.into()),
                ("networks", vec![one.as_str()].into()),
                ("peering", other.as_str().into()),
            ]);
            self.add("zones", "qzone7", own);
            self.add("zones", "qzone8", seen);
        }
    }

    fn answers(&mut self) -> Node {
        let all = ["199.36.153.8", "199.36.153.4", "10.0.0.9", "10.0.0.20", "198.51.100.7"];
        self.random.some(&all, 1, 2).into()
    }
}
