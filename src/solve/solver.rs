//! Expressions and lists as sets.

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::address_text;
use super::asked::AskedFields;
use super::axes::before_changes;
use super::current::{Current, Depends, PathChange};
use super::layout::{Layout, declared, protocol_index};
use super::predicate::Predicate;
use crate::graph::{
    Atom, Body, Expression, ExpressionId, Graph, HopId, List, ListId, Outcome, OutcomeId,
    RuleVerdict, Switch, TextField, TextMatch, in_ranges,
};
use crate::sets::{Decision, Set, Sets, address};
use crate::topology::firewall::Protocol;

/// A map with a quick hash.
pub type FxMap<K, V> = HashMap<K, V, FxBuildHasher>;

/// What a gate does to a request: an outcome's index and one, or this.
pub(super) const PASS: u32 = 0;

/// Turns what hops ask into sets, for one graph, each thing once.
pub struct Solver<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// The axes.
    pub layout: Arc<Layout>,
    /// The sets.
    pub sets: Sets,
    depends: Vec<Depends>,
    lists_depend: Vec<Depends>,
    expressions: FxMap<(ExpressionId, Current), Set>,
    decisions: FxMap<(ListId, Current), Decision>,
    passes: FxMap<(ListId, Current), Set>,
    partitions: FxMap<(HopId, Current), Arc<[Set]>>,
    pub(super) asked: FxMap<HopId, Arc<AskedFields<'g>>>,
    pub(super) asks_origin: FxMap<HopId, bool>,
    /// For a switch by host, the atoms of its exact names with their branches, ascending.
    names: FxMap<HopId, Arc<[(u32, u32)]>>,
}

impl<'g> Solver<'g> {
    /// A solver with a space of its own.
    pub fn new(graph: &'g Graph) -> Self {
        let layout = Layout::new(graph, &super::Extra::default());
        Self::within(graph, Arc::new(layout))
    }

    /// A solver in a given space, such as one that other threads use too.
    pub fn within(graph: &'g Graph, layout: Arc<Layout>) -> Self {
        let sets = Sets::new(Arc::clone(&layout.space));
        let mut depends: Vec<Depends> = Vec::with_capacity(graph.expressions.len());
        for (_, expression) in graph.expressions.iter() {
            let of = |id: &ExpressionId| depends[id.0 as usize];
            depends.push(match expression {
                Expression::True | Expression::False => Depends::NOTHING,
                Expression::Not(part) => of(part),
                Expression::All(parts) | Expression::Any(parts) => {
                    parts.iter().fold(Depends::NOTHING, |sum, part| sum.with(of(part)))
                }
                Expression::Atom(atom) => atom_depends(atom),
            });
        }
        let lists_depend = graph
            .lists
            .iter()
            .map(|list| {
                list.rules
                    .iter()
                    .fold(Depends::NOTHING, |sum, rule| sum.with(depends[rule.when.0 as usize]))
            })
            .collect();
        Solver {
            graph,
            layout,
            sets,
            depends,
            lists_depend,
            expressions: FxMap::default(),
            decisions: FxMap::default(),
            passes: FxMap::default(),
            partitions: FxMap::default(),
            asked: FxMap::default(),
            asks_origin: FxMap::default(),
            names: FxMap::default(),
        }
    }

    pub(super) fn depends_of(&self, id: ExpressionId) -> Depends {
        self.depends[id.0 as usize]
    }

    /// The requests for which an expression holds.
    pub fn express(&mut self, id: ExpressionId, current: &Current) -> Set {
        let graph = self.graph;
        let key = match graph.expressions.get(id) {
            Expression::True => return Set::FULL,
            Expression::False => return Set::EMPTY,
            _ => (id, current.masked(self.depends[id.0 as usize])),
        };
        if let Some(set) = self.expressions.get(&key) {
            return *set;
        }
        let set = match graph.expressions.get(id) {
            Expression::True => Set::FULL,
            Expression::False => Set::EMPTY,
            Expression::Not(part) => {
                let part = self.express(*part, current);
                self.sets.not(part)
            }
            Expression::All(parts) => {
                let parts: Vec<Set> =
                    parts.iter().map(|part| self.express(*part, current)).collect();
                self.sets.and_all(&parts)
            }
            Expression::Any(parts) => {
                let parts: Vec<Set> =
                    parts.iter().map(|part| self.express(*part, current)).collect();
                self.sets.or_all(&parts)
            }
            Expression::Atom(atom) => self.atom(atom, current),
        };
        self.expressions.insert(key, set);
        set
    }

