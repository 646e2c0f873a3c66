//! What a resource is in the cloud, under whatever key a topology has it.

use super::Inventory;
use crate::topology::organization::Project;
use crate::topology::record::{Field, Id, Spanned};

/// A resource as the cloud tells it from others: what two topologies have in common if both
/// describe it. No two resources of a valid topology have the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The kind, `service`.
    pub kind: &'static str,
    /// The id of its project; empty if it has none, or it is not known.
    pub project: Box<str>,
    /// Its region; empty if it has none, or it is not known.
    pub location: Box<str>,
    /// Its name in the cloud: its key, where the topology does not give another.
    pub name: Box<str>,
}

impl Identity {
    /// A number that follows from a resource and from which part of it is meant.
    pub fn hash(&self, part: &str) -> u64 {
        stable_hash([self.kind, &self.project, &self.location, &self.name, part])
    }
}

/// A number that follows from texts alone, and is the same in every run and on every machine
/// (FNV-1a).
pub fn stable_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    // No text has the byte that ends each.
    let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Where a resource is, and what it is called there if not as its key.
#[derive(Default)]
struct Whereabouts<'t> {
    project: Option<Id<Project>>,
    location: Option<&'t str>,
    name: Option<&'t str>,
}

impl<'t> Inventory<'t> {
    /// What the resource of a kind under a key is in the cloud.
    pub fn identity(&self, kind: &'static str, key: &str) -> Identity {
        let found = self.found(kind, key).unwrap_or_default();
        let project = found.project.map(|project| self.topology.projects.key(project));
        Identity {
            kind,
            project: project.map_or("", |project| project).into(),
            location: found.location.unwrap_or_default().into(),
            name: found.name.unwrap_or(key).into(),
        }
    }

    /// What has neither a project nor a region of its own is not looked for.
    fn found(&self, kind: &str, key: &str) -> Option<Whereabouts<'t>> {
        fn known(field: Option<&Field<String>>) -> Option<&str> {
            field.and_then(Field::known).map(String::as_str)
        }
        fn given(field: Option<&Spanned<String>>) -> Option<&str> {
            field.map(|field| field.value.as_str())
        }
        let topology = self.topology;
        let of_network = |network: &str| self.network_project(topology.networks.id_of(network)?);
        let own = |project: &Option<Field<String>>| self.project(project.as_ref());
        let own_or_of = |project: &Option<Field<String>>, network: Option<&str>| match project {
            Some(_) => own(project),
            None => network.map_or_else(|| own(project), of_network),
        };
        let (project, location, name) = match kind {
            "service" => {
                let own = &topology.services[topology.services.id_of(key)?];
                let project = self.project(own.project.as_ref());
                (project, known(Some(&own.region)), given(own.name.as_ref()))
            }
            "job" => {
                let job = topology.jobs.get(key)?;
                (own(&job.project), known(Some(&job.region)), None)
            }
            "worker_pool" => {
                let pool = topology.worker_pools.get(key)?;
                (own(&pool.project), known(Some(&pool.region)), None)
            }
            "connector" => {
                let connector = topology.connectors.id_of(key)?;
                let place = self.connector(connector);
                let connector = &topology.connectors[connector];
                let of_network = place.network.and_then(|network| self.network_project(network));
                let project = match &connector.project {
                    Some(_) => own(&connector.project),
                    None => of_network,
                };
                (project, place.region, given(connector.name.as_ref()))
            }
            "network" => (of_network(key), None, None),
            "nat" => {
                let nat = topology.nats.get(key)?;
                let project = own_or_of(&nat.project, known(Some(&nat.network)));
                (project, known(Some(&nat.region)), None)
            }
            "vm" => {
                let vm = topology.vms.id_of(key)?;
                let region = self.vm_subnet(vm).map(|subnet| self.subnet_region(subnet));
                let vm = &topology.vms[vm];
                (own_or_of(&vm.project, Some(&vm.network.value)), region, None)
            }
            "passthrough_load_balancer" => {
                let balancer = topology.passthrough_load_balancers.get(key)?;
                (of_network(&balancer.network.value), Some(&*balancer.region.value), None)
            }
            "load_balancer" => {
                let balancer = topology.load_balancers.get(key)?;
                (self.load_balancer_project(balancer), known(balancer.region.as_ref()), None)
            }
            "backend" => (self.backend_project(topology.backends.get(key)?), None, None),
            "endpoint_group" => {
                let group = topology.endpoint_groups.get(key)?;
                (None, given(group.region.as_ref()), None)
            }
            "security_policy" => {
                let policy = topology.security_policies.get(key)?;
                (own(&policy.project), given(policy.region.as_ref()), None)
            }
            "product" => (own(&topology.products.get(key)?.project), None, None),
            "firewall_rule" => {
                (of_network(&topology.firewall_rules.get(key)?.network.value), None, None)
            }
            "firewall_policy" => {
                (None, given(topology.firewall_policies.get(key)?.region.as_ref()), None)
            }
            "route" => (of_network(&topology.routes.get(key)?.network.value), None, None),
            "policy_route" => {
                (of_network(&topology.policy_routes.get(key)?.network.value), None, None)
            }
            "peering" => (of_network(&topology.peerings.get(key)?.network.value), None, None),
            "psc_endpoint" => {
                let endpoint = topology.psc_endpoints.get(key)?;
                (of_network(&endpoint.network.value), given(endpoint.region.as_ref()), None)
            }
            "service_attachment" => {
                (own(&topology.service_attachments.get(key)?.project), None, None)
            }
            "private_connection" => {
                (of_network(&topology.private_connections.get(key)?.network.value), None, None)
            }
            "sql_instance" => {
                let instance = topology.sql_instances.get(key)?;
                (own(&instance.project), Some(&*instance.region.value), None)
            }
            "redis_instance" => {
                let instance = topology.redis_instances.get(key)?;
                let project = own_or_of(&instance.project, Some(&instance.network.value));
                (project, Some(&*instance.region.value), None)
            }
            // What a service or a backend has, under its key.
            "iap" => return self.found("service", key).or_else(|| self.found("backend", key)),
            "cache" => return self.found("backend", key),
            _ => return None,
        };
        Some(Whereabouts { project, location, name })
    }
}
