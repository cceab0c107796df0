//! The content of a picture: nodes with their ports, and edges between ports.

use serde::{Deserialize, Serialize};

use crate::graph::NodeTypes;
use crate::graph::{ASSETS, EdgePolicy, SlotRef, Tube, TubeNode, TubeNodeKind};

/// Name of the source of edges that carry inputs of a tube.
const INPUT: &str = "input";

/// Nodes and edges of a tube, as a picture shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Diagram {
    /// `noob_id` of the tube.
    pub(super) title: String,
    pub(super) nodes: Vec<DiagramNode>,
    pub(super) edges: Vec<DiagramEdge>,
}

/// Kind of a node, by which its box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DiagramKind {
    /// Values that the caller gives.
    Input,
    /// Objects that the runner lends.
    Assets,
    /// Node without dependencies.
    Source,
    Plain,
    Map,
    Gather,
    Return,
    /// Node with a tube inside.
    Tube,
}

/// Node of a diagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DiagramNode {
    pub(super) id: String,
    /// `type` as written in the tube.
    pub(super) type_name: String,
    pub(super) kind: DiagramKind,
    pub(super) enabled: bool,
    /// Slots that edges feed.
    pub(super) slots: Vec<Port>,
    pub(super) signals: Vec<Port>,
    /// The tube inside.
    pub(super) child: Option<Diagram>,
}

/// Slot or signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Port {
    pub(super) name: String,
    /// Type as written in the source, if it is known.
    pub(super) type_name: Option<String>,
}

/// Edge between two ports, each the number of a node and of a port of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DiagramEdge {
    /// Node and signal.
    pub(super) from: (usize, usize),
    /// Node and slot.
    pub(super) to: (usize, usize),
    pub(super) required: bool,
    /// Number of calls that wait at most, where an edge drops values.
    pub(super) drops_beyond: Option<u32>,
}

