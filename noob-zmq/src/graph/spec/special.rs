//! The node types that every tube has: `return`, `map`, `gather` and `tube`.

use std::sync::Arc;

use super::lenient;
use super::raw::TubeSpec;
use crate::graph::{
    InputScope, Name, ParamSignature, Signature, SlotSignature, TubeNodeKind, TypeShape, Value,
    declared,
};

/// Names of the special types.
pub(super) const NAMES: [&str; 4] = ["return", "map", "gather", "tube"];

/// What a type name means to the runner.
pub(super) fn kind(type_name: &str) -> TubeNodeKind {
    match type_name {
        "return" => TubeNodeKind::Return,
        "map" => TubeNodeKind::Map,
        "gather" => TubeNodeKind::Gather,
        "tube" => TubeNodeKind::Tube,
        _ => TubeNodeKind::Typed,
    }
}

/// The signature of a special type; that of a tube inside comes from [`tube`].
pub(super) fn signature(kind: TubeNodeKind) -> Signature {
    let built_in = Signature {
        defined_at: "built in".into(),
        ..Signature::default()
    };
    match kind {
        // Its slots have any names, its positional items any number; its one signal never says anything.
        TubeNodeKind::Return => Signature {
            signals: names(&["value"]),
            more_positional: true,
            more_named: true,
            ..built_in
        },
        TubeNodeKind::Map => Signature {
            slots: vec![slot("value", "list", true, TypeShape::Unknown)],
            signals: names(&["value", "n"]),
            ..built_in
        },
        TubeNodeKind::Gather => Signature {
            params: vec![
                param("n", "int", |value| match value {
                    Value::Null => Ok(()),
                    _ if lenient::int(value).is_some() => Ok(()),
                    _ => Err("it must be a whole number".into()),
                }),
                param("flatten", "bool", |value| match lenient::truth(value) {
                    Some(_) => Ok(()),
                    None => Err("it must be `true` or `false`".into()),
                }),
            ],
            slots: vec![
                slot("value", "any", true, TypeShape::Any),
                slot("trigger", "any", false, TypeShape::Any),
                slot("n", "int", false, TypeShape::Int(None).or_null()),
            ],
            signals: names(&["value"]),
            stateful: true,
            restorable: true,
            ..built_in
        },
        TubeNodeKind::Tube | TubeNodeKind::Typed => built_in,
    }
}

/// The signature of a node that holds a tube: its slots are the process-scoped inputs, its signals what the return node is given by name.
pub(super) fn tube(spec: &TubeSpec) -> Signature {
    let slots = spec
        .inputs
        .values()
        .filter(|input| input.scope == InputScope::Process)
        .map(|input| SlotSignature {
            name: input.id.value.clone(),
            type_name: input.type_name.as_str().into(),
            shape: declared(&input.type_name),
            optional: false,
            required: input.required && input.default.is_none(),
        });
    let is_return = |node: &&super::raw::NodeSpec| {
        node.type_name
            .as_ref()
            .is_some_and(|name| &*name.value == "return")
    };
    let mut signals: Vec<Name> = match spec.nodes.values().find(is_return) {
        Some(node) => node
            .depends
            .iter()
            .filter_map(|item| Some(item.slot.as_ref()?.value.clone()))
            .collect(),
        None => Vec::new(),
    };
    if signals.is_empty() {
        signals = names(&["value"]);
    }
    Signature {
        slots: slots.collect(),
        signals,
        stateful: true,
        defined_at: spec
            .sources
            .first()
            .map(|source| source.name.to_string())
            .unwrap_or_default(),
        ..Signature::default()
    }
}

fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|&name| name.into()).collect()
}

fn slot(name: &str, type_name: &str, required: bool, shape: TypeShape) -> SlotSignature {
    SlotSignature {
        name: name.into(),
        type_name: type_name.into(),
        shape,
        optional: !required,
        required,
    }
}

fn param(name: &str, type_name: &str, check: fn(&Value) -> Result<(), String>) -> ParamSignature {
    ParamSignature {
        name: name.into(),
        type_name: type_name.into(),
        required: false,
        check: Arc::new(check),
    }
}
