//! A socket spec as it was written: plain data, with the spans in names, paths and types.

use proc_macro2::{Ident, Span};
use syn::{Path, Type, Visibility};

use super::codec::Codec;
use super::kinds::Kind;
use super::known::Known;

/// Struct under `#[derive(Sockets)]`.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) name: Ident,
    pub(crate) vis: Visibility,
    pub(crate) doc: String,
    /// The path of the library: `::noob_zmq`, or the path after `crate =`.
    pub(crate) krate: Path,
    pub(crate) fields: Vec<Field>,
}

/// Field of a spec.
#[derive(Debug, Clone)]
pub(crate) enum Field {
    Socket(Box<Socket>),
    Nested(Nested),
}

/// Field that is a socket.
#[derive(Debug, Clone)]
pub(crate) struct Socket {
    pub(crate) name: Ident,
    pub(crate) doc: String,
    pub(crate) ty: Type,
    pub(crate) role: SocketRole,
    /// Template of the path.
    pub(crate) path: String,
    /// Template of the identity.
    pub(crate) identity: String,
    pub(crate) receives: Messages,
    pub(crate) sends: Messages,
    pub(crate) codec: Option<Codec>,
    pub(crate) peers: Vec<Peer>,
}

/// End of a link, named as the variant of `noob_zmq::actor::SocketRole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SocketRole {
    Bind,
    Connect,
    ConnectLater,
}

/// List of one `#[recv(..)]` or `#[send(..)]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Messages {
    /// The place of the attribute, if the socket has one.
    pub(crate) at: Option<Span>,
    pub(crate) list: Vec<Message>,
}

/// Message of a list: `path` or `path as name`.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The name in handlers: the last segment of the path, or the name after `as`.
    pub(crate) name: Ident,
    pub(crate) payload: Path,
}

/// Other end of a link.
#[derive(Debug, Clone)]
pub(crate) enum Peer {
    /// A socket of a spec: `NodeSockets::DEALER`.
    Socket(Path),
    /// A socket that is not ours: `kind = Sub`.
    Kind(Ident, Kind),
}

/// Field that is a spec of its own.
#[derive(Debug, Clone)]
pub(crate) struct Nested {
    pub(crate) name: Ident,
    pub(crate) ty: Path,
    pub(crate) spec: Known,
}

impl Spec {
    /// Returns the fields that are sockets, each with its number.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = (usize, &Socket)> {
        self.numbered().filter_map(|(first, field)| match field {
            Field::Socket(socket) => Some((first, &**socket)),
            Field::Nested(_) => None,
        })
    }

    /// Returns every field with the number of its (first) socket.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields.iter().scan(0, |next, field| {
            let first = *next;
            *next += match field {
                Field::Socket(_) => 1,
                Field::Nested(nested) => nested.spec.sockets(),
            };
            Some((first, field))
        })
    }
}

impl Socket {
    /// Returns the kind of the socket, if the name of its type is the name of a kind.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Kind::of_type(&self.ty)
    }
}

impl Field {
    /// Returns the name of the field.
    pub(crate) fn name(&self) -> &Ident {
        match self {
            Self::Socket(socket) => &socket.name,
            Self::Nested(nested) => &nested.name,
        }
    }
}
