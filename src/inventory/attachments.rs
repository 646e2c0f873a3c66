//! Who sends from inside networks, and where names of Google lead there; no findings.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::inventory::relations::{Seat, seat};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::network::Connector;
use crate::topology::record::{Field, Spanned};
use crate::topology::service::{Egress, VpcAccess};

use crate::rules::ranges::VIPS;

/// A service, job or worker pool that sends into a network.
pub(crate) struct Sending<'t> {
    pub resource: String,
    pub access: &'t VpcAccess,
    pub seat: Seat,
    /// Where it says how it is attached.
    pub at: Span,
    /// The addresses that its packets come from.
    pub range: Option<IpNet>,
    /// The account that it runs as, if it names one.
    pub account: Option<&'t str>,
}

impl Sending<'_> {
    /// Its egress setting, if it is known.
    pub fn egress(&self) -> Option<Egress> {
        self.access.egress().known()
    }

    /// Where its egress setting stands, or else how it is attached.
    pub fn egress_at(&self) -> Span {
        self.access.egress.as_ref().map_or(self.at, |egress| egress.span)
    }

    /// Whether it sends directly, without a connector.
    pub fn is_direct(&self) -> bool {
        self.access.connector.is_none()
    }
}

/// Everything that sends from inside networks.
pub(crate) struct Seats<'t> {
    sending: Vec<Sending<'t>>,
    by_network: HashMap<Id<Network>, Vec<usize>>,
    /// The regions that something sends from, by network: Cloud Run, machines, lines of sites.
    regions: HashMap<Id<Network>, BTreeSet<&'t str>>,
    /// The networks behind the active peerings of a network.
    near: HashMap<Id<Network>, BTreeSet<Id<Network>>>,
    /// The networks that something sends to from another spoke of their hub.
    by_hub: HashSet<Id<Network>>,
}

impl<'t> Seats<'t> {
    pub fn new(topology: &'t Topology) -> Self {
        let services = topology.services.iter().map(|(id, entry)| {
            let service = &entry.value;
            (format!("service/{id}"), &service.vpc_access, &service.service_account)
        });
        let jobs = topology.jobs.iter().map(|(id, entry)| {
            let job = &entry.value;
            (format!("job/{id}"), &job.vpc_access, &job.service_account)
        });
        let mut sending = Vec::new();
        let pools = topology.worker_pools.iter().map(|(id, entry)| {
            let pool = &entry.value;
            (format!("worker_pool/{id}"), &pool.vpc_access, &pool.service_account)
        });
        for (resource, access, account) in services.chain(jobs).chain(pools) {
            let Some(access) = access else { continue };
            let Some(seat) = seat(topology, access) else { continue };
            let place =
                access.connector.as_ref().or(access.subnet.as_ref()).or(access.network.as_ref());
            let connector = access.connector.as_ref().and_then(Field::known);
            let connector = connector.and_then(|id| topology.connectors.get(id));
            let range = match (connector, &seat.subnet) {
                (_, Some(subnet)) => topology.subnet_range(seat.network, subnet),
                (Some(connector), None) => {
                    connector.range.as_ref().and_then(|own| own.known()).copied()
                }
                (None, None) => None,
            };
            let at = place.map_or(access.span, |place| place.span);
            let account = account.as_ref().and_then(Field::known).map(String::as_str);
            sending.push(Sending { resource, access, seat, at, range, account });
        }
        let mut by_network: HashMap<Id<Network>, Vec<usize>> = HashMap::new();
        for (index, each) in sending.iter().enumerate() {
            by_network.entry(each.seat.network).or_default().push(index);
        }
        let mut regions: HashMap<Id<Network>, BTreeSet<&'t str>> = HashMap::new();
        for each in &sending {
            let region = match each.access.connector.as_ref().and_then(Field::known) {
                Some(id) => {
                    let connector = topology.connectors.get(id);
                    connector.and_then(|connector| topology.connector_region(connector))
                }
                None => {
                    let subnet = each.seat.subnet.as_ref();
                    subnet.and_then(|subnet| topology.subnet_region(each.seat.network, subnet))
                }
            };
            regions.entry(each.seat.network).or_default().extend(region);
        }
        for vm in topology.vms.values() {
            let seat = topology.subnet(Some(&vm.network.value), &vm.subnet.value);
            let Some((network, subnet)) = seat else { continue };
            regions.entry(network).or_default().extend(topology.subnet_region(network, &subnet));
        }
        for site in topology.onprem.values() {
            let Some(network) = topology.networks.id_of(&site.network.value) else { continue };
            let lines = site.each_line().into_iter();
            regions.entry(network).or_default().extend(lines.map(|line| line.region));
        }
        let index = |id: &str| topology.networks.id_of(id);
        let sides: HashSet<(Id<Network>, Id<Network>)> = topology
            .peerings
            .values()
            .filter_map(|side| Some((index(&side.network.value)?, index(&side.peer.value)?)))
            .collect();
        let mut near: HashMap<Id<Network>, BTreeSet<Id<Network>>> = HashMap::new();
        for (one, other) in &sides {
            if one != other && sides.contains(&(*other, *one)) {
                near.entry(*one).or_default().insert(*other);
            }
        }
        let mut by_hub: HashSet<Id<Network>> = HashSet::new();
        for hub in topology.ncc_hubs.ids() {
            let spokes = topology.spokes_of(hub).filter_map(|(_, own)| topology.spoke_network(own));
            let networks: BTreeSet<Id<Network>> = spokes.collect();
            let mut senders = networks.iter().filter(|network| regions.contains_key(network));
            let (first, second) = (senders.next(), senders.next());
            let reached =
                |own: &&Id<Network>| second.is_some() || first.is_some_and(|it| it != *own);
            by_hub.extend(networks.iter().filter(reached));
        }
        Seats { sending, by_network, regions, near, by_hub }
    }

