//! Rules of gateways, and private ones.

use super::super::Generator;
use crate::document::{Node, map};

const MATCHES: &[&str] = &[
    "inIpRange(destination.ip, '198.51.100.0/24')",
    "inIpRange(destination.ip, '0.0.0.0/1')",
    "destination.ip == '198.51.100.7'",
    "destination.ip == '198.51.100.7' || destination.ip == '8.8.8.8'",
    "inIpRange(source.ip, '10.0.0.0/24')",
];

impl Generator {
    pub(super) fn further_gateways(&mut self) {
        for id in self.ids("nats") {
            if !self.percent(30) {
                continue;
            }
            let mut rules: Vec<Node> = Vec::new();
            for at in 0..self.random.between(1, 2) {
                let addresses = vec![format!("203.0.113.{}", 40 + 4 * at)];
                rules.push(map([
                    ("number", (100 * (at as u64 + 1)).into()),
                    ("match", self.random.word(MATCHES).into()),
                    ("addresses", addresses.into()),
                ]));
            }
            self.resource("nats", &id).set("rules", Node::List(rules));
        }
        if self.percent(30) {
            let sites = self.ids("onprem");
            let network = match sites.first() {
                Some(site) if self.random.percent(70) => {
                    let network = self.document.section("onprem").section(site).text("network");
                    network.unwrap_or_default().to_owned()
                }
                _ => self.some_network(),
            };
            self.add_subnet(&network, "qprivate0", 103, Some("private-nat"));
            let nat = map([
                ("network", network.clone().into()),
                ("region", self.region_of(&network).into()),
                ("kind", "private".into()),
                ("private_subnets", vec!["qprivate0"].into()),
            ]);
            self.add("nats", "qnat5", nat);
        }
    }
}
