//! Services, jobs, mapped domains.

use super::Generator;
use super::identity::ACCOUNTS;
use super::pools::{NAMES, TAGS};
use crate::document::{Node, map};

const INGRESS: &[&str] = &["all", "all", "internal", "internal-and-cloud-load-balancing", "none"];

impl Generator {
    pub(super) fn name_services(&mut self) {
        let count = self.random.between(1, 3);
        let names = self.random.some(NAMES, count, count);
        self.services = names
            .into_iter()
            .enumerate()
            .map(|(at, name)| (format!("qservice{at}"), name.into()))
            .collect();
        if self.services.len() > 1 && self.percent(5) {
            self.services[1].1 = self.services[0].1.clone();
            self.order_matters = true;
        }
    }

    pub(super) fn all_services(&mut self) {
        let mut services = Vec::new();
        for (id, name) in self.services.clone() {
            let mut service = Node::new();
            self.project_of(&mut service);
            let region = self.region();
            let region = self.maybe(3, region, Vec::new());
            service.set("region", region);
            service.set("name", name);
            if self.percent(70) {
                let (one, other) = (self.random.word(INGRESS), self.random.word(INGRESS));
                let ingress = self.maybe(15, one, vec![other.into()]);
                service.set("ingress", ingress);
            }
            if self.percent(30) {
                let on = self.switch(50);
                service.set("default_url", on);
            }
            if self.percent(35) {
                let tags = self.random.some(TAGS, 1, 2);
                service.set("traffic_tags", tags);
            }
            if self.percent(20) {
                let checked = self.switch(40);
                service.set("invoker_check", checked);
            }
            let iap = self.iap(25);
            let mut invokers = self.bindings(3, false, false);
            if iap.is_some() && self.percent(70) {
                invokers.push(self.agent().into());
            }
            service.set("invokers", Node::List(invokers));
            if self.percent(20) {
                let iam = self.bindings(2, true, false);
                service.set("iam", iam);
            }
            if let Some(iap) = iap {
                service.set("iap", iap);
            }
            if self.percent(25) {
                service.set("custom_audiences", vec!["https://www.example.com", "custom"]);
            }
            self.account(&mut service);
            self.vpc_access(&mut service);
            if self.percent(15) {
                service.set("cloud_sql", vec!["qsql0"]);
            }
            services.push((id, service));
        }
        self.section("services", services);
    }

    pub(super) fn account(&mut self, resource: &mut Node) {
        if self.percent(50) {
            let account = self.random.word(ACCOUNTS);
            let account = self.maybe(5, account, Vec::new());
            resource.set("service_account", account);
        }
    }

    pub(super) fn all_jobs(&mut self) {
        let mut jobs = Vec::new();
        for at in 0..self.random.between(0, 1) {
            let mut job = map([("region", self.region().into())]);
            self.project_of(&mut job);
            self.account(&mut job);
            self.vpc_access(&mut job);
            jobs.push((format!("qjob{at}"), job));
        }
        self.section("jobs", jobs);
    }

    pub(super) fn all_worker_pools(&mut self) {
        let mut pools = Vec::new();
        for at in 0..self.random.between(0, 2) {
            let mut pool = map([("region", self.region().into())]);
            self.project_of(&mut pool);
            self.account(&mut pool);
            self.vpc_access(&mut pool);
            if self.percent(70) {
                let traffic = self.random.word(&["tcp:443", "tcp:80,443", "tcp", "udp:53"]);
                pool.set("listens", vec![traffic]);
            }
            pools.push((format!("qpool{at}"), pool));
        }
        self.section("worker_pools", pools);
    }

    pub(super) fn all_domain_mappings(&mut self) {
        let mut mappings = Vec::new();
        if self.percent(35) {
            let service = self.random.pick(&self.services).0.clone();
            let others = self.services.iter().map(|(id, _)| id.as_str().into()).collect();
            let service = self.maybe(10, service, others);
            let mapping = map([("host", "mapped.example".into()), ("service", service)]);
            mappings.push(("qmapping0".to_owned(), mapping));
        }
        self.section("domain_mappings", mappings);
    }
}
