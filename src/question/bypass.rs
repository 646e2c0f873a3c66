//! `bypass`: can a guard be avoided?

use std::sync::Arc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::answer::{
    self, Answer, AnswerBody as Answered, AnswerHead, ArrivalSummary, AskedQuestion, BypassAnswer,
    Destination, GuardState, Path, QuestionKind, Remedy, RemedyChange,
};
use super::path_class::{self, PathClass, PathSearch};
use super::paths::Listing;
use super::selector::{self, SelectedSender};
use super::verdict::Counting;
use super::{
    AskError, Model, RequestFilter, Scope, completeness, describe, reach, requests, verdict,
};
use crate::graph::{
    Body, Entry, EntryId, Gap, Graph, HopId, HopKind, Outcome, ResourceId, ResourceKind,
};
use crate::sets::{Set, Sets};
use crate::solve::{Flow, Layout, Mode, Solver};
use crate::source::codes;
use crate::topology::unread::Family;

/// How many paths get their remedies with all that these break.
const REMEDIED: usize = 200;

codes! {
    GUARD_NOT_ATTACHED = Warning "guard-not-attached" {
        "a guard that is attached nowhere",
        "No path passes the guard that was asked about, so every path avoids it.",
        "",
    }
}

/// What could attach a guard, if it was not read.
const COULD_ATTACH: &[Family] =
    &[Family::LoadBalancing, Family::SecurityPolicies, Family::Services, Family::Iam];

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// What must not be avoided: `security_policy/edge`, `iap/web`, `load_balancer/*`, …
    pub guard: String,
    /// Whose paths count; `internet` if empty.
    pub from: Vec<String>,
    /// To what; every service with some way past the guard if empty.
    pub to: Vec<String>,
    /// Takes a guard that can refuse nothing on a path for one.
    pub lenient: bool,
    /// Lists what is refused, too.
    pub refused: bool,
    /// Only these requests.
    pub filter: RequestFilter,
}

/// The classes of a question, before they are put into words.
#[derive(Debug)]
pub struct SolvedPaths {
    /// The sources.
    pub from: Vec<SelectedSender>,
    /// The destinations.
    pub to: Vec<ResourceId>,
    /// The paths that let requests through.
    pub classes: Vec<PathClass>,
    /// Whether the guard stands anywhere.
    pub attached: bool,
    guard: Vec<bool>,
    hops: Vec<HopId>,
}

/// Solves it, without putting anything into words: what arrives, by which entry, past the guard
/// or not. The sets of the classes are put into `sets`.
pub fn solve(
    model: &Model,
    sets: &mut Sets,
    layout: &Arc<Layout>,
    parameters: &Parameters,
) -> Result<SolvedPaths, AskError> {
    let graph = &model.graph;
    let default = [selector::INTERNET.to_string()];
    let from = if parameters.from.is_empty() { &default[..] } else { &parameters.from };
    let from = selector::sources(model, from)?;
    let hops = selector::hops(model, &parameters.guard)?;
    let to = if parameters.to.is_empty() {
        behind(model, &hops)
    } else {
        selector::destinations(model, &parameters.to)?
    };
    let guard = selector::marked(graph, &hops);
    let filter = parameters.filter.clone();
    if !filter.shown().is_empty() {
        requests::sendable(model, &mut Solver::within(graph, Arc::clone(layout)), &from, &filter)?;
    }
    let search = PathSearch { filter, guard: Some(guard.clone()), ..PathSearch::default() };
    let classes = path_class::search_shared(model, sets, layout, &from, &to, &search, |_| true)?;
    Ok(SolvedPaths { from, to, classes, attached: !hops.is_empty(), guard, hops })
}

/// How many paths a question has, solved by itself: with a space of its own, nothing put into
/// words.
pub fn paths(model: &Model, parameters: &Parameters) -> Result<usize, AskError> {
    let layout = Arc::new(Layout::new(&model.graph, &requests::extra(model, &parameters.filter)));
    let mut sets = Sets::new(Arc::clone(&layout.space));
    Ok(solve(model, &mut sets, &layout, parameters)?.classes.len())
}

