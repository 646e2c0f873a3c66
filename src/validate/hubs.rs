//! Hubs of Network Connectivity Center, and networks that the topology does not have.

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

use super::Checker;
use crate::inventory::attachments::overlap;
use crate::inventory::ranges::{Range, ranges_by_network};
use crate::source::Span;
use crate::source::codes;
use crate::topology::hybrid::{HubTopology, NccHub, NccSpoke};
use crate::topology::network::NatKind;
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::record::Spanned;

codes! {
    SPOKE_OF_NOTHING = Error "spoke-of-nothing" "EGR-164" {
        "a spoke that is neither a network nor lines, or both",
        "a spoke is one network, or the lines of a site",
        "ncc_hubs:
  core: {}
ncc_spokes:
  prod: {hub: core}
",
    }
    NETWORK_OF_TWO_SPOKES = Error "network-of-two-spokes" "EGR-164" {
        "a network that is a spoke twice",
        "a network is a spoke of one hub at a time",
        "networks:
  prod: {}
ncc_hubs:
  core: {}
  other: {}
ncc_spokes:
  one: {hub: core, network: prod}
  two: {hub: other, network: prod}
",
    }
    SPOKE_GROUP = Error "spoke-group" "EGR-164" {
        "a spoke without a group in a star, or with one in a mesh",
        "a spoke of a star is in the center or at the edge; a mesh has no groups",
        "networks:
  prod: {}
ncc_hubs:
  core: {topology: star}
ncc_spokes:
  prod: {hub: core, network: prod}
",
    }
    OVERLAPPING_SPOKES = Error "overlapping-spokes" "EGR-164" {
        "spokes of a hub whose ranges overlap",
        "the ranges that spokes give to a hub cannot overlap",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/16}}}
  data: {subnets: {vms: {region: europe-west1, range: 10.0.1.0/24}}}
ncc_hubs:
  core: {}
ncc_spokes:
  prod: {hub: core, network: prod}
  data: {hub: core, network: data}
