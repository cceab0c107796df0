//! msgpack (the specification of msgpack.org) for bodies between Rust processes.
//!
//! A body is `[kind, sender, microseconds, value]`; an event is `[id, microseconds, node, signal, epoch, value]`. What msgpack has no
//! word for is an extension: 1 a big integer (its digits), 2 a pickle (its text), 3 a tensor (`[dtype, [length, ..], bytes]`), 4 no value
//! (byte 0: nothing happened; 1: the source has ended), 5 bytes, or the bytes of a tensor, that travel as a frame of their own (the number of that
//! frame, four bytes: 0 is the one before the body, 1 the one before that).

mod reader;
mod write;

pub(super) use reader::Reader;
pub(super) use write::{
    write_big_int, write_bool, write_buffer, write_bytes, write_exhausted, write_float, write_int,
    write_list, write_map, write_nothing, write_null, write_pickle, write_str, write_tensor,
    write_uint,
};

const BIG_INT: u8 = 1;
const PICKLE: u8 = 2;
const TENSOR: u8 = 3;
const NO_VALUE: u8 = 4;
const BUFFER: u8 = 5;
