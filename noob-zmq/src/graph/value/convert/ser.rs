//! A serde serializer that makes a [`Value`].

use serde::ser::{self, Serialize, Serializer};

use super::passthrough::{PASSTHROUGH, serialize_capturing};
use crate::graph::{Bytes, Map, Value, ValueError};

/// Makes a [`Value`] of what is serialized into it.
pub(super) struct ValueSerializer;

macro_rules! scalars {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<Value, ValueError> {
            Ok(Value::from(value))
        }
    )*};
}

/// Returns the contents of an enum variant as a map of one key; other contents as they are.
fn tagged(variant: Option<&str>, contents: Value) -> Value {
    match variant {
        Some(name) => [(name, contents)].into_iter().collect(),
        None => contents,
    }
}

/// Puts the name of an enum variant, if there is one, before the path of an error.
fn within(variant: Option<&str>, error: ValueError) -> ValueError {
    match variant {
        Some(name) => error.under(name),
        None => error,
    }
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = ListSerializer;
    type SerializeTuple = ListSerializer;
    type SerializeTupleStruct = ListSerializer;
    type SerializeTupleVariant = ListSerializer;
    type SerializeMap = MapSerializer;
    type SerializeStruct = MapSerializer;
    type SerializeStructVariant = MapSerializer;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ValueError> {
        Ok(Value::Bytes(Bytes::copy_from_slice(bytes)))
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        if name == PASSTHROUGH
            && let Some(whole) = serialize_capturing(|| value.serialize(Self))
        {
            return Ok(whole);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        let contents = value.serialize(self).map_err(|error| error.under(name))?;
        Ok(tagged(Some(name), contents))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListSerializer, ValueError> {
        Ok(ListSerializer::new(None, length.unwrap_or(0)))
    }

    fn serialize_tuple(self, length: usize) -> Result<ListSerializer, ValueError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<ListSerializer, ValueError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<ListSerializer, ValueError> {
        Ok(ListSerializer::new(Some(variant), length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapSerializer, ValueError> {
        Ok(MapSerializer::new(None, length.unwrap_or(0)))
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<MapSerializer, ValueError> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<MapSerializer, ValueError> {
        Ok(MapSerializer::new(Some(variant), length))
    }
}

/// Collects a list.
pub(super) struct ListSerializer {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl ListSerializer {
    fn new(variant: Option<&'static str>, length: usize) -> Self {
        Self {
            variant,
            items: Vec::with_capacity(length),
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let made = value.serialize(ValueSerializer);
        let made = made.map_err(|error| within(self.variant, error.item(self.items.len())))?;
        self.items.push(made);
        Ok(())
    }

    fn finish(self) -> Value {
        tagged(self.variant, self.items.into())
    }
}

macro_rules! list {
    ($($trait:ident::$method:ident),*) => {$(
        impl ser::$trait for ListSerializer {
            type Ok = Value;
            type Error = ValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
                self.push(value)
            }

            fn end(self) -> Result<Value, ValueError> {
                Ok(self.finish())
            }
        }
    )*};
}

list!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// Collects a map.
pub(super) struct MapSerializer {
    variant: Option<&'static str>,
    map: Map,
    key: Option<String>,
}

impl MapSerializer {
    fn new(variant: Option<&'static str>, length: usize) -> Self {
        Self {
            variant,
            map: Map::with_capacity(length),
            key: None,
        }
    }

    fn put<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), ValueError> {
        let made = value.serialize(ValueSerializer);
        let made = made.map_err(|error| within(self.variant, error.under(&key)))?;
        self.map.insert(key, made);
        Ok(())
    }

    fn finish(self) -> Value {
        tagged(self.variant, self.map.into())
    }
}

impl ser::SerializeMap for MapSerializer {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = Some(key_text(&key.serialize(ValueSerializer)?)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let key = self
            .key
            .take()
            .ok_or_else(|| ValueError::new("a map value came without its key"))?;
        self.put(key, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.finish())
    }
}

macro_rules! structs {
    ($($trait:ident),*) => {$(
        impl ser::$trait for MapSerializer {
            type Ok = Value;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), ValueError> {
                self.put(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, ValueError> {
                Ok(self.finish())
            }
        }
    )*};
}

structs!(SerializeStruct, SerializeStructVariant);

/// The text of a key; keys of a value are strings.
fn key_text(key: &Value) -> Result<String, ValueError> {
    match key {
        Value::Str(text) => Ok(text.as_ref().to_owned()),
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::BigInt(_) | Value::Float(_) => {
            Ok(key.to_string())
        }
        other => Err(ValueError::expected(
            &"a string, a number or a bool as the key of a map",
            other,
        )),
    }
}
