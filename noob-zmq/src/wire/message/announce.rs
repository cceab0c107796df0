//! `announce`: the addresses of all nodes.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Identify;
use crate::{Message, graph::Name};

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
