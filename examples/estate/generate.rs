//! The estate: many small teams on shared load balancers, with what they do right and wrong.
//!
//! | per | there are |
//! |---|---|
//! | service | a backend and a host with two to four paths, on the external load balancer or, for ingress `internal`, on the internal one |
//! | 10 services | a product that calls one of them |
//! | 20 services | a security policy of 20 rules |
//! | 50 services (a *team*) | a project, a network with subnets, a connector, a NAT gateway, a machine |
//! | 100 services (a *block*) | a region, a global external and a regional internal load balancer |
//!
//! Everything that a reader can look up is declared: references lead somewhere, ranges of a network
//! do not overlap, regions fit. Public addresses are of ranges for documentation and benchmarks.

use std::fmt::Write;

const TEAM: usize = 50;
const BLOCK: usize = 100;
const SHARE_A_POLICY: usize = 20;
const RULES: usize = 20;
const GROUPS: usize = 5;
const RULES_A_NETWORK: usize = 50;
const ROUTES_A_NETWORK: usize = 20;

const REGIONS: &[&str] =
    &["asia-northeast1", "asia-northeast2", "us-central1", "europe-west1", "europe-west3"];
const COUNTRIES: &[&str] = &["AQ", "BV", "GS", "HM", "IO", "PN", "SJ", "TF", "UM", "WF"];
const SIGNATURES: &[&str] = &[
    "sqli-v33-stable",
    "xss-v33-stable",
    "lfi-v33-stable",
    "rfi-v33-stable",
    "rce-v33-stable",
    "scannerdetection-v33-stable",
    "protocolattack-v33-stable",
    "sessionfixation-v33-stable",
];
const PATHS: &[&str] = &[
    "/api/*",
    "/v1/*",
    "/v2/*",
    "/static/*",
    "/assets/*",
    "/admin/*",
    "/hooks/*",
    "/login",
    "/export/*",
    "/reports/*",
    "/status",
    "/search/*",
];
const PRODUCTS: &[&str] = &["pubsub", "scheduler", "tasks", "eventarc", "workflows"];

/// As [`generate`], and in each network 50 firewall rules, 20 routes, zones and a peering.
#[allow(dead_code, reason = "not everybody who includes this file asks for it")]
pub fn wired(services: usize, seed: u64) -> String {
    let services = services.max(1);
    let random = Random(seed ^ 0x5bd1_e995_9a3c_77f1);
    let mut estate = Estate { services, seed, random, out: generate(services, seed) };
    estate.firewalls();
    estate.routes();
    estate.zones();
    estate.peerings();
    estate.out
}

/// A topology with this many services, at least one, as YAML. Equal arguments give equal text.
pub fn generate(services: usize, seed: u64) -> String {
    let services = services.max(1);
    let mut estate = Estate { services, seed, random: Random(seed), out: String::new() };
    estate.out.reserve(services * 700 + 8192);
    estate.line(format_args!("portolan: 1"));
    estate.organization();
    estate.projects();
    estate.people();
    estate.networks();
    estate.services();
    estate.load_balancers();
    estate.backends();
    estate.policies();
    estate.products();
    estate.externals();
    estate.out
}

/// SplitMix64: small, seeded, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// What a service's own lines and its backend's must agree on, the same whenever it is asked.
#[derive(Clone, Copy)]
struct Plan {
    /// 0 `all`, 1 `internal`, 2 `internal-and-cloud-load-balancing`.
    ingress: u8,
    /// IAP on the service itself.
    iap: bool,
    /// IAP on its backend.
    backend_iap: bool,
}

struct Estate {
    services: usize,
    seed: u64,
    random: Random,
    out: String,
}

