//! Guards: whether one is on a path, why only in name, and what would close the path.

use super::Words;
use crate::question::answer::{Guard, GuardHop, GuardState, NameOnly, Remedy, RemedyChange};

impl Words<'_> {
    /// A guard that a path passes.
    pub fn guard_hop(self, guard: GuardHop) -> String {
        match guard {
            GuardHop::Resource(id) | GuardHop::InvokerIam(id) => self.resource(id),
        }
    }

    /// Guards that a path passes.
    pub fn guard_hops(self, guards: &[GuardHop]) -> Vec<String> {
        guards.iter().map(|guard| self.guard_hop(*guard)).collect()
    }

    /// A change of the topology, as what to do.
    pub fn remedy(self, change: &RemedyChange) -> String {
        match change {
            RemedyChange::NarrowIngress(service) => format!(
                "set the ingress setting of {} to internal-and-cloud-load-balancing",
                self.resource(*service)
            ),
            RemedyChange::DisableDefaultUrl(service) => {
                format!("disable the default URL of {}", self.resource(*service))
            }
            RemedyChange::RemoveMapping(host) => format!("remove the domain mapping of {host}"),
            RemedyChange::Attach { guard, backend } => {
                let backend = backend.map(|id| self.resource(id));
                let backend = backend.as_deref().unwrap_or("the backend service of that path");
                format!("attach {guard} to {backend}")
            }
            RemedyChange::Enforce { guard } => {
                format!("let {guard} refuse requests: enforce its rules, before those that allow")
            }
        }
    }

    /// What a change breaks, one entry each: `vm/batch by run.app`.
    pub fn breaks(self, remedy: &Remedy) -> Vec<String> {
        let one = |(who, entry): &(_, Option<_>)| match entry {
            Some(entry) => format!("{} by {}", self.resource(*who), self.entry(*entry)),
            None => self.resource(*who),
        };
        remedy.breaks.iter().map(one).collect()
    }
}

/// Why a guard is on a path in name only, or how it guards.
pub fn why(guard: &Guard) -> &'static str {
    match (guard.state, guard.why) {
        (GuardState::Unguarded, _) => "the path does not pass it",
        (_, NameOnly::No) => "it can refuse requests on this path",
        (_, NameOnly::RateLimit) => "rate limit only: it refuses above a rate",
        (_, NameOnly::Preview) => "every rule that could refuse is in preview",
        (_, NameOnly::Shadowed) => "an earlier rule allows what a later one would refuse",
        (_, NameOnly::NoRefusal) => "none of its rules refuses anything",
    }
}
