//! Counters of the messages that an actor has dropped, and their lines in the log.

use std::collections::HashMap;
use std::fmt::Display;
use std::mem::{Discriminant, discriminant};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::sync::lock;
use crate::wire::WireError;

/// Number of senders that are counted one by one; all others share a counter.
const MAX_SENDERS: usize = 256;

/// Counters of the messages that an actor has dropped as undecodable, not authorized or invalid.
///
/// Cheap to clone: all clones share the counters. For each sender on each socket, and for each
/// reason, the log has the first, second, fourth, eighth and so on at level `warn`, and the rest at
/// level `debug`, so that no peer can flood it.
#[derive(Debug, Clone, Default)]
pub struct RejectCounters {
    shared: Arc<Shared>,
}

/// Socket, sender and reason of rejected messages; no reason if the sender may not send them.
type Source = (&'static str, String, Option<Discriminant<WireError>>);

#[derive(Debug, Default)]
struct Shared {
    total: AtomicU64,
    by_sender: Mutex<HashMap<Source, u64>>,
}

impl RejectCounters {
    /// Returns the number of messages dropped so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.shared.total.load(Ordering::Relaxed)
    }

    /// Counts a message that cannot be decoded, or that its sender may not send.
    pub(super) fn count_wire_error(&self, socket: &'static str, sender: &str, error: &WireError) {
        let kind = Some(discriminant(error));
        self.count(socket, sender, kind, error);
    }

    /// Counts a message that was decoded, and whose content is impossible.
    pub(crate) fn count_invalid(&self, socket: &'static str, sender: &str, reason: &dyn Display) {
        self.count(socket, sender, None, reason);
    }

    fn count(
        &self,
        socket: &'static str,
        sender: &str,
        kind: Option<Discriminant<WireError>>,
        reason: &dyn Display,
    ) {
        let rejected = {
            // A panic elsewhere cannot leave a counter half written: the poison means nothing here.
            let mut by_sender = lock(&self.shared.by_sender);
            // Bounded, since the name of a sender comes from the message.
            let sender = if by_sender.len() < MAX_SENDERS {
                sender
            } else {
                "others"
            };
            let count = by_sender
                .entry((socket, sender.to_owned(), kind))
                .or_default();
            *count += 1;
            *count
        };
        if rejected.is_power_of_two() {
            tracing::warn!(socket, sender, rejected, "a message is dropped: {reason}");
        } else {
            tracing::debug!(socket, sender, rejected, "a message is dropped: {reason}");
        }
        // After the log line, so that whoever sees the count finds the line.
        self.shared.total.fetch_add(1, Ordering::Relaxed);
    }
}
