//! Epochs that are completed in whatever order events arrive.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::node::NodeError;
use crate::runner::Phase;
use crate::runner::inputs::EpochInputs;
use crate::wire::Receipt;

const MAPPED: &str = "
noob_id: mapped
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  all: {type: gather, depends: [{value: items.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";

/// The failure of a node may be received before the events that led to its call.
#[test]
fn skipped_epoch_counts_as_run() {
    let tube = "
noob_id: skipped
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  picky: {type: noob_zmq.node.tests.multiply, on_error: skip, depends: [{left: count.index}]}
  return: {type: return, depends: picky.value}
";
    for received_first in [true, false] {
        let mut coordinator = coordinator_of(tube);
        let (reply, answer) = mpsc::channel();
        coordinator.request_epochs(0..1, &Vec::new(), &reply);
        if received_first {
            coordinator.on_events(&[event("count", "index", Epoch::root(0), value(7))]);
        }
        let failure = NodeFailure {
            node: "picky".into(),
            place: None,
            phase: Phase::Process,
            epoch: Some(Epoch::root(0)),
            error: NodeError::new("no"),
        };
        coordinator.on_failure(failure);
        let outcome = answer.try_recv().expect("it is over");
        assert_eq!((outcome.returned.unwrap(), outcome.lived), (None, true));
    }
}

/// A message that is received again, as after a reconnection, does not complete the epoch early.
#[test]
fn list_received_twice_counts_once() {
    let text = MAPPED.replace("{n: items.n}", "{n: input.n}").replace(
        "scope: process}",
        "scope: process}\n  n: {type: int, scope: process, default: 1}",
    );
    let mut coordinator = coordinator_of(&text);
    let (reply, answer) = mpsc::channel();
    let root = Epoch::root(0);
    let items = Value::from(vec![Value::Int(7), Value::Int(8)]);
    let mut input = Map::new();
    input.insert("items".into(), items);
    coordinator.submit(
        0,
        &EpochInputs::checked(input),
        &Vec::new(),
        CompletionSender::Queue(reply),
    );
    let map: Vec<Event> = vec![
        event("items", "value", root.child("items", 0), value(7)),
        event("items", "value", root.child("items", 1), value(8)),
        event("items", "n", root.clone(), value(2)),
    ];
    let list = |item: i64| Value::from(vec![Value::Int(item)]);
    let first = [event("all", "value", root.clone(), value(list(7)))];
    let second = [event("all", "value", root, value(list(8)))];
    coordinator.on_events(&map);
    coordinator.on_events(&first);
    coordinator.on_events(&first);
    assert!(answer.try_recv().is_err(), "the last list is yet to come");
    coordinator.on_events(&second);
    let outcome = answer.try_recv().expect("the epoch is over");
    assert_eq!(outcome.returned.unwrap(), Some(list(8)));
}

/// The epoch returns the gathered list in whatever order the messages of the nodes arrive.
#[test]
fn gather_received_before_its_map_completes_epoch() {
    let root = Epoch::root(0);
    let item = |index| root.child("items", index);
    let gathered = Value::from(vec![Value::Int(7), Value::Int(8)]);
    let map = vec![
        event("items", "value", item(0), value(7)),
        event("items", "value", item(1), value(8)),
        event("items", "n", root.clone(), value(2)),
    ];
    let first = vec![event("all", "value", item(0), Emit::Nothing)];
    let last = vec![event("all", "value", root.clone(), value(gathered.clone()))];
    let both: Vec<Event> = first.iter().chain(&last).cloned().collect();
    let orders: [&[&Vec<Event>]; 5] = [
        &[&map, &first, &last],
        &[&first, &map, &last],
        &[&first, &last, &map],
        &[&both, &map],
        &[&map, &both],
    ];
    for (number, messages) in orders.into_iter().enumerate() {
        let mut coordinator = coordinator_of(MAPPED);
        let (reply, answer) = mpsc::channel();
        let mut input = Map::new();
        input.insert("items".into(), gathered.clone());
        coordinator.submit(
            0,
            &EpochInputs::checked(input),
            &Vec::new(),
            CompletionSender::Queue(reply),
        );
        for message in messages {
            coordinator.on_events(message);
        }
        let answer = answer
            .try_recv()
            .unwrap_or_else(|_| panic!("order {number}: the epoch has not ended"));
        assert_eq!(
            answer.returned.unwrap(),
            Some(gathered.clone()),
            "order {number}"
        );
    }
}

/// Its first event is a value in the epoch above, which does not tell that there are items.
#[test]
fn gather_of_one_before_its_map_returns_last_value() {
    let root = Epoch::root(0);
    let source = MAPPED
        .replace("{n: items.n}]}", "], params: {n: 1}}")
        .replace(", ]", "]");
    let mut coordinator = coordinator_of(&source);
    let (reply, answer) = mpsc::channel();
    coordinator.submit(
        0,
        &EpochInputs::default(),
        &Vec::new(),
        CompletionSender::Queue(reply),
    );
    let list = |item: i64| value(vec![Value::Int(item)]);
    coordinator.on_events(&[event("all", "value", root.clone(), list(7))]);
    coordinator.on_events(&[
        event("items", "value", root.child("items", 0), value(7)),
        event("items", "value", root.child("items", 1), value(8)),
        event("items", "n", root.clone(), value(2)),
    ]);
    assert!(answer.try_recv().is_err(), "the second call is not over");
    coordinator.on_events(&[event("all", "value", root, list(8))]);
    let returned = answer.try_recv().unwrap().returned.unwrap();
    assert_eq!(returned, Some(Value::from(vec![Value::Int(8)])));
}

/// Messages of one sender arrive in their order, in any size, and in no order with those of others.
#[test]
fn mapped_epochs_complete_with_any_interleaving() {
    const EPOCHS: u32 = 12;
    let source = MAPPED.replace("scope: process}", "scope: process, default: [0]}");
    for seed in 1..400_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut below = |n: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % n
        };
        let mut coordinator = coordinator_of(&source);
        let (reply, results) = mpsc::channel();
        coordinator.request_epochs(0..EPOCHS, &Vec::new(), &reply);
        let mut lines: Vec<VecDeque<Event>> = vec![Default::default(), Default::default()];
        let mut expected = Vec::new();
        for number in 0..EPOCHS {
            let root = Epoch::root(number);
            let n = number + 1;
            for index in 0..n {
                let item = root.child("items", index);
                lines[0].push_back(event(
                    "items",
                    "value",
                    item.clone(),
                    value(i64::from(index)),
                ));
                if index + 1 < n {
                    lines[1].push_back(event("all", "value", item, Emit::Nothing));
                }
            }
            lines[0].push_back(event("items", "n", root.clone(), value(i64::from(n))));
            let gathered = Value::from(
                (0..n)
                    .map(|index| Value::Int(index.into()))
                    .collect::<Vec<_>>(),
            );
            lines[1].push_back(event("all", "value", root, value(gathered.clone())));
            expected.push(gathered);
        }
        while lines.iter().any(|line| !line.is_empty()) {
            let line = &mut lines[below(2)];
            let size = (1 + below(9)).min(line.len());
            let message: Vec<Event> = line.drain(..size).collect();
            coordinator.on_events(&message);
        }
        let mut over: Vec<EpochResult> = results.try_iter().collect();
        over.sort_by_key(|outcome| outcome.number);
        let values: Vec<Value> = over
            .into_iter()
            .map(|outcome| outcome.returned.unwrap().unwrap())
            .collect();
        assert_eq!(values, expected, "seed {seed}");
    }
}

#[test]
fn withheld_value_completes_its_epoch_and_counts_its_size() {
    let tube = "
noob_id: withheld
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: count.index}]}
  return: {type: return, depends: twice.value}
