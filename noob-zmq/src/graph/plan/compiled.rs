//! The compiled tube: nodes and signals as small numbers, with everything that a scheduler and a store look up.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::levels::{Level, topological};
use super::{Epoch, Name, Segment, SlotRef};

/// A node of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub(super) u32);

/// A signal of a plan; of all its nodes, not of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalIx(pub(super) u32);

impl NodeIx {
    /// From 0, below [`Plan::node_count`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl SignalIx {
    /// From 0, below [`Plan::signal_count`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is to the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Called, and says its signals in the epoch of the call.
    Plain,
    /// Collects; says nothing.
    Return,
    /// Says `value` in sub-epochs.
    Map,
    /// Called in sub-epochs, says `value` in their parent.
    Gather,
    /// Not called at all: what the caller gives (`input`, `assets`).
    Given,
}

/// A tube, compiled: immutable, and shared by all that runs it.
///
/// Every node lives on one *level*: the chain of `map` nodes that it lies below, where a `gather` leads one level up
/// again. It is called once in each epoch of that level.
#[derive(Debug)]
pub struct Plan {
    pub(super) nodes: Vec<PlanNode>,
    pub(super) signals: Vec<PlanSignal>,
    pub(super) targets: Vec<Target>,
    pub(super) inputs: Vec<PlanInput>,
    pub(super) levels: Vec<Level>,
    /// Stateful nodes that can run; a node's `ordinal` is its place here.
    pub(super) stateful: Vec<NodeIx>,
    pub(super) names: HashMap<Name, NodeIx>,
    /// Nodes of the role [`Role::Given`].
    pub(super) given: Vec<NodeIx>,
    pub(super) asks_for_events: bool,
}

/// What is known of a node.
#[derive(Debug)]
pub(super) struct PlanNode {
    pub(super) name: Name,
    pub(super) role: Role,
    /// Never runs: disabled, in a cycle, or below two maps that do not nest.
    pub(super) blocked: bool,
    pub(super) level: u32,
    /// Place among the nodes of its level.
    pub(super) local: u32,
    pub(super) signals: Range<u32>,
    pub(super) inputs: Range<u32>,
    pub(super) stateful: bool,
    /// Calls are given events, and not only values.
    pub(super) events: bool,
    /// Place among the stateful nodes that can run.
    pub(super) ordinal: Option<u32>,
}

/// What is known of a signal.
#[derive(Debug)]
pub(super) struct PlanSignal {
    pub(super) node: NodeIx,
    pub(super) name: Name,
    /// The level in whose epochs it is said.
    pub(super) level: u32,
    /// Place among the signals of its level.
    pub(super) local: u32,
    /// Its targets on the same level.
    pub(super) near: Range<u32>,
    /// Its targets on deeper levels.
    pub(super) deep: Range<u32>,
}

/// Where a signal goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) level: u32,
    pub(super) local: u32,
    pub(super) required: bool,
}

/// What feeds a slot.
#[derive(Debug, Clone)]
pub(super) struct PlanInput {
    pub(super) signal: SignalIx,
    pub(super) slot: SlotRef,
    pub(super) required: bool,
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

    /// What a node is to the scheduler.
    #[must_use]
    pub fn role(&self, node: NodeIx) -> Role {
        self.nodes[node.index()].role
    }

    /// The signal of this name of a node. Signals that only a `depends` names are among them.
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

    /// The name of a signal of a node, shared with this plan if it knows it.
    #[must_use]
    pub fn known_name(&self, node: NodeIx, name: &str) -> Name {
        self.signal_index(node, name)
            .map_or_else(|| name.into(), |signal| self.signal_name(signal).clone())
    }

    /// Whether some node depends on a signal.
    #[must_use]
    pub fn is_heard(&self, signal: SignalIx) -> bool {
        let said = &self.signals[signal.index()];
        !said.near.is_empty() || !said.deep.is_empty()
    }

    /// The node that says a signal.
    #[must_use]
    pub fn signal_node(&self, signal: SignalIx) -> NodeIx {
        self.signals[signal.index()].node
    }

    /// The signals of a node, in the order of its declaration.
    pub fn signals_of(&self, node: NodeIx) -> impl Iterator<Item = SignalIx> + use<> {
        self.nodes[node.index()].signals.clone().map(SignalIx)
    }

