//! Fields as topologies.

use std::fmt::Write as _;

use ipnet::IpNet;

use crate::firewall::{Action, Direction, End, Policy as FirewallPolicy, Rule};
use crate::replies::Field;
use crate::routes::{Hop, Kind, Scope};

fn list<T: ToString>(list: &[T]) -> String {
    let all: Vec<String> = list.iter().map(ToString::to_string).collect();
    format!("[{}]", all.join(", "))
}

fn ranges(key: &str, ranges: &[IpNet]) -> String {
    if ranges.is_empty() { String::new() } else { format!(", {key}: {}", list(ranges)) }
}

fn words(key: &str, words: &[String]) -> String {
    if words.is_empty() { String::new() } else { format!(", {key}: {}", list(words)) }
}

/// A topology in which `job/web` sends from the subnet `run-a`.
pub fn topology(field: &Field, workload: &End) -> String {
    let mut text = String::from("portolan: 1\n");
    let hierarchy = field.firewalls.values().next().map_or(0, |own| own.hierarchy.len());
    // The first policy is the organization's, each other one that of a folder in the one before.
    if hierarchy > 0 {
        text += "organization: {}\n";
    }
    if hierarchy > 1 {
        text += "folders:\n";
        for at in 1..hierarchy {
            let parent = if at > 1 { format!("parent: f{}", at - 1) } else { String::new() };
            writeln!(text, "  f{at}: {{{parent}}}").unwrap();
        }
        writeln!(text, "projects: {{p: {{folder: f{}}}}}", hierarchy - 1).unwrap();
    }
    text += "networks:\n";
    for network in &field.cloud.networks {
        let mode = if network.global { "global" } else { "regional" };
        let best = if network.standard { ", best_path: standard" } else { "" };
        let default = network.statics.iter().any(is_default);
        let order = match field.firewalls[&network.name].before {
            true => ", firewall_order: before-classic",
            false => "",
        };
        write!(
            text,
            "  {}: {{routing_mode: {mode}{best}, default_route: {default}{order}, subnets: {{",
            network.name
        )
        .unwrap();
        for (at, subnet) in network.subnets.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let (name, region, range) = (&subnet.name, &subnet.region, &subnet.ranges[0]);
            write!(text, "{comma}{name}: {{region: {region}, range: {range}}}").unwrap();
        }
        text += "}}\n";
    }
    text += "vms:\n";
    for network in &field.cloud.networks {
        for machine in &network.machines {
            let holds = |range: &IpNet| range.contains(&machine.address);
            let subnet = network.subnets.iter().find(|own| own.ranges.iter().any(holds));
            let (translates, stateful) = (machine.translates, machine.stateful);
            let passes = match machine.forwards {
                true => format!(", translates: {translates}, stateful: {stateful}"),
                false => String::new(),
            };
            let account = field.accounts.get(&machine.name);
            let account = account.map_or(String::new(), |own| format!(", service_account: {own}"));
            writeln!(
                text,
                "  {}: {{network: {}, subnet: {}, address: {}, can_ip_forward: {}{passes}{account}{}}}",
                machine.name,
                network.name,
                subnet.expect("a subnet").name,
                machine.address,
                machine.forwards,
                words("tags", &machine.tags),
            )
            .unwrap();
        }
    }
    text += "passthrough_load_balancers:\n";
    for network in &field.cloud.networks {
        for own in &network.balancers {
            writeln!(
                text,
                "  {}: {{network: {}, region: {}, address: {}, global_access: {}, machines: {}}}",
                own.name,
                network.name,
                own.region,
                own.address,
                own.global_access,
                list(&field.behind[&own.name]),
            )
            .unwrap();
        }
    }
    sites(&mut text, field);
    routes(&mut text, field);
    firewalls(&mut text, field);
    if !field.gateways.is_empty() {
        text += "nats:\n";
        for (at, own) in field.gateways.iter().enumerate() {
            let subnets = words("subnets", &own.subnets);
            let (network, region) = (&own.network, &own.region);
            writeln!(text, "  n{at}: {{network: {network}, region: {region}{subnets}}}").unwrap();
        }
    }
    let account = workload.account.as_ref();
    let account = account.map_or(String::new(), |own| format!(", service_account: {own}"));
    let tags = words("tags", &workload.tags);
    writeln!(
        text,
        "jobs: {{web: {{region: r1{account}, vpc_access: {{network: a, subnet: run-a, egress: all-traffic{tags}}}}}}}"
    )
    .unwrap();
    text
}

