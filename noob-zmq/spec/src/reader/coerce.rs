//! Coercions of scalars, as noob makes them: `yes` is `true`, `"2"` is `2`.

use super::Scalar;

/// Returns the truth value that a scalar stands for.
///
/// `true` and `false`, 0 and 1, and words for them stand for one.
#[must_use]
pub fn truth(value: &Scalar) -> Option<bool> {
    match value {
        Scalar::Bool(truth) => Some(*truth),
        Scalar::Str(text) => match &*text.to_lowercase() {
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

/// Returns the whole number that a scalar stands for.
///
/// Numbers without a fraction, texts of digits and truth values stand for one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a number that does not stay the same is not taken"
)]
#[must_use]
pub fn int(value: &Scalar) -> Option<i64> {
    match value {
        Scalar::Bool(truth) => Some((*truth).into()),
        // The cast of a float from 2^63 on gives the greatest integer, which is another number.
        Scalar::Float(float) => {
            Some(*float as i64).filter(|int| *int as f64 == *float && *int < i64::MAX)
        }
        Scalar::Str(text) => text.trim().parse().ok(),
        Scalar::Int(int) => Some(*int),
        Scalar::UInt(int) => i64::try_from(*int).ok(),
        Scalar::Null | Scalar::BigInt(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Scalar {
        Scalar::Str(text.into())
    }

    #[test]
    fn coercions_of_pydantic_are_made() {
        // Of noob: `enabled` and the params of `gather` are read by pydantic.
        for value in [
            Scalar::Bool(true),
            text("yes"),
            text("T"),
            Scalar::Int(1),
            Scalar::Float(1.0),
        ] {
            assert_eq!(truth(&value), Some(true), "{value:?}");
        }
        for value in [
            Scalar::Int(2),
            text("maybe"),
            Scalar::Null,
            Scalar::Float(0.5),
        ] {
            assert_eq!(truth(&value), None, "{value:?}");
        }
        for value in [Scalar::Int(2), text("2"), Scalar::Float(2.0)] {
            assert_eq!(int(&value), Some(2), "{value:?}");
        }
        assert_eq!(int(&Scalar::Bool(true)), Some(1));
        for value in [
            text("two"),
            Scalar::Float(2.5),
            Scalar::Float(2_f64.powi(63)),
            Scalar::Null,
        ] {
            assert_eq!(int(&value), None, "{value:?}");
        }
    }
}