    /// Every node, in the order of the file; `input` and `assets` come last, if something depends on them.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..number(self.nodes.len())).map(NodeIx)
    }

    /// What is not called, but given by the caller: `input` and `assets`, if something depends on them.
    pub fn given(&self) -> impl Iterator<Item = NodeIx> + '_ {
        self.given.iter().copied()
    }

    /// The number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The number of signals.
    #[must_use]
    pub fn signal_count(&self) -> usize {
        self.signals.len()
    }

    /// Whether a node never runs: it is disabled, lies in a cycle, or below two maps that do not nest.
    #[must_use]
    pub fn is_blocked(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].blocked
    }

    /// The nodes in an order in which everything comes after what feeds it: that in which they become ready where each has something to
    /// say. Those in a cycle are left out.
    #[must_use]
    pub(super) fn order(&self) -> Vec<NodeIx> {
        topological(self)
    }

    /// Whether there is a node that can run.
    #[must_use]
    pub fn can_run(&self) -> bool {
        !self.stand_still(|node| self.nodes[node.index()].blocked)
    }

    /// Whether no node but the `return` can run when these cannot.
    pub(super) fn stand_still(&self, stopped: impl Fn(NodeIx) -> bool) -> bool {
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

    /// How many `map` nodes a node lies below: the number of segments of the epochs in which it is called,
    /// less those of maps that said nothing.
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
    pub(super) fn is_made_by(&self, level: u32, segment: &Segment) -> bool {
        self.levels[level as usize]
            .map
            .is_some_and(|map| same(&self.nodes[map.index()].name, &segment.node))
    }

    /// How many of the first segments of an epoch were made by maps above this level. Maps that said nothing have no segment.
    pub(super) fn segments_at(&self, level: u32, epoch: &Epoch) -> usize {
        let mut segments = 0;
        for &below in &self.levels[level as usize].chain {
            if epoch
                .path()
                .get(segments)
                .is_some_and(|segment| self.is_made_by(below, segment))
            {
                segments += 1;
            }
        }
        segments
    }

    /// The signals that a process must hear to know when this one node is ready, and when it can no longer become so:
    /// those that feed it, those whose silence reaches it through nodes that then cannot run, and those of the `map`
    /// nodes that it lies below. In the order of [`SignalIx`].
    #[must_use]
    pub fn upstream(&self, node: NodeIx) -> Vec<SignalIx> {
        // Below a map, or below what was gathered from one, the order of calls and their number count as well, and so does it
        // whether a node runs at all: which optional slots decide too.
        let narrow = self.closure(node, false);
        let mapped =
            |signal: &SignalIx| self.nodes[self.signals[signal.index()].node.index()].level != 0;
        if self.nodes[node.index()].level == 0 && !narrow.iter().any(mapped) {
            return narrow;
        }
        self.closure(node, true)
    }

    /// What feeds a node, and what feeds that in turn through required slots (or all), with the maps above.
    fn closure(&self, node: NodeIx, optional_too: bool) -> Vec<SignalIx> {
        let mut wanted = vec![false; self.signals.len()];
        let mut seen = vec![false; self.nodes.len()];
        let mut todo = vec![node];
        while let Some(ix) = todo.pop() {
            if std::mem::replace(&mut seen[ix.index()], true) {
                continue;
            }
            let inputs = &self.inputs[range(&self.nodes[ix.index()].inputs)];
            for input in inputs
                .iter()
                .filter(|input| input.required || optional_too || ix == node)
            {
                wanted[input.signal.index()] = true;
                todo.push(self.signals[input.signal.index()].node);
            }
            let mut level = &self.levels[self.nodes[ix.index()].level as usize];
            while let (Some(map), Some(parent)) = (level.map, level.parent) {
                for signal in self.signals_of(map) {
                    wanted[signal.index()] = true;
                }
                todo.push(map);
                level = &self.levels[parent as usize];
            }
        }
        (0..number(self.signals.len()))
            .filter(|ix| wanted[*ix as usize])
            .map(SignalIx)
            .collect()
    }

    /// For each node: whether it is one of these, or lies below one.
    fn downstream(&self, first: impl Fn(NodeIx) -> bool) -> Vec<bool> {
        let mut reached: Vec<bool> = self.nodes().map(first).collect();
        // A pass finds what lies below what was found; files are written from sources to sinks, so few are needed.
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

/// A tube of more than 2^32 nodes does not fit into memory.
#[expect(
    clippy::cast_possible_truncation,
    reason = "counts of nodes, signals and edges of one tube"
)]
pub(super) const fn number(count: usize) -> u32 {
    count as u32
}

/// A range of numbers as a range of places.
pub(super) const fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
