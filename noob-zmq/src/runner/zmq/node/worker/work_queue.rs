//! Work queue between the event loop of a node process and its worker thread.
//!
//! A state machine without threads, locks or clock: [`Worker`](super::Worker) guards it by
//! a mutex, and passes instants in.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::graph::Epoch;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::watch::call_times::{CallTimeSummary, CallTimes};

/// Longest call whose result may wait for that of the next call.
const QUICK_CALL: Duration = Duration::from_micros(20);
/// Longest time for which results of quick calls are collected before the event loop is woken.
const MAX_BATCH: Duration = Duration::from_micros(50);

/// Call of the node: what it is given, and what it emits.
///
/// The event loop makes it again for a later call, so that a call costs no allocation.
#[derive(Debug)]
pub(crate) struct NodeCall {
    pub(crate) inputs: Inputs,
    pub(crate) outputs: Outputs,
}

impl NodeCall {
    /// Returns the call of these inputs.
    pub(crate) fn new(inputs: Inputs) -> Self {
        Self {
            inputs,
            outputs: Outputs::default(),
        }
    }

    /// Returns the number of the root epoch.
    pub(crate) const fn number(&self) -> u32 {
        self.inputs.epoch.number()
    }
}

/// Result of a work item.
#[derive(Debug)]
pub(crate) enum WorkerEvent {
    /// The node was made and initialised, or could not be.
    Init(Result<(), NodeError>),
    /// The node was shut down because it is disabled, or could not be.
    Suspended(Result<(), NodeError>),
    /// The node was initialised because it is enabled, or could not be.
    Resumed(Result<(), NodeError>),
    /// Another instance replaced the node, or could not be made.
    Replaced(Result<(), NodeError>),
    /// A call ended; an error leaves its outputs empty.
    Call(NodeCall, Result<(), NodeError>),
    /// The node was shut down.
    Deinit(Result<(), NodeError>),
}

/// Change of a node between two epochs.
pub(crate) enum NodeChange {
    /// Shut the node down, and keep the instance.
    Suspend,
    /// Initialise the kept instance again.
    Resume,
    /// Replace the instance by one that this function makes.
    Replace(Box<dyn FnOnce() -> Result<Box<dyn Node>, NodeError> + Send>),
}

impl fmt::Debug for NodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suspend => "Suspend",
            Self::Resume => "Resume",
            Self::Replace(_) => "Replace",
        })
    }
}

/// Next step of the worker thread.
#[derive(Debug)]
pub(crate) enum WorkItem {
    /// A call, and the epochs that have failed since the call before.
    Call(NodeCall, Vec<u32>),
    Change(NodeChange),
    /// Shut the node down, and end.
    Deinit,
    /// End without shutting the node down.
    Exit,
}

/// State of the worker thread, as the queue knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum WorkerState {
    /// The thread waits for the condition variable.
    Idle,
    /// The thread works, or was notified; it looks at the queue by itself before it waits again.
    #[default]
    Busy,
    /// The thread makes the calls that are left, shuts the node down, and ends.
    Draining,
    /// The handle was dropped: the thread makes the calls that are left, and ends.
    Abandoned,
    /// The thread has ended.
    Ended,
}

/// Call that the worker makes, and its start, about.
type RunningCall = (Epoch, Instant);

/// Calls and changes for the worker thread, and its results.
#[derive(Debug, Default)]
pub(crate) struct WorkQueue {
    state: WorkerState,
    calls: VecDeque<NodeCall>,
    /// Changes, which are made before all calls.
    changes: VecDeque<NodeChange>,
    /// Last root epoch in which the node is called, once the node is exhausted.
    last_epoch: Option<u32>,
    /// Failed epochs that the node has not been told of.
    failed: Vec<u32>,
    running: Option<RunningCall>,
    /// Duration of ended calls.
    times: CallTimes,
    results: Vec<WorkerEvent>,
    /// Whether the event loop was woken, and has not taken the results yet.
    wake_pending: bool,
}

impl WorkQueue {
    /// Queues calls, in this order; returns how many have not started.
    pub(crate) fn push_calls(&mut self, calls: &mut Vec<NodeCall>) -> usize {
        self.calls.extend(calls.drain(..));
        self.calls.len()
    }

    /// Queues a change for the end of the running call, and drops the calls that have not started.
    ///
    /// The node may be called again even if it was exhausted.
    pub(crate) fn push_change(&mut self, change: Option<NodeChange>) {
        self.calls.clear();
        self.last_epoch = None;
        self.changes.extend(change);
    }

    /// Removes the oldest calls that have not started, so that at most `most` are left.
    pub(crate) fn drop_oldest(&mut self, most: usize) -> Vec<NodeCall> {
        let surplus = self.calls.len().saturating_sub(most);
        self.calls.drain(..surplus).collect()
    }

    /// Drops the calls of failed epochs; the node is told of the epochs before its next call.
    pub(crate) fn fail_epochs(&mut self, epochs: &[u32]) {
        self.calls.retain(|call| !epochs.contains(&call.number()));
        self.failed.extend(epochs);
    }

