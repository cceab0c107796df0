//! Nodes on other hosts: how they are let into a run, and how a host joins one.
//!
//! - [`Hosts`] is what a runner is told of them; `reception` hears who asks to host a node.
//! - [`Join`] is the other side: is a node; `approach` asks a runner for it.

mod approach;
mod hosts;
mod join;
mod protocol;
mod reception;
mod signature;

pub use hosts::Hosts;
pub(super) use hosts::Opened;
pub use join::{Join, JoinError};
pub(super) use reception::{Asks, Declined, greet};
pub(super) use signature::Signature;
