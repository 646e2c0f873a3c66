//! A range in two halves, and a rule, a binding or a zone in two equal ones: nothing changes.

use super::place::{Way, alone, at, halves, lists, pick, range, touches};
use super::{Changed, Direction, Law, Named, Touch};
use crate::document::{Node, map};
use crate::random::Random;
use portolan::internals::graph::HopKind;

/// Lists of ranges whose order and grain mean nothing.
const RANGES: &[(&str, &str)] = &[
    ("firewall_rules", "source_ranges"),
    ("firewall_rules", "destination_ranges"),
    ("firewall_policies", "source_ranges"),
    ("firewall_policies", "destination_ranges"),
    ("policy_routes", "source"),
    ("policy_routes", "destination"),
    ("security_policies", "source_ranges"),
    ("address_groups", "ranges"),
    ("access_levels", "addresses"),
    ("onprem", "admits"),
    ("externals", "admits"),
    ("sql_instances", "authorized_networks"),
    ("users", "addresses"),
];

/// Lists of ranges that become routes, which is the same only if no other route is by the same.
const ROUTED: &[(&str, &str)] =
    &[("onprem", "announces"), ("onprem", "ranges"), ("private_connections", "ranges")];

/// Lists of protocols and ports.
const TRAFFIC: &[(&str, &str)] = &[
    ("firewall_rules", "traffic"),
    ("firewall_policies", "traffic"),
    ("vms", "listens"),
    ("passthrough_load_balancers", "listens"),
];

/// Expressions that name ranges.
const EXPRESSIONS: &[(&str, &str)] = &[("security_policies", "match"), ("nats", "match")];

pub fn laws() -> Vec<Law> {
    let mut laws = Vec::new();
    let same = |name: String, make: fn(&Node, &mut Random) -> Option<Changed>| {
        Law::new(name, Direction::Same, make)
    };
    for &(section, key) in RANGES {
        let name = format!("split {section}.{key}");
        laws.push(Law::new(name, Direction::Same, move |document, random| {
            in_list(document, section, key, random, |_, item| {
                range(item).and_then(halves).map(texts)
            })
        }));
    }
    for &(section, key) in ROUTED {
        let name = format!("split {section}.{key}");
        laws.push(Law::new(name, Direction::Same, move |document, random| {
            in_list(document, section, key, random, |document, item| {
                let whole = range(item).filter(|whole| alone(document, *whole))?;
                halves(whole).map(texts)
            })
        }));
    }
    // A line that learns of a half goes before others that learn of the whole.
    laws.push(Law::new("split onprem.learns", Direction::Same, |document, random| {
        in_list(document, "onprem", "learns", random, |document, item| {
            let lists = lists(document, "onprem", "learns");
            let mut whole = document.clone();
            let onprem = whole.section("onprem");
            let learnt = lists.iter().map(|way| at(onprem, way).items().contains(item));
            let once = learnt.filter(|learnt| *learnt).count() == 1;
            range(item).filter(|_| once).and_then(halves).map(texts)
        })
    }));
    for &(section, key) in TRAFFIC {
        let name = format!("split {section}.{key}");
        laws.push(Law::new(name, Direction::Same, move |document, random| {
            in_list(document, section, key, random, |_, item| ports(item.as_text()?))
        }));
    }
    for &(section, key) in EXPRESSIONS {
        let name = format!("split {section}.{key}");
        laws.push(Law::new(name, Direction::Same, move |document, random| {
            expression(document, section, key, random)
        }));
    }
    laws.push(same("split routes".into(), route));
    laws.push(same("split firewall_rules in two".into(), firewall_rule));
    laws.push(same("split policy_routes in two".into(), policy_route));
    laws.push(same("split firewall_policies rules in two".into(), policy_rule));
    let rules = same("split security_policies rules in two".into(), armor_rule);
    laws.push(Law { by_place: true, ..rules });
    laws.push(same("split nats.subnets".into(), nat_subnets));
    laws.push(same("split zones in two".into(), zone));
    for (section, key) in [
        ("services", "invokers"),
        ("services", "iam"),
        ("projects", "iam"),
        ("folders", "iam"),
        ("services", "accessors"),
        ("backends", "accessors"),
    ] {
        let name = format!("split {section}.{key} in two");
        let law = Law::new(name, Direction::Same, move |document, random| {
            binding(document, section, key, random)
        });
        laws.push(Law { by_place: true, ..law });
    }
    laws
}

