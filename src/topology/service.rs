//! Cloud Run services and jobs.

use super::iam::{Binding, IapSetting};
use super::record::{Field, Map, Spanned, keyword, record};

keyword! {
    /// The ingress setting (ING-009).
    pub enum Ingress {
        /// Every source (ING-010).
        All = "all" | "INGRESS_TRAFFIC_ALL",
        /// Internal sources only (ING-011 to ING-016).
        Internal = "internal" | "INGRESS_TRAFFIC_INTERNAL_ONLY",
        /// Internal sources and external Application Load Balancers (ING-017).
        InternalAndLoadBalancing =
            "internal-and-cloud-load-balancing" | "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        /// No source at all (ING-007).
        None = "none" | "INGRESS_TRAFFIC_NONE",
    }
}

keyword! {
    /// What a revision sends into its network (EGR-002).
    pub enum Egress {
        /// Only what goes to private addresses (EGR-007).
        PrivateRangesOnly = "private-ranges-only" | "PRIVATE_RANGES_ONLY",
        /// Everything (EGR-010).
        AllTraffic = "all-traffic" | "ALL_TRAFFIC" | "all",
    }
}

record! {
    /// How a service, job or worker pool sends into a VPC network (EGR-001): by a connector, or
    /// directly into a subnet, not both.
    pub struct VpcAccess {
        /// The connector.
        pub connector: Option<Field<String>>,
        /// The network, for Direct VPC egress; the subnet's if absent (EGR-040).
        pub network: Option<Field<String>>,
        /// The subnet, for Direct VPC egress; the one named like the network if absent (EGR-040).
        pub subnet: Option<Field<String>>,
        /// Network tags of the revision (EGR-045).
        pub tags: Vec<Spanned<String>>,
        /// What is sent into the network (EGR-002).
        pub egress: Option<Field<Egress>> = Egress::PrivateRangesOnly,
    }
}

record! {
    /// A Cloud Run service.
    pub struct Service: resource "service" {
        /// The project; the only project if absent.
        pub project: Option<Field<String>>,
        /// The region.
        pub region: Field<String>,
        /// The name in URLs; the id if absent.
        pub name: Option<Spanned<String>>,
        /// The ingress setting (ING-009).
        pub ingress: Option<Field<Ingress>> = Ingress::All,
        /// Whether the run.app URLs answer (ING-045).
        pub default_url: Option<Field<bool>> = true,
        /// Traffic tags, each with a URL of its own (ING-044).
        pub traffic_tags: Vec<Spanned<String>>,
        /// Whether `run.routes.invoke` is checked (ING-064).
        pub invoker_check: Option<Field<bool>> = true,
        /// Who may invoke it: `roles/run.invoker` on the service (ING-054).
        pub invokers: Vec<Binding>,
        /// Other IAM bindings on the service.
        pub iam: Vec<Binding>,
        /// Identity-Aware Proxy on the service itself (ING-139).
        pub iap: Option<IapSetting> = false,
        /// Audiences accepted besides the run.app URL (ING-071).
        pub custom_audiences: Vec<Spanned<String>>,
        /// The account that it runs as; the Compute Engine default account if absent.
        pub service_account: Option<Field<String>>,
        /// How it sends into a VPC network; not at all if absent (EGR-001).
        pub vpc_access: Option<VpcAccess>,
        /// The Cloud SQL instances that it has connections to (EGR-152).
        pub cloud_sql: Vec<Spanned<String>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A Cloud Run job: it sends requests and receives none.
    pub struct Job: resource "job" {
        /// The project; the only project if absent.
        pub project: Option<Field<String>>,
        /// The region.
        pub region: Field<String>,
        /// The account that it runs as; the Compute Engine default account if absent.
        pub service_account: Option<Field<String>>,
        /// How it sends into a VPC network; not at all if absent (EGR-001).
        pub vpc_access: Option<VpcAccess>,
        /// The Cloud SQL instances that it has connections to (EGR-152).
        pub cloud_sql: Vec<Spanned<String>>,
        /// IAM bindings on the job (ING-217).
        pub iam: Vec<Binding>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A Cloud Run worker pool: it sends requests, and may receive packets by Direct VPC ingress
    /// (EGR-039).
    pub struct WorkerPool: resource "worker_pool" {
        /// The project; the only project if absent.
        pub project: Option<Field<String>>,
        /// The region.
        pub region: Field<String>,
        /// The account that it runs as; the Compute Engine default account if absent.
        pub service_account: Option<Field<String>>,
        /// How it is attached to a VPC network; not at all if absent (EGR-001).
        pub vpc_access: Option<VpcAccess>,
        /// The Cloud SQL instances that it has connections to (EGR-152).
        pub cloud_sql: Vec<Spanned<String>>,
        /// What it listens for in its subnet, by Direct VPC ingress; it receives nothing if empty.
        pub listens: Vec<Spanned<super::firewall::Traffic>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A domain mapped to a service (ING-049).
    pub struct DomainMapping: resource "domain_mapping" {
        /// The host; the id if absent.
        pub host: Option<Spanned<String>>,
        /// The service.
        pub service: Field<String>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
