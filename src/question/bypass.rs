//! `bypass`: can a guard be avoided?

use std::sync::Arc;

use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;

use super::answer::{Answer, Asked, GuardState, OutcomeKind, Path, Remedy, Verdict};
use super::paths::Listing;
use super::rows::{self, Row, Search};
use super::selector::{self, From};
use super::{AskError, Model, RequestFilter, describe, paths as words, verdict};
use crate::graph::identity::Identities;
use crate::graph::{Body, HopId, HopKind, Outcome, ResourceId, ResourceKind};
use crate::sets::{Set, Sets};
use crate::solve::{Flow, Layout, Mode, Solver};
use crate::source::Severity;
use crate::topology::check::CodeInfo;

/// How many paths get their remedies with all that these break.
const REMEDIED: usize = 200;

/// The guard that was asked about stands nowhere.
pub const GUARD_NOT_ATTACHED: CodeInfo = CodeInfo {
    code: "guard-not-attached",
    severity: Severity::Warning,
    title: "a guard that is attached nowhere",
    text: "The guard that was asked about stands on no way at all, so every way avoids it.",
    example: "",
    rule: None,
};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// What must not be avoided: `security_policy/edge`, `iap/web`, `load_balancer/*`, …
    pub guard: String,
    /// Whose paths count; `internet` if empty.
    pub from: Vec<String>,
    /// To what; every service with some way past the guard if empty.
    pub to: Vec<String>,
    /// Counts paths that are guarded in name only as ways around.
    pub strict: bool,
    /// Lists what is refused, too.
    pub refused: bool,
    /// Only these requests.
    pub filter: RequestFilter,
}

/// The rows of a question, before they are put into words.
#[derive(Debug)]
pub struct Solved {
    /// The sources.
    pub from: Vec<From>,
    /// The destinations.
    pub to: Vec<ResourceId>,
    /// The paths that let requests through.
    pub rows: Vec<Row>,
    /// Whether the guard stands anywhere.
    pub attached: bool,
    guard: Vec<bool>,
}

/// Solves it, without putting anything into words: what arrives, by which entry, past the guard
/// or not. The sets of the rows are put into `sets`.
pub fn solve(
    model: &Model,
    sets: &mut Sets,
    layout: &Arc<Layout>,
    parameters: &Parameters,
) -> Result<Solved, AskError> {
    let graph = &model.graph;
    let default = ["internet".to_string()];
    let from = if parameters.from.is_empty() { &default[..] } else { &parameters.from };
    let from = selector::sources(model, from)?;
    let hops = selector::hops(model, &parameters.guard)?;
    let to = if parameters.to.is_empty() {
        behind(model, &hops)
    } else {
        selector::destinations(model, &parameters.to)?
    };
    let guard = rows::marked(graph, &hops);
    let filter = parameters.filter.clone();
    let search = Search { filter, guard: Some(guard.clone()), ..Search::default() };
    let rows = rows::search_shared(model, sets, layout, &from, &to, &search, |_| true)?;
    Ok(Solved { from, to, rows, attached: !hops.is_empty(), guard })
}