";
    let mut coordinator = coordinator_of(tube);
    let results = request(&mut coordinator, 1);
    let root = Epoch::root(0);
    let large = Value::from("large".repeat(100));
    let size = large.size() + Value::Int(8).size();
    let count = event("count", "index", root.clone(), Emit::Value(large));
    coordinator.on_receipt(&Receipt::new(vec![count], |_| true));
    coordinator.on_events(&[event("twice", "value", root, value(8))]);
    let result = results.try_recv().expect("it is complete");
    assert_eq!(
        (result.returned.unwrap(), result.bytes),
        (Some(Value::Int(8)), size)
    );
}

#[test]
fn node_reports_its_calls_from_its_first_large_value_on() {
    let tube = "
noob_id: reports
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  between: {type: noob_zmq.node.tests.multiply, depends: [{left: count.index}]}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: between.value}]}
  return: {type: return, depends: twice.value}
";
    let mut coordinator = coordinator_of(tube).with_remote_nodes();
    let _results = request(&mut coordinator, 1);
    let reports = |coordinator: &Coordinator| {
        ["count", "between", "twice"].map(|node| coordinator.reports_calls(node))
    };
    assert_eq!(reports(&coordinator), [false, false, false]);
    let large = Emit::Value(Value::from("large".repeat(200)));
    let between = event("between", "value", Epoch::root(0), large);
    coordinator.on_receipt(&Receipt::new(vec![between], |_| true));
    assert_eq!(reports(&coordinator), [false, true, false]);
}

