//! The tables of an answer as JSON: addresses that the other side sees, and exposure.

use schemars::JsonSchema;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::path::ChoiceWire;
use crate::graph::Cause;
use crate::question::answer::{
    AddressCause, CellState, EgressAddress, ExposureAnswer, ExposureRow, ExposureRows, SourceClass,
    Stability,
};
use crate::report::words::Words;
use crate::rules::RuleId;

/// An address under which a sender arrives.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EgressAddress")]
pub struct EgressAddressWire {
    /// The address; null if it is not known.
    address: Option<String>,
    /// The address, or what is known of it, in words.
    label: String,
    /// What has it.
    name: Option<String>,
    /// Why it is seen.
    cause: AddressCause,
    /// Whether it stays: of a `subnet-range`, the range does.
    stability: Stability,
    /// The rule it rests on.
    #[schemars(with = "String")]
    rule: RuleId,
    /// The destinations that see it.
    to: Vec<String>,
    /// The choices of the platform that it rests on.
    choices: Vec<ChoiceWire>,
}

impl EgressAddressWire {
    pub fn new(words: Words<'_>, own: &EgressAddress) -> Self {
        Self {
            address: words.seen_address(&own.address),
            label: words.seen(&own.address),
            name: own.owner.map(|owner| words.resource(owner)),
            cause: own.cause,
            stability: own.stability,
            rule: own.rule,
            to: words.resources(&own.to),
            choices: own.choices.iter().map(|chosen| ChoiceWire::new(words, chosen)).collect(),
        }
    }
}

/// Sources by services.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exposure")]
pub struct ExposureWire<'a> {
    /// Groups of sources that fare alike everywhere.
    sources: Vec<SourceGroupWire>,
    /// Services, one row each.
    #[serde(serialize_with = "RowsWire::stream")]
    #[schemars(with = "Vec<RowWire>")]
    rows: RowsWire<'a>,
}

/// Rows, made one by one while they are written.
struct RowsWire<'a> {
    words: Words<'a>,
    rows: &'a ExposureRows<'a>,
}

impl RowsWire<'_> {
    fn stream<S: Serializer>(all: &Self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(all.rows.iter().len()))?;
        for row in all.rows.iter() {
            list.serialize_element(&RowWire::new(all.words, &row))?;
        }
        list.end()
    }
}

/// Sources that fare alike.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceGroup")]
struct SourceGroupWire {
    /// What they are.
    class: SourceClass,
    /// The sources.
    members: Vec<String>,
}

/// How one service fares.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExposureRow")]
struct RowWire {
    /// The service.
    service: String,
    /// One cell for each group of sources.
    cells: Vec<CellWire>,
}

/// How a group of sources fares at a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cell")]
struct CellWire {
    /// How.
    exposure: CellState,
    /// The entries that let it in.
    entries: Vec<String>,
    /// The causes that keep it out.
    causes: Vec<Cause>,
    /// Who gets in, if not everybody.
    named: Vec<String>,
    /// Ids of assumptions that would change it.
    assumptions: Vec<String>,
}

impl<'a> ExposureWire<'a> {
    pub fn new(words: Words<'a>, exposure: &'a ExposureAnswer<'a>) -> Self {
        let sources = exposure.sources.iter().map(|group| SourceGroupWire {
            class: group.class,
            members: group.members.iter().map(|own| words.sender(own)).collect(),
        });
        Self { sources: sources.collect(), rows: RowsWire { words, rows: &exposure.rows } }
    }
}

impl RowWire {
    fn new(words: Words<'_>, row: &ExposureRow) -> Self {
        let cells = row.cells.iter().map(|cell| CellWire {
            exposure: cell.exposure,
            entries: words.entries(&cell.entries),
            causes: cell.causes.clone(),
            named: cell.named.clone(),
            assumptions: cell
                .assumptions
                .iter()
                .map(|id| words.graph().assumption(*id).id.clone())
                .collect(),
        });
        Self { service: words.resource(row.service), cells: cells.collect() }
    }
}
