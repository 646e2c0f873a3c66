//! Entries: by which path something is entered.

use super::Words;
use crate::graph::{Entry, EntryId};

impl Words<'_> {
    /// An entry.
    pub fn entry(self, id: EntryId) -> String {
        entry(self.graph().entry(id))
    }

    /// Entries.
    pub fn entries(self, ids: &[EntryId]) -> Vec<String> {
        ids.iter().map(|id| self.entry(*id)).collect()
    }
}

fn entry(entry: &Entry) -> String {
    match entry {
        Entry::RunApp => "run.app".into(),
        Entry::RunAppTag(tag) => format!("run.app-tag {tag}"),
        Entry::DomainMapping(host) => format!("domain-mapping {host}"),
        Entry::LoadBalancer { id, host, path } => format!("load_balancer/{id} {host} {path}"),
        Entry::External(host) => host.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_by_which_name_something_is_entered() {
        let route =
            Entry::LoadBalancer { id: "edge".into(), host: "*".into(), path: "/api/*".into() };
        assert_eq!(entry(&Entry::RunApp), "run.app");
        assert_eq!(entry(&Entry::RunAppTag("next".into())), "run.app-tag next");
        assert_eq!(entry(&Entry::DomainMapping("a.example".into())), "domain-mapping a.example");
        assert_eq!(entry(&route), "load_balancer/edge * /api/*");
        assert_eq!(entry(&Entry::External("api.example".into())), "api.example");
    }
}
