//! Subscriptions, as an XPUB hears of them.

use crate::{
    graph::{Bytes, ValueError},
    wire::{Message, RawMessage, WireError, Writer},
};

/// What stands before the name of a subscriber in the topic by which it introduces itself.
const SUBSCRIBER: &str = "__subscriber__:";

/// Somebody has subscribed to a topic, or ended that. The kind of message that an XPUB hears; it has no envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What events are compared with: those that begin with it are wanted.
    pub topic: Bytes,
    /// Whether the subscription begins.
    pub subscribed: bool,
}

impl Subscription {
    /// The topic by which a subscriber of this name introduces itself; it subscribes to it beside what it wants to hear.
    #[must_use]
    pub fn introduction(name: &str) -> String {
        format!("{SUBSCRIBER}{name}")
    }

    /// The name of the subscriber, if it introduces itself with this subscription: a node id, or `command`.
    ///
    /// `None` for the other topics, and for a name that is not UTF-8 (which would end a node of noob).
    #[must_use]
    pub fn subscriber(&self) -> Option<&str> {
        std::str::from_utf8(self.topic.strip_prefix(SUBSCRIBER.as_bytes())?).ok()
    }
}

#[diagnostic::do_not_recommend]
impl Message for Subscription {
    const KIND: &'static str = "subscription";

    /// Always an error: a subscription has no envelope. Sockets send it when they are told to subscribe.
    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        Err(writer.unencodable_error(ValueError::new(
            "a subscription has no envelope; subscribe a SUB socket instead",
        )))
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        match raw.body().first() {
            Some(first @ (0 | 1)) => Ok(Self {
                topic: raw.topic().clone(),
                subscribed: *first == 1,
            }),
            // An envelope of this kind is not ours.
            Some(first) => Err(WireError::Subscription { first: *first }),
            None => Err(WireError::Empty),
        }
    }
}
