//! Values that watchers are told about and not sent.
//!
//! A sample is made in the thread that serves the sockets of a node, travels with its heartbeat,
//! and waits in the process of the runner until somebody reads it. Large values would make
//! heartbeats late, or too long for the listener of another host; an object would be encoded by its
//! owner's code; objects of other languages stay on their host.

use crate::graph::Value;

/// Size in bytes from which a value is described.
pub(crate) const LARGE: u64 = 256 << 10;

/// Returns the description of a value that is not sent; `None` for all others.
pub(crate) fn summarize(value: &Value) -> Option<String> {
    let size = value.size();
    if size < LARGE && !has_object(value) {
        return None;
    }
    let kind = match value {
        Value::Tensor(tensor) => {
            let shape = tensor.shape.iter().take(16);
            let shape: Vec<String> = shape.map(ToString::to_string).collect();
            let dtype: String = tensor.dtype.chars().take(32).collect();
            return Some(format!("tensor of {dtype} [{}]", shape.join(", ")));
        }
        Value::Object(_) | Value::Opaque(_) => return Some("object".to_owned()),
        Value::Bytes(_) => "bytes",
        Value::Str(_) => "text",
        Value::List(_) => "list",
        Value::Map(_) => "mapping",
        _ => "value",
    };
    if size < LARGE {
        return Some(format!("{kind} with an object inside"));
    }
    Some(format!("{kind} of {size} bytes"))
}

fn has_object(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Opaque(_) => true,
        Value::List(items) if items.as_packed().is_none() => items.iter().any(has_object),
        Value::Map(map) => map.values().any(has_object),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Map, Opaque};

    #[test]
    fn small_values_are_sent_and_others_described() {
        assert_eq!(summarize(&Value::Int(5)), None);
        assert_eq!(summarize(&Value::Bytes(vec![0; 1000].into())), None);
        let large = Value::Bytes(vec![0; 1 << 20].into());
        assert!(summarize(&large).unwrap().starts_with("bytes of 1048"));
    }

    #[test]
    fn objects_are_described_wherever_they_are() {
        let object: Value = Opaque::new("pickle", vec![1]).into();
        assert_eq!(summarize(&object).unwrap(), "object");
        let map: Map = [("inside".to_owned(), vec![object].into())].into();
        assert_eq!(
            summarize(&Value::from(map)).unwrap(),
            "mapping with an object inside"
        );
    }
}
