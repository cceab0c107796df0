//! A small library of nodes for files, text and numbers, behind feature `std-nodes`.
//!
//! | type | purpose |
//! |---|---|
//! | `noob_zmq.files.lines` | reads a text file, a block of lines each epoch |
//! | `noob_zmq.text.words` | the words of a text |
//! | `noob_zmq.text.normalise` | words in lower case |
//! | `noob_zmq.text.count` | the number of occurrences of each word so far |
//! | `noob_zmq.text.top` | the most frequent words |
//! | `noob_zmq.text.lower`, `noob_zmq.text.upper` | a text in lower or upper case |
//! | `noob_zmq.text.split`, `noob_zmq.text.join` | a text to its parts, and back |
//! | `noob_zmq.numbers.count` | counts up or down, a number each epoch |
//! | `noob_zmq.numbers.add`, `.subtract`, `.multiply`, `.divide` | arithmetic of two numbers |
//! | `noob_zmq.numbers.sum`, `.total` | the sum of a list; the running total of all values |
//!
//! Integers are exact within 64 bits, with or without a sign; a result beyond them is an error.
//!
//! All of them are ordinary functions and types too, and their source shows how to write nodes.

pub mod files;
pub mod numbers;
#[cfg(test)]
mod tests;
pub mod text;
