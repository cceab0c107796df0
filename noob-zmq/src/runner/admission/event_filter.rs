//! The filter through which every event of another process passes before it changes a scheduler.

use super::dedup::{Dedup, GatherDedup};
use super::epoch_bound::{BoundCheck, EpochBound, OpenedEpochs};
use super::pending_items::PendingItems;
use super::{RETURNED, RejectReason, SNAPSHOT};
use crate::graph::{
    Applied, Event, Expansion, MapCall, Name, NodeIx, Role, Scheduler, SignalIx, SignalUpdate,
};

/// Checks incoming events and applies the valid ones to a scheduler.
///
/// The checks, in their order: the node exists; nodes emit it, not the runner; its root epoch is
/// not too far ahead; the node has such a signal; the value of a `gather` was not counted before;
/// and the sub-epoch exists. An event of a sub-epoch whose `map` may still make it is retained
/// until that is known.
#[derive(Debug)]
pub(crate) struct EventFilter {
    bound: EpochBound,
    dedup: GatherDedup,
    pending: PendingItems,
}

/// Result of admitting an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The event was applied to the scheduler; a new value is to be stored.
    New {
        /// Node of the event.
        node: NodeIx,
        /// Signal of the event.
        signal: SignalIx,
    },
    /// The scheduler knew the event already.
    Duplicate(NodeIx),
    /// The epoch of the event is closed, or is complete without it.
    Closed(NodeIx),
    /// The value of a `gather` was counted before.
    Repeated,
    /// The event cannot be judged yet: it is retained, or its sender will emit it again.
    Deferred,
    /// The event is for the coordinator alone, on a signal that no plan has.
    Control(NodeIx),
    /// The event is impossible.
    Rejected(RejectReason),
}

impl EventFilter {
    /// Creates the filter of a process that is told which epochs are opened, over a connection of
    /// its own.
    pub(crate) fn for_node() -> Self {
        Self::new(EpochBound::ahead())
    }

    /// Creates the filter of the process that opens the epochs.
    pub(crate) fn for_coordinator() -> Self {
        Self::new(EpochBound::exact())
    }

    fn new(bound: EpochBound) -> Self {
        Self {
            bound,
            dedup: GatherDedup::default(),
            pending: PendingItems::default(),
        }
    }

    /// Forgets all events of epochs of an earlier plan.
    pub(crate) fn reset(&mut self) {
        self.dedup = GatherDedup::default();
        self.pending = PendingItems::default();
    }

    /// Checks an event, and applies it to the scheduler if it is valid.
    pub(crate) fn admit(
        &mut self,
        scheduler: &mut Scheduler,
        opened: OpenedEpochs,
        event: &Event,
    ) -> Admission {
        let plan = scheduler.plan();
        let Some(node) = plan.node_index(&event.node_id) else {
            return Admission::Rejected(RejectReason::UnknownNode);
        };
        if plan.role(node) == Role::Given {
            let name = event.node_id.clone();
            return Admission::Rejected(RejectReason::EmittedByRunner(name));
        }
        let number = event.epoch.number();
        match self.bound.check(opened, &event.node_id, number) {
            BoundCheck::Within => {}
            BoundCheck::Undetermined => return Admission::Deferred,
            BoundCheck::Beyond => {
                let (epoch, next) = (event.epoch.clone(), opened.next);
                return Admission::Rejected(RejectReason::NotOpened { epoch, next });
            }
        }
        let Some(signal) = plan.signal_index(node, &event.signal) else {
            if [SNAPSHOT, RETURNED].contains(&&*event.signal) {
                return Admission::Control(node);
            }
            let signal = event.signal.clone();
            return Admission::Rejected(RejectReason::UnknownSignal(signal));
        };
        if scheduler.is_closed(number) {
            return Admission::Closed(node);
        }
        // Most events are none of a `gather` below a map: these alone are told apart by their ids.
        let counted = GatherDedup::counts(plan, node, event);
        let calls = if counted {
            scheduler.call_count(number, node)
        } else {
            0
        };
        if counted {
            match self.dedup.check(node, event, calls) {
                Dedup::New => {}
                Dedup::Duplicate => return Admission::Repeated,
                Dedup::LimitExceeded => {
                    let epoch = event.epoch.clone();
                    return Admission::Rejected(RejectReason::TooManyValues(epoch));
                }
            }
        }
        let update = SignalUpdate::from(&event.value);
        let applied = scheduler.apply(&event.epoch, signal, update);
        // Only now: a value that is pending is admitted once more.
        if counted && matches!(applied, Applied::New | Applied::Duplicate) {
            self.dedup.record(node, event, calls);
        }
        match applied {
            Applied::New => Admission::New { node, signal },
            Applied::Duplicate if counted => Admission::Closed(node),
            Applied::Duplicate => Admission::Duplicate(node),
            Applied::Closed => Admission::Closed(node),
            Applied::Pending(call) => self.defer(scheduler, call, event),
            Applied::Impossible => {
                Admission::Rejected(RejectReason::NeverCalled(event.epoch.clone()))
            }
        }
    }

    /// Checks an event of the coordinator alone: whether the node is called in its epoch.
    ///
    /// Returns `None` if so.
    pub(crate) fn admit_control(
        &mut self,
        scheduler: &Scheduler,
        node: NodeIx,
        event: &Event,
    ) -> Option<Admission> {
        match scheduler.expansion_of(&event.epoch, node) {
            Expansion::Exists => None,
            Expansion::Pending(call) => Some(self.defer(scheduler, call, event)),
            Expansion::Impossible => Some(Admission::Rejected(RejectReason::NeverCalled(
                event.epoch.clone(),
            ))),
        }
    }

    fn defer(&mut self, scheduler: &Scheduler, call: MapCall, event: &Event) -> Admission {
        if self.pending.defer(scheduler, call, event) {
            Admission::Deferred
        } else {
            Admission::Rejected(RejectReason::TooManyPending(event.epoch.clone()))
        }
    }

    /// Takes the retained events of whose sub-epochs more is known now; they are to be
    /// [admitted](Self::admit) again.
    pub(crate) fn take_due(&mut self, scheduler: &Scheduler) -> Vec<Event> {
        self.pending.take_due(scheduler)
    }

    /// Discards what is retained of a closed root epoch.
    pub(crate) fn close_epoch(&mut self, epoch: u32) {
        self.dedup.close_epoch(epoch);
        self.pending.close_epoch(epoch);
    }

    /// Takes the nodes that must emit their events again, since they were too far ahead before.
    pub(crate) fn nodes_to_resubscribe(&mut self, opened: OpenedEpochs) -> Vec<Name> {
        self.bound.nodes_to_resubscribe(opened)
    }

    /// Returns the number of events that are retained.
    #[cfg(test)]
    pub(crate) fn retained(&self) -> usize {
        self.pending.retained()
    }
}
