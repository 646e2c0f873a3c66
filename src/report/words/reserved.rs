//! What no service ever gets: told once, and not with every path.

use std::collections::BTreeSet;

use super::Words;
use crate::graph::{Atom, Body, Expression, ExpressionId, HopKind, RuleVerdict, TextField};
use crate::question::answer::{Clause, Path, Requests};
use crate::rules::RuleId;
use crate::sets::{AxisValues, TextPiece};
use crate::topology::condition::TextTest;

/// Paths and methods that no service gets, as a request's clauses write them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    paths: BTreeSet<String>,
    methods: BTreeSet<String>,
}

/// What was left out of the requests of some paths.
#[derive(Debug, Default)]
pub struct LeftOut {
    all: Vec<Reserved>,
    rule: Option<RuleId>,
}

impl Words<'_> {
    /// The requests of a path but for what no service gets, which is noted to be told once.
    pub fn requests_but_reserved(self, path: &Path, left_out: &mut LeftOut) -> String {
        let gate = path.hops.iter().find(|hop| hop.kind == HopKind::ReservedPaths);
        let Some(gate) = gate.filter(|_| path.requests.single.is_none()) else {
            return self.requests(&path.requests);
        };
        let reserved = self.reserved(gate.id);
        let is_told = |clause: &&Clause| !self.says(clause, &reserved);
        let clauses: Vec<Clause> = path.requests.clauses.iter().filter(is_told).cloned().collect();
        if clauses.len() < path.requests.clauses.len() {
            left_out.rule = Some(gate.hop_rule);
            if !left_out.all.contains(&reserved) {
                left_out.all.push(reserved);
            }
        }
        self.requests(&Requests { clauses, single: None, witness: None })
    }

    /// What a gate refuses whoever asks: texts of the path and of the method.
    fn reserved(self, hop: crate::graph::HopId) -> Reserved {
        let mut reserved = Reserved::default();
        if let Body::Gate { list, .. } = &self.graph().hop(hop).body {
            for rule in &self.graph().list(*list).rules {
                if matches!(rule.then, RuleVerdict::Refuse(_)) {
                    self.gather(rule.when, &mut reserved);
                }
            }
        }
        reserved
    }

    fn gather(self, id: ExpressionId, reserved: &mut Reserved) {
        match self.graph().expressions.get(id) {
            Expression::Any(parts) => parts.iter().for_each(|part| self.gather(*part, reserved)),
            Expression::Atom(Atom::Text(field, matched)) => {
                let text = match &matched.test {
                    TextTest::Equals(text) => text.clone(),
                    TextTest::Prefix(text) => format!("{text}*"),
                    _ => return,
                };
                match field {
                    TextField::Path => reserved.paths.insert(text),
                    TextField::Method => reserved.methods.insert(text),
                    _ => return,
                };
            }
            _ => {}
        }
    }

    /// Whether a clause says no more than that requests are none of those that are reserved.
    fn says(self, clause: &Clause, reserved: &Reserved) -> bool {
        let Clause::Field(axis, AxisValues::TextExcept(pieces)) = clause else { return false };
        let text = |piece: &TextPiece| match piece {
            TextPiece::Exact(text) => Some(text.clone()),
            TextPiece::Prefix(text) => Some(format!("{text}*")),
            _ => None,
        };
        let texts: Option<BTreeSet<String>> = pieces.iter().map(text).collect();
        let own = match *axis {
            axis if axis == self.layout.path => &reserved.paths,
            axis if axis == self.layout.method => &reserved.methods,
            _ => return false,
        };
        texts.is_some_and(|texts| texts == *own)
    }
}

impl LeftOut {
    /// What was left out, as a sentence; nothing if nothing was.
    pub fn words(&self) -> Option<String> {
        let (first, rule) = (self.all.first()?, self.rule?);
        let common = |pick: fn(&Reserved) -> &BTreeSet<String>| -> Vec<&str> {
            let everywhere = |text: &&String| self.all.iter().all(|own| pick(own).contains(*text));
            pick(first).iter().filter(everywhere).map(String::as_str).collect()
        };
        let (paths, methods) = (common(|own| &own.paths), common(|own| &own.methods));
        let all: BTreeSet<&str> =
            self.all.iter().flat_map(|own| &own.paths).map(String::as_str).collect();
        let others: Vec<&str> = all.into_iter().filter(|path| !paths.contains(path)).collect();
        let others = match others.as_slice() {
            [] => String::new(),
            others => format!(" (on run.app also {})", others.join(", ")),
        };
        let (paths, methods) = (paths.join(", "), methods.join(", "));
        Some(format!(
            "Never delivered to a service, and not repeated above: path {paths}{others}; method \
             {methods} [{rule}]."
        ))
    }
}
