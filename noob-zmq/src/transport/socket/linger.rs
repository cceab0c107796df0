//! Decides how long a socket is kept whose messages the crate queues once more; a state machine
//! without clock.
//!
//! The crate gives no sign when such a queue is empty. Its task writes all that the kernel takes as
//! soon as it runs.

use std::time::Duration;

use tokio::time::Instant;

/// Time after which a peer that reads has everything that was sent.
const LINGER: Duration = Duration::from_millis(100);
/// Number of bytes that the buffer of a connection takes in any case, headers included.
const BUFFER: usize = 64 << 10;
/// Share of that buffer that the kernel needs for the bookkeeping of one message.
const MESSAGE_OVERHEAD: usize = 1 << 10;

/// Messages that were sent a short time ago.
#[derive(Debug, Default)]
pub(super) struct SentRecently {
    last: Option<Instant>,
    /// Bytes of all messages that follow each other within [`LINGER`].
    bytes: usize,
}

/// Wait before a socket is dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Linger {
    /// Nothing is queued.
    None,
    /// The queue is empty when the other tasks of this thread had their turn.
    Yield,
    /// The queue may be longer than the buffer of the connection.
    Until(Instant),
}

impl SentRecently {
    /// Records a message of this size.
    pub(super) fn record(&mut self, now: Instant, size: usize) {
        if self.last.is_none_or(|last| now >= last + LINGER) {
            self.bytes = 0;
        }
        self.last = Some(now);
        self.bytes = self.bytes.saturating_add(size + MESSAGE_OVERHEAD);
    }

    /// Returns the wait before the socket is dropped; `one_thread`: whether all tasks of the socket
    /// run on the thread of the caller.
    pub(super) fn linger(&self, now: Instant, one_thread: bool) -> Linger {
        match self.last {
            Some(last) if now < last + LINGER => {
                if one_thread && self.bytes <= BUFFER {
                    Linger::Yield
                } else {
                    Linger::Until(last + LINGER)
                }
            }
            _ => Linger::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_waits_only_for_what_the_kernel_may_refuse() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut sent = SentRecently::default();
        assert_eq!(sent.linger(at(0), true), Linger::None);
        sent.record(at(0), 300);
        assert_eq!(sent.linger(at(1), true), Linger::Yield);
        assert_eq!(sent.linger(at(1), false), Linger::Until(at(100)));
        assert_eq!(sent.linger(at(100), false), Linger::None);
        // Small messages fill the buffer too, and so does one large one.
        for _ in 0..64 {
            sent.record(at(50), 1);
        }
        assert_eq!(sent.linger(at(60), true), Linger::Until(at(150)));
        sent.record(at(200), 1);
        assert_eq!(sent.linger(at(200), true), Linger::Yield);
        sent.record(at(300), BUFFER);
        assert_eq!(sent.linger(at(300), true), Linger::Until(at(400)));
    }
}
