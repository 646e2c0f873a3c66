//! Users, machines, products, outside parties.

use super::Generator;
use super::identity::ACCOUNTS;
use crate::document::{Node, map};

const PRODUCTS: &[&str] = &[
    "pubsub",
    "eventarc",
    "scheduler",
    "tasks",
    "workflows",
    "bigquery",
    "uptime-check",
    "dialogflow",
];

impl Generator {
    pub(super) fn all_outside(&mut self) {
        self.users();
        self.vms();
        self.products();
        self.externals();
    }

    fn users(&mut self) {
        let mut users = Vec::new();
        for at in 0..self.random.between(0, 2) {
            let mut user = Node::new();
            match self.random.below(3) {
                0 => user.set("at", "internet"),
                1 => {
                    user.set("at", "office");
                    user.set("addresses", vec!["203.0.113.64/28", "2001:db8:1::/48"]);
                }
                _ if !self.sites.is_empty() => {
                    user.set("at", "on-premises");
                    user.set("site", self.sites[0].as_str());
                    if self.percent(30) {
                        user.set("addresses", vec!["192.168.7.0/25"]);
                    }
                }
                _ => {}
            }
            if self.percent(30) {
                user.set("region", self.random.word(&["JP", "FR"]));
            }
            if self.percent(70) {
                let members = self.random.some(
                    &[
                        "user:alice@example.com",
                        "group:staff@example.com",
                        "group:open@example.com",
                        "serviceAccount:app@shop.iam.gserviceaccount.com",
                        "domain:example.com",
                        "allUsers",
                    ],
                    1,
                    2,
                );
                user.set("identities", members);
            }
            if self.percent(30) {
                let anonymous = self.percent(50);
                user.set("anonymous", anonymous);
            }
            users.push((format!("quser{at}"), user));
        }
        self.section("users", users);
    }

    fn vms(&mut self) {
        let mut vms = Vec::new();
        let most = if self.networks.is_empty() { 0 } else { 2 };
        for at in 0..self.random.between(0, most) {
            let (mut network, mut subnet, _) = self.random.pick(&self.subnets).clone();
            let ipv6_only = !self.ipv6_only.is_empty() && self.percent(40);
            if ipv6_only {
                (network, subnet) = self.random.pick(&self.ipv6_only).clone();
            }
            let place = (network.clone(), subnet.clone());
            let mut vm = map([("network", network.into()), ("subnet", subnet.into())]);
            // Which address a machine has that names none depends on the order of machines.
            if !ipv6_only {
                vm.set("address", format!("{}.{}", self.ranges[&place], 20 + at));
            }
            let prefix = self.ipv6_ranges.get(&place).cloned();
            if let Some(prefix) = prefix
                && (ipv6_only || self.percent(60))
            {
                vm.set("ipv6_address", format!("{prefix}::{}", 20 + at));
            }
            if !ipv6_only && self.percent(40) {
                let address = self.maybe(20, format!("192.0.2.{}", 20 + at), Vec::new());
                vm.set("external_address", address);
            }
            self.account(&mut vm);
            self.network_tags(&mut vm);
            if self.percent(40) {
                let forwards = self.percent(70);
                vm.set("can_ip_forward", forwards);
                for property in ["translates", "stateful"] {
                    if self.percent(60) {
                        let holds = self.percent(50);
                        vm.set(property, holds);
                    }
                }
            }
            vms.push((format!("qvm{at}"), vm));
        }
        self.vms = vms.len();
        self.section("vms", vms);
    }

    fn products(&mut self) {
        let mut products = Vec::new();
        for at in 0..self.random.between(0, 2) {
            let mut product = map([("kind", self.random.word(PRODUCTS).into())]);
            self.project_of(&mut product);
            let (service, name) = self.random.pick(&self.services).clone();
            if self.percent(65) {
                let others = self.services.iter().map(|(id, _)| id.as_str().into()).collect();
                let service = self.maybe(8, service, others);
                product.set("service", service);
                if self.percent(50) {
                    product.set("path", self.random.word(&["/push", "/api/v1/items", "/healthz"]));
                }
            } else {
                let run_app = format!("https://{name}-100000000000.{}.run.app/x", self.region());
                let open = format!("https://{name}-q1w2e3r4t5-an.a.run.app");
                product.set(
                    "url",
                    self.random.word(&[
                        "https://www.example.com/push?debug=1",
                        "https://mapped.example/",
                        "http://www.example.com",
                        "https://example.com:8443/a/b/c",
                        "https://nowhere.test/",
                        "https://203.0.113.80/api/",
                        &run_app,
                        &open,
                    ]),
                );
            }
            if self.percent(20) {
                product.set("method", self.random.word(&["get", "PUT", "OPTIONS"]));
            }
            if self.percent(65) {
                let account = self.random.word(ACCOUNTS);
                product.set("service_account", account);
                if self.percent(40) {
                    let own = format!("https://{name}-100000000000.{}.run.app", self.region());
                    product.set(
                        "audience",
                        self.random.word(&["custom", "https://www.example.com", "other", &own]),
                    );
                }
            }
            products.push((format!("qproduct{at}"), product));
        }
        self.section("products", products);
    }

    fn externals(&mut self) {
        let mut externals = Vec::new();
        let shared = self.percent(20);
        for at in 0..self.random.between(0, 2) {
            let mut external = Node::new();
            if shared || self.percent(70) {
                let hosts = match self.percent(30) {
                    true => vec![format!("*.partner{at}.test"), format!("partner{at}.test")],
                    false => vec![format!("api.partner{at}.test")],
                };
                external.set("hosts", hosts);
            }
            let number = if shared { 0 } else { at };
            let mut addresses: Vec<Node> = Vec::new();
            for each in 0..self.random.between(usize::from(shared), 2) {
                let address = format!("198.51.100.{}", 7 + 100 * number + each);
                addresses.push(match shared {
                    true => address.into(),
                    false => self.maybe(10, address, Vec::new()),
                });
            }
            if !self.ipv6_ranges.is_empty() && !shared && self.percent(50) {
                addresses.push(format!("2001:db8::{}", 7 + at).into());
            }
            if !shared && self.percent(25) {
                // Behind a peering, at a site, in a subnet.
                let inside = ["172.30.0.7", "172.31.0.7", "192.168.0.7", "10.0.0.7"];
                addresses
                    .push(self.random.word(&inside).replace('7', &(7 + at).to_string()).into());
            }
            external.set("addresses", Node::List(addresses));
            if self.percent(30) {
                external.set("ports", Node::List(vec![443u64.into(), 5432u64.into()]));
            }
            if self.percent(60) {
                let mut who = vec!["203.0.113.10".to_owned(), "203.0.113.8/29".into(), "*".into()];
                if !self.ipv6_ranges.is_empty() {
                    who.push("2600:1900:4000::/52".into());
                }
                who.extend(self.nats.iter().map(|nat| format!("nat/{nat}")));
                who.extend(self.nats.iter().map(|nat| format!("nat/{nat}")));
                let admits = self.random.some(&who, 0, 2);
                external.set("admits", admits);
            }
            externals.push((format!("qexternal{at}"), external));
        }
        self.section("externals", externals);
    }
}
