//! Items of values, for `map` and `gather`.

use std::sync::OnceLock;

use crate::graph::Value;
use crate::node::NodeError;

/// Function that returns the items of a value which only another language knows, or `None` if the
/// value has none.
pub type ForeignItems = fn(&Value) -> Result<Option<Vec<Value>>, NodeError>;

static FOREIGN: OnceLock<ForeignItems> = OnceLock::new();

/// Has `map` and `gather` of this process ask `read` for the items of objects of another language
/// and of tensors; the first function stays.
pub fn set_foreign_items(read: ForeignItems) {
    let _ = FOREIGN.set(read);
}

/// Returns the items of a value, if it is of a kind that has some.
pub(super) fn items(value: &Value) -> Result<Option<Vec<Value>>, NodeError> {
    Ok(Some(match value {
        Value::List(items) => items.to_vec(),
        Value::Str(text) => text
            .chars()
            .map(|letter| Value::from(letter.to_string()))
            .collect(),
        Value::Map(entries) => entries
            .keys()
            .map(|key| Value::from(key.as_str()))
            .collect(),
        Value::Bytes(bytes) => bytes
            .iter()
            .map(|byte| Value::from(i64::from(*byte)))
            .collect(),
        Value::Opaque(_) | Value::Object(_) | Value::Tensor(_) => {
            return FOREIGN.get().map_or(Ok(None), |read| read(value));
        }
        _ => return Ok(None),
    }))
}