impl Estate {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("a string takes everything");
        self.out.push('\n');
    }

    fn teams(&self) -> usize {
        self.services.div_ceil(TEAM)
    }

    fn blocks(&self) -> usize {
        self.services.div_ceil(BLOCK)
    }

    fn policies_in_use(&self) -> usize {
        self.services.div_ceil(SHARE_A_POLICY)
    }

    /// The plan does not move the stream of choices, so that every section can ask for it.
    fn plan(&self, service: usize) -> Plan {
        let mut random =
            Random(self.seed ^ (service as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
        let ingress = match random.below(100) {
            0..45 => 0,
            45..65 => 1,
            _ => 2,
        };
        let iap = random.percent(6);
        let backend_iap = !iap && ingress != 1 && random.percent(9);
        Plan { ingress, iap, backend_iap }
    }

    fn internal(&self, service: usize) -> bool {
        self.plan(service).ingress == 1
    }

    /// A service of the same team, perhaps the same.
    fn neighbour(&mut self, service: usize) -> usize {
        let first = service / TEAM * TEAM;
        first + self.random.below(TEAM.min(self.services - first))
    }

    fn organization(&mut self) {
        self.line(format_args!(
            "organization:\n  iam:\n    - {{role: roles/run.admin, members: [\"group:platform@example.com\"]}}\
             \n    - {{role: roles/run.viewer, members: [\"domain:example.com\"]}}\
             \n  security_policies: [organization]"
        ));
    }

    fn projects(&mut self) {
        self.line(format_args!("projects:"));
        for team in 0..self.teams() {
            self.line(format_args!("  {}: {{number: {}}}", project(team), 100_000_000_000 + team));
        }
        // Perimeters hold some neighbouring projects; no project is in two.
        let perimeters = self.teams() / 10;
        if perimeters > 0 {
            self.line(format_args!("perimeters:"));
        }
        for perimeter in 0..perimeters {
            let inside =
                (0..4).map(|at| project(perimeter * 10 + at)).collect::<Vec<_>>().join(", ");
            self.line(format_args!(
                "  core{perimeter:03}: {{projects: [{inside}], restricted_services: [run.googleapis.com]}}"
            ));
        }
    }

    fn people(&mut self) {
        self.line(format_args!("groups:"));
        self.line(format_args!(
            "  platform@example.com: {{members: [\"user:platform1@example.com\"]}}"
        ));
        for group in 0..GROUPS {
            let members = (0..3 + self.random.below(4))
                .map(|at| format!("\"user:member{group}{at}@example.com\""))
                .collect::<Vec<_>>()
                .join(", ");
            self.line(format_args!("  {}: {{members: [{members}]}}", group_name(group)));
        }
        self.line(format_args!("users:"));
        for group in 0..GROUPS {
            let place = match group {
                0 => "at: internet".to_owned(),
                1 | 2 => format!("at: office, addresses: [{}/32]", public(900 + group)),
                _ => format!("at: on-premises, site: site{}", group - 3),
            };
            let region = if group == 0 { ", region: JP" } else { "" };
            self.line(format_args!(
                "  users{group}: {{{place}{region}, identities: [\"group:{}\"]}}",
                group_name(group)
            ));
        }
        self.line(format_args!("onprem:"));
        for site in 0..2 {
            let team = site * (self.teams() - 1);
            self.line(format_args!(
                "  site{site}: {{network: {}, region: {}, ranges: [192.168.{}.0/24]}}",
                network(team),
                region(team * TEAM / BLOCK),
                site * 16
            ));
        }
    }

    fn networks(&mut self) {
        self.line(format_args!("networks:"));
        for team in 0..self.teams() {
            let (region, second) = (region(team * TEAM / BLOCK), team % 250);
            let access = if self.random.percent(75) { ", private_google_access: true" } else { "" };
            self.line(format_args!("  {}:\n    project: {}", network(team), project(team)));
            // The block's internal load balancer stands in the network of its first team.
            if leads(team) && team + 1 < self.teams() {
                self.line(format_args!("    shared_with: [{}]", project(team + 1)));
            }
            self.line(format_args!(
                "    subnets:\n      run: {{region: {region}, range: 10.{second}.0.0/24{access}}}\
                 \n      machines: {{region: {region}, range: 10.{second}.1.0/24, private_google_access: true}}"
            ));
            if leads(team) {
                self.line(format_args!(
                    "      proxies: {{region: {region}, range: 10.{second}.2.0/24, purpose: regional-managed-proxy}}"
                ));
            }
        }
        self.line(format_args!("connectors:"));
        for team in 0..self.teams() {
            self.line(format_args!(
                "  c{team:03}: {{network: {}, region: {}, range: 10.{}.3.0/28}}",
                network(team),
                region(team * TEAM / BLOCK),
                team % 250
            ));
        }
        self.line(format_args!("nats:"));
        for team in 0..self.teams() {
            let at = 200 + 2 * team;
            let addresses = match self.random.below(3) {
                0 => String::new(),
                1 => format!(", addresses: [{}]", public(at)),
                _ => format!(", addresses: [{}, {}]", public(at), public(at + 1)),
            };
            self.line(format_args!(
                "  nat{team:03}: {{network: {}, region: {}{addresses}}}",
                network(team),
                region(team * TEAM / BLOCK)
            ));
        }
        self.line(format_args!("vms:"));
        for team in 0..self.teams() {
            let account = account(self.neighbour(team * TEAM));
            self.line(format_args!(
                "  vm{team:03}: {{network: {}, subnet: machines, service_account: \"{account}\"}}",
                network(team)
            ));
        }
    }

    fn services(&mut self) {
        self.line(format_args!("services:"));
        for service in 0..self.services {
            self.service(service);
        }
        self.line(format_args!("domain_mappings:"));
        for service in (0..self.services).filter(|service| service % 40 == 7) {
            self.line(format_args!("  s{service:05}.shop.example: {{service: s{service:05}}}"));
        }
    }

    fn service(&mut self, service: usize) {
        let (team, plan) = (service / TEAM, self.plan(service));
        self.line(format_args!(
            "  s{service:05}:\n    project: {}\n    region: {}",
            project(team),
            region(service / BLOCK)
        ));
        match plan.ingress {
            1 => self.line(format_args!("    ingress: internal")),
            2 => self.line(format_args!("    ingress: internal-and-cloud-load-balancing")),
            _ if self.random.percent(50) => self.line(format_args!("    ingress: all")),
            _ => {}
        }
        if self.random.percent(8) {
            self.line(format_args!("    default_url: false"));
        }
        if self.random.percent(10) {
            let tags = self.random.pick(&["blue", "green, blue", "canary"]);
            self.line(format_args!("    traffic_tags: [{tags}]"));
        }
        self.invokers(service, plan);
        if plan.iap {
            let group = group_name(self.random.below(GROUPS));
            self.line(format_args!("    iap: {{accessors: [\"group:{group}\"]}}"));
        }
        if self.random.percent(5) {
            self.line(format_args!("    custom_audiences: [\"https://{}\"]", self.host(service)));
        }
        if self.random.percent(85) {
            self.line(format_args!("    service_account: {}", account(service)));
        }
        let egress = self.random.pick(&["all-traffic", "private-ranges-only"]);
        match self.random.below(100) {
            0..30 => self.line(format_args!(
                "    vpc_access: {{network: {}, subnet: run, egress: {egress}}}",
                network(team)
            )),
            30..50 => {
                self.line(format_args!(
                    "    vpc_access: {{connector: c{team:03}, egress: {egress}}}"
                ));
            }
            _ => {}
        }
    }

    fn invokers(&mut self, service: usize, plan: Plan) {
        let mut members = Vec::new();
        if plan.iap || plan.backend_iap {
            members.push(agent(service / TEAM));
        }
        match self.random.below(100) {
            0..30 if !plan.iap => members.push("allUsers".to_owned()),
            0..55 => {
                for _ in 0..1 + self.random.below(3) {
                    let caller = self.neighbour(service);
                    members.push(format!("serviceAccount:{}", account(caller)));
                }
            }
            55..70 => members.push(format!("group:{}", group_name(self.random.below(GROUPS)))),
            70..80 => {
                let group = self.random.below(GROUPS);
                members.push(format!("user:member{group}{}@example.com", self.random.below(3)));
            }
            80..83 => members.push("allAuthenticatedUsers".to_owned()),
            83..86 => members.push("domain:example.com".to_owned()),
            _ => {}
        }
        members.dedup();
        let mut bindings: Vec<String> =
            members.iter().map(|member| format!("\"{member}\"")).collect();
        if self.random.percent(6) {
            let condition = self.random.pick(&[
                "request.path.startsWith('/api/')",
                "request.path == '/hooks/run'",
                "request.host.endsWith('.run.app')",
                "request.time < timestamp('2030-01-01T00:00:00Z')",
            ]);
            let caller = account(self.neighbour(service));
            bindings.push(format!(
                "{{members: [\"serviceAccount:{caller}\"], condition: \"{condition}\"}}"
            ));
        }
        if !bindings.is_empty() {
            self.line(format_args!("    invokers: [{}]", bindings.join(", ")));
        }
    }

    /// The host under which a load balancer leads to a service.
    fn host(&self, service: usize) -> String {
        let domain = if self.internal(service) { "corp.example" } else { "example.com" };
        format!("s{service:05}.b{:03}.{domain}", service / BLOCK)
    }

    fn load_balancers(&mut self) {
        self.line(format_args!("load_balancers:"));
        for block in 0..self.blocks() {
            let services = block * BLOCK..self.services.min((block + 1) * BLOCK);
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                services.partition(|&service| self.internal(service));
            let team = block * BLOCK / TEAM;
            if !outside.is_empty() {
                self.line(format_args!(
                    "  edge{block:03}:\n    project: {}\n    kind: global-external\n    address: {}\
                     \n    certificates: [\"*.b{block:03}.example.com\"]",
                    project(team),
                    public(block)
                ));
                self.url_map(&outside);
            }
            if !inside.is_empty() {
                self.line(format_args!(
                    "  inner{block:03}:\n    kind: regional-internal\n    network: {}\n    region: {}\
                     \n    address: 10.{}.1.250\n    certificates: [\"*.b{block:03}.corp.example\"]",
                    network(team),
                    region(block),
                    team % 250
                ));
                if self.random.percent(30) {
                    self.line(format_args!("    global_access: true"));
                }
                self.url_map(&inside);
            }
        }
    }

    fn url_map(&mut self, services: &[usize]) {
        self.line(format_args!("    url_map:\n      default: s{:05}\n      hosts:", services[0]));
        for &service in services {
            let host = self.host(service);
            if self.random.percent(3) {
                self.canary(&host, service, services);
                continue;
            }
            let first = self.random.below(PATHS.len());
            let paths = (0..2 + self.random.below(3))
                .map(|at| {
                    let path = PATHS[(first + at * 5) % PATHS.len()];
                    // Most paths stay with the service, some lead to another of the map.
                    let own = self.random.percent(70);
                    let to =
                        if own { service } else { services[self.random.below(services.len())] };
                    format!("\"{path}\": s{to:05}")
                })
                .collect::<Vec<_>>()
                .join(", ");
            self.line(format_args!(
                "        {host}: {{default: s{service:05}, paths: {{{paths}}}}}"
            ));
        }
    }

    /// Route rules in place of paths: by a header, and by weight.
    fn canary(&mut self, host: &str, service: usize, services: &[usize]) {
        let other = services[self.random.below(services.len())];
        self.line(format_args!(
            "        {host}:\n          default: s{service:05}\n          routes:\
             \n            - {{priority: 1, matches: [{{prefix: /, headers: [{{name: x-canary, exact: \"1\"}}]}}], route: s{other:05}}}\
             \n            - priority: 2\n              matches: [{{prefix: /v2/}}]\
             \n              route: {{weighted_backends: [{{backend: s{service:05}, weight: 95}}, {{backend: s{other:05}, weight: 5}}]}}"
        ));
    }

    fn backends(&mut self) {
        self.line(format_args!("backends:"));
        for service in 0..self.services {
            let plan = self.plan(service);
            let mut more = String::new();
            // Policies of external load balancers are global ones; the internal ones have none.
            if plan.ingress != 1 && self.random.percent(90) {
                more += &format!(", security_policy: p{:04}", service / SHARE_A_POLICY);
            }
            if plan.ingress != 1 && self.random.percent(10) {
                more += ", edge_security_policy: regions";
            }
            if plan.backend_iap {
                let group = group_name(self.random.below(GROUPS));
                more += &format!(", iap: {{accessors: [\"group:{group}\"]}}");
            }
            self.line(format_args!("  s{service:05}: {{services: [s{service:05}]{more}}}"));
        }
    }

    fn policies(&mut self) {
        self.line(format_args!(
            "security_policies:\n  organization:\n    rules:\
             \n      - {{priority: 100, action: goto_next, source_ranges: [203.0.113.0/24]}}\
             \n      - {{priority: 200, action: deny(403), match: \"origin.asn == 64496\"}}\
             \n      - {{priority: 2147483647, action: goto_next, source_ranges: [\"*\"]}}\
             \n  regions:\n    type: edge\n    rules:\
             \n      - {{priority: 1000, action: deny(403), match: \"origin.region_code == 'AQ'\"}}\
             \n      - {{priority: 2147483647, action: allow, source_ranges: [\"*\"]}}"
        ));
        for policy in 0..self.policies_in_use() {
            self.line(format_args!("  p{policy:04}:\n    rules:"));
            for rule in 1..RULES {
                self.rule(rule);
            }
            self.line(format_args!(
                "      - {{priority: 2147483647, action: allow, source_ranges: [\"*\"]}}"
            ));
        }
    }

    /// One rule: addresses first, then regions, signatures, paths and rates.
    fn rule(&mut self, rule: usize) {
        let priority = rule * 100 + self.random.below(100);
        let (action, matching) = match rule {
            1..5 => {
                let action = if rule == 1 { "allow" } else { "deny(403)" };
                (action, self.ranges())
            }
            5 | 6 => {
                let (one, two) = (self.random.pick(COUNTRIES), self.random.pick(COUNTRIES));
                let text =
                    format!("origin.region_code == '{one}' || origin.region_code == '{two}'");
                ("deny(403)", quoted(&text))
            }
            7..12 => {
                let (set, level) = (self.random.pick(SIGNATURES), 1 + self.random.below(4));
                let text = format!("evaluatePreconfiguredWaf('{set}', {{'sensitivity': {level}}})");
                let preview = if self.random.percent(25) { ", preview: true" } else { "" };
                ("deny(403)", format!("{}{preview}", quoted(&text)))
            }
            12..15 => {
                let path = self.path();
                let range = self.range();
                let text = format!(
                    "request.path.startsWith('{path}') && !inIpRange(origin.ip, '{range}')"
                );
                ("deny(404)", quoted(&text))
            }
            15 => {
                let text = "has(request.headers['user-agent']) && \
                            request.headers['user-agent'].contains('scanner')";
                ("deny(502)", quoted(text))
            }
            16 => {
                let text = format!("origin.asn == {}", 64_497 + self.random.below(14));
                ("deny(403)", quoted(&text))
            }
            17 => ("throttle", quoted(&format!("request.path.startsWith('{}')", self.path()))),
            18 => {
                let text = "request.method == 'POST' && request.path.endsWith('/login')";
                ("rate_based_ban", quoted(text))
            }
            _ => {
                let text = format!("request.path.matches('^{}[0-9]+$')", self.path());
                ("throttle", quoted(&text))
            }
        };
        self.line(format_args!("      - {{priority: {priority}, action: {action}, {matching}}}"));
    }

    /// A path prefix of the many that hosts lead to.
    fn path(&mut self) -> &'static str {
        self.random.pick(PATHS).trim_end_matches('*')
    }

    /// A range to speak of in a policy, of those for benchmarks.
    fn range(&mut self) -> String {
        let length = 20 + self.random.below(13);
        let address = 0xc612_0000_u32 | (self.random.next() as u32 & 0x1_ffff);
        let address = address & (u32::MAX << (32 - length));
        format!("{}/{length}", std::net::Ipv4Addr::from(address))
    }

    fn ranges(&mut self) -> String {
        let mut ranges: Vec<String> = (0..4 + self.random.below(5)).map(|_| self.range()).collect();
        if self.random.percent(30) {
            ranges.push(format!("\"2001:db8:{:x}::/48\"", self.random.below(0x1_0000)));
        }
        format!("source_ranges: [{}]", ranges.join(", "))
    }

    fn products(&mut self) {
        self.line(format_args!("products:"));
        for at in 0..self.services.div_ceil(10) {
            let service = (at * 10 + self.random.below(10)).min(self.services - 1);
            let kind = self.random.pick(PRODUCTS);
            let other = self.random.percent(20);
            let team = if other { self.random.below(self.teams()) } else { service / TEAM };
            let token = match self.random.percent(85) {
                true => format!(", service_account: \"{}\"", account(self.neighbour(service))),
                false => String::new(),
            };
            self.line(format_args!(
                "  m{at:04}: {{kind: {kind}, project: {}, service: s{service:05}{token}}}",
                project(team)
            ));
        }
    }

    fn firewalls(&mut self) {
        self.line(format_args!("firewall_rules:"));
        for team in 0..self.teams() {
            let (name, second) = (network(team), team % 250);
            for number in 0..RULES_A_NETWORK {
                let ingress = self.random.percent(70);
                let action = if self.random.percent(70) { "allow" } else { "deny" };
                let third = self.random.below(250);
                let port = [80, 443, 5432, 6379, 8080][self.random.below(5)];
                let (way, ranges) = match ingress {
                    true => ("ingress", format!("source_ranges: [10.{second}.{third}.0/24]")),
                    false => ("egress", format!("destination_ranges: [10.{third}.0.0/16]")),
                };
                // The last of the egress rules are about the internet.
                let ranges = match number {
                    0 => format!("destination_ranges: [{}/32]", public(950 + team % 10)),
                    _ => ranges,
                };
                let way = if number == 0 { "egress" } else { way };
                self.line(format_args!(
                    "  f{team:03}-{number:02}: {{network: {name}, direction: {way}, action: \
                     {action}, priority: {}, traffic: [\"tcp:{port}\"], {ranges}}}",
                    1000 + number * 10
                ));
            }
        }
    }

    fn routes(&mut self) {
        self.line(format_args!("routes:"));
        for team in 0..self.teams() {
            let name = network(team);
            for number in 0..ROUTES_A_NETWORK {
                let third = self.random.below(250);
                self.line(format_args!(
                    "  r{team:03}-{number:02}: {{network: {name}, destination: \
                     100.{}.{}.0/24, next_hop: internet, priority: {}}}",
                    64 + number,
                    third,
                    900 + number
                ));
            }
        }
    }

    fn zones(&mut self) {
        self.line(format_args!("zones:"));
        for team in (0..self.teams()).filter(|team| team % 2 == 0) {
            self.line(format_args!(
                "  z{team:03}: {{domain: run.app, networks: [{}], records: {{\"*\": \
                 [199.36.153.8, 199.36.153.9, 199.36.153.10, 199.36.153.11]}}}}",
                network(team)
            ));
        }
    }

    /// Teams in pairs.
    fn peerings(&mut self) {
        self.line(format_args!("peerings:"));
        for team in (0..self.teams().saturating_sub(1)).step_by(2) {
            let (one, other) = (network(team), network(team + 1));
            self.line(format_args!("  p{team:03}: {{network: {one}, peer: {other}}}"));
            self.line(format_args!("  q{team:03}: {{network: {other}, peer: {one}}}"));
        }
    }

    fn externals(&mut self) {
        self.line(format_args!("externals:"));
        for at in 0..10 {
            let admits = match at % 3 {
                0 => String::new(),
                1 => format!(", admits: [nat/nat{:03}]", self.random.below(self.teams())),
                _ => format!(", admits: [{}, {}]", public(200), public(201 + at)),
            };
            self.line(format_args!(
                "  partner{at}: {{hosts: [api.partner{at}.example], addresses: [{}]{admits}}}",
                public(950 + at)
            ));
        }
    }
}

