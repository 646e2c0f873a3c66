//! What questions find about themselves.

mod exposure;
mod selectors;
mod steps;
mod ways_out;

use super::answer::{
    Answer, Destination, GuardHop, GuardState, Needed, OutcomeKind, Path, Remedy, RemedyChange,
    Verdict,
};
use super::{AskError, Model, RequestFilter, bypass, egress, reach, trace};
use crate::graph::{Cause, Entry, EntryId, ResourceKind};
use crate::source::testing::shown;
use crate::source::{Files, Findings};
use crate::testing::model;

/// The paths of an answer.
fn paths(answer: &Answer<'_>) -> Vec<Path> {
    answer.paths().expect("it lists paths").all()
}

/// Where a path leads.
fn to(answer: &Answer<'_>, path: &Path) -> String {
    match &path.to {
        Destination::Resource(to) => answer.head.model.graph.resource(*to).to_string(),
        Destination::Named(name) => name.clone(),
        Destination::Elsewhere => "elsewhere".into(),
    }
}

/// The verdict, and whether nothing is left out of account.
fn verdict_of(answer: &Answer<'_>) -> (Option<Verdict>, bool) {
    (answer.verdict(), answer.head.completeness.is_complete())
}

fn findings(answer: &Answer) -> String {
    let mut findings = Findings::new();
    findings.extend(answer.head.findings.iter().cloned());
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
  help: attach it to a backend, or ask about a guard that some path passes
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
        trace::ask(&model, &parameters)
    };
    let refused = ask("203.0.113.1").expect_err("it has no such address");
    assert_eq!(refused.message, "`user/staff` cannot send from `203.0.113.1/32`");
    assert_eq!(findings(&ask("198.51.100.7").expect("an answer")), "");
    let parameters = trace::Parameters {
        from: "service/web".into(),
        url: "https://www.example.com/".into(),
        principal: Some("user:ana@example.com".into()),
        ..Default::default()
    };
    assert_eq!(
        findings(&trace::ask(&model, &parameters).expect("an answer")),
        "warning[cannot-be-sent]: `service/web` cannot send this request
  help: its address, region or identity is not one of that source; see `portolan show`
"
    );
}

#[test]
fn a_filter_that_keeps_no_request_is_refused() {
    let model = model(
        "services: {web: {region: europe-west1, invokers: [allUsers]}}
users: {staff: {addresses: [198.51.100.0/24]}}
products: {push: {kind: pubsub, service: web}}
",
    );
    let ask = |from: &str, filter: RequestFilter| {
        let parameters = reach::Parameters {
            from: vec![from.into()],
            to: vec!["service/web".into()],
            filter,
            ..Default::default()
        };
        reach::ask(&model, &parameters).map(|_| ())
    };
    let by = |method: &str| RequestFilter { method: Some(method.into()), ..Default::default() };
    let person = Some("user:ana@example.com".into());
    let person = RequestFilter { principal: person, ..Default::default() };
    let refused = ask("service/web", person).expect_err("it is no person");
    assert_eq!(refused.message, "`service/web` sends no request that the question is about");
    ask("product/push", by("GET")).expect_err("it sends by POST");
    ask("product/push", by("POST")).expect("an answer");
    ask("user/staff", by("GET")).expect("an answer");
}

