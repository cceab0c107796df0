//! A steady run of scalar events allocates per message, and not per event.

use std::sync::Arc;

use noob_zmq::graph::{
    Emit, Epoch, Event, Plan, Scheduler, SignalUpdate, SlotValues, Store, Timestamp, Value,
};
use noob_zmq::tube;
use noob_zmq::wire::{Codec, Envelope, Events, RawMessage};

fn envelope() -> Envelope<'static> {
    Envelope {
        sender: "twice",
        timestamp: Timestamp::from_micros(1_700_000_000_000_000),
    }
}

fn events(count: u32) -> Events {
    let event = |number: u32| {
        let time = Timestamp::from_micros(1_700_000_000_000_000 + i64::from(number));
        let (id, epoch) = (u64::from(number) + (1 << 60), Epoch::root(number));
        Event::new(id, time, "twice", "value", epoch, Value::Int(number.into()))
    };
    Events((0..count).map(event).collect())
}

fn body(events: &Events) -> noob_zmq::graph::Bytes {
    let body = envelope().encode(events, Codec::MsgPack);
    body.unwrap_or_else(|error| panic!("{error}"))
}

fn decode(body: &noob_zmq::graph::Bytes) -> Events {
    let read = RawMessage::from_body(body.clone()).and_then(|raw| raw.decode());
    read.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn decoding_allocates_as_much_for_a_thousand_events_as_for_ten() {
    let (few, many) = (body(&events(10)), body(&events(1000)));
    // The thread knows the names from then on.
    assert_eq!(decode(&many), events(1000));
    let spent = [few, many].map(|body| allocation_counter::measure(|| drop(decode(&body))));
    assert_eq!(spent[0].count_total, spent[1].count_total);
    assert!(spent[1].count_total <= 4, "{}", spent[1].count_total);
}

#[test]
fn encoding_allocates_for_the_buffer_alone() {
    let many = events(1000);
    let spent = allocation_counter::measure(|| drop(body(&many)));
    // The buffer grows by doubling: from some hundred bytes to some thousand.
    assert!(spent.count_total <= 12, "{}", spent.count_total);
}

#[test]
fn steady_epochs_of_a_node_allocate_nothing() {
    const TUBE: &str = "
noob_id: steady
nodes:
  count: {type: noob_zmq.numbers.count}
  sum: {type: noob_zmq.numbers.add, depends: [{left: count.value}, {right: count.value}]}
";
    let tube = tube::from_text("steady.yaml", TUBE, ());
    let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
    let plan = Arc::new(Plan::new(&tube));
    let node = |name| plan.node_index(name).expect("a node of the tube");
    let (count, sum) = (node("count"), node("sum"));
    let signal = |node| plan.signals_of(node).next().expect("a signal");
    let mut scheduler = Scheduler::for_node(Arc::clone(&plan), sum);
    let mut store = Store::new(Arc::clone(&plan));
    let (mut positional, mut named) = (Vec::new(), SlotValues::default());
    let mut run = |epochs: std::ops::Range<u32>| {
        for number in epochs {
            let _ = scheduler.open(number);
            let _ = scheduler.input_done(number);
            let epoch = Epoch::root(number);
            let value = Emit::Value(Value::Int(number.into()));
            let update = SignalUpdate::from(&value);
            let _ = scheduler.apply(&epoch, signal(count), update);
            store.put(&epoch, signal(count), Value::Int(number.into()));
            assert_eq!(scheduler.next_ready(), Some((epoch.clone(), sum)));
            store.fill(&epoch, sum, &mut positional, &mut named);
            assert_eq!(named.len(), 2);
            let _ = scheduler.apply(&epoch, signal(sum), update);
            let _ = scheduler.node_done(&epoch, sum);
            assert_eq!(scheduler.take_closed().next(), Some(number));
            store.clear(number);
        }
    };
    run(0..100);
    let spent = allocation_counter::measure(|| run(100..1100));
    assert_eq!(spent.count_total, 0);
}
