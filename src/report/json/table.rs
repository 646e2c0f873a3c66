//! The tables of an answer as JSON: addresses on the way out, and exposure.

use schemars::JsonSchema;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use crate::question::answer;
use crate::rules::RuleId;

/// An address under which a sender arrives.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EgressAddress")]
pub struct EgressAddressWire<'a> {
    /// The address; null if it is not known.
    address: Option<&'a str>,
    /// The address, or what is known of it, in words.
    label: &'a str,
    /// What has it.
    name: Option<&'a str>,
    /// Why it is seen: `cloud-nat`, `shared-pool`, `external-address`, `external-ipv6`, `private-nat`,
    /// `internal`.
    cause: &'static str,
    /// `static`, `subnet-range` (the range stays, its addresses change), `automatic`,
    /// `shared-pool`, `internal`.
    stability: &'static str,
    /// The rule it rests on.
    #[schemars(with = "String")]
    rule: RuleId,
    /// The destinations that see it.
    to: &'a [String],
    /// Whether it is used only if Google so chooses.
    sometimes: bool,
}

impl<'a> EgressAddressWire<'a> {
    pub fn new(address: &'a answer::EgressAddress) -> Self {
        Self {
            address: address.address.as_deref(),
            label: &address.label,
            name: address.name.as_deref(),
            cause: address.cause,
            stability: address.stability,
            rule: address.rule,
            to: &address.to,
            sometimes: address.sometimes,
        }
    }
}

/// Sources by services.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exposure")]
pub struct ExposureWire<'a> {
    /// Groups of sources that fare alike everywhere.
    sources: Vec<SourceGroupWire<'a>>,
    /// Services, one row each.
    #[serde(serialize_with = "stream")]
    #[schemars(with = "Vec<RowWire<'a>>")]
    rows: &'a answer::ExposureRows<'a>,
}

/// Rows, made one by one while they are written.
fn stream<S: Serializer>(rows: &&answer::ExposureRows<'_>, to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(rows.iter().len()))?;
    for row in rows.iter() {
        list.serialize_element(&RowWire::new(&row))?;
    }
    list.end()
}

/// Sources that fare alike.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceGroup")]
pub struct SourceGroupWire<'a> {
    /// `internet`, `users`, `products` and so on.
    class: &'static str,
    /// The sources.
    members: &'a [String],
}

/// How one service fares.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExposureRow")]
pub struct RowWire<'a> {
    /// The service.
    service: &'a str,
    /// One cell for each group of sources.
    cells: Vec<CellWire<'a>>,
}

/// How a group of sources fares at a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cell")]
pub struct CellWire<'a> {
    /// `open`, `any account`, `named only` or `refused`.
    exposure: &'static str,
    /// The entries that let it in, or the causes that keep it out.
    by: &'a [String],
    /// Who gets in, if not everybody.
    named: &'a [String],
    /// Ids of assumptions that would change it.
    assumptions: &'a [String],
}

impl<'a> ExposureWire<'a> {
    pub fn new(exposure: &'a answer::Exposure<'a>) -> Self {
        let group = |group: &'a answer::SourceGroup| SourceGroupWire {
            class: group.class,
            members: &group.members,
        };
        Self { sources: exposure.sources.iter().map(group).collect(), rows: &exposure.rows }
    }
}

impl<'a> RowWire<'a> {
    fn new(row: &'a answer::ExposureRow) -> Self {
        let cell = |cell: &'a answer::Cell| CellWire {
            exposure: cell.exposure.as_str(),
            by: &cell.by,
            named: &cell.named,
            assumptions: &cell.assumptions,
        };
        Self { service: &row.service, cells: row.cells.iter().map(cell).collect() }
    }
}
