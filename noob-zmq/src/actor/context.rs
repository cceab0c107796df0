//! What a handler can learn of a message besides the message itself.

use bytes::Bytes;

use super::SocketSpec;

/// Where a message came from. A handler that asks for it takes `context: &Context` after the message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// The socket that it arrived on.
    pub socket: &'static SocketSpec,
    /// The identity of the peer that sent it; known on a ROUTER only.
    pub peer: Option<Bytes>,
    /// The first frame, by which subscribers choose.
    pub topic: Bytes,
}

impl Context {
    /// The context of a message that arrived on `socket`.
    #[must_use]
    pub const fn new(socket: &'static SocketSpec) -> Self {
        Self {
            socket,
            peer: None,
            topic: Bytes::new(),
        }
    }

    /// With the identity of the peer.
    #[must_use]
    pub fn with_peer(self, peer: Bytes) -> Self {
        Self {
            peer: Some(peer),
            ..self
        }
    }

    /// With the topic of the message.
    #[must_use]
    pub fn with_topic(self, topic: Bytes) -> Self {
        Self { topic, ..self }
    }
}
