//! What listens inside networks: load balancers, machines, endpoints, managed databases (ING-109
//! to ING-112, EGR-149 to EGR-172).

use crate::graph::{Branch, ChoiceKind};
use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;

use super::reply::{Leg, SenderPlace};
use super::{Class, Client, NetworkSender, VIPS, is_private, private_set};
use crate::graph::compile::load_balancer::InternalListener;
use crate::graph::compile::{Core, Memo, Networks, Outside, Place, Senders, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin, TextField, TextMatch};
use crate::graph::hop::{AssumptionKind, Body, Cause, FieldChange, HopId, RuleVerdict, Switch};
use crate::inventory::{SubnetId, WorkloadId};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::firewall::Direction;
use crate::topology::network::{Network, Passthrough, Vm};
use crate::topology::private_access::{PrivateConnection, PscEndpoint, RedisInstance, SqlInstance};
use crate::topology::record::{Field, Id};
use crate::topology::service::WorkerPool;

/// Which Google APIs an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apis {
    /// All of them.
    All,
    /// Those that VPC Service Controls supports.
    Restricted,
}

impl Apis {
    /// Those at one of the addresses of [`VIPS`].
    pub(super) fn at(range: &IpNet) -> Self {
        if *range == VIPS[1] || *range == VIPS[3] { Apis::Restricted } else { Apis::All }
    }
}

/// An instance of a managed service.
#[derive(Debug, Clone, Copy)]
enum Instance {
    /// Of Cloud SQL.
    Sql(Id<SqlInstance>),
    /// Of Memorystore for Redis.
    Redis(Id<RedisInstance>),
}

impl<'t> Networks<'t> {
    /// Addresses in a network at which something listens.
    pub(super) fn addresses_in(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
    ) -> Vec<IpAddr> {
        let topology = core.topology;
        let here = core.inventory.network(network);
        let mut addresses: Vec<IpAddr> = self
            .load_balancers
            .inside
            .get(&network)
            .into_iter()
            .flatten()
            .map(|own| own.address)
            .collect();
        for &machine in &here.vms {
            addresses.extend(
                self.senders.machine(core, machine).iter().flat_map(|machine| machine.addresses()),
            );
        }
        let passthroughs = here.passthroughs.iter();
        let passthroughs = passthroughs.map(|own| &topology.passthrough_load_balancers[*own]);
        addresses.extend(passthroughs.filter_map(|own| own.address.known()));
        let endpoints = here.psc_endpoints.iter().map(|own| &topology.psc_endpoints[*own]);
        let published = endpoints.filter(|own| own.target.value.contains('/'));
        addresses.extend(published.filter_map(|own| own.address.known()));
        addresses
    }

