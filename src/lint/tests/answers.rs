//! Findings against answers: what lints say of traffic is what the engine says of it.

use super::found;
use crate::source::Severity;
use crate::source::testing::shown;

/// The messages of some codes about a text without another error, sorted.
#[track_caller]
fn same(codes: &[&str], text: &str, expected: &[&str]) {
    let (files, findings) = found(text);
    let wrong =
        findings.iter().any(|each| each.severity == Severity::Error && !codes.contains(&each.code));
    assert!(!wrong, "{}", shown(&files, &findings));
    let own = findings.iter().filter(|each| codes.contains(&each.code));
    let mut messages: Vec<&str> = own.map(|each| each.message.as_str()).collect();
    messages.sort_unstable();
    assert_eq!(messages, expected);
}

const ALLOW_LISTS: &[&str] =
    &["admits-nobody", "admitted-nat-not-used", "nat-address-not-admitted"];

/// A partner that admits one address, and a gateway with a rule.
fn partner(matched: &str, sender: &str) -> String {
    format!(
        "networks:
  core:
    subnets:
      run: {{region: europe-west1, range: 10.10.0.0/24}}
nats:
  ew1:
    network: core
    region: europe-west1
    addresses: [203.0.113.11]
    rules: [{{number: 100, match: \"destination.ip == '{matched}'\", addresses: [203.0.113.10]}}]
connectors: {{own: {{network: core, region: europe-west1, range: 10.8.0.0/28}}}}
externals:
  partner: {{hosts: [api.partner.example], addresses: [198.51.100.20], admits: [203.0.113.10]}}
{sender}"
    )
}

const SENDERS: &[&str] = &[
    "services: {api: {region: europe-west1, vpc_access: {network: core, subnet: run, egress: all-traffic}}}",
    "services: {api: {region: europe-west1, vpc_access: {connector: own, egress: all-traffic}}}",
    "jobs: {api: {region: europe-west1, vpc_access: {network: core, subnet: run, egress: all-traffic}}}",
    "worker_pools: {api: {region: europe-west1, vpc_access: {network: core, subnet: run, egress: all-traffic}}}",
    "vms: {api: {network: core, subnet: run}}",
];

#[test]
fn a_partner_admits_what_a_rule_of_a_gateway_sends() {
    for sender in SENDERS {
        same(ALLOW_LISTS, &partner("198.51.100.20", sender), &[]);
    }
}

#[test]
fn a_rule_for_somebody_else_sends_a_partner_nothing() {
    for sender in SENDERS {
        // The gateway is used, and shows the partner the other address.
        let text = partner("198.51.100.21", sender);
        same(ALLOW_LISTS, &text, &[]);
        let admits = text.replace("admits: [203.0.113.10]", "admits: [203.0.113.9]");
        let nobody = "external/partner admits no address that anything sends from";
        same(ALLOW_LISTS, &admits, &[nobody]);
    }
}

/// A spoke whose default route is that of a hub, by a peering, to an appliance.
fn by_appliance(forwards: bool, sender: &str) -> String {
    format!(
        "networks:
  hub: {{subnets: {{nva: {{region: asia-northeast1, range: 10.9.0.0/24}}}}}}
  spoke:
    default_route: false
    subnets: {{run: {{region: asia-northeast1, range: 10.0.0.0/26}}}}
peerings:
  h: {{network: hub, peer: spoke, export_custom_routes: true}}
  s: {{network: spoke, peer: hub, import_custom_routes: true}}
vms:
  nva: {{network: hub, subnet: nva, address: 10.9.0.9, external_address: 203.0.113.99, can_ip_forward: {forwards}, tags: [nva]}}
passthrough_load_balancers:
  ilb: {{network: hub, region: asia-northeast1, address: 10.9.0.100, machines: [nva]}}
routes:
  default-by-nva: {{network: hub, destination: 0.0.0.0/0, priority: 900, next_hop: load_balancer/ilb}}
  nva-out: {{network: hub, destination: 0.0.0.0/0, priority: 800, tags: [nva], next_hop: internet}}
firewall_rules:
  in: {{network: hub, action: allow, source_ranges: [10.0.0.0/8]}}
connectors: {{own: {{network: spoke, region: asia-northeast1, range: 10.8.0.0/28}}}}
{sender}"
    )
}

#[test]
fn an_appliance_behind_a_peering_is_a_way_to_the_internet() {
    let codes = &[
        "all-traffic-without-nat",
        "connector-without-google-access",
        "no-route-to-google",
        "subnet-without-google-access",
    ];
    for (kind, access) in [
        ("service", "network: spoke, subnet: run"),
        ("service", "connector: own"),
        ("job", "network: spoke, subnet: run"),
        ("worker_pool", "network: spoke, subnet: run"),
    ] {
        let sender = format!(
            "{kind}s: {{s: {{region: asia-northeast1, vpc_access: {{{access}, egress: all-traffic}}}}}}"
        );
        same(codes, &by_appliance(true, &sender), &[]);
        let lost = format!("{kind}/s has no path to the internet");
        let google = "network/spoke has no route to Google's virtual addresses";
        let by_subnet = format!("{kind}/s does not reach Google APIs by its subnet");
        let mut expected = vec![google, lost.as_str()];
        if access.contains("subnet") {
            expected.push(&by_subnet);
        }
        expected.sort_unstable();
        same(codes, &by_appliance(false, &sender), &expected);
    }
}

/// Sites that learn of different ranges, and a private gateway for their routes.
fn sites(sender: &str) -> String {
    format!(
        "networks:
  prod:
    subnets:
      run: {{region: asia-northeast1, range: 100.64.0.0/24}}
      nat: {{region: asia-northeast1, range: 10.99.0.0/24, purpose: private-nat}}
  far: {{subnets: {{run: {{region: asia-northeast1, range: 10.5.0.0/24}}}}}}
peerings:
  one: {{network: prod, peer: far, export_custom_routes: true}}
  two: {{network: far, peer: prod, import_custom_routes: true}}
nats:
  h: {{network: prod, region: asia-northeast1, kind: private, subnets: [run], private_subnets: [nat]}}
onprem:
  a: {{network: prod, region: asia-northeast1, ranges: [192.168.10.0/24], learns: [100.64.0.0/24]}}
  b: {{network: prod, region: asia-northeast1, ranges: [192.168.20.0/24], learns: [10.99.0.0/24]}}
  c: {{network: prod, region: asia-northeast1, ranges: [192.168.30.0/24], learns: [10.99.0.0/24, 10.5.0.0/24]}}
{sender}"
    )
}

#[test]
fn a_site_learns_of_the_range_that_it_sees() {
    let codes = &["sender-not-announced"];
    for kind in ["service", "job", "worker_pool"] {
        let sender = |network: &str| {
            format!(
                "{kind}s: {{web: {{region: asia-northeast1, vpc_access: {{network: {network}, subnet: run}}}}}}"
            )
        };
        let a = format!("onprem/a does not learn `10.99.0.0/24`, from which {kind}/web sends");
        same(codes, &sites(&sender("prod")), &[&a]);
        // What comes over the peering is not translated.
        let a = format!("onprem/a does not learn `10.5.0.0/24`, from which {kind}/web sends");
        let b = format!("onprem/b does not learn `10.5.0.0/24`, from which {kind}/web sends");
        same(codes, &sites(&sender("far")), &[&a, &b]);
    }
}

#[test]
fn gateways_overlap_where_they_serve_the_same() {
    let text = |one: &str, two: &str| {
        format!(
            "networks: {{prod: {{subnets: {{run: {{region: us-central1, range: 10.10.0.0/24}}, other: {{region: us-central1, range: 10.11.0.0/24}}}}}}}}
nats:
  one: {{network: prod, region: us-central1, subnets: [{one}]}}
  two: {{network: prod, region: us-central1, subnets: [{two}]}}
"
        )
    };
    let primary = "{subnet: run, ranges: [primary]}";
    let secondary = "{subnet: run, ranges: [secondary]}";
    let all = "{subnet: run, ranges: [all]}";
    let both = |what: &str| format!("nat/one and nat/two both serve {what}the subnet `run`");
    for (one, two, expected) in [
        ("run", primary, Some("the primary range of ")),
        (primary, "run", Some("the primary range of ")),
        ("run", secondary, Some("secondary ranges of ")),
        (all, primary, Some("the primary range of ")),
        (all, "run", Some("")),
        (primary, primary, Some("the primary range of ")),
        (secondary, secondary, Some("secondary ranges of ")),
        ("{subnet: run, ranges: [primary, secondary]}", all, Some("")),
        (primary, secondary, None),
        ("run", "other", None),
    ] {
        let message = expected.map(both);
        let expected: Vec<&str> = message.iter().map(String::as_str).collect();
        same(&["nat-overlap"], &text(one, two), &expected);
    }
}

#[test]
fn a_host_is_asked_for_the_tokens_of_the_service_that_it_leads_to() {
    let text = |kind: &str, two: &str, ingress: &str| {
        format!(
            "networks: {{core: {{subnets: {{run: {{region: us-central1, range: 10.0.0.0/24}}, p: {{region: us-central1, range: 10.1.0.0/24, purpose: regional-managed-proxy}}}}}}}}
services:
  one: {{region: us-central1, ingress: {ingress}, custom_audiences: [\"https://one.example.com\"], invokers: [\"serviceAccount:b@p.iam.gserviceaccount.com\"]}}
  two: {{region: us-central1, ingress: {ingress}, custom_audiences: [\"https://{two}\"], invokers: [\"serviceAccount:a@p.iam.gserviceaccount.com\"]}}
load_balancers:
  edge: {{{kind}, url_map: {{default: {{redirect: {{host: www.example.com}}}}, hosts: {{one.example.com: {{default: one}}, two.example.com: {{default: two}}}}}}}}
backends: {{one: {{services: [one]}}, two: {{services: [two]}}}}
"
        )
    };
    let codes = &["audience-of-custom-domain"];
    let outside = "kind: global-external, certificates: [one.example.com, two.example.com]";
    let inside = "kind: regional-internal, network: core, region: us-central1, address: 10.0.0.9";
    for (kind, ingress) in [(outside, "internal-and-cloud-load-balancing"), (inside, "internal")] {
        same(codes, &text(kind, "two.example.com", ingress), &[]);
        let missing = "`two.example.com` is no audience of service/two";
        same(codes, &text(kind, "other.example.com", ingress), &[missing]);
    }
}

#[test]
fn a_certificate_names_a_host_of_the_default_route() {
    let text = "services:
  web: {region: a, custom_audiences: [\"https://www.example.com\"], invokers: [\"serviceAccount:b@p.iam.gserviceaccount.com\"]}
backends: {web: {services: [web]}}
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com, api.example.com], url_map: {default: web}}
";
    let missing = "`api.example.com` is no audience of service/web";
    same(&["audience-of-custom-domain"], text, &[missing]);
}
