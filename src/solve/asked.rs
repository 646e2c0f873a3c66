//! What hops ask of the fields that earlier hops may have changed.

use std::sync::Arc;

use hashbrown::HashSet;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::current::{Current, Depends};
use super::solver::Solver;
use crate::graph::{Atom, Body, Expression, ExpressionId, HopId, OriginSet, Switch, in_ranges};
use crate::topology::network::Network;
use crate::topology::record::Id;

/// What a hop and all hops behind it ask of current fields.
#[derive(Debug, Default)]
pub(super) struct AskedFields<'g> {
    depends: Depends,
    origins: Vec<&'g OriginSet>,
    sources: Vec<&'g [IpNet]>,
}

/// Fields as far as a hop and those behind it tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Distinguishable {
    current: Current,
    origins: Box<[bool]>,
    /// In which of the ranges asked for a translated source address is.
    source: Option<Box<[bool]>>,
}

impl<'g> Solver<'g> {
    /// These fields as far as a hop and all behind it tell them apart: what goes on from there with
    /// equal ones ends equally.
    pub fn distinguishable(&mut self, hop: HopId, current: &Current) -> Distinguishable {
        let asked = self.asked_behind(hop);
        let others = asked.depends.without(Depends::ORIGIN.with(Depends::SOURCE));
        let source = current.source.filter(|_| asked.depends.has(Depends::SOURCE));
        Distinguishable {
            current: current.masked(others),
            origins: asked.origins.iter().map(|set| set.contains(current.origin)).collect(),
            source: source.map(|address| {
                asked.sources.iter().map(|ranges| in_ranges(ranges, address)).collect()
            }),
        }
    }

    /// Whether a hop, or one behind it, asks where a request comes from or under which address;
    /// hops that are `last`, and what is behind them, are not counted.
    pub fn asks_origin(&mut self, hop: HopId, last: &dyn Fn(HopId) -> bool) -> bool {
        if let Some(asks) = self.asks_origin.get(&hop) {
            return *asks;
        }
        let asked = self.gather_asked(hop, last);
        let asks = asked.depends.has(Depends::ORIGIN.with(Depends::SOURCE));
        self.asks_origin.insert(hop, asks);
        asks
    }

    /// The networks that a hop and those behind it tell from others.
    pub fn networks_asked(&mut self, hop: HopId) -> Vec<Id<Network>> {
        let asked = self.asked_behind(hop);
        let mut networks: Vec<Id<Network>> =
            asked.origins.iter().flat_map(|set| set.networks.iter().copied()).collect();
        networks.sort_unstable();
        networks.dedup();
        networks
    }

    fn asked_behind(&mut self, start: HopId) -> Arc<AskedFields<'g>> {
        if let Some(asked) = self.asked.get(&start) {
            return Arc::clone(asked);
        }
        let asked = Arc::new(self.gather_asked(start, &|_| false));
        self.asked.insert(start, Arc::clone(&asked));
        asked
    }

    fn gather_asked(&self, start: HopId, last: &dyn Fn(HopId) -> bool) -> AskedFields<'g> {
        let graph = self.graph;
        let mut expressions: Vec<ExpressionId> = Vec::new();
        let mut asked = AskedFields::default();
        let mut hops = vec![start];
        let mut seen: HashSet<HopId, FxBuildHasher> = HashSet::default();
        while let Some(hop) = hops.pop() {
            let body = &graph.hop(hop).body;
            match body {
                Body::Gate { list, .. } => {
                    expressions.extend(graph.list(*list).rules.iter().map(|rule| rule.when));
                }
                Body::Switch(Switch::FirstMatch { branches, .. }) => {
                    expressions.extend(branches.iter().map(|(when, _)| *when));
                }
                Body::Switch(Switch::Host { .. }) => {
                    asked.depends = asked.depends.with(Depends::HOST);
                }
                Body::Switch(Switch::Path { .. }) => {
                    asked.depends = asked.depends.with(Depends::PATH);
                }
                Body::Switch(Switch::Destination { .. }) => {
                    asked.depends = asked.depends.with(Depends::DESTINATION);
                }
                _ => {}
            }
            for next in body.successors() {
                if !last(next) && seen.insert(next) {
                    hops.push(next);
                }
            }
        }
        expressions.sort_unstable();
        expressions.dedup();
        while let Some(id) = expressions.pop() {
            asked.depends = asked.depends.with(self.depends_of(id));
            match graph.expressions.get(id) {
                Expression::Not(part) => expressions.push(*part),
                Expression::All(parts) | Expression::Any(parts) => expressions.extend(parts),
                Expression::Atom(Atom::Origin(set)) if !asked.origins.contains(&set) => {
                    asked.origins.push(set);
                }
                Expression::Atom(Atom::Source(ranges) | Atom::UserAddress { ranges, .. })
                    if !asked.sources.contains(&&**ranges) =>
                {
                    asked.sources.push(ranges);
                }
                _ => {}
            }
        }
        asked
    }
}
