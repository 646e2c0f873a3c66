//! Published services, endpoints for them and for databases, and who may use databases.

use super::super::Generator;
use crate::document::map;

impl Generator {
    pub(super) fn further_publishing(&mut self) {
        let mut published: Vec<(String, String)> = Vec::new();
        for section in ["passthrough_load_balancers", "load_balancers"] {
            for id in self.ids(section) {
                let network = self.document.section(section).section(&id).text("network");
                let network = network.map(str::to_owned);
                published.extend(network.map(|network| (format!("{section}/{id}"), network)));
            }
        }
        if self.percent(80)
            && let Some((target, network)) = published.first().cloned()
        {
            self.add_subnet(&network, "qpsc0", 102, Some("private-service-connect"));
            let mut consumers: Vec<String> =
                self.networks.iter().map(|id| format!("network/{id}")).collect();
            consumers.extend(self.projects.iter().map(|id| format!("project/{id}")));
            let target = target.split_once('/').map_or(target.as_str(), |(_, id)| id);
            let mut attachment = map([
                ("load_balancer", target.into()),
                ("nat_subnets", vec![format!("{network}/qpsc0")].into()),
                ("accept", self.random.some(&consumers, 0, 2).into()),
            ]);
            if self.percent(25) {
                attachment.set("reject", self.random.some(&consumers, 1, 1));
            }
            if self.percent(30) {
                attachment.set("accept_automatic", true);
            }
            self.add("service_attachments", "qattachment0", attachment);
            let target = "service_attachment/qattachment0";
            self.consumers(target, "qendpoint5", "10.200.0.7");
            if self.percent(30) {
                let own = self.document.section("service_attachments").section("qattachment0");
                let mut second = own.clone();
                second.put("accept_automatic", true);
                self.add("service_attachments", "qattachment5", second);
                self.consumers("service_attachment/qattachment5", "qendpoint7", "10.200.0.9");
            }
        }
        let databases = self.ids("sql_instances");
        if let Some(id) = databases.first()
            && self.percent(40)
        {
            self.consumers(&format!("sql_instance/{id}"), "qendpoint6", "10.200.0.8");
        }
    }

    fn consumers(&mut self, target: &str, id: &str, address: &str) {
        let network = self.some_network();
        let region = if self.percent(70) {
            self.region_of(&network)
        } else {
            self.random.pick::<&str>(&self.regions)
        };
        let mut endpoint = map([
            ("network", network.into()),
            ("region", region.into()),
            ("address", address.into()),
            ("target", target.into()),
        ]);
        if self.percent(30) {
            let access = self.switch(50);
            endpoint.set("global_access", access);
        }
        if self.percent(15) {
            let accepted = self.switch(60);
            endpoint.set("accepted", accepted);
        }
        self.add("psc_endpoints", id, endpoint);
    }

    /// Databases that the internet reaches, and ranges with borrowed addresses (EGR-151).
    pub(super) fn further_databases(&mut self) {
        if self.percent(25) {
            let networks = ["203.0.113.0/28", "198.51.100.0/24", "0.0.0.0/1"];
            let instance = map([
                ("region", self.region().into()),
                ("engine", "mysql".into()),
                ("public_address", "192.0.2.201".into()),
                ("authorized_networks", self.random.some(&networks, 0, 2).into()),
            ]);
            self.add("sql_instances", "qsql5", instance);
        }
        if self.percent(15) {
            let network = self.some_network();
            let mut connection = map([
                ("network", network.clone().into()),
                ("ranges", vec!["172.16.6.0/24", "198.19.0.0/24"].into()),
            ]);
            for key in ["import_public_subnets", "export_custom_routes"] {
                if self.percent(50) {
                    connection.set(key, true);
                }
            }
            self.add("private_connections", "qconnection5", connection);
            for (at, address) in ["172.16.6.3", "198.19.0.3"].into_iter().enumerate() {
                let instance = map([
                    ("region", self.region().into()),
                    ("network", network.clone().into()),
                    ("address", address.into()),
                ]);
                self.add("redis_instances", format!("qredis{}", 5 + at), instance);
            }
        }
    }
}
