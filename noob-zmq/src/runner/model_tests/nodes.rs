//! The nodes of random tubes: what they say follows from what they were given, and is often
//! nothing.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use super::graph::{Kind, Spec, signal_name, slot_name};
use crate::graph::{Emit, Epoch, Plan, SharedTypes, Tube, TubeNode, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::node_end::with_end;
use crate::runner::sync::make_node;

/// Answers of the plain node of this number to these inputs; `state` is what a stateful one keeps.
pub(super) fn answer(
    node: usize,
    spec: &Spec,
    epoch: u32,
    given: &[Option<Value>],
    state: &mut u64,
) -> Vec<Emit<Value>> {
    let mut hasher = DefaultHasher::new();
    (node, shown(given), *state).hash(&mut hasher);
    // A source goes on to end, and any other node would emit values again.
    let is_source = spec.kind == Kind::Source;
    if spec
        .ends
        .is_some_and(|ends| epoch == ends || is_source && epoch > ends)
    {
        return vec![Emit::Exhausted; spec.signals];
    }
    if is_source {
        epoch.hash(&mut hasher);
    }
    let hash = hasher.finish();
    if spec.stateful {
        *state = hash;
    }
    (0..spec.signals)
        .map(|signal| {
            let bits = hash >> (signal * 8);
            match spec.kind {
                _ if bits.is_multiple_of(5) => Emit::Nothing,
                Kind::Lists => Emit::Value(
                    (0..bits / 5 % 4)
                        .map(|item| Value::UInt(hash ^ item))
                        .collect(),
                ),
                _ => Emit::Value(Value::UInt(bits)),
            }
        })
        .collect()
}

/// Inputs of a call, as a text that is the same on both sides of a wire.
pub(super) fn shown(given: &[Option<Value>]) -> String {
    let values = given.iter().map(|value| {
        value
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string)
    });
    values.collect::<Vec<_>>().join(" ")
}

/// Inputs of calls, by node and epoch.
pub(super) type Given = BTreeMap<(usize, Epoch), Vec<Option<Value>>>;

/// The calls that were made.
pub(super) type Calls = Arc<Mutex<Given>>;

/// The calls that were made in a root epoch and its sub-epochs.
pub(super) fn of_epoch(calls: &Calls, number: u32) -> Given {
    let calls = calls.lock().expect("no panic");
    let here = calls
        .iter()
        .filter(|((_, epoch), _)| epoch.number() == number);
    here.map(|(call, given)| (call.clone(), given.clone()))
        .collect()
}

struct Live {
    node: usize,
    spec: Spec,
    state: u64,
    real: Option<Box<dyn Node>>,
    calls: Calls,
}

/// The live node of this number, as runners make it; maps and gathers are the real ones.
pub(super) fn live_with_end(
    tube: &Tube,
    plan: &Plan,
    spec: &Spec,
    known: &TubeNode,
    calls: &Calls,
) -> Box<dyn Node> {
    with_end(tube, &known.id, live(plan, spec, known, calls))
}

/// The live node of this number; maps and gathers are the real ones. `known` is the node as the
/// tube has it.
pub(super) fn live(plan: &Plan, spec: &Spec, known: &TubeNode, calls: &Calls) -> Box<dyn Node> {
    let real = matches!(spec.kind, Kind::Map | Kind::Gather { .. })
        .then(|| make_node(&SharedTypes::default(), plan, known).expect("a map or a gather"));
    Box::new(Live {
        node: number(known),
        spec: spec.clone(),
        state: 0,
        real,
        calls: calls.clone(),
    })
}

/// The number of a node of a random tube.
pub(super) fn number(known: &TubeNode) -> usize {
    known.id.trim_start_matches('n').parse().expect("a number")
}

impl Node for Live {
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let slots = 0..self.spec.inputs.len();
        let given: Vec<_> = slots
            .map(|slot| inputs.named.get(&slot_name(&self.spec, slot)).cloned())
            .collect();
        let call = (self.node, inputs.epoch.clone());
        let before = self
            .calls
            .lock()
            .expect("no panic")
            .insert(call, given.clone());
        assert_eq!(before, None, "called twice");
        if let Some(real) = &mut self.real {
            return real.process(inputs, outputs);
        }
        let said = answer(
            self.node,
            &self.spec,
            inputs.epoch.number(),
            &given,
            &mut self.state,
        );
        for (signal, emit) in said.into_iter().enumerate() {
            outputs.emit(signal_name(&self.spec, signal).to_string(), emit);
        }
        Ok(())
    }
}
