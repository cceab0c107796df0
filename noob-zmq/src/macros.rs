//! The macros, with their documentation.

/// Makes a node of a function or of an `impl` block.
pub use noob_zmq_macros::node;

/// Makes `main` the entry of node processes, too.
pub use noob_zmq_macros::main;

/// Gives a node several signals: the fields of the struct that it returns.
pub use noob_zmq_macros::Signals;