/// The services that some way past the guard leads to; all if the guard stands nowhere.
fn behind(model: &Model, guard: &[HopId]) -> Vec<ResourceId> {
    let graph = &model.graph;
    let service = |end: &ResourceId| graph.resource(*end).kind == ResourceKind::Service;
    let ends = selector::ends(graph);
    if guard.is_empty() {
        return ends.into_iter().filter(service).collect();
    }
    let mut seen = vec![false; graph.hops.node_count()];
    let mut rest: Vec<HopId> = guard.to_vec();
    let mut found = Vec::new();
    while let Some(hop) = rest.pop() {
        if std::mem::replace(&mut seen[hop.index()], true) {
            continue;
        }
        if let Body::Terminal(outcome) = &graph.hop(hop).body
            && let Outcome::Delivered { to } = graph.outcome(*outcome)
        {
            found.push(*to);
        }
        rest.extend(graph.hop(hop).body.successors());
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().filter(service).collect()
}

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let layout = Arc::new(Layout::new(graph, &requests::extra(model, &parameters.filter)));
    let mut solver = Solver::within(graph, Arc::clone(&layout));
    let mut solved = solve(model, &mut solver.sets, &layout, parameters)?;
    let open: Vec<&PathClass> =
        solved.classes.iter().filter(|class| counts(parameters, class)).collect();
    let delivered = verdict::delivered(open.iter().copied());
    let mut found = verdict::overall(&mut solver, &delivered, Counting::Possibly);
    verdict::add_pairs(
        &mut found,
        &mut solver,
        &solved.from,
        &solved.to,
        &delivered,
        Counting::Possibly,
    );
    let sets: Vec<Set> = open.iter().map(|class| class.requests).collect();
    let (count, who) = (open.len(), describe::callers(graph, &mut solver, sets.iter().copied()));
    let filter = &parameters.filter;
    let others_not = reach::others_not(model, &mut solver, &solved.from, filter, &who)?;
    let arriving = ArrivalSummary { paths: count, who, others_not };
    let mut avoided: Vec<ResourceId> = open.iter().map(|class| class.to).collect();
    avoided.sort_unstable();
    avoided.dedup();
    let in_name = |class: &PathClass| matches!(class.guard, Some((GuardState::NameOnly, _)));
    let name_only = solved.classes.iter().any(in_name);
    let not_asked = not_asked(model, &mut solver, parameters, &solved)?;
    let sets: Vec<Set> = solved.classes.iter().map(|class| class.requests).collect();
    let consulted = verdict::assumptions_in(&layout, &solver.sets, &sets);
    let refused = refused_rows(model, &mut solver, parameters, &solved)?;
    solved.classes.extend(refused);
    let asked = asked(graph, parameters, &solved);
    let SolvedPaths { from, to, mut classes, attached, hops, .. } = solved;
    let internet = [selector::INTERNET.to_string()];
    let selectors = if parameters.from.is_empty() { &internet[..] } else { &parameters.from };
    let completeness = completeness(
        model,
        &Scope {
            from: &from,
            selectors: Some(selectors),
            // Every service that some path past the guard leads to may be more than is known.
            to: Some(&to).filter(|_| !parameters.to.is_empty()).map(|to| &to[..]),
            all_of: &selector::open_kinds(&parameters.to),
            host: parameters.filter.host.as_deref(),
            guard: &hops,
            ..Scope::default()
        },
    );
    classes.sort_by_cached_key(|class| {
        let kind = answer::outcome(model, class.outcome).kind;
        let state = class.guard.map(|(state, _)| state);
        let to = graph.resource(class.to).to_string();
        let entry = class.entry.map(|entry| graph.entry(entry));
        (kind, std::cmp::Reverse(state), to, entry)
    });
    let breaks = (classes.len() <= REMEDIED).then(|| Breaks::new(model, &mut solver, &to));
    let guard = parameters.guard.clone();
    let listing = Listing::new(model, solver, from, classes);
    let paths = listing.into_paths(move |path| {
        let unguarded = path.guard.as_ref().is_some_and(|it| it.state != GuardState::Guarded);
        if unguarded
            && path.outcome.kind.is_arrival()
            && let Some(breaks) = &breaks
        {
            let remedies = breaks.remedies(path, &guard);
            path.guard.iter_mut().for_each(|guard| guard.remedies = remedies.clone());
        }
    });
    let mut findings = Vec::new();
    // What was not read, or is not known, may be where it is attached.
    let missed = |gap: &Gap| gap.what.family().is_one_of(COULD_ATTACH);
    if !attached && !graph.gaps.iter().any(missed) {
        findings.push(
            GUARD_NOT_ATTACHED
                .finding(format!("`{}` is attached nowhere", parameters.guard))
                .help("attach it to a backend, or ask about a guard that some path passes"),
        );
    }
    let head = AnswerHead {
        model,
        layout,
        question: asked,
        completeness,
        assumptions: verdict::show(&consulted, &found.flips),
        findings,
        at: model.at,
    };
    let body = BypassAnswer {
        guard: parameters.guard.clone(),
        attached,
        found,
        avoided,
        arriving,
        name_only,
        to,
        not_asked,
        paths,
    };
    Ok(Answer { head, body: Answered::Bypass(body) })
}

