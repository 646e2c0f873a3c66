//! Random topologies: small, of every family, and full of things that meet.
//!
//! Names, paths and addresses come from small pools in which one is a part of the other, since
//! what is worth testing happens where rules overlap. Ids begin with `q`, which nothing else
//! does, so that they can be replaced as text.

mod further;
mod hybrid;
mod identity;
mod load_balancer;
mod network;
mod organization;
mod outside;
mod policy;
mod pools;
mod routing;
mod service;

pub use pools::{HEADER_VALUES, QUERIES};

use crate::document::{Node, map};
use crate::random::Random;

/// A topology, and what is known of it.
#[derive(Debug, Clone)]
pub struct Generated {
    pub document: Node,
    /// Whether two things claim the same name or address, so that the order of keys decides.
    pub order_matters: bool,
}

/// A topology of this seed.
pub fn topology(seed: u64) -> Generated {
    let mut generator = Generator::new(seed);
    generator.all();
    let Generator { document, order_matters, .. } = generator;
    // Of routes to sites of one network that are equal, the first is the one that sites come first
    // for.
    let mut networks: Vec<&str> = Vec::new();
    let mut alike = false;
    for id in crate::law::ids(&document, "onprem") {
        let site = document.get("onprem").and_then(|sites| sites.get(&id));
        if let Some(network) = site.and_then(|site| site.text("network")) {
            alike |= networks.contains(&network);
            networks.push(network);
        }
    }
    Generated { order_matters: order_matters || alike, document }
}

struct Generator {
    random: Random,
    document: Node,
    order_matters: bool,
    regions: Vec<&'static str>,
    projects: Vec<String>,
    numbers: Vec<Option<u64>>,
    folders: Vec<String>,
    networks: Vec<String>,
    /// Network, subnet, region.
    subnets: Vec<(String, String, &'static str)>,
    /// The first three numbers of each subnet's addresses.
    ranges: std::collections::HashMap<(String, String), String>,
    /// The first four groups of each subnet's addresses of IPv6.
    ipv6_ranges: std::collections::HashMap<(String, String), String>,
    /// Network and name of subnets that have IPv6 only.
    ipv6_only: Vec<(String, String)>,
    /// How many machines there are.
    vms: usize,
    connectors: Vec<String>,
    nats: Vec<String>,
    /// Id and name in URLs.
    services: Vec<(String, String)>,
    backends: Vec<String>,
    /// Internal load balancers.
    internal: Vec<String>,
    buckets: Vec<String>,
    policies: Vec<String>,
    edge_policies: Vec<String>,
    hierarchical: Vec<String>,
    levels: Vec<String>,
    sites: Vec<String>,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = random.between(1, 2);
        let regions =
            random.some(&["asia-northeast1", "us-central1", "europe-west1"], count, count);
        let ids = |random: &mut Random, kind: &str, least: usize, most: usize| -> Vec<String> {
            (0..random.between(least, most)).map(|at| format!("q{kind}{at}")).collect()
        };
        let projects = match random.below(8) {
            0 => Vec::new(),
            1..=4 => vec!["qproject0".to_owned()],
            _ => ids(&mut random, "project", 2, 3),
        };
        let numbers = (0..projects.len())
            .map(|at| random.percent(70).then_some(100_000_000_000 + at as u64))
            .collect();
        let has_networks = random.percent(70);
        Generator {
            document: Node::new(),
            order_matters: false,
            regions,
            numbers,
            folders: if projects.is_empty() {
                Vec::new()
            } else {
                ids(&mut random, "folder", 0, 2)
            },
            projects,
            networks: if has_networks { ids(&mut random, "network", 1, 2) } else { Vec::new() },
            subnets: Vec::new(),
            ranges: Default::default(),
            ipv6_ranges: Default::default(),
            ipv6_only: Vec::new(),
            vms: 0,
            connectors: Vec::new(),
            nats: Vec::new(),
            services: Vec::new(),
            backends: ids(&mut random, "backend", 1, 3),
            internal: Vec::new(),
            buckets: ids(&mut random, "bucket", 0, 1),
            policies: ids(&mut random, "policy", 0, 2),
            edge_policies: ids(&mut random, "edge", 0, 1),
            hierarchical: if random.percent(40) {
                ids(&mut random, "top", 1, 3)
            } else {
                Vec::new()
            },
            levels: ids(&mut random, "level", 0, 2),
            sites: if has_networks { ids(&mut random, "site", 0, 2) } else { Vec::new() },
            random,
        }
    }

    fn all(&mut self) {
        self.document.set("portolan", 1u64);
        self.name_services();
        self.organization();
        self.all_projects();
        self.all_networks();
        self.all_services();
        self.all_jobs();
        self.all_worker_pools();
        self.all_domain_mappings();
        self.all_load_balancers();
        self.all_backends();
        self.all_policies();
        self.all_access();
        self.all_outside();
        self.all_routing();
        self.all_further();
    }

    /// Adds a section, unless it is empty.
    fn section(&mut self, name: &str, resources: Vec<(String, Node)>) {
        if !resources.is_empty() {
            self.document.set(name, Node::Map(resources));
        }
    }

    fn percent(&mut self, share: usize) -> bool {
        self.random.percent(share)
    }

    fn region(&mut self) -> &'static str {
        self.random.pick::<&'static str>(&self.regions)
    }

    /// A value, or now and then one that is not known, with or without candidates.
    fn maybe(&mut self, share: usize, value: impl Into<Node>, others: Vec<Node>) -> Node {
        let value = value.into();
        if !self.percent(share) {
            return value;
        }
        let mut unknown = map([("unknown", "known after apply".into())]);
        if !others.is_empty() && self.percent(75) {
            let mut candidates = vec![value];
            candidates.extend(others);
            candidates.dedup();
            unknown.set("candidates", Node::List(candidates));
        }
        unknown
    }

    /// A boolean, now and then not known.
    fn switch(&mut self, on: usize) -> Node {
        let value = self.percent(on);
        self.maybe(15, value, vec![(!value).into()])
    }

    /// The project of a resource; where there are several, one of them, or rarely none.
    fn project_of(&mut self, resource: &mut Node) {
        let several = self.projects.len() > 1;
        if self.projects.is_empty() || !several && self.percent(60) || several && self.percent(4) {
            return;
        }
        let project = self.random.pick(&self.projects).clone();
        let others: Vec<Node> = self.projects.iter().map(|id| id.as_str().into()).collect();
        let project = self.maybe(3, project, others);
        resource.set("project", project);
    }
}
