//! What a node has said in epochs that are not over: whoever subscribes late, or again, is told it once more.

use std::collections::VecDeque;

use crate::actor::PreparedMessage;

/// The messages of open epochs, in the order in which they were sent. The window of the run bounds them.
#[derive(Debug, Default)]
pub(crate) struct ReplayBuffer {
    /// Each with the highest epoch in it.
    messages: VecDeque<(u32, PreparedMessage)>,
}

impl ReplayBuffer {
    /// Keeps a message until `highest`, the highest epoch in it, is over, and all before it.
    pub(crate) fn keep(&mut self, highest: u32, message: PreparedMessage) {
        self.messages.push_back((highest, message));
    }

    /// Every epoch below `floor` is over.
    pub(crate) fn forget_below(&mut self, floor: u32) {
        while self
            .messages
            .front()
            .is_some_and(|(highest, _)| *highest < floor)
        {
            self.messages.pop_front();
        }
    }

    /// What is kept, oldest first.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &PreparedMessage> {
        self.messages.iter().map(|(_, message)| message)
    }
}
