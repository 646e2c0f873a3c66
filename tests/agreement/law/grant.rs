//! Who is let in by lists, bindings and settings: one more allow takes nothing away, one more
//! deny gives nothing.

use super::Direction::{Less, More};
use super::place::{Way, at, ids, lists, pick, touches};
use super::{Changed, Direction, Law, Touch, resource};
use crate::document::{Node, map};
use crate::random::Random;
use portolan::internals::graph::HopKind;

const MEMBERS: &[&str] = &[
    "allUsers",
    "allAuthenticatedUsers",
    "user:alice@example.com",
    "serviceAccount:app@shop.iam.gserviceaccount.com",
    "serviceAccount:pusher@shop.iam.gserviceaccount.com",
    "group:staff@example.com",
    "domain:example.com",
];

const PUBLIC: &[&str] = &["203.0.113.0/24", "198.51.100.0/24", "0.0.0.0/0", "0.0.0.0/0"];
const PRIVATE: &[&str] = &["10.0.0.0/8", "10.1.0.0/24", "10.0.0.0/25", "0.0.0.0/0", "0.0.0.0/0"];
const TRAFFIC: &[&str] = &["tcp:443", "tcp:80", "tcp", "all"];

/// Lists that let in whom they name, and let everybody in where there is none.
const LISTS: &[(&str, &str, &[&str])] = &[
    ("onprem", "admits", PRIVATE),
    ("externals", "admits", PUBLIC),
    ("vms", "listens", TRAFFIC),
    ("passthrough_load_balancers", "listens", TRAFFIC),
];

/// Settings that open or close something.
const SETTINGS: &[(&str, &str, &str, Direction)] = &[
    ("services", "ingress", "all", More),
    ("services", "default_url", "true", More),
    ("services", "default_url", "false", Less),
    ("services", "invoker_check", "false", More),
    ("services", "invoker_check", "true", Less),
    ("load_balancers", "global_access", "true", More),
    ("passthrough_load_balancers", "global_access", "true", More),
    ("passthrough_load_balancers", "global_access", "false", Less),
    ("psc_endpoints", "global_access", "true", More),
    ("psc_endpoints", "accepted", "true", More),
    ("psc_endpoints", "accepted", "false", Less),
    ("service_attachments", "accept_automatic", "true", More),
    ("sql_instances", "require_connector", "true", Less),
    ("vms", "can_ip_forward", "true", More),
    ("vms", "stateful", "false", More),
];

/// Whether a passthrough load balancer may be published to a Private Service Connect NEG, which
/// needs a forwarding rule of exactly one port (ING-162): there, more ports are not more access.
fn behind_a_neg(document: &Node, section: &str, id: &str) -> bool {
    let entries = |section| document.get(section).map(Node::entries).unwrap_or_default();
    section == "passthrough_load_balancers"
        && entries("backends").iter().any(|(_, own)| own.get("psc_negs").is_some())
        && entries("service_attachments")
            .iter()
            .any(|(_, own)| own.text("load_balancer") == Some(id))
}

pub fn laws() -> Vec<Law> {
    let mut laws = Vec::new();
    for &(section, key, values) in LISTS {
        laws.push(Law::new(format!("allow {section}.{key}"), More, move |document, random| {
            let id = pick(document, section, random, |own| own.get(key).is_some())?;
            if behind_a_neg(document, section, &id) {
                return None;
            }
            changed(document, section, &id, |own| own.list(key).push(random.word(values).into()))
        }));
        laws.push(Law::new(format!("deny {section}.{key}"), Less, move |document, random| {
            let id = pick(document, section, random, |own| own.get(key).is_none())?;
            if behind_a_neg(document, section, &id) {
                return None;
            }
            changed(document, section, &id, |own| own.set(key, vec![random.word(values)]))
        }));
    }
    for &(section, key, value, direction) in SETTINGS {
        let name = format!("set {section}.{key} {value}");
        laws.push(Law::new(name, direction, move |document, random| {
            let id = pick(document, section, random, |own| {
                let open = section == "load_balancers"
                    && own.text("kind").is_none_or(|kind| !kind.ends_with("internal"));
                !open && own.get(key).is_none_or(|own| *own != as_node(value))
            })?;
            changed(document, section, &id, |own| own.put(key, as_node(value)))
        }));
    }
    for section in ["services", "projects", "folders", "organization"] {
        laws.push(Law::new(format!("allow {section}.iam"), More, move |document, random| {
            bind(document, section, random)
        }));
    }
    let simple = |name: &str, direction, make: fn(&Node, &mut Random) -> Option<Changed>| {
        Law::new(name, direction, make)
    };
    laws.extend([
        simple("deny services.ingress", Less, ingress),
        simple("allow services.invokers", More, invoker),
        simple("allow services.accessors", More, |document, random| {
            accessor(document, "services", random)
        }),
        simple("allow backends.accessors", More, |document, random| {
            accessor(document, "backends", random)
        }),
        simple("allow accessors.access_levels", More, access_level),
        simple("allow access_levels.addresses", More, level_address),
        simple("deny deny_policies", Less, deny_policy),
        simple("deny deny_policies.principals", Less, |document, random| {
            member(document, "deny_policies", "principals", random)
        }),
        simple("allow deny_policies.exception_principals", More, |document, random| {
            member(document, "deny_policies", "exception_principals", random)
        }),
        simple("deny access_boundaries", Less, boundary),
        simple("allow access_boundaries.resources", More, boundary_resource),
        simple("allow service_attachments.accept", More, |document, random| {
            consumer(document, "accept", random)
        }),
        simple("deny service_attachments.reject", Less, |document, random| {
            consumer(document, "reject", random)
        }),
        simple("allow sql_instances.authorized_networks", More, authorized),
        simple("allow externals.ports", More, port),
        simple("allow subnets.private_google_access", More, google_access),
    ]);
    laws
}

