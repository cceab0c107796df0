//! Signals of the events that came last, which are mostly those of the next.

use std::sync::Arc;

use crate::graph::{Name, NodeIx, SignalIx};

/// Number of signals that are remembered.
const MOST: usize = 16;

/// Cache from the names of a node and a signal to their places in the plan.
///
/// The cache compares names by their place in memory: events that were decoded on one thread share
/// their names. A name that is elsewhere in memory is only not found.
#[derive(Debug, Default)]
pub(super) struct RecentSources {
    sources: Vec<(Name, Name, (NodeIx, SignalIx))>,
    /// Entry that is replaced next.
    oldest: usize,
}

impl RecentSources {
    /// Returns the places of a node and its signal.
    pub(super) fn find(&self, node: &Name, signal: &Name) -> Option<(NodeIx, SignalIx)> {
        let mut sources = self.sources.iter();
        let is_same = |(known, of_known, _): &&(Name, Name, _)| {
            Arc::ptr_eq(known, node) && Arc::ptr_eq(of_known, signal)
        };
        sources.find(is_same).map(|(.., places)| *places)
    }

    /// Remembers the places of a node and its signal.
    pub(super) fn record(&mut self, node: &Name, signal: &Name, places: (NodeIx, SignalIx)) {
        let source = (node.clone(), signal.clone(), places);
        match self.sources.get_mut(self.oldest) {
            Some(oldest) => *oldest = source,
            None => self.sources.push(source),
        }
        self.oldest = (self.oldest + 1) % MOST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_sources_are_found_and_their_number_is_limited() {
        let names: Vec<Name> = (0..40).map(|name| name.to_string().into()).collect();
        let mut recent = RecentSources::default();
        for (place, name) in (0..).zip(&names) {
            recent.record(name, name, (NodeIx(place), SignalIx(place + 1)));
        }
        assert_eq!(
            recent.find(&names[39], &names[39]),
            Some((NodeIx(39), SignalIx(40)))
        );
        assert_eq!(recent.find(&names[39], &names[38]), None);
        assert_eq!(recent.find(&names[0], &names[0]), None);
        assert_eq!(recent.sources.len(), MOST);
    }
}
