//! Routes, firewalls, name resolution, endpoints and databases.

use super::Generator;
use crate::document::{Node, map};

/// Destinations that meet subnets, sites, virtual addresses and each other.
const DESTINATIONS: &[&str] = &[
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.1.0.0/16",
    "192.168.0.0/16",
    "192.168.7.0/24",
    "199.36.153.8/30",
    "199.36.153.4/30",
    "172.16.5.0/24",
    "198.51.100.0/24",
];

/// The same of IPv6.
const IPV6_DESTINATIONS: &[&str] = &[
    "::/0",
    "fd20::/20",
    "64:ff9b::/96",
    "fd20:0:0:1::/64",
    "2600:1900:4000::/48",
    "2600:2d00:2:2000::/64",
    "2001:db8::/32",
];

const TAGS: &[&str] = &["web", "db", "vpc-connector"];

const TRAFFIC: &[&str] = &["tcp", "tcp:443", "tcp:80,443", "tcp:5432", "udp", "icmp", "all"];

const NAMES: &[&str] = &["@", "*", "www", "a", "*.a", "b.a", "web-100000000000.us-central1"];

const DOMAINS: &[&str] = &["run.app", "us-central1.run.app", "googleapis.com", "example.com"];

const ANSWERS: &[&str] = &[
    "199.36.153.8",
    "199.36.153.4",
    "10.0.0.9",
    "10.200.0.5",
    "private.googleapis.com",
    "fd20::9",
];

impl Generator {
    /// What networks need besides subnets.
    pub(super) fn all_routing(&mut self) {
        if self.networks.is_empty() || self.percent(40) {
            return;
        }
        self.routes();
        self.peerings();
        if self.percent(40) {
            self.hubs();
        }
        self.firewalls();
        self.firewall_policies();
        self.zones();
        self.endpoints();
        self.databases();
        self.passthroughs();
        self.attachments();
    }

    fn network(&mut self) -> String {
        self.random.pick(&self.networks).clone()
    }

    fn destination(&mut self) -> String {
        let ipv6 = !self.ipv6_ranges.is_empty() && self.percent(35);
        self.random.word(if ipv6 { IPV6_DESTINATIONS } else { DESTINATIONS })
    }

