//! Events that are impossible are rejected before they change anything.

use std::sync::Mutex;

use super::*;
use crate::graph::Opaque;
use crate::runner::admission::{ForeignNodes, MAX_UNPROVEN_PER_NODE as MOST, RETURNED, SNAPSHOT};
use crate::runner::error::DisplayEpoch;
use crate::runner::recorder::EpochEnd;
use crate::wire::Receipt;

const TUBE: &str = "
noob_id: lies
input:
  items: {type: list, scope: tube, default: [1, 2]}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";

fn coordinator() -> (Coordinator, mpsc::Receiver<EpochResult>) {
    let mut coordinator = coordinator_of(TUBE);
    let results = request(&mut coordinator, 2);
    (coordinator, results)
}

/// Returns an event whose value and id are always the same.
fn emitted(node: &str, signal: &str, epoch: Epoch) -> Event {
    Event {
        id: 1,
        ..event(node, signal, epoch, value([Value::from(0), 1.into()]))
    }
}

#[test]
fn unopened_epoch_is_rejected_and_leaves_nothing() {
    let (mut coordinator, _results) = coordinator();
    let kept = (
        coordinator.scheduler.retained(),
        coordinator.store.retained(),
    );
    for number in (2..100_000).chain([u32::MAX]) {
        let epoch = Epoch::root(number);
        let item = epoch.child("items", 3);
        coordinator.on_events(&[emitted("twice", "value", item.clone())]);
        coordinator.on_events(&[emitted("twice", SNAPSHOT, item)]);
        coordinator.on_events(&[emitted("items", "n", epoch)]);
    }
    assert_eq!(
        (
            coordinator.scheduler.retained(),
            coordinator.store.retained()
        ),
        kept
    );
    assert_eq!(coordinator.checkpoints.len_of("twice"), 0);
    let refused = rejections(&mut coordinator);
    assert_eq!(refused.len(), 3 * 99_999);
    assert_eq!(
        refused[0],
        "twice: it is of epoch 2/items[3], and the run has opened those before 2"
    );
}

#[test]
fn pending_events_are_bounded_per_node() {
    let (mut coordinator, results) = coordinator();
    let kept = (
        coordinator.scheduler.retained(),
        coordinator.store.retained(),
    );
    let most = u32::try_from(MOST / 2).unwrap();
    for number in 0..most + 1000 {
        let item = Epoch::root(0).child("items", number);
        let events = [
            emitted("twice", "value", item.clone()),
            emitted("twice", SNAPSHOT, item),
        ];
        coordinator.on_events(&events);
        // An epoch in which the node is never called, and a signal that it does not have.
        let other = Epoch::root(1).child("twice", number);
        let none = Epoch::root(1).child("items", 0);
        let events = [
            emitted("twice", SNAPSHOT, other),
            emitted("twice", &number.to_string(), none),
        ];
        coordinator.on_events(&events);
    }
    assert_eq!(
        (
            coordinator.scheduler.retained(),
            coordinator.store.retained()
        ),
        kept
    );
    assert_eq!(
        (
            coordinator.filter.retained(),
            coordinator.checkpoints.len_of("twice")
        ),
        (MOST, 0)
    );
    let count = rejections(&mut coordinator).len();
    assert_eq!(count, 2000 + 2 * (most as usize + 1000));
    // Valid events are applied: the other epoch is completed.
    let root = Epoch::root(1);
    let mut events = vec![
        emitted("items", "value", root.child("items", 0)),
        emitted("items", "n", root.clone()),
        emitted("twice", "value", root.child("items", 0)),
    ];
    events.push(emitted("all", "value", root));
    coordinator.on_events(&events);
    assert_eq!(rejections(&mut coordinator), [] as [&str; 0]);
    assert_eq!(results.try_recv().map(|outcome| outcome.number), Ok(1));
}

/// Events of items count only where the map has emitted the item, whichever comes first.
#[test]
fn node_below_a_map_adds_and_hides_no_items() {
    let (mut coordinator, results) = coordinator();
    let observed = Arc::new(Mutex::new(Vec::new()));
    let received = Arc::clone(&observed);
    let callback = move |event: &Event| {
        received
            .lock()
            .unwrap()
            .push(format!("{} {}", event.node_id, DisplayEpoch(&event.epoch)));
    };
    coordinator
        .observers
        .lock()
        .unwrap()
        .callbacks
        .push(Box::new(callback));
    let root = Epoch::root(0);
    let item = |number| root.child("items", number);
    // An empty map; an item too many; an item that will come; and a signal that does not exist.
    coordinator.on_events(&[
        emitted("twice", "value", root.clone()),
        emitted("twice", "value", item(2)),
        emitted("twice", "value", item(1)),
        emitted("twice", "valu", item(0)),
    ]);
    assert_eq!(
        rejections(&mut coordinator),
        ["twice: it has no signal `valu`"]
    );
    coordinator.on_events(&[
        emitted("items", "value", item(0)),
        emitted("items", "value", item(1)),
        emitted("items", "n", root.clone()),
    ]);
    assert_eq!(
        rejections(&mut coordinator),
        [
            "twice: it is of epoch 0, in which that node is never called",
            "twice: it is of epoch 0/items[2], in which that node is never called",
        ]
    );
    assert_eq!(coordinator.filter.retained(), 0);
    let twice = coordinator.scheduler.plan().node_index("twice").unwrap();
    let value = coordinator
        .scheduler
        .plan()
        .signal_index(twice, "value")
        .unwrap();
    let known = |number| coordinator.store.get(&item(number), value).is_some();
    assert_eq!([0, 1, 2].map(known), [false, true, false]);
    coordinator.on_events(&[emitted("twice", "value", item(0))]);
    let first = Event {
        value: Emit::Nothing,
        ..emitted("all", "value", item(0))
    };
    coordinator.on_events(&[first]);
    coordinator.on_events(&[emitted("all", "value", root.clone())]);
    assert_eq!(results.try_recv().map(|outcome| outcome.number), Ok(0));
    assert_eq!(rejections(&mut coordinator), [] as [&str; 0]);
    let observed = observed.lock().unwrap();
    let expected = [
        "items 0/items[0]",
        "items 0/items[1]",
        "items 0",
        "twice 0/items[1]",
        "twice 0/items[0]",
        "all 0/items[0]",
        "all 0",
    ];
    assert_eq!(observed[..7], expected);
}

