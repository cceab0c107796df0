//! Events that are impossible are rejected before they change anything.

use std::sync::Mutex;

use super::*;
use crate::runner::admission::{MAX_UNPROVEN_PER_NODE as MOST, SNAPSHOT};
use crate::runner::error::DisplayEpoch;

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
fn said(node: &str, signal: &str, epoch: Epoch) -> Event {
    Event {
        id: 1,
        ..event(node, signal, epoch, value([Value::from(0), 1.into()]))
    }
}

#[test]
fn epochs_that_were_not_begun_leave_nothing() {
    let (mut coordinator, _outcomes) = coordinator();
    let kept = (
        coordinator.scheduler.retained(),
        coordinator.store.retained(),
    );
    for number in (2..100_000).chain([u32::MAX]) {
        let epoch = Epoch::root(number);
        let item = epoch.child("items", 3);
        coordinator.on_events(&[said("twice", "value", item.clone())]);
        coordinator.on_events(&[said("twice", SNAPSHOT, item)]);
        coordinator.on_events(&[said("items", "n", epoch)]);
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
fn sub_epochs_that_no_map_has_made_wait_up_to_a_number() {
    let (mut coordinator, outcomes) = coordinator();
    let kept = (
        coordinator.scheduler.retained(),
        coordinator.store.retained(),
    );
    let most = u32::try_from(MOST / 2).unwrap();
    for number in 0..most + 1000 {
        let item = Epoch::root(0).child("items", number);
        let events = [
            said("twice", "value", item.clone()),
            said("twice", SNAPSHOT, item),
        ];
        coordinator.on_events(&events);
        // Where it is never called, and what it does not have.
        let other = Epoch::root(1).child("twice", number);
        let none = Epoch::root(1).child("items", 0);
        let events = [
            said("twice", SNAPSHOT, other),
            said("twice", &number.to_string(), none),
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
    // What is true is believed: the other epoch goes on, and comes to its end.
    let root = Epoch::root(1);
    let mut events = vec![
        said("items", "value", root.child("items", 0)),
        said("items", "n", root.clone()),
        said("twice", "value", root.child("items", 0)),
    ];
    events.push(said("all", "value", root));
    coordinator.on_events(&events);
    assert_eq!(rejections(&mut coordinator), [] as [&str; 0]);
    assert_eq!(outcomes.try_recv().map(|outcome| outcome.number), Ok(1));
}

/// What a node below a map says of items before the map does: what there is, is what the map says.
#[test]
fn a_node_adds_no_items_and_hides_none() {
    let (mut coordinator, outcomes) = coordinator();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let callback = move |event: &Event| {
        told.lock()
            .unwrap()
            .push(format!("{} {}", event.node_id, DisplayEpoch(&event.epoch)));
    };
    coordinator
        .observers
        .lock()
        .unwrap()
        .push(Box::new(callback));
    let root = Epoch::root(0);
    let item = |number| root.child("items", number);
    // As if there were no items; one more than there are; one that there will be; and what only the gather can say.
    coordinator.on_events(&[
        said("twice", "value", root.clone()),
        said("twice", "value", item(2)),
        said("twice", "value", item(1)),
        said("twice", "valu", item(0)),
    ]);
    assert_eq!(
        rejections(&mut coordinator),
        ["twice: it has no signal `valu`"]
    );
    coordinator.on_events(&[
        said("items", "value", item(0)),
        said("items", "value", item(1)),
        said("items", "n", root.clone()),
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
    coordinator.on_events(&[said("twice", "value", item(0))]);
    let first = Event {
        value: Emit::Nothing,
        ..said("all", "value", item(0))
    };
    coordinator.on_events(&[first]);
    coordinator.on_events(&[said("all", "value", root.clone())]);
    assert_eq!(outcomes.try_recv().map(|outcome| outcome.number), Ok(0));
    assert_eq!(rejections(&mut coordinator), [] as [&str; 0]);
    let heard = heard.lock().unwrap();
    let expected = [
        "items 0/items[0]",
        "items 0/items[1]",
        "items 0",
        "twice 0/items[1]",
        "twice 0/items[0]",
        "all 0/items[0]",
        "all 0",
    ];
    assert_eq!(heard[..7], expected);
}

#[test]
fn of_an_epoch_that_is_over_what_a_node_knows_is_kept_up_to_a_number() {
    let (mut coordinator, _outcomes) = coordinator();
    coordinator.skip_epoch(1, "it is left out".into());
    let most = u32::try_from(MOST).unwrap();
    for number in 0..most + 10 {
        let item = Epoch::root(1).child("items", number);
        coordinator.on_events(&[said("twice", SNAPSHOT, item)]);
    }
    assert_eq!(coordinator.checkpoints.len_of("twice"), MOST);
    assert_eq!(rejections(&mut coordinator).len(), 10);
}

#[test]
fn a_gather_says_no_more_values_than_can_be() {
    let (mut coordinator, outcomes) = coordinator();
    let most = MOST as u64;
    for number in 0..2 {
        for from in (0..most).step_by(1024) {
            let values = (from..from + 1024).map(|id| Event {
                id,
                ..said("all", "value", Epoch::root(number))
            });
            coordinator.on_events(&values.collect::<Vec<_>>());
        }
    }
    // So many over all epochs, and those of the few calls that are known of.
    let count = rejections(&mut coordinator).len();
    assert!((MOST - 10..=MOST).contains(&count), "{count}");
    assert!(outcomes.try_recv().is_err());
}

#[test]
fn what_is_said_again_leaves_nothing() {
    let (mut coordinator, _outcomes) = coordinator();
    coordinator.observers.lock().unwrap().push(Box::new(|_| {}));
    let root = Epoch::root(0);
    let item = root.child("items", 0);
    coordinator.on_events(&[said("items", "value", item.clone())]);
    for id in 0..10_000 {
        let again = Event {
            id,
            ..said("twice", "value", item.clone())
        };
        coordinator.on_events(&[again]);
    }
    assert_eq!(coordinator.open[&0].observed.len(), 2);
}
