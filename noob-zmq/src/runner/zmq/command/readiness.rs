//! Command side of the readiness handshake, without sockets; the node side is `Neighbours` in
//! `node/neighbours.rs`.
//!
//! Readiness is confirmed from both ends: a publisher has seen the subscription, and the subscriber
//! has made it. A node identifies itself with the nodes that feed it. The command node announces
//! these to the node once it knows all of them. A node is ready when every node that it feeds, and
//! the command node, have subscribed to it. Each connection is announced and confirmed once, so
//! that a start costs messages in proportion to nodes and edges.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use crate::graph::Name;
use crate::runner::UnreadyNode;
use crate::runner::zmq::sockets::COMMAND;
use crate::runner::zmq::subscriber_set::SubscriberSet;
use crate::wire::{Announce, Identify, NodeStatus};

/// Nodes that have identified themselves, and subscribers of the command node.
#[derive(Debug, Default)]
pub(super) struct ReadinessTable {
    identified: IndexMap<Name, Identify>,
    /// For each node, those that it feeds, as these have said.
    fed_by: HashMap<Name, BTreeSet<Name>>,
    subscribers: SubscriberSet,
    /// Nodes that somebody waits for, or that have identified themselves.
    nodes: BTreeSet<Name>,
}

impl ReadinessTable {
    /// Records names as those of nodes; other subscribers are no part of the run.
    pub(super) fn expect(&mut self, nodes: &[Name]) {
        self.nodes.extend(nodes.iter().cloned());
    }

    /// Records that a node has identified itself, for the first time or again.
    ///
    /// Returns the nodes to which their neighbours are to be announced.
    pub(super) fn on_identify(&mut self, identify: Identify) -> Vec<Name> {
        let node = identify.node_id.clone();
        self.nodes.insert(node.clone());
        for feeder in &identify.subscribed_to {
            let fed = self.fed_by.entry(feeder.clone()).or_default();
            fed.insert(node.clone());
        }
        let before = self.identified.insert(node.clone(), identify);
        let known = &self.identified[&node];
        let is_news = before.as_ref().is_none_or(|before| {
            (&before.outbox, &before.subscribed_to) != (&known.outbox, &known.subscribed_to)
        });
        let mut due: BTreeSet<Name> = BTreeSet::new();
        // A node that is not connected may have missed the announcement.
        if is_news || self.unconnected(known).is_some() {
            due.insert(node.clone());
        }
        if is_news {
            let fed = self.fed_by.get(&node).into_iter().flatten();
            due.extend(fed.cloned());
        }
        due.retain(|node| self.knows_feeders_of(node));
        if is_news {
            // The listener of another host accepts only those that were announced to it.
            let feeders = known.subscribed_to.iter();
            due.extend(feeders.filter(|feeder| self.is_remote(feeder)).cloned());
        }
        due.into_iter().collect()
    }

    /// Records the status of a node; returns false if that node has not identified itself.
    pub(super) fn on_status(&mut self, node: &str, status: NodeStatus) -> bool {
        self.identified
            .get_mut(node)
            .map(|known| known.status = status)
            .is_some()
    }

    /// Records a subscription to the outbox, or its end; returns the name of a new subscriber.
    pub(super) fn on_subscription(&mut self, topic: &[u8], subscribed: bool) -> Option<Name> {
        let changed = self.subscribers.update(topic, subscribed);
        changed.and_then(|(name, subscribed)| subscribed.then_some(name))
    }

    /// Whether a subscriber is no part of the run, and is told of all nodes.
    pub(super) fn is_observer(&self, name: &Name) -> bool {
        !self.nodes.contains(name)
    }

    /// Whether some subscriber is told of all nodes.
    pub(super) fn has_observers(&self) -> bool {
        self.subscribers
            .names()
            .iter()
            .any(|name| self.is_observer(name))
    }

    /// Marks every node as waiting: the tube was changed, and each node confirms anew.
    pub(super) fn reset_status(&mut self) {
        for known in self.identified.values_mut() {
            known.status = NodeStatus::Waiting;
        }
    }

    /// Whether the status of a node is `closed`.
    pub(super) fn is_closed(&self, node: &str) -> bool {
        let known = self.identified.get(node);
        known.is_some_and(|known| known.status == NodeStatus::Closed)
    }

    /// Removes a node whose process has ended.
    pub(super) fn remove(&mut self, node: &str) {
        self.identified.shift_remove(node);
        self.subscribers.remove(node);
    }

    /// Returns the announcement of all nodes.
    pub(super) fn announce(&self, router: String) -> Announce {
        Announce {
            inbox: router,
            nodes: self.identified.clone(),
        }
    }

    /// Returns the announcement of a node's neighbours: those that feed it and, for a node on
    /// another host, those that it feeds.
    pub(super) fn announce_to(&self, node: &Name, router: String) -> Announce {
        let feeders = self.identified.get(node).map(|known| &known.subscribed_to);
        let fed = self.fed_by.get(node).filter(|_| self.is_remote(node));
        let names = feeders
            .into_iter()
            .flatten()
            .chain(fed.into_iter().flatten());
        let known = names.filter_map(|name| {
            let known = self.identified.get(name)?;
            // Addresses only: the lists of a node with many neighbours are long.
            let entry = Identify::new(name.clone(), known.outbox.clone(), known.status);
            Some((name.clone(), entry))
        });
        Announce {
            inbox: router,
            nodes: known.collect(),
        }
    }

    pub(super) fn node(&self, node: &str) -> Option<&Identify> {
        self.identified.get(node)
    }

