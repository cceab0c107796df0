//! Asks of a type whether its shape is known, in the code that `#[node]` writes.

use std::marker::PhantomData;

use crate::graph::{HasShape, TypeShape};

/// `ShapeProbe::<T>::shape` is the [`HasShape::shape`] of `T` where it has one: of two functions of one name, the type's own goes before the
/// trait's. Where it has none, the trait [`ShapeFallback`] says that nothing is known. For this both must be in sight, and `T` no type parameter.
#[derive(Debug)]
pub struct ShapeProbe<T: ?Sized>(PhantomData<T>);

impl<T: HasShape + ?Sized> ShapeProbe<T> {
    /// What is known of the type.
    #[must_use]
    pub fn shape() -> TypeShape {
        T::shape()
    }
}

/// What is said of types without a known shape.
pub trait ShapeFallback {
    /// Nothing is known.
    #[must_use]
    fn shape() -> TypeShape {
        TypeShape::Unknown
    }
}

impl<T: ?Sized> ShapeFallback for ShapeProbe<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Page;

    #[test]
    fn a_shape_is_found_where_there_is_one() {
        assert_eq!(
            ShapeProbe::<Vec<bool>>::shape(),
            TypeShape::list(TypeShape::Bool)
        );
        assert_eq!(ShapeProbe::<Page>::shape(), TypeShape::Unknown);
        assert_eq!(ShapeProbe::<Vec<Page>>::shape(), TypeShape::Unknown);
    }
}
