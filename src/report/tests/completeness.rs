//! Each gap is told where it matters, in its direction, and not where the graph shows that it
//! cannot.

use std::sync::Arc;

use jiff::Timestamp;

use crate::graph::{GapKind, Options, Unsaid};
use crate::question::{Completeness, Model, bypass, egress, exposure, reach, trace};
use crate::report::words::gap;
use crate::testing::topology;
use crate::topology::unread::{Family, Skipped, Unread};

/// A question as words: its kind, then from where and to what.
fn ask(model: &Model, question: &str) -> Completeness {
    let words: Vec<String> = question.split(' ').map(str::to_string).collect();
    let list = |text: &String| text.split(',').map(str::to_string).collect::<Vec<_>>();
    let answer = match words.as_slice() {
        [kind, from, to] if kind == "reach" => {
            let (from, to) = (list(from), list(to));
            reach::ask(model, &reach::Parameters { from, to, ..Default::default() })
        }
        [kind, guard, to @ ..] if kind == "bypass" => {
            let (guard, to) = (guard.clone(), to.to_vec());
            bypass::ask(model, &bypass::Parameters { guard, to, ..Default::default() })
        }
        [kind, from] if kind == "egress" => {
            let from = from.clone();
            egress::ask(model, &egress::Parameters { from, ..Default::default() })
        }
        [kind, from, to] if kind == "egress" => {
            let (from, to) = (from.clone(), Some(to.clone()));
            egress::ask(model, &egress::Parameters { from, to, ..Default::default() })
        }
        [kind, from, url] if kind == "trace" => {
            let (from, url) = (from.clone(), url.clone());
            trace::ask(model, &trace::Parameters { from, url, ..Default::default() })
        }
        [kind] if kind == "exposure" => exposure::ask(model, &exposure::Parameters::default()),
        [kind, from, to] if kind == "exposure" => {
            let (from, to) = (list(from), list(to));
            exposure::ask(model, &exposure::Parameters { from, to })
        }
        _ => panic!("{question} is no question"),
    };
    answer.unwrap_or_else(|error| panic!("{question}: {error:?}")).head.completeness
}

/// What could open a path and what could close one, in words.
fn gaps(model: &Model, question: &str) -> (Vec<String>, Vec<String>) {
    let Completeness { could_open, could_close } = ask(model, question);
    let texts = |gaps: &[crate::graph::Gap]| gaps.iter().map(gap).collect();
    (texts(&could_open), texts(&could_close))
}

fn model_of(text: &str, unread: Vec<Unread>) -> Model {
    let options = Options { unread, ..Options::at(Timestamp::UNIX_EPOCH) };
    Model::new(topology(text), Arc::default(), options).expect("nothing is assumed")
}

const OPENS: (bool, bool) = (true, false);
const CLOSES: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

/// A topology, what of it is not followed and could do what, questions that this touches, and some
/// that it does not.
#[track_caller]
fn check(text: &str, gap: &str, direction: (bool, bool), touched: &[&str], untouched: &[&str]) {
    check_model(&model_of(text, Vec::new()), gap, direction, touched, untouched);
}

#[track_caller]
fn check_model(
    model: &Model,
    gap: &str,
    direction: (bool, bool),
    touched: &[&str],
    untouched: &[&str],
) {
    let only = |holds: bool| if holds { vec![gap.to_string()] } else { Vec::new() };
    for question in touched {
        let expected = (only(direction.0), only(direction.1));
        assert_eq!(gaps(model, question), expected, "{question}");
    }
    for question in untouched {
        assert_eq!(gaps(model, question), (Vec::new(), Vec::new()), "{question}");
    }
}

/// Two services, one of which has a setting, and two that send, one by a network.
fn services(setting: &str) -> String {
    format!(
        "services:
  web: {{region: europe-west1{setting}}}
  api: {{region: europe-west1, invokers: [allUsers]}}
"
    )
}

