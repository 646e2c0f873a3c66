//! The same topology written differently, and with a little more in it.

use std::net::IpAddr;

use portolan::graph::identity::{Credential, Principal};
use portolan::graph::names::hash_placeholder;
use portolan::graph::{ConditionId, Placeholders, Request};

use crate::case::Case;
use crate::document::{Node, map};
use crate::random::Random;

/// Another id for every id: what begins with `q` begins with `z`, and numbers count down from
/// nine, so that sorting changes too.
pub fn renamed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('q') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let begins =
            before.chars().last().or(out.chars().last()).is_none_or(|c| !c.is_ascii_alphanumeric());
        let letters = from[1..].chars().take_while(char::is_ascii_lowercase).count();
        let digits = from[1 + letters..].chars().take_while(char::is_ascii_digit).count();
        if !begins || letters < 2 || digits == 0 {
            out.push('q');
            rest = &from[1..];
            continue;
        }
        out.push('z');
        out.push_str(&from[1..=letters]);
        let flipped = |digit: char| char::from(b'9' - (digit as u8 - b'0'));
        out.extend(from[1 + letters..1 + letters + digits].chars().map(flipped));
        rest = &from[1 + letters + digits..];
    }
    out + rest
}

/// With other ids, and keys in another order.
pub fn rewritten(document: &Node, random: &mut Random) -> Node {
    let mut other = document.clone();
    other.change_texts(&renamed);
    other.shuffle_keys(random);
    other
}

/// Takes the same branch at every choice of the same words, so that it does not matter which of
/// them is which.
pub fn uniform(request: &mut Request, case: &Case) {
    let choices = &case.graph.choices;
    request.choices.resize(choices.len(), 0);
    for at in 0..choices.len() {
        let first = choices.iter().position(|other| *other == choices[at]).unwrap_or(at);
        let branch = &choices[at].branches.get(request.choices[first] as usize);
        let same = choices[at].branches.iter().position(|other| Some(other) == *branch);
        request.choices[at] = same.unwrap_or(0) as u32;
    }
}

/// The same request for another graph; `None` if that does not know who sends it.
pub fn translated(
    request: &Request,
    from: &Case,
    to: &Case,
    rename: impl Fn(&str) -> String,
) -> Option<Request> {
    let mut other = request.clone();
    let boxed = |text: &str| -> Box<str> { rename(text).into() };
    let principal = match from.graph.identities.principals().get(request.principal as usize)? {
        Principal::User(email) => Principal::User(boxed(email)),
        Principal::ServiceAccount(email) => Principal::ServiceAccount(boxed(email)),
        Principal::GroupMember(email) => Principal::GroupMember(boxed(email)),
        Principal::IapAgent(email) => Principal::IapAgent(boxed(email)),
        known => known.clone(),
    };
    other.principal = to.graph.identities.find_principal(&principal)?;
    let credential = match from.graph.identities.credentials().get(request.credential as usize)? {
        Credential::ServiceAudience(index) => {
            let (id, _) = from.topology.services.get_index(*index as usize)?;
            let index = to.topology.services.index_of(&rename(id))?;
            Credential::ServiceAudience(index as u32)
        }
        known => known.clone(),
    };
    other.credential = to.graph.identities.find_credential(&credential)?;

    other.conditions = request
        .conditions
        .iter()
        .filter_map(|id| {
            let name = rename(&from.graph.condition(*id).name);
            let index = to.graph.conditions.iter().position(|each| each.name == name)?;
            Some(ConditionId(index as u32))
        })
        .collect();
    other.assumptions = to
        .graph
        .assumptions
        .iter()
        .map(|assumption| {
            let known = &from.graph.assumptions;
            let index = known.iter().position(|each| rename(&each.id) == assumption.id);
            let default = assumption.default.unwrap_or(false);
            let value = index.and_then(|index| request.assumptions.get(index).copied());
            value.unwrap_or(default)
        })
        .collect();
    let sorted = |branches: Vec<String>| {
        let mut branches = branches;
        branches.sort();
        branches
    };
    other.choices = to
        .graph
        .choices
        .iter()
        .map(|choice| {
            let wanted = sorted(choice.branches.clone());
            let same = from.graph.choices.iter().position(|each| {
                let branches = each.branches.iter().map(|branch| rename(branch)).collect();
                rename(&each.text) == choice.text && sorted(branches) == wanted
            });
            let taken = same.and_then(|at| {
                let branch = request.choices.get(at).copied().unwrap_or(0);
                let branch = rename(from.graph.choices[at].branches.get(branch as usize)?);
                choice.branches.iter().position(|other| *other == branch)
            });
            taken.unwrap_or(0) as u32
        })
        .collect();

    let mut placeholders = to.graph.placeholders.clone();
    for address in [&mut other.source, &mut other.destination] {
        let IpAddr::V4(known) = *address else { continue };
        if known.octets()[0] != 0 || known.octets()[1] == 1 {
            continue;
        }
        // What stands for nothing here must stand for nothing there.
        let label = from.graph.placeholders.label(*address).map(&rename);
        let label = label.unwrap_or_else(|| format!("nothing at {address}"));
        *address = placeholders
            .allocate(&label, Placeholders::internal_range().contains(&IpAddr::V4(known)));
    }
    for index in 0..from.topology.projects.len() {
        let known = to.topology.projects.index_of(&rename(from.topology.project_id(index)));
        if let Some(now) = known {
            // Marked, so that no later project takes it for its own.
            let marked = hash_placeholder(now).replacen("hash", "#", 1);
            other.host = other.host.replace(&hash_placeholder(index), &marked);
        }
    }
    other.host = other.host.replace('#', "hash");
    Some(other)
}

