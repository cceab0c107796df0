//! Handlers of the messages that a node process receives, and the epochs that they open and close.
//!
//! The event loop of the actor calls them, one at a time.

use std::collections::BTreeSet;

use super::node_runner::NodeRunner;
use super::worker::work_queue::NodeCall;
use crate::actor::ActorError;
use crate::graph::{Epoch, Map};
use crate::handlers;
use crate::node::Inputs;
use crate::runner::inputs::EpochInputs;
use crate::runner::zmq::sockets::NodeSockets;
use crate::runner::{Phase, assets};
use crate::transport::{Endpoint, SUBSCRIBER};
use crate::wire::{
    Announce, Deinit, EpochsEnded, Events, Lend, MessageType, NodeStatus, Observe, Ping, Process,
    Progress, Resume, Start, Stop, Subscription,
};

/// Number of open epochs up to which a source opens more in a free run.
const FREE_WINDOW: u32 = 64;

#[handlers(NodeSockets, addons)]
impl NodeRunner {
    /// Resends the messages of open epochs to a new subscriber, and tells the command node of it.
    ///
    /// A subscriber may be late, or again there after its connection broke or its process ended.
    /// Other subscribers ignore the duplicates.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        let Subscription {
            topic, subscribed, ..
        } = subscription;
        let changed = self.subscribers.update(&topic, subscribed);
        if changed.is_some() {
            let outsiders = !self.neighbours.include_all(&self.subscribers);
            self.routing.set_outsiders(outsiders);
        }
        // The topic with the name of the subscriber comes last, behind those of messages.
        let is_last = topic.starts_with(SUBSCRIBER.as_bytes());
        // Before its name was known, the subscriber may have been sent handles.
        let needs_bytes = self.large_values.is_used() && self.subscribers.is_without_memory(&topic);
        if subscribed && (is_last || needs_bytes) {
            for message in self.replay_buffer.messages() {
                self.sockets.outbox.send_prepared(message)?;
            }
        }
        if changed.is_some() && self.status == NodeStatus::Waiting {
            self.confirm_ready()
        } else {
            Ok(())
        }
    }

    /// Connects to the announced nodes that feed this one.
    #[on_dealer(MessageType::Announce)]
    pub fn on_announce(&mut self, announce: Announce) -> Result<(), ActorError> {
        self.peers.allow_announced(&announce);
        let update = self.neighbours.on_announce(&announce);
        for address in &update.disconnect {
            self.sockets.inbox.disconnect(&Endpoint::parse(address)?);
        }
        for (feeder, address) in &update.connect {
            self.connect_feeder(feeder, &Endpoint::parse(address)?);
        }
        Ok(())
    }

    /// Ignores the table of all nodes, which is for actors that are none of the run.
    #[on_inbox(MessageType::Announce)]
    fn on_announce_to_all(&mut self, _announce: Announce) {}

    /// Identifies this node again: the command node waits for it.
    #[on_inbox(MessageType::Ping)]
    pub fn on_ping(&mut self, _ping: Ping) -> Result<(), ActorError> {
        if self.introduced {
            self.identify()
        } else {
            Ok(())
        }
    }

    /// Sends samples of the signals that somebody taps to the command node from now on, and the
    /// values of all events where it needs these.
    #[on_inbox(Observe)]
    fn on_observe(&mut self, observe: Observe) {
        self.samples.select(&self.id, &observe.sampled);
        if observe.all {
            self.routing.observe();
            self.report_implied(true);
        }
    }

    /// Applies events of the nodes that feed this one.
    #[on_inbox(MessageType::Events)]
    pub fn on_event(&mut self, events: Events) {
        self.update_graph(events.0);
    }

    /// Applies what a node that feeds this one tells of its epochs beside its events.
    #[on_inbox(Progress)]
    pub fn on_progress(&mut self, progress: Progress) {
        self.update_outcomes(&progress.node_id, &progress.outcomes);
    }

    /// Opens the epoch that is requested.
    #[on_inbox(MessageType::Process)]
    pub fn on_process(&mut self, process: Process) -> Result<(), ActorError> {
        let epoch = self
            .ledger
            .process(process.epoch.as_ref().map(Epoch::number));
        self.open_epoch(epoch, process.input.as_deref());
        self.call_ready();
        self.resubscribe()
    }

    /// Opens the epochs that are requested, or begins a free run.
    #[on_inbox(MessageType::Start)]
    pub fn on_start(&mut self, start: Start) -> Result<(), ActorError> {
        match start.count {
            None => {
                self.ledger.set_free(true);
                self.fill_free_run();
            }
            Some(n) => {
                for epoch in self.ledger.start(u32::try_from(n).unwrap_or(0)) {
                    self.open_epoch(epoch, None);
                }
            }
        }
        self.call_ready();
        self.resubscribe()?;
        if matches!(self.status, NodeStatus::Running | NodeStatus::Closed) {
            Ok(())
        } else {
            self.update_status(NodeStatus::Running)
        }
    }

    /// Ends a free run; epochs that were requested are completed.
    #[on_inbox(MessageType::Stop)]
    pub fn on_stop(&mut self, _stop: Stop) -> Result<(), ActorError> {
        self.ledger.set_free(false);
        if self.status == NodeStatus::Closed {
            return Ok(());
        }
        self.update_status(NodeStatus::Stopped)
    }

    /// Closes epochs.
    #[on_inbox(EpochsEnded)]
    pub fn on_epochs_ended(&mut self, ended: EpochsEnded) {
        let completed = ended.epochs.len().saturating_sub(ended.failed.len());
        self.counts.epochs += completed as u64;
        self.fail_epochs(&ended.failed);
        self.close_epochs(ended.epochs);
    }

    /// Takes the inputs of a call of this node or of another, if nodes share objects: it is that
    /// node's turn to hold them.
    #[on_inbox(Lend)]
    pub fn on_lend(&mut self, lend: Lend) {
        let (Some(leased), false) = (
            &mut self.leased_inputs,
            lend.node_id != self.id || self.scheduler.is_closed(lend.epoch.number()),
        ) else {
            return;
        };
        let inputs = Inputs::at(&self.store, lend.epoch.clone(), self.me);
        match leased.on_lend(lend, inputs) {
            Ok(due) => self.due_calls.extend(due.map(NodeCall::new)),
            Err((epoch, error)) => self.error(Phase::Process, Some(epoch), error),
        }
    }

    /// Catches up with the state of the run: some node may have missed a message, perhaps this
    /// one; or a node was enabled or disabled.
    #[on_inbox(Resume)]
    pub fn on_resume(&mut self, resume: Resume) -> Result<(), ActorError> {
        if let Some(tube) = self.tube_with_disabled(&resume.disabled) {
            self.reconfigure(tube, !resume.open.is_empty())?;
        }
        let open: BTreeSet<u32> = resume.open.iter().map(|(epoch, _)| *epoch).collect();
        let lowest = open.first().copied().unwrap_or(resume.next);
        let closed: BTreeSet<u32> = self
            .scheduler
            .open_epochs()
            .filter(|epoch| *epoch < resume.next)
            // A node whose calls come in order waits for the epochs between, which it may never
            // have received.
            .chain(lowest..resume.next)
            .filter(|epoch| !open.contains(epoch))
            .collect();
        for epoch in closed {
            self.discard_epoch(epoch);
        }
        self.scheduler.start_at(lowest);
        if let Some(checkpoints) = &self.checkpoints {
            let own = resume
                .states
                .into_iter()
                .filter(|(node, _)| *node == self.id);
            checkpoints.set_failed_epochs(resume.failed);
            checkpoints.add_restored_states(own.flat_map(|(_, states)| states));
        }
        self.ledger.resume(resume.next, open);
        self.replay_buffer.discard_below(self.ledger.lowest_open());
        for (epoch, input) in &resume.open {
            self.open_epoch(*epoch, input.as_deref());
        }
        self.call_ready();
        self.resubscribe()
    }

    /// Shuts the node down: the run has ended.
    #[on_inbox(MessageType::Deinit)]
    pub fn on_deinit(&mut self, _deinit: Deinit) {
        self.deinit();
    }
}

