//! The walk itself.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::current::CurrentRequest;
use super::evaluate::Evaluation;
use super::pattern::CompiledPattern;
use super::trace::{Step, StepAction, StepNote, WalkTrace};
use crate::graph::{
    AssumptionId, Body, ExpressionId, Graph, HopId, ListId, Origin, Outcome, OutcomeId, Request,
    RuleVerdict, Source, Switch,
};

/// The most steps of a walk. Only a loop that changes a field each time round is so long.
pub const STEP_LIMIT: usize = 1_000;

/// Walks one request from where a source's requests start; see [`Walker::walk`].
pub fn walk_from(graph: &Graph, source: &Source, request: &Request) -> WalkTrace {
    Walker::new(graph).walk_from(source, request)
}

/// Walks requests through one graph. It can be shared between threads.
pub struct Walker<'g> {
    graph: &'g Graph,
    /// Patterns that were needed so far, by the expression that asks for them.
    patterns: RwLock<FxHashMap<ExpressionId, Arc<CompiledPattern>>>,
}

impl fmt::Debug for Walker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walker").finish_non_exhaustive()
    }
}

impl<'g> Walker<'g> {
    /// A walker through `graph`. It costs nothing until it walks.
    pub fn new(graph: &'g Graph) -> Self {
        Walker { graph, patterns: RwLock::default() }
    }

    /// The graph.
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// Walks one request from `start`, which it enters as coming from `origin`, to its first
    /// answer.
    pub fn walk(&self, start: HopId, origin: Origin, request: &Request) -> WalkTrace {
        self.go(start, origin, request, false)
    }

    /// Walks as [`walk`](Self::walk) does, from where the source's requests start. Whether the
    /// source can send such a request is another question: [`can_send`](Self::can_send).
    pub fn walk_from(&self, source: &Source, request: &Request) -> WalkTrace {
        self.walk(source.start, source.origin, request)
    }

    /// Walks on behind each gate that refuses, as if it admitted, until a terminal or a loop. The
    /// outcome is still that of the first such gate, and [`WalkTrace::blocked`] lists them all.
    pub fn walk_past(&self, start: HopId, origin: Origin, request: &Request) -> WalkTrace {
        self.go(start, origin, request, true)
    }

    /// Whether an expression holds for a request as its caller sends it.
    pub fn holds(&self, expression: ExpressionId, origin: Origin, request: &Request) -> bool {
        Evaluation::new(self, request, CurrentRequest::new(origin, request)).holds(expression)
    }

    /// Whether the source can send such a request.
    pub fn can_send(&self, source: &Source, request: &Request) -> bool {
        self.holds(source.requests, source.origin, request)
    }

    /// Whether an assumption holds: as the request says, else its default, else not.
    pub(super) fn assumed(&self, request: &Request, assumption: AssumptionId) -> bool {
        let index = assumption.0 as usize;
        request.assumptions.get(index).copied().unwrap_or_else(|| {
            self.graph.assumptions.get(index).and_then(|known| known.default).unwrap_or(false)
        })
    }

    /// The compiled pattern of an expression.
    pub(super) fn pattern(
        &self,
        id: ExpressionId,
        pattern: &str,
        ignore_case: bool,
    ) -> Arc<CompiledPattern> {
        let known = self.patterns.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        known.unwrap_or_else(|| {
            let compiled = Arc::new(CompiledPattern::new(pattern, ignore_case));
            let mut patterns = self.patterns.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(patterns.entry(id).or_insert(compiled))
        })
    }

    fn go(&self, start: HopId, origin: Origin, request: &Request, past: bool) -> WalkTrace {
        let evaluation = Evaluation::new(self, request, CurrentRequest::new(origin, request));
        let mut course = Course {
            graph: self.graph,
            request,
            evaluation,
            past,
            states: Vec::new(),
            visited: Vec::new(),
            trace: WalkTrace {
                steps: Vec::with_capacity(24),
                outcome: None,
                unanswered: None,
                entry: None,
                source_address: request.source,
                consulted: Vec::new(),
                choices: Vec::new(),
                conditions: Vec::new(),
                looped: None,
            },
        };
        let mut hop = Some(start);
        while let Some(here) = hop {
            if course.is_loop(here) {
                course.trace.looped = Some(here);
                break;
            }
            hop = course.pass(here);
        }
        WalkTrace {
            source_address: course.evaluation.current.source,
            consulted: course.evaluation.assumptions,
            conditions: course.evaluation.conditions,
            ..course.trace
        }
    }
}

