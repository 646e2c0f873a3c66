//! Caller classes: how those who send fare at one destination, as far as it tells them apart.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::SolvedCell;
use super::solver::ExposureSolver;
use super::suffix::ProjectedSuffixes;
use crate::graph::identity::Identities;
use crate::graph::{AssumptionId, EntryId, OutcomeId};
use crate::question::answer::CellState;
use crate::question::verdict;
use crate::sets::Set;
use crate::solve::{FxMap, Solver};

/// Principals, as ascending runs of classes: the first, and the one behind the last.
#[derive(Debug)]
pub(super) struct PrincipalSet {
    number: usize,
    runs: Vec<(u32, u32)>,
    count: u32,
    /// Those that are in it though any account is not, or the other way round.
    unlike_any_account: Vec<(u32, u32)>,
}

impl PrincipalSet {
    pub fn number(&self) -> usize {
        self.number
    }

    fn contains(&self, class: u32) -> bool {
        let behind = self.runs.partition_point(|(from, _)| *from <= class);
        behind > 0 && class < self.runs[behind - 1].1
    }

    /// Whether they have one in common.
    fn meet(&self, other: &PrincipalSet) -> bool {
        self.both(other).next().is_some()
    }

    /// The runs of those in both.
    fn both<'a>(&'a self, other: &'a PrincipalSet) -> impl Iterator<Item = (u32, u32)> + 'a {
        common(&self.runs, &other.runs)
    }
}

/// What of projected suffixes arrives and what is refused, by principals.
pub(super) struct SuffixSummary {
    entries: Vec<(Option<EntryId>, Rc<PrincipalSet>)>,
    gates: Vec<SummaryGate>,
    /// Whose requests arrive by default.
    arriving: Rc<PrincipalSet>,
    /// What arrives, whatever is assumed.
    all: Set,
    assumed: Rc<[AssumptionId]>,
    /// Principals that may fare otherwise than any account does.
    apart: Vec<(u32, u32)>,
    /// How callers fare that are like any others, by who is among them.
    plain: [Cell<Option<Option<u32>>>; 8],
    known: RefCell<FxMap<CallerClass, Option<u32>>>,
}

/// Whose requests pass a gate, and whose it refuses, by outcome.
type SummaryGate = (Rc<PrincipalSet>, Vec<(OutcomeId, Rc<PrincipalSet>)>);

/// Callers as far as a summary tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CallerClass {
    anonymous: bool,
    any_account: bool,
    /// Accounts that fare as any does.
    others: bool,
    apart: Vec<(u32, u32)>,
    /// The callers themselves, where the cell names them.
    own: Option<usize>,
}

