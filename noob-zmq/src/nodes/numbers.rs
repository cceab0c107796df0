//! Nodes that work on numbers.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::graph::{Emit, HasShape, TypeShape, Value};
use crate::node;

/// A number: whole numbers stay whole, and become floating-point ones only in company of such.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    UInt(u64),
    /// A floating-point number.
    Float(f64),
}

// By hand: a derived one reads an integer beyond `i64` as a float, and rounds it.
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(i64::try_from(number).map_or(Number::UInt(number), Number::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number::Float(number))
    }

    // An integer beyond 64 bits is presented as a map.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Number, A::Error> {
        let reason = match Value::deserialize(MapAccessDeserializer::new(map))? {
            Value::BigInt(_) => "the integer is beyond 64 bits",
            _ => "expected a number",
        };
        Err(de::Error::custom(reason))
    }
}

impl HasShape for Number {
    fn shape() -> TypeShape {
        TypeShape::Number
    }
}

/// Why there is no result.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Too large for 64 bits.
    #[error(
        "{left} {sign} {right} is too large for a 64-bit number; make one of them a \
         floating-point number, like `1.0`"
    )]
    TooLarge {
        /// On the left.
        left: i128,
        /// The operator.
        sign: char,
        /// On the right.
        right: i128,
    },
    /// A division by the whole number zero.
    #[error("{0} cannot be divided by zero")]
    ByZero(i128),
    /// Counting beyond the last integer.
    #[error(
        "the next number in steps of {step} is beyond the integers of 64 bits with sign; set a \
         `limit` that ends the count before"
    )]
    CountEnds {
        /// The step.
        step: i64,
    },
    /// Counting in steps of zero.
    #[error("`step` is 0, which counts nowhere; leave it away to count in ones")]
    NoStep,
}

impl Number {
    #[expect(
        clippy::cast_precision_loss,
        reason = "that is what a floating-point number is"
    )]
    const fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::UInt(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// Returns the number if it is whole, in a type that has room for its sums.
    const fn whole(self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(number as i128),
            Self::UInt(number) => Some(number as i128),
            Self::Float(_) => None,
        }
    }

    /// Returns the whole number if it fits into 64 bits, with or without a sign.
    fn from_whole(number: i128) -> Option<Self> {
        let signed = i64::try_from(number).map(Self::Int);
        signed
            .or_else(|_| u64::try_from(number).map(Self::UInt))
            .ok()
    }

    fn with(
        self,
        sign: char,
        other: Self,
        whole: fn(i128, i128) -> Option<i128>,
        float: fn(f64, f64) -> f64,
    ) -> Result<Self, NumberError> {
        match (self.whole(), other.whole()) {
            (Some(left), Some(right)) => whole(left, right)
                .and_then(Self::from_whole)
                .ok_or(NumberError::TooLarge { left, sign, right }),
            _ => Ok(Self::Float(float(self.float(), other.float()))),
        }
    }

    fn plus(self, other: Self) -> Result<Self, NumberError> {
        self.with('+', other, i128::checked_add, |left, right| left + right)
    }
}

/// A counter.
#[derive(Debug)]
pub struct Count {
    /// The next number; `None` beyond the last integer.
    next: Option<i64>,
    step: i64,
    left: Option<u64>,
}

/// Counts from `start` (default 0) in steps of `step` (default 1), a number each epoch; ends after
/// `limit` numbers if it is set.
#[node(name = "noob_zmq.numbers.count")]
impl Count {
    /// Nothing was counted yet.
    ///
    /// # Errors
    /// A `step` of zero.
    pub const fn new(
        #[param(default)] start: i64,
        #[param(default = 1)] step: i64,
        limit: Option<u64>,
    ) -> Result<Self, NumberError> {
        if step == 0 {
            return Err(NumberError::NoStep);
        }
        Ok(Self {
            next: Some(start),
            step,
            left: limit,
        })
    }

