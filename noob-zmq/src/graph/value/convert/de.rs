//! A serde deserializer that reads a [`Value`] and lends its texts and bytes.

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::numbers::Numbers;
use super::passthrough::{PASSTHROUGH, deserialize_from};
use crate::graph::{Map, NumberType, Tensor, Value, ValueError};

/// Reads a [`Value`].
#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'de>(pub(super) &'de Value);

impl<'de> ValueDeserializer<'de> {
    fn refuse<V: Visitor<'de>>(self, visitor: &V) -> ValueError {
        ValueError::expected(visitor, self.0)
    }

    fn wide<V: Visitor<'de>>(self, digits: &str, visitor: V) -> Result<V::Value, ValueError> {
        if let Ok(value) = digits.parse() {
            visitor.visit_i128(value)
        } else if let Ok(value) = digits.parse() {
            visitor.visit_u128(value)
        } else {
            Err(self.refuse(&visitor))
        }
    }

    /// Presents a value that is neither a list nor a map.
    ///
    /// Each visitor is compiled with the cases that it may meet, and no others: they are a large
    /// part of the time that a build takes.
    fn scalar<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i64(*value),
            Value::UInt(value) => visitor.visit_u64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Str(text) => visitor.visit_borrowed_str(text),
            Value::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            _ => Err(self.refuse(&visitor)),
        }
    }

    /// Presents a value to a type with fields or keys, which a list does not have: items in the
    /// order of the fields are refused.
    fn fields<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Map(map) => read_map(map, visitor),
            _ => self.scalar(visitor),
        }
    }

    /// Presents a value of a kind that serde has.
    fn plain<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.list() {
            Some(list) => read_list(list, visitor),
            None => self.fields(visitor),
        }
    }

    fn list(self) -> Option<List<'de>> {
        let Value::List(items) = self.0 else {
            return None;
        };
        Some(match items.as_packed() {
            Some((number, data)) => List::Numbers(Numbers::flat(number, data)),
            None => List::Values(items),
        })
    }

    /// Returns the items of a list, of bytes or of a tensor.
    fn array(self) -> Option<List<'de>> {
        match self.0 {
            Value::Bytes(bytes) => Some(List::Numbers(Numbers::flat(NumberType::U8, bytes))),
            Value::Tensor(tensor) => Numbers::of_tensor(tensor).map(List::Numbers),
            _ => self.list(),
        }
    }
}

