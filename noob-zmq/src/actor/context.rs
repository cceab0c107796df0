//! What a handler can learn of a message besides the message itself.

use bytes::Bytes;

use super::SocketSpec;
use crate::wire::RawMessage;

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
    /// The context of `raw`, which arrived on `socket`.
    #[must_use]
    pub fn of(socket: &'static SocketSpec, raw: &RawMessage) -> Self {
        Self {
            socket,
            peer: raw.peer().cloned(),
            topic: raw.topic().clone(),
        }
    }
}
