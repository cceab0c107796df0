//! Builder of the ZMQ runner: everything that cannot change once the runner exists.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::command::CommandNode;
use super::config::{MakeCommand, RunnerConfig};
use super::placement::Placement;
use super::program::{NodePrograms, Program};
#[cfg(feature = "remote")]
use super::remote::RemoteConfig;
use super::runner::{ZmqBackend, ZmqRunner};
use crate::actor::{Actor, Wraps};
use crate::graph::{Supervision, Tube, TubeNode};
use crate::runner::RunReport;
use crate::runner::admission::ForeignNodes;
use crate::runner::pipeline::InFlightWindow;
use crate::transport::runtime_root;

/// Default size of the shared memory of a run, in bytes.
const SHARED_MEMORY: u64 = 1 << 30;

/// Settings of a [`ZmqRunner`] before it is built.
///
/// No method blocks or fails; what cannot be done with the settings is reported by
/// [`Runner::init`](crate::runner::Runner::init).
///
/// # Examples
/// ```no_run
/// use std::time::Duration;
///
/// use noob_zmq::prelude::*;
/// # fn example(tube: Tube) -> Result<(), RunError> {
/// let mut runner = ZmqRunner::builder(tube)
///     .window(8)
///     .ready_timeout(Duration::from_secs(5))
///     .build();
/// runner.run(100)?;
/// # Ok(()) }
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ZmqRunnerBuilder<A: Actor = CommandNode> {
    tube: Tube,
    config: RunnerConfig,
    window: InFlightWindow,
    make: Arc<MakeCommand<A>>,
}

impl ZmqRunnerBuilder<CommandNode> {
    pub(super) fn new(tube: Tube) -> Self {
        Self {
            config: RunnerConfig {
                own_command: false,
                runtime_dir: runtime_root(),
                ready_timeout: default_ready_timeout(tube.nodes.len()),
                quit_timeout: Duration::from_secs(2),
                shared_memory: SHARED_MEMORY,
                supervision: Supervision::default(),
                programs: NodePrograms::default(),
                foreign: ForeignNodes::default(),
                groups: Vec::new(),
                placement: None,
                #[cfg(feature = "remote")]
                remote: None,
            },
            tube,
            window: InFlightWindow::default(),
            make: Arc::new(|command, sockets| command.attach(sockets)),
        }
    }
}

