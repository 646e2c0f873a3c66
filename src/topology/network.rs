//! VPC networks, and what sits in them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::record::{Field, Map, Spanned, keyword, record};
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

record! {
    /// A subnet.
    pub struct Subnet {
        /// Its region.
        pub region: Spanned<String>,
        /// Its primary range.
        pub range: Field<IpNet>,
        /// Private Google Access; false if absent (EGR-130).
        pub private_google_access: Option<Field<bool>>,
        /// What it is for; `private` if absent.
        pub purpose: Option<Spanned<SubnetPurpose>>,
        /// Its secondary ranges by name (EGR-057).
        pub secondary: Map<Spanned<IpNet>>,
    }
}

keyword! {
    /// How far dynamic routes hold (EGR-096).
    pub enum RoutingMode {
        /// In the region of the router that learned them.
        Regional = "regional" | "REGIONAL",
        /// In every region.
        Global = "global" | "GLOBAL",
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
        /// How far dynamic routes hold; `regional` if absent (EGR-096).
        pub routing_mode: Option<Spanned<RoutingMode>>,
        /// Whether it has the route to the internet that new networks have; true if absent
        /// (EGR-082).
        pub default_route: Option<Field<bool>>,
        /// When network firewall policies are asked; `after-classic` if absent (EGR-100).
        pub firewall_order: Option<Spanned<super::firewall::FirewallOrder>>,
        /// Whether it has the firewall rules that the network `default` of a project is made with:
        /// ingress from 10.128.0.0/9, and SSH, RDP and ICMP from everywhere; false if absent
        /// (EGR-097).
        pub default_rules: Option<Field<bool>>,
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
        /// Private Google Access of a range of its own; true if absent (EGR-036).
        pub private_google_access: Option<Field<bool>>,
        /// Whether it runs; true if absent (EGR-032).
        pub running: Option<Field<bool>>,
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
        /// Which of its ranges; all if absent.
        pub ranges: Vec<Spanned<NatRange>>,
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
        /// Which endpoints it serves; `vm` if absent (EGR-067).
        pub endpoint_types: Vec<Spanned<EndpointType>>,
        /// What it is for; `public` if absent.
        pub kind: Option<Spanned<NatKind>>,
        /// The subnets of purpose `private-nat` whose addresses a private one uses (EGR-074).
        pub private_subnets: Vec<Spanned<String>>,
        /// Other addresses for some destinations (EGR-061).
        pub rules: Vec<NatRule>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
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
        /// The service account whose tokens its programs can get.
        pub service_account: Option<Field<String>>,
        /// Its network tags.
        pub tags: Vec<Spanned<String>>,
        /// Its secure tags.
        pub secure_tags: Vec<Spanned<String>>,
        /// Whether it may pass on packets of others; false if absent (EGR-086).
        pub can_ip_forward: Option<Spanned<bool>>,
        /// What it listens for; everything if empty.
        pub listens: Vec<Spanned<super::firewall::Traffic>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
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
        /// Whether clients of other regions reach it; false if absent.
        pub global_access: Option<Field<bool>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

keyword! {
    /// What lines to a site are.
    pub enum LineKind {
        /// HA VPN with BGP.
        Vpn = "vpn",
        /// Interconnect with BGP.
        Interconnect = "interconnect",
        /// Classic VPN: only static routes lead into it.
        ClassicVpn = "classic-vpn",
    }
}

record! {
    /// An on-premises site, and its lines into a network.
    pub struct Site: resource "onprem" {
        /// The network that its lines end in.
        pub network: Spanned<String>,
        /// The region that its lines end in.
        pub region: Spanned<String>,
        /// What its lines are; `vpn` if absent.
        pub lines: Option<Spanned<LineKind>>,
        /// Whether the lines are up; true if absent.
        pub up: Option<Field<bool>>,
        /// Its own ranges; it announces them, unless its lines are `classic-vpn`.
        pub ranges: Vec<Spanned<IpNet>>,
        /// What it announces instead, such as `0.0.0.0/0`.
        pub announces: Option<Vec<Spanned<IpNet>>>,
        /// What the Cloud Router announces to it: ranges, and `all-subnets` for the subnets that
        /// it sees; `all-subnets` if absent (EGR-159).
        pub learns: Option<Vec<Spanned<String>>>,
        /// Whom its own firewall lets in; everybody if absent.
        pub admits: Option<Vec<Spanned<IpNet>>>,
        /// Names that its own resolvers answer otherwise than the internet does, `*.` in front for
        /// all below: their addresses.
        pub names: Map<Vec<Spanned<IpAddr>>>,
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
        /// The ports that it listens on; 443 if empty.
        pub ports: Vec<Spanned<u16>>,
        /// Whom it admits: `nat/ID`, an address or a range; everybody if absent.
        pub admits: Option<Vec<Spanned<String>>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