    /// Returns the reason why a node is not ready; `None` if the node is ready.
    pub(super) fn waiting(&self, node: &Name) -> Option<UnreadyNode> {
        let what = match self.identified.get(node) {
            None => "it has not reported".to_owned(),
            Some(_) if !self.subscribers.contains(node) => {
                "it has not subscribed to the command node".to_owned()
            }
            Some(known) => match (self.unconnected(known), known.status) {
                (Some(feeder), _) => format!("it is not yet connected to `{feeder}`"),
                (None, NodeStatus::Ready) => return None,
                (None, NodeStatus::Waiting) if !known.subscribers.iter().any(is_command) => {
                    "it has not seen that the command node listens to it".to_owned()
                }
                (None, NodeStatus::Waiting) => {
                    "a node that it feeds is not yet connected to it".to_owned()
                }
                (None, status) => format!("its status is {}", status.as_str()),
            },
        };
        Some(UnreadyNode {
            node: node.clone(),
            what,
        })
    }

    /// Returns a node that feeds this one and has not confirmed the connection.
    fn unconnected<'a>(&self, known: &'a Identify) -> Option<&'a Name> {
        known.subscribed_to.iter().find(|feeder| {
            self.identified.get(*feeder).is_none_or(|feeder| {
                // A node leaves this status when all have subscribed.
                feeder.status == NodeStatus::Waiting && !feeder.subscribers.contains(&known.node_id)
            })
        })
    }

    /// Whether a node, and all nodes that feed it, have identified themselves.
    fn knows_feeders_of(&self, node: &Name) -> bool {
        let known = self.identified.get(node);
        known.is_some_and(|known| {
            let mut feeders = known.subscribed_to.iter();
            feeders.all(|feeder| self.identified.contains_key(feeder))
        })
    }

    fn is_remote(&self, node: &Name) -> bool {
        let known = self.identified.get(node);
        known.is_some_and(|known| known.outbox.starts_with("tcp:"))
    }
}

fn is_command(name: &Name) -> bool {
    **name == *COMMAND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identify(node: &str, feeders: &[&str]) -> Identify {
        Identify {
            subscribed_to: feeders.iter().map(|&name| name.into()).collect(),
            ..Identify::new(
                node.into(),
                format!("ipc:///run/{node}"),
                NodeStatus::Waiting,
            )
        }
    }

    #[test]
    fn node_is_ready_when_all_three_ends_confirm() {
        let mut table = ReadinessTable::default();
        let b: Name = "b".into();
        let what = |table: &ReadinessTable| table.waiting(&b).map(|waiting| waiting.what);
        assert!(what(&table).unwrap().contains("has not reported"));
        table.on_identify(identify("b", &["a"]));
        assert!(what(&table).unwrap().contains("has not subscribed"));
        assert_eq!(
            table.on_subscription(b"__subscriber__:b", true),
            Some("b".into())
        );
        assert!(what(&table).unwrap().contains("not yet connected to `a`"));
        table.on_identify(identify("a", &[]));
        assert!(what(&table).unwrap().contains("not yet connected to `a`"));
        assert!(table.on_status("a", NodeStatus::Ready));
        assert!(what(&table).unwrap().contains("has not seen"));
        assert!(table.on_status("b", NodeStatus::Ready));
        assert_eq!(what(&table), None);
        assert!(!table.on_status("stranger", NodeStatus::Ready));
    }

    /// Nodes, and entries, that are announced when these nodes identify themselves in this order.
    fn announced(nodes: &[Identify]) -> (usize, usize) {
        let mut table = ReadinessTable::default();
        let (mut messages, mut entries) = (0, 0);
        for node in nodes {
            for due in table.on_identify(node.clone()) {
                messages += 1;
                entries += table.announce_to(&due, String::new()).nodes.len();
            }
        }
        (messages, entries)
    }

    #[test]
    fn announcements_are_linear_in_nodes_and_edges() {
        let name = |node: usize| format!("n{node}");
        let fed = |node: usize, feeders: &[String]| {
            let feeders: Vec<&str> = feeders.iter().map(String::as_str).collect();
            identify(&name(node), &feeders)
        };
        for count in [16, 200] {
            let chain = |node| fed(node, &Vec::from_iter((node > 0).then(|| name(node - 1))));
            let fan_out = |node| fed(node, &Vec::from_iter((node > 0).then(|| name(0))));
            let all: Vec<String> = (1..count).map(name).collect();
            let fan_in = |node| fed(node, if node == 0 { &all } else { &[] });
            let shapes: [&dyn Fn(usize) -> Identify; 3] = [&chain, &fan_out, &fan_in];
            for shape in shapes {
                let forwards: Vec<Identify> = (0..count).map(shape).collect();
                let backwards: Vec<Identify> = (0..count).rev().map(shape).collect();
                for order in [forwards, backwards] {
                    let (messages, entries) = announced(&order);
                    // A message for each node, and an entry for each edge.
                    assert_eq!((messages, entries), (count, count - 1));
                }
            }
        }
    }

    #[test]
    fn restarted_node_is_announced_to_those_that_it_feeds() {
        let mut table = ReadinessTable::default();
        table.on_identify(identify("a", &[]));
        table.on_identify(identify("b", &["a"]));
        table.on_identify(identify("c", &["b"]));
        for node in ["a", "b", "c"] {
            assert!(table.on_status(node, NodeStatus::Ready));
        }
        assert_eq!(table.on_identify(identify("c", &["b"])), []);
        table.remove("b");
        let due = table.on_identify(identify("b", &["a"]));
        assert_eq!(due, ["b".into(), "c".into()]);
    }
}
