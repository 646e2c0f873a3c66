//! Sources that are solved together fare as they do alone, followed to every end.

use std::sync::Arc;

use hashbrown::HashMap;

use super::super::exposure::ExposureSolver;
use super::super::exposure::{self, End, SolvedCell};
use super::super::selector::SelectedSender;
use super::super::{Model, RequestFilter, describe, requests, selector, source_class, verdict};
use super::model;
use crate::graph::identity::Identities;
use crate::graph::{Body, Outcome, OutcomeId, ResourceId, ResourceKind};
use crate::question::answer::{CellState, Sender};
use crate::sets::Set;
use crate::solve::{Extra, Flow, Layout, Mode, Reaching, Solver, Standing, Visitor};

/// Gathers what arrives at each service, and what stops the rest.
struct ArrivalVisitor<'e> {
    ends: &'e [End],
    sets: HashMap<ResourceId, Set>,
    cells: HashMap<ResourceId, SolvedCell>,
}

impl Visitor for ArrivalVisitor<'_> {
    fn arrived(&mut self, solver: &mut Solver<'_>, flow: &Flow<'_>) {
        let Outcome::Delivered { to } = *solver.graph.outcome(flow.outcome) else { return };
        let cell = self.cells.entry(to).or_default();
        cell.entries.extend(flow.entry);
        let set = self.sets.entry(to).or_insert(Set::EMPTY);
        *set = solver.sets.or(*set, flow.passing);
    }

    fn stopped(&mut self, solver: &mut Solver<'_>, gate: &Standing<'_>) {
        let End::At(to) = self.ends[gate.hop.index()] else { return };
        let Body::Gate { list, .. } = &solver.graph.hop(gate.hop).body else { return };
        // Causes are named only of what is refused as a whole.
        if self.sets.contains_key(&to) {
            return;
        }
        let refused: Vec<OutcomeId> = solver
            .refusals(*list, gate.current)
            .into_iter()
            .filter(|(_, requests)| solver.sets.intersects(gate.requests, *requests))
            .map(|(outcome, _)| outcome)
            .collect();
        self.cells.entry(to).or_default().refusals.extend(refused);
    }
}

/// How one source fares everywhere.
fn cells(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &SelectedSender,
    reaching: &Reaching,
    ends: &[End],
) -> HashMap<ResourceId, SolvedCell> {
    let graph = &model.graph;
    let requests =
        requests::asked(model, solver, from, &RequestFilter::default()).expect("it can be asked");
    let source = &graph.sources[from.source];
    let mut gather = ArrivalVisitor { ends, sets: HashMap::default(), cells: HashMap::default() };
    solver.flow(source, requests, Mode::Arriving, reaching.clone(), &mut gather);
    let ArrivalVisitor { sets, mut cells, .. } = gather;
    for (to, cell) in &mut cells {
        let set = sets.get(to).copied().unwrap_or(Set::EMPTY);
        let all = set;
        // A cell says what holds by default; its assumptions say what would change it.
        let set = verdict::default_world(graph, &solver.layout, &mut solver.sets, all);
        let within = |solver: &mut Solver<'_>, class: u32| {
            let axis = solver.layout.principal;
            let Ok(class) = solver.sets.one_of(axis, &[class]) else { return false };
            solver.sets.intersects(set, class)
        };
        cell.state = Some(if set == Set::EMPTY {
            CellState::Refused
        } else if within(solver, Identities::ANONYMOUS) {
            CellState::Open
        } else if within(solver, Identities::ANY_ACCOUNT) {
            CellState::AnyAccount
        } else {
            CellState::Named
        });
        if cell.state == Some(CellState::Named) {
            let Solver { layout, sets, .. } = &mut *solver;
            cell.named = describe::principals(graph, layout, sets, set).named;
        }
        // Cells say who gets in under which assumptions, and nothing else.
        let mut out = solver.sets.support(all);
        out.retain(|axis| {
            let layout = &solver.layout;
            *axis != layout.principal && layout.assumptions.binary_search(axis).is_err()
        });
        let projected = solver.sets.project_out(all, &out);
        let assumptions = verdict::assumptions_in(&solver.layout, &solver.sets, &[projected]);
        cell.assumptions = assumptions.into_iter().map(|id| id.0).collect();
        cell.can = !solver.sets.is_empty(projected);
        let who = [solver.layout.principal];
        cell.must = solver.sets.project_out(projected, &who) == Set::FULL;
        cell.entries.sort_unstable();
        cell.entries.dedup();
        cell.refusals.sort_unstable();
        cell.refusals.dedup();
    }
    cells
}

/// A cell as the table shows it.
fn shown(cell: &SolvedCell) -> SolvedCell {
    let refused = cell.state == Some(CellState::Refused);
    // Of what arrives nowhere it does not matter what it rests on.
    let mut shown = cell.clone();
    shown.must &= cell.can;
    if !refused {
        shown.refusals.clear();
    }
    shown
}

#[test]
fn sources_fare_together_as_they_do_alone() {
    for seed in 1..=2 {
        let model = model(&crate::estate::wired(60, seed));
        let graph = &model.graph;
        let sources = graph.sources.iter().enumerate();
        let from: Vec<SelectedSender> = sources
            .map(|(source, each)| {
                let sender = Sender::Resource(each.resource);
                SelectedSender { source, principal: None, sender }
            })
            .collect();
        let groups = source_class::groups(graph, &from);
        assert!(groups.len() < from.len() / 2, "{} of {}", groups.len(), from.len());
        let to: Vec<_> = selector::ends(graph)
            .into_iter()
            .filter(|end| graph.resource(*end).kind == ResourceKind::Service)
            .collect();
        let layout = Arc::new(Layout::new(graph, &Extra::default()));
        let mut alone = Solver::within(graph, Arc::clone(&layout));
        let reaching = selector::reaching(graph, &to);
        let ends = exposure::ends(graph);
        let together = Solver::within(graph, layout);
        let mut together = ExposureSolver::new(&model, together, &reaching, &ends);
        let mut compared = 0;
        for group in groups {
            let members: Vec<_> = group.iter().map(|at| &from[*at]).collect();
            let columns = together.columns_apart(&members).expect("they can be asked");
            let all = together.column_together(&members).expect("they can be asked");
            if let [column] = columns.as_slice() {
                assert_eq!(&all, column, "{} by itself", members[0].name(graph));
            }
            // What one of them can do, they can together.
            for (to, number) in columns.iter().flatten() {
                let own = together.cells.list[*number as usize].state;
                let at = all.binary_search_by_key(to, |(other, _)| *other).expect("it is there");
                let state = together.cells.list[all[at].1 as usize].state;
                assert!(state <= own, "{state:?} together, {own:?} alone");
            }
            for (member, column) in members.iter().zip(columns) {
                let alone = cells(&model, &mut alone, member, &reaching, &ends);
                let column: HashMap<ResourceId, u32> = column.into_iter().collect();
                for end in &to {
                    let cell =
                        column.get(end).map(|number| shown(&together.cells.list[*number as usize]));
                    let alone = alone.get(end).map(shown);
                    assert_eq!(cell, alone, "{} to {}", member.name(graph), graph.resource(*end));
                    compared += 1;
                }
            }
        }
        assert!(compared > 1000, "only {compared} were compared");
    }
}
