//! Layers around nodes: decorators that change how a node is called, and forward all else.

use crate::graph::Value;
use crate::node::{Inputs, Node, NodeError, Outputs};

/// Decorator of a node.
pub(crate) trait NodeLayer: Send {
    /// Returns the node within.
    fn inner(&self) -> &dyn Node;

    /// Returns the node within.
    fn inner_mut(&mut self) -> &mut dyn Node;

    /// Calls the node within.
    fn call(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError>;
}

/// A layer as a node: every method but `process` is that of the node within.
pub(crate) struct Layered<L>(pub(crate) L);

impl<L: NodeLayer> Node for Layered<L> {
    fn init(&mut self) -> Result<(), NodeError> {
        self.0.inner_mut().init()
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        self.0.call(inputs, outputs)
    }

    fn epoch_failed(&mut self, epoch: u32) {
        self.0.inner_mut().epoch_failed(epoch);
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        self.0.inner().snapshot()
    }

    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        self.0.inner_mut().restore(state)
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.0.inner_mut().deinit()
    }
}