impl Diagram {
    /// Returns the diagram of a tube; `types` has the types of its ports.
    pub(crate) fn of(tube: &Tube, types: &dyn NodeTypes) -> Self {
        let mut diagram = Self {
            title: tube.id.to_string(),
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        for (id, kind) in [(INPUT, DiagramKind::Input), (ASSETS, DiagramKind::Assets)] {
            if tube.edges.iter().any(|edge| *edge.source_node == *id) {
                diagram.nodes.push(given_node(tube, id, kind));
            }
        }
        let nodes = tube.nodes.values();
        diagram
            .nodes
            .extend(nodes.map(|node| node_of(tube, node, types)));
        for edge in &tube.edges {
            let [from, to] = [&edge.source_node, &edge.target_node]
                .map(|id| diagram.nodes.iter().position(|node| *node.id == **id));
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            let signal = port(&mut diagram.nodes[from].signals, &edge.source_signal);
            let name = slot_name(tube, &edge.target_node, &edge.target_slot);
            let slot = port(&mut diagram.nodes[to].slots, &name);
            diagram.edges.push(DiagramEdge {
                from: (from, signal),
                to: (to, slot),
                // A return node takes what there is.
                required: edge.required || diagram.nodes[to].kind == DiagramKind::Return,
                drops_beyond: match edge.policy {
                    EdgePolicy::DropOldest(waiting) => Some(waiting),
                    EdgePolicy::All => None,
                },
            });
        }
        for node in &mut diagram.nodes {
            add_types(node, tube, types);
        }
        diagram
    }

    /// Returns whether the edges are between ports that are there, also in the tubes inside.
    ///
    /// A diagram that comes from another process may have any numbers.
    #[cfg(feature = "view")]
    pub(crate) fn is_valid(&self) -> bool {
        let is_there = |(node, port): (usize, usize), ports: fn(&DiagramNode) -> &Vec<Port>| {
            let node = self.nodes.get(node);
            node.is_some_and(|node| port < ports(node).len())
        };
        let edges = self.edges.iter().all(|edge| {
            is_there(edge.from, |node| &node.signals) && is_there(edge.to, |node| &node.slots)
        });
        let mut children = self.nodes.iter().filter_map(|node| node.child.as_ref());
        edges && children.all(Self::is_valid)
    }

    /// Returns the diagram of a tube of which names alone are known.
    ///
    /// A node is an id, a type, whether it is enabled, and its signals; an edge is a node and its
    /// signal, a node and its slot, and whether it drops values.
    #[cfg(feature = "view")]
    pub(crate) fn of_names(
        title: &str,
        nodes: impl Iterator<Item = (String, String, bool, Vec<String>)>,
        edges: impl Iterator<Item = ((String, String), (String, String), bool)>,
    ) -> Self {
        let node = |id: &str, type_name: String, kind| DiagramNode {
            id: id.to_owned(),
            type_name,
            kind,
            enabled: true,
            slots: Vec::new(),
            signals: Vec::new(),
            child: None,
        };
        let named = nodes.map(|(id, type_name, enabled, signals)| {
            let kind = match &*type_name {
                "map" => DiagramKind::Map,
                "gather" => DiagramKind::Gather,
                _ => DiagramKind::Source,
            };
            let mut node = node(&id, type_name, kind);
            node.enabled = enabled;
            for signal in signals {
                port(&mut node.signals, &signal);
            }
            node
        });
        let mut diagram = Self {
            title: title.to_owned(),
            nodes: named.collect(),
            edges: Vec::new(),
        };
        for ((source, signal), (target, slot), drops) in edges {
            let [from, to] = [&source, &target].map(|id| {
                let known = diagram.nodes.iter().position(|node| node.id == *id);
                known.unwrap_or_else(|| {
                    let kind = match &**id {
                        INPUT => DiagramKind::Input,
                        ASSETS => DiagramKind::Assets,
                        _ => DiagramKind::Return,
                    };
                    diagram.nodes.push(node(id, String::new(), kind));
                    diagram.nodes.len() - 1
                })
            });
            let signal = port(&mut diagram.nodes[from].signals, &signal);
            let target = &mut diagram.nodes[to];
            let slot = port(&mut target.slots, &slot);
            if target.kind == DiagramKind::Source {
                target.kind = DiagramKind::Plain;
            }
            diagram.edges.push(DiagramEdge {
                from: (from, signal),
                to: (to, slot),
                required: true,
                drops_beyond: drops.then_some(1),
            });
        }
        diagram
    }
}

/// Returns the node for inputs or assets.
fn given_node(tube: &Tube, id: &str, kind: DiagramKind) -> DiagramNode {
    let port = |name: &str, type_name: &str| Port {
        name: name.to_owned(),
        type_name: Some(type_name.to_owned()).filter(|name| !name.is_empty()),
    };
    let signals = match kind {
        DiagramKind::Assets => {
            let assets = tube.assets.values();
            assets
                .map(|asset| port(&asset.id, &asset.type_name))
                .collect()
        }
        _ => {
            let inputs = tube.inputs.values();
            inputs
                .map(|input| port(&input.name, &input.type_name))
                .collect()
        }
    };
    DiagramNode {
        id: id.to_owned(),
        type_name: String::new(),
        kind,
        enabled: true,
        slots: Vec::new(),
        signals,
        child: None,
    }
}

fn node_of(tube: &Tube, node: &TubeNode, types: &dyn NodeTypes) -> DiagramNode {
    let kind = match node.kind {
        TubeNodeKind::Return => DiagramKind::Return,
        TubeNodeKind::Map => DiagramKind::Map,
        TubeNodeKind::Gather => DiagramKind::Gather,
        TubeNodeKind::Tube => DiagramKind::Tube,
        TubeNodeKind::Typed if tube.upstream(&node.id).next().is_none() => DiagramKind::Source,
        TubeNodeKind::Typed => DiagramKind::Plain,
    };
    // Signals that nobody takes are shown; slots that nothing feeds are not.
    let signals = node.signals.iter();
    let signals = signals
        .filter(|_| kind != DiagramKind::Return)
        .map(|name| Port {
            name: name.to_string(),
            type_name: None,
        });
    DiagramNode {
        id: node.id.to_string(),
        type_name: node.type_name.to_string(),
        kind,
        enabled: node.enabled,
        slots: Vec::new(),
        signals: signals.collect(),
        child: node.child.as_ref().map(|child| Diagram::of(child, types)),
    }
}

/// Adds the types of the ports of a node, as far as they are known.
fn add_types(node: &mut DiagramNode, tube: &Tube, types: &dyn NodeTypes) {
    let Some(known) = tube.nodes.get(&*node.id) else {
        return;
    };
    let Some(signature) = types.signature_with(&known.type_name, &known.params) else {
        return;
    };
    for signal in &mut node.signals {
        let signal_type = signature.signal_types.get(&*signal.name);
        signal.type_name = signal_type.map(|found| found.written.to_string());
    }
    for slot in &mut node.slots {
        let mut slots = signature.slots.iter();
        let found = slots.find(|known| *known.name == *slot.name);
        slot.type_name = found.map(|found| found.type_name.to_string());
    }
}

/// Returns the number of the port of this name, which is added if it is missing.
fn port(ports: &mut Vec<Port>, name: &str) -> usize {
    if let Some(place) = ports.iter().position(|port| port.name == name) {
        return place;
    }
    ports.push(Port {
        name: name.to_owned(),
        type_name: None,
    });
    ports.len() - 1
}

/// Returns the name of a slot; where an edge has a position alone, that of the slot there.
fn slot_name(tube: &Tube, node: &str, at: &SlotRef) -> String {
    let position = match at {
        SlotRef::Name(name) => return name.to_string(),
        SlotRef::Position(position) => *position,
        SlotRef::Scalar => 0,
    };
    let slots = tube.nodes.get(node).map(|node| &node.slots);
    let slot = slots.and_then(|slots| slots.get(position));
    match slot {
        Some(slot) => slot.name.to_string(),
        None if *at == SlotRef::Scalar => "value".to_owned(),
        None => position.to_string(),
    }
}
