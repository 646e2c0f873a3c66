//! What by chance alone hardly ever comes together: some parts at a time are put so that they do.

use super::super::Generator;
use crate::document::{Node, map};

impl Generator {
    pub(super) fn rare(&mut self) {
        match self.random.below(16) {
            0 => self.sql_connection(),
            1 | 2 => self.published_without_a_port(),
            3 | 4 => self.line_far_from_the_hub(),
            5 => self.line_that_announces_elsewhere(),
            6 => self.servers_of_a_site(),
            7 => self.managed_without_a_way_back(),
            8 => self.routes_of_both_sides(),
            _ => {}
        }
        if self.projects.len() > 1 && self.percent(25) {
            self.network_in_the_perimeter();
        }
        for id in self.ids("connectors") {
            if self.percent(12) {
                let running = self.switch(50);
                self.resource("connectors", &id).put("running", running);
            }
        }
    }

    /// A service with a Cloud SQL connection beside a connector for all traffic (EGR-238).
    fn sql_connection(&mut self) {
        let (network, region) = self.some_place();
        let connector = map([
            ("network", network.into()),
            ("region", region.into()),
            ("range", "10.8.7.0/28".into()),
        ]);
        self.add("connectors", "qconnector7", connector);
        let instance = map([
            ("region", region.into()),
            ("engine", "postgres".into()),
            ("public_address", "198.51.100.44".into()),
        ]);
        self.add("sql_instances", "qsql7", instance);
        let service = self.random.pick(&self.services).0.clone();
        let egress = self.maybe(25, "all-traffic", Vec::new());
        let access = map([("connector", "qconnector7".into()), ("egress", egress)]);
        let service = self.resource("services", &service);
        service.put("region", region);
        service.put("vpc_access", access);
        service.put("cloud_sql", vec!["qsql7"]);
    }

    /// A network of another project in the perimeter of an internal service (ING-012).
    fn network_in_the_perimeter(&mut self) {
        let [one, other, ..] = self.projects.as_slice() else { return };
        let (one, other) = (one.clone(), other.clone());
        let (network, region) = self.some_place();
        let mut projects = vec![one.clone()];
        if self.percent(60) {
            projects.push(other.clone());
        }
        let perimeter = map([
            ("projects", projects.into()),
            ("restricted_services", vec!["run.googleapis.com"].into()),
        ]);
        self.add("perimeters", "qperimeter7", perimeter);
        let service = self.random.pick(&self.services).0.clone();
        let service = self.resource("services", &service);
        service.put("project", one);
        service.put("ingress", "internal");
        self.resource("networks", &network).put("project", other);
        let subnet = map([
            ("region", region.into()),
            ("range", format!("10.{}.107.0/24", self.number_of(&network)).into()),
            ("private_google_access", true.into()),
        ]);
        self.resource("networks", &network).section("subnets").set("qrestricted0", subnet);
        let vm = map([
            ("network", network.clone().into()),
            ("subnet", "qrestricted0".into()),
            ("address", format!("10.{}.107.9", self.number_of(&network)).into()),
        ]);
        self.add("vms", "qvm7", vm);
    }

    /// A NEG for what a passthrough load balancer publishes on all ports, or on several.
    fn published_without_a_port(&mut self) {
        let (Some(machine), Some(backend)) =
            (self.ids("vms").first().cloned(), self.ids("backends").first().cloned())
        else {
            return;
        };
        let network = self.resource("vms", &machine).text("network").unwrap_or_default().to_owned();
        let mut balancer = map([
            ("network", network.clone().into()),
            ("region", self.region_of(&network).into()),
            ("address", format!("10.{}.0.77", self.number_of(&network)).into()),
            ("global_access", true.into()),
            ("machines", vec![machine].into()),
        ]);
        match self.random.below(3) {
            0 => balancer.set("listens", vec!["tcp:80,443"]),
            1 => balancer.set("listens", vec!["tcp:443"]),
            _ => {}
        }
        self.add("passthrough_load_balancers", "qpassthrough7", balancer);
        self.add_subnet(&network, "qpsc7", 108, Some("private-service-connect"));
        let attachment = map([
            ("load_balancer", "qpassthrough7".into()),
            ("nat_subnets", vec![format!("{network}/qpsc7")].into()),
            ("accept_automatic", true.into()),
        ]);
        self.add("service_attachments", "qattachment7", attachment);
        let neg = map([("target", "service_attachment/qattachment7".into())]);
        let backend = self.resource("backends", &backend);
        backend.remove_key("services");
        backend.put("psc_negs", Node::List(vec![neg]));
    }

    /// A site of one network, whose line is in another region than those of another network who
    /// send to it over a hub (EGR-164).
    fn line_far_from_the_hub(&mut self) {
        let [one, other, ..] = self.networks.as_slice() else { return };
        let (one, other) = (one.clone(), other.clone());
        let site = map([
            ("network", one.into()),
            ("region", "europe-north1".into()),
            ("ranges", vec!["192.168.48.0/20"].into()),
        ]);
        self.add("onprem", "qsite7", site);
        let subnet = self.subnets.iter().find(|(network, ..)| *network == other).cloned();
        if let Some((network, subnet, _)) = subnet {
            let range = &self.ranges[&(network.clone(), subnet.clone())];
            let address = format!("{range}.48");
            let vm = map([
                ("network", network.into()),
                ("subnet", subnet.into()),
                ("address", address.into()),
            ]);
            self.add("vms", "qvm8", vm);
        }
        // A hub of its own, unless the network has one.
        let spokes = self.document.get("ncc_spokes").map(Node::entries).unwrap_or_default();
        let own = spokes.iter().find(|(_, spoke)| spoke.text("network") == Some(&other));
        let own = own.and_then(|(_, spoke)| spoke.text("hub")).map(str::to_owned);
        let hub = own.clone().unwrap_or_else(|| "qhub7".to_owned());
        if own.is_none() {
            self.add("ncc_hubs", &hub, Node::new());
            let spoke = map([("hub", hub.as_str().into()), ("network", other.into())]);
            self.add("ncc_spokes", "qspoke7", spoke);
        }
        let star = self.resource("ncc_hubs", &hub).text("topology").is_some();
        let mut spoke = map([
            ("hub", hub.into()),
            ("site", "qsite7".into()),
            ("import_ranges", vec!["10.0.0.0/8"].into()),
        ]);
        if star {
            spoke.set("group", "center");
        }
        self.add("ncc_spokes", "qhybrid7", spoke);
    }

