//! What is in each network.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ConnectorPlace, Inventory, SubnetId, Workload, WorkloadId};
use crate::topology::Topology;
use crate::topology::dns::{DnsPolicy, ResponsePolicy, Zone};
use crate::topology::firewall::FirewallRule;
use crate::topology::hybrid::{NccSpoke, Site};
use crate::topology::network::{Connector, Nat, Network, Passthrough, SubnetPurpose, Vm};
use crate::topology::private_access::{PrivateConnection, PscEndpoint, RedisInstance, SqlInstance};
use crate::topology::record::{ById, Id, Map, Spanned};
use crate::topology::routing::{Peering, PolicyRoute, Route};

/// What is in a network, in the order of the topology.
#[derive(Debug, Default)]
pub struct InNetwork {
    /// The connectors that lead into it.
    pub connectors: Vec<Id<Connector>>,
    /// The machines in a subnet of it.
    pub vms: Vec<Id<Vm>>,
    /// What sends into it by Direct VPC egress.
    pub direct: Vec<WorkloadId>,
    /// The internal passthrough load balancers.
    pub passthroughs: Vec<Id<Passthrough>>,
    /// The endpoints of Private Service Connect.
    pub psc_endpoints: Vec<Id<PscEndpoint>>,
    /// Its private services access.
    pub private_connections: Vec<Id<PrivateConnection>>,
    /// The instances of Cloud SQL.
    pub sql_instances: Vec<Id<SqlInstance>>,
    /// The instances of Memorystore for Redis.
    pub redis_instances: Vec<Id<RedisInstance>>,
    /// The gateways of Cloud NAT.
    pub nats: Vec<Id<Nat>>,
    /// The static routes.
    pub routes: Vec<Id<Route>>,
    /// The policy-based routes.
    pub policy_routes: Vec<Id<PolicyRoute>>,
    /// The firewall rules.
    pub firewall_rules: Vec<Id<FirewallRule>>,
    /// The sites whose lines end in it.
    pub sites: Vec<Id<Site>>,
    /// The spokes that it, or one of these lines, is.
    pub spokes: Vec<Id<NccSpoke>>,
    /// Its own sides of peerings.
    pub peerings: Vec<Id<Peering>>,
    /// Of these the ones that the other side has set up, too, with that side (EGR-092).
    pub active_peerings: Vec<(Id<Peering>, Id<Peering>)>,
    /// The private zones that it sees.
    pub zones: Vec<Id<Zone>>,
    /// The response policies that hold in it.
    pub response_policies: Vec<Id<ResponsePolicy>>,
    /// The server policies that hold in it.
    pub dns_policies: Vec<Id<DnsPolicy>>,
}

type NetworkSet = ById<Network, InNetwork>;

/// Sorts the entries of maps into networks.
struct Sorter<'t> {
    topology: &'t Topology,
    networks: NetworkSet,
}

