//! Values that the runner's process needs of nodes in other processes.

use std::collections::HashSet;

use crate::graph::{ImpliedCalls, Name, Plan, Tube, TubeNodeKind};

/// Signals whose values the runner uses itself; of the others it needs only to know that a value
/// was emitted.
///
/// A node and the runner compute the same from the same tube.
#[derive(Debug)]
pub(crate) struct WantedValues {
    all: bool,
    signals: HashSet<(Name, Name)>,
    /// Nodes that may send a checkpoint with the values of a call.
    restorable: HashSet<Name>,
}

impl WantedValues {
    /// Returns the wanted values of a tube: those that it returns, those that the runner records,
    /// and all where nodes share assets, which the runner lends with the other inputs of a call.
    pub(crate) fn of(tube: &Tube) -> Self {
        let is_return = |node: &Name| {
            let node = tube.nodes.get(node);
            node.is_some_and(|node| node.kind == TubeNodeKind::Return)
        };
        let edges = tube.edges.iter();
        let nodes = tube.nodes.values();
        let restorable = nodes.filter(|node| node.stateful && node.restorable);
        Self {
            restorable: restorable.map(|node| node.id.clone()).collect(),
            all: !tube.assets.is_empty(),
            signals: edges
                .filter(|edge| is_return(&edge.target_node))
                .map(|edge| (edge.source_node.clone(), edge.source_signal.clone()))
                .chain(tube.recorded.iter().cloned())
                .collect(),
        }
    }

    /// Whether the values of all signals are wanted.
    pub(crate) const fn all(&self) -> bool {
        self.all
    }

    /// Returns the calls of a plan that need not be reported, since the reports of others imply
    /// them; none where nodes share assets.
    ///
    /// A call with a checkpoint is reported: its epoch must not be closed before the runner has the
    /// checkpoint, since a restarted node is not called again in a closed epoch.
    pub(crate) fn implied_calls(&self, plan: &Plan) -> ImpliedCalls {
        ImpliedCalls::new(plan, |node| {
            let mut signals = plan.signals_of(node);
            let name = plan.node_name(node);
            self.all
                || self.restorable.contains(name)
                || signals.any(|signal| self.contains(name, plan.signal_name(signal)))
        })
    }

    /// Whether the values of a signal are wanted.
    pub(crate) fn contains(&self, node: &Name, signal: &Name) -> bool {
        self.all || self.signals.contains(&(node.clone(), signal.clone()))
    }
}