#[test]
fn grants_that_are_not_known() {
    check(
        &services(", invokers: [{unknown: var.who}]"),
        "a member of a binding on service/web is not known: var.who",
        OPENS,
        &["reach internet service/web", "reach service/api service/web", "exposure"],
        &["reach internet service/api", "egress service/web", "exposure internet service/api"],
    );
    check(
        &services(", iam: [{role: {unknown: var.role}, members: [allUsers]}]"),
        "the role of a binding on service/web is not known: var.role",
        OPENS,
        &["reach internet service/web", "exposure"],
        &["reach internet service/api"],
    );
}

#[test]
fn grants_of_a_project() {
    let text = "projects:
  a: {iam: [{role: roles/run.invoker, members: [{unknown: var.who}]}]}
  b: {}
services:
  web: {project: a, region: europe-west1}
  api: {project: b, region: europe-west1}
";
    let gap = "a member of a binding on project/a is not known: var.who";
    let touched = ["reach internet service/web", "exposure"];
    check(text, gap, OPENS, &touched, &["reach internet service/api"]);
}

#[test]
fn denials_and_boundaries() {
    let text = |principals: &str| {
        format!(
            "projects: {{a: {{}}, b: {{}}}}
services:
  web: {{project: a, region: europe-west1, invokers: [allUsers]}}
  api: {{project: b, region: europe-west1, invokers: [allUsers]}}
deny_policies:
  some:
    at: project/a
    permissions: [run.googleapis.com/routes.invoke]
    {principals}
"
        )
    };
    let (touched, untouched) = (["reach internet service/web"], ["reach internet service/api"]);
    check(
        &text("principals: [{unknown: var.who}]"),
        "a principal of deny_policy/some is not known: var.who",
        CLOSES,
        &touched,
        &untouched,
    );
    check(
        &text("principals: [allUsers]\n    exception_principals: [{unknown: var.who}]")
            .replace("allUsers]\n    e", "\"principalSet://goog/public:all\"]\n    e"),
        "an exception of deny_policy/some is not known: var.who",
        OPENS,
        &touched,
        &untouched,
    );
    check(
        &text("principals: [\"principalSet://goog/group/staff@example.com\"]"),
        "deny_policy/some names `principalSet://goog/group/staff@example.com`, which no identity \
         of the topology stands for",
        CLOSES,
        &touched,
        &untouched,
    );
    let text = "services: {web: {region: europe-west1, invokers: [allUsers]}}
access_boundaries: {some: {principals: [{unknown: var.who}], resources: [project/project]}}
externals: {saas: {hosts: [saas.example], addresses: [198.51.100.7]}}
";
    check(
        text,
        "a principal of access_boundary/some is not known: var.who",
        CLOSES,
        &["reach internet service/web"],
        &["egress service/web external/saas"],
    );
}

#[test]
fn federated_identities_before_iap() {
    let member = "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/al";
    let text = services(&format!(", iap: {{accessors: [\"{member}\"]}}"));
    let gap = format!("iap/web names `{member}`, which no identity of the topology stands for");
    let touched = ["reach internet service/web"];
    check(&text, &gap, OPENS, &touched, &["reach internet service/api"]);
    // Cloud Run itself takes none (ING-183).
    let text = services(&format!(", invokers: [\"{member}\"]"));
    check(&text, "", BOTH, &[], &["reach internet service/web", "exposure"]);
}

#[test]
fn projects_that_are_not_known() {
    let text = "projects: {a: {}, b: {}}
services:
  web: {project: {unknown: var.project}, region: europe-west1}
  api: {project: a, region: europe-west1}
externals: {saas: {hosts: [saas.example], addresses: [198.51.100.7]}}
";
    check(
        text,
        "the project of service/web is not known: var.project",
        BOTH,
        &["reach internet service/web", "egress service/web external/saas"],
        &["reach internet service/api", "egress service/api external/saas"],
    );
}

#[test]
fn accounts_that_are_not_known() {
    check(
        &services(", service_account: {unknown: var.account}"),
        "the service account of service/web is not known: var.account",
        BOTH,
        &["reach service/web service/api", "exposure service/web service/api", "exposure"],
        &["reach internet service/web", "reach service/api service/web"],
    );
}