/// A change after which no request may fare worse, or none better, or none otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    More,
    Less,
    Same,
}

/// Adds an allow, a deny or an invoker somewhere, if there is a place for it.
pub fn extended(document: &Node, random: &mut Random) -> Option<(Node, Direction)> {
    let mut other = document.clone();
    if random.percent(50)
        && let Some(changed) = networked(document, random)
    {
        return Some(changed);
    }
    if random.percent(30) {
        let services = other.get_mut("services")?;
        let ids: Vec<String> = services.entries().iter().map(|(id, _)| id.clone()).collect();
        let service = services.get_mut(random.pick::<String>(&ids))?;
        service.set("invokers", Node::List(Vec::new()));
        let members = ["allUsers", "allAuthenticatedUsers", "user:alice@example.com"];
        service.get_mut("invokers")?.items_mut()?.push(random.word(&members).into());
        return Some((other, Direction::More));
    }
    let policies = other.get_mut("security_policies")?;
    let ids: Vec<String> = policies.entries().iter().map(|(id, _)| id.clone()).collect();
    let policy = policies.get_mut(random.pick::<String>(&ids))?;
    policy.set("rules", Node::List(Vec::new()));
    let rules = policy.get_mut("rules")?.items_mut()?;
    if random.percent(50) {
        // Other rules have priorities up to 1000, and the default rule the last there is.
        let everybody = map([
            ("priority", 2000u64.into()),
            ("action", "allow".into()),
            ("source_ranges", vec!["*"].into()),
        ]);
        rules.push(everybody);
        return Some((other, Direction::More));
    }
    let priority = random.between(90, 100) as u64 * 10 + 5;
    let mut deny = map([("priority", priority.into()), ("action", "deny(403)".into())]);
    match random.below(3) {
        0 => deny.set("source_ranges", vec!["203.0.113.0/24"]),
        1 => deny.set("match", "request.path.startsWith('/api/')"),
        _ => deny.set("match", "request.method == 'GET' && !(request.path == '/')"),
    }
    rules.push(deny);
    Some((other, Direction::Less))
}

/// A firewall rule or a route more, or ranges of rules in halves.
fn networked(document: &Node, random: &mut Random) -> Option<(Node, Direction)> {
    let mut other = document.clone();
    let networks = other.get_mut("networks")?;
    let ids: Vec<String> = networks.entries().iter().map(|(id, _)| id.clone()).collect();
    let network = random.pick::<String>(&ids).clone();
    let roots: Vec<&str> = document.entries().iter().map(|(key, _)| key.as_str()).collect();
    match random.below(4) {
        0 => {
            for (_, rule) in other.get_mut("firewall_rules")?.entries_mut() {
                for key in ["source_ranges", "destination_ranges"] {
                    if let Some(ranges) = rule.get_mut(key).and_then(Node::items_mut) {
                        *ranges = ranges.iter().flat_map(halves).collect();
                    }
                }
            }
            Some((other, Direction::Same))
        }
        // The only other route there is leads to the same gateway.
        1 if !["routes", "onprem", "peerings"].iter().any(|key| roots.contains(key)) => {
            let own = other.get_mut("networks")?.get_mut(&network)?;
            if own.get_mut("default_route").is_some() {
                return None;
            }
            let route = map([
                ("network", network.into()),
                ("destination", "198.51.0.0/16".into()),
                ("next_hop", "internet".into()),
            ]);
            other.set("routes", map([("qextra0", route)]));
            Some((other, Direction::Same))
        }
        which => {
            let action = if which == 2 { "allow" } else { "deny" };
            let way = random.word(&["ingress", "egress"]);
            let rule = map([
                ("network", network.into()),
                ("priority", 5u64.into()),
                ("action", action.into()),
                ("direction", way.into()),
                ("traffic", vec!["tcp"].into()),
            ]);
            other.set("firewall_rules", Node::new());
            other.get_mut("firewall_rules")?.set("qextra0", rule);
            let direction = if which == 2 { Direction::More } else { Direction::Less };
            Some((other, direction))
        }
    }
}

/// A range as its two halves.
fn halves(range: &Node) -> Vec<Node> {
    let Node::Text(text) = range else { return vec![range.clone()] };
    let Ok(whole) = text.parse::<ipnet::IpNet>() else { return vec![range.clone()] };
    match whole.subnets(whole.prefix_len() + 1) {
        Ok(halves) => halves.map(|half| half.to_string().into()).collect(),
        Err(_) => vec![range.clone()],
    }
}
