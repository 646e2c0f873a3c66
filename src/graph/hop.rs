//! Hops: the places that a request passes.

use std::net::IpAddr;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::expression::{AssumptionId, ExpressionId, Origin};
use super::kind::{HopKind, named};
use crate::rules::RuleId;
use crate::source::Span;

/// A hop in the graph.
pub type HopId = NodeIndex<u32>;

/// A named thing of the topology, as an index into [`Graph::resources`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub u32);

/// A place that a request passes.
#[derive(Debug, Clone)]
pub struct Hop {
    /// What the place belongs to.
    pub resource: ResourceId,
    /// What kind of place it is, as answers print it.
    pub kind: HopKind,
    /// The documented behaviour that it rests on.
    pub rule: RuleId,
    /// Where the topology says so.
    pub at: Span,
    /// The entry path that passing this hop names, if it names one.
    pub entry: Option<EntryId>,
    /// What happens here.
    pub body: Body,
}

/// What happens to a request at a hop.
#[derive(Debug, Clone)]
pub enum Body {
    /// A guard: passes, or refuses with a cause.
    Gate {
        /// The rules, in order.
        list: ListId,
        /// Where a passing request goes on.
        next: HopId,
    },
    /// A choice by the request.
    Switch(Switch),
    /// Changes current fields.
    Rewrite {
        /// The changes, in order.
        changes: Box<[Change]>,
        /// Where the request goes on.
        next: HopId,
    },
    /// Google chooses: any branch may happen.
    Choice {
        /// Which choice it is; the same id at several hops is one choice.
        choice: ChoiceId,
        /// The branches, in order.
        branches: Box<[HopId]>,
    },
    /// The end.
    Terminal(OutcomeId),
}

/// A choice by the request.
#[derive(Debug, Clone)]
pub enum Switch {
    /// By the current host: an exact name wins over a suffix, a longer suffix over a shorter one.
    /// A suffix is written with the character that begins it (`.example.com`, `-x.example.com`),
    /// and the part before it may not be empty unless the suffix is empty.
    Host {
        /// Exact names, lower case, sorted.
        exact: Box<[(Box<str>, HopId)]>,
        /// Suffixes; the empty one matches every name.
        suffixes: Box<[(Box<str>, HopId)]>,
        /// Where every other name goes.
        otherwise: HopId,
    },
    /// By the current path: an exact path wins over a prefix, a longer prefix over a shorter one.
    Path {
        /// Exact paths, sorted.
        exact: Box<[(Box<str>, HopId)]>,
        /// Prefixes, each ending in `/`.
        prefixes: Box<[(Box<str>, HopId)]>,
        /// Where every other path goes.
        otherwise: HopId,
    },
    /// By the destination address: the longest range wins.
    Destination {
        /// Ranges, sorted.
        ranges: Box<[(IpNet, HopId)]>,
        /// Where every other address goes.
        otherwise: HopId,
    },
    /// The first expression that holds.
    FirstMatch {
        /// Expressions and where they lead.
        branches: Box<[(ExpressionId, HopId)]>,
        /// Where everything else goes.
        otherwise: HopId,
    },
}

/// A change of the current fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The request now comes from here.
    Origin(Origin),
    /// The caller's identity is replaced (IAP's agent).
    Identity {
        /// Index of the principal's class.
        principal: u32,
        /// Index of the credential's class.
        credential: u32,
    },
    /// The source address is translated to this one, which may be a placeholder.
    Source(IpAddr),
    /// The host is replaced.
    Host(Box<str>),
    /// A prefix of the path is replaced. A path that does not begin with it is left alone.
    PathPrefix {
        /// What the path begins with.
        from: Box<str>,
        /// What it begins with afterwards.
        to: Box<str>,
    },
    /// The whole path is replaced.
    Path(Box<str>),
    /// The destination address is translated to this one.
    Destination(IpAddr),
    /// A proxy sends it on over a TCP connection of its own.
    Connection {
        /// To which port.
        port: u16,
        /// Whether it speaks TLS.
        https: bool,
    },
}

/// A list of rules, first match first, in [`Graph::lists`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListId(pub u32);

/// Rules of a gate, first match first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List {
    /// The rules in order.
    pub rules: Box<[ListRule]>,
    /// What happens to a request that no rule matches.
    pub otherwise: Verdict,
}

