//! The socket types that people name in a spec: typed handles to owner tasks.

use bytes::Bytes;

use super::ActorError;
use super::sender_check::{RejectCounters, SenderPolicy};
use crate::graph::Name;
use crate::transport::{Endpoint, SocketHandle, SocketKind};
use crate::wire::{Codec, Encoded, Envelope, Message};

/// A handle to an open socket. Cheap to clone; the socket is closed, after all that was queued has been sent, when the last clone is
/// dropped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a socket",
    label = "not a socket",
    note = "sockets are `Req`, `Rep`, `Dealer`, `Router`, `Pub`, `Sub`, `XPub`, `XSub`, `Push` and `Pull` of `noob_zmq::actor`; a spec inside a spec is marked `#[sockets]`"
)]
pub trait Socket: Sized + Clone + Send + Sync + 'static {
    /// Its kind.
    const KIND: SocketKind;

    #[doc(hidden)]
    fn from_inner(opened: SocketInner) -> Self;
}

/// An open socket without its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct SocketInner {
    pub(super) link: SocketHandle,
    pub(super) peers: SenderPolicy,
    pub(super) reject_counters: RejectCounters,
    pub(super) sender: Name,
    pub(super) codec: Codec,
    pub(super) endpoint: Option<Endpoint>,
}

impl SocketInner {
    fn publish<M: Message>(&self, message: &M) -> Result<(), ActorError> {
        let topic = Bytes::from_static(M::KIND.as_bytes());
        Ok(self
            .link
            .send(self.encode(message)?.into_frames(Some(topic)))?)
    }

    fn prepare<M: Message>(&self, message: &M) -> Result<PreparedMessage, ActorError> {
        Ok(PreparedMessage {
            kind: M::KIND,
            encoded: self.encode(message)?,
        })
    }

    fn publish_prepared(&self, message: &PreparedMessage) -> Result<(), ActorError> {
        let topic = Bytes::from_static(message.kind.as_bytes());
        Ok(self
            .link
            .send(message.encoded.clone().into_frames(Some(topic)))?)
    }

    fn send<M: Message>(&self, message: &M) -> Result<(), ActorError> {
        Ok(self.link.send(self.encode(message)?.into_frames(None))?)
    }

    fn encode<M: Message>(&self, message: &M) -> Result<Encoded, ActorError> {
        let encoded = Envelope {
            sender: &self.sender,
            timestamp: super::now(),
        }
        .encode_frames(message, self.codec);
        encoded.map_err(|error| ActorError::Encode {
            socket: self.link.options().name.to_string(),
            kind: M::KIND,
            error,
        })
    }
}

/// A message that was encoded, to be published once or several times. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PreparedMessage {
    kind: &'static str,
    encoded: Encoded,
}

impl PreparedMessage {
    /// Its length, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.encoded.size()
    }
}

macro_rules! sockets {
    ($($(#[$doc:meta])* $kind:ident $(: $($can:ident)*)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $kind(SocketInner);

        #[diagnostic::do_not_recommend]
        impl Socket for $kind {
            const KIND: SocketKind = SocketKind::$kind;

            fn from_inner(opened: SocketInner) -> Self {
                Self(opened)
            }
        }

        impl $kind {
            /// The address that it is bound to; `None` for a socket that connects.
            #[must_use]
            pub const fn endpoint(&self) -> Option<&Endpoint> {
                self.0.endpoint.as_ref()
            }

            /// Connects to a peer, and goes on trying until that is there. Does nothing if it was asked for before.
            pub fn connect(&self, endpoint: &Endpoint) {
                self.0.link.connect(endpoint, self.0.peers.origin(endpoint));
            }

            /// The messages that its actor has dropped.
            #[must_use]
            pub const fn reject_counters(&self) -> &RejectCounters {
                &self.0.reject_counters
            }

            $($(sockets!(@ $can);)*)?
        }
    )*};
    (@ publishes) => {
        /// Queues a message for everybody who subscribed to its kind. Never waits.
        ///
        /// # Errors
        /// A message that cannot be encoded, and a socket whose owner is gone.
        pub fn send<M: Message>(&self, message: &M) -> Result<(), ActorError> {
            self.0.publish(message)
        }

        /// Encodes a message, to be published once or several times by [`send_prepared`](Self::send_prepared).
        ///
        /// # Errors
        /// A message that cannot be encoded.
        pub fn prepare<M: Message>(&self, message: &M) -> Result<PreparedMessage, ActorError> {
            self.0.prepare(message)
        }

        /// Queues a message that was encoded before. Never waits.
        ///
        /// # Errors
        /// A socket whose owner is gone.
        pub fn send_prepared(&self, message: &PreparedMessage) -> Result<(), ActorError> {
            self.0.publish_prepared(message)
        }
    };
    (@ sends) => {
        /// Queues a message for a peer. Never waits.
        ///
        /// # Errors
        /// A message that cannot be encoded, and a socket whose owner is gone.
        pub fn send<M: Message>(&self, message: &M) -> Result<(), ActorError> {
            self.0.send(message)
        }
    };
    (@ addresses) => {
        /// Queues a message for the peer of this identity. Never waits.
        ///
        /// # Errors
        /// A message that cannot be encoded, and a socket whose owner is gone. A peer that is not there is no error: the message is dropped
        /// and the log says so.
        pub fn send_to<M: Message>(&self, peer: &[u8], message: &M) -> Result<(), ActorError> {
            let peer = Bytes::copy_from_slice(peer);
            Ok(self.0.link.send(self.0.encode(message)?.into_frames(Some(peer)))?)
        }
    };
    (@ forgets) => {
        /// Ends the connection to a peer.
        pub fn disconnect(&self, endpoint: &Endpoint) {
            self.0.link.disconnect(endpoint);
        }
    };
}

sockets! {
    /// Asks, and waits for the answer.
    Req: sends;
    /// Answers each question before the handler of the question is over; a [`Router`] can answer later.
    Rep: sends;
    /// Asks and answers without waiting; spreads what it sends over its peers.
    Dealer: sends;
    /// Knows its peers by identity, and sends to the one it names.
    Router: addresses;
    /// Sends to whoever subscribed. Drops silently what a peer does not read in time: prefer [`XPub`].
    Pub: publishes;
    /// Hears what it subscribed to.
    Sub: forgets;
    /// Sends to whoever subscribed, and hears of the subscriptions.
    XPub: publishes;
    /// Hears what it subscribed to.
    XSub: forgets;
    /// Spreads what it sends over its peers.
    Push: sends;
    /// Receives from many peers in turn.
    Pull;
}
