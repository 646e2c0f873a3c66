//! The whole of a topology, and the sections that it is made of.
//!
//! A section is declared once, in [`topology!`](self) below; what is the same for resources of every
//! kind (merging files, labels, selectors, sizes) goes over [`Topology::sections`].

use super::dns::{DnsPolicy, ResponsePolicy, Zone};
use super::firewall::{FirewallPolicy, FirewallRule};
use super::hybrid::{NccHub, NccSpoke, Site};
use super::iam::{AccessBoundary, DenyPolicy};
use super::load_balancer::{Backend, BackendBucket, EndpointGroup, LoadBalancer};
use super::network::{Connector, External, Nat, Network, Passthrough, Vm};
use super::organization::{
    AccessLevel, Folder, Group, Organization, Perimeter, Product, Project, User,
};
use super::private_access::{
    PrivateConnection, PscEndpoint, RedisInstance, ServiceAttachment, SqlInstance,
};
use super::record::{Map, Spanned, record};
use super::routing::{Peering, PolicyRoute, Route};
use super::section::{Section, Twice};
use super::security_policy::{AddressGroup, SecurityPolicy};
use super::service::{DomainMapping, Job, Service, WorkerPool};
use crate::source::Span;

/// Declares the topology: keys of its own, and sections of resources by id.
macro_rules! topology {
    (
        $(#[doc = $doc:expr])*
        pub struct Topology {
            $($(#[doc = $own_doc:expr])* pub $own:ident: $type:ty,)*
        }
        sections {
            $($(#[doc = $section_doc:expr])* $section:ident: $record:ty,)*
        }
    ) => {
        record! {
            $(#[doc = $doc])*
            pub struct Topology: called "topology" {
                $($(#[doc = $own_doc])* pub $own: $type,)*
                $($(#[doc = $section_doc])* pub $section: Map<$record>,)*
            }
        }

        impl Topology {
            /// A topology without resources.
            pub fn empty(span: Span) -> Self {
                Self { $($own: None,)* $($section: Map::new(),)* span }
            }

            /// Its sections, in the order of their declaration.
            pub fn sections(&self) -> impl Iterator<Item = Section<'_>> {
                [$(Section::new(stringify!($section), &self.$section)),*].into_iter()
            }

            /// Takes in the resources of another topology, and tells of those that both declare:
            /// they stay as they were.
            pub fn take_resources(&mut self, other: &mut Self, twice: &mut dyn FnMut(Twice)) {
                $(super::section::join(&mut self.$section, &mut other.$section, twice);)*
            }
        }
    };
}

topology! {
    /// A topology: what is deployed, who sends requests, and who receives them.
    pub struct Topology {
        /// The version of the format: 1.
        pub portolan: Option<Spanned<u32>>,
        /// The organization.
        pub organization: Option<Organization>,
    }
    sections {
        /// Folders.
        folders: Folder,
        /// Projects.
        projects: Project,
        /// VPC networks.
        networks: Network,
        /// Serverless VPC Access connectors.
        connectors: Connector,
        /// Cloud NAT gateways.
        nats: Nat,
        /// Cloud Run services.
        services: Service,
        /// Cloud Run jobs.
        jobs: Job,
        /// Cloud Run worker pools.
        worker_pools: WorkerPool,
        /// Mapped domains.
        domain_mappings: DomainMapping,
        /// Application Load Balancers.
        load_balancers: LoadBalancer,
        /// Backend services.
        backends: Backend,
        /// Groups of endpoints behind load balancers that are not Cloud Run.
        endpoint_groups: EndpointGroup,
        /// Backend buckets.
        backend_buckets: BackendBucket,
        /// Cloud Armor security policies.
        security_policies: SecurityPolicy,
        /// Address groups.
        address_groups: AddressGroup,
        /// Access levels.
        access_levels: AccessLevel,
        /// Google groups with known members.
        groups: Group,
        /// IAM deny policies.
        deny_policies: DenyPolicy,
        /// Principal access boundaries.
        access_boundaries: AccessBoundary,
        /// VPC Service Controls perimeters.
        perimeters: Perimeter,
        /// Named groups of users.
        users: User,
        /// Virtual machines.
        vms: Vm,
        /// Internal passthrough load balancers.
        passthrough_load_balancers: Passthrough,
        /// On-premises sites.
        onprem: Site,
        /// Hubs of Network Connectivity Center.
        ncc_hubs: NccHub,
        /// Spokes of hubs.
        ncc_spokes: NccSpoke,
        /// Google products that call services.
        products: Product,
        /// Static routes.
        routes: Route,
        /// Policy-based routes.
        policy_routes: PolicyRoute,
        /// Sides of network peerings.
        peerings: Peering,
        /// VPC firewall rules.
        firewall_rules: FirewallRule,
        /// Firewall policies.
        firewall_policies: FirewallPolicy,
        /// Private zones of Cloud DNS.
        zones: Zone,
        /// Response policies of Cloud DNS.
        response_policies: ResponsePolicy,
        /// Server policies of Cloud DNS.
        dns_policies: DnsPolicy,
        /// Private Service Connect endpoints.
        psc_endpoints: PscEndpoint,
        /// Published services.
        service_attachments: ServiceAttachment,
        /// Private services access.
        private_connections: PrivateConnection,
        /// Cloud SQL instances.
        sql_instances: SqlInstance,
        /// Memorystore for Redis instances.
        redis_instances: RedisInstance,
        /// Parties outside Google Cloud.
        externals: External,
    }
}
