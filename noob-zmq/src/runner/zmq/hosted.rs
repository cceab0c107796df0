//! The node that a node runner hosts, and the tube that it is in.

use std::sync::Arc;

use crate::graph::{EdgePolicy, Name, NodeIx, Plan, Supervision, Tube};
use crate::node::NodeError;

/// The node that a node runner hosts, and the tube that it is in.
#[derive(Debug)]
pub struct Hosted {
    pub(super) id: Name,
    pub(super) tube: Arc<Tube>,
    pub(super) plan: Arc<Plan>,
    pub(super) me: NodeIx,
    pub(super) supervision: Supervision,
    pub(super) first: u32,
}

impl Hosted {
    /// The node `id` of `tube`.
    ///
    /// # Errors
    /// A node that the tube does not have.
    pub fn find(tube: Arc<Tube>, id: &str) -> Result<Self, NodeError> {
        let plan = Arc::new(Plan::new(&tube));
        match (plan.node_index(id), tube.nodes.get_key_value(id)) {
            (Some(me), Some((id, node))) => Ok(Self {
                id: Name::clone(id),
                plan,
                me,
                supervision: node.supervision,
                first: 0,
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
    pub const fn starting_at(mut self, first: u32) -> Self {
        self.first = first;
        self
    }

    /// With what is done about its failures where the tube does not say it.
    #[must_use]
    pub fn supervised(mut self, defaults: Supervision) -> Self {
        self.supervision = self.supervision.or(defaults);
        self
    }

    /// How many calls may wait before the oldest is left out, and the edges that say so; `None` if none is ever left out.
    pub(super) fn lossy(&self) -> Option<Lossy> {
        let mut lossy: Option<Lossy> = None;
        for edge in self.tube.upstream(&self.id) {
            if let EdgePolicy::DropOldest(most) = edge.policy {
                let name = format!("{}.{}", edge.source_node, edge.source_signal);
                let lossy = lossy.get_or_insert_with(|| Lossy {
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

/// Edges that rather lose events than make their source wait.
#[derive(Debug)]
pub(super) struct Lossy {
    /// How many calls may wait.
    pub(super) most: u32,
    /// The edges (`node.signal`), and how often each has lost an event.
    pub(super) edges: Vec<(String, u64)>,
}
