//! Runner's side of the agents of other hosts: starts them by ssh, or has them connect, and tells
//! them which nodes to start.
//!
//! `connection` serves one agent, `ssh` starts one, and `hosts` is the table of all. The supervisor
//! owns the table and takes the messages about agents (`supervisor/agents.rs`).

mod connection;
mod hosts;
mod ssh;

pub(super) use connection::{AgentJoined, AgentMsg, LinePrinter, next_connection, serve_agent};
pub(super) use hosts::{AgentHosts, Connection, NodeStart};
pub(super) use ssh::run_by_ssh;
