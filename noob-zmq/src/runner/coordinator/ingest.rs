//! Applies the events of node processes to the scheduler, the store and the observers.

use super::{Action, Coordinator};
use crate::graph::{Emit, Epoch, Event, Name, NodeIx, Role, SignalIx, Value};
use crate::runner::admission::{
    Admission, MAX_UNPROVEN_PER_NODE, OpenedEpochs, RejectReason, SNAPSHOT, Statement,
};
use crate::wire::Receipt;

impl Coordinator {
    /// Applies events that node processes have emitted.
    pub(crate) fn on_events(&mut self, events: &[Event]) {
        self.ingest(events, &[]);
        self.complete_ready_epochs();
    }

    /// Applies events of node processes, of which some values are withheld.
    pub(crate) fn on_receipt(&mut self, receipt: &Receipt) {
        self.ingest(&receipt.events, &receipt.withheld);
        self.complete_ready_epochs();
    }

    /// Applies the events that were deferred, where their sub-epochs are known by now.
    pub(super) fn ingest_deferred(&mut self) {
        loop {
            let due = self.filter.take_due(&self.scheduler).into_iter();
            // Nodes tell outcomes to each other only.
            let events = due.filter_map(|statement| match statement {
                Statement::Event(event) => Some(event),
                Statement::Outcome(..) => None,
            });
            let due: Vec<Event> = events.collect();
            if due.is_empty() {
                break;
            }
            let sizes = (0..).zip(&due).filter_map(|(place, event)| {
                let open = self.open.get_mut(&event.epoch.number())?;
                let size = open.withheld.remove(&(event.node_id.clone(), event.id))?;
                Some((place, size))
            });
            let withheld: Vec<(u32, u64)> = sizes.collect();
            self.ingest(&due, &withheld);
        }
    }

    /// Applies events; `withheld` has the places of those without their value, in order.
    fn ingest(&mut self, events: &[Event], withheld: &[(u32, u64)]) {
        let mut withheld = withheld.iter().peekable();
        let has_observers = self.has_observers();
        let mut observed: Vec<Event> = Vec::new();
        let mut calls: Vec<(Epoch, NodeIx)> = Vec::new();
        let mut restore_missed = false;
        let opened = OpenedEpochs::below(self.next);
        for (place, event) in (0..).zip(events) {
            let size = withheld.next_if(|(withheld, _)| *withheld == place);
            if size.is_some() && self.wanted.contains(&event.node_id, &event.signal) {
                let signal = event.signal.clone();
                self.reject(&event.node_id, RejectReason::Withheld(signal));
                continue;
            }
            let admission = self.filter.admit(&mut self.scheduler, opened, event);
            if let (Some(_), Some(node)) = (size, admission.node()) {
                // The window counts its bytes: epochs must not be closed without them.
                self.implied.remove(node);
            }
            let node = match admission {
                Admission::New { node, signal } => {
                    self.complete_implied(node, event);
                    self.mark_received(event);
                    if let Some((_, size)) = size {
                        self.count_bytes(event, *size);
                    }
                    let rehydrated = match size {
                        Some(_) => None,
                        None => self.store_emitted(signal, event),
                    };
                    if size.is_none() {
                        self.recorder.event(rehydrated.as_ref().unwrap_or(event));
                    }
                    if has_observers && size.is_none() {
                        observed.push(rehydrated.unwrap_or_else(|| event.clone()));
                    }
                    node
                }
                // Observers recognize what they were given, and may have missed the first one.
                Admission::Duplicate(node) => {
                    self.mark_received(event);
                    if has_observers && size.is_none() {
                        observed.push(event.clone());
                    }
                    node
                }
                Admission::Closed(node) => {
                    if size.is_none() {
                        self.recorder.late_event(event);
                    }
                    self.mark_received(event);
                    node
                }
                Admission::Control(node) if *event.signal == *SNAPSHOT => {
                    restore_missed |= self.record_checkpoint(node, event);
                    continue;
                }
                Admission::Control(node) => match self.return_lease(node, event) {
                    Ok(()) => node,
                    Err(reason) => {
                        self.reject(&event.node_id, reason);
                        continue;
                    }
                },
                Admission::Deferred => {
                    // The filter retains the event alone, and bounds how many it retains.
                    let open = self.open.get_mut(&event.epoch.number());
                    if let (Some(open), Some((_, size))) = (open, size) {
                        let event = (event.node_id.clone(), event.id);
                        open.withheld.insert(event, *size);
                    }
                    continue;
                }
                Admission::Repeated | Admission::Ignored => continue,
                Admission::Rejected(reason) => {
                    self.reject(&event.node_id, reason);
                    continue;
                }
            };
            // The events of a call follow each other, so a repetition is nearly always adjacent; a
            // call that is reported done twice changes nothing.
            if calls
                .last()
                .is_none_or(|(epoch, last)| (epoch, *last) != (&event.epoch, node))
            {
                calls.push((event.epoch.clone(), node));
            }
        }
        if restore_missed {
            // Before any of these epochs can be closed: the new process must not miss their effect.
            self.on_node_joined();
        }
        for call in calls {
            self.complete_call(call);
        }
        self.notify_observers(&observed);
    }

