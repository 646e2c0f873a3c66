//! Guard expressions: hash-consed, so that a policy or an organization's binding exists once,
//! however many hops refer to it.

use std::net::IpAddr;

use hashbrown::HashMap;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use crate::topology::condition::TextTest;
use crate::topology::firewall::Protocol;
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::network::Network;
use crate::topology::organization::Project;
use crate::topology::record::Id;

/// An expression in an arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExpressionId(pub u32);

/// What a gate asks of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expression {
    /// Holds for every request.
    True,
    /// Holds for no request.
    False,
    /// Holds where the inner expression does not.
    Not(ExpressionId),
    /// Holds where all parts hold.
    All(Box<[ExpressionId]>),
    /// Holds where at least one part holds.
    Any(Box<[ExpressionId]>),
    /// One test of one field.
    Atom(Atom),
}

/// A field of the request that holds text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextField {
    /// The `Host` header without its port, lower case. Rewrites change it.
    Host,
    /// The path, without the query. Rewrites change it.
    Path,
    /// The query string, without the `?`; empty if there is none.
    Query,
    /// The method, upper case.
    Method,
    /// A header by its lower-case name; may be absent.
    Header(Box<str>),
}

/// How a text must look.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextMatch {
    /// The comparison.
    pub test: TextTest,
    /// Compared without regard to case.
    pub ignore_case: bool,
}

/// One test of one field of the request, or of its history.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Atom {
    /// The current origin is one of these.
    Origin(OriginSet),
    /// The current source address lies in one of the ranges.
    Source(Box<[IpNet]>),
    /// The user's address as a policy with `userIpRequestHeaders` sees it: the first of the
    /// headers that holds a valid address, else the current source address (ING-132).
    UserAddress {
        /// The ranges.
        ranges: Box<[IpNet]>,
        /// The headers, lower case, in order.
        headers: Box<[Box<str>]>,
    },
    /// The destination address lies in one of the ranges.
    Destination(Box<[IpNet]>),
    /// The destination port lies in one of the inclusive ranges.
    Port(Box<[(u16, u16)]>),
    /// The protocol is one of these.
    Protocol(Box<[Protocol]>),
    /// The scheme is HTTPS.
    Https,
    /// The current principal is one of these classes (indices into `Identities`).
    Principal(Box<[u32]>),
    /// The current credential is one of these classes, as inclusive index ranges.
    Credential(Box<[(u32, u32)]>),
    /// A text field matches. An absent header never matches (ING-131).
    Text(TextField, TextMatch),
    /// A header is present.
    Present(TextField),
    /// The source address lies in one of these regions (ISO 3166-1 alpha-2, upper case).
    Region(Box<[Box<str>]>),
    /// The source address belongs to one of these autonomous systems (inclusive ranges).
    Asn(Box<[(u32, u32)]>),
    /// A free property of the request holds.
    Condition(ConditionId),
    /// An assumption about the world holds.
    Assumption(AssumptionId),
}

/// A free property of the request (a WAF signature matches, a device is trusted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConditionId(pub u32);

/// Something that the topology does not say; see [`Assumption`](super::Assumption).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssumptionId(pub u32);

/// Where the current leg of a request comes from: the part of its history that an ingress setting
/// looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// Somewhere on the internet, or any place that counts as such (ING-039, ING-220).
    Internet,
    /// A VPC network by which the request arrives.
    Network(Id<Network>),
    /// Any VPC network, where nothing tells them apart.
    AnyNetwork,
    /// A Google product in a project.
    Product(Id<Project>),
    /// A load balancer.
    LoadBalancer {
        /// Which.
        id: Id<LoadBalancer>,
        /// Whether it is an internal one.
        internal: bool,
    },
    /// Cloud Run without a VPC network on the way: never internal (ING-031).
    Serverless,
}

/// A set of origins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct OriginSet {
    /// The internet, and Cloud Run without a network.
    pub outside: bool,
    /// Every external load balancer.
    pub external_load_balancers: bool,
    /// Every internal load balancer.
    pub internal_load_balancers: bool,
    /// These load balancers, of either sort.
    pub load_balancers: Box<[Id<LoadBalancer>]>,
    /// These networks.
    pub networks: Box<[Id<Network>]>,
    /// Products of these projects.
    pub product_projects: Box<[Id<Project>]>,
}

