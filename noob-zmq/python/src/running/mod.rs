//! Tubes and runners, as the Python classes `Tube` and `Runner` of the extension module.
//!
//! A call that waits releases the interpreter, so that nodes, callbacks and other threads run.

mod callback;
mod forked;
mod interrupt;
mod reports;
mod returned;
mod runner;
mod settings;
mod tube;

pub(crate) use runner::Runner;
pub(crate) use settings::node_program;
pub(crate) use tube::Tube;
