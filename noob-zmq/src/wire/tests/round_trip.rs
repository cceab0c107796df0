//! Every message is written and read again.

use std::sync::Arc;

use super::*;
use crate::graph::{Bytes, Map, Opaque};

fn identify() -> Identify {
    Identify {
        signals: Some(vec!["s".into()]),
        subscribers: vec!["b".into(), "command".into()],
        ..Identify::new("a".into(), "ipc:///run/nodes/a/outbox", NodeStatus::Waiting)
    }
}

fn check<M: Message + PartialEq + std::fmt::Debug>(message: M) {
    for codec in CODECS {
        assert_eq!(round_trip(&message, codec), message, "{codec}");
    }
}

#[test]
fn orders_are_read_as_they_were_written() {
    check(Ping);
    check(Stop);
    check(Observe::default());
    check(Observe {
        all: true,
        sampled: vec![("a".into(), "value".into())],
    });
    check(Deinit);
    check(Start::new(None));
    check(Start::new(Some(-3)));
    check(EpochsEnded::new(vec![0, 7, u32::MAX], vec![7]));
    check(Process::new(None, None));
    let input: Map = [("x".to_owned(), Value::from("text"))]
        .into_iter()
        .collect();
    let input = Arc::new(input);
    check(Process::new(Some(Epoch::root(0)), Some(Arc::clone(&input))));
    let epoch = Epoch::root(3).child("m", 1);
    check(Lend::new(
        "a".into(),
        epoch.clone(),
        vec![Value::Int(1), Value::Null],
        Map::clone(&input),
    ));
    let states = vec![(Epoch::root(2), Value::from([1, 2])), (epoch, Value::Null)];
    check(Resume {
        next: 9,
        open: vec![(3, None), (8, Some(input))],
        states: vec![("a".into(), states)],
        failed: vec![0, u32::MAX],
        disabled: vec!["b".into(), "c".into()],
    });
    check(Resume::default());
}

#[test]
fn reports_are_read_as_they_were_written() {
    check(identify());
    let nodes = [("a".into(), identify())].into_iter().collect();
    check(Announce::new("ipc://x", nodes));
    for status in NodeStatus::ALL {
        check(Status::new("a".into(), *status));
    }
    let health = Health::new("a".into(), NodeStatus::Running);
    check(health.clone());
    check(Health {
        epochs: 3,
        events_in: u64::MAX,
        busy: Some(Epoch::root(7).child("m", 1)),
        overran: true,
        dropped: vec![("a.value".into(), 3)],
        thread: Some(u32::MAX),
        ..health
    });
    let report = Report::new(Phase::Process, "boom");
    check(Failure::new("a".into(), report.clone()));
    check(Failure::new(
        "a".into(),
        Report {
            epoch: Some(Epoch::root(3).child("m", 0)),
            chain: vec!["spark".into()],
            panicked_at: Some("a.rs:1:2".into()),
            class: Some("ValueError".into()),
            at: Some("a.py:3".into()),
            detail: Some("two\nlines".into()),
            attachment: Some(
                Opaque::new("pickle", vec![0, 255]).with_buffers(vec![Bytes::from_static(b"x")]),
            ),
            ..report
        },
    ));
}

#[test]
fn objects_of_other_languages_are_read_as_they_were_written() {
    let of = |size: usize| {
        let buffers = [size, 0, size].map(|size| Bytes::from(vec![7; size]));
        Value::from(Opaque::new("pickle", vec![1; size]).with_buffers(buffers.into()))
    };
    for size in [0, 1, 300, 100_000] {
        let value = Value::from([Value::Null, of(size), Value::Bytes(vec![3; 20_000].into())]);
        let input: Map = [("x".to_owned(), value)].into_iter().collect();
        let message = Process::new(None, Some(Arc::new(input)));
        assert_eq!(round_trip(&message, Codec::MsgPack), message);
    }
    let input: Map = [("x".to_owned(), of(1))].into_iter().collect();
    let message = Process::new(None, Some(Arc::new(input)));
    let error = SENT.encode(&message, Codec::Json).unwrap_err().to_string();
    assert!(
        error.contains("an object of kind `pickle` has no form in JSON"),
        "{error}"
    );
}

