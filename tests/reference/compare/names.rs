//! What names mean.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::engine::Engine;
use super::routes::refused;
use super::{Tally, compare, field};
use crate::names::{Answer, Kind, Names, Record, Records, Rule, Server, Version, View, Zone};
use crate::random::Random;

/// What stands for an address on the internet that the topology does not have.
const UNKNOWN: &str = "203.0.113.255";

const NAMES: &[&str] = &[
    "corp.example",
    "db.corp.example",
    "x.corp.example",
    "a.b.corp.example",
    "b.corp.example",
    "c.b.corp.example",
    "alias.corp.example",
    "lan.example",
    "db.lan.example",
    "x.lan.example",
    "alias.lan.example",
    "www.partner.example",
    "api.partner.example",
    "nowhere.test",
];

/// The resolver of the site, and what it knows itself.
const RESOLVER: &str = "172.16.0.53";

fn address(random: &mut Random) -> String {
    random.word(&["10.0.1.2", "10.0.1.3", "10.0.9.9", "192.168.0.7"])
}

fn records(random: &mut Random, domain: &str, tally: &mut Tally) -> Records {
    let mut records = Records::new();
    for name in random.some(&["", "db", "a.b", "*", "*.b", "alias", "x"], 1, 4) {
        let full = match (name, domain) {
            ("", domain) => domain.to_owned(),
            (name, domain) => format!("{name}.{domain}"),
        };
        if name.contains('*') {
            tally.met("wildcard");
        }
        let record = match name == "alias" || (name == "*" && random.percent(20)) {
            true => {
                tally.met("alias");
                Record::Alias(random.word(&[
                    "db.corp.example",
                    "db.lan.example",
                    "x.lan.example",
                    "www.partner.example",
                    "www.partner.example",
                    "api.partner.example",
                    "alias.lan.example",
                ]))
            }
            false => Record::Addresses(vec![field::ip(&address(random))]),
        };
        records.insert(full, record);
    }
    records
}

struct Made {
    names: Names,
    text: String,
}

