//! What is known to differ, each with its smallest topology. DIFFERENCES.md says more of each.

use std::collections::BTreeSet;

use super::engine::{Engine, Walk};
use super::{field, routes};
use crate::random::Random;

/// A difference in which the library is wrong and not mended.
pub struct Known {
    /// Of which family.
    pub family: &'static str,
    /// What decided where it shows, in the words of the model.
    pub decides: &'static str,
    pub topology: &'static str,
    pub question: Question,
    /// What the documents say.
    pub right: &'static [&'static str],
}

pub enum Question {
    /// The ways of what `job/web` sends to an address.
    Ways(&'static str),
    /// What becomes of it.
    Ends(&'static str),
    /// What a name means to `job/web`, on the first day of the new order or before.
    Name(&'static str, bool),
}

/// What no document decides: there an answer that is among the possible ones is as good as all.
const OPEN: &[&str] =
    &["one peer of several", "own dynamic routes against static ones of peers", "routes of a hub"];

/// What no document speaks of, so that nothing is compared.
const UNSAID: &[&str] = &[
    // Whether Cloud NAT serves what a machine passes on.
    "appliances before the internet",
    // Whether a site still sends into it.
    "a site with a Classic VPN tunnel that is down",
    // What becomes of it without a hub: it is not supported.
    "transit between sites",
];

pub fn is_unsaid(decided: &BTreeSet<&'static str>) -> bool {
    UNSAID.iter().any(|own| decided.contains(own))
}

/// Whether MEDs that nobody gives are equal: the model takes them so, the library assumes it.
pub fn is_assumed(decided: &BTreeSet<&'static str>) -> bool {
    decided.contains("a MED that nobody gives")
}

pub fn is_open(decided: &BTreeSet<&'static str>) -> bool {
    OPEN.iter().any(|own| decided.contains(own))
}

pub const KNOWN: &[Known] = &[
    Known {
        family: "names",
        decides: "peering zones",
        topology: "
networks:
  a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}
  b: {subnets: {run-b: {region: r1, range: 10.1.0.0/24}}}
zones:
  z: {domain: corp.example, networks: [a], peering: b}
  y: {domain: corp.example, networks: [b], peering: a}
",
        question: Question::Name("x.corp.example", false),
        right: &["SERVFAIL"],
    },
    Known {
        family: "routes",
        decides: "next hops that are disregarded",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
routes:
  nobody: {network: a, destination: 9.9.9.0/24, priority: 100, next_hop: 10.0.0.99}
  way: {network: a, destination: 9.9.9.0/24, priority: 200, next_hop: internet}
",
        question: Question::Ways("9.9.9.9"),
        right: &["internet"],
    },
    Known {
        family: "routes",
        decides: "static against a MED that nobody gives",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
onprem: {hq: {network: a, region: r1, ranges: [172.16.0.0/16], announces: [0.0.0.0/0]}}
",
        question: Question::Ways("9.9.9.9"),
        right: &["internet", "onprem/hq"],
    },
    Known {
        family: "routes",
        decides: "categories",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
vms: {fw: {network: a, subnet: run-a, address: 10.0.0.3, can_ip_forward: true}}
routes: {way: {network: a, destination: 0.0.0.0/0, priority: 1000, next_hop: vm/fw}}
",
        question: Question::Ways("9.9.9.9"),
        right: &["vm/fw"],
    },
    Known {
        family: "routes",
        decides: "own routes before those of peers",
        topology: "
networks:
  a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}
  b: {subnets: {run-b: {region: r1, range: 10.1.0.0/24}}}
onprem: {hq: {network: b, region: r1, ranges: [172.16.0.0/16], announces: [0.0.0.0/0]}}
peerings:
  p: {network: a, peer: b, import_custom_routes: true}
  q: {network: b, peer: a, export_custom_routes: true}
",
        question: Question::Ways("9.9.9.9"),
        right: &["internet"],
    },
    Known {
        family: "routes",
        decides: "routes of a hub",
        topology: "
networks:
  a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}
  b: {subnets: {run-b: {region: r1, range: 10.1.0.0/24}}}
onprem: {br: {network: b, region: r2, ranges: [172.20.0.0/16]}}
ncc_hubs: {hub: {}}
ncc_spokes: {s: {hub: hub, network: a}, t: {hub: hub, site: br}}
",
        question: Question::Ways("172.20.0.9"),
        right: &["internet", "onprem/br"],
    },
    Known {
        family: "replies",
        decides: "the address of a load balancer as next hop",
        topology: "
networks:
  a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}, data: {region: r1, range: 10.0.1.0/24}}}
