//! Prefixes, host dispatches and their branches: what leads to suffixes.

use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::End;
use super::caller_class::SuffixSummary;
use super::solver::ExposureSolver;
use super::suffix::{ProjectedSuffix, ProjectedSuffixes, Suffix};
use crate::graph::{Body, EntryId, Graph, HopId, Origin, ResourceId, Switch};
use crate::sets::{Axis, Set};
use crate::solve::{Current, Flow, FxMap, Mode, Solver, Standing, Visitor};
use crate::topology::network::Network;
use crate::topology::record::Id;

/// Where a prefix or a branch ends: a hop with one destination behind it, or a host dispatch.
#[derive(Debug, Clone)]
pub(super) struct PrefixEnd {
    hop: HopId,
    /// The only destination behind it; `None` at a host dispatch.
    to: Option<ResourceId>,
    entry: Option<EntryId>,
    current: Current,
    requests: Set,
}

/// Follows requests to host dispatches, and until there is only one destination left.
pub(super) struct PrefixVisitor<'e> {
    ends: &'e [End],
    dispatches: &'e [bool],
    /// The dispatch that is followed, if it is one: there are no others behind it.
    dispatch: Option<HopId>,
    found: Vec<PrefixEnd>,
}

impl<'e> PrefixVisitor<'e> {
    pub fn new(ends: &'e [End], dispatches: &'e [bool], dispatch: Option<HopId>) -> Self {
        PrefixVisitor { ends, dispatches, dispatch, found: Vec::new() }
    }
}

impl Visitor for PrefixVisitor<'_> {
    fn arrived(&mut self, _solver: &mut Solver<'_>, _flow: &Flow<'_>) {}

    fn follows(&mut self, _solver: &mut Solver<'_>, here: &Standing<'_>) -> bool {
        let to = match self.ends[here.hop.index()] {
            End::Several if self.dispatch.is_some() || !self.dispatches[here.hop.index()] => {
                return true;
            }
            End::Several => None,
            End::Nowhere => return false,
            End::At(to) => Some(to),
        };
        let &Standing { hop, entry, requests, .. } = here;
        self.found.push(PrefixEnd { hop, to, entry, current: here.current.clone(), requests });
        false
    }
}

/// Where hosts lead to several destinations, by hop.
pub(super) fn host_dispatches(graph: &Graph, ends: &[End]) -> Vec<bool> {
    let by_host = |body: &Body| matches!(body, Body::Switch(Switch::Host { .. }));
    let hops = graph.hops.node_weights().zip(ends);
    hops.map(|(hop, end)| *end == End::Several && by_host(&hop.body)).collect()
}

/// A switch by host with several destinations behind it, and the branches that lead to them.
pub(super) struct HostDispatch {
    number: usize,
    branches: Vec<PrefixEnd>,
    /// The axes that the branches decide on.
    asked: Vec<Axis>,
    /// What stands for the network that requests come from, if nothing asks before there is one
    /// destination left.
    origin: Option<Origin>,
    /// Which branches tell a network from others, by network.
    by_network: FxMap<Id<Network>, Vec<usize>>,
}

/// What is behind the branches of a dispatch, in their order.
pub(super) struct Suffixes {
    number: usize,
    list: Vec<Rc<Suffix>>,
    /// The axes that nothing behind the dispatch decides on.
    idle: Rc<[Axis]>,
}

/// What some requests become that come to a dispatch: by destination, the branch's place and entry.
pub(super) struct BranchArrivals {
    number: usize,
    list: Vec<(ResourceId, usize, Option<EntryId>, Rc<ProjectedSuffix>)>,
}

/// What comes by a branch of a host dispatch.
pub(super) struct BranchArrival {
    dispatch: usize,
    branch: usize,
    entry: Option<EntryId>,
    projected: Rc<ProjectedSuffix>,
}

/// Where the requests of some sources lead, and what they have in common with those of others.
pub(super) struct Destinations {
    pub common: Rc<CommonDestinations>,
    /// What comes to destinations otherwise than that says.
    pub apart: BTreeMap<ResourceId, ProjectedSuffixes>,
}

/// What sources that come the same ways have in common, by destination, in order.
pub(super) struct CommonDestinations {
    pub number: usize,
    pub rows: Vec<(ResourceId, Rc<SuffixSummary>, Vec<BranchArrival>)>,
}

