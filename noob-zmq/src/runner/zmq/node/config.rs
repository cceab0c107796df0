//! The node that a node runner hosts, and the tube that it is in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::actor::Scope;
use crate::graph::{EdgePolicy, Name, NodeIx, Plan, RestartWhen, Supervision, Tube};
use crate::node::{Node, NodeError};
use crate::runner::assets::with_assets;
use crate::runner::node_factory::make_node;
use crate::runner::zmq::node::checkpoint::CheckpointClient;
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::NodeSockets;

/// The node that a node runner hosts, and the tube that it is in.
#[derive(Debug)]
pub(crate) struct NodeConfig {
    pub(crate) id: Name,
    pub(crate) tube: Arc<Tube>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) me: NodeIx,
    pub(crate) supervision: Supervision,
    pub(crate) first: u32,
    pub(crate) incarnation: u32,
}

impl NodeConfig {
    /// The node `id` of `tube`.
    ///
    /// # Errors
    /// A node that the tube does not have.
    pub(crate) fn find(tube: Arc<Tube>, id: &str) -> Result<Self, NodeError> {
        let plan = Arc::new(Plan::new(&tube));
        match (plan.node_index(id), tube.nodes.get_key_value(id)) {
            (Some(me), Some((id, node))) => Ok(Self {
                id: Name::clone(id),
                plan,
                me,
                supervision: node.supervision,
                first: 0,
                incarnation: 0,
                tube,
            }),
            _ => Err(NodeError::new(format!(
                "the tube `{}` has no node `{id}`",
                tube.id
            ))),
        }
    }

    /// The same in a run whose first epoch is this one; 0 if nothing is said.
    #[must_use]
    pub(crate) const fn starting_at(mut self, first: u32) -> Self {
        self.first = first;
        self
    }

    /// In the process of this number that the node has in this run, from 0.
    #[must_use]
    pub(crate) const fn incarnated(mut self, incarnation: u32) -> Self {
        self.incarnation = incarnation;
        self
    }

    /// With what is done about its failures where the tube does not say it.
    #[must_use]
    pub(crate) fn supervised(mut self, defaults: Supervision) -> Self {
        self.supervision = self.supervision.or(defaults);
        self
    }

    /// Where what the node knows is kept for the process after this one; `None` if there is nothing to be kept, or will be no other.
    pub(super) fn checkpoints(&self) -> Option<CheckpointClient> {
        let restart = self.supervision.restart.unwrap_or_default();
        let node = self.tube.nodes.get(&self.id)?;
        let wanted = restart.when != RestartWhen::Never && node.stateful && node.restorable;
        wanted.then(|| CheckpointClient::new(self.incarnation))
    }

    /// How many calls may wait before the oldest is left out, and the edges that say so; `None` if none is ever left out.
    pub(crate) fn lossy(&self) -> Option<LossyEdges> {
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

/// Makes the node `id` of `tube`, with the assets of its own; one that says what it knows, if there is somebody who keeps it.
///
/// # Errors
/// What its type says, and a node that the tube does not have.
pub(crate) fn make_hosted(
    tube: &Tube,
    id: &str,
    checkpoints: Option<&CheckpointClient>,
) -> Result<Box<dyn Node>, NodeError> {
    let Some(node) = tube.nodes.get(id) else {
        return Err(NodeError::new(format!("the tube has no node `{id}`")));
    };
    let made = with_assets(tube, &node.id, make_node(&Plan::new(tube), node)?)?;
    Ok(match checkpoints {
        Some(checkpoints) => checkpoints.wrap(made),
        None => made,
    })
}

/// A node runner without sockets yet, which [`attach`](Self::attach) gives it.
pub struct StandaloneNode {
    pub(crate) hosted: NodeConfig,
    pub(crate) scope: Scope,
    /// Called when the node was shut down, with whether it had nothing to say against it.
    pub(crate) closed: Box<dyn FnOnce(bool) + Send>,
    pub(crate) timed: bool,
    /// What it knows of other hosts.
    pub(crate) neighbours: PeerDirectory,
}

impl StandaloneNode {
    /// The name of its node in the tube.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.hosted.id
    }

    /// Has it note how long the calls of its node take, for [`NodeRunner::calls`]; reading the clock costs some 50 ns a call.
    #[must_use]
    pub const fn timed(mut self) -> Self {
        self.timed = true;
        self
    }

    /// The node runner, with these sockets.
    #[must_use]
    pub fn attach(self, sockets: NodeSockets) -> NodeRunner {
        NodeRunner::new(self, sockets)
    }
}

impl fmt::Debug for StandaloneNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandaloneNode")
            .field("hosted", &self.hosted)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// The calls of a node that are over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallCounts {
    /// How many, failed ones too.
    pub number: u64,
    /// How long all of them took together, if that is noted ([`StandaloneNode::timed`], or a `timeout` in the tube).
    pub took: Duration,
}

/// Edges that rather lose events than make their source wait.
#[derive(Debug)]
pub(crate) struct LossyEdges {
    /// How many calls may wait.
    pub(crate) most: u32,
    /// The edges (`node.signal`), and how often each has lost an event.
    pub(crate) edges: Vec<(String, u64)>,
}