fn make(random: &mut Random, tally: &mut Tally) -> Made {
    let mut names = Names::default();
    let networks = ["a", "b", "c"];
    let up = random.percent(80);
    let learned = random.percent(75);
    let at_site = *random.pick(&networks);
    let own = Records::from([
        ("db.corp.example".into(), Record::Addresses(vec![field::ip("172.16.0.80")])),
        ("*.lan.example".into(), Record::Addresses(vec![field::ip("172.16.0.81")])),
    ]);
    // Answers return if the site knows the way to 35.199.192.0/19, from where Cloud DNS asks.
    let server =
        |network: &str| Server { answers: up && learned && network == at_site, own: own.clone() };
    let mut zones = String::new();
    let mut rules = String::new();
    let mut policies = String::new();
    for (at, network) in networks.iter().enumerate() {
        let mut view = View::default();
        let domains =
            ["corp.example", "lan.example", "b.corp.example", "example", "partner.example"];
        for domain in random.some(&domains, 0, 3) {
            let id = format!("z{at}{}", view.zones.len());
            let kind = match random.below(10) {
                0..=5 => {
                    tally.met("private zone");
                    Kind::Private(records(random, domain, tally))
                }
                6 | 7 => {
                    tally.met("forwarding zone");
                    Kind::Forwarding(vec![server(network)])
                }
                _ => {
                    tally.met("peering zone");
                    let others: Vec<&&str> =
                        networks.iter().filter(|own| *own != network).collect();
                    Kind::Peering((**random.pick(&others)).into())
                }
            };
            let what = match &kind {
                Kind::Private(records) => {
                    let each = records.iter().map(|(name, record)| {
                        let name = name.strip_suffix(domain).unwrap_or(name);
                        let name = if name.is_empty() { "@" } else { name.trim_end_matches('.') };
                        let values: Vec<String> = match record {
                            Record::Addresses(own) => own.iter().map(ToString::to_string).collect(),
                            Record::Alias(own) => vec![own.clone()],
                        };
                        format!("\"{name}\": [{}]", values.join(", "))
                    });
                    format!("records: {{{}}}", each.collect::<Vec<_>>().join(", "))
                }
                Kind::Forwarding(_) => format!("forwarding: [{RESOLVER}]"),
                Kind::Peering(own) => format!("peering: {own}"),
            };
            writeln!(zones, "  {id}: {{domain: {domain}, networks: [{network}], {what}}}").unwrap();
            view.zones.push(Zone { domain: domain.into(), kind });
        }
        if random.percent(30) {
            tally.met("response policy");
            let mut own = String::new();
            let all = [
                "db.corp.example",
                "*.corp.example",
                "*.lan.example",
                "x.lan.example",
                "*.example",
            ];
            for name in random.some(&all, 1, 3) {
                let (rule, text) = match random.percent(35) {
                    true => {
                        tally.met("bypass");
                        (Rule::Bypass, "bypass".to_owned())
                    }
                    false => (Rule::Local(vec![field::ip("10.7.7.7")]), "10.7.7.7".to_owned()),
                };
                view.rules.insert(name.into(), rule);
                write!(own, "\"{name}\": [{text}], ").unwrap();
            }
            let own = own.trim_end_matches(", ");
            writeln!(rules, "  r{at}: {{networks: [{network}], rules: {{{own}}}}}").unwrap();
        }
        if random.percent(12) {
            tally.met("server policy");
            view.servers = vec![server(network)];
            writeln!(
                policies,
                "  s{at}: {{networks: [{network}], alternative_name_servers: [{RESOLVER}]}}"
            )
            .unwrap();
        }
        names.networks.insert((*network).into(), view);
    }
    names.public = BTreeMap::from([
        ("www.partner.example".into(), Record::Addresses(vec![field::ip("9.9.9.9")])),
        ("*".into(), Record::Addresses(vec![field::ip(UNKNOWN)])),
        ("*.example".into(), Record::Addresses(vec![field::ip(UNKNOWN)])),
        ("*.partner.example".into(), Record::Addresses(vec![field::ip(UNKNOWN)])),
    ]);
    // Whatever else is public is unknown, names in between included.
    for name in NAMES {
        let unknown = || Record::Addresses(vec![field::ip(UNKNOWN)]);
        names.public.entry((*name).to_owned()).or_insert_with(unknown);
    }
    let learns =
        if learned { "learns: [all-subnets, 35.199.192.0/19]" } else { "learns: [all-subnets]" };
    let section = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("{name}:\n{text}"),
    };
    let subnets = |at: usize| format!("{{run: {{region: r1, range: 10.{at}.0.0/24}}}}");
    let text = format!(
        "portolan: 1
networks:
  a: {{subnets: {}}}
  b: {{subnets: {}}}
  c: {{subnets: {}}}
onprem:
  hq: {{network: {at_site}, region: r1, up: {up}, ranges: [172.16.0.0/16], {learns}, names: {{db.corp.example: [172.16.0.80], \"*.lan.example\": [172.16.0.81]}}}}
{}{}{}externals: {{p: {{hosts: [www.partner.example], addresses: [9.9.9.9]}}}}
jobs: {{web: {{region: r1, vpc_access: {{network: a, subnet: run, egress: all-traffic}}}}}}
",
        subnets(0),
        subnets(1),
        subnets(2),
        section("zones", &zones),
        section("response_policies", &rules),
        section("dns_policies", &policies),
    );
    Made { names, text }
}

const LEAST: &[&str] = &[
    "private zone",
    "forwarding zone",
    "peering zone",
    "wildcard",
    "alias",
    "response policy",
    "bypass",
    "server policy",
    "addresses",
    "unknown address",
    "no data",
    "no name",
    "failed",
    "unchased",
    "until 2027-01-04",
    "from 2027-01-05",
];

#[test]
fn names_mean_what_the_documents_say() {
    compare("names", LEAST, |random, tally| {
        let made = make(random, tally);
        let anew = random.percent(40);
        let (at, when) = match anew {
            true => ("2027-01-05T12:00:00Z", "from 2027-01-05"),
            false => ("2026-12-01T00:00:00Z", "until 2027-01-04"),
        };
        tally.met(when);
        let engine = match Engine::read(&made.text, at.parse().unwrap()) {
            Ok(engine) => engine,
            Err(error) => return refused(tally, &error, &made.text),
        };
        for name in random.some(NAMES, 10, 10) {
            made.names.decided.borrow_mut().clear();
            let answer = made.names.resolve("a", name, Version::V4, anew);
            let said = match &answer {
                Answer::Addresses(own) => {
                    let all: Vec<String> = own.iter().map(ToString::to_string).collect();
                    all.join(", ")
                }
                Answer::NoData => "NODATA".into(),
                Answer::NoName => "NXDOMAIN".into(),
                Answer::Failed => "SERVFAIL".into(),
                Answer::Unchased(_) => "unchased".into(),
            };
            let said = if said == UNKNOWN { "unknown".to_owned() } else { said };
            tally.met(match &answer {
                Answer::Addresses(_) if said == "unknown" => "unknown address",
                Answer::Addresses(_) => "addresses",
                Answer::NoData => "no data",
                Answer::NoName => "no name",
                Answer::Failed => "failed",
                Answer::Unchased(_) => "unchased",
            });
            let (found, by) = engine.resolved("job/web", name).unwrap_or_default();
            let found = found.replace("an address that is not known", "unknown");
            if found == said {
                continue;
            }
            let decided = made.names.decided.take();
            if tally.is_known("names", &decided) {
                continue;
            }
            let text = format!(
                "{}# {name} {when}\n# said {said}\n# found {found} by {by}\n# decided {decided:?}\n",
                made.text
            );
            let plain = |text: &str| match text.parse::<std::net::IpAddr>() {
                Ok(_) => "address".to_owned(),
                Err(_) => text.to_owned(),
            };
            tally.differs(
                format!("{when}: said {}, found {} {decided:?}", plain(&said), plain(&found)),
                text,
            );
        }
    });
}
