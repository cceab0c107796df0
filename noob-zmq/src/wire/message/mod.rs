//! The messages of this library, one file each.
//!
//! Most are types of serde. [`Events`] has a form of its own in msgpack, since events are most of
//! the traffic; a message that carries the id of its sender takes it from the envelope.

mod announce;
mod epochs_ended;
mod event;
mod failure;
mod health;
mod identify;
mod lend;
mod process;
mod resume;
mod signals;
mod start;
mod status;
mod subscription;

pub use announce::Announce;
pub use epochs_ended::EpochsEnded;
pub use event::Events;
pub use failure::{Failure, Phase, Report};
pub use health::Health;
pub use identify::Identify;
pub use lend::Lend;
pub use process::Process;
pub use resume::Resume;
pub use signals::{Deinit, Ping, Stop};
pub use start::Start;
pub use status::{NodeStatus, Status};
pub use subscription::Subscription;