    /// What a client reaches by the addresses of a network.
    pub(super) fn inside(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
        client: Client,
    ) -> HopId {
        let key = (network, client.clone());
        if let Some(&hop) = self.insides.get(&key) {
            return hop;
        }
        let topology = core.topology;
        let here = core.inventory.network(network);
        let (id, entry) = topology.networks.at(network);
        let resource = core.resource(ResourceKind::Network, id);
        let at = entry.key_span;
        let place = Place::new(resource, HopKind::InsideNetwork, RuleId::egr(80), at);
        let mut ranges = self.internal_listeners(core, network, &client);
        for &of in &here.vms {
            let Some(machine) = self.senders.machine(core, of) else { continue };
            for address in machine.addresses() {
                let leg = client.leg.as_ref();
                ranges.push((address.into(), self.machine_end(core, of, &machine, leg)));
            }
        }
        for &of in &here.passthroughs {
            if let Some(address) = topology.passthrough_load_balancers[of].address.known() {
                ranges.push(((*address).into(), self.passthrough(core, of, &client)));
            }
        }
        for &of in &here.psc_endpoints {
            let endpoint = &topology.psc_endpoints[of];
            let published = endpoint.target.value.contains('/');
            if let (true, Some(address)) = (published, endpoint.address.known()) {
                ranges.push(((*address).into(), self.endpoint(core, of, &client)));
            }
        }
        ranges.extend(self.parties_in_subnets(core, network));
        ranges.extend(self.worker_pools_in(core, network, client.leg.as_ref()));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let unknown = core.drop(Cause::UnknownInternalAddress);
        let place_of_none = Place { kind: HopKind::NoEndpoint, ..place };
        let otherwise = core.end(place_of_none, unknown);
        // What sends from a range need not be reached there.
        let mut ends: Memo<RuleId, HopId> = Memo::default();
        let known = ranges.len();
        for &(range, rule) in self.sending_ranges(core, network).iter() {
            if ranges[..known].binary_search_by_key(&range, |(known, _)| *known).is_err() {
                let place = Place { rule, ..place_of_none };
                let end = *ends.entry(rule).or_insert_with(|| core.end(place, unknown));
                ranges.push((range, end));
            }
        }
        ranges.sort_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise };
        let hop = core.hop(place, Body::Switch(switch));
        self.insides.insert(key, hop);
        hop
    }

    /// The ranges of a network from which Direct VPC egress and connectors send, and by which rule.
    fn sending_ranges(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
    ) -> Rc<[(IpNet, RuleId)]> {
        if let Some(known) = self.sending_ranges.get(&network) {
            return Rc::clone(known);
        }
        let inventory = core.inventory;
        let here = inventory.network(network);
        let mut found: Vec<(IpNet, RuleId)> = Vec::new();
        let mut subnets: Vec<SubnetId> =
            here.direct.iter().filter_map(|own| inventory.workload(*own).direct).collect();
        subnets.sort_unstable();
        subnets.dedup();
        let ranges = subnets.into_iter().filter_map(|subnet| inventory.subnet(subnet).ipv4());
        found.extend(ranges.map(|range| (range, RuleId::egr(39))));
        for &connector in &here.connectors {
            let ranges = core.connector_ranges(connector).into_iter();
            found.extend(ranges.map(|range| (range, RuleId::egr(25))));
        }
        found.sort_by_key(|(range, _)| *range);
        found.dedup_by_key(|(range, _)| *range);
        let found: Rc<[(IpNet, RuleId)]> = found.into();
        self.sending_ranges.insert(network, Rc::clone(&found));
        found
    }

    /// A machine as an end: its firewall, and what it listens for.
    pub(in crate::graph::compile) fn machine_end(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Vm>,
        machine: &NetworkSender,
        leg: Option<&Leg>,
    ) -> HopId {
        let key = (of, leg.cloned());
        if let Some(&hop) = self.machine_ends.get(&key) {
            return hop;
        }
        let place = Place::new(machine.resource, HopKind::Vm, RuleId::egr(97), machine.at);
        let end = core.deliver(place, machine.resource);
        let next = self.senders.listening(core, place, &core.topology.vms[of].listens, end);
        let hop = self.senders.firewall(core, machine, Direction::Ingress, next);
        let hop = leg.map_or(hop, |leg| self.answering(core, machine, leg, hop));
        self.machine_ends.insert(key, hop);
        hop
    }

    /// The subnets in which worker pools listen, and the pools (EGR-039). Which address an instance
    /// has is not known (EGR-042): any of its subnet that nothing else has.
    fn worker_pools_in(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
        leg: Option<&Leg>,
    ) -> Vec<(IpNet, HopId)> {
        let (topology, inventory) = (core.topology, core.inventory);
        let mut ends: Vec<(SubnetId, IpNet, Vec<(&str, HopId)>)> = Vec::new();
        for workload in &inventory.network(network).direct {
            let WorkloadId::WorkerPool(pool) = *workload else { continue };
            let Some(subnet) = inventory.workload(*workload).direct else { continue };
            let Some(range) = inventory.subnet(subnet).ipv4() else { continue };
            if topology.worker_pools[pool].listens.is_empty() {
                continue;
            }
            let hop = self.worker_pool_end(core, pool, subnet, leg);
            let id = topology.worker_pools.key(pool);
            match ends.iter_mut().find(|(own, ..)| *own == subnet) {
                Some((_, _, pools)) => pools.push((id, hop)),
                None => ends.push((subnet, range, vec![(id, hop)])),
            }
        }
        let mut ways = Vec::new();
        for (subnet, range, pools) in ends {
            let hop = match pools.as_slice() {
                [(_, only)] => *only,
                _ => {
                    let pool = |id: &str| Branch::Resource(ResourceKind::WorkerPool, id.into());
                    let words = pools.iter().map(|(id, _)| pool(id)).collect();
                    let (id, entry) = topology.networks.at(network);
                    let at = entry.key_span;
                    let resource = core.resource(ResourceKind::Network, id);
                    let choice = core.choice(
                        ChoiceKind::Address,
                        resource,
                        inventory.subnet_name(subnet),
                        words,
                    );
                    let place = Place::new(resource, HopKind::WorkerPools, RuleId::egr(42), at);
                    let branches = pools.into_iter().map(|(_, hop)| hop).collect();
                    core.hop(place, Body::Choice { choice, branches })
                }
            };
            ways.push((range, hop));
        }
        ways
    }

    /// A worker pool as an end: its firewall, which knows it by its subnet only (EGR-047), and what
    /// it listens for.
    fn worker_pool_end(
        &mut self,
        core: &mut Core<'t>,
        pool: Id<WorkerPool>,
        subnet: SubnetId,
        leg: Option<&Leg>,
    ) -> HopId {
        let key = (pool, leg.cloned());
        if let Some(&hop) = self.worker_pool_ends.get(&key) {
            return hop;
        }
        let (id, entry) = core.topology.worker_pools.at(pool);
        let resource = core.resource(ResourceKind::WorkerPool, id);
        let place = Place::new(resource, HopKind::WorkerPool, RuleId::egr(39), entry.key_span);
        let end = core.deliver(place, resource);
        let in_subnet = self.senders.in_subnet(core, subnet, Class::DirectVpc);
        let receiver = NetworkSender { resource, at: entry.key_span, ..in_subnet };
        let next = self.senders.listening(core, place, &entry.value.listens, end);
        let hop = self.senders.firewall(core, &receiver, Direction::Ingress, next);
        let hop = leg.map_or(hop, |leg| self.answering(core, &receiver, leg, hop));
        self.worker_pool_ends.insert(key, hop);
        hop
    }

    /// An internal passthrough load balancer: to one of its machines.
    pub(super) fn passthrough(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Passthrough>,
        client: &Client,
    ) -> HopId {
        let topology = core.topology;
        let (id, entry) = topology.passthrough_load_balancers.at(of);
        let each = &entry.value;
        let resource = core.resource(ResourceKind::PassthroughLoadBalancer, id);
        let place = Place::new(resource, HopKind::FrontEnd, RuleId::ing(109), entry.key_span);
        let mut hops = Vec::new();
        for machine in &each.machines {
            let Some(at) = topology.vms.id_of(&machine.value) else { continue };
            if let Some(sender) = self.senders.machine(core, at) {
                hops.push((
                    machine.value.as_str(),
                    self.machine_end(core, at, &sender, client.leg.as_ref()),
                ));
            }
        }
        let next = core.one_machine(place, id, hops);
        let next = self.senders.listening(core, place, &each.listens, next);
        core.near_balancer(place, of, &client.region, next)
    }

    /// Google's front end, as what is sent to some of its APIs reaches it (EGR-124).
    pub(super) fn front_end_for(&mut self, core: &mut Core<'t>, apis: Apis) -> HopId {
        let outside = self.outside(core);
        let next = core.front_end_of(outside);
        if apis == Apis::All {
            return next;
        }
        let resource = core.resource(ResourceKind::GoogleFrontEnd, "");
        let place = Place::new(resource, HopKind::RestrictedApis, RuleId::egr(124), Span::none());
        let suffix =
            TextMatch { test: TextTest::Suffix(".googleapis.com".into()), ignore_case: false };
        let api = core.expressions.atom(Atom::Text(TextField::Host, suffix));
        let other = core.expressions.not(api);
        let assumption = core.assumption(
            "vpc-sc-supports-api".into(),
            AssumptionKind::Unmodelled,
            || "VPC Service Controls supports the API that is called".into(),
            Some(true),
            Span::none(),
        );
        let supported = core.assumed((assumption, true));
        let admitted = core.expressions.any([other, supported]);
        let denied = core.refuse(Cause::VpcScDenied, 403);
        let list = core.list(vec![rule(admitted, RuleVerdict::Pass, place.at, None)], denied);
        core.hop(place, Body::Gate { list, next })
    }

    /// An endpoint for Google APIs: what is sent there stays inside Google (EGR-127, EGR-141).
    pub(super) fn api_endpoint(
        &mut self,
        core: &mut Core<'t>,
        of: Id<PscEndpoint>,
        network: Id<Network>,
    ) -> HopId {
        let (id, entry) = core.topology.psc_endpoints.at(of);
        let restricted = entry.value.target.value == "vpc-sc";
        let next = self.front_end_for(core, if restricted { Apis::Restricted } else { Apis::All });
        let resource = core.resource(ResourceKind::PscEndpoint, id);
        let place = Place::new(resource, HopKind::PscEndpoint, RuleId::egr(127), entry.key_span);
        let changes = vec![FieldChange::Origin(Origin::Network(network))];
        core.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// What of machines and databases listens on the internet (EGR-154).
    pub(in crate::graph::compile) fn announce_public_endpoints(&mut self, core: &mut Core<'t>) {
        let topology = core.topology;
        let always = core.expressions.always();
        for of in topology.vms.ids() {
            let Some(machine) = self.senders.machine(core, of) else { continue };
            let Class::Machine { external, .. } = machine.class else { continue };
            let ipv6 = machine.addresses().filter(|own| own.is_ipv6() && machine.external_ipv6);
            let own = external.map(|own| (own, 71)).into_iter().chain(ipv6.map(|own| (own, 18)));
            for (address, number) in own.collect::<Vec<_>>() {
                let leg = Leg::from(SenderPlace::Internet);
                let hop = self.machine_end(core, of, &machine, Some(&leg));
                let place =
                    Place::new(machine.resource, HopKind::Vm, RuleId::egr(number), machine.at);
                self.load_balancers.outside.listen(address, always, hop, place);
            }
        }
        for (id, entry) in &topology.sql_instances {
            let instance = &entry.value;
            let Some(address) = instance.public_address.as_ref().and_then(Field::known) else {
                continue;
            };
            let resource = core.resource(ResourceKind::SqlInstance, id);
            let place =
                Place::new(resource, HopKind::SqlInstance, RuleId::egr(154), entry.key_span);
            let end = core.deliver(place, resource);
            let ranges = instance.authorized_networks.iter().map(|range| range.value).collect();
            let authorized = core.expressions.atom(Atom::Source(ranges));
            let port = instance.engine.value.port();
            let connector_only = instance.require_connector();
            let hop = core.sql_ports(place, port, authorized, connector_only, end);
            self.load_balancers.outside.listen(*address, always, hop, place);
        }
    }
}