impl NodeRunner {
    /// Becomes ready, if everybody who receives from this node has subscribed.
    fn confirm_ready(&mut self) -> Result<(), ActorError> {
        match self.idle_status() {
            NodeStatus::Waiting => Ok(()),
            status => self.update_status(status),
        }
    }

    /// Opens an epoch, with the inputs of the tube that this node depends on.
    fn open_epoch(&mut self, epoch: u32, given: Option<&Map>) {
        if self.scheduler.is_closed(epoch) {
            return;
        }
        let _ = self.scheduler.open(epoch);
        EpochInputs::checked(given.cloned().unwrap_or_default()).put(
            &self.tube,
            self.scheduler.plan(),
            &mut self.store,
            epoch,
        );
        let plan = self.scheduler.plan();
        assets::put(&self.tube, plan, &mut self.store, epoch, &Vec::new());
        let _ = self.scheduler.input_done(epoch);
    }

    /// Drops the calls of failed epochs, and has the node told of the epochs before its next call.
    pub(super) fn fail_epochs(&mut self, epochs: &[u32]) {
        if epochs.is_empty() {
            return;
        }
        self.due_calls
            .retain(|call| !epochs.contains(&call.number()));
        if let Some(worker) = &self.worker {
            worker.queue().fail_epochs(epochs);
        }
    }

    fn close_epochs(&mut self, epochs: impl IntoIterator<Item = u32>) {
        for epoch in epochs {
            self.discard_epoch(epoch);
            self.ledger.close(epoch);
        }
        self.replay_buffer.discard_below(self.ledger.lowest_open());
        self.fill_free_run();
        self.call_ready();
    }

    /// Discards the state of an epoch.
    fn discard_epoch(&mut self, epoch: u32) {
        let _ = self.scheduler.close(epoch);
        self.filter.close_epoch(epoch);
        self.store.clear(epoch);
        self.unrequested.retain(|call| call.number() != epoch);
        if let Some(leased) = &mut self.leased_inputs {
            leased.discard(epoch);
        }
    }

    /// Opens as many epochs of a free run as the window allows.
    fn fill_free_run(&mut self) {
        if !self.ledger.is_free() {
            return;
        }
        // Epochs in which the node cannot be called close at once, so that their number is limited
        // too.
        for _ in 0..FREE_WINDOW {
            let open = self.scheduler.open_epochs().count();
            if open >= FREE_WINDOW as usize || self.scheduler.exhausted() {
                break;
            }
            let epoch = self.scheduler.open_next();
            self.ledger.open_in_free_run(epoch);
            self.open_epoch(epoch, None);
        }
    }
}
