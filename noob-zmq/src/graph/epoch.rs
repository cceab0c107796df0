//! Epochs: what belongs together.

use std::sync::Arc;

use super::Name;

/// The key by which events are put together: a root number, and one segment for each `map` that the event lies below.
///
/// Epochs are ordered by root, then segment by segment, a parent before its children.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch {
    root: u32,
    path: Option<Arc<[Segment]>>,
}

/// One step below an epoch: the node that made the sub-epoch, and the number among its siblings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// The node that made the sub-epoch (a `map`).
    pub node: Name,
    /// From 0.
    pub index: u32,
}

impl Epoch {
    /// The root epoch of this number.
    #[must_use]
    pub const fn root(number: u32) -> Self {
        Self {
            root: number,
            path: None,
        }
    }

    /// The number of the root epoch.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.root
    }

    /// The segments below the root, outermost first.
    #[must_use]
    pub fn path(&self) -> &[Segment] {
        self.path.as_deref().unwrap_or_default()
    }
}
