//! Subscribers of an outbox, as both sides of the readiness handshake know them.

use std::collections::BTreeSet;

use crate::graph::Name;
use crate::transport::SUBSCRIBER;

/// Names of the actors that have subscribed to an outbox, from the topics `__subscriber__:NAME`.
///
/// Nobody publishes on such a topic: its subscription tells the publisher who subscribes.
#[derive(Debug, Default)]
pub(super) struct SubscriberSet(BTreeSet<Name>);

impl SubscriberSet {
    /// Applies a subscription, or its end; returns the subscriber, and whether it came (true) or
    /// went, if the set changed.
    pub(super) fn update(&mut self, topic: &[u8], subscribed: bool) -> Option<(Name, bool)> {
        // Topics without the prefix are those of messages; a name that is not UTF-8 is of no node.
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

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(super) fn names(&self) -> Vec<Name> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
