//! A socket spec as it was written: plain data, with the spans in its names, paths and types.

use proc_macro2::{Ident, Span};
use syn::{Path, Type, Visibility};

use super::codec::Codec;
use super::kinds::Kind;
use super::known::Known;

/// A struct under `#[derive(Sockets)]`.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) name: Ident,
    pub(crate) vis: Visibility,
    pub(crate) doc: String,
    /// Where the library is: `::noob_zmq`, or the path after `crate =`.
    pub(crate) krate: Path,
    pub(crate) fields: Vec<Field>,
}

/// One field of it.
#[derive(Debug, Clone)]
pub(crate) enum Field {
    Socket(Box<Socket>),
    Nested(Nested),
}

/// A field that is a socket.
#[derive(Debug, Clone)]
pub(crate) struct Socket {
    pub(crate) name: Ident,
    pub(crate) doc: String,
    pub(crate) ty: Type,
    pub(crate) role: SocketRole,
    /// Template of its path.
    pub(crate) path: String,
    /// Template of its identity.
    pub(crate) identity: String,
    pub(crate) receives: Messages,
    pub(crate) sends: Messages,
    pub(crate) codec: Codec,
    pub(crate) peers: Vec<Peer>,
}

/// Which end of a link it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SocketRole {
    Bind,
    Connect,
    ConnectLater,
}

/// The list of one `#[recv(..)]` or `#[send(..)]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Messages {
    /// Where the attribute is, if it was written.
    pub(crate) at: Option<Span>,
    pub(crate) list: Vec<Message>,
}

/// One message of it: `path` or `path as name`.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// What handlers call it: the last segment of the path, or the name after `as`.
    pub(crate) name: Ident,
    pub(crate) payload: Path,
}

/// The other end of a link.
#[derive(Debug, Clone)]
pub(crate) enum Peer {
    /// A socket of a spec: `NodeSockets::DEALER`.
    Socket(Path),
    /// A socket that is not ours: `kind = Sub`.
    Kind(Ident, Kind),
}

/// A field that is a spec of its own.
#[derive(Debug, Clone)]
pub(crate) struct Nested {
    pub(crate) name: Ident,
    pub(crate) ty: Path,
    pub(crate) spec: Known,
}

impl Spec {
    /// The fields that are sockets, each with its number.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = (usize, &Socket)> {
        self.numbered().filter_map(|(first, field)| match field {
            Field::Socket(socket) => Some((first, &**socket)),
            Field::Nested(_) => None,
        })
    }

    /// Every field with the number of its (first) socket.
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
    /// Its kind, if the name of its type is the name of a kind.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Kind::of_type(&self.ty)
    }
}

impl Field {
    /// Its name.
    pub(crate) fn name(&self) -> &Ident {
        match self {
            Self::Socket(socket) => &socket.name,
            Self::Nested(nested) => &nested.name,
        }
    }
}