/// One rule of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListRule {
    /// Which requests it concerns.
    pub when: ExpressionId,
    /// What happens to them.
    pub then: Verdict,
    /// Where the topology says so.
    pub at: Span,
    /// The documented behaviour, if it is another one than the hop's.
    pub rule: Option<RuleId>,
    /// The rule in words (`rule 1000`), empty if it needs none.
    pub label: Box<str>,
    /// It has no effect (Cloud Armor's preview); both engines skip it.
    pub preview: bool,
    /// It refuses only above a rate.
    pub rate_limit: bool,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The request goes on.
    Pass,
    /// The request ends here.
    Refuse(OutcomeId),
}

/// A choice of the platform, in [`Graph::choices`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceId(pub u32);

/// A choice of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is chosen, in words.
    pub text: String,
    /// The branches, in words.
    pub branches: Vec<String>,
}

/// An outcome, in [`Graph::outcomes`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutcomeId(pub u32);

/// How a request ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It arrives.
    Delivered {
        /// Where.
        to: ResourceId,
    },
    /// An answer is sent that is not the service's.
    Refused {
        /// Why.
        cause: Cause,
        /// The status that the caller sees.
        status: u16,
        /// Where a redirect points.
        location: Option<Box<str>>,
    },
    /// Nothing is sent: the caller waits until it gives up.
    Dropped {
        /// Why.
        cause: Cause,
    },
    /// The caller has nothing to send it from, and knows at once (EGR-019).
    Aborted {
        /// Why.
        cause: Cause,
    },
}

/// An entry path, in [`Graph::entries`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);

/// A way by which something can be entered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// The service's run.app URL, hash and deterministic form together.
    RunApp,
    /// The URL of a traffic tag.
    RunAppTag(Box<str>),
    /// A mapped domain.
    DomainMapping(Box<str>),
    /// A load balancer's route.
    LoadBalancer {
        /// Its id.
        id: Box<str>,
        /// The host pattern, `*` for the default route.
        host: Box<str>,
        /// The path pattern, `/*` for all.
        path: Box<str>,
    },
    /// A host of an outside party.
    External(Box<str>),
}

/// An assumption about the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The stable id that `--assume` takes.
    pub id: String,
    /// Why it is one.
    pub kind: AssumptionKind,
    /// What is assumed, as a sentence.
    pub text: String,
    /// The documented default, where one answer must be shown.
    pub default: Option<bool>,
    /// Where the topology leaves it open.
    pub at: Span,
}

/// Why something is an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssumptionKind {
    /// The input does not say it.
    Unknown,
    /// Documents disagree.
    Disputed,
    /// Portolan does not model it.
    Unmodelled,
}

