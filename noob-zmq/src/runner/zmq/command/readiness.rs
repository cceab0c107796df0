//! The readiness handshake, both sides of it, without sockets.
//!
//! Readiness is confirmed from both ends: a publisher has seen the subscription, and the subscriber has heard so. The rules are those of
//! noob's ZMQ runner: a node identifies itself whenever the set of its subscribers changes; the command node announces what it knows after
//! each identification and each new subscriber of its own; a node is ready when every node upstream lists it among its subscribers.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::graph::Name;
use crate::runner::UnreadyNode;
use crate::wire::{Announce, Identify, NodeStatus};

/// The name by which a command node subscribes.
pub(crate) const COMMAND: &str = "command";
/// A topic that nobody publishes on: it tells a publisher who subscribes.
const SUBSCRIBER: &str = crate::transport::SUBSCRIBER;

/// Who has subscribed to an outbox, learnt from the topics `__subscriber__:NAME`.
#[derive(Debug, Default)]
pub(crate) struct SubscriberSet(BTreeSet<Name>);

impl SubscriberSet {
    /// Takes note of a subscription; says who it is and whether they came (true) or went, if anything changed.
    pub(crate) fn note(&mut self, topic: &[u8], subscribed: bool) -> Option<(Name, bool)> {
        // Topics without the prefix are feeds; a name that is no text is nobody that we know.
        let name: Name = std::str::from_utf8(topic)
            .ok()?
            .strip_prefix(SUBSCRIBER)?
            .into();
        let changed = if subscribed {
            self.0.insert(name.clone())
        } else {
            self.0.remove(&name)
        };
        changed.then_some((name, subscribed))
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(crate) fn names(&self) -> Vec<Name> {
        self.0.iter().cloned().collect()
    }
}

/// What the command node knows of its nodes.
#[derive(Debug, Default)]
pub(crate) struct ReadinessTable {
    identified: IndexMap<Name, Identify>,
    heard: SubscriberSet,
}

impl ReadinessTable {
    /// A node identified itself, for the first time or again.
    pub(crate) fn identified(&mut self, node: Name, identify: Identify) {
        self.identified.insert(node, identify);
    }

    /// A node told its status. False if nobody of that name has identified itself.
    pub(crate) fn status(&mut self, node: &str, status: NodeStatus) -> bool {
        self.identified
            .get_mut(node)
            .map(|known| known.status = status)
            .is_some()
    }

    /// Somebody subscribed to the outbox, or went. Says whether that calls for an announcement.
    pub(crate) fn subscription(&mut self, topic: &[u8], subscribed: bool) -> bool {
        matches!(self.heard.note(topic, subscribed), Some((_, true)))
    }

    /// Each node has yet to say that it is ready: something has changed.
    pub(crate) fn ask_anew(&mut self) {
        for known in self.identified.values_mut() {
            known.status = NodeStatus::Waiting;
        }
    }

    /// Whether a node has said that it is closed.
    pub(crate) fn is_closed(&self, node: &str) -> bool {
        let known = self.identified.get(node);
        known.is_some_and(|known| known.status == NodeStatus::Closed)
    }

    /// The process of a node has ended.
    pub(crate) fn forget(&mut self, node: &str) {
        self.identified.shift_remove(node);
        self.heard.0.remove(node);
    }

    /// What is to be announced.
    pub(crate) fn announce(&self, router: String) -> Announce {
        Announce {
            inbox: router,
            nodes: self.identified.clone(),
        }
    }

    pub(crate) fn node(&self, node: &str) -> Option<&Identify> {
        self.identified.get(node)
    }

