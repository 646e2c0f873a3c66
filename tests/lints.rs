//! What lints say of traffic, checked by walks: on random topologies, where a finding says that
//! something never arrives no walk of a random request delivers it, and where one says that somebody
//! gets in a walk does. Where a question answers *no* and completely, the finding is there.
//!
//! `cargo test` looks at some hundred topologies of each family; `PORTOLAN_LINTS=5000x50` at that
//! many, with that many requests for each end that a finding speaks of.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "agreement/random.rs"]
#[allow(dead_code)]
mod random;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use portolan::internals::graph::{Request, ResourceKind, Source};
use portolan::internals::question::reach;
use portolan::internals::solve::{Extra, Layout, Solver};
use portolan::internals::walk::{WalkTrace, Walker};
use portolan::{Description, Finding, Model, Premises, Verdict};
use random::Random;
use rayon::prelude::*;

/// On how many topologies each code has to be found.
const LEAST: usize = 20;

/// An address on the internet that nothing of a topology has.
const ELSEWHERE: &str = "198.51.100.77";
/// That of the party outside.
const PARTNER: &str = "198.51.100.20";
/// Private addresses of Google's, and its front end.
const GOOGLE: &[&str] = &["199.36.153.9", "199.36.153.5", "0.1.0.1"];

/// Topologies of each family, and requests for each end.
fn size() -> (u64, usize) {
    let Ok(text) = std::env::var("PORTOLAN_LINTS") else { return (160, 6) };
    let parsed = text.split_once('x');
    let parsed = parsed.and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
    parsed.unwrap_or_else(|| panic!("PORTOLAN_LINTS={text} is not like 5000x50"))
}

struct Case {
    text: String,
    model: Model,
    found: Vec<Finding>,
    /// How many requests were walked for findings of a code.
    walked: RefCell<BTreeMap<&'static str, usize>>,
}

impl Case {
    /// Nothing if a topology has errors.
    fn read(text: String) -> Option<Case> {
        let loaded = Description::new().text("topology.yaml", text.clone()).load();
        if !loaded.is_usable() {
            return None;
        }
        let found = loaded.check().findings().to_vec();
        let model = loaded.compile_with(Premises::new().at(Timestamp::UNIX_EPOCH)).ok()?;
        Some(Case { text, model, found, walked: RefCell::default() })
    }

    fn has(&self, code: &str, resource: &str) -> bool {
        let is = |each: &Finding| each.code == code && each.resource.as_deref() == Some(resource);
        self.found.iter().any(is)
    }

    fn source(&self, name: &str) -> Option<&Source> {
        let graph = &self.model.graph;
        graph.sources.iter().find(|own| graph.resource(own.resource).to_string() == name)
    }

    /// Random requests of a sender to an address, in random worlds and under random choices.
    fn requests(
        &self,
        random: &mut Random,
        sender: &str,
        to: IpAddr,
        count: usize,
    ) -> Vec<Request> {
        let graph = &self.model.graph;
        let Some(source) = self.source(sender) else { return Vec::new() };
        let extra = Extra { destinations: vec![to.into()], ..Extra::default() };
        let mut solver = Solver::within(graph, Layout::new(graph, &extra).into());
        let sent = solver.sent(source);
        let there = solver.destination(to);
        let sent = solver.sets.and(sent, there);
        let Some(point) = solver.sets.witness(sent) else { return Vec::new() };
        let first = solver.layout.request(&point);
        let walker = Walker::new(graph);
        let mut requests = Vec::new();
        for _ in 0..count {
            let mut request = first.clone();
            request.protocol = portolan::Protocol::Tcp;
            request.port = *random.pick(&[443, 443, 80, 8080]);
            request.https = request.port == 443;
            request.path = random.word(&["/", "/a", "/admin/x"]);
            request.method = random.word(&["GET", "POST"]);
            request.assumptions = graph.assumptions.iter().map(|_| random.percent(50)).collect();
            let branches = graph.choices.iter().map(|each| each.branches.len());
            request.choices = branches.map(|most| random.below(most.max(1)) as u32).collect();
            if walker.can_send(source, &request) {
                requests.push(request);
            }
        }
        requests
    }

