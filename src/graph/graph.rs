//! The graph of hops, and the tables that its hops refer to.

use super::kind::{ResourceKind, named};
use crate::inventory::Identity;
use std::collections::BTreeSet;
use std::net::IpAddr;

use hashbrown::HashMap;
use ipnet::IpNet;
use petgraph::graph::DiGraph;
use rustc_hash::FxBuildHasher;

use super::expression::{AssumptionId, ConditionId, ExpressionId, Expressions, Origin};
use super::gap::Gap;
use super::hop::{
    Assumption, Body, Choice, ChoiceId, Entry, EntryId, Hop, HopId, List, ListId, Outcome,
    OutcomeId, ResourceId, Switch,
};
use super::identity::Identities;
use super::names::Names;
use super::placeholder::Placeholders;
use super::resolver::Resolver;
use crate::source::Span;
use crate::topology::network::Network;
use crate::topology::record::ById;

/// A resource of the topology, as answers name it: `kind/id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// The kind (`service`, `load_balancer`, `internet`).
    pub kind: ResourceKind,
    /// The id, empty where there is only one of its kind.
    pub id: Box<str>,
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.id.is_empty() {
            f.write_str(self.kind.name())
        } else {
            write!(f, "{}/{}", self.kind.name(), self.id)
        }
    }
}

/// A class of places that requests come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name (`internet`, `user/staff`, `service/web`).
    pub resource: ResourceId,
    /// Where its requests start.
    pub start: HopId,
    /// What its requests count as coming from at first.
    pub origin: Origin,
    /// Which requests it can send: addresses, regions, identities, and what a product's target
    /// URL fixes. Fields that it does not restrict are free.
    pub requests: ExpressionId,
    /// The part of `requests` that says as whom it sends.
    pub callers: ExpressionId,
    /// The rest of `requests`.
    pub others: ExpressionId,
    /// Whose answers it gets to names; the first resolver is the internet's.
    pub resolver: u32,
    /// Whose answers it gets instead in some worlds, where documents disagree.
    pub other_resolver: Option<(ExpressionId, u32)>,
    /// Where the topology declares it.
    pub at: Span,
}

/// A free property of requests. It is written `KIND/NAME` (`waf/sqli-v33-stable`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedCondition {
    /// What kind of property it is.
    pub kind: ConditionKind,
    /// Its name.
    pub name: Box<str>,
}

impl std::fmt::Display for NamedCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

named! {
    /// What kind of free property requests have.
    pub enum ConditionKind {
        /// A WAF signature matches.
        Waf = "waf",
        /// The address is on a list of threat intelligence.
        ThreatIntelligence = "threat-intelligence",
        /// Adaptive Protection flags it.
        AdaptiveProtection = "adaptive-protection",
        /// It has a reCAPTCHA token.
        Recaptcha = "recaptcha",
        /// It has a TLS fingerprint.
        TlsFingerprint = "tls-fingerprint",
        /// It meets a part of an access level: `LEVEL/PART`.
        AccessLevel = "access-level",
        /// A firewall rule matches by what is not said of the sender.
        Firewall = "firewall",
    }
}

/// Topology, compiled.
#[derive(Debug)]
pub struct Graph {
    /// The hops; an edge wherever a hop's body leads.
    pub hops: DiGraph<Hop, (), u32>,
    /// Guard expressions.
    pub expressions: Expressions,
    /// Rule lists of gates.
    pub lists: Vec<List>,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Resources that hops belong to.
    pub resources: Vec<Resource>,
    /// What each of them is in the cloud: answers show keys, a comparison of graphs goes by these.
    pub resource_identities: Vec<Identity>,
    /// Entry paths.
    pub entries: Vec<Entry>,
    /// Choices of the platform.
    pub choices: Vec<Choice>,
    /// Assumptions about the world.
    pub assumptions: Vec<Assumption>,
    /// Free properties of requests.
    pub conditions: Vec<NamedCondition>,
    /// Principals and credentials.
    pub identities: Identities,
    /// Where requests come from.
    pub sources: Vec<Source>,
    /// The rules of each security policy that was compiled.
    pub policies: Vec<(ResourceId, ListId)>,
    /// Of each service whose ingress setting may be `all`: what it would admit with
    /// `internal-and-cloud-load-balancing`.
    pub narrowed: HashMap<ResourceId, ExpressionId, FxBuildHasher>,
    /// Headers that some rule asks for, in lower case.
    pub asked_headers: BTreeSet<Box<str>>,
    /// What stands for addresses that are not known.
    pub placeholders: Placeholders,
    /// Which host leads where.
    pub names: Names,
    /// What names resolve to for each group of sources.
    pub resolvers: Vec<Resolver>,
    /// How a request ends that goes in a circle.
    pub looped: OutcomeId,
    /// What the input holds and the graph does not follow.
    pub gaps: Vec<Gap>,
    /// The hops by which each network is entered or passed; nothing where no gap asks for them.
    pub doors: ById<Network, Vec<HopId>>,
}