vms: {fw: {network: a, subnet: data, address: 10.0.1.3}}
passthrough_load_balancers: {lb: {network: a, region: r1, address: 10.0.1.8, machines: [fw]}}
policy_routes: {p: {network: a, source: [10.0.0.0/24], next_hop: load_balancer/lb}}
firewall_rules: {open: {network: a, action: allow}}
",
        question: Question::Ends("10.0.1.8"),
        right: &["delivered"],
    },
    Known {
        family: "replies",
        decides: "a load balancer of another region",
        topology: "
networks:
  a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}, far: {region: r2, range: 10.0.2.0/24}}}
vms:
  db: {network: a, subnet: far, address: 10.0.2.2, tags: [v]}
  fw: {network: a, subnet: run-a, address: 10.0.0.3, can_ip_forward: true, translates: false, stateful: false}
passthrough_load_balancers: {lb: {network: a, region: r1, address: 10.0.0.8, machines: [fw]}}
policy_routes: {p: {network: a, tags: [v], next_hop: load_balancer/lb}}
firewall_rules: {open: {network: a, action: allow}}
",
        question: Question::Ends("10.0.2.2"),
        right: &["unanswered"],
    },
    Known {
        family: "names",
        decides: "servers that ask the internet",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
onprem: {hq: {network: a, region: r1, ranges: [172.16.0.0/16], learns: [all-subnets, 35.199.192.0/19]}}
zones: {z: {domain: example, networks: [a], forwarding: [172.16.0.53]}}
externals: {p: {hosts: [www.partner.example], addresses: [9.9.9.9]}}
",
        question: Question::Name("www.partner.example", false),
        right: &["9.9.9.9"],
    },
    Known {
        family: "names",
        decides: "aliases",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
zones: {z: {domain: corp.example, networks: [a], records: {alias: [www.partner.example]}}}
externals: {p: {hosts: [www.partner.example], addresses: [9.9.9.9]}}
",
        question: Question::Name("alias.corp.example", false),
        right: &["unchased"],
    },
    Known {
        family: "names",
        decides: "a rule that bypasses",
        topology: "
networks: {a: {subnets: {run-a: {region: r1, range: 10.0.0.0/24}}}}
zones: {z: {domain: corp.example, networks: [a], records: {db: [10.0.0.1]}}}
response_policies: {r: {networks: [a], rules: {\"*.corp.example\": [bypass]}}}
",
        question: Question::Name("x.corp.example", false),
        right: &["NXDOMAIN"],
    },
];

/// One that is mended is compared again: its entry goes, and what DIFFERENCES.md says changes.
#[test]
fn known_differences_are_still_there() {
    let mut mended = Vec::new();
    for known in KNOWN {
        let at = match known.question {
            Question::Name(_, true) => "2027-01-05T12:00:00Z",
            _ => "2026-12-01T00:00:00Z",
        };
        let text = format!(
            "portolan: 1{}jobs: {{web: {{region: r1, vpc_access: {{network: a, subnet: run-a, egress: all-traffic}}}}}}\n",
            known.topology
        );
        let engine = Engine::read(&text, at.parse().unwrap());
        let engine = engine.unwrap_or_else(|error| panic!("{}: {error}", known.decides));
        let walks = |to: &str| {
            let call = (field::ip(to), "tcp", 443);
            engine.walks(&mut Random::new(1), ("job/web", None), call, 64)
        };
        let found: BTreeSet<String> = match known.question {
            Question::Ways(to) => walks(to).iter().map(routes::taken).collect(),
            Question::Ends(to) => {
                let first = |own: &Walk| own.end.split(' ').next().unwrap_or_default().to_owned();
                walks(to).iter().map(first).collect()
            }
            Question::Name(name, _) => {
                engine.resolved("job/web", name).into_iter().map(|(answer, _)| answer).collect()
            }
        };
        println!("{} {}: {found:?}, not {:?}", known.family, known.decides, known.right);
        if found == known.right.iter().map(ToString::to_string).collect() {
            mended.push(known.decides);
        }
    }
    assert!(mended.is_empty(), "mended, so to be compared again: {mended:?}");
}
