//! `Serialize` and `Deserialize` of [`Value`]: passed through whole by
//! [`to_value`](super::to_value) and [`from_value`](super::from_value), converted to plain data for
//! every other format.
//!
//! Serde cannot pass an object through. A `Value` therefore presents itself as a newtype struct of
//! a private name: the serializer of this crate recognises the name, leaves a request in a
//! thread-local slot, and finds the value there. Other formats see the contents. Kinds that they
//! cannot represent are a map of one key: `{"$int": "1267…"}`, `{"$tensor": {"dtype", "shape",
//! "data"}}`, and in human-readable formats also `{"$bytes": "00ff"}` and `{"$float": "NaN"}`. A
//! map that has such a key of its own is written with one more `$` in front: `{"$$float": "NaN"}`.

use std::{cell::RefCell, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};

use crate::graph::value::error::found;
use crate::graph::{Bytes, Map, Opaque, Tensor, Value};

/// Name of the newtype struct by which the serializer and the deserializer recognise a `Value`.
pub(super) const PASSTHROUGH: &str = "$noob_zmq::graph::Value";

/// Keys of the maps that stand for a value, without their `$`.
const TAGS: [&str; 5] = ["int", "float", "bytes", "tensor", "opaque"];

/// Returns the key by which a map of one key is written, if its own key would be taken for a tag.
pub(crate) fn escaped_key(map: &Map) -> Option<String> {
    let (key, _) = map.first().filter(|_| map.len() == 1)?;
    is_tag(key).then(|| format!("${key}"))
}

/// Returns whether a key is a tag, or a tag that is escaped.
fn is_tag(key: &str) -> bool {
    key.starts_with('$') && TAGS.contains(&key.trim_start_matches('$'))
}

#[derive(Default)]
enum Handover {
    #[default]
    Empty,
    Requested,
    Filled(Value),
}

thread_local! {
    static HANDOVER: RefCell<Handover> = const { RefCell::new(Handover::Empty) };
}

/// Calls `serialize` with a request in the slot; gives what the value left there.
pub(super) fn serialize_capturing<T>(serialize: impl FnOnce() -> T) -> Option<Value> {
    HANDOVER.replace(Handover::Requested);
    serialize();
    match HANDOVER.take() {
        Handover::Filled(value) => Some(value),
        Handover::Empty | Handover::Requested => None,
    }
}

/// Calls `deserialize` with `value` in the slot.
pub(super) fn deserialize_from<T>(value: &Value, deserialize: impl FnOnce() -> T) -> T {
    HANDOVER.replace(Handover::Filled(value.clone()));
    let result = deserialize();
    HANDOVER.take();
    result
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(PASSTHROUGH, &Contents(self))
    }
}

impl Serialize for Tensor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from(self.clone()).serialize(serializer)
    }
}

/// The contents of a value, for other formats.
struct Contents<'a>(&'a Value);

impl Serialize for Contents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let requested = HANDOVER.with_borrow_mut(|slot| {
            let requested = matches!(slot, Handover::Requested);
            if requested {
                *slot = Handover::Filled(self.0.clone());
            }
            requested
        });
        if requested {
            return serializer.serialize_unit();
        }
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::UInt(value) => serializer.serialize_u64(*value),
            Value::Float(value) if !value.is_finite() && serializer.is_human_readable() => {
                tagged(serializer, "$float", &value.to_string())
            }
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(Contents)),
            Value::Map(map) => match (escaped_key(map), map.first()) {
                (Some(key), Some((_, value))) => tagged(serializer, &key, &Contents(value)),
                _ => serializer.collect_map(map.iter().map(|(key, value)| (key, Contents(value)))),
            },
            Value::Bytes(bytes) if serializer.is_human_readable() => {
                tagged(serializer, "$bytes", &hex(bytes))
            }
            Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Value::BigInt(digits) => tagged(serializer, "$int", &**digits),
            Value::Object(object) => {
                let state = object.state().map_err(serde::ser::Error::custom)?;
                Contents(&state).serialize(serializer)
            }
            Value::Tensor(tensor) => {
                let data = Value::Bytes(tensor.data.clone());
                let parts: Map = [
                    ("dtype".to_owned(), Value::Str(tensor.dtype.clone())),
                    ("shape".to_owned(), tensor.shape.iter().copied().collect()),
                    ("data".to_owned(), data),
                ]
                .into_iter()
                .collect();
                tagged(serializer, "$tensor", &Contents(&Value::from(parts)))
            }
            Value::Opaque(opaque) => {
                let mut parts = Map::new();
                parts.insert("kind".to_owned(), Value::Str(opaque.kind.clone()));
                if serializer.is_human_readable() {
                    // For a reader: nothing makes an object of it.
                    parts.insert("bytes".to_owned(), opaque.size().into());
                } else {
                    let buffers = opaque.buffers.iter().cloned().map(Value::Bytes);
                    parts.insert("data".to_owned(), Value::Bytes(opaque.data.clone()));
                    parts.insert("buffers".to_owned(), buffers.collect::<Vec<_>>().into());
                }
                tagged(serializer, "$opaque", &Contents(&Value::from(parts)))
            }
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    key: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

