//! `error`: a node has failed.

use serde::{Deserialize, Serialize};

pub use crate::graph::Phase;
use crate::{
    Message,
    graph::{Epoch, Name, Opaque},
};

/// Failure of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[message(crate = crate, kind = "error", sender = node_id)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Failure {
    /// The node, which is the sender of the message.
    #[serde(skip)]
    pub node_id: Name,
    /// The report of the node.
    pub report: Report,
}

/// Report of a node that has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The epoch of the call that failed, if a call did.
    pub epoch: Option<Epoch>,
    /// The phase of the node's life in which it failed.
    pub phase: Phase,
    /// The message of the error or panic.
    pub message: String,
    /// The causes, outermost first.
    pub chain: Vec<String>,
    /// The place of a panic, as `file:line:column`.
    pub panicked_at: Option<String>,
    /// The class of the error, where the language of the node has classes of errors.
    #[serde(default)]
    pub class: Option<String>,
    /// The place of an error in the code of the node, as `file:line`.
    #[serde(default)]
    pub at: Option<String>,
    /// Further lines for people, such as a traceback.
    #[serde(default)]
    pub detail: Option<String>,
    /// The error itself, for programs that know its kind.
    #[serde(default)]
    pub attachment: Option<Opaque>,
}

impl Failure {
    /// Returns the failure of a node.
    #[must_use]
    pub const fn new(node_id: Name, report: Report) -> Self {
        Self { node_id, report }
    }
}

impl Report {
    /// Returns the report of a failure in this phase, without epoch, causes and place.
    #[must_use]
    pub fn new(phase: Phase, message: impl Into<String>) -> Self {
        Self {
            epoch: None,
            phase,
            message: message.into(),
            chain: Vec::new(),
            panicked_at: None,
            class: None,
            at: None,
            detail: None,
            attachment: None,
        }
    }
}
