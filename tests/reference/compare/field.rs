//! Random fields: networks with subnets, machines, routes, peerings, lines to sites, firewalls.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::firewall::{Action, Direction, End, Firewalls, Policy as FirewallPolicy, Rule};
use crate::random::Random;
use crate::replies::{Field, Gateway, Site};
use crate::routes::{
    Balancer, Hop, Kind, Line, Machine, Network, Peering, Policy, Scope, Spoke, Static, Subnet,
};

pub const NETWORKS: [&str; 3] = ["a", "b", "c"];
const REGIONS: [&str; 3] = ["r1", "r2", "r3"];

pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub fn range(text: &str) -> IpNet {
    text.parse().expect("a range")
}

/// Addresses that calls go to.
pub fn destinations() -> Vec<IpAddr> {
    [
        "10.0.1.2",
        "10.0.1.77",
        "10.0.2.2",
        "10.0.1.8",
        "10.1.1.2",
        "10.1.2.2",
        "10.1.1.8",
        "10.2.1.2",
        "10.2.2.8",
        "50.1.0.2",
        "172.16.0.9",
        "172.16.5.9",
        "172.20.0.9",
        "9.9.9.9",
        "100.64.0.9",
    ]
    .map(ip)
    .to_vec()
}

/// Networks with everything that sends or receives, and firewalls that let everything in.
pub fn networks(random: &mut Random) -> Field {
    let mut field = Field::default();
    let count = random.between(1, 3);
    for (at, name) in NETWORKS.iter().enumerate().take(count) {
        let subnet = |kind: &str, region: &str, text: String| Subnet {
            name: format!("{kind}-{name}"),
            region: region.into(),
            ranges: vec![range(&text)],
        };
        let flags = [random.percent(50), random.percent(50)];
        let machine = |kind: &str, region: &str, address: String, forwards| Machine {
            name: format!("{kind}-{name}"),
            region: region.into(),
            address: ip(&address),
            tags: Vec::new(),
            forwards,
            translates: flags[0],
            stateful: flags[1],
            running: true,
        };
        let balancer = |kind: &str, region: &str, address: String, global_access| Balancer {
            name: format!("{kind}-{name}"),
            region: region.into(),
            address: ip(&address),
            global_access,
        };
        let mut network = Network {
            name: (*name).into(),
            global: random.percent(50),
            standard: random.percent(20),
            subnets: vec![
                subnet("run", "r1", format!("10.{at}.0.0/24")),
                subnet("data", "r1", format!("10.{at}.1.0/24")),
                subnet("far", "r2", format!("10.{at}.2.0/24")),
            ],
            machines: vec![
                machine("db", "r1", format!("10.{at}.1.2"), false),
                machine("fw", "r1", format!("10.{at}.1.3"), random.percent(75)),
                machine("other", "r2", format!("10.{at}.2.2"), false),
                machine("fx", "r2", format!("10.{at}.2.3"), true),
            ],
            balancers: vec![
                balancer("lb", "r1", format!("10.{at}.1.8"), random.percent(30)),
                balancer("lx", "r2", format!("10.{at}.2.8"), random.percent(50)),
            ],
            ..Network::default()
        };
        if random.percent(30) {
            network.subnets.push(subnet("public", "r1", format!("50.{at}.0.0/24")));
            network.machines.push(machine("pub", "r1", format!("50.{at}.0.2"), false));
        }
        if random.percent(60) {
            network.statics.push(gateway());
        }
        field.behind.insert(format!("lb-{name}"), vec![format!("fw-{name}")]);
        field.behind.insert(format!("lx-{name}"), vec![format!("fx-{name}")]);
        field.firewalls.insert((*name).into(), open(name));
        for region in ["r1", "r2"] {
            let (network, region) = ((*name).into(), region.into());
            field.gateways.push(Gateway { network, region, subnets: Vec::new() });
        }
        field.cloud.networks.push(network);
    }
    field
}

/// The route to the internet that networks are made with.
pub fn gateway() -> Static {
    Static { destination: range("0.0.0.0/0"), priority: 1000, tags: Vec::new(), hop: Hop::Internet }
}

pub fn open(network: &str) -> Firewalls {
    let name = format!("open-{network}");
    let rules = vec![Rule::new(&name, Direction::Ingress, 65_000, Action::Allow)];
    Firewalls { network: network.into(), rules, ..Firewalls::default() }
}

