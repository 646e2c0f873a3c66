//! How complete an answer is: what the graph does not follow and could touch what was asked.
//!
//! A gap is left out only where the graph shows that no request that was asked for can meet it. So
//! filters of requests are not looked at, and conditions of gates are not: what can be reached by
//! the edges of the graph is taken to be reached.

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;
use std::cell::OnceCell;

use super::selector::SelectedSender;
use super::{Model, selector};
use crate::graph::{
    Body, Gap, Graph, HopId, HopKind, Outcome, PerimeterEdge, Resource, ResourceId, ResourceKind,
    Touches,
};
use crate::solve::Reaching;

/// What an answer does not take into account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completeness {
    /// What could open a path that the answer does not have.
    pub could_open: Vec<Gap>,
    /// What could close a path that it has.
    pub could_close: Vec<Gap>,
}

impl Completeness {
    /// Whether nothing is left out of account.
    pub fn is_complete(&self) -> bool {
        self.could_open.is_empty() && self.could_close.is_empty()
    }

    /// That of some gaps, whatever they touch: each once.
    pub fn of_all(gaps: &[Gap]) -> Self {
        let mut found = FoundGaps::default();
        gaps.iter().for_each(|gap| found.add(gap, true, true));
        found.completeness
    }
}

/// Which requests a question is about.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    /// Their sources.
    pub from: &'a [SelectedSender],
    /// The selectors that named these; none if every source was meant.
    pub selectors: Option<&'a [String]>,
    /// Where they are bound for; none if anywhere.
    pub to: Option<&'a [ResourceId]>,
    /// The hops that lead to these, where that is known.
    pub leading: Option<&'a Reaching>,
    /// The kinds of ends of which all are meant, also those that the graph does not have.
    pub all_of: &'a [ResourceKind],
    /// The hops that they can pass, where that is known; else all that their sources lead to.
    pub passing: Option<Vec<HopId>>,
    /// Those of the ends that the graph lets them get to, where that is known.
    pub delivered: Option<&'a [ResourceId]>,
    /// The name that they ask for, if it is one.
    pub host: Option<&'a str>,
    /// Whether names are looked up for them.
    pub by_name: bool,
    /// The guard whose absence is asked about.
    pub guard: &'a [HopId],
}

/// What could touch the requests of a question.
pub fn completeness(model: &Model, scope: &Scope<'_>) -> Completeness {
    let graph = &model.graph;
    if graph.gaps.is_empty() {
        return Completeness::default();
    }
    let ground = Ground::new(model, scope);
    let mut found = FoundGaps::default();
    for gap in &graph.gaps {
        let (opens, closes) = ground.is_touched(gap);
        found.add(gap, opens, closes);
    }
    found.completeness
}

/// Whether something could open a path for what a question is about.
pub fn could_open(model: &Model, scope: &Scope<'_>) -> bool {
    let ground = Ground::new(model, scope);
    model.graph.gaps.iter().any(|gap| gap.opens && ground.is_touched(gap).0)
}

/// The hops that some lead to, with these.
pub fn behind(graph: &Graph, rest: Vec<HopId>) -> Vec<HopId> {
    behind_within(graph, rest, |_| true)
}

/// What a hop delivers to, if it does.
fn delivers(graph: &Graph, hop: HopId) -> Option<ResourceId> {
    let Body::Terminal(outcome) = &graph.hop(hop).body else { return None };
    match graph.outcome(*outcome) {
        Outcome::Delivered { to } => Some(*to),
        _ => None,
    }
}

/// Those of some ends, which are in order, that the graph leads to from a hop.
pub fn delivered_behind(
    graph: &Graph,
    start: HopId,
    ends: &[ResourceId],
    leading: &Reaching,
) -> Vec<ResourceId> {
    let hops = behind_within(graph, vec![start], |hop| leading.contains(hop));
    let mut delivered: Vec<ResourceId> = hops
        .into_iter()
        .filter_map(|hop| delivers(graph, hop))
        .filter(|to| ends.binary_search(to).is_ok())
        .collect();
    delivered.sort_unstable();
    delivered.dedup();
    delivered
}

/// The same over hops of some sort alone.
fn behind_within(
    graph: &Graph,
    mut rest: Vec<HopId>,
    within: impl Fn(HopId) -> bool,
) -> Vec<HopId> {
    let mut seen: HashSet<HopId, FxBuildHasher> = HashSet::default();
    let mut found = Vec::new();
    while let Some(hop) = rest.pop() {
        if within(hop) && seen.insert(hop) {
            found.push(hop);
            rest.extend(graph.hops.neighbors(hop));
        }
    }
    found
}

