//! Which dynamic route is taken: by AS path, MED and the cost between regions (EGR-241, EGR-254),
//! and against static routes by priority.

use crate::graph::{AssumptionId, HopKind, ResourceKind};
use std::collections::BTreeMap;

use ipnet::IpNet;

use super::NetworkSender;
use super::hybrid::Candidate;
use super::route::{Row, TiedRoute, Way};
use crate::graph::compile::{Core, Networks, Place};
use crate::graph::expression::ExpressionId;
use crate::graph::hop::{AssumptionKind, Body, HopId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::hybrid::{LineId, Site};
use crate::topology::network::{BestPath, Network};
use crate::topology::record::Id;

/// The MED that is taken where none is given.
pub(super) const MED: u32 = 100;

/// What a dynamic route costs at least in another region, and at most (EGR-241).
const COSTS: [i64; 2] = [201, 9_999];

/// A line of a site over which a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Uplink {
    pub site: Id<Site>,
    pub line: LineId,
    /// The MED with which the site announces the destination over it, if it is given.
    pub med: Option<u32>,
}

/// A cost that Google does not publish.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::graph::compile) enum Cost {
    /// Of dynamic routes between two regions, the first by name in front.
    Between(String, String),
    /// Of those from a region to one region, less those to another, the first by name in front.
    Difference { from: String, to: String, other: String },
}

/// What decides about a line besides whether it is up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    /// How long the AS path is.
    path: u32,
    med: Option<u32>,
    region: String,
}

/// Which of two goes first.
enum Precedence {
    First,
    Last,
    /// The first where this holds.
    If(ExpressionId),
}

/// Lines that are equal, with what decides about them.
type Equals = (Preference, Vec<Candidate>);

impl<'t> Networks<'t> {
    /// To sites over some of their lines: one that is up, of those that go first as seen from a
    /// region (EGR-096, EGR-241, EGR-254).
    pub(super) fn way_to_sites(
        &mut self,
        core: &mut Core<'t>,
        whence: Place,
        uplinks: &[Uplink],
        sender: &NetworkSender,
    ) -> HopId {
        let region = if uplinks.len() > 1 { sender.region.as_str() } else { "" };
        let key = (uplinks.to_vec(), region.to_string(), sender.leg.clone());
        if let Some(&hop) = self.sites.ways.get(&key) {
            return hop;
        }
        let topology = core.topology;
        let mut equals: BTreeMap<Preference, Vec<Candidate>> = BTreeMap::new();
        let mut sites: BTreeMap<&str, Vec<Candidate>> = BTreeMap::new();
        let several = uplinks.iter().any(|uplink| uplink.site != uplinks[0].site);
        let mut given = false;
        let mut best_path = BestPath::Legacy;
        let mut place = None;
        for uplink in uplinks {
            let (id, entry) = topology.onprem.at(uplink.site);
            let id: &str = id;
            let lines = entry.value.each_line();
            let Some(line) = lines.get(uplink.line.index()) else { continue };
            let mut hop = self.line_to_site(core, uplink.site, line);
            if several {
                hop =
                    self.answering_over_lines(core, uplink.site, &[uplink.line], &sender.leg, hop);
            }
            let path = line.as_path.unwrap_or_default();
            let region = line.region.to_string();
            given |= uplink.med.is_some() || line.as_path.is_some();
            let preference = Preference { path, med: uplink.med, region };
            let mut candidate = core.candidate(id, line, hop);
            if several {
                candidate.name =
                    line.name.map_or_else(|| id.to_string(), |name| format!("{id}/{name}"));
            }
            sites.entry(id).or_default().push(candidate.clone());
            equals.entry(preference).or_default().push(candidate);
            let network = topology.networks.get(&entry.value.network.value);
            best_path = network.map_or(best_path, Network::best_path);
            if place.is_none() {
                let resource = core.resource(ResourceKind::Onprem, id);
                place = Some(Place::new(resource, HopKind::Lines, RuleId::egr(96), entry.key_span));
            }
        }
        let place = place.unwrap_or(whence);
        let hop = if sites.len() == 1 && !given {
            // Which of its own lines a site is reached by does not matter to it.
            let (near, far): (Vec<Equals>, Vec<Equals>) =
                equals.into_iter().partition(|(preference, _)| preference.region == region);
            let together = |equals: Vec<Equals>| equals.into_iter().flat_map(|own| own.1).collect();
            core.by_a_line(place, vec![together(near), together(far)])
        } else {
            let rule = if given || best_path == BestPath::Standard { 254 } else { 241 };
            let place = Place { rule: RuleId::egr(rule), ..place };
            let next =
                core.preferred(place, &sites, best_path, region, equals.into_iter().collect());
            let pass = core.list(Vec::new(), RuleVerdict::Pass);
            core.hop(place, Body::Gate { list: pass, next })
        };
        let hop = match uplinks {
            [first, ..] if !several => {
                let lines: Vec<LineId> = uplinks.iter().map(|uplink| uplink.line).collect();
                self.answering_over_lines(core, first.site, &lines, &sender.leg, hop)
            }
            _ => hop,
        };
        self.sites.ways.insert(key, hop);
        hop
    }
}

