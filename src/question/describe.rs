//! What tells the requests of a set from others, and one of them in full.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::answer::{Clause, Principals};
use super::{Model, witness};
use crate::graph::identity::{Identities, Principal};
use crate::graph::{ConditionId, Graph, Placeholders, Request};
use crate::sets::{Axis, AxisValues, Set, Sets};
use crate::solve::{Layout, Solver};

/// How many alternatives a set is described as at most.
const ALTERNATIVES: usize = 3;
/// Addresses for what is sent anywhere: one for documents, and two that everybody knows.
const PLAIN: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
];
/// How many parts of a set are looked at for alternatives.
const LOOKED_AT: usize = 8;

/// A field of requests that a clause describes: an axis, or, for a header that is taken for an address,
/// whether it is one and which.
struct ClauseField {
    /// The name of the header, if it is one that is taken for an address.
    header: Option<Box<str>>,
    axes: Vec<Axis>,
}

/// Who sends the requests of a set.
pub fn principals(graph: &Graph, layout: &Layout, sets: &mut Sets, set: Set) -> Principals {
    let all = graph.identities.principals();
    let classes: Vec<u32> = match sets.axis_values(set, layout.principal) {
        AxisValues::All => (0..all.len() as u32).collect(),
        AxisValues::Values(classes) => classes,
        _ => Vec::new(),
    };
    let mut principals = Principals::default();
    let mut named: Vec<&Principal> = Vec::new();
    for class in classes {
        match &all[class as usize] {
            Principal::Anonymous => principals.anonymous = true,
            Principal::AnyAccount => principals.any_account = true,
            other => named.push(other),
        }
    }
    // Whoever is named is an account as well.
    if !principals.any_account {
        principals.named = named.into_iter().map(Principal::name).collect();
    }
    principals
}

/// Who sends the requests of any of some sets: whether anybody can is enough, if anybody can.
pub fn callers(
    graph: &Graph,
    solver: &mut Solver<'_>,
    all: impl Iterator<Item = Set> + Clone,
) -> Principals {
    let Solver { layout, sets, .. } = solver;
    let anonymous = sets.one_of(layout.principal, &[Identities::ANONYMOUS]).unwrap_or(Set::EMPTY);
    if all.clone().any(|set| sets.intersects(set, anonymous)) {
        return Principals { anonymous: true, any_account: true, named: Vec::new() };
    }
    let mut who = Principals::default();
    for set in all {
        let own = principals(graph, layout, sets, set);
        who.any_account |= own.any_account;
        who.named.extend(own.named);
    }
    who.named.sort_unstable();
    who.named.dedup();
    if who.any_account {
        who.named.clear();
    }
    who
}

/// Says what is in sets. It has sets of its own, for what it makes of them, and remembers the
/// values of a field, which many paths share.
pub struct Describer<'m> {
    model: &'m Model,
    /// The axes.
    pub layout: Arc<Layout>,
    /// The sets.
    pub sets: Sets,
    fields: HashMap<(Axis, Set), Option<AxisValues>, FxBuildHasher>,
    senders: HashMap<Set, Principals, FxBuildHasher>,
}

impl<'m> Describer<'m> {
    /// One that knows no sets yet.
    pub fn new(model: &'m Model, layout: Arc<Layout>) -> Self {
        let sets = Sets::new(Arc::clone(&layout.space));
        let (fields, senders) = (HashMap::default(), HashMap::default());
        Describer { model, layout, sets, fields, senders }
    }

    /// Who sends the requests of a set.
    pub fn principals(&mut self, set: Set) -> Principals {
        let own = self.sets.onto(set, self.layout.principal);
        if let Some(known) = self.senders.get(&own) {
            return known.clone();
        }
        let principals = principals(&self.model.graph, &self.layout, &mut self.sets, own);
        self.senders.insert(own, principals.clone());
        principals
    }

    /// What tells the requests of a set from others, field by field. `sent` are the addresses that
    /// the sender has: they need not be said.
    ///
    /// Where not every combination of the values is in the set, it is described as a few alternatives,
    /// or said that it is so.
    pub fn clauses(&mut self, set: Set, sent: Option<Set>) -> Vec<Clause> {
        let support = self.sets.support(set);
        let mut fields = self.described();
        fields.retain(|field| field.axes.iter().any(|axis| support.contains(axis)));
        let described = |axis: &Axis| fields.iter().any(|field| field.axes.contains(axis));
        let others: Vec<Axis> = support.into_iter().filter(|axis| !described(axis)).collect();
        let mut left = self.sets.project_out(set, &others);
        let mut clauses: Vec<Clause> = Vec::new();
        let mut bound: Vec<ClauseField> = Vec::new();
        for field in fields {
            let own = self.onto(left, &field.axes);
            let rest = self.sets.project_out(left, &field.axes);
            let product = self.sets.and(own, rest);
            if !self.sets.equal(product, left) {
                bound.push(field);
                continue;
            }
            left = rest;
            if field.axes != [self.layout.source] || Some(own) != sent {
                clauses.extend(self.clause(own, &field));
            }
        }
        clauses.extend(self.combined(left, &bound));
        clauses
    }

