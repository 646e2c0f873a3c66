//! Sets of requests in words, and one of them in full.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::answer::Principals;
use super::{Model, fields, witness};
use crate::graph::identity::Principal;
use crate::graph::{Graph, Placeholders, Request};
use crate::sets::{Axis, AxisValues, Set, Sets};
use crate::solve::Layout;

/// How many alternatives a set is told as at most.
const ALTERNATIVES: usize = 3;
/// Addresses for what is sent anywhere: one for documents, and two that everybody knows.
const PLAIN: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
];
/// How many parts of a set are looked at for alternatives.
const LOOKED_AT: usize = 8;

/// A field of requests that is told: an axis, or, for a header that is taken for an address,
/// whether it is one and which.
struct Field {
    name: String,
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

/// Puts sets into words. It has sets of its own, for what it makes of them, and remembers what the
/// values of a field are called, which many paths share.
pub struct Describer<'m> {
    model: &'m Model,
    /// The axes.
    pub layout: Arc<Layout>,
    /// The sets.
    pub sets: Sets,
    fields: HashMap<(Axis, Set), Option<String>, FxBuildHasher>,
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
    /// Where not every combination of the values is in the set, it is told as a few alternatives,
    /// or said that it is so.
    pub fn words(&mut self, set: Set, sent: Option<Set>) -> String {
        let support = self.sets.support(set);
        let mut fields = self.told();
        fields.retain(|field| field.axes.iter().any(|axis| support.contains(axis)));
        let told = |axis: &Axis| fields.iter().any(|field| field.axes.contains(axis));
        let others: Vec<Axis> = support.into_iter().filter(|axis| !told(axis)).collect();
        let mut left = self.sets.project_out(set, &others);
        let mut clauses: Vec<String> = Vec::new();
        let mut bound: Vec<Field> = Vec::new();
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
        if clauses.is_empty() { "every request".into() } else { clauses.join("; ") }
    }

    /// The words for fields of which a set has some combinations.
    fn combined(&mut self, set: Set, fields: &[Field]) -> Option<String> {
        if fields.is_empty() {
            return None;
        }
        let told = |own: &mut Self, set: Set| -> Vec<String> {
            fields.iter().filter_map(|field| own.clause(set, field)).collect()
        };
        let Some(boxes) = self.boxes(set, fields).filter(|boxes| boxes.len() <= ALTERNATIVES)
        else {
            return Some(format!("some combinations of: {}", told(self, set).join("; ")));
        };
        let each = |set: &Set| match told(self, *set).as_slice() {
            [one] => one.clone(),
            several => format!("({})", several.join("; ")),
        };
        let each: Vec<String> = boxes.iter().map(each).collect();
        Some(format!("either {}", each.join(" or ")))
    }

    /// A set as the union of sets that have every combination of their fields' values; nothing if
    /// that takes many.
    fn boxes(&mut self, set: Set, fields: &[Field]) -> Option<Vec<Set>> {
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

    /// The fields that are told, in order.
    fn told(&self) -> Vec<Field> {
        let layout = &self.layout;
        let field = |name: &str, axis: Axis| Field { name: name.into(), axes: vec![axis] };
        let mut told = vec![
            field("host", layout.host),
            field("path", layout.path),
            field("query", layout.query),
            field("method", layout.method),
        ];
        let headers = layout.headers.iter();
        told.extend(headers.map(|(name, axis)| field(&format!("header {name}"), *axis)));
        told.extend(layout.address_headers.iter().map(|(name, (valid, axis))| Field {
            name: format!("header {name}"),
            axes: vec![*valid, *axis],
        }));
        told.extend([
            field("from", layout.source),
            field("region", layout.region),
            field("AS", layout.asn),
        ]);
        told.extend(layout.conditions.iter().map(|axis| field("", *axis)));
        told
    }

    /// What a set says of a field; nothing if every value occurs.
    fn clause(&mut self, set: Set, field: &Field) -> Option<String> {
        let layout = Arc::clone(&self.layout);
        let axis = *field.axes.last()?;
        if let Ok(at) = layout.conditions.binary_search(&axis) {
            let AxisValues::Flag(holds) = self.sets.axis_values(set, axis) else { return None };
            let text = &self.model.graph.conditions[at].text;
            return Some(if holds { text.clone() } else { fields::negated(text) });
        }
        let valid = field.axes.first().filter(|first| **first != axis);
        let Some(valid) = valid else {
            return self.field(set, axis).map(|text| format!("{} {text}", field.name));
        };
        // A header that is taken for an address.
        let known = self.sets.flag(*valid).unwrap_or(Set::FULL);
        let own = self.onto(set, &field.axes);
        let (with, without) = (self.sets.and(own, known), self.sets.minus(own, known));
        let some = !self.sets.is_empty(without);
        let text = match (self.sets.is_empty(with), some) {
            (true, false) => return None,
            (true, true) => "no address".to_owned(),
            (false, false) => self.field(with, axis).unwrap_or_else(|| "an address".into()),
            (false, true) => format!("no address or {}", self.field(with, axis)?),
        };
        Some(format!("{} {text}", field.name))
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
                && graph.placeholders.label(request.destination).is_none()
        };
        for plain in PLAIN {
            if is_nothing(&request) {
                self.wish(set, &mut request, |request| request.destination = plain);
            }
        }
        let leads_there = graph.names.addresses(&request.host).contains(&request.destination);
        if !leads_there && graph.placeholders.label(request.destination).is_none() {
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

    /// The values of one field in words; nothing if every value occurs.
    fn field(&mut self, set: Set, axis: Axis) -> Option<String> {
        let own = self.sets.onto(set, axis);
        if let Some(known) = self.fields.get(&(axis, own)) {
            return known.clone();
        }
        let values = self.sets.axis_values(own, axis);
        let text = fields::field_words(&self.model.graph, &self.layout, values, axis);
        self.fields.insert((axis, own), text.clone());
        text
    }
}

/// An address as the host of a URL.
fn bare(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
