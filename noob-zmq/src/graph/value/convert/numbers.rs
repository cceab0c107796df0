//! Lists of the numbers that bytes, a packed list or a tensor are made of, for types that take
//! lists.

use serde::de::Visitor;
use serde::{Deserializer, forward_to_deserialize_any};

use super::de::{List, read_list};
use crate::graph::{NumberType, Tensor, Value, ValueError};

/// Numbers in row-major order; the list of the outermost axis.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    number: NumberType,
    /// Lengths of the axes after the outermost.
    inner: &'a [u64],
    /// Number of bytes of an item of the outermost axis.
    step: usize,
    data: &'a [u8],
    length: usize,
}

impl<'a> Numbers<'a> {
    /// Returns the numbers of bytes or of a packed list.
    pub(super) const fn flat(number: NumberType, data: &'a [u8]) -> Self {
        let step = number.size();
        Self {
            number,
            inner: &[],
            step,
            data,
            length: data.len() / step,
        }
    }

    /// Returns the numbers of a tensor; `None` if it is a single number, if its numbers have a type
    /// that Rust does not have, or if there are not as many as its shape says.
    pub(super) fn of_tensor(tensor: &'a Tensor) -> Option<Self> {
        let number = NumberType::of(&tensor.dtype)?;
        Self::nested(number, &tensor.shape, &tensor.data)
    }

    fn nested(number: NumberType, shape: &'a [u64], data: &'a [u8]) -> Option<Self> {
        let (length, inner) = shape.split_first()?;
        let length = usize::try_from(*length).ok()?;
        let step = inner.iter().try_fold(number.size(), |step, axis| {
            step.checked_mul(usize::try_from(*axis).ok()?)
        })?;
        (length.checked_mul(step)? == data.len()).then_some(Self {
            number,
            inner,
            step,
            data,
            length,
        })
    }

    /// Returns the number of items.
    pub(super) const fn len(&self) -> usize {
        self.length
    }

    /// Returns an item; an item beyond the end is zero.
    pub(super) fn item(&self, at: usize) -> Item<'a> {
        let Self {
            number,
            inner,
            step,
            data,
            length: _,
        } = *self;
        let item = data.get(at * step..(at + 1) * step).unwrap_or_default();
        match Self::nested(number, inner, item) {
            Some(nested) => Item::Nested(nested),
            None => Item::Number(number.read(item).unwrap_or_default()),
        }
    }
}

/// Item of such a list: a number, which lends nothing, or the list of the next axis.
pub(super) enum Item<'a> {
    Number(Value),
    Nested(Numbers<'a>),
}

impl<'de> Deserializer<'de> for Item<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Number(Value::Int(number)) => visitor.visit_i64(number),
            Self::Number(Value::UInt(number)) => visitor.visit_u64(number),
            Self::Number(Value::Float(number)) => visitor.visit_f64(number),
            Self::Number(_) => visitor.visit_unit(),
            Self::Nested(numbers) => read_list(List::Numbers(numbers), visitor),
        }
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

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
