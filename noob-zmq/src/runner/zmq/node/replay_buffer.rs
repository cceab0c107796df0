//! Replay buffer: published messages of open epochs, resent to late or reconnecting subscribers.

use std::collections::VecDeque;
use std::sync::Arc;

use super::group::links::Delivery;
use crate::actor::PreparedMessage;

/// Messages of open epochs, in the order in which they were sent.
///
/// The window of the run bounds the buffer. Driven by the event loop of the node process.
#[derive(Debug, Default)]
pub(super) struct ReplayBuffer {
    messages: VecDeque<SentMessage>,
}

/// Message that was published.
#[derive(Debug)]
struct SentMessage {
    /// Highest epoch of its events.
    highest: u32,
    content: Content,
    report: Report,
}

/// Content of a message that was published.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Message of the outbox.
    Message(PreparedMessage),
    /// Message within the process, for nodes of the same group.
    Delivery(Arc<Delivery>),
}

/// Whether the command node knows of the events of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The command node was sent the events, or their receipt.
    Sent,
    /// The events of another node will imply these; they were published since the last look.
    Implied,
    /// As [`Implied`](Self::Implied), and before the last look.
    Overdue,
}

impl ReplayBuffer {
    /// Keeps a message until `highest`, the highest epoch of its events, and all before are closed.
    pub(super) fn push(&mut self, highest: u32, content: Content, report: Report) {
        self.messages.push_back(SentMessage {
            highest,
            content,
            report,
        });
    }

    /// Discards messages whose epochs are below `lowest_open`.
    pub(super) fn discard_below(&mut self, lowest_open: u32) {
        // From the front only: a message that is kept longer than it must is a duplicate for a
        // subscriber, and no more; the order of messages matters.
        while self
            .messages
            .front()
            .is_some_and(|sent| sent.highest < lowest_open)
        {
            self.messages.pop_front();
        }
    }

    /// Returns the messages of the outbox, oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &PreparedMessage> {
        self.messages.iter().filter_map(|sent| match &sent.content {
            Content::Message(message) => Some(message),
            Content::Delivery(_) => None,
        })
    }

    /// Returns the messages within the process, oldest first.
    pub(super) fn deliveries(&self) -> impl Iterator<Item = &Arc<Delivery>> {
        self.messages.iter().filter_map(|sent| match &sent.content {
            Content::Message(_) => None,
            Content::Delivery(delivery) => Some(delivery),
        })
    }

    /// Takes the messages of implied calls that the command node is to be sent after all; with
    /// `all`, also those that were published since the last look.
    pub(super) fn take_unreported(&mut self, all: bool) -> Vec<Content> {
        let mut due = Vec::new();
        for sent in &mut self.messages {
            match sent.report {
                Report::Sent => {}
                Report::Implied if !all => sent.report = Report::Overdue,
                Report::Implied | Report::Overdue => {
                    sent.report = Report::Sent;
                    due.push(sent.content.clone());
                }
            }
        }
        due
    }
}