    /// Drops the calls of epochs after `epoch`, now and later: the node is exhausted.
    pub(crate) fn set_last_epoch(&mut self, epoch: u32) {
        self.last_epoch = Some(epoch);
    }

    /// Requests the shutdown of the node, and drops the calls that have not started.
    ///
    /// Returns whether the thread must be notified.
    pub(crate) fn request_deinit(&mut self) -> bool {
        self.calls.clear();
        self.request(WorkerState::Draining)
    }

    /// Requests the end of the thread; returns whether the thread must be notified.
    pub(crate) fn abandon(&mut self) -> bool {
        self.request(WorkerState::Abandoned)
    }

    /// Moves an idle thread to work; returns whether the thread must be notified.
    pub(crate) fn wake(&mut self) -> bool {
        self.request(WorkerState::Busy)
    }

    fn request(&mut self, to: WorkerState) -> bool {
        let idle = self.state == WorkerState::Idle;
        // `Draining` is never left for another request: the node is shut down even if the handle
        // is dropped meanwhile.
        if matches!(self.state, WorkerState::Idle | WorkerState::Busy) {
            self.state = to;
        }
        idle
    }

    /// Records that the thread has ended.
    pub(crate) fn set_ended(&mut self) {
        self.state = WorkerState::Ended;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state == WorkerState::Ended
    }

    /// Returns the next step of the thread; without one, the thread must wait to be notified.
    ///
    /// `now` is asked if the step is a call.
    pub(crate) fn next_item(&mut self, now: impl FnOnce() -> Instant) -> Option<WorkItem> {
        if let Some(change) = self.changes.pop_front() {
            return Some(WorkItem::Change(change));
        }
        if let Some(last) = self.last_epoch {
            self.calls.retain(|call| call.number() <= last);
        }
        if let Some(call) = self.calls.pop_front() {
            self.running = Some((call.inputs.epoch.clone(), now()));
            return Some(WorkItem::Call(call, std::mem::take(&mut self.failed)));
        }
        match self.state {
            WorkerState::Idle | WorkerState::Busy => None,
            WorkerState::Draining => Some(WorkItem::Deinit),
            WorkerState::Abandoned | WorkerState::Ended => Some(WorkItem::Exit),
        }
    }

    /// Whether there is, or may be, a next step.
    pub(crate) fn has_work(&self) -> bool {
        let waits = matches!(self.state, WorkerState::Idle | WorkerState::Busy);
        !waits || !self.changes.is_empty() || !self.calls.is_empty()
    }

    /// Records that the thread is about to wait: there is nothing to do.
    pub(crate) fn set_idle(&mut self) {
        self.state = WorkerState::Idle;
    }

    /// Adds the result of an item, and returns the next step and whether to wake the event loop.
    ///
    /// The event loop is woken if the result is `due` or the next step is not a call, and if it
    /// was not woken already. A call has ended now, and took this time.
    pub(crate) fn finish(
        &mut self,
        result: WorkerEvent,
        due: bool,
        (now, took): (Instant, Option<Duration>),
    ) -> (Option<WorkItem>, bool) {
        self.results.push(result);
        self.running = None;
        if let Some(took) = took {
            self.times.add(took, 1);
        }
        let next = self.next_item(|| now);
        let due = due || !matches!(next, Some(WorkItem::Call(..)));
        let wake = due && !self.wake_pending;
        self.wake_pending |= due;
        (next, wake)
    }

    /// Adds the result of the last item of a turn, which is due; returns whether to wake the event
    /// loop.
    pub(crate) fn finish_turn(
        &mut self,
        result: WorkerEvent,
        (_, took): (Instant, Option<Duration>),
    ) -> bool {
        self.results.push(result);
        self.running = None;
        if let Some(took) = took {
            self.times.add(took, 1);
        }
        !std::mem::replace(&mut self.wake_pending, true)
    }

    /// Takes the results, and returns whether more may come that nobody is woken for.
    pub(crate) fn drain_results(&mut self, into: &mut Vec<WorkerEvent>) -> bool {
        self.wake_pending = false;
        // Exchanged where possible, so that both keep their memory.
        if into.is_empty() {
            std::mem::swap(&mut self.results, into);
        } else {
            into.append(&mut self.results);
        }
        !self.calls.is_empty()
    }

    /// Returns the number of calls that have not started, and the running call: its epoch, and its
    /// time so far.
    pub(crate) fn load(&self, now: Instant) -> (usize, Option<(Epoch, Duration)>) {
        let running = self.running.as_ref();
        let running =
            running.map(|(epoch, since)| (epoch.clone(), now.saturating_duration_since(*since)));
        (self.calls.len(), running)
    }

    /// Leaves this time, for which the process was stopped, out of the time of the running call.
    pub(crate) fn postpone(&mut self, late: Duration) {
        if let Some((_, since)) = &mut self.running {
            // The call may have begun after the stop.
            *since = (*since + late).min(Instant::now());
        }
    }