    fn atom(&mut self, atom: &Atom, current: &Current) -> Set {
        let layout = Arc::clone(&self.layout);
        let constant = |holds: bool| if holds { Set::FULL } else { Set::EMPTY };
        match atom {
            Atom::Origin(origins) => constant(origins.contains(current.origin)),
            Atom::Source(ranges) => self.source(ranges, current),
            Atom::UserAddress { ranges, headers } => {
                let mut set = self.source(ranges, current);
                for header in headers.iter().rev() {
                    let Some((valid, inside)) = self.header_address(header, ranges, current) else {
                        continue;
                    };
                    let by_header = self.sets.and(valid, inside);
                    let otherwise = self.sets.minus(set, valid);
                    set = self.sets.or(by_header, otherwise);
                }
                set
            }
            Atom::Destination(ranges) => self.destined(ranges, current),
            Atom::Port(ranges) => {
                if let Some(own) = current.connection {
                    let holds = |(low, high): &(u16, u16)| (*low..=*high).contains(&own.port);
                    return constant(ranges.iter().any(holds));
                }
                let ranges: Vec<(u64, u64)> =
                    ranges.iter().map(|(low, high)| ((*low).into(), (*high).into())).collect();
                declared(self.sets.number_ranges(layout.port, &ranges))
            }
            Atom::Protocol(protocols) => {
                if current.connection.is_some() {
                    return constant(protocols.contains(&Protocol::Tcp));
                }
                let values: Vec<u32> =
                    protocols.iter().map(|protocol| protocol_index(*protocol)).collect();
                declared(self.sets.one_of(layout.protocol, &values))
            }
            Atom::Https => match current.connection {
                Some(own) => constant(own.https),
                None => declared(self.sets.flag(layout.https)),
            },
            Atom::Principal(classes) => match current.identity {
                Some((principal, _)) => constant(classes.contains(&principal)),
                None => declared(self.sets.one_of(layout.principal, classes)),
            },
            Atom::Credential(ranges) => match current.identity {
                Some((_, credential)) => {
                    constant(ranges.iter().any(|(low, high)| (*low..=*high).contains(&credential)))
                }
                None => {
                    let values: Vec<u32> =
                        ranges.iter().flat_map(|(low, high)| *low..=*high).collect();
                    declared(self.sets.one_of(layout.credential, &values))
                }
            },
            Atom::Text(field, matched) => self.text(field, matched, current),
            Atom::Present(TextField::Header(name)) => match layout.headers.get(name) {
                Some(axis) => self.sets.present(*axis),
                None => Set::FULL,
            },
            Atom::Present(_) => Set::FULL,
            Atom::Region(regions) => {
                let values: Vec<u32> = regions
                    .iter()
                    .filter_map(|region| layout.regions.iter().position(|each| each == region))
                    .map(|index| index as u32)
                    .collect();
                declared(self.sets.one_of(layout.region, &values))
            }
            Atom::Asn(ranges) => {
                let ranges: Vec<(u64, u64)> =
                    ranges.iter().map(|(low, high)| ((*low).into(), (*high).into())).collect();
                declared(self.sets.number_ranges(layout.asn, &ranges))
            }
            Atom::Condition(id) => declared(self.sets.flag(layout.conditions[id.0 as usize])),
            Atom::Assumption(id) => declared(self.sets.flag(layout.assumptions[id.0 as usize])),
        }
    }

