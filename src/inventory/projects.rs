//! Projects: whose a resource is, what is above it, and which accounts belong to it.

use super::Inventory;
use crate::topology::load_balancer::{Backend, LoadBalancer};
use crate::topology::network::Network;
use crate::topology::organization::{Perimeter, Project};
use crate::topology::record::{Field, Id};
use crate::topology::service::Service;

impl<'t> Inventory<'t> {
    /// The project that a key names, or the only one. `None` if it is not known, or if the key is
    /// absent and there are several.
    pub fn project(&self, field: Option<&Field<String>>) -> Option<Id<Project>> {
        self.topology.project(field).map(Id::at)
    }

    /// The project that owns a network.
    pub fn network_project(&self, network: Id<Network>) -> Option<Id<Project>> {
        self.network_projects[network]
    }

    /// The project of a service.
    pub fn service_project(&self, service: Id<Service>) -> Option<Id<Project>> {
        self.services[service].project
    }

    /// The project of a load balancer: its own, else its network's, else the only one.
    pub fn load_balancer_project(&self, load_balancer: &LoadBalancer) -> Option<Id<Project>> {
        self.topology.load_balancer_project(load_balancer).map(Id::at)
    }

    /// The project of a backend: its own, else that of its first service, else the only one.
    pub fn backend_project(&self, backend: &Backend) -> Option<Id<Project>> {
        if backend.project.is_some() {
            return self.project(backend.project.as_ref());
        }
        let first = backend.services.iter().find_map(|neg| {
            let service = neg.service.as_ref()?.known()?;
            self.service_project(self.topology.services.id_of(service)?)
        });
        first.or_else(|| self.project(None))
    }

    /// The name of a service in URLs.
    pub fn service_name(&self, service: Id<Service>) -> &'t str {
        let (id, entry) = self.topology.services.at(service);
        entry.value.name.as_ref().map_or(id, |name| &name.value)
    }

    /// The services whose name in URLs is this.
    pub fn services_named(&self, name: &str) -> impl Iterator<Item = Id<Service>> {
        self.topology.services.ids().filter(move |service| self.service_name(*service) == name)
    }

    /// IAP's service agent of a project (ING-141).
    pub fn iap_agent(&self, project: Id<Project>) -> String {
        let number = self.topology.number_or_name(Some(project.index()));
        format!("service-{number}@gcp-sa-iap.iam.gserviceaccount.com")
    }

    /// The number of a project, if it is known.
    pub fn project_number(&self, project: Id<Project>) -> Option<u64> {
        self.topology.project_number(project.index())
    }

    /// The folders above a project, the nearest first.
    pub fn folders_above(&self, project: Id<Project>) -> Vec<&'t str> {
        let topology = self.topology;
        let mut above = Vec::new();
        let mut next = topology.projects[project].folder.as_ref();
        while let Some(folder) = next.map(|folder| folder.value.as_str()) {
            if above.contains(&folder) {
                break;
            }
            above.push(folder);
            next = topology.folders.get(folder).and_then(|folder| folder.parent.as_ref());
        }
        above
    }

    /// A project and all that is above it, as `project/ID`, `folder/ID`, `organization`.
    pub fn hierarchy(&self, project: Id<Project>) -> Vec<String> {
        let mut nodes = vec![format!("project/{}", self.topology.projects.key(project))];
        nodes.extend(self.folders_above(project).iter().map(|folder| format!("folder/{folder}")));
        nodes.push("organization".into());
        nodes
    }

    /// Whether one perimeter that satisfies `fits` holds all of these projects.
    pub fn share_perimeter(
        &self,
        projects: impl IntoIterator<Item = Id<Project>>,
        fits: impl Fn(&Perimeter) -> bool,
    ) -> bool {
        let topology = self.topology;
        let ids: Vec<&str> =
            projects.into_iter().map(|project| topology.projects.key(project)).collect();
        topology.perimeters.values().filter(|perimeter| fits(perimeter)).any(|perimeter| {
            ids.iter().all(|id| perimeter.projects.iter().any(|inside| inside.value == *id))
        })
    }

    /// The projects that a network is shared with.
    pub fn sharing_projects(&self, network: Id<Network>) -> impl Iterator<Item = Id<Project>> {
        let projects = &self.topology.projects;
        let shared = self.topology.networks[network].shared_with.iter();
        shared.filter_map(|project| projects.id_of(&project.value))
    }
}