    /// Returns the time that ended calls took together.
    pub(crate) const fn busy_time(&self) -> Duration {
        self.times.total()
    }

    /// Returns the duration of the last calls.
    pub(crate) fn call_times(&mut self, now: Instant) -> Option<CallTimeSummary> {
        self.times.summarize(now)
    }
}

/// Decides how long results of quick calls wait for each other.
#[derive(Debug)]
pub(crate) struct ResultBatch {
    /// End of the first call of which the event loop was not woken.
    first: Option<Instant>,
    /// End of the last call, or of the wait before the first.
    last: Instant,
}

impl ResultBatch {
    /// An empty batch, of a thread that begins to work now.
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            first: None,
            last: now,
        }
    }

    /// Adds a call that ended now; returns whether the event loop must be woken.
    pub(crate) fn add(&mut self, now: Instant) -> bool {
        let held = now - *self.first.get_or_insert(now);
        let due = now - self.last > QUICK_CALL || held > MAX_BATCH;
        self.last = now;
        if due {
            self.first = None;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(epoch: u32) -> NodeCall {
        NodeCall::new(Inputs::new(Epoch::root(epoch), Default::default()))
    }

    fn next(queue: &mut WorkQueue) -> String {
        match queue.next_item(Instant::now) {
            None => {
                queue.set_idle();
                "wait".to_owned()
            }
            Some(WorkItem::Call(call, failed)) => format!("{} {failed:?}", call.number()),
            Some(item) => format!("{item:?}"),
        }
    }

    #[test]
    fn idle_worker_is_notified_once() {
        let mut queue = WorkQueue::default();
        assert!(!queue.wake(), "it starts busy");
        assert_eq!(next(&mut queue), "wait");
        assert_eq!(queue.push_calls(&mut vec![call(3)]), 1);
        assert!(queue.wake());
        assert!(!queue.wake(), "it is on its way");
        assert_eq!(next(&mut queue), "3 []");
        assert_eq!(next(&mut queue), "wait");
        assert!(queue.request_deinit());
    }

    #[test]
    fn deinit_comes_after_changes_and_later_calls() {
        let mut queue = WorkQueue::default();
        queue.push_calls(&mut vec![call(0)]);
        queue.push_change(Some(NodeChange::Suspend));
        assert!(!queue.request_deinit());
        queue.push_calls(&mut vec![call(1)]);
        assert_eq!(next(&mut queue), "Change(Suspend)");
        assert_eq!(next(&mut queue), "1 []");
        assert!(!queue.abandon());
        assert_eq!(next(&mut queue), "Deinit", "also without the handle");
        queue.set_ended();
        assert!(queue.has_ended() && !queue.request_deinit() && queue.has_ended());
    }

    #[test]
    fn abandoned_worker_makes_its_calls_and_exits() {
        let mut queue = WorkQueue::default();
        assert_eq!(next(&mut queue), "wait");
        queue.push_calls(&mut vec![call(0)]);
        assert!(queue.abandon());
        assert_eq!(next(&mut queue), "0 []");
        assert_eq!(next(&mut queue), "Exit");
    }

    #[test]
    fn failed_and_late_epochs_are_not_called() {
        let mut queue = WorkQueue::default();
        queue.push_calls(&mut (0..6).map(call).collect());
        queue.fail_epochs(&[1]);
        queue.set_last_epoch(3);
        assert_eq!(queue.drop_oldest(4).len(), 1, "of five");
        assert_eq!(next(&mut queue), "2 [1]");
        assert_eq!(next(&mut queue), "3 []");
        assert_eq!(next(&mut queue), "wait");
    }

    #[test]
    fn loop_is_woken_once_for_results() {
        let mut queue = WorkQueue::default();
        let result = || WorkerEvent::Init(Ok(()));
        queue.push_calls(&mut (0..3).map(call).collect());
        assert_eq!(next(&mut queue), "0 []");
        let (item, wake) = queue.finish(result(), false, (Instant::now(), None));
        assert!(matches!(item, Some(WorkItem::Call(..))) && !wake);
        let (item, wake) = queue.finish(result(), true, (Instant::now(), None));
        assert!(matches!(item, Some(WorkItem::Call(..))) && wake);
        let (item, wake) = queue.finish(result(), true, (Instant::now(), None));
        assert!(item.is_none() && !wake, "the loop is on its way");
        let mut results = Vec::new();
        let more = queue.drain_results(&mut results);
        assert!(results.len() == 3 && !more);
        assert!(queue.finish(result(), false, (Instant::now(), None)).1);
    }

    #[test]
    fn quick_results_wait_for_each_other_but_not_long() {
        let start = Instant::now();
        let at = |micros| start + Duration::from_micros(micros);
        let mut batch = ResultBatch::new(start);
        assert!(!batch.add(at(10)) && !batch.add(at(25)) && !batch.add(at(40)));
        assert!(!batch.add(at(60)));
        assert!(batch.add(at(61)), "the first waited for 51 µs");
        assert!(!batch.add(at(75)));
        assert!(batch.add(at(96)), "a call of 21 µs");
    }
}