#[test]
fn products_of_an_unknown_project() {
    let text = "projects: {a: {}, b: {}}
services: {web: {project: a, region: europe-west1}}
products:
  tick: {kind: scheduler, project: {unknown: var.project}, service: web}
  tock: {kind: scheduler, project: b, service: web}
";
    let gap = "the project of product/tick is not known: var.project";
    let touched = ["reach product/* service/web", "exposure"];
    let untouched = ["reach product/tock service/web", "reach internet service/web"];
    check(text, gap, OPENS, &touched, &untouched);
    let text = text.replace(
        "project: {unknown: var.project}, service: web",
        "project: a, service: {unknown: var.service}",
    );
    let gap = "the service of product/tick is not known: var.service";
    check(&text, gap, OPENS, &["reach product/tick service/web", "exposure"], &untouched);
}

#[test]
fn mappings_to_an_unknown_service() {
    let text = format!(
        "{}domain_mappings: {{www.example.com: {{service: {{unknown: var.service}}}}}}
externals: {{saas: {{hosts: [saas.example], addresses: [198.51.100.7]}}}}
",
        services("")
    );
    let gap = "the service of domain_mapping/www.example.com is not known: var.service";
    let touched = ["reach internet service/web", "reach internet service/api"];
    check(&text, gap, OPENS, &touched, &["egress service/web external/saas"]);
}

const BALANCED: &str = "services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
  api: {region: europe-west1, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
backends:
  web: {services: [web]WEB}
  api: {services: [api]}
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com], url_map: {default: ROUTE}}
  side: {kind: global-external, certificates: [api.example.com], url_map: {default: api}}
externals: {saas: {hosts: [saas.example], addresses: [198.51.100.7]}}
networks: {prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}}
connectors: {con: {network: prod, region: europe-west1, range: 10.8.0.0/28}}
";

/// The same with the first load balancer inside a network.
fn inside(text: &str) -> String {
    text.replace(
        "edge: {kind: global-external, certificates: [www.example.com],",
        "edge: {kind: regional-internal, region: europe-west1, network: prod,",
    )
}

#[test]
fn backends_of_routes() {
    let balanced = |route: &str| BALANCED.replace("WEB", "").replace("ROUTE", route);
    let text = balanced("{unknown: var.backend}");
    let gap = "the backend of a route of load_balancer/edge is not known: var.backend";
    // It may lead to anything, from wherever it is entered.
    let touched = ["reach internet service/web", "reach internet service/api"];
    check(&text, gap, OPENS, &touched, &[]);
    let touched = ["reach network/prod service/web", "reach network/prod service/api"];
    check(&inside(&text), gap, OPENS, &touched, &["reach internet service/api"]);
    let gap = "a weighted backend of a route of load_balancer/edge is not known: var.backend";
    let text = balanced(
        "{weighted_backends: [{backend: web, weight: 9}, {backend: {unknown: var.backend}, weight: 1}]}",
    );
    check(&text, gap, BOTH, &["reach internet service/web"], &[]);
    // Another load balancer leads there, from which this takes nothing.
    check(&text, gap, OPENS, &["reach internet service/api"], &[]);
    check(&inside(&text), gap, OPENS, &[], &["reach internet service/api"]);
}

#[test]
fn policies_of_backends() {
    let text = BALANCED.replace("ROUTE", "web");
    check(
        &text.replace("WEB", ", security_policy: {unknown: var.policy}"),
        "the security policy of backend/web is not known: var.policy",
        CLOSES,
        &["reach internet service/web", "trace internet https://www.example.com/"],
        &["reach internet service/api", "trace internet https://api.example.com/"],
    );
    check(
        &text.replace("WEB", ", edge_security_policy: {unknown: var.policy}"),
        "the edge security policy of backend/web is not known: var.policy",
        CLOSES,
        &["reach internet service/web"],
        &["reach internet service/api"],
    );
    let text = text.replace("WEB", "");
    let text = text.replace("services: [web]", "services: [{service: {unknown: var.neg}}]");
    let gap = "the service of backend/web is not known: var.neg";
    let touched = ["reach internet service/web", "bypass load_balancer/side service/api"];
    check(&text, gap, OPENS, &touched, &[]);
    check(&inside(&text), gap, OPENS, &[], &["reach internet service/api"]);
}

