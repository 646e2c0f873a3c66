//! Ranges that Cloud Run does not reach, or does not look for in its network.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::{BTreeSet, HashMap};

use ipnet::IpNet;

use super::ask::SourceId;
use super::{Asker, Linter};
use crate::inventory::attachments::overlap;
use crate::inventory::ranges::{Range, holding, is_private, ranges_by_network};
use crate::rules::ranges::{DOCKER, UNREACHABLE};
use crate::source::codes;
use crate::topology::record::every;
use crate::topology::service::Egress;

codes! {
    SITE_IN_SUBNET = Warning "site-in-subnet" "EGR-081" {
        "a range of a site inside a subnet",
        "nothing more special than a subnet route takes its destinations, so that they are looked \
         for in the network only",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/16}}}
onprem:
  office: {network: prod, region: europe-west1, ranges: [10.0.1.0/24]}
",
    }
    SMALL_SUBNET = Warning "small-subnet" "EGR-043" {
        "a subnet that is too small for Direct VPC egress",
        "the subnet of Direct VPC egress is a /26 or larger; without a free address instances do \
         not start",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/28}}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    UNSUPPORTED_SUBNET = Warning "unsupported-subnet" "EGR-044" {
        "a subnet of Direct VPC egress with another range than the supported ones",
        "Direct VPC egress supports subnets in the private ranges of RFC 1918, 100.64.0.0/10 and \
         240.0.0.0/4",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 192.0.2.0/24}}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    DOCKER_RANGE = Warning "docker-range" "EGR-157" {
        "a subnet in the range of the Docker bridge",
        "senders in 172.17.0.0/16 get no answer from Cloud SQL and Cloud Build, whose own networks \
         use it",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 172.17.0.0/24}}}
",
    }
    UNREACHABLE_RANGE = Warning "unreachable-range" "EGR-237" {
        "a destination that Cloud Run cannot reach",
        "Cloud Run cannot reach private destinations in 192.168.1.0/24",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24}
      vms: {region: europe-west1, range: 192.168.1.0/24}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    PUBLIC_RANGE_MISSED = Warning "public-range-missed" "EGR-009" {
        "public addresses in a network, and senders that look for them outside",
        "privately used public ranges are not private: `private-ranges-only` sends what goes there \
         to the internet",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24}
      vms: {region: europe-west1, range: 192.0.2.0/24}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    PUBLIC_MANAGED_RANGE = Warning "public-managed-range" "EGR-151" {
        "managed services at public addresses, and senders that look for them outside",
        "with a public range for private services access `private-ranges-only` passes by the \
         network and fails",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
private_connections:
  google: {network: prod, ranges: [192.0.2.0/24]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
}

impl Asker<'_, '_> {
    /// Subnets and sites at addresses that nothing of Cloud Run gets to.
    pub(super) fn unreachable_ranges(&mut self) {
        let topology = self.topology;
        let ranges = ranges_by_network(topology);
        for (network, (id, _)) in topology.networks.ids().zip(&topology.networks) {
            let resource = format!("network/{id}");
            for Range { range, name, at } in ranges.get(&network).into_iter().flatten() {
                if self.is_unreachable(network, range) {
                    let message =
                        format!("what Cloud Run sends does not reach {name} of {resource}");
                    let finding = UNREACHABLE_RANGE.finding(message).at(*at);
                    self.report(finding.help("take another range").resource(&resource));
                }
            }
        }
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let Some(network) = topology.networks.id_of(&site.network.value) else { continue };
            let resource = format!("onprem/{id}");
            for range in &site.ranges {
                if self.is_unreachable(network, &range.value) {
                    let message = format!(
                        "what Cloud Run sends does not reach `{}` of {resource}",
                        range.value
                    );
                    let finding = UNREACHABLE_RANGE.finding(message).at(range.span);
                    self.report(finding.resource(&resource));
                }
            }
        }
    }

    /// Whether something of Cloud Run is in a network, and nothing of it gets to a range there.
    fn is_unreachable(&mut self, network: Id<Network>, range: &IpNet) -> bool {
        let seats = std::rc::Rc::clone(&self.seats);
        let sources = seats.of(network).filter_map(|each| self.engine.source(&each.resource));
        let sources: Vec<SourceId> = sources.collect();
        UNREACHABLE.contains(range)
            && !sources.is_empty()
            && sources.into_iter().all(|source| self.engine.never_to(source, range))
    }
}

impl Linter<'_, '_> {
    pub(super) fn ranges(&mut self) {
        let ranges = ranges_by_network(self.topology);
        let mut networks: Vec<Id<Network>> = ranges.keys().copied().collect();
        networks.sort_unstable();
        for network in &networks {
            self.special_ranges(*network, &ranges[network]);
        }
        self.sites_inside(&ranges);
        self.direct_subnets();
        self.public_ranges(&ranges);
    }

