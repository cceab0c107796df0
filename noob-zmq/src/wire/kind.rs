//! The kinds of the messages that handlers name by `MessageType`.

use std::{borrow::Cow, fmt};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Kind of a message that handlers name by this type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum MessageType {
            $($(#[$doc])* $name,)*
        }

        impl MessageType {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the word for the kind in the envelope.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Returns the kind of this word.
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
    Event = "event",
    /// Failure of a node.
    Error = "error",
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns the word of a kind, without an allocation if it is one of [`MessageType`].
pub(super) fn intern(text: &str) -> Cow<'static, str> {
    match MessageType::parse(text) {
        Some(kind) => Cow::Borrowed(kind.as_str()),
        None => Cow::Owned(text.to_owned()),
    }
}