#[test]
fn a_guard_that_may_be_attached() {
    let text = BALANCED
        .replace("ROUTE", "web")
        .replace("WEB", ", security_policy: {unknown: var.policy}")
        + "security_policies: {edge: {rules: [{priority: 2147483647, action: deny(403), source_ranges: [\"*\"]}]}}\n";
    let model = model_of(&text, Vec::new());
    let parameters =
        bypass::Parameters { guard: "security_policy/edge".into(), ..Default::default() };
    let answer = bypass::ask(&model, &parameters).expect("an answer");
    assert!(answer.head.findings.is_empty(), "{:?}", answer.head.findings);
    let closes = "the security policy of backend/web is not known: var.policy";
    assert_eq!(gaps(&model, "bypass security_policy/edge"), (vec![], vec![closes.into()]));
}

#[test]
fn internal_load_balancers_of_an_unknown_network() {
    let text = BALANCED.replace("ROUTE", "web").replace("WEB", "") + "  # end\n";
    let text = text.replace(
        "  side:",
        "  inner: {kind: regional-internal, region: europe-west1, network: {unknown: var.net}, url_map: {default: web}}\n  side:",
    );
    let gap = "the network of load_balancer/inner is not known: var.net";
    let touched = ["reach network/prod service/web"];
    let untouched = ["reach network/prod service/api", "reach internet service/web"];
    check(&text, gap, OPENS, &touched, &untouched);
}

/// A service in each of two networks, and parties outside.
fn networks(more: &str) -> String {
    format!(
        "services:
  web: {{region: europe-west1, vpc_access: {{network: prod, subnet: run, egress: all-traffic}}}}
  api: {{region: europe-west1, vpc_access: {{network: test, subnet: run, egress: all-traffic}}}}
externals: {{saas: {{hosts: [saas.example], addresses: [198.51.100.7]}}}}
networks:
  prod: {{subnets: {{run: {{region: europe-west1, range: 10.0.0.0/24}}}}}}
  test: {{subnets: {{run: {{region: europe-west1, range: 10.1.0.0/24}}}}}}
nats:
  prod: {{network: prod, region: europe-west1, addresses: [203.0.113.10]}}
  test: {{network: test, region: europe-west1, addresses: [203.0.113.11]}}
{more}"
    )
}

const BY_PROD: [&str; 2] = ["egress service/web external/saas", "egress service/web"];
const BY_TEST: [&str; 3] =
    ["egress service/api external/saas", "egress service/api", "reach internet service/web"];

#[test]
fn networks_that_are_sent_into() {
    let text = networks("").replace(
        "network: prod, subnet: run, e",
        "network: {unknown: var.net}, subnet: {unknown: var.subnet}, e",
    );
    let gap = "the network that service/web sends into is not known";
    check(&text, gap, BOTH, &BY_PROD, &BY_TEST);
    let text = networks("");
    let text = text.replace("network: prod, subnet: run, e", "connector: {unknown: var.con}, e");
    check(&text, gap, BOTH, &BY_PROD, &BY_TEST);
}

#[test]
fn gateways() {
    let with = |of: &str, by: &str| networks("").replace(of, by);
    let of = "network: prod, region: europe-west1, addresses: [203.0.113.10]";
    check(
        &with(of, "network: prod, region: {unknown: var.region}, addresses: [203.0.113.10]"),
        "it is not known which ranges nat/prod serves",
        OPENS,
        &BY_PROD,
        &BY_TEST,
    );
    check(
        &with(of, "network: prod, region: europe-west1, automatic: {unknown: var.auto}"),
        "whether Google allocates the addresses of nat/prod is not known: var.auto",
        BOTH,
        &BY_PROD,
        &BY_TEST,
    );
    // It may be of any network.
    check(
        &with(of, "network: {unknown: var.net}, region: europe-west1, addresses: [203.0.113.10]"),
        "it is not known which ranges nat/prod serves",
        OPENS,
        &["egress service/web external/saas", "egress service/api external/saas"],
        &["reach internet service/web"],
    );
}

