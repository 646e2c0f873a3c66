//! Ranges of networks, and addresses in them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::Checker;
use crate::inventory::attachments::{is_private, overlap};
use crate::source::Span;
use crate::source::codes;
use crate::topology::record::every;
use crate::topology::service::Egress;

codes! {
    OVERLAPPING_RANGES = Error "overlapping-ranges" "EGR-022" {
        "ranges of a network that overlap",
        "nothing else may use the range of a subnet or connector in its network",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/16}
      vms: {region: europe-west1, range: 10.0.1.0/24}
",
    }
    OVERLAPPING_PEERS = Error "overlapping-peers" "EGR-092" {
        "peered networks whose ranges overlap",
        "networks with overlapping subnets cannot be peered",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/16}}}
  data: {subnets: {vms: {region: europe-west1, range: 10.0.1.0/24}}}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
",
    }
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

/// The Docker bridge (EGR-157).
const DOCKER: IpNet = IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 17, 0, 0), 16));

/// What Cloud Run cannot reach (EGR-237).
const UNREACHABLE: IpNet =
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 1, 0), 24));

/// A range of a network: whose it is, and where it stands.
#[derive(Clone)]
pub(super) struct Range {
    pub range: IpNet,
    pub name: String,
    pub at: Span,
}

impl<'t> Checker<'t, '_> {
    pub(super) fn ranges(&mut self) {
        let ranges = self.ranges_by_network();
        let mut networks: Vec<usize> = ranges.keys().copied().collect();
        networks.sort_unstable();
        for network in &networks {
            self.overlapping(*network, &ranges[network]);
            self.special_ranges(*network, &ranges[network]);
        }
        self.allocated_ranges(&ranges);
        self.overlapping_peers(&ranges);
        self.sites_inside(&ranges);
        self.direct_subnets();
        self.public_ranges(&ranges);
    }

    /// The ranges of subnets and connectors, by the network's index, in the order of addresses.
    pub(super) fn ranges_by_network(&self) -> HashMap<usize, Vec<Range>> {
        let topology = self.topology;
        let mut ranges: HashMap<usize, Vec<Range>> = HashMap::new();
        for (index, (_, entry)) in topology.networks.iter().enumerate() {
            for (name, subnet) in &entry.value.subnets {
                let own = ranges.entry(index).or_default();
                let both = subnet.value.range.iter().chain(&subnet.value.ipv6_range);
                for field in both {
                    let Some(range) = field.known() else { continue };
                    let (name, at) = (format!("the subnet `{name}`"), field.span);
                    own.push(Range { range: *range, name, at });
                }
                for (secondary, range) in &subnet.value.secondary {
                    let name = format!("the range `{secondary}` of the subnet `{name}`");
                    own.push(Range { range: range.value.value, name, at: range.value.span });
                }
            }
        }
        for (id, entry) in &topology.connectors {
            let connector = &entry.value;
            if let Some(field) = &connector.range
                && let Some(range) = field.known()
                && let Some((network, None)) = topology.connector_network(connector)
            {
                let name = format!("connector/{id}");
                let range = Range { range: *range, name, at: field.span };
                ranges.entry(network).or_default().push(range);
            }
        }
        for own in ranges.values_mut() {
            own.sort_by_key(|each| (each.range.network(), each.range.prefix_len()));
        }
        ranges
    }

    fn overlapping(&mut self, network: usize, ranges: &[Range]) {
        let Some((id, _)) = self.topology.networks.get_index(network) else { return };
        let resource = format!("network/{id}");
        let mut widest: Option<&Range> = None;
        for each in ranges {
            if let Some(wide) = widest
                && wide.range.contains(&each.range)
            {
                let message = format!(
                    "{} and {} of {resource} overlap: `{}` contains `{}`",
                    wide.name, each.name, wide.range, each.range
                );
                let finding = OVERLAPPING_RANGES.finding(message).at(each.at);
                self.report(finding.also(wide.at, "the wider range").resource(&resource));
            } else {
                widest = Some(each);
            }
        }
    }

    /// Ranges for managed services are set aside: no subnet has a part of them.
    fn allocated_ranges(&mut self, ranges: &HashMap<usize, Vec<Range>>) {
        let topology = self.topology;
        for (id, entry) in &topology.private_connections {
            let network = &entry.value.network.value;
            let index = topology.networks.index_of(network);
            let own = index.and_then(|index| ranges.get(&index)).map_or(&[][..], Vec::as_slice);
            for range in &entry.value.ranges {
                let Some(subnet) = own.iter().find(|each| overlap(&each.range, &range.value))
                else {
                    continue;
                };
                let message = format!(
                    "`{}` of private_connection/{id} and {} of network/{network} overlap",
                    range.value, subnet.name
                );
                let finding = OVERLAPPING_RANGES.finding(message).at(range.span);
                let finding = finding.also(subnet.at, "its range");
                self.report(finding.resource(format!("private_connection/{id}")));
            }
        }
    }

    /// Each pair of peered networks once, by merging their ranges.
    fn overlapping_peers(&mut self, ranges: &HashMap<usize, Vec<Range>>) {
        let topology = self.topology;
        let mut seen: HashSet<(usize, usize)> = HashSet::new();
        for (id, entry) in &topology.peerings {
            let index = |id: &str| topology.networks.index_of(id);
            let (Some(own), Some(peer)) =
                (index(&entry.value.network.value), index(&entry.value.peer.value))
            else {
                continue;
            };
            if own == peer || !seen.insert((own.min(peer), own.max(peer))) {
                continue;
            }
            let of = |network: usize| ranges.get(&network).map_or(&[][..], Vec::as_slice);
            let Some((one, other)) = common(of(own), of(peer)) else { continue };
            let message = format!(
                "network/{} and network/{} cannot be peered: `{}` and `{}` overlap",
                entry.value.network.value, entry.value.peer.value, one.range, other.range
            );
            let finding = OVERLAPPING_PEERS.finding(message).at(entry.key_span);
            let finding = finding.also(one.at, &one.name).also(other.at, &other.name);
            self.report(finding.resource(format!("peering/{id}")));
        }
    }

    fn special_ranges(&mut self, network: usize, ranges: &[Range]) {
        let Some((id, _)) = self.topology.networks.get_index(network) else { return };
        let resource = format!("network/{id}");
        let reached = self.seats.of(network).next().is_some();
        for each in ranges {
            let Range { range, name, at } = each;
            if overlap(range, &DOCKER) {
                let message = format!("{name} of {resource} is in `{DOCKER}`");
                let finding = DOCKER_RANGE.finding(message).at(*at);
                self.report(finding.help("take another range").resource(&resource));
            }
            if reached && UNREACHABLE.contains(range) {
                let message = format!("what Cloud Run sends does not reach {name} of {resource}");
                let finding = UNREACHABLE_RANGE.finding(message).at(*at);
                self.report(finding.help("take another range").resource(&resource));
            }
        }
    }

    /// What of a site lies inside the subnets of its network.
    fn sites_inside(&mut self, ranges: &HashMap<usize, Vec<Range>>) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let Some(network) = topology.networks.index_of(&site.network.value) else { continue };
            let reached = self.seats.of(network).next().is_some();
            let ranges = ranges.get(&network).map_or(&[][..], Vec::as_slice);
            let resource = format!("onprem/{id}");
            for range in &site.ranges {
                if let Some(subnet) = holding(ranges, &range.value) {
                    let message =
                        format!("`{}` of {resource} is inside {}", range.value, subnet.name);
                    let finding = SITE_IN_SUBNET.finding(message).at(range.span);
                    self.report(finding.also(subnet.at, "goes first").resource(&resource));
                }
                if reached && UNREACHABLE.contains(&range.value) {
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

    /// Subnets of Direct VPC egress that are too small, or in a range that is not supported.
    fn direct_subnets(&mut self) {
        let topology = self.topology;
        let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut found = Vec::new();
        for sending in self.seats.all() {
            let Some(name) = &sending.seat.subnet else { continue };
            let network = topology.networks.get_index(sending.seat.network);
            let subnet = network.and_then(|(_, entry)| entry.value.subnets.get(name));
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
    fn public_ranges(&mut self, ranges: &HashMap<usize, Vec<Range>>) {
        let topology = self.topology;
        let mut missed: HashMap<usize, Vec<(Range, bool)>> = HashMap::new();
        for (network, own) in ranges {
            let public = own.iter().filter(|each| !is_private(&each.range));
            let public = public.filter(|each| matches!(each.range, IpNet::V4(_)));
            missed.entry(*network).or_default().extend(public.map(|each| (each.clone(), false)));
        }
        for (id, entry) in &topology.private_connections {
            let Some(network) = topology.networks.index_of(&entry.value.network.value) else {
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
            let Some(network) = topology.networks.index_of(&site.network.value) else { continue };
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

/// The range that holds another, among ranges in the order of addresses.
pub(super) fn holding<'a>(ranges: &'a [Range], inner: &IpNet) -> Option<&'a Range> {
    ranges.iter().find(|each| each.range.contains(inner))
}

/// The range that holds an address.
pub(super) fn holding_address<'a>(ranges: &'a [Range], address: &IpAddr) -> Option<&'a Range> {
    ranges.iter().find(|each| each.range.contains(address))
}

/// A range of each list that overlap. Both are in the order of addresses.
fn common<'a>(one: &'a [Range], other: &'a [Range]) -> Option<(&'a Range, &'a Range)> {
    let (mut at, mut beside) = (0, 0);
    while let (Some(left), Some(right)) = (one.get(at), other.get(beside)) {
        if overlap(&left.range, &right.range) {
            return Some((left, right));
        }
        if left.range.broadcast() < right.range.broadcast() { at += 1 } else { beside += 1 }
    }
    None
}
