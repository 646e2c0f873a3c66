//! The engine, as lints ask it: which ways senders have to some ends, once for all senders that
//! leave alike.
//!
//! A lint says of traffic what these answers say. That something never happens it says only where
//! it happens in no world and under no choice, and where nothing that is left out of account could
//! make it happen.

use std::net::IpAddr;
use std::rc::Rc;

use hashbrown::HashSet;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use crate::graph::identity::Identities;
use crate::graph::{
    Body, Cause, EntryId, Graph, HopId, HopKind, Outcome, OutcomeId, Resource, ResourceId,
    ResourceKind, RuleVerdict as Ruling,
};
use crate::question::answer::{Sender, Verdict};
use crate::question::{
    Completeness, Counting, Model, Scope, SelectedSender, behind, could_open, delivered_behind,
    overall,
};
use crate::question::{reaching, source_classes};
use crate::sets::Set;
use crate::solve::{
    Block, Current, Extra, Flow, FxMap, Layout, Mode, Reaching, Solver, Standing, Visitor,
    protocol_index,
};
use crate::source::Span;
use crate::topology::firewall::Protocol;

/// A sender, as an index into the graph's sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SourceId(usize);

/// Some ends that are asked about together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct EndsId(usize);

/// A way from a sender to an end.
#[derive(Debug, Clone)]
pub(super) struct AskedWay {
    /// Where it ends.
    pub to: ResourceId,
    /// The entry that was named last.
    pub entry: Option<EntryId>,
    /// How what passes every gate ends.
    pub outcome: OutcomeId,
    /// The fields at the end.
    pub current: Current,
    /// What passes every gate; of workloads whoever sends it.
    pub requests: Set,
    /// Whether that is anything.
    pub is_open: bool,
    /// The hops.
    pub hops: Rc<[HopId]>,
    /// The gates that stop something, where those are asked for.
    pub blocks: Rc<[Block]>,
}

impl AskedWay {
    /// The address that the other side sees; none if it is the sender's own.
    pub fn address(&self) -> Option<IpAddr> {
        self.current.source
    }

    /// Whether it passes a hop of something.
    pub fn passes(&self, graph: &Graph, resource: ResourceId) -> bool {
        self.hops.iter().any(|hop| graph.hop(*hop).resource == resource)
    }
}

/// What is asked of the requests that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum AskedPaths {
    /// Which arrive.
    Arriving,
    /// Which would, and what stops them.
    Stopped,
}

pub(super) struct Engine<'m> {
    pub model: &'m Model,
    pub graph: &'m Graph,
    pub solver: Solver<'m>,
    /// Requests over TCP, of which questions speak.
    tcp: Set,
    resources: FxMap<&'m Resource, ResourceId>,
    sources: FxMap<ResourceId, SourceId>,
    /// Those that leave alike have the same number, by source.
    classes: Vec<usize>,
    ends: Vec<(Rc<[ResourceId]>, Reaching)>,
    ends_by: FxMap<Rc<[ResourceId]>, EndsId>,
    ways: FxMap<(usize, EndsId, AskedPaths), Rc<[AskedWay]>>,
    complete: FxMap<(SourceId, EndsId), bool>,
    /// The same, whoever sends.
    complete_for_all: FxMap<EndsId, bool>,
    /// The ends that the graph leads to from where senders begin.
    delivered: FxMap<(HopId, EndsId), Rc<[ResourceId]>>,
    at_google: FxMap<(usize, Box<[IpNet]>), bool>,
    /// The hops from which Google's front end can be reached.
    front_end: Option<Reaching>,
    hops: Option<FxMap<ResourceId, Vec<HopId>>>,
    /// The hops behind which something arrives.
    arriving: Option<Reaching>,
}

