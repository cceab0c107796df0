//! Neighbours of a node: the nodes that feed it, and those that it feeds; the node's side of the
//! readiness handshake, without sockets.
//!
//! The command side is [`ReadinessTable`](crate::runner::zmq::command::readiness::ReadinessTable).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::group::links::GroupLinks;
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::zmq::sockets::COMMAND;
use crate::runner::zmq::subscriber_set::SubscriberSet;
use crate::wire::Announce;

/// Nodes that a node is linked to, and the connections to those that feed it.
#[derive(Debug)]
pub(super) struct Neighbours {
    id: Name,
    /// Nodes of this process, which are linked without sockets.
    group: Arc<GroupLinks>,
    /// Nodes that feed this one.
    feeders: BTreeSet<Name>,
    /// Subscribers that the outbox waits for: the command node, and the nodes that this one feeds.
    consumers: BTreeSet<Name>,
    /// Address of each feeder that this node is connected to.
    connected: BTreeMap<Name, String>,
}

/// Consequences of an announcement for a node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Connections {
    /// Addresses to disconnect from: their nodes have moved.
    pub(super) disconnect: Vec<String>,
    /// Nodes to connect to, with their addresses.
    pub(super) connect: Vec<(Name, String)>,
}

impl Neighbours {
    /// Creates the neighbours of a node of a tube.
    pub(super) fn new(id: Name, tube: &Tube, group: Arc<GroupLinks>) -> Self {
        let mut neighbours = Self {
            id,
            group,
            feeders: BTreeSet::new(),
            consumers: BTreeSet::new(),
            connected: BTreeMap::new(),
        };
        neighbours.plan(tube);
        neighbours
    }

    /// Takes the neighbours from a tube in which nodes were enabled or disabled; connections stay.
    pub(super) fn plan(&mut self, tube: &Tube) {
        let id = &self.id;
        let hosted = |node: &&Name| {
            let node = tube.nodes.get(*node);
            node.is_some_and(|node| node.enabled && node.kind != TubeNodeKind::Return)
        };
        let here = tube.nodes.get(id).is_some_and(|node| node.enabled);
        let edges = || tube.edges.iter().filter(|_| here);
        let into = edges().filter(|edge| edge.target_node == *id);
        let out = edges().filter(|edge| edge.source_node == *id);
        let feeders = into.map(|edge| &edge.source_node).filter(hosted);
        let elsewhere = |node: &&Name| !self.group.contains(node);
        let consumers = out.map(|edge| &edge.target_node).filter(hosted);
        let consumers = consumers.filter(elsewhere);
        let command = Name::from(COMMAND);
        let consumers = consumers.cloned().chain([command]).collect();
        (self.feeders, self.consumers) = (feeders.cloned().collect(), consumers);
    }

    /// Returns the nodes that feed this one.
    pub(super) fn feeders(&self) -> Vec<Name> {
        self.feeders.iter().cloned().collect()
    }

    /// Returns the nodes of this process that feed this one.
    pub(super) fn feeders_in_process(&self) -> impl Iterator<Item = &Name> {
        let feeders = self.feeders.iter();
        feeders.filter(|node| self.group.contains(node))
    }

    /// Whether everybody who receives from this node has subscribed.
    pub(super) fn all_subscribed(&self, subscribers: &SubscriberSet) -> bool {
        self.consumers.iter().all(|name| subscribers.contains(name))
    }

    /// Whether no subscriber is a stranger to the run, which may still need values of epochs that
    /// are closed.
    pub(super) fn include_all(&self, subscribers: &SubscriberSet) -> bool {
        let mut names = subscribers.names().into_iter();
        names.all(|name| self.consumers.contains(&name))
    }

    /// Returns the connected nodes and their addresses.
    pub(super) fn connected(&self) -> impl Iterator<Item = (&Name, &str)> {
        let connected = self.connected.iter();
        connected.map(|(node, address)| (node, &**address))
    }

