//! What only some topologies have, put into one that is complete without it: so that every rule
//! that a hop can name is met, and every law finds something to change.
//!
//! Its chance is a stream of its own, so that it moves nothing of what is made before.

mod firewalls;
mod gateways;
mod names;
mod publishing;
mod rare;
mod sites;

use super::Generator;
use crate::document::{Node, map};

impl Generator {
    pub(super) fn all_further(&mut self) {
        self.random = self.random.fork();
        self.further_identities();
        if self.percent(20) {
            let service = self.random.pick(&self.services).0.clone();
            let mapping = map([("host", "x.example.com".into()), ("service", service.into())]);
            self.add("domain_mappings", "qmapping5", mapping);
        }
        if self.networks.is_empty() {
            return;
        }
        self.further_subnets();
        self.further_machines();
        self.further_sites();
        self.further_databases();
        self.further_gateways();
        self.further_connectors();
        self.further_publishing();
        self.further_routes();
        self.further_peerings();
        self.further_firewalls();
        self.further_names();
        self.rare();
    }

    /// Adds a resource to a section.
    fn add(&mut self, section: &str, id: impl Into<String>, resource: Node) {
        self.document.section(section).set(id, resource);
    }

    /// The ids of a section.
    fn ids(&self, section: &str) -> Vec<String> {
        let entries = self.document.get(section).map(Node::entries).unwrap_or_default();
        entries.iter().map(|(id, _)| id.clone()).collect()
    }

    /// One resource of a section.
    fn resource(&mut self, section: &str, id: &str) -> &mut Node {
        self.document.section(section).section(id)
    }

    fn some_network(&mut self) -> String {
        self.random.pick(&self.networks).clone()
    }

    /// The second number of the addresses of a network's subnets.
    fn number_of(&self, network: &str) -> usize {
        self.networks.iter().position(|each| each == network).unwrap_or(0)
    }

