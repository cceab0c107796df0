//! JSON schemas of messages, made of the types of signals.

use serde_json::{Value as Json, json};

use crate::graph::TypeShape;

/// Returns the schema of the messages of a signal whose values have this shape.
pub(super) fn of_message(shape: &TypeShape, written: &str) -> Json {
    let mut value = of_value(shape);
    if !written.is_empty()
        && let Some(value) = value.as_object_mut()
    {
        value.insert("description".into(), format!("`{written}`").into());
    }
    json!({
        "type": "object",
        "properties": {
            "epoch": {"description": "number of the epoch, or a list of it and its sub-epochs"},
            "id": {"type": "integer", "description": "number of the event"},
            "value": value,
            "emit": {"enum": ["nothing", "exhausted"], "description": "in place of a value"},
            "partial": {"type": "boolean", "description": "whether `value` is only for readers"},
        },
        "required": ["epoch", "id"],
    })
}

/// Returns the schema of end markers.
pub(super) fn of_markers() -> Json {
    json!({
        "type": "object",
        "properties": {
            "epoch": {"type": "integer"},
            "result": {"enum": ["done", "failed", "skipped"]},
            "node": {"type": "string"},
            "error": {"type": "string"},
        },
        "required": ["epoch", "result"],
    })
}

fn of_value(shape: &TypeShape) -> Json {
    let array = || {
        json!({
            "type": "object",
            "properties": {
                "dtype": {"type": "string"},
                "shape": {"type": "array", "items": {"type": "integer"}},
                "data": {"type": "string", "contentEncoding": "binary"},
            },
        })
    };
    match shape {
        TypeShape::Unknown | TypeShape::Any | TypeShape::Opaque => json!({}),
        TypeShape::Null => json!({"type": "null"}),
        TypeShape::Bool => json!({"type": "boolean"}),
        TypeShape::Int(_) => json!({"type": "integer"}),
        TypeShape::Float | TypeShape::Number => json!({"type": "number"}),
        TypeShape::Str | TypeShape::Char => json!({"type": "string"}),
        TypeShape::Bytes | TypeShape::Tensor { .. } => array(),
        TypeShape::List { item, len } => {
            let mut schema = json!({"type": "array", "items": of_value(item)});
            if let Some(len) = len {
                schema["minItems"] = json!(len);
                schema["maxItems"] = json!(len);
            }
            schema
        }
        TypeShape::Tuple(items) => {
            let items: Vec<Json> = items.iter().map(of_value).collect();
            json!({"type": "array", "prefixItems": items})
        }
        TypeShape::Map(entry) => {
            json!({"type": "object", "additionalProperties": of_value(entry)})
        }
        TypeShape::Option(inner) => json!({"anyOf": [of_value(inner), {"type": "null"}]}),
    }
}
