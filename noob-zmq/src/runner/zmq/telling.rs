//! Carries the engine's orders to the nodes, by way of the command node.

use crate::actor::ActorError;
use crate::graph::{Epoch, Map, Name, NodeIx};
use crate::node::{Inputs, NodeError};
use crate::runner::coordinator::Orders;
use crate::runner::zmq::command::command_node::CommandNode;
use crate::wire::{Lend, Resume};

/// Carries the engine's orders to the nodes.
pub(super) struct Telling<'a>(pub(super) &'a CommandNode);

impl Telling<'_> {
    fn told(what: Result<(), ActorError>) {
        if let Err(error) = what {
            tracing::error!(%error, "the nodes cannot be told what to do");
        }
    }
}

impl Orders for Telling<'_> {
    fn process(&self, epoch: u32, input: Map) {
        Self::told(self.0.process(Epoch::root(epoch), input));
    }

    fn start(&self, n: u32) {
        Self::told(self.0.start(Some(n)));
    }

    fn epochs_ended(&self, epochs: Vec<u32>, failed: Vec<u32>) {
        Self::told(self.0.epochs_ended(epochs, failed));
    }

    fn stop(&self) {
        Self::told(self.0.stop());
    }

    fn lends(&self) -> bool {
        true
    }

    fn call(&self, _: NodeIx, name: &Name, inputs: Inputs) -> Result<(), NodeError> {
        let lend = Lend {
            node_id: name.clone(),
            epoch: inputs.epoch,
            positional: inputs.positional,
            named: inputs.named.to_map(),
        };
        Ok(self.0.lend(&lend)?)
    }

    fn refuse(&self, node: &Name, why: &str) {
        match self.0.sockets() {
            Ok(sockets) => sockets
                .inbox
                .reject_counters()
                .count_invalid("inbox", node, &why),
            Err(_) => tracing::warn!(%node, "an event is dropped: {why}"),
        }
    }

    fn resume(&self, resume: &Resume) {
        Self::told(self.0.resume(resume));
    }
}
