//! The filter through which every event of another process passes before it changes a scheduler.

use super::dedup::{Dedup, GatherDedup};
use super::epoch_bound::{BoundCheck, EpochBound, MAX_EPOCHS_AHEAD, OpenedEpochs};
use super::pending_items::{PendingItems, Statement};
use super::recent_sources::RecentSources;
use super::{ForeignNodes, RETURNED, RejectReason, SNAPSHOT};
use crate::graph::{
    Applied, Emit, Epoch, Event, Expansion, MapCall, Name, NodeIx, Outcome, Role, Scheduler,
    SignalIx, SignalUpdate,
};

/// Checks incoming events and applies the valid ones to a scheduler.
///
/// The checks, in their order: the node exists; nodes emit it, not the runner; no host sends an
/// object of another language that must not; its root epoch is not too far ahead; the node has such
/// a signal; the value of a `gather` was not counted before; and the sub-epoch exists. An event of
/// a sub-epoch whose `map` may still make it is retained until that is known.
#[derive(Debug)]
pub(crate) struct EventFilter {
    bound: EpochBound,
    dedup: GatherDedup,
    pending: PendingItems,
    foreign: ForeignNodes,
    sources: RecentSources,
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
    /// The scheduler does not need the event.
    Ignored,
    /// The event cannot be judged yet: it is retained, or its sender will emit it again.
    Deferred,
    /// The event is for the coordinator alone, on a signal that no plan has.
    Control(NodeIx),
    /// The event is impossible.
    Rejected(RejectReason),
}

impl Admission {
    /// Returns the node of an event that was accepted.
    pub(crate) const fn node(&self) -> Option<NodeIx> {
        match self {
            Self::New { node, .. } | Self::Duplicate(node) | Self::Closed(node) => Some(*node),
            _ => None,
        }
    }
}

impl EventFilter {
    /// Creates the filter of a process that is told which epochs are opened, over a connection of
    /// its own.
    pub(crate) fn for_node() -> Self {
        Self::new(MAX_EPOCHS_AHEAD)
    }

    /// Creates the filter of the process that opens the epochs: nodes are told of them later,
    /// whether one by one or many at once, so that no event can be ahead.
    pub(crate) fn for_coordinator() -> Self {
        Self::new(0)
    }

    fn new(max_ahead: u32) -> Self {
        Self {
            bound: EpochBound::new(max_ahead),
            dedup: GatherDedup::default(),
            pending: PendingItems::default(),
            foreign: ForeignNodes::default(),
            sources: RecentSources::default(),
        }
    }

    /// Rejects objects of other languages that come from these nodes.
    pub(crate) fn with_foreign(mut self, nodes: ForeignNodes) -> Self {
        self.foreign = nodes;
        self
    }

    /// Returns the nodes of which objects of other languages are rejected.
    pub(crate) const fn foreign(&self) -> &ForeignNodes {
        &self.foreign
    }

    /// Forgets all events of epochs of an earlier plan.
    pub(crate) fn reset(&mut self) {
        self.dedup = GatherDedup::default();
        self.pending = PendingItems::default();
        self.sources = RecentSources::default();
    }

