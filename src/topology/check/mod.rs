//! What can be found in a topology without solving it.
//!
//! *Errors* are references to nothing and combinations that Google Cloud refuses; the graph is
//! compiled from topologies that have none. *Warnings* are what works, but probably not as it was
//! meant: a guard that can be gone around, a rule that never applies. *Notes* are worth knowing.
//!
//! | file | holds findings about |
//! |---|---|
//! | `references.rs` | names that refer to nothing, projects that are not named |
//! | `names.rs` | the same name, host, number or address twice; names that are not well formed |
//! | `services.rs` | services, jobs and how they are attached to networks |
//! | `load_balancers.rs` | kinds of load balancer and their front ends |
//! | `backends.rs` | backends, their NEGs and caches |
//! | `attached.rs` | security policies where they are attached |
//! | `url_maps.rs` | hosts, paths, routes |
//! | `policies.rs` | security policies and their rules |
//! | `iam.rs` | bindings, members, deny policies |
//! | `iap.rs` | Identity-Aware Proxy |
//! | `guards.rs` | ways around the guards of a load balancer |
//! | `networks.rs` | connectors, gateways, outside parties |
//! | `network_references.rs` | what routes, firewalls, zones and endpoints refer to |
//! | `ranges.rs` | ranges of networks |
//! | `versions.rs` | versions of IP: what is of the wrong one |
//! | `addresses.rs` | addresses in networks and outside |
//! | `families.rs` | addresses of the wrong family |
//! | `nats.rs` | rules and ranges of gateways |
//! | `routes.rs` | static, policy-based and dynamic routes |
//! | `peerings.rs` | peerings, and what is expected behind them |
//! | `sites.rs` | on-premises sites and their lines |
//! | `hubs.rs` | hubs of Network Connectivity Center, networks that are elsewhere |
//! | `firewalls.rs` | how firewall rules are written |
//! | `firewall_order.rs` | the order in which firewall rules are asked; no findings |
//! | `shadowed.rs` | firewall rules that never decide |
//! | `filtered.rs` | what firewalls do to Cloud Run |
//! | `cut_off.rs` | what firewalls cut off from connectors and from Cloud Run |
//! | `dns.rs` | zones and policies of Cloud DNS |
//! | `private_access.rs` | Private Google Access, endpoints, managed databases |
//! | `psc_negs.rs` | Private Service Connect NEGs |
//! | `products.rs` | Google products that call services |
//! | `unused.rs` | what nothing refers to |
//! | `absence.rs` | what is missing: which findings are not made of what was not read |
//! | `reading.rs` | the codes of what reading a file finds |
//! | `expressions.rs` | conditions and matches in CEL |
//! | `relations.rs` | who leads to whom; no findings |
//! | `seats.rs` | who sends from inside networks; no findings |
//!
//! # Invariants
//!
//! - A value that is not known gives no finding, each of its candidates does.
//! - Every finding has a code of [`CODES`], and every code has an example that gives it.
//! - Nothing here is worse than near-linear in the size of the topology.

mod absence;
mod addresses;
mod attached;
mod backends;
mod code;
mod cut_off;
mod dns;
mod expressions;
mod families;
mod filtered;
mod firewall_order;
mod firewalls;
mod guards;
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
mod reading;
mod references;
mod relations;
mod routes;
mod seats;
mod services;
mod shadowed;
mod sites;
#[cfg(test)]
mod tests;
mod unused;
mod url_maps;
mod versions;

pub use self::absence::{ABSENCES, check_of_part, misses};
pub use self::code::CodeInfo;
use self::expressions::Expressions;
use self::relations::Relations;
use self::seats::Seats;
use crate::source::{Finding, Findings, Span};
use crate::topology::Topology;
use crate::topology::record::{Field, Spanned};

const FAMILIES: [&[CodeInfo]; 32] = [
    reading::CODES,
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
    guards::CODES,
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
    shadowed::CODES,
    filtered::CODES,
    cut_off::CODES,
    dns::CODES,
    private_access::CODES,
    psc_negs::CODES,
    products::CODES,
    unused::CODES,
    versions::CODES,
];

const COUNT: usize = code::count(&FAMILIES);

/// Every code that a finding about a topology can have, family by family.
pub const CODES: &[CodeInfo] = &code::join::<COUNT>(&FAMILIES);

/// The description of a code.
pub fn code(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|info| info.code == code)
}

/// Finds what can be found without solving.
pub fn check(topology: &Topology, findings: &mut Findings) {
    let relations = Relations::new(topology);
    let seats = Seats::new(topology);
    let expressions = Expressions::default();
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
    checker.guards();
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
    checker.shadowed();
    checker.filtered();
    checker.cut_off();
    checker.dns();
    checker.private_access();
    checker.psc_negs();
    checker.products();
    checker.unused();
}

struct Checker<'t, 'f> {
    topology: &'t Topology,
    relations: Relations<'t>,
    seats: Seats<'t>,
    expressions: Expressions<'t>,
    findings: &'f mut Findings,
}

impl Checker<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// The values that a field may have, each with its place.
fn each<T>(field: &Field<T>) -> impl Iterator<Item = (&T, Span)> {
    let known = field.known().map(|value| (value, field.span));
    known.into_iter().chain(field.candidates().iter().map(|each| (&each.value, each.span)))
}

/// The values that a field may have if it is written, each with its place.
fn every<T>(field: &Option<Field<T>>) -> impl Iterator<Item = (&T, Span)> {
    field.iter().flat_map(each)
}

/// A field's value, or its default where it is not written; `None` if it is not known.
fn value_or<T: Copy>(field: &Option<Field<T>>, default: T) -> Option<T> {
    field.as_ref().map_or(Some(default), |field| field.known().copied())
}

/// Whether a switch is written and on.
fn on(field: &Option<Spanned<bool>>) -> bool {
    field.as_ref().is_some_and(|field| field.value)
}

/// Words as a list in a sentence: `a`, `b` and `c`.
fn listed<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