    fn walk(&self, sender: &str, request: &Request) -> Option<WalkTrace> {
        Some(Walker::new(&self.model.graph).walk_from(self.source(sender)?, request))
    }

    /// Whether a walk passes something.
    fn passes(&self, trace: &WalkTrace, resource: &str) -> bool {
        let graph = &self.model.graph;
        let of = |hop| graph.resource(graph.hop(hop).resource).to_string();
        trace.steps.iter().any(|step| of(step.hop) == resource)
    }

    /// No random request of a sender to some addresses is delivered by a walk that `counts`. Says how
    /// many were walked.
    fn never(
        &self,
        random: &mut Random,
        count: usize,
        (sender, to): (&str, &[&str]),
        counts: impl Fn(&WalkTrace) -> bool,
    ) -> usize {
        let mut walks = 0;
        for to in to {
            let address: IpAddr = to.parse().expect("an address");
            for request in self.requests(random, sender, address, count) {
                let Some(trace) = self.walk(sender, &request) else { continue };
                walks += 1;
                assert!(
                    !(trace.is_delivered(&self.model.graph) && counts(&trace)),
                    "{sender} gets to {to}: {request:?}\n{}",
                    self.text
                );
            }
        }
        walks
    }

    /// Remembers how many requests were walked for a code.
    fn note(&self, code: &'static str, walks: usize) {
        *self.walked.borrow_mut().entry(code).or_default() += walks;
    }

    /// The verdict of `reach` and whether nothing could open it.
    fn reach(&self, from: &str, to: &str) -> Option<(Verdict, bool)> {
        let (from, to) = (vec![from.to_owned()], vec![to.to_owned()]);
        let parameters = reach::Parameters { from, to, ..reach::Parameters::default() };
        let answer = reach::ask(&self.model, &parameters).ok()?;
        Some((answer.verdict()?, answer.head.completeness.could_open.is_empty()))
    }

    fn is_never(&self, from: &str, to: &str) -> bool {
        self.reach(from, to).is_none_or(|(verdict, complete)| verdict == Verdict::No && complete)
    }

    /// Some request that `reach` delivers walks to a service by an entry, and `counts`.
    fn somebody(&self, from: &str, to: &str, counts: impl Fn(&WalkTrace) -> bool) -> bool {
        let graph = &self.model.graph;
        let mut solver = Solver::new(graph);
        let parameters = reach::Parameters {
            from: vec![from.to_owned()],
            to: vec![to.to_owned()],
            ..reach::Parameters::default()
        };
        let Ok((_, _, rows)) = reach::solve(&self.model, &mut solver, &parameters, false) else {
            return false;
        };
        rows.iter().any(|row| {
            let Some(point) = solver.sets.witness(row.requests) else { return false };
            let request = solver.layout.request(&point);
            let trace = self.walk(from, &request);
            trace.is_some_and(|trace| trace.is_delivered(graph) && counts(&trace))
        })
    }
}

/// Where something is attached, as `vpc_access` has it.
fn attached(random: &mut Random) -> String {
    let place = random.word(&[
        "network: core, subnet: run",
        "network: core, subnet: run",
        "connector: own",
    ]);
    let egress = random.word(&[
        ", egress: all-traffic",
        ", egress: all-traffic",
        "",
        ", egress: private-ranges-only",
    ]);
    format!("{{{place}{egress}}}")
}