    /// For what a node is still waited for; `None` if it is ready.
    pub(crate) fn waits(&self, node: &Name) -> Option<UnreadyNode> {
        let what = match self.identified.get(node) {
            None => "it has not reported".to_owned(),
            Some(known) if !known.subscribers.iter().any(|name| &**name == COMMAND) => {
                "it has not seen that the command node listens to it".to_owned()
            }
            Some(_) if !self.heard.contains(node) => {
                "it has not subscribed to the command node".to_owned()
            }
            Some(known) if known.status == NodeStatus::Ready => return None,
            Some(known) => {
                let deaf = |upstream: &&Name| {
                    self.identified
                        .get(*upstream)
                        .is_none_or(|up| !up.subscribers.contains(node))
                };
                match known.subscribed_to.iter().find(deaf) {
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

/// What a node knows of the nodes that it depends on.
#[derive(Debug)]
pub(crate) struct UpstreamLinks {
    id: Name,
    nodes: BTreeSet<Name>,
    /// Those of them that are disabled: nobody waits for them.
    absent: BTreeSet<Name>,
    connected: BTreeMap<Name, String>,
}

/// What an announcement asks of a node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadinessUpdate {
    /// Connections to end: addresses of nodes that have moved.
    pub(crate) disconnect: Vec<String>,
    /// Connections to make.
    pub(crate) connect: Vec<String>,
    /// Every node upstream lists this one among its subscribers.
    pub(crate) complete: bool,
    /// The command node believes in another status than the node's own: say it again.
    pub(crate) repeat_status: bool,
}

impl UpstreamLinks {
    pub(crate) fn new(id: Name, nodes: BTreeSet<Name>) -> Self {
        Self {
            id,
            nodes,
            absent: BTreeSet::new(),
            connected: BTreeMap::new(),
        }
    }

    /// Some of them may not be there: they are listened to if they come, and not waited for.
    pub(crate) fn without(mut self, absent: impl IntoIterator<Item = Name>) -> Self {
        self.set_absent(absent);
        self
    }

    /// From now on these may not be there, and all others are waited for.
    pub(crate) fn set_absent(&mut self, absent: impl IntoIterator<Item = Name>) {
        self.absent = absent.into_iter().collect();
    }

    /// In which state a node is that has just begun to listen to them.
    pub(crate) fn status(&self) -> NodeStatus {
        if self.is_empty() {
            NodeStatus::Ready
        } else {
            NodeStatus::Waiting
        }
    }

    /// The addresses of those that it listens to.
    pub(crate) fn connected(&self) -> impl Iterator<Item = &str> {
        self.connected.values().map(String::as_str)
    }

    /// Where one of them is listened to.
    pub(crate) fn address(&self, node: &Name) -> Option<&str> {
        self.connected.get(node).map(String::as_str)
    }

    pub(crate) fn names(&self) -> Vec<Name> {
        self.nodes.iter().cloned().collect()
    }

    /// Whether there is nobody to wait for.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_subset(&self.absent)
    }

    /// The command node announced who is there.
    pub(crate) fn announced(&mut self, announce: &Announce, status: NodeStatus) -> ReadinessUpdate {
        let mut reaction = ReadinessUpdate {
            complete: true,
            ..ReadinessUpdate::default()
        };
        for node in &self.nodes {
            let Some(known) = announce.nodes.get(node) else {
                reaction.complete &= self.absent.contains(node);
                continue;
            };
            reaction.complete &= known.subscribers.contains(&self.id) || self.absent.contains(node);
            match self.connected.insert(node.clone(), known.outbox.clone()) {
                Some(before) if before == known.outbox => {}
                before => {
                    reaction.disconnect.extend(before);
                    reaction.connect.push(known.outbox.clone());
                }
            }
        }
        reaction.repeat_status = announce
            .nodes
            .get(&self.id)
            .is_some_and(|known| known.status != status);
        reaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identify(
        node: &str,
        status: NodeStatus,
        upstream: &[&str],
        subscribers: &[&str],
    ) -> Identify {
        let names = |names: &[&str]| names.iter().map(|&name| name.into()).collect();
        Identify {
            node_id: node.into(),
            outbox: format!("ipc:///run/{node}"),
            status,
            signals: None,
            slots: None,
            subscribed_to: names(upstream),
            subscribers: names(subscribers),
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
    fn subscribers_are_known_by_their_topic_and_noted_once() {
        let mut subscribers = SubscriberSet::default();
        assert_eq!(subscribers.note(b"", true), None);
        assert_eq!(
            subscribers.note(b"__subscriber__:a", true),
            Some(("a".into(), true))
        );
        assert_eq!(subscribers.note(b"__subscriber__:a", true), None);
        assert_eq!(subscribers.note(b"__subscriber__:\xff", true), None);
        assert_eq!(
            subscribers.note(b"__subscriber__:a", false),
            Some(("a".into(), false))
        );
        assert_eq!(subscribers.note(b"__subscriber__:a", false), None);
    }

    #[test]
    fn a_node_is_ready_only_when_all_three_ends_say_so() {
        let mut roster = ReadinessTable::default();
        let b: Name = "b".into();
        let what = |roster: &ReadinessTable| roster.waits(&b).map(|waiting| waiting.what);
        assert!(what(&roster).unwrap().contains("has not reported"));
        roster.identified(b.clone(), identify("b", NodeStatus::Waiting, &["a"], &[]));
        assert!(what(&roster).unwrap().contains("has not seen"));
        roster.identified(
            b.clone(),
            identify("b", NodeStatus::Waiting, &["a"], &["command"]),
        );
        assert!(what(&roster).unwrap().contains("has not subscribed"));
        assert!(roster.subscription(b"__subscriber__:b", true));
        assert!(what(&roster).unwrap().contains("not yet connected to `a`"));
        assert!(roster.status("b", NodeStatus::Ready));
        assert_eq!(what(&roster), None);
        assert!(!roster.status("stranger", NodeStatus::Ready));
    }

    #[test]
    fn a_node_connects_once_to_each_node_upstream_and_again_when_it_moved() {
        let mut upstream = UpstreamLinks::new("c".into(), ["a".into(), "b".into()].into());
        let a = identify("a", NodeStatus::Ready, &[], &["c"]);
        let first = upstream.announced(
            &announce([a.clone(), identify("x", NodeStatus::Ready, &[], &[])]),
            NodeStatus::Waiting,
        );
        assert_eq!(
            (first.connect, first.complete),
            (vec!["ipc:///run/a".to_owned()], false)
        );
        let b = identify("b", NodeStatus::Ready, &[], &[]);
        let second = upstream.announced(&announce([a.clone(), b.clone()]), NodeStatus::Waiting);
        assert_eq!(
            (second.connect, second.complete),
            (vec!["ipc:///run/b".to_owned()], false)
        );
        let b = Identify {
            subscribers: vec!["c".into()],
            ..b
        };
        let third = upstream.announced(&announce([a.clone(), b.clone()]), NodeStatus::Waiting);
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
        let fourth = upstream.announced(&announce([moved, b]), NodeStatus::Waiting);
        assert_eq!(
            (fourth.disconnect, fourth.connect),
            (
                vec!["ipc:///run/a".to_owned()],
                vec!["ipc:///run/a2".to_owned()]
            )
        );
    }

    #[test]
    fn a_disabled_node_is_not_waited_for() {
        let nodes = || BTreeSet::from(["a".into(), "b".into()]);
        let mut upstream = UpstreamLinks::new("c".into(), nodes()).without(["b".into()]);
        let a = identify("a", NodeStatus::Ready, &[], &["c"]);
        assert!(
            upstream
                .announced(&announce([a]), NodeStatus::Waiting)
                .complete
        );
        assert!(!upstream.is_empty());
        let both = ["a".into(), "b".into()];
        assert!(
            UpstreamLinks::new("c".into(), nodes())
                .without(both)
                .is_empty()
        );
    }

    #[test]
    fn a_status_that_was_overtaken_is_said_again() {
        let mut upstream = UpstreamLinks::new("c".into(), BTreeSet::new());
        let stale = announce([identify("c", NodeStatus::Waiting, &[], &[])]);
        assert!(upstream.announced(&stale, NodeStatus::Ready).repeat_status);
        assert!(
            !upstream
                .announced(&stale, NodeStatus::Waiting)
                .repeat_status
        );
    }
}
