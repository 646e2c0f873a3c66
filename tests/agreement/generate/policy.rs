//! Security policies.

use super::Generator;
use super::pools::{PATHS, RANGES, TESTS, USER_HEADER_TESTS, USER_HEADERS};
use crate::document::{Node, map};

/// What kind of policy is made.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Backend,
    Edge,
    Hierarchical,
}

impl Generator {
    pub(super) fn all_policies(&mut self) {
        let mut policies = Vec::new();
        for (sort, ids) in [
            (Sort::Backend, self.policies.clone()),
            (Sort::Edge, self.edge_policies.clone()),
            (Sort::Hierarchical, self.hierarchical.clone()),
        ] {
            for id in ids {
                let policy = self.policy(sort);
                policies.push((id, policy));
            }
        }
        self.section("security_policies", policies);
        if self.percent(70) {
            let ranges = self.random.some(RANGES, 0, 3);
            let group = map([("ranges", ranges.into())]);
            self.section("address_groups", vec![("qgroup0".into(), group)]);
        }
    }

    fn policy(&mut self, sort: Sort) -> Node {
        let mut policy = Node::new();
        match sort {
            Sort::Edge => policy.set("type", "edge"),
            _ if self.percent(3) => policy.set("type", "network"),
            _ => {}
        }
        let user = self.percent(35);
        if user {
            let headers = self.random.some(USER_HEADERS, 1, 2);
            policy.set("user_ip_request_headers", headers);
        }
        let mut rules: Vec<Node> = (0..self.random.between(0, 8))
            .map(|at| {
                let mut rule = map([("priority", (1000 - 10 * at as u64).into())]);
                rule.set("action", self.action(sort));
                if self.percent(35) {
                    let ranges = self.random.some(RANGES, 1, 3);
                    rule.set("source_ranges", ranges);
                } else {
                    let (one, other) = (self.expression(user), self.expression(user));
                    let expression = self.maybe(4, one, vec![other.into()]);
                    rule.set("match", expression);
                }
                if self.percent(12) {
                    let preview = self.switch(70);
                    rule.set("preview", preview);
                }
                rule
            })
            .collect();
        if self.percent(85) {
            let action = match sort {
                Sort::Hierarchical if self.percent(75) => "goto_next",
                _ if self.percent(80) => "allow",
                _ => "deny(404)",
            };
            rules.push(map([
                ("priority", 2_147_483_647u64.into()),
                ("action", action.into()),
                ("source_ranges", vec!["*"].into()),
            ]));
        }
        policy.set("rules", Node::List(rules));
        policy
    }

    fn action(&mut self, sort: Sort) -> String {
        let hierarchical: &[&str] = &["allow", "deny(403)", "goto_next", "goto_next", "throttle"];
        let all: &[&str] = &[
            "allow",
            "allow",
            "deny(403)",
            "deny(404)",
            "deny(502)",
            "throttle",
            "rate_based_ban",
            "redirect",
        ];
        self.random.word(if sort == Sort::Hierarchical { hierarchical } else { all })
    }

    fn expression(&mut self, user: bool) -> String {
        let mut text = self.test(user);
        for _ in 0..self.random.below(3) {
            let sign = self.random.word(&["&&", "||"]);
            let not = if self.percent(20) { "!" } else { "" };
            let test = self.test(user);
            text = format!("({text}) {sign} {not}({test})");
        }
        text
    }

    fn test(&mut self, user: bool) -> String {
        if user && self.percent(15) {
            return self.random.word(USER_HEADER_TESTS);
        }
        let (path, range) = (self.random.word(PATHS), self.random.word(RANGES));
        self.random.word(TESTS).replace("{path}", &path).replace("{range}", &range)
    }
}
