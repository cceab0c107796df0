//! Signatures of the node types that every tube has: `return`, `map`, `gather` and `tube`.

use std::sync::Arc;

use noob_zmq_spec::{TubeNodeKind, TubeSpec, special};

use crate::graph::{
    InputScope, Name, ParamError, ParamSignature, Signature, SlotSignature, TypeShape, Value,
    coerce, declared,
};

/// Returns the signature of a special type; [`tube`] makes that of a tube inside.
///
/// Names come from the interface of the type, and types are added here.
pub(super) fn signature(kind: TubeNodeKind) -> Signature {
    let interface = special::interface(kind).unwrap_or_default();
    let slot = |slot: noob_zmq_spec::Slot| {
        let (type_name, shape) = match (kind, &*slot.name) {
            (TubeNodeKind::Map, _) => ("list", TypeShape::Unknown),
            (_, "n") => ("int", TypeShape::Int(None).or_null()),
            _ => ("any", TypeShape::Any),
        };
        SlotSignature {
            name: slot.name,
            type_name: type_name.into(),
            shape,
            optional: !slot.required,
            required: slot.required,
        }
    };
    let is_gather = kind == TubeNodeKind::Gather;
    Signature {
        slots: interface.slots.into_iter().map(slot).collect(),
        params: interface.params.into_iter().map(param).collect(),
        signals: interface.signals,
        more_positional: interface.more_positional,
        more_named: interface.more_named,
        stateful: is_gather,
        restorable: is_gather,
        defined_at: "built in".into(),
        ..Signature::default()
    }
}

/// Returns the signature of a node that holds a tube.
///
/// The slots are the process-scoped inputs, and the signals are the named items of the return node.
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
    let mut signals: Vec<Name> = match spec.return_nodes().next() {
        Some(node) => node
            .depends
            .iter()
            .filter_map(|item| Some(item.slot.as_ref()?.value.clone()))
            .collect(),
        None => Vec::new(),
    };
    if signals.is_empty() {
        signals.push("value".into());
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

/// Returns the signature of a parameter of `gather`.
fn param(name: Name) -> ParamSignature {
    let is_number = &*name == "n";
    let check = move |value: &Value| match value {
        Value::Null if is_number => Ok(()),
        _ if is_number && coerce::int(value).is_none() => {
            Err(ParamError::new("it must be a whole number"))
        }
        _ if !is_number && coerce::truth(value).is_none() => {
            Err(ParamError::new("it must be `true` or `false`"))
        }
        _ => Ok(()),
    };
    ParamSignature {
        type_name: if is_number { "int" } else { "bool" }.into(),
        name,
        required: false,
        check: Arc::new(check),
    }
}
