//! Inputs of a call.

use super::{EventMap, NodeType};
use crate::graph::{Arguments, Epoch, NodeIx, SlotEvent, SlotValues, Store, Value};

/// Inputs of one call of a node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inputs {
    /// The epoch of this call.
    pub epoch: Epoch,
    /// Values by position (`depends` without slot names, and the scalar form).
    pub positional: Vec<Value>,
    /// Values by slot name; a slot without a value is absent.
    pub named: SlotValues,
    /// Events behind the values, if the type of the node requests events.
    pub events: Vec<SlotEvent>,
}

impl Inputs {
    /// Returns the inputs with these arguments and without events.
    #[must_use]
    pub fn new(epoch: Epoch, arguments: Arguments) -> Self {
        let named = arguments.named.into_iter();
        Self {
            epoch,
            positional: arguments.positional,
            named: named
                .map(|argument| (argument.slot, argument.value))
                .collect(),
            events: Vec::new(),
        }
    }

    /// Returns the inputs of a call of this node in this epoch, with the events if the node
    /// requests them.
    #[must_use]
    pub fn at(store: &Store, epoch: Epoch, node: NodeIx) -> Self {
        let mut inputs = Self::new(epoch, Arguments::default());
        inputs.read(store, node);
        inputs
    }

    /// Returns the events of this call by slot, for a node of this type; empty unless the type
    /// requests events.
    #[must_use]
    pub fn event_map(&self, node: &NodeType) -> EventMap {
        EventMap::new(&self.events, node.slots)
    }

    /// Returns the value of the slot `value`, the first of `map` and `gather`.
    pub(super) fn value(&self) -> Option<&Value> {
        self.named.get("value").or_else(|| self.positional.first())
    }

    /// Replaces the inputs by those of another call, as [`at`](Self::at), and reuses their memory.
    pub(crate) fn renew(&mut self, store: &Store, epoch: Epoch, node: NodeIx) {
        self.epoch = epoch;
        self.read(store, node);
    }

    fn read(&mut self, store: &Store, node: NodeIx) {
        store.fill(&self.epoch, node, &mut self.positional, &mut self.named);
        self.events = store.events(&self.epoch, node);
    }
}