    /// The requests whose header is an address, and those whose header is one in these ranges.
    fn header_address(
        &mut self,
        header: &str,
        ranges: &[ipnet::IpNet],
        current: &Current,
    ) -> Option<(Set, Set)> {
        let layout = Arc::clone(&self.layout);
        if let Some((valid, axis)) = layout.address_headers.get(header) {
            let valid = declared(self.sets.flag(*valid));
            return Some((valid, self.ranges(*axis, ranges)));
        }
        let axis = layout.text_axis(&TextField::Header(header.into()))?;
        let (valid, inside) = (address_text::is_address(), address_text::in_ranges(ranges));
        if axis == layout.host
            && let Some(host) = &current.host
        {
            let valid = self.constant_text(axis, &valid, host);
            return Some((valid, self.constant_text(axis, &inside, host)));
        }
        let valid = layout.texts(&mut self.sets, axis, &valid);
        Some((valid, layout.texts(&mut self.sets, axis, &inside)))
    }

    fn source(&mut self, ranges: &[ipnet::IpNet], current: &Current) -> Set {
        match current.source {
            Some(address) if in_ranges(ranges, address) => Set::FULL,
            Some(_) => Set::EMPTY,
            None => self.ranges(self.layout.source, ranges),
        }
    }

    /// The requests that now go to one of the ranges.
    fn destined(&mut self, ranges: &[ipnet::IpNet], current: &Current) -> Set {
        match current.destination {
            Some(address) if in_ranges(ranges, address) => Set::FULL,
            Some(_) => Set::EMPTY,
            None => self.ranges(self.layout.destination, ranges),
        }
    }

    /// The requests whose address on an axis lies in one of the ranges.
    pub fn ranges(&mut self, axis: crate::sets::Axis, ranges: &[ipnet::IpNet]) -> Set {
        let ranges: Vec<(u128, u128)> =
            ranges.iter().flat_map(|range| address::ranges(*range)).collect();
        declared(self.sets.ranges(axis, &ranges))
    }

    /// The requests with this destination address.
    pub fn destination(&mut self, address: IpAddr) -> Set {
        self.ranges(self.layout.destination, &[address.into()])
    }

    fn text(&mut self, field: &TextField, matched: &TextMatch, current: &Current) -> Set {
        let layout = Arc::clone(&self.layout);
        let Some(axis) = layout.text_axis(field) else { return Set::EMPTY };
        let is_host = axis == layout.host;
        let predicate = Predicate::of(matched, is_host);
        if is_host && let Some(host) = &current.host {
            return self.constant_text(axis, &predicate, host);
        }
        if *field == TextField::Path {
            return self.path(&predicate, current);
        }
        layout.texts(&mut self.sets, axis, &predicate)
    }

    /// Whether one text satisfies a predicate, as the whole or the empty set.
    fn constant_text(&self, axis: crate::sets::Axis, predicate: &Predicate, text: &str) -> Set {
        let holds = constant_holds(predicate, text, axis == self.layout.host);
        if holds { Set::FULL } else { Set::EMPTY }
    }

    fn path(&mut self, predicate: &Predicate, current: &Current) -> Set {
        let layout = Arc::clone(&self.layout);
        // What was replaced as a whole does not depend on what the caller sent.
        let replaced = current.path.iter().rposition(|each| matches!(each, PathChange::Whole(_)));
        if let Some(at) = replaced
            && let PathChange::Whole(path) = &current.path[at]
        {
            let mut path = path.to_string();
            for change in &current.path[at + 1..] {
                if let PathChange::Prefix { from, to } = change
                    && let Some(rest) = path.strip_prefix(&**from)
                {
                    path = format!("{to}{rest}");
                }
            }
            return self.constant_text(layout.path, predicate, &path);
        }
        match before_changes(predicate.clone(), &current.path) {
            Some(predicate) => layout.texts(&mut self.sets, layout.path, &predicate),
            None => Set::EMPTY,
        }
    }

    /// What a list decides about every request: [`PASS`], or an outcome's index and one.
    pub(super) fn decide(&mut self, id: ListId, current: &Current) -> Decision {
        let key = (id, current.masked(self.lists_depend[id.0 as usize]));
        if let Some(decision) = self.decisions.get(&key) {
            return *decision;
        }
        let list: &List = &self.graph.lists[id.0 as usize];
        let rules: Vec<(Set, u32)> = list
            .rules
            .iter()
            .filter(|rule| !rule.preview)
            .map(|rule| (self.express(rule.when, current), leaf(rule.then)))
            .collect();
        let decision = self.sets.first_match(&rules, leaf(list.otherwise));
        self.decisions.insert(key, decision);
        decision
    }

