//! The kinds of the messages that handlers name by `MessageType`.

use std::borrow::Cow;

use crate::declare::words;

words! {
    /// Kind of a message that handlers name by this type.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum MessageType {
        /// Addresses of all nodes, from the command node to all of them.
        Announce = "announce",
        /// Description of a node by itself.
        Identify = "identify",
        /// Order to run one epoch.
        Process = "process",
        /// Order to end.
        Deinit = "deinit",
        /// Request to identify again.
        Ping = "ping",
        /// Order to run some epochs, or until stopped.
        Start = "start",
        /// New status of a node.
        Status = "status",
        /// Order to stop running freely.
        Stop = "stop",
        /// Events of a node.
        Events = "event",
        /// Failure of a node.
        Failure = "error",
        /// Sign of life of a node.
        Health = "health",
        /// Epochs that are closed.
        EpochsEnded = "epochs_ended",
        /// State of the run, for nodes that may have missed a message.
        Resume = "resume",
        /// Inputs of a call, with the objects that are lent to it.
        Lend = "lend",
        /// Subscription to a topic, as an XPUB receives it.
        Subscription = "subscription",
    }
}

/// Returns the word of a kind, without an allocation if it is one of [`MessageType`].
pub(super) fn intern(text: &str) -> Cow<'static, str> {
    match MessageType::parse(text) {
        Some(kind) => Cow::Borrowed(kind.as_str()),
        None => Cow::Owned(text.to_owned()),
    }
}