#[test]
fn paths_that_pass_different_guards_are_different_paths() {
    let model = model(
        "services: {web: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}}
load_balancers: {edge: {kind: global-external, address: 203.0.113.80, certificates: [www.example.com], url_map: {default: {weighted_backends: [{backend: one, weight: 1}, {backend: two, weight: 1}]}}}}
backends: {one: {services: [web], security_policy: strict}, two: {services: [web], security_policy: lax}}
security_policies:
  strict: {rules: [{priority: 2147483647, action: allow, source_ranges: ['*']}]}
  lax: {rules: [{priority: 2147483647, action: allow, source_ranges: ['*']}]}
",
    );
    let policies = |answer: &Answer<'_>| {
        let mut found: Vec<String> = Vec::new();
        let graph = &answer.head.model.graph;
        let Ok(()) = answer.paths().expect("paths").each(|path| {
            found.extend(path.guards.iter().filter_map(|guard| match guard {
                GuardHop::Resource(id) => Some(graph.resource(*id).to_string()),
                GuardHop::InvokerIam(_) => None,
            }));
            Ok::<(), std::convert::Infallible>(())
        });
        found.sort();
        found
    };
    let both = ["security_policy/lax", "security_policy/strict"];
    let parameters = reach::Parameters {
        from: vec!["internet".into()],
        to: vec!["service/web".into()],
        ..Default::default()
    };
    assert_eq!(policies(&reach::ask(&model, &parameters).expect("an answer")), both);
    let parameters = egress::Parameters {
        from: "internet".into(),
        to: Some("service/web".into()),
        ..Default::default()
    };
    assert_eq!(policies(&egress::ask(&model, &parameters).expect("an answer")), both);
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
    let paths = paths(&answer);
    let graph = &model.graph;
    let by_run_app =
        |entry: Option<EntryId>| entry.is_some_and(|id| *graph.entry(id) == Entry::RunApp);
    let guard =
        paths.iter().find(|path| by_run_app(path.entry)).and_then(|path| path.guard.as_ref());
    let remedies = &guard.expect("the run.app URL bypasses it").remedies;
    let web = graph.find_resource(ResourceKind::Service, "web").expect("it is there");
    let broken = |remedy: &Remedy| -> Vec<String> {
        assert!(remedy.breaks.iter().all(|(_, entry)| by_run_app(*entry)));
        remedy.breaks.iter().map(|(from, _)| graph.resource(*from).to_string()).collect()
    };
    assert_eq!(remedies[0].change, RemedyChange::NarrowIngress(web));
    assert_eq!(broken(&remedies[0]), ["network/other", "vm/outside"]);
    assert_eq!(remedies[1].change, RemedyChange::DisableDefaultUrl(web));
    let all = ["network/other", "network/tools", "vm/inside", "vm/outside"];
    assert_eq!(broken(&remedies[1]), all);
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
        let paths = paths(answer);
        let delivered = paths.iter().filter(|path| path.outcome.kind == OutcomeKind::Delivered);
        delivered.filter_map(|path| Some((to(answer, path), path.guard.as_ref()?.state))).collect()
    };
    let answer = ask("iap/web").expect("an answer");
    assert_eq!(answer.verdict(), Some(Verdict::No));
    let guarded = |name: &str| (name.to_string(), GuardState::Guarded);
    assert_eq!(states(&answer), [guarded("service/api"), guarded("service/web")]);
    // The NEG finds services of its region only.
    assert!(ask("iap/far").is_err());
}

/// A service and a machine in a network, with another machine and a gateway.
const INSIDE: &str = "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/26}}}
nats:
  out: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
vms:
  db: {network: prod, subnet: run}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
  alone: {region: europe-west1}
";

#[test]
fn addresses_inside_a_network_are_routed() {
    let model = model(INSIDE);
    let ask = |from: &str, ip: &str| {
        let parameters = egress::Parameters {
            from: from.into(),
            ip: Some(ip.parse().expect("an address")),
            ..Default::default()
        };
        egress::ask(&model, &parameters).expect("an answer")
    };
    let causes = [
        ("10.0.0.9", Cause::UnknownInternalAddress),
        ("10.0.0.60", Cause::FirewallRule),
        ("192.168.7.1", Cause::PrivateTrafficToInternet),
    ];
    for (inside, cause) in causes {
        let answer = ask("service/web", inside);
        assert_eq!(verdict_of(&answer), (Some(Verdict::No), true), "{inside}");
        let found: Vec<_> = paths(&answer).iter().map(|path| path.outcome.cause).collect();
        assert_eq!(found, [Some(cause)], "{inside}");
    }
    // What is modelled is complete: the way out, and no way without a network.
    let answer = ask("service/web", "198.51.100.1");
    assert_eq!(verdict_of(&answer), (Some(Verdict::Yes), true));
    let answer = ask("service/alone", "10.0.0.9");
    assert_eq!(verdict_of(&answer), (Some(Verdict::No), true));
}

#[test]
fn nobody_can_ask_about_addresses_that_no_packet_has() {
    let model = model(INSIDE);
    let message = |asked: Result<Answer, AskError>| asked.expect_err("bad usage").message;
    let address = |text: &str| text.parse().expect("an address");
    for ip in ["0.0.0.5", "0.0.0.0", "0.1.0.3", "::ffff:0.0.0.5"] {
        let parameters = egress::Parameters {
            from: "service/web".into(),
            ip: Some(address(ip)),
            ..Default::default()
        };
        let expected = format!("no packet has an address of `{}`", address(ip));
        assert_eq!(message(egress::ask(&model, &parameters)), expected);
    }
    let parameters = egress::Parameters {
        from: "service/web".into(),
        host: Some("0.0.0.5".into()),
        ..Default::default()
    };
    let expected = "no packet has an address of `0.0.0.5`";
    assert_eq!(message(egress::ask(&model, &parameters)), expected);
    let plain = trace::Parameters {
        from: "internet".into(),
        url: "https://a.example.com/".into(),
        ..Default::default()
    };
    for parameters in [
        trace::Parameters { source_ip: Some(address("0.0.0.5")), ..plain.clone() },
        trace::Parameters { connect_to: Some(address("0.0.0.5")), ..plain.clone() },
        trace::Parameters { url: "http://0.0.0.5/".into(), ..plain.clone() },
    ] {
        assert_eq!(message(trace::ask(&model, &parameters)), expected);
    }
    assert!(trace::ask(&model, &plain).is_ok());
    let from = |range: &str| {
        let filter = RequestFilter {
            source_ip: Some(range.parse().expect("a range")),
            ..Default::default()
        };
        let (from, to) = (vec!["internet".into()], vec!["service/web".into()]);
        reach::ask(&model, &reach::Parameters { from, to, filter, ..Default::default() })
    };
    assert_eq!(message(from("0.0.0.0/8")), "no packet has an address of `0.0.0.0/8`");
    assert!(from("0.0.0.0/0").is_ok());
}

