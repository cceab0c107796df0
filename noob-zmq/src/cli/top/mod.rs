//! `noob-zmq top`: a view of a run in the terminal.
//!
//! `app` is the state of the view and its keys, without terminal or socket; `view` draws it, and
//! `session` reads the terminal and the run.

mod app;
mod session;
mod view;

pub(super) use session::{Arguments, top};
