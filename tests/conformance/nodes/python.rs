//! Python's arithmetic, for recorded node types with untyped arguments.

use noob_zmq::graph::Value;

/// Number: an integer of 64 bits or a float.
///
/// Booleans count as 0 and 1.
enum Number {
    Int(i64),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(value) => Some(Number::Int((*value).into())),
        Value::Float(value) => Some(Number::Float(*value)),
        Value::Int(value) => Some(Number::Int(*value)),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Python rounds as well where the two kinds meet"
)]
fn numbers(
    left: &Value,
    right: &Value,
    ints: impl Fn(i64, i64) -> Option<i64>,
    floats: impl Fn(f64, f64) -> f64,
) -> Option<Value> {
    Some(match (number(left)?, number(right)?) {
        (Number::Int(left), Number::Int(right)) => Value::Int(ints(left, right)?),
        (Number::Int(left), Number::Float(right)) => Value::Float(floats(left as f64, right)),
        (Number::Float(left), Number::Int(right)) => Value::Float(floats(left, right as f64)),
        (Number::Float(left), Number::Float(right)) => Value::Float(floats(left, right)),
    })
}

fn unsupported(what: &str, left: &Value, right: &Value) -> String {
    format!(
        "cannot {what} `{}` and `{}`",
        left.type_name(),
        right.type_name()
    )
}

/// Returns `left + right` of numbers, texts and lists.
pub(super) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    match (left, right) {
        (Value::Str(one), Value::Str(other)) => Ok(format!("{one}{other}").into()),
        (Value::List(one), Value::List(other)) => {
            Ok(one.iter().chain(other.iter()).cloned().collect())
        }
        _ => numbers(left, right, i64::checked_add, |left, right| left + right)
            .ok_or_else(|| unsupported("add", left, right)),
    }
}

/// Returns `left * right` of numbers, or of a text or a list and a number.
pub(super) fn multiply(left: &Value, right: &Value) -> Result<Value, String> {
    let times = |value: &Value| match number(value) {
        Some(Number::Int(times)) => Some(usize::try_from(times).unwrap_or_default()),
        _ => None,
    };
    match (left, right) {
        (Value::Str(text), other) | (other, Value::Str(text)) if times(other).is_some() => {
            Ok(text.repeat(times(other).unwrap_or_default()).into())
        }
        (Value::List(items), other) | (other, Value::List(items)) if times(other).is_some() => {
            let repeated = std::iter::repeat_n(items, times(other).unwrap_or_default());
            Ok(repeated.flat_map(|items| items.iter().cloned()).collect())
        }
        _ => numbers(left, right, i64::checked_mul, |left, right| left * right)
            .ok_or_else(|| unsupported("multiply", left, right)),
    }
}

/// Returns `value % 2 == 0`.
pub(super) fn is_even(value: &Value) -> Result<bool, String> {
    match number(value) {
        Some(Number::Int(value)) => Ok(value % 2 == 0),
        Some(Number::Float(value)) => Ok(value % 2.0 == 0.0),
        None => Err(format!("cannot divide `{}`", value.type_name())),
    }
}

/// Returns `left < right` of numbers.
pub(super) fn less(left: &Value, right: &Value) -> Result<bool, String> {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => Ok(left < right),
        _ => Err(unsupported("compare", left, right)),
    }
}

/// Returns `left == right`, with numbers compared by value.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (number(left), number(right)) {
        (Some(_), Some(_)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

/// Returns `divmod(left, right)`, which rounds down.
pub(super) fn divmod(left: &Value, right: &Value) -> Result<Value, String> {
    if right.as_f64() == Some(0.0) {
        return Err("division by zero".into());
    }
    let floor = |left: i64, right: i64| {
        let quotient = left.checked_div(right)?;
        let short = left % right != 0 && (left < 0) != (right < 0);
        Some(quotient - i64::from(short))
    };
    let rest = |left: i64, right: i64| Some(left.checked_rem(right)?.checked_add(right)? % right);
    let quotient = numbers(left, right, floor, |left, right| (left / right).floor());
    let rest = numbers(left, right, rest, |left, right| {
        ((left % right) + right) % right
    });
    match (quotient, rest) {
        (Some(quotient), Some(rest)) => Ok([quotient, rest].into()),
        _ => Err(unsupported("divide", left, right)),
    }
}

/// Returns the items of a loop over a value.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, String> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Str(text) => Ok(text
            .chars()
            .map(|letter| letter.to_string().into())
            .collect()),
        Value::Map(entries) => Ok(entries.keys().map(|key| key.as_str().into()).collect()),
        _ => Err(format!("`{}` has no items", value.type_name())),
    }
}

/// Returns `"".join(value)`.
pub(super) fn join(value: &Value) -> Result<String, String> {
    let text = |item: Value| {
        let text = item.as_str().map(str::to_owned);
        text.ok_or_else(|| format!("`{}` is no text", item.type_name()))
    };
    items(value)?.into_iter().map(text).collect()
}

/// Returns an integer.
pub(super) fn int(value: &Value) -> Result<i64, String> {
    match number(value) {
        Some(Number::Int(value)) => Ok(value),
        _ => Err(format!("`{}` is no whole number", value.type_name())),
    }
}
