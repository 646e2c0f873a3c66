//! `reach`: can requests get from one place to another, and how?

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::answer::{
    self, Answer, AnswerBody as Answered, AnswerHead, ArrivalSummary, AskedQuestion, Principals,
    QuestionKind, ReachAnswer, Sender, Verdict,
};
use super::path_class::{self, PathClass, PathSearch};
use super::paths::Listing;
use super::verdict::Counting;
use super::{
    AskError, Model, RequestFilter, Scope, completeness, describe, requests, selector, steps,
    verdict,
};
use crate::graph::{Body, EntryId, HopId, Origin, Outcome, OutcomeId, ResourceId, Switch};
use crate::sets::Set;
use crate::solve::{Current, Flow, Layout, Mode, Reaching, Solver};

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// From where.
    pub from: Vec<String>,
    /// To what.
    pub to: Vec<String>,
    /// Only paths over this.
    pub via: Option<String>,
    /// Only paths that do not pass this.
    pub avoid: Option<String>,
    /// Lists what is refused, too.
    pub refused: bool,
    /// Only these requests.
    pub filter: RequestFilter,
}

/// Solves it, without putting anything into words.
pub fn solve(
    model: &Model,
    solver: &mut Solver<'_>,
    parameters: &Parameters,
    refused: bool,
) -> Result<(Vec<selector::SelectedSender>, Vec<ResourceId>, Vec<PathClass>), AskError> {
    let graph = &model.graph;
    let from = selector::sources(model, &parameters.from)?;
    let to = selector::destinations(model, &parameters.to)?;
    let marks = |selector: &Option<String>| -> Result<Option<Vec<bool>>, AskError> {
        let Some(selector) = selector else { return Ok(None) };
        Ok(Some(selector::marked(graph, &selector::hops(model, selector)?)))
    };
    let (via, avoid) = (marks(&parameters.via)?, marks(&parameters.avoid)?);
    if let (Some(via), Some(avoid)) = (&via, &avoid)
        && via.iter().zip(avoid).all(|(via, avoid)| !via || *avoid)
    {
        return Err(AskError {
            message: "every path that `--via` asks for is one that `--avoid` rules out".into(),
            help: Some("take one of them back".into()),
        });
    }
    requests::sendable(model, solver, &from, &parameters.filter)?;
    let search = PathSearch {
        filter: parameters.filter.clone(),
        guard: None,
        via,
        avoid,
        refused,
        reserved: parameters.refused,
    };
    let mut found = path_class::search(model, solver, &from, &to, &search)?;
    if refused && search.via.is_none() {
        let lost = dead_ends(model, solver, &from, &to, &parameters.filter, &found)?;
        found.extend(lost);
    }
    Ok((from, to, found))
}

