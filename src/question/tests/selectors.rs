//! Selectors name what a topology declares, whatever its kind.

use std::collections::HashSet;

use super::super::selector::{destinations, hops};
use super::{Model, bypass, findings, model, reach};
use crate::graph::ResourceKind;
use crate::question::answer::Verdict;

/// One resource of every kind, each with the label `team: shop` if its kind has labels.
const EVERYTHING: &str = "
organization: {domains: [example.com]}
folders: {prod: {}}
projects: {shop: {number: 100000000001, folder: prod, labels: {team: shop}}}
networks:
  core: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}, proxies: {region: europe-west1, range: 10.0.1.0/24, purpose: regional-managed-proxy}, psc: {region: europe-west1, range: 10.0.2.0/24, purpose: private-service-connect}}, labels: {team: shop}}
  side: {subnets: {run: {region: europe-west1, range: 10.9.0.0/24}}, labels: {team: shop}}
connectors: {link: {network: core, region: europe-west1, range: 10.8.0.0/28}}
nats: {out: {network: core, region: europe-west1, labels: {team: shop}}}
services: {web: {region: europe-west1, invokers: [allUsers], vpc_access: {network: core, subnet: run, egress: all-traffic}, labels: {team: shop}}}
jobs: {nightly: {region: europe-west1, labels: {team: shop}}}
worker_pools: {pool: {region: europe-west1, vpc_access: {network: core, subnet: run}, listens: [tcp:80], labels: {team: shop}}}
domain_mappings: {app.example.com: {service: web, labels: {team: shop}}}
load_balancers:
  edge: {kind: global-external, address: 203.0.113.80, url_map: {default: web, hosts: {files.example.com: {default: backend_bucket/files}, pods.example.com: {default: pods}}}, labels: {team: shop}}
  inner: {kind: regional-internal, network: core, region: europe-west1, address: 10.0.0.10, url_map: {default: inner}, labels: {team: shop}}
backends:
  web: {services: [web], security_policy: edge, labels: {team: shop}}
  inner: {services: [web], labels: {team: shop}}
  pods: {endpoint_groups: [pods], labels: {team: shop}}
endpoint_groups: {pods: {kind: gke, labels: {team: shop}}}
backend_buckets: {files: {labels: {team: shop}}}
security_policies: {edge: {labels: {team: shop}}}
address_groups: {known: {ranges: [198.51.100.0/24], labels: {team: shop}}}
access_levels: {office: {addresses: [198.51.100.0/24]}}
groups: {all@example.com: {members: ['user:ana@example.com']}}
deny_policies: {none: {at: organization, permissions: [run.googleapis.com/routes.invoke], principals: ['user:bob@example.com']}}
access_boundaries: {own: {principals: ['user:bob@example.com'], resources: [project/shop]}}
perimeters: {inner: {projects: [shop], restricted_services: [run.googleapis.com]}}
users: {staff: {labels: {team: shop}}}
vms: {gate: {network: core, subnet: run, address: 10.0.0.9, labels: {team: shop}}}
passthrough_load_balancers: {pass: {network: core, region: europe-west1, address: 10.0.0.11, machines: [gate], labels: {team: shop}}}
onprem: {office: {network: core, region: europe-west1, ranges: [192.168.0.0/24], labels: {team: shop}}}
ncc_hubs: {hub: {labels: {team: shop}}}
ncc_spokes: {spoke: {hub: hub, network: core, labels: {team: shop}}}
products: {push: {kind: pubsub, service: web, labels: {team: shop}}}
routes: {some: {network: core, destination: 10.20.0.0/24, next_hop: internet}}
policy_routes: {other: {network: core, next_hop: default-routing, labels: {team: shop}}}
peerings: {to-side: {network: core, peer: side}, to-core: {network: side, peer: core}}
firewall_rules: {in: {network: core, action: allow}}
firewall_policies: {all: {attached_to: [organization], rules: [{priority: 1, action: allow}], labels: {team: shop}}}
zones: {corp: {domain: corp.example, networks: [core], records: {'@': [10.0.0.9]}, labels: {team: shop}}}
response_policies: {own: {networks: [core], rules: {a.example.: [10.0.0.9]}, labels: {team: shop}}}
dns_policies: {own: {networks: [side], dns64: true}}
psc_endpoints: {apis: {network: core, address: 10.30.0.1, target: all-apis, labels: {team: shop}}}
service_attachments: {published: {load_balancer: inner, nat_subnets: [core/psc]}}
private_connections: {managed: {network: core, ranges: [10.40.0.0/24]}}
sql_instances: {db: {region: europe-west1, engine: mysql, network: core, private_address: 10.40.0.5, labels: {team: shop}}}
redis_instances: {cache: {region: europe-west1, network: core, address: 10.40.0.6, labels: {team: shop}}}
externals: {partner: {hosts: [api.partner.example], addresses: [198.51.100.20], labels: {team: shop}}}
";

