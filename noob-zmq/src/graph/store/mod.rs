//! The store: the values of live epochs, and what a call is given of them.

mod root;

use std::collections::VecDeque;
use std::sync::Arc;

use self::root::Root;
use crate::graph::epoch_index::index_of;
use crate::graph::plan::{PlanInput, range};
use crate::graph::{
    Emit, Epoch, Event, Name, NodeIx, Plan, Role, SignalIx, SlotRef, SlotValues, Timestamp, Value,
};

/// Arguments of one call.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Arguments {
    /// Values by position, in the order of the positions; slots without a value are skipped.
    pub positional: Vec<Value>,
    /// Values by slot, in the order of the file; slots without a value are skipped.
    pub named: Vec<Argument>,
}

/// The value of a slot.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Argument {
    /// The slot.
    pub slot: Name,
    /// The epoch in which the value was emitted: that of the call, or one above.
    pub epoch: Epoch,
    /// The value.
    pub value: Value,
}

/// An event, and the slot that it feeds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SlotEvent {
    /// The slot that the event feeds.
    pub slot: SlotRef,
    /// The event.
    pub event: Event,
}

/// Values by epoch and signal, until their epoch is closed.
///
/// A signal has one value in an epoch: the last one that was put. Nodes below a `map` also receive
/// the values of the epochs above, of everything that is not below that `map`.
#[derive(Debug)]
pub struct Store {
    plan: Arc<Plan>,
    /// Whether a signal feeds a node that is called here, by the index of the signal.
    needed: Vec<bool>,
    roots: VecDeque<Root>,
    free: Vec<Root>,
}

/// A value, with the parts of its event that the store cannot derive.
#[derive(Debug, Clone)]
struct StoredValue {
    value: Value,
    id: u64,
    timestamp: Timestamp,
}

impl Store {
    /// An empty store, for calls of all nodes.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let signals = plan.signals.iter();
        let needed = signals.map(|signal| signal.heard).collect();
        Self::with_needed(plan, needed)
    }

    /// Creates an empty store for calls of these nodes alone.
    pub(crate) fn for_nodes(plan: Arc<Plan>, nodes: impl IntoIterator<Item = NodeIx>) -> Self {
        let mut needed = vec![false; plan.signals.len()];
        for node in nodes {
            for input in &plan.inputs[range(&plan.nodes[node.index()].inputs)] {
                needed[input.signal.index()] = true;
            }
        }
        Self::with_needed(plan, needed)
    }

    const fn with_needed(plan: Arc<Plan>, needed: Vec<bool>) -> Self {
        Self {
            plan,
            needed,
            roots: VecDeque::new(),
            free: Vec::new(),
        }
    }

    /// Stores an emitted value; a value that no node needs in such an epoch is dropped at once.
    pub fn put(&mut self, epoch: &Epoch, signal: SignalIx, value: Value) {
        self.put_event(epoch, signal, value, 0, Timestamp::from_micros(0));
    }

    /// Stores an emitted value with the id and the time of its event, for [`events`](Self::events).
    pub fn put_event(
        &mut self,
        epoch: &Epoch,
        signal: SignalIx,
        value: Value,
        id: u64,
        timestamp: Timestamp,
    ) {
        if !self.needed[signal.index()] {
            return;
        }
        let stored = StoredValue {
            value,
            id,
            timestamp,
        };
        let number = epoch.number();
        let place = self.place(number).unwrap_or_else(|place| {
            let mut root = self.free.pop().unwrap_or_default();
            root.reset(&self.plan, number);
            self.roots.insert(place, root);
            place
        });
        self.roots[place].put(&self.plan, signal, epoch, stored);
    }

    /// Returns the value of a signal as seen by a node in this epoch: emitted there or in an epoch
    /// above.
    #[must_use]
    pub fn get(&self, epoch: &Epoch, signal: SignalIx) -> Option<(Epoch, &Value)> {
        let (at, stored) = self.find(epoch, signal)?;
        Some((at, &stored.value))
    }

    /// Returns the stored value of a signal as seen by a node in this epoch, with the epoch of the
    /// value.
    fn find(&self, epoch: &Epoch, signal: SignalIx) -> Option<(Epoch, &StoredValue)> {
        let (segments, stored) = self.root(epoch.number())?.get(&self.plan, signal, epoch)?;
        Some((above(epoch, segments), stored))
    }

    /// Returns the arguments of a call of a node in this epoch.
    #[must_use]
    pub fn arguments(&self, epoch: &Epoch, node: NodeIx) -> Arguments {
        let mut arguments = Arguments::default();
        self.add_arguments(epoch, node, &mut arguments);
        arguments
    }

    /// Adds the [`arguments`](Self::arguments) of a call to these.
    pub fn add_arguments(&self, epoch: &Epoch, node: NodeIx, arguments: &mut Arguments) {
        self.each(epoch, node, |input, segments, stored| {
            let value = stored.value.clone();
            match &input.slot {
                SlotRef::Scalar | SlotRef::Position(_) => arguments.positional.push(value),
                SlotRef::Name(slot) => arguments.named.push(Argument {
                    slot: slot.clone(),
                    epoch: above(epoch, segments),
                    value,
                }),
            }
        });
    }

    /// Puts the values of [`arguments`](Self::arguments) in the place of these.
    pub fn fill(
        &self,
        epoch: &Epoch,
        node: NodeIx,
        positional: &mut Vec<Value>,
        named: &mut SlotValues,
    ) {
        positional.clear();
        let mut count = 0;
        self.each(epoch, node, |input, _, stored| match &input.slot {
            SlotRef::Scalar | SlotRef::Position(_) => positional.push(stored.value.clone()),
            SlotRef::Name(slot) => {
                named.put(count, slot, stored.value.clone());
                count += 1;
            }
        });
        named.truncate(count);
    }

    /// Passes on everything that feeds a node in this epoch, in the order of the file, with the
    /// number of segments of its epoch.
    fn each<'a>(
        &'a self,
        epoch: &Epoch,
        node: NodeIx,
        mut take: impl FnMut(&'a PlanInput, usize, &'a StoredValue),
    ) {
        let Some(root) = self.root(epoch.number()) else {
            return;
        };
        for input in &self.plan.inputs[range(&self.plan.nodes[node.index()].inputs)] {
            if let Some((segments, stored)) = root.get(&self.plan, input.signal, epoch) {
                take(input, segments, stored);
            }
        }
    }

    /// Returns the events behind the [`arguments`](Self::arguments) of a call, in the order of the
    /// file.
    ///
    /// The result is empty if the type of the node does not request events. Values that the caller
    /// gives (`input`) are not events.
    #[must_use]
    pub fn events(&self, epoch: &Epoch, node: NodeIx) -> Vec<SlotEvent> {
        let asking = &self.plan.nodes[node.index()];
        if !asking.events {
            return Vec::new();
        }
        let inputs = &self.plan.inputs[range(&asking.inputs)];
        let fed = inputs.iter().filter_map(|input| {
            let said = self.plan.signal_node(input.signal);
            if self.plan.role(said) == Role::Given {
                return None;
            }
            let (epoch, stored) = self.find(epoch, input.signal)?;
            Some(SlotEvent {
                slot: input.slot.clone(),
                event: Event {
                    id: stored.id,
                    timestamp: stored.timestamp,
                    node_id: self.plan.node_name(said).clone(),
                    signal: self.plan.signal_name(input.signal).clone(),
                    epoch,
                    value: Emit::Value(stored.value.clone()),
                },
            })
        });
        fed.collect()
    }

    /// Frees everything of a root epoch.
    pub fn clear(&mut self, number: u32) {
        if let Ok(place) = self.place(number)
            && let Some(mut root) = self.roots.remove(place)
        {
            root.clear();
            self.free.push(root);
        }
    }

    /// Returns the number of root epochs that have values.
    #[cfg(test)]
    pub(crate) fn retained(&self) -> usize {
        self.roots.len()
    }

    fn root(&self, number: u32) -> Option<&Root> {
        self.roots.get(self.place(number).ok()?)
    }

    /// Returns the index of a root epoch, or the index at which to insert it.
    fn place(&self, number: u32) -> Result<usize, usize> {
        index_of(&self.roots, number, |root| root.number)
    }
}

