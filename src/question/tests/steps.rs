//! What a trace tells of a way: names, next hops, translations, and the answer's way back.

use super::super::answer::{Note, Path, PathHop};
use super::super::{Model, trace};
use super::{model, paths};
use crate::graph::{Answerer, Graph, HopKind, NameAnswer, ResourceKind};
use crate::walk::{self, CurrentField, CurrentValue, StepAction};

fn traced(model: &Model, from: &str, url: &str) -> Path {
    let parameters = trace::Parameters { from: from.into(), url: url.into(), ..Default::default() };
    let answer = trace::ask(model, &parameters).expect("an answer");
    let mut found = paths(&answer);
    found.remove(0)
}

fn lines(graph: &Graph, hops: &[PathHop]) -> Vec<String> {
    let address = |value: &CurrentValue| match value {
        CurrentValue::Address(address) => address.to_string(),
        other => format!("{other:?}"),
    };
    let line = |hop: &PathHop| {
        let changes: Vec<String> = hop
            .changes
            .iter()
            .map(|own| {
                format!("{} {} → {}", own.field.name(), address(&own.before), address(&own.after))
            })
            .collect();
        let (resource, action) = (graph.resource(hop.resource), hop.action.map(StepAction::name));
        let action = action.unwrap_or_default();
        format!("{resource} {} {action} {} {}", hop.kind, hop.rule, changes.join(", "))
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
    let model = model(NETWORK);
    let path = traced(&model, "service/web", "http://db.corp.example/");
    let resolved = path.resolved.expect("a name resolves");
    assert_eq!(
        (resolved.answer, resolved.by, resolved.rule.map(|rule| rule.to_string())),
        (
            NameAnswer::Addresses(vec!["10.0.0.40/32".parse().expect("a range")]),
            Answerer::Zone("corp".into()),
            Some("EGR-120".to_string())
        )
    );
    let note = |kind: HopKind| {
        let found = path.hops.iter().find(|hop| hop.kind == kind);
        found.map(|hop| hop.note.clone()).expect("a hop of that kind")
    };
    let network = model.graph.find_resource(ResourceKind::Network, "prod").expect("it is there");
    assert_eq!(
        note(HopKind::Route),
        Note::NextHop {
            range: Box::new(walk::StepNote::Destination("10.0.0.0/26".parse().expect("a range"))),
            resource: network,
            kind: Some(HopKind::InsideNetwork),
        }
    );
    assert_eq!(note(HopKind::EgressFirewall), Note::ImpliedRule);
    assert_eq!(note(HopKind::IngressFirewall), Note::Walked(walk::StepNote::Rule, Some(0)));
    assert_eq!(
        lines(&model.graph, &path.reply),
        [
            "vm/db ingress_firewall admit EGR-104",
            "network/prod inside_network route EGR-081",
            "network/prod egress_firewall admit EGR-104",
        ]
    );
}

#[test]
fn a_translation_is_undone() {
    let model = model(NETWORK);
    let path = traced(&model, "service/web", "https://api.saas.example/");
    let there =
        path.hops.iter().find(|hop| hop.kind == HopKind::CloudNat).expect("it is translated");
    let address = there.changes.iter().find(|each| each.field == CurrentField::Source);
    let address = address.expect("the source address changes");
    let CurrentValue::Address(before) = &address.before else { panic!("it is an address") };
    assert_eq!(address.after, CurrentValue::Address("203.0.113.10".parse().expect("an address")));
    let back = format!("destination address 203.0.113.10 → {before}");
    assert_eq!(
        lines(&model.graph, &path.reply),
        [
            format!("nat/out cloud_nat rewrite EGR-073 {back}"),
            "network/prod egress_firewall admit EGR-104".into(),
        ]
    );
}

#[test]
fn what_does_not_arrive_is_not_answered() {
    let model = model(NETWORK);
    let path = traced(&model, "service/web", "http://db.corp.example:8080/");
    assert!(path.reply.is_empty(), "{:?}", path.reply);
    let path = traced(&model, "service/web", "http://10.0.0.40/");
    assert!(path.resolved.is_none(), "an address is no name");
}
