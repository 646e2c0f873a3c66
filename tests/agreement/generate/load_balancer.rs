//! Load balancers and backends.

use super::Generator;
use super::pools::{HEADERS, HOSTS, PATH_REGEXES, PATHS, PATTERNS, REWRITES};
use crate::document::{Node, map};

impl Generator {
    pub(super) fn all_load_balancers(&mut self) {
        let mut balancers = Vec::new();
        for at in 0..self.random.between(0, 2) {
            let mut kinds =
                vec!["global-external", "global-external", "classic", "regional-external"];
            if !self.networks.is_empty() {
                kinds.extend(["regional-internal", "cross-region-internal", "regional-internal"]);
            }
            if self.percent(4) {
                kinds = vec!["network"];
            }
            let kind = self.random.word(&kinds);
            let internal = kind.ends_with("internal");
            let mut balancer = map([("kind", kind.as_str().into())]);
            self.project_of(&mut balancer);
            if internal {
                let network = self.random.pick(&self.networks).clone();
                let network = self.maybe(3, network, Vec::new());
                balancer.set("network", network);
            }
            if kind.starts_with("regional") {
                balancer.set("region", self.region());
            }
            if kind == "regional-external" && !self.networks.is_empty() && self.percent(60) {
                let network = self.random.pick(&self.networks).clone();
                balancer.set("network", network);
            }
            let own = match internal {
                true => format!("10.0.0.{}", 10 + at),
                false => format!("203.0.113.{}", 80 + at),
            };
            let address = self.maybe(12, own.as_str(), Vec::new());
            balancer.set("address", address);
            if self.percent(60) {
                balancer.set("certificates", vec!["www.example.com"]);
            }
            if internal && self.percent(40) {
                let access = self.switch(50);
                balancer.set("global_access", access);
            }
            if self.percent(40) {
                let mut fronts = self.front_ends(&own);
                if kind == "cross-region-internal" && self.percent(90) {
                    let region = self.region();
                    fronts.iter_mut().for_each(|front| front.set("region", region));
                }
                balancer.set("front_ends", fronts);
            }
            let url_map = self.url_map();
            balancer.set("url_map", url_map);
            if internal {
                self.internal.push(format!("qbalancer{at}"));
            }
            balancers.push((format!("qbalancer{at}"), balancer));
        }
        self.section("load_balancers", balancers);
    }

    fn front_ends(&mut self, own: &str) -> Vec<Node> {
        let mut fronts = Vec::new();
        let mut https = map([("protocol", "https".into())]);
        if self.percent(30) {
            https.set("ports", Node::List(vec![443u64.into(), 8443u64.into()]));
        }
        if self.percent(25) {
            let url_map = self.url_map();
            https.set("url_map", url_map);
        }
        fronts.push(https);
        if self.percent(70) {
            let mut http = map([("protocol", "http".into())]);
            if self.percent(60) {
                http.set("redirect_to_https", true);
            } else if self.percent(30) {
                let url_map = self.url_map();
                http.set("url_map", url_map);
            }
            if self.percent(20) {
                http.set("address", own.replace("203.0.113.", "203.0.113.1"));
            }
            fronts.push(http);
        }
        fronts
    }

    fn url_map(&mut self) -> Node {
        let mut url_map = Node::new();
        if self.percent(85) {
            let route = self.route();
            url_map.set("default", route);
        }
        let mut hosts = Node::new();
        let named = self.percent(25);
        for host in self.random.some(HOSTS, 0, 4) {
            let rule = match named && self.percent(50) {
                true => "qmatcher0".into(),
                false => self.path_matcher(),
            };
            hosts.set(host, rule);
        }
        if !hosts.entries().is_empty() {
            url_map.set("hosts", hosts);
        }
        if named {
            let matcher = self.path_matcher();
            url_map.set("path_matchers", map([("qmatcher0", matcher)]));
        }
        url_map
    }

