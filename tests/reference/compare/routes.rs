//! Which way packets go.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::engine::{Engine, Walk};
use super::{Tally, compare, field, known, write};
use crate::replies::Field;
use crate::routes::{Hop, Kind, Lost, Origin, Packet, Scope, Way};

/// Ways as far as a walk shows them: not which subnet, nor which line of a site, and the machine in
/// place of the load balancer before it.
fn shown(field: &Field, way: &Way) -> String {
    match way {
        Way::Subnet { network, .. } => format!("subnets of {network}"),
        Way::Machine { name, .. } => format!("vm/{name}"),
        Way::Balancer { name, .. } => format!("vm/{}", field.behind[name][0]),
        Way::Internet => "internet".into(),
        Way::Line { site, .. } => format!("onprem/{site}"),
        Way::Dropped(Lost::NoRoute) => "no route".into(),
        Way::Dropped(Lost::NextHopDown) => "next hop down".into(),
        Way::Dropped(Lost::OtherRegion) => "other region".into(),
    }
}

/// The way that a walk takes out of the workload's network.
pub fn taken(walk: &Walk) -> String {
    let start = walk.steps.iter().position(|(_, kind, _)| kind == "DirectVpcEgress");
    let Some(start) = start else { return format!("not in the network: {}", walk.end) };
    let steps = &walk.steps[start + 1..];
    for (at, (resource, kind, _)) in steps.iter().enumerate() {
        if kind.starts_with("InsideNetwork") || kind.starts_with("InternalAddress") {
            return format!("subnets of {}", resource.trim_start_matches("network/"));
        }
        if kind.starts_with("InternetGateway") {
            return "internet".into();
        }
        if resource.starts_with("vm/") {
            return resource.clone();
        }
        // Of several sites that are as good, the one that is chosen comes behind.
        let sites = steps[at..].iter().take_while(|(own, ..)| own.starts_with("onprem/"));
        if let Some((site, ..)) = sites.last() {
            return site.clone();
        }
    }
    match walk.end.as_str() {
        "dropped NO_ROUTE" => "no route".into(),
        "dropped ROUTE_NEXT_HOP_RESOURCE_NOT_FOUND" => "next hop down".into(),
        "dropped FORWARDING_RULE_REGION_MISMATCH" => "other region".into(),
        end => format!("otherwise ({end})"),
    }
}

fn exercised(tally: &mut Tally, field: &Field) {
    let cloud = &field.cloud;
    for network in &cloud.networks {
        for route in &network.statics {
            tally.met(match route.hop {
                Hop::Internet => "static: internet",
                Hop::Machine(_) => "static: machine",
                Hop::Address(_) => "static: address",
                Hop::Balancer(_) => "static: balancer",
                Hop::Tunnel(_) => "static: tunnel",
            });
            if !route.tags.is_empty() {
                tally.met("static: tags");
            }
        }
        for policy in &network.policies {
            tally.met(match policy.scope {
                Scope::Everything => "policy: everything",
                Scope::Tags(_) => "policy: tags",
                Scope::Attachments(_) => "policy: attachments",
            });
            tally.met(if policy.balancer.is_some() { "policy: balancer" } else { "policy: skip" });
        }
        if network.standard {
            tally.met("standard mode");
        }
        tally.met(if network.global { "global routing" } else { "regional routing" });
    }
    for line in &cloud.lines {
        tally.met(match line.kind {
            Kind::Vpn => "line: vpn",
            Kind::Interconnect => "line: interconnect",
            Kind::Classic => "line: classic",
        });
        if !line.up {
            tally.met("line: down");
        }
        if line.med.is_some() {
            tally.met("line: MED");
        }
    }
    for peering in &cloud.peerings {
        tally.met("peering");
        if peering.exports && peering.imports {
            tally.met("peering: custom routes");
        }
    }
    for spoke in &cloud.spokes {
        tally.met(if spoke.site.is_some() { "spoke: site" } else { "spoke: network" });
        if spoke.star {
            tally.met("spoke: star");
        }
    }
}

const LEAST: &[&str] = &[
    "static: internet",
    "static: machine",
    "static: address",
    "static: balancer",
    "static: tunnel",
    "static: tags",
    "policy: everything",
    "policy: tags",
    "policy: attachments",
    "policy: balancer",
    "policy: skip",
    "global routing",
    "regional routing",
    "line: vpn",
    "line: interconnect",
    "line: classic",
    "line: down",
    "line: MED",
    "standard mode",
    "peering",
    "peering: custom routes",
    "spoke: site",
    "spoke: network",
    "spoke: star",
    "one way",
    "several ways",
    "way: subnets",
    "way: vm",
    "way: internet",
    "way: onprem",
    "way: no route",
    "way: next hop down",
    "way: other region",
];

#[test]
fn packets_go_where_the_documents_say() {
    compare("routes", LEAST, |random, tally| {
        let mut field = field::networks(random);
        field::sites(random, &mut field);
        field::statics(random, &mut field, 3);
        field::policies(random, &mut field);
        field::peerings(random, &mut field);
        field::spokes(random, &mut field);
        let workload = field::workload(random);
        let text = write::topology(&field, &workload);
        let engine = match Engine::read(&text, Timestamp::UNIX_EPOCH) {
            Ok(engine) => engine,
            Err(error) => return refused(tally, &error, &text),
        };
        exercised(tally, &field);
        for to in random.some(&field::destinations(), 6, 6) {
            let packet = Packet {
                network: "a".into(),
                region: "r1".into(),
                origin: Origin::Machine,
                tags: workload.tags.clone(),
                source: field::ip("10.0.0.7"),
                destination: to,
                protocol: "tcp".into(),
            };
            field.cloud.decided.borrow_mut().clear();
            let said: BTreeSet<String> =
                field.cloud.ways(&packet).iter().map(|way| shown(&field, way)).collect();
            let walks = engine.walks(random, ("job/web", None), (to, "tcp", 443), 16);
            let found: BTreeSet<String> = walks.iter().map(taken).collect();
            tally.met(if said.len() == 1 { "one way" } else { "several ways" });
            for way in &said {
                let kind = way.split(['/', ' ']).next().unwrap_or_default();
                let kind = match way.as_str() {
                    "no route" | "next hop down" | "other region" => way.as_str(),
                    _ => kind,
                };
                tally.met(format!("way: {kind}"));
            }
            if said == found {
                continue;
            }
            let decided = field.cloud.decided.take();
            if !said.is_disjoint(&found) && known::is_assumed(&decided) {
                tally.met("assumed");
                continue;
            }
            if found.is_subset(&said) && known::is_open(&decided) {
                tally.met("open");
                continue;
            }
            if tally.is_known("routes", &decided) {
                continue;
            }
            let walks: String = walks.iter().map(Walk::text).collect();
            let text = format!(
                "{text}# to {to}\n# said {said:?}\n# found {found:?}\n# decided {decided:?}\n{walks}"
            );
            tally.differs(kind(&said, &found), text);
        }
    });
}

/// A topology that the library refuses.
pub fn refused(tally: &mut Tally, error: &str, text: &str) {
    tally.met("refused");
    let code = error.split(':').next().unwrap_or_default();
    let _ = text;
    tally.met(format!("refused: {code}"));
}

/// What differs, without names.
fn kind(said: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let plain = |ways: &BTreeSet<String>| {
        let one = |way: &String| way.split('/').next().unwrap_or_default().to_owned();
        let all: BTreeSet<String> = ways.iter().map(one).collect();
        all.into_iter().collect::<Vec<_>>().join(" or ")
    };
    format!("said {}, found {}", plain(said), plain(found))
}
