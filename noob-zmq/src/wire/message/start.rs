//! `start`: run some epochs, or freely.

use crate::{
    graph::{Value, ValueError},
    wire::{Message, RawMessage, WireError, Writer, lenient},
};

/// Nodes are to run this many more epochs, or freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// How many; `None` is until told to stop. Zero and less only change the status. Python's larger integers become the nearest.
    pub count: Option<i64>,
}

#[diagnostic::do_not_recommend]
impl Message for Start {
    const KIND: &'static str = "start";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        match self.count {
            Some(count) => writer.int(count),
            None => writer.null(),
        }
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        raw.read(|value| {
            let count = lenient::nullable(|value| match lenient::integer(value) {
                Some(Value::Int(count)) => Ok(count),
                Some(Value::BigInt(digits)) if digits.starts_with('-') => Ok(i64::MIN),
                Some(_) => Ok(i64::MAX),
                None => Err(ValueError::expected(&"a number of epochs, or null", value)),
            })(&value)?;
            Ok(Self { count })
        })
    }
}
