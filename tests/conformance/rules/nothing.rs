//! Rules of nothing, of the end of sources, and of the call after an error.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Rule, Run};
use crate::compare::{Failure, FailureKind};
use crate::deviation::Came;
use crate::recording::{items, text};

pub(super) const RULES: &[Rule] = &[
    ("errors/next_call", next_call),
    ("nothing/optional_beside_required", optional_beside_required),
    ("nothing/end_marker", end_marker),
    ("nothing/bare_marker", bare_marker),
    ("nothing/short_tuple", short_tuple),
];

/// Explains the calls after an error of a node.
fn next_call(run: &Run) -> bool {
    let Some(number) = run.deviation.call else {
        return false;
    };
    let mut before = items(&run.recording.0["calls"]).take(number);
    let of_a_node =
        |error: &str| !matches!(error, "" | "InputMissingError" | "SchedulerExhaustedError");
    before.any(|call| of_a_node(text(&call["error"]["type"])))
        && run.deviation.error.is_some()
        && matches!(run.deviation.came, Came::Answer(_))
}

/// Explains values of nodes below one that cannot run and has an optional slot as well.
fn optional_beside_required(run: &Run) -> bool {
    let graph = run.recording;
    let optional = |node: &&str| graph.edges_to(node).any(|edge| !edge.required);
    graph.silent(run.deviation.call).iter().any(optional) && run.deviation.more_keys()
}

/// Explains end markers that noob passes on as values.
fn end_marker(run: &Run) -> bool {
    run.deviation.every_leaf(|leaf| match leaf {
        (Some(recorded), None | Some(Json::Null)) => recorded == "__META__Exhausted",
        _ => false,
    })
}

/// Explains the letters of a marker that noob deals out to several signals.
fn bare_marker(run: &Run) -> bool {
    let graph = run.recording;
    let dealt_out = |node: &str| {
        let events = graph
            .events(run.deviation.call)
            .filter(|event| event["node_id"] == node);
        let dealt = events.filter(|event| event["value"] == "_").count();
        dealt > 1 && dealt >= graph.signals(node).count()
    };
    let exhausted = || {
        let came = &run.deviation.came;
        run.deviation.error.is_none()
            && matches!(
                came,
                Came::Answer(Err(Failure {
                    kind: FailureKind::Exhausted,
                    ..
                }))
            )
    };
    let letter = |value: &Json| !text(value).is_empty() && text(value).chars().all(|c| c == '_');
    graph.nodes().any(dealt_out)
        && (exhausted()
            || run.deviation.every_leaf(|leaf| match leaf {
                (Some(recorded), None | Some(Json::Null)) => letter(recorded),
                _ => false,
            }))
}

/// Explains a call that never returns since a node emitted on some of its signals only.
fn short_tuple(run: &Run) -> bool {
    let graph = run.recording;
    let short = |node: &str| {
        let events = graph
            .events(run.deviation.call)
            .filter(|event| event["node_id"] == node);
        let emitted: BTreeSet<&str> = events.map(|event| text(&event["signal"])).collect();
        !emitted.is_empty() && emitted.len() < graph.signals(node).count()
    };
    run.deviation.hung() && graph.nodes().any(short)
}