fn texts(ranges: [ipnet::IpNet; 2]) -> Vec<Node> {
    ranges.map(|range| range.to_string().into()).to_vec()
}

/// The resource that a way leads into.
fn owner(document: &Node, section: &str, way: &[usize]) -> String {
    document.get(section).map(|own| own.entries()[way[0]].0.clone()).unwrap_or_default()
}

/// What requests come by that have to do with a key of a resource.
fn touched(document: &Node, section: &str, key: &str, way: &[usize]) -> Vec<Touch> {
    match (section, key) {
        ("services", "accessors") | ("backends", "accessors") => vec![Touch::Kind(HopKind::Iap)],
        ("services", _) => vec![Touch::Kind(HopKind::InvokerIam)],
        ("private_connections", _) => vec![Touch::Kind(HopKind::PrivateServicesAccess)],
        ("users", _) => vec![Touch::From(format!("user/{}", owner(document, section, way)))],
        _ => touches(section, &owner(document, section, way)),
    }
}

/// A list with every item in two that can be.
fn in_list(
    document: &Node,
    section: &str,
    key: &str,
    random: &mut Random,
    cut: impl Fn(&Node, &Node) -> Option<Vec<Node>>,
) -> Option<Changed> {
    let mut fitting: Vec<(Way, Vec<Node>)> = Vec::new();
    for way in lists(document, section, key) {
        let mut own = document.get(section)?.clone();
        let items = at(&mut own, &way).items();
        let parts: Vec<Option<Vec<Node>>> = items.iter().map(|item| cut(document, item)).collect();
        if parts.iter().any(Option::is_some) {
            let all = items.iter().zip(parts);
            let all = all.flat_map(|(item, parts)| parts.unwrap_or_else(|| vec![item.clone()]));
            fitting.push((way, all.collect()));
        }
    }
    if fitting.is_empty() {
        return None;
    }
    let (way, items) = random.pick(&fitting).clone();
    let mut other = document.clone();
    *at(other.get_mut(section)?, &way) = Node::List(items);
    Some(Changed::new(other, touched(document, section, key, &way)))
}

/// Ports of a protocol in two.
fn ports(text: &str) -> Option<Vec<Node>> {
    let (protocol, ports) = text.split_once(':').unwrap_or((text, "0-65535"));
    if !["tcp", "udp"].contains(&protocol) {
        return None;
    }
    if let Some((one, rest)) = ports.split_once(',') {
        return Some(vec![format!("{protocol}:{one}").into(), format!("{protocol}:{rest}").into()]);
    }
    let (low, high) = ports.split_once('-')?;
    let (low, high): (u32, u32) = (low.parse().ok()?, high.parse().ok()?);
    let middle = (low + high) / 2;
    (low < high).then(|| {
        let below = format!("{protocol}:{low}-{middle}");
        vec![below.into(), format!("{protocol}:{}-{high}", middle + 1).into()]
    })
}

/// `inIpRange(field, 'whole')` as one half or the other.
fn expression(document: &Node, section: &str, key: &str, random: &mut Random) -> Option<Changed> {
    let mut found = Vec::new();
    for (id, own) in document.get(section)?.entries() {
        for (at, rule) in own.get("rules").map(Node::items).unwrap_or_default().iter().enumerate() {
            let test = rule.text(key).and_then(tested);
            found.extend(test.map(|expression| (id.clone(), at, expression)));
        }
    }
    if found.is_empty() {
        return None;
    }
    let (id, at, expression) = random.pick(&found).clone();
    let mut other = document.clone();
    let rules = other.get_mut(section)?.get_mut(&id)?.list("rules");
    rules[at].put(key, expression);
    Some(Changed::new(other, touches(section, &id)))
}

fn tested(expression: &str) -> Option<String> {
    let (before, rest) = expression.split_once("inIpRange(")?;
    let (inner, after) = rest.split_once(')')?;
    let (field, whole) = inner.split_once(", ")?;
    let [one, other] = halves(whole.trim_matches('\'').parse().ok()?)?;
    Some(format!("{before}(inIpRange({field}, '{one}') || inIpRange({field}, '{other}')){after}"))
}

