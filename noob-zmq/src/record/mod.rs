//! Records of runs: MCAP files with the events of a run, and their replay.
//!
//! A [`Recording`] names the file and the signals, and [`Runner::record`] starts it. Each signal
//! has a channel; the channel `noob/epochs` has an end marker for each epoch, and an epoch counts
//! only if its marker is there. A [`Record`] reads such a file, also one of a process that was
//! killed; [`repair`] completes such a file. A [`Replay`] replaces nodes of a tube by their record.
//!
//! This module knows files and queues. The runners decide which events belong to which epoch, and
//! when an epoch is over.
//!
//! [`Runner::record`]: crate::runner::Runner::record

mod body;
mod description;
mod diff;
mod error;
mod reader;
mod recorder;
mod recording;
mod repair;
mod replay;
mod replay_node;
mod scan;
mod schema;
mod selection;
mod writer;

pub use self::body::{EndMarker, EpochResult};
pub use self::diff::{Comparison, Difference, compare};
pub use self::error::RecordError;
pub use self::reader::{Record, RecordedEvent, RecordedEvents};
pub use self::recorder::RecordCounts;
pub(crate) use self::recorder::Recorder;
pub use self::recording::Recording;
pub use self::repair::{Repaired, repair};
pub use self::replay::{Pace, Replay};
pub(crate) use self::replay_node::ReplayNode;
#[cfg(feature = "cli")]
pub(crate) use self::selection::select;
