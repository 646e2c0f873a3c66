//! What names refer to, and what holds where nothing is written.

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

use super::Topology;
use super::load_balancer::{Backend, LoadBalancer};
use super::network::{Connector, Nat, Network, Passthrough, Subnet, SubnetPurpose};
use super::organization::Project;
use super::private_access::{PscEndpoint, ServiceAttachment};
use super::record::{Field, Id, Spanned};
use super::routing::Peering;
use super::service::{Job, Service, VpcAccess, WorkerPool};
use crate::source::Span;

/// The id of the project that everything is in where the topology has none.
pub const IMPLIED_PROJECT: &str = "project";

/// The role that everything of the Compute Engine default account rests on.
const DEFAULT_ACCOUNT_SUFFIX: &str = "-compute@developer.gserviceaccount.com";

/// What a service attachment publishes: an internal load balancer, with its id.
#[derive(Debug, Clone, Copy)]
pub enum Published<'t> {
    /// An Application Load Balancer.
    LoadBalancer(&'t str, &'t LoadBalancer),
    /// A passthrough one.
    Passthrough(&'t str, &'t Passthrough),
}

impl Topology {
    /// Adds what is implied: a project, if the topology has none.
    pub fn complete(&mut self) {
        if self.projects.is_empty() {
            let project = super::organization::Project {
                number: None,
                folder: None,
                hash: None,
                iam: Vec::new(),
                security_policies: Vec::new(),
                external_port_25: None,
                labels: Default::default(),
                span: Span::none(),
            };
            self.projects.insert(IMPLIED_PROJECT, Span::none(), project);
        }
    }

    /// The project that a key names, or the only one. `None` if it is not known, or if the key is
    /// absent and there are several.
    pub fn project(&self, field: Option<&Field<String>>) -> Option<Id<Project>> {
        match field {
            Some(field) => match (field.known(), field.candidates()) {
                (Some(id), _) => self.projects.id_of(id),
                (None, [only]) => self.projects.id_of(&only.value),
                (None, _) => None,
            },
            None if self.projects.len() == 1 => self.projects.ids().next(),
            None => None,
        }
    }

    /// The id of a project.
    pub fn project_id(&self, project: Id<Project>) -> &str {
        self.projects.key(project)
    }

    /// The project of a load balancer: its own, else its network's, else the only one.
    pub fn load_balancer_project(&self, load_balancer: &LoadBalancer) -> Option<Id<Project>> {
        if load_balancer.project.is_some() {
            return self.project(load_balancer.project.as_ref());
        }
        let network = load_balancer.network.as_ref().and_then(Field::known);
        let network = network.and_then(|network| self.networks.id_of(network));
        network.and_then(|network| self.network_project(network)).or_else(|| self.project(None))
    }