impl ExposureSolver<'_> {
    pub(super) fn classes(&mut self, set: Set) -> Rc<PrincipalSet> {
        if let Some(known) = self.classes.get(&set) {
            return Rc::clone(known);
        }
        let Solver { layout, sets, .. } = &mut self.solver;
        let runs = sets.value_runs(set, layout.principal);
        let count = runs.iter().map(|(from, until)| until - from).sum();
        let all = self.model.graph.identities.principals().len() as u32;
        let unlike_any_account = unlike_any_account(&runs, all);
        let number = self.classes.len();
        let classes = Rc::new(PrincipalSet { number, runs, count, unlike_any_account });
        self.classes.insert(set, Rc::clone(&classes));
        classes
    }

    fn assumed(&mut self, set: Set) -> Rc<[AssumptionId]> {
        if let Some(known) = self.assumed.get(&set) {
            return Rc::clone(known);
        }
        let found = verdict::assumptions_in(&self.solver.layout, &self.solver.sets, &[set]);
        let found: Rc<[AssumptionId]> = found.into();
        self.assumed.insert(set, Rc::clone(&found));
        found
    }

    /// What some requests become at one destination.
    pub(super) fn summary(&mut self, suffixes: &ProjectedSuffixes) -> Rc<SuffixSummary> {
        let key: Vec<_> =
            suffixes.iter().map(|(entry, projected)| (*entry, projected.number)).collect();
        if let Some(known) = self.summaries.get(&key) {
            return Rc::clone(known);
        }
        let arrived = suffixes.iter().flat_map(|(before, projected)| {
            projected.arrived.iter().map(|(entry, set)| (entry.or(*before), *set))
        });
        let arrived: Vec<(Option<EntryId>, Set)> = arrived.collect();
        let sets: Vec<Set> = arrived.iter().map(|(_, set)| *set).collect();
        let all = self.solver.sets.or_all(&sets);
        let assumed = self.assumed(all);
        // A cell says what holds by default; its assumptions say what would change it.
        let by_default = if assumed.is_empty() {
            all
        } else {
            let Solver { layout, sets, .. } = &mut self.solver;
            verdict::default_world(&self.model.graph, layout, sets, all)
        };
        let arriving = self.classes(by_default);
        let entries: Vec<(Option<EntryId>, Rc<PrincipalSet>)> =
            arrived.into_iter().map(|(entry, set)| (entry, self.classes(set))).collect();
        let gates: Vec<SummaryGate> = suffixes
            .iter()
            .flat_map(|(_, projected)| &projected.gates)
            .map(|(passing, refused)| {
                let refused = refused.iter().map(|(outcome, set)| (*outcome, self.classes(*set)));
                let refused = refused.collect();
                (self.classes(*passing), refused)
            })
            .collect();
        let distinguished = entries.iter().map(|(_, who)| who).chain([&arriving]);
        let distinguished = distinguished.chain(gates.iter().flat_map(|(passing, refused)| {
            std::iter::once(passing).chain(refused.iter().map(|(_, who)| who))
        }));
        let mut unlike: Vec<(u32, u32)> =
            distinguished.flat_map(|who| who.unlike_any_account.iter().copied()).collect();
        unlike.sort_unstable();
        let mut apart: Vec<(u32, u32)> = Vec::new();
        for (from, until) in unlike {
            match apart.last_mut() {
                Some((_, end)) if from <= *end => *end = until.max(*end),
                _ => apart.push((from, until)),
            }
        }
        let known = RefCell::default();
        let plain = Default::default();
        let summary = SuffixSummary { entries, gates, arriving, all, assumed, apart, plain, known };
        let summary = Rc::new(summary);
        self.summaries.insert(key, Rc::clone(&summary));
        summary
    }

    /// How callers fare; `None` if nothing of them comes there.
    pub(super) fn cell(&mut self, summary: &SuffixSummary, own: &PrincipalSet) -> Option<u32> {
        let anonymous = own.contains(Identities::ANONYMOUS);
        let any_account = own.contains(Identities::ANY_ACCOUNT);
        let apart: Vec<(u32, u32)> = common(&own.runs, &summary.apart).collect();
        let distinguished: u32 = apart.iter().map(|(from, until)| until - from).sum();
        let others = own.count > distinguished + u32::from(anonymous) + u32::from(any_account);
        // Accounts are named where they get in and others do not, and assumptions are those of the
        // callers' own requests.
        let open = anonymous && summary.arriving.contains(Identities::ANONYMOUS);
        let named = others && !open && summary.arriving.contains(Identities::ANY_ACCOUNT);
        let own_number = (named || !summary.assumed.is_empty()).then_some(own.number);
        // Most callers are like any others.
        let plain = (apart.is_empty() && own_number.is_none()).then_some(
            usize::from(anonymous) + 2 * usize::from(any_account) + 4 * usize::from(others),
        );
        if let Some(plain) = plain {
            if let Some(known) = summary.plain[plain].get() {
                return known;
            }
            let number = self.solved_cell(summary, own).map(|cell| self.cells.number(cell));
            summary.plain[plain].set(Some(number));
            return number;
        }
        let caller = CallerClass { apart, own: own_number, anonymous, any_account, others };
        if let Some(known) = summary.known.borrow().get(&caller) {
            return *known;
        }
        let number = self.solved_cell(summary, own).map(|cell| self.cells.number(cell));
        summary.known.borrow_mut().insert(caller, number);
        number
    }

    fn solved_cell(&mut self, summary: &SuffixSummary, own: &PrincipalSet) -> Option<SolvedCell> {
        let SuffixSummary { entries, gates, arriving, all, assumed, .. } = summary;
        let mut cell = SolvedCell::default();
        let mut arrives = false;
        for (entry, who) in entries {
            if own.meet(who) {
                arrives = true;
                cell.entries.extend(*entry);
            }
        }
        // Causes are named only of what is refused as a whole.
        for (passing, refused) in gates {
            if !arrives && !own.meet(passing) {
                let stopped = refused.iter().filter(|(_, who)| own.meet(who));
                cell.refusals.extend(stopped.map(|(outcome, _)| *outcome));
            }
        }
        if !arrives && cell.refusals.is_empty() {
            return None;
        }
        (cell.can, cell.must) = (arrives, arrives);
        let both = |class: u32| own.contains(class) && arriving.contains(class);
        let state = if both(Identities::ANONYMOUS) {
            CellState::Open
        } else if both(Identities::ANY_ACCOUNT) {
            CellState::AnyAccount
        } else if own.meet(arriving) {
            CellState::Named
        } else {
            CellState::Refused
        };
        cell.state = Some(state);
        if state == CellState::Named {
            let names = self.model.graph.identities.principals();
            let classes = own.both(arriving).flat_map(|(from, until)| from..until);
            cell.named = classes.map(|class| names[class as usize].name()).collect();
        }
        if !assumed.is_empty() {
            // Which of them concern these callers is only to be seen in their own part.
            let axis = self.solver.layout.principal;
            let classes: Vec<u32> =
                own.runs.iter().flat_map(|(from, until)| *from..*until).collect();
            let mine = self.solver.sets.one_of(axis, &classes);
            let mine = self.solver.sets.and(*all, mine.unwrap_or(Set::EMPTY));
            cell.assumptions = self.assumed(mine).iter().map(|id| id.0).collect();
            cell.must = self.solver.sets.project_out(mine, &[axis]) == Set::FULL;
        }
        cell.entries.sort_unstable();
        cell.entries.dedup();
        cell.refusals.sort_unstable();
        cell.refusals.dedup();
        Some(cell)
    }
}

