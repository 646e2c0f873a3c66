//! Networks, and what leads into and out of them.

use super::Generator;
use crate::document::{Node, map};

impl Generator {
    pub(super) fn all_networks(&mut self) {
        let mut networks = Vec::new();
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
                self.ranges.insert((id.clone(), name.clone()), format!("10.{at}.{number}"));
                self.subnets.push((id.clone(), name.clone(), region));
                subnets.set(name, subnet);
            }
            for region in self.regions.clone() {
                if self.percent(70) {
                    let proxies = map([
                        ("region", region.into()),
                        ("range", format!("10.{at}.100.0/24").into()),
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
        let mut sites = Vec::new();
        for id in self.sites.clone() {
            let network = self.random.pick(&self.networks).clone();
            let mut site = map([("network", network.into()), ("region", self.region().into())]);
            if self.percent(80) {
                site.set("ranges", vec!["192.168.0.0/16", "192.168.7.0/24"]);
            }
            if self.percent(30) {
                let learns = self.random.some(
                    &["all-subnets", "199.36.153.8/30", "10.0.0.0/8", "10.200.0.5/32"],
                    1,
                    3,
                );
                site.set("learns", learns);
            }
            if self.percent(20) {
                let names = map([("*.run.app", vec!["199.36.153.8"].into())]);
                site.set("names", names);
            }
            if self.percent(20) {
                site.set("announces", vec!["0.0.0.0/0"]);
            }
            sites.push((id, site));
        }
        self.section("onprem", sites);
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
            if self.percent(10) {
                let kind = self.random.word(&["vm", "managed-proxy"]);
                nat.set("endpoint_types", vec![kind]);
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
