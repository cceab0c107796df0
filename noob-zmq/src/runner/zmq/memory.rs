//! What stateful nodes know, so that a process that takes the place of another can go on: after each call the node says it, together with its
//! results; the runner keeps it; and whoever is started again is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::graph::{Emit, Epoch, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::admission::SNAPSHOT;
use crate::runner::panic_guard::catch_panic;
use crate::sync::lock;

/// What the runner of a node and the thread of the node share about what the node knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    /// Which of the processes of this node this is, from 0.
    incarnation: u32,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// What earlier processes knew after these calls.
    told: BTreeMap<Epoch, Value>,
    /// Epochs that have failed, which may be in it.
    failed: BTreeSet<u32>,
    /// What the node knew after a call that failed.
    after_failure: Option<(Epoch, Value)>,
}

impl Memory {
    /// Of the process of this number, from 0.
    pub(crate) fn of(incarnation: u32) -> Self {
        Self {
            incarnation,
            ..Self::default()
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    /// Takes note of what earlier processes of this node knew. Those calls that this process makes itself count for more.
    pub(crate) fn told(&self, states: impl IntoIterator<Item = (Epoch, Value)>) {
        self.shared().told.extend(states);
    }

    /// Takes note of epochs that have failed: what earlier processes knew may tell of them.
    pub(crate) fn failed(&self, epochs: impl IntoIterator<Item = u32>) {
        self.shared().failed = epochs.into_iter().collect();
    }

    /// What earlier processes knew is of no use any more.
    pub(crate) fn forget(&self) {
        *self.shared() = Shared::default();
    }

    /// What the node knew after a call that failed, if this one did last.
    pub(crate) fn after_failure(&self, epoch: &Epoch) -> Option<Value> {
        let (failed, state) = self.shared().after_failure.take()?;
        (failed == *epoch).then_some(state)
    }

    /// The node, which from now on says what it knows, and goes on from what it is told.
    pub(crate) fn around(&self, node: Box<dyn Node>) -> Box<dyn Node> {
        Box::new(Remembering {
            node,
            memory: self.clone(),
            last: None,
        })
    }

    fn snapshot(&self, node: &dyn Node) -> Result<Option<Value>, NodeError> {
        let state = node.snapshot()?;
        Ok(state.map(|state| Value::from([self.incarnation.into(), state])))
    }
}

/// A node that says what it knows after each call.
struct Remembering {
    node: Box<dyn Node>,
    memory: Memory,
    /// The last call that it made, or whose outcome it was told.
    last: Option<Epoch>,
}

impl Remembering {
    /// Goes on from the last call before `epoch` that an earlier process made, if this one has not made it.
    fn catch_up(&mut self, epoch: &Epoch) -> Result<(), NodeError> {
        let mut shared = self.memory.shared();
        if shared.told.is_empty() {
            return Ok(());
        }
        let later = shared.told.split_off(epoch);
        let before = std::mem::replace(&mut shared.told, later).pop_last();
        let failed = shared.failed.clone();
        drop(shared);
        if let Some((after, state)) = before
            && self.last.as_ref().is_none_or(|last| *last < after)
        {
            if let Err(error) = self.node.restore(&state) {
                // The next call must not go on from nothing either.
                self.memory.told([(after, state)]);
                return Err(
                    error.context("what the process before this one knew cannot be restored")
                );
            }
            for failed in failed.range(..=after.number()) {
                self.node.epoch_failed(*failed);
            }
            self.last = Some(after);
        }
        Ok(())
    }
}

impl Node for Remembering {
    fn init(&mut self) -> Result<(), NodeError> {
        self.node.init()
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        self.catch_up(&inputs.epoch)?;
        self.last = Some(inputs.epoch.clone());
        // A panic too leaves the node as it is, and it is called again.
        if let Err(error) = catch_panic(|| self.node.process(inputs, outputs)) {
            let state = catch_panic(|| self.memory.snapshot(self.node.as_ref()));
            if let Ok(Some(state)) = state {
                self.memory.shared().after_failure = Some((inputs.epoch.clone(), state));
            }
            return Err(error);
        }
        if let Some(state) = self.memory.snapshot(self.node.as_ref())? {
            outputs.emit(SNAPSHOT, Emit::Value(state));
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Name;
    use crate::runner::coordinator::checkpoints::CheckpointStore;

    /// The sum of what came; fails at 13 and panics at 14, after it was added.
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

    /// Calls it with this value; gives the sum, and what it knows.
    fn call(
        node: &mut dyn Node,
        number: u32,
        value: i64,
    ) -> Result<(Emit<Value>, Value), NodeError> {
        let mut inputs = Inputs::new(Epoch::root(number), Default::default());
        inputs.positional.push(value.into());
        let mut outputs = Outputs::default();
        node.process(&inputs, &mut outputs)?;
        let mut said = outputs.drain().map(|said| said.value);
        match (said.next(), said.next()) {
            (Some(sum), Some(Emit::Value(state))) => Ok((sum, state)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_process_goes_on_where_the_first_was() {
        let mut first = Memory::of(0).around(Box::<Sum>::default());
        let mut memories = CheckpointStore::default();
        let node = Name::from("sum");
        for (number, value) in [(3, 10), (4, 20), (6, 30)] {
            let (_, state) = call(first.as_mut(), number, value).unwrap();
            memories.record(&node, &Epoch::root(number), &state, 4);
        }
        assert_eq!(memories.pending_restores(), [], "nobody was started again");
        memories.on_restart(&node);
        assert_eq!(memories.restarts("sum"), 1);
        let states = |numbers: &[(u32, i64)]| {
            let states = numbers
                .iter()
                .map(|(number, sum)| (Epoch::root(*number), Value::from(*sum)));
            vec![(node.clone(), states.collect::<Vec<_>>())]
        };
        // Epoch 4 is the lowest that is open: the one before it, and all since.
        assert_eq!(
            memories.pending_restores(),
            states(&[(3, 10), (4, 30), (6, 60)])
        );
        let memory = Memory::of(1);
        memory.told(memories.pending_restores().remove(0).1);
        let mut second = memory.around(Box::<Sum>::default());
        let sum = |(sum, _)| sum;
        assert_eq!(
            call(second.as_mut(), 4, 20).map(sum),
            Ok(Emit::Value(30.into()))
        );
        // Epoch 6 was over before it could be called again.
        let (said, state) = call(second.as_mut(), 7, 40).unwrap();
        assert_eq!(said, Emit::Value(100.into()));
        // It is told again, as all others are, and knows better.
        memory.told(memories.pending_restores().remove(0).1);
        assert_eq!(
            call(second.as_mut(), 8, 1).map(sum),
            Ok(Emit::Value(101.into()))
        );
        assert!(!memories.record(&node, &Epoch::root(7), &state, 7));
        assert_eq!(memories.pending_restores(), states(&[(6, 60), (7, 100)]));
    }

    #[test]
    fn what_a_process_said_before_its_end_and_is_heard_after_it_must_be_told() {
        let mut memories = CheckpointStore::default();
        let node = Name::from("sum");
        memories.on_restart(&node);
        let late = Value::from([Value::from(0), 5.into()]);
        assert!(memories.record(&node, &Epoch::root(1), &late, 1));
        assert!(!memories.record(&node, &Epoch::root(1), &late, 1), "twice");
        let own = Value::from([Value::from(1), 6.into()]);
        assert!(!memories.record(&node, &Epoch::root(2), &own, 1));
    }

    #[test]
    fn a_call_that_fails_leaves_its_mark_too() {
        let memory = Memory::of(0);
        let mut node = memory.around(Box::<Sum>::default());
        call(node.as_mut(), 0, 1).unwrap();
        assert!(call(node.as_mut(), 1, 13).is_err());
        let state = memory.after_failure(&Epoch::root(1)).unwrap();
        assert_eq!(state, Value::from([Value::from(0), 14.into()]));
        assert_eq!(memory.after_failure(&Epoch::root(1)), None);
        let error = call(node.as_mut(), 2, 14).unwrap_err();
        assert_eq!(error.message, "no film");
        let state = memory.after_failure(&Epoch::root(2)).unwrap();
        assert_eq!(state, Value::from([Value::from(0), 28.into()]));
    }

    #[test]
    fn a_state_that_cannot_be_taken_fails_the_call() {
        let memory = Memory::of(1);
        memory.told([(Epoch::root(0), Value::from("x"))]);
        let mut node = memory.around(Box::<Sum>::default());
        let error = call(node.as_mut(), 1, 1).unwrap_err().to_string();
        assert!(error.contains("cannot be restored: no number"), "{error}");
        assert!(
            call(node.as_mut(), 2, 1).is_err(),
            "it went on from nothing"
        );
    }
}
