//! Tube of a trace.

use std::collections::BTreeSet;

use noob_zmq::graph::{Edge, Name, SlotInfo, SlotRef, Tube, TubeNode, TubeNodeKind};
use serde_json::Value as Json;

use crate::recording::{epoch, items, text};

/// Builds the tube of a trace.
///
/// A node that opens sub-epochs or has the signal `n` is a `map`; a node with a slot `n` is a
/// `gather`.
pub(super) fn tube(trace: &Json) -> Tube {
    let edges: Vec<&Json> = items(&trace["edges"]).collect();
    let steps = items(&trace["steps"]).filter(|step| step["op"] == "update");
    let events: Vec<&Json> = steps.flat_map(|step| items(&step["args"][0])).collect();
    let mut maps: BTreeSet<Name> = BTreeSet::new();
    for event in &events {
        let path = epoch(&event[0]);
        maps.extend(path.path().iter().map(|segment| segment.node.clone()));
        if event[2] == "n" {
            maps.insert(text(&event[1]).into());
        }
    }
    maps.extend(
        edges
            .iter()
            .filter(|edge| edge[1] == "n")
            .map(|edge| Name::from(text(&edge[0]))),
    );
    let node = |known: &Json| {
        let id = text(&known[0]);
        let mut signals: Vec<Name> = Vec::new();
        let said = edges
            .iter()
            .filter(|edge| edge[0] == id)
            .map(|edge| &edge[1]);
        let told = events.iter().filter(|event| event[1] == id);
        for signal in said.chain(told.map(|event| &event[2])) {
            if !signals.iter().any(|known| **known == *text(signal)) {
                signals.push(text(signal).into());
            }
        }
        let fed = edges.iter().filter(|edge| edge[2] == id);
        let slots: Vec<SlotInfo> = fed
            .map(|edge| SlotInfo::new(text(&edge[3]), edge[4] == false))
            .collect();
        let kind = if maps.contains(id) {
            TubeNodeKind::Map
        } else if slots.iter().any(|slot| &*slot.name == "n") {
            TubeNodeKind::Gather
        } else {
            TubeNodeKind::Typed
        };
        let mut node = TubeNode::default();
        node.id = id.into();
        node.kind = kind;
        node.enabled = known[1] == true;
        node.stateful = known[2] == true;
        node.slots = slots;
        node.signals = signals;
        (node.id.clone(), node)
    };
    let mut tube = Tube::default();
    tube.nodes = items(&trace["nodes"]).map(node).collect();
    for edge in edges {
        let source = (text(&edge[0]), text(&edge[1]));
        let target = (text(&edge[2]), SlotRef::Name(text(&edge[3]).into()));
        tube.edges.push(Edge::new(source, target, edge[4] == true));
    }
    tube
}
