//! The compiled tube: nodes and signals as small numbers, with everything that a scheduler and a store look up.

use std::collections::HashMap;
use std::ops::Range;

use super::levels::{Level, levels_of};
use super::{Edge, Name, SlotRef, Tube, TubeNodeKind};

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
    names: HashMap<Name, NodeIx>,
}

/// What is known of a node.
#[derive(Debug)]
pub(super) struct PlanNode {
    pub(super) name: Name,
    pub(super) role: Role,
    /// Can never run: disabled, or below a disabled node.
    pub(super) blocked: bool,
    pub(super) level: u32,
    /// Place among the nodes of its level.
    pub(super) local: u32,
    pub(super) signals: Range<u32>,
    pub(super) inputs: Range<u32>,
    pub(super) stateful: bool,
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

/// A node before it is compiled.
#[derive(Debug, Clone)]
pub(super) struct NodeSpec {
    pub(super) name: Name,
    pub(super) role: Role,
    pub(super) enabled: bool,
    pub(super) stateful: bool,
    pub(super) signals: Vec<Name>,
}

impl Plan {
    /// Compiles a checked tube.
    ///
    /// Nodes of which no order can be given (a cycle, which the checks refuse) count as never running.
    #[must_use]
    pub fn new(tube: &Tube) -> Self {
        let specs = tube.nodes.values().map(|node| NodeSpec {
            name: node.id.clone(),
            role: match node.kind {
                TubeNodeKind::Return => Role::Return,
                TubeNodeKind::Map => Role::Map,
                TubeNodeKind::Gather => Role::Gather,
                TubeNodeKind::Typed | TubeNodeKind::Tube => Role::Plain,
            },
            enabled: node.enabled,
            stateful: node.stateful,
            signals: node.signals.clone(),
        });
        Self::compile(specs.collect(), &tube.edges)
    }

    /// Compiles nodes and edges. A source that is no node of the list (`input`, `assets`) becomes a node whose signals are given.
    pub(super) fn compile(mut specs: Vec<NodeSpec>, edges: &[Edge]) -> Self {
        let mut names: HashMap<Name, NodeIx> = HashMap::new();
        for (ix, spec) in specs.iter().enumerate() {
            names.insert(spec.name.clone(), NodeIx(number(ix)));
        }
        let enabled = |specs: &[NodeSpec], name: &Name| names_enabled(specs, &names, name);
        let edges: Vec<&Edge> = edges
            .iter()
            .filter(|edge| enabled(&specs, &edge.target_node))
            .collect();
        for edge in &edges {
            let ix = *names.entry(edge.source_node.clone()).or_insert_with(|| {
                specs.push(NodeSpec {
                    name: edge.source_node.clone(),
                    role: Role::Given,
                    enabled: true,
                    stateful: false,
                    signals: Vec::new(),
                });
                NodeIx(number(specs.len() - 1))
            });
            let signals = &mut specs[ix.index()].signals;
            if !signals.contains(&edge.source_signal) {
                signals.push(edge.source_signal.clone());
            }
        }

        let mut plan = Self {
            nodes: Vec::with_capacity(specs.len()),
            signals: Vec::new(),
            targets: Vec::new(),
            inputs: Vec::new(),
            levels: Vec::new(),
            stateful: Vec::new(),
            names,
        };
        for spec in &specs {
            let first = number(plan.signals.len());
            let node = NodeIx(number(plan.nodes.len()));
            plan.signals
                .extend(spec.signals.iter().map(|name| PlanSignal {
                    node,
                    name: name.clone(),
                    level: 0,
                    local: 0,
                    near: 0..0,
                    deep: 0..0,
                }));
            // A gather's buffer is filled in the order of the epochs, whatever the tube says.
            let stateful = spec.enabled
                && (spec.stateful || spec.role == Role::Gather)
                && spec.role != Role::Given;
            plan.nodes.push(PlanNode {
                name: spec.name.clone(),
                role: spec.role,
                blocked: !spec.enabled,
                level: 0,
                local: 0,
                signals: first..number(plan.signals.len()),
                inputs: 0..0,
                stateful,
                ordinal: None,
            });
        }
        plan.connect(&edges);
        plan.levels = levels_of(&mut plan);
        plan.aim();
        plan
    }