/// Senders, a gateway or two, routes, firewalls and a party outside.
fn of_networks(random: &mut Random) -> String {
    let kind = random.word(&["service", "job", "worker_pool"]);
    let access = attached(random);
    let one = |random: &mut Random, id: &str| {
        let subnets = random.word(&[
            "",
            "",
            "",
            "",
            ", subnets: [run]",
            ", subnets: [{subnet: run, ranges: [secondary]}]",
            ", subnets: [{subnet: run, ranges: [secondary]}]",
            ", endpoint_types: [managed-proxy]",
        ]);
        let addresses = random.word(&[
            ", addresses: [203.0.113.10]",
            ", addresses: [203.0.113.10, 203.0.113.11]",
            ", addresses: [203.0.113.10, 203.0.113.11], drain_addresses: [203.0.113.11]",
            "",
        ]);
        let rules = match !addresses.is_empty() && random.percent(30) {
            true => format!(
                ", rules: [{{number: 1, match: \"destination.ip == '{}'\", addresses: [203.0.113.12]}}]",
                random.word(&[PARTNER, ELSEWHERE])
            ),
            false => String::new(),
        };
        let region = random.word(&["a", "a", "a", "b"]);
        format!("  {id}: {{network: core, region: {region}{addresses}{subnets}{rules}}}\n")
    };
    let nats = match random.percent(70) {
        true => format!("nats:\n{}", one(random, "out")),
        false => String::new(),
    };
    let default = random.word(&["", "", "", "", "default_route: false, "]);
    let private = random.word(&["", ", private_google_access: true"]);
    let no_access = random.word(&["", ", private_google_access: false"]);
    let routes = random.word(&[
        "",
        "",
        "routes: {vip: {network: core, destination: 199.36.153.8/30, next_hop: internet}}\n",
        "routes: {out: {network: core, destination: 0.0.0.0/0, priority: 50, next_hop: vm/gate}}\n",
        "routes: {out: {network: core, destination: 0.0.0.0/1, next_hop: 10.0.9.9}}\n",
    ]);
    let forwards = random.word(&["true", "false"]);
    let zones = random.word(&[
        "",
        "",
        "zones: {google: {domain: googleapis.com, networks: [core], records: {\"*\": [199.36.153.8]}}}\n",
    ]);
    let firewall = random.word(&[
        "",
        "",
        "",
        "",
        "firewall_rules: {shut: {network: core, direction: egress, action: deny}}\n",
        "firewall_rules: {shut: {network: core, direction: egress, action: deny}, open: {network: core, direction: egress, action: allow, priority: 10, destination_ranges: [198.51.100.0/24]}}\n",
    ]);
    let admits = random.word(&[
        "",
        ", admits: [203.0.113.10]",
        ", admits: [203.0.113.12]",
        ", admits: [203.0.113.99]",
        ", admits: [203.0.113.0/24]",
        ", admits: [nat/out]",
    ]);
    let admits = if nats.is_empty() { admits.replace(", admits: [nat/out]", "") } else { admits };
    format!(
        "portolan: 1
networks:
  core: {{{default}subnets: {{run: {{region: a, range: 10.0.0.0/24{private}}}, vms: {{region: a, range: 10.0.9.0/24}}}}}}
connectors: {{own: {{network: core, region: a, range: 10.8.0.0/28{no_access}}}}}
vms: {{gate: {{network: core, subnet: vms, address: 10.0.9.5, can_ip_forward: {forwards}, external_address: 203.0.113.77}}}}
{nats}{routes}{zones}{firewall}externals: {{partner: {{hosts: [api.partner.example], addresses: [{PARTNER}]{admits}}}}}
{kind}s: {{web: {{region: a, vpc_access: {access}}}}}
"
    )
}

/// The name of the sender that `of_networks` and `of_sites` make.
fn sender(case: &Case) -> String {
    let kinds = ["service/web", "job/web", "worker_pool/web"];
    let found = kinds.into_iter().find(|name| case.source(name).is_some());
    found.expect("there is a sender").to_owned()
}

