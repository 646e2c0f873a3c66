//! Networks, and what leads into and out of them.

use super::Generator;
use crate::document::{Node, map};

impl Generator {
    pub(super) fn all_networks(&mut self) {
        let mut networks = Vec::new();
        let has_ipv6 = self.percent(35);
        for (at, id) in self.networks.clone().into_iter().enumerate() {
            let mut network = Node::new();
            self.project_of(&mut network);
            let mut subnets = Node::new();
            for number in 0..self.random.between(1, 2) {
                let name = format!("qsub{at}{number}");
                let region = self.region();
                let mut subnet = map([
                    ("region", region.into()),
                    ("range", format!("10.{at}.{number}.0/24").into()),
                ]);
                if self.percent(70) {
                    let access = self.switch(60);
                    subnet.set("private_google_access", access);
                }
                if has_ipv6 && self.percent(60) {
                    let prefix = self.ipv6_range(&mut subnet, at, number);
                    self.ipv6_ranges.insert((id.clone(), name.clone()), prefix);
                }
                self.ranges.insert((id.clone(), name.clone()), format!("10.{at}.{number}"));
                self.subnets.push((id.clone(), name.clone(), region));
                subnets.set(name, subnet);
            }
            for (number, region) in self.regions.clone().into_iter().enumerate() {
                if self.percent(70) {
                    let proxies = map([
                        ("region", region.into()),
                        ("range", format!("10.{at}.{}.0/24", 110 + number).into()),
                        ("purpose", "regional-managed-proxy".into()),
                    ]);
                    subnets.set(format!("qproxies{at}-{region}"), proxies);
                }
            }
            if self.percent(70) {
                let proxies = map([
                    ("region", self.region().into()),
                    ("range", format!("10.{at}.101.0/24").into()),
                    ("purpose", "global-managed-proxy".into()),
                ]);
                subnets.set(format!("qglobal{at}"), proxies);
            }
            if has_ipv6 && self.percent(40) {
                let name = format!("qsix{at}");
                let mut subnet = map([("region", self.region().into())]);
                let prefix = self.ipv6_range(&mut subnet, at, 9);
                self.ipv6_ranges.insert((id.clone(), name.clone()), prefix);
                self.ipv6_only.push((id.clone(), name.clone()));
                subnets.set(name, subnet);
            }
            if has_ipv6 && self.percent(15) {
                network.set("default_ipv6_route", false);
            }
            if self.percent(25) {
                let translation = map([
                    ("region", self.region().into()),
                    ("range", format!("10.{at}.102.0/24").into()),
                    ("purpose", "private-nat".into()),
                ]);
                subnets.set(format!("qtranslation-{id}"), translation);
            }
            network.set("subnets", subnets);
            if self.percent(30) {
                let mode = self.random.word(&["regional", "global"]);
                network.set("routing_mode", mode);
            }
            if self.percent(15) {
                network.set("default_route", false);
            }
            if self.percent(15) {
                let rules = self.switch(80);
                network.set("default_rules", rules);
            }
            if self.percent(15) {
                network.set("firewall_order", "before-classic");
            }
            networks.push((id, network));
        }
        self.section("networks", networks);
        self.all_connectors();
        self.all_nats();
        self.all_sites();
    }

    /// Gives a subnet a range of IPv6, whose prefix is returned.
    fn ipv6_range(&mut self, subnet: &mut Node, network: usize, number: usize) -> String {
        let external = self.percent(50);
        let prefix = match external {
            true => format!("2600:1900:4000:{network}{number}"),
            false => format!("fd20:0:{network}:{number}"),
        };
        subnet.set("ipv6_range", format!("{prefix}::/64"));
        if self.percent(30) {
            subnet.set("ipv6_access_type", if external { "external" } else { "internal" });
        }
        prefix
    }

