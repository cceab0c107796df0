//! The compiled tube: nodes and signals as small numbers, with everything that a scheduler and a
//! store look up.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::index::{NodeIx, SignalIx, number, range};
use super::level::Level;
use crate::graph::{Name, Segment, SlotRef};

/// The part that a node has in the scheduling of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Called once; emits its signals in the epoch of the call.
    Plain,
    /// Collects the result of the tube and emits nothing.
    Return,
    /// Emits `value` in sub-epochs.
    Map,
    /// Called in sub-epochs; emits `value` in their parent epoch.
    Gather,
    /// Not called at all: what the caller gives (`input`, `assets`).
    Given,
}

/// A compiled tube: immutable, and shared by everything that runs it.
///
/// Every node is on one *level*: the chain of `map` nodes above it, where a `gather` leads one
/// level up again. The node is called once in each epoch of its level.
#[derive(Debug, Default)]
pub struct Plan {
    pub(crate) nodes: Vec<PlanNode>,
    pub(crate) signals: Vec<PlanSignal>,
    pub(crate) targets: Vec<Target>,
    pub(crate) inputs: Vec<PlanInput>,
    pub(crate) levels: Vec<Level>,
    /// Stateful nodes that can run; a node's `ordinal` is its place here.
    pub(crate) stateful: Vec<NodeIx>,
    pub(crate) names: HashMap<Name, NodeIx>,
    /// Nodes of the role [`Role::Given`].
    pub(crate) given: Vec<NodeIx>,
    pub(crate) asks_for_events: bool,
}

/// A node, with its place in the plan.
#[derive(Debug)]
pub(crate) struct PlanNode {
    pub(crate) name: Name,
    pub(crate) role: Role,
    /// Never runs: disabled, in a cycle, or below two maps that do not nest.
    pub(crate) blocked: bool,
    pub(crate) level: u32,
    /// Place among the nodes of its level.
    pub(crate) local: u32,
    pub(crate) signals: Range<u32>,
    pub(crate) inputs: Range<u32>,
    /// Whether other nodes feed the node, even if this plan leaves them out.
    pub(crate) is_fed: bool,
    pub(crate) stateful: bool,
    /// Whether the node is called in another process, so that only its signals are of interest.
    pub(crate) elsewhere: bool,
    /// Whether only the last value that the node emits in an epoch counts, once all its calls in
    /// the sub-epochs are finished (a `gather` in another process).
    pub(crate) provisional: bool,
    /// Signals of the node that this plan leaves out.
    pub(crate) left_out: Vec<Name>,
    /// Calls are given events, and not only values.
    pub(crate) events: bool,
    /// Place among the stateful nodes that can run.
    pub(crate) ordinal: Option<u32>,
}

/// A signal, with its place in the plan.
#[derive(Debug)]
pub(crate) struct PlanSignal {
    pub(crate) node: NodeIx,
    pub(crate) name: Name,
    /// The level in whose epochs the signal is emitted.
    pub(crate) level: u32,
    /// Place among the signals of its level.
    pub(crate) local: u32,
    /// Its targets on the same level.
    pub(crate) near: Range<u32>,
    /// Its targets on deeper levels.
    pub(crate) deep: Range<u32>,
    /// Whether some node depends on it, here or in another process.
    pub(crate) heard: bool,
}

/// A node that a signal feeds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) level: u32,
    pub(crate) local: u32,
    pub(crate) required: bool,
    pub(crate) per_item: bool,
}

/// A signal that feeds a slot.
#[derive(Debug, Clone)]
pub(crate) struct PlanInput {
    pub(crate) signal: SignalIx,
    pub(crate) slot: SlotRef,
    pub(crate) required: bool,
    /// Whether the value is not required where the map above made no items: the slot `value` of a
    /// `gather` whose `n` is the number of items of a map.
    pub(crate) per_item: bool,
}

impl Plan {
    /// The node of this name.
    #[must_use]
    pub fn node_index(&self, name: &str) -> Option<NodeIx> {
        self.names.get(name).copied()
    }

    /// The name of a node.
    #[must_use]
    pub fn node_name(&self, node: NodeIx) -> &Name {
        &self.nodes[node.index()].name
    }

    /// Returns the part that a node has in the scheduling of an epoch.
    #[must_use]
    pub fn role(&self, node: NodeIx) -> Role {
        self.nodes[node.index()].role
    }

    /// Returns the signal of this name of a node, including signals that only a `depends` names.
    #[must_use]
    pub fn signal_index(&self, node: NodeIx, name: &str) -> Option<SignalIx> {
        self.signals_of(node)
            .find(|signal| &*self.signals[signal.index()].name == name)
    }

    /// The name of a signal.
    #[must_use]
    pub fn signal_name(&self, signal: SignalIx) -> &Name {
        &self.signals[signal.index()].name
    }

    /// Returns the name of a signal of a node, shared with this plan if the plan has that signal.
    #[must_use]
    pub fn known_name(&self, node: NodeIx, name: &str) -> Name {
        self.signal_index(node, name)
            .map_or_else(|| name.into(), |signal| self.signal_name(signal).clone())
    }