    /// Fields of which a set has some combinations.
    fn combined(&mut self, set: Set, fields: &[ClauseField]) -> Option<Clause> {
        if fields.is_empty() {
            return None;
        }
        let each = |own: &mut Self, set: Set| -> Vec<Clause> {
            fields.iter().filter_map(|field| own.clause(set, field)).collect()
        };
        let Some(boxes) = self.boxes(set, fields).filter(|boxes| boxes.len() <= ALTERNATIVES)
        else {
            return Some(Clause::Some(each(self, set)));
        };
        Some(Clause::Either(boxes.iter().map(|set| each(self, *set)).collect()))
    }

    /// A set as the union of sets that have every combination of their fields' values; nothing if
    /// that takes many.
    fn boxes(&mut self, set: Set, fields: &[ClauseField]) -> Option<Vec<Set>> {
        let mut product = Set::FULL;
        for field in fields {
            let own = self.onto(set, &field.axes);
            product = self.sets.and(product, own);
        }
        if self.sets.equal(product, set) {
            return Some(vec![set]);
        }
        let first = *self.sets.support(set).first()?;
        let residues = self.sets.residues(set);
        if residues.len() > LOOKED_AT {
            return None;
        }
        let mut boxes: Vec<Set> = Vec::new();
        for residue in residues {
            for part in self.boxes(residue, fields)? {
                // Every value of the first field with which the whole part is in the set.
                let outside = self.sets.minus(part, set);
                let outside = self.sets.onto(outside, first);
                let whole = self.sets.minus(part, outside);
                if boxes.iter().all(|other| !self.sets.implies(whole, *other)) {
                    boxes.retain(|other| !self.sets.implies(*other, whole));
                    boxes.push(whole);
                }
            }
        }
        let mut at = 0;
        while at < boxes.len() {
            let others: Vec<Set> =
                (0..boxes.len()).filter(|other| *other != at).map(|other| boxes[other]).collect();
            let others = self.sets.or_all(&others);
            if self.sets.implies(boxes[at], others) {
                boxes.remove(at);
            } else {
                at += 1;
            }
        }
        (boxes.len() <= LOOKED_AT).then_some(boxes)
    }

    /// A set on some axes: all others are projected out.
    fn onto(&mut self, set: Set, axes: &[Axis]) -> Set {
        let mut others = self.sets.support(set);
        others.retain(|axis| !axes.contains(axis));
        self.sets.project_out(set, &others)
    }

    /// The fields that clauses describe, in order.
    fn described(&self) -> Vec<ClauseField> {
        let layout = &self.layout;
        let field = |axis: Axis| ClauseField { header: None, axes: vec![axis] };
        let mut described: Vec<ClauseField> =
            [layout.host, layout.path, layout.query, layout.method].map(field).into();
        described.extend(layout.headers.values().map(|axis| field(*axis)));
        described.extend(layout.address_headers.iter().map(|(name, (valid, axis))| ClauseField {
            header: Some(name.clone()),
            axes: vec![*valid, *axis],
        }));
        described.extend([layout.source, layout.region, layout.asn].map(field));
        described.extend(layout.conditions.iter().map(|axis| field(*axis)));
        described
    }

    /// What a set says of a field; nothing if every value occurs.
    fn clause(&mut self, set: Set, field: &ClauseField) -> Option<Clause> {
        let layout = Arc::clone(&self.layout);
        let axis = *field.axes.last()?;
        if let Ok(at) = layout.conditions.binary_search(&axis) {
            let AxisValues::Flag(holds) = self.sets.axis_values(set, axis) else { return None };
            return Some(Clause::Condition(ConditionId(at as u32), holds));
        }
        let Some(name) = &field.header else {
            return self.values(set, axis).map(|values| Clause::Field(axis, values));
        };
        // A header that is taken for an address.
        let valid = *field.axes.first()?;
        let known = self.sets.flag(valid).unwrap_or(Set::FULL);
        let own = self.onto(set, &field.axes);
        let (with, without) = (self.sets.and(own, known), self.sets.minus(own, known));
        let (some, or_none) = (!self.sets.is_empty(with), !self.sets.is_empty(without));
        let addresses = if some { self.values(with, axis) } else { None };
        if !some && !or_none || some && or_none && addresses.is_none() {
            return None;
        }
        let addresses = match addresses {
            Some(values) => Some((axis, values)),
            None if some => Some((axis, AxisValues::All)),
            None => None,
        };
        Some(Clause::AddressHeader { name: name.clone(), or_none, addresses })
    }

