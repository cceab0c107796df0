//! Phases of a node's life.

use serde::{Deserialize, Serialize};

/// Phase of a node's life in which it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// The node was made and initialised.
    Init,
    /// The node was called.
    Process,
    /// The node was shut down.
    Deinit,
}
