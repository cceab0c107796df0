//! Typed sockets, which people name in a spec: handles to the tasks that own the real sockets.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;

use super::sender_check::SenderPolicy;
use super::{ActorError, MessageSpec, RejectCounters};
use crate::graph::Name;
use crate::transport::{Endpoint, SendProgress, SocketHandle, SocketKind};
use crate::wire::{Codec, Encoded, Envelope, Message};

/// Handle to an open socket: one of [`Req`], [`Rep`], [`Dealer`], [`Router`], [`Pub`], [`Sub`],
/// [`XPub`], [`XSub`], [`Push`] and [`Pull`].
///
/// Cheap to clone. All methods return at once: a task of its own sends what is queued. When the
/// last clone is dropped, the socket sends what is queued, and is closed; a socket that receives
/// stays open as long as its actor runs. Messages that arrive go to the handlers of the actor that
/// opened the socket.
///
/// The type of a socket that sends names the spec whose `#[send(..)]` declares what it sends:
/// `Push<Self>` in the spec, `Push<ProbeSockets>` elsewhere. A message that is not declared does
/// not compile.
///
/// # Examples
///
/// ```
/// use noob_zmq::actor::{ActorError, Pull, Push};
/// use noob_zmq::wire::Ping;
///
/// #[derive(noob_zmq::Sockets)]
/// struct ProbeSockets {
///     /// Pings of all probes.
///     #[bind("pings")]
///     #[recv(Ping)]
///     inbox: Pull,
///     #[connect("pings")]
///     #[send(Ping)]
///     outbox: Push<Self>,
/// }
///
/// fn ping_twice(sockets: &ProbeSockets) -> Result<(), ActorError> {
///     sockets.outbox.send(&Ping)?;
///     sockets.outbox.send(&Ping)
/// }
/// # let _ = ping_twice;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a socket",
    label = "not a socket",
    note = "sockets are `Req`, `Rep`, `Dealer`, `Router`, `Pub`, `Sub`, `XPub`, `XSub`, `Push` and \
            `Pull` of `noob_zmq::actor`; a spec inside a spec is marked `#[sockets]`"
)]
pub trait Socket: Sized + Clone + Send + Sync + 'static {
    /// Kind of the socket.
    const KIND: SocketKind;

    #[doc(hidden)]
    fn from_inner(inner: SocketInner) -> Self;
}

/// Open socket without its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct SocketInner {
    pub(super) handle: SocketHandle,
    pub(super) policy: SenderPolicy,
    pub(super) reject_counters: RejectCounters,
    pub(super) sender: Name,
    pub(super) codec: Codec,
    /// Messages that the spec declares for the socket.
    pub(super) sends: &'static [MessageSpec],
    /// Address that the socket is bound to, if it binds.
    pub(super) endpoint: Option<Endpoint>,
}

/// Spec that declares in a `#[send(..)]` that a socket of the kind `K` sends `M`.
///
/// Implemented by [`#[derive(Sockets)]`](macro@crate::Sockets).
#[diagnostic::on_unimplemented(
    message = "`{Self}` declares no `{K}` socket that sends `{M}`",
    label = "the spec does not declare this message",
    note = "add `{M}` to the `#[send(..)]` of the socket; a kind that only add-on handlers of the \
            peer know is sent by `send_undeclared`",
    note = "the type of a socket that sends names its spec: `{K}<Self>` in the spec, \
            `{K}<MySockets>` elsewhere"
)]
pub trait Sends<M, K>: 'static {}

/// Message that no socket sends.
///
/// With two of them, the compiler cannot take an undeclared message for the single one that is
/// declared, and reports the missing declaration.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unsendable<const N: u8>;

#[diagnostic::do_not_recommend]
impl<S: 'static, K> Sends<Unsendable<0>, K> for S {}
#[diagnostic::do_not_recommend]
impl<S: 'static, K> Sends<Unsendable<1>, K> for S {}

/// Spec of a socket that sends nothing.
#[derive(Debug)]
pub enum ReceiveOnly {}

impl SocketInner {
    /// Queues an encoded message behind a first frame: the topic, or the identity of a peer.
    pub(super) fn send(&self, encoded: Encoded, first: Option<Bytes>) -> Result<(), ActorError> {
        Ok(self.handle.send(encoded.into_frames(first))?)
    }