    /// The requests that a list lets pass.
    pub fn passes(&mut self, id: ListId, current: &Current) -> Set {
        let key = (id, current.masked(self.lists_depend[id.0 as usize]));
        if let Some(set) = self.passes.get(&key) {
            return *set;
        }
        let decision = self.decide(id, current);
        let graph = self.graph;
        let set = self.sets.select(decision, |leaf| leaf == PASS || loses_reply(graph, leaf));
        self.passes.insert(key, set);
        set
    }

    /// The requests that a list lets pass and whose reply does not come back, by outcome.
    pub fn replies_lost(&mut self, id: ListId, current: &Current) -> Vec<(OutcomeId, Set)> {
        let graph = self.graph;
        let list = graph.list(id);
        let loses = |verdict: RuleVerdict| loses_reply(graph, leaf(verdict));
        if !loses(list.otherwise) && !list.rules.iter().any(|rule| loses(rule.then)) {
            return Vec::new();
        }
        self.leaves(id, current, |leaf| loses_reply(graph, leaf))
    }

    /// The requests that a list refuses, by outcome.
    pub fn refusals(&mut self, id: ListId, current: &Current) -> Vec<(OutcomeId, Set)> {
        let graph = self.graph;
        self.leaves(id, current, |leaf| leaf != PASS && !loses_reply(graph, leaf))
    }

    /// The requests that a list ends in some ways, by outcome.
    fn leaves(
        &mut self,
        id: ListId,
        current: &Current,
        wanted: impl Fn(u32) -> bool,
    ) -> Vec<(OutcomeId, Set)> {
        let decision = self.decide(id, current);
        let mut leaves = self.sets.leaves(decision);
        leaves.sort_unstable();
        leaves
            .into_iter()
            .filter(|leaf| wanted(*leaf))
            .map(|leaf| (OutcomeId(leaf - 1), self.sets.select(decision, |other| other == leaf)))
            .collect()
    }

    /// The requests that take each branch of a switch, in the order of
    /// [`Body::successors`]: the partition is made when it is first asked for.
    pub fn partition(&mut self, hop: HopId, current: &Current) -> Arc<[Set]> {
        let graph = self.graph;
        let Body::Switch(switch) = &graph.hop(hop).body else { return Arc::new([]) };
        let depends = match switch {
            Switch::Host { .. } => Depends::HOST,
            Switch::Path { .. } => Depends::PATH,
            Switch::Destination { .. } => Depends::DESTINATION,
            Switch::FirstMatch { branches, .. } => branches
                .iter()
                .fold(Depends::NOTHING, |sum, (when, _)| sum.with(self.depends[when.0 as usize])),
        };
        let key = (hop, current.masked(depends));
        if let Some(partition) = self.partitions.get(&key) {
            return Arc::clone(partition);
        }
        let partition: Arc<[Set]> = match switch {
            Switch::Host { exact, suffixes, .. } => self.by_host(exact, suffixes, current),
            Switch::Path { exact, prefixes, .. } => self.by_path(exact, prefixes, current),
            Switch::Destination { ranges, .. } => {
                let keys: Vec<ipnet::IpNet> = ranges.iter().map(|(range, _)| *range).collect();
                let sets: Vec<Set> =
                    keys.iter().map(|range| self.destined(&[*range], current)).collect();
                let longer = |one: usize, other: usize| {
                    keys[one].prefix_len() > keys[other].prefix_len()
                        && keys[other].contains(&keys[one])
                };
                self.longest_first(&sets, longer)
            }
            Switch::FirstMatch { branches, .. } => {
                let mut rest = Set::FULL;
                let mut parts = Vec::with_capacity(branches.len() + 1);
                for (when, _) in branches {
                    let when = self.express(*when, current);
                    parts.push(self.sets.and(rest, when));
                    rest = self.sets.minus(rest, when);
                }
                parts.push(rest);
                parts.into()
            }
        };
        self.partitions.insert(key, Arc::clone(&partition));
        partition
    }

