//! Path classes → the paths of an answer.

use std::sync::Arc;

use super::answer::{self, Destination, GuardHop, Path, PathHead, Paths};
use super::describe::Describer;
use super::path_class::PathClass;
use super::selector::{SelectedSender, guards};
use super::verdict::{chosen, default_world, needs};
use super::{Model, steps, witness};
use crate::graph::{Origin, Request};
use crate::sets::{Copied, Set, Sets};
use crate::solve::{Layout, Solver};
use crate::walk::Walker;

/// A location with the request's own parts filled in.
pub fn filled(location: &str, request: &Request) -> String {
    location
        .replace("{scheme}", if request.https { "https" } else { "http" })
        .replace("{host}", &request.host)
        .replace("{path}", &request.path)
        .replace("{rest}", request.path.trim_start_matches('/'))
}

/// Path classes of a question with what it takes to put them into words.
pub struct Listing<'m> {
    model: &'m Model,
    layout: Arc<Layout>,
    sets: Sets,
    from: Vec<SelectedSender>,
    /// The addresses that each source has, where only the topology gives it some.
    own: Vec<Option<Set>>,
    walker: Walker<'m>,
    /// In the order of the answer.
    pub classes: Vec<PathClass>,
}

impl<'m> Listing<'m> {
    /// Path classes, in order, whose sets are those of a solver.
    pub fn new(
        model: &'m Model,
        mut solver: Solver<'_>,
        from: Vec<SelectedSender>,
        classes: Vec<PathClass>,
    ) -> Self {
        let mut own = |from: &SelectedSender| {
            let source = &model.graph.sources[from.source];
            let sent = solver.sent(source);
            let axis = solver.layout.source;
            (source.origin != Origin::Internet).then(|| solver.sets.onto(sent, axis))
        };
        let own = from.iter().map(&mut own).collect();
        let Solver { layout, sets, .. } = solver;
        Listing { model, layout, sets, from, own, walker: Walker::new(&model.graph), classes }
    }

    /// The paths of the classes. `finish` adds what else the question tells of a path.
    pub fn into_paths(self, finish: impl Fn(&mut Path) + Sync + 'm) -> Paths<'m> {
        let model = self.model;
        let head = |class: &PathClass| PathHead {
            kind: answer::outcome(model, class.outcome).kind,
            guard: class.guard.map(|(state, _)| state),
        };
        let heads = self.classes.iter().map(head).collect();
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
            let class = &self.classes[*at];
            let requests = describer.sets.copy(&self.sets, class.requests, &mut copied);
            let own = self.own[class.from];
            let own = own.map(|own| describer.sets.copy(&self.sets, own, &mut copied));
            self.path(&mut describer, class, requests, own)
        };
        places.iter().map(&mut make).collect()
    }

    /// A class in full: its witness is walked, and the steps of the walk are the hops.
    fn path(
        &self,
        describer: &mut Describer<'_>,
        class: &PathClass,
        requests: Set,
        own: Option<Set>,
    ) -> Path {
        let graph = &self.model.graph;
        let source = &graph.sources[self.from[class.from].source];
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
            Some(trace) => steps::of_walk(graph, &trace, &class.blocks),
            None => steps::bare(graph, &class.hops),
        };
        let mut outcome = answer::outcome(self.model, class.outcome);
        if let (Some(location), Some(request)) = (&mut outcome.location, &request) {
            *location = filled(location, request);
        }
        let mut listed: Vec<GuardHop> =
            class.hops.iter().filter_map(|hop| guards(graph, *hop)).collect();
        listed.dedup();
        let sets = &mut describer.sets;
        let choices = chosen(&self.layout, sets, requests);
        let assumptions = needs(&self.layout, sets, all);
        Path {
            from: self.from[class.from].sender.clone(),
            to: Destination::Resource(class.to),
            entry: class.entry,
            guards: listed,
            guard: class.guard.map(|(state, why)| answer::Guard {
                state,
                why,
                remedies: Vec::new(),
            }),
            principals: describer.principals(requests),
            hops,
            resolved: None,
            reply: Vec::new(),
            requests: answer::Requests {
                clauses: describer.clauses(requests, own),
                single: None,
                witness: request.as_ref().map(|request| witness::show(graph, request)),
            },
            choices,
            assumptions,
            outcome,
        }
    }
}
