//! What the graph does not follow, and which requests that could touch.

use super::graph::Resource;
use super::hop::HopId;
use super::kind::{HopKind, ResourceKind};
use crate::source::Span;
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::unread::{Family, Skipped};

/// Something that the input holds and the graph does not follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Gap {
    /// What.
    pub what: GapKind,
    /// Where the input says it.
    pub at: Span,
    /// Whether it could open a path that the graph does not have.
    pub opens: bool,
    /// Whether it could be a gate on a path that the graph has.
    pub closes: bool,
    /// Which requests it could matter to.
    pub touches: Touches,
}

/// What the graph does not follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GapKind {
    /// What a field holds is not known, nor what it could hold.
    Unsaid {
        /// Which field.
        what: Unsaid,
        /// Of what: `service/web`.
        of: Box<str>,
        /// Why it is not known, as the input has it.
        why: Box<str>,
    },
    /// The network that a workload sends into.
    SenderNetwork(Box<str>),
    /// Which ranges a gateway serves.
    NatRanges(Box<str>),
    /// What alternative name servers answer.
    NameServers(Box<str>),
    /// What the name servers of a forwarding zone answer.
    ZoneServers(Box<str>),
    /// The ranges of a subnet: what is in it is not followed as far as they are not known.
    SubnetRanges {
        /// The network.
        network: Box<str>,
        /// The subnet.
        subnet: Box<str>,
        /// Whether it has IPv6.
        ipv6: bool,
    },
    /// Whether a network has a default route.
    DefaultRoute(Box<str>),
    /// A range that a firewall rule speaks of.
    FirewallRange(Box<str>),
    /// The source tags of a firewall rule are those of some revisions of a subnet.
    FirewallSourceTags(Box<str>),
    /// An identity that no class stands for.
    Identity {
        /// What names it.
        of: Box<str>,
        /// As it is written.
        member: Box<str>,
    },
    /// A perimeter, which is not asked where its edge is crossed.
    PerimeterEdge(Box<str>),
    /// VPC Service Controls on private services access.
    ManagedPerimeter(Box<str>),
    /// What the reader skipped.
    NotRead(Skipped, Family),
}

/// A field whose value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unsaid {
    /// The service account.
    Account,
    /// The address.
    Address,
    /// Which addresses a gateway has.
    Addresses,
    /// The addresses that are drained.
    DrainAddresses,
    /// The backend of a route.
    Backend,
    /// A backend among several.
    WeightedBackend,
    /// The destination of a route.
    Destination,
    /// The edge security policy.
    EdgePolicy,
    /// A principal that is spared.
    Exception,
    /// A member of a binding.
    Member,
    /// The network.
    Network,
    /// The security policy.
    Policy,
    /// A principal that is denied or bound.
    Principal,
    /// The project.
    Project,
    /// The range.
    Range,
    /// The region.
    Region,
    /// The role of a binding.
    Role,
    /// The service.
    Service,
    /// Something else, which `of` names.
    Other,
}

/// Which requests a gap could matter to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Touches {
    /// Any.
    Everything,
    /// Those that these send.
    Senders(Box<[Resource]>),
    /// Those of senders of these kinds that the graph does not have.
    UnknownSenders(&'static [ResourceKind]),
    /// Those that are sent to the address of a name.
    Names,
    /// Those that are sent to the address of a name for which this resolver is asked.
    Resolver(u32),
    /// Those that come by these networks.
    Networks(Box<[Id<Network>]>),
    /// Those that come by any network.
    AnyNetwork,
    /// Those that pass a hop of one of these, on the way where the hop leads.
    Passing(Box<[Resource]>),
    /// Those that pass a gate before one of these services, or IAP: what they send is not meant.
    Entering(Box<[Resource]>),
    /// Those that pass a hop of one of these, wherever they are bound for: it may lead elsewhere.
    LeadingOn(Box<[Resource]>),
    /// Those that pass a hop of one of these kinds, on the way where the hop leads.
    PassingAny(&'static [HopKind]),
    /// Those that come by a network to what is behind this hop.
    Entry(HopId),
    /// Those to one of these.
    To(Box<[Resource]>),
    /// Those to anything of these kinds.
    ToAny(&'static [ResourceKind]),
    /// Those that cross the edge of a perimeter.
    Edge(Box<PerimeterEdge>),
}

/// The edge of a perimeter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PerimeterEdge {
    /// Who sends from where.
    pub senders: PerimeterSides,
    /// Which service is where.
    pub services: PerimeterSides,
    /// Whether invocations of services are restricted.
    pub invocations: bool,
    /// The restricted APIs, as hosts.
    pub apis: Box<[Box<str>]>,
}

/// What is on which side of a perimeter; what is named nowhere is outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PerimeterSides {
    /// Inside, sorted.
    pub inside: Box<[Resource]>,
    /// On one side or the other, sorted: its project is not known, or documents do not settle it.
    pub either: Box<[Resource]>,
}

