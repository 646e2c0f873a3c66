//! What holds where nothing is written and the rest of the topology decides, as `show` prints it.
//!
//! What holds for every such record is declared with its field.

use super::network::Network;
use super::organization::Project;
use super::record::{Id, Showing, Shown};

/// Defaults that follow from the rest of the topology.
pub(super) fn derived(showing: Showing<'_>, record: &str, key: &str) -> Option<Shown> {
    let (_, id) = showing.resource?;
    let topology = showing.topology;
    let project = |id: Option<Id<Project>>| Some(topology.project_id(id?).to_owned());
    let network_project =
        |network: Option<Id<Network>>| project(topology.network_project(network?));
    let text = match (record, key) {
        ("LoadBalancer", "global_access") => {
            // Only a regional internal one is closed to clients of other regions.
            let kind = topology.load_balancers.get(id)?.kind.value;
            return (kind.is_internal() && kind.is_regional()).then(|| Shown::Scalar(false.into()));
        }
        (
            "Service" | "Job" | "WorkerPool" | "Network" | "Product" | "SqlInstance"
            | "RedisInstance",
            "project",
        ) => project(topology.project(None)),
        ("ServiceAttachment", "project") => {
            let attachment = topology.service_attachments.get(id)?;
            project(topology.published_project(&attachment.load_balancer.value))
        }
        ("Service" | "Connector", "name")
        | ("DomainMapping", "host")
        | ("BackendBucket", "bucket") => Some(id.to_owned()),
        ("Service", "service_account") => {
            Some(topology.service_account(topology.services.id_of(id)?))
        }
        ("Job", "service_account") => Some(topology.job_account(topology.jobs.id_of(id)?)),
        ("WorkerPool", "service_account") => {
            Some(topology.worker_pool_account(topology.worker_pools.id_of(id)?))
        }
        ("Backend", "protocol") => {
            let backend = topology.backends.get(id)?;
            let leads = !backend.psc_negs.is_empty() || !backend.endpoint_groups.is_empty();
            leads.then(|| "http".to_owned())
        }
        ("Connector", "project") => {
            let (network, _) = topology.connector_network(topology.connectors.get(id)?)?;
            network_project(Some(network))
        }
        ("Connector", "network") => {
            let (network, _) = topology.connector_network(topology.connectors.get(id)?)?;
            Some(topology.networks.key(network).to_owned())
        }
        ("Connector", "region") => {
            topology.connector_region(topology.connectors.get(id)?).map(str::to_owned)
        }
        ("Nat", "project") => network_project(topology.nat_network(topology.nats.get(id)?)),
        ("Vm", "project") => {
            network_project(topology.networks.id_of(&topology.vms.get(id)?.network.value))
        }
        ("LoadBalancer", "project") => {
            project(topology.load_balancer_project(topology.load_balancers.get(id)?))
        }
        ("Product", "method") => {
            let is_check = topology.products.get(id)?.kind.as_str() == "uptime-check";
            Some(if is_check { "GET" } else { "POST" }.to_owned())
        }
        _ => None,
    };
    text.map(Shown::text)
}