#[test]
fn routes() {
    let text = networks("")
        .replace("prod: {subnets", "prod: {default_route: {unknown: var.route}, subnets");
    check(
        &text,
        "whether network/prod has a default route is not known; it is taken to have one",
        CLOSES,
        &BY_PROD,
        &BY_TEST,
    );
    let text = networks(
        "routes: {odd: {network: prod, destination: {unknown: var.to}, next_hop: internet}}\n",
    );
    check(&text, "the destination of route/odd is not known: var.to", BOTH, &BY_PROD, &BY_TEST);
}

#[test]
fn firewalls() {
    let with = |action: &str| {
        networks(&format!(
            "firewall_rules:
  odd: {{network: prod, direction: egress, action: {action}, destination_ranges: [{{unknown: var.range}}]}}
"
        ))
    };
    let gap = "a range of firewall_rule/odd is not known";
    check(&with("allow"), gap, OPENS, &BY_PROD, &BY_TEST);
    check(&with("deny"), gap, CLOSES, &BY_PROD, &BY_TEST);
    let text = networks(
        "firewall_policies:
  odd:
    attached_to: [network/prod]
    rules: [{priority: 1, direction: egress, action: deny, destination_ranges: [{unknown: var.range}]}]
",
    );
    let gap = "a range of rule 1 of firewall_policy/odd is not known";
    check(&text, gap, CLOSES, &BY_PROD, &BY_TEST);
}

#[test]
fn source_tags_of_some_revisions() {
    let with = |action: &str| {
        networks(&format!(
            "jobs:
  tagged: {{region: europe-west1, vpc_access: {{network: prod, subnet: run, tags: [batch]}}}}
vms:
  db: {{network: prod, subnet: run}}
firewall_rules:
  odd: {{network: prod, action: {action}, source_tags: [batch]}}
"
        ))
    };
    let gap = "firewall_rule/odd names source tags that only some revisions of a subnet have, and \
               all of the subnet are taken to have them";
    check(&with("allow"), gap, CLOSES, &["reach service/web vm/db"], &BY_TEST);
    check(&with("deny"), gap, OPENS, &["reach service/web vm/db"], &BY_TEST);
}

#[test]
fn ranges_and_addresses_inside_networks() {
    let text = networks("").replace("range: 10.0.0.0/24", "range: {unknown: var.range}");
    check(&text, "the range of subnet prod/run is not known", BOTH, &BY_PROD, &BY_TEST);
    let text = networks("")
        .replace("range: 10.0.0.0/24", "range: {unknown: var.range}, ipv6_range: \"fd20::/64\"");
    let gap = "the ranges of subnet prod/run, which has IPv6, are not known";
    check(&text, gap, BOTH, &BY_PROD, &BY_TEST);
    let text = networks("vms: {db: {network: prod, subnet: run, address: {unknown: var.db}}}\n");
    let touched = ["reach service/web vm/db", "egress service/web external/saas"];
    check(&text, "the address of vm/db is not known: var.db", BOTH, &touched, &BY_TEST);
    let text =
        networks("vms: {db: {network: prod, subnet: run, service_account: {unknown: var.db}}}\n");
    check(&text, "the service account of vm/db is not known: var.db", BOTH, &touched, &BY_TEST);
    let text = networks(
        "connectors: {con: {network: prod, region: europe-west1, range: {unknown: var.con}}}\n",
    );
    check(&text, "the range of connector/con is not known: var.con", BOTH, &BY_PROD, &BY_TEST);
}

#[test]
fn names_inside_networks() {
    let text = networks(
        "dns_policies: {odd: {networks: [prod], alternative_name_servers: [192.0.2.53]}}\n",
    );
    let gap = "what the name servers of dns_policy/odd answer is not known";
    check(&text, gap, BOTH, &BY_PROD, &BY_TEST);
    let text = networks(
        "zones: {odd: {domain: corp.example, networks: [prod], forwarding: [192.0.2.53]}}\n",
    );
    let gap = "what the name servers of zone/odd answer is not known";
    check(&text, gap, BOTH, &BY_PROD, &BY_TEST);
    // Another network takes its view.
    let text = networks(
        "zones:
  odd: {domain: corp.example, networks: [prod], forwarding: [192.0.2.53]}
  peer: {domain: corp.example, networks: [test], peering: prod}
vms: {near: {network: prod, subnet: run}}
",
    );
    check(&text, gap, BOTH, &BY_TEST[..2], &["reach internet service/web"]);
}

