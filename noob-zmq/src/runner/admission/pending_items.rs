//! Buffer of events and outcomes in sub-epochs that no `map` has made yet.
//!
//! Processes receive a `map` and the nodes below it over connections of their own, so the latter
//! may come first. Their events of an item count when the `map` has emitted the item: else a node
//! could add items, or make it seem that there are none.

use std::collections::BTreeMap;

use super::MAX_UNPROVEN_PER_NODE;
use crate::graph::{Epoch, Event, MapCall, Name, Outcome, Scheduler};

/// Statement of a node about an epoch, which may wait for an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statement {
    /// An event of the node.
    Event(Event),
    /// An outcome, with the node that has told it.
    Outcome(Name, Outcome),
}

impl Statement {
    /// Returns the epoch that it is about.
    fn epoch(&self) -> &Epoch {
        match self {
            Self::Event(event) => &event.epoch,
            Self::Outcome(_, outcome) => &outcome.epoch,
        }
    }

    /// Returns the node that has sent it.
    fn sender(&self) -> &Name {
        match self {
            Self::Event(event) => &event.node_id,
            Self::Outcome(sender, _) => sender,
        }
    }
}

/// Statements that wait for items of `map` calls.
#[derive(Debug, Default)]
pub(super) struct PendingItems {
    /// By root epoch and call of the `map`.
    waiting: BTreeMap<u32, BTreeMap<MapCall, Deferred>>,
    /// Number of statements of each node that has any.
    counts: BTreeMap<Name, usize>,
    /// Version of the scheduler's expansion when due statements were last taken.
    seen: u64,
}

/// Statements that wait for the same call.
#[derive(Debug)]
struct Deferred {
    /// Progress of the call when the first of them came.
    progress: usize,
    statements: Vec<Statement>,
}

impl PendingItems {
    /// Retains a statement until the call makes progress.
    ///
    /// Returns `false` if the node has too many.
    pub(super) fn defer(
        &mut self,
        scheduler: &Scheduler,
        call: MapCall,
        statement: Statement,
    ) -> bool {
        let count = self.counts.entry(statement.sender().clone()).or_default();
        if *count >= MAX_UNPROVEN_PER_NODE {
            return false;
        }
        *count += 1;
        let progress = scheduler.progress_of(&call).unwrap_or_default();
        let calls = self.waiting.entry(statement.epoch().number()).or_default();
        let deferred = calls.entry(call).or_insert_with(|| Deferred {
            progress,
            statements: Vec::new(),
        });
        deferred.statements.push(statement);
        true
    }

    /// Takes the statements whose calls have made progress.
    pub(super) fn take_due(&mut self, scheduler: &Scheduler) -> Vec<Statement> {
        // The version is compared first: this is asked after every batch of events.
        if self.waiting.is_empty() || self.seen == scheduler.expansion_version() {
            return Vec::new();
        }
        self.seen = scheduler.expansion_version();
        let mut due = Vec::new();
        self.waiting.retain(|_, calls| {
            let moved = calls.extract_if(.., |call, deferred| {
                scheduler.progress_of(call) != Some(deferred.progress)
            });
            due.extend(moved.flat_map(|(_, deferred)| deferred.statements));
            !calls.is_empty()
        });
        for statement in &due {
            self.uncount(statement);
        }
        due
    }

    /// Discards the statements of a closed root epoch.
    pub(super) fn close_epoch(&mut self, epoch: u32) {
        if self.waiting.is_empty() {
            return;
        }
        for (_, deferred) in self.waiting.remove(&epoch).into_iter().flatten() {
            for statement in &deferred.statements {
                self.uncount(statement);
            }
        }
    }

    /// Returns the number of statements that wait.
    #[cfg(test)]
    pub(super) fn retained(&self) -> usize {
        self.counts.values().sum()
    }

    fn uncount(&mut self, statement: &Statement) {
        if let Some(count) = self.counts.get_mut(statement.sender()) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(statement.sender());
            }
        }
    }
}