/// A walk that is under way.
struct Course<'a> {
    graph: &'a Graph,
    request: &'a Request,
    evaluation: Evaluation<'a>,
    /// Goes on behind gates that refuse.
    past: bool,
    /// Every combination of current fields so far, each once.
    states: Vec<CurrentRequest<'a>>,
    /// Which hop was entered with which of the states.
    visited: Vec<(HopId, usize)>,
    trace: WalkTrace,
}

impl<'a> Course<'a> {
    /// Whether the walk was here before with the same current fields; if not, notes that it is
    /// now.
    fn is_loop(&mut self, hop: HopId) -> bool {
        let current = &self.evaluation.current;
        let state = match self.states.iter().position(|state| state == current) {
            Some(known) => known,
            None => {
                self.states.push(current.clone());
                self.states.len() - 1
            }
        };
        if self.visited.contains(&(hop, state)) || self.visited.len() >= STEP_LIMIT {
            return true;
        }
        self.visited.push((hop, state));
        false
    }

    /// Passes one hop, and says where to go on.
    fn pass(&mut self, id: HopId) -> Option<HopId> {
        let graph = self.graph;
        let hop = graph.hop(id);
        self.trace.entry = hop.entry.or(self.trace.entry);
        match &hop.body {
            Body::Gate { list, next } => {
                let step = self.gate(id, *list);
                let goes_on = match step.action {
                    StepAction::Admit | StepAction::LoseReply => true,
                    StepAction::Deliver => false,
                    _ => self.past,
                };
                self.trace.steps.push(step);
                goes_on.then_some(*next)
            }
            Body::Switch(switch) => {
                let (next, note) = self.switch(switch);
                self.trace.steps.push(Step { note, ..Step::new(id, StepAction::Route) });
                Some(next)
            }
            Body::Rewrite { changes, next } => {
                let mut step = Step::new(id, StepAction::Rewrite);
                for change in changes {
                    self.evaluation.current.apply(change, &mut step.changed);
                }
                self.trace.steps.push(step);
                Some(*next)
            }
            Body::Choice { choice, branches } => {
                let wanted = self.request.choices.get(choice.0 as usize).copied().unwrap_or(0);
                let branch = (wanted as usize).min(branches.len().saturating_sub(1));
                if !self.trace.choices.iter().any(|(known, _)| known == choice) {
                    self.trace.choices.push((*choice, branch as u32));
                }
                let note = StepNote::Choice(*choice, branch as u32);
                self.trace.steps.push(Step { note, ..Step::new(id, StepAction::Choose) });
                branches.get(branch).copied()
            }
            Body::Terminal(outcome) => {
                let step = self.answer(Step::new(id, StepAction::Deliver), *outcome);
                self.trace.steps.push(step);
                None
            }
        }
    }

    fn gate(&mut self, id: HopId, list: ListId) -> Step {
        let list = self.graph.list(list);
        let mut step = Step::new(id, StepAction::Admit);
        for (index, rule) in list.rules.iter().enumerate() {
            if rule.preview {
                if self.evaluation.holds_silently(rule.when) {
                    step.previewed.push(index);
                }
            } else if self.evaluation.holds(rule.when) {
                step.rule = Some(index);
                step.note = StepNote::Rule;
                return self.decide(step, rule.then);
            }
        }
        if !list.rules.is_empty() {
            step.note = StepNote::NoRule;
        }
        self.decide(step, list.otherwise)
    }

