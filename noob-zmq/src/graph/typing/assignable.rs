//! Assignability of shapes: which values serde accepts when a [`Value`](crate::graph::Value) is
//! deserialized.

use super::{HasShape, IntRange, TypeShape};
use crate::graph::NumberType;

/// Whether values of one shape go where another is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fit {
    /// All of them, as far as the shapes tell.
    Fits,
    /// Some of them: which do not, or which do.
    Narrows(String),
    /// None of them: why.
    Never(String),
}

impl Fit {
    /// Weakens `Never` to `Narrows`, for a container that may be empty or null: `only` names the
    /// value that is still accepted.
    fn at_most_narrow(self, only: &str) -> Self {
        match self {
            Self::Never(why) => Self::Narrows(format!("{why}; only {only} goes")),
            other => other,
        }
    }

    fn and(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Never(_), _) | (_, Self::Fits) => self,
            (_, Self::Never(_)) | (Self::Fits, _) => other,
            _ => self,
        }
    }
}

/// Returns whether values of shape `from` can be deserialized as a type of shape `to`; in doubt,
/// they can.
#[must_use]
pub fn fit(from: &TypeShape, to: &TypeShape) -> Fit {
    use TypeShape::{
        Any, Bool, Bytes, Char, Float, Int, List, Map, Null, Number, Str, Tensor, Tuple, Unknown,
    };
    match (from, to) {
        (Unknown, _) | (_, Unknown | Any) => Fit::Fits,
        (Any, _) => Fit::Narrows(format!("it may be any value, and not only {}", to.noun())),
        (Null, TypeShape::Option(_)) => Fit::Fits,
        (TypeShape::Option(from), TypeShape::Option(to)) => fit(from, to).at_most_narrow("null"),
        (from, TypeShape::Option(to)) => fit(from, to),
        (TypeShape::Option(from), to) => match fit(from, to) {
            Fit::Fits => Fit::Narrows("it may be null".to_owned()),
            Fit::Never(_) if *to == Null => Fit::Narrows("only null goes".to_owned()),
            other => other,
        },
        (TypeShape::Opaque, TypeShape::Opaque)
        | (Null, Null)
        | (Bool, Bool)
        | (Str, Str | Bytes)
        | (Char, Char | Str | Bytes) => Fit::Fits,
        (Bytes, Bytes) | (Int(_) | Float | Number, Float | Number) => Fit::Fits,
        (Int(from), Int(to)) => fit_integer_range(*from, *to),
        (Number, Int(_)) => Fit::Narrows("only an integer goes".to_owned()),
        (Str, Char) => Fit::Narrows("only a text of one character goes".to_owned()),
        (Bytes, Str | Char) => Fit::Narrows("only bytes that are UTF-8 text go".to_owned()),
        // What bytes are made of.
        (List { .. } | Tuple(_), Bytes) => {
            fit(from, &TypeShape::list(u8::shape())).at_most_narrow("an empty list")
        }
        (Bytes, List { .. } | Tuple(_)) => fit(&TypeShape::list(u8::shape()), to),
        (
            Tensor { number, axes },
            Tensor {
                number: wanted,
                axes: wanted_axes,
            },
        ) => fit_tensors((*number, *axes), (*wanted, *wanted_axes)),
        (Tensor { number, axes }, List { .. } | Tuple(_)) => {
            fit(&list_of_numbers(*number, *axes), to)
        }
        (List { .. } | Tuple(_) | Bytes, Tensor { number, axes }) => {
            fit(from, &list_of_numbers(*number, *axes))
        }
        (Map(from), Map(to)) => fit(from, to).at_most_narrow("an empty mapping"),
        (List { .. } | Tuple(_), List { .. } | Tuple(_)) => lists(from, to),
        _ => Fit::Never(format!("{} is never {}", from.noun(), to.noun())),
    }
}

fn fit_integer_range(from: Option<IntRange>, to: Option<IntRange>) -> Fit {
    match (from, to) {
        (Some(from), Some(to)) if from.low < to.low || from.high > to.high => {
            let IntRange { low, high } = to;
            Fit::Narrows(match (from.low < low, from.high > high) {
                (true, false) => format!("only numbers from {low} on go"),
                (false, true) => format!("only numbers up to {high} go"),
                _ => format!("only numbers from {low} to {high} go"),
            })
        }
        _ => Fit::Fits,
    }
}

/// Two tensors, by the type of their numbers and the number of their axes.
fn fit_tensors(
    (number, axes): (Option<NumberType>, Option<usize>),
    (wanted, wanted_axes): (Option<NumberType>, Option<usize>),
) -> Fit {
    let numbers = match (number, wanted) {
        (Some(number), Some(wanted)) if number != wanted => Fit::Never(format!(
            "a tensor of `{}` is never one of `{}`",
            number.name(),
            wanted.name()
        )),
        (None, Some(wanted)) => Fit::Narrows(format!("only a tensor of `{}` goes", wanted.name())),
        _ => Fit::Fits,
    };
    let shapes = match (axes, wanted_axes) {
        (Some(axes), Some(wanted)) if axes != wanted => Fit::Never(format!(
            "a tensor with {} is never one with {wanted}",
            counted(axes)
        )),
        (None, Some(wanted)) => {
            Fit::Narrows(format!("only a tensor with {} goes", counted(wanted)))
        }
        _ => Fit::Fits,
    };
    numbers.and(shapes)
}

fn counted(axes: usize) -> String {
    match axes {
        1 => "1 axis".to_owned(),
        _ => format!("{axes} axes"),
    }
}

/// Returns the shape of the nested lists that stand for a tensor.
fn list_of_numbers(number: Option<NumberType>, axes: Option<usize>) -> TypeShape {
    let number = number.map_or(TypeShape::Unknown, NumberType::shape);
    match axes {
        Some(axes) => (0..axes).fold(number, |inner, _| TypeShape::list(inner)),
        None => TypeShape::list(TypeShape::Unknown),
    }
}

/// Two lists, of a fixed length or not.
fn lists(from: &TypeShape, to: &TypeShape) -> Fit {
    let (has, wants) = (length(from), length(to));
    let lengths = match (has, wants) {
        (_, None) => Fit::Fits,
        (Some(has), Some(wants)) if has == wants => Fit::Fits,
        (Some(has), Some(wants)) => {
            return Fit::Never(format!("a list of {has} items is never one of {wants}"));
        }
        (None, Some(wants)) => Fit::Narrows(format!("only a list of {wants} items goes")),
    };
    // As many items as have a shape of their own on either side; of others, one stands for all.
    let several = items(from).max(items(to));
    let each = (0..several).fold(Fit::Fits, |sofar, at| {
        match (item(from, at), item(to, at)) {
            (Some(from), Some(to)) => sofar.and(fit(from, to)),
            _ => sofar,
        }
    });
    let may_be_empty = has.or(wants).is_none_or(|length| length == 0);
    let each = if may_be_empty {
        each.at_most_narrow("an empty list")
    } else {
        each
    };
    each.and(lengths)
}

fn length(list: &TypeShape) -> Option<usize> {
    match list {
        TypeShape::List { len, .. } => *len,
        TypeShape::Tuple(items) => Some(items.len()),
        _ => None,
    }
}

fn items(list: &TypeShape) -> usize {
    match list {
        TypeShape::Tuple(items) => items.len(),
        _ => 1,
    }
}

fn item(list: &TypeShape, at: usize) -> Option<&TypeShape> {
    match list {
        TypeShape::List { item, .. } => Some(item),
        TypeShape::Tuple(items) => items.get(at),
        _ => None,
    }
}
