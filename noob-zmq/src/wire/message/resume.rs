//! `resume`: the state of a run, for a node that joins late or may have missed messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Message,
    graph::{Epoch, Map, Name, Value},
};

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