    /// Returns the connected address of a node.
    pub(super) fn address(&self, node: &Name) -> Option<&str> {
        self.connected.get(node).map(String::as_str)
    }

    /// Applies an announcement of the command node.
    pub(super) fn on_announce(&mut self, announce: &Announce) -> Connections {
        let mut update = Connections::default();
        let group = &self.group;
        for node in self.feeders.iter().filter(|node| !group.contains(node)) {
            let Some(known) = announce.nodes.get(node) else {
                continue;
            };
            match self.connected.insert(node.clone(), known.outbox.clone()) {
                Some(before) if before == known.outbox => {}
                before => {
                    update.disconnect.extend(before);
                    update.connect.push((node.clone(), known.outbox.clone()));
                }
            }
        }
        update
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Map;
    use crate::wire::{Identify, NodeStatus};

    const TUBE: &str = "
noob_id: neighbours
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  b: {type: noob_zmq.node.tests.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}]}
  d: {type: noob_zmq.node.tests.multiply, depends: [{left: c.value}, {right: a.index}]}
  return: {type: return, depends: d.value}
";

    fn tube(disabled: &[&str]) -> Tube {
        let tube = crate::tube::from_text("neighbours.yaml", TUBE, Map::new());
        let mut tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        for node in tube.nodes.values_mut() {
            node.enabled = !disabled.contains(&&*node.id);
        }
        tube
    }

    fn announce(nodes: &[(&str, &str)]) -> Announce {
        let identify = |&(node, outbox): &(&str, &str)| {
            let known = Identify::new(node.into(), outbox, NodeStatus::Waiting);
            (node.into(), known)
        };
        Announce::new("", nodes.iter().map(identify).collect())
    }

    #[test]
    fn feeder_is_connected_once_and_again_when_it_moved() {
        let mut d = Neighbours::new("d".into(), &tube(&[]), Arc::default());
        assert_eq!(d.feeders(), ["a".into(), "c".into()]);
        // The node above the one that feeds it is none of its neighbours.
        let first = d.on_announce(&announce(&[("a", "ipc:///a"), ("b", "ipc:///b")]));
        assert_eq!(first.connect, [("a".into(), "ipc:///a".into())]);
        let second = d.on_announce(&announce(&[("a", "ipc:///a"), ("c", "ipc:///c")]));
        assert_eq!(second.connect, [("c".into(), "ipc:///c".into())]);
        let moved = d.on_announce(&announce(&[("a", "ipc:///a2")]));
        assert_eq!(
            (moved.disconnect, moved.connect),
            (
                vec!["ipc:///a".to_owned()],
                vec![("a".into(), "ipc:///a2".to_owned())]
            )
        );
    }

    #[test]
    fn node_is_ready_when_all_that_it_feeds_subscribed() {
        let mut a = Neighbours::new("a".into(), &tube(&[]), Arc::default());
        let mut subscribers = SubscriberSet::default();
        let mut subscribe = |name: &str| {
            let topic = format!("__subscriber__:{name}");
            subscribers.update(topic.as_bytes(), true);
            a.all_subscribed(&subscribers)
        };
        assert!(!subscribe("b"));
        assert!(!subscribe("command"));
        assert!(subscribe("d"));
        assert!(a.include_all(&subscribers));
        subscribers.update(b"__subscriber__:monitor", true);
        assert!(!a.include_all(&subscribers));
        // Neither a `return`, which has no process, nor a disabled node is waited for.
        let d = Neighbours::new("d".into(), &tube(&[]), Arc::default());
        assert!(d.all_subscribed(&subscribers));
        a.plan(&tube(&["d"]));
        let mut subscribers = SubscriberSet::default();
        subscribers.update(b"__subscriber__:b", true);
        subscribers.update(b"__subscriber__:command", true);
        assert!(a.all_subscribed(&subscribers));
    }
}