fn check_networks(case: &Case, random: &mut Random, count: usize) {
    let web = sender(case);
    let any = |_: &WalkTrace| true;
    for finding in &case.found {
        let resource = finding.resource.as_deref().unwrap_or_default();
        let gateway = || {
            let from = finding.message.find("nat/").expect("a gateway");
            let rest = finding.message[from..].chars();
            rest.take_while(|own| own.is_alphanumeric() || *own == '/').collect::<String>()
        };
        let walks = match finding.code {
            "all-traffic-without-nat" => {
                case.never(random, count, (resource, &[ELSEWHERE, PARTNER]), any)
            }
            "nat-not-used" => {
                let gateway = gateway();
                let by = |trace: &WalkTrace| case.passes(trace, &gateway);
                case.never(random, count, (resource, &[ELSEWHERE, PARTNER]), by)
            }
            "nat-secondary-only" | "nat-for-other-endpoints" => {
                let by = |trace: &WalkTrace| case.passes(trace, resource);
                case.never(random, count, (&web, &[ELSEWHERE, PARTNER]), by)
            }
            "slow-start" => {
                let gateway = gateway();
                let outside = ["internet", "external/partner"].into_iter();
                let mut by =
                    outside.map(|to| case.somebody(&web, to, |own| case.passes(own, &gateway)));
                assert!(by.any(|by| by), "{}\n{}", finding.message, case.text);
                1
            }
            "admitted-nat-not-used" => {
                let gateway = gateway();
                let mut walks = 0;
                for from in [web.as_str(), "vm/gate"] {
                    let by = |trace: &WalkTrace| case.passes(trace, &gateway);
                    walks += case.never(random, count, (from, &[ELSEWHERE, PARTNER]), by);
                }
                walks
            }
            "admits-nobody" => {
                case.never(random, count, (&web, &[PARTNER]), any)
                    + case.never(random, count, ("vm/gate", &[PARTNER]), any)
            }
            "no-route-to-google" | "google-cut-off" => {
                let private = case.text.contains("zones:");
                let to = if private { &GOOGLE[..1] } else { GOOGLE };
                case.never(random, count, (&web, to), any)
            }
            "subnet-without-google-access" | "connector-without-google-access" => {
                let private = case.text.contains("zones:");
                let to = if private { &GOOGLE[..1] } else { GOOGLE };
                case.never(random, count, (resource, to), any)
            }
            _ => 0,
        };
        case.note(finding.code, walks);
    }
    let all = case.text.contains("egress: all-traffic");
    let lost = ["internet", "external/partner"].into_iter().all(|to| case.is_never(&web, to));
    assert_eq!(case.has("all-traffic-without-nat", &web), all && lost, "{}", case.text);
}

/// A site that learns of some ranges, and a sender near it or behind a peering.
fn of_sites(random: &mut Random) -> String {
    let kind = random.word(&["service", "job", "worker_pool"]);
    let (network, subnet) = *random.pick(&[("core", "run"), ("core", "run"), ("far", "run")]);
    let learns = random.word(&[
        "",
        ", learns: [all-subnets]",
        ", learns: [10.0.0.0/24]",
        ", learns: [10.99.0.0/24]",
        ", learns: [10.5.0.0/24]",
    ]);
    let nat = random.word(&[
        "",
        "nats: {h: {network: core, region: a, kind: private, subnets: [run], private_subnets: [nat]}}\n",
    ]);
    let nat = if network == "core" { nat } else { String::new() };
    let mode = random.word(&["", "routing_mode: global, "]);
    let region = random.word(&["a", "a", "b"]);
    let admits = random.word(&["", "", ", admits: [10.0.0.0/24]"]);
    format!(
        "portolan: 1
networks:
  core: {{{mode}subnets: {{run: {{region: a, range: 10.0.0.0/24}}, nat: {{region: a, range: 10.99.0.0/24, purpose: private-nat}}}}}}
  far: {{subnets: {{run: {{region: a, range: 10.5.0.0/24}}}}}}
peerings:
  one: {{network: core, peer: far, export_custom_routes: true}}
  two: {{network: far, peer: core, import_custom_routes: true}}
{nat}onprem: {{office: {{network: core, region: {region}, ranges: [192.168.10.0/24]{learns}{admits}}}}}
{kind}s: {{web: {{region: a, vpc_access: {{network: {network}, subnet: {subnet}}}}}}}
"
    )
}