/// A resource of a section, copied, with one half of a range each.
fn in_two(
    document: &Node,
    section: &str,
    key: &str,
    random: &mut Random,
    fits: impl Fn(&Node) -> bool,
) -> Option<(Node, String)> {
    let cut = |own: &Node| -> Option<[ipnet::IpNet; 2]> {
        let value = own.get(key)?;
        halves(range(value.items().first().unwrap_or(value))?)
    };
    let id = pick(document, section, random, |own| cut(own).is_some() && fits(own))?;
    let mut other = document.clone();
    let first = other.get_mut(section)?.get_mut(&id)?;
    let mut second = first.clone();
    let [one, half] = cut(first)?;
    if first.get(key).is_some_and(|value| value.items().is_empty()) {
        first.put(key, one.to_string());
        second.put(key, half.to_string());
    } else {
        first.list(key)[0] = one.to_string().into();
        second.put(key, vec![half.to_string()]);
    }
    other.get_mut(section)?.set("qextra0", second);
    Some((other, id))
}

fn route(document: &Node, random: &mut Random) -> Option<Changed> {
    let (other, id) = in_two(document, "routes", "destination", random, |own| {
        own.get("destination").and_then(range).is_some_and(|whole| alone(document, whole))
    })?;
    let next = kind_of_hop(document.get("routes")?.get(&id)?);
    let mut touched = touches("routes", "qextra0");
    touched.extend(touches("routes", &id));
    let mut changed = Changed::new(other, touched);
    changed.kinds.push(next.into());
    Some(changed)
}

/// What a route's next hop is.
pub fn kind_of_hop(route: &Node) -> &'static str {
    match route.text("next_hop").unwrap_or_default() {
        "internet" => "to the internet",
        hop if hop.starts_with("vm/") => "to a machine",
        hop if hop.starts_with("load_balancer/") => "to a passthrough load balancer",
        hop if hop.starts_with("onprem/") => "to a site",
        _ => "to an address",
    }
}

fn firewall_rule(document: &Node, random: &mut Random) -> Option<Changed> {
    let key = random.word(&["source_ranges", "destination_ranges"]);
    // Ranges and tags of senders are alternatives, and both rules keep the tags.
    let (other, id) = in_two(document, "firewall_rules", &key, random, |_| true)?;
    let mut touched = touches("firewall_rules", "qextra0");
    touched.extend(touches("firewall_rules", &id));
    Some(Changed::new(other, touched))
}

fn policy_route(document: &Node, random: &mut Random) -> Option<Changed> {
    let key = random.word(&["source", "destination"]);
    let (other, id) = in_two(document, "policy_routes", &key, random, |_| true)?;
    let mut touched = touches("policy_routes", "qextra0");
    touched.extend(touches("policy_routes", &id));
    Some(Changed::new(other, touched))
}

