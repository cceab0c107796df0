//! The fields of messages, read as noob (pydantic) reads them: many forms are taken, few are refused.

use crate::graph::{Epoch, Map, Name, Segment, Timestamp, Value, ValueError};

/// The entries of a map.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map);

impl<'a> Fields<'a> {
    /// Of a value that must be a map.
    pub(super) fn of(value: &'a Value) -> Result<Self, ValueError> {
        match value {
            Value::Map(map) => Ok(Self(map)),
            other => Err(ValueError::expected(&"an object", other)),
        }
    }

    /// A field that must be there, read by `read`.
    pub(super) fn get<T>(
        self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Result<T, ValueError>,
    ) -> Result<T, ValueError> {
        match self.0.get(key) {
            Some(value) => read(value).map_err(|error| error.under(key)),
            None => Err(missing(key)),
        }
    }

    /// All of them, in order.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0.iter()
    }

    /// A field that may be absent or null.
    pub(super) fn optional<T>(
        self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Result<T, ValueError>,
    ) -> Result<Option<T>, ValueError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).map_err(|error| error.under(key)),
        }
    }
}

/// The message for a field that is not there.
pub(super) fn missing(key: &str) -> ValueError {
    ValueError::new(format!("`{key}` is missing"))
}

/// A text.
pub(super) fn text(value: &Value) -> Result<&str, ValueError> {
    value
        .as_str()
        .ok_or_else(|| ValueError::expected(&"a string", value))
}

/// A name.
pub(super) fn name(value: &Value) -> Result<Name, ValueError> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        other => Err(ValueError::expected(&"a name", other)),
    }
}

/// A list of names.
pub(super) fn names(value: &Value) -> Result<Vec<Name>, ValueError> {
    list(value, "a list of names", name)
}

/// A list, each item read by `read`.
pub(super) fn list<T>(
    value: &Value,
    expected: &str,
    read: impl Fn(&Value) -> Result<T, ValueError>,
) -> Result<Vec<T>, ValueError> {
    let items = value
        .as_list()
        .ok_or_else(|| ValueError::expected(&expected, value))?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| read(item).map_err(|error| error.item(index)))
        .collect()
}

/// Either null, or what `read` reads.
pub(super) fn nullable<T>(
    read: impl FnOnce(&Value) -> Result<T, ValueError>,
) -> impl FnOnce(&Value) -> Result<Option<T>, ValueError> {
    |value| {
        if value.is_null() {
            Ok(None)
        } else {
            read(value).map(Some)
        }
    }
}

/// An integer of any size, also as a bool, as a float without a fraction, and as a string (`"7"`, `" +7 "`, `"7.0"`, `"1_000"`).
pub(super) fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Int(_) | Value::UInt(_) | Value::BigInt(_) => Some(value.clone()),
        Value::Bool(value) => Some(Value::Int((*value).into())),
        // 2^63 and above are refused by noob, too.
        Value::Float(value)
            if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 =>
        {
            Some(Value::Int(*value as i64))
        }
        Value::Str(text) => {
            let text = text.trim();
            let (sign, digits) = match text.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", text.strip_prefix('+').unwrap_or(text)),
            };
            let (whole, zeros) = digits.split_once('.').unwrap_or((digits, "0"));
            let zero = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
            let grouped =
                !whole.starts_with(['_', '-']) && !whole.ends_with('_') && !whole.contains("__");
            if zero && grouped {
                Value::integer(&format!("{sign}{}", whole.replace('_', "")))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// The id of an event: noob takes any integer, which is folded into 64 bits (modulo 2⁶⁴). Ids are only ever compared.
pub(super) fn id(value: &Value) -> Result<u64, ValueError> {
    match integer(value) {
        Some(Value::Int(id)) => Ok(id as u64),
        Some(Value::UInt(id)) => Ok(id),
        Some(Value::BigInt(digits)) => {
            let folded = digits
                .bytes()
                .filter(u8::is_ascii_digit)
                .fold(0_u64, |id, digit| {
                    id.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
                });
            Ok(if digits.starts_with('-') {
                folded.wrapping_neg()
            } else {
                folded
            })
        }
        _ => Err(ValueError::expected(
            &"an integer as the id of an event",
            value,
        )),
    }
}

/// A number from 0 to 2³²−1.
fn index(value: &Value, what: &str) -> Result<u32, ValueError> {
    let number = match value {
        Value::Int(number) => u32::try_from(*number).ok(),
        other => integer(other).and_then(|number| u32::try_from(number.as_u64()?).ok()),
    };
    number.ok_or_else(|| {
        let expected = format!("{what}, an integer from 0 to 4294967295");
        ValueError::expected(&expected.as_str(), value)
    })
}

/// An epoch: `7`, `[7]`, `[7, ["m", 0]]`.
pub(super) fn epoch(value: &Value) -> Result<Epoch, ValueError> {
    let Value::List(items) = value else {
        return index(value, "an epoch (`7` or `[7, [\"node\", 0]]`)").map(Epoch::root);
    };
    let Some((root, path)) = items.split_first() else {
        return Err(ValueError::new(
            "expected an epoch (`7` or `[7, [\"node\", 0]]`), found an empty list",
        ));
    };
    let root = index(root, "the number of a root epoch").map_err(|error| error.item(0))?;
    let path = path
        .iter()
        .enumerate()
        .map(|(number, item)| segment(item).map_err(|error| error.item(number + 1)));
    Ok(Epoch::new(root, path.collect::<Result<Vec<_>, _>>()?))
}

fn segment(value: &Value) -> Result<Segment, ValueError> {
    match value.as_list() {
        Some([node, number]) => Ok(Segment {
            node: name(node).map_err(|error| error.item(0))?,
            index: index(number, "the number of a sub-epoch").map_err(|error| error.item(1))?,
        }),
        _ => Err(ValueError::expected(
            &"a step of an epoch (`[\"node\", 0]`)",
            value,
        )),
    }
}

/// The timestamp of an envelope.
pub(super) fn envelope_timestamp(value: &Value) -> Result<Timestamp, ValueError> {
    timestamp(value, Timestamp::parse_envelope)
}

/// The timestamp of an event.
pub(super) fn event_timestamp(value: &Value) -> Result<Timestamp, ValueError> {
    timestamp(value, Timestamp::parse_iso)
}

fn timestamp(
    value: &Value,
    parse: impl FnOnce(&str) -> Option<Timestamp>,
) -> Result<Timestamp, ValueError> {
    match value {
        Value::Str(text) => parse(text),
        _ => value.as_f64().and_then(Timestamp::from_unix),
    }
    .ok_or_else(|| {
        ValueError::expected(
            &"a moment (`2024-01-31T23:59:59.5Z` or seconds since 1970, years 1 to 9999)",
            value,
        )
    })
}

/// Nothing: null, or absent.
pub(super) fn nothing(value: &Value) -> Result<(), ValueError> {
    if value.is_null() {
        Ok(())
    } else {
        Err(ValueError::expected(&"null", value))
    }
}
