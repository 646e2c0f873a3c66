use super::*;
use crate::topology::record::{keyword, record};

keyword! {
    /// Where requests may come from.
    pub enum Ingress: called "ingress setting" {
        /// From everywhere.
        All = "all" | "INGRESS_TRAFFIC_ALL",
        /// From inside.
        Internal = "internal",
        /// From inside and from load balancers.
        LoadBalancing = "internal-and-cloud-load-balancing",
    }
}

record! {
    /// One service
    /// of Cloud Run.
    ///
    /// More.
    pub struct Service: resource "service" {
        /// The project.
        pub project: Option<Spanned<String>>,
        /// The region.
        pub region: Field<String>,
        /// Where requests may come from.
        pub ingress: Option<Field<Ingress>>,
        /// Who may invoke it.
        pub invokers: Vec<Field<String>>,
        /// The port.
        pub port: Option<u16>,
        /// The kind.
        pub kind: Option<Spanned<String>> as "type",
        /// Whether the default URL works.
        pub r#default: Option<bool>,
    }
}
