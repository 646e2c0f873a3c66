//! `bypass`: can a guard be avoided?

use super::answer::{Answer, Asked, GuardState, OutcomeKind, Path, Remedy, Verdict};
use super::rows::{self, Row, Search};
use super::selector::{self, From};
use super::{AskError, Model, RequestFilter, paths as words, verdict};
use crate::graph::{Body, HopId, Outcome, ResourceId};
use crate::sets::Set;
use crate::solve::{Flow, Layout, Mode, Solver};
use crate::source::Severity;
use crate::topology::check::CodeInfo;
use crate::walk::Walker;

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
/// or not.
pub fn solve(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
) -> Result<Solved, AskError> {
    let to = if parameters.to.is_empty() {
        behind(model, &selector::hops(model, &parameters.guard)?)
    } else {
        selector::destinations(model, &parameters.to)?
    };
    solve_to(model, solver, parameters, to)
}

fn solve_to(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    to: Vec<ResourceId>,
) -> Result<Solved, AskError> {
    let graph = &model.graph;
    let default = ["internet".to_string()];
    let from = if parameters.from.is_empty() { &default[..] } else { &parameters.from };
    let from = selector::sources(model, from)?;
    let guard_hops = selector::hops(model, &parameters.guard)?;
    let guard = rows::marked(graph, &guard_hops);
    let search = Search { guard: Some(guard.clone()), ..Search::default() };
    let reaching = rows::reaching(graph, &to);
    let found = rows::search(model, solver, &from, &parameters.filter, &reaching, &search)?;
    Ok(Solved { from, to, rows: found.rows, attached: !guard_hops.is_empty(), guard })
}

/// How many paths a question has, solved by itself: with a space of its own, nothing put into
/// words. Services are shared out between threads, each with sets of its own.
pub fn paths(model: &Model, parameters: &Parameters) -> Result<usize, AskError> {
    use rayon::prelude::*;
    let graph = &model.graph;
    let layout = std::sync::Arc::new(Layout::new(graph, &rows::extra(model, &parameters.filter)));
    let to = if parameters.to.is_empty() {
        behind(model, &selector::hops(model, &parameters.guard)?)
    } else {
        selector::destinations(model, &parameters.to)?
    };
    let threads = rayon::current_num_threads().max(1);
    let share = to.len().div_ceil(threads).max(64);
    let counts: Result<Vec<usize>, AskError> = to
        .par_chunks(share)
        .map(|to| {
            let mut solver = Solver::within(graph, std::sync::Arc::clone(&layout));
            Ok(solve_to(model, &mut solver, parameters, to.to_vec())?.rows.len())
        })
        .collect();
    Ok(counts?.into_iter().sum())
}

