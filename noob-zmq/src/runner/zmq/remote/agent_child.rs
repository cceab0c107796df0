//! Main function of the process of a node that an agent has started: its instructions come on
//! standard input, whose end is the end of the agent.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::join::RemoteNode;
use crate::actor::{Actor, Wraps};
use crate::node::{NodeError, Registry};
use crate::runner::zmq::node::group::serve::end_group;
use crate::runner::zmq::node::{NodeRunner, StandaloneNode};
use crate::runner::zmq::placement::limits::ProcessLimits;
use crate::runner::zmq::supervisor::launch::read_instructions;
use crate::standard_streams::take_standard_input;
use crate::transport::keys::{KeyPair, PublicKey};

/// Time for which the process tries to reach the runner.
const WAIT: Duration = Duration::from_secs(30);

/// Instructions for the process of a node that joins the run of another host.
#[derive(Serialize, Deserialize)]
pub(crate) struct JoinInstructions {
    /// Version of this crate.
    pub(crate) version: String,
    /// Name of the node in the tube.
    pub(crate) node: String,
    /// Addresses (`HOST:PORT`) of the runner.
    pub(crate) runner: Vec<String>,
    /// Private key of the agent, and public key of the runner; none for plain tcp.
    pub(crate) keys: Option<(Vec<u8>, String)>,
    /// Limits that the process sets for itself.
    pub(crate) limits: ProcessLimits,
}

/// Hosts the node of this process, which an agent has started; returns whether the node was shut
/// down without an error.
///
/// # Errors
/// Instructions that cannot be read, and those of [`RemoteNode::host`].
pub(crate) fn run<A>(
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
    registry: Registry,
) -> Result<bool, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let agent = rustix::process::getppid();
    let mut stdin = take_standard_input()?;
    let instructions: JoinInstructions = read_instructions(&mut stdin).map_err(|error| {
        NodeError::new(format!(
            "the instructions of the agent cannot be read: {error}"
        ))
    })?;
    let (theirs, ours) = (&instructions.version, env!("CARGO_PKG_VERSION"));
    if theirs != ours {
        return Err(NodeError::new(format!(
            "the agent is of version {theirs}, and the program of the node of version {ours}"
        )));
    }
    // Before any thread is started, which inherits the limits.
    instructions.limits.apply()?;
    let (at, node) = (instructions.runner, &instructions.node);
    let node = match instructions.keys {
        None => RemoteNode::plain(at, node),
        Some((secret, runner)) => {
            let own = KeyPair::from_secret(secret).map_err(NodeError::new)?;
            let runner: PublicKey = runner.parse()?;
            RemoteNode::new(at, node, own, runner)
        }
    };
    let mut node = node.wait(WAIT).with_registry(registry);
    // Without keys, nothing listens beyond loopback.
    node.everywhere = node.keys.is_some();
    node.agent = agent;
    let agent_gone = node.agent_gone.clone();
    watch_stdin(stdin, agent_gone.clone());
    let hosted = node.host_with(make);
    if agent_gone.is_cancelled()
        && let Some(agent) = agent
    {
        end_group(agent);
    }
    hosted.map_err(|error| NodeError::new(error.to_string()))
}

/// Starts a thread that waits for the end of standard input, which is the end of the agent.
fn watch_stdin(mut stdin: File, agent_gone: CancellationToken) {
    let watch = move || {
        let mut rest = [0; 64];
        while !matches!(stdin.read(&mut rest), Ok(0)) {}
        agent_gone.cancel();
    };
    // A thread, not a task: a read of standard input blocks, and the runtime would wait for it.
    let _ = std::thread::Builder::new()
        .name("noob-zmq-watch".into())
        .spawn(watch);
}
