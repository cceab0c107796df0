//! What can go wrong between a socket and its handler.

use std::error::Error;
use std::fmt;

use crate::transport::TransportError;
use crate::wire::WireError;

/// A socket could not be opened, or the actor could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActorError {
    /// A spec asked for a socket that it does not have.
    #[error("`{actor}` has no socket number {index}; it has {known}")]
    NoSocket {
        /// The spec.
        actor: &'static str,
        /// What was asked for.
        index: usize,
        /// How many it has.
        known: usize,
    },
    /// The actor does not run, or has no sockets.
    #[error("the actor does not run")]
    Stopped,
    /// A message that cannot be written.
    #[error("a message `{kind}` cannot be sent on `{socket}`")]
    Encode {
        /// The socket.
        socket: String,
        /// The kind of the message.
        kind: &'static str,
        /// Why not.
        #[source]
        error: WireError,
    },
    /// An address or a socket that is of no use.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// A handler said that something is wrong. Reads like the error that the handler returned, with its sources.
pub struct HandlerError(Box<dyn Error + Send + Sync>);

impl HandlerError {
    /// Wraps what a handler returned.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        match error.into().downcast::<Self>() {
            Ok(wrapped) => *wrapped,
            Err(error) => Self(error),
        }
    }

    /// The error that the handler returned, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for HandlerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_error_is_wrapped_once_and_keeps_its_text() {
        let error = HandlerError::new(HandlerError::new("the feed is empty"));
        assert_eq!(error.to_string(), "the feed is empty");
        assert!(error.downcast_ref::<HandlerError>().is_none());
    }
}