/// The epoch of this many segments that an epoch is or lies below.
fn above(epoch: &Epoch, segments: usize) -> Epoch {
    if epoch.depth() <= segments {
        return epoch.clone();
    }
    Epoch::new(epoch.number(), epoch.path()[..segments].iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::plan::text::plan as test_plan;

    fn at(plan: &Plan, node: &str, signal: &str) -> SignalIx {
        let node = plan.node_index(node).unwrap();
        plan.signal_index(node, signal).unwrap()
    }

    #[test]
    fn mapped_node_sees_its_item_and_outer_values() {
        let plan = test_plan(
            "a m:map c g:gather e",
            &[
                "a.x > m",
                "m.value > c",
                "a.x > c",
                "c.v > g",
                "g.value > e",
            ],
        );
        let mut store = Store::new(plan.clone());
        let item = Epoch::root(4).child("m", 1);
        store.put(&Epoch::root(4), at(&plan, "a", "x"), Value::Int(7));
        store.put(&item, at(&plan, "m", "value"), Value::Int(8));
        let c = plan.node_index("c").unwrap();
        assert_eq!(
            store.arguments(&item, c).positional,
            [Value::Int(8), Value::Int(7)]
        );
        // The other item has no value of its own; the epoch above still has.
        let other = Epoch::root(4).child("m", 0);
        assert_eq!(store.arguments(&other, c).positional, [Value::Int(7)]);
        // A value that a gather emits in the epoch of its call feeds nothing; in the epoch above,
        // the last value counts.
        store.put(&item, at(&plan, "g", "value"), Value::Int(1));
        store.put(&Epoch::root(4), at(&plan, "g", "value"), Value::Int(2));
        store.put(&Epoch::root(4), at(&plan, "g", "value"), Value::Int(3));
        let e = plan.node_index("e").unwrap();
        assert_eq!(
            store.arguments(&Epoch::root(4), e).positional,
            [Value::Int(3)]
        );
    }

    #[test]
    fn epochs_are_separate_and_freed() {
        let plan = test_plan("a b", &["a.x > b"]);
        let (x, b) = (at(&plan, "a", "x"), plan.node_index("b").unwrap());
        let mut store = Store::new(plan);
        store.put(&Epoch::root(1), x, Value::Int(1));
        store.put(&Epoch::root(0), x, Value::Int(0));
        store.clear(1);
        assert!(store.arguments(&Epoch::root(1), b).positional.is_empty());
        assert_eq!(
            store.arguments(&Epoch::root(0), b).positional,
            [Value::Int(0)]
        );
        store.put(&Epoch::root(2), x, Value::Int(2));
        store.clear(0);
        store.clear(2);
        assert_eq!(store.retained(), 0);
    }
}
