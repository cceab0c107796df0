//! Subscriptions, as an XPUB receives them.

use crate::{
    graph::{Bytes, ValueError},
    wire::{Message, RawMessage, WireError, Writer},
};

/// Prefix of the topic by which a subscriber introduces itself; its name follows.
const SUBSCRIBER: &str = "__subscriber__:";

/// Subscription to a topic, or its end, as an XPUB receives it.
///
/// The message has no envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// Prefix of the topics that the subscriber receives.
    pub topic: Bytes,
    /// Whether the subscription begins.
    pub subscribed: bool,
}

impl Subscription {
    /// Returns the topic by which a subscriber of this name introduces itself, in addition to the
    /// topics that it receives.
    #[must_use]
    pub fn introduction(name: &str) -> String {
        format!("{SUBSCRIBER}{name}")
    }

    /// Returns the name of the subscriber (a node id, or `command`) if it introduces itself with
    /// this subscription.
    ///
    /// `None` for other topics, and for a name that is not UTF-8.
    #[must_use]
    pub fn subscriber(&self) -> Option<&str> {
        std::str::from_utf8(self.topic.strip_prefix(SUBSCRIBER.as_bytes())?).ok()
    }
}

#[diagnostic::do_not_recommend]
impl Message for Subscription {
    const KIND: &'static str = "subscription";

    /// Always fails: a subscription has no envelope, and the socket sends it.
    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        Err(writer.unencodable_error(ValueError::new(
            "a subscription has no envelope; subscribe a SUB socket instead",
        )))
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.check_kind(Self::KIND)?;
        match raw.body().first() {
            Some(first @ (0 | 1)) => Ok(Self {
                topic: raw.topic().clone(),
                subscribed: *first == 1,
            }),
            // An envelope of this kind is not a subscription.
            Some(first) => Err(WireError::Subscription { first: *first }),
            None => Err(WireError::Empty),
        }
    }
}
