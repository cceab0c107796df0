//! Rules of values: inputs, inner tubes and assets.

use noob_zmq::graph::spec::DiagnosticKind as Kind;
use noob_zmq::graph::{AssetScope, SlotRef, Tube, TubeNode};
use serde_json::Value as Json;

use super::{Rule, Run};
use crate::compare::FailureKind;
use crate::deviation::{Came, leaves};
use crate::recording::items;

pub(super) const RULES: &[Rule] = &[
    ("values/returned_input", returned_input),
    ("values/inner_value", inner_value),
    ("values/inner_positions", inner_positions),
    ("values/declared_types", declared_types),
    ("assets/of_a_call", asset_of_a_call),
];

/// Explains the return of an input under a key.
fn returned_input(run: &Run) -> bool {
    let graph = run.recording;
    let mut edges = graph.edges();
    let returns = edges.any(|edge| {
        let target = graph.class(edge.target);
        edge.source == "input" && edge.slot.is_some() && target == "Return"
    });
    returns && run.deviation.failed_there() && run.deviation.error.as_deref() == Some("KeyError")
}

impl Run<'_> {
    /// Returns whether an inner tube has a return whose slots are of a kind.
    fn inner_return(&self, is: impl Fn(&SlotRef) -> bool) -> bool {
        let returns = |tube: &Tube| {
            let node = tube
                .return_node()
                .map(|node| node.id.clone())
                .unwrap_or_default();
            tube.upstream(&node).any(|edge| is(&edge.target_slot))
        };
        let nodes = self.tube.into_iter().flat_map(|tube| tube.nodes.values());
        nodes
            .filter_map(|node: &TubeNode| node.child.as_deref())
            .any(returns)
    }
}

/// Explains the value of an inner tube that noob takes for a mapping of signals, or for nothing.
fn inner_value(run: &Run) -> bool {
    let mapping_or_null = |(recorded, came): (Option<&Json>, Option<&Json>)| {
        recorded.is_none() && came.is_some_and(|came| came.is_object() || came.is_null())
    };
    run.inner_return(|slot| *slot == SlotRef::Scalar) && run.deviation.every_leaf(mapping_or_null)
}

/// Explains a call that never returns for want of the signals of an inner tube.
fn inner_positions(run: &Run) -> bool {
    run.deviation.hung() && run.inner_return(|slot| matches!(slot, SlotRef::Position(_)))
}

/// Explains the refusal of an input, and values that were made ones of the declared type.
fn declared_types(run: &Run) -> bool {
    if let Came::Refused(mistakes) = &run.deviation.came {
        let of_type = |kind: &Kind| matches!(kind, Kind::InputType { .. });
        return !mistakes.is_empty() && mistakes.iter().all(|mistake| of_type(&mistake.kind));
    }
    let call = items(&run.recording.0["calls"]).nth(run.deviation.call.unwrap_or(usize::MAX));
    let kwargs = call.map(|call| &call["kwargs"]);
    let inputs = run.tube.into_iter().flat_map(|tube| tube.inputs.values());
    let given = [kwargs, Some(&run.recording.0["tube_input"])];
    let mut given = inputs.flat_map(|input| {
        let values = given.into_iter().flatten();
        values.filter_map(|given| Some((input.type_name.as_str(), given.get(&*input.name)?)))
    });
    let as_text = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    given.any(|(declared, value)| !is_of(declared, value))
        && match &run.deviation.came {
            Came::Answer(Err(failure)) => failure.kind == FailureKind::Input,
            _ => run.deviation.every_leaf(|leaf| match leaf {
                (Some(recorded), Some(came)) => as_text(recorded) == as_text(came),
                _ => false,
            }),
        }
}

/// Returns whether a value is of a declared type; a type without a name here takes every value.
fn is_of(declared: &str, value: &Json) -> bool {
    match declared.split('[').next().unwrap_or_default() {
        "str" => value.is_string(),
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "bool" => value.is_boolean(),
        "list" => value.is_array(),
        "dict" => value.is_object(),
        _ => true,
    }
}

/// Explains the counts of an asset that noob enters twice for each call.
fn asset_of_a_call(run: &Run) -> bool {
    let assets = run.tube.into_iter().flat_map(|tube| tube.assets.values());
    let Came::Events(came) = &run.deviation.came else {
        return false;
    };
    let counts = |event: &Json, other: &Json| {
        let emitter = |event: &Json| ["node_id", "signal", "epoch"].map(|key| event[key].clone());
        let object = |event: &Json| event["value"].get("$pytype").is_some();
        emitter(event) == emitter(other)
            && (leaves(event, other).is_empty() || object(event) && object(other))
    };
    let graph = run.recording;
    let of_a_node = |event: &&Json| {
        graph
            .nodes()
            .any(|node| event["node_id"] == node && graph.class(node) != "Return")
    };
    let recorded = items(&run.deviation.value).filter(of_a_node);
    let explained = |event: &Json| came.iter().any(|other| counts(event, other));
    assets
        .into_iter()
        .any(|asset| asset.scope == AssetScope::Node)
        && recorded.into_iter().all(explained)
}
