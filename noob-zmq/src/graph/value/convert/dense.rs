//! Conversions of whole vectors, arrays and byte strings, whose numbers are copied at once or not
//! at all, where serde would pass them one by one.
//!
//! [`pack`] and [`unpack`] compare the type with the few that have such a conversion. In an
//! optimised build the compiler does so, and nothing is left of the other types.

use std::any::Any;
use std::mem::needs_drop;
use std::sync::Arc;

use crate::graph::{Bytes, List, Number, NumberType, Tensor, Value, ValueError};

/// Converts a vector of numbers, an array or bytes; gives back a value of any other type.
///
/// # Errors
/// The value itself, if its type has no such conversion.
pub(crate) fn pack<T: 'static>(value: T) -> Result<Value, T> {
    let mut slot = Some(value);
    if let Some(bytes) = take::<T, Bytes>(&mut slot) {
        return Ok(Value::Bytes(bytes));
    }
    macro_rules! vectors {
        ($($number:ty)*) => {$(
            if let Some(numbers) = take::<T, Vec<$number>>(&mut slot) {
                return Ok(Value::List(List::packed(numbers)));
            }
            if let Some(numbers) = take::<T, Option<Vec<$number>>>(&mut slot) {
                return Ok(numbers.map_or(Value::Null, |all| Value::List(List::packed(all))));
            }
        )*};
    }
    vectors!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);
    #[cfg(feature = "ndarray")]
    if let Some(value) = super::arrays::pack(&mut slot) {
        return Ok(value);
    }
    match slot {
        Some(value) => Err(value),
        // Nothing took it and kept nothing.
        None => Ok(Value::Null),
    }
}

/// Converts a value to a vector of numbers, an array or bytes.
///
/// Returns `None` for any other type, and for a value that serde can convert to the type one by one
/// if at all.
pub(crate) fn unpack<T: 'static>(value: &Value) -> Option<Result<T, ValueError>> {
    let mut slot = None;
    put::<T, Bytes>(&mut slot, || data_of(value, NumberType::U8).cloned());
    macro_rules! vectors {
        ($($number:ty)*) => {$(
            put::<T, Vec<$number>>(&mut slot, || numbers(value));
        )*};
    }
    vectors!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);
    put::<T, Tensor>(&mut slot, || tensor(value));
    if slot.is_some() {
        return slot.map(Ok);
    }
    #[cfg(feature = "ndarray")]
    return super::arrays::unpack(value);
    #[cfg(not(feature = "ndarray"))]
    None
}

/// Returns whether two types may be one.
///
/// The compiler knows the answer, and leaves out what follows for most types; it does not know
/// whether two [`TypeId`](std::any::TypeId)s are equal.
const fn may_be<T, U>() -> bool {
    size_of::<T>() == size_of::<U>() && needs_drop::<T>() == needs_drop::<U>()
}

/// Takes the value if it is a `U`.
#[inline(always)]
pub(super) fn take<T: 'static, U: 'static>(slot: &mut Option<T>) -> Option<U> {
    if !may_be::<T, U>() {
        return None;
    }
    let slot: &mut dyn Any = slot;
    slot.downcast_mut::<Option<U>>()?.take()
}

/// Puts in what `make` returns if the slot is for a `U`.
#[inline(always)]
pub(super) fn put<T: 'static, U: 'static>(slot: &mut Option<T>, make: impl FnOnce() -> Option<U>) {
    if !may_be::<T, U>() {
        return;
    }
    let slot: &mut dyn Any = slot;
    if let Some(slot) = slot.downcast_mut::<Option<U>>() {
        *slot = make();
    }
}

/// Returns the bytes of a list of such numbers: a packed list, bytes, or a tensor with one axis.
fn data_of(value: &Value, number: NumberType) -> Option<&Bytes> {
    match value {
        Value::Bytes(bytes) if number == NumberType::U8 => Some(bytes),
        Value::List(list) => match list.as_packed() {
            Some((own, data)) if own == number => Some(data),
            _ => None,
        },
        Value::Tensor(tensor) => {
            let [length] = *tensor.shape else {
                return None;
            };
            let whole = usize::try_from(length).ok()?.checked_mul(number.size())?;
            let fits = *tensor.dtype == *number.dtype() && tensor.data.len() == whole;
            fits.then_some(&tensor.data)
        }
        _ => None,
    }
}

/// Returns the numbers of a value themselves, if they lie side by side and aligned.
pub(crate) fn borrow<N: Number>(value: &Value) -> Option<&[N]> {
    data_of(value, N::TYPE).and_then(|data| bytemuck::try_cast_slice(data).ok())
}

pub(super) fn numbers<N: Number>(value: &Value) -> Option<Vec<N>> {
    data_of(value, N::TYPE).map(|data| bytemuck::pod_collect_to_vec(data))
}

/// Returns a packed list or bytes as a tensor with one axis.
fn tensor(value: &Value) -> Option<Tensor> {
    let (number, data) = match value {
        Value::Tensor(tensor) => return Some((**tensor).clone()),
        Value::Bytes(bytes) => (NumberType::U8, bytes),
        Value::List(list) => list.as_packed()?,
        _ => return None,
    };
    Some(Tensor {
        dtype: number.dtype().into(),
        shape: Arc::new([(data.len() / number.size()) as u64]),
        data: data.clone(),
    })
}