",
    }
    PEERED_SPOKES = Error "peered-spokes" "EGR-164" {
        "spokes of a hub that are peered as well",
        "a spoke may be peered with a network that is no spoke of its hub",
        "networks:
  prod: {}
  data: {}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
ncc_hubs:
  core: {}
ncc_spokes:
  prod: {hub: core, network: prod}
  data: {hub: core, network: data}
",
    }
    CLASSIC_SPOKE = Error "classic-spoke" "EGR-164" {
        "a spoke of a Classic VPN tunnel",
        "a hub takes HA VPN tunnels and VLAN attachments, which have BGP",
        "networks:
  prod: {}
onprem:
  office: {network: prod, region: europe-west1, lines: classic-vpn, ranges: [192.168.0.0/16]}
routes:
  office: {network: prod, destination: 192.168.0.0/16, next_hop: onprem/office}
ncc_hubs:
  core: {}
ncc_spokes:
  office: {hub: core, site: office}
",
    }
    SITES_OF_TWO_NETWORKS = Error "sites-of-two-networks" "EGR-164" {
        "site-to-site data transfer between lines of two networks",
        "spokes with site-to-site data transfer have their lines in one network",
        "networks:
  prod: {}
  data: {}
onprem:
  office: {network: prod, region: europe-west1, ranges: [192.168.0.0/24]}
  branch: {network: data, region: europe-west1, ranges: [192.168.1.0/24]}
ncc_hubs:
  core: {}
ncc_spokes:
  office: {hub: core, site: office, site_to_site: true}
  branch: {hub: core, site: branch, site_to_site: true}
",
    }
    PRIVATE_NAT_HUB = Error "private-nat-hub" "EGR-074" {
        "a gateway for a hub that its network is no spoke of",
        "a private gateway translates for the hub that its network is a spoke of",
        "networks:
  prod:
    subnets: {translation: {region: europe-west1, range: 10.9.0.0/24, purpose: private-nat}}
ncc_hubs:
  core: {}
nats:
  between:
    network: prod
    region: europe-west1
    kind: private
    hub: core
    private_subnets: [translation]
",
    }
    RANGES_OF_A_KNOWN_NETWORK = Error "ranges-of-a-known-network" "EGR-165" {
        "ranges of a network that the topology has",
        "only what goes to a network that is not described ends at its peering or spoke",
        "networks:
  prod: {}
  data: {}
peerings:
  out: {network: prod, peer: data, ranges: [10.0.0.0/16]}
  back: {network: data, peer: prod}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn hubs(&mut self) {
        let topology = self.topology;
        let mut networks: HashMap<&str, (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.ncc_spokes {
            let spoke = &entry.value;
            let resource = format!("ncc_spoke/{id}");
            self.spoke_of(spoke, entry.key_span, &resource);
            if let Some(hub) = topology.ncc_hubs.get(&spoke.hub.value) {
                self.group(spoke, hub, entry.key_span, &resource);
            }
            if let Some(network) = &spoke.network
                && let Some((other, first)) = networks.insert(&network.value, (id, network.span))
            {
                let message =
                    format!("network/{} is ncc_spoke/{other} and ncc_spoke/{id}", network.value);
                let finding = NETWORK_OF_TWO_SPOKES.finding(message).at(network.span);
                self.report(finding.also(first, "also here").resource(&resource));
            }
            if let Some(network) = &spoke.network {
                self.known_network(network, &spoke.ranges, &resource);
            }
        }
        let ranges = ranges_by_network(topology);
        for (hub, (id, _)) in topology.ncc_hubs.ids().zip(&topology.ncc_hubs) {
            self.overlapping_spokes(hub, id, &ranges);
            self.transfers(hub);
        }
        self.peered_spokes();
        for (id, entry) in &topology.peerings {
            let side = &entry.value;
            self.known_network(&side.peer, &side.ranges, &format!("peering/{id}"));
        }
        self.gateways_of_hubs();
    }

    fn spoke_of(&mut self, spoke: &NccSpoke, key: Span, resource: &str) {
        match (&spoke.network, &spoke.site) {
            (None, None) => {
                let message = format!("{resource} is neither a network nor the lines of a site");
                let finding = SPOKE_OF_NOTHING.finding(message).at(key);
                self.report(finding.help("add `network` or `site`").resource(resource));
            }
            (Some(network), Some(site)) => {
                let message = format!("{resource} is a network and the lines of a site");
                let finding = SPOKE_OF_NOTHING.finding(message).at(site.span);
                let finding = finding.also(network.span, "the network");
                self.report(finding.help("make two spokes of it").resource(resource));
            }
            (None, Some(site)) => {
                let lines = self.topology.onprem.get(&site.value).map(|site| site.each_line());
                let classic = lines.into_iter().flatten().find(|line| !line.is_dynamic());
                if let Some(classic) = classic {
                    let message = format!("{resource} has a Classic VPN tunnel");
                    let finding = CLASSIC_SPOKE.finding(message).at(site.span);
                    self.report(finding.also(classic.at, "this line").resource(resource));
                }
            }
            (Some(_), None) => {}
        }
    }

    fn group(&mut self, spoke: &NccSpoke, hub: &NccHub, key: Span, resource: &str) {
        let star = hub.topology.as_ref().filter(|own| own.value == HubTopology::Star);
        match (star, &spoke.group) {
            (Some(star), None) => {
                let message = format!("{resource} is in no group");
                let finding = SPOKE_GROUP.finding(message).at(key);
                let finding = finding.also(star.span, "a star");
                let help = "add `group: center` or `group: edge`";
                self.report(finding.help(help).resource(resource));
            }
            (None, Some(group)) => {
                let message = format!("{resource} is in a group, and its hub is a mesh");
                let finding = SPOKE_GROUP.finding(message).at(group.span);
                let help = format!("set `topology: star` on ncc_hub/{}", spoke.hub.value);
                self.report(finding.help(help).resource(resource));
            }
            _ => {}
        }
    }

    /// Ranges beside the name of a network that the topology has.
    fn known_network(
        &mut self,
        network: &Spanned<String>,
        ranges: &[Spanned<IpNet>],
        resource: &str,
    ) {
        let Some(first) = ranges.first() else { return };
        if self.topology.networks.contains(&network.value) {
            let message =
                format!("{resource} says the ranges of network/{}, which is here", network.value);
            let finding = RANGES_OF_A_KNOWN_NETWORK.finding(message).at(first.span);
            let finding = finding.also(network.span, "the network");
            self.report(finding.help("leave `ranges` out").resource(resource));
        }
    }

    /// What the spokes of a hub give to it, in the order of addresses: wider ranges first.
    fn overlapping_spokes(
        &mut self,
        hub: Id<NccHub>,
        id: &str,
        ranges: &HashMap<Id<Network>, Vec<Range>>,
    ) {
        let topology = self.topology;
        let mut given: Vec<(IpNet, Id<NccSpoke>, String, Span)> = Vec::new();
        for (index, spoke) in topology.spokes_of(hub) {
            let Some(network) = &spoke.network else { continue };
            let own = topology.networks.id_of(&network.value);
            let own = own.and_then(|own| ranges.get(&own)).into_iter().flatten();
            let own = own.map(|each| (each.range, each.name.clone(), each.at));
            let name = format!("network/{}", network.value);
            let foreign = spoke.ranges.iter().map(|each| (each.value, name.clone(), each.span));
            for (range, name, at) in own.chain(foreign) {
                if spoke.exports(&range) {
                    given.push((range, index, name, at));
                }
            }
        }
        given.sort_by_key(|(range, index, ..)| (range.network(), range.prefix_len(), *index));
        let name = |index: Id<NccSpoke>| topology.ncc_spokes.key(index);
        let mut said: HashSet<(Id<NccSpoke>, Id<NccSpoke>)> = HashSet::new();
        let mut widest: Option<&(IpNet, Id<NccSpoke>, String, Span)> = None;
        let mut found = Vec::new();
        for each in &given {
            let Some(wide) = widest.filter(|wide| overlap(&wide.0, &each.0)) else {
                widest = Some(each);
                continue;
            };
            if wide.1 == each.1 || !said.insert((wide.1, each.1)) {
                continue;
            }
            let message = format!(
                "ncc_spoke/{} and ncc_spoke/{} cannot both be of ncc_hub/{id}: `{}` and `{}` overlap",
                name(wide.1),
                name(each.1),
                wide.0,
                each.0
            );
            let finding = OVERLAPPING_SPOKES.finding(message).at(each.3);
            let finding = finding.also(wide.3, &wide.2);
            let help = "name one of them in `exclude_ranges` of its spoke";
            found.push(finding.help(help).resource(format!("ncc_hub/{id}")));
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    fn peered_spokes(&mut self) {
        let topology = self.topology;
        let mut hubs: HashMap<&str, Vec<&str>> = HashMap::new();
        for spoke in topology.ncc_spokes.values() {
            if let Some(network) = &spoke.network {
                hubs.entry(&network.value).or_default().push(&spoke.hub.value);
            }
        }
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        for (id, entry) in &topology.peerings {
            let (own, peer) = (&*entry.value.network.value, &*entry.value.peer.value);
            let of = |network: &str| hubs.get(network).map_or(&[][..], Vec::as_slice);
            let Some(hub) = of(own).iter().find(|hub| of(peer).contains(hub)) else { continue };
            if own == peer || !seen.insert((own.min(peer), own.max(peer))) {
                continue;
            }
            let message = format!("network/{own} and network/{peer} are spokes of ncc_hub/{hub}");
            let finding = PEERED_SPOKES.finding(message).at(entry.key_span);
            let help = "leave the peering out, or one of the spokes";
            self.report(finding.help(help).resource(format!("peering/{id}")));
        }
    }

    /// Site-to-site data transfer between lines of one network.
    fn transfers(&mut self, hub: Id<NccHub>) {
        let topology = self.topology;
        let mut first: Option<(Id<Network>, Span)> = None;
        let mut found = Vec::new();
        for (index, spoke) in topology.spokes_of(hub) {
            let Some(on) = spoke.site_to_site.as_ref().filter(|on| on.value) else { continue };
            let Some(network) = topology.spoke_network(spoke) else { continue };
            let (other, at) = *first.get_or_insert((network, on.span));
            if other == network {
                continue;
            }
            let id = topology.ncc_spokes.key(index);
            let name = |index: Id<Network>| topology.networks.key(index);
            let message = format!(
                "ncc_spoke/{id} passes data on in network/{}, another in network/{}",
                name(network),
                name(other)
            );
            let finding = SITES_OF_TWO_NETWORKS.finding(message).at(on.span);
            found.push(finding.also(at, "the other one").resource(format!("ncc_spoke/{id}")));
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    fn gateways_of_hubs(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let resource = format!("nat/{id}");
            let Some(hub) = &nat.hub else { continue };
            if nat.kind() != NatKind::Private {
                let message = format!("{resource} is for ncc_hub/{}, and not private", hub.value);
                let finding = PRIVATE_NAT_HUB.finding(message).at(hub.span);
                self.report(finding.help("set `kind: private`").resource(&resource));
                continue;
            }
            let Some(network) = nat.network.known() else { continue };
            let is_spoke = topology.ncc_spokes.values().any(|spoke| {
                spoke.hub.value == hub.value
                    && spoke.network.as_ref().is_some_and(|own| own.value == *network)
            });
            if !is_spoke && topology.ncc_hubs.contains(&hub.value) {
                let message = format!("network/{network} is no spoke of ncc_hub/{}", hub.value);
                let finding = PRIVATE_NAT_HUB.finding(message).at(hub.span);
                let finding = finding.also(nat.network.span, "the gateway's network");
                let help = format!("add a spoke with `network: {network}`");
                self.report(finding.help(help).resource(&resource));
            }
        }
    }
}