fn is_default(route: &crate::routes::Static) -> bool {
    route.destination.prefix_len() == 0
        && route.priority == 1000
        && route.tags.is_empty()
        && matches!(route.hop, Hop::Internet)
}

fn sites(text: &mut String, field: &Field) {
    if field.sites.is_empty() {
        return;
    }
    *text += "onprem:\n";
    for (name, site) in &field.sites {
        let lines: Vec<_> = field.cloud.lines.iter().filter(|own| own.site == *name).collect();
        let admits = site.admits.as_ref();
        let admits = admits.map_or(String::new(), |own| format!(", admits: {}", list(own)));
        let network = &lines[0].network;
        write!(
            text,
            "  {name}: {{network: {network}, ranges: {}{admits}, lines: {{",
            list(&site.ranges)
        )
        .unwrap();
        for (at, line) in lines.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let kind = match line.kind {
                Kind::Vpn => "vpn",
                Kind::Interconnect => "interconnect",
                Kind::Classic => "classic-vpn",
            };
            let announces = match line.kind {
                Kind::Classic => String::new(),
                _ => {
                    let med = line.med.map_or(String::new(), |med| format!(", med: {med}"));
                    // In the legacy mode a path counts within one router alone.
                    let network = field.cloud.network(&line.network);
                    let path = match network.standard {
                        true => format!(", as_path_length: {}", line.path),
                        false => String::new(),
                    };
                    format!(", announces: {}{med}{path}", list(&line.announces))
                }
            };
            let learns = match site.learns.get(&line.name) {
                None => String::new(),
                Some((subnets, ranges)) => {
                    let mut all: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                    if *subnets {
                        all.push("all-subnets".into());
                    }
                    format!(", learns: {}", list(&all))
                }
            };
            let (name, region, up) = (&line.name, &line.region, line.up);
            write!(
                text,
                "{comma}{name}: {{region: {region}, kind: {kind}, up: {up}{announces}{learns}}}"
            )
            .unwrap();
        }
        *text += "}}\n";
    }
}

fn routes(text: &mut String, field: &Field) {
    let mut statics = String::new();
    let mut policies = String::new();
    for network in &field.cloud.networks {
        let name = &network.name;
        let mut defaults = 0;
        for (at, route) in network.statics.iter().enumerate() {
            if is_default(route) {
                defaults += 1;
                if defaults == 1 {
                    continue;
                }
            }
            let hop = match &route.hop {
                Hop::Internet => "internet".to_owned(),
                Hop::Machine(own) => format!("vm/{own}"),
                Hop::Address(own) => own.to_string(),
                Hop::Balancer(own) => format!("load_balancer/{own}"),
                Hop::Tunnel(own) => {
                    let line = &field.cloud.lines[*own];
                    format!("onprem/{}/{}", line.site, line.name)
                }
            };
            writeln!(
                statics,
                "  {name}{at}: {{network: {name}, destination: {}, priority: {}, next_hop: {hop}{}}}",
                route.destination,
                route.priority,
                words("tags", &route.tags)
            )
            .unwrap();
        }
        for (at, policy) in network.policies.iter().enumerate() {
            let scope = match &policy.scope {
                Scope::Everything => String::new(),
                Scope::Tags(tags) => words("tags", tags),
                Scope::Attachments(region) => {
                    format!(", interconnect_region: {}", region.as_deref().unwrap_or("all"))
                }
            };
            let protocol = policy.protocol.as_ref();
            let protocol = protocol.map_or(String::new(), |own| format!(", protocol: {own}"));
            let hop = match &policy.balancer {
                Some(own) => format!("load_balancer/{own}"),
                None => "default-routing".into(),
            };
            writeln!(
                policies,
                "  {name}{at}: {{network: {name}, priority: {}{}{}{protocol}{scope}, next_hop: {hop}}}",
                policy.priority,
                ranges("source", &policy.sources),
                ranges("destination", &policy.destinations),
            )
            .unwrap();
        }
    }
    section(text, "routes", &statics);
    section(text, "policy_routes", &policies);
    let mut peerings = String::new();
    for (at, own) in field.cloud.peerings.iter().enumerate() {
        writeln!(
            peerings,
            "  p{at}: {{network: {}, peer: {}, export_custom_routes: {}, import_custom_routes: {}, export_public_subnets: {}, import_public_subnets: {}}}",
            own.network, own.peer, own.exports, own.imports, own.exports_public, own.imports_public
        )
        .unwrap();
    }
    section(text, "peerings", &peerings);
    let mut spokes = String::new();
    for (at, own) in field.cloud.spokes.iter().enumerate() {
        let what = match (&own.network, &own.site) {
            (Some(network), _) => format!("network: {network}"),
            (None, site) => format!("site: {}", site.as_ref().expect("a site")),
        };
        let group = match (own.star, own.center) {
            (false, _) => "",
            (true, true) => ", group: center",
            (true, false) => ", group: edge",
        };
        writeln!(
            spokes,
            "  s{at}: {{hub: {}, {what}{group}{}{}}}",
            own.hub,
            ranges("include_ranges", &own.include),
            ranges("exclude_ranges", &own.exclude),
        )
        .unwrap();
    }
    if let Some(own) = field.cloud.spokes.first() {
        let form = if own.star { "star" } else { "mesh" };
        writeln!(text, "ncc_hubs: {{{}: {{topology: {form}}}}}", own.hub).unwrap();
    }
    section(text, "ncc_spokes", &spokes);
}

