//! Where in a document a law finds what it changes.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Named, Touch, resource};
use crate::document::Node;
use crate::random::Random;
use portolan::internals::graph::HopKind;
use portolan::internals::source::Span;
use portolan::internals::topology::Topology;

/// The way from a section to a part of it: which entry or item at each depth.
pub type Way = Vec<usize>;

/// What a resource of a section is called in answers.
pub fn kind(section: &str) -> &'static str {
    let topology = Topology::empty(Span::none());
    topology.sections().find(|own| own.key == section).map_or("", |own| own.kind)
}

/// What requests come by that have to do with a resource.
pub fn touches(section: &str, id: &str) -> Vec<Touch> {
    match section {
        "firewall_rules" => vec![Touch::Rule(Named::FirewallRule(id.into()))],
        "zones" => vec![Touch::Rule(Named::Zone(id.into()))],
        "response_policies" => vec![Touch::Rule(Named::ResponsePolicy(id.into()))],
        "firewall_policies" => vec![Touch::Rule(Named::InFirewallPolicy(id.into()))],
        "connectors" => {
            vec![resource("connector", id), Touch::Rule(Named::OfConnector(id.into()))]
        }
        "projects" | "folders" | "deny_policies" | "access_boundaries" | "organization" => {
            vec![Touch::Kind(HopKind::InvokerIam)]
        }
        "groups" => vec![Touch::Kind(HopKind::InvokerIam), Touch::Kind(HopKind::Iap)],
        "access_levels" => vec![Touch::Kind(HopKind::Iap)],
        "perimeters" => vec![Touch::Kind(HopKind::IngressSetting)],
        "address_groups" => vec![Touch::Kind(HopKind::SecurityPolicy)],
        "peerings" | "private_connections" | "dns_policies" => {
            vec![
                Touch::Kind(HopKind::ReturnRoute),
                Touch::Kind(HopKind::PrivateServicesAccess),
                Touch::Kind(HopKind::Dns),
                Touch::Kind(HopKind::InsideNetwork),
            ]
        }
        "users" | "products" | "jobs" => Vec::new(),
        _ => vec![resource(kind(section), id)],
    }
}

/// The ids of a section.
pub fn ids(document: &Node, section: &str) -> Vec<String> {
    document
        .get(section)
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|(id, _)| id.clone())
        .collect()
}

/// One id of a section whose resource fits.
pub fn pick(
    document: &Node,
    section: &str,
    random: &mut Random,
    fits: impl Fn(&Node) -> bool,
) -> Option<String> {
    let entries = document.get(section)?.entries();
    let fitting: Vec<&String> =
        entries.iter().filter(|(_, own)| fits(own)).map(|(id, _)| id).collect();
    match fitting.is_empty() {
        true => None,
        false => Some((*random.pick(&fitting)).clone()),
    }
}

/// Every list under a key of that name in a section, at any depth.
pub fn lists(document: &Node, section: &str, key: &str) -> Vec<Way> {
    fn search(node: &Node, key: &str, way: &mut Way, found: &mut Vec<Way>) {
        let children: Vec<(Option<&str>, &Node)> = match node {
            Node::Map(entries) => {
                entries.iter().map(|(own, value)| (Some(own.as_str()), value)).collect()
            }
            Node::List(items) => items.iter().map(|item| (None, item)).collect(),
            _ => return,
        };
        for (at, (own, value)) in children.into_iter().enumerate() {
            way.push(at);
            if own == Some(key) && !value.items().is_empty() {
                found.push(way.clone());
            }
            search(value, key, way, found);
            way.pop();
        }
    }
    let mut found = Vec::new();
    if let Some(section) = document.get(section) {
        search(section, key, &mut Way::new(), &mut found);
    }
    found
}

/// What is at the end of a way.
pub fn at<'a>(node: &'a mut Node, way: &[usize]) -> &'a mut Node {
    way.iter().fold(node, |node, &at| match node {
        Node::Map(entries) => &mut entries[at].1,
        Node::List(items) => &mut items[at],
        _ => panic!("the way goes on"),
    })
}

/// A text as a range.
pub fn range(node: &Node) -> Option<IpNet> {
    let text = node.as_text()?;
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The halves of a range that has more than one address.
pub fn halves(range: IpNet) -> Option<[IpNet; 2]> {
    let halves: Vec<IpNet> = range.subnets(range.prefix_len() + 1).ok()?.collect();
    halves.try_into().ok()
}

/// Every range that anything in the topology is said to have, be routed by, or announce.
pub fn routed(document: &Node) -> Vec<IpNet> {
    let mut ranges: Vec<IpNet> = Vec::new();
    for section in [
        "networks",
        "connectors",
        "routes",
        "onprem",
        "private_connections",
        "psc_endpoints",
        "vms",
    ] {
        collect(document.get(section), &mut ranges);
    }
    // Networks have a route to everything, unless they say that they have not.
    ranges.extend(["0.0.0.0/0", "::/0"].iter().filter_map(|text| text.parse::<IpNet>().ok()));
    ranges
}

fn collect(node: Option<&Node>, ranges: &mut Vec<IpNet>) {
    match node {
        Some(Node::List(items)) => items.iter().for_each(|item| collect(Some(item), ranges)),
        Some(Node::Map(entries)) => {
            entries.iter().for_each(|(_, value)| collect(Some(value), ranges));
        }
        Some(text) => ranges.extend(range(text)),
        None => {}
    }
}

/// Whether nothing else is routed by a range or one of its halves, so that whatever is routed by
/// it is still if it is in two.
pub fn alone(document: &Node, whole: IpNet) -> bool {
    let Some([one, other]) = halves(whole) else { return false };
    let all = routed(document);
    let count = |wanted: IpNet| all.iter().filter(|range| **range == wanted).count();
    count(whole) == 1 && count(one) == 0 && count(other) == 0
}
