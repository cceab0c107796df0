//! The scheduler: a state machine without I/O that decides which node may be called in which epoch.
//!
//! Updates of signals go in; ready nodes and closed epochs come out. In an epoch every node is
//! called once or not at all, and every signal becomes a value, nothing, or never anything:
//!
//! - a node is ready when every input is a value, or nothing where its slot is optional;
//! - a node with a required input that is nothing is skipped, and all its signals are nothing too;
//! - the signals of a disabled node, and in later epochs those of an exhausted source, are never
//!   anything. A node with such an input, even an optional one, is not called, and its own signals
//!   are never anything either, unless another required input is nothing;
//! - a stateful node is called in the order of the epochs, every other as soon as it is ready;
//! - an epoch is closed when no node in it can be called any more.
//!
//! A `map` makes sub-epochs, and the nodes below are called once in each of them, with the values
//! of the epoch above for everything that is not below the `map`. A `map` without items makes no
//! sub-epoch: the nodes below then belong to the epoch itself, and a `gather` whose `n` is the
//! number of items is called there without a value. A value that a `gather` emits counts in the
//! epoch above, once all of its calls in the sub-epochs are finished; the last one counts.
//!
//! The absence of an update proves nothing: a signal is nothing only if it was emitted as nothing,
//! if the node was reported done without emitting the signal, or if the node cannot be called. The
//! process of a node has the plan [around](Plan::around) its node: it is told the outcomes of the
//! nodes that feed it, and tells the nodes that it feeds its [own](Scheduler::take_outcomes).

mod access_order;
mod call_order;
pub(crate) mod closed_epochs;
mod expansion;
mod frame;
mod gather_output;
mod outcomes;
mod pending;
mod propagate;
mod queues;
mod state;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

pub(crate) use self::access_order::{ASSETS, AccessOrder, next_ready};
pub use self::expansion::{Expansion, MapCall};
use self::state::State;
pub use self::update::{Applied, Outcome, SignalUpdate};
use crate::graph::Epoch;
use crate::graph::plan::{ImpliedCalls, NodeIx, Plan, SignalIx};

/// Scheduler of one tube; the module documentation has the rules.
#[derive(Debug)]
pub struct Scheduler {
    plan: Arc<Plan>,
    state: State,
}

