//! Which requests a path is about, in words and as a command.

use std::path::Path as File;

use super::{model, paths};
use crate::question::answer::Path;
use crate::question::{Model, RequestFilter, egress, reach, trace};

/// A service behind a load balancer with a policy.
fn guarded(rules: &str) -> Model {
    model(&format!(
        "projects: {{shop: {{number: 123456789012}}}}
services:
  web: {{region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers], traffic_tags: [blue]}}
load_balancers:
  edge:
    kind: global-external
    address: 203.0.113.80
    certificates: [www.example.com]
    url_map: {{default: web}}
backends:
  web: {{services: [web], security_policy: edge}}
security_policies:
  edge:
    rules:
{rules}
"
    ))
}

fn example(name: &str) -> Model {
    let file = File::new(env!("CARGO_MANIFEST_DIR")).join("topologies").join(name);
    let text = std::fs::read_to_string(file.join("topology.yaml")).expect("an example");
    model(text.strip_prefix("portolan: 1\n").unwrap_or(&text))
}

fn reached(model: &Model, from: &str, to: &str, refused: bool, filter: RequestFilter) -> Vec<Path> {
    let parameters = reach::Parameters {
        from: vec![from.into()],
        to: vec![to.into()],
        refused,
        filter,
        ..Default::default()
    };
    paths(&reach::ask(model, &parameters).expect("an answer"))
}

/// The words for the requests that arrive, and the command for one of them.
fn arriving(model: &Model) -> (String, String) {
    let paths = reached(model, "internet", "service/web", false, RequestFilter::default());
    assert_eq!(paths.len(), 1);
    let Path { requests, .. } = paths.into_iter().next().expect("a path");
    (requests.text, requests.witness.expect("a witness").curl)
}

#[test]
fn what_is_no_product_is_told_as_alternatives() {
    let model = guarded(
        "      - {priority: 1, action: allow, match: \"request.path.startsWith('/pub')\"}
      - {priority: 2, action: allow, source_ranges: [198.51.100.0/24]}
      - {priority: 2147483647, action: deny(403), source_ranges: ['*']}",
    );
    assert_eq!(
        arriving(&model).0,
        "method any but CONNECT, TRACE; either (path /pub*; from public addresses) or \
         (path any but /_ah/*, /eventlog; from 198.51.100.0/24)"
    );
}