impl OriginSet {
    /// Whether `origin` belongs to the set.
    pub fn contains(&self, origin: Origin) -> bool {
        match origin {
            Origin::Internet | Origin::Serverless => self.outside,
            Origin::Network(network) => self.networks.contains(&network),
            Origin::AnyNetwork => false,
            Origin::Product(project) => self.product_projects.contains(&project),
            Origin::LoadBalancer { id, internal } => {
                let every = if internal {
                    self.internal_load_balancers
                } else {
                    self.external_load_balancers
                };
                every || self.load_balancers.contains(&id)
            }
        }
    }
}

/// The arena of expressions.
#[derive(Debug, Default)]
pub struct Expressions {
    nodes: Vec<Expression>,
    index: HashMap<Expression, ExpressionId, FxBuildHasher>,
}

impl Expressions {
    /// The expression that always holds.
    pub fn always(&mut self) -> ExpressionId {
        self.intern(Expression::True)
    }

    /// The expression that never holds.
    pub fn never(&mut self) -> ExpressionId {
        self.intern(Expression::False)
    }

    /// A test of one field.
    pub fn atom(&mut self, atom: Atom) -> ExpressionId {
        let trivially_false = match &atom {
            Atom::Principal(classes) => classes.is_empty(),
            Atom::Credential(classes) => classes.is_empty(),
            Atom::Source(ranges) | Atom::Destination(ranges) => ranges.is_empty(),
            Atom::Port(ranges) => ranges.is_empty(),
            Atom::Protocol(protocols) => protocols.is_empty(),
            Atom::Region(regions) => regions.is_empty(),
            Atom::Asn(numbers) => numbers.is_empty(),
            _ => false,
        };
        if trivially_false { self.never() } else { self.intern(Expression::Atom(atom)) }
    }

    /// The negation.
    pub fn not(&mut self, inner: ExpressionId) -> ExpressionId {
        match self.nodes[inner.0 as usize] {
            Expression::True => self.never(),
            Expression::False => self.always(),
            Expression::Not(original) => original,
            _ => self.intern(Expression::Not(inner)),
        }
    }

    /// The conjunction; true if there are no parts.
    pub fn all(&mut self, parts: impl IntoIterator<Item = ExpressionId>) -> ExpressionId {
        let mut kept = Vec::new();
        for part in parts {
            match &self.nodes[part.0 as usize] {
                Expression::True => {}
                Expression::False => return self.never(),
                Expression::All(inner) => kept.extend(inner.iter().copied()),
                _ => kept.push(part),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        match kept.as_slice() {
            [] => self.always(),
            [only] => *only,
            _ => self.intern(Expression::All(kept.into())),
        }
    }

    /// The disjunction; false if there are no parts.
    pub fn any(&mut self, parts: impl IntoIterator<Item = ExpressionId>) -> ExpressionId {
        let mut kept = Vec::new();
        for part in parts {
            match &self.nodes[part.0 as usize] {
                Expression::False => {}
                Expression::True => return self.always(),
                Expression::Any(inner) => kept.extend(inner.iter().copied()),
                _ => kept.push(part),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        match kept.as_slice() {
            [] => self.never(),
            [only] => *only,
            _ => self.intern(Expression::Any(kept.into())),
        }
    }

    /// The expression behind an id.
    pub fn get(&self, id: ExpressionId) -> &Expression {
        &self.nodes[id.0 as usize]
    }

    /// How many distinct expressions there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All expressions with their ids, parts before wholes.
    pub fn iter(&self) -> impl Iterator<Item = (ExpressionId, &Expression)> {
        self.nodes.iter().enumerate().map(|(index, node)| (ExpressionId(index as u32), node))
    }

    fn intern(&mut self, expression: Expression) -> ExpressionId {
        if let Some(&id) = self.index.get(&expression) {
            return id;
        }
        let id = ExpressionId(self.nodes.len() as u32);
        self.nodes.push(expression.clone());
        self.index.insert(expression, id);
        id
    }
}

/// Whether `address` lies in one of the ranges.
pub fn in_ranges(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}
