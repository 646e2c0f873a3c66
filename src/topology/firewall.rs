//! Firewall rules of networks, and firewall policies above and in them.

use ipnet::IpNet;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::record::{
    Decode, Decoder, Field, Map, Show, Showing, Shown, Spanned, keyword, record, single,
};
use crate::source::tree::Node;

keyword! {
    /// A protocol of the transport layer.
    pub enum Protocol {
        /// TCP, and all that stands on it.
        Tcp = "tcp" | "TCP" | "6",
        /// UDP.
        Udp = "udp" | "UDP" | "17",
        /// ICMP.
        Icmp = "icmp" | "ICMP" | "1",
        /// IPsec, encrypted.
        Esp = "esp" | "ESP" | "50",
        /// IPsec, authenticated.
        Ah = "ah" | "AH" | "51",
        /// SCTP.
        Sctp = "sctp" | "SCTP" | "132",
        /// GRE.
        Gre = "gre" | "GRE" | "47",
        /// IP in IP.
        Ipip = "ipip" | "IPIP" | "94",
        /// Any other.
        Other = "other",
    }
}

/// What a firewall rule speaks of: a protocol, and ports of it (`tcp:443`, `tcp:8000-8999`, `udp`,
/// `all`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Traffic {
    /// The protocol; every one if absent.
    pub protocol: Option<Protocol>,
    /// The ports, inclusive; every one if empty.
    pub ports: Vec<(u16, u16)>,
}

impl std::fmt::Display for Traffic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.protocol.map_or("all", Protocol::as_str))?;
        for (at, (low, high)) in self.ports.iter().enumerate() {
            f.write_str(if at == 0 { ":" } else { "," })?;
            if low == high { write!(f, "{low}")? } else { write!(f, "{low}-{high}")? }
        }
        Ok(())
    }
}

impl std::str::FromStr for Traffic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, ports) = match text.split_once(':') {
            Some((name, ports)) => (name, Some(ports)),
            None => (text, None),
        };
        let protocol = match name {
            "all" => None,
            name => Some(Protocol::from_word(name).ok_or(())?),
        };
        let mut ranges = Vec::new();
        for part in ports.into_iter().flat_map(|ports| ports.split(',')) {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.parse().map_err(drop)?, high.parse().map_err(drop)?);
            if low > high {
                return Err(());
            }
            ranges.push((low, high));
        }
        let has_ports = matches!(protocol, Some(Protocol::Tcp | Protocol::Udp));
        if !ranges.is_empty() && !has_ports {
            return Err(());
        }
        Ok(Traffic { protocol, ports: ranges })
    }
}

impl Decode for Traffic {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        let text = cx.text(node)?;
        let traffic = text.parse().ok();
        if traffic.is_none() {
            let finding = cx
                .invalid(node, format!("`{text}` is not a protocol with ports"))
                .help("write `tcp:443`, `tcp:8000-8999`, `udp`, `icmp` or `all`");
            cx.report(finding);
        }
        traffic
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A protocol, and ports of it.",
            "type": "string",
            "pattern": "^(all|icmp|other|esp|ah|sctp|gre|ipip|ICMP|1|ESP|50|AH|51|SCTP|132|GRE|47|IPIP|94|(tcp|udp|TCP|UDP|6|17)(:[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?)$"
        })
    }
}

impl Show for Traffic {
    fn show(&self, _: Showing<'_>) -> Option<Shown> {
        Some(Shown::text(self.to_string()))
    }
}

single! { Traffic }

keyword! {
    /// Which way packets go that a rule speaks of.
    pub enum Direction {
        /// To an endpoint of the network.
        Ingress = "ingress" | "INGRESS",
        /// From an endpoint of the network.
        Egress = "egress" | "EGRESS",
    }
}

keyword! {
    /// What a firewall rule does.
    pub enum FirewallAction {
        /// Lets pass.
        Allow = "allow",
        /// Drops.
        Deny = "deny",
        /// Leaves it to the next level; policies only (EGR-099).
        GoToNext = "goto_next",
    }
}

record! {
    /// A VPC firewall rule (EGR-098).
    pub struct FirewallRule: resource "firewall_rule" {
        /// Its network.
        pub network: Spanned<String>,
        /// Which way.
        pub direction: Option<Spanned<Direction>> = Direction::Ingress,
        /// Smaller goes first, and deny before allow.
        pub priority: Option<Spanned<u32>> = 1000,
        /// What it does: `allow` or `deny`.
        pub action: Spanned<FirewallAction>,
        /// What it speaks of; everything if empty.
        pub traffic: Vec<Spanned<Traffic>>,
        /// Senders' addresses; all if neither these nor other sources are given.
        pub source_ranges: Vec<Field<IpNet>>,
        /// Destinations; all if empty.
        pub destination_ranges: Vec<Field<IpNet>>,
        /// Senders with one of these network tags; ingress only.
        pub source_tags: Vec<Spanned<String>>,
        /// Senders that run as one of these accounts; ingress only.
        pub source_service_accounts: Vec<Spanned<String>>,
        /// The endpoints with one of these network tags; all of the network if absent (EGR-105).
        pub target_tags: Vec<Spanned<String>>,
        /// The endpoints that run as one of these accounts; all if absent (EGR-105).
        pub target_service_accounts: Vec<Spanned<String>>,
        /// Whether it is switched off.
        pub disabled: Option<Field<bool>> = false,
    }
}

