//! What the two engines must agree on, about one source.

use portolan::internals::graph::{Body, EntryId, HopId, Outcome, OutcomeId, Request, Source};
use portolan::internals::sets::Set;
use portolan::internals::solve::{Block, Current, Flow, Mode, Reaching, Refusal, Solver};
use portolan::internals::walk::{WalkTrace, Walker};

use crate::case::Case;

/// A path that the solver followed.
pub struct Path {
    pub hops: Vec<HopId>,
    entry: Option<EntryId>,
    outcome: OutcomeId,
    pub passing: Set,
    pub aimed: Set,
    blocks: Vec<Block>,
    refusals: Vec<Refusal>,
    before: Vec<Current>,
    end: Current,
}

/// Every path from a source.
pub struct Paths {
    pub sent: Set,
    pub followed: Set,
    pub arriving: Vec<Path>,
    pub blocked: Vec<Path>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The source cannot send it.
    Unsendable,
    Delivered,
    /// It arrives, and its reply is lost.
    Unanswered,
    Refused,
    Dropped,
    Looped,
}

/// Follows every request that the source can send, or any request at all.
pub fn paths(solver: &mut Solver<'_>, source: &Source, any: bool) -> Paths {
    let sent = solver.sent(source);
    let followed = if any { Set::FULL } else { sent };
    let mut follow = |mode| {
        let mut paths: Vec<Path> = Vec::new();
        let everything = Reaching::everything(solver.graph);
        solver.flow(
            source,
            followed,
            mode,
            everything,
            &mut |_: &mut Solver<'_>, flow: &Flow<'_>| {
                paths.push(record(flow));
            },
        );
        paths
    };
    let arriving = follow(Mode::Arriving);
    let blocked = follow(Mode::Blocked);
    Paths { sent, followed, arriving, blocked }
}

fn record(flow: &Flow<'_>) -> Path {
    Path {
        hops: flow.hops.to_vec(),
        entry: flow.entry,
        outcome: flow.outcome,
        passing: flow.passing,
        aimed: flow.aimed,
        blocks: flow.blocks.to_vec(),
        refusals: flow.refusals.to_vec(),
        before: flow.before.to_vec(),
        end: flow.current.clone(),
    }
}

fn hops_of(trace: &WalkTrace) -> Vec<HopId> {
    trace.steps.iter().map(|step| step.hop).collect()
}

/// One graph, with both engines.
pub struct Both<'a> {
    pub case: &'a Case,
    pub walker: Walker<'a>,
    pub solver: Solver<'a>,
}

impl<'a> Both<'a> {
    pub fn new(case: &'a Case) -> Self {
        let (walker, solver) = (Walker::new(&case.graph), Solver::new(&case.graph));
        Both { case, walker, solver }
    }

    /// Whether both say the same of a request.
    pub fn request(
        &mut self,
        source: &Source,
        paths: &Paths,
        request: &Request,
    ) -> Result<(Fate, Option<WalkTrace>), String> {
        let point = self.solver.layout.point(request);
        let can_send = self.walker.can_send(source, request);
        if can_send != self.solver.sets.contains(paths.sent, &point) {
            return Err(format!("sent: the walk says {can_send}, the solver {}", !can_send));
        }
        if !can_send && paths.followed != Set::FULL {
            return Ok((Fate::Unsendable, None));
        }
        let trace = self.walker.walk_from(source, request);
        let past = self.walker.walk_past(source.start, source.origin, request);
        if trace.looped.is_some() || past.looped.is_some() {
            return Ok((Fate::Looped, Some(trace)));
        }
        self.arriving(source, paths, request, &trace)?;
        self.blocked(paths, request, &trace, &past)?;
        let fate = match trace.outcome.map(|id| self.case.graph.outcome(id)) {
            _ if !can_send => Fate::Unsendable,
            Some(Outcome::Delivered { .. }) => Fate::Delivered,
            Some(Outcome::Refused { .. } | Outcome::Redirected { .. }) => Fate::Refused,
            Some(Outcome::Unanswered { .. }) => Fate::Unanswered,
            Some(Outcome::Dropped { .. } | Outcome::Aborted { .. }) => Fate::Dropped,
            None => Fate::Looped,
        };
        Ok((fate, Some(past)))
    }

