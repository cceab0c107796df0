//! The page of a run: who may read it, its stream, its metrics, and the command.

mod access;
mod command;
mod http;
mod metrics;
mod rig;
mod stream;

noob_zmq::test_nodes!();