    fn special_ranges(&mut self, network: Id<Network>, ranges: &[Range]) {
        let (id, _) = self.topology.networks.at(network);
        let resource = format!("network/{id}");
        for Range { range, name, at } in ranges {
            if overlap(range, &DOCKER) {
                let message = format!("{name} of {resource} is in `{DOCKER}`");
                let finding = DOCKER_RANGE.finding(message).at(*at);
                self.report(finding.help("take another range").resource(&resource));
            }
        }
    }

    /// What of a site lies inside the subnets of its network.
    fn sites_inside(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let Some(network) = topology.networks.id_of(&site.network.value) else { continue };
            let ranges = ranges.get(&network).map_or(&[][..], Vec::as_slice);
            let resource = format!("onprem/{id}");
            for range in &site.ranges {
                if let Some(subnet) = holding(ranges, &range.value) {
                    let message =
                        format!("`{}` of {resource} is inside {}", range.value, subnet.name);
                    let finding = SITE_IN_SUBNET.finding(message).at(range.span);
                    self.report(finding.also(subnet.at, "goes first").resource(&resource));
                }
            }
        }
    }

    /// Subnets of Direct VPC egress that are too small, or in a range that is not supported.
    fn direct_subnets(&mut self) {
        let topology = self.topology;
        let mut seen: BTreeSet<(Id<Network>, String)> = BTreeSet::new();
        let mut found = Vec::new();
        for sending in self.seats.all() {
            let Some(name) = &sending.seat.subnet else { continue };
            let subnet = topology.networks[sending.seat.network].subnets.get(name);
            let Some(subnet) = subnet.filter(|_| sending.is_direct()) else { continue };
            for (range, at) in every(&subnet.range) {
                let first = seen.insert((sending.seat.network, name.clone()));
                if first && matches!(range, IpNet::V4(_)) && !is_private(range) {
                    let message = format!(
                        "the subnet `{name}` of {} is not in a supported range",
                        sending.resource
                    );
                    let finding = UNSUPPORTED_SUBNET.finding(message).at(at);
                    let finding = finding.also(sending.at, "used by Direct VPC egress");
                    found.push(finding.help("take a private range").resource(&sending.resource));
                }
                if range.prefix_len() <= 26 || matches!(range, IpNet::V6(_)) || !first {
                    continue;
                }
                let message =
                    format!("the subnet `{name}` of {} is smaller than a /26", sending.resource);
                let finding = SMALL_SUBNET.finding(message).at(at);
                let finding = finding.also(sending.at, "used by Direct VPC egress");
                let help = "take a /26 or larger";
                found.push(finding.help(help).resource(&sending.resource));
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// Public ranges in networks with senders that do not look for them there.
    fn public_ranges(&mut self, ranges: &HashMap<Id<Network>, Vec<Range>>) {
        let topology = self.topology;
        let mut missed: HashMap<Id<Network>, Vec<(Range, bool)>> = HashMap::new();
        for (network, own) in ranges {
            let public = own.iter().filter(|each| !is_private(&each.range));
            let public = public.filter(|each| matches!(each.range, IpNet::V4(_)));
            missed.entry(*network).or_default().extend(public.map(|each| (each.clone(), false)));
        }
        for (id, entry) in &topology.private_connections {
            let Some(network) = topology.networks.id_of(&entry.value.network.value) else {
                continue;
            };
            for range in &entry.value.ranges {
                if !is_private(&range.value) {
                    let name = format!("private_connection/{id}");
                    let own = Range { range: range.value, name, at: range.span };
                    missed.entry(network).or_default().push((own, true));
                }
            }
        }
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let Some(network) = topology.networks.id_of(&site.network.value) else { continue };
            for range in &site.ranges {
                // A line that carries everything has no range of its own.
                let own = matches!(range.value, IpNet::V4(_)) && range.value.prefix_len() > 1;
                if own && !is_private(&range.value) {
                    let name = format!("onprem/{id}");
                    let own = Range { range: range.value, name, at: range.span };
                    missed.entry(network).or_default().push((own, false));
                }
            }
        }
        let mut found = Vec::new();
        for sending in self.seats.all() {
            if sending.egress() != Some(Egress::PrivateRangesOnly) {
                continue;
            }
            let public = missed.get(&sending.seat.network).map_or(&[][..], Vec::as_slice);
            for managed in [false, true] {
                // The sender's own subnet is no destination of its own.
                let own = public.iter().filter(|(each, _)| Some(each.range) != sending.range);
                let Some((range, _)) = own.clone().find(|(_, kind)| *kind == managed) else {
                    continue;
                };
                let info = if managed { &PUBLIC_MANAGED_RANGE } else { &PUBLIC_RANGE_MISSED };
                let message = format!(
                    "{} does not send to `{}` by its network",
                    sending.resource, range.range
                );
                let finding = info.finding(message).at(sending.egress_at());
                let finding = finding.also(range.at, &range.name);
                found.push(finding.help("set `egress: all-traffic`").resource(&sending.resource));
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }
}
