//! The socket types that people name in a spec.

use super::{ActorError, ActorSpec, SocketKind};

/// A handle to an open socket.
pub trait Socket: Sized + Clone + Send + Sync + 'static {
    /// Its kind.
    const KIND: SocketKind;

    #[doc(hidden)]
    fn opened() -> Self;
}

macro_rules! sockets {
    ($($(#[$doc:meta])* $kind:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $kind(());

        impl Socket for $kind {
            const KIND: SocketKind = SocketKind::$kind;

            fn opened() -> Self {
                Self(())
            }
        }
    )*};
}

sockets! {
    /// Asks, and waits for the answer.
    Req
    /// Answers each question.
    Rep
    /// Asks and answers without waiting.
    Dealer
    /// Knows its peers by identity.
    Router
    /// Sends to whoever subscribed.
    Pub
    /// Hears what it subscribed to.
    Sub
    /// Sends to whoever subscribed, and hears of the subscriptions.
    XPub
    /// Hears what it subscribed to.
    XSub
    /// Spreads what it sends over its peers.
    Push
    /// Receives from many peers in turn.
    Pull
}

/// Opens the sockets of a spec.
#[derive(Debug)]
pub struct Opener {
    spec: &'static ActorSpec,
}

impl Opener {
    /// For the sockets of `spec`.
    #[must_use]
    pub const fn new(spec: &'static ActorSpec) -> Self {
        Self { spec }
    }

    /// Opens socket number `index`.
    ///
    /// # Errors
    /// The spec has no such socket.
    pub async fn open<K: Socket>(&mut self, index: usize) -> Result<K, ActorError> {
        match self.spec.sockets.get(index) {
            Some(_) => Ok(K::opened()),
            None => Err(ActorError::NoSocket {
                actor: self.spec.name,
                index,
                known: self.spec.sockets.len(),
            }),
        }
    }
}