#[test]
fn endpoints_at_unknown_addresses() {
    let text = networks(
        "sql_instances: {db: {region: europe-west1, engine: postgres, network: prod, private_address: {unknown: var.db}, public_address: 192.0.2.99}}
private_connections: {prod: {network: prod, ranges: [10.9.0.0/24]}}
",
    );
    let gap = "the address of sql_instance/db is not known: var.db";
    check(
        &text,
        gap,
        OPENS,
        &["reach service/web sql_instance/db"],
        &["egress service/web external/saas"],
    );
    let text = networks(
        "psc_endpoints: {apis: {network: prod, address: {unknown: var.apis}, target: all-apis}}\n",
    );
    let gap = "the address of psc_endpoint/apis is not known: var.apis";
    check(&text, gap, BOTH, &BY_PROD, &["reach internet service/web"]);
}

#[test]
fn perimeters() {
    let text = "projects: {in: {number: 123456789012}, also: {}, out: {}}
perimeters: {core: {projects: [in, also], restricted_services: [RESTRICTED]}}
services:
  web: {project: in, region: europe-west1, invokers: [allUsers], vpc_access: {network: prod, subnet: run, egress: all-traffic}}
  api: {project: out, region: europe-west1, invokers: [allUsers], vpc_access: {network: test, subnet: run, egress: all-traffic}}
  also: {project: also, region: europe-west1, invokers: [allUsers]}
networks:
  prod: {project: in, subnets: {run: {region: europe-west1, range: 10.0.0.0/24, private_google_access: true}}}
  test: {project: out, subnets: {run: {region: europe-west1, range: 10.1.0.0/24, private_google_access: true}}}
externals: {saas: {hosts: [saas.example], addresses: [198.51.100.7]}}
";
    let gap = "perimeter/core is not asked where its edge is crossed: it may refuse, or let in";
    let run = text.replace("RESTRICTED", "run.googleapis.com");
    check(
        &run,
        gap,
        BOTH,
        &[
            "reach internet service/web",
            "reach service/web service/api",
            "reach service/api service/web",
            "trace internet https://web-123456789012.europe-west1.run.app/",
            "exposure",
            // Without a network it is inside or not.
            "reach service/also service/web",
        ],
        &[
            "reach internet service/api",
            "reach service/web service/also",
            "reach service/web api/storage.googleapis.com",
            "egress service/web external/saas",
        ],
    );
    let storage = text.replace("RESTRICTED", "storage.googleapis.com");
    check(
        &storage,
        gap,
        BOTH,
        &[
            "reach service/web api/storage.googleapis.com",
            // Whose bucket it is is not known.
            "reach service/api api/storage.googleapis.com",
            "egress service/web",
        ],
        &[
            "reach internet service/web",
            "reach service/web api/pubsub.googleapis.com",
            "egress service/web external/saas",
        ],
    );
    let nothing = text.replace("RESTRICTED", "");
    check(
        &nothing,
        gap,
        BOTH,
        &[],
        &["reach internet service/web", "egress service/web", "exposure"],
    );
}

/// Something that a reader skipped.
fn unread(family: Family, (opens, closes): (bool, bool), services: &[&str]) -> Unread {
    Unread {
        what: Skipped::Resource { kind: "google_x".into(), address: "google_x.y".into() },
        family,
        opens,
        closes,
        services: services.iter().map(|id| (*id).into()).collect(),
        at: crate::source::Span::none(),
    }
}