/// The gaps that were found, what is said at one place once.
#[derive(Default)]
struct FoundGaps<'g> {
    completeness: Completeness,
    opening: HashSet<(&'g crate::graph::GapKind, crate::source::Span), FxBuildHasher>,
    closing: HashSet<(&'g crate::graph::GapKind, crate::source::Span), FxBuildHasher>,
}

impl<'g> FoundGaps<'g> {
    fn add(&mut self, gap: &'g Gap, opens: bool, closes: bool) {
        if gap.opens && opens && self.opening.insert((&gap.what, gap.at)) {
            self.completeness.could_open.push(gap.clone());
        }
        if gap.closes && closes && self.closing.insert((&gap.what, gap.at)) {
            self.completeness.could_close.push(gap.clone());
        }
    }
}

/// The gates before a service.
const ENTRANCES: &[HopKind] = &[HopKind::IngressSetting, HopKind::InvokerIam, HopKind::Iap];

/// What requests can meet: which resources and kinds of hops, at all and on the way to where they
/// are bound for.
struct Met<'g> {
    resources: HashMap<&'g Resource, ResourceId, FxBuildHasher>,
    reached: Vec<bool>,
    passed: Vec<bool>,
    entered: Vec<bool>,
    guard: Vec<bool>,
    kinds: HashSet<HopKind, FxBuildHasher>,
    guard_kinds: HashSet<HopKind, FxBuildHasher>,
}

impl<'g> Met<'g> {
    fn new(graph: &'g Graph, reached: &[bool], leading: &Reaching, guard: &[HopId]) -> Self {
        let none = vec![false; graph.resources.len()];
        let resources = graph.resources.iter().enumerate();
        let mut met = Met {
            resources: resources.map(|(at, own)| (own, ResourceId(at as u32))).collect(),
            reached: none.clone(),
            passed: none.clone(),
            entered: none.clone(),
            guard: none,
            kinds: HashSet::default(),
            guard_kinds: HashSet::default(),
        };
        for id in graph.hops.node_indices().filter(|id| reached[id.index()]) {
            let hop = graph.hop(id);
            met.reached[hop.resource.0 as usize] = true;
            if leading.contains(id) {
                met.passed[hop.resource.0 as usize] = true;
                met.entered[hop.resource.0 as usize] |= ENTRANCES.contains(&hop.kind);
                met.kinds.insert(hop.kind);
            }
        }
        for id in guard.iter().filter(|id| reached[id.index()]) {
            let hop = graph.hop(*id);
            met.guard[hop.resource.0 as usize] = true;
            met.guard_kinds.insert(hop.kind);
        }
        met
    }

    fn any(&self, marks: &[bool], resources: &[Resource]) -> bool {
        let ids = resources.iter().filter_map(|resource| self.resources.get(resource));
        ids.into_iter().any(|id| marks[id.0 as usize])
    }
}

/// What a question is about. What takes following the graph is worked out where a gap asks for it.
struct Ground<'g> {
    model: &'g Model,
    scope: &'g Scope<'g>,
    reached: OnceCell<Vec<bool>>,
    leading: OnceCell<Reaching>,
    met: OnceCell<Met<'g>>,
}

impl<'g> Ground<'g> {
    fn new(model: &'g Model, scope: &'g Scope<'g>) -> Self {
        let (reached, leading, met) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ground { model, scope, reached, leading, met }
    }

    /// The hops that requests may come to.
    fn reached(&self) -> &[bool] {
        self.reached.get_or_init(|| {
            let graph = &self.model.graph;
            match &self.scope.passing {
                Some(hops) => selector::marked(graph, hops),
                None => {
                    let sources = self.scope.from.iter();
                    let starts = sources.map(|from| graph.sources[from.source].start).collect();
                    selector::marked(graph, &behind(graph, starts))
                }
            }
        })
    }

    /// The hops that lead to where requests are bound for.
    fn leading(&self) -> &Reaching {
        self.leading.get_or_init(|| {
            let graph = &self.model.graph;
            match self.scope.to {
                Some(to) if self.scope.passing.is_none() => match self.scope.leading {
                    Some(leading) => leading.clone(),
                    None => selector::reaching(graph, to),
                },
                _ => Reaching::everything(graph),
            }
        })
    }

