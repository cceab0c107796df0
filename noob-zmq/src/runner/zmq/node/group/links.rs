//! Links between the nodes of a group: what a node publishes is passed to the nodes of its process
//! that it feeds, in order and without a socket.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::graph::{Event, Name, Outcome, Tube};

/// Content of a message within a group.
#[derive(Debug)]
pub(crate) enum Delivery {
    Events(Vec<Event>),
    /// Outcomes that this node tells.
    Outcomes(Name, Vec<Outcome>),
}

/// Message from one node of a group to another.
#[derive(Debug, Clone)]
pub(crate) enum GroupMessage {
    /// Applies what a node that feeds the receiver has published.
    Deliver(Arc<Delivery>),
    /// Asks for everything that was published in open epochs, for this node.
    Resend(Name),
}

/// Way to a node of the group; a message to a node that has ended is dropped.
type Link = Box<dyn Fn(GroupMessage) + Send + Sync>;

/// Nodes of a process, and the ways to them.
#[derive(Default)]
pub(crate) struct GroupLinks {
    members: Vec<Name>,
    /// Set once all node runners are open, before the first epoch.
    links: OnceLock<HashMap<Name, Link>>,
}

impl GroupLinks {
    /// Returns the links of a process with these nodes.
    pub(crate) const fn new(members: Vec<Name>) -> Self {
        Self {
            members,
            links: OnceLock::new(),
        }
    }

    /// Sets the ways to the nodes.
    pub(super) fn connect(&self, links: HashMap<Name, Link>) {
        let _ = self.links.set(links);
    }

    /// Whether a node is in this process.
    pub(crate) fn contains(&self, node: &Name) -> bool {
        self.members.contains(node)
    }

    /// Returns the nodes of this process that a node feeds.
    pub(crate) fn readers_of(&self, node: &Name, tube: &Tube) -> Vec<Name> {
        let reads = |member: &&Name| {
            let mut edges = tube.edges.iter();
            edges.any(|edge| edge.source_node == *node && edge.target_node == **member)
        };
        self.members.iter().filter(reads).cloned().collect()
    }

    /// Sends a message to a node of this process.
    pub(crate) fn send(&self, to: &Name, message: GroupMessage) {
        if let Some(link) = self.links.get().and_then(|links| links.get(to)) {
            link(message);
        }
    }
}

impl fmt::Debug for GroupLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupLinks")
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