#[test]
fn what_was_not_read_touches_by_its_family() {
    const GAP: &str = "google_x.y is not read";
    const INSIDE: &[&str] = &["egress service/web external/saas"];
    const OUTSIDE: &[&str] = &["reach internet service/web"];
    let cases: &[(Family, (bool, bool), &[&str], &[&str])] = &[
        (Family::Iam, OPENS, OUTSIDE, INSIDE),
        (Family::Impersonation, OPENS, OUTSIDE, INSIDE),
        (Family::Services, OPENS, OUTSIDE, INSIDE),
        (Family::LoadBalancing, OPENS, &[OUTSIDE[0], INSIDE[0]], &[]),
        (Family::SecurityPolicies, BOTH, &[], &[OUTSIDE[0], INSIDE[0]]),
        (Family::Networks, BOTH, &[INSIDE[0], "exposure"], OUTSIDE),
        (Family::Firewall, BOTH, INSIDE, OUTSIDE),
        (Family::Routing, BOTH, INSIDE, OUTSIDE),
        (Family::Nat, BOTH, INSIDE, OUTSIDE),
        (Family::PrivateAccess, BOTH, INSIDE, OUTSIDE),
        (Family::Dns, BOTH, &[INSIDE[0], "trace internet https://www.example.com/"], OUTSIDE),
        (Family::Perimeters, BOTH, OUTSIDE, INSIDE),
        (Family::OrganizationPolicies, CLOSES, &[OUTSIDE[0], INSIDE[0]], &[]),
        (Family::Products, OPENS, &["exposure"], &[OUTSIDE[0], INSIDE[0]]),
        (Family::Workloads, OPENS, &["exposure"], &[OUTSIDE[0], INSIDE[0]]),
        (Family::Machines, BOTH, INSIDE, OUTSIDE),
        (Family::Anything, BOTH, &[OUTSIDE[0], INSIDE[0], "exposure"], &[]),
    ];
    let text = networks("");
    for (family, direction, touched, untouched) in cases {
        let model = model_of(&text, vec![unread(*family, *direction, &[])]);
        check_model(&model, GAP, *direction, touched, untouched);
    }
    // Machines and databases may listen outside, where no network is met.
    let text = networks(
        "vms: {m: {network: prod, subnet: run, address: 10.0.0.9}}
sql_instances: {db: {region: europe-west1, engine: postgres, public_address: 192.0.2.99}}
",
    );
    let model = model_of(&text, vec![unread(Family::Machines, BOTH, &[])]);
    check_model(&model, GAP, BOTH, &["reach internet vm/*"], OUTSIDE);
    let model = model_of(&text, vec![unread(Family::PrivateAccess, BOTH, &[])]);
    check_model(&model, GAP, BOTH, &["reach internet sql_instance/*"], OUTSIDE);
    // Policies stand behind load balancers.
    let balanced = BALANCED.replace("WEB", "").replace("ROUTE", "web");
    let model = model_of(&balanced, vec![unread(Family::SecurityPolicies, BOTH, &[])]);
    let touched = ["reach internet service/web"];
    check_model(&model, GAP, BOTH, &touched, &["egress service/web external/saas"]);
    // What is about one service, by its id or its name, touches no other.
    for family in [Family::Iam, Family::Services] {
        let model = model_of(&text, vec![unread(family, OPENS, &["web"])]);
        check_model(&model, GAP, OPENS, OUTSIDE, &["reach internet service/api"]);
    }
}

#[test]
fn what_was_not_read_may_name_a_service() {
    let text = services(", name: front");
    let model = model_of(&text, vec![unread(Family::Iam, OPENS, &["front"])]);
    let touched = ["reach internet service/web"];
    check_model(&model, "google_x.y is not read", OPENS, &touched, &["reach internet service/api"]);
}

#[test]
fn senders_of_a_kind_that_nobody_named() {
    let text = "services: {web: {region: europe-west1}}
products: {tick: {kind: scheduler, service: web}}
";
    let model = model_of(text, vec![unread(Family::Products, OPENS, &[])]);
    let gap = "google_x.y is not read";
    let touched = ["reach product/* service/web", "exposure product/* service/web"];
    check_model(&model, gap, OPENS, &touched, &["reach product/tick service/web"]);
}

#[test]
fn values_that_are_tried_are_no_gaps() {
    let text = networks("").replace("egress: all-traffic", "egress: {unknown: var.egress}");
    let text = text.replace("services:\n", "services:\n  open: {region: europe-west1, ingress: {unknown: var.ingress}, default_url: {unknown: var.url}, invokers: [{unknown: var.who, candidates: [allUsers]}]}\n");
    check(&text, "", BOTH, &[], &["reach internet service/open", "egress service/web", "exposure"]);
}

