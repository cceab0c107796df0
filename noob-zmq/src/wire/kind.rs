//! The kinds of message that noob has.

use std::{borrow::Cow, fmt};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kinds of message that noob has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MessageType {
            $($(#[$doc])* $name,)*
        }

        impl MessageType {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word for it in the envelope.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The kind of this word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// The command node tells all nodes where the others are.
    Announce = "announce",
    /// A node says who and where it is.
    Identify = "identify",
    /// Run one epoch.
    Process = "process",
    /// Never sent by noob.
    Init = "init",
    /// The node is to end.
    Deinit = "deinit",
    /// Nodes are to identify themselves again.
    Ping = "ping",
    /// Run some epochs, or until told to stop.
    Start = "start",
    /// The status of a node has changed.
    Status = "status",
    /// Stop running freely.
    Stop = "stop",
    /// What a node has said.
    Event = "event",
    /// A node has failed.
    Error = "error",
    /// An epoch is over for all nodes.
    EpochEnded = "epoch_ended",
    /// The definition of a tube, for viewers.
    Spec = "spec",
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word of a kind, without an allocation where noob has it.
pub(super) fn intern(text: &str) -> Cow<'static, str> {
    match MessageType::parse(text) {
        Some(kind) => Cow::Borrowed(kind.as_str()),
        None => Cow::Owned(text.to_owned()),
    }
}
