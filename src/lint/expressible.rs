//! What the space of requests can express.
//!
//! Its texts are those that a plain request has: a path of the characters of a URL, a method of
//! capital letters. A rule against anything else, say a byte that is no character, looks as if it
//! matched nothing, and its opposite as if it matched everything. No finding may rest on those.

use crate::graph::{Atom, Expression, ExpressionId, TextField, TextMatch};
use crate::sets::Set;
use crate::solve::{Current, Solver};
use crate::topology::condition::TextTest;

/// Whether the set of an expression is all that the expression is about.
pub(super) fn is_expressible(solver: &mut Solver<'_>, id: ExpressionId, current: &Current) -> bool {
    let graph = solver.graph;
    match graph.expressions.get(id) {
        Expression::True | Expression::False => true,
        Expression::Not(part) => is_expressible(solver, *part, current),
        Expression::All(parts) | Expression::Any(parts) => {
            parts.iter().all(|part| is_expressible(solver, *part, current))
        }
        Expression::Atom(Atom::Text(field, matched)) => {
            let set = solver.express(id, current);
            if solver.sets.is_empty(set) {
                never(field, matched)
            } else if solver.sets.equal(set, Set::FULL) {
                !matches!(matched.test, TextTest::Matches(_))
            } else {
                true
            }
        }
        Expression::Atom(_) => true,
    }
}

/// Whether a text that is in no request of the space is in none at all: a path that does not
/// begin with `/`, or has a query in it.
fn never(field: &TextField, matched: &TextMatch) -> bool {
    let text = match &matched.test {
        TextTest::Equals(text)
        | TextTest::Prefix(text)
        | TextTest::Suffix(text)
        | TextTest::Contains(text) => text,
        TextTest::Matches(_) => return false,
    };
    matches!(field, TextField::Path | TextField::Query)
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
