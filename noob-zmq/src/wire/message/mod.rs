//! The messages of this library.
//!
//! Most are types of serde. [`Events`] has a form of its own in msgpack, since events are most of
//! the traffic; a message that carries the id of its sender takes it from the envelope.

mod commands;
mod event;
mod failure;
mod health;
mod identify;
mod progress;
mod status;
mod subscription;

pub use commands::{
    Announce, Deinit, EpochsEnded, Lend, Observe, Ping, Process, Resume, Start, Stop,
};
pub use event::{Events, Receipt};
pub use failure::{Failure, Phase, Report};
pub use health::{Health, SampledValue};
pub use identify::Identify;
pub use progress::Progress;
pub use status::{NodeStatus, Status};
pub use subscription::Subscription;
