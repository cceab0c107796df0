//! A socket of a spec as a constant: `CommandSockets::ROUTER`.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use super::const_checks::LinkSide;
use super::{Scope, SocketKind, SocketSpec};
use crate::actor::{Socket, Sockets};

/// The socket number `index` of the spec `S`, of the type `K`. `#[derive(Sockets)]` makes one for each field.
pub struct SocketId<S, K> {
    index: usize,
    owner: PhantomData<fn() -> (S, K)>,
}

impl<S, K> SocketId<S, K> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            owner: PhantomData,
        }
    }
}

impl<S: Sockets, K: Socket> SocketId<S, K> {
    #[doc(hidden)]
    #[must_use]
    pub const fn side(&self) -> LinkSide {
        LinkSide {
            actor: S::SPEC,
            socket: self.spec(),
        }
    }

    /// Its place in [`ActorSpec::sockets`](super::ActorSpec::sockets).
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// All that the spec says of it.
    #[must_use]
    pub const fn spec(&self) -> &'static SocketSpec {
        &S::SPEC.sockets[self.index]
    }

    /// The name of its field.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> SocketKind {
        K::KIND
    }

    /// Its ipc file in `scope`.
    #[must_use]
    pub fn path(&self, scope: &Scope) -> PathBuf {
        scope.path(self.spec().path)
    }

    /// Its identity in `scope`.
    #[must_use]
    pub fn identity(&self, scope: &Scope) -> String {
        scope.identity(self.spec().identity)
    }
}

impl<S, K> Clone for SocketId<S, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, K> Copy for SocketId<S, K> {}

impl<S: Sockets, K: Socket> fmt::Debug for SocketId<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", S::SPEC.name, self.name())
    }
}