    fn path_matcher(&mut self) -> Node {
        let mut matcher = Node::new();
        if self.percent(50) {
            let route = self.route();
            matcher.set("default", route);
        }
        if self.percent(70) {
            let mut paths = Node::new();
            for pattern in self.random.some(PATTERNS, 1, 4) {
                let route = self.route();
                paths.set(pattern, route);
            }
            matcher.set("paths", paths);
        } else {
            let routes: Vec<Node> = (0..self.random.between(1, 3))
                .map(|at| {
                    let mut rule = map([("priority", (10 - at as u64).into())]);
                    let matches: Vec<Node> =
                        (0..self.random.between(0, 2)).map(|_| self.route_match()).collect();
                    rule.set("matches", Node::List(matches));
                    let route = self.route();
                    rule.set("route", route);
                    rule
                })
                .collect();
            matcher.set("routes", Node::List(routes));
        }
        matcher
    }

    fn route_match(&mut self) -> Node {
        let mut each = Node::new();
        match self.random.below(4) {
            0 => each.set("path", self.random.word(PATHS)),
            1 => each.set("prefix", self.random.word(PATHS)),
            2 => each.set("regex", self.random.word(PATH_REGEXES)),
            _ => {}
        }
        if self.percent(20) {
            each.set("ignore_case", true);
        }
        if self.percent(40) {
            let headers: Vec<Node> =
                (0..self.random.between(1, 2)).map(|_| self.header_match()).collect();
            each.set("headers", Node::List(headers));
        }
        if self.percent(25) {
            let mut query = map([("name", self.random.word(&["debug", "id"]).into())]);
            match self.random.below(3) {
                0 => query.set("exact", "1"),
                1 => query.set("regex", "[0-9]+"),
                _ => query.set("present", true),
            }
            each.set("query", Node::List(vec![query]));
        }
        each
    }

    fn header_match(&mut self) -> Node {
        let name = match self.percent(15) {
            true => "Host".to_owned(),
            false => self.random.word(HEADERS),
        };
        let mut header = map([("name", name.as_str().into())]);
        match self.random.below(6) {
            0 => header.set("exact", self.random.word(&["1", "secret", "www.example.com"])),
            1 => header.set("prefix", self.random.word(&["sec", "www", ""])),
            2 => header.set("suffix", self.random.word(&["ret", ".com"])),
            3 => header.set("regex", self.random.word(&["v[0-9]+", "(1|true)", ".*example.*"])),
            4 => header.set("present", true),
            _ => header.set("present", false),
        }
        if self.percent(20) {
            header.set("invert", true);
        }
        header
    }

    fn target(&mut self) -> String {
        if !self.buckets.is_empty() && self.percent(15) {
            return format!("backend_bucket/{}", self.random.pick(&self.buckets));
        }
        self.random.pick(&self.backends).clone()
    }

    fn route(&mut self) -> Node {
        let (one, other) = (self.target(), self.target());
        let mut route = Node::new();
        match self.random.below(10) {
            0..=4 => return self.maybe(6, one, vec![other.into()]),
            5 => {
                let mut redirect = Node::new();
                if self.percent(50) {
                    redirect.set("https", true);
                }
                if self.percent(30) {
                    redirect.set("host", "new.example.com");
                }
                if self.percent(30) {
                    redirect.set("prefix", "/new/");
                }
                redirect.set("status", 302u64);
                return map([("redirect", redirect)]);
            }
            6 => {
                let backends: Vec<Node> = [one, other]
                    .into_iter()
                    .map(|id| {
                        let weight = self.random.below(4) as u64 * 10;
                        map([("backend", id.into()), ("weight", weight.into())])
                    })
                    .collect();
                route.set("weighted_backends", Node::List(backends));
            }
            _ => {
                let backend = self.maybe(4, one, vec![other.into()]);
                route.set("backend", backend);
            }
        }
        if self.percent(70) {
            let mut rewrite = Node::new();
            if self.percent(40) {
                rewrite.set("host", self.random.word(&["web.internal", "www.example.com"]));
            }
            if self.percent(80) {
                rewrite.set("path_prefix", self.random.word(REWRITES));
            }
            route.set("rewrite", rewrite);
        }
        route
    }