    /// What a service attachment publishes, with or without its kind in front; of two of a name the
    /// one that can be published.
    pub fn published(&self, name: &str) -> Option<Published<'_>> {
        let balancer = |id: &str| {
            let (id, entry) = self.load_balancers.at(self.load_balancers.id_of(id)?);
            Some(Published::LoadBalancer(id, &entry.value))
        };
        let passthrough = |id: &str| {
            let all = &self.passthrough_load_balancers;
            let (id, entry) = all.at(all.id_of(id)?);
            Some(Published::Passthrough(id, &entry.value))
        };
        match name.split_once('/') {
            Some(("load_balancer", id)) => balancer(id),
            Some(("passthrough_load_balancer", id)) => passthrough(id),
            _ => match balancer(name) {
                Some(Published::LoadBalancer(_, own)) if !own.kind.value.is_internal() => {
                    passthrough(name).or_else(|| balancer(name))
                }
                found => found.or_else(|| passthrough(name)),
            },
        }
    }

    /// The project of what a service attachment publishes.
    pub fn published_project(&self, name: &str) -> Option<Id<Project>> {
        match self.published(name)? {
            Published::LoadBalancer(_, own) => self.load_balancer_project(own),
            Published::Passthrough(_, own) => {
                self.network_project(self.networks.id_of(&own.network.value)?)
            }
        }
    }

    /// The region of what a service attachment publishes.
    pub fn published_region(&self, name: &str) -> Option<&str> {
        match self.published(name)? {
            Published::LoadBalancer(_, own) => own.region.as_ref()?.known().map(String::as_str),
            Published::Passthrough(_, own) => Some(&own.region.value),
        }
    }

    /// The network of what a service attachment publishes.
    pub fn published_network(&self, name: &str) -> Option<Id<Network>> {
        self.networks.id_of(match self.published(name)? {
            Published::LoadBalancer(_, own) => own.network.as_ref()?.known()?,
            Published::Passthrough(_, own) => &own.network.value,
        })
    }

    /// The load balancers that others lead to by Private Service Connect NEGs, by their ids.
    pub fn chains(&self) -> HashMap<&str, Vec<&str>> {
        let mut chains: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, entry) in &self.load_balancers {
            let backends = entry.value.backends();
            let backends = backends.into_iter().filter_map(|id| self.backends.get(id));
            for neg in backends.flat_map(|backend| &backend.psc_negs) {
                let target = neg.target.value.strip_prefix("service_attachment/");
                let attachment = target.and_then(|target| self.service_attachments.get(target));
                let published = attachment.map(|own| self.published(&own.load_balancer.value));
                if let Some(Some(Published::LoadBalancer(behind, _))) = published {
                    chains.entry(id).or_default().push(behind);
                }
            }
        }
        chains
    }

    /// Whether what a service attachment publishes leads back to a load balancer by these chains.
    pub fn leads_back(
        &self,
        chains: &HashMap<&str, Vec<&str>>,
        load_balancer: &str,
        published: &str,
    ) -> bool {
        let Some(Published::LoadBalancer(first, _)) = self.published(published) else {
            return false;
        };
        let mut seen: HashSet<&str> = HashSet::new();
        let mut rest = vec![first];
        while let Some(id) = rest.pop() {
            if id == load_balancer {
                return true;
            }
            if seen.insert(id) {
                rest.extend(chains.get(id).into_iter().flatten());
            }
        }
        false
    }

    /// The number of a project, if it is known.
    pub fn project_number(&self, project: Id<Project>) -> Option<u64> {
        self.projects[project].number.as_ref()?.known().copied()
    }

    /// The project that owns a network.
    pub fn network_project(&self, network: Id<Network>) -> Option<Id<Project>> {
        self.project(self.networks[network].project.as_ref())
    }

    /// The project of a service.
    pub fn service_project(&self, service: Id<Service>) -> Option<Id<Project>> {
        self.project(self.services[service].project.as_ref())
    }

    /// The name of a service in URLs.
    pub fn service_name(&self, service: Id<Service>) -> &str {
        let (id, entry) = self.services.at(service);
        entry.value.name.as_ref().map_or(id, |name| &name.value)
    }

    /// The account that a service runs as: its own, or the Compute Engine default account.
    pub fn service_account(&self, service: Id<Service>) -> String {
        let own = &self.services[service];
        self.account(own.service_account.as_ref(), own.project.as_ref())
    }

    /// The account that a job runs as: its own, or the Compute Engine default account.
    pub fn job_account(&self, job: Id<Job>) -> String {
        let own = &self.jobs[job];
        self.account(own.service_account.as_ref(), own.project.as_ref())
    }

    /// The account that a worker pool runs as: its own, or the Compute Engine default account.
    pub fn worker_pool_account(&self, pool: Id<WorkerPool>) -> String {
        let own = &self.worker_pools[pool];
        self.account(own.service_account.as_ref(), own.project.as_ref())
    }

    fn account(&self, own: Option<&Field<String>>, project: Option<&Field<String>>) -> String {
        let own = own.and_then(Field::known).cloned();
        own.unwrap_or_else(|| self.default_account(self.project(project)))
    }

    /// How services, jobs and worker pools send into networks.
    pub fn accesses(&self) -> impl Iterator<Item = &VpcAccess> {
        let services = self.services.values().filter_map(|each| each.vpc_access.as_ref());
        let jobs = self.jobs.values().filter_map(|each| each.vpc_access.as_ref());
        let pools = self.worker_pools.values().filter_map(|each| each.vpc_access.as_ref());
        services.chain(jobs).chain(pools)
    }

    /// Whether the lists of an attachment accept a consumer; being refused goes first (EGR-167).
    pub fn accepts(
        &self,
        attachment: &ServiceAttachment,
        project: Option<Id<Project>>,
        network: Option<&str>,
    ) -> bool {
        let project = project.map(|project| self.project_id(project));
        let names = |list: &[Spanned<String>]| {
            list.iter().any(|each| {
                let text = each.value.as_str();
                Some(text.strip_prefix("project/").unwrap_or(text)) == project
                    || Some(text.strip_prefix("network/").unwrap_or(text)) == network
            })
        };
        let all = attachment.accept_automatic();
        !names(&attachment.reject) && (all || names(&attachment.accept))
    }

    /// Whether they accept an endpoint, by its network and the project of that.
    pub fn accepts_endpoint(&self, attachment: &ServiceAttachment, endpoint: &PscEndpoint) -> bool {
        let network = endpoint.network.value.as_str();
        let index = self.networks.id_of(network);
        let project = index.and_then(|index| self.network_project(index));
        self.accepts(attachment, project, Some(network))
    }

    /// The project of a backend: its own, else that of its first service, else the only one.
    pub fn backend_project(&self, backend: &Backend) -> Option<Id<Project>> {
        if backend.project.is_some() {
            return self.project(backend.project.as_ref());
        }
        let first = backend.services.iter().find_map(|neg| {
            let service = neg.service.as_ref()?.known()?;
            self.service_project(self.services.id_of(service)?)
        });
        first.or_else(|| self.project(None))
    }

    /// The Compute Engine default account of a project.
    pub fn default_account(&self, project: Option<Id<Project>>) -> String {
        format!("{}{DEFAULT_ACCOUNT_SUFFIX}", self.number_or_name(project))
    }

    /// IAP's service agent of a project (ING-141).
    pub fn iap_agent(&self, project: Id<Project>) -> String {
        let number = self.number_or_name(Some(project));
        format!("service-{number}@gcp-sa-iap.iam.gserviceaccount.com")
    }

    /// A project's number, or what stands for it in the names of accounts.
    fn number_or_name(&self, project: Option<Id<Project>>) -> String {
        match project {
            None => "number-of-unknown-project".into(),
            Some(project) => match self.project_number(project) {
                Some(number) => number.to_string(),
                None => format!("number-of-{}", self.project_id(project)),
            },
        }
    }

    /// The folders above a project, the nearest first.
    pub fn folders_above(&self, project: Id<Project>) -> Vec<&str> {
        let mut above = Vec::new();
        let mut next = self.projects[project].folder.as_ref().map(|folder| folder.value.as_str());
        while let Some(folder) = next {
            if above.contains(&folder) {
                break;
            }
            above.push(folder);
            next = self
                .folders
                .get(folder)
                .and_then(|folder| folder.parent.as_ref())
                .map(|parent| parent.value.as_str());
        }
        above
    }

    /// A project and all that is above it, as `project/ID`, `folder/ID`, `organization`.
    pub fn hierarchy(&self, project: Id<Project>) -> Vec<String> {
        let mut nodes = vec![format!("project/{}", self.project_id(project))];
        nodes.extend(self.folders_above(project).iter().map(|folder| format!("folder/{folder}")));
        nodes.push("organization".into());
        nodes
    }

    /// The network and the name of the subnet that `SUBNET` or `NETWORK/SUBNET` means; without a
    /// network, the only network that has such a subnet.
    pub fn subnet(&self, network: Option<&str>, subnet: &str) -> Option<(Id<Network>, String)> {
        let (network, subnet) = match subnet.split_once('/') {
            Some((network, subnet)) => (Some(network), subnet),
            None => (network, subnet),
        };
        if let Some(network) = network {
            let index = self.networks.id_of(network)?;
            return self.networks[index]
                .subnets
                .contains(subnet)
                .then(|| (index, subnet.to_string()));
        }
        let mut found =
            self.networks.with_ids().filter(|(_, network)| network.subnets.contains(subnet));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Some((index, subnet.to_string())),
            _ => None,
        }
    }

    /// The network that a connector leads into, and its subnet if it has one.
    pub fn connector_network(
        &self,
        connector: &Connector,
    ) -> Option<(Id<Network>, Option<String>)> {
        let network = connector.network.as_ref().and_then(Field::known).map(String::as_str);
        if let Some(subnet) = connector.subnet.as_ref().and_then(Field::known) {
            return self.subnet(network, subnet).map(|(index, name)| (index, Some(name)));
        }
        self.networks.id_of(network?).map(|index| (index, None))
    }

    /// The region of a connector: its own, else its subnet's.
    pub fn connector_region<'a>(&'a self, connector: &'a Connector) -> Option<&'a str> {
        if let Some(region) = connector.region.as_ref() {
            return region.known().map(String::as_str);
        }
        let (network, subnet) = self.connector_network(connector)?;
        self.subnet_region(network, &subnet?)
    }

    /// The region of a subnet.
    pub fn subnet_region(&self, network: Id<Network>, subnet: &str) -> Option<&str> {
        self.networks[network].subnets.get(subnet).map(|subnet| subnet.region.value.as_str())
    }

    /// The network and subnet of Direct VPC egress (EGR-040).
    pub fn direct_subnet(&self, access: &VpcAccess) -> Option<(Id<Network>, String)> {
        let network = access.network.as_ref().and_then(Field::known).map(String::as_str);
        match access.subnet.as_ref() {
            Some(subnet) => self.subnet(network, subnet.known()?),
            None => self.subnet(network, network?),
        }
    }

    /// The networks that a service or job sends into, as far as they are known.
    pub fn attached_network(&self, access: &VpcAccess) -> Option<Id<Network>> {
        if let Some(connector) = access.connector.as_ref() {
            let connector = self.connectors.get(connector.known()?)?;
            return self.connector_network(connector).map(|(network, _)| network);
        }
        self.direct_subnet(access).map(|(network, _)| network)
    }

    /// Whether one perimeter that satisfies `fits` holds all of these projects.
    pub fn share_perimeter(
        &self,
        projects: impl IntoIterator<Item = Id<Project>>,
        fits: impl Fn(&super::organization::Perimeter) -> bool,
    ) -> bool {
        let ids: Vec<&str> = projects.into_iter().map(|project| self.project_id(project)).collect();
        self.perimeters.values().filter(|perimeter| fits(perimeter)).any(|perimeter| {
            ids.iter().all(|id| perimeter.projects.iter().any(|inside| inside.value == *id))
        })
    }

    /// The projects that a network is shared with.
    pub fn sharing_projects(&self, network: Id<Network>) -> impl Iterator<Item = Id<Project>> {
        let shared = self.networks[network].shared_with.iter();
        shared.filter_map(|project| self.projects.id_of(&project.value))
    }

    /// The peerings of a network that both sides have set up: the own side, and the other
    /// (EGR-092).
    pub fn active_peerings(&self, network: Id<Network>) -> Vec<(&Peering, &Peering)> {
        let index = |id: &str| self.networks.id_of(id);
        let own = self.peerings.values().filter(|side| index(&side.network.value) == Some(network));
        own.filter_map(|side| {
            let other = self.peerings.values().find(|other| {
                other.network.value == side.peer.value && other.peer.value == side.network.value
            })?;
            Some((side, other))
        })
        .collect()
    }

    /// A subnet by its name.
    pub fn subnet_of(&self, network: Id<Network>, subnet: &str) -> Option<&Subnet> {
        self.networks[network].subnets.get(subnet)
    }

    /// The primary range of a subnet, if it is known.
    pub fn subnet_range(&self, network: Id<Network>, subnet: &str) -> Option<IpNet> {
        self.subnet_of(network, subnet)?.ipv4()
    }

    /// The ranges of a subnet of both versions of IP, as far as they are known.
    pub fn subnet_ranges(&self, network: Id<Network>, subnet: &str) -> Vec<IpNet> {
        self.subnet_of(network, subnet).into_iter().flat_map(Subnet::ranges).collect()
    }

    /// The network tags of a connector's instances (EGR-027).
    pub fn connector_tags(&self, id: &str, connector: &Connector) -> Vec<String> {
        let name = connector.name.as_ref().map_or(id, |name| &name.value);
        let region = self.connector_region(connector).unwrap_or_default();
        vec!["vpc-connector".into(), format!("vpc-connector-{region}-{name}")]
    }

    /// Whether a network has a subnet for proxies of a kind of internal load balancers (ING-112),
    /// in a region if one is given.
    pub fn has_proxy_subnet(
        &self,
        network: Id<Network>,
        purpose: SubnetPurpose,
        region: Option<&str>,
    ) -> bool {
        self.networks[network].subnets.values().any(|subnet| {
            subnet.purpose() == purpose && region.is_none_or(|region| subnet.region.value == region)
        })
    }

    /// The network that a gateway serves.
    pub fn nat_network(&self, nat: &Nat) -> Option<Id<Network>> {
        self.networks.id_of(nat.network.known()?)
    }
}

/// The text of a field that is known.
pub fn known(field: &Option<Field<String>>) -> Option<&str> {
    field.as_ref().and_then(Field::known).map(String::as_str)
}
