//! Projects and what is above them.

use super::Generator;
use crate::document::Node;

impl Generator {
    pub(super) fn organization(&mut self) {
        let mut organization = Node::new();
        if self.percent(30) {
            let iam = self.bindings(2, true, false);
            organization.set("iam", iam);
        }
        self.attach_hierarchical(&mut organization);
        if !organization.entries().is_empty() {
            self.document.set("organization", organization);
        }
        let ids = self.folders.clone();
        let mut folders = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let mut folder = Node::new();
            if at > 0 && self.percent(60) {
                folder.set("parent", ids[0].as_str());
            }
            if self.percent(30) {
                let iam = self.bindings(1, true, false);
                folder.set("iam", iam);
            }
            self.attach_hierarchical(&mut folder);
            folders.push((id.clone(), folder));
        }
        self.section("folders", folders);
    }

    pub(super) fn all_projects(&mut self) {
        let mut projects = Vec::new();
        for (at, id) in self.projects.clone().into_iter().enumerate() {
            let mut project = Node::new();
            if let Some(number) = self.numbers[at] {
                project.set("number", number);
            }
            if !self.folders.is_empty() && self.percent(70) {
                let folder = self.random.pick(&self.folders).clone();
                project.set("folder", folder);
            }
            if self.percent(30) {
                project.set("hash", format!("abcdefghi{at}"));
            }
            if self.percent(25) {
                let iam = self.bindings(2, true, false);
                project.set("iam", iam);
            }
            self.attach_hierarchical(&mut project);
            projects.push((id, project));
        }
        self.section("projects", projects);
    }

    fn attach_hierarchical(&mut self, node: &mut Node) {
        if !self.hierarchical.is_empty() && self.percent(50) {
            let policies = self.random.some(&self.hierarchical, 1, 2);
            node.set("security_policies", policies);
        }
    }
}
