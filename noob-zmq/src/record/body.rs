//! Bodies of messages: an event in JSON, or in msgpack where it holds bytes or arrays.
//!
//! `docs/recording.md` describes the forms for readers in other languages.

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::graph::{Bytes, Emit, Epoch, Event, List, Map, NumberType, Tensor, Value, escaped_key};
use crate::runner::panic_guard::catch_panic;

/// Size in bytes from which a packed list is written as an array.
const ARRAY: usize = 512;
/// Maximum depth of lists and maps in a recorded value.
const MAX_DEPTH: usize = 100;
/// Element type of plain bytes.
const BYTES: &str = "bytes";

/// Form of the messages of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// JSON: values without bytes and arrays.
    Json,
    /// Msgpack: values with bytes or arrays.
    Msgpack,
    /// JSON for readers: values that a record cannot hold whole, so that they cannot be replayed.
    Partial,
}

impl Form {
    /// Returns the name of the encoding in MCAP.
    pub(super) const fn encoding(self) -> &'static str {
        match self {
            Self::Json | Self::Partial => "json",
            Self::Msgpack => "msgpack",
        }
    }

    /// Returns the form that an event needs.
    pub(super) fn of(emit: &Emit) -> Self {
        match emit {
            Emit::Value(value) => Self::of_value(value, 0),
            Emit::Nothing | Emit::Exhausted => Self::Json,
        }
    }

    fn of_value(value: &Value, depth: usize) -> Self {
        let deepest = |items: &mut dyn Iterator<Item = &Value>| {
            if depth == MAX_DEPTH {
                return Self::Partial;
            }
            let forms = items.map(|item| Self::of_value(item, depth + 1));
            forms.max().unwrap_or(Self::Json)
        };
        match value {
            Value::Bytes(_) | Value::Tensor(_) => Self::Msgpack,
            Value::Object(_) | Value::Opaque(_) => Self::Partial,
            Value::List(items) => match items.as_packed() {
                Some((_, data)) if data.len() >= ARRAY => Self::Msgpack,
                Some(_) => Self::Json,
                None => deepest(&mut items.iter()),
            },
            Value::Map(map) => deepest(&mut map.values()),
            _ => Self::Json,
        }
    }
}

/// Writes the body of an event to the end of `out`.
///
/// # Errors
/// A value that serde cannot write, such as an object whose state cannot be read.
pub(super) fn encode(event: &Event, form: Form, out: &mut Vec<u8>) -> Result<(), String> {
    let body = WrittenBody { event, form };
    let written = match form {
        Form::Json | Form::Partial => {
            serde_json::to_writer(out, &body).map_err(|error| error.to_string())
        }
        Form::Msgpack => rmp_serde::encode::write(out, &body).map_err(|error| error.to_string()),
    };
    written.map_err(|error| {
        format!(
            "the value of `{}.{}` in epoch {} cannot be recorded: {error}",
            event.node_id, event.signal, event.epoch
        )
    })
}

/// The body of an event, as it is written.
struct WrittenBody<'a> {
    event: &'a Event,
    form: Form,
}

impl Serialize for WrittenBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let partial = self.form == Form::Partial;
        let mut map = serializer.serialize_map(Some(3 + usize::from(partial)))?;
        map.serialize_entry("epoch", &self.event.epoch)?;
        map.serialize_entry("id", &self.event.id)?;
        match &self.event.value {
            Emit::Nothing => map.serialize_entry("emit", "nothing")?,
            Emit::Exhausted => map.serialize_entry("emit", "exhausted")?,
            Emit::Value(value) if partial => {
                map.serialize_entry("value", &Shown(value, 0))?;
                map.serialize_entry("partial", &true)?;
            }
            Emit::Value(value) => map.serialize_entry("value", &Plain(value))?,
        }
        map.end()
    }
}

