//! What works, but probably not as it was meant (warnings), and what is worth knowing (notes).
//!
//! What a lint says of traffic it asks the engine (`ask.rs`), once there is no error. It reads the
//! topology only for what is worth asking, and for the places. Lints that speak of the text alone
//! are in [`TEXT_ONLY`], each with the reason.
//!
//! | file | holds findings about |
//! |---|---|
//! | `absence.rs` | what is missing: which findings are not made of what was not read |
//! | `addresses.rs` | internal addresses in no subnet that is known |
//! | `attached.rs` | security policies that are attached where they do not hold |
//! | `backends.rs` | NEGs that lead elsewhere than they seem to |
//! | `confirm.rs` | what settings make likely, and the engine decides |
//! | `cut_off.rs` | what firewalls cut off from connectors and from Cloud Run |
//! | `dns.rs` | zones of Cloud DNS that answer less than they seem to |
//! | `expressible.rs` | where the space of requests tells less than the whole story |
//! | `filtered.rs` | what firewalls do to Cloud Run |
//! | `firewalls.rs` | networks that do not say which firewall rules they began with |
//! | `guards.rs` | ways around the guards of a load balancer |
//! | `hubs.rs` | spokes that take out what they do not give |
//! | `iam.rs` | bindings that let nobody pass, or more than is needed |
//! | `iap.rs` | Identity-Aware Proxy: who passes it, and whether its agent may invoke |
//! | `load_balancers.rs` | internal load balancers without proxies |
//! | `names.rs` | names that Cloud Run does not take, or makes no URL of |
//! | `nats.rs` | gateways that miss who sends where they are |
//! | `networks.rs` | gateways, and outside parties that admit some addresses |
//! | `peerings.rs` | peerings with one side, and what is expected behind them |
//! | `policies.rs` | security policies that refuse nothing |
//! | `private_access.rs` | Private Google Access, endpoints, published services, managed databases without a way |
//! | `products.rs` | what stands in the way of Google products that call services |
//! | `psc_negs.rs` | Private Service Connect NEGs that do not reach what they lead to |
//! | `ranges.rs` | ranges that Cloud Run does not reach, or does not look for in its network |
//! | `routes.rs` | what routes lead to, and who does not have them |
//! | `services.rs` | services, jobs and worker pools: who can enter them, settings without effect |
//! | `shadowed.rs` | firewall rules that never decide |
//! | `sites.rs` | what sites learn, and what goes back to them |
//! | `unreached.rs` | rules that no request reaches |
//! | `unused.rs` | what nothing refers to |
//! | `url_maps.rs` | rules of URL maps that never apply |
//! | `versions.rs` | versions of IP: gateways that translate for nobody, rules that IPv6 gets past |

mod absence;
mod addresses;
mod ask;
mod attached;
mod backends;
mod confirm;
mod cut_off;
mod dns;
mod expressible;
mod filtered;
mod firewalls;
mod guards;
mod hubs;
mod iam;
mod iap;
mod load_balancers;
mod names;
mod nats;
mod networks;
mod peerings;
mod policies;
mod private_access;
mod products;
mod psc_negs;
mod ranges;
mod routes;
mod services;
mod shadowed;
mod sites;
#[cfg(test)]
mod tests;
mod unreached;
mod unused;
mod url_maps;
mod versions;

use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use self::ask::Engine;
use crate::graph::{Options, compile};
use crate::inventory::Inventory;
use crate::inventory::attachments::Seats;
use crate::inventory::expressions::ReadExpressions;
use crate::inventory::relations::Relations;
use crate::question::{Completeness, Model};
use crate::source::{CodeInfo, Finding, Findings, Places, code};
use crate::topology::Topology;
use crate::topology::unread::Unread;

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
    networks::CODES,
    nats::CODES,
    routes::CODES,
    sites::CODES,
    unreached::CODES,
];

const COUNT: usize = code::count(FAMILIES);

/// Every code that a finding here can have, family by family.
pub const CODES: &[CodeInfo] = &code::join::<COUNT>(FAMILIES);