/// The services that some way past the guard leads to; all if the guard stands nowhere.
fn behind(model: &Model, guard: &[HopId]) -> Vec<ResourceId> {
    let graph = &model.graph;
    let service = |end: &ResourceId| graph.resource(*end).kind == "service";
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
pub fn ask(model: &Model, parameters: &Parameters) -> Result<Answer, AskError> {
    let graph = &model.graph;
    let layout = Layout::new(graph, &rows::extra(model, &parameters.filter));
    let mut solver = Solver::within(graph, layout.into());
    let solved = solve(model, &mut solver, parameters)?;
    let counts = |row: &Row| match row.guard {
        Some((GuardState::Unguarded, _)) | None => true,
        Some((GuardState::NameOnly, _)) => parameters.strict,
        Some((GuardState::Guarded, _)) => false,
    };
    let counted: Vec<Set> =
        solved.rows.iter().filter(|row| counts(row)).map(|row| row.requests).collect();
    let (found, flips) = verdict::verdict(&mut solver, &counted);

    let walker = Walker::new(graph);
    let mut listed: Vec<Path> = solved
        .rows
        .iter()
        .map(|row| words::path(model, &mut solver, &walker, &solved.from, row))
        .collect();
    refused_paths(model, &mut solver, &walker, parameters, &solved, &mut listed)?;
    if listed.len() <= REMEDIED {
        let breaks = Breaks::new(model, &mut solver, &solved.to);
        for path in &mut listed {
            let unguarded =
                path.guard.as_ref().is_some_and(|guard| guard.state != GuardState::Guarded);
            if unguarded && path.outcome.kind == OutcomeKind::Delivered {
                let remedies = breaks.remedies(path, &parameters.guard);
                if let Some(guard) = &mut path.guard {
                    guard.remedies = remedies;
                }
            }
        }
    }
    listed.sort_by(|one, other| {
        let key = |path: &Path| {
            let state = path.guard.as_ref().map(|guard| guard.state);
            (path.outcome.kind, std::cmp::Reverse(state), path.to.clone(), path.entry.clone())
        };
        key(one).cmp(&key(other))
    });

    let mut consulted = Vec::new();
    for row in &solved.rows {
        consulted.extend(verdict::assumptions_in(&solver, row.requests));
    }
    let mut findings = Vec::new();
    if !solved.attached {
        findings.push(
            GUARD_NOT_ATTACHED
                .finding(format!("`{}` is attached nowhere", parameters.guard))
                .help("attach it to a backend, or ask about a guard that stands on some path"),
        );
    }
    Ok(Answer {
        question: asked(parameters, &solved),
        summary: summary(parameters, found, &listed, solved.attached),
        verdict: Some(found),
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths: listed,
        egress_addresses: Vec::new(),
        exposure: None,
        assumptions: verdict::show(graph, &consulted, &flips),
        findings,
        at: model.at,
    })
}

/// Entries that let nothing through, and the refused rest of the others if it is asked for.
fn refused_paths(
    model: &Model,
    solver: &mut Solver<'_>,
    walker: &Walker<'_>,
    parameters: &Parameters,
    solved: &Solved,
    listed: &mut Vec<Path>,
) -> Result<(), AskError> {
    let graph = &model.graph;
    let search = Search {
        guard: Some(solved.guard.clone()),
        refused: true,
        reserved: parameters.refused,
        ..Search::default()
    };
    let reaching = rows::reaching(graph, &solved.to);
    let all = rows::search(model, solver, &solved.from, &parameters.filter, &reaching, &search)?;
    for row in &all.rows {
        if matches!(graph.outcome(row.outcome), Outcome::Delivered { .. }) {
            continue;
        }
        let delivered = solved
            .rows
            .iter()
            .any(|other| (other.from, other.to, other.entry) == (row.from, row.to, row.entry));
        if !delivered || parameters.refused {
            listed.push(words::path(model, solver, walker, &solved.from, row));
        }
    }
    Ok(())
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

fn summary(parameters: &Parameters, found: Verdict, listed: &[Path], attached: bool) -> String {
    let guard = &parameters.guard;
    if !attached {
        return format!("yes: `{guard}` is attached nowhere, so nothing passes it");
    }
    let open: Vec<&Path> = listed
        .iter()
        .filter(|path| path.outcome.kind == OutcomeKind::Delivered)
        .filter(|path| {
            path.guard.as_ref().is_some_and(|guard| match guard.state {
                GuardState::Unguarded => true,
                GuardState::NameOnly => parameters.strict,
                GuardState::Guarded => false,
            })
        })
        .collect();
    let mut services: Vec<&str> = open.iter().map(|path| path.to.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let what = match services.as_slice() {
        [one] => (*one).to_string(),
        several => format!("{} services", several.len()),
    };
    let ways = match open.len() {
        1 => "one way".to_string(),
        count => format!("{count} ways"),
    };
    let anonymous = open.iter().any(|path| path.principals.anonymous);
    let who = if anonymous {
        "anyone".to_string()
    } else if open.iter().any(|path| path.principals.any_account) {
        "with a credential of any account; anonymous: no".into()
    } else {
        let mut named: Vec<&str> =
            open.iter().flat_map(|path| path.principals.named.iter().map(String::as_str)).collect();
        named.sort_unstable();
        named.dedup();
        let names = match named.as_slice() {
            [] => "somebody".to_string(),
            [one] => (*one).to_string(),
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
            let name_only = listed.iter().any(|path| {
                path.guard.as_ref().is_some_and(|guard| guard.state == GuardState::NameOnly)
                    && path.outcome.kind == OutcomeKind::Delivered
            });
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
    let at = flow.hops.iter().position(|hop| graph.hop(*hop).kind == "ingress_setting");
    let Some(before) = at.and_then(|at| flow.before.get(at)) else { return false };
    let admitted = solver.express(*narrowed, before);
    !solver.sets.implies(flow.passing, admitted)
}
