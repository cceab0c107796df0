//! What `#[derive(Sockets)]` knows of an actor, as data: the one source of names, addresses, tables and pictures.

pub use crate::transport::SocketKind;
use crate::wire::{Codec, Framing};

/// Which end of a link a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketRole {
    /// It binds its path when it is opened: `#[bind]`.
    Bind,
    /// It connects to its path when it is opened: `#[connect("path")]`.
    Connect,
    /// It connects when it is told where: `#[connect]`.
    ConnectLater,
}

/// One message that a socket receives or sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageSpec {
    /// Its name in handlers: the last segment of its path, or the name after `as`.
    pub name: &'static str,
    /// Its kind on the wire.
    pub kind: &'static str,
}

impl MessageSpec {
    /// The message that handlers call `name`, and the wire `kind`.
    #[must_use]
    pub const fn new(name: &'static str, kind: &'static str) -> Self {
        Self { name, kind }
    }
}

/// A socket at the other end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerSpec {
    /// The spec that it belongs to; none for a peer that is not ours.
    pub actor: Option<&'static str>,
    /// Its name there, or for a peer that is not ours its kind.
    pub socket: &'static str,
    /// Its kind.
    pub kind: SocketKind,
}

impl PeerSpec {
    /// The socket `socket`, of this kind, of the spec `actor`.
    #[must_use]
    pub const fn of(actor: &'static str, socket: &'static str, kind: SocketKind) -> Self {
        Self {
            actor: Some(actor),
            socket,
            kind,
        }
    }

    /// A socket of this kind, called `name`, that is not ours.
    #[must_use]
    pub const fn foreign(name: &'static str, kind: SocketKind) -> Self {
        Self {
            actor: None,
            socket: name,
            kind,
        }
    }
}

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketSpec {
    /// The name of the struct that declares it, which may be contained in another one.
    pub spec: &'static str,
    /// The name of the field.
    pub name: &'static str,
    /// Its kind.
    pub kind: SocketKind,
    /// Whether it binds or connects.
    pub role: SocketRole,
    /// Its path below the directory of the runner; `{id}` stands for the id of the actor.
    ///
    /// With [`SocketRole::ConnectLater`], the path that it would have if it were bound.
    pub path: &'static str,
    /// The identity that it tells its peers; `{id}` stands for the id of the actor.
    pub identity: &'static str,
    /// What arrives on it.
    pub receives: &'static [MessageSpec],
    /// What is sent on it.
    pub sends: &'static [MessageSpec],
    /// The codec of the messages that are sent.
    pub codec: Codec,
    /// The sockets that it is linked to.
    pub peers: &'static [PeerSpec],
    /// The doc comment of the field.
    pub doc: &'static str,
}

impl SocketSpec {
    /// What the frames of a message are that arrives on it.
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

/// All sockets of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorSpec {
    /// The name of the struct.
    pub name: &'static str,
    /// The sockets, in the order of the fields; those of a contained spec stand where its field stands.
    pub sockets: &'static [SocketSpec],
    /// The doc comment of the struct.
    pub doc: &'static str,
}

impl ActorSpec {
    /// The socket called `name`, with its index.
    #[must_use]
    pub fn socket(&self, name: &str) -> Option<(usize, &'static SocketSpec)> {
        self.sockets
            .iter()
            .enumerate()
            .find(|(_, socket)| socket.name == name)
    }
}