    /// The next number.
    ///
    /// # Errors
    /// A number that does not fit into 64 bits with sign.
    #[process]
    pub fn count(&mut self) -> Result<Emit<i64>, NumberError> {
        if self.left == Some(0) {
            return Ok(Emit::Exhausted);
        }
        let Some(number) = self.next else {
            return Err(NumberError::CountEnds { step: self.step });
        };
        self.next = number.checked_add(self.step);
        self.left = self.left.map(|left| left - 1);
        Ok(Emit::Value(number))
    }

    /// Returns the next number, and how many are left if there is a limit.
    #[snapshot]
    #[must_use]
    pub const fn at(&self) -> (Option<i64>, Option<u64>) {
        (self.next, self.left)
    }

    /// Goes on from there.
    #[restore]
    pub const fn go_on(&mut self, at: (Option<i64>, Option<u64>)) {
        (self.next, self.left) = at;
    }
}

/// `left + right`.
///
/// # Errors
/// A whole number too large for 64 bits.
#[node(name = "noob_zmq.numbers.add")]
pub fn add(left: Number, right: Number) -> Result<Number, NumberError> {
    left.plus(right)
}

/// `left - right`.
///
/// # Errors
/// A whole number too large for 64 bits.
#[node(name = "noob_zmq.numbers.subtract")]
pub fn subtract(left: Number, right: Number) -> Result<Number, NumberError> {
    left.with('-', right, i128::checked_sub, |left, right| left - right)
}

/// `left * right`; `right` is 2, if it is not given.
///
/// # Errors
/// A whole number too large for 64 bits.
#[node(name = "noob_zmq.numbers.multiply")]
pub fn multiply(
    left: Number,
    #[slot(default = Number::Int(2))] right: Number,
) -> Result<Number, NumberError> {
    left.with('*', right, i128::checked_mul, |left, right| left * right)
}

/// `left / right`, always a floating-point number.
///
/// # Errors
/// A division by the whole number zero.
#[node(name = "noob_zmq.numbers.divide")]
pub fn divide(left: Number, right: Number) -> Result<f64, NumberError> {
    match (left.whole(), right.whole()) {
        (Some(left), Some(0)) => Err(NumberError::ByZero(left)),
        _ => Ok(left.float() / right.float()),
    }
}

/// The sum of a list; 0, if it is empty.
///
/// # Errors
/// A whole number too large for 64 bits.
#[node(name = "noob_zmq.numbers.sum")]
pub fn sum(numbers: Vec<Number>) -> Result<Number, NumberError> {
    numbers.into_iter().try_fold(Number::Int(0), Number::plus)
}

/// The sum of all numbers that came so far.
#[derive(Debug)]
pub struct Total {
    sum: Number,
}

/// The sum of all numbers that came so far, beginning with `start` (0, if it is not given).
#[node(name = "noob_zmq.numbers.total")]
impl Total {
    /// Nothing came yet.
    #[must_use]
    pub const fn new(#[param(default = Number::Int(0))] start: Number) -> Self {
        Self { sum: start }
    }

    /// Adds one more.
    ///
    /// # Errors
    /// A whole number too large for 64 bits.
    #[process]
    pub fn add(&mut self, number: Number) -> Result<Number, NumberError> {
        self.sum = self.sum.plus(number)?;
        Ok(self.sum)
    }

    /// The sum so far.
    #[snapshot]
    #[must_use]
    pub const fn sum(&self) -> Number {
        self.sum
    }

    /// Goes on from this sum.
    #[restore]
    pub const fn go_on(&mut self, sum: Number) {
        self.sum = sum;
    }
}

// For `tube!`, which looks for nodes under the names that tubes call them by.
#[doc(hidden)]
pub use __noob_node_Count as __noob_node_count;
#[doc(hidden)]
pub use __noob_node_Total as __noob_node_total;

crate::error_report::debug_as_report!(NumberError);

#[cfg(test)]
mod tests {
    use super::*;
    use Number::{Float, Int, UInt};