impl PerimeterSides {
    /// Whether something may be inside, and whether it may be outside.
    pub fn of(&self, resource: &Resource) -> (bool, bool) {
        if self.either.binary_search(resource).is_ok() {
            return (true, true);
        }
        let inside = self.inside.binary_search(resource).is_ok();
        (inside, !inside)
    }
}

impl PerimeterEdge {
    /// Whether what a sender sends to an end may cross the edge where it is restricted; `host` is
    /// the name that it asks for, if only one is meant.
    pub fn is_crossed(&self, sender: &Resource, end: &Resource, host: Option<&str>) -> bool {
        match end.kind {
            ResourceKind::Service => {
                let (inside, outside) = self.senders.of(sender);
                let (own_inside, own_outside) = self.services.of(end);
                self.invocations && (inside && own_outside || outside && own_inside)
            }
            // Whose data is asked for is not part of a topology, so it may be on the other side.
            ResourceKind::Api => host.is_none_or(|host| self.restricts(host)),
            _ => false,
        }
    }

    /// Whether calls of an API by this host may be restricted.
    fn restricts(&self, host: &str) -> bool {
        // Names that lead to every API do not say which one is called.
        const ANY: &[&str] =
            &["www.googleapis.com", "private.googleapis.com", "restricted.googleapis.com"];
        // `bucket.storage.googleapis.com`, `asia-northeast1-run.googleapis.com`.
        ANY.contains(&host) || self.apis.iter().any(|api| host.ends_with(&**api))
    }
}

impl GapKind {
    /// What it is about.
    pub fn family(&self) -> Family {
        match self {
            GapKind::Unsaid { what, .. } => what.family(),
            GapKind::SenderNetwork(_) | GapKind::SubnetRanges { .. } => Family::Networks,
            GapKind::NatRanges(_) => Family::Nat,
            GapKind::NameServers(_) | GapKind::ZoneServers(_) => Family::Dns,
            GapKind::DefaultRoute(_) => Family::Routing,
            GapKind::FirewallRange(_) | GapKind::FirewallSourceTags(_) => Family::Firewall,
            GapKind::Identity { .. } => Family::Iam,
            GapKind::PerimeterEdge(_) => Family::Perimeters,
            GapKind::ManagedPerimeter(_) => Family::Perimeters,
            GapKind::NotRead(_, family) => *family,
        }
    }
}

impl Unsaid {
    fn family(self) -> Family {
        match self {
            Unsaid::Account | Unsaid::Exception | Unsaid::Member => Family::Iam,
            Unsaid::Principal | Unsaid::Project | Unsaid::Role => Family::Iam,
            Unsaid::Address => Family::Machines,
            Unsaid::Addresses | Unsaid::DrainAddresses => Family::Nat,
            Unsaid::Backend | Unsaid::WeightedBackend => Family::LoadBalancing,
            Unsaid::Region | Unsaid::Service => Family::LoadBalancing,
            Unsaid::Policy | Unsaid::EdgePolicy => Family::SecurityPolicies,
            Unsaid::Network | Unsaid::Range => Family::Networks,
            Unsaid::Destination => Family::Routing,
            Unsaid::Other => Family::Anything,
        }
    }
}

impl Gap {
    /// One that could open a path.
    pub fn opens(what: GapKind, at: Span, touches: Touches) -> Self {
        Gap { what, at, opens: true, closes: false, touches }
    }

    /// One that could close a path.
    pub fn closes(what: GapKind, at: Span, touches: Touches) -> Self {
        Gap { what, at, opens: false, closes: true, touches }
    }

    /// One that could do either.
    pub fn both(what: GapKind, at: Span, touches: Touches) -> Self {
        Gap { what, at, opens: true, closes: true, touches }
    }
}
