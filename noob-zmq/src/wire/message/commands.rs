//! Messages of the command node to the nodes: the table of nodes, orders, and the state of the run.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Identify;
use crate::{
    Message,
    graph::{Epoch, Map, Name, Value},
};

/// Table of the nodes of a run, sent by the command node to all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Announce {
    /// Address of the ROUTER of the command node.
    pub inbox: String,
    /// The last [`Identify`] of each node, by node id.
    pub nodes: IndexMap<Name, Identify>,
}

impl Announce {
    /// Returns the table of these nodes.
    #[must_use]
    pub fn new(inbox: impl Into<String>, nodes: IndexMap<Name, Identify>) -> Self {
        Self {
            inbox: inbox.into(),
            nodes,
        }
    }
}

/// Order to all nodes to run one epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Process {
    /// The epoch; `None` leaves it to each node, which runs its first open one.
    pub epoch: Option<Epoch>,
    /// The process-scoped inputs, if there are any.
    pub input: Option<Arc<Map>>,
}

impl Process {
    /// Returns the order to run `epoch` with these process-scoped inputs.
    #[must_use]
    pub const fn new(epoch: Option<Epoch>, input: Option<Arc<Map>>) -> Self {
        Self { epoch, input }
    }
}

/// Order to all nodes to run more epochs by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Start {
    /// The number of epochs; `None` is until [`Stop`].
    ///
    /// Zero and less only change the status.
    pub count: Option<i64>,
}

impl Start {
    /// Returns the order to run `count` epochs, or to run until stopped.
    #[must_use]
    pub const fn new(count: Option<i64>) -> Self {
        Self { count }
    }
}

/// Request to all nodes to identify themselves again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Ping;

/// Order to all nodes to stop running freely; epochs that were requested still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Stop;

/// Order to all nodes to send values to the command node that it does not need for the run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Observe {
    /// Whether the values of all events are to be sent from now on.
    ///
    /// An order without it takes back none before.
    pub all: bool,
    /// Signals of which samples are to be sent with health reports, by node and signal; those of an
    /// order before count no more.
    pub sampled: Vec<(Name, Name)>,
}

/// Order to all nodes to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
pub struct Deinit;

/// Inputs of one call of a node that shares objects with others: the objects are leased to it.
///
/// The node calls with these values when it is ready, and publishes the state of each object with
/// its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Lend {
    /// The node; all nodes receive the message.
    pub node_id: Name,
    /// The epoch of the call.
    pub epoch: Epoch,
    /// Values by position.
    pub positional: Vec<Value>,
    /// Values by slot.
    pub named: Map,
}

impl Lend {
    /// Returns the inputs of the call of `node_id` in `epoch`.
    #[must_use]
    pub const fn new(node_id: Name, epoch: Epoch, positional: Vec<Value>, named: Map) -> Self {
        Self {
            node_id,
            epoch,
            positional,
            named,
        }
    }
}

/// Notice that root epochs are closed for all nodes, also for those that never ran in them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct EpochsEnded {
    /// The numbers of the epochs.
    pub epochs: Vec<u32>,
    /// Those of them that failed or were dropped: no event of them counts any more.
    pub failed: Vec<u32>,
}

impl EpochsEnded {
    /// Returns the notice that `epochs` are closed, of which `failed` have failed.
    #[must_use]
    pub const fn new(epochs: Vec<u32>, failed: Vec<u32>) -> Self {
        Self { epochs, failed }
    }
}

/// State of a run: the epochs that were requested, and those of them that are open.
///
/// The message is sent when a node subscribes while epochs are open (its process was started again,
/// or its connection was), and when a node was enabled or disabled between two epochs. A node that
/// knows all of it loses nothing by receiving it again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(default)]
#[non_exhaustive]
pub struct Resume {
    /// The epoch after the highest that was requested.
    ///
    /// All epochs below are closed, except those in `open`.
    pub next: u32,
    /// The open epochs, lowest first, each with its process-scoped inputs, if it has any.
    pub open: Vec<(u32, Option<Arc<Map>>)>,
    /// The states of nodes that were started again, by the call after which they were recorded,
    /// lowest epoch first.
    pub states: Vec<(Name, Vec<(Epoch, Value)>)>,
    /// Epochs that failed or were dropped, and to which these states may refer.
    pub failed: Vec<u32>,
    /// The nodes that are disabled now, whatever the tube file has.
    pub disabled: Vec<Name>,
}
