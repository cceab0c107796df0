//! Tests of the coordinator: it is told of requests and events, and its actions and results are
//! compared.

mod events;
mod rejections;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use super::*;
use crate::graph::{Emit, Event, Map, Value};
use crate::node::NodeError;

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

#[test]
fn drain_takes_back_epochs_that_no_node_has_begun() {
    let mut coordinator = coordinator_of(
        "noob_id: t
nodes:
  n: {type: noob_zmq.node.tests.count, params: {start: 0}}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: n.index}]}
  r: {type: return, depends: twice.value}",
    );
    let results = request(&mut coordinator, 10);
    for epoch in 0..3 {
        let emitted = event("n", "index", Epoch::root(epoch), value(1));
        coordinator.on_events(&[emitted]);
    }
    // The source may be called for epoch 3 right now.
    let left = coordinator.drain();
    assert_eq!((left.count, left.range), (4, Some((0, 3))));
    assert_eq!(left.nodes, ["twice".into()]);
    let taken_back: Vec<u32> = results.try_iter().map(|result| result.number).collect();
    assert_eq!(taken_back, (4..10).collect::<Vec<_>>());
    assert!(coordinator.is_stopping());

    let given_up = coordinator.give_up();
    assert_eq!(given_up, left);
    assert_eq!(coordinator.report().epochs.given_up, 4);
    let errors: Vec<String> = results
        .try_iter()
        .map(|result| result.returned.unwrap_err().to_string())
        .collect();
    let expected = "the run was stopped, and gave up 4 epochs (0 to 3; epoch 0 waits for `twice`)";
    assert_eq!(errors, [expected; 4]);
    assert_eq!(coordinator.give_up().count, 0);
}

#[test]
fn failure_without_open_epochs_is_returned_by_shutdown() {
    let mut coordinator = coordinator_of(
        "
        noob_id: one
        input: {n: {type: int, scope: process, default: 1}}
        nodes: {return: {type: return, depends: input.n}}
        ",
    );
    let failure = || NodeFailure {
        epoch: None,
        ..NodeFailure::of_call("a".into(), Epoch::root(0), NodeError::new("it is full"))
    };
    coordinator.on_failure(failure());
    let error = coordinator.take_shutdown_error().unwrap_err();
    assert!(error.to_string().contains("it is full"), "{error}");
}
