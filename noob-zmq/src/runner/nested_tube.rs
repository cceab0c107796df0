//! A node of `type: tube`: runs the tube inside it once a call.

use super::{RunError, Runner, SyncRunner};
use crate::graph::{Emit, Map, Name, SlotRef, Tube, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};

/// A tube as a node: its process-scoped inputs are the slots, and the keys of its `return` the signals (without keys, the one signal is
/// `value`). It has epochs of its own, one a call, and runs in the thread of the call, whatever runs the tube around it.
#[derive(Debug)]
pub(crate) struct NestedTube {
    runner: SyncRunner,
    /// The keys of the return, if it has any.
    keys: Vec<Name>,
}

impl NestedTube {
    /// The node that runs this tube.
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
        let runner = SyncRunner::new(tube).map_err(|error| outward(&name, error))?;
        Ok(Self { runner, keys })
    }

    /// Says the same on every signal.
    fn say_all(&self, outputs: &mut Outputs, emit: &Emit<Value>) {
        for key in &self.keys {
            outputs.emit(key.clone(), emit.clone());
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
            .map_err(|error| outward(&self.runner.tube().id, error))
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let result = match self.runner.process_map(inputs.named.to_map()) {
            Ok(result) => result,
            Err(RunError::Exhausted) => None,
            Err(error) => return Err(outward(&self.runner.tube().id, error)),
        };
        match result {
            None if self.runner.exhausted() => self.say_all(outputs, &Emit::Exhausted),
            None => self.say_all(outputs, &Emit::Nothing),
            Some(value) if self.keys.is_empty() => outputs.emit("value", Emit::Value(value)),
            Some(value) => {
                let mapping = keyed(&value);
                for key in &self.keys {
                    let value = mapping.and_then(|mapping| mapping.get(&**key)).cloned();
                    outputs.emit(key.clone(), value.map_or(Emit::Nothing, Emit::Value));
                }
            }
        }
        Ok(())
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.runner
            .deinit()
            .map_err(|error| outward(&self.runner.tube().id, error))
    }
}

/// The mapping of a keyed result; one with positional items too is the pair of both.
fn keyed(result: &Value) -> Option<&Map> {
    result
        .as_map()
        .or_else(|| result.as_list()?.get(1)?.as_map())
}

/// An error inside, as one of the node.
fn outward(tube: &str, error: RunError) -> NodeError {
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
