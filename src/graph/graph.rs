//! The graph of hops, and the tables that its hops refer to.

use super::kind::ResourceKind;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;
use ipnet::IpNet;
use petgraph::graph::DiGraph;
use rustc_hash::FxBuildHasher;

use super::expression::{AssumptionId, ConditionId, ExpressionId, Expressions, Origin};
use super::hop::{
    Assumption, Body, Choice, ChoiceId, Entry, EntryId, Hop, HopId, List, ListId, Outcome,
    OutcomeId, ResourceId, Switch,
};
use super::identity::Identities;
use super::names::Names;
use super::resolver::Resolver;
use crate::source::Span;

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
    /// Where the topology declares it.
    pub at: Span,
}

/// A free property of requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// A stable name (`waf/sqli-v33-stable`).
    pub name: String,
    /// It in words.
    pub text: String,
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
    /// Entry paths.
    pub entries: Vec<Entry>,
    /// Choices of the platform.
    pub choices: Vec<Choice>,
    /// Assumptions about the world.
    pub assumptions: Vec<Assumption>,
    /// Free properties of requests.
    pub conditions: Vec<Condition>,
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
    /// What the topology holds and Portolan does not model, and which could add a path.
    pub unmodelled: Vec<(String, Span)>,
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
    pub fn condition(&self, id: ConditionId) -> &Condition {
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

/// Addresses that stand for something whose address is not known.
///
/// They are taken from 0.0.0.0/8, which no packet on any network carries, so that only a rule
/// for every address (`*`, `0.0.0.0/0`) matches them by accident. Those of what has addresses of
/// both versions of IP have one in 0:1::/32 beside it, for senders that have IPv6.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    by_label: HashMap<String, Ipv4Addr, FxBuildHasher>,
    labels: HashMap<Ipv4Addr, String, FxBuildHasher>,
}

impl Placeholders {
    /// Google's front end for run.app names and mapped domains.
    pub const GOOGLE_FRONT_END: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 1);
    /// The addresses that Google shares between customers (EGR-004, EGR-077).
    pub const SHARED_POOL: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 2);
    /// Some address on the internet that the topology does not name.
    pub const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 3);
    /// Google's front end, to senders that reach it over IPv6.
    pub const GOOGLE_FRONT_END_IPV6: Ipv6Addr = Ipv6Addr::new(0, 1, 0, 0, 0, 0, 0, 1);
    /// Some address of IPv6 on the internet that the topology does not name.
    pub const ELSEWHERE_IPV6: Ipv6Addr = Ipv6Addr::new(0, 1, 0, 0, 0, 0, 0, 3);
    /// Where addresses of this kind begin that lie inside a VPC network.
    const INTERNAL: u32 = u32::from_be_bytes([0, 32, 0, 0]);
    /// Where all others begin.
    const EXTERNAL: u32 = u32::from_be_bytes([0, 16, 0, 0]);

    /// The address that stands for `label`; `internal` if it is a private address.
    pub fn allocate(&mut self, label: &str, internal: bool) -> IpAddr {
        if let Some(address) = self.by_label.get(label) {
            return IpAddr::V4(*address);
        }
        let base = if internal { Self::INTERNAL } else { Self::EXTERNAL };
        let address = Ipv4Addr::from(base + self.by_label.len() as u32);
        self.by_label.insert(label.to_string(), address);
        self.labels.insert(address, label.to_string());
        IpAddr::V4(address)
    }

    /// Whether `address` stands for something, and for what.
    pub fn label(&self, address: IpAddr) -> Option<&str> {
        let address = match address {
            IpAddr::V4(address) => address,
            IpAddr::V6(Self::GOOGLE_FRONT_END_IPV6) => return Some("Google's front end over IPv6"),
            IpAddr::V6(Self::ELSEWHERE_IPV6) => {
                return Some("an address of IPv6 on the internet");
            }
            // What NAT64 leads to.
            IpAddr::V6(address) => match address.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
                }
                _ => return None,
            },
        };
        match address {
            Self::GOOGLE_FRONT_END => Some("Google's front end"),
            Self::SHARED_POOL => Some("Google's shared address pool"),
            Self::ELSEWHERE => Some("an address on the internet"),
            other => self.labels.get(&other).map(String::as_str),
        }
    }

    /// Whether all addresses of a range are of those from which placeholders are taken, so that
    /// nobody can ask about them.
    pub fn reserves(range: ipnet::IpNet) -> bool {
        match range {
            ipnet::IpNet::V4(range) => range.prefix_len() >= 8 && range.addr().octets()[0] == 0,
            ipnet::IpNet::V6(range) => {
                let mapped = range.addr().to_ipv4_mapped();
                let own = range.prefix_len() >= 32 && range.addr().segments()[..2] == [0, 1];
                own || range.prefix_len() >= 104 && mapped.is_some_and(|own| own.octets()[0] == 0)
            }
        }
    }

    /// The range that holds every placeholder of a private address.
    pub fn internal_range() -> ipnet::IpNet {
        ipnet::IpNet::V4(ipnet::Ipv4Net::new_assert(Ipv4Addr::new(0, 32, 0, 0), 11))
    }
}