    /// One request of a set: HTTPS on 443, GET, the path `/`, what a command sends by itself, if the
    /// set has such ones.
    pub fn plain_request(&mut self, requests: Set) -> Option<Request> {
        let layout = Arc::clone(&self.layout);
        let sets = &mut self.sets;
        let mut set = requests;
        let mut wishes: Vec<Set> = Vec::new();
        wishes.extend(sets.one_of(layout.protocol, &[0]).ok());
        wishes.extend(sets.flag(layout.https).ok());
        wishes.extend(sets.number_ranges(layout.port, &[(443, 443)]).ok());
        wishes.extend(sets.number_ranges(layout.port, &[(80, 80)]).ok());
        wishes.extend(sets.exact(layout.method, "GET").ok());
        wishes.extend(sets.exact(layout.method, "POST").ok());
        for wish in wishes {
            let narrower = sets.and(set, wish);
            if !sets.is_empty(narrower) {
                set = narrower;
            }
        }
        let point = sets.witness(set)?;
        let mut request = layout.request(&point);
        // Rather a host that leads to the address than any that the set has, and rather a name that
        // is known than one whose hash is not.
        let graph = &self.model.graph;
        let known = graph.names.first_alike(&request.host).to_owned();
        let hosts = graph.names.hosts_at(request.destination).iter().rev().map(String::as_str);
        // One that leads elsewhere comes last.
        let leads = |host: &str| {
            let addresses = graph.names.addresses(host);
            addresses.is_empty() || addresses.contains(&request.destination)
        };
        let (first, last) = match leads(&known) {
            true => (Some(known.as_str()), None),
            false => (None, Some(known.as_str())),
        };
        for host in first.into_iter().chain(hosts).chain(last) {
            let Ok(named) = sets.exact(layout.host, host) else { continue };
            let narrower = sets.and(set, named);
            if let Some(point) = sets.witness(narrower) {
                request = layout.request(&point);
                break;
            }
        }
        // No packet has a reserved address that stands for nothing.
        let is_nothing = |request: &Request| {
            Placeholders::reserves(request.destination.into())
                && graph.placeholders.what(request.destination).is_none()
        };
        for plain in PLAIN {
            if is_nothing(&request) {
                self.wish(set, &mut request, |request| request.destination = plain);
            }
        }
        let leads_there = graph.names.addresses(&request.host).contains(&request.destination);
        if !leads_there && graph.placeholders.what(request.destination).is_none() {
            self.wish(set, &mut request, |request| {
                request.host = bare(request.destination);
            });
        }
        self.make_plain(set, &mut request);
        Some(request)
    }

    /// Gives a request the headers that a command sends by itself, and plain characters, as far as
    /// it stays in the set.
    fn make_plain(&self, set: Set, request: &mut Request) {
        for (name, value) in witness::SENT {
            if self.layout.headers.contains_key(name) {
                self.wish(set, request, |request| {
                    request.headers.insert(name.into(), value.into());
                });
            }
        }
        let fields: [fn(&mut Request) -> &mut String; 2] =
            [|request| &mut request.path, |request| &mut request.query];
        for field in fields {
            let odd = |c: &char| !witness::is_plain(*c);
            let first: Vec<char> = field(request).chars().filter(odd).collect();
            for odd in first {
                for plain in ["", "-", "a", "0"] {
                    self.wish(set, request, |request| {
                        let text = field(request);
                        *text = text.replacen(odd, plain, 1);
                    });
                }
            }
        }
    }

    /// Changes a request if that leaves it in the set.
    fn wish(&self, set: Set, request: &mut Request, change: impl Fn(&mut Request)) {
        let mut other = request.clone();
        change(&mut other);
        if self.holds(set, &other) {
            *request = other;
        }
    }

    /// Whether a set has a request.
    fn holds(&self, set: Set, request: &Request) -> bool {
        let layout = &self.layout;
        let valid = layout.space.is_valid(layout.path, &request.path)
            && layout.space.is_valid(layout.query, &request.query);
        valid && self.sets.contains(set, &layout.point(request))
    }

    /// The values of one field; nothing if every value occurs.
    fn values(&mut self, set: Set, axis: Axis) -> Option<AxisValues> {
        let own = self.sets.onto(set, axis);
        if let Some(known) = self.fields.get(&(axis, own)) {
            return known.clone();
        }
        let values = match self.sets.axis_values(own, axis) {
            AxisValues::All | AxisValues::Nothing | AxisValues::Flag(_) => None,
            values => Some(values),
        };
        self.fields.insert((axis, own), values.clone());
        values
    }
}

/// An address as the host of a URL.
fn bare(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