    /// A site that learns of Google by a line of one region and is announced by one of another
    /// (ING-165).
    fn line_that_announces_elsewhere(&mut self) {
        let (network, region) = self.some_place();
        let near = map([
            ("region", region.into()),
            ("learns", vec!["all-subnets", "199.36.153.8/30"].into()),
            ("announces", Node::List(Vec::new())),
        ]);
        let far = map([("region", "europe-north1".into())]);
        let names = map([("*.run.app", vec!["199.36.153.8"].into())]);
        let site = map([
            ("network", network.clone().into()),
            ("ranges", vec!["192.168.64.0/20"].into()),
            ("names", names),
            ("lines", map([("qline0", near), ("qline1", far)])),
        ]);
        self.order_matters = true;
        self.add("onprem", "qsite8", site);
        self.resource("networks", &network).put("routing_mode", "global");
    }

    /// A zone that forwards to the resolvers of a site (EGR-121), which another network may ask, too
    /// (EGR-248), or a policy that asks them for every name (EGR-119).
    fn servers_of_a_site(&mut self) {
        let (network, region) = self.some_place();
        let names = map([
            ("wiki.corp.example", vec!["192.168.80.80"].into()),
            ("*.run.app", vec!["199.36.153.8"].into()),
        ]);
        let mut learns = vec!["all-subnets"];
        if self.percent(60) {
            learns.push("35.199.192.0/19");
        }
        let site = map([
            ("network", network.clone().into()),
            ("region", region.into()),
            ("ranges", vec!["192.168.80.0/20"].into()),
            ("learns", learns.into()),
            ("names", names),
        ]);
        self.add("onprem", "qsite9", site);
        if self.percent(30) && self.ids("dns_policies").is_empty() {
            let policy = map([
                ("networks", vec![network].into()),
                ("alternative_name_servers", vec!["192.168.80.53"].into()),
            ]);
            self.add("dns_policies", "qdns9", policy);
            return;
        }
        let others = self.networks.clone().into_iter().filter(|other| *other != network);
        for (at, other) in others.enumerate() {
            let zone = map([
                ("domain", "corp.example".into()),
                ("networks", vec![other].into()),
                ("peering", network.clone().into()),
            ]);
            self.add("zones", format!("qzone9{at}"), zone);
        }
        let zone = map([
            ("domain", "corp.example".into()),
            ("networks", vec![network].into()),
            ("forwarding", vec!["192.168.80.53"].into()),
        ]);
        self.add("zones", "qzone9", zone);
    }

    /// A site that knows of a range of managed services, which may not know the site (EGR-150).
    fn managed_without_a_way_back(&mut self) {
        let (network, region) = self.some_place();
        let mut connection =
            map([("network", network.clone().into()), ("ranges", vec!["172.16.7.0/24"].into())]);
        if self.percent(40) {
            connection.set("export_custom_routes", true);
        }
        self.add("private_connections", "qconnection7", connection);
        let instance = map([
            ("region", region.into()),
            ("network", network.clone().into()),
            ("address", "172.16.7.3".into()),
        ]);
        self.add("redis_instances", "qredis7", instance);
        let site = map([
            ("network", network.into()),
            ("region", region.into()),
            ("ranges", vec!["192.168.96.0/20"].into()),
            ("learns", vec!["all-subnets", "172.16.7.0/24"].into()),
        ]);
        self.add("onprem", "qsite10", site);
    }

    /// Sites of two peered networks with the same range (EGR-095).
    fn routes_of_both_sides(&mut self) {
        let [one, other, ..] = self.networks.as_slice() else { return };
        let networks = [one.clone(), other.clone()];
        let mut sides = Node::new();
        for (at, network) in networks.iter().enumerate() {
            let side = map([
                ("network", network.as_str().into()),
                ("peer", networks[1 - at].as_str().into()),
                ("export_custom_routes", true.into()),
                ("import_custom_routes", true.into()),
            ]);
            sides.set(format!("qpeering{at}"), side);
            let site = map([
                ("network", network.as_str().into()),
                ("region", self.region_of(network).into()),
                ("ranges", vec!["192.168.112.0/20"].into()),
                ("learns", vec!["all-subnets", "10.0.0.0/8"].into()),
            ]);
            self.add("onprem", format!("qsite{}", 11 + at), site);
        }
        self.document.put("peerings", sides);
        // Which of equal routes is the first of a choice.
        self.order_matters = true;
    }

    /// A network and a region of its own.
    fn some_place(&mut self) -> (String, &'static str) {
        let network = self.some_network();
        let region = self.region_of(&network);
        (network, region)
    }
}
