//! Inputs of a call.

use crate::graph::{Arguments, Epoch, NodeIx, SlotEvent, SlotValues, Store, Value};

/// What one call of a node is given.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The epoch of this call.
    pub epoch: Epoch,
    /// Values by position (`depends` without slot names, and the scalar form).
    pub positional: Vec<Value>,
    /// Values by slot name. A slot that was released without a value is absent.
    pub named: SlotValues,
    /// The events behind these values, if the type of the node asks for them.
    pub events: Vec<SlotEvent>,
}

impl Inputs {
    /// What a store has for a call in this epoch.
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

    /// All that a store has for a call of this node in this epoch, with the events if the node asks for them.
    #[must_use]
    pub fn at(store: &Store, epoch: Epoch, node: NodeIx) -> Self {
        let mut inputs = Self::new(epoch, Arguments::default());
        inputs.read(store, node);
        inputs
    }

    /// As [`at`](Self::at), in the place of what was here before.
    pub(crate) fn renew(&mut self, store: &Store, epoch: Epoch, node: NodeIx) {
        self.epoch = epoch;
        self.read(store, node);
    }

    fn read(&mut self, store: &Store, node: NodeIx) {
        store.fill(&self.epoch, node, &mut self.positional, &mut self.named);
        self.events = store.events(&self.epoch, node);
    }
}