impl Sorter<'_> {
    /// Puts every entry of a map into the network that it names.
    fn one<T>(
        &mut self,
        map: &Map<T>,
        network: fn(&T) -> Option<&str>,
        list: fn(&mut InNetwork) -> &mut Vec<Id<T>>,
    ) {
        for (id, own) in map.with_ids() {
            let network = network(own).and_then(|name| self.topology.networks.id_of(name));
            if let Some(network) = network {
                list(&mut self.networks[network]).push(id);
            }
        }
    }

    /// Puts every entry of a map into all networks that it names.
    fn each<T>(
        &mut self,
        map: &Map<T>,
        names: fn(&T) -> &[Spanned<String>],
        list: fn(&mut InNetwork) -> &mut Vec<Id<T>>,
    ) {
        for (id, own) in map.with_ids() {
            for name in names(own) {
                let Some(network) = self.topology.networks.id_of(&name.value) else { continue };
                let list = list(&mut self.networks[network]);
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
    }
}

pub(super) fn index<'a, 't: 'a>(
    topology: &'t Topology,
    connectors: &ById<Connector, ConnectorPlace<'t>>,
    vms: &ById<Vm, Option<SubnetId>>,
    workloads: impl Iterator<Item = &'a Workload<'t>>,
    spokes: &ById<NccSpoke, Option<Id<Network>>>,
) -> NetworkSet {
    let mut found = ById::new(&topology.networks, |_| InNetwork::default());
    for (id, place) in connectors.iter() {
        if let Some(network) = place.network {
            found[network].connectors.push(id);
        }
    }
    for (id, subnet) in vms.iter() {
        if let Some(subnet) = subnet {
            found[subnet.network].vms.push(id);
        }
    }
    for workload in workloads {
        if let Some(subnet) = workload.direct {
            found[subnet.network].direct.push(workload.of);
        }
    }
    for (id, network) in spokes.iter() {
        if let Some(network) = network {
            found[*network].spokes.push(id);
        }
    }
    let mut into = Sorter { topology, networks: found };
    let own = topology;
    into.one(&own.passthrough_load_balancers, |it| Some(&it.network), |it| &mut it.passthroughs);
    into.one(&own.psc_endpoints, |it| Some(&it.network), |it| &mut it.psc_endpoints);
    into.one(&own.private_connections, |it| Some(&it.network), |it| &mut it.private_connections);
    into.one(
        &own.sql_instances,
        |it| it.network.as_ref().map(|name| name.value.as_str()),
        |it| &mut it.sql_instances,
    );
    into.one(&own.redis_instances, |it| Some(&it.network), |it| &mut it.redis_instances);
    into.one(&own.nats, |it| it.network.known().map(String::as_str), |it| &mut it.nats);
    into.one(&own.routes, |it| Some(&it.network), |it| &mut it.routes);
    into.one(&own.policy_routes, |it| Some(&it.network), |it| &mut it.policy_routes);
    into.one(&own.firewall_rules, |it| Some(&it.network), |it| &mut it.firewall_rules);
    into.one(&own.onprem, |it| Some(&it.network), |it| &mut it.sites);
    into.one(&own.peerings, |it| Some(&it.network), |it| &mut it.peerings);
    into.each(&own.zones, |it| &it.networks, |it| &mut it.zones);
    into.each(&own.response_policies, |it| &it.networks, |it| &mut it.response_policies);
    into.each(&own.dns_policies, |it| &it.networks, |it| &mut it.dns_policies);
    let mut found = into.networks;
    add_active_peerings(topology, &mut found);
    found
}

/// The peerings that both sides have set up.
fn add_active_peerings(topology: &Topology, networks: &mut NetworkSet) {
    let mut sides: FxHashMap<(&str, &str), Id<Peering>> = FxHashMap::default();
    for (id, side) in topology.peerings.with_ids() {
        sides.entry((&side.network.value, &side.peer.value)).or_insert(id);
    }
    for (id, side) in topology.peerings.with_ids() {
        let other = sides.get(&(side.peer.value.as_str(), side.network.value.as_str()));
        let network = topology.networks.id_of(&side.network.value);
        if let (Some(network), Some(other)) = (network, other) {
            networks[network].active_peerings.push((id, *other));
        }
    }
}

/// The accounts that firewall rules name as targets.
pub(super) fn firewall_targets(topology: &Topology) -> FxHashSet<&str> {
    let of_rules = topology.firewall_rules.values().map(|each| &each.target_service_accounts);
    let of_policies = topology
        .firewall_policies
        .values()
        .flat_map(|policy| &policy.rules)
        .map(|each| &each.target_service_accounts);
    of_rules.chain(of_policies).flatten().map(|each| each.value.as_str()).collect()
}

impl<'t> Inventory<'t> {
    /// What is in a network.
    pub fn network(&self, network: Id<Network>) -> &InNetwork {
        &self.networks[network]
    }

    /// The peerings of a network that both sides have set up: the own side, and the other
    /// (EGR-092).
    pub fn active_peerings(
        &self,
        network: Id<Network>,
    ) -> impl Iterator<Item = (&'t Peering, &'t Peering)> {
        let peerings = &self.topology.peerings;
        let active = self.networks[network].active_peerings.iter();
        active.map(|(own, other)| (&peerings[*own], &peerings[*other]))
    }

    /// Whether a network has a subnet for proxies of a kind of internal load balancers (ING-112),
    /// in a region if one is given.
    pub fn has_proxy_subnet(
        &self,
        network: Id<Network>,
        purpose: SubnetPurpose,
        region: Option<&str>,
    ) -> bool {
        self.topology.has_proxy_subnet(network, purpose, region)
    }

    /// Whether a firewall rule is for endpoints that run as an account.
    pub fn is_firewall_target(&self, account: &str) -> bool {
        self.firewall_targets.contains(account)
    }
}
