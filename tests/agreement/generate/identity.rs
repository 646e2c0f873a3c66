//! Who may do what.

use super::Generator;
use super::pools::{CONDITIONS, PATHS};
use crate::document::{Node, map};

const MEMBERS: &[&str] = &[
    "allUsers",
    "allUsers",
    "allAuthenticatedUsers",
    "user:alice@example.com",
    "user:Bob@other.example",
    "serviceAccount:app@shop.iam.gserviceaccount.com",
    "serviceAccount:pusher@shop.iam.gserviceaccount.com",
    "group:staff@example.com",
    "group:open@example.com",
    "domain:example.com",
    "principalSet://iam.googleapis.com/projects/1/x",
    "deleted:user:eve@example.com?uid=1",
];

pub const ACCOUNTS: &[&str] = &[
    "app@shop.iam.gserviceaccount.com",
    "pusher@shop.iam.gserviceaccount.com",
    "lonely@shop.iam.gserviceaccount.com",
];

const ROLES: &[&str] = &[
    "roles/run.invoker",
    "roles/run.admin",
    "roles/owner",
    "roles/run.viewer",
    "roles/iap.httpsResourceAccessor",
];

impl Generator {
    fn member(&mut self) -> String {
        if self.percent(15) {
            return self.agent();
        }
        self.random.word(MEMBERS)
    }

    /// IAP's agent of some project.
    pub(super) fn agent(&mut self) -> String {
        let number = match self.projects.len() {
            0 => "number-of-project".to_owned(),
            several => {
                let at = self.random.below(several);
                match self.numbers[at] {
                    Some(number) => number.to_string(),
                    None => format!("number-of-{}", self.projects[at]),
                }
            }
        };
        format!("serviceAccount:service-{number}@gcp-sa-iap.iam.gserviceaccount.com")
    }

    fn member_node(&mut self) -> Node {
        let (member, other) = (self.member(), self.member());
        self.maybe(5, member, vec![other.into()])
    }

    pub(super) fn condition(&mut self) -> String {
        let path = self.random.word(PATHS);
        self.random.word(CONDITIONS).replace("{path}", &path)
    }

    /// Bindings; `role` says whether they must name one.
    pub(super) fn bindings(&mut self, most: usize, role: bool, levels: bool) -> Vec<Node> {
        (0..self.random.between(0, most))
            .map(|_| {
                if !role && self.percent(55) {
                    return self.member_node();
                }
                let mut binding = Node::new();
                if role || self.percent(30) {
                    let (one, other) = (self.random.word(ROLES), self.random.word(ROLES));
                    let role = self.maybe(6, one, vec![other.into()]);
                    binding.set("role", role);
                }
                let members: Vec<Node> =
                    (0..self.random.between(1, 2)).map(|_| self.member_node()).collect();
                binding.set("members", members);
                if self.percent(60) {
                    binding.set("condition", self.condition());
                }
                if levels && !self.levels.is_empty() && self.percent(40) {
                    let mut names = self.random.some(&self.levels, 1, 2);
                    if self.percent(10) {
                        names.push("qlevel7".into());
                    }
                    binding.set("access_levels", names);
                }
                binding
            })
            .collect()
    }

    /// IAP, if there is any.
    pub(super) fn iap(&mut self, share: usize) -> Option<Node> {
        if !self.percent(share) {
            return None;
        }
        if self.percent(10) {
            return Some(self.switch(50));
        }
        let mut iap = Node::new();
        if self.percent(15) {
            let enabled = self.switch(70);
            iap.set("enabled", enabled);
        }
        let accessors = self.bindings(3, false, true);
        iap.set("accessors", accessors);
        if self.percent(40) {
            let options = self.switch(80);
            iap.set("allow_http_options", options);
        }
        if self.percent(20) {
            let client = self.switch(50);
            iap.set("oauth_client", client);
        }
        Some(iap)
    }

    /// Groups, access levels, deny policies, boundaries, perimeters.
    pub(super) fn all_access(&mut self) {
        if self.percent(60) {
            let mut members = vec!["user:alice@example.com"];
            if self.percent(50) {
                members.push("serviceAccount:app@shop.iam.gserviceaccount.com");
            }
            if self.percent(20) {
                members.push("group:open@example.com");
            }
            let group = map([("members", members.into())]);
            self.section("groups", vec![("staff@example.com".into(), group)]);
        }
        self.access_levels();
        self.deny_policies();
        if self.percent(15) {
            let resources = self.places(2);
            let members: Vec<Node> =
                (0..self.random.between(1, 2)).map(|_| self.member().into()).collect();
            let boundary =
                map([("principals", Node::List(members)), ("resources", resources.into())]);
            self.section("access_boundaries", vec![("qboundary0".into(), boundary)]);
        }
        if self.percent(30) && !self.projects.is_empty() {
            let inside = self.random.some(&self.projects, 1, 3);
            let mut perimeter = map([("projects", inside.into())]);
            if self.percent(60) {
                perimeter.set("restricted_services", vec!["run.googleapis.com"]);
            }
            self.section("perimeters", vec![("qperimeter0".into(), perimeter)]);
        }
    }

    fn access_levels(&mut self) {
        let ids = self.levels.clone();
        let mut levels = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let mut level = Node::new();
            if self.percent(50) {
                level.set("addresses", vec![self.random.word(super::pools::RANGES)]);
            }
            if self.percent(30) {
                level.set("regions", vec![self.random.word(&["JP", "de"])]);
            }
            if self.percent(40) {
                level.set("requires", vec!["a trusted device"]);
            }
            if at > 0 && self.percent(50) {
                level.set("levels", vec![ids[0].as_str()]);
            }
            if self.percent(40) {
                level.set("combine", self.random.word(&["any", "all"]));
            }
            levels.push((id.clone(), level));
        }
        self.section("access_levels", levels);
    }

    /// Places in the hierarchy.
    fn places(&mut self, most: usize) -> Vec<String> {
        let mut all = vec!["organization".to_owned()];
        all.extend(self.folders.iter().map(|id| format!("folder/{id}")));
        all.extend(self.projects.iter().map(|id| format!("project/{id}")));
        self.random.some(&all, 1, most)
    }

    fn deny_policies(&mut self) {
        let mut policies = Vec::new();
        for at in 0..if self.percent(20) { self.random.between(1, 2) } else { 0 } {
            let place = self.places(1).remove(0);
            let permission = self.random.word(&[
                "run.googleapis.com/routes.invoke",
                "run.googleapis.com/routes.*",
                "run.googleapis.com/services.get",
            ]);
            let principals: Vec<Node> = (0..self.random.between(1, 2))
                .map(|_| match self.percent(40) {
                    true => "principalSet://goog/public:all".into(),
                    false => self.member_node(),
                })
                .collect();
            let mut policy = map([
                ("at", place.into()),
                ("permissions", vec![permission].into()),
                ("principals", Node::List(principals)),
            ]);
            if self.percent(50) {
                let spared = self.member();
                policy.set("exception_principals", vec![spared]);
            }
            if self.percent(10) {
                policy.set("exception_permissions", vec!["run.googleapis.com/routes.invoke"]);
            }
            policies.push((format!("qdeny{at}"), policy));
        }
        self.section("deny_policies", policies);
    }
}
