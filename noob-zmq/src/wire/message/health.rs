//! `health`: a node is alive, with its counters.

use serde::{Deserialize, Serialize};

use super::NodeStatus;
use crate::{
    Message,
    graph::{Epoch, Name, Timestamp, Value},
};

/// Sign of life of a node, several times a second, with its counters since its process started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate, sender = node_id)]
#[non_exhaustive]
pub struct Health {
    /// The node, which is the sender of the message.
    #[serde(skip)]
    pub node_id: Name,
    /// The status of the node.
    pub status: NodeStatus,
    /// Epochs that have completed.
    pub epochs: u64,
    /// Calls that were made.
    pub calls: u64,
    /// Events that were received.
    pub events_in: u64,
    /// Events that were emitted.
    pub events_out: u64,
    /// Calls that are ready and not started.
    pub queue: u64,
    /// The epoch of the call in progress.
    pub busy: Option<Epoch>,
    /// Whether the call in progress has taken longer than the node's `timeout` allows.
    pub overran: bool,
    /// Calls that were dropped in favour of newer ones, by the edge that allows so (`node.signal`).
    pub dropped: Vec<(String, u64)>,
    /// The kernel's id of the thread that serves the sockets, on systems that have one.
    pub thread: Option<u32>,
    /// Whether the process was sent SIGTERM, and waits for the runner to end it.
    pub terminated: bool,
    /// Messages that were rejected: unreadable, or not allowed from their sender.
    pub refused: u64,
    /// Age of the counters in microseconds, on the clock of the node.
    pub uptime: u64,
    /// Size of the received values in bytes, about.
    pub bytes_in: u64,
    /// Values that were emitted, by signal: their number, and their size in bytes, about.
    pub signals: Vec<(Name, u64, u64)>,
    /// Time of all calls in microseconds, with the one in progress.
    pub busy_time: u64,
    /// Time of the call in progress in microseconds.
    pub busy_for: u64,
    /// Duration of the last calls in nanoseconds: median, 99th percentile and maximum.
    pub call_times: Option<(u64, u64, u64)>,
    /// The highest epoch in which the node was called.
    pub newest: Option<u32>,
    /// Resident memory of the process in bytes, on systems that tell it.
    pub memory: Option<u64>,
    /// Samples of signals that the command node has asked for, since the last report.
    pub samples: Vec<SampledValue>,
}

/// Value of a signal of a node, for those who watch the signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampledValue {
    /// The signal.
    pub signal: Name,
    /// Epoch of the value.
    pub epoch: Epoch,
    /// Time at which the node has emitted the value.
    pub timestamp: Timestamp,
    /// The value; null if it is described.
    pub value: Value,
    /// Description of a value that is large, or that is or has an object.
    pub summary: Option<String>,
    /// Size of the value in bytes, about.
    pub bytes: u64,
    /// Number of values of the signal between the sample before and this one.
    pub skipped: u64,
}

impl Health {
    /// Returns the health of a node in this status that has done nothing yet.
    #[must_use]
    pub const fn new(node_id: Name, status: NodeStatus) -> Self {
        Self {
            node_id,
            status,
            epochs: 0,
            calls: 0,
            events_in: 0,
            events_out: 0,
            queue: 0,
            busy: None,
            overran: false,
            dropped: Vec::new(),
            thread: None,
            terminated: false,
            refused: 0,
            uptime: 0,
            bytes_in: 0,
            signals: Vec::new(),
            busy_time: 0,
            busy_for: 0,
            call_times: None,
            newest: None,
            memory: None,
            samples: Vec::new(),
        }
    }
}
