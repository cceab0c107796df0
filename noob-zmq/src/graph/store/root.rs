//! Values of one root epoch and its sub-epochs, used again by later epochs.

use std::collections::BTreeMap;

use super::StoredValue;
use crate::graph::plan::Plan;
use crate::graph::{Epoch, Segment, SignalIx};

/// Values of a root epoch and its sub-epochs.
#[derive(Debug, Default)]
pub(super) struct Root {
    pub(super) number: u32,
    signals: Vec<SignalValues>,
}

/// Values of one signal.
#[derive(Debug, Default)]
struct SignalValues {
    /// Value in the root epoch; most signals have no other.
    root: Option<StoredValue>,
    /// Values in sub-epochs, by path.
    below: BTreeMap<Box<[Segment]>, StoredValue>,
}

impl Root {
    /// Makes it new for another epoch.
    pub(super) fn reset(&mut self, plan: &Plan, number: u32) {
        self.number = number;
        self.clear();
        self.signals
            .resize_with(plan.signals.len(), SignalValues::default);
    }

    /// Drops every value.
    pub(super) fn clear(&mut self) {
        // The entries stay: the next epoch has the same signals.
        for values in &mut self.signals {
            values.root = None;
            if !values.below.is_empty() {
                values.below.clear();
            }
        }
    }

    /// Returns the value of a signal as a node in this epoch sees it, and the number of segments
    /// of the epoch in which it was emitted.
    pub(super) fn get(
        &self,
        plan: &Plan,
        signal: SignalIx,
        epoch: &Epoch,
    ) -> Option<(usize, &StoredValue)> {
        let level = plan.signals[signal.index()].level;
        let segments = plan.segments_at(level, epoch.path());
        let values = &self.signals[signal.index()];
        let stored = match &epoch.path()[..segments] {
            [] => values.root.as_ref(),
            path => values.below.get(path),
        };
        Some((segments, stored?))
    }

    /// Stores a value, unless the signal is never emitted in such an epoch.
    pub(super) fn put(&mut self, plan: &Plan, signal: SignalIx, epoch: &Epoch, value: StoredValue) {
        let level = plan.signals[signal.index()].level;
        if plan.segments_at(level, epoch.path()) != epoch.depth() {
            return;
        }
        let values = &mut self.signals[signal.index()];
        match epoch.path() {
            [] => values.root = Some(value),
            path => drop(values.below.insert(path.into(), value)),
        }
    }
}
