//! Whether a result rests on assumptions.

use std::collections::VecDeque;

use super::trace::Trace;
use super::walker::Walker;
use crate::graph::{Assumed, AssumptionId, Graph, HopId, Origin, Request, Source};

/// The most combinations of assumptions that are tried.
pub const COMBINATIONS: usize = 256;

/// What a result rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The result is this, whatever the assumptions.
    Always(bool),
    /// It depends on these, in their order: for each there is a combination of the others in
    /// which it alone flips the result. Where more than [`COMBINATIONS`] would have to be tried
    /// and those that were agree, all that were consulted.
    Depends(Vec<AssumptionId>),
}

/// Whether a request of a source arrives under all, none or some assumptions; see
/// [`Walker::decide`].
pub fn decide(graph: &Graph, source: &Source, request: &Request) -> Settled {
    let arrives = |trace: &Trace| trace.is_delivered(graph);
    Walker::new(graph).decide(source.start, source.origin, request, arrives)
}

/// A combination that was tried: what was consulted with which value, and the result. All
/// combinations that agree with it on these have the same result.
struct Tried {
    consulted: Vec<(AssumptionId, bool)>,
    result: bool,
}

impl Walker<'_> {
    /// Walks with every combination of the assumptions that matter, and says whether `holds` is
    /// the same of all the traces.
    ///
    /// The first walk uses the request's own values.
    pub fn decide(
        &self,
        start: HopId,
        origin: Origin,
        request: &Request,
        holds: impl Fn(&Trace) -> bool,
    ) -> Settled {
        let mut request = request.clone();
        let known = self.graph().assumptions.len();
        for index in request.assumptions.len()..known {
            let value = self.assumed(&request, AssumptionId(index as u32));
            request.assumptions.push(value);
        }
        let original = request.assumptions.clone();

        // A walk that consults a, b, c speaks for all combinations with the same a, b, c. What is
        // left has another a; or the same a and another b; or the same a and b and another c.
        // Breadth first, so that each single flip comes before any pair.
        let mut tried: Vec<Tried> = Vec::new();
        let mut open: VecDeque<Vec<Assumed>> = VecDeque::from([Vec::new()]);
        while let Some(values) = open.pop_front() {
            if tried.len() == COMBINATIONS {
                open.push_front(values);
                break;
            }
            request.assumptions.clone_from(&original);
            for (assumption, value) in &values {
                set(&mut request, *assumption, *value);
            }
            let trace = self.walk(start, origin, &request);
            let result = holds(&trace);
            let mut consulted = values.clone();
            for (assumption, value) in trace.consulted {
                let is = |(other, _): &Assumed| *other == assumption;
                if !consulted.iter().any(is) {
                    let mut other = consulted.clone();
                    other.push((assumption, !value));
                    open.push_back(other);
                    consulted.push((assumption, value));
                }
            }
            tried.push(Tried { consulted, result });
        }

        let flips = flipping(&tried);
        match tried.first() {
            Some(first) if flips.is_empty() && open.is_empty() => Settled::Always(first.result),
            _ if flips.is_empty() => Settled::Depends(consulted(&tried)),
            _ => Settled::Depends(flips),
        }
    }
}

fn set(request: &mut Request, assumption: AssumptionId, value: bool) {
    if let Some(slot) = request.assumptions.get_mut(assumption.0 as usize) {
        *slot = value;
    }
}

/// The assumptions that alone tell apart two combinations with different results.
fn flipping(tried: &[Tried]) -> Vec<AssumptionId> {
    let mut flips = Vec::new();
    for (index, one) in tried.iter().enumerate() {
        for other in tried[..index].iter().filter(|other| other.result != one.result) {
            let mut differ = one
                .consulted
                .iter()
                .filter(|(assumption, value)| other.consulted.contains(&(*assumption, !value)));
            if let (Some((assumption, _)), None) = (differ.next(), differ.next())
                && !flips.contains(assumption)
            {
                flips.push(*assumption);
            }
        }
    }
    flips.sort_unstable();
    flips
}

fn consulted(tried: &[Tried]) -> Vec<AssumptionId> {
    let mut all: Vec<_> = tried.iter().flat_map(|one| &one.consulted).map(|(id, _)| *id).collect();
    all.sort_unstable();
    all.dedup();
    all
}
