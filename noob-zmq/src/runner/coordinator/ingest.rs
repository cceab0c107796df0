//! What is made of the events that nodes say.

use super::{Action, Coordinator};
use crate::graph::{
    Applied, Emit, Epoch, Event, Name, NodeIx, Role, SignalIx, SignalUpdate, Value,
};
use crate::runner::admission::RETURNED;
use crate::runner::admission::SNAPSHOT;
use crate::runner::admission::dedup::{Count, Once, too_many};
use crate::runner::admission::pending_items::{Entry, MOST};
use crate::runner::error::DisplayEpoch;

impl Coordinator {
    /// Takes note of what nodes have said.
    pub(crate) fn on_events(&mut self, events: &[Event]) {
        let events = self.retain_valid(events);
        self.ingest(&events);
        self.complete_ready_epochs();
    }

    /// Takes note of what nodes have said, where the epochs are known in which they did; the rest waits.
    fn ingest(&mut self, events: &[Event]) {
        let tells = self.has_observers();
        let mut told: Vec<Event> = Vec::new();
        let mut spoken: Vec<(Epoch, NodeIx)> = Vec::new();
        let mut late = false;
        for event in events {
            let Some(node) = self.scheduler.plan().node_index(&event.node_id) else {
                tracing::warn!(node = %event.node_id, "an event of a node that is not in the tube is dropped");
                continue;
            };
            let signal = self.scheduler.plan().signal_index(node, &event.signal);
            match self.admit(node, signal, event) {
                Entry::Open => {}
                Entry::Waits => continue,
                Entry::Refused(why) => {
                    self.reject(&event.node_id, why);
                    continue;
                }
            }
            if *event.signal == *SNAPSHOT {
                late |= self.record_checkpoint(event);
                continue;
            }
            match signal {
                Some(signal) => {
                    match self.check_duplicate(node, event) {
                        Count::First => {}
                        Count::Again => continue,
                        Count::TooMany => {
                            self.reject(&event.node_id, too_many(event));
                            continue;
                        }
                    }
                    let note = self.apply(node, signal, event);
                    let revived = (note == Applied::New).then(|| self.store_emitted(signal, event));
                    let counted = Once::counts(self.scheduler.plan(), node, event);
                    if tells && (note == Applied::New || (note == Applied::Duplicate && !counted)) {
                        told.push(revived.flatten().unwrap_or_else(|| event.clone()));
                    }
                }
                None => self.return_lease(node, event),
            }
            // What a node says in an epoch stands side by side; what is told twice changes nothing.
            if spoken
                .last()
                .is_none_or(|(epoch, last)| (epoch, *last) != (&event.epoch, node))
            {
                spoken.push((event.epoch.clone(), node));
            }
        }
        if late {
            // Before any of these epochs can be over: the process that goes on must not miss what they did.
            self.on_node_joined();
        }
        for (epoch, node) in spoken {
            let call = (epoch, node);
            if self.leases.remove(&call).is_some() {
                self.returned_leases.insert(call.clone());
            }
            let (epoch, node) = call;
            // A gather below a map speaks in the epoch above its call: its events alone say which calls are over.
            let plan = self.scheduler.plan();
            if plan.role(node) != Role::Gather || plan.depth(node) == 0 {
                let _ = self.scheduler.node_done(&epoch, node);
            }
        }
        self.notify_observers(&told);
    }

    /// Counts an event as rejected.
    pub(super) fn reject(&mut self, node: &Name, reason: String) {
        let node = node.clone();
        self.actions.push_back(Action::Reject { node, reason });
    }

    /// Takes in what has waited, where the epochs are known by now.
    pub(super) fn ingest_deferred(&mut self) {
        loop {
            let due = self.porch.due(&self.scheduler);
            if due.is_empty() {
                break;
            }
            self.ingest(&due);
        }
    }

    /// Whether an event is of an epoch in which its node can have said it, as far as that is known.
    fn admit(&mut self, node: NodeIx, signal: Option<SignalIx>, event: &Event) -> Entry {
        if signal.is_none() && ![SNAPSHOT, RETURNED].contains(&&*event.signal) {
            return Entry::Refused(format!("it has no signal `{}`", event.signal));
        }
        if self.scheduler.is_closed(event.epoch.number()) {
            return Entry::Open;
        }
        self.porch.look(&self.scheduler, node, signal, event)
    }

    /// Keeps what a node knows after a call. Says whether the process that took the place of the one that said it must be told.
    fn record_checkpoint(&mut self, event: &Event) -> bool {
        let Emit::Value(said) = &event.value else {
            return false;
        };
        let (node, epoch) = (&event.node_id, &event.epoch);
        // Of an epoch that has failed a node still says what it knows; nobody can tell any more where it was called in that.
        if self.scheduler.is_closed(epoch.number()) && self.checkpoints.len_of(node) >= MOST {
            let why = format!(
                "it says what it knows after a call in epoch {}, which is over, and has done so {MOST} times",
                DisplayEpoch(epoch)
            );
            self.reject(node, why);
            return false;
        }
        let floor = self.open.keys().next().copied().unwrap_or(self.next);
        self.checkpoints.record(node, epoch, said, floor)
    }

    /// Whether an event was not heard before, where that is not for the scheduler to know.
    fn check_duplicate(&mut self, node: NodeIx, event: &Event) -> Count {
        let number = event.epoch.number();
        if self.scheduler.is_closed(number) {
            return Count::First;
        }
        let calls = self.scheduler.call_count(number, node);
        self.once.count(self.scheduler.plan(), node, event, calls)
    }

    /// Takes note that something was said; a value that is news is to be [kept](Self::keep).
    pub(super) fn apply(&mut self, node: NodeIx, signal: SignalIx, event: &Event) -> Applied {
        let number = event.epoch.number();
        if let Some(open) = self.open.get_mut(&number) {
            open.has_events = true;
            open.lived |= matches!(event.value, Emit::Value(_));
        }
        if self.scheduler.is_closed(number) {
            return Applied::Closed;
        }
        self.scheduler
            .event(&event.epoch, node, signal, SignalUpdate::from(&event.value))
    }

    /// Keeps a value that was said, for the calls to come.
    pub(super) fn store_value(&mut self, signal: SignalIx, event: &Event, value: Value) {
        if let Some(open) = self.open.get_mut(&event.epoch.number()) {
            open.bytes = open.bytes.saturating_add(value.size());
            self.replacement.said(signal, &value, &mut open.replaced);
        }
        self.store
            .put_event(&event.epoch, signal, value, event.id, event.timestamp);
    }
}