    fn all_connectors(&mut self) {
        let mut connectors = Vec::new();
        let most = if self.networks.is_empty() { 0 } else { 2 };
        for at in 0..self.random.between(0, most) {
            let id = format!("qconnector{at}");
            let mut connector = Node::new();
            if self.percent(60) {
                let network = self.random.pick(&self.networks).clone();
                connector.set("network", network);
                connector.set("region", self.region());
                connector.set("range", format!("10.8.{at}.0/28"));
                if self.percent(40) {
                    let access = self.switch(40);
                    connector.set("private_google_access", access);
                }
            } else {
                let (network, subnet, _) = self.random.pick(&self.subnets).clone();
                connector.set("subnet", format!("{network}/{subnet}"));
            }
            if self.percent(8) {
                let running = self.switch(50);
                connector.set("running", running);
            }
            self.connectors.push(id.clone());
            connectors.push((id, connector));
        }
        self.section("connectors", connectors);
    }

    fn all_nats(&mut self) {
        let mut nats = Vec::new();
        let most = if self.networks.is_empty() { 0 } else { 2 };
        for at in 0..self.random.between(0, most) {
            let id = format!("qnat{at}");
            let network = self.random.pick(&self.networks).clone();
            let mut nat =
                map([("network", network.clone().into()), ("region", self.region().into())]);
            let mut addresses: Vec<Node> = Vec::new();
            for number in 0..self.random.between(0, 3) {
                let address = format!("203.0.113.{}", 10 + at * 4 + number);
                addresses.push(self.maybe(10, address, Vec::new()));
            }
            if !addresses.is_empty() && self.percent(30) {
                let drained = self.random.some(&addresses, 1, addresses.len());
                let known: Vec<Node> =
                    drained.into_iter().filter(|each| matches!(each, Node::Text(_))).collect();
                nat.set("drain_addresses", Node::List(known));
            }
            nat.set("addresses", Node::List(addresses));
            if self.percent(20) {
                let automatic = self.switch(50);
                nat.set("automatic", automatic);
            }
            if self.percent(25) {
                let of_network: Vec<String> = self
                    .subnets
                    .iter()
                    .filter(|(owner, ..)| *owner == network)
                    .map(|(_, subnet, _)| subnet.clone())
                    .collect();
                let mut subnets: Vec<Node> = Vec::new();
                for subnet in self.random.some(&of_network, 1, 2) {
                    let range = self.random.word(&["all", "primary", "secondary"]);
                    subnets.push(match self.percent(30) {
                        true => map([("subnet", subnet.into()), ("ranges", vec![range].into())]),
                        false => subnet.into(),
                    });
                }
                nat.set("subnets", Node::List(subnets));
            }
            if !self.ipv6_only.is_empty() && self.percent(60) {
                let translates = self.switch(80);
                nat.set("nat64", translates);
            }
            if self.percent(10) {
                let kind = self.random.word(&["vm", "managed-proxy"]);
                nat.set("endpoint_types", vec![kind]);
            }
            if self.percent(15) {
                // Translation for sites, or for a hub that may be there.
                nat.set("kind", "private");
                nat.set("private_subnets", vec![format!("qtranslation-{network}")]);
                if self.percent(60) {
                    nat.set("hub", "qhub0");
                }
            }
            self.nats.push(id.clone());
            nats.push((id, nat));
        }
        self.section("nats", nats);
    }

    /// How a service or a job sends into a network, if it does.
    pub(super) fn vpc_access(&mut self, resource: &mut Node) {
        if self.networks.is_empty() || self.percent(30) {
            return;
        }
        let mut access = Node::new();
        if !self.connectors.is_empty() && self.percent(45) {
            let connector = self.random.pick(&self.connectors).clone();
            let others = self.connectors.iter().map(|id| id.as_str().into()).collect();
            let connector = self.maybe(12, connector, others);
            access.set("connector", connector);
        } else {
            let (network, subnet, _) = self.random.pick(&self.subnets).clone();
            let network = self.maybe(5, network, Vec::new());
            access.set("network", network);
            access.set("subnet", subnet);
            self.network_tags(&mut access);
        }
        if self.percent(75) {
            let one = self.random.word(&["all-traffic", "private-ranges-only"]);
            let egress = self.maybe(20, one, Vec::new());
            access.set("egress", egress);
        }
        resource.set("vpc_access", access);
    }
}
