//! What questions find about themselves.

use jiff::Timestamp;

use super::answer::{Answer, GuardState, OutcomeKind, Verdict};
use super::{Model, bypass, trace};
use crate::import::yaml;
use crate::source::testing::shown;
use crate::source::{Files, Findings};
use crate::topology::Topology;
use crate::topology::record::{Decode as _, Decoder};

/// A text without errors, compiled.
fn model(text: &str) -> Model {
    let mut files = Files::new();
    let mut findings = Findings::new();
    let node = yaml::read(&mut files, "topology.yaml", text.as_bytes(), &mut findings);
    let topology =
        node.and_then(|node| Topology::decode(&node, &mut Decoder::new(&files, &mut findings)));
    let mut topology = topology.expect("a topology");
    topology.complete();
    crate::topology::check::check(&topology, &mut findings);
    assert!(!findings.has_errors(), "{}", shown(&files, &findings));
    Model::new(topology, Timestamp::UNIX_EPOCH, Vec::new())
}

fn findings(answer: &Answer) -> String {
    let mut findings = Findings::new();
    findings.extend(answer.findings.iter().cloned());
    shown(&Files::new(), &findings)
}

#[test]
fn a_guard_that_stands_nowhere() {
    let model = model(
        "services: {web: {region: europe-west1}}\nsecurity_policies: {edge: {}, other: {}}\n",
    );
    let ask = |guard: &str| {
        let parameters = bypass::Parameters { guard: guard.into(), ..Default::default() };
        bypass::ask(&model, &parameters).expect("an answer")
    };
    assert_eq!(
        findings(&ask("security_policy/edge")),
        "warning[guard-not-attached]: `security_policy/edge` is attached nowhere
  help: attach it to a backend, or ask about a guard that stands on some path
"
    );
    assert_eq!(findings(&ask("service/web")), "");
}

#[test]
fn a_request_that_its_source_cannot_send() {
    let model = model(
        "services: {web: {region: europe-west1}}\nusers: {staff: {addresses: [198.51.100.0/24]}}\n",
    );
    let ask = |source_ip: &str| {
        let parameters = trace::Parameters {
            from: "user/staff".into(),
            url: "https://www.example.com/".into(),
            source_ip: Some(source_ip.parse().expect("an address")),
            ..Default::default()
        };
        trace::ask(&model, &parameters).expect("an answer")
    };
    assert_eq!(
        findings(&ask("203.0.113.1")),
        "warning[cannot-be-sent]: `user/staff` cannot send this request
  help: its address, region or identity is not one of that source; see `portolan show`
"
    );
    assert_eq!(findings(&ask("198.51.100.7")), "");
}

#[test]
fn who_is_internal_is_what_the_ingress_setting_admits() {
    let model = model(
        "projects:
  shop: {number: 100000000001}
  tools: {number: 100000000002}
  other: {number: 100000000003}
perimeters:
  inner: {projects: [shop, tools], restricted_services: [run.googleapis.com]}
networks:
  tools: {project: tools, subnets: {t: {region: europe-west1, range: 10.0.0.0/26, private_google_access: true}}}
  other: {project: other, subnets: {o: {region: europe-west1, range: 10.1.0.0/26, private_google_access: true}}}
vms:
  inside: {network: tools, subnet: t}
  outside: {network: other, subnet: o}
services:
  web: {project: shop, region: europe-west1, invokers: [allUsers]}
load_balancers:
  edge: {project: shop, kind: global-external, certificates: [www.example.com], url_map: {default: web}}
backends:
  web: {project: shop, services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
",
    );
    let parameters = bypass::Parameters {
        guard: "security_policy/edge".into(),
        to: vec!["service/web".into()],
        ..Default::default()
    };
    let answer = bypass::ask(&model, &parameters).expect("an answer");
    let guard = answer
        .paths
        .iter()
        .find(|path| path.entry == "run.app")
        .and_then(|path| path.guard.as_ref());
    let remedies = &guard.expect("the run.app URL goes around").remedies;
    assert_eq!(
        remedies[0].change,
        "set the ingress of service/web to internal-and-cloud-load-balancing"
    );
    assert_eq!(remedies[0].breaks, ["vm/outside by run.app"]);
    assert_eq!(remedies[1].change, "turn the default URL of service/web off");
    assert_eq!(remedies[1].breaks, ["vm/inside by run.app", "vm/outside by run.app"]);
}

#[test]
fn iap_of_a_service_is_on_backends_that_find_it_by_a_mask() {
    let model = model(
        "projects: {shop: {number: 100000000001}}
services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  api: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  far: {region: europe-west2, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
load_balancers:
  edge: {kind: global-external, certificates: [a.example.com], url_map: {default: all}}
backends:
  all:
    services: [{url_mask: a.example.com/<service>, region: europe-west1}]
    iap: {accessors: [\"user:ana@example.com\"]}
",
    );
    let ask = |guard: &str| {
        let parameters = bypass::Parameters { guard: guard.into(), ..Default::default() };
        bypass::ask(&model, &parameters)
    };
    let states = |answer: &Answer| -> Vec<(String, GuardState)> {
        let delivered =
            answer.paths.iter().filter(|path| path.outcome.kind == OutcomeKind::Delivered);
        delivered.filter_map(|path| Some((path.to.clone(), path.guard.as_ref()?.state))).collect()
    };
    let answer = ask("iap/web").expect("an answer");
    assert_eq!(answer.verdict, Some(Verdict::No), "{}", answer.summary);
    let guarded = |name: &str| (name.to_string(), GuardState::Guarded);
    assert_eq!(states(&answer), [guarded("service/api"), guarded("service/web")]);
    // The NEG finds services of its region only.
    assert!(ask("iap/far").is_err());
}
