//! Where in networks things are: subnets by name, connectors, machines, and what services, jobs and
//! worker pools send into.

use rustc_hash::FxHashMap;

use super::Inventory;
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::network::{Connector, Network, Subnet, Vm};
use crate::topology::organization::Project;
use crate::topology::record::{ById, Field, Id};
use crate::topology::service::{Job, Service, VpcAccess, WorkerPool};

/// A subnet of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubnetId {
    /// The network.
    pub network: Id<Network>,
    /// The subnet, of those of the network.
    pub subnet: Id<Subnet>,
}

/// Where a connector leads, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorPlace<'t> {
    /// The network.
    pub network: Option<Id<Network>>,
    /// Its subnet, if it has one.
    pub subnet: Option<SubnetId>,
    /// Its region: its own, else its subnet's.
    pub region: Option<&'t str>,
}

/// What runs on Cloud Run and sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkloadId {
    /// A service.
    Service(Id<Service>),
    /// A job.
    Job(Id<Job>),
    /// A worker pool.
    WorkerPool(Id<WorkerPool>),
}

/// A service, job or worker pool as a sender.
#[derive(Debug)]
pub struct Workload<'t> {
    /// Which it is.
    pub of: WorkloadId,
    /// Its id.
    pub id: &'t str,
    /// Where its id stands.
    pub at: Span,
    /// Its project.
    pub project: Option<Id<Project>>,
    /// The account that it runs as: its own, or the Compute Engine default account.
    pub account: String,
    /// How it sends into a network, if it does.
    pub access: Option<&'t VpcAccess>,
    /// The network, as far as it is known.
    pub network: Option<Id<Network>>,
    /// The subnet of Direct VPC egress (EGR-040).
    pub direct: Option<SubnetId>,
}

/// Subnets by their names; nothing under a name that several networks have.
pub(super) fn subnets_by_name(topology: &Topology) -> FxHashMap<&str, Option<SubnetId>> {
    let mut found: FxHashMap<&str, Option<SubnetId>> = FxHashMap::default();
    for (network, own) in topology.networks.with_ids() {
        for subnet in own.subnets.ids() {
            let id = SubnetId { network, subnet };
            let known = found.entry(own.subnets.key(subnet));
            known.and_modify(|known| *known = None).or_insert(Some(id));
        }
    }
    found
}

/// Looks up where things are.
pub(super) struct Finder<'a, 't> {
    pub topology: &'t Topology,
    pub subnets: &'a FxHashMap<&'t str, Option<SubnetId>>,
}