/// How many paths a question has, solved by itself: with a space of its own, nothing put into
/// words.
pub fn paths(model: &Model, parameters: &Parameters) -> Result<usize, AskError> {
    let layout = Arc::new(Layout::new(&model.graph, &rows::extra(model, &parameters.filter)));
    let mut sets = Sets::new(Arc::clone(&layout.space));
    Ok(solve(model, &mut sets, &layout, parameters)?.rows.len())
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
    let layout = Arc::new(Layout::new(graph, &rows::extra(model, &parameters.filter)));
    let mut solver = Solver::within(graph, Arc::clone(&layout));
    let mut solved = solve(model, &mut solver.sets, &layout, parameters)?;
    let open: Vec<&Row> = solved.rows.iter().filter(|row| counts(parameters, row)).collect();
    let sets = words::requests(open.iter().copied());
    let (found, flips) = verdict::verdict(&mut solver, &sets);
    let summary = summary(parameters, found, &mut solver, &solved, &open);
    let sets = words::requests(&solved.rows);
    let consulted = verdict::assumptions_in(&solver.layout, &solver.sets, &sets);
    let refused = refused_rows(model, &mut solver, parameters, &solved)?;
    solved.rows.extend(refused);
    let asked = asked(parameters, &solved);
    let Solved { from, to, mut rows, attached, .. } = solved;
    rows.sort_by_cached_key(|row| {
        let kind = words::outcome(graph, row.outcome).kind;
        let state = row.guard.map(|(state, _)| state);
        let to = graph.resource(row.to).to_string();
        (kind, std::cmp::Reverse(state), to, words::entry_of(graph, row))
    });
    let breaks = (rows.len() <= REMEDIED).then(|| Breaks::new(model, &mut solver, &to));
    let guard = parameters.guard.clone();
    let listing = Listing::new(model, solver, from, rows);
    let paths = listing.into_paths(move |path| {
        let unguarded = path.guard.as_ref().is_some_and(|it| it.state != GuardState::Guarded);
        if unguarded
            && path.outcome.kind == OutcomeKind::Delivered
            && let Some(breaks) = &breaks
        {
            let remedies = breaks.remedies(path, &guard);
            path.guard.iter_mut().for_each(|guard| guard.remedies = remedies.clone());
        }
    });
    let mut findings = Vec::new();
    if !attached {
        findings.push(
            GUARD_NOT_ATTACHED
                .finding(format!("`{}` is attached nowhere", parameters.guard))
                .help("attach it to a backend, or ask about a guard that stands on some path"),
        );
    }
    Ok(Answer {
        question: asked,
        summary,
        verdict: Some(found),
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths,
        egress_addresses: Vec::new(),
        exposure: None,
        assumptions: verdict::show(graph, &consulted, &flips),
        findings,
        at: model.at,
    })
}

/// Whether a row is a way around the guard.
fn counts(parameters: &Parameters, row: &Row) -> bool {
    match row.guard {
        Some((GuardState::Unguarded, _)) | None => true,
        Some((GuardState::NameOnly, _)) => parameters.strict,
        Some((GuardState::Guarded, _)) => false,
    }
}

/// Entries that let nothing through, and the refused rest of the others if it is asked for.
fn refused_rows(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    solved: &Solved,
) -> Result<Vec<Row>, AskError> {
    let graph = &model.graph;
    let search = Search {
        filter: parameters.filter.clone(),
        guard: Some(solved.guard.clone()),
        refused: true,
        reserved: parameters.refused,
        ..Search::default()
    };
    let way = |row: &Row| (row.from, row.to, row.entry);
    let delivered: HashSet<_, FxBuildHasher> = solved.rows.iter().map(way).collect();
    let refused = |row: &Row| !matches!(graph.outcome(row.outcome), Outcome::Delivered { .. });
    let listed = |row: &Row| parameters.refused || !delivered.contains(&way(row));
    let layout = Arc::clone(&solver.layout);
    let Solved { from, to, .. } = solved;
    let wanted = |row: &Row| refused(row) && listed(row);
    rows::search_shared(model, &mut solver.sets, &layout, from, to, &search, wanted)
}

fn asked(parameters: &Parameters, solved: &Solved) -> Asked {
    let mut list = vec![
        ("guard", vec![parameters.guard.clone()]),
        ("from", solved.from.iter().map(|from| from.name.clone()).collect()),
    ];
    if !parameters.to.is_empty() {
        list.push(("to", parameters.to.clone()));
    }
    if parameters.strict {
        list.push(("strict", vec!["true".into()]));
    }
    list.extend(parameters.filter.shown());
    Asked { kind: "bypass", parameters: list }
}

