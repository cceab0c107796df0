//! Ended calls whose memory later calls use again.

use super::work_queue::NodeCall;
use crate::graph::{Epoch, NodeIx, Store};
use crate::node::Inputs;

/// Number of ended calls that are kept: as many as are mostly under way at once.
const MOST: usize = 64;

/// Pool of ended calls.
///
/// The pool holds no values: these may be frames that others wait for.
#[derive(Debug, Default)]
pub(crate) struct SpareCalls {
    calls: Vec<NodeCall>,
}

impl SpareCalls {
    /// Returns the call of a node with the inputs that the store has.
    pub(crate) fn take(&mut self, store: &Store, epoch: Epoch, node: NodeIx) -> NodeCall {
        match self.calls.pop() {
            Some(mut call) => {
                call.inputs.renew(store, epoch, node);
                call
            }
            None => NodeCall::new(Inputs::at(store, epoch, node)),
        }
    }

    /// Keeps the memory of a call that has ended.
    pub(crate) fn recycle(&mut self, mut call: NodeCall) {
        if self.calls.len() < MOST {
            call.inputs.positional.clear();
            call.inputs.named.clear();
            call.inputs.events.clear();
            let _ = call.outputs.drain();
            self.calls.push(call);
        }
    }
}