#[test]
fn events_are_read_as_they_were_written() {
    check(Events(vec![]));
    check(Events(vec![
        event(Emit::Nothing, Epoch::root(0)),
        event(Emit::Exhausted, Epoch::root(0).child("m", 7)),
        event(Value::BigInt("1".repeat(70).into()), Epoch::root(1)),
    ]));
}

#[test]
fn receipts_are_read_as_they_were_written() {
    check(Receipt::default());
    let large = event(Value::from("large"), Epoch::root(0));
    let small = event(Emit::Nothing, Epoch::root(1));
    let events = vec![small.clone(), large.clone(), small, large.clone()];
    let receipt = Receipt::new(events, |event| matches!(event.value, Emit::Value(_)));
    let Emit::Value(value) = large.value else {
        panic!("an event with a value");
    };
    assert_eq!(receipt.withheld, [(1, value.size()), (3, value.size())]);
    check(receipt);
}

#[test]
fn receipt_withholds_values_of_its_events_only() {
    let null = event(Value::Null, Epoch::root(0));
    for withheld in [vec![(2, 1)], vec![(1, 1), (0, 1)], vec![(0, 1), (0, 1)]] {
        let events = vec![null.clone(), null.clone()];
        let lie = Receipt { events, withheld };
        for codec in CODECS {
            let raw = received(SENT.encode(&lie, codec).expect("can be written"));
            let error = raw.decode::<Receipt>().unwrap_err().to_string();
            assert!(error.contains("places of withheld values"), "{error}");
        }
    }
}

#[test]
fn statuses_and_phases_have_one_word() {
    for status in NodeStatus::ALL {
        assert_eq!(crate::graph::to_value(status), Ok(status.as_str().into()));
    }
    for (phase, word) in [
        (Phase::Init, "init"),
        (Phase::Process, "process"),
        (Phase::Deinit, "deinit"),
    ] {
        assert_eq!(crate::graph::to_value(&phase), Ok(word.into()));
    }
}

#[test]
fn a_wrong_value_is_an_error_that_says_where() {
    let value =
        serde_json::json!({ "node_id": "a", "epoch": [7, 1], "positional": [], "named": {} });
    let body = serde_json::json!({ "type": "lend", "node_id": "a", "value": value });
    let error = received(body.to_string()).decode::<Lend>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the `lend` message from `a`: expected a tuple of size 2, found the integer `1`, \
         at `.value.epoch[1]`"
    );
}

#[test]
fn values_beyond_the_limits_are_not_written() {
    let deep = |levels| (0..levels).fold(Value::Null, |deep, _| Value::from([deep]));
    for codec in CODECS {
        let limit = codec.max_value_depth();
        let lend = |levels| Lend::new("a".into(), Epoch::root(0), vec![deep(levels)], Map::new());
        let error = SENT.encode(&lend(limit), codec).unwrap_err().to_string();
        let start = format!("a `lend` message cannot be written as {codec}: lists and maps are ");
        assert!(error.starts_with(&start), "{error}");
        let error = error.contains(&format!("nested deeper than {limit} levels; flatten them"));
        assert!(error, "{codec}");
        let largest = lend(limit - 2);
        assert_eq!(round_trip(&largest, codec), largest, "{codec}");
    }
    let events = [
        event(Value::Null, Epoch::root(0)),
        event(Value::BigInt("1e9".into()), Epoch::root(0)),
    ];
    let error = SENT.encode_events(&events, Codec::MsgPack).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("is not made of digits, at `.value[1].value`"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn every_event_is_exact_in_msgpack(
        events in proptest::collection::vec(any_event(), 0..5),
    ) {
        let read = round_trip(&Events(events.clone()), Codec::MsgPack).0;
        prop_assert_eq!(read.len(), events.len());
        for (read, event) in read.iter().zip(&events) {
            match (&read.value, &event.value) {
                (Emit::Value(a), Emit::Value(b)) => prop_assert!(a.same(b), "{a} {b}"),
                (a, b) => prop_assert_eq!(a, b),
            }
            let without_value = |event: &Event| Event { value: Emit::Nothing, ..event.clone() };
            prop_assert_eq!(without_value(read), without_value(event));
        }
    }

    #[test]
    fn every_value_is_exact_in_json(value in any_value()) {
        let events = Events(vec![event(value.clone(), Epoch::root(0))]);
        let read = round_trip(&events, Codec::Json).0;
        let Emit::Value(read) = &read[0].value else { panic!("no value") };
        prop_assert!(read.same(&value), "{read} {value}");
    }
}