    /// Whether some node depends on a signal.
    #[must_use]
    pub fn is_heard(&self, signal: SignalIx) -> bool {
        self.signals[signal.index()].heard
    }

    /// Returns the node that emits a signal.
    #[must_use]
    pub fn signal_node(&self, signal: SignalIx) -> NodeIx {
        self.signals[signal.index()].node
    }

    /// The signals of a node, in the order of its declaration.
    pub fn signals_of(&self, node: NodeIx) -> impl Iterator<Item = SignalIx> + use<> {
        self.nodes[node.index()].signals.clone().map(SignalIx)
    }

    /// Returns every node, in the order of the file.
    ///
    /// `input` and `assets` come last, and only if a node depends on them.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..number(self.nodes.len())).map(NodeIx)
    }

    /// Returns the nodes whose values the caller gives: `input` and `assets`, if a node depends on
    /// them.
    pub fn given(&self) -> impl Iterator<Item = NodeIx> + '_ {
        self.given.iter().copied()
    }

    /// The number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Returns whether a node never runs: it is disabled, in a cycle, or below two maps that do not
    /// nest.
    #[must_use]
    pub fn is_blocked(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].blocked
    }

    /// Returns whether other nodes feed a node, so that it is no source.
    pub(crate) fn is_fed(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].is_fed
    }

    /// Whether there is a node that can run.
    #[must_use]
    pub fn can_run(&self) -> bool {
        !self.stand_still(|node| self.nodes[node.index()].blocked)
    }

    /// Whether no node but the `return` can run when these cannot.
    pub(crate) fn stand_still(&self, stopped: impl Fn(NodeIx) -> bool) -> bool {
        let below = self.downstream(stopped);
        let idle =
            |node: NodeIx| matches!(self.nodes[node.index()].role, Role::Given | Role::Return);
        below
            .iter()
            .zip(self.nodes())
            .all(|(below, node)| *below || idle(node))
    }

    /// Whether a node has its calls given the events that feed them.
    #[must_use]
    pub const fn asks_for_events(&self) -> bool {
        self.asks_for_events
    }

    /// Whether calls of a node come in the order of the epochs.
    #[must_use]
    pub fn is_stateful(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].stateful
    }

    /// Returns the number of `map` nodes above a node.
    ///
    /// The epochs in which the node is called have as many segments, less those of maps without
    /// items.
    #[must_use]
    pub fn depth(&self, node: NodeIx) -> usize {
        self.levels[self.nodes[node.index()].level as usize].depth
    }

    /// The innermost `map` that a node lies below.
    #[must_use]
    pub fn map_above(&self, node: NodeIx) -> Option<NodeIx> {
        self.levels[self.nodes[node.index()].level as usize].map
    }

    /// Whether a segment of an epoch was made by the map of a level.
    pub(crate) fn is_made_by(&self, level: u32, segment: &Segment) -> bool {
        self.levels[level as usize]
            .map
            .is_some_and(|map| same(&self.nodes[map.index()].name, &segment.node))
    }

    /// Returns how many of the first segments of an epoch were made by maps above this level.
    ///
    /// A map without items adds no segment.
    pub(crate) fn segments_at(&self, level: u32, path: &[Segment]) -> usize {
        let mut segments = 0;
        for &below in &self.levels[level as usize].chain {
            if path
                .get(segments)
                .is_some_and(|segment| self.is_made_by(below, segment))
            {
                segments += 1;
            }
        }
        segments
    }

    /// Returns the nodes that feed a node.
    pub(crate) fn feeders(&self, node: NodeIx) -> impl Iterator<Item = NodeIx> + '_ {
        let inputs = &self.inputs[range(&self.nodes[node.index()].inputs)];
        inputs.iter().map(|input| self.signal_node(input.signal))
    }

    /// Returns whether a node lies below another, or is that node.
    pub(crate) fn is_below(&self, node: NodeIx, above: NodeIx) -> bool {
        self.downstream(|ix| ix == above)[node.index()]
    }

    /// For each node: whether it is one of these, or lies below one.
    fn downstream(&self, first: impl Fn(NodeIx) -> bool) -> Vec<bool> {
        let mut reached: Vec<bool> = self.nodes().map(first).collect();
        // Each pass goes one node further at least. Files are written from sources to sinks, so few
        // passes are needed.
        loop {
            let mut grown = false;
            for (ix, node) in self.nodes.iter().enumerate() {
                let inputs = &self.inputs[range(&node.inputs)];
                let below =
                    |input: &PlanInput| reached[self.signals[input.signal.index()].node.index()];
                if !reached[ix] && inputs.iter().any(below) {
                    reached[ix] = true;
                    grown = true;
                }
            }
            if !grown {
                return reached;
            }
        }
    }
}

/// Whether two names are one; most are also one in memory, and then need no comparison.
fn same(one: &Name, other: &Name) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