#[test]
fn weighted_backends_that_are_not_known_are_named_or_tried() {
    let text = |backend: &str| {
        format!(
            "services:
  web: {{region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}}
  api: {{region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}}
backends:
  web: {{services: [web]}}
  api: {{services: [api]}}
load_balancers:
  edge:
    kind: global-external
    certificates: [www.example.com]
    url_map:
      default:
        weighted_backends: [{{backend: web, weight: 90}}, {{backend: {backend}, weight: 10}}]
"
        )
    };
    let ask = |backend: &str, to: &str| {
        let model = model(&text(backend));
        let (from, to) = (vec!["internet".into()], vec![to.into()]);
        let answer = reach::ask(&model, &reach::Parameters { from, to, ..Default::default() });
        let answer = answer.expect("an answer");
        (answer.verdict(), answer.head.completeness)
    };
    // Whether the share of the backend that is not known arrives somewhere is not known.
    let (verdict, completeness) = ask("{unknown: var.canary}", "service/web");
    assert_eq!(verdict, Some(Verdict::Yes));
    assert!(!completeness.is_complete());
    assert!(!completeness.could_open[0].at.is_none(), "it has a place");
    assert_eq!(ask("{unknown: var.canary}", "service/api").0, Some(Verdict::No));
    // Candidates are assumptions.
    let (verdict, completeness) =
        ask("{unknown: var.canary, candidates: [web, api]}", "service/api");
    assert_eq!(verdict, Some(Verdict::Depends));
    assert!(completeness.is_complete());
    // The platform sends nine of ten requests elsewhere.
    let (verdict, completeness) = ask("api", "service/api");
    assert_eq!(verdict, Some(Verdict::Sometimes));
    assert!(completeness.is_complete());
}

#[test]
fn a_filter_that_no_request_meets_is_bad_usage() {
    let filters = [
        (
            RequestFilter { path: Some("admin".into()), ..Default::default() },
            "`admin` is not a path",
        ),
        (
            RequestFilter { path: Some("/a?x=1".into()), ..Default::default() },
            "`/a?x=1` is not a path",
        ),
        (
            RequestFilter { method: Some("PO ST".into()), ..Default::default() },
            "`PO ST` is not a method",
        ),
        (
            RequestFilter { host: Some("https://www.example.com".into()), ..Default::default() },
            "`https://www.example.com` is not a host",
        ),
        (
            RequestFilter { host: Some("www.example.com:443".into()), ..Default::default() },
            "`www.example.com:443` is not a host",
        ),
        (
            RequestFilter { region: Some("JPN".into()), ..Default::default() },
            "`JPN` is not a region of senders",
        ),
    ];
    for (filter, message) in filters {
        assert_eq!(filter.validate().expect_err("bad usage").message, message);
    }
    let good = RequestFilter {
        host: Some("[2001:db8::1]".into()),
        path: Some("/admin/*".into()),
        method: Some("get".into()),
        region: Some("jp".into()),
        ..Default::default()
    };
    assert_eq!(good.validate(), Ok(()));
}

#[test]
fn a_path_says_which_value_of_an_assumption_it_needs() {
    let model = model(
        "projects: {shop: {number: 123456789012}}
deny_policies:
  nobody:
    at: project/shop
    permissions: [run.googleapis.com/routes.invoke]
    principals: [\"principalSet://goog/public:all\"]
    exception_principals: [\"user:ed@example.com\"]
services:
  none: {region: europe-west1, ingress: none, invokers: [allUsers], invoker_check: false}
  most: {region: europe-west1, invokers: [allUsers]}
",
    );
    let ask = |to: &str| {
        let (from, to) = (vec!["internet".into()], vec![to.into()]);
        let answer = reach::ask(&model, &reach::Parameters { from, to, ..Default::default() });
        let all = paths(&answer.expect("an answer"));
        let kind = OutcomeKind::Delivered;
        all.into_iter().find(|path| path.outcome.kind == kind).expect("a path that delivers")
    };
    let needed = |path: &Path| -> Vec<(&str, Option<bool>)> {
        let name = |needed: &Needed| model.graph.assumption(needed.assumption).id.as_str();
        path.assumptions.iter().map(|needed| (name(needed), needed.value)).collect()
    };
    assert_eq!(needed(&ask("service/none")), [("ingress-none-denies-all", Some(false))]);
    // By default only the exception gets through, and that is what is described.
    let most = ask("service/most");
    assert_eq!(needed(&most), [("public-set-covers-anonymous", None)]);
    assert!(!most.principals.anonymous && !most.principals.any_account);
    assert_eq!(most.principals.named, ["user:ed@example.com"]);
}