impl CommonDestinations {
    /// What comes to a destination.
    fn arrivals_at(&self, to: ResourceId) -> &[BranchArrival] {
        match self.rows.binary_search_by_key(&to, |(other, ..)| *other) {
            Ok(at) => &self.rows[at].2,
            Err(_) => &[],
        }
    }
}

/// What a prefix brings to a host dispatch, and what differs from others at some of its branches.
struct PrefixDispatch {
    before: Option<EntryId>,
    arrivals: Rc<BranchArrivals>,
    differs: BTreeMap<usize, (ResourceId, Option<EntryId>, Rc<ProjectedSuffix>)>,
}

impl ExposureSolver<'_> {
    /// Where requests lead whose prefixes end so.
    pub(super) fn destinations(&mut self, prefix: PrefixVisitor<'_>) -> Destinations {
        let mut apart: BTreeMap<ResourceId, ProjectedSuffixes> = BTreeMap::new();
        let mut dispatched: Vec<PrefixDispatch> = Vec::new();
        for end in prefix.found {
            match end.to {
                Some(to) => {
                    let suffix = self.suffix(end.hop, &end.current);
                    let projected = self.projected(&suffix, end.requests);
                    apart.entry(to).or_default().push((end.entry, projected));
                }
                None => dispatched.push(self.prefix_dispatch(&end)),
            }
        }
        let common = self.common_destinations(&dispatched);
        for (at, dispatch) in dispatched.iter().enumerate() {
            for (to, entry, projected) in dispatch.differs.values() {
                let own = apart.entry(*to).or_default();
                own.push((entry.or(dispatched[at].before), Rc::clone(projected)));
            }
        }
        for (to, suffixes) in &mut apart {
            for BranchArrival { dispatch, branch, entry, projected } in common.arrivals_at(*to) {
                if !dispatched[*dispatch].differs.contains_key(branch) {
                    suffixes.push((*entry, Rc::clone(projected)));
                }
            }
            suffixes.retain(|(_, projected)| !projected.is_empty());
        }
        Destinations { common, apart }
    }

    /// What sources have in common that come to these dispatches.
    fn common_destinations(&mut self, dispatched: &[PrefixDispatch]) -> Rc<CommonDestinations> {
        let key: Vec<_> = dispatched.iter().map(|own| (own.before, own.arrivals.number)).collect();
        if let Some(known) = self.common.get(&key) {
            return Rc::clone(known);
        }
        let mut found: BTreeMap<ResourceId, Vec<BranchArrival>> = BTreeMap::new();
        for (dispatch, PrefixDispatch { before, arrivals, .. }) in dispatched.iter().enumerate() {
            for (to, branch, entry, projected) in &arrivals.list {
                let (branch, entry, projected) = (*branch, entry.or(*before), Rc::clone(projected));
                found.entry(*to).or_default().push(BranchArrival {
                    dispatch,
                    branch,
                    entry,
                    projected,
                });
            }
        }
        let mut rows = Vec::with_capacity(found.len());
        for (to, coming) in found {
            let suffixes: ProjectedSuffixes =
                coming.iter().map(|own| (own.entry, Rc::clone(&own.projected))).collect();
            rows.push((to, self.summary(&suffixes), coming));
        }
        let common = Rc::new(CommonDestinations { rows, number: self.common.len() });
        self.common.insert(key, Rc::clone(&common));
        common
    }

    /// What a prefix brings to a host dispatch. Networks are alike but for the services that tell
    /// them apart.
    fn prefix_dispatch(&mut self, end: &PrefixEnd) -> PrefixDispatch {
        let dispatch = self.dispatch(end.hop, &end.current);
        let Origin::Network(network) = end.current.origin else {
            let arrivals = self.arrivals(&dispatch, end.hop, &end.current, end.requests);
            return PrefixDispatch { before: end.entry, arrivals, differs: BTreeMap::new() };
        };
        let open = Current {
            origin: dispatch.origin.unwrap_or(end.current.origin),
            ..end.current.clone()
        };
        let arrivals = self.arrivals(&dispatch, end.hop, &open, end.requests);
        let mut differs = BTreeMap::new();
        for &at in dispatch.by_network.get(&network).into_iter().flatten() {
            let own = &dispatch.branches[at];
            let Some(to) = own.to else { continue };
            let current = Current { origin: end.current.origin, ..own.current.clone() };
            let suffix = self.suffix(own.hop, &current);
            let coming = self.solver.sets.and(end.requests, own.requests);
            differs.insert(at, (to, own.entry, self.projected(&suffix, coming)));
        }
        PrefixDispatch { before: end.entry, arrivals, differs }
    }

    /// What requests become behind a dispatch.
    fn arrivals(
        &mut self,
        dispatch: &HostDispatch,
        hop: HopId,
        current: &Current,
        requests: Set,
    ) -> Rc<BranchArrivals> {
        let suffixes = self.suffixes_behind(dispatch, hop, current);
        let sent = self.solver.sets.project_out(requests, &suffixes.idle);
        if let Some(known) = self.arrivals.get(&(suffixes.number, sent)) {
            return Rc::clone(known);
        }
        let mut list = Vec::new();
        for (at, (branch, suffix)) in dispatch.branches.iter().zip(&suffixes.list).enumerate() {
            let Some(to) = branch.to else { continue };
            let coming = self.solver.sets.and(sent, branch.requests);
            let projected = self.projected(suffix, coming);
            if !projected.is_empty() {
                list.push((to, at, branch.entry, projected));
            }
        }
        let arrivals = Rc::new(BranchArrivals { number: self.arrivals.len(), list });
        self.arrivals.insert((suffixes.number, sent), Rc::clone(&arrivals));
        arrivals
    }

    /// What leads from a dispatch to the destinations behind it. Where a request comes from is left
    /// open as far as nothing asks before there is one destination left.
    fn dispatch(&mut self, hop: HopId, current: &Current) -> Rc<HostDispatch> {
        let ends = self.ends;
        let asks_origin = self.solver.asks_origin(hop, &|hop| ends[hop.index()] != End::Several);
        let mut open = current.clone();
        if !asks_origin {
            open.origin = Origin::AnyNetwork;
        }
        let key = (hop, open);
        if let Some(known) = self.dispatches.get(&key) {
            return Rc::clone(known);
        }
        let mut prefix = PrefixVisitor::new(self.ends, &[], Some(hop));
        let reaching = self.reaching.clone();
        self.solver.follow(hop, &key.1, Set::FULL, Mode::Arriving, reaching, &mut prefix);
        let sets: Vec<Set> = prefix.found.iter().map(|branch| branch.requests).collect();
        let asked = self.solver.sets.support_of_all(&sets);
        let mut by_network: FxMap<Id<Network>, Vec<usize>> = FxMap::default();
        for (at, branch) in prefix.found.iter().enumerate() {
            if branch.current.origin == Origin::AnyNetwork {
                for network in self.solver.networks_asked(branch.hop) {
                    by_network.entry(network).or_default().push(at);
                }
            }
        }
        let origin = (!asks_origin).then_some(Origin::AnyNetwork);
        let branches = prefix.found;
        let dispatch = Rc::new(HostDispatch {
            number: self.dispatches.len(),
            branches,
            asked,
            origin,
            by_network,
        });
        self.dispatches.insert(key, Rc::clone(&dispatch));
        dispatch
    }

    /// The suffixes of all branches, for requests with these fields.
    fn suffixes_behind(
        &mut self,
        dispatch: &HostDispatch,
        hop: HopId,
        current: &Current,
    ) -> Rc<Suffixes> {
        let key = (dispatch.number, self.solver.distinguishable(hop, current));
        if let Some(known) = self.behind.get(&key) {
            return Rc::clone(known);
        }
        let mut asked: HashSet<Axis, FxBuildHasher> = dispatch.asked.iter().copied().collect();
        let mut list = Vec::with_capacity(dispatch.branches.len());
        for branch in &dispatch.branches {
            let suffix = if branch.current.origin == Origin::AnyNetwork {
                self.suffix(
                    branch.hop,
                    &Current { origin: current.origin, ..branch.current.clone() },
                )
            } else {
                self.suffix(branch.hop, &branch.current)
            };
            asked.extend(&suffix.asked);
            list.push(suffix);
        }
        let mut asked: Vec<Axis> = asked.into_iter().collect();
        asked.sort_unstable();
        let idle = self.idle(&asked);
        let suffixes = Rc::new(Suffixes { number: self.behind.len(), list, idle });
        self.behind.insert(key, Rc::clone(&suffixes));
        suffixes
    }
}