/// Methods that pass the name and the fields of a type on to no one.
macro_rules! forward {
    ($to:ident: $($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, ValueError> {
            $(let _ = $argument;)*
            self.$to(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            // Presented as a map of one key where serde buffers its input (untagged enums,
            // `flatten`): `Value::deserialize` recognises the key.
            Value::BigInt(digits) => visitor.visit_map(special("$int", Part::Text(digits))),
            Value::Tensor(tensor) => visitor.visit_map(special("$tensor", Part::Tensor(tensor))),
            _ => self.plain(visitor),
        }
    }

    forward! {
        scalar: deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_char() deserialize_str() deserialize_string()
        deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_identifier()
    }

    forward! {
        plain: deserialize_bytes() deserialize_byte_buf()
        deserialize_tuple_struct(name: &'static str, length: usize)
    }

    forward! {
        fields: deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.array() {
            Some(list) => read_list(list, visitor),
            None => self.fields(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::BigInt(digits) => self.wide(digits, visitor),
            _ => self.deserialize_i64(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_i128(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0.as_f64() {
            Some(value) => visitor.visit_f64(value),
            None => self.deserialize_i64(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if name == PASSTHROUGH {
            return deserialize_from(self.0, || visitor.visit_newtype_struct(self));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Str(variant) => visitor.visit_enum(BorrowedStrDeserializer::new(variant)),
            Value::Map(map) if map.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(MapReader { map, next: 0 }))
            }
            other => Err(ValueError::expected(
                &"the name of a variant, or a map whose one key is that name",
                other,
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }
}

/// List as a visitor sees it, in one type: each visitor is compiled once.
pub(super) enum List<'de> {
    Values(&'de [Value]),
    Numbers(Numbers<'de>),
}

impl List<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Values(items) => items.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

/// Presents a list to a visitor, which must take all of it.
pub(super) fn read_list<'de, V: Visitor<'de>>(
    list: List<'de>,
    visitor: V,
) -> Result<V::Value, ValueError> {
    let mut reader = ListReader { list, next: 0 };
    let result = visitor.visit_seq(&mut reader)?;
    reader.end().map(|()| result)
}

struct ListReader<'de> {
    list: List<'de>,
    next: usize,
}

impl ListReader<'_> {
    fn end(&self) -> Result<(), ValueError> {
        let (taken, length) = (self.next, self.list.len());
        if taken < length {
            return Err(ValueError::new(format!(
                "expected {taken} items, found {length}"
            )));
        }
        Ok(())
    }
}

impl<'de> SeqAccess<'de> for &mut ListReader<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let index = self.next;
        if index == self.list.len() {
            return Ok(None);
        }
        self.next += 1;
        let item = match &self.list {
            List::Values(items) => seed.deserialize(ValueDeserializer(&items[index])),
            List::Numbers(numbers) => seed.deserialize(numbers.item(index)),
        };
        item.map(Some).map_err(|error| error.item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len() - self.next)
    }
}

fn read_map<'de, V: Visitor<'de>>(map: &'de Map, visitor: V) -> Result<V::Value, ValueError> {
    visitor.visit_map(MapReader { map, next: 0 })
}

struct MapReader<'de> {
    map: &'de Map,
    next: usize,
}

impl<'de> MapAccess<'de> for MapReader<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        match self.map.get_index(self.next) {
            Some((key, _)) => seed
                .deserialize(KeyDeserializer(key))
                .map(Some)
                .map_err(|error| error.under(key)),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        let Some((key, value)) = self.map.get_index(self.next) else {
            return Err(ValueError::new("a map value was asked for before its key"));
        };
        self.next += 1;
        seed.deserialize(ValueDeserializer(value))
            .map_err(|error| error.under(key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.map.len() - self.next)
    }
}

/// Deserializer of a map key: the text, or the number or bool in the text if one is requested.
struct KeyDeserializer<'de>(&'de str);

macro_rules! parsed_keys {
    ($($method:ident => $visit:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDeserializer<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed_keys! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i64,
        deserialize_i16 => visit_i64,
        deserialize_i32 => visit_i64,
        deserialize_i64 => visit_i64,
        deserialize_i128 => visit_i128,
        deserialize_u8 => visit_u64,
        deserialize_u16 => visit_u64,
        deserialize_u32 => visit_u64,
        deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128,
        deserialize_f32 => visit_f64,
        deserialize_f64 => visit_f64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// Returns the map of one key that stands for a kind of [`Value`] without an equivalent in serde.
fn special<'de>(key: &'static str, part: Part<'de>) -> impl MapAccess<'de, Error = ValueError> {
    MapDeserializer::new(std::iter::once((key, part)))
}

/// A piece of such a map.
enum Part<'de> {
    Text(&'de str),
    Numbers(&'de [u64]),
    Data(&'de [u8]),
    Tensor(&'de Tensor),
}

impl<'de> Deserializer<'de> for Part<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Text(text) => visitor.visit_borrowed_str(text),
            Self::Numbers(numbers) => {
                visitor.visit_seq(SeqDeserializer::new(numbers.iter().copied()))
            }
            Self::Data(data) => visitor.visit_borrowed_bytes(data),
            Self::Tensor(tensor) => visitor.visit_map(MapDeserializer::new(
                [
                    ("dtype", Self::Text(&tensor.dtype)),
                    ("shape", Self::Numbers(&tensor.shape)),
                    ("data", Self::Data(&tensor.data)),
                ]
                .into_iter(),
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Part<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
