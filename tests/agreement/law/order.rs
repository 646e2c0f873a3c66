//! Other ids, and what means the same in any order in another one: nothing changes.

use std::collections::HashSet;

use super::place::{at, ids, kind, lists, touches};
use super::{Changed, Direction, Law, Touch};
use crate::alike::renamed_of;
use crate::document::Node;
use crate::random::Random;
use portolan::internals::graph::HopKind;

const SECTIONS: &[&str] = &[
    "folders",
    "projects",
    "networks",
    "connectors",
    "services",
    "jobs",
    "domain_mappings",
    "load_balancers",
    "backends",
    "backend_buckets",
    "security_policies",
    "address_groups",
    "access_levels",
    "deny_policies",
    "access_boundaries",
    "perimeters",
    "users",
    "vms",
    "passthrough_load_balancers",
    "onprem",
    "products",
    "routes",
    "policy_routes",
    "peerings",
    "firewall_rules",
    "firewall_policies",
    "zones",
    "response_policies",
    "dns_policies",
    "psc_endpoints",
    "service_attachments",
    "private_connections",
    "sql_instances",
    "redis_instances",
    "externals",
];

/// Sections that random topologies hardly ever have more than one resource in.
const SINGLE: &[&str] = &[
    "backend_buckets",
    "address_groups",
    "response_policies",
    "dns_policies",
    "private_connections",
    "passthrough_load_balancers",
];

/// Lists that mean the same in any order.
const LISTS: &[(&str, &str)] = &[
    ("nats", "addresses"),
    ("nats", "subnets"),
    ("nats", "rules"),
    ("services", "invokers"),
    ("services", "iam"),
    ("services", "accessors"),
    ("services", "members"),
    ("services", "tags"),
    ("services", "traffic_tags"),
    ("services", "custom_audiences"),
    ("projects", "iam"),
    ("load_balancers", "front_ends"),
    ("load_balancers", "ports"),
    ("load_balancers", "routes"),
    ("backends", "accessors"),
    ("security_policies", "rules"),
    ("security_policies", "source_ranges"),
    ("address_groups", "ranges"),
    ("deny_policies", "principals"),
    ("access_boundaries", "principals"),
    ("perimeters", "projects"),
    ("users", "identities"),
    ("users", "addresses"),
    ("vms", "tags"),
    ("vms", "listens"),
    ("onprem", "ranges"),
    ("onprem", "announces"),
    ("onprem", "learns"),
    ("onprem", "admits"),
    ("policy_routes", "source"),
    ("policy_routes", "destination"),
    ("firewall_rules", "traffic"),
    ("firewall_rules", "source_ranges"),
    ("firewall_rules", "destination_ranges"),
    ("firewall_rules", "source_tags"),
    ("firewall_rules", "target_tags"),
    ("firewall_policies", "rules"),
    ("firewall_policies", "source_ranges"),
    ("firewall_policies", "destination_ranges"),
    ("zones", "records"),
    ("response_policies", "networks"),
    ("service_attachments", "accept"),
    ("private_connections", "ranges"),
    ("sql_instances", "authorized_networks"),
    ("externals", "addresses"),
    ("externals", "hosts"),
    ("externals", "ports"),
    ("externals", "admits"),
];