/// Whether a class is one that avoids the guard.
fn counts(parameters: &Parameters, class: &PathClass) -> bool {
    match class.guard {
        Some((GuardState::Unguarded, _)) | None => true,
        Some((GuardState::NameOnly, _)) => !parameters.lenient,
        Some((GuardState::Guarded, _)) => false,
    }
}

/// Services that the same sources enter and that the question is not about.
fn not_asked(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    solved: &SolvedPaths,
) -> Result<Vec<ResourceId>, AskError> {
    let graph = &model.graph;
    if !parameters.to.is_empty() {
        return Ok(Vec::new());
    }
    let others: Vec<ResourceId> = selector::ends(graph)
        .into_iter()
        .filter(|end| graph.resource(*end).kind == ResourceKind::Service)
        .filter(|end| !solved.to.contains(end))
        .collect();
    let search = PathSearch { filter: parameters.filter.clone(), ..PathSearch::default() };
    let layout = Arc::clone(&solver.layout);
    let found = path_class::search_shared(
        model,
        &mut solver.sets,
        &layout,
        &solved.from,
        &others,
        &search,
        |_| true,
    )?;
    let mut entered: Vec<ResourceId> = found.into_iter().map(|class| class.to).collect();
    entered.sort_unstable();
    entered.dedup();
    Ok(entered)
}

/// Entries that let nothing through, and the refused rest of the others if it is asked for.
fn refused_rows(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    solved: &SolvedPaths,
) -> Result<Vec<PathClass>, AskError> {
    let graph = &model.graph;
    let search = PathSearch {
        filter: parameters.filter.clone(),
        guard: Some(solved.guard.clone()),
        refused: true,
        reserved: parameters.refused,
        ..PathSearch::default()
    };
    let way = |class: &PathClass| (class.from, class.to, class.entry);
    let delivered: HashSet<_, FxBuildHasher> = solved.classes.iter().map(way).collect();
    let refused = |class: &PathClass| !graph.outcome(class.outcome).is_arrival();
    let listed = |class: &PathClass| parameters.refused || !delivered.contains(&way(class));
    let layout = Arc::clone(&solver.layout);
    let SolvedPaths { from, to, .. } = solved;
    let wanted = |class: &PathClass| refused(class) && listed(class);
    path_class::search_shared(model, &mut solver.sets, &layout, from, to, &search, wanted)
}

fn asked(graph: &Graph, parameters: &Parameters, solved: &SolvedPaths) -> AskedQuestion {
    let mut list = vec![
        ("guard", vec![parameters.guard.clone()]),
        ("from", solved.from.iter().map(|from| from.name(graph)).collect()),
    ];
    if !parameters.to.is_empty() {
        list.push(("to", parameters.to.clone()));
    }
    if parameters.lenient {
        list.push(("lenient", vec!["true".into()]));
    }
    list.extend(parameters.filter.shown());
    AskedQuestion { kind: QuestionKind::Bypass, parameters: list }
}

/// Who depends on an entry, so that closing it can say what breaks.
struct Breaks {
    /// The kinds of entries.
    entries: Vec<Entry>,
    users: Vec<EntryUser>,
}

