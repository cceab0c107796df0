//! Observers: functions of the user that are called for every event.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use super::{Action, Coordinator};
use crate::graph::{Emit, Epoch, Event, NodeIx};
use crate::runner::admission::GatherDedup;
use crate::runner::panic_guard::catch_panic;
use crate::runner::recorder::RunRecorder;
use crate::runner::tracer::Tracer;
use crate::runner::{ClosedReason, EventCallback, RunError};
use crate::sync::lock;

/// Receivers of every event of a run; they stay when a runner is started again.
pub(crate) type EventObservers = Arc<Mutex<Observers>>;

/// Functions that are called for every event, the recorder of the run, and the exporter of spans.
#[derive(Default)]
pub(crate) struct Observers {
    pub(crate) callbacks: Vec<EventCallback>,
    pub(crate) recorder: RunRecorder,
    pub(crate) tracer: Tracer,
}

impl Coordinator {
    /// Returns whether any observer is registered.
    pub(super) fn has_observers(&self) -> bool {
        !lock(&self.observers).callbacks.is_empty()
    }

    /// Returns whether nodes send the values of all events to the command node.
    pub(crate) const fn observes(&self) -> bool {
        self.observes
    }

    /// Returns whether the node has begun to report its calls, since it emitted a large value.
    pub(crate) fn reports_calls(&self, node: &str) -> bool {
        let node = self.scheduler.plan().node_index(node);
        node.is_some_and(|node| self.implied.has_ended(node))
    }

    /// Asks the nodes for the values of all events, if an observer was added since the start.
    pub(super) fn observe_if_due(&mut self) {
        if self.remote_nodes && !self.observes && self.has_observers() {
            (self.observes, self.observes_anew) = (true, true);
            self.actions.push_back(Action::Observe);
        }
    }

    /// Notifies the observers of the call of a return node, which emits nothing on its signals.
    pub(super) fn notify_return(&mut self, epoch: &Epoch, node: NodeIx) {
        if !self.has_observers() {
            return;
        }
        let plan = self.scheduler.plan();
        let timestamp = (self.clock)();
        let ids = &mut self.ids;
        let events = plan.signals_of(node).map(|signal| Event {
            id: ids.next(),
            timestamp,
            node_id: plan.node_name(node).clone(),
            signal: plan.signal_name(signal).clone(),
            epoch: epoch.clone(),
            value: Emit::Nothing,
        });
        let events: Vec<Event> = events.collect();
        self.notify_observers(&events);
    }

    /// Notifies the observers of each event once, even if a restarted node emits it again.
    pub(super) fn notify_observers(&mut self, events: &[Event]) {
        let observers = Arc::clone(&self.observers);
        let observers = &mut lock(&observers).callbacks;
        if observers.is_empty() {
            return;
        }
        let plan = Arc::clone(self.scheduler.plan());
        let notified = catch_panic(|| {
            for event in events {
                let Some(open) = self.open.get_mut(&event.epoch.number()) else {
                    continue;
                };
                // Several values of a gather in the same epoch are told apart by their ids.
                let several = plan
                    .node_index(&event.node_id)
                    .is_some_and(|node| GatherDedup::counts(&plan, node, event));
                let key = (
                    event.epoch.clone(),
                    event.node_id.clone(),
                    event.signal.clone(),
                    if several { event.id } else { 0 },
                );
                if !open.observed.insert(key) {
                    continue;
                }
                in_callback(|| observers.iter_mut().for_each(|observer| observer(event)));
            }
            Ok(())
        });
        if let Err(error) = notified {
            self.fail_run(RunError::closed(ClosedReason::Callback(error)));
        }
    }
}

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Calls observers of the user, within which no epoch can be run on this thread.
fn in_callback<T>(call: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IN_CALLBACK.set(self.0);
        }
    }
    // Restored on unwinding too: an observer may panic.
    let _restore = Restore(IN_CALLBACK.replace(true));
    call()
}

/// Refuses to run an epoch within an observer: it would wait for a run that waits for the observer.
///
/// # Errors
/// The explanation, if this thread is within an observer.
pub(crate) fn refuse_in_callback() -> Result<(), RunError> {
    if IN_CALLBACK.get() {
        return Err(RunError::InCallback);
    }
    Ok(())
}
