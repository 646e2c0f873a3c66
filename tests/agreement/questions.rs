//! What questions say of one request, against each other and against walking it in every world and
//! under every choice.

use portolan::Verdict;
use portolan::internals::graph::{AssumptionId, ChoiceId, Request};
use portolan::internals::question::{Only, RequestFilter, egress, reach, trace};
use portolan::internals::walk::Walker;

use crate::case::Case;

/// The most walks that a verdict is made from.
const WALKS: usize = 512;

/// Whether `reach`, `trace` and `egress` tell the same of a request, and the same as walks do. Says
/// what they tell.
pub fn agree(case: &Case, from: &str, request: &Request) -> Result<Verdict, String> {
    let fail = |error: portolan::AskError| error.message;
    let traced = trace::verdict_of(case, from, request).map_err(fail)?.verdict;
    let filter = RequestFilter {
        only: Some(Only { request: Box::new(request.clone()), destination: true }),
        ..RequestFilter::default()
    };
    let mut to: Vec<String> = Vec::new();
    for outcome in &case.graph.outcomes {
        if let portolan::internals::graph::Outcome::Delivered { to: end } = outcome {
            to.push(case.graph.resource(*end).to_string());
        }
    }
    to.sort();
    to.dedup();
    let parameters = reach::Parameters {
        from: vec![from.into()],
        to,
        filter: filter.clone(),
        ..reach::Parameters::default()
    };
    let reached = reach::ask(case, &parameters).map_err(fail)?.verdict();
    let parameters = egress::Parameters {
        from: from.into(),
        ip: Some(request.destination),
        filter,
        ..egress::Parameters::default()
    };
    // What stands for an address that is not known cannot be asked for.
    let seen = egress::ask(case, &parameters).ok().and_then(|answer| answer.verdict());
    let walked = walked(case, from, request);
    let all = [Some(traced), reached, seen.or(Some(traced)), walked.or(Some(traced))];
    if all.iter().any(|verdict| *verdict != Some(traced)) {
        return Err(format!(
            "trace says {traced}, reach {reached:?}, egress {seen:?}, walking it {walked:?}"
        ));
    }
    Ok(traced)
}

/// The verdict by the letter of its definition; nothing if that takes too many walks.
fn walked(case: &Case, from: &str, request: &Request) -> Option<Verdict> {
    let graph = &case.graph;
    let source = case.source(from)?;
    let walker = Walker::new(graph);
    let mut base = request.clone();
    base.assumptions = graph
        .assumptions
        .iter()
        .enumerate()
        .map(|(at, each)| {
            let own = request.assumptions.get(at).copied();
            own.unwrap_or(each.default.unwrap_or(false))
        })
        .collect();
    base.choices = vec![0; graph.choices.len()];
    // What matters: all that is met by trying all that was met.
    let (mut assumptions, mut choices) = (asked_to_send(case, source), Vec::new());
    loop {
        let (mut more_assumptions, mut more_choices) = (assumptions.clone(), choices.clone());
        for (request, _) in worlds(case, &base, &assumptions, &choices)? {
            let trace = walker.walk_from(source, &request);
            more_assumptions.extend(trace.consulted.iter().map(|(id, _)| *id));
            more_choices.extend(trace.choices.iter().map(|(id, _)| *id));
        }
        more_assumptions.sort_unstable();
        more_assumptions.dedup();
        more_choices.sort_unstable();
        more_choices.dedup();
        if more_assumptions == assumptions && more_choices == choices {
            break;
        }
        (assumptions, choices) = (more_assumptions, more_choices);
    }
    // In each world: under how many choices it arrives, of how many.
    let per_world = worlds(case, &base, &[], &choices)?.len();
    let mut arrived: Vec<usize> = Vec::new();
    for (request, world) in worlds(case, &base, &assumptions, &choices)? {
        if arrived.len() <= world {
            arrived.resize(world + 1, 0);
        }
        let arrives = walker.can_send(source, &request)
            && walker.walk_from(source, &request).is_delivered(graph);
        arrived[world] += usize::from(arrives);
    }
    Some(if arrived.iter().all(|count| *count == per_world) {
        Verdict::Yes
    } else if arrived.iter().all(|count| *count == 0) {
        Verdict::No
    } else if arrived.iter().all(|count| *count > 0) {
        Verdict::Sometimes
    } else {
        Verdict::Depends
    })
}

/// Assumptions on which it rests whether the source can send something.
fn asked_to_send(case: &Case, source: &portolan::internals::graph::Source) -> Vec<AssumptionId> {
    let mut assumptions = Vec::new();
    let mut open = vec![source.requests];
    while let Some(id) = open.pop() {
        use portolan::internals::graph::{Atom, Expression};
        match case.graph.expressions.get(id) {
            Expression::Not(part) => open.push(*part),
            Expression::All(parts) | Expression::Any(parts) => open.extend(parts),
            Expression::Atom(Atom::Assumption(id)) => assumptions.push(*id),
            _ => {}
        }
    }
    assumptions.sort_unstable();
    assumptions.dedup();
    assumptions
}

/// A request in every world and under every choice, with the number of its world.
fn worlds(
    case: &Case,
    base: &Request,
    assumptions: &[AssumptionId],
    choices: &[ChoiceId],
) -> Option<Vec<(Request, usize)>> {
    let mut all = vec![(base.clone(), 0)];
    for (at, id) in assumptions.iter().enumerate() {
        let mut next = Vec::with_capacity(all.len() * 2);
        for (request, world) in all {
            for value in [false, true] {
                let mut request = request.clone();
                request.assumptions[id.0 as usize] = value;
                next.push((request, world | usize::from(value) << at));
            }
        }
        all = next;
        if all.len() > WALKS {
            return None;
        }
    }
    for id in choices {
        let branches = case.graph.choice(*id).branches.len() as u32;
        let mut next = Vec::with_capacity(all.len() * branches as usize);
        for (request, world) in all {
            for branch in 0..branches {
                let mut request = request.clone();
                request.choices[id.0 as usize] = branch;
                next.push((request, world));
            }
        }
        all = next;
        if all.len() > WALKS {
            return None;
        }
    }
    Some(all)
}