const DESTINATIONS: [&str; 8] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "172.16.0.0/16",
    "172.16.5.0/24",
    "9.9.9.0/24",
    "100.64.0.0/10",
    "172.20.0.0/16",
];

pub fn statics(random: &mut Random, field: &mut Field, most: usize) {
    let count = field.cloud.networks.len();
    for (at, name) in NETWORKS.into_iter().enumerate().take(count) {
        for _ in 0..random.between(0, most) {
            let tunnels: Vec<usize> = (0..field.cloud.lines.len())
                .filter(|own| {
                    let line = &field.cloud.lines[*own];
                    line.network == name && line.kind == Kind::Classic
                })
                .collect();
            let hop = match random.below(8) {
                0 | 1 => Hop::Machine(format!("fw-{name}")),
                2 => Hop::Machine(format!("fx-{name}")),
                3 => Hop::Address(ip(&format!("10.{at}.1.{}", random.pick(&[3, 99])))),
                4 => Hop::Balancer(format!("lb-{name}")),
                5 => Hop::Balancer(format!("lx-{name}")),
                6 if !tunnels.is_empty() => Hop::Tunnel(*random.pick(&tunnels)),
                _ => Hop::Internet,
            };
            // Google takes tags for hops of every kind but some tunnels.
            let tags = match random.percent(25) {
                true => vec![random.word(&["t", "u"])],
                false => Vec::new(),
            };
            field.cloud.networks[at].statics.push(Static {
                destination: range(&random.word(&DESTINATIONS)),
                priority: *random.pick(&[0, 500, 1000, 1000, 1000, 2000]),
                tags,
                hop,
            });
        }
    }
}

/// A way over a machine for the workload alone: what it forwards is not sent back to it.
pub fn detour(random: &mut Random, field: &mut Field) {
    let hop = match random.below(3) {
        0 => Hop::Machine("fw-a".into()),
        1 => Hop::Balancer("lb-a".into()),
        _ => Hop::Machine("fx-a".into()),
    };
    let destination =
        range(&random.word(&["172.16.0.0/15", "172.20.0.0/15", "10.0.0.0/7", "9.9.9.0/25"]));
    let route = Static { destination, priority: 10, tags: vec!["v".into()], hop };
    field.cloud.networks[0].statics.push(route);
    let sources = vec![range(&random.word(&["10.0.0.0/24", "10.0.1.2/32", "10.0.2.2/32"]))];
    if random.percent(50) {
        field.cloud.networks[0].policies.push(Policy {
            priority: 50,
            sources,
            destinations: Vec::new(),
            protocol: None,
            scope: Scope::Tags(vec!["v".into()]),
            balancer: Some(random.word(&["lb-a", "lb-a", "lx-a"])),
        });
        for machine in &mut field.cloud.networks[0].machines {
            if !machine.name.starts_with('f') {
                machine.tags = vec!["v".into()];
            }
        }
    }
}

pub fn policies(random: &mut Random, field: &mut Field) {
    let count = field.cloud.networks.len();
    for (at, name) in NETWORKS.into_iter().enumerate().take(count) {
        for _ in 0..*random.pick(&[0, 0, 0, 1, 2]) {
            let ranges = |random: &mut Random, all: &[&str]| match random.percent(50) {
                true => Vec::new(),
                false => vec![range(&random.word(all))],
            };
            let scope = match random.below(4) {
                0 => Scope::Tags(vec![random.word(&["t", "u"])]),
                1 => Scope::Attachments(random.percent(50).then(|| random.word(&["r1", "r2"]))),
                _ => Scope::Everything,
            };
            let balancer = match random.below(3) {
                0 => None,
                1 => Some(format!("lb-{name}")),
                _ => Some(format!("lx-{name}")),
            };
            let policy = Policy {
                priority: *random.pick(&[100, 100, 200, 300]),
                sources: ranges(
                    random,
                    &["10.0.0.0/24", "10.0.0.0/8", "172.16.0.0/12", "10.0.1.0/24"],
                ),
                destinations: ranges(
                    random,
                    &["10.0.0.0/8", "10.0.1.0/24", "172.16.0.0/12", "0.0.0.0/0", "10.0.0.0/24"],
                ),
                protocol: random.percent(30).then(|| random.word(&["tcp", "udp"])),
                scope,
                balancer,
            };
            field.cloud.networks[at].policies.push(policy);
        }
    }
}