fn check_sites(case: &Case, random: &mut Random, count: usize) {
    let web = sender(case);
    for code in ["sender-not-announced", "regional-routes"] {
        if case.found.iter().any(|own| own.code == code) {
            let to = &["192.168.10.1", "192.168.10.200"];
            let walks = case.never(random, count, (&web, to), |_| true);
            case.note(code, walks);
        }
    }
    // What gets there, and whose reply is lost for want of an announcement.
    let office: IpAddr = "192.168.10.1".parse().expect("an address");
    let lost = |request: &Request| {
        let trace = case.walk(&web, request);
        trace.and_then(|trace| trace.end()).is_some_and(|end| {
            let cause = case.model.graph.outcome(end).cause();
            cause.is_some_and(|own| own.name() == "NO_ADVERTISED_ROUTE_TO_GCP_DESTINATION")
        })
    };
    if case.is_never(&web, "onprem/office")
        && case.requests(random, &web, office, 1).iter().any(lost)
    {
        assert!(case.has("sender-not-announced", "onprem/office"), "{}", case.text);
    }
}

/// A service behind load balancers, with guards on some of their backends.
fn of_guards(random: &mut Random) -> String {
    let ingress = random.word(&[
        "all",
        "internal",
        "internal-and-cloud-load-balancing",
        "internal-and-cloud-load-balancing",
    ]);
    let invokers = random.word(&[
        "allUsers",
        "allUsers",
        "allUsers",
        "\"serviceAccount:b@p.iam.gserviceaccount.com\"",
    ]);
    let url = random.word(&["", "", ", default_url: false"]);
    let iap = random.word(&["", "", "", ", iap: {accessors: [user:alice@example.com]}"]);
    let audience = random.word(&["", ", custom_audiences: [\"https://www.example.com\"]"]);
    let guard = |random: &mut Random| {
        random.word(&[
            "",
            ", security_policy: edge",
            ", iap: {accessors: [user:alice@example.com]}",
        ])
    };
    let (one, two) = (guard(random), guard(random));
    let kind = random.word(&[
        "kind: global-external, certificates: [www.example.com]",
        "kind: global-external, certificates: [www.example.com]",
        "kind: regional-internal, network: core, region: a, address: 10.0.0.9",
    ]);
    let (one, two) =
        if kind.contains("internal,") { (String::new(), String::new()) } else { (one, two) };
    let balanced = random.percent(65);
    let balancers = match balanced {
        true => format!(
            "backends: {{one: {{services: [web]{one}}}, two: {{services: [web]{two}}}}}
load_balancers:
  edge: {{{kind}, url_map: {{default: one, hosts: {{www.example.com: {{default: two}}}}}}}}
security_policies:
  edge: {{rules: [{{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}}]}}
"
        ),
        false => String::new(),
    };
    let mapping = random.word(&["", "domain_mappings: {app.example.com: {service: web}}\n"]);
    let networks = match balanced || random.percent(50) {
        true => {
            "networks: {core: {subnets: {run: {region: a, range: 10.0.0.0/24, private_google_access: true}, p: {region: a, range: 10.1.0.0/24, purpose: regional-managed-proxy}}}}\n"
        }
        false => "",
    };
    format!(
        "portolan: 1
projects: {{p: {{number: 123456789012}}}}
{networks}services: {{web: {{region: a, ingress: {ingress}, invokers: [{invokers}]{url}{iap}{audience}}}}}
{balancers}{mapping}"
    )
}

