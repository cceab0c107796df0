//! Buffer of events in sub-epochs that no `map` has made yet.
//!
//! Processes receive a `map` and the nodes below it over connections of their own, so the latter
//! may come first. Their events of an item count when the `map` has emitted the item: else a node
//! could add items, or make it seem that there are none.

use std::collections::BTreeMap;

use super::MAX_UNPROVEN_PER_NODE;
use crate::graph::{Event, MapCall, Name, Scheduler};

/// Events that wait for items of `map` calls.
#[derive(Debug, Default)]
pub(super) struct PendingItems {
    /// By root epoch and call of the `map`.
    waiting: BTreeMap<u32, BTreeMap<MapCall, DeferredEvents>>,
    /// Number of events of each node that has any.
    counts: BTreeMap<Name, usize>,
    /// Version of the scheduler's expansion when due events were last taken.
    seen: u64,
}

/// Events that wait for the same call.
#[derive(Debug)]
struct DeferredEvents {
    /// Progress of the call when the first of them came.
    progress: usize,
    events: Vec<Event>,
}

impl PendingItems {
    /// Retains an event until the call makes progress.
    ///
    /// Returns `false` if the node has too many.
    pub(super) fn defer(&mut self, scheduler: &Scheduler, call: MapCall, event: &Event) -> bool {
        let count = self.counts.entry(event.node_id.clone()).or_default();
        if *count >= MAX_UNPROVEN_PER_NODE {
            return false;
        }
        *count += 1;
        let progress = scheduler.progress_of(&call).unwrap_or_default();
        let calls = self.waiting.entry(event.epoch.number()).or_default();
        let deferred = calls.entry(call).or_insert_with(|| DeferredEvents {
            progress,
            events: Vec::new(),
        });
        deferred.events.push(event.clone());
        true
    }

    /// Takes the events whose calls have made progress.
    pub(super) fn take_due(&mut self, scheduler: &Scheduler) -> Vec<Event> {
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
            due.extend(moved.flat_map(|(_, deferred)| deferred.events));
            !calls.is_empty()
        });
        for event in &due {
            self.uncount(event);
        }
        due
    }

    /// Discards the events of a closed root epoch.
    pub(super) fn close_epoch(&mut self, epoch: u32) {
        if self.waiting.is_empty() {
            return;
        }
        for (_, deferred) in self.waiting.remove(&epoch).into_iter().flatten() {
            deferred.events.iter().for_each(|event| self.uncount(event));
        }
    }

    /// Returns the number of events that wait.
    #[cfg(test)]
    pub(super) fn retained(&self) -> usize {
        self.counts.values().sum()
    }

    fn uncount(&mut self, event: &Event) {
        if let Some(count) = self.counts.get_mut(&event.node_id) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&event.node_id);
            }
        }
    }
}
