//! Routes of a VPC network: static ones, policy-based ones, and what peerings exchange.

use ipnet::IpNet;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::record::{Decode, Decoder, Field, Map, Show, Showing, Shown, Spanned, record, single};
use crate::source::tree::Node;

/// Where a static route leads (EGR-085).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NextHop {
    /// The default internet gateway.
    Internet,
    /// The normal route table; policy-based routes only (EGR-089).
    DefaultRouting,
    /// A machine.
    Vm(String),
    /// The machine that has this address.
    Address(std::net::IpAddr),
    /// An internal passthrough load balancer.
    LoadBalancer(String),
    /// The lines to a site, or one of them.
    Site {
        /// The site.
        site: String,
        /// The name of the line.
        line: Option<String>,
    },
}

impl std::fmt::Display for NextHop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NextHop::Internet => f.write_str("internet"),
            NextHop::DefaultRouting => f.write_str("default-routing"),
            NextHop::Vm(id) => write!(f, "vm/{id}"),
            NextHop::Address(address) => write!(f, "{address}"),
            NextHop::LoadBalancer(id) => write!(f, "load_balancer/{id}"),
            NextHop::Site { site, line: None } => write!(f, "onprem/{site}"),
            NextHop::Site { site, line: Some(line) } => write!(f, "onprem/{site}/{line}"),
        }
    }
}

impl Decode for NextHop {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let text = cx.text(node)?;
        let hop = match &**text {
            "internet" | "default-internet-gateway" => Some(NextHop::Internet),
            "default-routing" | "DEFAULT_ROUTING" => Some(NextHop::DefaultRouting),
            _ => match text.split_once('/') {
                Some(("vm", id)) => Some(NextHop::Vm(id.into())),
                Some(("load_balancer", id)) => Some(NextHop::LoadBalancer(id.into())),
                Some(("onprem", id)) => Some(match id.split_once('/') {
                    Some((site, line)) => {
                        NextHop::Site { site: site.into(), line: Some(line.into()) }
                    }
                    None => NextHop::Site { site: id.into(), line: None },
                }),
                _ => text.parse().ok().map(NextHop::Address),
            },
        };
        if hop.is_none() {
            let finding = cx
                .invalid(node, format!("`{text}` is not a next hop"))
                .help("write `internet`, `vm/ID`, `load_balancer/ID`, `onprem/ID` or an address");
            cx.report(finding);
        }
        hop
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a static route leads.",
            "type": "string",
            "pattern": "^(internet|default-internet-gateway|default-routing|DEFAULT_ROUTING|(vm|load_balancer|onprem)/.+|[0-9a-fA-F.:]+)$"
        })
    }
}

impl Show for NextHop {
    fn show(&self, _: Showing<'_>) -> Option<Shown> {
        Some(Shown::text(self.to_string()))
    }
}

single! { NextHop }

record! {
    /// A static route (EGR-083, EGR-085).
    pub struct Route: resource "route" {
        /// Its network.
        pub network: Spanned<String>,
        /// The destinations.
        pub destination: Field<IpNet>,
        /// Smaller goes first among routes to the same destinations.
        pub priority: Option<Spanned<u32>> = 1000,
        /// It holds only for senders with one of these network tags; for all if empty.
        pub tags: Vec<Spanned<String>>,
        /// Where it leads.
        pub next_hop: Spanned<NextHop>,
    }
}

record! {
    /// A policy-based route, asked before every other (EGR-088).
    pub struct PolicyRoute: resource "policy_route" {
        /// Its network.
        pub network: Spanned<String>,
        /// Smaller goes first.
        pub priority: Option<Spanned<u32>> = 1000,
        /// Senders' addresses; all if empty.
        pub source: Vec<Spanned<IpNet>>,
        /// Destinations; all if empty.
        pub destination: Vec<Spanned<IpNet>>,
        /// The protocol; all if absent.
        pub protocol: Option<Spanned<super::firewall::Protocol>>,
        /// It holds only for senders with one of these network tags; for all if empty.
        pub tags: Vec<Spanned<String>>,
        /// It holds only for what arrives by VLAN attachments of this region, or of `all`.
        pub interconnect_region: Option<Spanned<String>>,
        /// An internal passthrough load balancer, or `default-routing`.
        pub next_hop: Spanned<NextHop>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

impl PolicyRoute {
    /// Whether there are packets for which both it and another are.
    pub fn meets(&self, other: &PolicyRoute) -> bool {
        let common = |own: &[Spanned<IpNet>], other: &[Spanned<IpNet>]| {
            let within = |one: &IpNet, other: &IpNet| one.contains(other) || other.contains(one);
            own.is_empty()
                || other.is_empty()
                || own.iter().any(|one| other.iter().any(|other| within(&one.value, &other.value)))
        };
        let protocols =
            [&self.protocol, &other.protocol].map(|own| own.as_ref().map(|own| own.value));
        let of_one_protocol = match protocols {
            [Some(own), Some(other)] => own == other,
            _ => true,
        };
        of_one_protocol
            && common(&self.source, &other.source)
            && common(&self.destination, &other.destination)
    }
}

record! {
    /// One side of a peering of two networks; it works only if both sides are there (EGR-092).
    pub struct Peering: resource "peering" {
        /// The network whose side this is.
        pub network: Spanned<String>,
        /// The other network.
        pub peer: Spanned<String>,
        /// The subnets of the other network, if the topology does not have it: what is sent there
        /// leaves the known world (EGR-165).
        pub ranges: Vec<Spanned<IpNet>>,
        /// Whether it gives its static and dynamic routes (EGR-091).
        pub export_custom_routes: Option<Spanned<bool>> = false,
        /// Whether it takes the other side's (EGR-091).
        pub import_custom_routes: Option<Spanned<bool>> = false,
        /// Whether it gives subnet routes with public addresses (EGR-091).
        pub export_public_subnets: Option<Spanned<bool>> = true,
        /// Whether it takes the other side's (EGR-091).
        pub import_public_subnets: Option<Spanned<bool>> = false,
        /// Which versions of IP it lets pass: with `dual-stack` on both sides routes of IPv6 are
        /// exchanged too (EGR-091).
        pub stack_type: Option<Spanned<super::network::StackType>> = super::network::StackType::Ipv4Only,
    }
}

impl Peering {
    /// Whether it lets IPv6 pass.
    pub fn has_ipv6(&self) -> bool {
        self.stack_type() != super::network::StackType::Ipv4Only
    }
}
