//! What is not taken into account, in words.

use crate::graph::{Gap, GapKind, Unsaid};
use crate::topology::unread::Skipped;

/// A gap as a clause: what is not known, not read or not asked.
pub fn gap(gap: &Gap) -> String {
    match &gap.what {
        GapKind::Unsaid { what, of, why } => {
            let what = unsaid(*what, of);
            if why.is_empty() {
                format!("{what} is not known")
            } else {
                format!("{what} is not known: {why}")
            }
        }
        GapKind::SenderNetwork(name) => {
            format!("the network that {name} sends into is not known")
        }
        GapKind::NatRanges(id) => format!("it is not known which ranges nat/{id} serves"),
        GapKind::NameServers(id) => {
            format!("what the name servers of dns_policy/{id} answer is not known")
        }
        GapKind::ZoneServers(id) => {
            format!("what the name servers of zone/{id} answer is not known")
        }
        GapKind::SubnetRanges { network, subnet, ipv6: true } => {
            format!("the ranges of subnet {network}/{subnet}, which has IPv6, are not known")
        }
        GapKind::SubnetRanges { network, subnet, ipv6: false } => {
            format!("the range of subnet {network}/{subnet} is not known")
        }
        GapKind::DefaultRoute(id) => {
            format!(
                "whether network/{id} has a default route is not known; it is taken to have one"
            )
        }
        GapKind::FirewallRange(of) => format!("a range of {of} is not known"),
        GapKind::FirewallSourceTags(id) => format!(
            "firewall_rule/{id} names source tags that only some revisions of a subnet have, and \
             all of the subnet are taken to have them"
        ),
        GapKind::Identity { of, member } => {
            format!("{of} names `{member}`, which no identity of the topology stands for")
        }
        GapKind::PerimeterEdge(id) => {
            format!(
                "perimeter/{id} is not asked where its edge is crossed: it may refuse, or let in"
            )
        }
        GapKind::ManagedPerimeter(id) => format!(
            "private_connection/{id} has VPC Service Controls, and what that closes is not followed"
        ),
        GapKind::NotRead(what, _) => skipped(what),
    }
}

fn unsaid(what: Unsaid, of: &str) -> String {
    match what {
        Unsaid::Account => format!("the service account of {of}"),
        Unsaid::Address => format!("the address of {of}"),
        Unsaid::Addresses => format!("whether Google allocates the addresses of {of}"),
        Unsaid::DrainAddresses => format!("a drained address of {of}"),
        Unsaid::Backend => format!("the backend of a route of {of}"),
        Unsaid::WeightedBackend => format!("a weighted backend of a route of {of}"),
        Unsaid::Destination => format!("the destination of {of}"),
        Unsaid::EdgePolicy => format!("the edge security policy of {of}"),
        Unsaid::Exception => format!("an exception of {of}"),
        Unsaid::Member => format!("a member of a binding on {of}"),
        Unsaid::Network => format!("the network of {of}"),
        Unsaid::Policy => format!("the security policy of {of}"),
        Unsaid::Principal => format!("a principal of {of}"),
        Unsaid::Project => format!("the project of {of}"),
        Unsaid::Range => format!("the range of {of}"),
        Unsaid::Region => format!("the region of {of}"),
        Unsaid::Role => format!("the role of a binding on {of}"),
        Unsaid::Service => format!("the service of {of}"),
        Unsaid::Other => of.to_string(),
    }
}

/// What a reader skipped.
pub fn skipped(what: &Skipped) -> String {
    match what {
        Skipped::Resource { address, .. } => format!("{address} is not read"),
        Skipped::ServiceOf(address) => format!("the service of {address} is not known"),
        Skipped::HostOf(address) => format!("the host of {address} is not known"),
        Skipped::TrafficTagsOf(address) => format!("traffic tags of {address} are not known"),
        Skipped::AudiencesOf(address) => format!("custom audiences of {address} are not known"),
        Skipped::RegionsOf(address) => {
            format!("{address} runs in several regions, which is not read")
        }
        Skipped::Failed => "planning failed".into(),
        Skipped::LeftForLater => "applying the plan leaves changes for later".into(),
        Skipped::Deferred => "the plan defers changes".into(),
    }
}
