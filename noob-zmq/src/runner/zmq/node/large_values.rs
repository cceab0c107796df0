//! Large values of a node: moved into shared memory, where its subscribers read them.

use bytes::Bytes;
use noob_zmq_frames::Pool;

use crate::actor::PreparedMessage;

/// Size from which values are moved into shared memory; below, a handle costs more than the copy.
const MIN_SIZE: usize = 64 << 10;

/// Shared memory of a node, created for its first large value.
///
/// Driven by the event loop of the node process. The replay buffer holds the values until their
/// epochs are closed, and each subscriber holds those that it reads.
#[derive(Debug)]
pub(super) struct LargeValues {
    /// Size of the memory; zero if there is to be none.
    limit: usize,
    pool: Option<Pool>,
}

impl LargeValues {
    pub(super) const fn new(limit: usize) -> Self {
        let limit = if limit < MIN_SIZE { 0 } else { limit };
        Self { limit, pool: None }
    }

    /// Whether a message may have values to be moved.
    pub(super) fn wants(&self, message: &PreparedMessage) -> bool {
        self.limit > 0 && message.size() >= MIN_SIZE
    }

    /// Whether some value may have been sent by handle.
    pub(super) const fn is_used(&self) -> bool {
        self.pool.is_some()
    }

    /// Moves the large values of a message into shared memory, as far as there is room.
    pub(super) fn share(&mut self, message: &mut PreparedMessage) {
        if self.pool.is_none() {
            match Pool::new(self.limit) {
                Ok(pool) => self.pool = Some(pool),
                Err(error) => {
                    tracing::warn!(
                        %error,
                        "there is no shared memory; large values are sent as bytes"
                    );
                    self.limit = 0;
                }
            }
        }
        let Some(pool) = &self.pool else { return };
        message.share(|value| {
            let large = value.len() >= MIN_SIZE;
            let block = large.then(|| pool.copy(value)).flatten()?;
            let handle = Bytes::copy_from_slice(&block.handle().to_bytes());
            Some((block.bytes().clone(), handle))
        });
    }
}
