//! Sockets and handlers at run time: socket types, the socket spec, and the loop that receives and dispatches.

mod addon;
mod bind;
mod clock;
mod context;
mod error;
mod event_loop;
mod sender_check;
mod socket;
pub(crate) mod spec;
mod traits;

pub use addon::{Addon, addons, dispatch_to_addons};
pub use bind::Opener;
pub(crate) use clock::now;
pub use context::Context;
pub use error::{ActorError, HandlerError};
#[cfg(feature = "cli")]
pub(crate) use event_loop::DisplayChain;
pub use event_loop::{ActorGuard, ActorLoop, Handle};
pub use sender_check::RejectCounters;
pub use socket::{
    Dealer, PreparedMessage, Pub, Pull, Push, Rep, Req, Router, Socket, Sub, XPub, XSub,
};
pub use spec::{
    ActorSpec, LinksTo, MessageSpec, PeerSpec, Receives, RegisteredActor, RegisteredHandler,
    RegisteredSpec, Scope, Sends, SocketId, SocketKind, SocketRole, SocketSpec, SourceLocation,
    actors, specs,
};
pub use traits::{Actor, Contains, IntoOutcome, Sockets, drop_unhandled, unhandled_count};