    /// Completes the calls that the call behind an event implies.
    fn complete_implied(&mut self, node: NodeIx, event: &Event) {
        // Where nodes report everything, an epoch waits for all of it: observers must not miss any.
        if self.observes || self.implied.feeder(node).is_none() {
            return;
        }
        self.scheduler
            .complete_implied(&self.implied, &event.epoch, node);
    }

    /// Records that a call has emitted all its events: they arrive in one message.
    fn complete_call(&mut self, call: (Epoch, NodeIx)) {
        if self.leases.remove(&call).is_some() {
            self.returned_leases.insert(call.clone());
        }
        let (epoch, node) = call;
        // A gather below a map emits in the epoch above its call, so that its events alone tell
        // which of its calls are done.
        let plan = self.scheduler.plan();
        if plan.role(node) != Role::Gather || plan.depth(node) == 0 {
            let _ = self.scheduler.node_done(&epoch, node);
        }
    }

    fn reject(&mut self, node: &Name, reason: RejectReason) {
        let node = node.clone();
        self.actions.push_back(Action::Reject { node, reason });
    }

    /// Records the state of a node after a call.
    ///
    /// Returns whether the process that has taken the place of the sender must be sent it.
    fn record_checkpoint(&mut self, node: NodeIx, event: &Event) -> bool {
        let (name, epoch) = (&event.node_id, &event.epoch);
        if self.scheduler.is_closed(epoch.number()) {
            // A node still reports its state after calls in an epoch that has failed; where it was
            // called in that epoch is not known any more, so only the number is bounded.
            if self.checkpoints.len_of(name) >= MAX_UNPROVEN_PER_NODE {
                self.reject(name, RejectReason::TooManyStates(epoch.clone()));
                return false;
            }
        } else if let Some(admission) = self.filter.admit_control(&self.scheduler, node, event) {
            if let Admission::Rejected(reason) = admission {
                self.reject(name, reason);
            }
            return false;
        }
        let Emit::Value(reported) = &event.value else {
            return false;
        };
        let floor = self.open.keys().next().copied().unwrap_or(self.next);
        self.checkpoints.record(name, epoch, reported, floor)
    }

    /// Marks the epoch of an event as one in which something was emitted.
    pub(super) fn mark_received(&mut self, event: &Event) {
        if let Some(open) = self.open.get_mut(&event.epoch.number()) {
            open.has_events = true;
            open.lived |= matches!(event.value, Emit::Value(_));
            if open.begun.is_none() {
                self.begin_with(event);
            }
        }
    }

    /// Counts the size of a value for the window in bytes.
    fn count_bytes(&mut self, event: &Event, size: u64) {
        if let Some(open) = self.open.get_mut(&event.epoch.number()) {
            open.bytes = open.bytes.saturating_add(size);
        }
    }

    /// Stores a new value for later calls.
    pub(super) fn store_value(&mut self, signal: SignalIx, event: &Event, value: Value) {
        self.count_bytes(event, value.size());
        if let Some(open) = self.open.get_mut(&event.epoch.number()) {
            self.replacement.record(signal, &value, &mut open.replaced);
        }
        self.store
            .put_event(&event.epoch, signal, value, event.id, event.timestamp);
    }
}