    /// Checks an event, and applies it to the scheduler if it is valid.
    pub(crate) fn admit(
        &mut self,
        scheduler: &mut Scheduler,
        opened: OpenedEpochs,
        event: &Event,
    ) -> Admission {
        let plan = scheduler.plan();
        let source = self.sources.find(&event.node_id, &event.signal);
        let node = match source {
            Some((node, _)) => node,
            None => {
                let Some(node) = plan.node_index(&event.node_id) else {
                    return Admission::Rejected(RejectReason::UnknownNode);
                };
                if plan.role(node) == Role::Given {
                    let name = event.node_id.clone();
                    return Admission::Rejected(RejectReason::EmittedByRunner(name));
                }
                node
            }
        };
        if self.foreign.refuses(&event.node_id)
            && let Emit::Value(value) = &event.value
            && let Some(opaque) = value.find_opaque()
        {
            return Admission::Rejected(RejectReason::ForeignObject(opaque.kind.clone()));
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
        let known = source.map(|(_, signal)| signal);
        let signal = known.or_else(|| plan.signal_index(node, &event.signal));
        let Some(signal) = signal else {
            if [SNAPSHOT, RETURNED].contains(&&*event.signal) {
                return Admission::Control(node);
            }
            if plan.leaves_out(node, &event.signal) {
                return Admission::Ignored;
            }
            let signal = event.signal.clone();
            return Admission::Rejected(RejectReason::UnknownSignal(signal));
        };
        if source.is_none() {
            self.sources
                .record(&event.node_id, &event.signal, (node, signal));
        }
        if scheduler.is_closed(number) {
            return Admission::Closed(node);
        }
        // A call of a `gather` elsewhere that emits nothing is none of this process' epochs.
        if plan.is_provisional(node) && !matches!(event.value, Emit::Value(_)) {
            return Admission::Ignored;
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
            Applied::Pending(call) => self.defer_event(scheduler, call, event),
            Applied::Impossible => {
                Admission::Rejected(RejectReason::NeverCalled(event.epoch.clone()))
            }
        }
    }

    /// Checks an outcome that the node `sender` has told, and applies it to the scheduler if it is
    /// valid.
    ///
    /// A node tells outcomes of its own signals, and of the maps that it lies below. A map that
    /// feeds the node of this process tells its items itself.
    pub(crate) fn admit_outcome(
        &mut self,
        scheduler: &mut Scheduler,
        opened: OpenedEpochs,
        sender: &Name,
        outcome: &Outcome,
    ) -> Admission {
        let plan = scheduler.plan();
        let known = (plan.node_index(sender), plan.node_index(&outcome.node_id));
        let (Some(sender_ix), Some(node)) = known else {
            return Admission::Rejected(RejectReason::UnknownNode);
        };
        let number = outcome.epoch.number();
        match self.bound.check(opened, sender, number) {
            BoundCheck::Within => {}
            BoundCheck::Undetermined => return Admission::Deferred,
            BoundCheck::Beyond => {
                let (epoch, next) = (outcome.epoch.clone(), opened.next);
                return Admission::Rejected(RejectReason::NotOpened { epoch, next });
            }
        }
        let Some(signal) = plan.signal_index(node, &outcome.signal) else {
            if plan.leaves_out(node, &outcome.signal) {
                return Admission::Ignored;
            }
            return Admission::Rejected(RejectReason::UnknownSignal(outcome.signal.clone()));
        };
        if scheduler.is_closed(number) {
            return Admission::Closed(node);
        }
        let may_tell = match outcome.update {
            SignalUpdate::Nothing | SignalUpdate::Never => true,
            SignalUpdate::Value => node != sender_ix,
            SignalUpdate::Last => node == sender_ix && plan.is_provisional(node),
            SignalUpdate::Exhausted => false,
        };
        if !may_tell || (node != sender_ix && !plan.knows_items_of(sender_ix, node)) {
            return Admission::Rejected(RejectReason::NotToTell(outcome.node_id.clone()));
        }
        if node != sender_ix && plan.feeds(node) {
            return Admission::Ignored;
        }
        match scheduler.apply(&outcome.epoch, signal, outcome.update) {
            Applied::New => Admission::New { node, signal },
            Applied::Duplicate => Admission::Duplicate(node),
            Applied::Closed => Admission::Closed(node),
            Applied::Pending(call) => {
                let told = Statement::Outcome(sender.clone(), outcome.clone());
                self.defer(scheduler, call, &outcome.epoch, told)
            }
            Applied::Impossible => {
                Admission::Rejected(RejectReason::NeverCalled(outcome.epoch.clone()))
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
            Expansion::Pending(call) => Some(self.defer_event(scheduler, call, event)),
            Expansion::Impossible => Some(Admission::Rejected(RejectReason::NeverCalled(
                event.epoch.clone(),
            ))),
        }
    }

    fn defer_event(&mut self, scheduler: &Scheduler, call: MapCall, event: &Event) -> Admission {
        let statement = Statement::Event(event.clone());
        self.defer(scheduler, call, &event.epoch, statement)
    }

    fn defer(
        &mut self,
        scheduler: &Scheduler,
        call: MapCall,
        epoch: &Epoch,
        statement: Statement,
    ) -> Admission {
        if self.pending.defer(scheduler, call, statement) {
            Admission::Deferred
        } else {
            Admission::Rejected(RejectReason::TooManyPending(epoch.clone()))
        }
    }

    /// Takes the retained events and outcomes of whose sub-epochs more is known now, to be
    /// [admitted](Self::admit) again.
    pub(crate) fn take_due(&mut self, scheduler: &Scheduler) -> Vec<Statement> {
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

    /// Returns the number of events and outcomes that are retained.
    #[cfg(test)]
    pub(crate) fn retained(&self) -> usize {
        self.pending.retained()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::MAX_UNPROVEN_PER_NODE;
    use super::*;

    use crate::graph::{Map, Plan, Timestamp, Value};

    const TUBE: &str = "
noob_id: filter
input:
  items: {type: list, scope: tube, default: [1, 2]}
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  m: {type: map, depends: [{value: input.items}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: m.value}]}
  g: {type: gather, depends: [{value: c.value}, {n: m.n}]}
";

    fn scheduler() -> Scheduler {
        let tube = crate::tube::from_text("filter.yaml", TUBE, Map::new());
        let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        let mut scheduler = Scheduler::new(Arc::new(Plan::new(&tube)));
        let _ = scheduler.open(0);
        scheduler
    }

    fn event(node: &str, signal: &str, epoch: Epoch, id: u64) -> Event {
        Event {
            id,
            timestamp: Timestamp::from_micros(0),
            node_id: node.into(),
            signal: signal.into(),
            epoch,
            value: Emit::Value(Value::Int(1)),
        }
    }

    #[test]
    fn first_failing_check_names_the_reason() {
        let (mut scheduler, mut filter) = (scheduler(), EventFilter::for_coordinator());
        let mut rejected = |node, signal, epoch: Epoch| {
            let event = event(node, signal, epoch, 0);
            match filter.admit(&mut scheduler, OpenedEpochs::below(1), &event) {
                Admission::Rejected(reason) => reason,
                other => panic!("{other:?}"),
            }
        };
        let (open, later) = (Epoch::root(0), Epoch::root(1));
        // The epoch and the signal of an unknown node are not looked at.
        assert_eq!(rejected("x", "y", later.clone()), RejectReason::UnknownNode);
        assert_eq!(
            rejected("c", "y", later.clone()),
            RejectReason::NotOpened {
                epoch: later,
                next: 1
            }
        );
        assert_eq!(
            rejected("c", "y", open.clone()),
            RejectReason::UnknownSignal("y".into())
        );
        let item = open.child("m", 0);
        assert_eq!(
            rejected("a", "index", item.clone()),
            RejectReason::NeverCalled(item)
        );
    }

    #[test]
    fn pending_event_is_due_when_its_item_exists() {
        let (mut scheduler, mut filter) = (scheduler(), EventFilter::for_node());
        let opened = OpenedEpochs::below(1);
        let item = Epoch::root(0).child("m", 0);
        let early = event("c", "value", item.clone(), 0);
        let mut admit = |filter: &mut EventFilter, event: &Event| {
            let admission = filter.admit(&mut scheduler, opened, event);
            (admission, filter.take_due(&scheduler))
        };
        assert_eq!(admit(&mut filter, &early), (Admission::Deferred, vec![]));
        let (admission, due) = admit(&mut filter, &event("m", "value", item, 1));
        assert!(matches!(admission, Admission::New { .. }));
        assert_eq!(due, [Statement::Event(early.clone())]);
        let (admission, _) = admit(&mut filter, &early);
        assert!(matches!(admission, Admission::New { .. }));
        let (admission, _) = admit(&mut filter, &early);
        assert!(matches!(admission, Admission::Duplicate(_)));
        assert_eq!(filter.retained(), 0);
    }

    #[test]
    fn pending_events_and_outcomes_of_a_node_have_one_limit() {
        let (mut scheduler, mut filter) = (scheduler(), EventFilter::for_node());
        let opened = OpenedEpochs::below(1);
        let mut admit = |index: usize| {
            let item = Epoch::root(0).child("m", u32::try_from(index).unwrap());
            if index.is_multiple_of(2) {
                let event = event("c", "value", item, 0);
                return filter.admit(&mut scheduler, opened, &event);
            }
            let outcome = Outcome::new("c", "value", item, SignalUpdate::Nothing);
            filter.admit_outcome(&mut scheduler, opened, &"c".into(), &outcome)
        };
        assert!((0..MAX_UNPROVEN_PER_NODE).all(|index| admit(index) == Admission::Deferred));
        for index in [MAX_UNPROVEN_PER_NODE, MAX_UNPROVEN_PER_NODE + 1] {
            let admission = admit(index);
            let too_many = matches!(
                admission,
                Admission::Rejected(RejectReason::TooManyPending(_))
            );
            assert!(too_many, "{admission:?}");
        }
        assert_eq!(filter.retained(), MAX_UNPROVEN_PER_NODE);
        filter.close_epoch(0);
        assert_eq!(filter.retained(), 0);
    }

    #[test]
    fn gather_value_counts_once_by_its_id() {
        let (mut scheduler, mut filter) = (scheduler(), EventFilter::for_node());
        let opened = OpenedEpochs::below(1);
        let root = Epoch::root(0);
        let mut admit = |id| {
            filter.admit(
                &mut scheduler,
                opened,
                &event("g", "value", root.clone(), id),
            )
        };
        assert!(matches!(admit(1), Admission::New { .. }));
        assert_eq!(admit(1), Admission::Repeated);
        assert!(matches!(admit(2), Admission::New { .. }));
    }
}