/// A word as it is written.
fn as_node(word: &str) -> Node {
    match word {
        "true" | "false" => Node::Word(word.into()),
        word => word.into(),
    }
}

/// One resource of a section changed.
fn changed(
    document: &Node,
    section: &str,
    id: &str,
    change: impl FnOnce(&mut Node),
) -> Option<Changed> {
    let mut other = document.clone();
    change(other.get_mut(section)?.get_mut(id)?);
    Some(Changed::new(other, touches(section, id)))
}

fn binding(random: &mut Random, role: bool) -> Node {
    let mut binding = map([("members", vec![random.word(MEMBERS)].into())]);
    if role {
        binding.set("role", "roles/run.invoker");
    }
    if random.percent(30) {
        binding.set("condition", "request.path.startsWith('/api')");
    }
    binding
}

fn bind(document: &Node, section: &str, random: &mut Random) -> Option<Changed> {
    let mut other = document.clone();
    let binding = binding(random, true);
    let near = vec![Touch::Kind(HopKind::InvokerIam)];
    if section == "organization" {
        other.section(section).list("iam").push(binding);
    } else {
        let id = pick(document, section, random, |_| true)?;
        other.get_mut(section)?.get_mut(&id)?.list("iam").push(binding);
    }
    Some(Changed::new(other, near))
}

/// Not `none`: whether that denies is disputed.
fn ingress(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "services", random, |own| {
        own.get("ingress").is_none_or(|own| *own == "all".into())
    })?;
    let narrow = random.word(&["internal", "internal-and-cloud-load-balancing"]);
    changed(document, "services", &id, |own| own.put("ingress", narrow))
}

fn invoker(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "services", random, |_| true)?;
    let binding = match random.percent(50) {
        true => random.word(MEMBERS).into(),
        false => binding(random, false),
    };
    changed(document, "services", &id, |own| own.list("invokers").push(binding))
}

/// A list of a section that is not empty, with one more item; and whose it is.
fn longer(
    document: &Node,
    section: &str,
    key: &str,
    item: Node,
    random: &mut Random,
) -> Option<(Node, String)> {
    let all: Vec<Way> = lists(document, section, key);
    if all.is_empty() {
        return None;
    }
    let way = random.pick::<Way>(&all);
    let owner = document.get(section)?.entries()[way[0]].0.clone();
    let mut other = document.clone();
    at(other.get_mut(section)?, way).items_mut()?.push(item);
    Some((other, owner))
}

fn accessor(document: &Node, section: &str, random: &mut Random) -> Option<Changed> {
    let item = match random.percent(70) {
        true => random.word(MEMBERS).into(),
        false => binding(random, false),
    };
    let (other, owner) = longer(document, section, "accessors", item, random)?;
    Some(Changed::new(other, vec![resource("iap", &owner)]))
}

fn access_level(document: &Node, random: &mut Random) -> Option<Changed> {
    let known = ids(document, "access_levels");
    if known.is_empty() {
        return None;
    }
    let section = random.word(&["services", "backends"]);
    let level = random.pick(&known).as_str().into();
    let (other, owner) = longer(document, &section, "access_levels", level, random)?;
    Some(Changed::new(other, vec![resource("iap", &owner)]))
}