    /// Encodes a message that the spec declares for this socket.
    ///
    /// The compiler has checked that it declares the message for a socket of the kind; a spec may
    /// have two of a kind.
    fn encode<M: Message>(&self, message: &M) -> Result<Encoded, ActorError> {
        if self.sends.iter().all(|declared| declared.kind != M::KIND) {
            return Err(ActorError::Undeclared {
                socket: self.handle.config().name.to_string(),
                kind: M::KIND,
            });
        }
        self.encode_undeclared(message)
    }

    pub(super) fn encode_undeclared<M: Message>(&self, message: &M) -> Result<Encoded, ActorError> {
        let encoded = Envelope {
            sender: &self.sender,
            timestamp: super::now(),
        }
        .encode_frames(message, self.codec);
        encoded.map_err(|error| ActorError::Encode {
            socket: self.handle.config().name.to_string(),
            kind: M::KIND,
            error,
        })
    }
}

/// Message that is encoded, to be published once or several times.
///
/// Cheap to clone: all clones share the bytes.
#[derive(Debug, Clone)]
pub struct PreparedMessage {
    topic: Bytes,
    encoded: Encoded,
}

impl PreparedMessage {
    const fn new(kind: &'static str, encoded: Encoded) -> Self {
        let topic = Bytes::from_static(kind.as_bytes());
        Self { topic, encoded }
    }

    /// Returns the message for subscribers of another topic than its kind.
    #[must_use]
    pub fn on_topic(mut self, topic: impl Into<Bytes>) -> Self {
        self.topic = topic.into();
        self
    }

    /// Returns the length of all frames, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.encoded.size()
    }

    /// Moves large buffers into shared memory; see [`Encoded::share`].
    pub(crate) fn share(&mut self, place: impl Fn(&Bytes) -> Option<(Bytes, Bytes)>) {
        self.encoded.share(place);
    }
}

macro_rules! sockets {
    ($($(#[$doc:meta])* $kind:ident $(<$spec:ident>)? $(: $($can:ident)*)?;)*) => {$(
        $(#[$doc])*
        pub struct $kind$(<$spec = ReceiveOnly>)?(
            SocketInner,
            $(PhantomData<fn() -> $spec>)?
        );

        impl$(<$spec>)? Clone for $kind$(<$spec>)? {
            fn clone(&self) -> Self {
                Self(self.0.clone() $(, PhantomData::<fn() -> $spec>)?)
            }
        }

        impl$(<$spec>)? fmt::Debug for $kind$(<$spec>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($kind)).field(&self.0).finish()
            }
        }

        #[diagnostic::do_not_recommend]
        impl$(<$spec: 'static>)? Socket for $kind$(<$spec>)? {
            const KIND: SocketKind = SocketKind::$kind;

            fn from_inner(inner: SocketInner) -> Self {
                Self(inner $(, PhantomData::<fn() -> $spec>)?)
            }
        }

        impl$(<$spec>)? $kind$(<$spec>)? {
            /// Returns the address that the socket is bound to; `None` for a socket that connects.
            #[must_use]
            pub const fn endpoint(&self) -> Option<&Endpoint> {
                self.0.endpoint.as_ref()
            }

            /// Connects to a peer, in the background.
            ///
            /// The socket tries again until the peer is there, and whenever the connection breaks.
            /// Does nothing if the socket is connected to this address, or tries to be.
            pub fn connect(&self, endpoint: &Endpoint) {
                self.0.handle.connect(endpoint, self.0.policy.peer_at(endpoint), None);
            }

            /// Returns the counters of the messages that the actor of this socket has dropped.
            #[must_use]
            pub const fn reject_counters(&self) -> &RejectCounters {
                &self.0.reject_counters
            }

            $($(sockets!(@ $can $kind);)*)?
        }
    )*};
    (@ publishes $kind:ident) => {
        /// Queues a message for every peer that subscribed to its kind, and returns at once.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded, or if the socket is closed.
        pub fn send<M: Message>(&self, message: &M) -> Result<(), ActorError>
        where
            S: Sends<M, $kind>,
        {
            self.0.send(self.0.encode(message)?, Some(Bytes::from_static(M::KIND.as_bytes())))
        }

        /// Queues a message of a kind that only add-on handlers of the peers know, and returns at
        /// once.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded, or if the socket is closed.
        pub fn send_undeclared<M: Message>(&self, message: &M) -> Result<(), ActorError> {
            let topic = Bytes::from_static(M::KIND.as_bytes());
            self.0.send(self.0.encode_undeclared(message)?, Some(topic))
        }

        /// Encodes a message, to be published by [`send_prepared`](Self::send_prepared).
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded.
        pub fn prepare<M: Message>(&self, message: &M) -> Result<PreparedMessage, ActorError>
        where
            S: Sends<M, $kind>,
        {
            Ok(PreparedMessage::new(M::KIND, self.0.encode(message)?))
        }

        /// Encodes a message of a kind that only add-on handlers of the peers know.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded.
        pub fn prepare_undeclared<M: Message>(
            &self,
            message: &M,
        ) -> Result<PreparedMessage, ActorError> {
            let encoded = self.0.encode_undeclared(message)?;
            Ok(PreparedMessage::new(M::KIND, encoded))
        }

        /// Queues a message that is encoded already, and returns at once.
        ///
        /// # Errors
        /// Returns an error if the socket is closed.
        pub fn send_prepared(&self, message: &PreparedMessage) -> Result<(), ActorError> {
            self.0.send(message.encoded.clone(), Some(message.topic.clone()))
        }
    };
    (@ sends $kind:ident) => {
        /// Queues a message for a peer, and returns at once.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded, or if the socket is closed.
        pub fn send<M: Message>(&self, message: &M) -> Result<(), ActorError>
        where
            S: Sends<M, $kind>,
        {
            self.0.send(self.0.encode(message)?, None)
        }

        /// Queues a message of a kind that only add-on handlers of the peer know, and returns at
        /// once.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded, or if the socket is closed.
        pub fn send_undeclared<M: Message>(&self, message: &M) -> Result<(), ActorError> {
            self.0.send(self.0.encode_undeclared(message)?, None)
        }
    };
    (@ addresses $kind:ident) => {
        /// Queues a message for the peer of this identity, and returns at once.
        ///
        /// # Errors
        /// Returns an error if the message cannot be encoded, or if the socket is closed. A peer
        /// that is not connected is no error: the message is dropped, and the log has a line.
        pub fn send_to<M: Message>(&self, peer: &[u8], message: &M) -> Result<(), ActorError>
        where
            S: Sends<M, $kind>,
        {
            self.0.send(self.0.encode(message)?, Some(Bytes::copy_from_slice(peer)))
        }
    };
    (@ disconnects $kind:ident) => {
        /// Ends the connection to a peer, in the background.
        pub fn disconnect(&self, endpoint: &Endpoint) {
            self.0.handle.disconnect(endpoint);
        }
    };
}

