//! JSON as noob writes and reads it: compact, UTF-8, integers of any size, `NaN` and the infinities read but never written.

mod reader;
mod write;

pub(super) use reader::Reader;
pub(super) use write::{
    write_bool, write_float, write_int, write_list, write_map, write_null, write_plain, write_str,
    write_uint,
};
