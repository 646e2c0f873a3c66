//! VPC networks, and what sits in them.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::record::{Field, Map, Setting, Spanned, keyword, record};
use super::shorthand::shorthand;

keyword! {
    /// What a subnet is for.
    pub enum SubnetPurpose {
        /// Ordinary use.
        Private = "private" | "PRIVATE",
        /// Proxies of regional load balancers (ING-112).
        RegionalProxies = "regional-managed-proxy" | "REGIONAL_MANAGED_PROXY",
        /// Proxies of cross-region load balancers (ING-112).
        GlobalProxies = "global-managed-proxy" | "GLOBAL_MANAGED_PROXY",
        /// Translation for Private Service Connect.
        ServiceConnect = "private-service-connect" | "PRIVATE_SERVICE_CONNECT",
        /// Private NAT.
        PrivateNat = "private-nat" | "PRIVATE_NAT",
    }
}

keyword! {
    /// Which versions of IP there are (EGR-018).
    pub enum StackType {
        /// IPv4.
        Ipv4Only = "ipv4-only" | "IPV4_ONLY",
        /// Both.
        DualStack = "dual-stack" | "IPV4_IPV6",
        /// IPv6.
        Ipv6Only = "ipv6-only" | "IPV6_ONLY",
    }
}

keyword! {
    /// Where IPv6 addresses of a subnet lead (EGR-018).
    pub enum Ipv6AccessType {
        /// Inside the network: unique local addresses of fd20::/20.
        Internal = "internal" | "INTERNAL",
        /// To the internet and back too.
        External = "external" | "EXTERNAL",
    }
}

record! {
    /// A subnet.
    pub struct Subnet {
        /// Its region.
        pub region: Spanned<String>,
        /// Its primary range of IPv4; a subnet of IPv6 only has none.
        pub range: Option<Field<IpNet>>,
        /// Its range of IPv6 (EGR-018).
        pub ipv6_range: Option<Field<IpNet>>,
        /// Which versions of IP it has; those of its ranges if absent.
        pub stack_type: Option<Spanned<StackType>>,
        /// Where its IPv6 addresses lead; `internal` for a range in fd20::/20 if absent, else
        /// `external`.
        pub ipv6_access_type: Option<Spanned<Ipv6AccessType>>,
        /// Private Google Access (EGR-130).
        pub private_google_access: Option<Field<bool>> = false,
        /// What it is for.
        pub purpose: Option<Spanned<SubnetPurpose>> = SubnetPurpose::Private,
        /// Its secondary ranges by name (EGR-057).
        pub secondary: Map<Spanned<IpNet>>,
    }
}

impl Subnet {
    /// Its range of IPv4, if it is known.
    pub fn ipv4(&self) -> Option<IpNet> {
        self.range.as_ref()?.known().copied()
    }

    /// Its range of IPv6, if it is known.
    pub fn ipv6(&self) -> Option<IpNet> {
        self.ipv6_range.as_ref()?.known().copied()
    }

    /// Its range of each version, as far as they are known; none where it has IPv4 of which the
    /// range is not known, so that it is not taken to have IPv6 alone.
    pub fn ranges(&self) -> impl Iterator<Item = IpNet> {
        let known = self.range.is_none() || self.ipv4().is_some();
        self.ipv4().into_iter().chain(self.ipv6().filter(|_| known))
    }

    /// Whether its IPv6 addresses are of the internet.
    pub fn has_external_ipv6(&self) -> bool {
        let Some(range) = self.ipv6() else { return false };
        match &self.ipv6_access_type {
            Some(access) => access.value == Ipv6AccessType::External,
            None => !UNIQUE_LOCAL.contains(&range),
        }
    }
}

/// Unique local addresses of IPv6, of which internal ones are.
pub const UNIQUE_LOCAL: IpNet =
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7));

keyword! {
    /// How far dynamic routes hold (EGR-096).
    pub enum RoutingMode {
        /// In the region of the router that learned them.
        Regional = "regional" | "REGIONAL",
        /// In every region.
        Global = "global" | "GLOBAL",
    }
}

keyword! {
    /// How dynamic routes to one destination are compared (EGR-254).
    pub enum BestPath {
        /// Each Cloud Router by AS path and MED, the network by MED and the cost between regions.
        Legacy = "legacy" | "LEGACY",
        /// All lines of the network by AS path, then by MED, then by the cost between regions.
        Standard = "standard" | "STANDARD",
    }
}

