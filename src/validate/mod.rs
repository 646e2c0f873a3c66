//! What refers to nothing, is malformed, or Google's API would refuse: errors.
//!
//! The graph is compiled from topologies that have none.
//!
//! | file | holds findings about |
//! |---|---|
//! | `addresses.rs` | addresses in networks and outside |
//! | `attached.rs` | security policies where they are attached |
//! | `backends.rs` | backends, their NEGs and caches |
//! | `dns.rs` | zones and policies of Cloud DNS |
//! | `endpoint_groups.rs` | groups of endpoints that are not Cloud Run, and sorts of backends |
//! | `expressions.rs` | conditions and matches in CEL |
//! | `families.rs` | addresses of the wrong family |
//! | `firewalls.rs` | how firewall rules are written |
//! | `hubs.rs` | hubs of Network Connectivity Center, networks that are elsewhere |
//! | `iam.rs` | bindings, members, deny policies |
//! | `iap.rs` | Identity-Aware Proxy |
//! | `load_balancers.rs` | kinds of load balancer and their front ends |
//! | `names.rs` | the same name, host, number or address twice; names that are not well formed |
//! | `nats.rs` | rules and ranges of gateways |
//! | `network_references.rs` | what routes, firewalls, zones and endpoints refer to |
//! | `networks.rs` | connectors, gateways, outside parties |
//! | `peerings.rs` | peerings, and what is expected behind them |
//! | `policies.rs` | security policies and their rules |
//! | `private_access.rs` | Private Google Access, endpoints, managed databases |
//! | `products.rs` | Google products that call services |
//! | `psc_negs.rs` | Private Service Connect NEGs |
//! | `ranges.rs` | ranges of networks |
//! | `references.rs` | names that refer to nothing, projects that are not named |
//! | `routes.rs` | static, policy-based and dynamic routes |
//! | `services.rs` | services, jobs and how they are attached to networks |
//! | `sites.rs` | on-premises sites and their lines |
//! | `url_maps.rs` | hosts, paths, routes |
//! | `versions.rs` | versions of IP: what is of the wrong one |
//!
//! # Invariants
//!
//! - A value that is not known gives no finding, each of its candidates does.
//! - Every finding has a code of [`CODES`], and every code has an example that gives it.
//! - Nothing here is worse than near-linear in the size of the topology.

mod addresses;
mod attached;
mod backends;
mod dns;
mod endpoint_groups;
mod expressions;
mod families;
mod firewalls;
mod hubs;
mod iam;
mod iap;
mod load_balancers;
mod names;
mod nats;
mod network_references;
mod networks;
mod peerings;
mod policies;
mod private_access;
mod products;
mod psc_negs;
mod ranges;
mod references;
mod routes;
mod services;
mod sites;
#[cfg(test)]
pub(crate) mod tests;
mod url_maps;
mod versions;

use crate::inventory::attachments::Seats;
use crate::inventory::expressions::ReadExpressions;
use crate::inventory::relations::Relations;
use crate::source::{CodeInfo, Finding, Findings, code};
use crate::topology::Topology;

const FAMILIES: &[&[CodeInfo]] = &[
    references::CODES,
    names::CODES,
    services::CODES,
    load_balancers::CODES,
    backends::CODES,
    attached::CODES,
    url_maps::CODES,
    policies::CODES,
    iam::CODES,
    iap::CODES,
    networks::CODES,
    network_references::CODES,
    ranges::CODES,
    addresses::CODES,
    families::CODES,
    nats::CODES,
    routes::CODES,
    peerings::CODES,
    sites::CODES,
    hubs::CODES,
    firewalls::CODES,
    dns::CODES,
    private_access::CODES,
    psc_negs::CODES,
    endpoint_groups::CODES,
    products::CODES,
    versions::CODES,
];

const COUNT: usize = code::count(FAMILIES);

/// Every code that a finding here can have, family by family.
pub const CODES: &[CodeInfo] = &code::join::<COUNT>(FAMILIES);

/// Finds what is wrong with a topology.
pub fn check(topology: &Topology, findings: &mut Findings) {
    let relations = Relations::new(topology);
    let seats = Seats::new(topology);
    let expressions = ReadExpressions::default();
    let mut checker = Checker { topology, relations, seats, expressions, findings };
    checker.references();
    checker.names();
    checker.services();
    checker.load_balancers();
    checker.backends();
    checker.attached_to();
    checker.url_maps();
    checker.policies();
    checker.iam();
    checker.iap();
    checker.networks();
    checker.versions();
    checker.ranges();
    checker.addresses();
    checker.families();
    checker.nats();
    checker.routes();
    checker.peerings();
    checker.sites();
    checker.hubs();
    checker.firewalls();
    checker.dns();
    checker.private_access();
    checker.psc_negs();
    checker.endpoint_groups();
    checker.products();
}

struct Checker<'t, 'f> {
    topology: &'t Topology,
    relations: Relations<'t>,
    seats: Seats<'t>,
    expressions: ReadExpressions<'t>,
    findings: &'f mut Findings,
}

impl Checker<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
