//! One topology, with its requests.

use portolan::internals::graph::{Request, Source};
use portolan::internals::walk::WalkTrace;

use crate::alike::{renamed, rewritten, translated, uniform};
use crate::case::Case;
use crate::check::{Both, Fate, Paths, paths};
use crate::coverage::Coverage;
use crate::document::Node;
use crate::generate;
use crate::law;
use crate::questions;
use crate::random::Random;
use crate::request::Vocabulary;
use crate::wanted::Wanted;

/// Sources of one topology that are looked at, each with all its paths.
const SOURCES: usize = 5;
/// Requests of one topology that questions are asked about.
const ASKED: usize = 2;
/// Requests of one topology that are sent through its likes as well.
const ALIKE: usize = 12;
/// Witnesses that requests are made from, for each source.
const SEEDS: usize = 48;

/// Of those, how many of each source are asked of the laws too, arriving and stopped.
const WITNESSES: usize = 16;

/// Where the engines disagree.
#[derive(Debug)]
pub struct Failure {
    pub source: String,
    pub request: Option<Request>,
    pub message: String,
}

/// Every property on a topology of this seed, with up to so many laws; what no topology met before
/// is looked for.
pub fn generated(
    seed: u64,
    requests: usize,
    met: &Coverage,
    laws: usize,
) -> Result<Coverage, (String, Failure)> {
    let made = generate::topology(seed);
    let text = made.document.to_string();
    let mut random = Random::new(!seed);
    let fail = |message: String| Failure { source: String::new(), request: None, message };
    let case = Case::read(&text).map_err(|message| (text.clone(), fail(message)))?;
    let mut sample = Vec::new();
    let result = agreement(&case, &mut random, (requests, SOURCES), met, &mut sample);
    let mut coverage = match result {
        Ok(coverage) => coverage,
        Err(failure) => {
            let text = smaller(&made.document, &case, &failure).unwrap_or(text);
            return Err((text, failure));
        }
    };
    for (name, request) in sample.iter().take(ASKED) {
        match questions::agree(&case, name, request) {
            Ok(verdict) => *coverage.verdicts.entry(verdict).or_default() += 1,
            Err(message) => {
                let (source, request) = (name.clone(), Some(request.clone()));
                return Err((text, Failure { source, request, message }));
            }
        }
    }
    let keep = random.fork();
    random = keep;
    let written = |failure| (text.clone(), failure);
    if !made.order_matters && random.percent(30) {
        coverage.alike += alike(&made.document, &case, &sample, &mut random).map_err(written)?;
    }
    let known = law::known(&case, sample);
    coverage.laws = law::hold(&made, &case, &known, (met.laws.order(seed), laws), &mut random)
        .map_err(written)?;
    Ok(coverage)
}

/// Properties one to four: both engines, on one graph.
pub fn agreement(
    case: &Case,
    random: &mut Random,
    (requests, most_sources): (usize, usize),
    met: &Coverage,
    sample: &mut Vec<(String, Request)>,
) -> Result<Coverage, Failure> {
    let mut coverage = Coverage::of(&case.graph);
    let words = Vocabulary::new(&case.graph);
    let mut both = Both::new(case);
    let all: Vec<&Source> = case.graph.sources.iter().collect();
    let mut sources = random.some(&all, 1, most_sources.min(all.len()).min(1 + requests / 4));
    let wanted = Wanted::new(&case.graph, met);
    let seldom: Vec<&Source> =
        all.iter().copied().filter(|source| wanted.is_before(&case.graph, source)).collect();
    if !seldom.is_empty() {
        // One of those that may meet what nothing met until now.
        let first = *random.pick::<&Source>(&seldom);
        sources.truncate(sources.len().max(2) - 1);
        sources.retain(|source| source.resource != first.resource);
        sources.insert(0, first);
    }
    let share = requests.div_ceil(sources.len().max(1));
    for source in sources {
        let name = case.name(source);
        let paths = paths(&mut both.solver, source, random.percent(20));
        coverage.paths += paths.arriving.len() + paths.blocked.len();
        let mut arrived: Vec<Request> = Vec::new();
        let mut stopped: Vec<Request> = Vec::new();
        let mut witnesses = 0;
        let mut dice = random.fork();
        let found = |request: &Request, trace: &WalkTrace| {
            coverage.way(&case.graph, trace);
            let kept = if trace.is_delivered(&case.graph) { &mut arrived } else { &mut stopped };
            match kept.len() < SEEDS {
                true => kept.push(request.clone()),
                false => kept[dice.below(SEEDS)] = request.clone(),
            }
            witnesses += 1;
        };
        both.witnesses(source, &paths, found).map_err(|(request, message)| Failure {
            source: name.clone(),
            request,
            message,
        })?;
        coverage.witnesses += witnesses;
        let sendable = both.solver.sets.witness(paths.sent);
        let sendable = sendable.map(|point| both.solver.layout.request(&point));
        for _ in 0..share {
            let mut request = draw(random, case, &words, sendable.as_ref(), &arrived, &stopped);
            for _ in 0..random.below(3) {
                if both.walker.can_send(source, &request) {
                    break;
                }
                request = draw(random, case, &words, sendable.as_ref(), &arrived, &stopped);
            }
            if random.percent(wanted.share()) {
                wanted.aim(random, &words, &case.graph, &mut request);
            }
            if random.percent(50) {
                uniform(&mut request, case);
            }
            let (fate, trace) = both.request(source, &paths, &request).map_err(|message| {
                Failure { source: name.clone(), request: Some(request.clone()), message }
            })?;
            coverage.request(&case.graph, source, fate, trace.as_ref());
            if fate != Fate::Unsendable {
                sample.push((name.clone(), request));
            }
        }
        for pool in [&arrived, &stopped] {
            let some = random.some(pool, WITNESSES.min(pool.len()), WITNESSES);
            let sent = some.into_iter().filter(|request| both.walker.can_send(source, request));
            sample.extend(sent.map(|request| (name.clone(), request)));
        }
    }
    random.shuffle(sample);
    Ok(coverage)
}

