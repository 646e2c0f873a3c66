//! JSON Schemas: of topology files, and of answers.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::json;

use super::json::Wire;
use crate::topology::Topology;

/// The schema of topology files.
pub fn topology() -> Schema {
    let mut schema = generate::<Topology>(SchemaSettings::draft2020_12(), "Topology");
    // A file must say that it is a topology, and of which version; a part of one need not.
    if let Some(version) = schema.pointer_mut("/properties/portolan") {
        *version = json!({"const": 1, "description": "The version of the format: 1."});
    }
    schema.insert("required".to_owned(), json!(["portolan"]));
    schema
}

/// The schema of answers in JSON.
pub fn answer() -> Schema {
    generate::<Wire<'_>>(SchemaSettings::draft2020_12().for_serialize(), "Answer")
}

fn generate<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// Writes a schema.
pub fn write(out: &mut dyn Write, schema: &Schema) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, schema)?;
    writeln!(out)
}