/// The lints that ask no engine, each with the reason.
pub const TEXT_ONLY: &[(&str, &str)] = &[
    ("access-level-without-iap", "a condition that is written where it has no effect"),
    ("address-of-no-subnet", "an address that is in no range that is written"),
    ("admits-shared-pool", "whose the addresses of a range are is a table, and no traffic"),
    ("basic-role-on-account", "a role that gives more than is needed"),
    ("classic-without-route", "a tunnel of Classic VPN that no route names"),
    (
        "connector-open",
        "says of the rule that a connector brings whom it admits, and not what else is in the way",
    ),
    ("default-rules-not-said", "what the text leaves out of a network that is called `default`"),
    ("default-service-account", "an account that is not named"),
    ("docker-range", "a range that containers use themselves"),
    ("edge-policy-unsupported", "where an edge policy is attached"),
    ("equal-policy-routes", "priorities of routes, and which is taken is not known"),
    ("federated-invoker", "a member of a kind that cannot have a token"),
    ("firewall-rule-for-nobody", "names of targets that nothing has"),
    ("hierarchical-policy-unsupported", "where a policy of the hierarchy is attached"),
    ("host-never-matches", "a pattern that is written so that it matches no host"),
    ("iap-agent-not-invoker", "a member that is missing in bindings"),
    ("iap-open", "a member that lets everybody pass"),
    ("iap-without-accessors", "bindings that name nobody"),
    ("invalid-hash", "a text that is no hash"),
    ("invalid-service-name", "a text that is no name"),
    ("invokers-not-checked", "bindings beside a switch that turns them off"),
    ("ipv6-past-response-policy", "rules of a policy that speak of one version of IP"),
    ("missing-proxy-subnet", "a subnet that a load balancer needs to be made"),
    ("nat-rule-on-automatic", "a rule of a gateway that says no addresses"),
    ("nat-without-addresses", "how many addresses a gateway names for new connections"),
    ("nat64-nobody", "machines and subnets of a version of IP that are not there"),
    ("neg-not-used", "how many NEGs a backend names"),
    ("network-tags-without-effect", "a setting without effect"),
    ("no-deterministic-url", "a name that is too long for a URL"),
    ("one-sided-peering", "a peering whose other side is not written"),
    ("path-never-matches", "a pattern that is written so that it matches no path"),
    ("policy-in-preview", "rules that all are in preview"),
    ("policy-on-cross-region", "where a policy is attached"),
    ("policy-refuses-nothing", "rules that all allow"),
    ("policy-without-effect", "a policy without rules of its own"),
    ("psc-neg-behind-classic", "kinds of load balancer that take no such NEG"),
    ("psc-neg-protocol", "protocols of a backend and of what is published"),
    ("public-managed-range", "whose the addresses of a range are is a table, and no traffic"),
    (
        "public-range-missed",
        "says on which side of an egress setting a range is, and not what arrives by the other side",
    ),
    ("published-without-subnet", "a subnet that an attachment needs to be made"),
    ("role-without-effect", "a role that is written where it has no effect"),
    ("secure-tag-for-cloud-run", "a target that is written by a tag that Cloud Run cannot have"),
    (
        "shadowed-firewall-rule",
        "speaks of rules also where nothing is that they hold for, and the graph has rules of places",
    ),
    ("site-at-google", "whose the addresses of a range are is a table, and no traffic"),
    ("site-in-subnet", "ranges that overlap"),
    ("small-subnet", "how many addresses a range has"),
    ("source-tag-of-cloud-run", "a sender that is written by a tag that is not looked at"),
    ("spoke-exclusion", "a range that a spoke takes out and does not have"),
    ("sql-connection-by-connector", "two settings that exclude each other"),
    ("thin-zone", "records of a zone that are missing"),
    ("traffic-tags-without-url", "two settings that exclude each other"),
    ("unknown-traffic-tag", "a name that refers to nothing"),
    ("unsupported-subnet", "a range that Cloud Run does not take"),
    ("unused-path-matcher", "a matcher that nothing refers to"),
    ("unused-resource", "a name that nothing refers to"),
    ("zone-over-peering", "who sees a zone is its list of networks, whatever is asked for"),
    ("zones-in-a-circle", "zones that refer to each other"),
    ("zones-passed-by", "a zone that a more special one stands before"),
];

/// How many lints ask the engine.
pub fn asking() -> usize {
    COUNT - TEXT_ONLY.len()
}

/// Finds what the text of a topology alone tells.
pub fn of_text(topology: &Topology, unread: &[Unread], findings: &mut Findings) {
    let mut found = Findings::new();
    let relations = Rc::new(Relations::new(topology));
    let seats = Rc::new(Seats::new(topology));
    let mut linter = Linter {
        topology,
        relations,
        seats,
        expressions: ReadExpressions::default(),
        findings: &mut found,
    };
    linter.shadowed();
    linter.filtered();
    linter.networks();
    linter.nats();
    linter.routes();
    linter.sites();
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
    linter.peerings();
    linter.url_maps();
    linter.services();
    linter.dns();
    linter.private_access();
    linter.psc_negs();
    linter.versions();
    findings.extend(found.into_iter().filter(|finding| holds(finding, unread)));
}

/// Whether a finding holds although something was not read.
fn holds(finding: &Finding, unread: &[Unread]) -> bool {
    !unread.iter().any(|unread| absence::misses(finding.code, unread.family))
}

/// What is asked: a topology without errors, compiled so that everything in it can be judged.
pub fn model(topology: Arc<Topology>, places: Arc<Places>, unread: Vec<Unread>) -> Model {
    // Nothing that a lint asks depends on the time.
    let at = Timestamp::UNIX_EPOCH;
    let options = Options { unread, unused: true, ..Options::at(at) };
    let graph = compile(&Inventory::new(&topology), options);
    Model { graph, topology, places, at }
}

/// Finds what asking the engine tells. Says what of the input is not followed.
pub fn of_traffic(model: &Model, unread: &[Unread], findings: &mut Findings) -> Completeness {
    let topology = &model.topology;
    let mut found = Findings::new();
    let mut asker = Asker {
        topology,
        relations: Rc::new(Relations::new(topology)),
        seats: Rc::new(Seats::new(topology)),
        engine: Engine::new(model),
        findings: &mut found,
    };
    asker.unreached();
    asker.guards();
    asker.networks();
    asker.nats();
    asker.routes();
    asker.sites();
    asker.cut_off();
    asker.unreachable_ranges();
    asker.confirmed();
    let completeness = asker.engine.gaps();
    findings.extend(found.into_iter().filter(|finding| holds(finding, unread)));
    completeness
}

/// Reads the text.
struct Linter<'t, 'f> {
    topology: &'t Topology,
    relations: Rc<Relations<'t>>,
    seats: Rc<Seats<'t>>,
    expressions: ReadExpressions<'t>,
    findings: &'f mut Findings,
}

impl Linter<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Asks the engine.
struct Asker<'m, 'f> {
    topology: &'m Topology,
    relations: Rc<Relations<'m>>,
    seats: Rc<Seats<'m>>,
    engine: Engine<'m>,
    findings: &'f mut Findings,
}

impl Asker<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