#[test]
fn states_of_closed_epochs_are_bounded() {
    let (mut coordinator, _results) = coordinator();
    let end = EpochEnd::Skipped("a".into(), String::new());
    coordinator.skip_epoch(1, "it is left out".into(), end);
    let most = u32::try_from(MOST).unwrap();
    for number in 0..most + 10 {
        let item = Epoch::root(1).child("items", number);
        coordinator.on_events(&[emitted("twice", SNAPSHOT, item)]);
    }
    assert_eq!(coordinator.checkpoints.len_of("twice"), MOST);
    assert_eq!(rejections(&mut coordinator).len(), 10);
}

#[test]
fn gather_values_are_bounded_by_its_calls() {
    let (mut coordinator, results) = coordinator();
    let most = MOST as u64;
    for number in 0..2 {
        for from in (0..most).step_by(1024) {
            let values = (from..from + 1024).map(|id| Event {
                id,
                ..emitted("all", "value", Epoch::root(number))
            });
            coordinator.on_events(&values.collect::<Vec<_>>());
        }
    }
    // The limit holds over all epochs, beyond the few calls that are known.
    let count = rejections(&mut coordinator).len();
    assert!((MOST - 10..=MOST).contains(&count), "{count}");
    assert!(results.try_recv().is_err());
}

#[test]
fn duplicate_event_leaves_nothing() {
    let (mut coordinator, _results) = coordinator();
    coordinator
        .observers
        .lock()
        .unwrap()
        .callbacks
        .push(Box::new(|_| {}));
    let root = Epoch::root(0);
    let item = root.child("items", 0);
    coordinator.on_events(&[emitted("items", "value", item.clone())]);
    for id in 0..10_000 {
        let again = Event {
            id,
            ..emitted("twice", "value", item.clone())
        };
        coordinator.on_events(&[again]);
    }
    assert_eq!(coordinator.open[&0].observed.len(), 2);
}

#[test]
fn withheld_value_of_a_returned_signal_is_rejected() {
    let (mut coordinator, results) = coordinator();
    let events = vec![emitted("all", "value", Epoch::root(0))];
    coordinator.on_receipt(&Receipt::new(events, |_| true));
    assert_eq!(
        rejections(&mut coordinator),
        ["all: its receipt has no value of `value`, which the run uses"]
    );
    assert!(results.try_recv().is_err(), "the epoch waits for the value");
}

#[test]
fn object_of_another_host_is_rejected_and_not_attached() {
    let foreign = ForeignNodes::of_runner(["twice".into()].into());
    let mut coordinator = coordinator_of(TUBE).with_foreign_nodes(foreign);
    let results = request(&mut coordinator, 2);
    let object = || Value::from(Opaque::new("pickle", vec![1]));
    let item = Epoch::root(0).child("items", 0);
    for signal in ["value", SNAPSHOT, RETURNED] {
        let nested = value(vec![Value::Null, object()]);
        coordinator.on_events(&[event("twice", signal, item.clone(), nested)]);
    }
    assert_eq!(coordinator.checkpoints.len_of("twice"), 0);
    let rejected = rejections(&mut coordinator);
    assert_eq!(rejected.len(), 3);
    let reason = "twice: it has an object of kind `pickle` and comes from another host, whose key \
                  has not the role `objects`";
    assert_eq!(rejected[0], reason);
    // The error of a node that may send objects keeps what is attached to it.
    for (number, node, attached) in [(0, "twice", false), (1, "items", true)] {
        let error = NodeError::new("no").with_attachment(Opaque::new("pickle", vec![1]));
        let failure = NodeFailure::of_call(node.into(), Epoch::root(number), error);
        coordinator.on_failure(failure);
        let result = results.try_iter().find(|result| result.number == number);
        let Some(Err(RunError::Node(failure))) = result.map(|result| result.returned) else {
            panic!("epoch {number} did not fail by its node");
        };
        assert_eq!(failure.error.attachment().is_some(), attached);
    }
}
