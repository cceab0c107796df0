//! Replay buffer: published messages of open epochs, resent to late or reconnecting subscribers.

use std::collections::VecDeque;

use crate::actor::PreparedMessage;

/// Messages of open epochs, in the order in which they were sent.
///
/// The window of the run bounds the buffer. Driven by the event loop of the node process.
#[derive(Debug, Default)]
pub(super) struct ReplayBuffer {
    /// Messages, each with the highest epoch of its events.
    messages: VecDeque<(u32, PreparedMessage)>,
}

impl ReplayBuffer {
    /// Keeps a message until `highest`, the highest epoch of its events, and all before are closed.
    pub(super) fn push(&mut self, highest: u32, message: PreparedMessage) {
        self.messages.push_back((highest, message));
    }

    /// Discards messages whose epochs are below `lowest_open`.
    pub(super) fn discard_below(&mut self, lowest_open: u32) {
        // From the front only: a message that is kept longer than it must is a duplicate for a
        // subscriber, and no more; the order of messages matters.
        while self
            .messages
            .front()
            .is_some_and(|(highest, _)| *highest < lowest_open)
        {
            self.messages.pop_front();
        }
    }

    /// Returns the messages, oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &PreparedMessage> {
        self.messages.iter().map(|(_, message)| message)
    }
}