/// A value whose bytes and arrays are maps of `dtype`, `shape` and `data`.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        match self.0 {
            Value::Bytes(bytes) => array(serializer, BYTES, &[bytes.len() as u64], bytes, false),
            Value::Tensor(tensor) => array(
                serializer,
                &tensor.dtype,
                &tensor.shape,
                &tensor.data,
                false,
            ),
            Value::List(items) => match items.as_packed() {
                Some((number, data)) if data.len() >= ARRAY => {
                    let shape = [(data.len() / number.size()) as u64];
                    array(serializer, number.dtype(), &shape, data, true)
                }
                _ => serializer.collect_seq(items.iter().map(Plain)),
            },
            Value::Map(map) => {
                let key = escaped_key(map);
                let keys = map.keys().map(|own| key.as_ref().unwrap_or(own));
                serializer.collect_map(keys.zip(map.values().map(Plain)))
            }
            value => value.serialize(serializer),
        }
    }
}

/// Writes an array; the text of a packed list says so, since an array otherwise is a tensor.
fn array<S: Serializer>(
    serializer: S,
    dtype: &str,
    shape: &[u64],
    data: &[u8],
    list: bool,
) -> Result<S::Ok, S::Error> {
    struct Raw<'a>(&'a [u8]);
    impl Serialize for Raw<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    let mut map = serializer.serialize_map(Some(3 + usize::from(list)))?;
    map.serialize_entry("dtype", dtype)?;
    map.serialize_entry("shape", shape)?;
    map.serialize_entry("data", &Raw(data))?;
    if list {
        map.serialize_entry("list", &true)?;
    }
    map.end()
}

/// A value for readers, of which the parts are left out that lie too deep.
struct Shown<'a>(&'a Value, usize);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, depth) = *self;
        match value {
            Value::List(_) | Value::Map(_) if depth == MAX_DEPTH => serializer.serialize_str("…"),
            Value::List(items) => {
                serializer.collect_seq(items.iter().map(|item| Shown(item, depth + 1)))
            }
            Value::Map(map) => serializer.collect_map(
                map.iter()
                    .map(|(key, value)| (key, Shown(value, depth + 1))),
            ),
            // The state is for readers only: the record goes on without it.
            Value::Object(object) => match catch_panic(|| Ok(object.state()?)) {
                Ok(state) => Shown(&state, depth + 1).serialize(serializer),
                Err(error) => serializer.collect_str(&format_args!("no state: {error}")),
            },
            value => value.serialize(serializer),
        }
    }
}

/// A body that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    pub(super) epoch: Epoch,
    pub(super) id: u64,
    /// The value; `None` if the record does not hold it whole.
    pub(super) emit: Option<Emit>,
}

#[derive(Deserialize)]
struct ReadBody {
    epoch: Epoch,
    id: u64,
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
    emit: Option<String>,
    #[serde(default)]
    partial: bool,
}

/// Reads a value that is there; null is a value.
fn present<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a body in this encoding.
///
/// # Errors
/// Bytes that are no body.
pub(super) fn decode(encoding: &str, bytes: &[u8]) -> Result<Body, String> {
    let body: ReadBody = read(encoding, bytes)?;
    let emit = match (body.emit.as_deref(), body.value) {
        (Some("nothing"), None) => Emit::Nothing,
        (Some("exhausted"), None) => Emit::Exhausted,
        (Some(other), _) => return Err(format!("`emit` is `{other:.40}`")),
        (None, None) => return Err("there is neither `value` nor `emit`".to_owned()),
        (None, Some(value)) if encoding == "msgpack" => Emit::Value(restore(value)?),
        (None, Some(value)) => Emit::Value(value),
    };
    Ok(Body {
        epoch: body.epoch,
        id: body.id,
        emit: (!body.partial).then_some(emit),
    })
}

/// Reads any type in this encoding.
///
/// # Errors
/// Bytes that are none of the type, or another encoding.
pub(super) fn read<T: DeserializeOwned>(encoding: &str, bytes: &[u8]) -> Result<T, String> {
    match encoding {
        "json" => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
        "msgpack" => {
            let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
            // Each level of a value has a frame on the stack.
            reader.set_max_depth(4 * MAX_DEPTH);
            T::deserialize(&mut reader).map_err(|error| error.to_string())
        }
        other => Err(format!("its encoding is `{other:.40}`")),
    }
}