    fn arriving(
        &mut self,
        source: &Source,
        paths: &Paths,
        request: &Request,
        trace: &WalkTrace,
    ) -> Result<(), String> {
        let point = self.solver.layout.point(request);
        let sets = &self.solver.sets;
        let holding: Vec<&Path> =
            paths.arriving.iter().filter(|path| sets.contains(path.passing, &point)).collect();
        let last = trace.steps.last().map(|step| &self.case.graph.hop(step.hop).body);
        let arrives = matches!(last, Some(Body::Terminal(_)));
        let told = |what: &str| {
            let found: String = holding
                .iter()
                .map(|path| {
                    let outcome = self.case.outcome(Some(path.outcome));
                    format!("  {outcome}\n{}", self.case.hops(path.hops.iter().copied()))
                })
                .collect();
            let trace = self.case.trace(trace);
            format!("arriving: {what}\n  walk:\n{trace}  solver:\n{found}")
        };
        let _ = source;
        match holding.as_slice() {
            [] if arrives => Err(told("no path of the solver has the request")),
            [] => Ok(()),
            [_] if !arrives => Err(told("the walk is refused on the way")),
            [only] => {
                let address = only.end.source.unwrap_or(request.source.to_canonical());
                if only.hops != hops_of(trace) {
                    Err(told("the ways differ"))
                } else if Some(only.outcome) != trace.outcome {
                    Err(told("the outcomes differ"))
                } else if only.entry != trace.entry {
                    Err(told("the entries differ"))
                } else if address != trace.source_address {
                    Err(told("the source addresses at the end differ"))
                } else {
                    Ok(())
                }
            }
            _ => Err(told("several paths of the solver have the request")),
        }
    }

    fn blocked(
        &mut self,
        paths: &Paths,
        request: &Request,
        trace: &WalkTrace,
        past: &WalkTrace,
    ) -> Result<(), String> {
        let point = self.solver.layout.point(request);
        let case = self.case;
        let told = |what: String| format!("blocked: {what}\n  walk past:\n{}", case.trace(past));
        let mut holding =
            paths.blocked.iter().filter(|path| self.solver.sets.contains(path.aimed, &point));
        let (Some(path), None) = (holding.next(), holding.next()) else {
            return Err(told("not exactly one path has the request".into()));
        };
        if path.hops != hops_of(past) {
            let hops = case.hops(path.hops.iter().copied());
            return Err(told(format!("the ways differ, the solver's is\n{hops}")));
        }
        if Some(path.outcome) != past.end() || path.entry != past.entry {
            return Err(told("the ends differ".into()));
        }
        // The first refusal.
        let gate = |hop: HopId| matches!(case.graph.hop(hop).body, Body::Gate { .. });
        let first = past.refused_by().filter(|step| gate(step.hop));
        let passes = self.solver.sets.contains(path.passing, &point);
        if passes == first.is_some() {
            return Err(told(format!("the solver says that it passes every gate: {passes}")));
        }
        let mut refusals = path
            .refusals
            .iter()
            .filter(|refusal| self.solver.sets.contains(refusal.requests, &point));
        let refusal = refusals.next().map(|refusal| (refusal.hop, Some(refusal.outcome)));
        if refusals.next().is_some() {
            return Err(told("several first refusals".into()));
        }
        if refusal != first.map(|step| (step.hop, step.outcome)) {
            let text = refusal.map(|(hop, outcome)| (case.hop(hop), case.outcome(outcome)));
            return Err(told(format!("the solver's first refusal is {text:?}")));
        }
        if first.is_some() && trace.outcome != first.and_then(|step| step.outcome) {
            return Err(told("the walk and the walk past answer differently".into()));
        }
        // Every gate in the way, in order.
        let mut blocks = path.blocks.iter();
        for (at, step) in past.steps.iter().enumerate() {
            let Body::Gate { list, .. } = &case.graph.hop(step.hop).body else { continue };
            let told_of = |what: &str| told(format!("{what} at {}", case.hop(step.hop)));
            let refused: Vec<OutcomeId> = self
                .solver
                .refusals(*list, &path.before[at])
                .into_iter()
                .filter(|(_, set)| self.solver.sets.contains(*set, &point))
                .map(|(outcome, _)| outcome)
                .collect();
            let stops = step.action.stops();
            let answers = step.outcome.filter(|_| stops);
            if refused != answers.into_iter().collect::<Vec<_>>() {
                return Err(told_of("the solver decides otherwise"));
            }
            let next = blocks.clone().next().filter(|block| block.hop == step.hop);
            match next {
                Some(block) => {
                    blocks.next();
                    if block.all && !stops {
                        return Err(told_of("a gate that stops all lets the request pass"));
                    }
                    if stops && !refused.iter().all(|id| block.outcomes.contains(id)) {
                        return Err(told_of("the block lacks the outcome"));
                    }
                }
                None if stops => return Err(told_of("the solver lists no block")),
                None => {}
            }
        }
        if blocks.next().is_some() {
            return Err(told("the solver lists a block where no gate is".into()));
        }
        Ok(())
    }