    fn destinations(&mut self) -> Vec<&'static str> {
        let ipv6 = !self.ipv6_ranges.is_empty() && self.percent(35);
        self.random.some(if ipv6 { IPV6_DESTINATIONS } else { DESTINATIONS }, 1, 2)
    }

    fn tags(&mut self, resource: &mut Node, key: &str, share: usize) {
        if self.percent(share) {
            let tags: Vec<&str> = self.random.some(TAGS, 1, 2);
            resource.set(key, tags);
        }
    }

    /// Network tags of a machine or a revision.
    pub(super) fn network_tags(&mut self, resource: &mut Node) {
        self.tags(resource, "tags", 35);
    }

    fn next_hop(&mut self) -> String {
        match self.random.below(7) {
            0 | 1 => "internet".into(),
            2 if !self.sites.is_empty() => format!("onprem/{}", self.random.pick(&self.sites)),
            3 => format!("vm/qvm{}", self.random.below(self.vms.max(1))),
            4 => "10.0.0.20".into(),
            5 if self.vms > 0 => "load_balancer/qpassthrough0".into(),
            _ => "internet".into(),
        }
    }

    fn routes(&mut self) {
        let mut routes = Vec::new();
        for at in 0..self.random.between(0, 4) {
            let mut next_hop = self.next_hop();
            if next_hop.starts_with("vm/") && self.vms == 0 {
                next_hop = "internet".into();
            }
            let mut route = map([
                ("network", self.network().into()),
                ("destination", self.destination().into()),
                ("next_hop", next_hop.into()),
            ]);
            if self.percent(50) {
                route.set("priority", *self.random.pick(&[100u64, 900, 1000, 2000]));
            }
            self.tags(&mut route, "tags", 25);
            routes.push((format!("qroute{at}"), route));
        }
        self.section("routes", routes);
        let mut policy_routes = Vec::new();
        for at in 0..self.random.between(0, 1) {
            let mut route = map([
                ("network", self.network().into()),
                ("priority", (100 + at as u64).into()),
                ("next_hop", "default-routing".into()),
            ]);
            if self.percent(60) {
                let range = self.destination();
                route.set("destination", vec![range]);
            }
            if self.percent(40) {
                let protocol = self.random.word(&["tcp", "udp"]);
                route.set("protocol", protocol);
            }
            if self.percent(30) {
                let region = *self.random.pick::<&'static str>(&self.regions);
                let region = self.random.word(&["all", region]);
                route.set("interconnect_region", region);
            }
            if self.vms > 0 && self.percent(40) {
                route.set("next_hop", "load_balancer/qpassthrough0");
            }
            policy_routes.push((format!("qpbr{at}"), route));
        }
        self.section("policy_routes", policy_routes);
    }

    fn peerings(&mut self) {
        let mut peerings = Vec::new();
        if let [one, other, ..] = self.networks.clone().as_slice()
            && self.percent(60)
        {
            for (at, (network, peer)) in [(one, other), (other, one)].into_iter().enumerate() {
                if self.percent(10) {
                    continue;
                }
                let mut side =
                    map([("network", network.as_str().into()), ("peer", peer.as_str().into())]);
                for key in ["export_custom_routes", "import_custom_routes"] {
                    if self.percent(60) {
                        let on = self.percent(70);
                        side.set(key, on);
                    }
                }
                if !self.ipv6_ranges.is_empty() && self.percent(70) {
                    side.set("stack_type", "dual-stack");
                }
                peerings.push((format!("qpeering{at}"), side));
            }
        }
        if self.percent(15) {
            let side = map([
                ("network", self.network().into()),
                ("peer", "elsewhere".into()),
                ("ranges", vec!["172.30.0.0/16"].into()),
            ]);
            peerings.push(("qforeign".into(), side));
        }
        self.section("peerings", peerings);
    }

    fn firewalls(&mut self) {
        let mut rules = Vec::new();
        for at in 0..self.random.between(0, 5) {
            let ingress = self.percent(60);
            let mut rule = map([
                ("network", self.network().into()),
                ("action", self.random.word(&["allow", "allow", "deny"]).into()),
                ("direction", if ingress { "ingress" } else { "egress" }.into()),
            ]);
            if self.percent(60) {
                rule.set("priority", *self.random.pick(&[10u64, 900, 1000, 65534]));
            }
            if self.percent(60) {
                let traffic = self.random.some(TRAFFIC, 1, 2);
                rule.set("traffic", traffic);
            }
            if ingress {
                if self.percent(60) {
                    let ranges = self.destinations();
                    rule.set("source_ranges", ranges);
                } else {
                    self.tags(&mut rule, "source_tags", 60);
                }
            } else if self.percent(60) {
                let ranges = self.destinations();
                rule.set("destination_ranges", ranges);
            }
            self.tags(&mut rule, "target_tags", 25);
            if self.percent(10) {
                let disabled = self.switch(50);
                rule.set("disabled", disabled);
            }
            rules.push((format!("qrule{at}"), rule));
        }
        self.section("firewall_rules", rules);
    }

    fn firewall_policies(&mut self) {
        let mut policies = Vec::new();
        let mut places = std::collections::HashSet::new();
        for at in 0..self.random.between(0, 2) {
            let to = match self.random.below(3) {
                0 => "organization".to_owned(),
                _ => format!("network/{}", self.network()),
            };
            // One policy a place.
            if !places.insert(to.clone()) {
                continue;
            }
            let mut rules: Vec<Node> = Vec::new();
            for number in 0..self.random.between(1, 3) {
                let ingress = self.percent(50);
                let mut rule = map([
                    ("priority", (100 * (number as u64 + 1)).into()),
                    ("direction", if ingress { "ingress" } else { "egress" }.into()),
                    ("action", self.random.word(&["allow", "deny", "goto_next"]).into()),
                ]);
                let key = if ingress { "source_ranges" } else { "destination_ranges" };
                if self.percent(70) {
                    let ranges = self.destinations();
                    rule.set(key, ranges);
                }
                if self.percent(40) {
                    let traffic = self.random.some(TRAFFIC, 1, 1);
                    rule.set("traffic", traffic);
                }
                rules.push(rule);
            }
            let mut policy = map([("attached_to", vec![to].into()), ("rules", Node::List(rules))]);
            if self.percent(20) && !policy_is_above(&policy) {
                policy.set("region", self.region());
            }
            policies.push((format!("qfirewall{at}"), policy));
        }
        self.section("firewall_policies", policies);
    }

    fn records(&mut self, bypass: bool) -> Node {
        let mut records = Node::new();
        for name in self.random.some(NAMES, 1, 3) {
            let mut values: Vec<&str> = self.random.some(ANSWERS, 1, 2);
            if bypass && self.percent(20) {
                values = vec!["bypass"];
            } else if values.iter().any(|value| value.ends_with(".com")) {
                values.truncate(1);
            }
            records.set(name, values);
        }
        records
    }

    fn zones(&mut self) {
        let mut zones = Vec::new();
        let domains = self.random.some(DOMAINS, 0, 2);
        for (at, domain) in domains.into_iter().enumerate() {
            let mut zone =
                map([("domain", domain.into()), ("networks", vec![self.network()].into())]);
            let records = self.records(false);
            zone.set("records", records);
            zones.push((format!("qzone{at}"), zone));
        }
        self.section("zones", zones);
        if !self.ipv6_only.is_empty() && self.percent(60) {
            let policy = map([("networks", vec![self.network()].into()), ("dns64", true.into())]);
            self.section("dns_policies", vec![("qdns0".into(), policy)]);
        }
        if self.percent(20) {
            let network = self.network();
            let mut rules = Node::new();
            for name in self.random.some(&["*.run.app", "www.example.com", "x.run.app"], 1, 2) {
                let value = self.random.word(&["bypass", "199.36.153.8", "10.0.0.9"]);
                rules.set(name, vec![value]);
            }
            let policy = map([("networks", vec![network].into()), ("rules", rules)]);
            self.section("response_policies", vec![("qresponse0".into(), policy)]);
        }
    }

    fn endpoints(&mut self) {
        let mut endpoints = Vec::new();
        if self.percent(30) {
            let target = self.random.word(&["all-apis", "vpc-sc"]);
            let endpoint = map([
                ("network", self.network().into()),
                ("address", "10.200.0.5".into()),
                ("target", target.into()),
            ]);
            endpoints.push(("qendpoint0".to_owned(), endpoint));
        }
        if self.percent(20) {
            let mut endpoint = map([
                ("network", self.network().into()),
                ("region", self.region().into()),
                ("address", "10.0.0.30".into()),
                ("target", "service_attachment/qattachment0".into()),
            ]);
            if self.percent(30) {
                let access = self.switch(50);
                endpoint.set("global_access", access);
            }
            endpoints.push(("qendpoint1".to_owned(), endpoint));
        }
        self.section("psc_endpoints", endpoints);
    }

    fn databases(&mut self) {
        if !self.percent(30) {
            return;
        }
        let network = self.network();
        let mut connection =
            map([("network", network.clone().into()), ("ranges", vec!["172.16.5.0/24"].into())]);
        if self.percent(40) {
            connection.set("export_custom_routes", true);
        }
        self.section("private_connections", vec![("qconnection0".into(), connection)]);
        let mut instance = map([
            ("region", self.region().into()),
            ("engine", self.random.word(&["postgres", "mysql"]).into()),
            ("network", network.clone().into()),
            ("private_address", "172.16.5.3".into()),
        ]);
        if self.percent(40) {
            instance.set("public_address", "192.0.2.200");
            instance.set("authorized_networks", vec!["203.0.113.0/24"]);
        }
        if self.percent(30) {
            instance.set("require_connector", true);
        }
        self.section("sql_instances", vec![("qsql0".into(), instance)]);
        let redis = map([
            ("region", self.region().into()),
            ("network", network.into()),
            ("address", "172.16.5.4".into()),
        ]);
        self.section("redis_instances", vec![("qredis0".into(), redis)]);
    }

    /// Published services: load balancers that there may not be, and the passthrough one.
    fn attachments(&mut self) {
        let mut attachments = Vec::new();
        let least = if self.internal.is_empty() { 0 } else { 1 };
        for at in 0..self.random.between(least, 2) {
            let published = match self.internal.is_empty() || self.percent(20) {
                true => self.random.word(&["qbalancer0", "qbalancer1", "qpassthrough0"]),
                false => self.random.pick(&self.internal).clone(),
            };
            let mut attachment = map([("load_balancer", published.into())]);
            if self.percent(85) {
                let (network, subnet, _) = self.random.pick(&self.subnets).clone();
                attachment.set("nat_subnets", vec![format!("{network}/{subnet}")]);
            }
            match self.random.below(4) {
                0 => {
                    let network = self.network();
                    attachment.set("accept", vec![format!("network/{network}")]);
                }
                1 => {
                    attachment.set("accept_automatic", true);
                    let network = self.network();
                    attachment.set("reject", vec![format!("network/{network}")]);
                }
                _ => attachment.set("accept_automatic", true),
            }
            attachments.push((format!("qattachment{at}"), attachment));
        }
        self.section("service_attachments", attachments);
    }

    fn passthroughs(&mut self) {
        if self.vms == 0 || !self.percent(30) {
            return;
        }
        let mut balancer = map([
            ("network", self.network().into()),
            ("region", self.region().into()),
            ("address", "10.0.0.9".into()),
            ("machines", vec!["qvm0"].into()),
        ]);
        if self.percent(40) {
            let access = self.switch(50);
            balancer.set("global_access", access);
        }
        if self.percent(50) {
            let traffic = self.random.word(&["tcp:8080", "tcp:80,443"]);
            balancer.set("listens", vec![traffic]);
        }
        self.section("passthrough_load_balancers", vec![("qpassthrough0".into(), balancer)]);
    }
}

/// Whether a policy is one of the hierarchy, which has no region.
fn policy_is_above(policy: &Node) -> bool {
    policy.to_string().contains("organization")
}
