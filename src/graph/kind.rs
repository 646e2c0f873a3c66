//! What hops and resources are: closed lists, with the one name of each that files and answers use.

/// An enumeration whose variants each have one name, in code and in answers.
macro_rules! named {
    (
        $(#[$about:meta])*
        pub enum $type:ident {
            $( $(#[$doc:meta])* $variant:ident = $name:literal, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type {
            $( $(#[$doc])* $variant, )*
        }

        impl $type {
            /// Every one of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// The name in files and answers.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )*
                }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $( $name => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$( $name, )*] })
            }
        }
    };
}
pub(crate) use named;

named! {
    /// What kind of place a hop is.
    pub enum HopKind {
        /// Which senders an outside party admits.
        AllowList = "allow_list",
        /// Google's APIs.
        Api = "api",
        /// A backend service.
        Backend = "backend",
        /// A backend bucket.
        BackendBucket = "backend_bucket",
        /// Packets that Google's network always blocks.
        BlockedTraffic = "blocked_traffic",
        /// Cloud CDN.
        Cache = "cache",
        /// Translation by Cloud NAT, or that there is none.
        CloudNat = "cloud_nat",
        /// Whether what passes packets on knows their connection.
        ConnectionState = "connection_state",
        /// The connection of a Private Service Connect NEG to its published service.
        Connection = "connection",
        /// The instances of a Serverless VPC Access connector.
        Connector = "connector",
        /// Firewall rules between Cloud Run and a connector.
        ConnectorRules = "connector_rules",
        /// Whether a connector runs.
        ConnectorState = "connector_state",
        /// Whether a service's own URL is on.
        DefaultUrl = "default_url",
        /// Which destination a request from outside asks for.
        Destination = "destination",
        /// Direct VPC egress.
        DirectVpcEgress = "direct_vpc_egress",
        /// The answer of name servers.
        Dns = "dns",
        /// A mapped domain.
        DomainMapping = "domain_mapping",
        /// A Cloud Armor policy before the cache.
        EdgeSecurityPolicy = "edge_security_policy",
        /// Egress firewall rules.
        EgressFirewall = "egress_firewall",
        /// The setting of which destinations a service sends through its network.
        EgressSetting = "egress_setting",
        /// A group of endpoints behind a load balancer that are not Cloud Run.
        EndpointGroup = "endpoint_group",
        /// Routes of equal preference.
        EqualRoutes = "equal_routes",
        /// An outside party.
        External = "external",
        /// The external IPv4 address of a machine.
        ExternalAddress = "external_address",
        /// The external IPv6 address of a sender.
        ExternalIpv6 = "external_ipv6",
        /// What is sent to a network that is not described.
        Forwarded = "forwarded",
        /// A forwarding rule and its proxy.
        FrontEnd = "front_end",
        /// Google's own route to Google APIs for what comes from a site.
        GoogleRoute = "google_route",
        /// A policy of an organization or folder.
        HierarchicalSecurityPolicy = "hierarchical_security_policy",
        /// Hybrid NAT.
        HybridNat = "hybrid_nat",
        /// Which networks a line from a site leads into.
        HybridRoutes = "hybrid_routes",
        /// By which line a site sends.
        HybridWay = "hybrid_way",
        /// Identity-Aware Proxy.
        Iap = "iap",
        /// IAP's own identity towards the service.
        IapAgent = "iap_agent",
        /// What IAP lets pass unasked.
        IapException = "iap_exception",
        /// Ingress firewall rules.
        IngressFirewall = "ingress_firewall",
        /// The ingress setting of a service.
        IngressSetting = "ingress_setting",
        /// The routing table of a network.
        InsideNetwork = "inside_network",
        /// The internet.
        Internet = "internet",
        /// The default internet gateway.
        InternetGateway = "internet_gateway",
        /// IAM on invocation.
        InvokerIam = "invoker_iam",
        /// Whether a machine may pass packets on.
        IpForwarding = "ip_forwarding",
        /// A documented limitation.
        KnownIssue = "known_issue",
        /// A VPN tunnel or an Interconnect attachment.
        Line = "line",
        /// The lines of a site.
        Lines = "lines",
        /// The metadata server.
        MetadataServer = "metadata_server",
        /// The names that Google's front end serves.
        Names = "names",
        /// Translation from IPv6 to IPv4.
        Nat64 = "nat64",
        /// Which protocols a NAT translates.
        NatProtocol = "nat_protocol",
        /// Rules of a NAT gateway.
        NatRules = "nat_rules",
        /// A hub of Network Connectivity Center.
        NccHub = "ncc_hub",
        /// Whether the next hop of a route exists.
        NextHop = "next_hop",
        /// That nothing has an internal address.
        NoEndpoint = "no_endpoint",
        /// That no route leads on.
        NoRoute = "no_route",
        /// A network outside Google Cloud.
        Onprem = "onprem",
        /// A perimeter of VPC Service Controls.
        Perimeter = "perimeter",
        /// In which order the policies of several levels are evaluated.
        PolicyOrder = "policy_order",
        /// A policy-based route.
        PolicyRoute = "policy_route",
        /// Which policy-based route a packet meets.
        PolicyRoutes = "policy_routes",
        /// To which backends a hierarchical policy applies.
        PolicyScope = "policy_scope",
        /// Whether anything listens on the port.
        Port = "port",
        /// Private Google Access.
        PrivateGoogleAccess = "private_google_access",
        /// Private NAT.
        PrivateNat = "private_nat",
        /// Private services access.
        PrivateServicesAccess = "private_services_access",
        /// Which destinations count as private.
        PrivateSet = "private_set",
        /// Whether the producer admits clients of other regions.
        ProducerGlobalAccess = "producer_global_access",
        /// The port of the producer's forwarding rule.
        ProducerPort = "producer_port",
        /// The proxy-only subnet of a load balancer.
        ProxySubnet = "proxy_subnet",
        /// Whether a published service accepts the connection.
        PscConnection = "psc_connection",
        /// A Private Service Connect endpoint.
        PscEndpoint = "psc_endpoint",
        /// A Private Service Connect NEG.
        PscNeg = "psc_neg",
        /// Propagation of endpoints by a hub.
        PscPropagation = "psc_propagation",
        /// A URL redirect.
        Redirect = "redirect",
        /// A Memorystore instance.
        RedisInstance = "redis_instance",
        /// The port of a Memorystore instance.
        RedisPort = "redis_port",
        /// Paths and methods that Google's front end keeps.
        ReservedPaths = "reserved_paths",
        /// The APIs that a VIP serves.
        RestrictedApis = "restricted_apis",
        /// Whether the reply finds a route back.
        ReturnRoute = "return_route",
        /// A revision of a service.
        Revision = "revision",
        /// A route.
        Route = "route",
        /// Whether a network knows dynamic routes of other regions.
        RoutingMode = "routing_mode",
        /// A Cloud Armor policy.
        SecurityPolicy = "security_policy",
        /// A serverless NEG.
        ServerlessNeg = "serverless_neg",
        /// A published service.
        ServiceAttachment = "service_attachment",
        /// The addresses that Google shares between customers.
        SharedPool = "shared_pool",
        /// Whether a machine puts its own address in front of what it passes on.
        SourceTranslation = "source_translation",
        /// What a site lets in.
        SiteFirewall = "site_firewall",
        /// The way of a site to the internet.
        SiteInternet = "site_internet",
        /// What a site has learned.
        SiteRoutes = "site_routes",
        /// A Cloud SQL instance.
        SqlInstance = "sql_instance",
        /// The port of a Cloud SQL instance.
        SqlPort = "sql_port",
        /// Anyone in a network, by subnet.
        Subnet = "subnet",
        /// In which subnet a sender is.
        Subnets = "subnets",
        /// Which tagged routes a sender sees.
        TaggedRoutes = "tagged_routes",
        /// TLS at Google's front end.
        Tls = "tls",
        /// Traffic selectors of a VPN tunnel.
        TrafficSelectors = "traffic_selectors",
        /// A URL map.
        UrlMap = "url_map",
        /// A URL mask.
        UrlMask = "url_mask",
        /// A machine.
        Vm = "vm",
        /// How a workload is attached to a network.
        VpcAccess = "vpc_access",
        /// A worker pool.
        WorkerPool = "worker_pool",
        /// The worker pools that listen in a network.
        WorkerPools = "worker_pools",
    }
}

named! {
    /// What kind of thing a resource is: the part of a selector before the `/`.
    pub enum ResourceKind {
        /// A principal access boundary.
        AccessBoundary = "access_boundary",
        /// An access level.
        AccessLevel = "access_level",
        /// A group of addresses.
        AddressGroup = "address_group",
        /// Google's APIs.
        Api = "api",
        /// A backend service.
        Backend = "backend",
        /// A backend bucket.
        BackendBucket = "backend_bucket",
        /// Cloud CDN on a backend.
        Cache = "cache",
        /// A Serverless VPC Access connector.
        Connector = "connector",
        /// An IAM deny policy.
        DenyPolicy = "deny_policy",
        /// A server policy of Cloud DNS.
        DnsPolicy = "dns_policy",
        /// A domain mapping.
        DomainMapping = "domain_mapping",
        /// A group of endpoints behind load balancers that are not Cloud Run.
        EndpointGroup = "endpoint_group",
        /// An outside party.
        External = "external",
        /// A firewall policy.
        FirewallPolicy = "firewall_policy",
        /// A VPC firewall rule.
        FirewallRule = "firewall_rule",
        /// A folder of projects.
        Folder = "folder",
        /// Google's front end for run.app names and mapped domains.
        GoogleFrontEnd = "google_front_end",
        /// A Google group.
        Group = "group",
        /// IAP on a service or backend.
        Iap = "iap",
        /// The internet.
        Internet = "internet",
        /// A job.
        Job = "job",
        /// A load balancer.
        LoadBalancer = "load_balancer",
        /// The metadata server.
        MetadataServer = "metadata_server",
        /// A NAT gateway.
        Nat = "nat",
        /// A hub of Network Connectivity Center.
        NccHub = "ncc_hub",
        /// A spoke of Network Connectivity Center.
        NccSpoke = "ncc_spoke",
        /// A VPC network.
        Network = "network",
        /// A network outside Google Cloud.
        Onprem = "onprem",
        /// A passthrough load balancer.
        PassthroughLoadBalancer = "passthrough_load_balancer",
        /// A side of a peering.
        Peering = "peering",
        /// A perimeter of VPC Service Controls.
        Perimeter = "perimeter",
        /// A policy-based route.
        PolicyRoute = "policy_route",
        /// Private services access of a network.
        PrivateConnection = "private_connection",
        /// A Google product as a caller.
        Product = "product",
        /// A project.
        Project = "project",
        /// A Private Service Connect endpoint.
        PscEndpoint = "psc_endpoint",
        /// A Memorystore instance.
        RedisInstance = "redis_instance",
        /// A response policy of Cloud DNS.
        ResponsePolicy = "response_policy",
        /// A static route.
        Route = "route",
        /// A Cloud Armor policy.
        SecurityPolicy = "security_policy",
        /// A Cloud Run service.
        Service = "service",
        /// A published service.
        ServiceAttachment = "service_attachment",
        /// A Cloud SQL instance.
        SqlInstance = "sql_instance",
        /// People, or a named group of senders, outside.
        User = "user",
        /// A machine.
        Vm = "vm",
        /// A worker pool.
        WorkerPool = "worker_pool",
        /// A private zone of Cloud DNS.
        Zone = "zone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::topology::Topology;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for kind in HopKind::ALL {
            assert_eq!(HopKind::from_name(kind.name()), Some(*kind));
        }
        for kind in ResourceKind::ALL {
            assert_eq!(ResourceKind::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(ResourceKind::from_name("services"), None);
    }

    /// What answers have that no topology declares.
    const UNDECLARED: &[ResourceKind] = &[
        ResourceKind::Api,
        ResourceKind::Cache,
        ResourceKind::GoogleFrontEnd,
        ResourceKind::Iap,
        ResourceKind::Internet,
        ResourceKind::MetadataServer,
    ];

    #[test]
    fn every_section_has_a_kind_and_every_kind_a_section() {
        let topology = Topology::empty(Span::none());
        let declared: Vec<&str> = topology.sections().map(|section| section.kind).collect();
        for kind in &declared {
            assert!(ResourceKind::from_name(kind).is_some(), "{kind} is no kind of resource");
        }
        for kind in ResourceKind::ALL {
            let known = declared.contains(&kind.name());
            assert_ne!(known, UNDECLARED.contains(kind), "{kind}");
        }
    }
}