fn quoted(expression: &str) -> String {
    format!("match: \"{expression}\"")
}

/// Whether a team is the first of its block.
fn leads(team: usize) -> bool {
    (team * TEAM).is_multiple_of(BLOCK)
}

fn project(team: usize) -> String {
    format!("t{team:03}")
}

fn network(team: usize) -> String {
    format!("net{team:03}")
}

fn region(block: usize) -> &'static str {
    REGIONS[block % REGIONS.len()]
}

fn group_name(group: usize) -> String {
    format!("group{group}@example.com")
}

fn account(service: usize) -> String {
    format!("s{service:05}@{}.iam.gserviceaccount.com", project(service / TEAM))
}

fn agent(team: usize) -> String {
    let number = 100_000_000_000 + team;
    format!("serviceAccount:service-{number}@gcp-sa-iap.iam.gserviceaccount.com")
}

/// The public address with this index: those for documentation, then those for benchmarks.
fn public(index: usize) -> std::net::Ipv4Addr {
    const DOCUMENTATION: [u32; 3] = [0xcb00_7100, 0xc633_6400, 0xc000_0200];
    let index = index as u32;
    match DOCUMENTATION.get((index / 250) as usize) {
        Some(start) => (start + 1 + index % 250).into(),
        None => (0xc612_0000 | (index & 0x1_ffff)).into(),
    }
}