    fn met(&self) -> &Met<'g> {
        self.met.get_or_init(|| {
            let graph = &self.model.graph;
            Met::new(graph, self.reached(), self.leading(), self.scope.guard)
        })
    }

    /// Whether a gap could open a path for what was asked, and whether it could close one.
    fn is_touched(&self, gap: &Gap) -> (bool, bool) {
        let graph = &self.model.graph;
        let alike = |touched: bool| (touched, touched);
        match &gap.touches {
            Touches::Everything => alike(true),
            Touches::Senders(senders) => alike(senders.iter().any(|sender| self.sends(sender))),
            Touches::UnknownSenders(kinds) => {
                alike(kinds.iter().any(|kind| self.is_open_to(*kind)))
            }
            Touches::Names => {
                alike(self.scope.by_name || self.resolvers().any(|resolver| resolver != 0))
            }
            Touches::Resolver(own) => alike(self.resolvers().any(|resolver| resolver == *own)),
            Touches::Networks(networks) => {
                self.by_doors(networks.iter().map(|network| &graph.doors[*network]))
            }
            Touches::AnyNetwork => self.by_doors(graph.doors.values()),
            // What a gate lets pass goes on where it leads.
            Touches::Passing(resources) => {
                let passed = self.met().any(&self.met().passed, resources);
                (passed || self.met().any(&self.met().guard, resources), passed)
            }
            Touches::Entering(resources) => {
                let entered = self.met().any(&self.met().entered, resources);
                (entered || self.met().any(&self.met().guard, resources), entered)
            }
            Touches::LeadingOn(resources) => (
                self.met().any(&self.met().reached, resources),
                self.met().any(&self.met().passed, resources),
            ),
            Touches::PassingAny(kinds) => {
                let passed = kinds.iter().any(|kind| self.met().kinds.contains(kind));
                let guard = kinds.iter().any(|kind| self.met().guard_kinds.contains(kind));
                (passed || guard, passed)
            }
            Touches::Entry(hop) => {
                let (inside, _) = self.by_doors(graph.doors.values());
                alike(inside && self.leading().contains(*hop))
            }
            Touches::To(ends) => alike(ends.iter().any(|end| self.is_end(end))),
            Touches::ToAny(kinds) => alike(kinds.iter().any(|kind| self.is_end_of(*kind))),
            Touches::Edge(edge) => alike(self.is_crossed(edge)),
        }
    }

    fn resolvers(&self) -> impl Iterator<Item = u32> {
        let graph = &self.model.graph;
        self.scope.from.iter().map(|from| graph.sources[from.source].resolver)
    }

    /// What is inside a network may be led anywhere; a gate there stands only on the way to where
    /// requests are bound for.
    fn by_doors<'d>(&self, doors: impl Iterator<Item = &'d Vec<HopId>>) -> (bool, bool) {
        let reached = doors.flatten().filter(|door| self.reached()[door.index()]);
        let mut any = false;
        for door in reached {
            any = true;
            if self.leading().contains(*door) {
                return (true, true);
            }
        }
        (any, false)
    }

    /// Whether something is among the sources, or would be if the graph had it.
    fn sends(&self, sender: &Resource) -> bool {
        let graph = &self.model.graph;
        let is_named =
            |from: &SelectedSender| graph.resource(graph.sources[from.source].resource) == sender;
        self.scope.from.iter().any(is_named) || self.is_open_to(sender.kind)
    }

    /// Whether requests may be bound for something.
    fn is_end(&self, end: &Resource) -> bool {
        let graph = &self.model.graph;
        let is_named = |to: &[ResourceId]| to.iter().any(|own| graph.resource(*own) == end);
        self.scope.to.is_none_or(is_named) || self.scope.all_of.contains(&end.kind)
    }

    /// Whether requests may be bound for something of a kind.
    fn is_end_of(&self, kind: ResourceKind) -> bool {
        let graph = &self.model.graph;
        let is_named = |to: &[ResourceId]| to.iter().any(|own| graph.resource(*own).kind == kind);
        self.scope.to.is_none_or(is_named) || self.scope.all_of.contains(&kind)
    }

    /// Whether senders of a kind were meant that nobody named.
    fn is_open_to(&self, kind: ResourceKind) -> bool {
        self.scope.selectors.is_none_or(|selectors| {
            selectors.iter().any(|selector| selector::is_open_to(selector, kind))
        })
    }

    /// Whether some path of the graph from a source to an end may cross an edge. Sources that are
    /// on the same side are followed together.
    fn is_crossed(&self, edge: &PerimeterEdge) -> bool {
        let graph = &self.model.graph;
        let mut sides: HashMap<(bool, bool), (ResourceId, Vec<HopId>), FxBuildHasher> =
            HashMap::default();
        for from in self.scope.from {
            let source = &graph.sources[from.source];
            let side = edge.senders.of(graph.resource(source.resource));
            let group = sides.entry(side).or_insert((source.resource, Vec::new()));
            group.1.push(source.start);
        }
        let crosses = |sender: ResourceId, to: ResourceId| {
            edge.is_crossed(graph.resource(sender), graph.resource(to), self.scope.host)
        };
        sides.into_values().any(|(sender, starts)| {
            // Most edges are not between a sender and any end, wherever the graph leads.
            if self.scope.to.is_some_and(|ends| !ends.iter().any(|end| crosses(sender, *end))) {
                return false;
            }
            if let Some(delivered) = self.scope.delivered {
                return delivered.iter().any(|to| crosses(sender, *to));
            }
            let hops = match &self.scope.passing {
                Some(hops) => hops.clone(),
                None => behind_within(graph, starts, |hop| self.leading().contains(hop)),
            };
            hops.into_iter().filter_map(|hop| delivers(graph, hop)).any(|to| {
                self.scope.to.is_none_or(|ends| ends.contains(&to)) && crosses(sender, to)
            })
        })
    }
}
