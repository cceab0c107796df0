//! Context of a message, for handlers that need more than its content.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::error::DisplayChain;
use super::{HandlerError, SocketSpec};
use crate::wire::RawMessage;

/// Function that is called with each error of a handler, and with the socket of its message.
pub(super) type OnError = dyn Fn(&'static SocketSpec, HandlerError) + Send + Sync;

/// Origin of a message: the socket, the peer and the topic.
///
/// A handler that needs it takes `context: &Context` after the message.
#[derive(Clone)]
#[non_exhaustive]
pub struct Context {
    /// Socket that the message arrived on.
    pub socket: &'static SocketSpec,
    /// Identity of the peer that sent the message; known on a ROUTER only.
    pub peer: Option<Bytes>,
    /// First frame of a published message, by which subscribers choose; empty otherwise.
    pub topic: Bytes,
    pub(super) on_error: Option<Arc<OnError>>,
}

impl Context {
    /// Returns the context of `raw`, which arrived on `socket`.
    #[must_use]
    pub fn of(socket: &'static SocketSpec, raw: &RawMessage) -> Self {
        Self {
            socket,
            peer: raw.peer().cloned(),
            topic: raw.topic().clone(),
            on_error: None,
        }
    }

    /// Logs the error of a handler, and passes it on to the function that the owner of the actor
    /// has set by [`ActorLoop::on_error`](super::ActorLoop::on_error).
    pub fn report(&self, outcome: Result<(), HandlerError>) {
        let Err(error) = outcome else { return };
        {
            let error = DisplayChain(&error);
            tracing::error!(socket = self.socket.name, %error, "a handler failed");
        }
        if let Some(on_error) = &self.on_error {
            on_error(self.socket, error);
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("socket", &self.socket.name)
            .field("peer", &self.peer)
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}
