//! What a topology's references lead to, worked out once.
//!
//! | file | holds |
//! |---|---|
//! | `projects.rs` | projects, what is above them, who runs as which account |
//! | `identity.rs` | what a resource is in the cloud, whatever its key |
//! | `places.rs` | subnets, and where in networks connectors, machines and workloads are |
//! | `networks.rs` | what is in each network |
//! | `hubs.rs` | spokes, and which of them exchange routes |
//! | `published.rs` | what service attachments publish, and whom they accept |
//! | `relations.rs` | who leads to whom: load balancers to backends to services, and who may invoke |
//! | `firewall_order.rs` | the firewall rules of a network, in the order in which they are asked |
//! | `gateways.rs` | what gateways serve of subnets |
//! | `expressions.rs` | expressions, each read once however often it is written |
//! | `ranges.rs` | the ranges of networks, which of them hold what, and which ranges are private |
//! | `addresses.rs` | internal addresses of front ends and endpoints, and where they are |
//! | `bindings.rs` | every binding, with what it is for |
//! | `patterns.rs` | patterns of URL maps: which texts are none |
//! | `attachments.rs` | who sends from inside networks, and where names of Google lead there |

pub(crate) mod addresses;
pub(crate) mod attachments;
pub(crate) mod bindings;
pub(crate) mod expressions;
pub(crate) mod firewall_order;
pub(crate) mod gateways;
mod hubs;
mod identity;
mod networks;
pub(crate) mod patterns;
mod places;
mod projects;
mod published;
pub(crate) mod ranges;
pub(crate) mod relations;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};

pub use self::identity::{Identity, stable_hash};
pub use self::networks::InNetwork;
pub use self::places::{ConnectorPlace, SubnetId, Workload, WorkloadId};
pub use self::published::{Chains, PublishedTarget, leads_to};
use crate::topology::Topology;
use crate::topology::hybrid::{NccHub, NccSpoke};
use crate::topology::network::{Connector, Network, Vm};
use crate::topology::organization::Project;
use crate::topology::record::{ById, Id};
use crate::topology::service::{Job, Service, WorkerPool};

/// A topology, and what its references lead to.
#[derive(Debug)]
pub struct Inventory<'t> {
    /// The topology.
    pub topology: &'t Topology,
    network_projects: ById<Network, Option<Id<Project>>>,
    /// Subnets by their names, where no two networks have one of a name.
    subnets: FxHashMap<&'t str, Option<SubnetId>>,
    connectors: ById<Connector, ConnectorPlace<'t>>,
    vms: ById<Vm, Option<SubnetId>>,
    services: ById<Service, Workload<'t>>,
    jobs: ById<Job, Workload<'t>>,
    worker_pools: ById<WorkerPool, Workload<'t>>,
    networks: ById<Network, InNetwork>,
    spokes: ById<NccHub, Vec<Id<NccSpoke>>>,
    spoke_networks: ById<NccSpoke, Option<Id<Network>>>,
    /// The accounts that firewall rules name as targets.
    firewall_targets: FxHashSet<&'t str>,
}

impl<'t> Inventory<'t> {
    /// Looks up every reference of a topology that others ask for.
    pub fn new(topology: &'t Topology) -> Self {
        let project = |network: Id<Network>| topology.networks[network].project.as_ref();
        let network_projects = ById::new(&topology.networks, |own| topology.project(project(own)));
        let subnets = places::subnets_by_name(topology);
        let found = places::Finder { topology, subnets: &subnets };
        let connectors = ById::new(&topology.connectors, |own| found.connector(own));
        let vms = ById::new(&topology.vms, |own| found.vm(own));
        let services = ById::new(&topology.services, |own| found.service(own, &connectors));
        let jobs = ById::new(&topology.jobs, |own| found.job(own, &connectors));
        let worker_pools =
            ById::new(&topology.worker_pools, |own| found.worker_pool(own, &connectors));
        let spoke_networks = ById::new(&topology.ncc_spokes, |own| hubs::network_of(topology, own));
        let workloads = services.values().chain(jobs.values()).chain(worker_pools.values());
        let networks = networks::index(topology, &connectors, &vms, workloads, &spoke_networks);
        let spokes = hubs::by_hub(topology);
        let firewall_targets = networks::firewall_targets(topology);
        Inventory {
            topology,
            network_projects,
            subnets,
            connectors,
            vms,
            services,
            jobs,
            worker_pools,
            networks,
            spokes,
            spoke_networks,
            firewall_targets,
        }
    }
}
