//! `noob-zmq node`: hosts a node of a run whose runner is on another host.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Failure, hosts};
use crate::node::Registry;
use crate::runner::zmq::RemoteNode;
use crate::standard_streams::take_standard_input;
use crate::transport::keys::PublicKey;

/// Host a node of a run whose runner is on another host, until the run is over.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address of the runner (`10.0.0.1:5600`); may be given several times: the first that answers
    /// is taken.
    #[arg(long, value_name = "ADDR", required = true)]
    join: Vec<String>,
    /// The node.
    #[arg(long, value_name = "NODE")]
    id: String,
    /// The private key of this host [default: that of `noob-zmq keygen`].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The public key of the runner's host, as `noob-zmq keygen` prints it there.
    // One key in sixty-four begins with `-`.
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "plain",
        allow_hyphen_values = true
    )]
    server_key: Option<PublicKey>,
    /// Address at which other nodes reach this one [default: a free port of the address by which
    /// the runner is reached].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Seconds to wait for the runner.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u32,
    /// Without keys, as the runner: on loopback only.
    #[arg(long, conflicts_with_all = ["key", "server_key"])]
    plain: bool,
}

/// Hosts a node, and returns whether it has ended without an error.
pub(super) fn node(arguments: &Arguments, registry: &Registry) -> Result<bool, Failure> {
    take_standard_input()?;
    let at = arguments.join.clone();
    let mut join = match arguments.server_key {
        None => RemoteNode::plain(at, &arguments.id),
        Some(runner) => {
            let path = hosts::key_file(arguments.key.as_ref())?;
            RemoteNode::new(at, &arguments.id, hosts::load(&path)?, runner)
        }
    };
    if let Some(listen) = arguments.listen {
        join = join.listen(listen);
    }
    let wait = Duration::from_secs(arguments.wait.into());
    Ok(join.wait(wait).with_registry(registry.clone()).host()?)
}