pub fn laws() -> Vec<Law> {
    let mut laws = Vec::new();
    for &section in SECTIONS {
        let law = Law::new(format!("rename {section}"), Direction::Same, move |document, _| {
            let named: HashSet<String> = ids(document, section).into_iter().collect();
            (!named.is_empty()).then(|| renamed(document, named, all_of(section)))
        });
        laws.push(Law { needs_order: true, ..law });
        if SINGLE.contains(&section) {
            continue;
        }
        let law =
            Law::new(format!("reorder {section}"), Direction::Same, move |document, random| {
                let mut other = document.clone();
                let Node::Map(entries) = other.get_mut(section)? else { return None };
                if entries.len() < 2 {
                    return None;
                }
                entries.rotate_left(1);
                let rest = entries.len() - 1;
                random.shuffle(&mut entries[..rest]);
                Some(Changed::new(other, all_of(section)))
            });
        laws.push(Law { needs_order: true, ..law });
    }
    for &(section, key) in LISTS {
        let name = format!("reorder {section}.{key}");
        let law = Law::new(name, Direction::Same, move |document, random| {
            list(document, section, key, random)
        });
        laws.push(Law { by_place: true, ..law });
    }
    let subnets = Law::new("rename subnets", Direction::Same, |document, _| {
        let mut named = HashSet::new();
        for (_, network) in document.get("networks")?.entries() {
            for (id, _) in network.get("subnets").map(Node::entries).unwrap_or_default() {
                // What follows a dash is a region.
                named.extend(id.split('-').next().map(str::to_owned));
            }
        }
        Some(renamed(
            document,
            named,
            vec![Touch::Kind(HopKind::DirectVpcEgress), Touch::Kind(HopKind::Subnet)],
        ))
    });
    laws.push(Law { needs_order: true, ..subnets });
    let keys = Law::new("reorder every key", Direction::Same, |document, random| {
        let mut other = document.clone();
        other.shuffle_keys(random);
        Some(Changed::new(other, everything()))
    });
    laws.push(Law { needs_order: true, ..keys });
    laws
}

/// With every list in another order that means the same in any, but where something is not known and
/// has no name but its place.
pub fn with_lists_reordered(document: &Node, random: &mut Random) -> Node {
    let mut other = document.clone();
    let published = document.get("service_attachments").is_some();
    for &(section, key) in LISTS {
        // What an attachment publishes is the first of them.
        if key == "front_ends" && published {
            continue;
        }
        // From within: a list may hold others.
        for way in lists(&other, section, key).iter().rev() {
            let Some(own) = other.get_mut(section) else { continue };
            let list = at(own, way);
            if !format!("{list:?}").contains("unknown") {
                list.items_mut().into_iter().for_each(|items| random.shuffle(items));
            }
        }
    }
    other
}

fn everything() -> Vec<Touch> {
    vec![Touch::Resource(String::new())]
}

/// What requests come by that have to do with any resource of a section.
fn all_of(section: &str) -> Vec<Touch> {
    match section {
        "users" | "products" | "jobs" => vec![Touch::From(format!("{}/", kind(section)))],
        _ => touches(section, ""),
    }
}

fn renamed(document: &Node, named: HashSet<String>, touched: Vec<Touch>) -> Changed {
    let mut other = document.clone();
    other.change_texts(&|text: &str| renamed_of(text, &|id| named.contains(id)));
    let mut changed = Changed::new(other, touched);
    changed.ids = named;
    changed
}

fn list(document: &Node, section: &str, key: &str, random: &mut Random) -> Option<Changed> {
    let mut all = lists(document, section, key);
    if section == "zones" {
        // The values of records, which are no list under one key.
        for (zone, (_, own)) in document.get(section)?.entries().iter().enumerate() {
            let at = own.entries().iter().position(|(own, _)| own == key);
            let records = own.get(key).map(Node::entries).unwrap_or_default();
            let ways = (0..records.len()).filter_map(|record| Some(vec![zone, at?, record]));
            all.extend(ways);
        }
    }
    let mut sections = document.get(section)?.clone();
    all.retain(|way| at(&mut sections, way).items().len() > 1);
    if all.is_empty() {
        return None;
    }
    let way = random.pick(&all).clone();
    let mut other = document.clone();
    at(other.get_mut(section)?, &way).items_mut()?.rotate_left(1);
    let id = document.get(section)?.entries()[way[0]].0.clone();
    let touched = match (section, key) {
        ("services", "accessors") | ("backends", _) => vec![Touch::Kind(HopKind::Iap)],
        ("service_attachments", _) => vec![Touch::Resource("psc_endpoint/".into())],
        ("services", "tags") => vec![Touch::Kind(HopKind::DirectVpcEgress)],
        ("services", "invokers" | "iam" | "members" | "custom_audiences") => {
            vec![Touch::Kind(HopKind::InvokerIam)]
        }
        ("users", _) => vec![Touch::From(format!("user/{id}"))],
        _ => touches(section, &id),
    };
    Some(Changed::new(other, touched))
}
