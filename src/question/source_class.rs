//! Sources that differ only in who they send as: services that leave by the same way. They are
//! solved as one, and told apart by the principals of what arrives.

use super::selector::SelectedSender;
use crate::graph::{Body, ExpressionId, Graph, HopId, Origin, ResourceId, ResourceKind, Source};
use crate::solve::FxMap;

/// Groups the places of sources that may be solved as one.
pub fn groups(graph: &Graph, from: &[SelectedSender]) -> Vec<Vec<usize>> {
    let mut classes = HopClasses { graph, known: FxMap::default() };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut index: FxMap<(u64, Origin, ExpressionId), usize> = FxMap::default();
    for (at, each) in from.iter().enumerate() {
        let source = &graph.sources[each.source];
        let workload = matches!(
            graph.resource(source.resource).kind,
            ResourceKind::Service | ResourceKind::Job | ResourceKind::WorkerPool
        );
        if !workload || each.principal.is_some() {
            groups.push(vec![at]);
            continue;
        }
        let class = classes.of(source.start, source.resource);
        let next = groups.len();
        let group = *index.entry((class, source.origin, source.others)).or_insert(next);
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// The own hops of one source, with those of another that leaves by the same way.
pub fn counterparts(graph: &Graph, one: &Source, other: &Source) -> FxMap<HopId, HopId> {
    let mut pairs = FxMap::default();
    let mut rest = vec![(one.start, other.start)];
    while let Some((here, there)) = rest.pop() {
        let (here_body, there_body) = (graph.hop(here), graph.hop(there));
        if here_body.resource != one.resource || pairs.insert(here, there).is_some() {
            continue;
        }
        let next = here_body.body.successors().into_iter();
        rest.extend(next.zip(there_body.body.successors()));
    }
    pairs
}

/// Hops of sources by what they do, whoever's they are.
struct HopClasses<'g> {
    graph: &'g Graph,
    known: FxMap<String, u64>,
}

impl HopClasses<'_> {
    /// Equal for hops at which the same happens. Hops of other resources are only like themselves.
    fn of(&mut self, hop: HopId, own: ResourceId) -> u64 {
        let here = self.graph.hop(hop);
        if here.resource != own {
            return hop.index() as u64;
        }
        let next: Vec<u64> =
            here.body.successors().into_iter().map(|next| self.of(next, own)).collect();
        let what = match &here.body {
            Body::Gate { list, .. } => format!("gate {}", list.0),
            Body::Rewrite { changes, .. } => format!("rewrite {changes:?}"),
            Body::Choice { choice, .. } => format!("choice {}", choice.0),
            Body::Terminal(outcome) => format!("end {}", outcome.0),
            Body::Switch(switch) => {
                let mut text = String::new();
                match switch {
                    crate::graph::Switch::Destination { ranges, .. } => {
                        for (range, _) in ranges {
                            text.push_str(&format!("{range} "));
                        }
                    }
                    crate::graph::Switch::FirstMatch { branches, .. } => {
                        for (when, _) in branches {
                            text.push_str(&format!("{} ", when.0));
                        }
                    }
                    // No hop of a sender chooses by name or path.
                    _ => return hop.index() as u64,
                }
                format!("switch {text}")
            }
        };
        // Above every index of a hop.
        let fresh = (1 << 32) + self.known.len() as u64;
        *self.known.entry(format!("{what} {next:?}")).or_insert(fresh)
    }
}
