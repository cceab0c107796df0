//! Errors of sockets, of handles to actors, and of handlers.

use std::error::Error;
use std::fmt;

use crate::transport::TransportError;
use crate::wire::WireError;

/// Error of a socket or of a handle to an actor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActorError {
    /// A spec was asked to open a socket that it does not declare.
    #[error("`{actor}` has no socket number {index}; it has {known}")]
    NoSocket {
        /// Name of the spec.
        actor: &'static str,
        /// Number that was asked for.
        index: usize,
        /// Number of sockets that the spec declares.
        known: usize,
    },
    /// The actor does not run, or has no sockets.
    #[error("the actor does not run")]
    Stopped,
    /// A message cannot be encoded.
    #[error("a message `{kind}` cannot be sent on `{socket}`")]
    Encode {
        /// Name of the socket.
        socket: String,
        /// Kind of the message.
        kind: &'static str,
        /// Reason; also the [`source`](Error::source) of this error.
        #[source]
        error: WireError,
    },
    /// An address cannot be used, or the task of a socket has ended.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Error that a handler returned.
///
/// Displays as the error of the handler, and has its sources.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct HandlerError(Box<dyn Error + Send + Sync>);

impl HandlerError {
    /// Wraps the error of a handler; a `HandlerError` is returned as it is.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        match error.into().downcast::<Self>() {
            Ok(wrapped) => *wrapped,
            Err(error) => Self(error),
        }
    }

    /// Returns the error of the handler if it is an `E`.
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

/// Shows an error with all its sources, joined by colons.
pub(crate) struct DisplayChain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for DisplayChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_a_handler_error_twice_keeps_its_text() {
        let error = HandlerError::new(HandlerError::new("the feed is empty"));
        assert_eq!(error.to_string(), "the feed is empty");
        assert!(error.downcast_ref::<HandlerError>().is_none());
    }
}
