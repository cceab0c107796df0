//! Coercions of values, as noob makes them: `yes` is `true`, `"2"` is `2`.
//!
//! The rules are those of scalars in a tube file, [`noob_zmq_spec::coerce`].

use noob_zmq_spec::{Scalar, coerce};

use super::{HasShape, Input, IntRange, Map, TypeShape, Value, found};

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

/// A value that does not have the declared type of its input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("has the type `{type_name}` and cannot be {found}; give {needs}")]
pub(crate) struct NotOfType {
    /// The type, as written.
    pub(crate) type_name: String,
    /// Description of the value.
    pub(crate) found: String,
    /// Values that the type has.
    pub(crate) needs: String,
}

impl Input {
    /// Returns the value as one of the declared type, by the coercions of tube files.
    ///
    /// A type whose name is not known takes every value.
    pub(crate) fn conform(&self, value: &Value) -> Result<Value, NotOfType> {
        conform(value, &self.shape).ok_or_else(|| NotOfType {
            type_name: self.type_name.clone(),
            found: found(value).to_string(),
            needs: needs(&self.shape),
        })
    }
}

fn needs(shape: &TypeShape) -> String {
    match shape {
        TypeShape::Bool => "`true` or `false`".into(),
        TypeShape::Int(Some(range)) => format!("an integer from {} to {}", range.low, range.high),
        TypeShape::Float | TypeShape::Number => {
            "a number, such as `2`, `0.5`, `.inf` or `.nan`".into()
        }
        TypeShape::List { .. } | TypeShape::Tuple(_) => "a list, as in `[1, 2]`".into(),
        TypeShape::Map(_) => "a mapping, as in `{\"a\": 1}`".into(),
        TypeShape::Option(inner) => format!("{}, or `null`", needs(inner)),
        other => other.noun().into(),
    }
}

/// Returns the value as one of this shape; `None` if it stands for none.
fn conform(value: &Value, shape: &TypeShape) -> Option<Value> {
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
        (TypeShape::List { item, len: None }, Value::List(_))
            if matches!(**item, TypeShape::Unknown | TypeShape::Any) =>
        {
            Some(value.clone())
        }
        // Packed numbers are numbers: they stay packed.
        (TypeShape::List { item, len: None }, Value::List(items))
            if items.as_packed().is_some()
                && matches!(**item, TypeShape::Float | TypeShape::Number) =>
        {
            Some(value.clone())
        }
        (TypeShape::Bytes, Value::List(_)) => {
            conform(value, &TypeShape::list(u8::shape())).map(|_| value.clone())
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
fn integer(value: &Value, range: Option<IntRange>) -> Option<Value> {
    let value = match value {
        Value::UInt(_) | Value::BigInt(_) => value.clone(),
        Value::Str(text) => match Value::from(&noob_zmq_spec::plain_scalar(text.trim())) {
            whole @ (Value::Int(_) | Value::UInt(_) | Value::BigInt(_)) => whole,
            Value::Float(float) => Value::Int(int(&Value::Float(float))?),
            _ => return None,
        },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::declared;

    fn as_type(value: impl Into<Value>, type_name: &str) -> Option<String> {
        let value = conform(&value.into(), &declared(type_name))?;
        Some(format!("{} {value}", value.type_name()))
    }

    #[test]
    fn integers_are_exact_or_refused() {
        let wide = "12345678901234567890123";
        assert_eq!(as_type(wide, "int"), Some(format!("integer {wide}")));
        assert_eq!(as_type(wide, "u64"), None);
        assert_eq!(as_type("0x10", "int").as_deref(), Some("integer 16"));
        assert_eq!(as_type(2.0, "int").as_deref(), Some("integer 2"));
        for refused in [
            Value::Float(9_223_372_036_854_775_808.0),
            Value::Float(1e23),
            Value::Float(f64::NAN),
            "123E5x".into(),
            "yes".into(),
        ] {
            assert_eq!(as_type(refused, "int"), None);
        }
    }

    #[test]
    fn texts_stay_texts_and_unknown_types_take_all() {
        assert_eq!(
            as_type("123E5", "str | None").as_deref(),
            Some("string \"123E5\"")
        );
        assert_eq!(as_type(3, "str"), None);
        for type_name in [
            "numpy.ndarray",
            "any",
            "int | str",
            "a text of any kind",
            "",
        ] {
            assert_eq!(as_type(3, type_name).as_deref(), Some("integer 3"));
            assert_eq!(as_type("x", type_name).as_deref(), Some("string \"x\""));
        }
        let bytes = Value::List(vec![Value::Int(1), Value::Int(255)].into());
        assert_eq!(as_type(bytes, "bytes").as_deref(), Some("list [1, 255]"));
    }
}