impl Core<'_> {
    /// By the lines that go first. That MEDs that are not given are the same is an assumption where
    /// they are those of sites in several regions; if they are not, one of the sites goes first.
    fn preferred(
        &mut self,
        place: Place,
        sites: &BTreeMap<&str, Vec<Candidate>>,
        best_path: BestPath,
        region: &str,
        equals: Vec<Equals>,
    ) -> HopId {
        let open = is_open(equals.iter().map(|(preference, _)| preference), sites.len());
        let ordered = self.ordered(place, best_path, region, Vec::new(), equals);
        if !open {
            return ordered;
        }
        let names: Vec<&str> = sites.keys().copied().collect();
        let assumption = self.equal_med(place.at, &names);
        let mut branches = vec![(self.assumed((assumption, true)), ordered)];
        let mut hops = Vec::new();
        for (id, own) in sites {
            let others = sites.iter().filter(|(other, _)| *other != id);
            let others = others.flat_map(|(_, other)| other.iter().cloned()).collect();
            hops.push(self.by_a_line(place, vec![own.clone(), others]));
        }
        let taken = self.first_sites(place, &names).into_iter();
        branches.extend(taken.map(|(when, at)| (when, hops[at])));
        // Whichever goes first, one does.
        let otherwise = branches.pop().map_or(ordered, |(_, last)| last);
        let branches = branches.into();
        let place = Place { kind: HopKind::EqualRoutes, ..place };
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }))
    }

    /// That MEDs that are not given are the same at some sites.
    fn equal_med(&mut self, at: Span, sites: &[&str]) -> AssumptionId {
        let names = sites.join(",");
        self.assumption(
            format!("equal-med/{names}"),
            AssumptionKind::Unknown,
            || format!("the sites {names} announce with the MED {MED} where none is given"),
            Some(true),
            at,
        )
    }

    /// Which of some sites goes first, where their MEDs are not the same.
    fn first_sites(&mut self, place: Place, sites: &[&str]) -> Vec<(ExpressionId, usize)> {
        let when = self.expressions.always();
        let tied: Vec<TiedRoute<'_>> =
            sites.iter().map(|id| TiedRoute { id, at: place.at, when }).collect();
        self.by_tie(ResourceKind::Onprem, &tied, |_, _| true)
    }

    /// Where what is sent from a region over some lines gets to one site rather than another.
    pub(super) fn gets_to(
        &mut self,
        place: Place,
        uplinks: &[Uplink],
        region: &str,
        site: Id<Site>,
    ) -> ExpressionId {
        let topology = self.topology;
        let mut sites: Vec<&str> = Vec::new();
        let mut preferences: Vec<(bool, Preference)> = Vec::new();
        let mut best_path = BestPath::Legacy;
        for uplink in uplinks {
            let (id, entry) = topology.onprem.at(uplink.site);
            let lines = entry.value.each_line();
            let Some(line) = lines.get(uplink.line.index()) else { continue };
            let path = line.as_path.unwrap_or_default();
            let region = line.region.to_string();
            let preference = Preference { path, med: uplink.med, region };
            preferences.push((uplink.site == site, preference));
            sites.push(id);
            let network = topology.networks.get(&entry.value.network.value);
            best_path = network.map_or(best_path, Network::best_path);
        }
        sites.sort_unstable();
        sites.dedup();
        let mut own_first = Vec::new();
        for (_, own) in preferences.iter().filter(|(is_own, _)| *is_own) {
            let mut parts = Vec::new();
            for (_, other) in preferences.iter().filter(|(is_own, _)| !is_own) {
                match self.goes_first(best_path, region, own, other) {
                    _ if own == other => {}
                    Precedence::First => {}
                    Precedence::Last => parts.push(self.expressions.never()),
                    Precedence::If(when) => parts.push(when),
                }
            }
            own_first.push(self.expressions.all(parts));
        }
        let ordered = self.expressions.any(own_first);
        if !is_open(preferences.iter().map(|(_, preference)| preference), sites.len()) {
            return ordered;
        }
        let same = self.equal_med(place.at, &sites);
        let same = self.assumed((same, true));
        let own: &str = topology.onprem.key(site);
        let taken = self.first_sites(place, &sites).into_iter();
        let picked: Vec<ExpressionId> =
            taken.filter(|(_, at)| sites[*at] == own).map(|(when, _)| when).take(1).collect();
        let picked = self.expressions.any(picked);
        let differ = self.expressions.not(same);
        let by_order = self.expressions.all([same, ordered]);
        let by_tie = self.expressions.all([differ, picked]);
        self.expressions.any([by_order, by_tie])
    }

    /// By one line of the first group that has one up: groups are put in order one by one.
    fn ordered(
        &mut self,
        place: Place,
        best_path: BestPath,
        region: &str,
        sorted: Vec<Equals>,
        mut rest: Vec<Equals>,
    ) -> HopId {
        let Some(next) = rest.pop() else {
            return self.by_a_line(place, sorted.into_iter().map(|own| own.1).collect());
        };
        let mut otherwise = None;
        let mut branches: Vec<(ExpressionId, HopId)> = Vec::new();
        for at in 0..=sorted.len() {
            let first = match sorted.get(at) {
                None => Precedence::First,
                Some(other) => self.goes_first(best_path, region, &next.0, &other.0),
            };
            let mut inserted = sorted.clone();
            inserted.insert(at, next.clone());
            match first {
                Precedence::First => {
                    otherwise =
                        Some(self.ordered(place, best_path, region, inserted, rest.clone()));
                    break;
                }
                Precedence::Last => {}
                Precedence::If(when) => {
                    let hop = self.ordered(place, best_path, region, inserted, rest.clone());
                    branches.push((when, hop));
                }
            }
        }
        // The last place is always free.
        let otherwise = otherwise.unwrap_or_else(|| self.no_line(place));
        if branches.is_empty() {
            return otherwise;
        }
        let branches = branches.into();
        let place = Place { kind: HopKind::EqualRoutes, ..place };
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }))
    }

    /// Which of two lines that differ goes first, as seen from a region.
    fn goes_first(
        &mut self,
        best_path: BestPath,
        region: &str,
        one: &Preference,
        other: &Preference,
    ) -> Precedence {
        let meds = [one.med, other.med].map(|med| i64::from(med.unwrap_or(MED)));
        // A Cloud Router compares what it learns itself by AS path, the network MEDs and costs
        // unless its mode is STANDARD.
        let standard = best_path == BestPath::Standard;
        let mut decided = std::cmp::Ordering::Equal;
        if standard || one.region == other.region {
            decided = one.path.cmp(&other.path).then(meds[0].cmp(&meds[1]));
        }
        match decided {
            std::cmp::Ordering::Less => return Precedence::First,
            std::cmp::Ordering::Greater => return Precedence::Last,
            std::cmp::Ordering::Equal => {}
        }
        let margin = if standard { 0 } else { meds[1] - meds[0] };
        let when = match (one.region == region, other.region == region) {
            // The other one costs more by what lies between the regions.
            (true, false) => self.costs(between(region, &other.region), -margin),
            (false, true) => {
                let first = self.costs(between(region, &one.region), margin);
                self.expressions.not(first)
            }
            _ if one.region <= other.region => {
                let [to, beside] = [&one.region, &other.region].map(|own| own.to_string());
                let cost = Cost::Difference { from: region.into(), to, other: beside };
                let last = self.costs(cost, margin);
                self.expressions.not(last)
            }
            _ => {
                let [to, beside] = [&other.region, &one.region].map(|own| own.to_string());
                let cost = Cost::Difference { from: region.into(), to, other: beside };
                self.costs(cost, -margin)
            }
        };
        if when == self.expressions.always() {
            Precedence::First
        } else if when == self.expressions.never() {
            Precedence::Last
        } else {
            Precedence::If(when)
        }
    }

    /// Whether a cost is at least so much: an assumption, where its bounds do not decide. Who costs
    /// a lot costs a little.
    fn costs(&mut self, cost: Cost, least: i64) -> ExpressionId {
        let (prefix, text) = match &cost {
            Cost::Between(one, other) => (
                format!("region-cost/{one}/{other}>="),
                format!("a dynamic route costs at least {least} between {one} and {other}"),
            ),
            Cost::Difference { from, to, other } => (
                format!("region-cost/{from}/{to}-{other}>="),
                format!(
                    "a dynamic route from {from} costs at least as much to {to} as to {other}, and \
                     {least}"
                ),
            ),
        };
        let [mut low, mut high] = match &cost {
            Cost::Between(..) => COSTS,
            Cost::Difference { .. } => [COSTS[0] - COSTS[1], COSTS[1] - COSTS[0]],
        };
        let open = (low + 1..=high).contains(&least);
        // What the asker fixes of a cost bounds it.
        for (id, holds) in &self.fixed {
            let bound = id.strip_prefix(&prefix).and_then(|bound| bound.parse::<i64>().ok());
            match (bound, holds) {
                (Some(bound), true) => low = low.max(bound),
                (Some(bound), false) => high = high.min(bound - 1),
                (None, _) => {}
            }
        }
        let id = format!("{prefix}{least}");
        let is_bound = open && self.fixed.contains_key(&id);
        if !is_bound && least <= low {
            return self.expressions.always();
        }
        if !is_bound && least > high {
            return self.expressions.never();
        }
        let known = self.costs.get(&cost).cloned().unwrap_or_default();
        if let Some(&when) = known.get(&least) {
            return when;
        }
        let unknown = AssumptionKind::Unknown;
        let assumption = self.assumption(id, unknown, || text, None, Span::none());
        let own = self.assumed((assumption, true));
        let below = known.range(..least).next_back().map(|(_, when)| *when);
        let above = known.range(least..).next().map(|(_, when)| *when);
        let enough = self.expressions.all([own].into_iter().chain(below));
        let when = self.expressions.any([enough].into_iter().chain(above));
        self.costs.entry(cost).or_default().insert(least, when);
        when
    }

    /// Which of some routes for a destination may be taken, by their places, and when: static ones or
    /// dynamic ones by priority, which for a dynamic one is its MED with the cost between the regions.
    pub(super) fn contenders(
        &mut self,
        rows: &[Row],
        region: &str,
    ) -> Vec<(ExpressionId, Vec<usize>)> {
        let always = self.expressions.always();
        let (dynamic, fixed): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|at| rows[*at].is_dynamic());
        let static_first = match (fixed.first(), dynamic.is_empty()) {
            (Some(first), false) => self.static_first(&rows[*first], rows, region),
            _ => None,
        };
        let Some(static_first) = static_first else {
            return vec![(always, fixed.into_iter().chain(dynamic).collect())];
        };
        let dynamic_first = self.expressions.not(static_first);
        let never = self.expressions.never();
        let mut groups = vec![(static_first, fixed), (dynamic_first, dynamic)];
        groups.retain(|(when, _)| *when != never);
        groups
    }

    /// Where a static route goes before the dynamic ones of some rows; nothing if they are equal.
    fn static_first(&mut self, fixed: &Row, rows: &[Row], region: &str) -> Option<ExpressionId> {
        let (priority, rank) = (i64::from(fixed.priority), fixed.rank);
        let mut parts = Vec::new();
        let mut equal = false;
        for row in rows.iter().filter(|row| row.is_dynamic()) {
            let Way::Site { uplinks, .. } = &row.way else { continue };
            for uplink in uplinks {
                let lines = self.topology.onprem[uplink.site].each_line();
                let Some(line) = lines.get(uplink.line.index()) else { continue };
                let med = i64::from(uplink.med.unwrap_or(MED));
                if line.region != region {
                    // Of equal ones the kind decides (EGR-084).
                    let least = priority - med + i64::from(rank > row.rank);
                    parts.push(self.costs(between(region, line.region), least));
                } else if med < priority {
                    return Some(self.expressions.never());
                } else {
                    equal |= med == priority;
                }
            }
        }
        (!equal).then(|| self.expressions.all(parts))
    }

    /// The uplinks of some lines for a destination.
    pub(super) fn uplinks(&self, site: Id<Site>, lines: &[LineId], range: &IpNet) -> Vec<Uplink> {
        let all = self.topology.onprem[site].each_line();
        let med = |line: LineId| all.get(line.index()).and_then(|line| line.med_of(range));
        lines.iter().map(|line| Uplink { site, line: *line, med: med(*line) }).collect()
    }
}

/// Whether MEDs that are not given decide: those of several sites, in several regions.
fn is_open<'p>(mut all: impl Iterator<Item = &'p Preference> + Clone, sites: usize) -> bool {
    let mut others = all.clone();
    let missing = all.clone().any(|own| own.med.is_none());
    let first = all.next().map(|own| own.region.as_str());
    sites > 1 && missing && others.any(|own| Some(own.region.as_str()) != first)
}

/// The cost between two regions.
fn between(one: &str, other: &str) -> Cost {
    let (one, other) = if one <= other { (one, other) } else { (other, one) };
    Cost::Between(one.into(), other.into())
}
