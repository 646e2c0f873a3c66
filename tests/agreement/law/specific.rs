//! A more specific route, record or rule of the same end: nothing changes.

use ipnet::IpNet;

use super::place::{alone, halves, pick, range, touches};
use super::split::kind_of_hop;
use super::{Changed, Direction, Law, Named, Touch};
use crate::document::{Node, map};
use crate::random::Random;
use portolan::internals::graph::HopKind;

pub fn laws() -> Vec<Law> {
    let same = |name: &str, make: fn(&Node, &mut Random) -> Option<Changed>| {
        Law::new(name, Direction::Same, make)
    };
    vec![
        same("specific routes", route),
        same("specific default route", default_route),
        same("specific onprem.announces", announces),
        same("specific onprem.learns", learns),
        same("specific zones.records", record),
        same("specific zones", zone),
        same("specific response_policies.rules", response),
        same("specific onprem.names", site_name),
        same("nat rule of the same addresses", nat_rule),
        same("policy route as the table says", policy_route),
    ]
}

/// Half of a range, whichever.
fn half(whole: IpNet, random: &mut Random) -> Option<IpNet> {
    Some(halves(whole)?[random.below(2)])
}

fn route(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "routes", random, |own| {
        own.get("destination").and_then(range).is_some_and(|whole| alone(document, whole))
    })?;
    let mut other = document.clone();
    let mut second = other.get("routes")?.get(&id)?.clone();
    let part = half(second.get("destination").and_then(range)?, random)?;
    second.put("destination", part.to_string());
    let next = kind_of_hop(&second);
    other.get_mut("routes")?.set("qextra0", second);
    let near = touches("routes", &id);
    let mut changed = Changed::new(other, touches("routes", "qextra0")).near(near);
    changed.kinds.push(next.into());
    Some(changed)
}

/// A part of the internet by the gateway that the default route leads to.
fn default_route(document: &Node, random: &mut Random) -> Option<Changed> {
    let network = pick(document, "networks", random, |own| own.get("default_route").is_none())?;
    let whole: IpNet = random.word(&["198.51.0.0/16", "192.0.0.0/5", "8.0.0.0/6"]).parse().ok()?;
    let meets =
        |range: &IpNet| range.prefix_len() > 0 && (range.contains(&whole) || *range == whole);
    if super::place::routed(document).iter().any(meets) {
        return None;
    }
    // Another default route would be equal to it.
    let others = ["routes", "onprem"].into_iter().any(|section| {
        document.get(section).is_some_and(|own| own.to_string().contains("0.0.0.0/"))
    });
    if others {
        return None;
    }
    let mut other = document.clone();
    let route = map([
        ("network", network.into()),
        ("destination", whole.to_string().into()),
        ("next_hop", "internet".into()),
    ]);
    other.section("routes").set("qextra0", route);
    let near = vec![Touch::Kind(HopKind::InternetGateway)];
    Some(Changed::new(other, touches("routes", "qextra0")).near(near))
}

fn announces(document: &Node, random: &mut Random) -> Option<Changed> {
    let announced = |own: &Node| -> Vec<Node> {
        own.get("announces").or(own.get("ranges")).map(Node::items).unwrap_or_default().to_vec()
    };
    let fits = |item: &Node| range(item).is_some_and(|whole| alone_announced(document, whole));
    let id = pick(document, "onprem", random, |own| announced(own).iter().any(fits))?;
    let mut other = document.clone();
    let site = other.get_mut("onprem")?.get_mut(&id)?;
    let mut all = announced(site);
    let wholes: Vec<IpNet> = all.iter().filter(|item| fits(item)).filter_map(range).collect();
    let part = half(*random.pick(&wholes), random)?;
    all.push(part.to_string().into());
    site.put("announces", Node::List(all));
    Some(Changed::new(other, touches("onprem", &id)))
}

/// As [`alone`], of a range that a site may have and announce.
fn alone_announced(document: &Node, whole: IpNet) -> bool {
    let mut bare = document.clone();
    if let Some(sites) = bare.get_mut("onprem") {
        for (_, site) in sites.entries_mut() {
            site.remove_key("learns");
            site.remove_key("admits");
            if site.get("announces").is_some() {
                site.remove_key("ranges");
            }
        }
    }
    alone(&bare, whole)
}

/// Part of a subnet that a site learned of.
fn learns(document: &Node, random: &mut Random) -> Option<Changed> {
    let mut found = Vec::new();
    for (id, site) in document.get("onprem")?.entries() {
        // Lines by name have lists, regions and states of their own.
        let plain = site.get("lines").is_none_or(|_| site.text("lines").is_some());
        if !plain || site.get("up").is_some() {
            continue;
        }
        let all = site.get("learns").is_none_or(|own| own.items().contains(&"all-subnets".into()));
        let network = document.get("networks")?.get(site.text("network")?)?;
        for (_, subnet) in network.get("subnets").map(Node::entries).unwrap_or_default() {
            let near = network.text("routing_mode") == Some("global")
                || subnet.text("region") == site.text("region");
            let part = subnet.get("range").and_then(range).filter(|_| all && near);
            found.extend(part.map(|part| (id.clone(), part)));
        }
    }
    if found.is_empty() {
        return None;
    }
    let (id, whole) = random.pick(&found).clone();
    let mut other = document.clone();
    let site = other.get_mut("onprem")?.get_mut(&id)?;
    site.set("learns", vec!["all-subnets"]);
    site.list("learns").push(half(whole, random)?.to_string().into());
    Some(Changed::new(other, touches("onprem", &id)))
}

