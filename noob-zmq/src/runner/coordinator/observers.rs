//! Functions of the user that hear every event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::Coordinator;
use crate::graph::{Emit, Epoch, Event, NodeIx, Timestamp};
use crate::runner::admission::dedup::Once;
use crate::runner::panic_guard::catch_panic;
use crate::runner::pipeline::in_callbacks;
use crate::runner::{EventCallback, RunError};

/// Functions that are called for every event; they stay when a runner starts anew.
pub(crate) type EventObservers = Arc<Mutex<Vec<EventCallback>>>;

impl Coordinator {
    /// Whether anybody is to be told of events.
    pub(super) fn has_observers(&self) -> bool {
        !lock(&self.callbacks).is_empty()
    }

    /// A return says nothing on its signals.
    pub(super) fn notify_return(&mut self, epoch: &Epoch, node: NodeIx) {
        if !self.has_observers() {
            return;
        }
        let plan = self.scheduler.plan();
        let timestamp = Timestamp::from_system(SystemTime::now());
        let ids = &mut self.ids;
        let said = plan.signals_of(node).map(|signal| Event {
            id: ids.next(),
            timestamp,
            node_id: plan.node_name(node).clone(),
            signal: plan.signal_name(signal).clone(),
            epoch: epoch.clone(),
            value: Emit::Nothing,
        });
        let said: Vec<Event> = said.collect();
        self.notify_observers(&said);
    }

    /// Tells of each event once, however often it is heard: a node that was started again says it again.
    pub(super) fn notify_observers(&mut self, events: &[Event]) {
        let callbacks = Arc::clone(&self.callbacks);
        let mut callbacks = lock(&callbacks);
        if callbacks.is_empty() {
            return;
        }
        let plan = Arc::clone(self.scheduler.plan());
        let told = catch_panic(|| {
            for event in events {
                let Some(open) = self.open.get_mut(&event.epoch.number()) else {
                    continue;
                };
                // Of several values in the same epoch each has a number of its own.
                let several = plan
                    .node_index(&event.node_id)
                    .is_some_and(|node| Once::counts(&plan, node, event));
                let said = (
                    event.epoch.clone(),
                    event.node_id.clone(),
                    event.signal.clone(),
                    if several { event.id } else { 0 },
                );
                if !open.told.insert(said) {
                    continue;
                }
                in_callbacks(|| callbacks.iter_mut().for_each(|callback| callback(event)));
            }
            Ok(())
        });
        drop(callbacks);
        if let Err(error) = told {
            self.fail_run(RunError::Closed(format!("a callback failed: {error}")));
        }
    }
}

fn lock(callbacks: &EventObservers) -> MutexGuard<'_, Vec<EventCallback>> {
    callbacks.lock().unwrap_or_else(PoisonError::into_inner)
}