#[test]
fn observer_that_is_added_gets_the_values_of_later_epochs() {
    let mut coordinator = coordinator_of(MAPPED).with_remote_nodes();
    let observes = |coordinator: &mut Coordinator| {
        let mut actions = std::iter::from_fn(|| coordinator.poll_action());
        actions.any(|action| matches!(action, Action::Observe))
    };
    let submit = |coordinator: &mut Coordinator, number| {
        let (reply, _) = mpsc::channel();
        let completion = CompletionSender::Queue(reply);
        coordinator.submit(number, &EpochInputs::default(), &Vec::new(), completion);
    };
    submit(&mut coordinator, 0);
    assert!(!observes(&mut coordinator));
    lock(&coordinator.observers)
        .callbacks
        .push(Box::new(|_| ()));
    submit(&mut coordinator, 1);
    assert!(observes(&mut coordinator));
    submit(&mut coordinator, 2);
    assert!(!observes(&mut coordinator), "the nodes know it");
    coordinator.on_node_joined();
    assert!(
        observes(&mut coordinator),
        "a new process may have missed it"
    );
}

/// The event below the `map` comes first, and an observer is added meanwhile.
#[test]
fn deferred_event_stays_without_its_withheld_value() {
    let text = "
noob_id: deferred
input:
  items: {type: list, scope: tube, default: [1]}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    let mut coordinator = coordinator_of(text);
    let results = request(&mut coordinator, 1);
    let (root, large) = (Epoch::root(0), Value::from("large".repeat(100)));
    let size = large.size();
    let item = root.child("items", 0);
    let twice = event("twice", "value", item.clone(), Emit::Value(large));
    coordinator.on_receipt(&Receipt::new(vec![twice], |_| true));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let said = Arc::clone(&heard);
    let observer = move |event: &Event| lock(&said).push(event.node_id.to_string());
    lock(&coordinator.observers)
        .callbacks
        .push(Box::new(observer));
    coordinator.on_events(&[
        event("items", "value", item, value(1)),
        event("items", "n", root.clone(), value(1)),
        event("all", "value", root, value(7)),
    ]);
    let result = results.try_recv().expect("it is complete");
    let small = 3 * Value::Int(1).size();
    assert_eq!(
        (result.returned.unwrap(), result.bytes),
        (Some(Value::Int(7)), size + small)
    );
    assert!(
        !lock(&heard).contains(&"twice".to_owned()),
        "its value is not here"
    );
}

const CHAIN: &str = "
noob_id: chain
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: count.index}]}
  again: {type: noob_zmq.node.tests.multiply, depends: [{left: twice.value}]}
  return: {type: return, depends: again.value}
";

