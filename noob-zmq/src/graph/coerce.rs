//! Coercions of values, as noob makes them: `yes` is `true`, `"2"` is `2`.
//!
//! The rules are those of scalars in a tube file, [`noob_zmq_spec::coerce`].

use noob_zmq_spec::{Scalar, coerce};

use super::Value;
#[cfg(feature = "cli")]
use super::{IntRange, Map, TypeShape};

/// Returns the truth value that a value stands for.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    coerce::truth(&scalar(value)?)
}

/// Returns the whole number that a value stands for.
pub(crate) fn int(value: &Value) -> Option<i64> {
    coerce::int(&scalar(value)?)
}

fn scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Bool(truth) => Scalar::Bool(*truth),
        Value::Int(int) => Scalar::Int(*int),
        Value::UInt(int) => Scalar::UInt(*int),
        Value::Float(float) => Scalar::Float(*float),
        Value::Str(text) => Scalar::Str(text.clone()),
        _ => return None,
    })
}

/// Returns the value as one of this shape; `None` if it stands for none.
#[cfg(feature = "cli")]
pub(crate) fn conform(value: &Value, shape: &TypeShape) -> Option<Value> {
    match (shape, value) {
        (TypeShape::Unknown | TypeShape::Any, _) | (TypeShape::Option(_), Value::Null) => {
            Some(value.clone())
        }
        (TypeShape::Option(inner), value) => conform(value, inner),
        (TypeShape::Bool, value) => truth(value).map(Value::Bool),
        (TypeShape::Int(range), value) => integer(value, *range),
        (TypeShape::Float | TypeShape::Number, Value::Str(text)) => {
            match Value::from(&noob_zmq_spec::plain_scalar(text.trim())) {
                Value::Str(_) => None,
                number => conform(&number, shape),
            }
        }
        (TypeShape::List { item, len }, Value::List(items)) => {
            let items = items.iter().map(|value| conform(value, item));
            let items: Vec<Value> = items.collect::<Option<_>>()?;
            len.is_none_or(|len| len == items.len())
                .then(|| Value::List(items.into()))
        }
        (TypeShape::Tuple(shapes), Value::List(items)) if shapes.len() == items.len() => {
            let items = items.iter().zip(shapes);
            let items = items.map(|(value, shape)| conform(value, shape));
            Some(Value::List(items.collect::<Option<Vec<_>>>()?.into()))
        }
        (TypeShape::Map(item), Value::Map(pairs)) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(key, value)| Some((key.clone(), conform(value, item)?)));
            Some(Value::Map(pairs.collect::<Option<Map>>()?.into()))
        }
        (TypeShape::Null, Value::Null)
        | (
            TypeShape::Float | TypeShape::Number,
            Value::Int(_) | Value::UInt(_) | Value::BigInt(_) | Value::Float(_),
        )
        | (TypeShape::Str, Value::Str(_))
        | (TypeShape::Bytes, Value::Bytes(_) | Value::Str(_)) => Some(value.clone()),
        (TypeShape::Char, Value::Str(text)) => (text.chars().count() == 1).then(|| value.clone()),
        _ => None,
    }
}

/// Returns the integer that a value stands for, if it is in the range.
#[cfg(feature = "cli")]
fn integer(value: &Value, range: Option<IntRange>) -> Option<Value> {
    let value = match value {
        Value::UInt(_) | Value::BigInt(_) => value.clone(),
        other => Value::Int(int(other)?),
    };
    let Some(range) = range else {
        return Some(value);
    };
    let digits = value.to_string();
    let fits = match digits.parse::<i128>() {
        Ok(int) => int >= range.low && u128::try_from(int).map_or(true, |int| int <= range.high),
        Err(_) => digits.parse::<u128>().is_ok_and(|int| int <= range.high),
    };
    fits.then_some(value)
}
