//! Errors of a run.

mod closed;
mod kind;
mod node;
mod open_epochs;

use std::sync::Arc;
use std::time::Duration;

pub use closed::ClosedReason;
pub use kind::RunErrorKind;
pub(crate) use node::DisplayEpoch;
pub use node::{NodeDeath, NodeFailure, Phase, UnreadyNode};
pub use open_epochs::OpenEpochs;

use crate::graph::spec::TubeErrors;
use crate::graph::{Name, ValueError};
use crate::inputs::InputError;
use crate::node::NodeError;
use crate::transport::TransportError;

/// Reason why a run failed: which node, where in the tube, in which epoch, and the chain of causes.
///
/// [`kind`](Self::kind) sorts the variants for a program that decides what to do. Variants say
/// which error is their `source()`; those that say nothing have none, since their causes come from
/// another process as text, and stand in their message.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A node returned an error or panicked.
    #[error(transparent)]
    Node(Box<NodeFailure>),
    /// An asset could not be made, or could not be closed.
    #[error("the asset `{asset}` ({place}) {}: {error}{}", match phase { Phase::Deinit => "could \
    not be closed", _ => "could not be made" }, error.indented_detail())]
    Asset {
        /// The asset.
        asset: Name,
        /// The place of the asset in the tube: `file:line:column`.
        place: String,
        /// The phase in which it failed: [`Phase::Init`] or [`Phase::Deinit`].
        phase: Phase,
        /// The error of the asset's own code.
        error: Box<NodeError>,
    },
    /// A handler of the command node returned an error: one of a custom command node, or an add-on
    /// handler.
    #[error("a handler of the command node failed on the socket `{socket}`: {error}")]
    Handler {
        /// The socket on which the message of the handler arrived.
        socket: &'static str,
        /// The error of the handler.
        error: NodeError,
    },
    /// The process of a node ended while the node was needed.
    #[error(transparent)]
    Died(Box<NodeDeath>),
    /// Nodes did not become ready in time.
    #[error("after {after:?} these nodes were not ready: {}", list(waiting))]
    NotReady {
        /// The time that was waited.
        after: Duration,
        /// The nodes, and what each of them waits for.
        waiting: Vec<UnreadyNode>,
    },
    /// The process of a node could not be started.
    #[error("cannot start a process for the node `{node}`: {why}")]
    Start {
        /// The node.
        node: Name,
        /// The reason.
        why: String,
    },
    /// The process of the runner may not open as many descriptors as the run needs.
    #[error(
        "the run needs {needed} file descriptors in the process of its runner, and may open \
         {limit}; raise the limit (`ulimit -n {needed}`, or `LimitNOFILE=` of systemd)"
    )]
    Descriptors {
        /// The number that is needed.
        needed: u64,
        /// The limit, above which this process cannot raise it.
        limit: u64,
    },
    /// A thread of the runner could not be started.
    ///
    /// The `source` is the I/O error.
    #[error("cannot start {purpose}: {error}")]
    Thread {
        /// The purpose of the thread.
        purpose: &'static str,
        /// The error of the operating system.
        #[source]
        error: Arc<std::io::Error>,
    },
    /// The run cannot be recorded, or was not recorded whole.
    ///
    /// The `source` is that of the error.
    #[cfg(feature = "record")]
    #[error(transparent)]
    Record(#[from] crate::record::RecordError),
    /// An input is missing or unusable.
    ///
    /// The `source` is that of the [`InputError`].
    #[error(transparent)]
    Input(#[from] InputError),
    /// The tube has no such node, or none that the call can be about.
    #[error(
        "the tube `{tube}` has no node `{node}`{}",
        nearest.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    )]
    UnknownNode {
        /// The tube.
        tube: Name,
        /// The name that was given.
        node: String,
        /// The name of a node that comes near.
        nearest: Option<Name>,
    },
    /// A node cannot be left to another host.
    #[error("the tube `{tube}` has no node `{node}` that another host could host: {reason}")]
    NotHostable {
        /// The tube.
        tube: Name,
        /// The node.
        node: Name,
        /// The reason.
        reason: String,
    },
    /// Nodes cannot share one process.
    #[error("the nodes `{group}` of the tube `{tube}` cannot share a process: {reason}")]
    CannotGroup {
        /// The tube.
        tube: Name,
        /// The nodes of the group, as they were given.
        group: String,
        /// The reason, with the names of the nodes that it is about.
        reason: String,
    },
    /// The placement does not fit to the tube.
    #[error(transparent)]
    Placement(TubeErrors),
    /// A node is placed on another host, and the runner does not listen for other hosts.
    #[error(
        "the node `{node}` is placed on the host `{host}`, and the runner listens for no other \
         hosts; give the address at which it listens (`noob-zmq run --listen`, or \
         `ZmqRunnerBuilder::remote`, with the feature `remote`)"
    )]
    NotListening {
        /// The node.
        node: Name,
        /// The host.
        host: Name,
    },
    /// The agent of a host could not be started, or has ended.
    #[error("the agent of the host `{host}` {why}")]
    Host {
        /// The host.
        host: Name,
        /// The reason.
        why: String,
    },
    /// A node cannot be enabled, since a node of the tube could never run with it.
    #[error(
        "with `{node}` enabled, `{blocked}` could never run: it would wait for itself, or lie \
         below two maps of which neither lies below the other"
    )]
    CannotEnable {
        /// The node that was to be enabled.
        node: String,
        /// The node that could never run.
        blocked: Name,
    },
    /// Epochs of the tube cannot be open at the same time, since nodes share an asset.
    #[error(
        "nodes share the asset `{asset}` ({place}), and so epochs run one after the other: use \
         `process`, or give the asset `scope: node`"
    )]
    SharedAsset {
        /// The asset.
        asset: Name,
        /// The place of the asset in the tube: `file:line:column`.
        place: String,
    },
    /// An asset cannot leave its process, but nodes in several processes share it.
    #[error(
        "the asset `{asset}` ({place}) stays in its process, and so cannot be shared by nodes in \
         several: give it `scope: node`, \
         make its type one that serde knows, or use another runner"
    )]
    LocalAsset {
        /// The asset.
        asset: Name,
        /// The place of the asset in the tube: `file:line:column`.
        place: String,
    },
    /// An event callback called the runner that calls it.
    #[error(
        "a callback cannot run epochs: the run goes on only when it has returned; have another \
         thread do it"
    )]
    InCallback,
    /// All numbers of epochs are used up.
    #[error("{epochs} epochs were run, and there are no numbers for more; make a new runner")]
    NoEpochNumbers {
        /// The number of epochs that were run.
        epochs: u32,
    },
    /// The runner cannot run epochs in the background, since it has no thread of its own.
    #[error(
        "this runner runs epochs only while it is called; use `run` or `iter`, or another runner"
    )]
    NoBackground,
    /// The runner runs epochs in the background, and cannot be asked for anything else.
    #[error("the tube runs freely since `start`; call `stop` first, or use a `RunnerHandle`")]
    RunsInBackground,
    /// This process is itself a node of another run, and its `main` ran on as if it were not.
    #[error(
        "this process was started as the node `{node}` of a run, but its `main` went on to run a \
         tube itself; put `#[noob_zmq::main]` on `main`, or begin it with `if let Some(code) = \
         noob_zmq::node_process() {{ return code; }}` (in a test binary: \
         `noob_zmq::test_nodes!();` at its top)"
    )]
    NotANode {
        /// The node that the process was started as.
        node: String,
    },
    /// The runner is not started or closed.
    ///
    /// The `source` is that of the reason: the earlier failure, where one closed the runner.
    #[error("{reason}")]
    Closed {
        /// The reason.
        #[source]
        reason: ClosedReason,
    },
    /// A socket or a directory failed.
    ///
    /// The `source` is that of the [`TransportError`].
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The actor in the process of the runner could not be started.
    #[error("{reason}")]
    Actor {
        /// The message of the actor's error.
        reason: String,
    },
    /// The returned value is not of the type that the caller wants.
    ///
    /// The `source` is the [`ValueError`].
    #[error("the tube returned a value of the type {found}, not a `{expected}`: {error}")]
    Returned {
        /// The Rust type that was wanted.
        expected: &'static str,
        /// The type of the value.
        found: &'static str,
        /// Why the value is not of the Rust type.
        #[source]
        error: ValueError,
    },
    /// So many epochs in a row returned nothing that [`iter`](crate::runner::Runner::iter) gave up.
    #[error(
        "{epochs} epochs in a row returned nothing; raise the limit with `set_max_iter_loops`, \
         or `run` a number of epochs instead"
    )]
    NothingReturned {
        /// The number of epochs in a row.
        epochs: u64,
    },
    /// Every source has ended.
    #[error("every source of the tube has ended; `deinit` and `init` start them again")]
    Exhausted,
    /// The scheduler cannot close an epoch though nothing in it can run.
    #[error(
        "epoch {epoch} of the tube `{tube}` has not ended though nothing in it can run; this is \
         a fault of noob-zmq"
    )]
    Stalled {
        /// The tube.
        tube: Name,
        /// The epoch.
        epoch: u32,
    },
}

impl RunError {
    /// Returns the error of a runner that is closed for this reason.
    pub(crate) const fn closed(reason: ClosedReason) -> Self {
        Self::Closed { reason }
    }

    /// Returns the error of a thread that cannot be started.
    pub(crate) fn thread(purpose: &'static str, error: std::io::Error) -> Self {
        Self::Thread {
            purpose,
            error: Arc::new(error),
        }
    }
}

/// Logs the error of a clean-up that follows another error, or that nobody waits for.
pub(crate) fn log_error(outcome: Result<(), RunError>) {
    if let Err(error) = outcome {
        tracing::warn!("{error}");
    }
}

/// Keeps the first error of a shutdown; further ones go to the log.
pub(crate) fn keep_first(outcome: &mut Result<(), RunError>, done: Result<(), RunError>) {
    if outcome.is_ok() {
        *outcome = done;
    } else {
        log_error(done);
    }
}

fn list(nodes: &[UnreadyNode]) -> String {
    let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    nodes.join("; ")
}

crate::error_report::debug_as_report!(RunError);
