//! The JSON codec: `serde_json` over the envelope that msgpack has, too.
//!
//! JSON is chosen for peers in other languages. Nothing here is on the path of events between
//! processes of this library.

use serde::Deserialize;

use super::{codec::too_deep, error::DecodeProblem};
use crate::graph::{Name, Timestamp, Value, ValueError};

/// Body of a JSON message; further keys of the object are ignored.
#[derive(Deserialize)]
#[serde(expecting = "an object with `type` and `node_id`")]
pub(super) struct JsonBody {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) node_id: Name,
    pub(super) timestamp: Option<Timestamp>,
    #[serde(default)]
    pub(super) value: Value,
}

/// Reads a body.
pub(super) fn read(body: &[u8]) -> Result<JsonBody, DecodeProblem> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let what = match text.rsplit_once(" at line ") {
            Some((what, _)) => what.to_owned(),
            None => text,
        };
        if error.is_data() {
            return ValueError::new(what).into();
        }
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let above = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len);
        let at = above.sum::<usize>() + error.column();
        DecodeProblem::Syntax { what, at }
    })
}

/// Writes everything of a body that stands before its value.
pub(super) fn write_head(
    out: &mut Vec<u8>,
    kind: &str,
    sender: &str,
    timestamp: Timestamp,
) -> Result<(), ValueError> {
    out.extend_from_slice(b"{\"type\":");
    write(out, kind)?;
    out.extend_from_slice(b",\"node_id\":");
    write(out, sender)?;
    out.extend_from_slice(b",\"timestamp\":");
    write(out, &timestamp).map_err(|error| error.under("timestamp"))?;
    out.extend_from_slice(b",\"value\":");
    Ok(())
}

/// Writes a value of the body.
pub(super) fn write_value(
    out: &mut Vec<u8>,
    value: &Value,
    max_depth: usize,
) -> Result<(), ValueError> {
    if !is_within(value, max_depth) {
        return Err(too_deep(max_depth));
    }
    if let Some(opaque) = value.find_opaque() {
        return Err(ValueError::new(format!(
            "an object of kind `{}` has no form in JSON",
            opaque.kind
        )));
    }
    write(out, value)
}

/// Ends a body.
pub(super) fn write_tail(out: &mut Vec<u8>) {
    out.push(b'}');
}

fn write<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), ValueError> {
    serde_json::to_writer(out, value).map_err(|error| ValueError::new(error.to_string()))
}

/// Returns whether lists and maps are nested at most `levels` deep.
fn is_within(value: &Value, levels: usize) -> bool {
    let is_within = |item| levels > 0 && is_within(item, levels - 1);
    match value {
        Value::List(items) if items.as_packed().is_none() => items.iter().all(is_within),
        Value::Map(map) => map.values().all(is_within),
        _ => true,
    }
}
