//! Layers around nodes: decorators that change how a node is called, and forward all else.

use crate::graph::Value;
use crate::node::{Inputs, Node, NodeError, Outputs};

/// Change of how a node is called.
pub(crate) trait NodeLayer: Send {
    /// Forgets the calls before, since the node within is about to start anew.
    fn reset(&mut self) {}

    /// Calls `node`, the node within.
    fn call(
        &mut self,
        node: &mut dyn Node,
        inputs: &Inputs,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError>;
}

/// A node in a layer: every method is that of the node within, but `process` that of the layer.
pub(crate) struct Layered<L> {
    pub(crate) node: Box<dyn Node>,
    pub(crate) layer: L,
}

impl<L: NodeLayer> Node for Layered<L> {
    fn init(&mut self) -> Result<(), NodeError> {
        self.layer.reset();
        self.node.init()
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        self.layer.call(self.node.as_mut(), inputs, outputs)
    }

    fn epoch_failed(&mut self, epoch: u32) {
        self.node.epoch_failed(epoch);
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        self.node.snapshot()
    }

    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        self.node.restore(state)
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.node.deinit()
    }
}
