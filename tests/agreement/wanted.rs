//! What no request came by until now, and requests that may.

use std::collections::HashSet;
use std::net::IpAddr;

use portolan::internals::graph::{
    Atom, Body, Expression, ExpressionId, Graph, HopId, ListRule, Request, Source, TextField,
};
use portolan::internals::topology::TextTest;

use crate::coverage::{Coverage, rules_of_gates};
use crate::random::Random;
use crate::request::{Vocabulary, edges};

/// The hops and the rules of lists in a graph that nothing met.
pub struct Wanted {
    hops: HashSet<HopId>,
    rules: Vec<ExpressionId>,
    /// What the other rules of lists ask for.
    others: Vec<ExpressionId>,
}

impl Wanted {
    pub fn new(graph: &Graph, met: &Coverage) -> Wanted {
        let lacks = |rule: &ListRule| rule.rule.is_some_and(|rule| met.lacks(rule));
        let hops = graph.hops.node_indices().filter(|id| {
            let hop = graph.hop(*id);
            let of_list = match &hop.body {
                Body::Gate { list, .. } => graph.list(*list).rules.iter().any(lacks),
                _ => false,
            };
            of_list || met.lacks_hop(hop)
        });
        Wanted {
            hops: hops.collect(),
            rules: rules_of_gates(graph).filter(|rule| lacks(rule)).map(|rule| rule.when).collect(),
            others: rules_of_gates(graph).map(|rule| rule.when).collect(),
        }
    }

    /// Whether a source may send by something wanted.
    pub fn is_before(&self, graph: &Graph, source: &Source) -> bool {
        let (mut seen, mut left) = (HashSet::new(), vec![source.start]);
        while let Some(hop) = left.pop() {
            if self.hops.contains(&hop) {
                return true;
            }
            if seen.insert(hop) {
                left.extend(graph.hop(hop).body.successors());
            }
        }
        false
    }

    /// The share of requests to [aim](Self::aim), in percent.
    pub fn share(&self) -> usize {
        if self.rules.is_empty() { 10 } else { 30 }
    }

    /// Changes a request so that one rule of a list holds of it, as far as that is simple: a
    /// wanted one, if there is one.
    pub fn aim(
        &self,
        random: &mut Random,
        words: &Vocabulary,
        graph: &Graph,
        request: &mut Request,
    ) {
        let wanted = !self.rules.is_empty() && random.percent(70);
        let rules = if wanted { &self.rules } else { &self.others };
        if !rules.is_empty() {
            words.content(random, request);
            let rule = *random.pick(rules);
            fit(random, graph, rule, request);
        }
    }
}

/// Makes an expression hold; of what is negated nothing is tried.
fn fit(random: &mut Random, graph: &Graph, id: ExpressionId, request: &mut Request) {
    let between = |random: &mut Random, (low, high): (u32, u32)| *random.pick(&[low, high]);
    let atom = match graph.expressions.get(id) {
        Expression::True | Expression::False | Expression::Not(_) => return,
        Expression::All(parts) => {
            parts.iter().for_each(|part| fit(random, graph, *part, request));
            return;
        }
        Expression::Any(parts) => {
            let part = *random.pick(parts);
            return fit(random, graph, part, request);
        }
        Expression::Atom(atom) => atom,
    };
    match atom {
        Atom::Source(ranges) | Atom::UserAddress { ranges, .. } if !ranges.is_empty() => {
            request.source = edges(*random.pick(ranges))[0];
        }
        Atom::Destination(ranges) if !ranges.is_empty() => {
            let address = edges(*random.pick(ranges))[0];
            request.destination = address;
            request.host = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
        }
        Atom::Port(ranges) if !ranges.is_empty() => {
            let (low, high) = *random.pick(ranges);
            request.port = *random.pick(&[low, high]);
        }
        Atom::Protocol(protocols) if !protocols.is_empty() => {
            request.protocol = *random.pick(protocols);
        }
        Atom::Https => request.https = true,
        Atom::Principal(classes) if !classes.is_empty() => {
            request.principal = *random.pick(classes);
        }
        Atom::Credential(classes) if !classes.is_empty() => {
            let range = *random.pick(classes);
            request.credential = between(random, range);
        }
        Atom::Region(regions) if !regions.is_empty() => {
            request.region = random.pick(regions).to_string();
        }
        Atom::Asn(ranges) if !ranges.is_empty() => {
            let range = *random.pick(ranges);
            request.asn = between(random, range);
        }
        Atom::Condition(condition) => drop(request.conditions.insert(*condition)),
        Atom::Assumption(at) => {
            if let Some(holds) = request.assumptions.get_mut(at.0 as usize) {
                *holds = true;
            }
        }
        Atom::Present(TextField::Header(name)) => {
            request.headers.entry(name.to_string()).or_default();
        }
        Atom::Text(field, matched) => {
            let text = match &matched.test {
                TextTest::Equals(text) | TextTest::Prefix(text) => text.clone(),
                TextTest::Suffix(text) if *field == TextField::Host => format!("x{text}"),
                TextTest::Suffix(_) | TextTest::Contains(_) | TextTest::Matches(_) => return,
            };
            match field {
                TextField::Host => request.host = text,
                TextField::Path => request.path = text,
                TextField::Query => request.query = text,
                TextField::Method => request.method = text,
                TextField::Header(name) => drop(request.headers.insert(name.to_string(), text)),
            }
        }
        _ => {}
    }
}
