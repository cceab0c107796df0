//! What is said, one file a message.

mod announce;
mod bare;
mod epoch_ended;
mod epochs_ended;
mod event;
mod failure;
mod health;
mod identify;
mod lend;
mod process;
mod resume;
mod spec;
mod start;
mod status;
mod subscription;

pub use announce::Announce;
pub use bare::{Deinit, Init, Ping, Stop};
pub use epoch_ended::EpochEnded;
pub use epochs_ended::EpochsEnded;
pub use event::Events;
pub use failure::{Cause, Failure, Phase, Report};
pub use health::Health;
pub use identify::Identify;
pub use lend::Lend;
pub use process::Process;
pub use resume::Resume;
pub use spec::Spec;
pub use start::Start;
pub use status::{NodeStatus, Status};
pub use subscription::Subscription;
