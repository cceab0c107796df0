//! Configuration of a node process: its node, the tube, and settings from the runner.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::CheckpointClient;
use super::group::links::GroupLinks;
use super::node_runner::NodeRunner;
use super::type_check::check_type;
use super::worker::crew::Crew;
use crate::actor::Scope;
use crate::graph::{EdgePolicy, Name, NodeIx, Plan, RestartWhen, Supervision, Tube};
use crate::node::{Node, NodeError};
use crate::runner::admission::ForeignNodes;
use crate::runner::assets::with_assets;
use crate::runner::node_end::with_end;
use crate::runner::sync::make_node;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::NodeSockets;

/// Node of a node process, the tube that the node is in, and its place in the run.
#[derive(Debug)]
pub(crate) struct NodeConfig {
    pub(super) id: Name,
    pub(super) tube: Arc<Tube>,
    pub(super) plan: Arc<Plan>,
    pub(super) me: NodeIx,
    /// Handling of failures of the node: of the tube, and of the runner where the tube has none.
    pub(super) supervision: Supervision,
    /// First epoch of the run.
    pub(super) first_epoch: u32,
    /// Number of this process among those of the node in this run, from 0.
    pub(super) incarnation: u32,
    /// Size of the shared memory for large values of the node; zero for none.
    pub(super) shared_memory: usize,
    /// Whether the command node needs the values of all events.
    pub(super) observed: bool,
    /// Whether the node reports its calls, since an earlier process of it emitted large values.
    pub(super) reports: bool,
    /// Nodes on other hosts, with which the node exchanges no objects of other languages.
    pub(super) foreign: ForeignNodes,
    /// Nodes of the process, if it hosts several.
    pub(super) group: Arc<GroupLinks>,
}

impl NodeConfig {
    /// Returns the configuration of the node `id` of `tube`.
    ///
    /// # Errors
    /// A node that the tube does not have.
    pub(super) fn find(tube: Arc<Tube>, id: &str) -> Result<Self, NodeError> {
        let plan = Arc::new(Plan::new(&tube));
        match (plan.node_index(id), tube.nodes.get_key_value(id)) {
            (Some(me), Some((id, node))) => Ok(Self {
                id: Name::clone(id),
                plan,
                me,
                supervision: node.supervision,
                first_epoch: 0,
                incarnation: 0,
                shared_memory: 0,
                observed: false,
                reports: false,
                foreign: ForeignNodes::default(),
                group: Arc::default(),
                tube,
            }),
            _ => Err(NodeError::new(format!(
                "the tube `{}` has no node `{id}`",
                tube.id
            ))),
        }
    }

    /// Returns the store of checkpoints for the process after this one; `None` if the node has no
    /// state to restore, or is never restarted.
    pub(super) fn checkpoints(&self) -> Option<CheckpointClient> {
        let restart = self.supervision.restart.unwrap_or_default();
        let node = self.tube.nodes.get(&self.id)?;
        let wanted = restart.when != RestartWhen::Never && node.stateful && node.restorable;
        wanted.then(|| CheckpointClient::new(self.incarnation))
    }

    /// Returns the edges that drop events; `None` if there is none.
    pub(super) fn lossy_edges(&self) -> Option<LossyEdges> {
        let mut lossy: Option<LossyEdges> = None;
        for edge in self.tube.upstream(&self.id) {
            if let EdgePolicy::DropOldest(most) = edge.policy {
                let name = format!("{}.{}", edge.source_node, edge.source_signal);
                let lossy = lossy.get_or_insert_with(|| LossyEdges {
                    most,
                    edges: Vec::new(),
                });
                lossy.most = lossy.most.min(most);
                lossy.edges.push((name, 0));
            }
        }
        lossy
    }
}

/// Makes the node `id` of `tube`, with its node-scoped assets; with `checkpoints`, one that emits
/// its state after each call.
///
/// # Errors
/// The error of the node type, and a node that the tube does not have.
pub(super) fn make_hosted(
    tube: &Tube,
    id: &str,
    checkpoints: Option<&CheckpointClient>,
) -> Result<Box<dyn Node>, NodeError> {
    let Some(node) = tube.nodes.get(id) else {
        return Err(NodeError::new(format!("the tube has no node `{id}`")));
    };
    check_type(tube, node)?;
    let plan = Plan::new(tube);
    let made = with_assets(tube, &node.id, make_node(&tube.types, &plan, node)?)?;
    let made = with_end(tube, &node.id, made);
    Ok(match checkpoints {
        Some(checkpoints) => checkpoints.wrap(made),
        None => made,
    })
}

/// Node runner without sockets yet, which [`attach`](Self::attach) gives it.
pub struct StandaloneNode {
    pub(super) config: NodeConfig,
    pub(super) scope: Scope,
    /// Called when the node was shut down, with whether that went without an error.
    pub(super) on_closed: Box<dyn FnOnce(bool) + Send>,
    pub(super) peers: PeerDirectory,
    pub(super) crew: Arc<Crew>,
}

impl StandaloneNode {
    /// Returns the name of the node in the tube.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.config.id
    }

    /// Returns the node runner, with these sockets.
    #[must_use]
    pub fn attach(self, sockets: NodeSockets) -> NodeRunner {
        NodeRunner::new(self, sockets)
    }
}

impl fmt::Debug for StandaloneNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandaloneNode")
            .field("config", &self.config)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Ended calls of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallCounts {
    /// Number of calls, failed ones included.
    pub number: u64,
    /// Time that all of them took together.
    pub took: Duration,
}

/// Edges that drop events rather than make their source wait.
#[derive(Debug)]
pub(super) struct LossyEdges {
    /// Number of calls that may wait.
    pub(super) most: u32,
    /// Edges (`node.signal`), and the number of events that each has dropped.
    pub(super) edges: Vec<(String, u64)>,
}
