//! Values that noob takes for others: `yes` for `true`, `"2"` for `2`.

use crate::graph::Value;

/// A truth value: `true` and `false`, 0 and 1, and the words for them.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Str(text) => match &*text.to_lowercase() {
            "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
            _ => None,
        },
        _ => match int(value) {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
    }
}

/// A whole number: one without a fraction, one in digits, or a truth value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a number that does not stay the same is not taken"
)]
pub(crate) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(truth) => Some((*truth).into()),
        Value::Float(float) => Some(*float as i64).filter(|int| *int as f64 == *float),
        Value::Str(text) => text.trim().parse().ok(),
        _ => value.as_i64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pydantic_takes_is_taken() {
        // Of noob: `enabled` and the params of `gather` are read by pydantic.
        for value in [
            true.into(),
            "yes".into(),
            "T".into(),
            1.into(),
            Value::Float(1.0),
        ] {
            assert_eq!(truth(&value), Some(true), "{value:?}");
        }
        for value in [2.into(), "maybe".into(), Value::Null, Value::Float(0.5)] {
            assert_eq!(truth(&value), None, "{value:?}");
        }
        for value in [2.into(), "2".into(), Value::Float(2.0)] {
            assert_eq!(int(&value), Some(2), "{value:?}");
        }
        assert_eq!(int(&true.into()), Some(1));
        for value in ["two".into(), Value::Float(2.5), Value::Null] {
            assert_eq!(int(&value), None, "{value:?}");
        }
    }
}