    /// The branches of a switch that requests may take: of many exact hosts only those that the
    /// requests name.
    pub(super) fn branches(&mut self, hop: HopId, current: &Current, requests: Set) -> Vec<usize> {
        let graph = self.graph;
        let Body::Switch(switch) = &graph.hop(hop).body else { return Vec::new() };
        let Switch::Host { exact, suffixes, .. } = switch else {
            return (0..switch.len()).collect();
        };
        let runs = match current.host {
            None => self.sets.first_runs(requests, self.layout.host),
            Some(_) => None,
        };
        let Some(runs) = runs else { return (0..switch.len()).collect() };
        let layout = Arc::clone(&self.layout);
        let names = self.names.entry(hop).or_insert_with(|| {
            let mut names: Vec<(u32, u32)> = exact
                .iter()
                .enumerate()
                .filter_map(|(at, (name, _))| {
                    Some((layout.space.atom_of(layout.host, name)?, at as u32))
                })
                .collect();
            names.sort_unstable();
            names.into()
        });
        let mut taken: Vec<usize> = Vec::new();
        for (from, until) in runs {
            let start = names.partition_point(|(atom, _)| *atom < from);
            let inside = names[start..].iter().take_while(|(atom, _)| *atom < until);
            taken.extend(inside.map(|(_, at)| *at as usize));
        }
        taken.sort_unstable();
        taken.extend(exact.len()..exact.len() + suffixes.len() + 1);
        taken
    }

    /// Takes from each set those that are inside it and go first; the rest comes last.
    fn longest_first(&mut self, sets: &[Set], inside: impl Fn(usize, usize) -> bool) -> Arc<[Set]> {
        let mut parts = Vec::with_capacity(sets.len() + 1);
        for (at, set) in sets.iter().enumerate() {
            let others: Vec<Set> = (0..sets.len())
                .filter(|other| *other != at && inside(*other, at))
                .map(|other| sets[other])
                .collect();
            let others = self.sets.or_all(&others);
            parts.push(self.sets.minus(*set, others));
        }
        let all = self.sets.or_all(sets);
        parts.push(self.sets.not(all));
        parts.into()
    }

    fn by_host(
        &mut self,
        exact: &[(Box<str>, HopId)],
        suffixes: &[(Box<str>, HopId)],
        current: &Current,
    ) -> Arc<[Set]> {
        let layout = Arc::clone(&self.layout);
        if let Some(host) = &current.host {
            let found = exact.iter().position(|(name, _)| name == host).or_else(|| {
                let longest = suffixes
                    .iter()
                    .enumerate()
                    .filter(|(_, (suffix, _))| {
                        suffix.is_empty()
                            || (host.len() > suffix.len() && host.ends_with(&**suffix))
                    })
                    .max_by_key(|(_, (suffix, _))| suffix.len());
                longest.map(|(at, _)| exact.len() + at)
            });
            let taken = found.unwrap_or(exact.len() + suffixes.len());
            return only(taken, exact.len() + suffixes.len() + 1);
        }
        let names: Vec<Set> =
            exact.iter().map(|(name, _)| declared(self.sets.exact(layout.host, name))).collect();
        let named = self.sets.or_all(&names);
        let mut parts = names;
        let mut order: Vec<usize> = (0..suffixes.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(suffixes[*at].0.len()));
        let mut taken = named;
        let mut by_suffix = vec![Set::EMPTY; suffixes.len()];
        for at in order {
            let suffix = &suffixes[at].0;
            let fits = if suffix.is_empty() {
                Set::FULL
            } else {
                let ends = declared(self.sets.prefix(layout.host, suffix));
                let bare = declared(self.sets.exact(layout.host, suffix));
                self.sets.minus(ends, bare)
            };
            by_suffix[at] = self.sets.minus(fits, taken);
            taken = self.sets.or(taken, fits);
        }
        parts.extend(by_suffix);
        parts.push(self.sets.not(taken));
        parts.into()
    }

