//! Large values of a node: moved into shared memory, where its subscribers read them.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use noob_zmq_frames::{Loan, Pool};

use crate::actor::PreparedMessage;

/// Size from which values are moved into shared memory; below, a handle costs more than the copy.
const MIN_SIZE: usize = 64 << 10;

/// Shared memory of a node, created for its first large value.
///
/// Driven by the event loop of the node process; the thread of the worker writes values in place
/// ([`Memory`]). The replay buffer holds the values until their epochs are closed, and each
/// subscriber holds those that it reads.
#[derive(Debug)]
pub(super) struct LargeValues {
    memory: Memory,
}

/// The memory itself, for all threads of the node process.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Size of the memory; zero if there is to be none.
    limit: usize,
    /// Empty until it is asked for; `None` where the system has no such memory.
    pool: Arc<OnceLock<Option<Pool>>>,
}

impl LargeValues {
    pub(super) fn new(limit: usize) -> Self {
        let limit = if limit < MIN_SIZE { 0 } else { limit };
        let memory = Memory {
            limit,
            pool: Arc::default(),
        };
        Self { memory }
    }

    /// Returns the memory, for the thread that calls the node.
    pub(super) fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// Whether a message may have values to be moved.
    pub(super) fn wants(&self, message: &PreparedMessage) -> bool {
        self.memory.limit > 0 && message.size() >= MIN_SIZE
    }

    /// Whether some value may have been sent by handle.
    pub(super) fn is_used(&self) -> bool {
        self.memory.pool.get().is_some_and(Option::is_some)
    }

    /// Moves the large values of a message into shared memory, as far as there is room, unless they
    /// were written there.
    pub(super) fn share(&self, message: &mut PreparedMessage) {
        let Some(pool) = self.memory.pool() else {
            return;
        };
        message.share(|value| {
            if value.len() < MIN_SIZE {
                return None;
            }
            let (bytes, handle) = match pool.handle_of(value) {
                Some(handle) => (value.clone(), handle),
                None => {
                    let block = pool.copy(value)?;
                    (block.bytes().clone(), block.handle())
                }
            };
            Some((bytes, Bytes::copy_from_slice(&handle.to_bytes())))
        });
    }
}

impl Memory {
    /// Lends memory for a value that is to be sent, if the value is large and there is room.
    pub(super) fn lend(&self, len: usize) -> Option<Loan> {
        if self.limit == 0 || len < MIN_SIZE {
            return None;
        }
        self.pool()?.loan(len)
    }

    fn pool(&self) -> Option<&Pool> {
        let pool = self.pool.get_or_init(|| match Pool::new(self.limit) {
            Ok(pool) => Some(pool),
            Err(error) => {
                tracing::warn!(
                    %error,
                    "there is no shared memory; large values are sent as bytes"
                );
                None
            }
        });
        pool.as_ref()
    }
}
