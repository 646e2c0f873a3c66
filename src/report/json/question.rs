//! The question of an answer as JSON.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::question::answer::{AskedQuestion, QuestionKind};

/// Every parameter: whether it is a list however many values it has, and what it says.
const PARAMETERS: &[(&str, bool, &str)] = &[
    ("guard", false, "What must not be avoided."),
    ("from", true, "The sources."),
    ("to", true, "The destinations."),
    ("url", false, "The URL that is asked for."),
    ("host", false, "The host."),
    ("path", false, "The path."),
    ("ip", false, "The address that is sent to."),
    (
        "connect_to",
        false,
        "The address that is connected to, instead of what the host resolves to.",
    ),
    ("via", false, "What paths must pass."),
    ("avoid", false, "What paths may not pass."),
    ("lenient", false, "Whether a guard that can refuse nothing counts as one."),
    ("refused", false, "Whether what is refused is listed, too."),
    ("protocol", false, "The protocol."),
    ("port", false, "The port."),
    ("method", false, "The method."),
    ("headers", true, "Headers, as `NAME: VALUE`."),
    ("as", false, "Who sends."),
    ("audience", false, "The audience of its ID token."),
    ("source_ip", false, "Where it comes from."),
    ("region", false, "The region that it comes from."),
    ("conditions", true, "Free properties of the request."),
    ("assume", true, "Assumptions that are fixed, as `ID=true` or `ID=false`."),
];

/// The question as it was asked: its kind under `kind`, and its parameters.
pub struct QuestionWire<'a>(pub &'a AskedQuestion);

impl Serialize for QuestionWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.0.kind)?;
        for (name, values) in &self.0.parameters {
            let is_list =
                PARAMETERS.iter().find(|(own, ..)| own == name).is_none_or(|(_, list, _)| *list);
            match values.as_slice() {
                [only] if !is_list => map.serialize_entry(name, only)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

impl JsonSchema for QuestionWire<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Question".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        properties.insert("kind".into(), generator.subschema_for::<QuestionKind>().into());
        for (name, is_list, about) in PARAMETERS {
            let own = if *is_list {
                json_schema!({ "type": "array", "items": { "type": "string" }, "description": about })
            } else {
                json_schema!({ "type": "string", "description": about })
            };
            properties.insert((*name).into(), own.into());
        }
        json_schema!({
            "type": "object",
            "description": "The question as it was asked: its kind and its parameters.",
            "properties": properties,
            "required": ["kind"],
            "additionalProperties": false,
        })
    }
}
