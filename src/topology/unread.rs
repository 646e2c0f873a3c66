//! What a reader of an input skipped, and could matter to traffic.
//!
//! A reader says what it skipped and what such a thing could do; which requests that could touch is
//! decided where behaviour is, in the graph.

use std::sync::Arc;

use crate::source::Span;

/// Something of an input that is not in the topology.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unread {
    /// What.
    pub what: Skipped,
    /// What it is about.
    pub family: Family,
    /// Whether it could open a path.
    pub opens: bool,
    /// Whether it could close one.
    pub closes: bool,
    /// The services that it is about, by their ids or names; empty if it may be about any.
    pub services: Vec<Arc<str>>,
    /// Where it stands.
    pub at: Span,
}

/// What was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Skipped {
    /// A resource as a whole.
    Resource {
        /// Its type, as the input names it.
        kind: Box<str>,
        /// Its address in the input.
        address: Arc<str>,
    },
    /// To which service a resource belongs.
    ServiceOf(Arc<str>),
    /// The host that a mapping is for.
    HostOf(Arc<str>),
    /// Traffic tags of a service.
    TrafficTagsOf(Arc<str>),
    /// Custom audiences of a service.
    AudiencesOf(Arc<str>),
    /// The other regions of a service that runs in several.
    RegionsOf(Arc<str>),
    /// The rest of an input that failed on the way.
    Failed,
    /// What is left for later by an input that says that it is not all.
    LeftForLater,
    /// What an input defers.
    Deferred,
}

/// What something that was skipped is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Who may invoke services and pass IAP.
    Iam,
    /// Who may act as somebody else: federation, and roles on service accounts.
    Impersonation,
    /// The names, tags and settings of services.
    Services,
    /// Load balancers with their backends.
    LoadBalancing,
    /// Policies of Cloud Armor.
    SecurityPolicies,
    /// Networks, subnets and connectors.
    Networks,
    /// Firewall rules and policies.
    Firewall,
    /// Routes, peerings, lines to sites.
    Routing,
    /// Cloud NAT.
    Nat,
    /// Cloud DNS.
    Dns,
    /// Private Service Connect, and managed services inside networks.
    PrivateAccess,
    /// Perimeters of VPC Service Controls.
    Perimeters,
    /// Organization policies.
    OrganizationPolicies,
    /// Google products that call services.
    Products,
    /// Jobs and worker pools.
    Workloads,
    /// Machines, and what runs on them.
    Machines,
    /// It is not known what.
    Anything,
}

impl Family {
    /// Whether something of this family could be of one of these.
    pub fn is_one_of(self, families: &[Family]) -> bool {
        self == Family::Anything || families.contains(&self)
    }
}
