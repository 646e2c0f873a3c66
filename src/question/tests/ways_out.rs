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
        let compared_by = |way: &egress::EgressWay| {
            let class = &way.class;
            let blocks: Vec<_> = class
                .blocks
                .iter()
                .map(|block| (block.hop, block.all, block.outcomes.clone()))
                .collect();
            (
                class.to,
                class.entry,
                class.outcome,
                way.address,
                class.requests,
                class.hops.clone(),
                blocks,
            )
        };
        let alone: Vec<_> = alone.iter().map(compared_by).collect();
        let together: Vec<_> =
            together.iter().filter(|way| way.class.from == at).map(compared_by).collect();
        assert_eq!(together, alone, "{}", service.name(&model.graph));
        compared += alone.len();
    }
    assert!(compared > 500, "only {compared} ways were compared");
}
