//! Zones of Cloud DNS that answer less than they seem to.

use crate::topology::record::Id;
use std::collections::{HashMap, HashSet};

use super::Linter;
use crate::inventory::attachments::clean;
use crate::source::{Span, codes};
use crate::topology::dns::Zone;
use crate::topology::record::Spanned;

codes! {
    ZONES_IN_A_CIRCLE = Warning "zones-in-a-circle" "EGR-128" {
        "zones that take the view of each other's networks",
        "a name that networks ask each other for in a circle has no answer",
        "networks:
  prod: {}
  hub: {}
zones:
  there: {domain: corp.example, networks: [prod], peering: hub}
  back: {domain: example, networks: [hub], peering: prod}
",
    }
    THIN_ZONE = Warning "thin-zone" "EGR-120" {
        "a private zone that leaves used names out",
        "the zone with the longest suffix answers alone: a name that it does not have does not \
         exist, and public DNS is not asked",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
zones:
  google: {domain: googleapis.com, networks: [prod], records: {storage: [199.36.153.8]}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    ZONES_PASSED_BY = Warning "zones-passed-by" "EGR-119" {
        "name servers that pass by the zones of a network",
        "alternative name servers get every query: response policies and private zones are not \
         asked",
        "networks:
  prod: {}
zones:
  inside: {domain: corp.example, networks: [prod], records: {db: [10.0.0.9]}}
dns_policies:
  office: {networks: [prod], alternative_name_servers: [192.168.0.53]}
",
    }
}

/// Names below googleapis.com that most of what runs there asks for.
const COMMON: [&str; 9] = [
    "storage",
    "run",
    "iamcredentials",
    "oauth2",
    "logging",
    "monitoring",
    "pubsub",
    "secretmanager",
    "bigquery",
];

impl Linter<'_, '_> {
    pub(super) fn dns(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.zones {
            self.thin(&entry.value, &format!("zone/{id}"));
        }
        self.circles();
        for (id, entry) in &topology.dns_policies {
            let Some(server) = entry.value.alternative_name_servers.first() else { continue };
            for network in &entry.value.networks {
                self.passed_by(id, network, server.span);
            }
        }
    }

    /// Zones that lead from network to network, and back to where they began. Each circle is told
    /// once, by the first of its zones.
    fn circles(&mut self) {
        let topology = self.topology;
        // The zones of each network, by domain.
        let mut seen: HashMap<&str, HashMap<String, Id<Zone>>> = HashMap::new();
        for (index, zone) in topology.zones.with_ids() {
            for network in &zone.networks {
                let own = seen.entry(&network.value).or_default();
                own.entry(clean(&zone.domain.value)).or_insert(index);
            }
        }
        let mut reported: HashSet<Id<Zone>> = HashSet::new();
        for (index, zone) in topology.zones.with_ids() {
            let domain = clean(&zone.domain.value);
            let mut passed = vec![index];
            let mut next = zone.peering.as_ref();
            while let Some(peer) = next {
                // What asks in the peer gets the answer of its longest zone for the domain.
                let zones = seen.get(&*peer.value);
                let suffixes = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
                let found = std::iter::once(&*domain)
                    .chain(suffixes)
                    .find_map(|suffix| zones?.get(suffix).copied());
                let Some(at) = found.filter(|at| !reported.contains(at)) else { break };
                if at == index {
                    // One zone alone is a finding of its own.
                    if passed.len() > 1 {
                        self.circle(&passed);
                        reported.extend(&passed);
                    }
                    break;
                }
                if passed.contains(&at) {
                    break;
                }
                passed.push(at);
                next = topology.zones[at].peering.as_ref();
            }
        }
    }

    fn circle(&mut self, zones: &[Id<Zone>]) {
        let topology = self.topology;
        let names: Vec<String> =
            zones.iter().map(|zone| format!("zone/{}", topology.zones.key(*zone))).collect();
        let peering = |zone: Id<Zone>| topology.zones[zone].peering.as_ref();
        let [first, .., last] = zones else { return };
        let (Some(start), Some(end)) = (peering(*first), peering(*last)) else { return };
        let message = format!("{} ask each other in a circle", crate::source::listed(&names));
        let finding = ZONES_IN_A_CIRCLE.finding(message).at(start.span);
        let finding = finding.also(end.span, "leads back");
        let help = "let one of the networks answer by itself";
        self.report(finding.help(help).resource(names.first().cloned().unwrap_or_default()));
    }

    /// A zone around Google's names without the names that senders use.
    fn thin(&mut self, zone: &Zone, resource: &str) {
        let topology = self.topology;
        let domain = clean(&zone.domain.value);
        let own = zone.forwarding.is_empty() && zone.peering.is_none();
        let sending = zone
            .networks
            .iter()
            .filter_map(|network| topology.networks.id_of(&network.value))
            .find_map(|network| self.seats.of(network).next());
        let Some(sending) = sending.filter(|_| own) else { return };
        let owners: HashSet<String> =
            zone.records.keys().map(|name| owner(name, &domain)).collect();
        let has = |name: &str| {
            let above = name.match_indices('.').map(|(dot, _)| format!("*{}", &name[dot..]));
            owners.contains(name) || above.into_iter().any(|pattern| owners.contains(&pattern))
        };
        let missing = match domain.as_str() {
            "googleapis.com" => {
                COMMON.iter().map(|name| format!("{name}.googleapis.com")).find(|name| !has(name))
            }
            _ if domain == "run.app" || domain.ends_with(".run.app") => {
                topology.services.ids().zip(&topology.services).find_map(|(index, (_, entry))| {
                    let region = entry.value.region.known()?;
                    let number = topology.project_number(topology.service_project(index)?)?;
                    let name = topology.service_name(index);
                    let name = format!("{name}-{number}.{region}.run.app");
                    (name.ends_with(&format!(".{domain}")) && !has(&name)).then_some(name)
                })
            }
            _ => None,
        };
        let Some(missing) = missing else { return };
        let message = format!("`{missing}` does not exist for {}", sending.resource);
        let finding = THIN_ZONE.finding(message).at(zone.domain.span);
        let finding = finding.also(sending.at, "sends from a network of the zone");
        let help = format!("add a record for `*` or for the name to {resource}");
        self.report(finding.help(help).resource(resource));
    }

    fn passed_by(&mut self, id: &str, network: &Spanned<String>, at: Span) {
        let topology = self.topology;
        let here = |list: &[Spanned<String>]| list.iter().any(|own| own.value == network.value);
        let zones = topology.zones.iter().filter(|(_, entry)| here(&entry.value.networks));
        let zones = zones.map(|(id, entry)| (format!("zone/{id}"), entry.key_span));
        let policies = topology.response_policies.iter();
        let policies = policies.filter(|(_, entry)| here(&entry.value.networks));
        let policies =
            policies.map(|(id, entry)| (format!("response_policy/{id}"), entry.key_span));
        let Some((name, place)) = zones.chain(policies).next() else { return };
        let message = format!("dns_policy/{id} passes by {name} in network/{}", network.value);
        let finding = ZONES_PASSED_BY.finding(message).at(at).also(place, "not asked");
        let help = "give those servers the same names, or forward only their own domains by a zone";
        self.report(finding.help(help).resource(format!("dns_policy/{id}")));
    }
}

/// The full name of a record.
fn owner(name: &str, domain: &str) -> String {
    let name = clean(name);
    match name.as_str() {
        "@" | "" => domain.to_owned(),
        name if name == domain || name.ends_with(&format!(".{domain}")) => name.to_owned(),
        name => format!("{name}.{domain}"),
    }
}
