//! Hops: the places that a request passes.

use std::net::IpAddr;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::expression::{AssumptionId, ExpressionId, Origin};
use super::kind::{HopKind, ResourceKind, named};
use super::resolver::{Answerer, NameAnswer};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::security_policy::DEFAULT_PRIORITY;

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
        changes: Box<[FieldChange]>,
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
pub enum FieldChange {
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
    pub otherwise: RuleVerdict,
}

/// One rule of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListRule {
    /// Which requests it concerns.
    pub when: ExpressionId,
    /// What happens to them.
    pub then: RuleVerdict,
    /// Where the topology says so.
    pub at: Span,
    /// The documented behaviour, if it is another one than the hop's.
    pub rule: Option<RuleId>,
    /// What it is called.
    pub name: RuleName,
    /// It has no effect (Cloud Armor's preview); both engines skip it.
    pub preview: bool,
    /// It refuses only above a rate.
    pub rate_limit: bool,
}

/// What a rule of a list is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RuleName {
    /// Its gate says it all.
    Unnamed,
    /// A rule of a security policy, with its action as it is written.
    SecurityPolicy {
        /// Its priority; `DEFAULT_PRIORITY` is that of the default rule.
        priority: u32,
        /// Its action (`deny(403)`).
        action: Box<str>,
    },
    /// A rule of a firewall policy.
    FirewallPolicy {
        /// The policy.
        policy: Box<str>,
        /// Its priority.
        priority: u32,
    },
    /// A VPC firewall rule.
    FirewallRule {
        /// Its id.
        id: Box<str>,
        /// Its priority.
        priority: u32,
    },
    /// A rule that a network named `default` is made with (EGR-097).
    DefaultNetwork {
        /// Its name.
        name: &'static str,
        /// Its priority.
        priority: u32,
    },
    /// The rule that a connector brings along (EGR-029).
    OfConnector {
        /// The connector.
        connector: Box<str>,
        /// Its priority.
        priority: u32,
    },
    /// The answer to the name that is asked for.
    Name {
        /// Who gives it.
        by: Answerer,
        /// What it is.
        answer: NameAnswer,
    },
    /// What Google's network always blocks (EGR-110).
    Blocked(Blocked),
    /// What the reply passes on its way back.
    Back(Box<[Waypoint]>),
}

/// A place that a reply passes on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Waypoint {
    /// What it belongs to.
    pub resource: ResourceId,
    /// What kind of place it is.
    pub kind: HopKind,
    /// The documented behaviour that it rests on.
    pub rule: RuleId,
    /// Where the topology says so.
    pub at: Span,
}

impl RuleName {
    /// Whether it is the default rule of a security policy.
    pub fn is_default(&self) -> bool {
        matches!(self, RuleName::SecurityPolicy { priority: DEFAULT_PRIORITY, .. })
    }
}

/// What Google's network always blocks (EGR-110).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blocked {
    /// TCP to port 25 outside.
    Mail,
    /// DHCP.
    Dhcp,
    /// A protocol that does not leave a network.
    Protocol,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleVerdict {
    /// The request goes on.
    Pass,
    /// The request ends here.
    Refuse(OutcomeId),
}

/// A choice of the platform, in [`Graph::choices`](super::Graph).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceId(pub u32);

/// A choice of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Choice {
    /// What is chosen.
    pub kind: ChoiceKind,
    /// By or at what.
    pub of: ResourceId,
    /// Where there, or between what: tells it from others of its kind at the resource; empty where
    /// there is only one.
    pub at: Box<str>,
    /// What each branch is, in order.
    pub branches: Vec<Branch>,
}

named! {
    /// What the platform chooses.
    pub enum ChoiceKind {
        /// Whether a cache has the answer.
        Cache = "cache",
        /// One of several NEGs of a backend.
        Neg = "region",
        /// One of several backends, by weight.
        Backend = "backend",
        /// One of several gateways.
        NatGateway = "nat_gateway",
        /// One of several rules of a gateway that match.
        NatRule = "nat_rule",
        /// One of the addresses of a gateway.
        NatAddress = "nat_address",
        /// One of several lines to a site.
        Line = "line",
        /// One of several equal routes.
        Route = "route",
        /// One of the machines behind a passthrough load balancer.
        Machine = "machine",
        /// Which workload has an address of a subnet.
        Address = "address",
    }
}

/// A branch of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Branch {
    /// The cache has no answer.
    Miss,
    /// The cache has the answer.
    Hit,
    /// This address, which may be a placeholder.
    Address(IpAddr),
    /// This resource.
    Resource(ResourceKind, Box<str>),
    /// A service that is not known.
    Unknown,
    /// What this URL mask finds.
    Mask(Box<str>),
    /// Nothing.
    Nothing,
    /// The one of several that has this number, from 1.
    Number(u32),
    /// The line of this name.
    Line(Box<str>),
    /// A backend with its weight; several if it is not known which.
    Weighted {
        /// The backends.
        backends: Vec<Box<str>>,
        /// The weight.
        weight: u32,
    },
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
    },
    /// The caller is sent elsewhere.
    Redirected {
        /// The status that the caller sees.
        status: u16,
        /// Where it is sent; nothing for a challenge page.
        location: Option<Box<str>>,
    },
    /// The request goes on, and where it arrives its reply does not come back. What stops the
    /// request itself behind this hop decides.
    Unanswered {
        /// Why.
        cause: Cause,
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

impl Outcome {
    /// Why a request does not arrive, or its reply does not.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Outcome::Delivered { .. } => None,
            Outcome::Redirected { .. } => Some(Cause::Redirected),
            Outcome::Refused { cause, .. }
            | Outcome::Unanswered { cause }
            | Outcome::Dropped { cause }
            | Outcome::Aborted { cause } => Some(*cause),
        }
    }

    /// Whether the other side sees from which address a request comes that ends so: one that does
    /// not admit it has seen it all the same.
    pub fn shows_sender(&self) -> bool {
        self.is_arrival() || self.cause() == Some(Cause::DestinationNotAdmitted)
    }

    /// Whether a request that ends so got where it was going.
    pub fn is_arrival(&self) -> bool {
        matches!(self, Outcome::Delivered { .. } | Outcome::Unanswered { .. })
    }
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
        DnsNodata = "DNS_NODATA",
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
        NoConnectionState = "NO_CONNECTION_STATE",
    }
}

/// An assumption that must hold, or must not.
pub type AssumptionValue = (AssumptionId, bool);
