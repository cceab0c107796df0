//! Sockets and handlers at run time: socket types, the socket spec, and the loop that receives and dispatches.

mod addon;
pub(crate) mod checks;
mod clock;
mod compat;
mod context;
mod error;
mod id;
mod opener;
mod origin;
mod picture;
mod registered;
mod run;
mod scope;
mod socket;
mod sockets;
mod spec;

pub use addon::{Addon, addons, extend};
pub(crate) use clock::now;
pub use compat::{Receives, Sends, TalksTo};
pub use context::Context;
pub use error::{ActorError, HandlerError};
pub use id::SocketId;
pub use opener::Opener;
pub use origin::Refusals;
pub use registered::{RegisteredActor, RegisteredHandler, RegisteredSpec, Written, actors, specs};
#[cfg(feature = "cli")]
pub(crate) use run::Chain;
pub use run::{ActorLoop, Handle, Running};
pub use scope::Scope;
pub use socket::{Dealer, Prepared, Pub, Pull, Push, Rep, Req, Router, Socket, Sub, XPub, XSub};
pub use sockets::{Actor, Contains, IntoOutcome, Sockets, dropped, unnamed};
pub use spec::{ActorSpec, MessageSpec, PeerSpec, Role, SocketKind, SocketSpec};