#[test]
fn what_is_said_at_one_place_is_told_once() {
    // It is met in both networks.
    let text = networks("nats2: {}\n").replace("nats2: {}\n", "");
    let text = text.replace("test: {network: test,", "test: {network: {unknown: var.net},");
    let gap = "it is not known which ranges nat/test serves";
    check(&text, gap, OPENS, &["egress service/web external/saas"], &[]);
    let model = model_of(&text, Vec::new());
    let all = Completeness::of_all(&model.graph.gaps);
    assert_eq!((all.could_open.len(), all.could_close.len()), (1, 0));
}

#[test]
fn no_value_is_asked_for_in_vain() {
    // Each field for which no builder tries every value, in one topology.
    let unknown = "{unknown: var.x}";
    let text = "projects: {a: {iam: [{role: ?, members: [?]}]}}
services:
  web:
    project: ?
    region: europe-west1
    invokers: [?, {role: ?, members: [?]}]
    iap: {accessors: [?]}
    service_account: ?
    vpc_access: {connector: ?}
  api: {project: a, region: ?, ingress: ?, iam: [{role: ?, members: [?]}], vpc_access: {subnet: ?}}
  one: {project: a, region: a, vpc_access: {connector: con}}
jobs: {tick: {project: ?, region: a, service_account: ?, vpc_access: {connector: ?}}}
worker_pools: {pool: {project: ?, region: a, service_account: ?, vpc_access: {network: ?}}}
domain_mappings: {www.example.com: {service: ?}}
products: {tick: {kind: scheduler, project: a, service: ?, service_account: ?}}
backends:
  web: {project: ?, services: [?], security_policy: ?, edge_security_policy: ?, cdn: ?}
  mask: {services: [{url_mask: <service>, region: ?, project: ?}]}
backend_buckets: {all: {edge_security_policy: ?}}
security_policies: {odd: {rules: [{priority: 1, action: deny(403), match: ?, preview: ?}]}}
load_balancers:
  edge:
    project: ?
    kind: global-external
    certificates: [www.example.org]
    address: ?
    url_map:
      default: web
      hosts: {a.example.org: {default: ?}, b.example.org: {default: {weighted_backends: [{backend: ?, weight: 1}]}}, c.example.org: {default: mask}}
  inner: {kind: regional-internal, region: ?, network: ?, url_map: {default: web}}
  other: {kind: regional-internal, region: ?, network: prod, url_map: {default: web}, global_access: ?}
networks:
  prod: {project: ?, default_route: ?, default_ipv6_route: ?, default_rules: ?, subnets: {run: {region: a, range: ?, private_google_access: ?}}}
connectors: {con: {project: ?, network: prod, region: a, range: ?, private_google_access: ?, running: ?}}
nats: {out: {network: ?, region: ?, addresses: [?], drain_addresses: [?], automatic: ?, subnets: [?]}}
vms: {db: {network: prod, subnet: run, address: ?, external_address: ?, service_account: ?}}
routes: {odd: {network: prod, destination: ?, next_hop: internet}}
firewall_rules: {odd: {network: prod, action: deny, source_ranges: [?], disabled: ?}}
psc_endpoints: {apis: {network: prod, address: ?, target: all-apis}}
deny_policies: {odd: {at: project/a, permissions: [run.googleapis.com/routes.invoke], principals: [?], exception_principals: [?]}}
access_boundaries: {odd: {principals: [?], resources: [project/a]}}
externals: {saas: {hosts: [saas.example], addresses: [?]}}
";
    let model = model_of(&text.replace('?', unknown), Vec::new());
    let unsaid = |gap: &crate::graph::Gap| match &gap.what {
        GapKind::Unsaid { what: Unsaid::Other, of, .. } => Some(of.to_string()),
        _ => None,
    };
    let vain: Vec<String> = model.graph.gaps.iter().filter_map(unsaid).collect();
    assert_eq!(vain, Vec::<String>::new());
    // And everything is told of where everything is asked for.
    let complete = ask(&model, "exposure");
    assert!(complete.could_open.len() > 25 && complete.could_close.len() > 15, "{complete:#?}");
}
