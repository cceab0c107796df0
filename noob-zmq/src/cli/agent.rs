//! `noob-zmq agent`: hosts the nodes that runners place on this host.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, hosts};
use crate::runner::zmq::{Agent, AgentRunner};
use crate::transport::keys::PublicKey;

/// Host the nodes that the placement of a runner has on this host, of one run after the other.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address of the runner (`10.0.0.1:5600`); may be given several times: the first that
    /// completes the handshake is taken.
    #[arg(long, value_name = "ADDR", required_unless_present = "stdin")]
    join: Vec<String>,
    /// The name of this host in placements [default: its host name, up to the first dot].
    #[arg(long)]
    name: Option<String>,
    /// The labels of this host, separated by commas; a placement that gives it others is warned
    /// about.
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    labels: Vec<String>,
    /// The private key of this host [default: that of `noob-zmq keygen`].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The public key of the runner's host, as `noob-zmq keygen` prints it there.
    // One key in sixty-four begins with `-`.
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present_any = ["plain", "stdin"],
        allow_hyphen_values = true
    )]
    server_key: Option<PublicKey>,
    /// Without keys, as the runner: on loopback only.
    #[arg(long, conflicts_with_all = ["key", "server_key"])]
    plain: bool,
    /// End with the first run, and with a runner that has no nodes for this host.
    #[arg(long)]
    once: bool,
    /// Seconds after which nodes are ended whose runner is not reached any more.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    patience: u32,
    /// Serve the runner at the other end of standard input and output, which has started this
    /// process by ssh.
    #[arg(long, conflicts_with_all = ["join", "key", "server_key", "plain"])]
    stdin: bool,
}

pub(super) fn agent(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let agent = Agent {
        name: arguments.name.clone().unwrap_or_else(host_name),
        labels: arguments.labels.clone(),
        patience: Duration::from_secs(arguments.patience.into()),
        once: arguments.once,
    };
    let runner = if arguments.stdin {
        AgentRunner::StandardStreams
    } else {
        let keys = match arguments.server_key {
            None => None,
            Some(runner) => {
                let path = hosts::key_file(arguments.key.as_ref())?;
                Some((hosts::load(&path)?, runner))
            }
        };
        AgentRunner::Tcp {
            addresses: arguments.join.clone(),
            keys,
        }
    };
    Ok(agent.run(runner)?)
}

/// Returns the name of this host, up to the first dot.
fn host_name() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
