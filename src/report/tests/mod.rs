//! What answers say: a change of words is seen as a change of a snapshot (`src/report/snapshots`;
//! `INSTA_UPDATE=always cargo test --lib report` writes them).

mod completeness;
mod json;
mod text;
mod topologies;

use crate::question::AskError;
use crate::question::answer::Answer;
use crate::testing::model;

/// Names as a question takes them.
fn names<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// A question that can be asked.
fn asked<'a>(answer: Result<Answer<'a>, AskError>) -> Answer<'a> {
    answer.expect("it can be asked")
}
