//! Clock that stamps messages and events.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::graph::Timestamp;

/// Returns the current time, in microseconds since the epoch of Unix.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