/// The answer in a sentence; `open` are the ways around.
fn summary(
    parameters: &Parameters,
    found: Verdict,
    solver: &mut Solver<'_>,
    solved: &Solved,
    open: &[&Row],
) -> String {
    let guard = &parameters.guard;
    if !solved.attached {
        return format!("yes: `{guard}` is attached nowhere, so nothing passes it");
    }
    let mut services: Vec<ResourceId> = open.iter().map(|row| row.to).collect();
    services.sort_unstable();
    services.dedup();
    let what = match services.as_slice() {
        [one] => solver.graph.resource(*one).to_string(),
        several => format!("{} services", several.len()),
    };
    let ways = match open.len() {
        1 => "one way".to_string(),
        count => format!("{count} ways"),
    };
    let mut sent_by = |class| {
        let axis = solver.layout.principal;
        let class = solver.sets.one_of(axis, &[class]).unwrap_or(Set::EMPTY);
        open.iter().any(|row| solver.sets.intersects(row.requests, class))
    };
    let anonymous = sent_by(Identities::ANONYMOUS);
    let who = if anonymous {
        "anyone".to_string()
    } else if sent_by(Identities::ANY_ACCOUNT) {
        "with a credential of any account; anonymous: no".into()
    } else {
        let Solver { graph, layout, sets, .. } = solver;
        let names = |row: &&Row| describe::principals(graph, layout, sets, row.requests).named;
        let mut named: Vec<String> = open.iter().flat_map(names).collect();
        named.sort_unstable();
        named.dedup();
        let names = match named.as_slice() {
            [] => "somebody".to_string(),
            [one] => one.clone(),
            [one, rest @ ..] => format!("{one} or {} others", rest.len()),
        };
        format!("with a credential of {names}; anonymous: no")
    };
    match found {
        Verdict::Yes if anonymous => format!("yes: {what} can be entered past `{guard}` by {ways}"),
        Verdict::Yes => format!("yes, {who}: {what} can be entered past `{guard}` by {ways}"),
        Verdict::Depends => {
            format!("depends: {what} may be entered past `{guard}` by {ways}, under assumptions")
        }
        Verdict::No => {
            let in_name = |row: &Row| matches!(row.guard, Some((GuardState::NameOnly, _)));
            let name_only = solved.rows.iter().any(in_name);
            if name_only {
                format!("no, but `{guard}` guards some paths in name only (`--strict` counts them)")
            } else {
                format!("no: every request that arrives has passed `{guard}`")
            }
        }
    }
}

/// Who depends on an entry, so that closing it can say what breaks.
struct Breaks {
    /// Source, destination, entry, and whether the setting `internal-and-cloud-load-balancing`
    /// would refuse some of it.
    users: Vec<(String, String, String, bool)>,
}

impl Breaks {
    fn new(model: &Model, solver: &mut Solver<'_>, to: &[ResourceId]) -> Self {
        let graph = &model.graph;
        let reaching = rows::reaching(graph, to);
        let mut users: Vec<(String, String, String, bool)> = Vec::new();
        for source in &graph.sources {
            let name = graph.resource(source.resource).to_string();
            if name == "internet" {
                continue;
            }
            let sent = solver.sent(source);
            let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
                let Outcome::Delivered { to } = graph.outcome(flow.outcome) else { return };
                if solver.sets.is_empty(flow.passing) {
                    return;
                }
                let refused = refused_if_narrowed(solver, *to, flow);
                let entry = flow.entry.map(|id| words::entry(graph.entry(id))).unwrap_or_default();
                users.push((name.clone(), graph.resource(*to).to_string(), entry, refused));
            };
            solver.flow(source, sent, Mode::Arriving, reaching.clone(), &mut visitor);
        }
        users.sort();
        users.dedup();
        Breaks { users }
    }

    fn of(&self, to: &str, fits: impl Fn(&str, bool) -> bool) -> Vec<String> {
        let mut names: Vec<String> = self
            .users
            .iter()
            .filter(|(name, end, entry, refused)| name != to && end == to && fits(entry, *refused))
            .map(|(name, _, entry, _)| format!("{name} by {entry}"))
            .collect();
        names.dedup();
        names
    }

    fn remedies(&self, path: &Path, guard: &str) -> Vec<Remedy> {
        let to = path.to.as_str();
        let direct = |entry: &str| !entry.starts_with("load_balancer/");
        let mut remedies = Vec::new();
        if direct(&path.entry) {
            remedies.push(Remedy {
                change: format!("set the ingress of {to} to internal-and-cloud-load-balancing"),
                breaks: self.of(to, |entry, refused| direct(entry) && refused),
            });
            if path.entry.starts_with("run.app") {
                remedies.push(Remedy {
                    change: format!("turn the default URL of {to} off"),
                    breaks: self.of(to, |entry, _| entry.starts_with("run.app")),
                });
            } else if let Some(host) = path.entry.strip_prefix("domain-mapping ") {
                remedies.push(Remedy {
                    change: format!("remove the domain mapping of {host}"),
                    breaks: self.of(to, |entry, _| entry == path.entry),
                });
            }
        } else if guard.starts_with("security_policy/") || guard.starts_with("iap/") {
            let backend = path
                .hops
                .iter()
                .find(|hop| hop.resource.starts_with("backend/"))
                .map_or("the backend of that route", |hop| hop.resource.as_str());
            let state = path.guard.as_ref().map(|guard| guard.state);
            let change = if state == Some(GuardState::NameOnly) {
                format!(
                    "let {guard} refuse something: enforce its rules, put them before those that allow"
                )
            } else {
                format!("put {guard} on {backend} as well")
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
