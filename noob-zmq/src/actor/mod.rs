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

pub use addon::{Addon, addons, extend};
pub use bind::Opener;
pub(crate) use clock::now;
pub use context::Context;
pub use error::{ActorError, HandlerError};
#[cfg(feature = "cli")]
pub(crate) use event_loop::Chain;
pub use event_loop::{ActorLoop, Handle, Running};
pub use sender_check::Refusals;
pub use socket::{Dealer, Prepared, Pub, Pull, Push, Rep, Req, Router, Socket, Sub, XPub, XSub};
pub use spec::{
    ActorSpec, MessageSpec, PeerSpec, Receives, RegisteredActor, RegisteredHandler, RegisteredSpec,
    Role, Scope, Sends, SocketId, SocketKind, SocketSpec, TalksTo, Written, actors, specs,
};
pub use traits::{Actor, Contains, IntoOutcome, Sockets, dropped, unnamed};
