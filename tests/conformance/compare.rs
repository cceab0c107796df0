//! Comparison of values, events and errors with their recorded forms.

use noob_zmq::graph::{Emit, Epoch, Event};
use noob_zmq::runner::RunError;
use serde_json::{Value as Json, json};

/// Returns whether an error is of a recorded kind.
///
/// All errors of nodes are one kind, since Python's exception classes do not exist here.
pub(crate) fn kind(came: &RunError, recorded: &str) -> bool {
    match came {
        RunError::Exhausted => recorded == "SchedulerExhaustedError",
        RunError::Input(_) => recorded == "InputMissingError",
        RunError::NothingReturned { .. } => recorded == "RuntimeError",
        RunError::Node(_) => !matches!(
            recorded,
            "SchedulerExhaustedError" | "InputMissingError" | "AlreadyDoneError" | "$HANG"
        ),
        _ => false,
    }
}

/// Returns whether two values are equal, with numbers compared by value.
pub(crate) fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

/// Returns the recorded form of an event.
pub(crate) fn event(event: &Event) -> Json {
    let value = match &event.value {
        Emit::Value(value) => serde_json::to_value(value).unwrap_or_default(),
        Emit::Nothing => json!("__META__NoEvent"),
        Emit::Exhausted => json!("__META__Exhausted"),
    };
    json!({
        "node_id": &*event.node_id,
        "signal": &*event.signal,
        "epoch": epoch(&event.epoch),
        "value": value,
    })
}

fn epoch(epoch: &Epoch) -> Json {
    if epoch.is_root() {
        return json!(epoch.number());
    }
    let segments = epoch
        .path()
        .iter()
        .map(|segment| json!([&*segment.node, segment.index]));
    [json!(epoch.number())]
        .into_iter()
        .chain(segments)
        .collect()
}

/// Compares events as sets.
///
/// The epochs in which a return is called are not compared: a return emits nothing.
pub(crate) fn same_events(
    recorded: &Json,
    said: &[Json],
    returns: Option<&str>,
) -> Result<(), String> {
    let counts = |event: &&Json| {
        let node = event["node_id"].as_str();
        node != Some("meta") && (node != returns || returns.is_none())
    };
    let mut open: Vec<&Json> = said.iter().filter(counts).collect();
    for event in recorded.as_array().into_iter().flatten().filter(counts) {
        match open.iter().position(|other| same(event, other)) {
            Some(place) => drop(open.swap_remove(place)),
            None => return Err(format!("the event {event} did not come; over: {open:?}")),
        }
    }
    match open.first() {
        Some(over) => Err(format!("the event {over} came and was not expected")),
        None => Ok(()),
    }
}