/// Every section with a resource.
fn everything() -> Model {
    let model = model(EVERYTHING);
    for section in model.topology.sections() {
        assert!(!section.is_empty(), "`{}` has no resource", section.key);
    }
    model
}

#[test]
fn every_declared_resource_can_be_named() {
    let model = everything();
    for section in model.topology.sections() {
        for id in section.ids() {
            for selector in [format!("{}/{id}", section.kind), format!("{}/*", section.kind)] {
                assert!(hops(&model, &selector).is_ok(), "{selector}");
            }
        }
    }
    let unknown = hops(&model, "firewall_rule/inn").expect_err("there is none of that name");
    assert_eq!(unknown.help.as_deref(), Some("did you mean `firewall_rule/in`?"));
}

#[test]
fn every_kind_that_has_labels_can_be_named_by_them() {
    let model = everything();
    let all: HashSet<_> = hops(&model, "label:team=shop").expect("hops").into_iter().collect();
    let ends = destinations(&model, &["label:team=shop".into()]).expect("ends");
    let mut labelled = Vec::new();
    for section in model.topology.sections() {
        let Some(kind) = ResourceKind::from_name(section.kind) else { continue };
        for id in section.ids() {
            let Some(labels) = section.labels(id) else { continue };
            assert_eq!(labels.get("team").map(|team| &*team.value), Some("shop"), "{kind}/{id}");
            labelled.push(section.kind);
            let own = hops(&model, &format!("{kind}/{id}")).expect("it is declared");
            assert!(own.iter().all(|hop| all.contains(hop)), "{kind}/{id}");
            if let Ok(own) = destinations(&model, &[format!("{kind}/{id}")]) {
                assert!(own.iter().all(|end| ends.contains(end)), "{kind}/{id}");
            }
        }
    }
    for kind in ["sql_instance", "redis_instance", "backend_bucket", "zone", "psc_endpoint"] {
        assert!(labelled.contains(&kind), "{kind}");
    }
    // Google Cloud has no labels on these.
    for kind in ["connector", "firewall_rule", "route", "peering", "service_attachment", "folder"] {
        assert!(!labelled.contains(&kind), "{kind}");
    }
}

#[test]
fn what_is_declared_and_receives_nothing_is_no_unknown_name() {
    let model = everything();
    for selector in ["firewall_rule/in", "zone/corp", "group/all@example.com", "folder/*"] {
        let refused = destinations(&model, &[selector.into()]).expect_err("nothing ends there");
        assert_eq!(refused.message, format!("no request ends at `{selector}`"));
    }
}

#[test]
fn what_stands_nowhere_is_passed_by_nothing() {
    let model = everything();
    let ask = |via: Option<&str>, avoid: Option<&str>| {
        let (from, to) = (vec!["internet".into()], vec!["service/web".into()]);
        let (via, avoid) = (via.map(str::to_owned), avoid.map(str::to_owned));
        let parameters = reach::Parameters { from, to, via, avoid, ..Default::default() };
        reach::ask(&model, &parameters).expect("an answer").verdict()
    };
    assert_eq!(ask(Some("firewall_rule/in"), None), Some(Verdict::No));
    assert_eq!(ask(None, Some("firewall_rule/in")), Some(Verdict::Yes));
    let parameters = bypass::Parameters { guard: "deny_policy/none".into(), ..Default::default() };
    let answer = bypass::ask(&model, &parameters).expect("an answer");
    assert_eq!(answer.verdict(), Some(Verdict::Yes));
    assert!(findings(&answer).starts_with("warning[guard-not-attached]"));
}