/// A source that enters a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct EntryUser {
    from: ResourceId,
    to: ResourceId,
    entry: Option<EntryId>,
    /// Whether the setting `internal-and-cloud-load-balancing` would refuse some of it.
    refused: bool,
}

impl Breaks {
    fn new(model: &Model, solver: &mut Solver<'_>, to: &[ResourceId]) -> Self {
        let graph = &model.graph;
        let reaching = selector::reaching(graph, to);
        let mut users: Vec<EntryUser> = Vec::new();
        for source in &graph.sources {
            if graph.resource(source.resource).kind == ResourceKind::Internet {
                continue;
            }
            let sent = solver.sent(source);
            let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
                let Some(to) = flow.to else { return };
                if solver.sets.is_empty(flow.passing) {
                    return;
                }
                let refused = refused_if_narrowed(solver, to, flow);
                users.push(EntryUser { from: source.resource, to, entry: flow.entry, refused });
            };
            solver.flow(source, sent, Mode::Arriving, reaching.clone(), &mut visitor);
        }
        let name = |resource: ResourceId| graph.resource(resource).to_string();
        users.sort_by_cached_key(|user| (name(user.from), name(user.to), *user));
        users.dedup();
        Breaks { entries: graph.entries.clone(), users }
    }

    fn entry(&self, entry: Option<EntryId>) -> Option<&Entry> {
        entry.map(|entry| &self.entries[entry.0 as usize])
    }

    fn of(
        &self,
        to: ResourceId,
        fits: impl Fn(Option<&Entry>, bool) -> bool,
    ) -> Vec<(ResourceId, Option<EntryId>)> {
        let mut names: Vec<(ResourceId, Option<EntryId>)> = self
            .users
            .iter()
            .filter(|user| user.from != to && user.to == to)
            .filter(|user| fits(self.entry(user.entry), user.refused))
            .map(|user| (user.from, user.entry))
            .collect();
        names.dedup();
        names
    }

    fn remedies(&self, path: &Path, guard: &str) -> Vec<Remedy> {
        let Destination::Resource(to) = path.to else { return Vec::new() };
        let direct = |entry: Option<&Entry>| !matches!(entry, Some(Entry::LoadBalancer { .. }));
        let own_url =
            |entry: Option<&Entry>| matches!(entry, Some(Entry::RunApp | Entry::RunAppTag(_)));
        let entry = self.entry(path.entry);
        let mut remedies = Vec::new();
        if direct(entry) {
            remedies.push(Remedy {
                change: RemedyChange::NarrowIngress(to),
                breaks: self.of(to, |entry, refused| direct(entry) && refused),
            });
            if own_url(entry) {
                remedies.push(Remedy {
                    change: RemedyChange::DisableDefaultUrl(to),
                    breaks: self.of(to, |entry, _| own_url(entry)),
                });
            } else if let Some(Entry::DomainMapping(host)) = entry {
                remedies.push(Remedy {
                    change: RemedyChange::RemoveMapping(host.to_string()),
                    breaks: self.of(to, |other, _| other == entry),
                });
            }
        } else if guard.starts_with("security_policy/") || guard.starts_with("iap/") {
            let backend = path.hops.iter().find(|hop| hop.kind == HopKind::Backend);
            let state = path.guard.as_ref().map(|guard| guard.state);
            let change = if state == Some(GuardState::NameOnly) {
                RemedyChange::Enforce { guard: guard.into() }
            } else {
                RemedyChange::Attach {
                    guard: guard.into(),
                    backend: backend.map(|hop| hop.resource),
                }
            };
            remedies.push(Remedy { change, breaks: Vec::new() });
        }
        remedies
    }
}

/// Whether some of a flow would be refused if the ingress setting of the service that it enters
/// were `internal-and-cloud-load-balancing`.
fn refused_if_narrowed(solver: &mut Solver<'_>, to: ResourceId, flow: &Flow<'_>) -> bool {
    let graph = solver.graph;
    let Some(narrowed) = graph.narrowed.get(&to) else { return false };
    let at = flow.hops.iter().position(|hop| graph.hop(*hop).kind == HopKind::IngressSetting);
    let Some(before) = at.and_then(|at| flow.before.get(at)) else { return false };
    let admitted = solver.express(*narrowed, before);
    !solver.sets.implies(flow.passing, admitted)
}
