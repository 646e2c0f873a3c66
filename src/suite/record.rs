//! The records of expectation files: what each key means.

use std::net::IpAddr;

use schemars::{Schema, SchemaGenerator, json_schema};

use super::name::{CallerName, Code, PlaceName, ReplyStep, SenderName};
use crate::graph::{Cause, Entry, Resource};
use crate::question::answer::{
    AddressCause, CauseDirection, CellState, GuardState, OutcomeKind, Stability, Verdict,
};
use crate::rules::RuleId;
use crate::source::Span;
use crate::source::tree::Node;
use crate::topology::record::{
    Decode, Decoder, Form, Part, Show, Showing, Shown, Spanned, View, ViewMut, record, replace,
};

record! {
    /// A documented case: a small topology, and the answers that the documents give to questions
    /// about it.
    pub struct Case {
        /// The rules that it shows. An answer rests on each, or `tests/mutants.yaml` names the
        /// mistake in the code that the case notices.
        pub rules: Vec<Spanned<RuleId>>,
        /// What it shows, for people.
        pub shows: Spanned<String>,
        /// The topology as a text.
        pub topology: Spanned<String>,
        /// The questions with their answers.
        pub questions: Vec<Expectation>,
    }
}

record! {
    /// A question, and what its answer must say. What is left out is not compared.
    pub struct Expectation: called "expectation" {
        /// The command as it is typed, without `portolan` and without the topology.
        pub ask: Spanned<String>,
        /// The verdict. Tables and `check` have none.
        pub verdict: Option<Spanned<Verdict>>,
        /// The paths: each that is given is one of these, and each of these is given.
        pub paths: Option<Spanned<Vec<ExpectedPath>>>,
        /// For `egress`, the addresses that the other side sees: all of them.
        pub addresses: Option<Spanned<Vec<ExpectedAddress>>>,
        /// Rules that the answer rests on, others besides: by a hop, the answer to a name, an
        /// address, a finding.
        pub rules: Vec<Spanned<RuleId>>,
        /// The ids of the assumptions that the verdict depends on: all of them.
        pub assumptions: Option<Spanned<Vec<Spanned<String>>>>,
        /// Whether the answer rests on something on which documents disagree.
        pub disputed: Option<Spanned<bool>>,
        /// Whether nothing is left out of account that could change the answer.
        pub complete: Option<Spanned<bool>>,
        /// For `trace`, what the reply passes on its way back, in order: resource and rule.
        pub reply: Option<Spanned<Vec<ReplyStep>>>,
        /// For `exposure`, some of its cells.
        pub cells: Vec<ExpectedCell>,
        /// The codes of findings that are told, others besides: of `check` about the topology, of
        /// questions about the question.
        pub findings: Vec<Spanned<Code>>,
        /// The codes of findings that are not told.
        pub absent: Vec<Spanned<Code>>,
        /// Why it is so, for people. It is not compared.
        pub note: Option<Spanned<String>>,
    }
}

record! {
    /// How requests end. It stands for every path that agrees in all that is given here.
    pub struct ExpectedPath: called "path" {
        /// The source.
        pub from: Option<SenderName>,
        /// The destination.
        pub to: Option<PlaceName>,
        /// By which way it is entered.
        pub entry: Option<Entry>,
        /// Whether requests arrive.
        pub outcome: Option<OutcomeKind>,
        /// Why they do not, or their replies.
        pub cause: Option<Cause>,
        /// Whether the request met the cause, or its reply.
        pub direction: Option<CauseDirection>,
        /// The status that the caller sees; `null` for none.
        pub status: Stated<u16>,
        /// Where a redirect points; `null` for nowhere.
        pub location: Stated<String>,
        /// For `bypass`, whether the guard is on the path.
        pub guard: Option<GuardState>,
        /// Who gets through, or is refused: all of them. Where any account is, named ones are not
        /// told.
        pub principals: Option<Vec<CallerName>>,
        /// Whether it rests on a choice of the platform.
        pub sometimes: Option<bool>,
    }
}

record! {
    /// An address under which a sender arrives. It stands for every address that agrees in all that
    /// is given here.
    pub struct ExpectedAddress: called "address" {
        /// The address; `null` for one that is not known, or one of several of the sender's own.
        pub address: Stated<IpAddr>,
        /// What has it; `null` for nothing that has a name.
        pub name: Stated<Resource>,
        /// Why it is this one.
        pub cause: Option<AddressCause>,
        /// Whether it stays.
        pub stability: Option<Stability>,
    }
}

record! {
    /// A cell of a table of exposure.
    pub struct ExpectedCell: called "cell" {
        /// The source.
        pub from: SenderName,
        /// The destination.
        pub to: Resource,
        /// How the source fares there.
        pub cell: Spanned<CellState>,
    }
}

record! {
    /// A mistake in the code that cases notice: what shows that they check a rule on which no hop
    /// of their answers rests.
    pub struct ListedMutant: called "mutant" {
        /// The rule.
        pub rule: Spanned<RuleId>,
        /// The cases that name the rule and notice the mistake.
        pub cases: Vec<Spanned<String>>,
        /// The file of the mistake.
        pub file: Spanned<String>,
        /// The function in which it is.
        pub function: Spanned<String>,
        /// What is another than it should be, as `cargo mutants --list` tells it.
        pub mutant: Spanned<String>,
        /// Which of several in the file that are told alike, by their place, from 1.
        pub nth: Option<u32>,
        /// That `cargo mutants` does not make it, so that it is not tried.
        pub by_hand: Option<bool>,
    }
}

/// A key that may be left out, and for which `null` says that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated<T> {
    /// It is left out: anything will do.
    LeftOut,
    /// There is none.
    Nothing,
    /// It is this.
    Value(T),
}

impl<T> Stated<T> {
    /// Whether what is given is what is stated.
    pub fn agrees(&self, given: Option<&T>) -> bool
    where
        T: PartialEq,
    {
        match self {
            Stated::LeftOut => true,
            Stated::Nothing => given.is_none(),
            Stated::Value(value) => given == Some(value),
        }
    }
}

impl<T: Decode> Decode for Stated<T> {
    const REQUIRED: bool = false;

    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if node.is_null() {
            return Some(Stated::Nothing);
        }
        T::decode(node, cx).map(Stated::Value)
    }

    fn absent(_: &str, _: Span, _: &mut Decoder<'_>) -> Option<Self> {
        Some(Stated::LeftOut)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let value = T::schema(generator);
        json_schema!({"anyOf": [value, {"type": "null"}]})
    }
}

impl<T: Part + Decode> Part for Stated<T> {
    fn form() -> Form {
        T::form()
    }

    fn view(&self) -> View<'_> {
        match self {
            Stated::Value(value) => value.view(),
            Stated::LeftOut | Stated::Nothing => View::Closed,
        }
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        match self {
            Stated::Value(value) => value.view_mut(),
            Stated::LeftOut | Stated::Nothing => ViewMut::Closed,
        }
    }

    fn put(&mut self, node: &Node, cx: &mut Decoder<'_>) -> bool {
        replace(self, node, cx)
    }
}

impl<T: Show> Show for Stated<T> {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        match self {
            Stated::LeftOut => None,
            Stated::Nothing => Some(Shown::Scalar(serde_json::Value::Null)),
            Stated::Value(value) => value.show(showing),
        }
    }
}
