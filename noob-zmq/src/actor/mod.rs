//! Kit for custom actors and runners; programs that only run tubes do not need it.
//!
//! An *actor* is a value that owns the ZeroMQ sockets of a spec, and handles what arrives on them,
//! one message at a time. Three steps make one:
//!
//! 1. [`#[derive(Sockets)]`](macro@crate::Sockets) on a struct declares its sockets;
//! 2. [`#[handlers(..)]`](macro@crate::handlers) on an `impl` block declares what it does with
//!    messages;
//! 3. [`Actor::run`], or an [`ActorLoop`] where more is needed, opens the sockets and runs the
//!    actor as a task of tokio. A [`Handle`] reaches it from elsewhere.
//!
//! The compiler checks the specs against each other. At run time the event loop drops and counts
//! what a peer may not send ([`RejectCounters`]); no message can stop an actor. This module knows
//! nothing of tubes: the actors of a run are in [`runner::zmq`](crate::runner::zmq). The sockets
//! themselves belong to tasks of [`transport`](crate::transport).

mod actor_id;
mod addon;
mod bind;
mod clock;
mod context;
mod error;
mod event_loop;
mod handle;
mod reject_counters;
mod sender_check;
mod socket;
pub(crate) mod spec;
mod traits;
mod unhandled;

pub use addon::{Addon, addons, dispatch_to_addons};
pub use bind::Opener;
pub(crate) use clock::now;
pub use context::Context;
#[cfg(feature = "cli")]
pub(crate) use error::DisplayChain;
pub use error::{ActorError, HandlerError};
pub use event_loop::ActorLoop;
pub use handle::{ActorGuard, Handle};
pub use reject_counters::RejectCounters;
pub use socket::{
    Dealer, PreparedMessage, Pub, Pull, Push, ReceiveOnly, Rep, Req, Router, Sends, Socket, Sub,
    XPub, XSub,
};
pub use spec::{
    ActorSpec, MessageSpec, PeerSpec, RegisteredActor, RegisteredHandler, RegisteredSpec, Scope,
    SocketId, SocketKind, SocketRole, SocketSpec, SourceLocation, actors, specs,
};
pub use traits::{Actor, Contains, IntoOutcome, Sockets, Wraps};
pub use unhandled::{drop_unhandled, unhandled_count};
