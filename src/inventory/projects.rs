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
        self.topology.project(field)
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
        self.topology.load_balancer_project(load_balancer)
    }

    /// The project of a backend: its own, else that of its first service, else the only one.
    pub fn backend_project(&self, backend: &Backend) -> Option<Id<Project>> {
        self.topology.backend_project(backend)
    }

    /// The name of a service in URLs.
    pub fn service_name(&self, service: Id<Service>) -> &'t str {
        self.topology.service_name(service)
    }

    /// The services whose name in URLs is this.
    pub fn services_named(&self, name: &str) -> impl Iterator<Item = Id<Service>> {
        self.topology.services.ids().filter(move |service| self.service_name(*service) == name)
    }

    /// IAP's service agent of a project (ING-141).
    pub fn iap_agent(&self, project: Id<Project>) -> String {
        self.topology.iap_agent(project)
    }

    /// The number of a project, if it is known.
    pub fn project_number(&self, project: Id<Project>) -> Option<u64> {
        self.topology.project_number(project)
    }

    /// The folders above a project, the nearest first.
    pub fn folders_above(&self, project: Id<Project>) -> Vec<&'t str> {
        self.topology.folders_above(project)
    }

    /// A project and all that is above it, as `project/ID`, `folder/ID`, `organization`.
    pub fn hierarchy(&self, project: Id<Project>) -> Vec<String> {
        self.topology.hierarchy(project)
    }

    /// Whether one perimeter that satisfies `fits` holds all of these projects.
    pub fn share_perimeter(
        &self,
        projects: impl IntoIterator<Item = Id<Project>>,
        fits: impl Fn(&Perimeter) -> bool,
    ) -> bool {
        self.topology.share_perimeter(projects, fits)
    }

    /// The projects that a network is shared with.
    pub fn sharing_projects(&self, network: Id<Network>) -> impl Iterator<Item = Id<Project>> {
        self.topology.sharing_projects(network)
    }
}
