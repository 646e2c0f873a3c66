//! JSON Schemas of records and words.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::topology::record::KeyInfo;

/// Lines of a doc comment as one text: lines are joined, paragraphs are not.
pub(super) fn prose(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines.iter().map(|line| line.trim()) {
        if line.is_empty() {
            text.push_str("\n\n");
            continue;
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text.push_str(line);
    }
    text.trim().to_owned()
}

/// The same, or nothing.
pub(super) fn nullable(schema: Schema) -> Schema {
    json_schema!({"anyOf": [schema, {"type": "null"}]})
}

/// A reference to the schema of a record; nothing may stand for one whose keys may all be absent.
pub fn reference_schema<T: JsonSchema>(
    keys: &[KeyInfo],
    generator: &mut SchemaGenerator,
) -> Schema {
    let schema = generator.subschema_for::<T>();
    if keys.iter().any(|key| key.required) { schema } else { nullable(schema) }
}

/// The schema of a record: its keys and no others.
pub fn record_schema(
    doc: &[&str],
    keys: &[KeyInfo],
    fields: Vec<(&'static str, Schema)>,
) -> Schema {
    let mut properties = Map::new();
    for (name, mut schema) in fields {
        let info = keys.iter().find(|key| key.name == name);
        if let Some(info) = info.filter(|info| !info.doc.is_empty()) {
            schema.insert("description".to_owned(), info.description().into());
        }
        if let Some(default) = info.and_then(|info| info.default?.json()) {
            schema.insert("default".to_owned(), default);
        }
        properties.insert(name.to_owned(), schema.to_value());
    }
    let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json_schema!({"type": "object"});
    if !doc.is_empty() {
        schema.insert("description".to_owned(), prose(doc).into());
    }
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    schema
}

/// The schema of a choice of words: every spelling of each, with what it means.
pub fn keyword_schema(doc: &[&str], words: &[(&[&str], &[&str])]) -> Schema {
    let each = words.iter().flat_map(|(spellings, doc)| {
        spellings.iter().map(|word| match prose(doc) {
            doc if doc.is_empty() => json!({"const": word}),
            doc => json!({"const": word, "description": doc}),
        })
    });
    let mut schema = json_schema!({"oneOf": each.collect::<Vec<_>>()});
    if !doc.is_empty() {
        schema.insert("description".to_owned(), prose(doc).into());
    }
    schema
}
