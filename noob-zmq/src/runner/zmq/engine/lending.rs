//! Objects that nodes share and change in place: what each is called with, and what has become of it.

use super::{Engine, Orders};
use crate::graph::{ASSETS, Emit, Epoch, Event, NodeIx, Sharing, Value};
use crate::node::Inputs;
use crate::runner::objects::Objects;
use crate::runner::{NodeFailure, Phase};

impl Engine {
    /// A node is to be called.
    pub(super) fn hand_out(&mut self, orders: &dyn Orders, epoch: Epoch, node: NodeIx) {
        let shares = |sharing: &Sharing| sharing.touches(node);
        if orders.lends() && !self.sharing.as_ref().is_some_and(shares) {
            return;
        }
        let inputs = Inputs::at(&self.store, epoch.clone(), node);
        if orders.lends() {
            let mut objects = Objects::default();
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

    /// Events with objects in the place of what was written of them, and without those that only tell of objects.
    pub(super) fn revived(&mut self, events: &[Event]) -> Vec<Event> {
        let mut revived = Vec::with_capacity(events.len());
        for event in events {
            let number = event.epoch.number();
            let lent = |id: u64| {
                let mut lent = self.lent.iter();
                lent.any(|((epoch, node), objects)| {
                    epoch.number() == number
                        && (*self.scheduler.plan().node_name(*node) == event.node_id
                            || &*event.node_id == ASSETS)
                        && objects.contains(id)
                })
            };
            let (Some(open), Emit::Value(value)) = (self.open.get_mut(&number), &event.value)
            else {
                revived.push(event.clone());
                continue;
            };
            let lent_in_epoch = self
                .lent
                .iter()
                .filter(|((epoch, _), _)| epoch.number() == number);
            for object in lent_in_epoch.flat_map(|(_, objects)| objects.iter()) {
                open.objects.collect(&Value::Object(object.clone()));
            }
            match open.objects.revive(value, &lent) {
                Ok(_) if &*event.node_id == ASSETS => {}
                Ok(value) => revived.push(Event {
                    value: Emit::Value(value),
                    ..event.clone()
                }),
                Err(error) => {
                    self.unsaid.push(NodeFailure {
                        node: event.node_id.clone(),
                        place: None,
                        phase: Phase::Process,
                        epoch: Some(event.epoch.clone()),
                        error,
                    });
                }
            }
        }
        revived
    }
}
