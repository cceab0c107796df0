//! [`Places`]: a diagram with its boxes placed and its edges routed, for pages that draw it.

use serde::Serialize;

use super::diagram::{Diagram, Port};
use super::svg::{Drawing, Room, edge_text, path};

/// Room for the numbers at the foot of a box, and for a rate or a type at the begin of an edge.
const ROOM: Room = Room {
    foot: 34.0,
    width: 168.0,
    gap: 112.0,
};

/// Picture of a tube: boxes and edges with their places, in pixels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Places {
    title: String,
    width: f64,
    height: f64,
    nodes: Vec<PlacedNode>,
    edges: Vec<PlacedEdge>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PlacedNode {
    id: String,
    #[serde(rename = "type")]
    type_name: String,
    kind: &'static str,
    enabled: bool,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    slots: Vec<PlacedPort>,
    signals: Vec<PlacedPort>,
    /// The tube inside, and its place in the box.
    child: Option<Box<Places>>,
    child_at: [f64; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PlacedPort {
    name: String,
    #[serde(rename = "type")]
    type_name: Option<String>,
    /// Distance from the upper side of the box.
    y: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PlacedEdge {
    source: String,
    signal: String,
    target: String,
    slot: String,
    /// Text for a tool tip.
    text: String,
    /// The route, as the attribute `d` of a path.
    path: String,
    /// Points of its begin and end.
    from: [f64; 2],
    to: [f64; 2],
    required: bool,
    drops: bool,
}

impl Places {
    /// Places the boxes of a diagram, with room for numbers in each.
    pub(crate) fn of(diagram: &Diagram) -> Self {
        Self::of_drawing(&Drawing::with_room(diagram, ROOM))
    }

    fn of_drawing(drawing: &Drawing<'_>) -> Self {
        let (width, height) = drawing.size();
        let diagram = drawing.diagram;
        let placed = drawing.boxes.iter().zip(&drawing.arrangement.places);
        let nodes = placed.map(|(drawn, &(x, y))| {
            let node = drawn.node;
            let ports = |ports: &[Port]| {
                let ports = ports.iter().enumerate();
                let ports = ports.map(|(row, port)| PlacedPort {
                    name: port.name.clone(),
                    type_name: port.type_name.clone(),
                    y: super::svg::port_y(row),
                });
                ports.collect()
            };
            let child_at = drawn.child_place();
            PlacedNode {
                id: node.id.clone(),
                type_name: node.type_name.clone(),
                kind: super::svg::class(node.kind),
                enabled: node.enabled,
                x,
                y,
                width: drawn.size.width,
                height: drawn.size.height,
                slots: ports(&node.slots),
                signals: ports(&node.signals),
                child: drawn
                    .child
                    .as_ref()
                    .map(|child| Box::new(Self::of_drawing(child))),
                child_at: child_at.into(),
            }
        });
        let routed = diagram.edges.iter().zip(&drawing.arrangement.routes);
        let edges = routed.map(|(edge, route)| {
            let (source, target) = (&diagram.nodes[edge.from.0], &diagram.nodes[edge.to.0]);
            PlacedEdge {
                source: source.id.clone(),
                signal: source.signals[edge.from.1].name.clone(),
                target: target.id.clone(),
                slot: target.slots[edge.to.1].name.clone(),
                text: edge_text(diagram, edge),
                path: path(route, (0.0, 0.0)),
                from: route.first().copied().unwrap_or_default().into(),
                to: route.last().copied().unwrap_or_default().into(),
                required: edge.required,
                drops: edge.drops_beyond.is_some(),
            }
        });
        Self {
            title: diagram.title.clone(),
            width,
            height,
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }
}