    /// Walks a witness of everything that was found, and tells of each.
    pub fn witnesses(
        &mut self,
        source: &Source,
        paths: &Paths,
        mut found: impl FnMut(&Request, &WalkTrace),
    ) -> Result<(), (Option<Request>, String)> {
        for path in &paths.arriving {
            let (request, trace) = self.witness(source, path.passing, paths)?;
            // A walk that comes by again has no outcome; the solver gives such paths one.
            let looped = trace.looped.map(|_| self.case.graph.looped);
            if hops_of(&trace) != path.hops
                || trace.outcome.or(looped) != Some(path.outcome)
                || trace.entry != path.entry
            {
                let hops = self.case.hops(path.hops.iter().copied());
                let walk = self.case.trace(&trace);
                let text = format!("witness: of\n{hops}  it goes\n{walk}");
                return Err((Some(request), text));
            }
            found(&request, &trace);
        }
        for path in &paths.blocked {
            let (request, _) = self.witness(source, path.aimed, paths)?;
            let past = self.walker.walk_past(source.start, source.origin, &request);
            if hops_of(&past) != path.hops {
                let hops = self.case.hops(path.hops.iter().copied());
                let walk = self.case.trace(&past);
                let text = format!("witness: aimed at\n{hops}  it goes\n{walk}");
                return Err((Some(request), text));
            }
            for refusal in &path.refusals {
                let (request, trace) = self.witness(source, refusal.requests, paths)?;
                let refused = trace.refused_by().map(|step| (step.hop, step.outcome));
                if refused != Some((refusal.hop, Some(refusal.outcome))) {
                    let hop = self.case.hop(refusal.hop);
                    let walk = self.case.trace(&trace);
                    let text = format!("witness: to be refused at {hop}, it goes\n{walk}");
                    return Err((Some(request), text));
                }
                found(&request, &trace);
            }
        }
        Ok(())
    }

    /// A request of a set, and its way.
    fn witness(
        &mut self,
        source: &Source,
        set: Set,
        paths: &Paths,
    ) -> Result<(Request, WalkTrace), (Option<Request>, String)> {
        let Some(point) = self.solver.sets.witness(set) else {
            return Err((None, "witness: a set that is not empty has none".into()));
        };
        let request = self.solver.layout.request(&point);
        let again = self.solver.layout.point(&request);
        if !self.solver.sets.contains(set, &again) {
            return Err((Some(request), "witness: as a request it is not in its set".into()));
        }
        if paths.followed != Set::FULL && !self.walker.can_send(source, &request) {
            return Err((Some(request), "witness: the source cannot send it".into()));
        }
        let trace = self.walker.walk_from(source, &request);
        Ok((request, trace))
    }
}