/// Of all principals those that are in some classes though any account is not, or the other way
/// round.
fn unlike_any_account(runs: &[(u32, u32)], count: u32) -> Vec<(u32, u32)> {
    let named = [Identities::ANONYMOUS, Identities::ANY_ACCOUNT];
    let has = |class: u32| runs.iter().any(|(from, until)| (*from..*until).contains(&class));
    let unlike: Vec<(u32, u32)> = if has(Identities::ANY_ACCOUNT) {
        let starts = std::iter::once(0).chain(runs.iter().map(|(_, until)| *until));
        starts.zip(runs.iter().map(|(from, _)| *from).chain([count])).collect()
    } else {
        runs.to_vec()
    };
    let rest = named.iter().max().map_or(0, |last| last + 1);
    let behind = unlike.into_iter().map(|(from, until)| (from.max(rest), until));
    behind.filter(|(from, until)| from < until).collect()
}

/// The runs of what is in both.
fn common<'a>(
    one: &'a [(u32, u32)],
    other: &'a [(u32, u32)],
) -> impl Iterator<Item = (u32, u32)> + 'a {
    let (mut left, mut right) = (0, 0);
    std::iter::from_fn(move || {
        loop {
            let (from, until) = *one.get(left)?;
            let (start, end) = *other.get(right)?;
            if until <= end {
                left += 1;
            } else {
                right += 1;
            }
            if from.max(start) < until.min(end) {
                return Some((from.max(start), until.min(end)));
            }
        }
    })
}