impl<'m> Engine<'m> {
    pub fn new(model: &'m Model) -> Self {
        let graph = &model.graph;
        // Certificates name hosts that no rule of a URL map may name.
        let certificates =
            model.topology.load_balancers.values().flat_map(|each| &each.certificates);
        let hosts = certificates.map(|name| graph.names.canonical(&name.value)).collect();
        let layout = Layout::new(graph, &Extra { hosts, ..Extra::default() });
        let mut solver = Solver::within(graph, layout.into());
        let protocol = solver.layout.protocol;
        let tcp = solver.sets.one_of(protocol, &[protocol_index(Protocol::Tcp)]);
        let all: Vec<SelectedSender> = (0..graph.sources.len()).map(|at| from(graph, at)).collect();
        let mut classes = vec![0; all.len()];
        for (number, members) in source_classes(graph, &all).into_iter().enumerate() {
            members.into_iter().for_each(|member| classes[member] = number);
        }
        let numbered = graph.resources.iter().enumerate();
        let sources = graph.sources.iter().enumerate();
        Engine {
            model,
            graph,
            solver,
            tcp: tcp.unwrap_or(Set::FULL),
            resources: numbered.map(|(at, own)| (own, ResourceId(at as u32))).collect(),
            sources: sources.map(|(at, source)| (source.resource, SourceId(at))).collect(),
            classes,
            ends: Vec::new(),
            ends_by: FxMap::default(),
            ways: FxMap::default(),
            complete: FxMap::default(),
            complete_for_all: FxMap::default(),
            delivered: FxMap::default(),
            at_google: FxMap::default(),
            front_end: None,
            hops: None,
            arriving: None,
        }
    }

    /// A resource, if a hop or a sender is of it.
    pub fn resource(&self, kind: ResourceKind, id: &str) -> Option<ResourceId> {
        self.resources.get(&Resource { kind, id: id.into() }).copied()
    }

    /// The sender of a name, `service/web`.
    pub fn source(&self, name: &str) -> Option<SourceId> {
        let (kind, id) = name.split_once('/').unwrap_or((name, ""));
        let resource = self.resource(ResourceKind::from_name(kind)?, id)?;
        self.sources.get(&resource).copied()
    }

