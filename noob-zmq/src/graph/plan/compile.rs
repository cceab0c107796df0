//! Compiles a tube into a plan.

use std::collections::{HashMap, HashSet};

use super::compiled::{Plan, PlanInput, PlanNode, PlanSignal, Role, Target};
use super::index::{NodeIx, number, range};
use super::nesting::levels_of;
use crate::graph::{Edge, Name, SlotRef, Tube, TubeNodeKind};

/// A node before it is compiled.
#[derive(Debug, Clone)]
pub(super) struct NodeSpec {
    pub(super) name: Name,
    pub(super) role: Role,
    pub(super) enabled: bool,
    pub(super) stateful: bool,
    pub(super) events: bool,
    pub(super) signals: Vec<Name>,
}

impl Plan {
    /// Compiles a checked tube.
    ///
    /// Nodes of a cycle, which the checks of a tube reject, are blocked: they never run.
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
            events: node.events,
            signals: node.signals.clone(),
        });
        Self::compile(specs.collect(), &tube.edges)
    }

    /// Compiles nodes and edges.
    ///
    /// A source that is not in `specs` (`input`, `assets`) becomes a node of role [`Role::Given`].
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
                    events: false,
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
            names,
            asks_for_events: specs.iter().any(|spec| spec.events),
            ..Self::default()
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
                    heard: false,
                }));
            // A gather fills its buffer in the order of the epochs, even if the tube says
            // `stateful: false`.
            let stateful = spec.enabled
                && (spec.stateful || spec.role == Role::Gather)
                && spec.role != Role::Given;
            if spec.role == Role::Given {
                plan.given.push(node);
            }
            plan.nodes.push(PlanNode {
                name: spec.name.clone(),
                role: spec.role,
                blocked: !spec.enabled,
                level: 0,
                local: 0,
                signals: first..number(plan.signals.len()),
                inputs: 0..0,
                is_fed: false,
                stateful,
                elsewhere: false,
                provisional: false,
                left_out: Vec::new(),
                events: spec.events,
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
        // Slots of one name share it: those who compare names need not read them.
        let mut names: HashSet<Name> = HashSet::new();
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
                slot: match &edge.target_slot {
                    SlotRef::Name(slot) => {
                        let known = names.get(slot).cloned();
                        let name = known.unwrap_or_else(|| slot.clone());
                        names.insert(name.clone());
                        SlotRef::Name(name)
                    }
                    other => other.clone(),
                },
                required: edge.required,
                per_item: false,
            });
        }
        let roles: Vec<Role> = self.nodes.iter().map(|node| node.role).collect();
        for (node, mut inputs) in self.nodes.iter_mut().zip(by_target) {
            // Positional values are passed in the order of their positions, which is the order of a
            // tube file.
            let position = |input: &PlanInput| match input.slot {
                SlotRef::Position(position) => Some(position),
                SlotRef::Scalar | SlotRef::Name(_) => None,
            };
            if !inputs.iter().filter_map(position).is_sorted() {
                inputs.sort_by_key(position);
            }
            let counts = |input: &PlanInput| {
                let signal = &self.signals[input.signal.index()];
                let of_map = roles[signal.node.index()] == Role::Map && &*signal.name == "n";
                of_map && is_slot(input, "n")
            };
            if node.role == Role::Gather && inputs.iter().any(counts) {
                for input in inputs.iter_mut().filter(|input| !is_slot(input, "n")) {
                    input.per_item = true;
                }
            }
            let first = number(self.inputs.len());
            self.inputs.extend(inputs);
            node.inputs = first..number(self.inputs.len());
            node.is_fed = self.inputs[first as usize..]
                .iter()
                .any(|input| roles[self.signals[input.signal.index()].node.index()] != Role::Given);
        }
    }

    /// Sorts the edges by the signal that feeds them, which requires that levels are assigned.
    pub(super) fn aim(&mut self) {
        let mut near: Vec<Vec<Target>> = vec![Vec::new(); self.signals.len()];
        let mut deep = near.clone();
        for node in self.nodes.iter().filter(|node| !node.blocked) {
            for input in &self.inputs[range(&node.inputs)] {
                let target = Target {
                    level: node.level,
                    local: node.local,
                    required: input.required,
                    per_item: input.per_item,
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
            signal.heard |= first < signal.deep.end;
        }
    }
}

fn is_slot(input: &PlanInput, name: &str) -> bool {
    matches!(&input.slot, SlotRef::Name(slot) if &**slot == name)
}

fn names_enabled(specs: &[NodeSpec], names: &HashMap<Name, NodeIx>, name: &Name) -> bool {
    names.get(name).is_some_and(|ix| specs[ix.index()].enabled)
}
