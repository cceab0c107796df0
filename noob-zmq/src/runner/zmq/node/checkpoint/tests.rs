//! Tests of both sides of checkpoints: the layer of a node, and the store of the runner.

use super::*;
use crate::graph::Name;
use crate::runner::coordinator::checkpoints::CheckpointStore;

/// Sum of all inputs; fails at 13 and panics at 14, after they were added.
#[derive(Default)]
struct Sum(i64);

impl Node for Sum {
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let value = inputs.positional[0].as_i64().unwrap_or_default();
        self.0 += value;
        if value == 13 {
            return Err(NodeError::new("no"));
        }
        assert!(value != 14, "no film");
        outputs.emit("value", Emit::Value(self.0.into()));
        Ok(())
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        Ok(Some(self.0.into()))
    }

    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        self.0 = state.as_i64().ok_or_else(|| NodeError::new("no number"))?;
        Ok(())
    }
}

/// Calls the node with this value, and returns the sum and its state.
fn call(node: &mut dyn Node, number: u32, value: i64) -> Result<(Emit<Value>, Value), NodeError> {
    let mut inputs = Inputs::new(Epoch::root(number), Default::default());
    inputs.positional.push(value.into());
    let mut outputs = Outputs::default();
    node.process(&inputs, &mut outputs)?;
    let mut emitted = outputs.drain().map(|emitted| emitted.value);
    match (emitted.next(), emitted.next()) {
        (Some(sum), Some(Emit::Value(state))) => Ok((sum, state)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn replacing_process_goes_on_from_the_last_state() {
    let mut first = CheckpointClient::new(0).wrap(Box::<Sum>::default());
    let mut store = CheckpointStore::default();
    let node = Name::from("sum");
    for (number, value) in [(3, 10), (4, 20), (6, 30)] {
        let (_, state) = call(first.as_mut(), number, value).unwrap();
        store.record(&node, &Epoch::root(number), &state, 4);
    }
    assert_eq!(store.pending_restores(), [], "no process was restarted");
    store.on_restart(&node);
    assert_eq!(store.restarts("sum"), 1);
    let states = |numbers: &[(u32, i64)]| {
        let states = numbers
            .iter()
            .map(|(number, sum)| (Epoch::root(*number), Value::from(*sum)));
        vec![(node.clone(), states.collect::<Vec<_>>())]
    };
    // Epoch 4 is the lowest that is open: its predecessor is retained, and all since.
    assert_eq!(
        store.pending_restores(),
        states(&[(3, 10), (4, 30), (6, 60)])
    );
    let client = CheckpointClient::new(1);
    client.add_restored_states(store.pending_restores().remove(0).1);
    let mut second = client.wrap(Box::<Sum>::default());
    let sum = |(sum, _)| sum;
    assert_eq!(
        call(second.as_mut(), 4, 20).map(sum),
        Ok(Emit::Value(30.into()))
    );
    // Epoch 6 was closed before it could be called again.
    let (emitted, state) = call(second.as_mut(), 7, 40).unwrap();
    assert_eq!(emitted, Emit::Value(100.into()));
    // The same states are sent to every node again; its own are newer.
    client.add_restored_states(store.pending_restores().remove(0).1);
    assert_eq!(
        call(second.as_mut(), 8, 1).map(sum),
        Ok(Emit::Value(101.into()))
    );
    assert!(!store.record(&node, &Epoch::root(7), &state, 7));
    assert_eq!(store.pending_restores(), states(&[(6, 60), (7, 100)]));
}

#[test]
fn late_state_of_a_replaced_process_must_be_sent() {
    let mut store = CheckpointStore::default();
    let node = Name::from("sum");
    store.on_restart(&node);
    let late = Value::from([Value::from(0), 5.into()]);
    assert!(store.record(&node, &Epoch::root(1), &late, 1));
    assert!(!store.record(&node, &Epoch::root(1), &late, 1), "twice");
    let own = Value::from([Value::from(1), 6.into()]);
    assert!(!store.record(&node, &Epoch::root(2), &own, 1));
}

#[test]
fn failed_call_leaves_its_state() {
    let client = CheckpointClient::new(0);
    let mut node = client.wrap(Box::<Sum>::default());
    call(node.as_mut(), 0, 1).unwrap();
    assert!(call(node.as_mut(), 1, 13).is_err());
    let state = client.state_after_failure(&Epoch::root(1)).unwrap();
    assert_eq!(state, Value::from([Value::from(0), 14.into()]));
    assert_eq!(client.state_after_failure(&Epoch::root(1)), None);
    let error = call(node.as_mut(), 2, 14).unwrap_err();
    assert_eq!(error.message, "no film");
    let state = client.state_after_failure(&Epoch::root(2)).unwrap();
    assert_eq!(state, Value::from([Value::from(0), 28.into()]));
}

#[test]
fn state_that_cannot_be_restored_fails_the_call() {
    let client = CheckpointClient::new(1);
    client.add_restored_states([(Epoch::root(0), Value::from("x"))]);
    let mut node = client.wrap(Box::<Sum>::default());
    let error = call(node.as_mut(), 1, 1).unwrap_err().to_string();
    assert!(error.contains("cannot be restored: no number"), "{error}");
    assert!(
        call(node.as_mut(), 2, 1).is_err(),
        "it started without state"
    );
}
