//! The scheduler: which node may be called in which epoch. A state machine without I/O: events go in, ready nodes and ended epochs come out.
//!
//! In an epoch every node is called once or not at all, and every signal comes to a value, to nothing, or never to anything:
//! - a node is ready when all that feeds it has come to a value, or to nothing where its slot is optional;
//! - a node that needs something which came to nothing is not called, and all its signals come to nothing too;
//! - the signals of a disabled node, and in later epochs those of a source that has ended, never come to anything; what depends on such a
//!   signal, through an optional slot too, is not called, and its own signals never come to anything either,
//!   unless something else that it needs comes to nothing;
//! - a stateful node is called in the order of the epochs; the others as soon as they are ready;
//! - an epoch ends when nothing in it can be called any more.
//!
//! A `map` makes sub-epochs, and the nodes below it are called once in each of them, with the values of the epoch
//! above for everything that does not lie below the `map`. A `map` that says nothing makes none: the nodes below it
//! then belong to the epoch itself. What a `gather` says in sub-epochs counts one epoch up, once all of its calls there
//! are over, and the last thing said is what counts.
//!
//! Silence proves nothing: a signal comes to nothing only if that was said, if the node was reported done without a
//! word on it, or if the node cannot be called. So a process that hears only [`Plan::upstream`] of its node is right about that node.

mod access_order;
mod call_order;
pub(crate) mod closed_epochs;
mod expansion;
mod frame;
mod gather_output;
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
pub use self::update::{Applied, SignalUpdate};
use crate::graph::Epoch;
use crate::graph::plan::{NodeIx, Plan, SignalIx};

/// Decides which node may be called in which epoch. Its rules stand at the head of its module.
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

    /// A scheduler for the process of one node, which need only hear [`Plan::upstream`]: it hands out that node alone,
    /// reports where that node will not be called ([`take_expired`](Self::take_expired)), and to it a root epoch
    /// has ended when that node is through with it, sub-epochs included.
    #[must_use]
    pub fn for_node(plan: Arc<Plan>, node: NodeIx) -> Self {
        let state = State::new(&plan, Some(node));
        Self { plan, state }
    }

    /// In a scheduler made [`for_node`](Self::for_node): the node will be called in the order in which it is handed out, whatever comes
    /// of a call. So a stateful node above all maps is handed out for an epoch without waiting until its call in the one before is over.
    pub const fn dispatch_ahead(&mut self) {
        self.state.ahead = true;
    }

    /// The plan that it schedules.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Every epoch below `number` is over, as far as this scheduler is concerned (a process that joins a run later).
    pub fn start_at(&mut self, number: u32) {
        self.state.start_at(&self.plan, number);
    }

    /// Makes a root epoch live; what was told of it before made it live too.
    pub fn open(&mut self, number: u32) -> Applied {
        self.state.open(&self.plan, number)
    }

    /// Makes the epoch live that comes after all that were ever live or ended, and gives its number.
    pub fn open_next(&mut self) -> u32 {
        self.state.open_next(&self.plan)
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

    /// The node was called in this epoch, and all that it said was told. Signals of which nothing was told come to nothing.
    pub fn node_done(&mut self, epoch: &Epoch, node: NodeIx) -> Applied {
        self.state.node_done(&self.plan, epoch, node)
    }

    /// The next node to call, in the order in which they became ready. Each (epoch, node) is handed out once.
    pub fn next_ready(&mut self) -> Option<(Epoch, NodeIx)> {
        self.state.next_ready(&self.plan)
    }

    /// Takes every node that is ready now, as [`next_ready`](Self::next_ready).
    pub fn take_ready(&mut self) -> impl Iterator<Item = (Epoch, NodeIx)> + '_ {
        std::iter::from_fn(|| self.next_ready())
    }

    /// Root epochs that have ended by themselves since the last call; each once, in the order in which they ended.
    /// Those given to [`close`](Self::close) are not among them.
    pub fn take_closed(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.state.ended_out.drain(..)
    }

    /// In a scheduler made [`for_node`](Self::for_node): the epochs since the last call in which the node will not be called.
    pub fn take_expired(&mut self) -> impl Iterator<Item = Epoch> + '_ {
        self.state.expired_out.drain(..)
    }

    /// Closes a root epoch, complete or failed, open or never seen.
    ///
    /// What the scheduler knows of the epoch is dropped, later updates of it are ignored, and later
    /// epochs continue.
    pub fn close(&mut self, number: u32) -> Applied {
        self.state.close(&self.plan, number)
    }

    /// Whether a source has ended and none is left that could start anything: then no further epoch makes sense.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.state.exhausted
    }

    /// The sources were started anew: nothing has ended any more. Epochs go on counting.
    pub fn restart(&mut self) {
        self.state.excluded_above.clear();
        self.state.exhausted = false;
    }

    /// Whether a node may still be called in a root epoch, or in a sub-epoch of it: it was not called yet, or is being called.
    #[must_use]
    pub fn may_run(&self, number: u32, node: NodeIx) -> bool {
        self.state.may_run(&self.plan, number, node)
    }

    /// Whether a node may still be called in a sub-epoch before this one, of the same root epoch.
    #[must_use]
    pub fn may_run_before(&self, epoch: &Epoch, node: NodeIx) -> bool {
        self.state.may_run_before(&self.plan, epoch, node)
    }

    /// Whether a root epoch is live.
    #[must_use]
    pub fn is_open(&self, number: u32) -> bool {
        self.state.slot(number).is_some()
    }

    /// Whether a root epoch is over.
    #[must_use]
    pub fn is_closed(&self, number: u32) -> bool {
        self.state.closed.contains(number)
    }

    /// The numbers of the live root epochs, lowest first.
    pub fn open_epochs(&self) -> impl Iterator<Item = u32> + '_ {
        self.state.live.iter().map(|&(number, _)| number)
    }

    /// In how many epochs within a root epoch a `gather` is called at most, as far as these are known; 0 for other nodes.
    #[must_use]
    pub fn call_count(&self, number: u32, node: NodeIx) -> usize {
        // Of the others it is not asked, and this is on the path of every event.
        if self.plan.role(node) != crate::graph::Role::Gather {
            return 0;
        }
        let slot = self.state.slot(number);
        slot.map_or(0, |slot| self.state.roots[slot as usize].used)
    }

    /// How many epochs, sub-epochs and single numbers are kept: 0 when nothing is live and every epoch up to the last has ended.
    #[must_use]
    pub fn retained(&self) -> usize {
        self.state.retained()
    }
}
