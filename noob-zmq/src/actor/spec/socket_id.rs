//! Socket of a spec as a constant: `CommandSockets::ROUTER`.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use super::const_checks::LinkSide;
use super::{Scope, SocketKind, SocketSpec};
use crate::actor::{Socket, Sockets};

/// Socket of type `K` of the spec `S`, by its number.
///
/// [`#[derive(Sockets)]`](macro@crate::Sockets) makes a constant of this type for each field.
pub struct SocketId<S, K> {
    index: usize,
    spec: PhantomData<fn() -> (S, K)>,
}

impl<S, K> SocketId<S, K> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            spec: PhantomData,
        }
    }
}

impl<S: Sockets, K: Socket> SocketId<S, K> {
    /// Returns the socket as one side of a link, for the checks of the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn side(&self) -> LinkSide {
        LinkSide {
            actor: S::SPEC,
            socket: self.spec(),
        }
    }

    /// Returns the index in [`ActorSpec::sockets`](super::ActorSpec::sockets).
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Returns the data of the socket in its spec.
    #[must_use]
    pub const fn spec(&self) -> &'static SocketSpec {
        &S::SPEC.sockets[self.index]
    }

    /// Returns the name of the field.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Returns the kind of the socket.
    #[must_use]
    pub const fn kind(&self) -> SocketKind {
        K::KIND
    }

    /// Returns the file of the socket for the actor that `scope` names.
    #[must_use]
    pub fn path(&self, scope: &Scope) -> PathBuf {
        scope.path(self.spec().path)
    }

    /// Returns the identity of the socket for the actor that `scope` names.
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
