//! What works, but probably not as it was meant (warnings), and what is worth knowing (notes).
//!
//! What a lint says of traffic it asks the engine. Lints that speak of the text alone read the
//! topology.
//!
//! | file | holds findings about |
//! |---|---|
//! | `addresses.rs` | internal addresses in no subnet that is known |
//! | `attached.rs` | security policies that are attached where they do not hold |
//! | `backends.rs` | NEGs that lead elsewhere than they seem to |
//! | `cut_off.rs` | what firewalls cut off from connectors and from Cloud Run |
//! | `dns.rs` | zones of Cloud DNS that answer less than they seem to |
//! | `filtered.rs` | what firewalls do to Cloud Run |
//! | `firewalls.rs` | networks that do not say which firewall rules they began with |
//! | `guards.rs` | ways around the guards of a load balancer |
//! | `hubs.rs` | spokes that take out what they do not give |
//! | `iam.rs` | bindings that let nobody pass, or more than is needed |
//! | `iap.rs` | Identity-Aware Proxy: who passes it, and whether its agent may invoke |
//! | `load_balancers.rs` | internal load balancers without proxies |
//! | `names.rs` | names that Cloud Run does not take, or makes no URL of |
//! | `peerings.rs` | peerings with one side, and what is expected behind them |
//! | `policies.rs` | security policies that refuse nothing |
//! | `private_access.rs` | Private Google Access, endpoints, published services, managed databases without a way |
//! | `products.rs` | what stands in the way of Google products that call services |
//! | `psc_negs.rs` | Private Service Connect NEGs that do not reach what they lead to |
//! | `ranges.rs` | ranges that Cloud Run does not reach, or does not look for in its network |
//! | `services.rs` | services, jobs and worker pools: who can enter them, settings without effect |
//! | `shadowed.rs` | firewall rules that never decide |
//! | `told.rs` | where the space of requests tells less than the whole story |
//! | `unreached.rs` | rules that no request reaches |
//! | `unused.rs` | what nothing refers to |
//! | `url_maps.rs` | rules of URL maps that never apply |
//! | `versions.rs` | versions of IP: gateways that translate for nobody, rules that IPv6 gets past |
//!

mod addresses;
mod attached;
mod backends;
mod cut_off;
mod dns;
mod filtered;
mod firewalls;
mod guards;
mod hubs;
mod iam;
mod iap;
mod load_balancers;
mod names;
mod peerings;
mod policies;
mod private_access;
mod products;
mod psc_negs;
mod ranges;
mod services;
mod shadowed;
#[cfg(test)]
mod tests;
mod told;
mod unreached;
mod unused;
mod url_maps;
mod versions;

use crate::inventory::attachments::Seats;
use crate::inventory::expressions::Expressions;
use crate::inventory::relations::Relations;
use crate::question::Completeness;
use crate::source::{CodeInfo, Finding, Findings, code};
use crate::topology::Topology;
use crate::topology::unread::Unread;
use crate::validate::misses;

const FAMILIES: &[&[CodeInfo]] = &[
    guards::CODES,
    shadowed::CODES,
    filtered::CODES,
    cut_off::CODES,
    unused::CODES,
    backends::CODES,
    attached::CODES,
    firewalls::CODES,
    hubs::CODES,
    addresses::CODES,
    ranges::CODES,
    iam::CODES,
    iap::CODES,
    load_balancers::CODES,
    names::CODES,
    policies::CODES,
    products::CODES,
    peerings::CODES,
    url_maps::CODES,
    services::CODES,
    dns::CODES,
    private_access::CODES,
    psc_negs::CODES,
    versions::CODES,
    unreached::CODES,
];

const COUNT: usize = code::count(FAMILIES);

/// Every code that a finding here can have, family by family.
pub const CODES: &[CodeInfo] = &code::join::<COUNT>(FAMILIES);

/// Finds what the text of a topology alone tells.
pub fn of_text(topology: &Topology, unread: &[Unread], findings: &mut Findings) {
    let mut found = Findings::new();
    let relations = Relations::new(topology);
    let seats = Seats::new(topology);
    let mut linter = Linter {
        topology,
        relations,
        seats,
        expressions: Expressions::default(),
        findings: &mut found,
    };
    linter.guards();
    linter.shadowed();
    linter.filtered();
    linter.cut_off();
    linter.unused();
    linter.backends();
    linter.attached_to();
    linter.default_rules();
    linter.hubs();
    linter.addresses();
    linter.ranges();
    linter.iam();
    linter.iap();
    linter.load_balancers();
    linter.names();
    linter.policies();
    linter.products();
    linter.peerings();
    linter.url_maps();
    linter.services();
    linter.dns();
    linter.private_access();
    linter.psc_negs();
    linter.versions();
    let holds =
        |finding: &Finding| !unread.iter().any(|unread| misses(finding.code, unread.family));
    findings.extend(found.into_iter().filter(holds));
}

/// Finds what only asking the engine tells, in a topology without errors. Says what of the input is
/// not followed.
pub fn of_traffic(
    topology: &Topology,
    unread: Vec<Unread>,
    findings: &mut Findings,
) -> Completeness {
    unreached::check(topology, unread, findings)
}

struct Linter<'t, 'f> {
    topology: &'t Topology,
    relations: Relations<'t>,
    seats: Seats<'t>,
    expressions: Expressions<'t>,
    findings: &'f mut Findings,
}

impl Linter<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
