//! The whole of a topology.

use super::dns::{DnsPolicy, ResponsePolicy, Zone};
use super::firewall::{FirewallPolicy, FirewallRule};
use super::hybrid::{NccHub, NccSpoke, Site};
use super::iam::{AccessBoundary, DenyPolicy};
use super::load_balancer::{Backend, BackendBucket, LoadBalancer};
use super::network::{Connector, External, Nat, Network, Passthrough, Vm};
use super::organization::{
    AccessLevel, Folder, Group, Organization, Perimeter, Product, Project, User,
};
use super::private_access::{
    PrivateConnection, PscEndpoint, RedisInstance, ServiceAttachment, SqlInstance,
};
use super::record::{Map, Spanned, record};
use super::routing::{Peering, PolicyRoute, Route};
use super::security_policy::{AddressGroup, SecurityPolicy};
use super::service::{DomainMapping, Job, Service, WorkerPool};

record! {
    /// A topology: what is deployed, who sends requests, and who receives them.
    pub struct Topology: called "topology" {
        /// The version of the format: 1.
        pub portolan: Option<Spanned<u32>>,
        /// The organization.
        pub organization: Option<Organization>,
        /// Folders.
        pub folders: Map<Folder>,
        /// Projects.
        pub projects: Map<Project>,
        /// VPC networks.
        pub networks: Map<Network>,
        /// Serverless VPC Access connectors.
        pub connectors: Map<Connector>,
        /// Cloud NAT gateways.
        pub nats: Map<Nat>,
        /// Cloud Run services.
        pub services: Map<Service>,
        /// Cloud Run jobs.
        pub jobs: Map<Job>,
        /// Cloud Run worker pools.
        pub worker_pools: Map<WorkerPool>,
        /// Mapped domains.
        pub domain_mappings: Map<DomainMapping>,
        /// Application Load Balancers.
        pub load_balancers: Map<LoadBalancer>,
        /// Backend services.
        pub backends: Map<Backend>,
        /// Backend buckets.
        pub backend_buckets: Map<BackendBucket>,
        /// Cloud Armor security policies.
        pub security_policies: Map<SecurityPolicy>,
        /// Address groups.
        pub address_groups: Map<AddressGroup>,
        /// Access levels.
        pub access_levels: Map<AccessLevel>,
        /// Google groups with known members.
        pub groups: Map<Group>,
        /// IAM deny policies.
        pub deny_policies: Map<DenyPolicy>,
        /// Principal access boundaries.
        pub access_boundaries: Map<AccessBoundary>,
        /// VPC Service Controls perimeters.
        pub perimeters: Map<Perimeter>,
        /// Named groups of users.
        pub users: Map<User>,
        /// Virtual machines.
        pub vms: Map<Vm>,
        /// Internal passthrough load balancers.
        pub passthrough_load_balancers: Map<Passthrough>,
        /// On-premises sites.
        pub onprem: Map<Site>,
        /// Hubs of Network Connectivity Center.
        pub ncc_hubs: Map<NccHub>,
        /// Spokes of hubs.
        pub ncc_spokes: Map<NccSpoke>,
        /// Google products that call services.
        pub products: Map<Product>,
        /// Static routes.
        pub routes: Map<Route>,
        /// Policy-based routes.
        pub policy_routes: Map<PolicyRoute>,
        /// Sides of network peerings.
        pub peerings: Map<Peering>,
        /// VPC firewall rules.
        pub firewall_rules: Map<FirewallRule>,
        /// Firewall policies.
        pub firewall_policies: Map<FirewallPolicy>,
        /// Private zones of Cloud DNS.
        pub zones: Map<Zone>,
        /// Response policies of Cloud DNS.
        pub response_policies: Map<ResponsePolicy>,
        /// Server policies of Cloud DNS.
        pub dns_policies: Map<DnsPolicy>,
        /// Private Service Connect endpoints.
        pub psc_endpoints: Map<PscEndpoint>,
        /// Published services.
        pub service_attachments: Map<ServiceAttachment>,
        /// Private services access.
        pub private_connections: Map<PrivateConnection>,
        /// Cloud SQL instances.
        pub sql_instances: Map<SqlInstance>,
        /// Memorystore for Redis instances.
        pub redis_instances: Map<RedisInstance>,
        /// Parties outside Google Cloud.
        pub externals: Map<External>,
    }
}