#[test]
fn event_completes_the_calls_that_it_implies() {
    let root = Epoch::root(0);
    let emitted = [
        event("count", "index", root.clone(), value(1)),
        event("again", "value", root.clone(), value(4)),
    ];
    let late = event("twice", "value", root, value(2));
    for order in [[0, 1], [1, 0]] {
        let mut coordinator = coordinator_of(CHAIN).with_remote_nodes();
        let results = request(&mut coordinator, 1);
        for place in order {
            assert!(results.try_recv().is_err(), "both are needed");
            coordinator.on_events(&emitted[place..=place]);
        }
        let result = results.try_recv().expect("it is complete");
        assert_eq!(result.returned.unwrap(), Some(Value::Int(4)));
        coordinator.on_events(std::slice::from_ref(&late));
        assert_eq!(rejections(&mut coordinator), Vec::<String>::new());
    }
    // Nodes in this process report everything.
    let mut coordinator = coordinator_of(CHAIN);
    let results = request(&mut coordinator, 1);
    coordinator.on_events(&emitted);
    assert!(results.try_recv().is_err());
}

#[test]
fn reported_call_of_an_open_epoch_is_not_waited_for() {
    let mut coordinator = coordinator_of(CHAIN).with_remote_nodes();
    let _results = request(&mut coordinator, 1);
    let root = Epoch::root(0);
    coordinator.on_events(&[event("count", "index", root.clone(), value(1))]);
    assert_eq!(coordinator.drain().nodes, ["twice".into()]);
    coordinator.on_events(&[event("twice", "value", root, value(2))]);
    assert_eq!(coordinator.drain().nodes, ["again".into()]);
}

#[test]
fn end_of_a_node_that_is_fed_implies_calls_as_before() {
    let mut coordinator = coordinator_of(CHAIN).with_remote_nodes();
    let results = request(&mut coordinator, 2);
    // The node emits nothing after its end, and so answers for its feeders in later epochs as well.
    for (number, said) in [(0, Emit::Exhausted), (1, Emit::Nothing)] {
        let root = Epoch::root(number);
        coordinator.on_events(&[
            event("count", "index", root.clone(), value(1)),
            event("again", "value", root, said),
        ]);
    }
    for _ in 0..2 {
        let result = results.try_recv().expect("it is complete");
        assert_eq!(result.returned.unwrap(), None);
    }
    let mut actions = std::iter::from_fn(|| coordinator.poll_action());
    assert!(!actions.any(|action| matches!(action, Action::Observe)));
}

/// The epoch must stay open until the checkpoint is here: a restarted node continues after it.
#[test]
fn calls_with_checkpoints_are_not_implied() {
    let text = "
noob_id: t
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  total: {type: noob_zmq.numbers.total, depends: [{number: count.index}]}
  again: {type: noob_zmq.node.tests.multiply, depends: [{left: total.value}]}
  return: {type: return, depends: again.value}
";
    let mut coordinator = coordinator_of(text).with_remote_nodes();
    let results = request(&mut coordinator, 1);
    let root = Epoch::root(0);
    coordinator.on_events(&[event("count", "index", root.clone(), value(1))]);
    coordinator.on_events(&[event("again", "value", root.clone(), value(2))]);
    assert!(results.try_recv().is_err());
    coordinator.on_events(&[event("total", "value", root, value(1))]);
    assert!(results.try_recv().is_ok());
}

#[test]
fn node_of_large_values_is_waited_for() {
    let mut coordinator = coordinator_of(CHAIN).with_remote_nodes();
    let results = request(&mut coordinator, 2);
    let large = Value::from("large".repeat(100));
    for epoch in 0..2 {
        let root = Epoch::root(epoch);
        coordinator.on_events(&[event("count", "index", root.clone(), value(1))]);
        coordinator.on_events(&[event("again", "value", root.clone(), value(4))]);
        // The first size is news, and comes too late to wait for it.
        assert_eq!(results.try_recv().is_ok(), epoch == 0);
        let twice = event("twice", "value", root, Emit::Value(large.clone()));
        coordinator.on_receipt(&Receipt::new(vec![twice], |_| true));
    }
    let small = 2 * Value::Int(1).size();
    assert_eq!(results.try_recv().unwrap().bytes, large.size() + small);
}
