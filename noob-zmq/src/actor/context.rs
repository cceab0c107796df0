//! Context of a message, for handlers that need more than its content.

use bytes::Bytes;

use super::SocketSpec;
use crate::wire::RawMessage;

/// Origin of a message: the socket, the peer and the topic.
///
/// A handler that needs it takes `context: &Context` after the message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// Socket that the message arrived on.
    pub socket: &'static SocketSpec,
    /// Identity of the peer that sent the message; known on a ROUTER only.
    pub peer: Option<Bytes>,
    /// First frame of a published message, by which subscribers choose; empty otherwise.
    pub topic: Bytes,
}

impl Context {
    /// Returns the context of `raw`, which arrived on `socket`.
    #[must_use]
    pub fn of(socket: &'static SocketSpec, raw: &RawMessage) -> Self {
        Self {
            socket,
            peer: raw.peer().cloned(),
            topic: raw.topic().clone(),
        }
    }
}
