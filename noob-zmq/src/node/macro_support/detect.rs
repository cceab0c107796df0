//! Detection, in the expansion of `#[node]`, of whether the shape of a type is known.

use std::marker::PhantomData;

use crate::graph::{HasShape, TypeShape};

/// `ShapeProbe::<T>::shape` is [`HasShape::shape`] if `T` implements the trait, and otherwise
/// [`ShapeFallback::shape`].
///
/// Rust prefers the inherent function to that of the trait. Both must be in scope, and `T` must not
/// be a type parameter.
#[derive(Debug)]
pub struct ShapeProbe<T: ?Sized>(PhantomData<T>);

impl<T: HasShape + ?Sized> ShapeProbe<T> {
    /// Returns the shape of the type.
    #[must_use]
    pub fn shape() -> TypeShape {
        T::shape()
    }
}

/// Shape of types that do not implement [`HasShape`].
pub trait ShapeFallback {
    /// Returns [`TypeShape::Unknown`].
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
    fn shape_is_detected_where_implemented() {
        assert_eq!(
            ShapeProbe::<Vec<bool>>::shape(),
            TypeShape::list(TypeShape::Bool)
        );
        assert_eq!(ShapeProbe::<Page>::shape(), TypeShape::Unknown);
        assert_eq!(ShapeProbe::<Vec<Page>>::shape(), TypeShape::Unknown);
    }
}
