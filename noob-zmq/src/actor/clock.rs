//! Clock that stamps messages and events.

use std::time::SystemTime;

use crate::graph::Timestamp;

/// Returns the current time, in microseconds since the epoch of Unix.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_system(SystemTime::now())
}
