//! Tests of the coordinator: it is told of requests and events, and its actions and results are
//! compared.

mod events;
mod rejections;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use super::*;
use crate::graph::{Emit, Event, Map, Value};

/// Returns a coordinator of the tube of this text.
fn coordinator_of(text: &str) -> Coordinator {
    let tube = crate::tube::from_text("test.yaml", text, ());
    let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
    Coordinator::new(Arc::new(tube), EventObservers::default(), 0, || {
        Timestamp::from_system(std::time::SystemTime::now())
    })
}

/// Requests epochs, and returns the receiver of their results.
fn request(coordinator: &mut Coordinator, epochs: u32) -> mpsc::Receiver<EpochResult> {
    let (sender, results) = mpsc::channel();
    coordinator.request_epochs(0..epochs, &Vec::new(), &sender);
    results
}

/// Returns an event with an id of its own.
fn event(node: &str, signal: &str, epoch: Epoch, value: Emit) -> Event {
    static IDS: AtomicU64 = AtomicU64::new(0);
    Event {
        id: IDS.fetch_add(1, Ordering::Relaxed),
        timestamp: Timestamp::from_micros(0),
        node_id: node.into(),
        signal: signal.into(),
        epoch,
        value,
    }
}

fn value(value: impl Into<Value>) -> Emit {
    Emit::Value(value.into())
}

/// Takes the actions, and returns the rejections among them.
fn rejections(coordinator: &mut Coordinator) -> Vec<String> {
    let actions = std::iter::from_fn(|| coordinator.poll_action());
    let rejected = actions.filter_map(|action| match action {
        Action::Reject { node, reason } => Some(format!("{node}: {reason}")),
        _ => None,
    });
    rejected.collect()
}