fn level_address(document: &Node, random: &mut Random) -> Option<Changed> {
    let item = random.word(PUBLIC).into();
    let (other, _) = longer(document, "access_levels", "addresses", item, random)?;
    Some(Changed::new(other, vec![Touch::Kind(HopKind::Iap)]))
}

fn places(document: &Node) -> Vec<String> {
    let projects = ids(document, "projects").into_iter().map(|id| format!("project/{id}"));
    let folders = ids(document, "folders").into_iter().map(|id| format!("folder/{id}"));
    projects.chain(folders).chain(["organization".to_owned()]).collect()
}

fn deny_policy(document: &Node, random: &mut Random) -> Option<Changed> {
    let mut other = document.clone();
    let mut policy = map([
        ("at", random.pick(&places(document)).as_str().into()),
        ("permissions", vec!["run.googleapis.com/routes.invoke"].into()),
        ("principals", vec![random.word(&MEMBERS[2..])].into()),
    ]);
    if random.percent(30) {
        policy.put("principals", vec!["principalSet://goog/public:all"]);
        policy.set("exception_principals", vec!["user:alice@example.com"]);
    }
    other.section("deny_policies").set("qextra0", policy);
    Some(Changed::new(other, vec![Touch::Kind(HopKind::InvokerIam)]))
}

fn member(document: &Node, section: &str, key: &str, random: &mut Random) -> Option<Changed> {
    let id = pick(document, section, random, |_| true)?;
    changed(document, section, &id, |own| own.list(key).push(random.word(&MEMBERS[2..]).into()))
}

/// One that leaves nothing, since what several leave adds up.
fn boundary(document: &Node, random: &mut Random) -> Option<Changed> {
    let mut other = document.clone();
    let boundary = map([
        ("principals", vec![random.word(&MEMBERS[2..])].into()),
        ("resources", Node::List(Vec::new())),
    ]);
    other.section("access_boundaries").set("qextra0", boundary);
    Some(Changed::new(other, vec![Touch::Kind(HopKind::InvokerIam)]))
}

fn boundary_resource(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "access_boundaries", random, |_| true)?;
    let place = random.pick(&places(document)).clone();
    changed(document, "access_boundaries", &id, |own| own.list("resources").push(place.into()))
}

fn consumer(document: &Node, key: &str, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "service_attachments", random, |_| true)?;
    let mut all: Vec<String> = Vec::new();
    for endpoint in ids(document, "psc_endpoints") {
        let network = document.get("psc_endpoints")?.get(&endpoint)?.text("network")?;
        all.push(format!("network/{network}"));
        let project = document.get("networks")?.get(network).and_then(|own| own.text("project"));
        all.extend(project.map(|project| format!("project/{project}")));
    }
    if all.is_empty() {
        return None;
    }
    let who = random.pick(&all).clone();
    let mut changed =
        changed(document, "service_attachments", &id, |own| own.list(key).push(who.into()))?;
    changed.near.push(Touch::Resource("psc_endpoint/".into()));
    changed.touched.push(Touch::Resource("psc_endpoint/".into()));
    Some(changed)
}

fn authorized(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "sql_instances", random, |own| own.get("public_address").is_some())?;
    changed(document, "sql_instances", &id, |own| {
        own.list("authorized_networks").push(random.word(PUBLIC).into());
    })
}

fn port(document: &Node, random: &mut Random) -> Option<Changed> {
    let id = pick(document, "externals", random, |_| true)?;
    let mut changed = changed(document, "externals", &id, |own| {
        own.set("ports", Node::List(vec![443u64.into()]));
        own.list("ports").push((*random.pick(&[80u64, 8443])).into());
    })?;
    // Where nothing listens is no hop of the party's.
    changed.near.push(Touch::Kind(HopKind::NoRoute));
    changed.near.push(Touch::Kind(HopKind::Destination));
    Some(changed)
}

fn google_access(document: &Node, random: &mut Random) -> Option<Changed> {
    let network = pick(document, "networks", random, |_| true)?;
    let mut other = document.clone();
    let subnets = other.get_mut("networks")?.get_mut(&network)?.get_mut("subnets")?;
    for (_, subnet) in subnets.entries_mut() {
        subnet.put("private_google_access", true);
    }
    Some(Changed::new(other, vec![Touch::Kind(HopKind::PrivateGoogleAccess)]))
}