    /// Sorts the edges by the node that they feed.
    fn connect(&mut self, edges: &[&Edge]) {
        let mut by_target: Vec<Vec<PlanInput>> = vec![Vec::new(); self.nodes.len()];
        for edge in edges {
            let (Some(signal), Some(target)) = (
                self.node_index(&edge.source_node)
                    .and_then(|node| self.signal_index(node, &edge.source_signal)),
                self.node_index(&edge.target_node),
            ) else {
                continue;
            };
            by_target[target.index()].push(PlanInput {
                signal,
                slot: edge.target_slot.clone(),
                required: edge.required,
            });
        }
        for (node, inputs) in self.nodes.iter_mut().zip(by_target) {
            let first = number(self.inputs.len());
            self.inputs.extend(inputs);
            node.inputs = first..number(self.inputs.len());
        }
    }

    /// Sorts the edges by the signal that feeds them, now that levels are known.
    fn aim(&mut self) {
        let mut near: Vec<Vec<Target>> = vec![Vec::new(); self.signals.len()];
        let mut deep = near.clone();
        for node in self.nodes.iter().filter(|node| !node.blocked) {
            for input in &self.inputs[range(&node.inputs)] {
                let target = Target {
                    level: node.level,
                    local: node.local,
                    required: input.required,
                };
                let same = self.signals[input.signal.index()].level == node.level;
                let side = if same { &mut near } else { &mut deep };
                side[input.signal.index()].push(target);
            }
        }
        for (signal, (near, deep)) in self.signals.iter_mut().zip(near.into_iter().zip(deep)) {
            let first = number(self.targets.len());
            self.targets.extend(near);
            let middle = number(self.targets.len());
            self.targets.extend(deep);
            signal.near = first..middle;
            signal.deep = middle..number(self.targets.len());
        }
    }

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

    /// Whether a node can never run: it is disabled, or lies below a disabled node (through optional slots too).
    #[must_use]
    pub fn is_blocked(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].blocked
    }

    /// Whether calls of a node come in the order of the epochs.
    #[must_use]
    pub fn is_stateful(&self, node: NodeIx) -> bool {
        self.nodes[node.index()].stateful
    }

    /// How many `map` nodes a node lies below: the number of segments of the epochs in which it is called.
    #[must_use]
    pub fn depth(&self, node: NodeIx) -> usize {
        self.levels[self.nodes[node.index()].level as usize].depth
    }

    /// How many segments the epochs have in which a signal is said.
    #[must_use]
    pub fn signal_depth(&self, signal: SignalIx) -> usize {
        self.levels[self.signals[signal.index()].level as usize].depth
    }

    /// The signals that a process must hear to know when this one node is ready, and when it can no longer become so:
    /// those that feed it, those whose silence reaches it through nodes that then cannot run, and those of the `map`
    /// nodes that it lies below. In the order of [`SignalIx`].
    #[must_use]
    pub fn upstream(&self, node: NodeIx) -> Vec<SignalIx> {
        let mut wanted = vec![false; self.signals.len()];
        let mut seen = vec![false; self.nodes.len()];
        let mut todo = vec![node];
        while let Some(ix) = todo.pop() {
            if std::mem::replace(&mut seen[ix.index()], true) {
                continue;
            }
            let inputs = &self.inputs[range(&self.nodes[ix.index()].inputs)];
            for input in inputs.iter().filter(|input| input.required || ix == node) {
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

    /// This node and every node below it.
    pub(super) fn downstream(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut reached = vec![false; self.nodes.len()];
        reached[node.index()] = true;
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
                return (0..number(self.nodes.len()))
                    .map(NodeIx)
                    .filter(|ix| reached[ix.index()])
                    .collect();
            }
        }
    }
}

fn names_enabled(specs: &[NodeSpec], names: &HashMap<Name, NodeIx>, name: &Name) -> bool {
    names.get(name).is_some_and(|ix| specs[ix.index()].enabled)
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