keyword! {
    /// Where a rule of a firewall policy takes packets to come from or to go to: the network contexts
    /// of Cloud NGFW (EGR-259).
    pub enum NetworkType {
        /// The internet.
        Internet = "internet" | "INTERNET",
        /// Anything else.
        NonInternet = "non-internet" | "NON_INTERNET",
        /// Networks that are named; of senders only.
        VpcNetworks = "vpc-networks" | "VPC_NETWORKS",
        /// The network of the endpoint itself; of senders only.
        IntraVpc = "intra-vpc" | "INTRA_VPC",
    }
}

record! {
    /// A rule of a firewall policy (EGR-099). Of several kinds of senders or destinations a packet has
    /// to match one, and the network type besides (EGR-259).
    pub struct FirewallPolicyRule {
        /// Smaller goes first; unique in the policy.
        pub priority: Spanned<u32>,
        /// Which way.
        pub direction: Option<Spanned<Direction>> = Direction::Ingress,
        /// What it does.
        pub action: Spanned<FirewallAction>,
        /// What it speaks of; everything if empty.
        pub traffic: Vec<Spanned<Traffic>>,
        /// Senders' addresses; all if empty.
        pub source_ranges: Vec<Field<IpNet>>,
        /// Destinations; all if empty.
        pub destination_ranges: Vec<Field<IpNet>>,
        /// Names whose addresses are destinations (EGR-115).
        pub destination_fqdns: Vec<Spanned<String>>,
        /// Regions of senders (ISO 3166-1 alpha-2).
        pub source_regions: Vec<Spanned<String>>,
        /// Regions of destinations.
        pub destination_regions: Vec<Spanned<String>>,
        /// Groups of addresses of senders.
        pub source_address_groups: Vec<Spanned<String>>,
        /// Groups of addresses of destinations.
        pub destination_address_groups: Vec<Spanned<String>>,
        /// Lists of threat intelligence on which senders are.
        pub source_threat_lists: Vec<Spanned<String>>,
        /// Lists of threat intelligence on which destinations are.
        pub destination_threat_lists: Vec<Spanned<String>>,
        /// Where packets come from.
        pub source_network_type: Option<Spanned<NetworkType>>,
        /// Where they go to: `internet` or `non-internet`.
        pub destination_network_type: Option<Spanned<NetworkType>>,
        /// The networks of the senders, for the type `vpc-networks`.
        pub source_networks: Vec<Spanned<String>>,
        /// The endpoints that run as one of these accounts; all if absent.
        pub target_service_accounts: Vec<Spanned<String>>,
        /// The endpoints with one of these secure tags; all if absent. Cloud Run has none
        /// (EGR-048).
        pub target_secure_tags: Vec<Spanned<String>>,
        /// The networks that it holds in; all if absent. Hierarchical policies only.
        pub networks: Vec<Spanned<String>>,
        /// Whether it is switched off.
        pub disabled: Option<Spanned<bool>> = false,
    }
}

impl FirewallPolicyRule {
    /// What it names of senders besides ranges.
    pub fn other_senders(&self) -> impl Iterator<Item = &Spanned<String>> {
        let groups = self.source_address_groups.iter();
        groups.chain(&self.source_regions).chain(&self.source_threat_lists)
    }

    /// What it names of destinations besides ranges.
    pub fn other_destinations(&self) -> impl Iterator<Item = &Spanned<String>> {
        let groups = self.destination_address_groups.iter().chain(&self.destination_fqdns);
        groups.chain(&self.destination_regions).chain(&self.destination_threat_lists)
    }
}

record! {
    /// A firewall policy: hierarchical, or of networks (EGR-099, EGR-102).
    pub struct FirewallPolicy: resource "firewall_policy" {
        /// What it is attached to: `organization`, `folder/ID` or `network/ID`.
        pub attached_to: Vec<Spanned<String>>,
        /// The region that it holds in; everywhere if absent.
        pub region: Option<Spanned<String>>,
        /// Its rules.
        pub rules: Vec<FirewallPolicyRule>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

keyword! {
    /// When network firewall policies are asked (EGR-100, EGR-101).
    pub enum FirewallOrder {
        /// Behind the VPC firewall rules.
        AfterClassic = "after-classic" | "AFTER_CLASSIC_FIREWALL",
        /// Before them.
        BeforeClassic = "before-classic" | "BEFORE_CLASSIC_FIREWALL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_read_and_written() {
        for text in ["tcp:443", "tcp:80,8000-8999", "udp", "icmp", "all"] {
            assert_eq!(text.parse::<Traffic>().map(|traffic| traffic.to_string()), Ok(text.into()));
        }
        for text in ["tcp:", "tcp:9-8", "icmp:8", "all:1", "http", "tcp:70000"] {
            assert_eq!(text.parse::<Traffic>(), Err(()), "{text}");
        }
    }
}
