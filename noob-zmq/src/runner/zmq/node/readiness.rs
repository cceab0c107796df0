//! Node side of the readiness handshake, without sockets; the command side is
//! [`ReadinessTable`](crate::runner::zmq::command::readiness::ReadinessTable).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Name;
use crate::wire::{Announce, NodeStatus};

/// Nodes that a node depends on, and the connections to them.
#[derive(Debug)]
pub(super) struct UpstreamLinks {
    id: Name,
    nodes: BTreeSet<Name>,
    /// Disabled nodes among them, which nobody waits for.
    absent: BTreeSet<Name>,
    connected: BTreeMap<Name, String>,
}

/// Consequences of an announcement for a node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReadinessUpdate {
    /// Addresses to disconnect from: their nodes have moved.
    pub(super) disconnect: Vec<String>,
    /// Addresses to connect to.
    pub(super) connect: Vec<String>,
    /// Whether every node upstream lists this node among its subscribers.
    pub(super) complete: bool,
    /// Whether to send the status again: the command node has another.
    pub(super) repeat_status: bool,
}

impl UpstreamLinks {
    /// Creates the links of node `id` to `nodes`.
    ///
    /// The absent ones among them are connected to if they come, and not waited for.
    pub(super) fn new(
        id: Name,
        nodes: BTreeSet<Name>,
        absent: impl IntoIterator<Item = Name>,
    ) -> Self {
        Self {
            id,
            nodes,
            absent: absent.into_iter().collect(),
            connected: BTreeMap::new(),
        }
    }

    /// Replaces the set of absent nodes; all others are waited for.
    pub(super) fn set_absent(&mut self, absent: impl IntoIterator<Item = Name>) {
        self.absent = absent.into_iter().collect();
    }

    /// Returns the status of a node that begins to connect.
    pub(super) fn initial_status(&self) -> NodeStatus {
        if self.is_empty() {
            NodeStatus::Ready
        } else {
            NodeStatus::Waiting
        }
    }

    /// Returns the connected addresses.
    pub(super) fn connected(&self) -> impl Iterator<Item = &str> {
        self.connected.values().map(String::as_str)
    }

    /// Returns the connected address of a node.
    pub(super) fn address(&self, node: &Name) -> Option<&str> {
        self.connected.get(node).map(String::as_str)
    }

    pub(super) fn names(&self) -> Vec<Name> {
        self.nodes.iter().cloned().collect()
    }

    /// Whether there is no node to wait for.
    fn is_empty(&self) -> bool {
        self.nodes.is_subset(&self.absent)
    }

    /// Applies an announcement of the command node.
    pub(super) fn on_announce(
        &mut self,
        announce: &Announce,
        status: NodeStatus,
    ) -> ReadinessUpdate {
        let mut update = ReadinessUpdate {
            complete: true,
            ..ReadinessUpdate::default()
        };
        for node in &self.nodes {
            let Some(known) = announce.nodes.get(node) else {
                update.complete &= self.absent.contains(node);
                continue;
            };
            update.complete &= known.subscribers.contains(&self.id) || self.absent.contains(node);
            match self.connected.insert(node.clone(), known.outbox.clone()) {
                Some(before) if before == known.outbox => {}
                before => {
                    update.disconnect.extend(before);
                    update.connect.push(known.outbox.clone());
                }
            }
        }
        update.repeat_status = announce
            .nodes
            .get(&self.id)
            .is_some_and(|known| known.status != status);
        update
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Identify;

    fn identify(node: &str, status: NodeStatus, subscribers: &[&str]) -> Identify {
        Identify {
            node_id: node.into(),
            outbox: format!("ipc:///run/{node}"),
            status,
            signals: None,
            slots: None,
            subscribed_to: Vec::new(),
            subscribers: subscribers.iter().map(|&name| name.into()).collect(),
        }
    }

    fn announce(nodes: impl IntoIterator<Item = Identify>) -> Announce {
        Announce {
            inbox: String::new(),
            nodes: nodes
                .into_iter()
                .map(|node| (node.node_id.clone(), node))
                .collect(),
        }
    }

    #[test]
    fn upstream_is_connected_once_and_again_when_it_moved() {
        let mut upstream = UpstreamLinks::new("c".into(), ["a".into(), "b".into()].into(), []);
        let a = identify("a", NodeStatus::Ready, &["c"]);
        let first = upstream.on_announce(
            &announce([a.clone(), identify("x", NodeStatus::Ready, &[])]),
            NodeStatus::Waiting,
        );
        assert_eq!(
            (first.connect, first.complete),
            (vec!["ipc:///run/a".to_owned()], false)
        );
        let b = identify("b", NodeStatus::Ready, &[]);
        let second = upstream.on_announce(&announce([a.clone(), b.clone()]), NodeStatus::Waiting);
        assert_eq!(
            (second.connect, second.complete),
            (vec!["ipc:///run/b".to_owned()], false)
        );
        let b = Identify {
            subscribers: vec!["c".into()],
            ..b
        };
        let third = upstream.on_announce(&announce([a.clone(), b.clone()]), NodeStatus::Waiting);
        assert_eq!(
            third,
            ReadinessUpdate {
                complete: true,
                ..ReadinessUpdate::default()
            }
        );
        let moved = Identify {
            outbox: "ipc:///run/a2".into(),
            ..a
        };
        let fourth = upstream.on_announce(&announce([moved, b]), NodeStatus::Waiting);
        assert_eq!(
            (fourth.disconnect, fourth.connect),
            (
                vec!["ipc:///run/a".to_owned()],
                vec!["ipc:///run/a2".to_owned()]
            )
        );
    }

    #[test]
    fn disabled_node_is_not_waited_for() {
        let nodes = || BTreeSet::from(["a".into(), "b".into()]);
        let mut upstream = UpstreamLinks::new("c".into(), nodes(), ["b".into()]);
        let a = identify("a", NodeStatus::Ready, &["c"]);
        let update = upstream.on_announce(&announce([a]), NodeStatus::Waiting);
        assert!(update.complete);
        assert!(!upstream.is_empty());
        let both = ["a".into(), "b".into()];
        assert!(UpstreamLinks::new("c".into(), nodes(), both).is_empty());
    }

    #[test]
    fn overtaken_status_is_sent_again() {
        let mut upstream = UpstreamLinks::new("c".into(), BTreeSet::new(), []);
        let stale = announce([identify("c", NodeStatus::Waiting, &[])]);
        let repeats = |upstream: &mut UpstreamLinks, status| {
            upstream.on_announce(&stale, status).repeat_status
        };
        assert!(repeats(&mut upstream, NodeStatus::Ready));
        assert!(!repeats(&mut upstream, NodeStatus::Waiting));
    }
}
