//! Name resolution inside networks.

use std::net::IpAddr;

use super::record::{Map, Spanned, record};

record! {
    /// A private zone of Cloud DNS: of its own records, forwarding, or of another network.
    pub struct Zone: resource "zone" {
        /// The domain that it answers for.
        pub domain: Spanned<String>,
        /// The networks that see it (EGR-129).
        pub networks: Vec<Spanned<String>>,
        /// Names inside the domain, or `@` for itself and `*` for what has no other record: their
        /// addresses, or one name that stands for them (CNAME).
        pub records: Map<Vec<Spanned<String>>>,
        /// The servers that queries are forwarded to (EGR-121).
        pub forwarding: Vec<Spanned<IpAddr>>,
        /// Whether queries to servers with other than RFC 1918 addresses go through the network, too,
        /// and not to the internet (private routing) (EGR-247).
        pub private_routing: Option<Spanned<bool>> = false,
        /// The network whose view answers (EGR-128).
        pub peering: Option<Spanned<String>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A response policy: single names that are answered otherwise (EGR-122).
    pub struct ResponsePolicy: resource "response_policy" {
        /// The networks that it holds in.
        pub networks: Vec<Spanned<String>>,
        /// Names, `*.` in front for all below: their addresses, or `bypass`.
        pub rules: Map<Vec<Spanned<String>>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A server policy of Cloud DNS. Alternative name servers get every query, and zones and
    /// response policies are not asked (EGR-118, EGR-119).
    pub struct DnsPolicy: resource "dns_policy" {
        /// The networks that it holds in.
        pub networks: Vec<Spanned<String>>,
        /// The name servers.
        pub alternative_name_servers: Vec<Spanned<IpAddr>>,
        /// Whether queries to servers with other than RFC 1918 addresses go through the network, too,
        /// and not to the internet (private routing) (EGR-247).
        pub private_routing: Option<Spanned<bool>> = false,
        /// Whether names that have IPv4 alone get addresses of 64:ff9b::/96, for machines that have
        /// IPv6 alone (DNS64) (EGR-018).
        pub dns64: Option<Spanned<bool>> = false,
    }
}
