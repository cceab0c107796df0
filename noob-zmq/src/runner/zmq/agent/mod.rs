//! Agent of a host: starts the processes of nodes for runs of other hosts, and ends them.
//!
//! - `messages` has what an agent and a runner tell each other, over tcp or over the standard input
//!   and output of an agent that a runner has started by ssh.
//! - `session` serves one connection to a runner; `processes` owns the processes of the nodes.
//! - `serve` connects again and again, and serves one run after the other.
//!
//! The other half is the folder `launcher`. The agent decides nothing: the runner tells which nodes
//! to start, and the process of a node joins the run as one that a person has started.

pub(super) mod messages;
#[cfg(feature = "cli")]
mod processes;
#[cfg(feature = "cli")]
mod serve;
#[cfg(feature = "cli")]
mod session;

#[cfg(feature = "cli")]
pub(crate) use serve::{Agent, AgentRunner};