named! {
    /// Why a request does not arrive. Names are those of Google's Connectivity Tests where they have
    /// one (ING-213).
    #[allow(missing_docs)]
    pub enum Cause {
        NoRoute = "NO_ROUTE",
        PrivateGoogleAccessDisallowed = "PRIVATE_GOOGLE_ACCESS_DISALLOWED",
        NoExternalAddress = "NO_EXTERNAL_ADDRESS",
        CloudNatNoAddresses = "CLOUD_NAT_NO_ADDRESSES",
        VpcConnectorNotSet = "VPC_CONNECTOR_NOT_SET",
        ForwardingRuleMismatch = "FORWARDING_RULE_MISMATCH",
        ForwardingRuleRegionMismatch = "FORWARDING_RULE_REGION_MISMATCH",
        LoadBalancerHasNoProxySubnet = "LOAD_BALANCER_HAS_NO_PROXY_SUBNET",
        IngressNotAllowed = "INGRESS_NOT_ALLOWED",
        DefaultUrlDisabled = "DEFAULT_URL_DISABLED",
        HostNotFound = "HOST_NOT_FOUND",
        UrlMaskNoMatch = "URL_MASK_NO_MATCH",
        ReservedPath = "RESERVED_PATH",
        MethodNotDelivered = "METHOD_NOT_DELIVERED",
        Redirected = "REDIRECTED",
        SecurityPolicyDeny = "SECURITY_POLICY_DENY",
        IapMisconfigured = "IAP_MISCONFIGURED",
        IapUnauthenticated = "IAP_UNAUTHENTICATED",
        IapDenied = "IAP_DENIED",
        IamUnauthenticated = "IAM_UNAUTHENTICATED",
        IamInvalidToken = "IAM_INVALID_TOKEN",
        IamDenyPolicy = "IAM_DENY_POLICY",
        IamPermissionDenied = "IAM_PERMISSION_DENIED",
        DestinationNotAdmitted = "DESTINATION_NOT_ADMITTED",
        NoBackend = "NO_BACKEND",
        VpcScDenied = "VPC_SC_DENIED",
        DnsNxdomain = "DNS_NXDOMAIN",
        FirewallRule = "FIREWALL_RULE",
        PrivateTrafficToInternet = "PRIVATE_TRAFFIC_TO_INTERNET",
        UnknownInternalAddress = "UNKNOWN_INTERNAL_ADDRESS",
        ForeignIpDisallowed = "FOREIGN_IP_DISALLOWED",
        PscConnectionNotAccepted = "PSC_CONNECTION_NOT_ACCEPTED",
        NoNatSubnetsForPscServiceAttachment = "NO_NAT_SUBNETS_FOR_PSC_SERVICE_ATTACHMENT",
        NoAdvertisedRouteToGcpDestination = "NO_ADVERTISED_ROUTE_TO_GCP_DESTINATION",
        RouteNextHopResourceNotFound = "ROUTE_NEXT_HOP_RESOURCE_NOT_FOUND",
        RouteNextHopVpnTunnelNotEstablished = "ROUTE_NEXT_HOP_VPN_TUNNEL_NOT_ESTABLISHED",
        PrivateGoogleAccessViaVpnTunnelUnsupported = "PRIVATE_GOOGLE_ACCESS_VIA_VPN_TUNNEL_UNSUPPORTED",
        CloudSqlInstanceUnauthorizedAccess = "CLOUD_SQL_INSTANCE_UNAUTHORIZED_ACCESS",
        CloudSqlConnectorRequired = "CLOUD_SQL_CONNECTOR_REQUIRED",
        RedisInstanceUnsupportedPort = "REDIS_INSTANCE_UNSUPPORTED_PORT",
        RedisInstanceConnectingFromPupiAddress = "REDIS_INSTANCE_CONNECTING_FROM_PUPI_ADDRESS",
        TrafficFromHybridEndpointToInternetDisallowed = "TRAFFIC_FROM_HYBRID_ENDPOINT_TO_INTERNET_DISALLOWED",
        VpcConnectorServerlessTrafficBlocked = "VPC_CONNECTOR_SERVERLESS_TRAFFIC_BLOCKED",
        VpcConnectorHealthCheckTrafficBlocked = "VPC_CONNECTOR_HEALTH_CHECK_TRAFFIC_BLOCKED",
        DestinationIsPrivateNatIpRange = "DESTINATION_IS_PRIVATE_NAT_IP_RANGE",
        CloudNatProtocolUnsupported = "CLOUD_NAT_PROTOCOL_UNSUPPORTED",
        PortNotListening = "PORT_NOT_LISTENING",
        RoutingLoop = "ROUTING_LOOP",
        DnsServfail = "DNS_SERVFAIL",
        GoogleManagedServiceNoPeering = "GOOGLE_MANAGED_SERVICE_NO_PEERING",
        PscEndpointAccessedFromPeeredNetwork = "PSC_ENDPOINT_ACCESSED_FROM_PEERED_NETWORK",
        MismatchedIpVersion = "MISMATCHED_IP_VERSION",
        PscTransitivityNotPropagated = "PSC_TRANSITIVITY_NOT_PROPAGATED",
        PrivateNatToPscEndpointUnsupported = "PRIVATE_NAT_TO_PSC_ENDPOINT_UNSUPPORTED",
        VpnTunnelLocalSelectorMismatch = "VPN_TUNNEL_LOCAL_SELECTOR_MISMATCH",
        VpnTunnelRemoteSelectorMismatch = "VPN_TUNNEL_REMOTE_SELECTOR_MISMATCH",
        PscNegProducerEndpointNoGlobalAccess = "PSC_NEG_PRODUCER_ENDPOINT_NO_GLOBAL_ACCESS",
        PscNegProducerForwardingRuleMultiplePorts = "PSC_NEG_PRODUCER_FORWARDING_RULE_MULTIPLE_PORTS",
        TrafficTypeBlocked = "TRAFFIC_TYPE_BLOCKED",
        VpcConnectorNotRunning = "VPC_CONNECTOR_NOT_RUNNING",
    }
}

/// An assumption that must hold, or must not.
pub type Assumed = (AssumptionId, bool);