impl<A> ZmqRunnerBuilder<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Replaces the command node by an actor of the caller.
    ///
    /// `make` is given the command node of this library and the open sockets of the spec, and
    /// returns the actor that runs. The command node must be given its sockets by
    /// [`CommandNode::attach`]; see `examples/custom_runner.rs`.
    pub fn command<B>(
        self,
        make: impl Fn(CommandNode, B::Sockets) -> B + Send + Sync + 'static,
    ) -> ZmqRunnerBuilder<B>
    where
        B: Actor + Wraps<CommandNode> + 'static,
    {
        ZmqRunnerBuilder {
            tube: self.tube,
            config: RunnerConfig {
                own_command: true,
                ..self.config
            },
            window: self.window,
            make: Arc::new(make),
        }
    }

    /// Sets the directory below which runs have theirs; [`runtime_root`] by default.
    ///
    /// The directory must be private, or not exist yet.
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        // Absolute, because the nodes find the directory by this path.
        self.config.runtime_dir = std::path::absolute(&directory).unwrap_or(directory);
        self
    }

    /// Listens for other hosts, and leaves some nodes to them.
    ///
    /// [`Runner::init`](crate::runner::Runner::init) waits until the hosts of these nodes have
    /// joined.
    #[cfg(feature = "remote")]
    pub fn remote(mut self, remote: RemoteConfig) -> Self {
        self.config.remote = Some(remote);
        self
    }

    /// Sets how long nodes may take to become ready; by default 30 s, and 0.1 s more for each node.
    pub const fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.config.ready_timeout = timeout;
        self
    }

    /// Sets how long a node may take to shut down before it is killed; 2 s by default.
    ///
    /// A node is asked by message at first, and by SIGTERM after two thirds of this time.
    pub const fn quit_timeout(mut self, timeout: Duration) -> Self {
        self.config.quit_timeout = timeout;
        self
    }

    /// Sets how many epochs may be open, or closed with a result that is not taken; 64 by default.
    ///
    /// `1` is strict lock-step.
    pub const fn window(mut self, epochs: u32) -> Self {
        self.window = self.window.with_epochs(epochs);
        self
    }

    /// Sets how many bytes the events of these epochs may take, about; 64 MiB by default.
    ///
    /// Fewer epochs are open where they are large, but at least one. The size of an epoch is
    /// learned from those before: the first that is larger than all before it is opened anyway.
    pub const fn window_bytes(mut self, bytes: u64) -> Self {
        self.window = self.window.with_bytes(bytes);
        self
    }

    /// Sets how many bytes of shared memory the nodes of the run may use for large values, each an
    /// equal share; 1 GiB by default, and 0 for none.
    ///
    /// Values from 64 KiB up are written there once, and read by the processes of this host without
    /// a copy. Memory is taken when it is needed: about what
    /// [`window_bytes`](Self::window_bytes) allows. Where there is none left, values are sent as
    /// bytes.
    pub const fn shared_memory(mut self, bytes: u64) -> Self {
        self.config.shared_memory = bytes;
        self
    }

    /// Sets what is done about nodes that fail, where the tube does not say it.
    ///
    /// By default nothing of a run is repeated or skipped.
    pub const fn supervision(mut self, defaults: Supervision) -> Self {
        self.config.supervision = defaults;
        self
    }

    /// Sets the program that the processes of all nodes run, in place of the program of the runner.
    pub fn node_program(mut self, program: Program) -> Self {
        self.config.programs.every = Some(program);
        self
    }

    /// Sets the program of each node; where `choose` returns `None`, the program of
    /// [`node_program`](Self::node_program), or else that of the runner.
    pub fn node_programs(
        mut self,
        choose: impl Fn(&TubeNode) -> Option<Program> + Send + Sync + 'static,
    ) -> Self {
        self.config.programs.choose = Some(Arc::new(choose));
        self
    }

    /// Puts these nodes into one process; may be called for several groups.
    ///
    /// Values, events, errors and the status are those of nodes with processes of their own. Events
    /// between the nodes of a group are passed within the process, and one thread makes the calls
    /// of all, so that a group is for quick nodes; it ends and is started again as one.
    ///
    /// [`Runner::init`](crate::runner::Runner::init) reports nodes that cannot share a process
    /// ([`RunError::CannotGroup`](crate::runner::RunError::CannotGroup)): those of a group are
    /// connected, no path leaves the group and comes back, and all have the same program and the
    /// same `restart` rule.
    pub fn group(mut self, nodes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let nodes = nodes.into_iter().map(Into::into).collect();
        self.config.groups.push(nodes);
        self
    }

    /// Runs the nodes on the hosts and in the processes of a placement; nodes that it does not name
    /// run as without it.
    ///
    /// Its programs come before those of [`node_programs`](Self::node_programs), and its groups
    /// beside those of [`group`](Self::group). Nodes on other hosts need a runner that
    /// listens (`remote`).
    ///
    /// [`Runner::init`](crate::runner::Runner::init) reports a placement that does not fit to the
    /// tube ([`RunError::Placement`](crate::runner::RunError::Placement)), and
    /// [`Placement::check`] does so without a run.
    pub fn placement(mut self, placement: &Placement) -> Self {
        self.config.placement = Some(placement.clone());
        self
    }

    /// Builds the runner; starts nothing.
    #[must_use]
    pub fn build(self) -> ZmqRunner<A> {
        let backend = ZmqBackend {
            config: self.config,
            make: self.make,
            running: None,
            last_report: RunReport::default(),
        };
        ZmqRunner::with_backend(self.tube, backend, self.window)
    }
}

impl<A: Actor> fmt::Debug for ZmqRunnerBuilder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZmqRunnerBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Returns how long the nodes of a tube may take to become ready: processes start one after the
/// other where there are fewer processors than nodes.
fn default_ready_timeout(nodes: usize) -> Duration {
    let nodes = u32::try_from(nodes).unwrap_or(u32::MAX);
    Duration::from_secs(30) + Duration::from_millis(100).saturating_mul(nodes)
}
