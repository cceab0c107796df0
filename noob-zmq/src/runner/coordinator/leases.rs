//! Objects that nodes share and change in place: what each is called with, and what has become of it.

use super::{Coordinator, Orders};
use crate::graph::{AccessOrder, Emit, Epoch, Event, NodeIx, SignalIx, Value};
use crate::node::Inputs;
use crate::runner::admission::RETURNED;
use crate::runner::assets::ObjectTable;
use crate::runner::{NodeFailure, Phase};

impl Coordinator {
    /// A node is to be called.
    pub(super) fn lease_inputs(&mut self, orders: &dyn Orders, epoch: Epoch, node: NodeIx) {
        let shares = |access_order: &AccessOrder| access_order.touches(node);
        if orders.lends() && !self.access_order.as_ref().is_some_and(shares) {
            return;
        }
        let inputs = Inputs::at(&self.store, epoch.clone(), node);
        if orders.lends() {
            let mut objects = ObjectTable::default();
            let named = inputs.named.iter().map(|(_, value)| value);
            for value in inputs.positional.iter().chain(named) {
                objects.collect(value);
            }
            self.lent.insert((epoch.clone(), node), objects);
        }
        let name = self.node_name(node);
        if let Err(error) = orders.call(node, &name, inputs) {
            self.unsaid.push(NodeFailure {
                node: name,
                place: None,
                phase: Phase::Process,
                epoch: Some(epoch),
                error,
            });
        }
    }

    /// A root epoch is over.
    pub(super) fn discard_leases(&mut self, number: u32) {
        self.lent.retain(|(epoch, _), _| epoch.number() != number);
        self.given_back
            .retain(|(epoch, _)| epoch.number() != number);
    }

    /// Keeps a value that is news. Where nodes share objects it holds these, in the place of what was written of them; then the event with them.
    pub(super) fn store_emitted(&mut self, signal: SignalIx, event: &Event) -> Option<Event> {
        let Emit::Value(value) = &event.value else {
            return None;
        };
        let number = event.epoch.number();
        if self.access_order.is_none() || !self.open.contains_key(&number) {
            self.store_value(signal, event, value.clone());
            return None;
        }
        let value = self.rehydrate(event, value)?;
        self.store_value(signal, event, value.clone());
        Some(Event {
            value: Emit::Value(value),
            ..event.clone()
        })
    }

    /// A call gives back what it was lent: what has become of that is news. Of what is not lent it is none.
    pub(super) fn return_lease(&mut self, node: NodeIx, event: &Event) {
        if let Emit::Value(value) = &event.value
            && self.lent.contains_key(&(event.epoch.clone(), node))
        {
            let _ = self.rehydrate(event, value);
        }
    }

    /// A value with objects in the place of what was written of them; `None` if that is impossible, which fails the epoch. What is written is
    /// news of an object only from a node that holds it.
    fn rehydrate(&mut self, event: &Event, value: &Value) -> Option<Value> {
        let number = event.epoch.number();
        let returned = *event.signal == *RETURNED;
        let lent = |id: u64| {
            let mut lent = self.lent.iter();
            lent.any(|((epoch, node), objects)| {
                // A call may speak in the epochs above and below its own.
                let here = *epoch == event.epoch || (!returned && in_line(epoch, &event.epoch));
                here && *self.scheduler.plan().node_name(*node) == event.node_id
                    && objects.contains(id)
            })
        };
        let open = self.open.get_mut(&number)?;
        let lent_in_epoch = self
            .lent
            .iter()
            .filter(|((epoch, _), _)| epoch.number() == number);
        for object in lent_in_epoch.flat_map(|(_, objects)| objects.iter()) {
            open.objects.collect(&Value::Object(object.clone()));
        }
        match open.objects.rehydrate(value, &lent) {
            Ok(value) => Some(value),
            Err(error) => {
                self.unsaid.push(NodeFailure {
                    node: event.node_id.clone(),
                    place: None,
                    phase: Phase::Process,
                    epoch: Some(event.epoch.clone()),
                    error,
                });
                None
            }
        }
    }
}

/// Whether one of them lies within the other.
fn in_line(one: &Epoch, other: &Epoch) -> bool {
    let (above, below) = (one.path(), other.path());
    one.number() == other.number() && (below.starts_with(above) || above.starts_with(below))
}