fn section(text: &mut String, name: &str, lines: &str) {
    if !lines.is_empty() {
        *text += &format!("{name}:\n{lines}");
    }
}

fn traffic(rule: &Rule) -> String {
    let one = |(protocol, ports): &(String, Vec<(u16, u16)>)| {
        let port = |(low, high): &(u16, u16)| match low == high {
            true => low.to_string(),
            false => format!("{low}-{high}"),
        };
        let ports: Vec<String> = ports.iter().map(port).collect();
        let colon = if ports.is_empty() { "" } else { ":" };
        format!("\"{protocol}{colon}{}\"", ports.join(","))
    };
    let all: Vec<String> = rule.traffic.iter().map(one).collect();
    if all.is_empty() { String::new() } else { format!(", traffic: {}", list(&all)) }
}

fn common(rule: &Rule) -> String {
    let direction = match rule.direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    };
    let action = match rule.action {
        Action::Allow => "allow",
        Action::Deny => "deny",
        Action::Next => "goto_next",
    };
    let disabled = if rule.disabled { ", disabled: true" } else { "" };
    format!(
        "priority: {}, direction: {direction}, action: {action}{disabled}{}{}{}{}",
        rule.priority,
        traffic(rule),
        ranges("source_ranges", &rule.sources),
        ranges("destination_ranges", &rule.destinations),
        words("target_service_accounts", &rule.targets.accounts),
    )
}

fn policy(text: &mut String, name: &str, to: &str, policy: &FirewallPolicy) {
    let region = policy.region.as_ref();
    let region = region.map_or(String::new(), |own| format!(", region: {own}"));
    writeln!(text, "  {name}:\n    attached_to: [{to}]").unwrap();
    if !region.is_empty() {
        writeln!(text, "    {}", &region[2..]).unwrap();
    }
    text.push_str("    rules:\n");
    for rule in &policy.rules {
        let networks = words("networks", &rule.networks);
        writeln!(text, "      - {{{}{networks}}}", common(rule)).unwrap();
    }
}

fn firewalls(text: &mut String, field: &Field) {
    let mut rules = String::new();
    let mut policies = String::new();
    for (at, own) in
        field.firewalls.values().next().into_iter().flat_map(|own| &own.hierarchy).enumerate()
    {
        let to = if at == 0 { "organization".into() } else { format!("folder/f{at}") };
        policy(&mut policies, &format!("h{at}"), &to, own);
    }
    for (network, firewalls) in &field.firewalls {
        for rule in &firewalls.rules {
            let tags = words("source_tags", &rule.source_tags);
            let accounts = words("source_service_accounts", &rule.source_accounts);
            let targets = words("target_tags", &rule.targets.tags);
            writeln!(
                rules,
                "  {}: {{network: {network}, {}{tags}{accounts}{targets}}}",
                rule.name,
                common(rule)
            )
            .unwrap();
        }
        for (at, own) in firewalls.policies.iter().enumerate() {
            policy(&mut policies, &format!("of-{network}{at}"), &format!("network/{network}"), own);
        }
    }
    section(text, "firewall_rules", &rules);
    section(text, "firewall_policies", &policies);
}
