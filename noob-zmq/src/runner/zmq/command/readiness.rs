//! Command side of the readiness handshake, without sockets; the node side is
//! `UpstreamLinks` in `node/readiness.rs`.
//!
//! Readiness is confirmed from both ends: a publisher has seen the subscription, and the subscriber
//! was told so. A node identifies itself whenever the set of its subscribers changes; the command
//! node announces the nodes that it knows after each identification and each new subscriber of its
//! own; a node is ready when every node upstream lists it among its subscribers.

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
    subscribers: SubscriberSet,
}

impl ReadinessTable {
    /// Records that a node has identified itself, for the first time or again.
    pub(super) fn on_identify(&mut self, node: Name, identify: Identify) {
        self.identified.insert(node, identify);
    }

    /// Records the status of a node; returns false if that node has not identified itself.
    pub(super) fn on_status(&mut self, node: &str, status: NodeStatus) -> bool {
        self.identified
            .get_mut(node)
            .map(|known| known.status = status)
            .is_some()
    }

    /// Records a subscription to the outbox, or its end; returns whether to announce.
    pub(super) fn on_subscription(&mut self, topic: &[u8], subscribed: bool) -> bool {
        matches!(self.subscribers.update(topic, subscribed), Some((_, true)))
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

    pub(super) fn node(&self, node: &str) -> Option<&Identify> {
        self.identified.get(node)
    }

    /// Returns the reason why a node is not ready; `None` if the node is ready.
    pub(super) fn waiting(&self, node: &Name) -> Option<UnreadyNode> {
        let what = match self.identified.get(node) {
            None => "it has not reported".to_owned(),
            Some(known) if !known.subscribers.iter().any(|name| &**name == COMMAND) => {
                "it has not seen that the command node listens to it".to_owned()
            }
            Some(_) if !self.subscribers.contains(node) => {
                "it has not subscribed to the command node".to_owned()
            }
            Some(known) if known.status == NodeStatus::Ready => return None,
            Some(known) => {
                let unconnected = |upstream: &&Name| {
                    self.identified
                        .get(*upstream)
                        .is_none_or(|up| !up.subscribers.contains(node))
                };
                match known.subscribed_to.iter().find(unconnected) {
                    Some(upstream) => format!("it is not yet connected to `{upstream}`"),
                    None => format!("its status is {}", known.status.as_str()),
                }
            }
        };
        Some(UnreadyNode {
            node: node.clone(),
            what,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_ready_when_all_three_ends_confirm() {
        let identify = |subscribers: &[&str]| Identify {
            node_id: "b".into(),
            outbox: "ipc:///run/b".into(),
            status: NodeStatus::Waiting,
            signals: None,
            slots: None,
            subscribed_to: vec!["a".into()],
            subscribers: subscribers.iter().map(|&name| name.into()).collect(),
        };
        let mut table = ReadinessTable::default();
        let b: Name = "b".into();
        let what = |table: &ReadinessTable| table.waiting(&b).map(|waiting| waiting.what);
        assert!(what(&table).unwrap().contains("has not reported"));
        table.on_identify(b.clone(), identify(&[]));
        assert!(what(&table).unwrap().contains("has not seen"));
        table.on_identify(b.clone(), identify(&["command"]));
        assert!(what(&table).unwrap().contains("has not subscribed"));
        assert!(table.on_subscription(b"__subscriber__:b", true));
        assert!(what(&table).unwrap().contains("not yet connected to `a`"));
        assert!(table.on_status("b", NodeStatus::Ready));
        assert_eq!(what(&table), None);
        assert!(!table.on_status("stranger", NodeStatus::Ready));
    }
}