impl Senders {
    /// A gate for what something listens for.
    pub(super) fn listening(
        &mut self,
        core: &mut Core<'_>,
        place: Place,
        listens: &[crate::topology::record::Spanned<crate::topology::firewall::Traffic>],
        next: HopId,
    ) -> HopId {
        if listens.is_empty() {
            return next;
        }
        let heard = self.traffic(core, listens);
        let closed = core.drop(Cause::PortNotListening);
        let list = core.list(vec![rule(heard, RuleVerdict::Pass, place.at, None)], closed);
        core.hop(Place { kind: HopKind::Port, ..place }, Body::Gate { list, next })
    }
}

impl<'t> Networks<'t> {
    /// The internal load balancers of a network, as a client sees them (ING-109 to ING-112). Their
    /// proxies answer by the routes of their network.
    fn internal_listeners(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
        client: &Client,
    ) -> Vec<(IpNet, HopId)> {
        let listeners = self.load_balancers.inside.get(&network).cloned().unwrap_or_default();
        let mut ways = Vec::new();
        for listener in listeners {
            let address = listener.address;
            let (id, entry) = core.topology.load_balancers.at(listener.load_balancer);
            let of = (core.resource(ResourceKind::LoadBalancer, id), entry.key_span);
            let region = listener.region.clone().unwrap_or_else(|| client.region.clone());
            let mut hop = core.listened(listener, &client.region);
            if let Some(leg) = &client.leg {
                let proxies = self.senders.of_google(core, of, network, &region);
                hop = self.answering(core, &proxies, leg, hop);
            }
            ways.push((address.into(), hop));
        }
        ways
    }
}

