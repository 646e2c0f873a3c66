//! What firewalls let pass: between workloads and machines of a network and its peers.

use jiff::Timestamp;

use super::engine::{Engine, Walk};
use super::routes::refused;
use super::{Tally, compare, field, write};
use crate::firewall::{Action, Direction, End, Packet, Policy, Rule};
use crate::replies::Field;
use crate::routes::Peering;

fn exercised(tally: &mut Tally, field: &Field) {
    let one = |tally: &mut Tally, rule: &Rule| {
        tally.met(match rule.direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        });
        tally.met(match rule.action {
            Action::Allow => "allow",
            Action::Deny => "deny",
            Action::Next => "goto_next",
        });
        for (what, is) in [
            ("traffic", !rule.traffic.is_empty()),
            ("sources", !rule.sources.is_empty()),
            ("destinations", !rule.destinations.is_empty()),
            ("source tags", !rule.source_tags.is_empty()),
            ("target tags", !rule.targets.tags.is_empty()),
            ("target accounts", !rule.targets.accounts.is_empty()),
            ("networks", !rule.networks.is_empty()),
            ("disabled", rule.disabled),
        ] {
            if is {
                tally.met(what);
            }
        }
    };
    for firewalls in field.firewalls.values() {
        firewalls.rules.iter().for_each(|rule| one(tally, rule));
        let policies = firewalls.hierarchy.iter().chain(&firewalls.policies);
        policies.flat_map(|own: &Policy| &own.rules).for_each(|rule| one(tally, rule));
        for policy in &firewalls.policies {
            tally.met(if policy.region.is_some() { "regional policy" } else { "global policy" });
        }
        if !firewalls.hierarchy.is_empty() {
            tally.met("hierarchical policy");
        }
        tally.met(if firewalls.before { "before classic" } else { "after classic" });
    }
}

const LEAST: &[&str] = &[
    "ingress",
    "egress",
    "allow",
    "deny",
    "goto_next",
    "traffic",
    "sources",
    "destinations",
    "source tags",
    "target tags",
    "target accounts",
    "networks",
    "disabled",
    "regional policy",
    "global policy",
    "hierarchical policy",
    "before classic",
    "after classic",
    "passes",
    "stopped on the way out",
    "stopped on the way in",
    "into a peer",
    "udp",
    "from a machine",
];

#[test]
fn firewalls_let_pass_what_the_documents_say() {
    compare("firewall", LEAST, |random, tally| {
        let mut field = field::networks(random);
        field::firewalls(random, &mut field);
        if field.cloud.networks.len() > 1 {
            for (network, peer) in [("a", "b"), ("b", "a")] {
                let (network, peer) = (network.into(), peer.into());
                field.cloud.peerings.push(Peering { network, peer, ..Peering::default() });
            }
        }
        let workload = field::workload(random);
        let text = write::topology(&field, &workload);
        let engine = match Engine::read(&text, Timestamp::UNIX_EPOCH) {
            Ok(engine) => engine,
            Err(error) => return refused(tally, &error, &text),
        };
        exercised(tally, &field);
        for _ in 0..8 {
            let (sender, source, end) = match random.percent(60) {
                true => ("job/web".to_owned(), "10.0.0.7".into(), workload.clone()),
                false => {
                    tally.met("from a machine");
                    let (name, address) =
                        *random.pick(&[("db-a", "10.0.1.2"), ("other-a", "10.0.2.2")]);
                    (format!("vm/{name}"), address.to_owned(), end_of(&field, "a", name))
                }
            };
            let peers = field.cloud.networks.len() > 1 && random.percent(35);
            let (network, name, to) = match peers {
                true => *random.pick(&[("b", "db-b", "10.1.1.2"), ("b", "other-b", "10.1.2.2")]),
                false => *random.pick(&[("a", "fw-a", "10.0.1.3"), ("a", "fx-a", "10.0.2.3")]),
            };
            let port = *random.pick(&[443, 80, 8080, 5432]);
            let protocol = if random.percent(25) { "udp" } else { "tcp" };
            let packet = |sender| Packet {
                source: field::ip(&source),
                destination: field::ip(to),
                protocol,
                port,
                sender,
            };
            let out = field.firewalls["a"].decide(Direction::Egress, &end, &packet(Some(&end)));
            let own = (network == "a").then_some(&end);
            let target = end_of(&field, network, name);
            let into = field.firewalls[network].decide(Direction::Ingress, &target, &packet(own));
            let said = match (out.passes, into.passes) {
                (true, true) => "passes",
                (true, false) => "stopped on the way in",
                (false, _) => "stopped on the way out",
            };
            tally.met(said);
            if peers {
                tally.met("into a peer");
            }
            if protocol == "udp" {
                tally.met("udp");
            }
            let call = (field::ip(to), protocol, port);
            let walks = engine.walks(random, (&sender, None), call, 16);
            let found: Vec<&str> = walks.iter().map(taken).collect();
            // Whether tags and accounts of Cloud Run count like those of machines is said on other
            // pages than those of firewalls.
            let by_machine = sender.starts_with("vm/");
            if found.contains(&said) && (!by_machine || found.iter().all(|own| *own == said)) {
                continue;
            }
            let walks: String = walks.iter().map(Walk::text).collect();
            let text = format!(
                "{text}# {sender} to {to} {protocol} {port}\n# said {said} by {:?} and {:?}\n# found {found:?}\n{walks}",
                out.by, into.by
            );
            tally.differs(format!("said {said}, found {found:?}"), text);
        }
    });
}

fn end_of(field: &Field, network: &str, name: &str) -> End {
    let machines = &field.cloud.network(network).machines;
    let machine = machines.iter().find(|own| own.name == name).expect("a machine");
    End {
        region: machine.region.clone(),
        tags: machine.tags.clone(),
        account: field.accounts.get(name).cloned(),
        secure: Vec::new(),
    }
}

fn taken(walk: &Walk) -> &'static str {
    if walk.end.starts_with("delivered") {
        return "passes";
    }
    match walk.steps.last() {
        Some((_, kind, _)) if kind.contains("IngressFirewall") => "stopped on the way in",
        Some((_, kind, _)) if kind.contains("EgressFirewall") => "stopped on the way out",
        _ => "something else",
    }
}
