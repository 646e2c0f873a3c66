//! Sources that are followed together leave as they do alone.

use super::super::egress;
use super::model;
use crate::solve::{Extra, Layout, Solver};

#[test]
fn sources_leave_together_as_they_do_alone() {
    let model = model(&crate::estate::wired(60, 3));
    let layout = Layout::new(&model.graph, &Extra::default());
    let mut solver = Solver::within(&model.graph, layout.into());
    let mut ask = |from: &str| {
        let parameters = egress::Parameters { from: from.into(), ..Default::default() };
        egress::solve(&model, &mut solver, &parameters).expect("it can be asked")
    };
    let (from, together) = ask("service/*");
    let mut compared = 0;
    for (at, service) in from.iter().enumerate() {
        let (_, alone) = ask(&service.name(&model.graph));
        let told = |way: &egress::Way| {
            let row = &way.row;
            let blocks: Vec<_> = row
                .blocks
                .iter()
                .map(|block| (block.hop, block.all, block.outcomes.clone()))
                .collect();
            (row.to, row.entry, row.outcome, way.address, row.requests, row.hops.clone(), blocks)
        };
        let alone: Vec<_> = alone.iter().map(told).collect();
        let together: Vec<_> = together.iter().filter(|way| way.row.from == at).map(told).collect();
        assert_eq!(together, alone, "{}", service.name(&model.graph));
        compared += alone.len();
    }
    assert!(compared > 500, "only {compared} ways were compared");
}
