//! Comparison of values, events and errors with their recorded forms.

use std::fmt;

use noob_zmq::graph::{Emit, Epoch, Event};
use noob_zmq::runner::RunError;
use serde_json::{Value as Json, json};

/// Error of a call: its kind, and its text.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    text: String,
}

/// Kinds of errors that are told apart; all errors of nodes are one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Exhausted,
    Input,
    NothingReturned,
    Node,
    Other,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, text }
    }

    /// Returns whether the error is of a recorded kind.
    pub(crate) fn is(&self, recorded: &str) -> bool {
        match self.kind {
            FailureKind::Exhausted => recorded == "SchedulerExhaustedError",
            FailureKind::Input => recorded == "InputMissingError",
            FailureKind::NothingReturned => recorded == "RuntimeError",
            FailureKind::Node => !matches!(
                recorded,
                "SchedulerExhaustedError" | "InputMissingError" | "AlreadyDoneError" | "$HANG"
            ),
            FailureKind::Other => false,
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let kind = match &error {
            RunError::Exhausted => FailureKind::Exhausted,
            RunError::Input(_) => FailureKind::Input,
            RunError::NothingReturned { .. } => FailureKind::NothingReturned,
            RunError::Node(_) => FailureKind::Node,
            _ => FailureKind::Other,
        };
        Self::new(kind, error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
