//! Node of `type: tube`: runs the inner tube once per call.

use super::SyncRunner;
use crate::graph::{Emit, Map, Name, SlotRef, Tube, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::{RunError, Runner};

/// A tube as a node: its process-scoped inputs are the slots, and the keys of its `return` the
/// signals.
///
/// Without keys, the one signal is `value`. The inner tube has epochs of its own, one per call, and
/// runs on the thread of the call, whatever runs the outer tube.
#[derive(Debug)]
pub(crate) struct NestedTube {
    runner: SyncRunner,
    /// The keys of the return node, if it has some.
    keys: Vec<Name>,
}

impl NestedTube {
    /// Returns the node that runs this tube.
    ///
    /// # Errors
    /// A node of the tube that cannot be made.
    pub(crate) fn new(tube: Tube) -> Result<Self, NodeError> {
        let keys = tube.return_node().map_or_else(Vec::new, |node| {
            let slots = tube
                .upstream(&node.id)
                .filter_map(|edge| match &edge.target_slot {
                    SlotRef::Name(slot) => Some(slot.clone()),
                    SlotRef::Scalar | SlotRef::Position(_) => None,
                });
            slots.collect()
        });
        let name = tube.id.clone();
        let runner = SyncRunner::new(tube);
        let mut runner = runner.map_err(|error| as_node_error(&name, error))?;
        runner.set_nested();
        Ok(Self { runner, keys })
    }

    /// Emits the same on every signal.
    fn emit_all(&self, outputs: &mut Outputs, emit: &Emit<Value>) {
        for key in &self.keys {
            outputs.emit(key.to_string(), emit.clone());
        }
        if self.keys.is_empty() {
            outputs.emit("value", emit.clone());
        }
    }
}

impl Node for NestedTube {
    fn init(&mut self) -> Result<(), NodeError> {
        self.runner
            .init()
            .map_err(|error| as_node_error(&self.runner.tube().id, error))
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let result = match self.runner.process_map(inputs.named.to_map()) {
            Ok(result) => result,
            Err(RunError::Exhausted) => None,
            Err(error) => return Err(as_node_error(&self.runner.tube().id, error)),
        };
        match result {
            None if self.runner.exhausted() => self.emit_all(outputs, &Emit::Exhausted),
            None => self.emit_all(outputs, &Emit::Nothing),
            Some(value) if self.keys.is_empty() => outputs.emit("value", Emit::Value(value)),
            Some(value) => {
                let mapping = keyed(&value);
                for key in &self.keys {
                    let value = mapping.and_then(|mapping| mapping.get(&**key)).cloned();
                    outputs.emit(key.to_string(), value.map_or(Emit::Nothing, Emit::Value));
                }
            }
        }
        Ok(())
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.runner
            .deinit()
            .map_err(|error| as_node_error(&self.runner.tube().id, error))
    }
}

/// Returns the mapping of a keyed result; a result with positional items too is a pair of both.
fn keyed(result: &Value) -> Option<&Map> {
    result
        .as_map()
        .or_else(|| result.as_list()?.get(1)?.as_map())
}

/// Converts an error of the inner tube into one of the node.
fn as_node_error(tube: &str, error: RunError) -> NodeError {
    match error {
        RunError::Node(failure) => {
            let place = failure
                .place
                .as_ref()
                .map_or_else(String::new, |place| format!(" ({place})"));
            failure.error.context(format!(
                "in the tube `{tube}`: node `{}`{place}",
                failure.node
            ))
        }
        error => NodeError::from(error).context(format!("in the tube `{tube}`")),
    }
}
