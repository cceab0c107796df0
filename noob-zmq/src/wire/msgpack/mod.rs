//! The msgpack codec (the specification of msgpack.org).
//!
//! A body is `[kind, sender, microseconds, value]`; an event is
//! `[id, microseconds, node, signal, epoch, value]`. A value for which msgpack has no form is an
//! extension:
//!
//! | type | content |
//! |---|---|
//! | 1 | an integer beyond 64 bits: its digits |
//! | 3 | a tensor: `[dtype, [length, ..], bytes]` |
//! | 4 | no value: byte 0 for [`Emit::Nothing`], byte 1 for [`Emit::Exhausted`] |
//! | 5 | bytes (of a tensor, of a list) in a frame of their own: its number, in 4 bytes |
//! | 6 | a packed list of numbers: `[dtype, bytes]` |
//! | 7 | an object of another language: `[kind, bytes, [bytes, ..]]` |
//!
//! Frame 0 stands directly before the body, frame 1 before frame 0.
//!
//! [`Emit::Nothing`]: crate::graph::Emit::Nothing
//! [`Emit::Exhausted`]: crate::graph::Emit::Exhausted

mod reader;
mod writer;

pub(super) use reader::Reader;
pub(super) use writer::Writer;

const BIG_INT: u8 = 1;
const TENSOR: u8 = 3;
const NO_VALUE: u8 = 4;
const BUFFER: u8 = 5;
const PACKED: u8 = 6;
const OPAQUE: u8 = 7;