impl Graph {
    /// The hop behind an id.
    pub fn hop(&self, id: HopId) -> &Hop {
        &self.hops[id]
    }

    /// The rule list behind an id.
    pub fn list(&self, id: ListId) -> &List {
        &self.lists[id.0 as usize]
    }

    /// The outcome behind an id.
    pub fn outcome(&self, id: OutcomeId) -> &Outcome {
        &self.outcomes[id.0 as usize]
    }

    /// The resource behind an id.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// What a resource is in the cloud.
    pub fn identity(&self, id: ResourceId) -> &Identity {
        &self.resource_identities[id.0 as usize]
    }

    /// The entry behind an id.
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// The choice behind an id.
    pub fn choice(&self, id: ChoiceId) -> &Choice {
        &self.choices[id.0 as usize]
    }

    /// The assumption behind an id.
    pub fn assumption(&self, id: AssumptionId) -> &Assumption {
        &self.assumptions[id.0 as usize]
    }

    /// The condition behind an id.
    pub fn condition(&self, id: ConditionId) -> &NamedCondition {
        &self.conditions[id.0 as usize]
    }

    /// The resource of that kind and id, if a hop or a source names it.
    pub fn find_resource(&self, kind: ResourceKind, id: &str) -> Option<ResourceId> {
        self.resources
            .iter()
            .position(|resource| resource.kind == kind && &*resource.id == id)
            .map(|index| ResourceId(index as u32))
    }

    /// The addresses that the internet's name servers answer for a host that no resolver speaks
    /// of, one of IPv4 in front; something elsewhere if the topology does not say.
    pub fn public_addresses(&self, host: &str) -> Vec<IpNet> {
        let known = self.names.addresses(host);
        if known.is_empty() {
            let (v4, v6) = (Placeholders::ELSEWHERE, Placeholders::ELSEWHERE_IPV6);
            return vec![IpAddr::V4(v4).into(), IpAddr::V6(v6).into()];
        }
        known.into_iter().map(IpNet::from).collect()
    }

    /// The source with that resource.
    pub fn source(&self, resource: ResourceId) -> Option<&Source> {
        self.sources.iter().find(|source| source.resource == resource)
    }
}

impl Body {
    /// The hops that this one may lead to, in order.
    pub fn successors(&self) -> Vec<HopId> {
        match self {
            Body::Gate { next, .. } | Body::Rewrite { next, .. } => vec![*next],
            Body::Choice { branches, .. } => branches.to_vec(),
            Body::Terminal(_) => Vec::new(),
            Body::Switch(switch) => (0..switch.len()).map(|at| switch.branch(at)).collect(),
        }
    }
}

impl Switch {
    /// How many branches there are, the last of which takes the rest.
    #[allow(clippy::len_without_is_empty, reason = "there is always the branch for the rest")]
    pub fn len(&self) -> usize {
        1 + match self {
            Switch::Host { exact, suffixes, .. } => exact.len() + suffixes.len(),
            Switch::Path { exact, prefixes, .. } => exact.len() + prefixes.len(),
            Switch::Destination { ranges, .. } => ranges.len(),
            Switch::FirstMatch { branches, .. } => branches.len(),
        }
    }

    /// Where a branch leads: exact ones first, then suffixes or prefixes, then the rest.
    pub fn branch(&self, at: usize) -> HopId {
        let (found, otherwise) = match self {
            Switch::Host { exact, suffixes: open, otherwise }
            | Switch::Path { exact, prefixes: open, otherwise } => {
                (exact.iter().chain(open.iter()).nth(at).map(|(_, hop)| hop), otherwise)
            }
            Switch::Destination { ranges, otherwise } => {
                (ranges.get(at).map(|(_, hop)| hop), otherwise)
            }
            Switch::FirstMatch { branches, otherwise } => {
                (branches.get(at).map(|(_, hop)| hop), otherwise)
            }
        };
        *found.unwrap_or(otherwise)
    }
}