pub fn peerings(random: &mut Random, field: &mut Field) {
    let count = field.cloud.networks.len();
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        if other >= count || !random.percent(55) {
            continue;
        }
        for (own, peer) in [(one, other), (other, one)] {
            if random.percent(8) {
                continue;
            }
            field.cloud.peerings.push(Peering {
                network: NETWORKS[own].into(),
                peer: NETWORKS[peer].into(),
                exports: random.percent(60),
                imports: random.percent(60),
                exports_public: random.percent(70),
                imports_public: random.percent(50),
                dual: false,
            });
        }
    }
}

pub fn sites(random: &mut Random, field: &mut Field) {
    let count = field.cloud.networks.len();
    for (site, ranges) in [("hq", ["172.16.0.0/16"]), ("br", ["172.20.0.0/16"])] {
        if !random.percent(55) {
            continue;
        }
        let network = NETWORKS[random.below(count)];
        let ranges: Vec<IpNet> = ranges.map(range).to_vec();
        let mut place = Site { ranges: ranges.clone(), ..Site::default() };
        if random.percent(35) {
            let admitted = random.word(&["10.0.0.0/24", "10.0.1.0/24", "10.1.0.0/16"]);
            place.admits = Some(vec![range(&admitted)]);
        }
        let lines = random.between(1, 2);
        for at in 0..lines {
            let name = format!("l{at}");
            let kind = *random.pick(&[Kind::Vpn, Kind::Vpn, Kind::Interconnect, Kind::Classic]);
            let announces = match random.below(5) {
                _ if kind == Kind::Classic => Vec::new(),
                0 => vec![range("0.0.0.0/0")],
                1 => vec![range("172.16.0.0/12")],
                2 => vec![range("10.0.0.0/16"), range("10.0.1.0/24"), ranges[0]],
                _ => ranges.clone(),
            };
            if random.percent(40) {
                let more = random.some(
                    &["10.0.0.0/24", "10.0.0.0/16", "10.0.1.0/24", "172.16.0.0/12"],
                    0,
                    2,
                );
                let more = more.into_iter().map(range).collect();
                place.learns.insert(name.clone(), (random.percent(50), more));
            }
            field.cloud.lines.push(Line {
                site: site.into(),
                name,
                network: network.into(),
                region: REGIONS[random.below(3)].into(),
                kind,
                up: random.percent(85),
                announces,
                med: random.percent(60).then(|| *random.pick(&[0, 100, 500, 1000, 1500, 20_000])),
                path: random.between(1, 2) as u32,
            });
        }
        field.sites.insert(site.into(), place);
    }
}

pub fn spokes(random: &mut Random, field: &mut Field) {
    if !random.percent(30) {
        return;
    }
    let star = random.percent(40);
    let spoke = |random: &mut Random| Spoke {
        hub: "hub".into(),
        star,
        center: star && random.percent(50),
        network: None,
        site: None,
        include: Vec::new(),
        exclude: match random.percent(25) {
            true => vec![range(&random.word(&["10.1.0.0/16", "10.0.1.0/24", "172.16.0.0/12"]))],
            false => Vec::new(),
        },
    };
    for network in &field.cloud.networks {
        if random.percent(70) {
            let spoke = Spoke { network: Some(network.name.clone()), ..spoke(random) };
            field.cloud.spokes.push(spoke);
        }
    }
    // Networks that are spokes of one hub are not peers.
    let is_spoke =
        |name: &String| field.cloud.spokes.iter().any(|own| own.network.as_ref() == Some(name));
    let peers = |own: &Peering| is_spoke(&own.network) && is_spoke(&own.peer);
    let kept = field.cloud.peerings.iter().filter(|own| !peers(own)).cloned().collect();
    field.cloud.peerings = kept;
    // A hub has networks with hybrid spokes that are no spokes themselves, or one alone.
    let routing = field.cloud.lines.first().map(|own| own.network.clone());
    for site in field.sites.keys() {
        if field
            .cloud
            .lines
            .iter()
            .any(|own| own.site == *site && Some(&own.network) != routing.as_ref())
        {
            continue;
        }
        let of = |own: &&Line| own.site == *site;
        let dynamic = field.cloud.lines.iter().filter(of).all(|own| own.kind != Kind::Classic);
        if dynamic && random.percent(50) {
            let spoke = Spoke { site: Some(site.clone()), exclude: Vec::new(), ..spoke(random) };
            field.cloud.spokes.push(spoke);
        }
    }
}

