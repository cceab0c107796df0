//! Subscribers of an outbox, as both sides of the readiness handshake know them.

use std::collections::BTreeSet;

use crate::graph::Name;
use crate::transport::{SUBSCRIBER, sharing_subscriber};

/// Names of the actors that have subscribed to an outbox, from the topics `__subscriber__:NAME`,
/// and those of them that can read the memory of this process.
///
/// Nobody publishes on such a topic: its subscription tells the publisher who subscribes.
#[derive(Debug, Default)]
pub(super) struct SubscriberSet {
    names: BTreeSet<Name>,
    /// Subscribers that can read the memory of this process.
    sharing: BTreeSet<Name>,
    /// Names of connections that share memory, and are not introduced yet.
    announced: BTreeSet<Name>,
}

impl SubscriberSet {
    /// Applies a subscription, or its end; returns the subscriber, and whether it came (true) or
    /// went, if the set changed.
    pub(super) fn update(&mut self, topic: &[u8], subscribed: bool) -> Option<(Name, bool)> {
        // Topics without a prefix are those of messages; a name that is not UTF-8 is of no node.
        let topic = std::str::from_utf8(topic).ok()?;
        if let Some((name, shares)) = sharing_subscriber(topic) {
            if subscribed && shares {
                self.announced.insert(name.into());
            }
            return None;
        }
        let name: Name = topic.strip_prefix(SUBSCRIBER)?.into();
        // A new connection counts, whatever the one before could do.
        let shares = self.announced.remove(&name) && subscribed;
        if shares {
            self.sharing.insert(name.clone());
        } else {
            self.sharing.remove(&name);
        }
        let changed = if subscribed {
            self.names.insert(name.clone())
        } else {
            self.names.remove(&name)
        };
        changed.then_some((name, subscribed))
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.names.remove(name);
        self.sharing.remove(name);
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn names(&self) -> Vec<Name> {
        self.names.iter().cloned().collect()
    }

    /// Whether every subscriber can read the memory of this process.
    pub(super) fn all_share_memory(&self) -> bool {
        !self.names.is_empty() && self.names.len() == self.sharing.len()
    }

    /// Whether the topic is that of a subscriber which cannot read the memory of this process.
    pub(super) fn is_without_memory(&self, topic: &[u8]) -> bool {
        let name = std::str::from_utf8(topic).ok();
        let name = name.and_then(|topic| topic.strip_prefix(SUBSCRIBER));
        name.is_some_and(|name| !self.sharing.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::memory_topic;

    #[test]
    fn subscriber_is_known_by_topic_and_noted_once() {
        let mut subscribers = SubscriberSet::default();
        assert_eq!(subscribers.update(b"", true), None);
        let a = b"__subscriber__:a";
        assert_eq!(subscribers.update(a, true), Some(("a".into(), true)));
        assert_eq!(subscribers.update(a, true), None);
        assert_eq!(subscribers.update(b"__subscriber__:\xff", true), None);
        assert_eq!(subscribers.update(a, false), Some(("a".into(), false)));
        assert_eq!(subscribers.update(a, false), None);
    }

    #[test]
    fn memory_is_used_if_the_last_connection_of_all_shares_it() {
        let mut subscribers = SubscriberSet::default();
        let introduction = |name: &str| format!("{SUBSCRIBER}{name}").into_bytes();
        let mut connect = |name: &str, shares: bool| {
            if shares {
                subscribers.update(memory_topic(name).unwrap().as_bytes(), true);
            } else {
                subscribers.update(format!("__memory__:other:{name}").as_bytes(), true);
            }
            subscribers.update(&introduction(name), true);
            assert_eq!(subscribers.is_without_memory(&introduction(name)), !shares);
            subscribers.all_share_memory()
        };
        assert!(connect("a", true));
        assert!(!connect("b", false));
        assert!(connect("b", true));
        assert!(!connect("a", false));
        subscribers.update(&introduction("a"), false);
        assert!(subscribers.all_share_memory());
        assert!(!subscribers.is_without_memory(b""));
    }
}
