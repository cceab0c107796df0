//! Socket specs: what `#[derive(Sockets)]` declares about the sockets of an actor, as data and as
//! types.
//!
//! Holds the data itself, its checks at compile time, the registry of the specs of a program, and
//! renderings for people. Opens no socket and starts no task.

mod actor_spec;
pub(crate) mod const_checks;
mod diagram;
mod registry;
mod socket_id;
mod template_vars;

pub use actor_spec::{ActorSpec, MessageSpec, PeerSpec, SocketKind, SocketRole, SocketSpec};
pub use registry::{
    RegisteredActor, RegisteredHandler, RegisteredSpec, SourceLocation, actors, specs,
};
pub use socket_id::SocketId;
pub use template_vars::Scope;