impl Scheduler {
    /// A scheduler of all nodes, with no epoch live.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let state = State::new(&plan, None);
        Self { plan, state }
    }

    /// Creates the scheduler for the process of one node, of a plan [around](Plan::around) it.
    ///
    /// Only that node is dispatched. A root epoch is closed as soon as the node is finished with
    /// it, in all sub-epochs.
    #[must_use]
    pub fn for_node(plan: Arc<Plan>, node: NodeIx) -> Self {
        let state = State::new(&plan, Some(node));
        Self { plan, state }
    }

    /// Allows the node of a scheduler made [`for_node`](Self::for_node) to be dispatched before its
    /// previous call is finished.
    ///
    /// The caller promises to make the calls in the order of dispatch, whatever their results are.
    /// Only a stateful node that is not below a map is dispatched ahead.
    pub const fn dispatch_ahead(&mut self) {
        self.state.ahead = true;
    }

    /// The plan that it schedules.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Closes every epoch below `number`, for a process that joins a run later.
    pub fn start_at(&mut self, number: u32) {
        self.state.start_at(&self.plan, number);
    }

    /// Opens a root epoch, unless an earlier update has opened it.
    pub fn open(&mut self, number: u32) -> Applied {
        self.state.open(&self.plan, number)
    }

    /// Opens the epoch after all that were ever opened or closed, and returns its number.
    pub fn open_next(&mut self) -> u32 {
        self.state.open_next(&self.plan)
    }

    /// Completes the calls that a call of `node` in this root epoch implies, with a value on every
    /// signal that a node takes.
    pub(crate) fn complete_implied(&mut self, calls: &ImpliedCalls, epoch: &Epoch, node: NodeIx) {
        let mut node = node;
        while let Some(feeder) = calls.feeder(node) {
            let mut is_new = false;
            let signals = self.plan.signals_of(feeder);
            for signal in signals.filter(|signal| self.plan.is_heard(*signal)) {
                let value = SignalUpdate::Value;
                is_new |= self.state.apply(&self.plan, epoch, signal, value) == Applied::New;
            }
            // What is known already was told or implied with everything before it.
            if !is_new {
                return;
            }
            let _ = self.state.node_done(&self.plan, epoch, feeder);
            node = feeder;
        }
    }

    /// `input` (and `assets`) have their values in this root epoch.
    pub fn input_done(&mut self, number: u32) -> Applied {
        self.state.input_done(&self.plan, number)
    }

    /// Applies what a node emitted on a signal, in one walk of the epoch's tree.
    ///
    /// The order between nodes does not matter; the events of one node are applied in the order in
    /// which it emitted them. The first update of a signal stands. Of sub-epochs, only those exist
    /// that a `map` has made: an event of another one is [pending](Applied::Pending) or
    /// [impossible](Applied::Impossible), and changes nothing.
    pub fn apply(&mut self, epoch: &Epoch, signal: SignalIx, update: SignalUpdate) -> Applied {
        self.state.apply(&self.plan, epoch, signal, update)
    }

    /// Completes the call of a node in this epoch; signals without an update become nothing.
    pub fn node_done(&mut self, epoch: &Epoch, node: NodeIx) -> Applied {
        self.state.node_done(&self.plan, epoch, node)
    }

    /// Returns the next node to call, in the order in which they became ready; each call once.
    pub fn next_ready(&mut self) -> Option<(Epoch, NodeIx)> {
        self.state.next_ready(&self.plan)
    }

    /// Takes every node that is ready now, as [`next_ready`](Self::next_ready).
    pub fn take_ready(&mut self) -> impl Iterator<Item = (Epoch, NodeIx)> + '_ {
        std::iter::from_fn(|| self.next_ready())
    }

    /// Takes the outcomes that the nodes fed by the node of a process must be told, since no event
    /// tells them; in the order in which they became known.
    pub fn take_outcomes(&mut self) -> Vec<Outcome> {
        std::mem::take(&mut self.state.outcomes)
    }

    /// Returns the root epochs that have closed since the last call, in the order in which they
    /// closed.
    ///
    /// Epochs that were closed by [`close`](Self::close) are not among them.
    pub fn take_closed(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.state.ended_out.drain(..)
    }

    /// Closes a root epoch, complete or failed, open or never seen.
    ///
    /// The state of the epoch is dropped, later updates of it are ignored, and later epochs
    /// continue.
    pub fn close(&mut self, number: u32) -> Applied {
        self.state.close(&self.plan, number)
    }

    /// Returns whether no further epoch makes sense: a source is exhausted, and no other is left.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.state.exhausted
    }

    /// Returns a source that was exhausted before this root epoch, if the node lies below one.
    pub(crate) fn exhausted_above(&self, node: NodeIx, number: u32) -> Option<NodeIx> {
        if self.state.excluded_above.is_empty() {
            return None;
        }
        let mut sources = self.plan.nodes();
        sources.find(|source| {
            self.state.is_excluded(*source, number) && self.plan.is_below(node, *source)
        })
    }

    /// Resets exhausted sources, which were started again; the numbers of epochs continue.
    pub fn restart(&mut self) {
        self.state.excluded_above.clear();
        self.state.exhausted = false;
    }

    /// Returns whether a node may still be called in a root epoch or one of its sub-epochs, or is
    /// being called.
    #[must_use]
    pub fn may_run(&self, number: u32, node: NodeIx) -> bool {
        self.state.may_run(&self.plan, number, node)
    }

    /// Whether a node may still be called in a sub-epoch before this one, of the same root epoch.
    #[must_use]
    pub fn may_run_before(&self, epoch: &Epoch, node: NodeIx) -> bool {
        self.state.may_run_before(&self.plan, epoch, node)
    }

    /// Returns whether a root epoch is closed.
    #[must_use]
    pub fn is_closed(&self, number: u32) -> bool {
        self.state.closed.contains(number)
    }

    /// The numbers of the live root epochs, lowest first.
    pub fn open_epochs(&self) -> impl Iterator<Item = u32> + '_ {
        self.state.live.iter().map(|&(number, _)| number)
    }

    /// Returns the maximum number of calls of a `gather` in a root epoch, as far as its sub-epochs
    /// are known; 0 for other nodes.
    #[must_use]
    pub fn call_count(&self, number: u32, node: NodeIx) -> usize {
        // The early return matters: this is on the path of every event.
        if self.plan.role(node) != crate::graph::Role::Gather {
            return 0;
        }
        let slot = self.state.slot(number);
        slot.map_or(0, |slot| self.state.roots[slot as usize].used)
    }

    /// Returns the number of epochs, sub-epochs and single numbers in memory: 0 when no epoch is
    /// open and every epoch up to the last is closed.
    #[cfg(test)]
    pub(crate) fn retained(&self) -> usize {
        self.state.retained()
    }
}
