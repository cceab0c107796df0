//! Coercions of values, as noob makes them: `yes` is `true`, `"2"` is `2`.
//!
//! The rules are those of scalars in a tube file, [`noob_zmq_spec::coerce`].

use noob_zmq_spec::{Scalar, coerce};

use super::Value;

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