impl<'t> Finder<'_, 't> {
    /// What `SUBNET` or `NETWORK/SUBNET` means; without a network, the only one of that name.
    pub fn subnet(&self, network: Option<&str>, subnet: &str) -> Option<SubnetId> {
        let (network, subnet) = match subnet.split_once('/') {
            Some((network, subnet)) => (Some(network), subnet),
            None => (network, subnet),
        };
        let Some(network) = network else { return self.subnets.get(subnet).copied().flatten() };
        let network = self.topology.networks.id_of(network)?;
        let subnet = self.topology.networks[network].subnets.id_of(subnet)?;
        Some(SubnetId { network, subnet })
    }

    pub fn connector(&self, connector: Id<Connector>) -> ConnectorPlace<'t> {
        let topology = self.topology;
        let own = &topology.connectors[connector];
        let named = own.network.as_ref().and_then(Field::known);
        let subnet = own.subnet.as_ref().and_then(Field::known);
        let subnet = subnet.map(|subnet| self.subnet(named.map(String::as_str), subnet));
        let network = match subnet {
            Some(subnet) => subnet.map(|subnet| subnet.network),
            None => named.and_then(|network| topology.networks.id_of(network)),
        };
        let subnet = subnet.flatten();
        let region = match &own.region {
            Some(region) => region.known(),
            None => subnet.map(|id| &topology.networks[id.network].subnets[id.subnet].region.value),
        };
        ConnectorPlace { network, subnet, region: region.map(String::as_str) }
    }

    pub fn vm(&self, vm: Id<Vm>) -> Option<SubnetId> {
        let vm = &self.topology.vms[vm];
        self.subnet(Some(&vm.network.value), &vm.subnet.value)
    }

    pub fn service(
        &self,
        id: Id<Service>,
        connectors: &ById<Connector, ConnectorPlace<'t>>,
    ) -> Workload<'t> {
        let (name, entry) = self.topology.services.at(id);
        let own = &entry.value;
        let declared = (&**name, entry.key_span, &own.project, &own.service_account);
        self.workload(WorkloadId::Service(id), declared, &own.vpc_access, connectors)
    }

    pub fn job(
        &self,
        id: Id<Job>,
        connectors: &ById<Connector, ConnectorPlace<'t>>,
    ) -> Workload<'t> {
        let (name, entry) = self.topology.jobs.at(id);
        let own = &entry.value;
        let declared = (&**name, entry.key_span, &own.project, &own.service_account);
        self.workload(WorkloadId::Job(id), declared, &own.vpc_access, connectors)
    }

    pub fn worker_pool(
        &self,
        id: Id<WorkerPool>,
        connectors: &ById<Connector, ConnectorPlace<'t>>,
    ) -> Workload<'t> {
        let (name, entry) = self.topology.worker_pools.at(id);
        let own = &entry.value;
        let declared = (&**name, entry.key_span, &own.project, &own.service_account);
        self.workload(WorkloadId::WorkerPool(id), declared, &own.vpc_access, connectors)
    }

    fn workload(
        &self,
        of: WorkloadId,
        (id, at, project, account): (&'t str, Span, &Option<Field<String>>, &Option<Field<String>>),
        access: &'t Option<VpcAccess>,
        connectors: &ById<Connector, ConnectorPlace<'t>>,
    ) -> Workload<'t> {
        let topology = self.topology;
        let project = topology.project(project.as_ref());
        let account = account.as_ref().and_then(Field::known).cloned();
        let account = account.unwrap_or_else(|| topology.default_account(project));
        let access = access.as_ref();
        let direct = access.filter(|access| access.connector.is_none());
        let direct = direct.and_then(|access| self.direct_subnet(access));
        let connector = access.and_then(|access| access.connector.as_ref()).and_then(Field::known);
        let connector = connector.and_then(|name| topology.connectors.id_of(name));
        let network = match connector {
            Some(connector) => connectors[connector].network,
            None => direct.map(|subnet| subnet.network),
        };
        Workload { of, id, at, project, account, access, network, direct }
    }

    /// The subnet of Direct VPC egress (EGR-040).
    fn direct_subnet(&self, access: &VpcAccess) -> Option<SubnetId> {
        let network = access.network.as_ref().and_then(Field::known).map(String::as_str);
        match access.subnet.as_ref() {
            Some(subnet) => self.subnet(network, subnet.known()?),
            None => self.subnet(network, network?),
        }
    }
}

impl<'t> Inventory<'t> {
    /// What `SUBNET` or `NETWORK/SUBNET` means; without a network, the only one of that name.
    pub fn subnet_named(&self, network: Option<&str>, subnet: &str) -> Option<SubnetId> {
        places_of(self).subnet(network, subnet)
    }

    /// A subnet.
    pub fn subnet(&self, id: SubnetId) -> &'t Subnet {
        &self.topology.networks[id.network].subnets[id.subnet]
    }

    /// The name of a subnet.
    pub fn subnet_name(&self, id: SubnetId) -> &'t str {
        self.topology.networks[id.network].subnets.key(id.subnet)
    }

    /// The region of a subnet.
    pub fn subnet_region(&self, id: SubnetId) -> &'t str {
        &self.subnet(id).region.value
    }

    /// Where a connector leads.
    pub fn connector(&self, connector: Id<Connector>) -> ConnectorPlace<'t> {
        self.connectors[connector]
    }

    /// The network tags of a connector's instances (EGR-027).
    pub fn connector_tags(&self, connector: Id<Connector>) -> Vec<String> {
        let (id, entry) = self.topology.connectors.at(connector);
        let name = entry.value.name.as_ref().map_or(&**id, |name| &name.value);
        let region = self.connector(connector).region.unwrap_or_default();
        vec!["vpc-connector".into(), format!("vpc-connector-{region}-{name}")]
    }

    /// The subnet of a machine.
    pub fn vm_subnet(&self, vm: Id<Vm>) -> Option<SubnetId> {
        self.vms[vm]
    }

    /// A service, job or worker pool as a sender.
    pub fn workload(&self, id: WorkloadId) -> &Workload<'t> {
        match id {
            WorkloadId::Service(id) => &self.services[id],
            WorkloadId::Job(id) => &self.jobs[id],
            WorkloadId::WorkerPool(id) => &self.worker_pools[id],
        }
    }

    /// Every service, job and worker pool as a sender.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload<'t>> {
        self.services.values().chain(self.jobs.values()).chain(self.worker_pools.values())
    }
}

fn places_of<'a, 't>(inventory: &'a Inventory<'t>) -> Finder<'a, 't> {
    Finder { topology: inventory.topology, subnets: &inventory.subnets }
}
