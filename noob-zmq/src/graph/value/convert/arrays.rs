//! Arrays of the crate `ndarray`, which are tensors between nodes.

use std::any::TypeId;

use ndarray::{Array, Dimension, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
use serde::de::DeserializeOwned;

use super::dense::{numbers, put, take};
use super::from_value;
use crate::graph::{Bytes, Number, Tensor, Value, ValueError};

/// Evaluates a call for each type of numbers and each number of axes, until one returns something.
macro_rules! first_of_all_arrays {
    ($call:ident::<$type:ty>($argument:expr)) => {
        first_of_all_arrays!(@numbers $call $type, $argument, u8 i8 u16 i16 u32 i32 u64 i64 f32 f64)
    };
    (@numbers $call:ident $type:ty, $argument:expr, $($number:ty)*) => {
        None$(
            .or_else(|| $call::<$type, $number, Ix0>($argument))
            .or_else(|| $call::<$type, $number, Ix1>($argument))
            .or_else(|| $call::<$type, $number, Ix2>($argument))
            .or_else(|| $call::<$type, $number, Ix3>($argument))
            .or_else(|| $call::<$type, $number, Ix4>($argument))
            .or_else(|| $call::<$type, $number, Ix5>($argument))
            .or_else(|| $call::<$type, $number, Ix6>($argument))
            .or_else(|| $call::<$type, $number, IxDyn>($argument))
        )*
    };
}

/// Takes the value if it is an array, and converts it.
pub(super) fn pack<T: 'static>(slot: &mut Option<T>) -> Option<Value> {
    first_of_all_arrays!(pack_as::<T>(slot))
}

/// Converts a value if `T` is an array.
pub(super) fn unpack<T: 'static>(value: &Value) -> Option<Result<T, ValueError>> {
    first_of_all_arrays!(unpack_as::<T>(value))
}

/// Array whose bytes are the data of a tensor, in row-major order.
struct Owner<A, D>(Array<A, D>);

impl<A: Number, D: Dimension> AsRef<[u8]> for Owner<A, D> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice().map_or(&[], bytemuck::cast_slice)
    }
}

#[inline(always)]
fn pack_as<T: 'static, A: Number + Send, D: Dimension + 'static>(
    slot: &mut Option<T>,
) -> Option<Value> {
    let mut array = take::<T, Array<A, D>>(slot)?;
    if !array.is_standard_layout() {
        array = array.as_standard_layout().into_owned();
    }
    let shape = array.shape().iter().map(|length| *length as u64).collect();
    Some(Value::from(Tensor {
        dtype: A::TYPE.dtype().into(),
        shape,
        data: Bytes::from_owner(Owner(array)),
    }))
}

#[inline(always)]
fn unpack_as<T: 'static, A: Number + DeserializeOwned, D: Dimension + 'static>(
    value: &Value,
) -> Option<Result<T, ValueError>> {
    if TypeId::of::<T>() != TypeId::of::<Array<A, D>>() {
        return None;
    }
    let array = array::<A, D>(value).map(|array| {
        let mut slot = None;
        put::<T, Array<A, D>>(&mut slot, || Some(array));
        slot
    });
    array.transpose()
}

fn array<A: Number + DeserializeOwned, D: Dimension>(
    value: &Value,
) -> Result<Array<A, D>, ValueError> {
    let refused = || {
        let number = A::TYPE.name();
        let axes = match D::NDIM {
            Some(1) => " with 1 axis".to_owned(),
            Some(axes) => format!(" with {axes} axes"),
            None => String::new(),
        };
        let expected = format!("an array of `{number}`{axes}");
        ValueError::expected(&expected.as_str(), value)
    };
    let (shape, numbers) = match value {
        Value::Tensor(tensor) if *tensor.dtype == *A::TYPE.dtype() => {
            let lengths = tensor.shape.iter().map(|length| usize::try_from(*length));
            let shape = lengths.collect::<Result<_, _>>().map_err(|_| refused())?;
            (shape, bytemuck::pod_collect_to_vec(&tensor.data))
        }
        Value::List(_) | Value::Bytes(_) => match numbers::<A>(value) {
            Some(numbers) => (vec![numbers.len()], numbers),
            None => Nested::read(value)?,
        },
        _ => return Err(refused()),
    };
    let array = Array::from_shape_vec(IxDyn(&shape), numbers).map_err(|_| refused())?;
    array.into_dimensionality().map_err(|_| refused())
}

/// Numbers of nested lists, as `params` of a tube have them.
struct Nested<A> {
    shape: Vec<usize>,
    numbers: Vec<A>,
}

impl<A: DeserializeOwned> Nested<A> {
    fn read(value: &Value) -> Result<(Vec<usize>, Vec<A>), ValueError> {
        let mut nested = Self {
            shape: Vec::new(),
            numbers: Vec::new(),
        };
        nested.add(value, 0)?;
        Ok((nested.shape, nested.numbers))
    }

    /// Adds the numbers of a list on this axis, or one number.
    fn add(&mut self, value: &Value, axis: usize) -> Result<(), ValueError> {
        let Some(items) = value.as_list() else {
            if axis < self.shape.len() {
                return Err(ValueError::new("a number stands beside lists of numbers"));
            }
            self.numbers.push(from_value(value)?);
            return Ok(());
        };
        match self.shape.get(axis) {
            Some(length) if *length != items.len() => {
                return Err(ValueError::new(format!(
                    "a list of {} items stands beside lists of {length}",
                    items.len()
                )));
            }
            Some(_) => {}
            None if self.numbers.is_empty() => self.shape.push(items.len()),
            None => return Err(ValueError::new("a list stands beside numbers")),
        }
        items.iter().enumerate().try_for_each(|(index, item)| {
            self.add(item, axis + 1).map_err(|error| error.item(index))
        })
    }
}
