//! Rows → the paths of an answer.

use std::sync::Arc;

use super::answer::{self, GuardState, Head, OutcomeKind, Path, Paths};
use super::describe::Describer;
use super::rows::Row;
use super::selector::{From, guards};
use super::verdict::{default_world, needs, sometimes};
use super::{Model, steps, witness};
use crate::graph::{Entry, Graph, Origin, Outcome, OutcomeId, Request, ResourceKind};
use crate::sets::{Copied, Set, Sets};
use crate::solve::{Layout, Solver};
use crate::walk::Walker;

/// An outcome as answers show it.
pub fn outcome(graph: &Graph, id: OutcomeId) -> answer::Outcome {
    match graph.outcome(id) {
        Outcome::Delivered { to } => answer::Outcome {
            kind: OutcomeKind::Delivered,
            cause: None,
            // What answers somewhere on the internet is not known.
            http_status: (graph.resource(*to).kind != ResourceKind::Internet).then_some(200),
            location: None,
        },
        Outcome::Refused { cause, status, location } => answer::Outcome {
            kind: OutcomeKind::Refused,
            cause: Some(cause.name()),
            http_status: Some(*status),
            location: location.as_ref().map(|location| location.to_string()),
        },
        Outcome::Dropped { cause } => answer::Outcome {
            kind: OutcomeKind::Dropped,
            cause: Some(cause.name()),
            http_status: None,
            location: None,
        },
        Outcome::Aborted { cause } => answer::Outcome {
            kind: OutcomeKind::Aborted,
            cause: Some(cause.name()),
            http_status: None,
            location: None,
        },
    }
}

/// A location with the request's own parts filled in.
pub fn filled(location: &str, request: &Request) -> String {
    location
        .replace("{scheme}", if request.https { "https" } else { "http" })
        .replace("{host}", &request.host)
        .replace("{path}", &request.path)
        .replace("{rest}", request.path.trim_start_matches('/'))
}

/// An entry as answers show it.
pub fn entry(entry: &Entry) -> String {
    match entry {
        Entry::RunApp => "run.app".into(),
        Entry::RunAppTag(tag) => format!("run.app-tag {tag}"),
        Entry::DomainMapping(host) => format!("domain-mapping {host}"),
        Entry::LoadBalancer { id, host, path } => format!("load_balancer/{id} {host} {path}"),
        Entry::External(host) => host.to_string(),
    }
}

/// Rows of a question with what it takes to put them into words.
pub struct Listing<'m> {
    model: &'m Model,
    layout: Arc<Layout>,
    sets: Sets,
    from: Vec<From>,
    /// The addresses that each source has, where only the topology gives it some.
    own: Vec<Option<Set>>,
    walker: Walker<'m>,
    /// In the order of the answer.
    pub rows: Vec<Row>,
}

impl<'m> Listing<'m> {
    /// Rows, in order, whose sets are those of a solver.
    pub fn new(model: &'m Model, mut solver: Solver<'_>, from: Vec<From>, rows: Vec<Row>) -> Self {
        let mut own = |from: &From| {
            let source = &model.graph.sources[from.source];
            let sent = solver.sent(source);
            let axis = solver.layout.source;
            (source.origin != Origin::Internet).then(|| solver.sets.onto(sent, axis))
        };
        let own = from.iter().map(&mut own).collect();
        let Solver { layout, sets, .. } = solver;
        Listing { model, layout, sets, from, own, walker: Walker::new(&model.graph), rows }
    }

    /// The paths of the rows. `finish` adds what else the question tells of a path.
    pub fn into_paths(self, finish: impl Fn(&mut Path) + Sync + 'm) -> Paths<'m> {
        let graph = &self.model.graph;
        let head = |row: &Row| Head {
            kind: outcome(graph, row.outcome).kind,
            guard: row.guard.map(|(state, _)| state),
        };
        let heads = self.rows.iter().map(head).collect();
        Paths::new(heads, move |places| {
            let mut paths = self.some(places);
            paths.iter_mut().for_each(&finish);
            paths
        })
    }

    /// Some of the paths. What it takes to describe them goes when they are made.
    fn some(&self, places: &[usize]) -> Vec<Path> {
        let mut describer = Describer::new(self.model, Arc::clone(&self.layout));
        let mut copied = Copied::default();
        let mut make = |at: &usize| {
            let row = &self.rows[*at];
            let requests = describer.sets.copy(&self.sets, row.requests, &mut copied);
            let own = self.own[row.from];
            let own = own.map(|own| describer.sets.copy(&self.sets, own, &mut copied));
            self.path(&mut describer, row, requests, own)
        };
        places.iter().map(&mut make).collect()
    }

    /// A row in full: its witness is walked, and the steps of the walk are the hops.
    fn path(
        &self,
        describer: &mut Describer<'_>,
        row: &Row,
        requests: Set,
        own: Option<Set>,
    ) -> Path {
        let graph = &self.model.graph;
        let source = &graph.sources[self.from[row.from].source];
        // What holds by default is what is described, where anything does.
        let all = requests;
        let sets = &mut describer.sets;
        let requests = match default_world(graph, &self.layout, sets, all) {
            Set::EMPTY => all,
            by_default => by_default,
        };
        let request = describer.plain_request(requests);
        let walk = |request: &Request| self.walker.walk_past(source.start, source.origin, request);
        let hops = match request.as_ref().map(walk) {
            Some(trace) => steps::of_walk(self.model, &trace, &row.blocks),
            None => steps::bare(graph, &row.hops),
        };
        let mut outcome = outcome(graph, row.outcome);
        if let (Some(location), Some(request)) = (&mut outcome.location, &request) {
            *location = filled(location, request);
        }
        let delivered = outcome.kind == OutcomeKind::Delivered;
        let mut listed: Vec<String> =
            row.hops.iter().filter_map(|hop| guards(graph, *hop)).collect();
        listed.dedup();
        Path {
            from: self.from[row.from].name.clone(),
            to: graph.resource(row.to).to_string(),
            entry: entry_of(graph, row),
            guards: listed,
            guard: row.guard.map(|(state, why)| answer::Guard {
                state,
                why: match state {
                    GuardState::Unguarded => "it does not stand on this path".into(),
                    _ => why.clause().into(),
                },
                remedies: Vec::new(),
            }),
            principals: describer.principals(requests),
            hops,
            resolved: None,
            reply: Vec::new(),
            requests: answer::Requests {
                text: describer.words(requests, own),
                witness: request.as_ref().map(|request| witness::show(self.model, request)),
            },
            sometimes: delivered && sometimes(&self.layout, &mut describer.sets, requests),
            assumptions: needs(graph, &self.layout, &mut describer.sets, all),
            outcome,
        }
    }
}

/// The entry of a row as answers show it; empty if it has none.
pub fn entry_of(graph: &Graph, row: &Row) -> String {
    row.entry.map(|id| entry(graph.entry(id))).unwrap_or_default()
}

/// The sets of rows.
pub fn requests<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<Set> {
    rows.into_iter().map(|row| row.requests).collect()
}

/// Who a path lets in, in words.
pub fn who(principals: &answer::Principals) -> String {
    if principals.anonymous {
        return "anyone, without an identity".into();
    }
    if principals.any_account {
        return "any account".into();
    }
    match principals.named.as_slice() {
        [] => "nobody".into(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        several => format!("{}, {} and {} more", several[0], several[1], several.len() - 2),
    }
}