#[test]
fn many_alternatives_are_said_to_be_so() {
    let rule = |at: u32| {
        format!(
            "      - {{priority: {at}, action: allow, match: \"request.path.startsWith('/p{at}') && \
             inIpRange(origin.ip, '198.51.{at}.0/24')\"}}\n"
        )
    };
    let rules: String = (1..=5).map(rule).collect();
    let model = guarded(&format!(
        "{rules}      - {{priority: 9, action: deny(403), source_ranges: ['*']}}"
    ));
    let text = arriving(&model).0;
    let start = "method any but CONNECT, TRACE; some combinations of: path /p1*, /p2*, ";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn one_of_several_conditions() {
    let model = guarded(
        "      - {priority: 1, action: deny(403), match: \"evaluatePreconfiguredWaf('sqli-v33-stable')\"}
      - {priority: 2, action: deny(403), match: \"evaluatePreconfiguredWaf('xss-v33-stable')\"}",
    );
    let paths = reached(&model, "internet", "service/web", true, RequestFilter::default());
    let denied = paths.iter().find(|path| path.outcome.cause == Some("SECURITY_POLICY_DENY"));
    assert_eq!(
        denied.expect("a refusal").requests.text,
        "from public addresses; either matches the WAF signatures `xss-v33-stable` or matches the \
         WAF signatures `sqli-v33-stable`"
    );
}

#[test]
fn values_are_told_as_the_topology_tells_them() {
    let model = model(
        "projects: {shop: {number: 123456789012}}
services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  video: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  hd: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
load_balancers:
  edge:
    kind: global-external
    address: 203.0.113.80
    certificates: [www.example.com]
    url_map:
      default: web
      hosts:
        \"*.b.example.com\": {paths: {\"/*\": web, \"/video/*\": video, \"/video/hd/*\": hd}}
        c.example.com:
          default: web
          routes:
            - {priority: 1, matches: [{prefix: /, query: [{name: v, exact: '2'}]}], route: video}
            - {priority: 2, matches: [{prefix: /, headers: [{name: x-a, exact: b}]}], route: hd}
            - {priority: 3, matches: [{prefix: /, headers: [{name: x-a, present: true}]}], route: video}
backends: {web: {services: [web]}, video: {services: [video]}, hd: {services: [hd]}}
",
    );
    let told = |to: &str, entry: &str| {
        let paths = reached(&model, "internet", to, false, RequestFilter::default());
        let entry = format!("load_balancer/edge {entry}");
        let path = paths.into_iter().find(|path| path.entry.starts_with(&entry));
        path.expect("an entry").requests.text
    };
    let rest = "method any but CONNECT, TRACE";
    let path = "path any but /_ah/*, /eventlog";
    let from = "from public addresses";
    for (to, entry, expected) in [
        ("service/hd", "*.b", format!("host *.b.example.com; path /video/hd/*; {rest}; {from}")),
        (
            "service/video",
            "*.b",
            format!("host *.b.example.com; path /video/* but /video/hd/*; {rest}; {from}"),
        ),
        (
            "service/web",
            "* ",
            format!("host any but *.b.example.com, c.example.com; {path}; {rest}; {from}"),
        ),
        (
            "service/video",
            "c.example.com /* with ?v",
            format!("host c.example.com; {path}; query with `v=2`; {rest}; {from}"),
        ),
        (
            "service/hd",
            "c.example.com",
            format!(
                "host c.example.com; {path}; query without `v=2`; {rest}; header x-a b; {from}"
            ),
        ),
        (
            "service/video",
            "c.example.com /* with x-a",
            format!(
                "host c.example.com; {path}; query without `v=2`; {rest}; header x-a any but b; {from}"
            ),
        ),
        (
            "service/web",
            "c.example.com",
            format!(
                "host c.example.com; {path}; query without `v=2`; {rest}; header x-a absent; {from}"
            ),
        ),
    ] {
        assert_eq!(told(to, entry), expected, "{to} {entry}");
    }
}

#[test]
fn a_header_that_may_be_absent_says_so() {
    let told = |test: &str| {
        let rule = format!("      - {{priority: 1, action: deny(403), match: \"{test}\"}}");
        let text = arriving(&guarded(&rule)).0;
        text.split("; ").find(|clause| clause.starts_with("header")).unwrap_or("any").to_owned()
    };
    let header = "request.headers['x-a']";
    assert_eq!(told(&format!("!has({header})")), "header x-a present");
    assert_eq!(told(&format!("has({header})")), "header x-a absent");
    assert_eq!(told(&format!("{header} == 'b'")), "header x-a absent or any but b");
    assert_eq!(told(&format!("!has({header}) || {header} == 'b'")), "header x-a any but b");
    assert_eq!(told(&format!("{header}.contains('b')")), "header x-a absent or not containing `b`");
}

#[test]
fn what_is_absent_matches_nothing() {
    let model = example("iap-recipe");
    let paths = reached(&model, "internet", "service/*", true, RequestFilter::default());
    let redirect = paths.iter().find(|path| path.outcome.http_status == Some(302));
    assert_eq!(
        redirect.expect("a sign-in").requests.text,
        "method GET; header accept containing `text/html`, containing `*/*`; from public addresses"
    );
}

#[test]
fn public_addresses_without_some() {
    let model = guarded(
        "      - {priority: 1, action: deny(403), source_ranges: [192.0.2.0/24, 9.9.9.9/32]}",
    );
    let text = arriving(&model).0;
    assert!(text.ends_with("; from public addresses but 9.9.9.9, 192.0.2.0/24"), "{text}");
}

#[test]
fn a_command_sends_the_headers_of_its_request_and_no_others() {
    let curl = |test: &str| {
        let rule = format!("      - {{priority: 1, action: deny(403), match: \"{test}\"}}");
        arriving(&guarded(&rule)).1
    };
    let agent = "request.headers['user-agent']";
    assert_eq!(curl(&format!("has({agent})")), "curl -H 'user-agent:' -k https://203.0.113.80/");
    assert_eq!(
        curl(&format!("!has({agent}) || {agent}.contains('bot')")),
        "curl -H 'user-agent: curl/8.5.0' -k https://203.0.113.80/"
    );
    assert_eq!(curl("!has(request.headers['accept'])"), "curl -k https://203.0.113.80/");
    assert_eq!(
        curl("has(request.headers['accept'])"),
        "curl -H 'accept:' -k https://203.0.113.80/"
    );
    assert_eq!(
        curl("!has(request.headers['x-a']) || request.headers['x-a'] != ''"),
        "curl -H 'x-a;' -k https://203.0.113.80/"
    );
}

#[test]
fn a_certificate_is_checked_where_one_covers_the_host() {
    let model = guarded("      - {priority: 2147483647, action: allow, source_ranges: ['*']}");
    let filter = |host: &str| RequestFilter { host: Some(host.into()), ..Default::default() };
    let curl = |host: &str| {
        let paths = reached(&model, "internet", "service/web", false, filter(host));
        paths[0].requests.witness.clone().expect("a witness").curl
    };
    assert_eq!(
        curl("www.example.com"),
        "curl --resolve www.example.com:443:203.0.113.80 https://www.example.com/"
    );
    assert_eq!(
        curl("other.example.com"),
        "curl -k --resolve other.example.com:443:203.0.113.80 https://other.example.com/"
    );
    let tagged = reached(&model, "internet", "service/web", true, RequestFilter::default());
    let tagged = tagged.iter().find(|path| path.entry == "run.app-tag blue").expect("a tag");
    let witness = tagged.requests.witness.as_ref().expect("a witness");
    assert_eq!(witness.host, "blue---web-123456789012.europe-west1.run.app");
}

#[test]
fn a_tag_of_a_service_without_a_known_name_is_looked_up() {
    let model = model(
        "services: {web: {region: europe-west1, invokers: [allUsers], traffic_tags: [blue]}}\n",
    );
    let paths = reached(&model, "internet", "service/web", false, RequestFilter::default());
    let curl = |entry: &str| {
        let path = paths.iter().find(|path| path.entry == entry).expect("an entry");
        path.requests.witness.clone().expect("a witness").curl
    };
    let look =
        "gcloud run services describe web --region europe-west1 --format 'value(status.url)'";
    assert_eq!(curl("run.app"), format!("curl \"$({look})\"/"));
    assert_eq!(curl("run.app-tag blue"), format!("curl \"https://blue---$({look} | cut -c 9-)\"/"));
}

#[test]
fn an_address_that_is_asked_for_is_its_own_host() {
    let model = model(
        "services: {web: {region: europe-west1}}
externals: {saas: {hosts: [api.example.com], addresses: [198.51.100.7]}}
",
    );
    let parameters = egress::Parameters {
        from: "service/web".into(),
        ip: Some("8.8.8.8".parse().expect("an address")),
        ..Default::default()
    };
    let paths = paths(&egress::ask(&model, &parameters).expect("an answer"));
    let witness = paths[0].requests.witness.as_ref().expect("a witness");
    assert_eq!(witness.curl, "curl -k https://8.8.8.8/");
}

#[test]
fn what_a_url_cannot_have_is_encoded() {
    let model = model("services: {web: {region: europe-west1, invokers: [allUsers]}}\n");
    let parameters = trace::Parameters {
        from: "internet".into(),
        url: "https://203.0.113.1/a b/../{c}?d e".into(),
        headers: vec![("x-a".into(), String::new())],
        ..Default::default()
    };
    let paths = paths(&trace::ask(&model, &parameters).expect("an answer"));
    let witness = paths[0].requests.witness.as_ref().expect("a witness");
    let expected = "curl -H 'x-a;' --path-as-is -k -g 'https://203.0.113.1/a%20b/../{c}?d%20e'";
    assert_eq!(witness.curl, expected);
}

/// Traces the witness of a path; the cause and the entry that the trace gives.
fn replayed(model: &Model, path: &Path) -> (Option<&'static str>, String) {
    let witness = path.requests.witness.as_ref().expect("a witness");
    let anonymous = witness.principal == "anonymous";
    let parameters = trace::Parameters {
        from: path.from.clone(),
        url: format!("{}://{}:{}{}", witness.scheme, witness.host, witness.port, witness.path),
        principal: (!anonymous).then(|| witness.principal.clone()),
        audience: None,
        source_ip: witness.source_ip.parse().ok(),
        connect_to: witness.destination_ip.as_ref().and_then(|address| address.parse().ok()),
        method: Some(witness.method.clone()),
        headers: witness.headers.clone().into_iter().collect(),
        region: witness.region.clone(),
        conditions: witness.conditions.clone(),
    };
    let traced = paths(&trace::ask(model, &parameters).expect("an answer"));
    (traced[0].outcome.cause, traced[0].entry.clone())
}

#[test]
fn a_witness_gives_the_outcome_of_its_path() {
    for (name, from) in [
        ("armor-closed", "vm/worker"),
        ("armor-closed", "internet"),
        ("internal-load-balancer", "vm/far"),
        ("internal-call-without-google-access", "service/caller"),
        ("internal-call-without-google-access", "service/by-range"),
        ("two-backends", "internet"),
        ("policy-language", "internet"),
    ] {
        let model = example(name);
        let mut replays = 0;
        for path in reached(&model, from, "service/*", true, RequestFilter::default()) {
            let witness = path.requests.witness.as_ref().expect("a witness");
            // An address that is not known cannot be asked for, nor is every credential.
            if !path.assumptions.is_empty() || witness.credential != "none" {
                continue;
            }
            replays += 1;
            let expected = (path.outcome.cause, path.entry.clone());
            assert_eq!(replayed(&model, &path), expected, "{name} {from} {:?}", witness.curl);
        }
        assert!(replays > 0 || from == "service/by-range", "{name} {from}");
    }
}

#[test]
fn what_is_dropped_before_a_fork_is_still_meant_for_its_destination() {
    let model = example("internal-call-without-google-access");
    let paths = reached(&model, "service/by-range", "service/*", true, RequestFilter::default());
    let dropped = paths.iter().filter(|path| path.outcome.http_status.is_none());
    let mut count = 0;
    for path in dropped {
        let name = path.to.strip_prefix("service/").expect("a service");
        let witness = path.requests.witness.as_ref().expect("a witness");
        assert!(witness.host.starts_with(&format!("{name}-")), "{} {}", path.to, witness.host);
        count += 1;
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn refusals_are_those_of_requests_for_the_destination() {
    let model = example("armor-closed");
    let filter = RequestFilter { port: Some(80), ..Default::default() };
    let paths = reached(&model, "internet", "service/web", false, filter);
    let shown: Vec<_> = paths
        .iter()
        .map(|path| {
            let witness = path.requests.witness.as_ref().expect("a witness");
            let location = path.outcome.location.as_deref().unwrap_or_default();
            (path.entry.as_str(), path.outcome.cause.unwrap_or_default(), &*witness.host, location)
        })
        .collect();
    let host = "web-123456789012.asia-northeast1.run.app";
    let redirected = "https://web-123456789012.asia-northeast1.run.app/";
    let (edge, www) = ("load_balancer/edge * /*", "load_balancer/edge www.example.com /*");
    assert_eq!(
        shown,
        [
            ("run.app", "REDIRECTED", host, redirected),
            (edge, "FORWARDING_RULE_MISMATCH", "203.0.113.80", ""),
            (www, "FORWARDING_RULE_MISMATCH", "www.example.com", ""),
            ("run.app", "FORWARDING_RULE_MISMATCH", host, ""),
        ]
    );
}

#[test]
fn a_host_that_leads_elsewhere_is_refused_by_nobody() {
    let model = model(
        "projects: {shop: {number: 123456789012}}
services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  other: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
load_balancers:
  edge:
    kind: global-external
    address: 203.0.113.80
    certificates: [r.example.com]
    url_map: {default: web, hosts: {a.example.com: {paths: {'/*': other}}}}
backends: {web: {services: [web]}, other: {services: [other]}}
",
    );
    let filter = RequestFilter { host: Some("r.example.com".into()), ..Default::default() };
    let paths = reached(&model, "internet", "service/*", true, filter);
    assert!(!paths.is_empty());
    assert!(paths.iter().all(|path| path.to == "service/web"), "{paths:#?}");
}

#[test]
fn what_is_behind_a_refusal_is_past_it() {
    let model = example("armor-closed");
    let parameters = trace::Parameters {
        from: "internet".into(),
        url: "https://web-123456789012.asia-northeast1.run.app/".into(),
        ..Default::default()
    };
    let traced = paths(&trace::ask(&model, &parameters).expect("an answer"));
    let past = |kind: &str| traced[0].hops.iter().find(|hop| hop.kind == kind).map(|hop| hop.past);
    assert_eq!(past("ingress_setting"), Some(false));
    assert_eq!(past("invoker_iam"), Some(true));
    assert_eq!(past("revision"), Some(true));
}

#[test]
fn what_answers_on_the_internet_is_not_known() {
    let model = model("services: {web: {region: europe-west1}}\n");
    let parameters = trace::Parameters {
        from: "service/web".into(),
        url: "https://unknown.example.com/".into(),
        ..Default::default()
    };
    let answer = trace::ask(&model, &parameters).expect("an answer");
    assert_eq!(answer.summary, "yes: it leaves for internet; what answers there is not known");
    assert_eq!(paths(&answer)[0].outcome.http_status, None);
}

#[test]
fn an_address_without_a_route_is_named() {
    let model = model(
        "networks: {prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/26}}}}
services:
  priv: {region: europe-west1, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
",
    );
    let parameters = egress::Parameters {
        from: "service/priv".into(),
        ip: Some("192.168.7.7".parse().expect("an address")),
        ..Default::default()
    };
    let paths = paths(&egress::ask(&model, &parameters).expect("an answer"));
    assert!(!paths.is_empty());
    assert!(paths.iter().all(|path| path.to == "192.168.7.7"), "{paths:#?}");
}

#[test]
fn the_sender_s_own_addresses_need_not_be_said() {
    let model = model(
        "networks: {prod: {subnets: {}}}
connectors: {own: {network: prod, region: europe-west1, range: 10.8.0.0/28}}
services:
  web: {region: europe-west1, vpc_access: {connector: own, egress: private-ranges-only}}
",
    );
    let parameters = egress::Parameters {
        from: "service/web".into(),
        ip: Some("8.8.8.8".parse().expect("an address")),
        ..Default::default()
    };
    let paths = paths(&egress::ask(&model, &parameters).expect("an answer"));
    assert_eq!(paths[0].requests.text, "every request");
}

#[test]
fn a_way_over_public_ipv6_is_commanded_so() {
    let model = example("dual-stack");
    let filter = RequestFilter {
        source_ip: Some("2600:1900:4000:1::/64".parse().expect("a range")),
        ..RequestFilter::default()
    };
    let paths = reached(&model, "service/orders", "service/api", false, filter);
    let curls: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.requests.witness.as_ref())
        .map(|witness| witness.curl.as_str())
        .collect();
    assert_eq!(curls, ["curl -6 https://api-123456789012.asia-northeast1.run.app/"]);
}
