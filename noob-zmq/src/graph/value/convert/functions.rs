//! The two ways in.

use serde::{Serialize, de::DeserializeOwned};

use super::{de::ValueDeserializer, ser::ValueSerializer};
use crate::graph::{Value, ValueError};

/// Converts a value of any serde type to a [`Value`].
///
/// Structs and maps become maps (keys that are numbers, truth values or characters become their
/// text), sequences and tuples become lists, enums are externally tagged (`"Unit"`, `{"Newtype":
/// ..}`), `None` and `()` become null, integers of 128 bits that do not fit 64 become
/// [`Value::BigInt`], and types that serialize as bytes (`bytes::Bytes`) become [`Value::Bytes`]; a
/// `Vec<u8>` is a list. A [`Value`] anywhere inside is taken over without a copy.
///
/// ```
/// use noob_zmq::graph::{Value, to_value};
///
/// assert_eq!(to_value(&(1, "two", None::<f64>))?.to_string(), r#"[1, "two", null]"#);
/// # Ok::<(), noob_zmq::graph::ValueError>(())
/// ```
///
/// # Errors
/// A map key that is not a scalar, or an error of the type's own `Serialize`; the text has the
/// path.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, ValueError> {
    value.serialize(ValueSerializer)
}

/// Converts a [`Value`] to a Rust type; the counterpart of [`to_value`].
///
/// An integer may become a float, never the other way round; a string may become bytes where the
/// type allows it. A [`Value`] inside the type is taken over without a copy.
///
/// ```
/// use noob_zmq::graph::{Value, from_value, to_value};
///
/// let words: Vec<String> = from_value(&Value::from(["a", "b"]))?;
/// assert_eq!(words, ["a", "b"]);
///
/// let error = from_value::<Vec<i64>>(&Value::from(["a"])).unwrap_err();
/// assert_eq!(error.to_string(), "expected i64, found the string `\"a\"`, at `[0]`");
/// # Ok::<(), noob_zmq::graph::ValueError>(())
/// ```
///
/// # Errors
/// The value does not have the shape of the type; the text has the expected type, the value, and
/// the path.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, ValueError> {
    let read = T::deserialize(ValueDeserializer(value));
    if let (Err(_), Value::Object(object)) = (&read, value) {
        // A type that is not an object handle is deserialized from the state of the object.
        return T::deserialize(ValueDeserializer(&object.state()?));
    }
    read
}