fn draw(
    random: &mut Random,
    case: &Case,
    words: &Vocabulary,
    sendable: Option<&Request>,
    arrived: &[Request],
    stopped: &[Request],
) -> Request {
    let graph = &case.graph;
    let any = words.request(random, graph);
    match random.below(100) {
        0..12 => any,
        12..35 => {
            // What the source decides stays, where it goes and what it says is drawn.
            let Some(sendable) = sendable else { return any };
            let mut request = Request {
                source: sendable.source,
                principal: sendable.principal,
                credential: sendable.credential,
                region: sendable.region.clone(),
                ..any
            };
            if random.percent(30) {
                words.mutate(random, graph, &mut request);
            }
            request
        }
        chance => {
            let pool = if chance < 80 && !arrived.is_empty() { arrived } else { stopped };
            if pool.is_empty() {
                return any;
            }
            let mut request = random.pick(pool).clone();
            for _ in 0..random.below(4) {
                words.mutate(random, graph, &mut request);
            }
            if random.percent(25) {
                words.content(random, &mut request);
            }
            request
        }
    }
}

/// Property five: with other ids and keys in another order, all is as before.
fn alike(
    document: &Node,
    case: &Case,
    sample: &[(String, Request)],
    random: &mut Random,
) -> Result<usize, Failure> {
    let text = rewritten(document, random).to_string();
    let fail = |source: &str, request: Option<&Request>, message: String| Failure {
        source: source.into(),
        request: request.cloned(),
        message: format!("rewritten: {message}\n{text}"),
    };
    let other = Case::read(&text).map_err(|message| fail("", None, message))?;
    let mut count = 0;
    for (name, request) in sample.iter().take(ALIKE) {
        let mut request = request.clone();
        uniform(&mut request, case);
        let Some(source) = case.source(name) else { continue };
        let Some(twin) = other.source(&renamed(name)) else {
            return Err(fail(name, None, "the source is gone".into()));
        };
        let Some(translation) = translated(&request, case, &other, renamed) else {
            return Err(fail(name, Some(&request), "the request has no translation".into()));
        };
        let before = portolan::internals::walk::walk_from(&case.graph, source, &request);
        let after = portolan::internals::walk::walk_from(&other.graph, twin, &translation);
        let (was, is) = (case.outcome(before.outcome), other.outcome(after.outcome));
        if renamed(&was) != is {
            let traces = format!("{}{}", case.trace(&before), other.trace(&after));
            let message = format!("{was} became {is}\n{traces}{}", other.request(&translation));
            return Err(fail(name, Some(&request), message));
        }
        if count == 0 {
            let fail = |message: String| fail(name, Some(&request), message);
            let was = questions::agree(case, name, &request).map_err(fail)?;
            let is = questions::agree(&other, &renamed(name), &translation).map_err(fail)?;
            if was != is {
                return Err(fail(format!("the verdict {was} became {is}")));
            }
        }
        count += 1;
    }
    Ok(count)
}

/// A smaller topology in which the engines disagree about the same request.
fn smaller(document: &Node, case: &Case, failure: &Failure) -> Option<String> {
    let request = failure.request.as_ref()?;
    let fails = |document: &Node| -> bool {
        let Ok(other) = Case::read(&document.to_string()) else { return false };
        let Some(source) = other.source(&failure.source) else { return false };
        let Some(request) = translated(request, case, &other, str::to_owned) else {
            return false;
        };
        let mut both = Both::new(&other);
        let paths: Paths = paths(&mut both.solver, source, false);
        both.request(source, &paths, &request).is_err()
            || both.witnesses(source, &paths, |_, _| {}).is_err()
    };
    let mut smallest = document.clone();
    if !fails(&smallest) {
        return None;
    }
    loop {
        let parts = smallest.parts();
        let mut part = 0;
        while part < smallest.parts() {
            let candidate = smallest.without(part);
            if fails(&candidate) {
                smallest = candidate;
            } else {
                part += 1;
            }
        }
        if smallest.parts() == parts {
            return Some(smallest.to_string());
        }
    }
}
