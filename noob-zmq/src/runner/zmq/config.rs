//! Settings of a ZMQ runner, which the runner and its supervisor share.

#[cfg(feature = "remote")]
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use super::command::CommandNode;
use super::groups::NodeGroups;
use super::placement::{Placed, Placement};
use super::program::NodePrograms;
#[cfg(feature = "remote")]
use super::remote::RemoteConfig;
use crate::actor::Actor;
use crate::graph::{Supervision, Tube};
use crate::runner::RunError;
use crate::runner::admission::ForeignNodes;
#[cfg(feature = "remote")]
use crate::transport::TransportError;

/// Function that makes the command actor of a run from the command node of this library.
pub(super) type MakeCommand<A> = dyn Fn(CommandNode, <A as Actor>::Sockets) -> A + Send + Sync;

/// Settings of a ZMQ runner.
#[derive(Debug, Clone)]
pub(super) struct RunnerConfig {
    /// Whether the command node is an actor of the caller, which receives the values of all events.
    pub(super) own_command: bool,
    /// Directory below which each run has its own.
    pub(super) runtime_dir: PathBuf,
    pub(super) ready_timeout: Duration,
    pub(super) quit_timeout: Duration,
    /// Size of the shared memory of all nodes, in bytes.
    pub(super) shared_memory: u64,
    /// Handling of failures of nodes, where the tube has none.
    pub(super) supervision: Supervision,
    /// Nodes on other hosts that send no objects of other languages, in this run.
    pub(super) foreign: ForeignNodes,
    /// Programs of the node processes.
    pub(super) programs: NodePrograms,
    /// Groups of nodes that share one process, as the caller has given them.
    pub(super) groups: Vec<Vec<String>>,
    /// Hosts and processes of the nodes.
    pub(super) placement: Option<Placement>,
    /// Nodes on other hosts, and the listener for these hosts.
    #[cfg(feature = "remote")]
    pub(super) remote: Option<RemoteConfig>,
}

impl RunnerConfig {
    /// Returns the settings of a run of this tube, where the placement has become groups, programs
    /// and remote nodes.
    ///
    /// # Errors
    /// A placement that does not fit to the tube, or that needs other hosts where the runner does
    /// not listen for them.
    pub(super) fn with_placement(&self, tube: &Tube) -> Result<Self, RunError> {
        let Some(placement) = &self.placement else {
            return Ok(self.clone());
        };
        let rules = (&self.programs, self.supervision);
        let placed = placement
            .placed_by(tube, rules)
            .map_err(RunError::Placement)?;
        let mut config = self.clone();
        config.add_remote_nodes(&placed)?;
        let groups = placed.groups.into_values();
        let groups = groups.map(|group| group.iter().map(ToString::to_string).collect());
        config.groups.extend(groups);
        config.programs = config.programs.placed(placed.processes);
        Ok(config)
    }

    #[cfg(feature = "remote")]
    fn add_remote_nodes(&mut self, placed: &Placed) -> Result<(), RunError> {
        let remote = match (self.remote.take(), placed.node_without_ssh()) {
            (Some(remote), _) => remote,
            (None, Some((node, host))) => {
                return Err(RunError::NotListening {
                    node: node.clone(),
                    host: host.clone(),
                });
            }
            (None, None) if placed.elsewhere.is_empty() => return Ok(()),
            // Agents that are started by ssh need no address that is known before.
            (None, None) => RemoteConfig::with_key_of_run([(Ipv4Addr::UNSPECIFIED, 0).into()])
                .map_err(TransportError::from)?,
        };
        if remote.is_plain()
            && let Some((host, _)) = placed.hosts.iter().find(|(_, host)| host.ssh.is_some())
        {
            return Err(RunError::Host {
                host: host.clone(),
                why: "cannot be started by ssh: the runner listens without keys".to_owned(),
            });
        }
        let nodes = placed.elsewhere.keys().cloned();
        let remote = remote
            .remote_nodes(nodes)
            .placed_hosts(placed.hosts.clone());
        self.remote = Some(remote);
        Ok(())
    }

    #[cfg(not(feature = "remote"))]
    fn add_remote_nodes(&mut self, placed: &Placed) -> Result<(), RunError> {
        match placed.elsewhere.first() {
            None => Ok(()),
            Some((node, host)) => Err(RunError::NotListening {
                node: node.clone(),
                host: host.clone(),
            }),
        }
    }

    /// Returns the groups of a run of this tube.
    ///
    /// # Errors
    /// A group that cannot be a process.
    pub(super) fn node_groups(&self, tube: &Tube) -> Result<NodeGroups, RunError> {
        #[cfg(feature = "remote")]
        let remote = self.remote.as_ref();
        #[cfg(feature = "remote")]
        let remote = remote
            .map(RemoteConfig::remote_node_names)
            .unwrap_or_default();
        #[cfg(not(feature = "remote"))]
        let remote = std::collections::BTreeSet::default();
        let settings = (&self.programs, self.supervision);
        NodeGroups::resolve(tube, &self.groups, &remote, settings)
    }

    /// Returns the settings of a run that begins now: which hosts may send objects of other
    /// languages is decided once.
    pub(super) fn at_start(&self) -> Self {
        #[cfg(feature = "remote")]
        let foreign = match &self.remote {
            Some(remote) => remote.foreign_nodes(),
            None => ForeignNodes::default(),
        };
        #[cfg(not(feature = "remote"))]
        let foreign = ForeignNodes::default();
        Self {
            foreign,
            ..self.clone()
        }
    }
}
