//! Private Service Connect, private services access, and the managed databases behind them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::record::{Field, Map, Spanned, keyword, record};

record! {
    /// A Private Service Connect endpoint in a network (EGR-127, EGR-166).
    pub struct PscEndpoint: resource "psc_endpoint" {
        /// Its network.
        pub network: Spanned<String>,
        /// Its region; none for an endpoint for Google APIs.
        pub region: Option<Spanned<String>>,
        /// Its address.
        pub address: Field<IpAddr>,
        /// What it leads to: `all-apis`, `vpc-sc`, `service_attachment/ID`, `sql_instance/ID`, or
        /// `external/ID` for a service that an outside party publishes (EGR-257).
        pub target: Spanned<String>,
        /// Whether clients of other regions reach it.
        pub global_access: Option<Field<bool>> = false,
        /// Whether the producer accepted the connection; by the attachment's lists if absent.
        pub accepted: Option<Field<bool>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A published service (EGR-167).
    pub struct ServiceAttachment: resource "service_attachment" {
        /// The producer's project; the load balancer's if absent.
        pub project: Option<Field<String>>,
        /// The internal load balancer behind it.
        pub load_balancer: Spanned<String>,
        /// The subnets whose addresses consumers arrive with, `NETWORK/SUBNET` (EGR-168).
        pub nat_subnets: Vec<Spanned<String>>,
        /// Whether connections are accepted that no list names.
        pub accept_automatic: Option<Spanned<bool>> = false,
        /// Projects and networks that are accepted.
        pub accept: Vec<Spanned<String>>,
        /// Projects and networks that are refused.
        pub reject: Vec<Spanned<String>>,
    }
}

record! {
    /// Private services access: ranges of a network that Google's managed services use (EGR-149).
    pub struct PrivateConnection: resource "private_connection" {
        /// The network.
        pub network: Spanned<String>,
        /// The ranges.
        pub ranges: Vec<Spanned<IpNet>>,
        /// Whether the network gives its static and dynamic routes (EGR-150).
        pub export_custom_routes: Option<Spanned<bool>> = false,
        /// Whether the network takes routes to ranges with public addresses (EGR-151).
        pub import_public_subnets: Option<Spanned<bool>> = false,
        /// Whether VPC Service Controls is on for the connection; what it closes is not followed.
        pub vpc_service_controls: Option<Field<bool>> = false,
    }
}

keyword! {
    /// The database engine.
    pub enum SqlEngine {
        /// MySQL, port 3306.
        Mysql = "mysql",
        /// PostgreSQL, port 5432.
        Postgres = "postgres",
        /// SQL Server, port 1433.
        Sqlserver = "sqlserver",
    }
}

impl SqlEngine {
    /// The port that it listens on.
    pub fn port(self) -> u16 {
        match self {
            SqlEngine::Mysql => 3306,
            SqlEngine::Postgres => 5432,
            SqlEngine::Sqlserver => 1433,
        }
    }
}

record! {
    /// A Cloud SQL instance (EGR-152 to EGR-155).
    pub struct SqlInstance: resource "sql_instance" {
        /// The project; the only project if absent.
        pub project: Option<Field<String>>,
        /// Its region.
        pub region: Spanned<String>,
        /// The engine.
        pub engine: Spanned<SqlEngine>,
        /// The network in which it has a private address, by private services access.
        pub network: Option<Spanned<String>>,
        /// Its private address.
        pub private_address: Option<Field<IpAddr>>,
        /// Its public address.
        pub public_address: Option<Field<IpAddr>>,
        /// Public addresses that may connect without a connector (EGR-154).
        pub authorized_networks: Vec<Spanned<IpNet>>,
        /// Whether only connectors may connect (EGR-153).
        pub require_connector: Option<Spanned<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A Memorystore for Redis instance (EGR-156).
    pub struct RedisInstance: resource "redis_instance" {
        /// The project; the only project if absent.
        pub project: Option<Field<String>>,
        /// Its region.
        pub region: Spanned<String>,
        /// Its network.
        pub network: Spanned<String>,
        /// Its address.
        pub address: Field<IpAddr>,
        /// Whether it speaks TLS, on 6378.
        pub tls: Option<Spanned<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