/// Up to how many pairs it is told what stops those that nothing connects, where others are
/// connected: following every gate takes longer than finding what arrives.
pub const EXPLAINED: usize = 200;

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let mut named = parameters.clone();
    if let [only] = parameters.to.as_slice()
        && let (Some(host), None) = (selector::api_host(only), &parameters.filter.host)
    {
        named.filter.host = Some(host.to_string());
        named.to = vec![selector::APIS.to_string()];
    }
    let parameters = &named;
    let layout = Arc::new(Layout::new(graph, &requests::extra(model, &parameters.filter)));
    let mut solver = Solver::within(graph, Arc::clone(&layout));
    let (from, to, arriving) = solve(model, &mut solver, parameters, false)?;
    let answered =
        |class: &&PathClass| matches!(graph.outcome(class.outcome), Outcome::Delivered { .. });
    let delivered = verdict::delivered(arriving.iter().filter(answered));
    let mut found = verdict::overall(&mut solver, &delivered, Counting::Surely);
    verdict::add_pairs(&mut found, &mut solver, &from, &to, &delivered, Counting::Surely);
    let count = delivered.len();
    let sets = arriving.iter().filter(answered).map(|class| class.requests);
    let who = describe::callers(graph, &mut solver, sets);
    let others_not = others_not(model, &mut solver, &from, &parameters.filter, &who)?;
    let mut classes = arriving;
    if parameters.refused || !verdict::by_default(&mut solver, &delivered) {
        classes = solve(model, &mut solver, parameters, true)?.2;
    } else if found.pairs.len() <= EXPLAINED && found.others == 0 {
        let unreached: HashSet<(&Sender, ResourceId), FxBuildHasher> = found
            .pairs
            .iter()
            .filter(|pair| pair.verdict == Verdict::No)
            .map(|pair| (&pair.from, pair.to))
            .collect();
        if !unreached.is_empty() {
            let is_of =
                |class: &PathClass| unreached.contains(&(&from[class.from].sender, class.to));
            let stopped = solve(model, &mut solver, parameters, true)?.2;
            classes.retain(|class| !is_of(class));
            classes.extend(stopped.into_iter().filter(is_of));
        }
    }
    classes.sort_by_cached_key(|class| {
        let to = graph.resource(class.to).to_string();
        let entry = class.entry.map(|entry| graph.entry(entry));
        (answer::outcome(model, class.outcome), from[class.from].name(graph), to, entry)
    });
    // What arrives is stopped by nothing but what its reply meets.
    let lost =
        |class: &&PathClass| matches!(graph.outcome(class.outcome), Outcome::Unanswered { .. });
    let only_lost = found.verdict == Verdict::No && classes.iter().any(|class| lost(&class));
    let listed = classes.iter().filter(|class| !only_lost || lost(class));
    let outcomes: Vec<OutcomeId> = listed.map(|class| class.outcome).collect();
    let sets: Vec<Set> = classes.iter().map(|class| class.requests).collect();
    let consulted = verdict::assumptions_in(&layout, &solver.sets, &sets);
    let scope = Scope {
        from: &from,
        selectors: Some(&parameters.from),
        to: Some(&to),
        all_of: &selector::open_kinds(&parameters.to),
        host: parameters.filter.host.as_deref(),
        ..Scope::default()
    };
    let completeness = completeness(model, &scope);
    let head = AnswerHead {
        model,
        layout,
        question: asked(parameters),
        completeness,
        assumptions: verdict::show(&consulted, &found.flips),
        findings: Vec::new(),
        at: model.at,
    };
    let body = ReachAnswer {
        found,
        arriving: ArrivalSummary { paths: count, who, others_not },
        causes: steps::causes(graph, &outcomes),
        paths: Listing::new(model, solver, from, classes).into_paths(|_| {}),
    };
    Ok(Answer { head, body: Answered::Reach(body) })
}

/// Whether some of those that a question is about are not among those who get in.
pub(super) fn others_not(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[selector::SelectedSender],
    filter: &RequestFilter,
    who: &Principals,
) -> Result<bool, AskError> {
    let mut asked = Vec::with_capacity(from.len());
    for each in from {
        asked.push(requests::asked(model, solver, each, filter)?);
    }
    Ok(describe::callers(&model.graph, solver, asked.into_iter()) != *who)
}

/// Requests by the entry that they are meant for.
type ByEntry = BTreeMap<Option<EntryId>, Set>;

/// Requests that concern a destination: what asks an address by which it is entered for a host and
/// a path that lead there.
fn concerning(solver: &mut Solver<'_>, reaching: &Reaching) -> ByEntry {
    let graph = solver.graph;
    let mut doors: Vec<(IpNet, HopId)> = Vec::new();
    for hop in graph.hops.node_weights() {
        let Body::Switch(Switch::Destination { ranges, .. }) = &hop.body else { continue };
        // Private ranges lead inside a network as a whole; they are no address of anything.
        let single = |(range, _): &&(IpNet, HopId)| range.prefix_len() == range.max_prefix_len();
        doors.extend(ranges.iter().filter(single).filter(|(_, next)| reaching.contains(*next)));
    }
    doors.sort_unstable();
    doors.dedup();
    let mut known = HashMap::default();
    let mut concerning = ByEntry::new();
    for (range, next) in doors {
        let at = solver.ranges(solver.layout.destination, &[range]);
        for (entry, requests) in behind(solver, reaching, next, &mut known) {
            let requests = solver.sets.and(at, requests);
            let own = concerning.entry(entry).or_insert(Set::EMPTY);
            *own = solver.sets.or(*own, requests);
        }
    }
    concerning
}