    /// The services, jobs and worker pools that send into a network.
    pub fn of(&self, network: Id<Network>) -> impl Iterator<Item = &Sending<'t>> + Clone {
        let here = self.by_network.get(&network).map_or(&[][..], Vec::as_slice);
        here.iter().filter_map(|index| self.sending.get(*index))
    }

    /// All services, jobs and worker pools that send into a network.
    pub fn all(&self) -> &[Sending<'t>] {
        &self.sending
    }

    /// The regions in which something sends into a network.
    pub fn regions(&self, network: Id<Network>) -> Option<&BTreeSet<&'t str>> {
        self.regions.get(&network)
    }

    /// Whether anything sends into a network.
    pub fn any(&self, network: Id<Network>) -> bool {
        self.regions.contains_key(&network)
    }

    /// Whether anything sends to a network from another spoke of its hub.
    pub fn reached_by_hub(&self, network: Id<Network>) -> bool {
        self.by_hub.contains(&network)
    }

    /// The networks behind the active peerings of a network.
    pub fn near(&self, network: Id<Network>) -> impl Iterator<Item = Id<Network>> + Clone {
        self.near.get(&network).into_iter().flatten().copied()
    }

    /// The networks two peerings away that are not peered themselves.
    pub fn far(&self, network: Id<Network>) -> BTreeSet<Id<Network>> {
        let near: BTreeSet<Id<Network>> = self.near(network).collect();
        let far = near.iter().flat_map(|peer| self.near(*peer));
        far.filter(|peer| *peer != network && !near.contains(peer)).collect()
    }
}

/// The addresses of a connector's instances.
pub(crate) fn connector_ranges(topology: &Topology, connector: &Connector) -> Vec<IpNet> {
    match topology.connector_network(connector) {
        Some((network, Some(subnet))) => {
            topology.subnet_range(network, &subnet).into_iter().collect()
        }
        _ => connector.range.as_ref().and_then(Field::known).copied().into_iter().collect(),
    }
}

/// Whether two ranges have an address in common.
pub(crate) fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// Whether one of some ids is that of a network.
pub(crate) fn names_network(
    topology: &Topology,
    list: &[Spanned<String>],
    network: Id<Network>,
) -> bool {
    list.iter().any(|each| topology.networks.id_of(&each.value) == Some(network))
}

/// Where zones of a network lead names of Google: its virtual addresses, as far as they are
/// named, and endpoints for its APIs.
pub(crate) fn google_ways(topology: &Topology, network: Id<Network>) -> Vec<IpNet> {
    let endpoints: Vec<IpAddr> = api_endpoints(topology, network).collect();
    let way = |value: &Spanned<String>| match clean(&value.value).as_str() {
        "private.googleapis.com" => Some(VIPS[0]),
        "restricted.googleapis.com" => Some(VIPS[1]),
        text => {
            let address = text.parse::<IpAddr>().ok()?;
            let virtual_range = VIPS.into_iter().find(|range| range.contains(&address));
            let endpoint = endpoints.contains(&address).then(|| IpNet::from(address));
            virtual_range.or(endpoint)
        }
    };
    let here = |networks: &[Spanned<String>]| names_network(topology, networks, network);
    let zones = topology.zones.values().filter(|zone| here(&zone.networks));
    let policies = topology.response_policies.values().filter(|own| here(&own.networks));
    let records = zones.map(|zone| &zone.records).chain(policies.map(|policy| &policy.rules));
    let mut ways: Vec<IpNet> =
        records.flat_map(|records| records.values().flatten().filter_map(way)).collect();
    ways.sort_unstable();
    ways.dedup();
    ways
}

/// Whether zones of a network lead names of Google to its virtual addresses.
pub(crate) fn leads_to_google(topology: &Topology, network: Id<Network>) -> bool {
    !google_ways(topology, network).is_empty()
}

/// The addresses of a network's endpoints for Google APIs, as far as they are known.
pub(crate) fn api_endpoints(
    topology: &Topology,
    network: Id<Network>,
) -> impl Iterator<Item = IpAddr> {
    topology.psc_endpoints.values().filter_map(move |endpoint| {
        let here = topology.networks.id_of(&endpoint.network.value) == Some(network);
        let for_apis = here && !endpoint.target.value.contains('/');
        for_apis.then(|| endpoint.address.known().copied()).flatten()
    })
}

/// A domain in lower case, without the dot at its end.
pub(crate) fn clean(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}
