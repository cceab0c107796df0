//! Errors of sockets, of handles to actors, and of handlers.

use std::error::Error;
use std::fmt;

use crate::transport::TransportError;
use crate::wire::WireError;

/// Error of a socket or of a handle to an actor.
#[derive(thiserror::Error)]
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
    /// A handler of the actor has panicked, which ended the actor.
    #[error("the actor has ended: a handler panicked: {message}")]
    Panicked {
        /// Message of the panic.
        message: String,
    },
    /// A handler of the actor waited for the actor itself.
    #[error(
        "an actor cannot ask itself: the answer would come only after the handler that waits for \
         it; use `self`, or `tell`"
    )]
    AsksItself,
    /// Another actor of the same id and spec runs.
    #[error(
        "an actor with the id `{id}` and the sockets `{actor}` runs already in `{directory}`; \
         stop it, or choose another id"
    )]
    IdInUse {
        /// Id of the actor.
        id: String,
        /// Name of the spec.
        actor: &'static str,
        /// Directory of the run.
        directory: String,
    },
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
    /// A message was to be sent on a socket for which the spec does not declare it.
    #[error("`{socket}` does not declare `{kind}`; add it to the `#[send(..)]` of this socket")]
    Undeclared {
        /// Name of the socket.
        socket: String,
        /// Kind of the message.
        kind: &'static str,
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

/// Shows an error with all its sources, joined by colons.
pub(crate) struct DisplayChain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for DisplayChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error_report::write_report(f, self.0)
    }
}

crate::error_report::debug_as_report!(ActorError, HandlerError);

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