record! {
    /// A VPC network.
    pub struct Network: resource "network" {
        /// The project that owns it; the only project if absent.
        pub project: Option<Field<String>>,
        /// Its subnets by name.
        pub subnets: Map<Subnet>,
        /// The service projects that share it (Shared VPC).
        pub shared_with: Vec<Spanned<String>>,
        /// How far dynamic routes hold (EGR-096).
        pub routing_mode: Option<Spanned<RoutingMode>> = RoutingMode::Regional,
        /// How dynamic routes to one destination are compared (EGR-254).
        pub best_path: Option<Spanned<BestPath>> = BestPath::Legacy,
        /// Whether it has the route to the internet that new networks have (EGR-082).
        pub default_route: Option<Field<bool>> = true,
        /// Whether it has the route of IPv6 to the internet that a network gets with its first
        /// subnet of external IPv6 (EGR-082).
        pub default_ipv6_route: Option<Field<bool>> = true,
        /// When network firewall policies are asked (EGR-100).
        pub firewall_order: Option<Spanned<super::firewall::FirewallOrder>> = super::firewall::FirewallOrder::AfterClassic,
        /// Whether it has the firewall rules that the network `default` of a project is made with:
        /// ingress from 10.128.0.0/9, and SSH, RDP and ICMP from everywhere (EGR-097).
        pub default_rules: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A Serverless VPC Access connector (EGR-022).
    pub struct Connector: resource "connector" {
        /// The project; the network's if absent.
        pub project: Option<Field<String>>,
        /// The network that it leads into; the subnet's if absent.
        pub network: Option<Field<String>>,
        /// Its region, equal to that of the services that use it (EGR-023).
        pub region: Option<Field<String>>,
        /// Its own /28 range, if it has no subnet.
        pub range: Option<Field<IpNet>>,
        /// Its subnet, `SUBNET` or `NETWORK/SUBNET`, if it has no range of its own.
        pub subnet: Option<Field<String>>,
        /// Private Google Access of a range of its own (EGR-036).
        pub private_google_access: Option<Field<bool>> = true,
        /// Whether it runs (EGR-032).
        pub running: Option<Field<bool>> = true,
        /// The name, which its network tag has in it; the id if absent (EGR-027).
        pub name: Option<Spanned<String>>,
    }
}

keyword! {
    /// Which endpoints a gateway serves (EGR-067).
    pub enum EndpointType {
        /// Machines, connectors and Cloud Run.
        Vm = "vm" | "ENDPOINT_TYPE_VM",
        /// Secure Web Proxy.
        SecureWebProxy = "secure-web-proxy" | "ENDPOINT_TYPE_SWG",
        /// Proxies of load balancers.
        ManagedProxy = "managed-proxy" | "ENDPOINT_TYPE_MANAGED_PROXY_LB",
    }
}

keyword! {
    /// Which ranges of a subnet a gateway serves (EGR-057).
    pub enum NatRange {
        /// The primary and every secondary range.
        All = "all" | "ALL_IP_RANGES",
        /// The primary range.
        Primary = "primary" | "PRIMARY_IP_RANGE",
        /// Secondary ranges.
        Secondary = "secondary" | "LIST_OF_SECONDARY_IP_RANGES",
    }
}

record! {
    /// A subnet that a gateway serves, in full.
    pub struct FullNatSubnet {
        /// The subnet of the gateway's network.
        pub subnet: Field<String>,
        /// Which of its ranges.
        pub ranges: Vec<Spanned<NatRange>> = NatRange::All,
    }
}

shorthand! {
    /// A subnet that a gateway serves: its name, or in full.
    pub struct NatSubnet(FullNatSubnet) or Field<String> = |subnet, span| FullNatSubnet {
        subnet,
        ranges: Vec::new(),
        span,
    }
}

keyword! {
    /// What a gateway is for.
    pub enum NatKind {
        /// The internet.
        Public = "public" | "PUBLIC",
        /// Other networks and sites (EGR-074).
        Private = "private" | "PRIVATE",
    }
}

record! {
    /// A rule of a gateway: other addresses for some destinations (EGR-061).
    pub struct NatRule {
        /// Its number, 0 to 65000; the smallest that matches decides (EGR-061).
        pub number: Spanned<u32>,
        /// Which packets, in CEL over `destination.ip` and `source.ip`.
        pub r#match: Spanned<String>,
        /// The addresses that it uses instead.
        pub addresses: Vec<Field<IpAddr>>,
    }
}

record! {
    /// A Cloud NAT gateway (EGR-054).
    pub struct Nat: resource "nat" {
        /// The project; the network's if absent.
        pub project: Option<Field<String>>,
        /// The network whose ranges it serves.
        pub network: Field<String>,
        /// The region whose ranges it serves.
        pub region: Field<String>,
        /// Reserved addresses; Google allocates if there are none and `automatic` is not false
        /// (EGR-058).
        pub addresses: Vec<Field<IpAddr>>,
        /// Addresses that serve no new connections (EGR-059).
        pub drain_addresses: Vec<Field<IpAddr>>,
        /// Whether Google allocates the addresses; true if `addresses` is empty (EGR-058).
        pub automatic: Option<Field<bool>>,
        /// The subnets that it serves; all subnets and connectors if empty (EGR-056).
        pub subnets: Vec<NatSubnet>,
        /// Which endpoints it serves (EGR-067).
        pub endpoint_types: Vec<Spanned<EndpointType>> = EndpointType::Vm,
        /// What it is for.
        pub kind: Option<Spanned<NatKind>> = NatKind::Public,
        /// The subnets of purpose `private-nat` whose addresses a private one uses (EGR-074).
        pub private_subnets: Vec<Spanned<String>>,
        /// The hub for whose routes a private one translates; for the dynamic routes of the
        /// network's own lines if absent (EGR-074).
        pub hub: Option<Spanned<String>>,
        /// Other addresses for some destinations (EGR-061).
        pub rules: Vec<NatRule>,
        /// Whether it translates what machines that have IPv6 alone send to 64:ff9b::/96 into IPv4
        /// (NAT64) (EGR-018).
        pub nat64: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

impl Nat {
    /// Whether Google allocates its addresses.
    pub fn automatic(&self) -> Setting<'_, bool> {
        Setting { field: self.automatic.as_ref(), default: self.addresses.is_empty() }
    }
}

record! {
    /// A virtual machine.
    pub struct Vm: resource "vm" {
        /// The project; the network's if absent.
        pub project: Option<Field<String>>,
        /// Its network.
        pub network: Spanned<String>,
        /// Its subnet.
        pub subnet: Spanned<String>,
        /// Its internal address; one of its subnet if absent.
        pub address: Option<Field<IpAddr>>,
        /// Its external address, if it has one.
        pub external_address: Option<Field<IpAddr>>,
        /// Which versions of IP it has; if absent `ipv4-only` where its subnet has IPv4, `ipv6-only`
        /// where it has not, and `dual-stack` with an `ipv6_address`.
        pub stack_type: Option<Spanned<StackType>>,
        /// Its address of IPv6; one of its subnet if absent.
        pub ipv6_address: Option<Field<IpAddr>>,
        /// The service account whose tokens its programs can get.
        pub service_account: Option<Field<String>>,
        /// Its network tags.
        pub tags: Vec<Spanned<String>>,
        /// Its secure tags.
        pub secure_tags: Vec<Spanned<String>>,
        /// Whether it may pass on packets of others (EGR-086).
        pub can_ip_forward: Option<Spanned<bool>> = false,
        /// Whether it puts its own address in front of what it passes on (EGR-087); assumed if absent.
        pub translates: Option<Field<bool>>,
        /// Whether it keeps the state of connections that it passes on, so that it passes on only
        /// those whose beginning it saw (EGR-250); assumed if absent.
        pub stateful: Option<Field<bool>>,
        /// What it listens for; everything if empty.
        pub listens: Vec<Spanned<super::firewall::Traffic>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

impl Vm {
    /// Which versions of IP it has in its subnet.
    pub fn stack(&self, subnet: &Subnet) -> StackType {
        match &self.stack_type {
            Some(stack) => stack.value,
            None if subnet.range.is_none() => StackType::Ipv6Only,
            None if self.ipv6_address.is_some() => StackType::DualStack,
            None => StackType::Ipv4Only,
        }
    }
}

record! {
    /// An internal passthrough load balancer: packets keep their addresses.
    pub struct Passthrough: resource "passthrough_load_balancer" {
        /// Its network.
        pub network: Spanned<String>,
        /// Its region.
        pub region: Spanned<String>,
        /// Its address.
        pub address: Field<IpAddr>,
        /// The machines behind it.
        pub machines: Vec<Spanned<String>>,
        /// What it listens for; everything if empty.
        pub listens: Vec<Spanned<super::firewall::Traffic>>,
        /// Whether clients of other regions reach it.
        pub global_access: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A party outside Google Cloud that services call.
    pub struct External: resource "external" {
        /// Its host names.
        pub hosts: Vec<Spanned<String>>,
        /// Its addresses; one that is not known if empty.
        pub addresses: Vec<Field<IpAddr>>,
        /// The ports that it listens on.
        pub ports: Vec<Spanned<u16>> = 443,
        /// Whom it admits: `nat/ID`, an address or a range; everybody if absent.
        pub admits: Option<Vec<Spanned<String>>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
