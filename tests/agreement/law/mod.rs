//! Laws: what a change of a topology may do to its requests.
//!
//! | file | holds |
//! |---|---|
//! | `grant.rs` | an allow takes nothing away, a deny gives nothing: who is let in by lists and bindings |
//! | `guard.rs` | the same of rules: firewalls, policies |
//! | `split.rs` | a range in two halves, a rule in two equal ones: nothing changes |
//! | `specific.rs` | a more specific route, record or rule of the same end: nothing changes |
//! | `order.rs` | other ids, keys and lists in another order: nothing changes |
//! | `place.rs` | where in a document a law finds what it changes |
//! | `hold.rs` | whether a law holds, and how often it had something to say |
//!
//! A law has a name, `split onprem.admits`. Of each it is counted how many requests came by what
//! it changed, and, where something may change, how many fared otherwise: a law that is hardly
//! ever asked anything fails the test like one that does not hold.

mod grant;
mod guard;
mod hold;
mod order;
mod place;
mod specific;
mod split;

use std::collections::HashSet;
use std::sync::LazyLock;

pub use hold::{Tally, hold, known};
pub use order::with_lists_reordered;
pub use place::ids;

use crate::document::Node;
use crate::random::Random;
use portolan::internals::graph::HopKind;

/// A change after which no request may fare worse, or none better, or none otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    More,
    Less,
    Same,
}

/// Something that requests come by.
#[derive(Debug, Clone)]
pub enum Touch {
    /// A hop of a resource, `kind/id`, or of all that begin so.
    Resource(String),
    /// A hop of a kind.
    Kind(HopKind),
    /// What a source sends, `kind/id`, or all that begin so.
    From(String),
    /// A gate that has a rule of this name, and got to it.
    Rule(Named),
}

/// A rule of a gate by its name.
#[derive(Debug, Clone)]
pub enum Named {
    /// A rule of a firewall policy by its priority.
    FirewallPolicy(String, u32),
    /// A rule of a firewall policy.
    InFirewallPolicy(String),
    /// A VPC firewall rule.
    FirewallRule(String),
    /// The rule that a connector brings along.
    OfConnector(String),
    /// A response policy that answers.
    ResponsePolicy(String),
    /// A zone that answers.
    Zone(String),
    /// A site whose resolvers answer.
    Site(String),
}

/// A topology after a change.
pub struct Changed {
    pub document: Node,
    /// What shows that a request comes by what is changed.
    pub touched: Vec<Touch>,
    /// Requests that came by one of these before are asked first.
    pub near: Vec<Touch>,
    /// What else is counted besides the law itself.
    pub kinds: Vec<String>,
    /// The ids that are another now, as [`renamed`](crate::alike::renamed) says.
    pub ids: HashSet<String>,
}

impl Changed {
    fn new(document: Node, touched: Vec<Touch>) -> Changed {
        Changed { document, near: touched.clone(), touched, kinds: Vec::new(), ids: HashSet::new() }
    }

    fn near(mut self, near: Vec<Touch>) -> Changed {
        self.near.extend(near);
        self
    }
}

type Make = Box<dyn Fn(&Node, &mut Random) -> Option<Changed> + Send + Sync>;

/// A change, and what it may do.
pub struct Law {
    pub name: String,
    pub direction: Direction,
    /// Whether it is a law of topologies only in which no name is claimed twice.
    pub needs_order: bool,
    /// Whether it moves what is not known, which goes by its place in a list.
    pub by_place: bool,
    make: Make,
}

impl Law {
    fn new(
        name: impl Into<String>,
        direction: Direction,
        make: impl Fn(&Node, &mut Random) -> Option<Changed> + Send + Sync + 'static,
    ) -> Law {
        Law {
            name: name.into(),
            direction,
            needs_order: false,
            by_place: false,
            make: Box::new(make),
        }
    }

    /// The topology changed; `None` if there is nothing in it to change.
    pub fn change(&self, document: &Node, random: &mut Random) -> Option<Changed> {
        (self.make)(document, random)
    }
}

/// Every law.
pub static LAWS: LazyLock<Vec<Law>> = LazyLock::new(|| {
    let mut laws = Vec::new();
    laws.extend(grant::laws());
    laws.extend(guard::laws());
    laws.extend(split::laws());
    laws.extend(specific::laws());
    laws.extend(order::laws());
    laws
});

fn resource(kind: &str, id: &str) -> Touch {
    Touch::Resource(format!("{kind}/{id}"))
}
