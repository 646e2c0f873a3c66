//! Rules of firewalls and policies: one more allow takes nothing away, one more deny gives
//! nothing.

use super::Direction::{Less, More};
use super::place::{ids, pick, touches};
use super::{Changed, Law, Named, Touch, resource};
use crate::document::{Node, map};
use crate::random::Random;
use portolan::internals::graph::HopKind;

const RANGES: &[&str] =
    &["10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "0.0.0.0/1", "198.51.100.0/24", "192.168.0.0/16"];

const ACCOUNTS: &[&str] =
    &["app@shop.iam.gserviceaccount.com", "pusher@shop.iam.gserviceaccount.com"];

pub fn laws() -> Vec<Law> {
    let mut laws = Vec::new();
    for (action, way) in [("allow", More), ("deny", Less)] {
        for direction in ["ingress", "egress"] {
            for by in [
                "everything",
                "range",
                "source tag",
                "source account",
                "target tag",
                "target account",
                "port",
                "protocol",
            ] {
                if direction == "egress" && by.starts_with("source ") {
                    continue;
                }
                let name = format!("{action} firewall_rules {direction} by {by}");
                laws.push(Law::new(name, way, move |document, random| {
                    firewall_rule(document, action, direction, by, random)
                }));
            }
        }
        for place in ["organization", "folder", "network", "region"] {
            let name = format!("{action} firewall_policies of {place}");
            laws.push(Law::new(name, way, move |document, random| {
                firewall_policy(document, action, place, random)
            }));
        }
        for sort in ["policy", "edge", "top"] {
            let name = format!("{action} security_policies of {sort}");
            laws.push(Law::new(name, way, move |document, random| {
                security_policy(document, action, sort, random)
            }));
        }
    }
    laws
}

/// What a request comes by that a firewall in this direction is asked about.
fn near(direction: &str) -> Vec<Touch> {
    match direction {
        "ingress" => vec![Touch::Kind(HopKind::IngressFirewall), resource("vm", "")],
        _ => {
            vec![
                Touch::Kind(HopKind::DirectVpcEgress),
                Touch::Kind(HopKind::Connector),
                Touch::Kind(HopKind::Subnet),
            ]
        }
    }
}

/// The tags that machines and revisions have, and those of connectors.
fn tags(document: &Node, random: &mut Random) -> Vec<String> {
    let mut tags = vec!["web".to_owned(), "db".into(), "vpc-connector".into()];
    for id in ids(document, "connectors") {
        for region in ["asia-northeast1", "us-central1", "europe-west1"] {
            tags.push(format!("vpc-connector-{region}-{id}"));
        }
    }
    for section in ["vms", "services", "jobs"] {
        for (_, own) in document.get(section).map(Node::entries).unwrap_or_default() {
            let own = own.get("vpc_access").unwrap_or(own);
            let own = own.get("tags").map(Node::items).unwrap_or_default();
            tags.extend(own.iter().filter_map(Node::as_text).map(str::to_owned));
        }
    }
    random.some(&tags, 1, 3)
}

fn firewall_rule(
    document: &Node,
    action: &str,
    direction: &str,
    by: &str,
    random: &mut Random,
) -> Option<Changed> {
    let mut near = near(direction);
    let account = |own: &Node| own.text("service_account").is_some();
    let by_account = by.ends_with("account");
    let network = match pick(document, "vms", random, |own| !by_account || account(own)) {
        // Most requests that a firewall keeps out go to a machine.
        Some(vm) if direction == "ingress" || by_account => {
            near = match direction {
                "ingress" => vec![resource("vm", &vm)],
                _ => vec![Touch::From(format!("vm/{vm}")), resource("vm", &vm)],
            };
            document.get("vms")?.get(&vm)?.text("network")?.to_owned()
        }
        _ if direction == "ingress" || by_account => return None,
        _ => pick(document, "networks", random, |_| true)?,
    };
    let mut accounts: Vec<String> = ACCOUNTS.iter().map(|own| own.to_string()).collect();
    for (_, vm) in document.get("vms").map(Node::entries).unwrap_or_default() {
        accounts.extend(vm.text("service_account").map(str::to_owned));
    }
    let priority = *random.pick(&[1u64, 3, 899, 950, 1000, 30000, 65535]);
    let mut rule = map([
        ("network", network.into()),
        ("priority", priority.into()),
        ("action", action.into()),
        ("direction", direction.into()),
    ]);
    let ranges = if direction == "ingress" { "source_ranges" } else { "destination_ranges" };
    match by {
        "range" => rule.set(ranges, random.some(RANGES, 1, 2)),
        "source tag" => rule.set("source_tags", tags(document, random)),
        "source account" => rule.set("source_service_accounts", random.some(&accounts, 1, 2)),
        "target tag" => rule.set("target_tags", tags(document, random)),
        "target account" => rule.set("target_service_accounts", random.some(&accounts, 1, 2)),
        "port" => rule.set("traffic", vec![random.word(&["tcp:443", "tcp:80,443", "tcp:1-600"])]),
        "protocol" => rule.set("traffic", vec![random.word(&["tcp", "udp", "icmp", "all"])]),
        _ => {}
    }
    let mut other = document.clone();
    other.section("firewall_rules").set("qextra0", rule);
    Some(Changed::new(other, touches("firewall_rules", "qextra0")).near(near))
}

fn firewall_policy(
    document: &Node,
    action: &str,
    place: &str,
    random: &mut Random,
) -> Option<Changed> {
    let network = pick(document, "networks", random, |_| true)?;
    let to = match place {
        "organization" => place.to_owned(),
        "folder" => format!("folder/{}", pick(document, "folders", random, |_| true)?),
        _ => format!("network/{network}"),
    };
    let direction = random.word(&["ingress", "egress", "egress"]);
    let mut rule = map([("action", action.into()), ("direction", direction.as_str().into())]);
    let ranges = if direction == "ingress" { "source_ranges" } else { "destination_ranges" };
    match random.below(5) {
        0 => rule.set(ranges, random.some(RANGES, 1, 2)),
        1 => rule.set("traffic", vec![random.word(&["tcp", "tcp:443", "udp"])]),
        2 => rule.set("target_service_accounts", vec![random.word(ACCOUNTS)]),
        _ => {}
    }
    let regional = place == "region";
    let here = |own: &Node| {
        own.get("region").is_some() == regional
            && own.get("attached_to").is_some_and(|all| all.items().contains(&to.as_str().into()))
    };
    let mut other = document.clone();
    let known = pick(document, "firewall_policies", random, here);
    let id = known.unwrap_or_else(|| "qextra0".to_owned());
    let policies = other.section("firewall_policies");
    if policies.get(&id).is_none() {
        let mut policy = map([("attached_to", vec![to.as_str()].into())]);
        if regional {
            let subnets = document.get("networks")?.get(&network)?.get("subnets")?.entries();
            policy.set("region", subnets.first()?.1.text("region")?);
        }
        policies.set(id.as_str(), policy);
    }
    // Others have multiples of 50.
    let priority = *random.pick(&[1u64, 75, 125, 999]);
    rule.set("priority", priority);
    policies.get_mut(&id)?.list("rules").push(rule);
    let touched = vec![Touch::Rule(Named::FirewallPolicy(id, priority as u32))];
    Some(Changed::new(other, touched).near(near(&direction)))
}

fn security_policy(
    document: &Node,
    action: &str,
    sort: &str,
    random: &mut Random,
) -> Option<Changed> {
    let policies = document.get("security_policies")?.entries();
    let all: Vec<&String> =
        policies.iter().map(|(id, _)| id).filter(|id| id[1..].starts_with(sort)).collect();
    if all.is_empty() {
        return None;
    }
    let id = (*random.pick(&all)).clone();
    // Others have multiples of ten, and the default rule the last there is.
    let priority = *random.pick(&[5u64, 935, 965, 995, 2000]);
    let action = if action == "deny" { "deny(403)" } else { "allow" };
    let mut rule = map([("priority", priority.into()), ("action", action.into())]);
    match random.below(5) {
        0 => rule.set("source_ranges", vec!["203.0.113.0/24"]),
        1 => rule.set("match", "request.path.startsWith('/api/')"),
        2 => rule.set("match", "request.method == 'GET' && !(request.path == '/')"),
        _ => rule.set("source_ranges", vec!["*"]),
    }
    let mut other = document.clone();
    other.get_mut("security_policies")?.get_mut(&id)?.list("rules").push(rule);
    Some(Changed::new(other, touches("security_policies", &id)))
}