/// The hosts and paths for which a hop leads to the end, by the entry named last.
fn behind(
    solver: &mut Solver<'_>,
    reaching: &Reaching,
    hop: HopId,
    known: &mut HashMap<HopId, ByEntry, FxBuildHasher>,
) -> ByEntry {
    if let Some(behind) = known.get(&hop) {
        return behind.clone();
    }
    known.insert(hop, ByEntry::new());
    let here = solver.graph.hop(hop);
    let mut all = ByEntry::new();
    let mut add = |solver: &mut Solver<'_>, next: HopId, part: Set| {
        if !reaching.contains(next) {
            return;
        }
        for (entry, requests) in behind(solver, reaching, next, known) {
            let requests = solver.sets.and(part, requests);
            let own = all.entry(entry.or(here.entry)).or_insert(Set::EMPTY);
            *own = solver.sets.or(*own, requests);
        }
    };
    match &here.body {
        Body::Terminal(_) => {
            all.insert(here.entry, Set::FULL);
        }
        Body::Switch(switch @ (Switch::Host { .. } | Switch::Path { .. })) => {
            let parts = solver.partition(hop, &Current::start(Origin::Internet));
            for (at, part) in parts.iter().enumerate() {
                add(solver, switch.branch(at), *part);
            }
        }
        body => body.successors().into_iter().for_each(|next| add(solver, next, Set::FULL)),
    }
    known.insert(hop, all.clone());
    all
}

/// Requests that concern a destination and end before any hop that leads there.
pub(super) fn dead_ends(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[selector::SelectedSender],
    to: &[ResourceId],
    filter: &RequestFilter,
    found: &[PathClass],
) -> Result<Vec<PathClass>, AskError> {
    let graph = &model.graph;
    let mut lost: Vec<PathClass> = Vec::new();
    for end in to {
        let reached = |at: usize| found.iter().any(|class| class.from == at && class.to == *end);
        let missed: Vec<usize> = (0..from.len()).filter(|at| !reached(*at)).collect();
        if missed.is_empty() {
            continue;
        }
        let reaching = selector::reaching(graph, &[*end]);
        let concerning = concerning(solver, &reaching);
        for at in missed {
            let source = &graph.sources[from[at].source];
            let asked = requests::asked(model, solver, &from[at], filter)?;
            for (entry, requests) in &concerning {
                let requests = solver.sets.and(asked, *requests);
                let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
                    let mut ended: Vec<(OutcomeId, Set)> = flow
                        .refusals
                        .iter()
                        .map(|refusal| (refusal.outcome, refusal.requests))
                        .collect();
                    if flow.to.is_none() {
                        ended.push((flow.outcome, flow.passing));
                    }
                    for (outcome, requests) in ended {
                        if solver.sets.is_empty(requests) {
                            continue;
                        }
                        let key = (at, *end, *entry, outcome);
                        let known = lost.iter_mut().find(|class| {
                            (class.from, class.to, class.entry, class.outcome) == key
                        });
                        match known {
                            Some(class) => {
                                class.requests = solver.sets.or(class.requests, requests)
                            }
                            None => lost.push(PathClass {
                                from: at,
                                to: *end,
                                entry: *entry,
                                outcome,
                                guard: None,
                                requests,
                                hops: flow.hops.to_vec(),
                                blocks: flow.blocks.to_vec(),
                            }),
                        }
                    }
                };
                let everywhere = Reaching::everything(graph);
                solver.flow(source, requests, Mode::Blocked, everywhere, &mut visitor);
            }
        }
    }
    Ok(lost)
}

fn asked(parameters: &Parameters) -> AskedQuestion {
    let mut list = vec![("from", parameters.from.clone()), ("to", parameters.to.clone())];
    list.extend(parameters.via.iter().map(|via| ("via", vec![via.clone()])));
    list.extend(parameters.avoid.iter().map(|avoid| ("avoid", vec![avoid.clone()])));
    list.extend(parameters.filter.shown());
    AskedQuestion { kind: QuestionKind::Reach, parameters: list }
}