/// Restores the bytes and arrays of a value.
///
/// Raw bytes stand in a message nowhere but in the `data` of an array, so that a map of the user
/// with the same keys is told apart.
fn restore(value: Value) -> Result<Value, String> {
    Ok(match value {
        Value::Map(map) if matches!(map.get("data"), Some(Value::Bytes(_))) => array_of(&map)?,
        Value::Map(map) => {
            let entries = map.iter();
            let entries = entries.map(|(key, value)| Ok((key.clone(), restore(value.clone())?)));
            Value::from(entries.collect::<Result<Map, String>>()?)
        }
        Value::List(items) => {
            let items = items.iter().cloned().map(restore);
            items.collect::<Result<Vec<_>, _>>()?.into()
        }
        Value::Bytes(_) => return Err("bytes without `dtype` and `shape`".to_owned()),
        // What opens such objects may run code that they name.
        Value::Opaque(_) => return Err("an object of another language".to_owned()),
        other => other,
    })
}

fn array_of(map: &Map) -> Result<Value, String> {
    let refused = || "an array without `dtype`, `shape` and `data`".to_owned();
    let data: Bytes = map
        .get("data")
        .and_then(Value::as_bytes)
        .ok_or_else(refused)?
        .clone();
    let dtype = map
        .get("dtype")
        .and_then(Value::as_str)
        .ok_or_else(refused)?;
    let shape = map
        .get("shape")
        .and_then(Value::as_list)
        .ok_or_else(refused)?;
    let shape: Option<Vec<u64>> = shape.iter().map(Value::as_u64).collect();
    let shape = shape.ok_or_else(refused)?;
    if dtype == BYTES {
        return Ok(Value::Bytes(data));
    }
    if map
        .get("list")
        .is_some_and(|list| list.as_bool() == Some(true))
    {
        let number = NumberType::of(dtype);
        let list = number.and_then(|number| List::from_bytes(number, data));
        let reason = || format!("a list of numbers of the type `{dtype:.20}`");
        return list.map(Value::List).ok_or_else(reason);
    }
    Ok(Value::from(Tensor {
        dtype: dtype.into(),
        shape: shape.into(),
        data,
    }))
}

/// Result of an epoch, as its end marker has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EpochResult {
    /// The epoch was completed.
    Done,
    /// The epoch failed.
    Failed,
    /// The epoch was skipped, because a node with `on_error: skip` failed.
    Skipped,
}

/// End marker: the message that says that an epoch is over and recorded whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndMarker {
    /// Number of the root epoch.
    pub epoch: u32,
    /// Result of the epoch.
    pub result: EpochResult,
    /// Node that failed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Error, if the epoch failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl EndMarker {
    /// Returns the marker of an epoch that was completed.
    pub(crate) const fn done(epoch: u32) -> Self {
        Self {
            epoch,
            result: EpochResult::Done,
            node: None,
            error: None,
        }
    }
}

/// Returns any serde type as text in JSON.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> String {
    let text = serde_json::to_string(value);
    text.unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Object, ObjectCodec, StateCodec, Timestamp, ValueError};

    /// Object whose state cannot be read.
    struct Broken;

    impl StateCodec for Broken {
        fn state(&self) -> Result<Value, ValueError> {
            panic!("no state today")
        }

        fn from_state(_: &Value) -> Result<Self, ValueError> {
            Ok(Self)
        }
    }

    #[test]
    fn object_without_a_state_does_not_end_the_record() {
        const CODEC: &ObjectCodec = &ObjectCodec::by::<Broken>();
        let object = Value::Object(Object::new(1, "broken".into(), Broken, CODEC));
        let event = Event {
            id: 0,
            timestamp: Timestamp::from_micros(0),
            node_id: "a".into(),
            signal: "value".into(),
            epoch: Epoch::root(0),
            value: Emit::Value(Value::from(vec![Value::from(7), object])),
        };
        let mut written = Vec::new();
        encode(&event, Form::of(&event.value), &mut written).unwrap();
        let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written["partial"], true);
        assert_eq!(written["value"][0], 7);
        let text = written["value"][1].as_str().unwrap();
        assert!(text.contains("no state today"), "{text}");
    }
}
