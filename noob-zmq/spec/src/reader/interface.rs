//! Interfaces of node types: the names that a tube can refer to.

use indexmap::IndexMap;

use super::{InputScope, Name};

/// Interfaces of the nodes of a tube, by the names of the nodes; `None` for an unknown type.
pub type Interfaces = IndexMap<Name, Option<Interface>>;

/// The names that the nodes of a type have in common.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Slots, in their order.
    pub slots: Vec<Slot>,
    /// Parameters.
    pub params: Vec<Name>,
    /// Signals.
    pub signals: Vec<Name>,
    /// Whether the node is a source, which takes no `depends`.
    pub is_source: bool,
    /// Whether there may be more items by position than slots.
    pub more_positional: bool,
    /// Whether there may be slots of any name.
    pub more_named: bool,
    /// The tube inside, for a node of `type: tube`.
    pub inner: Option<InnerTube>,
}

/// A slot of a node type.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Name of the slot.
    pub name: Name,
    /// Whether the slot must be fed.
    pub required: bool,
}

/// The tube inside a node of `type: tube`.
#[derive(Debug, Clone)]
pub struct InnerTube {
    /// Its `noob_id`.
    pub id: Name,
    /// Its inputs.
    pub inputs: IndexMap<Name, InputScope>,
}
