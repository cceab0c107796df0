//! Leases of objects that nodes share and change in place: the objects that each call holds, and
//! the values that calls return.

use super::{Action, Coordinator};
use crate::graph::{AccessOrder, Emit, Epoch, Event, NodeIx, Object, SignalIx, Value};
use crate::node::Inputs;
use crate::runner::NodeFailure;
use crate::runner::admission::{RETURNED, RejectReason};
use crate::runner::assets::ObjectTable;

impl Coordinator {
    /// Has a node called that is ready; in another process, only if it may hold shared objects.
    pub(super) fn lease_inputs(&mut self, epoch: Epoch, node: NodeIx) {
        let shares = |access_order: &AccessOrder| access_order.touches(node);
        if self.remote_nodes && !self.access_order.as_ref().is_some_and(shares) {
            return;
        }
        let inputs = Inputs::at(&self.store, epoch.clone(), node);
        if self.remote_nodes {
            let mut objects = ObjectTable::default();
            let named = inputs.named.iter().map(|(_, value)| value);
            for value in inputs.positional.iter().chain(named) {
                objects.collect(value);
            }
            self.leases.insert((epoch, node), objects);
        }
        let name = self.node_name(node);
        self.actions.push_back(Action::Call { node, name, inputs });
    }

    /// Discards the leases of a closed root epoch.
    pub(super) fn discard_leases(&mut self, number: u32) {
        self.leases.retain(|(epoch, _), _| epoch.number() != number);
        self.returned_leases
            .retain(|(epoch, _)| epoch.number() != number);
    }

    /// Stores a new value, with shared objects in the place of their serialized form.
    ///
    /// Returns the event with these objects, where nodes share any.
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

    /// Takes back an object that a call was lent, as the call has changed it.
    ///
    /// # Errors
    /// The node claims an object that it was not lent.
    pub(super) fn return_lease(&mut self, node: NodeIx, event: &Event) -> Result<(), RejectReason> {
        let call = (event.epoch.clone(), node);
        // An event may come again when the epoch is closed, or the object was returned.
        if !self.open.contains_key(&event.epoch.number()) || self.returned_leases.contains(&call) {
            return Ok(());
        }
        if let Emit::Value(value) = &event.value
            && let Some(held) = self.leases.get(&call)
            && let Some((id, ..)) = Object::decode(value)
            && held.contains(id)
        {
            let _ = self.rehydrate(event, value);
            return Ok(());
        }
        let (node, epoch) = (event.node_id.clone(), event.epoch.clone());
        Err(RejectReason::NotLeased { node, epoch })
    }

    /// Returns a value with shared objects in the place of their serialized form.
    ///
    /// Returns `None` if that is impossible, which fails the epoch. An object changes only by the
    /// event of a node that holds it.
    fn rehydrate(&mut self, event: &Event, value: &Value) -> Option<Value> {
        let number = event.epoch.number();
        let returned = *event.signal == *RETURNED;
        let is_leased = |id: u64| {
            self.leases.iter().any(|((epoch, node), objects)| {
                // A call may emit in the epochs above and below its own.
                let related = *epoch == event.epoch || (!returned && nested(epoch, &event.epoch));
                related
                    && *self.scheduler.plan().node_name(*node) == event.node_id
                    && objects.contains(id)
            })
        };
        let open = self.open.get_mut(&number)?;
        let in_epoch = self
            .leases
            .iter()
            .filter(|((epoch, _), _)| epoch.number() == number);
        for object in in_epoch.flat_map(|(_, objects)| objects.iter()) {
            open.objects.collect(&Value::Object(object.clone()));
        }
        match open.objects.rehydrate(value, &self.tube.types, &is_leased) {
            Ok(value) => Some(value),
            Err(error) => {
                let (node, epoch) = (event.node_id.clone(), event.epoch.clone());
                let failure = NodeFailure::of_call(node, epoch, error);
                self.deferred_failures.push(failure);
                None
            }
        }
    }
}

/// Returns whether one of two epochs lies within the other.
fn nested(one: &Epoch, other: &Epoch) -> bool {
    let (above, below) = (one.path(), other.path());
    one.number() == other.number() && (below.starts_with(above) || above.starts_with(below))
}