/// Returns the value that a map of one key stands for, or the map itself.
///
/// `opaque` says whether it may stand for an object of another language. A text never does: what
/// opens such objects may run code that they name.
fn untagged(map: Map, opaque: bool) -> Value {
    let meaning = match map.first() {
        Some((key, value)) if map.len() == 1 && key.starts_with("$$") && is_tag(key) => {
            let key = key.replacen('$', "", 1);
            Some(Value::from_iter([(key, value.clone())]))
        }
        Some((key, value)) if map.len() == 1 && key == "$opaque" => {
            opaque.then(|| opaque_of(value)).flatten()
        }
        Some((key, value)) if map.len() == 1 => meaning(key, value),
        _ => None,
    };
    meaning.unwrap_or_else(|| Value::from(map))
}

fn meaning(key: &str, value: &Value) -> Option<Value> {
    match (key, value) {
        ("$int", Value::Str(text)) => Value::integer(text),
        ("$float", Value::Str(text)) => text.parse().ok().map(Value::Float),
        ("$bytes", Value::Str(text)) => unhex(text).map(Value::Bytes),
        ("$tensor", Value::Map(parts)) if parts.len() == 3 => Some(Value::from(Tensor {
            dtype: parts.get("dtype")?.as_str()?.into(),
            shape: parts
                .get("shape")?
                .as_list()?
                .iter()
                .map(Value::as_u64)
                .collect::<Option<_>>()?,
            data: parts.get("data")?.as_bytes()?.clone(),
        })),
        _ => None,
    }
}

fn opaque_of(value: &Value) -> Option<Value> {
    let kind = value.get("kind")?.as_str()?;
    let buffers = value.get("buffers")?.as_list()?.iter();
    let buffers = buffers.map(|buffer| buffer.as_bytes().cloned());
    let opaque = Opaque::new(kind, value.get("data")?.as_bytes()?.clone());
    let opaque = opaque.with_buffers(buffers.collect::<Option<_>>()?);
    Some(Value::Opaque(opaque.into()))
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn unhex(text: &str) -> Option<Bytes> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => {
                u8::try_from(char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?)
                    .ok()
            }
            _ => None,
        })
        .collect()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let opaque = !deserializer.is_human_readable();
        deserializer.deserialize_newtype_struct(PASSTHROUGH, ValueVisitor { opaque })
    }
}

impl<'de> Deserialize<'de> for Tensor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Tensor(tensor) => Ok(std::sync::Arc::unwrap_or_clone(tensor)),
            other => Err(D::Error::custom(format_args!(
                "expected a tensor, found {}",
                found(&other)
            ))),
        }
    }
}

/// Methods of [`ValueVisitor`] for types that convert to a [`Value`].
macro_rules! visits {
    ($($method:ident($type:ty))+) => {$(
        fn $method<E>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )+};
}

struct ValueVisitor {
    /// Whether the format can have objects of another language.
    opaque: bool,
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        match HANDOVER.take() {
            Handover::Filled(value) => Ok(value),
            Handover::Empty | Handover::Requested => deserializer.deserialize_any(self),
        }
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    visits! {
        visit_bool(bool)
        visit_i64(i64)
        visit_u64(u64)
        visit_i128(i128)
        visit_u128(u128)
        visit_f64(f64)
        visit_str(&str)
        visit_string(String)
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(Bytes::copy_from_slice(bytes)))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            map.insert(key, value);
        }
        Ok(untagged(map, self.opaque))
    }
}
