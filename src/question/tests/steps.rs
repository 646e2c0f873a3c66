//! What a trace tells of a way: names, next hops, translations, and the answer's way back.

use super::super::answer::{Hop, Path};
use super::super::trace;
use super::{model, paths};

fn traced(topology: &str, from: &str, url: &str) -> Path {
    let model = model(topology);
    let parameters = trace::Parameters { from: from.into(), url: url.into(), ..Default::default() };
    let answer = trace::ask(&model, &parameters).expect("an answer");
    let mut found = paths(&answer);
    found.remove(0)
}

fn lines(hops: &[Hop]) -> Vec<String> {
    let line = |hop: &Hop| {
        let changes: Vec<String> = hop
            .changes
            .iter()
            .map(|each| format!("{} {} → {}", each.field, each.before, each.after))
            .collect();
        format!("{} {} {} {} {}", hop.resource, hop.kind, hop.action, hop.rule, changes.join(", "))
            .trim_end()
            .to_string()
    };
    hops.iter().map(line).collect()
}

const NETWORK: &str = "
networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/26}}}
nats:
  out: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
firewall_rules:
  from-run: {network: prod, action: allow, source_ranges: [10.0.0.0/26], traffic: ['tcp:80']}
  no-mail: {network: prod, direction: egress, action: deny, traffic: ['tcp:25']}
vms:
  db: {network: prod, subnet: run, address: 10.0.0.40}
zones:
  corp: {domain: corp.example, networks: [prod], records: {db: [10.0.0.40]}}
externals:
  saas: {hosts: [api.saas.example], addresses: [198.51.100.7]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
";

#[test]
fn a_machine_answers_by_the_connection_that_its_firewall_admitted() {
    let path = traced(NETWORK, "service/web", "http://db.corp.example/");
    let resolved = path.resolved.expect("a name resolves");
    assert_eq!(
        (
            resolved.answer.as_str(),
            resolved.by.as_str(),
            resolved.rule.map(|rule| rule.to_string())
        ),
        ("10.0.0.40", "zone/corp", Some("EGR-120".to_string()))
    );
    let note = |kind: &str| {
        let found = path.hops.iter().find(|hop| hop.kind == kind);
        found.map(|hop| hop.note.clone()).unwrap_or_default()
    };
    assert_eq!(note("route"), "destination in 10.0.0.0/26, next hop inside network");
    assert_eq!(note("egress_firewall"), "the implied rule");
    assert_eq!(note("ingress_firewall"), "firewall_rule/from-run, priority 1000");
    assert_eq!(
        lines(&path.reply),
        [
            "vm/db ingress_firewall admit EGR-104",
            "network/prod inside_network route EGR-081",
            "network/prod egress_firewall admit EGR-104",
        ]
    );
}

#[test]
fn a_translation_is_undone() {
    let path = traced(NETWORK, "service/web", "https://api.saas.example/");
    let there = path.hops.iter().find(|hop| hop.kind == "cloud_nat").expect("it is translated");
    let address = there.changes.iter().find(|each| each.field == "source address");
    let address = address.expect("the source address changes");
    assert_eq!(address.after, "203.0.113.10");
    let back = format!("destination address 203.0.113.10 → {}", address.before);
    assert_eq!(
        lines(&path.reply),
        [
            format!("nat/out cloud_nat rewrite EGR-073 {back}"),
            "network/prod egress_firewall admit EGR-104".into(),
        ]
    );
}

#[test]
fn what_does_not_arrive_is_not_answered() {
    let path = traced(NETWORK, "service/web", "http://db.corp.example:8080/");
    assert!(path.reply.is_empty(), "{:?}", path.reply);
    let path = traced(NETWORK, "service/web", "http://10.0.0.40/");
    assert!(path.resolved.is_none(), "an address is no name");
}
