//! End of a run before its sources end: takes back epochs that no node has begun, and gives up
//! those that take too long.

use super::{Action, CompletionSender, Coordinator};
use crate::runner::{ClosedReason, OpenEpochs, RunError};

impl Coordinator {
    /// Announces that no further epochs are requested; open ones are completed.
    pub(crate) fn stop(&mut self) {
        self.actions.push_back(Action::Stop);
    }

    /// Records that the run is being stopped.
    pub(crate) const fn set_stopping(&mut self) {
        self.stopping = true;
    }

    /// Returns whether the run is being stopped.
    pub(crate) const fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Closes the epochs that a reader has requested ahead and no node has begun, and returns
    /// those that are left.
    pub(crate) fn drain(&mut self) -> OpenEpochs {
        self.stopping = true;
        // Sources emit in the order of the epochs, so that the first epoch without an event is the
        // one for which they may be called right now.
        let emitted = self.open.iter().rev().find(|(_, open)| open.has_events);
        let lowest = self.open.keys().next().copied().unwrap_or_default();
        let begun = emitted.map_or(lowest, |(number, _)| number.saturating_add(1));
        let not_begun = self.open.range(begun.saturating_add(1)..);
        let numbers: Vec<u32> = not_begun
            .filter(|(_, open)| matches!(open.completion, CompletionSender::Queue(_)))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            if let Some(open) = self.open.remove(&number) {
                self.discard_epoch(number);
                open.complete(number, Err(RunError::closed(ClosedReason::Stopped)), false);
            }
        }
        self.open_epochs_with_nodes()
    }

    /// Ends the run, and returns the open epochs, whose callers get an error that names them.
    pub(crate) fn give_up(&mut self) -> OpenEpochs {
        self.stopping = true;
        let open = self.open_epochs_with_nodes();
        if open.count > 0 {
            self.report.epochs.given_up += open.count;
            self.close_open_epochs(RunError::closed(ClosedReason::GivenUp(open.clone())));
        }
        open
    }

    fn open_epochs_with_nodes(&self) -> OpenEpochs {
        let mut numbers = self.open.keys().copied();
        let Some(first) = numbers.next() else {
            return OpenEpochs::default();
        };
        let plan = self.scheduler.plan();
        let may_run = |node| self.scheduler.may_run(first, node);
        // Nodes further down wait for these.
        let nodes = plan
            .nodes()
            .filter(|&node| may_run(node) && !plan.feeders(node).any(may_run));
        OpenEpochs {
            count: self.open.len() as u64,
            range: Some((first, numbers.next_back().unwrap_or(first))),
            nodes: nodes.map(|node| plan.node_name(node).clone()).collect(),
        }
    }
}
