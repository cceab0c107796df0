//! Events of sub-epochs that nobody knows of yet: they wait until the `map` says what there is.
//!
//! Processes hear a `map` and the nodes below it over connections of their own, so the latter may come first. What they say of items is
//! believed when the `map` has said these: else a node that lies could add items, or have it seem that there are none.

use std::collections::BTreeMap;

use crate::graph::{Event, Expansion, MapCall, Name, NodeIx, Scheduler, SignalIx, SignalUpdate};
use crate::runner::error::DisplayEpoch;

/// How many events of one node wait at most.
///
/// A `map` says all items of a call in one message, to everybody; until that message is here, what a node below made of it can be ahead by as
/// many calls as fit into the time between the two. A connection that hangs is given up, and the process with it, after a few seconds; this
/// is more than a node can be called in them. Without a bound, one that lies could say as many as it likes.
pub(crate) const MOST: usize = 1 << 18;

/// What is made of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It can be taken in.
    Open,
    /// It waits here.
    Waits,
    /// It cannot be so: why.
    Refused(String),
}

/// Events that wait for what a `map` says.
#[derive(Debug, Default)]
pub(crate) struct Porch {
    /// By root epoch, and the call of the `map`.
    waiting: BTreeMap<u32, BTreeMap<MapCall, Waiting>>,
    /// How many, for each node that has any.
    counts: BTreeMap<Name, usize>,
    /// How much was known of items when it was last looked whether any need wait no longer.
    seen: u64,
}

/// Events that wait for the same call.
#[derive(Debug)]
struct Waiting {
    /// How much was known of the call.
    said: usize,
    events: Vec<Event>,
}

impl Porch {
    /// What is made of an event of a node, in a root epoch that is not over. `signal` is that of the plan, if there is one.
    pub(crate) fn look(
        &mut self,
        scheduler: &Scheduler,
        node: NodeIx,
        signal: Option<SignalIx>,
        event: &Event,
    ) -> Entry {
        let epoch = &event.epoch;
        if epoch.is_root() && scheduler.plan().depth(node) == 0 {
            return Entry::Open;
        }
        let call =
            match scheduler.expansion_of(epoch, node, signal, SignalUpdate::from(&event.value)) {
                Expansion::Exists => return Entry::Open,
                Expansion::Pending(call) => call,
                Expansion::Impossible => {
                    return Entry::Refused(format!(
                        "it is of epoch {}, in which that node is never called",
                        DisplayEpoch(epoch)
                    ));
                }
            };
        let count = self.counts.entry(event.node_id.clone()).or_default();
        if *count >= MOST {
            return Entry::Refused(format!(
                "it is of epoch {}, of which no `map` has said anything, as in {MOST} events before it",
                DisplayEpoch(epoch)
            ));
        }
        let said = scheduler.progress_of(&call).unwrap_or_default();
        let calls = self.waiting.entry(epoch.number()).or_default();
        let waiting = calls.entry(call).or_insert_with(|| Waiting {
            said,
            events: Vec::new(),
        });
        *count += 1;
        waiting.events.push(event.clone());
        Entry::Waits
    }

    /// The events of whose epochs more is known now; those that must wait on are to be [looked at](Self::look) again.
    pub(crate) fn due(&mut self, scheduler: &Scheduler) -> Vec<Event> {
        if self.waiting.is_empty() || self.seen == scheduler.expansion_version() {
            return Vec::new();
        }
        self.seen = scheduler.expansion_version();
        let mut due = Vec::new();
        self.waiting.retain(|_, calls| {
            let news = |call: &MapCall, waiting: &mut Waiting| {
                scheduler.progress_of(call) != Some(waiting.said)
            };
            let moved = calls.extract_if(.., news);
            due.extend(moved.flat_map(|(_, waiting)| waiting.events));
            !calls.is_empty()
        });
        for event in &due {
            self.uncount(event);
        }
        due
    }

    /// A root epoch is over.
    pub(crate) fn over(&mut self, epoch: u32) {
        if self.waiting.is_empty() {
            return;
        }
        for (_, waiting) in self.waiting.remove(&epoch).into_iter().flatten() {
            waiting.events.iter().for_each(|event| self.uncount(event));
        }
    }

    /// How many events wait.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
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