impl Core<'_> {
    /// A front end of an internal load balancer, as clients of a region see it.
    pub(super) fn listened(&mut self, listener: InternalListener, region: &str) -> HopId {
        let (id, entry) = self.topology.load_balancers.at(listener.load_balancer);
        let resource = self.resource(ResourceKind::LoadBalancer, id);
        let place = Place::new(resource, HopKind::FrontEnd, RuleId::ing(109), entry.key_span);
        let mut next = listener.hop;
        let near = listener.region.as_deref().is_none_or(|own| own == region);
        if !near {
            let mismatch = self.drop(Cause::ForwardingRuleRegionMismatch);
            let pass = vec![rule(listener.global, RuleVerdict::Pass, entry.key_span, None)];
            let list = self.list(pass, mismatch);
            next = self.hop(place, Body::Gate { list, next });
        }
        if !listener.has_proxies {
            next = self.without_proxies(Place { rule: RuleId::ing(112), ..place }, next);
        }
        next
    }

    /// The ranges of a network that lead to managed services: those of its private services access,
    /// and addresses of instances that have it not, for those who look for them (EGR-149).
    pub(super) fn managed_ranges(&self, network: Id<Network>) -> Vec<IpNet> {
        let connected = self.connected_ranges(network);
        let instances = self.managed_addresses(network).into_iter().map(|(address, _)| address);
        let alone: Vec<IpNet> = instances
            .filter(|address| !connected.iter().any(|range| range.contains(address)))
            .map(IpNet::from)
            .collect();
        let imports = |range: &IpNet| {
            self.private_connections(network).any(|connection| {
                connection.ranges.iter().any(|own| own.value == *range)
                    && connection.import_public_subnets()
            })
        };
        // Subnet routes with public addresses are taken only if it is said (EGR-151).
        let known = connected.into_iter().filter(|range| is_private(range) || imports(range));
        known.chain(alone).collect()
    }

    fn private_connections(
        &self,
        network: Id<Network>,
    ) -> impl Iterator<Item = &PrivateConnection> {
        let connections = self.inventory.network(network).private_connections.iter();
        connections.map(|own| &self.topology.private_connections[*own])
    }

    fn connected_ranges(&self, network: Id<Network>) -> Vec<IpNet> {
        let connections = self.private_connections(network);
        connections.flat_map(|own| own.ranges.iter().map(|range| range.value)).collect()
    }

    /// The private addresses of a network's managed instances, and what each is.
    fn managed_addresses(&self, network: Id<Network>) -> Vec<(IpAddr, Instance)> {
        let topology = self.topology;
        let here = self.inventory.network(network);
        let databases = here.sql_instances.iter().filter_map(|id| {
            let own = topology.sql_instances[*id].private_address.as_ref();
            Some((*own.and_then(Field::known)?, Instance::Sql(*id)))
        });
        let caches = here.redis_instances.iter().filter_map(|id| {
            let address = topology.redis_instances[*id].address.known()?;
            Some((*address, Instance::Redis(*id)))
        });
        databases.chain(caches).collect()
    }

    /// The managed services of a network behind private services access (EGR-149 to EGR-156).
    pub(super) fn managed(&mut self, network: Id<Network>) -> HopId {
        let (id, entry) = self.topology.networks.at(network);
        let at = entry.key_span;
        let resource = self.resource(ResourceKind::Network, id);
        let place = Place::new(resource, HopKind::PrivateServicesAccess, RuleId::egr(149), at);
        let connected = self.connected_ranges(network);
        let mut ranges: Vec<(IpNet, HopId)> = Vec::new();
        for (address, instance) in self.managed_addresses(network) {
            let mut next = match instance {
                Instance::Sql(id) => self.sql(id),
                Instance::Redis(id) => self.redis(id),
            };
            if !connected.iter().any(|range| range.contains(&address)) {
                let missing = self.drop(Cause::GoogleManagedServiceNoPeering);
                let list = self.list(Vec::new(), missing);
                next = self.hop(place, Body::Gate { list, next });
            }
            ranges.push((address.into(), next));
        }
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let unknown = self.drop(Cause::UnknownInternalAddress);
        let otherwise = self.end(Place { kind: HopKind::NoEndpoint, ..place }, unknown);
        self.hop(place, Body::Switch(Switch::Destination { ranges: ranges.into(), otherwise }))
    }

    /// A Cloud SQL instance at an address inside a network (EGR-153).
    pub(super) fn sql(&mut self, of: Id<SqlInstance>) -> HopId {
        let (id, entry) = self.topology.sql_instances.at(of);
        let instance = &entry.value;
        let resource = self.resource(ResourceKind::SqlInstance, id);
        let place = Place::new(resource, HopKind::SqlInstance, RuleId::egr(153), entry.key_span);
        let end = self.deliver(place, resource);
        let always = self.expressions.always();
        self.sql_ports(
            place,
            instance.engine.value.port(),
            always,
            instance.require_connector(),
            end,
        )
    }

    /// The ports of an instance: 3307 for connectors, its engine's where `direct` holds and no
    /// connector is required (EGR-153, EGR-154).
    fn sql_ports(
        &mut self,
        place: Place,
        port: u16,
        direct: ExpressionId,
        connector_only: bool,
        next: HopId,
    ) -> HopId {
        let tcp = self.tcp();
        let ports = |this: &mut Self, port: u16| {
            let port = this.expressions.atom(Atom::Port(vec![(port, port)].into()));
            this.expressions.all([tcp, port])
        };
        let by_connector = ports(self, 3307);
        let by_engine = ports(self, port);
        let required = self.drop(Cause::CloudSqlConnectorRequired);
        let unauthorized = self.drop(Cause::CloudSqlInstanceUnauthorizedAccess);
        let closed = self.drop(Cause::PortNotListening);
        // By the public address, what a connector offers is of EGR-152.
        let public = place.rule == RuleId::egr(154);
        let cited = public.then(|| RuleId::egr(152));
        let mut rules = vec![rule(by_connector, RuleVerdict::Pass, place.at, cited)];
        if connector_only {
            rules.push(rule(by_engine, required, place.at, None));
        } else {
            let admitted = self.expressions.all([by_engine, direct]);
            rules.push(rule(admitted, RuleVerdict::Pass, place.at, None));
            rules.push(rule(by_engine, unauthorized, place.at, Some(RuleId::egr(154))));
        }
        let list = self.list(rules, closed);
        self.hop(Place { kind: HopKind::SqlPort, ..place }, Body::Gate { list, next })
    }

    /// Requests over TCP.
    pub(in crate::graph::compile) fn tcp(&mut self) -> ExpressionId {
        let tcp = vec![crate::topology::firewall::Protocol::Tcp].into();
        self.expressions.atom(Atom::Protocol(tcp))
    }

    /// A Memorystore for Redis instance (EGR-156).
    fn redis(&mut self, of: Id<RedisInstance>) -> HopId {
        let (id, entry) = self.topology.redis_instances.at(of);
        let resource = self.resource(ResourceKind::RedisInstance, id);
        let place = Place::new(resource, HopKind::RedisInstance, RuleId::egr(156), entry.key_span);
        let end = self.deliver(place, resource);
        let port = if entry.value.tls() { 6378 } else { 6379 };
        let port = self.expressions.atom(Atom::Port(vec![(port, port)].into()));
        let tcp = self.tcp();
        let heard = self.expressions.all([tcp, port]);
        let unsupported = self.drop(Cause::RedisInstanceUnsupportedPort);
        let private = self.expressions.atom(Atom::Source(private_set().into()));
        let borrowed = self.expressions.not(private);
        let from_borrowed = self.drop(Cause::RedisInstanceConnectingFromPupiAddress);
        let rules = vec![
            rule(borrowed, from_borrowed, place.at, None),
            rule(heard, RuleVerdict::Pass, place.at, None),
        ];
        let list = self.list(rules, unsupported);
        self.hop(Place { kind: HopKind::RedisPort, ..place }, Body::Gate { list, next: end })
    }
}

impl Outside {
    pub(super) fn listen(&mut self, address: IpAddr, when: ExpressionId, hop: HopId, place: Place) {
        let listener = crate::graph::compile::outside::OutsideListener { when, hop, place };
        self.listeners.entry(address).or_default().push(listener);
    }
}
