//! Makes the graph, from the far end of each path backwards: a hop is made when the hops that it
//! leads to exist.
//!
//! | family | makes | in |
//! |---|---|---|
//! | [`Core`] | parts of the graph, each once; what depends on nothing that was made before | `core.rs`, and beside what asks for it |
//! | [`Grants`] | gates of IAM and IAP | `identity.rs`, `iap.rs` |
//! | [`Services`] | what is before a service; needs grants | `service.rs` |
//! | [`Policies`] | gates of Cloud Armor | `policy.rs` |
//! | [`Outside`] | what listens on the internet | `outside.rs` |
//! | [`LoadBalancers`] | front ends, URL maps, backends; needs services, policies and the outside | `load_balancer.rs`, `url_map.rs` |
//! | [`Resolvers`] | what names resolve to | `network/dns.rs` |
//! | [`Senders`] | endpoints of networks and their firewalls | `network/machine.rs`, `connector.rs`, `firewall.rs` |
//! | [`Networks`] | ways in and out of networks, and sources; needs all of these | the rest of `network/`, `source.rs` |
//!
//! A family holds the families that it needs, and what it made, so that it makes each only once.

mod condition;
mod core;
mod gap;
mod iap;
mod identity;
mod load_balancer;
mod network;
mod outside;
mod policy;
mod service;
mod source;
mod unsaid;
mod url_map;

use hashbrown::HashMap;
use jiff::Timestamp;
use rustc_hash::FxBuildHasher;

use self::core::{Core, Place, rule};
use self::identity::Grants;
use self::load_balancer::LoadBalancers;
use self::network::{Networks, Resolvers, Senders};
use self::outside::Outside;
pub use self::outside::not_on_the_internet;
use self::policy::Policies;
use self::service::Services;
use super::expression::{Atom, Expression, TextField};
use super::graph::Graph;
use super::hop::{Cause, Outcome};
use super::{Gap, Touches};
use crate::inventory::Inventory;
use crate::topology::record::ById;
use crate::topology::unread::Unread;

type Memo<K, V> = HashMap<K, V, FxBuildHasher>;

/// What a graph is compiled for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time at which conditions on time are decided.
    pub at: Timestamp,
    /// What the reader of the input skipped.
    pub unread: Vec<Unread>,
    /// Assumptions that the asker fixed, by their ids.
    pub assumed: Vec<(String, bool)>,
    /// Whether policies are compiled that no backend uses: they decide nothing, but may be wrong.
    pub unused: bool,
}

impl Options {
    /// For the given time, from an input that was read whole.
    pub fn at(at: Timestamp) -> Self {
        Options { at, unread: Vec::new(), assumed: Vec::new(), unused: false }
    }
}

/// Compiles a topology in which no errors were found.
pub fn compile(inventory: &Inventory<'_>, options: Options) -> Graph {
    let unused = options.unused;
    let unread = options.unread.clone();
    let mut core = Core::new(inventory, options);
    core.find_gaps(unread);
    core.collect_identities();
    let mut services = Services::default();
    services.build_services(&mut core);
    let mut load_balancers = LoadBalancers::new(services);
    load_balancers.build_load_balancers(&mut core);
    let mut networks = Networks::new(load_balancers);
    networks.build_sources(&mut core);
    networks.connect_psc_negs(&mut core);
    networks.connect_internet_negs(&mut core);
    if unused {
        networks.load_balancers.policies.build_policies(&mut core);
    }
    finish(core, &mut networks)
}

/// The graph, when all of it is made.
fn finish<'t>(mut core: Core<'t>, networks: &mut Networks<'t>) -> Graph {
    let policies = networks.load_balancers.policies.compiled_policies(&mut core);
    let looped = core.outcome(Outcome::Dropped { cause: Cause::RoutingLoop });
    let gaps = core.take_gaps();
    let by_door = |gap: &Gap| {
        matches!(gap.touches, Touches::Networks(_) | Touches::AnyNetwork | Touches::Entry(_))
    };
    let doors = if gaps.iter().any(by_door) { networks.doors(&core) } else { ById::default() };
    let mut hops = core.hops;
    for hop in hops.node_indices().collect::<Vec<_>>() {
        for next in hops[hop].body.successors() {
            hops.add_edge(hop, next, ());
        }
    }
    let header = |expression: &Expression| match expression {
        Expression::Atom(
            Atom::Text(TextField::Header(name), _) | Atom::Present(TextField::Header(name)),
        ) => Some(name.clone()),
        _ => None,
    };
    let asked_headers = core.expressions.iter().filter_map(|(_, each)| header(each)).collect();
    Graph {
        asked_headers,
        hops,
        expressions: core.expressions,
        lists: core.lists.into_all(),
        outcomes: core.outcomes.into_all(),
        resources: core.resources.into_all(),
        resource_identities: core.resource_identities,
        entries: core.entries.into_all(),
        choices: core.choices.into_all(),
        assumptions: core.assumptions,
        conditions: core.conditions.into_all(),
        identities: core.identities,
        sources: core.sources,
        policies,
        narrowed: core.narrowed,
        placeholders: core.placeholders,
        names: core.names,
        resolvers: core.resolvers,
        looped,
        gaps,
        doors,
    }
}