    fn by_path(
        &mut self,
        exact: &[(Box<str>, HopId)],
        prefixes: &[(Box<str>, HopId)],
        current: &Current,
    ) -> Arc<[Set]> {
        let mut parts: Vec<Set> = exact
            .iter()
            .map(|(path, _)| self.path(&Predicate::Exact(path.to_string()), current))
            .collect();
        let mut taken = self.sets.or_all(&parts);
        let mut order: Vec<usize> = (0..prefixes.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(prefixes[*at].0.len()));
        let mut by_prefix = vec![Set::EMPTY; prefixes.len()];
        for at in order {
            let begins = self.path(&Predicate::Affix(prefixes[at].0.to_string()), current);
            by_prefix[at] = self.sets.minus(begins, taken);
            taken = self.sets.or(taken, begins);
        }
        parts.extend(by_prefix);
        parts.push(self.sets.not(taken));
        parts.into()
    }
}

/// A partition of which one part is everything.
fn only(taken: usize, count: usize) -> Arc<[Set]> {
    (0..count).map(|at| if at == taken { Set::FULL } else { Set::EMPTY }).collect()
}

/// Whether a leaf says that the request goes on without a way back for its reply.
fn loses_reply(graph: &Graph, leaf: u32) -> bool {
    leaf != PASS && matches!(graph.outcome(OutcomeId(leaf - 1)), Outcome::Unanswered { .. })
}

fn leaf(verdict: RuleVerdict) -> u32 {
    match verdict {
        RuleVerdict::Pass => PASS,
        RuleVerdict::Refuse(outcome) => outcome.0 + 1,
    }
}

fn atom_depends(atom: &Atom) -> Depends {
    match atom {
        Atom::Origin(_) => Depends::ORIGIN,
        Atom::UserAddress { headers, .. } if headers.iter().any(|name| &**name == "host") => {
            Depends::SOURCE.with(Depends::HOST)
        }
        Atom::Source(_) | Atom::UserAddress { .. } => Depends::SOURCE,
        Atom::Principal(_) | Atom::Credential(_) => Depends::IDENTITY,
        Atom::Text(TextField::Host, _) => Depends::HOST,
        Atom::Text(TextField::Header(name), _) if &**name == "host" => Depends::HOST,
        Atom::Text(TextField::Path, _) => Depends::PATH,
        Atom::Destination(_) => Depends::DESTINATION,
        Atom::Port(_) | Atom::Protocol(_) | Atom::Https => Depends::CONNECTION,
        _ => Depends::NOTHING,
    }
}

fn constant_holds(predicate: &Predicate, text: &str, reversed: bool) -> bool {
    match predicate {
        Predicate::Constant(value) => *value,
        Predicate::Exact(wanted) => wanted == text,
        Predicate::Affix(wanted) if reversed => text.ends_with(wanted.as_str()),
        Predicate::Affix(wanted) => text.starts_with(wanted.as_str()),
        Predicate::Pattern(pattern) => {
            let Some(rest) = text.strip_prefix(pattern.strip.as_str()) else { return false };
            let whole = format!("{}{rest}", pattern.prepend);
            // Built anew each time: constant hosts and paths are rare.
            regex_automata::dfa::dense::Builder::new()
                .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
                .thompson(regex_automata::nfa::thompson::Config::new().utf8(false))
                .build(&format!("\\A(?:{})\\z", pattern.regex))
                .ok()
                .and_then(|dfa| {
                    use regex_automata::dfa::Automaton;
                    let input =
                        regex_automata::Input::new(&whole).anchored(regex_automata::Anchored::Yes);
                    dfa.try_search_fwd(&input).ok().flatten()
                })
                .is_some()
        }
        Predicate::Both(parts) => {
            constant_holds(&parts.0, text, reversed) && constant_holds(&parts.1, text, reversed)
        }
        Predicate::Either(parts) => {
            constant_holds(&parts.0, text, reversed) || constant_holds(&parts.1, text, reversed)
        }
        Predicate::Not(part) => !constant_holds(part, text, reversed),
    }
}