    pub(super) fn all_backends(&mut self) {
        let mut backends = Vec::new();
        for id in self.backends.clone() {
            let mut backend = Node::new();
            if self.percent(30) {
                self.project_of(&mut backend);
            }
            let negs: Vec<Node> =
                (0..self.random.between(0, 2).max(1)).map(|_| self.neg()).collect();
            if self.percent(15) {
                let neg = self.psc_neg();
                backend.set("psc_negs", Node::List(vec![neg]));
                if self.percent(30) {
                    backend.set("protocol", "https");
                }
            } else if self.percent(25) {
                let groups = self.random.some(&["qgroup0", "qgroup1", "qgroup2"], 1, 3);
                backend.set("endpoint_groups", groups);
                if self.percent(50) {
                    backend.set("protocol", "https");
                }
                if self.percent(30) {
                    backend.set("host", self.random.word(HOSTS));
                }
            } else if !self.percent(3) {
                backend.set("services", Node::List(negs));
            }
            if self.percent(25) {
                let detection = self.switch(60);
                backend.set("outlier_detection", detection);
            }
            for (key, pool, share) in [
                ("security_policy", self.policies.clone(), 70),
                ("edge_security_policy", self.edge_policies.clone(), 50),
            ] {
                if !pool.is_empty() && self.percent(share) {
                    let policy = self.random.pick(&pool).clone();
                    let mut others: Vec<Node> = pool.iter().map(|id| id.as_str().into()).collect();
                    others.push("".into());
                    let policy = self.maybe(8, policy, others);
                    backend.set(key, policy);
                }
            }
            if let Some(iap) = self.iap(20) {
                backend.set("iap", iap);
            }
            if self.percent(25) {
                let cdn = self.switch(70);
                backend.set("cdn", cdn);
            }
            backends.push((id, backend));
        }
        self.section("backends", backends);
        let (near, far) = (self.region(), self.region());
        let groups = [
            map([("kind", "gke".into()), ("region", near.into())]),
            map([("kind", "instance-group".into()), ("region", far.into())]),
            map([("kind", "internet".into()), ("host", "origin.example.net".into())]),
        ];
        let groups = (0..).zip(groups).map(|(at, group)| (format!("qgroup{at}"), group)).collect();
        self.section("endpoint_groups", groups);
        let mut buckets = Vec::new();
        for id in self.buckets.clone() {
            let mut bucket = Node::new();
            if !self.edge_policies.is_empty() && self.percent(60) {
                bucket.set("edge_security_policy", self.edge_policies[0].as_str());
            }
            buckets.push((id, bucket));
        }
        self.section("backend_buckets", buckets);
    }

    /// A NEG for a published service, which need not exist, or for a Google API.
    fn psc_neg(&mut self) -> Node {
        if self.percent(20) {
            return "us-central1-run.googleapis.com".into();
        }
        let target = self
            .random
            .word(&["service_attachment/qattachment0", "service_attachment/qattachment1"]);
        let mut neg = map([("target", target.into())]);
        if !self.networks.is_empty() && self.percent(40) {
            let network = self.random.pick(&self.networks).clone();
            neg.set("network", network);
        }
        if self.percent(25) {
            let accepted = self.switch(60);
            neg.set("accepted", accepted);
        }
        neg
    }

    fn neg(&mut self) -> Node {
        let service = self.random.pick(&self.services).0.clone();
        if self.percent(80) {
            let others = self.services.iter().map(|(id, _)| id.as_str().into()).collect();
            return self.maybe(8, service, others);
        }
        if self.percent(30) {
            return map([("service", service.into()), ("tag", "blue".into())]);
        }
        let mask = self.random.word(&[
            "<service>.example.com",
            "www.example.com/<service>",
            "/<service>/*",
            "*.example.com/api/<service>",
            "<tag>---<service>.example.com",
            "<tag>.example.com/<service>",
        ]);
        let mut neg = map([("url_mask", mask.into())]);
        if self.percent(60) {
            neg.set("region", self.region());
        }
        if self.percent(30) {
            self.project_of(&mut neg);
        }
        neg
    }
}