    #[test]
    fn integer_arithmetic_stays_integer() {
        assert_eq!(add(Int(2), Int(3)), Ok(Int(5)));
        assert_eq!(add(Int(2), Float(0.5)), Ok(Float(2.5)));
        assert_eq!(subtract(Int(2), Int(3)), Ok(Int(-1)));
        assert_eq!(multiply(Int(4), Int(3)), Ok(Int(12)));
        assert_eq!(divide(Int(1), Int(4)), Ok(0.25));
        assert_eq!(sum(vec![Int(1), Int(2), Int(3)]), Ok(Int(6)));
        assert_eq!(sum(vec![]), Ok(Int(0)));
    }

    #[test]
    fn integers_of_64_bits_are_exact_with_and_without_sign() {
        let above = 1 << 63;
        assert_eq!(add(Int(i64::MAX), Int(1)), Ok(UInt(above)));
        assert_eq!(subtract(UInt(above), Int(1)), Ok(Int(i64::MAX)));
        assert_eq!(subtract(Int(0), UInt(above)), Ok(Int(i64::MIN)));
        assert_eq!(multiply(Int(i64::MIN), Int(-1)), Ok(UInt(above)));
        assert_eq!(add(UInt(above + 1), Int(0)), Ok(UInt(above + 1)));
        assert_eq!(sum(vec![Int(i64::MAX); 2]), Ok(UInt(u64::MAX - 1)));
        assert_eq!(Total::new(UInt(above)).add(Int(1)), Ok(UInt(above + 1)));
        for overflow in [
            add(UInt(u64::MAX), Int(1)),
            subtract(Int(i64::MIN), Int(1)),
            multiply(UInt(u64::MAX), UInt(u64::MAX)),
            sum(vec![UInt(u64::MAX); 2]),
        ] {
            assert!(matches!(overflow, Err(NumberError::TooLarge { .. })));
        }
    }

    #[test]
    fn undefined_results_are_errors() {
        let text = add(UInt(u64::MAX), Int(1)).unwrap_err().to_string();
        assert!(
            text.starts_with("18446744073709551615 + 1 is too large for a 64-bit number"),
            "{text}"
        );
        assert_eq!(divide(Int(1), Int(0)), Err(NumberError::ByZero(1)));
        assert_eq!(divide(Float(1.0), Int(0)), Ok(f64::INFINITY));
    }

    #[test]
    fn count_emits_numbers_up_to_its_limit() {
        let counted = |start, step, limit| {
            let mut count = Count::new(start, step, limit).unwrap();
            [(); 3].map(|()| count.count())
        };
        let said = |number| Ok(Emit::Value(number));
        let end = Ok(Emit::Exhausted);
        assert_eq!(counted(0, 1, None), [said(0), said(1), said(2)]);
        assert_eq!(counted(5, -2, Some(2)), [said(5), said(3), end]);
        assert_eq!(
            counted(i64::MAX - 1, 1, None),
            [
                said(i64::MAX - 1),
                said(i64::MAX),
                Err(NumberError::CountEnds { step: 1 })
            ],
            "no number is left out in silence"
        );
        assert_eq!(Count::new(0, 0, None).err(), Some(NumberError::NoStep));
    }

    #[test]
    fn count_is_restored_from_snapshot() {
        let mut first = Count::new(0, 2, Some(3)).unwrap();
        first.count().unwrap();
        let mut second = Count::new(0, 2, Some(3)).unwrap();
        second.go_on(first.at());
        assert_eq!(
            [(); 3].map(|()| second.count()),
            [Emit::Value(2), Emit::Value(4), Emit::Exhausted].map(Ok)
        );
    }

    #[test]
    fn total_is_restored_from_snapshot() {
        let mut total = Total::new(Int(1));
        assert_eq!(total.add(Int(2)), Ok(Int(3)));
        assert_eq!(total.add(Float(0.5)), Ok(Float(3.5)));
    }
}