    /// A network's region: of its first subnet.
    fn region_of(&self, network: &str) -> &'static str {
        let known = self.subnets.iter().find(|(own, ..)| own == network);
        known.map_or(self.regions[0], |(_, _, region)| region)
    }

    fn add_subnet(&mut self, network: &str, id: &str, third: usize, purpose: Option<&str>) {
        let range = format!("10.{}.{third}.0/24", self.number_of(network));
        let mut subnet = map([("region", self.region_of(network).into()), ("range", range.into())]);
        if let Some(purpose) = purpose {
            subnet.set("purpose", purpose);
        }
        self.resource("networks", network).section("subnets").set(id, subnet);
    }

    /// Secondary ranges, a subnet named like its network (EGR-040), one with borrowed addresses.
    fn further_subnets(&mut self) {
        let network = self.some_network();
        if self.percent(25) {
            self.add_subnet(&network, &network.clone(), 104, None);
            let mut job = map([("region", self.region_of(&network).into())]);
            let egress = self.random.word(&["all-traffic", "private-ranges-only"]);
            let access = map([("network", network.clone().into()), ("egress", egress.into())]);
            job.set("vpc_access", access);
            self.project_of(&mut job);
            self.add("jobs", "qjob5", job);
        }
        if self.percent(25) {
            let mut subnet = map([
                ("region", self.region_of(&network).into()),
                ("range", format!("198.18.{}.0/24", self.number_of(&network)).into()),
            ]);
            if self.percent(50) {
                let access = self.switch(60);
                subnet.set("private_google_access", access);
            }
            self.resource("networks", &network).section("subnets").set("qborrowed0", subnet);
        }
        if self.percent(20) {
            let (network, subnet, _) = self.random.pick(&self.subnets).clone();
            let ranges =
                map([("qsecondary0", format!("10.{}.200.0/24", self.number_of(&network)))]
                    .map(|(key, range)| (key, range.into())));
            let own = self.resource("networks", &network).section("subnets").section(&subnet);
            own.set("secondary", ranges);
        }
    }

    /// What machines listen for, their secure tags, and the load balancer before them.
    fn further_machines(&mut self) {
        let (network, subnet, region) = self.random.pick(&self.subnets).clone();
        if self.percent(35) {
            for at in 5..7 {
                let mut vm = map([
                    ("network", network.clone().into()),
                    ("subnet", subnet.clone().into()),
                    (
                        "address",
                        format!("{}.{}", self.ranges[&(network.clone(), subnet.clone())], 25 + at)
                            .into(),
                    ),
                ]);
                self.account(&mut vm);
                self.network_tags(&mut vm);
                self.add("vms", format!("qvm{at}"), vm);
            }
            if self.percent(60) {
                let balancer = map([
                    ("network", network.into()),
                    ("region", region.into()),
                    ("address", "10.0.0.19".into()),
                    ("machines", vec!["qvm5"].into()),
                ]);
                self.add("passthrough_load_balancers", "qpassthrough5", balancer);
            }
        }
        for id in self.ids("vms") {
            let listens = self.random.some(&["tcp:443,80", "tcp:1-6000", "udp", "tcp"], 1, 2);
            let secure = self.percent(30);
            let listening = self.percent(25);
            let vm = self.resource("vms", &id);
            if secure {
                vm.set("secure_tags", vec!["env/prod"]);
            }
            if listening {
                vm.set("listens", listens);
            }
        }
        for id in self.ids("passthrough_load_balancers") {
            let (several, listening) = (self.percent(40), self.percent(40));
            let machines = self.ids("vms");
            let balancer = self.resource("passthrough_load_balancers", &id);
            if several {
                balancer.put("machines", machines);
            }
            if listening {
                balancer.set("listens", vec!["tcp:1-1024"]);
            }
        }
    }

    /// A connector of a service project (EGR-031), and rules that name one by its tag.
    fn further_connectors(&mut self) {
        for id in self.ids("connectors") {
            if self.projects.len() > 1 && self.percent(30) {
                let project = self.random.pick(&self.projects).clone();
                self.resource("connectors", &id).set("project", project);
            }
        }
        if self.connectors.len() > 1 && self.percent(30) {
            let known: Vec<Node> = self.connectors.iter().map(|id| id.as_str().into()).collect();
            let unknown =
                map([("unknown", "known after apply".into()), ("candidates", Node::List(known))]);
            let access = map([("connector", unknown), ("egress", "all-traffic".into())]);
            let job = map([("region", self.regions[0].into()), ("vpc_access", access)]);
            self.add("jobs", "qjob6", job);
        }
    }

    /// Routes of every kind of next hop.
    fn further_routes(&mut self) {
        let machines = self.ids("vms");
        let balancers = self.ids("passthrough_load_balancers");
        let sites = self.ids("onprem");
        let mut hops: Vec<(String, String)> = Vec::new();
        for vm in &machines {
            let network = self.document.section("vms").section(vm).text("network");
            let network = network.unwrap_or_default().to_owned();
            let address = self.document.section("vms").section(vm).text("address");
            if let Some(address) = address {
                hops.push((network.clone(), address.to_owned()));
            }
            hops.push((network, format!("vm/{vm}")));
        }
        for id in &balancers {
            let own = self.document.section("passthrough_load_balancers").section(id);
            let network = own.text("network").unwrap_or_default().to_owned();
            hops.push((network.clone(), format!("load_balancer/{id}")));
            hops.push((network, format!("load_balancer/{id}")));
        }
        for id in &sites {
            let network = self.document.section("onprem").section(id).text("network");
            hops.push((network.unwrap_or_default().to_owned(), format!("onprem/{id}")));
        }
        hops.push((self.some_network(), "internet".into()));
        let free =
            ["203.0.112.0/22", "192.0.0.0/14", "198.48.0.0/12", "199.36.153.8/30", "8.0.0.0/7"];
        for (at, range) in self.random.some(&free, 0, 3).into_iter().enumerate() {
            let (network, next_hop) = self.random.pick(&hops).clone();
            let mut route = map([
                ("network", network.into()),
                ("destination", range.into()),
                ("next_hop", next_hop.into()),
            ]);
            if self.percent(15) {
                route.set("tags", vec!["web"]);
            }
            self.add("routes", format!("qroute{}", 5 + at), route);
        }
        if self.percent(40) {
            let (mut network, mut next_hop) = (self.some_network(), "default-routing".to_owned());
            if let Some(id) = balancers.first().filter(|_| self.random.percent(75)) {
                let own = self.document.section("passthrough_load_balancers").section(id);
                network = own.text("network").unwrap_or_default().to_owned();
                next_hop = format!("load_balancer/{id}");
            }
            let mut route = map([("network", network.into()), ("next_hop", next_hop.into())]);
            route.set("priority", 500u64);
            let sources = self.random.some(&["10.0.0.0/23", "10.1.0.0/16", "10.8.0.0/16"], 1, 2);
            if self.percent(60) {
                route.set("source", sources);
            }
            if self.percent(50) {
                route.set("destination", vec!["192.0.0.0/5", "10.0.0.0/8"]);
            }
            if self.percent(20) {
                route.set("tags", vec!["web"]);
            }
            self.add("policy_routes", "qpbr5", route);
        }
    }

    /// What both sides of a peering give and take, and equal routes in both (EGR-095, EGR-162).
    fn further_peerings(&mut self) {
        let [one, other, ..] = self.networks.as_slice() else { return };
        let (one, other) = (one.clone(), other.clone());
        if !self.percent(40) {
            return;
        }
        let mut sides = Node::new();
        for (at, (network, peer)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
            let mut side =
                map([("network", network.as_str().into()), ("peer", peer.as_str().into())]);
            for key in ["export_custom_routes", "import_custom_routes", "import_public_subnets"] {
                let share = if key == "import_public_subnets" { 40 } else { 75 };
                side.set(key, self.percent(share));
            }
            sides.set(format!("qpeering{at}"), side);
        }
        self.document.put("peerings", sides);
        let machines = self.ids("vms");
        if let Some(vm) = machines.first()
            && self.percent(60)
        {
            let host = self.resource("vms", vm).text("network").unwrap_or_default().to_owned();
            for (at, network) in [&one, &other].into_iter().enumerate() {
                let next_hop =
                    if *network == host { format!("vm/{vm}") } else { "internet".to_owned() };
                let route = map([
                    ("network", network.as_str().into()),
                    ("destination", "198.51.100.0/23".into()),
                    ("next_hop", next_hop.into()),
                ]);
                self.add("routes", format!("qroute{}", 8 + at), route);
            }
        }
    }

    /// A boundary that binds somebody (ING-058), and a perimeter around everything (ING-012).
    fn further_identities(&mut self) {
        if self.percent(25) {
            let members =
                ["serviceAccount:app@shop.iam.gserviceaccount.com", "user:alice@example.com"];
            let mut places: Vec<String> =
                self.projects.iter().map(|id| format!("project/{id}")).collect();
            places.extend(self.folders.iter().map(|id| format!("folder/{id}")));
            let boundary = map([
                ("principals", members.to_vec().into()),
                ("resources", self.random.some(&places, 0, 1).into()),
            ]);
            self.add("access_boundaries", "qboundary5", boundary);
        }
        if self.percent(20) && !self.projects.is_empty() {
            let mut projects = self.projects.clone();
            if projects.len() > 1 && self.percent(50) {
                projects.pop();
            }
            let services =
                vec!["run.googleapis.com", "cloudtasks.googleapis.com", "workflows.googleapis.com"];
            let perimeter =
                map([("projects", projects.into()), ("restricted_services", services.into())]);
            self.add("perimeters", "qperimeter5", perimeter);
        }
    }
}
