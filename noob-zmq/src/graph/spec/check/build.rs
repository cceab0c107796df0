//! The checked form of a tube without mistakes.

use std::sync::Arc;

use super::checker::{Checked, Checker};
use crate::graph::spec::{Dependency, InputSpec, NodeSpec};
use crate::graph::{
    Edge, Input, SharedTypes, SlotInfo, SlotRef, Source, Tube, TubeNode, TubeNodeKind, Value,
    declared,
};

pub(super) fn tube(checker: &Checker<'_>) -> Tube {
    let spec = checker.spec;
    let mut nodes = indexmap::IndexMap::new();
    let mut edges = Vec::new();
    for node in spec.nodes.values() {
        let Some(checked) = checker.nodes.get(&node.id.value) else {
            continue;
        };
        let slots = slots(node, checked);
        edges.extend(edges_of(node, &slots));
        nodes.insert(node.id.value.clone(), tube_node(node, checked, slots));
    }
    let inputs = spec.inputs.values().map(Input::from);
    let mut sources = spec.sources.iter().cloned();
    let source = sources.next().unwrap_or_else(|| Source::new("", ""));
    Tube {
        id: spec.id.value.clone(),
        description: spec.description.clone(),
        nodes,
        edges,
        inputs: inputs.map(|input| (input.name.clone(), input)).collect(),
        assets: checker.assets.clone(),
        tube_input: checker.tube_input.clone(),
        source,
        parents: sources.collect(),
        warnings: Vec::new(),
        recorded: Vec::new(),
        types: SharedTypes::default(),
    }
}

/// Returns the slots of a node: those of its type, and those that only this tube names.
fn slots(node: &NodeSpec, checked: &Checked) -> Vec<SlotInfo> {
    let Some(signature) = &checked.signature else {
        return Vec::new();
    };
    let mut slots: Vec<SlotInfo> = signature
        .slots
        .iter()
        .map(|slot| {
            // A gather whose `n` is fed cannot run without it.
            let waits = checked.kind == TubeNodeKind::Gather
                && &*slot.name == "n"
                && node.feeds_by_name(&slot.name);
            SlotInfo {
                name: slot.name.clone(),
                optional: slot.optional && !waits,
            }
        })
        .collect();
    if signature.more_named {
        for slot in node.depends.iter().filter_map(|item| item.slot.as_ref()) {
            if !slots.iter().any(|known| known.name == slot.value) {
                slots.push(SlotInfo {
                    name: slot.value.clone(),
                    optional: true,
                });
            }
        }
    }
    slots
}

fn edges_of(node: &NodeSpec, slots: &[SlotInfo]) -> Vec<Edge> {
    let mut position = 0;
    let edge = |item: &Dependency| {
        let target_slot = match &item.slot {
            Some(slot) => SlotRef::Name(slot.value.clone()),
            None if node.scalar => SlotRef::Scalar,
            None => {
                position += 1;
                SlotRef::Position(position - 1)
            }
        };
        let required = match &target_slot {
            SlotRef::Name(name) => !slots.iter().any(|slot| slot.name == *name && slot.optional),
            SlotRef::Scalar | SlotRef::Position(_) => true,
        };
        Edge {
            source_node: item.node.clone(),
            source_signal: item.signal.clone(),
            target_node: node.id.value.clone(),
            target_slot,
            required,
            policy: item.policy,
            place: item.place,
        }
    };
    node.depends.iter().map(edge).collect()
}

fn tube_node(node: &NodeSpec, checked: &Checked, slots: Vec<SlotInfo>) -> TubeNode {
    let signature = checked.signature.as_ref();
    let mut params = checked.params.clone();
    if checked.kind == TubeNodeKind::Tube {
        // What a tube inside is given stands in its `tube_input`.
        params.clear();
    }
    TubeNode {
        id: node.id.value.clone(),
        type_name: node.type_text(),
        kind: checked.kind,
        params,
        enabled: checked.enabled,
        stateful: node
            .stateful
            .unwrap_or_else(|| signature.is_some_and(|signature| signature.stateful)),
        restorable: signature.is_some_and(|signature| signature.restorable),
        supervision: node.supervision,
        slots,
        signals: signature
            .map(|signature| signature.signals.clone())
            .unwrap_or_default(),
        events: signature.is_some_and(|signature| signature.events),
        child: checked.child.clone().map(Arc::new),
        replay: None,
        description: node.description.clone(),
        place: node.id.place,
    }
}

impl From<&InputSpec> for Input {
    fn from(input: &InputSpec) -> Self {
        let default = input.default.as_ref().map(Value::from);
        let shape = declared(&input.type_name);
        let may_be_null = match &default {
            Some(default) => *default == Value::Null,
            None => !input.required,
        };
        let mut input = Self {
            name: input.id.value.clone(),
            type_name: input.type_name.clone(),
            scope: input.scope,
            shape: if may_be_null { shape.or_null() } else { shape },
            default: None,
            optional: !input.required,
            place: input.id.place,
        };
        // The check of the inputs reports a default of another type.
        input.default = default.map(|value| input.conform(&value).unwrap_or(value));
        input
    }
}