    /// What a sender is.
    pub fn sender(&self, source: SourceId) -> &'m Resource {
        self.graph.resource(self.graph.sources[source.0].resource)
    }

    /// What sends from inside, of each sort that leaves alike one: workloads, machines and sites. Of
    /// what else may sit in a network nothing is declared.
    pub fn senders(&self) -> Vec<SourceId> {
        let mut seen: HashSet<usize, FxBuildHasher> = HashSet::default();
        let all = (0..self.graph.sources.len()).map(SourceId);
        let declared = all.filter(|source| {
            matches!(
                self.sender(*source).kind,
                ResourceKind::Service
                    | ResourceKind::Job
                    | ResourceKind::WorkerPool
                    | ResourceKind::Vm
                    | ResourceKind::Onprem
            )
        });
        declared.filter(|source| seen.insert(self.classes[source.0])).collect()
    }

    /// Ends that are asked about together.
    pub fn ends(&mut self, mut ends: Vec<ResourceId>) -> EndsId {
        ends.sort_unstable();
        ends.dedup();
        let ends: Rc<[ResourceId]> = ends.into();
        let next = EndsId(self.ends.len());
        let known = *self.ends_by.entry(Rc::clone(&ends)).or_insert(next);
        if known == next {
            let leading = reaching(self.graph, &ends);
            self.ends.push((ends, leading));
        }
        known
    }

    /// The internet with every party outside.
    pub fn outside(&mut self) -> EndsId {
        self.of_kinds(&[ResourceKind::Internet, ResourceKind::External])
    }

    /// Every service.
    pub fn services(&mut self) -> EndsId {
        self.of_kinds(&[ResourceKind::Service])
    }

    /// Google's APIs.
    pub fn apis(&mut self) -> EndsId {
        self.of_kinds(&[ResourceKind::Api])
    }

    fn of_kinds(&mut self, kinds: &[ResourceKind]) -> EndsId {
        let of_kind = |at: &usize| kinds.contains(&self.graph.resources[*at].kind);
        let all = (0..self.graph.resources.len()).filter(of_kind);
        self.ends(all.map(|at| ResourceId(at as u32)).collect())
    }

    /// The ways of a sender to some ends, as far as something passes every gate.
    pub fn ways(&mut self, source: SourceId, ends: EndsId) -> Rc<[AskedWay]> {
        self.followed(source, ends, AskedPaths::Arriving)
    }

    /// All ways of a sender to some ends, with the gates that stop something.
    pub fn stopped_ways(&mut self, source: SourceId, ends: EndsId) -> Rc<[AskedWay]> {
        self.followed(source, ends, AskedPaths::Stopped)
    }

    fn followed(&mut self, source: SourceId, ends: EndsId, asked: AskedPaths) -> Rc<[AskedWay]> {
        let key = (self.classes[source.0], ends, asked);
        if let Some(known) = self.ways.get(&key) {
            return Rc::clone(known);
        }
        let requests = self.sent(source);
        let source = &self.graph.sources[source.0];
        let mode = match asked {
            AskedPaths::Arriving => Mode::Arriving,
            AskedPaths::Stopped => Mode::Blocked,
        };
        let mut ways: Vec<AskedWay> = Vec::new();
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            ways.extend(flow.to.map(|to| AskedWay {
                to,
                entry: flow.entry,
                outcome: flow.outcome,
                current: flow.current.clone(),
                requests: flow.passing,
                is_open: !solver.sets.is_empty(flow.passing),
                hops: flow.hops.into(),
                blocks: flow.blocks.into(),
            }));
        };
        let leading = self.ends[ends.0].1.clone();
        self.solver.flow(source, requests, mode, leading, &mut visitor);
        let ways: Rc<[AskedWay]> = ways.into();
        self.ways.insert(key, Rc::clone(&ways));
        ways
    }

    /// What a sender sends over TCP.
    fn sent(&mut self, source: SourceId) -> Set {
        let source = &self.graph.sources[source.0];
        // Of those that are asked about together it does not matter who sends.
        let sent = match self.graph.resource(source.resource).kind {
            ResourceKind::Service | ResourceKind::Job | ResourceKind::WorkerPool => source.others,
            _ => source.requests,
        };
        let sent = self.solver.express(sent, &Current::start(source.origin));
        self.solver.sets.and(sent, self.tcp)
    }

    /// Whether something gets by a way where it was going, in some world and under some choice.
    pub fn is_delivered(&self, way: &AskedWay) -> bool {
        way.is_open && matches!(self.graph.outcome(way.outcome), Outcome::Delivered { .. })
    }

    /// Why the replies to what gets to the end of a way are lost, if they are.
    pub fn loss(&self, way: &AskedWay) -> Option<Cause> {
        match self.graph.outcome(way.outcome) {
            Outcome::Unanswered { cause } => Some(*cause),
            _ => None,
        }
    }

    /// The requests of those who do not say who they are.
    pub fn anonymous(&mut self) -> Set {
        let principal = self.solver.layout.principal;
        let nobody = self.solver.sets.one_of(principal, &[Identities::ANONYMOUS]);
        nobody.unwrap_or(Set::EMPTY)
    }

    /// Whether requests for a host get to the service at the end of a way.
    pub fn leads_for(&mut self, way: &AskedWay, host: &str) -> bool {
        let (axis, names) = (self.solver.layout.host, &self.graph.names);
        let sets = &mut self.solver.sets;
        let there = sets.exact(axis, &names.canonical(host)).unwrap_or(Set::EMPTY);
        sets.intersects(way.requests, there)
    }

    /// Whether the service at the end of a way takes from somebody a token that was made for a host,
    /// whoever can get one.
    pub fn takes_token_for(&mut self, way: &AskedWay, host: &str) -> bool {
        let graph = self.graph;
        let audience = format!("https://{host}");
        let class = graph.identities.audience(&audience, &graph.names, &self.model.topology);
        let credential = self.solver.layout.credential;
        let mut taken = self.solver.sets.one_of(credential, &[class]).unwrap_or(Set::EMPTY);
        for hop in way.hops.iter().map(|hop| graph.hop(*hop)) {
            if let (HopKind::InvokerIam, Body::Gate { list, .. }) = (hop.kind, &hop.body) {
                let passes = self.solver.passes(*list, &way.current);
                taken = self.solver.sets.and(taken, passes);
            }
        }
        !self.solver.sets.is_empty(taken)
    }

    /// The services that something of the topology enters, in some world and under some choice.
    pub fn entered(&mut self) -> HashSet<ResourceId, FxBuildHasher> {
        let services = self.services();
        let mut entered = HashSet::default();
        for at in 0..self.graph.sources.len() {
            let source = &self.graph.sources[at];
            let callers = self.solver.express(source.callers, &Current::start(source.origin));
            for way in self.ways(SourceId(at), services).iter() {
                if self.is_delivered(way)
                    && !entered.contains(&way.to)
                    && self.solver.sets.intersects(way.requests, callers)
                {
                    entered.insert(way.to);
                }
            }
        }
        entered
    }

    /// Whether no request of a sender arrives at any of some ends: in no world, under no choice, and
    /// with nothing left out of account that could let one.
    pub fn never(&mut self, source: SourceId, ends: EndsId) -> bool {
        let ways = self.ways(source, ends);
        !ways.iter().any(|way| self.is_delivered(way)) && self.is_complete(source, ends)
    }

    /// Whether nothing that is left out of account could let a sender get to some ends.
    pub fn is_complete(&mut self, source: SourceId, ends: EndsId) -> bool {
        if self.graph.gaps.is_empty() {
            return true;
        }
        // What could let nobody there could not let this one.
        if self.is_complete_for_all(ends) {
            return true;
        }
        if let Some(known) = self.complete.get(&(source, ends)) {
            return *known;
        }
        let name = self.sender(source).to_string();
        let start = self.graph.sources[source.0].start;
        let delivered = match self.delivered.get(&(start, ends)) {
            Some(known) => Rc::clone(known),
            None => {
                let (to, leading) = &self.ends[ends.0];
                let delivered: Rc<[ResourceId]> =
                    delivered_behind(self.graph, start, to, leading).into();
                self.delivered.insert((start, ends), Rc::clone(&delivered));
                delivered
            }
        };
        let scope = Scope {
            from: &[from(self.graph, source.0)],
            selectors: Some(&[name]),
            to: Some(&self.ends[ends.0].0),
            leading: Some(&self.ends[ends.0].1),
            delivered: Some(&delivered),
            ..Scope::default()
        };
        let complete = !could_open(self.model, &scope);
        self.complete.insert((source, ends), complete);
        complete
    }

    /// The same of every sender, also of those that the graph does not have.
    pub fn is_complete_for_all(&mut self, ends: EndsId) -> bool {
        if let Some(known) = self.complete_for_all.get(&ends) {
            return *known;
        }
        let complete = self.is_complete_to(&self.ends[ends.0].0);
        self.complete_for_all.insert(ends, complete);
        complete
    }

    /// The same of ends that nothing else is asked about.
    pub fn is_complete_to(&self, to: &[ResourceId]) -> bool {
        if self.graph.gaps.is_empty() {
            return true;
        }
        let all: Vec<SelectedSender> =
            (0..self.graph.sources.len()).map(|at| from(self.graph, at)).collect();
        let scope = Scope { from: &all, to: Some(to), ..Scope::default() };
        !could_open(self.model, &scope)
    }

    /// Whether nothing that is left out of account could let anybody get to something that the graph
    /// does not have, since nothing leads there.
    pub fn is_complete_without(&self, kind: ResourceKind) -> bool {
        let all: Vec<SelectedSender> =
            (0..self.graph.sources.len()).map(|at| from(self.graph, at)).collect();
        let scope = Scope { from: &all, to: Some(&[]), all_of: &[kind], ..Scope::default() };
        !could_open(self.model, &scope)
    }

    /// Whether nothing that a declared sender sends arrives by way of something, and nothing that is
    /// left out of account could let it.
    pub fn is_used_by_nobody(&mut self, resource: ResourceId) -> bool {
        self.never_by(resource, |_, _| true)
    }

    /// Whether nothing that a declared sender sends to some addresses of something gets there, and
    /// nothing that is left out of account could let it.
    pub fn never_at_addresses(&mut self, resource: ResourceId, addresses: &[IpNet]) -> bool {
        let there = self.solver.ranges(self.solver.layout.destination, addresses);
        self.never_by(resource, |engine, way| engine.solver.sets.intersects(way.requests, there))
    }

    /// Whether nothing that a sender sends to a range arrives anywhere, and nothing that is left out
    /// of account could let it.
    pub fn never_to(&mut self, source: SourceId, range: &IpNet) -> bool {
        let graph = self.graph;
        let sent = self.sent(source);
        let there = self.solver.ranges(self.solver.layout.destination, &[*range]);
        let requests = self.solver.sets.and(sent, there);
        let everywhere = Reaching::everything(graph);
        let mut arrived = false;
        let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
            let delivered = matches!(graph.outcome(flow.outcome), Outcome::Delivered { .. });
            arrived |= delivered && !solver.sets.is_empty(flow.passing);
        };
        let at = &graph.sources[source.0];
        self.solver.flow(at, requests, Mode::Arriving, everywhere, &mut visitor);
        let name = self.sender(source).to_string();
        let scope =
            Scope { from: &[from(graph, source.0)], selectors: Some(&[name]), ..Scope::default() };
        !arrived && !could_open(self.model, &scope)
    }

    fn never_by(
        &mut self,
        resource: ResourceId,
        counts: impl Fn(&mut Self, &AskedWay) -> bool,
    ) -> bool {
        let graph = self.graph;
        let hops = self.hops_of(resource).to_vec();
        let arriving = behind(graph, hops).into_iter().filter_map(|hop| {
            let Body::Terminal(outcome) = &graph.hop(hop).body else { return None };
            match graph.outcome(*outcome) {
                Outcome::Delivered { to } => Some(*to),
                _ => None,
            }
        });
        let ends = self.ends(arriving.chain([resource]).collect());
        self.senders().into_iter().all(|source| {
            let ways = self.ways(source, ends);
            let mut by = ways.iter().filter(|way| way.passes(graph, resource));
            !by.any(|way| self.is_delivered(way) && counts(self, way))
                && self.is_complete(source, ends)
        })
    }

    /// The places of the gates of something that let nothing pass, for a cause.
    pub fn shut_for(&mut self, resource: ResourceId, cause: Cause) -> Vec<Span> {
        let mut hops = self.hops_of(resource).to_vec();
        hops.retain(|hop| self.is_shut(*hop) && self.is_stopping(*hop, cause));
        hops.into_iter().map(|hop| self.graph.hop(hop).at).collect()
    }

    /// Whether nothing that a sender sends to some addresses gets to Google's front end, and nothing
    /// that is left out of account could let it.
    pub fn never_at_google(&mut self, source: SourceId, addresses: &[IpNet]) -> bool {
        let apis = self.apis();
        let key = (self.classes[source.0], addresses.into());
        let reached = match self.at_google.get(&key) {
            Some(known) => *known,
            None => {
                let reached = self.gets_to_google(source, addresses);
                self.at_google.insert(key, reached);
                reached
            }
        };
        !reached && self.is_complete(source, apis)
    }

    fn gets_to_google(&mut self, source: SourceId, addresses: &[IpNet]) -> bool {
        let graph = self.graph;
        let is_front_end =
            |hop| graph.resource(graph.hop(hop).resource).kind == ResourceKind::GoogleFrontEnd;
        let leading = self.front_end.get_or_insert_with(|| Reaching::new(graph, is_front_end));
        let leading = leading.clone();
        let sent = self.sent(source);
        let there = self.solver.ranges(self.solver.layout.destination, addresses);
        let requests = self.solver.sets.and(sent, there);
        let mut arrival = Arrival { at: &is_front_end, arrived: false };
        let source = &graph.sources[source.0];
        self.solver.flow(source, requests, Mode::Arriving, leading, &mut arrival);
        arrival.arrived
    }

    /// What of the input is not followed, whatever it touches.
    pub fn gaps(&self) -> Completeness {
        Completeness::of_all(&self.graph.gaps)
    }

    /// The gateways that some ways pass on which something is delivered.
    pub fn gateways(&self, ways: &[AskedWay]) -> HashSet<ResourceId, FxBuildHasher> {
        let passed = ways.iter().filter(|way| self.is_delivered(way));
        let resources =
            passed.flat_map(|way| way.hops.iter().map(|hop| self.graph.hop(*hop).resource));
        resources.filter(|own| self.graph.resource(*own).kind == ResourceKind::Nat).collect()
    }

    /// Whether a gate on some ways stops something for a cause.
    pub fn is_stopped_by(&self, ways: &[AskedWay], cause: Cause) -> bool {
        let outcomes = ways.iter().flat_map(|way| way.blocks.iter());
        let mut outcomes = outcomes.flat_map(|block| &block.outcomes);
        outcomes.any(|outcome| self.graph.outcome(*outcome).cause() == Some(cause))
    }

    /// The hops of something.
    pub fn hops_of(&mut self, resource: ResourceId) -> &[HopId] {
        let graph = self.graph;
        let hops = self.hops.get_or_insert_with(|| {
            let mut hops: FxMap<ResourceId, Vec<HopId>> = FxMap::default();
            for hop in graph.hops.node_indices() {
                hops.entry(graph.hop(hop).resource).or_default().push(hop);
            }
            hops
        });
        hops.get(&resource).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing arrives anywhere behind a hop, were every gate open.
    pub fn ends_nowhere(&mut self, hop: HopId) -> bool {
        let graph = self.graph;
        let arriving = self.arriving.get_or_insert_with(|| {
            Reaching::new(graph, |hop| match &graph.hop(hop).body {
                Body::Terminal(outcome) => graph.outcome(*outcome).is_arrival(),
                _ => false,
            })
        });
        !arriving.contains(hop)
    }

    /// Whether a gate lets nothing pass, whatever it is asked.
    pub fn is_shut(&self, hop: HopId) -> bool {
        let Body::Gate { list, .. } = &self.graph.hop(hop).body else { return false };
        let list = self.graph.list(*list);
        let refuses = |ruling: &Ruling| matches!(ruling, Ruling::Refuse(_));
        refuses(&list.otherwise) && list.rules.iter().all(|rule| refuses(&rule.then))
    }

    /// Whether a gate stops something for a cause.
    pub fn is_stopping(&self, hop: HopId, cause: Cause) -> bool {
        let Body::Gate { list, .. } = &self.graph.hop(hop).body else { return false };
        let list = self.graph.list(*list);
        let mut rulings = list.rules.iter().map(|rule| rule.then).chain([list.otherwise]);
        rulings.any(|ruling| match ruling {
            Ruling::Refuse(outcome) => self.graph.outcome(outcome).cause() == Some(cause),
            Ruling::Pass => false,
        })
    }

    /// Whether there is a request in some of these sets in every world, under some choice.
    pub fn is_sure(&mut self, sets: &[Set]) -> bool {
        let rows: Vec<(usize, ResourceId, Set)> =
            sets.iter().map(|set| (0, ResourceId(0), *set)).collect();
        overall(&mut self.solver, &rows, Counting::Possibly).verdict == Verdict::Yes
    }

    /// The kind of a hop.
    pub fn kind(&self, hop: HopId) -> HopKind {
        self.graph.hop(hop).kind
    }
}

/// Whether something gets to some hops.
struct Arrival<'a> {
    at: &'a dyn Fn(HopId) -> bool,
    arrived: bool,
}

impl Visitor for Arrival<'_> {
    fn arrived(&mut self, _: &mut Solver<'_>, _: &Flow<'_>) {}

    fn follows(&mut self, _: &mut Solver<'_>, standing: &Standing<'_>) -> bool {
        self.arrived |= (self.at)(standing.hop);
        !self.arrived
    }
}

/// A source as questions name it.
fn from(graph: &Graph, at: usize) -> SelectedSender {
    SelectedSender {
        source: at,
        principal: None,
        sender: Sender::Resource(graph.sources[at].resource),
    }
}