fn check_guards(case: &Case, random: &mut Random, count: usize) {
    let kind_of = |trace: &WalkTrace, kind: ResourceKind| {
        let graph = &case.model.graph;
        trace.steps.iter().any(|step| graph.resource(graph.hop(step.hop).resource).kind == kind)
    };
    let unbalanced = |trace: &WalkTrace| !kind_of(trace, ResourceKind::LoadBalancer);
    for finding in &case.found {
        let gets_in = match finding.code {
            "bypassed-policy" => case.somebody("internet", "service/web", |trace| {
                unbalanced(trace) && !kind_of(trace, ResourceKind::SecurityPolicy)
            }),
            "bypassed-iap" => case.somebody("internet", "service/web", |trace| {
                unbalanced(trace) && !kind_of(trace, ResourceKind::Iap)
            }),
            "bypassed-by-mapping"
            | "open-beside-load-balancer"
            | "internal-but-open"
            | "open-to-the-internet" => case.somebody("internet", "service/web", unbalanced),
            "public-behind-load-balancer" => {
                case.somebody("network/core", "service/web", unbalanced)
            }
            "unguarded-sibling" => {
                let backend = finding.resource.as_deref().unwrap_or_default();
                let policy = finding.message.contains("security_policy");
                let guard = if policy { ResourceKind::SecurityPolicy } else { ResourceKind::Iap };
                case.somebody("internet", "service/web", |trace| {
                    case.passes(trace, backend) && !kind_of(trace, guard)
                })
            }
            "no-way-in" => {
                let names: Vec<String> = case
                    .model
                    .graph
                    .sources
                    .iter()
                    .map(|own| case.model.graph.resource(own.resource).to_string())
                    .collect();
                for name in names {
                    let enters = |trace: &WalkTrace| case.passes(trace, "service/web");
                    let walks = case.never(random, count, (&name, &["0.1.0.1"]), enters);
                    case.note(finding.code, walks);
                }
                true
            }
            _ => continue,
        };
        case.note(finding.code, usize::from(gets_in));
        assert!(gets_in, "{}\n{}", finding.message, case.text);
    }
    // The other way round: what gets in past everything, of a service that has load balancers.
    let bare = |trace: &WalkTrace| {
        let guards = [ResourceKind::Iap, ResourceKind::SecurityPolicy, ResourceKind::DomainMapping];
        unbalanced(trace) && !guards.into_iter().any(|kind| kind_of(trace, kind))
    };
    let told =
        ["bypassed-policy", "bypassed-iap", "open-beside-load-balancer", "internal-but-open"];
    if case.text.contains("load_balancers:")
        && !case.text.contains("domain_mappings:")
        && case.somebody("internet", "service/web", bare)
    {
        assert!(told.iter().any(|code| case.has(code, "service/web")), "{}", case.text);
    }
}

/// The codes that walks check.
const CHECKED: &[&str] = &[
    "admits-nobody",
    "admitted-nat-not-used",
    "all-traffic-without-nat",
    "bypassed-by-mapping",
    "bypassed-iap",
    "bypassed-policy",
    "connector-without-google-access",
    "google-cut-off",
    "internal-but-open",
    "nat-for-other-endpoints",
    "nat-not-used",
    "nat-secondary-only",
    "no-route-to-google",
    "no-way-in",
    "open-beside-load-balancer",
    "open-to-the-internet",
    "public-behind-load-balancer",
    "regional-routes",
    "sender-not-announced",
    "slow-start",
    "subnet-without-google-access",
    "unguarded-sibling",
];

type Family = (fn(&mut Random) -> String, fn(&Case, &mut Random, usize), u64);

#[test]
fn what_lints_say_of_traffic_is_what_walks_do() {
    let families: &[Family] = &[
        (of_networks, check_networks, 3),
        (of_sites, check_sites, 2),
        (of_guards, check_guards, 7),
    ];
    let (topologies, count) = size();
    let mut walked: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (made, check, share) in families {
        let each: Vec<BTreeMap<&str, usize>> = (0..topologies * share)
            .into_par_iter()
            .filter_map(|seed| {
                let mut random = Random::new(seed);
                let case = Case::read(made(&mut random))?;
                check(&case, &mut random, count);
                Some(case.walked.into_inner())
            })
            .collect();
        for (code, walks) in each.into_iter().flatten().filter(|(_, walks)| *walks > 0) {
            let sum = walked.entry(code).or_default();
            *sum = (sum.0 + 1, sum.1 + walks);
        }
    }
    eprintln!("topologies and walks by code: {walked:#?}");
    for code in CHECKED {
        let (times, _) = walked.get(code).copied().unwrap_or_default();
        assert!(times >= LEAST, "findings `{code}` are walked on {times} topologies only");
    }
}