/// A rule of a list of rules in two, the second with the next priority.
fn rule_in_two(
    document: &Node,
    section: &str,
    keys: &[&str],
    random: &mut Random,
) -> Option<(Node, String)> {
    let mut found = Vec::new();
    for (id, own) in document.get(section)?.entries() {
        for (at, rule) in own.get("rules").map(Node::items).unwrap_or_default().iter().enumerate() {
            let known = rule.get("preview").is_none_or(|own| own.entries().is_empty());
            for key in keys {
                let first = rule.get(key).and_then(|list| list.items().first());
                let cut = first.and_then(range).and_then(halves).filter(|_| known);
                found.extend(cut.map(|cut| (id.clone(), at, *key, cut)));
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let (id, at, key, [one, half]) = random.pick(&found).clone();
    let mut other = document.clone();
    let rules = other.get_mut(section)?.get_mut(&id)?.list("rules");
    let mut second = rules[at].clone();
    rules[at].list(key)[0] = one.to_string().into();
    second.put(key, vec![half.to_string()]);
    let Some(Node::Word(priority)) = second.get("priority") else { return None };
    let next = priority.parse::<u64>().ok()? + 1;
    second.put("priority", next);
    let taken = rules.iter().any(|rule| rule.get("priority") == Some(&next.into()));
    if taken {
        return None;
    }
    rules.push(second);
    Some((other, id))
}

fn policy_rule(document: &Node, random: &mut Random) -> Option<Changed> {
    let keys = ["source_ranges", "destination_ranges"];
    let (other, id) = rule_in_two(document, "firewall_policies", &keys, random)?;
    Some(Changed::new(other, touches("firewall_policies", &id)))
}

fn armor_rule(document: &Node, random: &mut Random) -> Option<Changed> {
    let (other, id) = rule_in_two(document, "security_policies", &["source_ranges"], random)?;
    Some(Changed::new(other, touches("security_policies", &id)))
}

/// A subnet of a gateway as two: its primary range, and its secondary ones.
fn nat_subnets(document: &Node, random: &mut Random) -> Option<Changed> {
    let whole = |own: &Node| {
        own.as_text().is_some()
            || own.get("ranges").is_some_and(|ranges| ranges.items() == ["all".into()])
    };
    let id = pick(document, "nats", random, |own| {
        own.get("subnets").is_some_and(|subnets| subnets.items().iter().any(whole))
    })?;
    let mut other = document.clone();
    let subnets = other.get_mut("nats")?.get_mut(&id)?.list("subnets");
    *subnets = subnets
        .iter()
        .flat_map(|own| {
            if !whole(own) {
                return vec![own.clone()];
            }
            let name = own.as_text().or(own.text("subnet")).unwrap_or_default();
            let part =
                |ranges: &str| map([("subnet", name.into()), ("ranges", vec![ranges].into())]);
            vec![part("primary"), part("secondary")]
        })
        .collect();
    Some(Changed::new(other, touches("nats", &id)))
}

/// What a zone says of a name and all below it, as a zone of its own.
fn zone(document: &Node, random: &mut Random) -> Option<Changed> {
    let zones = document.get("zones")?.entries();
    let mut found = Vec::new();
    for (id, own) in zones {
        let domain = own.text("domain")?;
        for (name, _) in own.get("records").map(Node::entries).unwrap_or_default() {
            // What is between a record and its zone exists, so whole branches are moved.
            let apex = name.rsplit('.').next()?.to_owned();
            let below = format!("{apex}.{domain}");
            let other = zones.iter().any(|(_, own)| {
                own.text("domain")
                    .is_some_and(|domain| domain == below || domain.ends_with(&format!(".{below}")))
            });
            if apex != "@" && apex != "*" && !other {
                found.push((id.clone(), apex, below));
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let (id, apex, below) = random.pick(&found).clone();
    let mut other = document.clone();
    let own = other.get_mut("zones")?.get_mut(&id)?;
    let (mut records, mut moved) = (Node::new(), Node::new());
    for (name, values) in own.get("records")?.entries() {
        match name.strip_suffix(apex.as_str()) {
            Some("") => moved.set("@", values.clone()),
            Some(front) if front.ends_with('.') => {
                moved.set(front.trim_end_matches('.'), values.clone());
            }
            _ => records.set(name.clone(), values.clone()),
        }
    }
    own.put("records", records);
    let mut zone = own.clone();
    zone.put("domain", below);
    zone.put("records", moved);
    other.get_mut("zones")?.set("qextra0", zone);
    let near = touches("zones", &id);
    Some(Changed::new(other, vec![Touch::Rule(Named::Zone("qextra0".into()))]).near(near))
}

/// A binding of two members, or a member alone and somebody else, in two.
fn binding(document: &Node, section: &str, key: &str, random: &mut Random) -> Option<Changed> {
    let mut found = Vec::new();
    for way in lists(document, section, key) {
        let mut own = document.get(section)?.clone();
        for (item, binding) in at(&mut own, &way).items().iter().enumerate() {
            if binding.get("members").is_some_and(|members| members.items().len() > 1) {
                found.push((way.clone(), item));
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let (way, item) = random.pick(&found).clone();
    let mut other = document.clone();
    let bindings = at(other.get_mut(section)?, &way).items_mut()?;
    let mut second = bindings[item].clone();
    let last = bindings[item].list("members").pop()?;
    second.put("members", vec![last]);
    bindings.push(second);
    Some(Changed::new(other, touched(document, section, key, &way)))
}