/// Random rules and policies in place of those that let everything in.
pub fn firewalls(random: &mut Random, field: &mut Field) {
    let hierarchy: Vec<FirewallPolicy> = match random.percent(40) {
        true => {
            (0..random.between(1, 3)).map(|at| policy(random, &format!("h{at}"), true)).collect()
        }
        false => Vec::new(),
    };
    let count = field.cloud.networks.len();
    for (at, name) in NETWORKS.into_iter().enumerate().take(count) {
        let mut firewalls = Firewalls {
            network: name.into(),
            hierarchy: hierarchy.clone(),
            before: random.percent(40),
            ..Firewalls::default()
        };
        for number in 0..random.between(1, 5) {
            firewalls.rules.push(random_rule(random, &format!("{name}{number}"), false));
        }
        if random.percent(45) {
            firewalls.policies.push(policy(random, &format!("g{name}"), false));
        }
        if random.percent(35) {
            let region = random.word(&["r1", "r2"]);
            let policy = policy(random, &format!("p{name}"), false);
            firewalls.policies.push(FirewallPolicy { region: Some(region), ..policy });
        }
        field.firewalls.insert(name.into(), firewalls);
        for machine in &mut field.cloud.networks[at].machines {
            if random.percent(40) {
                machine.tags = random.some(&["web", "db", "t"].map(String::from), 1, 2);
            }
            if random.percent(50) {
                let account = random
                    .word(&["one@p.iam.gserviceaccount.com", "two@p.iam.gserviceaccount.com"]);
                field.accounts.insert(machine.name.clone(), account);
            }
        }
    }
}

fn policy(random: &mut Random, name: &str, hierarchical: bool) -> FirewallPolicy {
    let mut rules = Vec::new();
    for at in 0..random.between(1, 3) {
        let mut rule = random_rule(random, &format!("{name}-{at}"), true);
        rule.priority = 10 * at as u32 + 1;
        if hierarchical && random.percent(30) {
            rule.networks = vec!["a".into()];
        }
        rules.push(rule);
    }
    random.shuffle(&mut rules);
    FirewallPolicy { region: None, rules }
}

fn random_rule(random: &mut Random, name: &str, of_policy: bool) -> Rule {
    let direction = match random.percent(65) {
        true => Direction::Ingress,
        false => Direction::Egress,
    };
    let action = match random.below(6) {
        0 if of_policy => Action::Next,
        1 if of_policy => Action::Next,
        0..=2 => Action::Deny,
        _ => Action::Allow,
    };
    let mut rule = Rule::new(name, direction, *random.pick(&[100, 1000, 1000, 2000]), action);
    if random.percent(50) {
        let ports = match random.below(4) {
            0 => Vec::new(),
            1 => vec![(443, 443)],
            2 => vec![(80, 80), (8000, 8999)],
            _ => vec![(1, 500)],
        };
        rule.traffic.push((random.word(&["tcp", "tcp", "udp"]), ports));
    }
    let ranges = ["10.0.0.0/24", "10.0.0.0/8", "10.0.1.0/24", "10.1.0.0/16", "0.0.0.0/0"];
    // A rule of a policy needs a source or a destination.
    if random.percent(50) || of_policy {
        let ranges = vec![range(&random.word(&ranges))];
        match direction {
            Direction::Ingress => rule.sources = ranges,
            Direction::Egress => rule.destinations = ranges,
        }
    } else if direction == Direction::Ingress && random.percent(40) {
        rule.source_tags = vec![random.word(&["web", "t"])];
    }
    let one = "one@p.iam.gserviceaccount.com";
    match random.below(6) {
        0 if !of_policy => rule.targets.tags = vec![random.word(&["web", "db", "t"])],
        1 if of_policy || rule.source_tags.is_empty() => rule.targets.accounts = vec![one.into()],
        2 if of_policy || rule.source_tags.is_empty() => rule.targets.accounts = vec![one.into()],
        _ => {}
    }
    rule.disabled = random.percent(8);
    rule
}

/// The workload that sends: in the first network.
pub fn workload(random: &mut Random) -> End {
    End {
        region: "r1".into(),
        tags: match random.percent(50) {
            true => random.some(&["t", "u", "web"].map(String::from), 1, 2),
            false => Vec::new(),
        },
        account: Some(
            random.word(&["one@p.iam.gserviceaccount.com", "two@p.iam.gserviceaccount.com"]),
        ),
        secure: Vec::new(),
    }
}
