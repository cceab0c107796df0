//! Conversion between values of tubes and Python objects.
//!
//! Every function needs the interpreter and is called where node code runs or where a caller waits,
//! never on a thread that serves sockets. A converted value owns its memory in Rust, so that its
//! drop needs no interpreter.

mod arrays;
mod from_python;
mod objects;
mod pickle;
mod to_python;

pub(crate) use from_python::{from_python, mapping};
pub(crate) use objects::{CODEC, Objects, PythonObject, after_call, set_node_process};
pub(crate) use to_python::{Arrays, to_python};
