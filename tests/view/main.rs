//! The page of a run: who may read it, its stream, its metrics, the command, and a real browser.

mod access;
mod browser;
mod command;
mod http;
mod metrics;
mod rig;
mod stream;
mod webdriver;

noob_zmq::test_nodes!();
