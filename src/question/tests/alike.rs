//! Sources that are solved as one fare as they do alone.

use std::sync::Arc;

use super::super::exposure::{self, Fare};
use super::super::{Model, alike, rows, selector};
use super::read;
use crate::graph::Options;
use crate::question::answer::CellState;
use crate::solve::{Extra, Layout, Solver};

/// A fare as a cell shows it.
fn shown(fare: &Fare) -> Fare {
    let refused = fare.state == Some(CellState::Refused);
    let mut shown = fare.clone();
    if !refused {
        shown.refusals.clear();
    }
    shown
}

#[test]
fn sources_of_a_group_fare_as_they_do_alone() {
    for seed in 1..=2 {
        let topology = read(&crate::estate::wired(60, seed));
        let model = Model::new(topology, Options::at(jiff::Timestamp::UNIX_EPOCH));
        let model = model.expect("nothing is assumed");
        let graph = &model.graph;
        let from = selector::sources(&model, &["service/*".into()]).expect("there are services");
        let groups = alike::groups(graph, &from);
        assert!(groups.len() < from.len() / 2, "{} of {}", groups.len(), from.len());
        let to: Vec<_> = selector::ends(graph)
            .into_iter()
            .filter(|end| graph.resource(*end).kind == "service")
            .collect();
        let layout = Arc::new(Layout::new(graph, &Extra::default()));
        let mut solver = Solver::within(graph, layout);
        let reaching = rows::reaching(graph, &to);
        let ends = exposure::ends(graph);
        let mut compared = 0;
        for group in groups.iter().filter(|group| group.len() > 1) {
            let members: Vec<_> = group.iter().map(|at| &from[*at]).collect();
            let together = alike::fares(&model, &mut solver, &members, &reaching, &ends);
            for (member, fares) in members.iter().zip(together.expect("they can be asked")) {
                let alone = exposure::fares(&model, &mut solver, member, &reaching, &ends);
                let alone = alone.expect("it can be asked");
                for end in &to {
                    let (one, other) = (fares.get(end).map(shown), alone.get(end).map(shown));
                    assert_eq!(one, other, "{} to {}", member.name, graph.resource(*end));
                    compared += 1;
                }
            }
        }
        assert!(compared > 1000, "only {compared} were compared");
    }
}