sockets! {
    /// REQ socket: sends a request, and receives one answer before it sends the next.
    Req<S>: sends;
    /// REP socket: answers each request before its handler returns; a [`Router`] can answer later.
    Rep<S>: sends;
    /// DEALER socket: sends and receives in any order; spreads what it sends over its peers.
    Dealer<S>: sends;
    /// ROUTER socket: knows its peers by identity, and sends to the one it names.
    Router<S>: addresses;
    /// PUB socket: sends to all subscribers.
    ///
    /// Drops silently what a peer does not read in time: prefer [`XPub`].
    Pub<S>: publishes;
    /// SUB socket: receives all messages of the publishers that it is connected to.
    Sub: disconnects;
    /// XPUB socket: sends to all subscribers, and receives their subscriptions as messages.
    XPub<S>: publishes;
    /// XSUB socket: receives all messages of the publishers that it is connected to, as [`Sub`].
    XSub: disconnects;
    /// PUSH socket: spreads what it sends over its peers.
    Push<S>: sends;
    /// PULL socket: receives from all its peers in turn.
    Pull;
}

impl Sub {
    /// Connects to a peer as [`connect`](Self::connect), and receives of its messages those on
    /// these topics only, and the kinds of add-on handlers.
    pub(crate) fn connect_to_topics(&self, endpoint: &Endpoint, mut topics: Vec<String>) {
        let SocketInner { handle, policy, .. } = &self.0;
        let socket = handle.config().socket_name();
        let addons = super::addons().into_iter();
        let addons = addons.filter(|addon| addon.socket == socket);
        topics.extend(addons.map(|addon| addon.kind.to_owned()));
        handle.connect(endpoint, policy.peer_at(endpoint), Some(&topics));
    }
}

impl<S> XPub<S> {
    /// Queues a message as [`send_prepared`](Self::send_prepared), with handles in place of the
    /// buffers in shared memory: every subscriber must be able to read them.
    pub(crate) fn send_by_handle(&self, message: &PreparedMessage) -> Result<(), ActorError> {
        let topic = Some(message.topic.clone());
        let frames = message.encoded.clone().into_frames_by_handle(topic);
        Ok(self.0.handle.send(frames)?)
    }

    /// Returns the counters of queued and sent messages, which do not keep the socket open.
    pub(crate) fn progress(&self) -> SendProgress {
        self.0.handle.progress()
    }
}
