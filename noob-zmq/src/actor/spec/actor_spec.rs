//! Data of a socket spec: the one source of names, addresses, tables and diagrams.
//!
//! `#[derive(Sockets)]` writes it through the constructors here.

use crate::declare::setters;
pub use crate::transport::SocketKind;
use crate::wire::{Codec, Framing};

/// Manner in which a socket gets its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SocketRole {
    /// Binds its path when it is opened: `#[bind]`.
    Bind,
    /// Connects to its path when it is opened: `#[connect("path")]`.
    Connect,
    /// Connects where `connect` of the socket says, later: `#[connect]`.
    ConnectLater,
}

/// Message that a socket receives or sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageSpec {
    /// Name in handlers: the last segment of the path, or the name after `as`.
    pub name: &'static str,
    /// Kind on the wire.
    pub kind: &'static str,
}

impl MessageSpec {
    /// Describes the message that handlers call `name`, and the wire `kind`.
    #[must_use]
    pub const fn new(name: &'static str, kind: &'static str) -> Self {
        Self { name, kind }
    }
}

/// Socket at the other end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerSpec {
    /// Name of the spec that declares it; `None` for a foreign peer, which has no spec.
    pub actor: Option<&'static str>,
    /// Name of the socket in its spec; for a foreign peer, the name of its kind.
    pub socket: &'static str,
    /// Kind of the socket.
    pub kind: SocketKind,
}

impl PeerSpec {
    /// Describes the socket `socket`, of this kind, of the spec `actor`.
    #[must_use]
    pub const fn of(actor: &'static str, socket: &'static str, kind: SocketKind) -> Self {
        Self {
            actor: Some(actor),
            socket,
            kind,
        }
    }

    /// Describes a foreign socket of this kind, whose kind is called `name`.
    #[must_use]
    pub const fn foreign(name: &'static str, kind: SocketKind) -> Self {
        Self {
            actor: None,
            socket: name,
            kind,
        }
    }
}

/// Socket of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketSpec {
    /// Name of the struct that declares the socket, which another spec may contain.
    pub spec: &'static str,
    /// Name of the field.
    pub name: &'static str,
    /// Kind of the socket.
    pub kind: SocketKind,
    /// Whether the socket binds or connects.
    pub role: SocketRole,
    /// Path below the directory of the runner; `{id}` stands for the id of the actor.
    ///
    /// With [`SocketRole::ConnectLater`], the path that it would have if it were bound.
    pub path: &'static str,
    /// Identity that the socket sends to its peers; `{id}` stands for the id of the actor.
    pub identity: &'static str,
    /// Messages that arrive.
    pub receives: &'static [MessageSpec],
    /// Messages that are sent.
    pub sends: &'static [MessageSpec],
    /// Codec of the messages that are sent.
    pub codec: Codec,
    /// Sockets that it is linked to.
    pub peers: &'static [PeerSpec],
    /// Doc comment of the field.
    pub doc: &'static str,
}

impl SocketSpec {
    /// Describes the socket `name` of the struct `spec`, without messages and peers.
    ///
    /// The socket sends msgpack.
    #[must_use]
    pub const fn new(
        spec: &'static str,
        name: &'static str,
        kind: SocketKind,
        role: SocketRole,
        path: &'static str,
        identity: &'static str,
    ) -> Self {
        Self {
            spec,
            name,
            kind,
            role,
            path,
            identity,
            receives: &[],
            sends: &[],
            codec: Codec::MsgPack,
            peers: &[],
            doc: "",
        }
    }

    setters! {
        /// Sets the messages that arrive.
        with_receives(receives: &'static [MessageSpec]) => receives = receives;
        /// Sets the messages that are sent.
        with_sends(sends: &'static [MessageSpec]) => sends = sends;
        /// Sets the codec of the messages that are sent.
        with_codec(codec: Codec) => codec = codec;
        /// Sets the sockets that it is linked to.
        with_peers(peers: &'static [PeerSpec]) => peers = peers;
        /// Sets the doc comment.
        with_doc(doc: &'static str) => doc = doc;
    }

    /// Returns which frames a message that arrives on the socket has.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        match self.kind {
            SocketKind::Sub | SocketKind::XSub => Framing::Topic,
            SocketKind::XPub => Framing::Subscription,
            SocketKind::Router => Framing::Identity,
            _ => Framing::Body,
        }
    }
}

/// Sockets of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActorSpec {
    /// Name of the struct.
    pub name: &'static str,
    /// Sockets in the order of the fields; those of a contained spec stand where its field stands.
    pub sockets: &'static [SocketSpec],
    /// Doc comment of the struct.
    pub doc: &'static str,
}

impl ActorSpec {
    /// Describes the struct `name` with these sockets.
    #[must_use]
    pub const fn new(
        name: &'static str,
        sockets: &'static [SocketSpec],
        doc: &'static str,
    ) -> Self {
        Self { name, sockets, doc }
    }

    /// Returns the socket called `name`, with its index.
    #[must_use]
    pub fn socket(&self, name: &str) -> Option<(usize, &'static SocketSpec)> {
        self.sockets
            .iter()
            .enumerate()
            .find(|(_, socket)| socket.name == name)
    }
}