    fn decide(&mut self, step: Step, verdict: RuleVerdict) -> Step {
        match verdict {
            RuleVerdict::Pass => step,
            RuleVerdict::Refuse(outcome) => self.answer(step, outcome),
        }
    }

    /// Makes the step one that answers. The first answer is what the caller sees.
    fn answer(&mut self, mut step: Step, id: OutcomeId) -> Step {
        let outcome = self.graph.outcome(id);
        if let Outcome::Unanswered { .. } = outcome {
            step.action = StepAction::LoseReply;
            step.outcome = Some(id);
            // The reply comes to the last of them first.
            self.trace.unanswered = Some(id);
            return step;
        }
        let arrives = matches!(outcome, Outcome::Delivered { .. });
        step.action = match outcome {
            Outcome::Delivered { .. } | Outcome::Unanswered { .. } => StepAction::Deliver,
            Outcome::Redirected { .. } => StepAction::Redirect,
            Outcome::Refused { .. } => StepAction::Refuse,
            Outcome::Dropped { .. } => StepAction::Drop,
            Outcome::Aborted { .. } => StepAction::Abort,
        };
        step.outcome = Some(id);
        let seen = if arrives { self.trace.unanswered.unwrap_or(id) } else { id };
        self.trace.outcome = self.trace.outcome.or(Some(seen));
        step
    }

    fn switch(&mut self, switch: &Switch) -> (HopId, StepNote) {
        match switch {
            Switch::Host { exact, suffixes, otherwise } => {
                let host: &str = &self.evaluation.current.host;
                let suffix = |suffix: &str| {
                    suffix.is_empty() || host.len() > suffix.len() && host.ends_with(suffix)
                };
                if let Some((name, hop)) = find(exact, host) {
                    (hop, StepNote::Host(name.into()))
                } else if let Some((name, hop)) = longest(suffixes, suffix) {
                    (hop, StepNote::HostSuffix(name.into()))
                } else {
                    (*otherwise, StepNote::AnyOtherHost)
                }
            }
            Switch::Path { exact, prefixes, otherwise } => {
                let path: &str = &self.evaluation.current.path;
                if let Some((name, hop)) = find(exact, path) {
                    (hop, StepNote::Path(name.into()))
                } else if let Some((name, hop)) =
                    longest(prefixes, |prefix| path.starts_with(prefix))
                {
                    (hop, StepNote::PathPrefix(name.into()))
                } else {
                    (*otherwise, StepNote::AnyOtherPath)
                }
            }
            Switch::Destination { ranges, otherwise } => {
                let destination = self.evaluation.current.destination;
                let mut best: Option<(IpNet, HopId)> = None;
                for (range, hop) in ranges {
                    let longer =
                        best.is_none_or(|(other, _)| range.prefix_len() > other.prefix_len());
                    if longer && range.contains(&destination) {
                        best = Some((*range, *hop));
                    }
                }
                match best {
                    Some((range, hop)) => (hop, StepNote::Destination(range)),
                    None => (*otherwise, StepNote::AnyOtherDestination),
                }
            }
            Switch::FirstMatch { branches, otherwise } => {
                for (index, (when, hop)) in branches.iter().enumerate() {
                    if self.evaluation.holds(*when) {
                        return (*hop, StepNote::Branch { at: index + 1, of: branches.len() });
                    }
                }
                (*otherwise, StepNote::NoBranch)
            }
        }
    }
}

/// The sorted table's entry of that name.
fn find<'t>(table: &'t [(Box<str>, HopId)], wanted: &str) -> Option<(&'t str, HopId)> {
    let index = table.binary_search_by(|(name, _)| (**name).cmp(wanted)).ok()?;
    table.get(index).map(|(name, hop)| (&**name, *hop))
}

/// The longest of those that fit.
fn longest(table: &[(Box<str>, HopId)], fits: impl Fn(&str) -> bool) -> Option<(&str, HopId)> {
    let mut best: Option<(&str, HopId)> = None;
    for (name, hop) in table {
        if best.is_none_or(|(other, _)| name.len() > other.len()) && fits(name) {
            best = Some((name, *hop));
        }
    }
    best
}