/// A name of which a wildcard speaks, and all below it, with the wildcard's answer.
fn record(document: &Node, random: &mut Random) -> Option<Changed> {
    let (id, values) = wildcard(document, random)?;
    let name = random.word(&["web-100000000000.us-central1", "www", "x", "api"]);
    let mut other = document.clone();
    let records = other.get_mut("zones")?.get_mut(&id)?.get_mut("records")?;
    let top = name.rsplit('.').next()?.to_owned();
    // A name that is there already has an answer of its own, or is above one that has.
    if records.entries().iter().any(|(own, _)| own.ends_with(&top)) {
        return None;
    }
    for name in [top.clone(), format!("*.{top}")] {
        records.set(name, values.clone());
    }
    Some(Changed::new(other, touches("zones", &id)))
}

/// A zone below one, with the answer of that one's wildcard.
fn zone(document: &Node, random: &mut Random) -> Option<Changed> {
    let (id, values) = wildcard(document, random)?;
    let own = document.get("zones")?.get(&id)?;
    let name = random.word(&["us-central1", "www", "asia-northeast1"]);
    let domain = format!("{name}.{}", own.text("domain")?);
    let taken = own.get("records")?.entries().iter().any(|(own, _)| own.ends_with(&name));
    let zones = document.get("zones")?.entries();
    if taken
        || zones.iter().any(|(_, own)| own.text("domain").is_some_and(|own| own.ends_with(&domain)))
    {
        return None;
    }
    let mut zone = own.clone();
    zone.put("domain", domain);
    zone.put("records", map([("@", values.clone()), ("*", values)]));
    let mut other = document.clone();
    other.get_mut("zones")?.set("qextra0", zone);
    Some(
        Changed::new(other, vec![Touch::Rule(Named::Zone("qextra0".into()))])
            .near(touches("zones", &id)),
    )
}

/// A zone with a wildcard, and its answer.
fn wildcard(document: &Node, random: &mut Random) -> Option<(String, Node)> {
    let id = pick(document, "zones", random, |own| {
        own.get("records").is_some_and(|records| records.get("*").is_some())
    })?;
    let values = document.get("zones")?.get(&id)?.get("records")?.get("*")?.clone();
    Some((id, values))
}

/// A name of which a rule for all below speaks, with the same answer.
fn response(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "response_policies", random, |own| {
        own.get("rules").is_some_and(|rules| rules.get("*.run.app").is_some())
    })?;
    let mut other = document.clone();
    let rules = other.get_mut("response_policies")?.get_mut(&id)?.get_mut("rules")?;
    let values = rules.get("*.run.app")?.clone();
    let name = random.word(&[
        "*.us-central1.run.app",
        "*.asia-northeast1.run.app",
        "*.europe-west1.run.app",
    ]);
    if rules.get(&name).is_some() {
        return None;
    }
    rules.set(name, values.clone());
    let mut changed = Changed::new(other, touches("response_policies", &id));
    if values.items() == ["bypass".into()] {
        changed.kinds.push("bypass".into());
        changed.touched.push(Touch::Kind(HopKind::Dns));
        changed.near.push(Touch::Kind(HopKind::Dns));
    }
    Some(changed)
}

fn site_name(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "onprem", random, |own| {
        own.get("names").is_some_and(|names| names.get("*.run.app").is_some())
    })?;
    let mut other = document.clone();
    let names = other.get_mut("onprem")?.get_mut(&id)?.get_mut("names")?;
    let values = names.get("*.run.app")?.clone();
    let name = random.word(&[
        "*.us-central1.run.app",
        "*.asia-northeast1.run.app",
        "*.europe-west1.run.app",
    ]);
    names.set(name, values);
    Some(Changed::new(other, vec![Touch::Rule(Named::Site(id))]))
}

/// A rule of a gateway with the gateway's own addresses.
fn nat_rule(document: &Node, random: &mut Random) -> Option<Changed> {
    let known = |own: &Node| {
        let addresses = own.get("addresses").map(Node::items).unwrap_or_default();
        let drained = own.get("drain_addresses").map(Node::items).unwrap_or_default();
        let known = addresses.iter().all(|address| address.as_text().is_some());
        !addresses.is_empty() && known && drained.is_empty()
    };
    let id = pick(document, "nats", random, |own| {
        known(own)
            && own.get("rules").is_none()
            && own.text("kind").is_none()
            && own.get("automatic").is_none()
    })?;
    let mut other = document.clone();
    let nat = other.get_mut("nats")?.get_mut(&id)?;
    let addresses = nat.get("addresses")?.clone();
    let tests =
        ["inIpRange(destination.ip, '0.0.0.0/1')", "inIpRange(destination.ip, '128.0.0.0/1')"];
    let rule = map([
        ("number", 7u64.into()),
        ("match", random.word(&tests).into()),
        ("addresses", addresses),
    ]);
    nat.set("rules", Node::List(vec![rule]));
    Some(Changed::new(other, touches("nats", &id)))
}

/// A policy-based route that leaves it to the table, behind all others.
fn policy_route(document: &Node, random: &mut Random) -> Option<Changed> {
    let network = pick(document, "networks", random, |_| true)?;
    let mut other = document.clone();
    let route = map([
        ("network", network.into()),
        ("priority", 60000u64.into()),
        ("destination", vec![random.word(&["10.0.0.0/8", "0.0.0.0/0"])].into()),
        ("next_hop", "default-routing".into()),
    ]);
    other.section("policy_routes").set("qextra0", route);
    let near = vec![
        Touch::Kind(HopKind::Route),
        Touch::Kind(HopKind::DirectVpcEgress),
        Touch::Kind(HopKind::Connector),
    ];
    Some(Changed::new(other, touches("policy_routes", "qextra0")).near(near))
}
