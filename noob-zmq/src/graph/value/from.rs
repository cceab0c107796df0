//! Values from Rust's own types, and values as text.

use std::{fmt, sync::Arc};

use super::{Bytes, Map, Opaque, Tensor, Value};

macro_rules! from {
    ($($type:ty => |$value:ident| $make:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        }
    )*};
}

from! {
    () => |_value| Self::Null;
    bool => |value| Self::Bool(value);
    i8 => |value| Self::Int(value.into());
    i16 => |value| Self::Int(value.into());
    i32 => |value| Self::Int(value.into());
    i64 => |value| Self::Int(value);
    u8 => |value| Self::Int(value.into());
    u16 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    u64 => |value| i64::try_from(value).map_or(Self::UInt(value), Self::Int);
    usize => |value| Self::from(value as u64);
    isize => |value| Self::Int(value as i64);
    i128 => |value| match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => Self::Int(value),
        (_, Ok(value)) => Self::UInt(value),
        _ => Self::BigInt(value.to_string().into()),
    };
    u128 => |value| match u64::try_from(value) {
        Ok(value) => Self::from(value),
        Err(_) => Self::BigInt(value.to_string().into()),
    };
    f32 => |value| Self::Float(value.into());
    f64 => |value| Self::Float(value);
    char => |value| Self::Str((&*value.encode_utf8(&mut [0; 4])).into());
    &str => |value| Self::Str(value.into());
    String => |value| Self::Str(value.into());
    Arc<str> => |value| Self::Str(value);
    Bytes => |value| Self::Bytes(value);
    Tensor => |value| Self::Tensor(Arc::new(value));
    Opaque => |value| Self::Opaque(Arc::new(value));
    Map => |value| Self::Map(Arc::new(value));
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<String>, T: Into<Self>> FromIterator<(K, T)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(entries: I) -> Self {
        Self::Map(Arc::new(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        ))
    }
}

/// Writes JSON, or `NaN`, `inf`, `<3 bytes>` or `<tensor <f8 [2, 3]>` where JSON has no equivalent.
///
/// Of an object, the state is written.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::UInt(value) => write!(f, "{value}"),
            Self::BigInt(digits) => f.write_str(digits),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Str(text) => write!(f, "{:?}", quoted(text)),
            Self::List(items) => f.debug_list().entries(items.iter().map(shown)).finish(),
            Self::Map(map) => f
                .debug_map()
                .entries(map.iter().map(|(key, value)| (quoted(key), shown(value))))
                .finish(),
            Self::Bytes(bytes) => write!(f, "<{} bytes>", bytes.len()),
            Self::Tensor(tensor) => write!(f, "<tensor {} {:?}>", tensor.dtype, tensor.shape),
            Self::Opaque(opaque) => write!(f, "<{}, {} bytes>", opaque.kind, opaque.size()),
            Self::Object(object) => match object.state() {
                Ok(state) => write!(f, "{state}"),
                Err(_) => write!(f, "<{}>", object.kind()),
            },
        }
    }
}

/// Returns a value as part of another one: on one line, whatever the format.
fn shown(value: &Value) -> impl fmt::Debug {
    fmt::from_fn(move |f| write!(f, "{value}"))
}

/// Returns a text between quotes, escaped as in JSON.
fn quoted(text: &str) -> impl fmt::Debug {
    fmt::from_fn(move |f| f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?))
}
