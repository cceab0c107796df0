//! Every message in both codecs: what is written, what is read, what is refused, and that no bytes do harm.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::graph::{Bytes, Emit, Epoch, Event, Map, Timestamp, Value, any_value};

const SENT: Envelope<'_> = Envelope {
    sender: "a",
    timestamp: Timestamp::from_micros(1_704_067_200_000_000),
};

fn arrived(body: Bytes) -> RawMessage {
    RawMessage::parse(vec![body], Framing::Body).expect("has an envelope")
}

fn event(value: Emit, epoch: Epoch) -> Event {
    Event {
        id: u64::MAX,
        timestamp: Timestamp::from_micros(1_704_067_200_000_001),
        node_id: "a".into(),
        signal: "s".into(),
        epoch,
        value,
    }
}

/// What comes back when a message is written and read again.
fn again<M: Message>(message: &M, codec: Codec) -> M {
    let raw = arrived(SENT.encode(message, codec).expect("can be written"));
    assert_eq!(
        (raw.kind(), &**raw.sender(), raw.timestamp()),
        (M::KIND, "a", Some(SENT.timestamp))
    );
    assert_eq!(raw.codec(), codec);
    raw.decode().expect("can be read")
}

fn identify() -> Identify {
    Identify {
        node_id: "a".into(),
        outbox: "ipc:///tmp/noob/r/nodes/a/outbox".into(),
        status: NodeStatus::Waiting,
        signals: Some(vec!["s".into()]),
        slots: None,
        subscribed_to: vec![],
        subscribers: vec!["b".into(), "command".into()],
    }
}

fn report() -> Report {
    Report {
        epoch: Some(Epoch::root(3).child("m", 0)),
        phase: Phase::Process,
        message: "boom".into(),
        chain: vec!["spark".into()],
        panicked_at: None,
    }
}

#[test]
fn every_message_comes_back_in_both_codecs() {
    fn check<M: Message + Clone + PartialEq + std::fmt::Debug>(message: M) {
        for codec in [Codec::Json, Codec::MsgPack] {
            assert_eq!(again(&message, codec), message, "{codec}");
        }
    }
    check(identify());
    check(Announce {
        inbox: "ipc://x".into(),
        nodes: [("a".into(), identify())].into_iter().collect(),
    });
    for status in NodeStatus::ALL {
        check(Status {
            node_id: "a".into(),
            status,
        });
    }
    check(Ping);
    check(Stop);
    check(Deinit);
    check(Init);
    check(Start { count: None });
    check(Start { count: Some(-3) });
    check(EpochEnded {
        epoch: Epoch::root(u32::MAX).child("m", 1).child("n", 2),
    });
    check(EpochsEnded {
        epochs: vec![0, 7, u32::MAX],
        failed: vec![7],
    });
    check(Process {
        epoch: None,
        input: None,
    });
    let input: Map = [("x".to_owned(), Value::from("pck__ is only a string here"))]
        .into_iter()
        .collect();
    check(Process {
        epoch: Some(Epoch::root(0)),
        input: Some(Arc::new(input.clone())),
    });
    check(Resume {
        next: 9,
        open: vec![(3, None), (8, Some(Arc::new(input)))],
        states: vec![(
            "a".into(),
            vec![
                (Epoch::root(2), Value::from([1, 2])),
                (Epoch::root(3).child("m", 1), Value::Null),
            ],
        )],
        failed: vec![0, u32::MAX],
        disabled: vec!["b".into(), "c".into()],
    });
    check(Resume {
        disabled: vec!["b".into()],
        ..Resume::default()
    });
    let health = Health {
        node_id: "a".into(),
        status: NodeStatus::Running,
        epochs: 3,
        calls: 1,
        events_in: u64::MAX,
        events_out: 0,
        queue: 2,
        busy: Some(Epoch::root(7).child("m", 1)),
        overran: true,
        dropped: vec![("a.value".into(), 3)],
        refused: 4,
        thread: Some(u32::MAX),
    };
    check(health.clone());
    check(Health {
        thread: None,
        ..health
    });
    check(Failure {
        node_id: "a".into(),
        cause: Cause::Pickled("pck__gAQu".into()),
    });
    check(Failure {
        node_id: "a".into(),
        cause: Cause::Report(report()),
    });
    check(Failure {
        node_id: "a".into(),
        cause: Cause::Report(Report {
            epoch: None,
            ..report()
        }),
    });
    check(Spec {
        spec: Value::from_iter([("noob_id", "t")]),
    });
    check(Events(vec![]));
    check(Events(vec![
        event(Emit::Nothing, Epoch::root(0)),
        event(Emit::Exhausted, Epoch::root(0).child("m", 7)),
        event(Value::Pickle("pck__gAQu".into()).into(), Epoch::root(1)),
        event(Value::BigInt("1".repeat(70).into()).into(), Epoch::root(1)),
    ]));
}

#[test]
fn json_is_written_as_noob_writes_it() {
    // The left sides were written by noob 1003.0.2.
    fn body<M: Message>(message: &M) -> Bytes {
        SENT.encode(message, Codec::Json).expect("can be written")
    }
    let float = |value: f64| event(Value::from(value).into(), Epoch::root(0));
    let texts = Value::from("\u{7f}\u{1f}\u{8}\u{c}\n\r\t\"\\/é\u{2028}");
    for (value, written) in [
        (float(0.1).value, "0.1"),
        (float(1e15).value, "1000000000000000.0"),
        (float(1e16).value, "1e+16"),
        (
            float(123_456_789_012_345_680.0).value,
            "1.2345678901234568e+17",
        ),
        (float(1e-5).value, "0.00001"),
        (float(1e-6).value, "1e-6"),
        (float(5e-324).value, "5e-324"),
        (float(-0.0).value, "-0.0"),
        (float(f64::NAN).value, "null"),
        (float(f64::NEG_INFINITY).value, "null"),
        (
            texts.into(),
            "\"\u{7f}\\u001f\\b\\f\\n\\r\\t\\\"\\\\/é\u{2028}\"",
        ),
        (Value::Bytes("abc".into()).into(), "\"abc\""),
        (Emit::Nothing, "\"__META__NoEvent\""),
        (Emit::Exhausted, "\"__META__Exhausted\""),
    ] {
        let expected = format!(
            concat!(
                r#"{{"type":"event","node_id":"a","timestamp":"2024-01-01T00:00:00Z","value":[{{"id":18446744073709551615,"#,
                r#""timestamp":"2024-01-01T00:00:00.000001+00:00","node_id":"a","signal":"s","epoch":[0,["m",2]],"value":{}}}]}}"#
            ),
            written
        );
        assert_eq!(
            body(&Events(vec![event(value, Epoch::root(0).child("m", 2))])),
            expected
        );
    }
    assert_eq!(
        body(&Process {
            epoch: None,
            input: None
        }),
        r#"{"type":"process","node_id":"a","timestamp":"2024-01-01T00:00:00Z","value":{"epoch":null,"input":null}}"#
    );
}

#[test]
fn what_json_cannot_say_is_an_error_that_says_where() {
    let tensor = crate::graph::Tensor {
        dtype: "<f8".into(),
        shape: [1].into(),
        data: Bytes::from_static(&[0; 8]),
    };
    let mut deep = Value::Null;
    for _ in 0..200 {
        deep = Value::from([deep]);
    }
    for (value, fragment) in [
        (
            Value::Bytes(Bytes::from_static(b"\xff")),
            "1 bytes that are not UTF-8; send a list of integers, or base64",
        ),
        (
            Value::from(tensor),
            "no word for a tensor of `<f8`, shape [1]",
        ),
        (
            Value::from("pck__x"),
            "noob would unpickle a string that begins with `pck__`",
        ),
        (
            Value::Bytes(Bytes::from_static(b"pck__x")),
            "noob would unpickle",
        ),
        (
            Value::from("__META__No__META__Event"),
            "noob would take this string for a meta signal",
        ),
        (
            Value::Pickle("gAQu".into()),
            "begins with `pck__`; this one does not",
        ),
        (Value::BigInt("1e9".into()), "is not made of digits"),
        (deep.clone(), "nested deeper than 190 levels"),
    ] {
        let events = [
            event(Value::Null.into(), Epoch::root(0)),
            event(value.into(), Epoch::root(0)),
        ];
        let error = SENT
            .encode_events(&events, Codec::Json)
            .expect_err("is refused")
            .to_string();
        assert!(
            error.starts_with("a `event` message cannot be written as JSON: "),
            "{error}"
        );
        assert!(
            error.contains(fragment) && error.contains("at `.value[1].value"),
            "{error}"
        );
    }
    let nested = Value::from([Value::Pickle("pck__gAQu".into())]);
    let error = SENT
        .encode_events(&[event(nested.into(), Epoch::root(0))], Codec::Json)
        .expect_err("is refused");
    assert!(
        error.to_string().ends_with("at `.value[0].value[0]`"),
        "{error}"
    );
    assert!(
        SENT.encode_events(&[event(deep.into(), Epoch::root(0))], Codec::MsgPack)
            .is_err()
    );
    // A string that only a whole value must not be is fine inside one.
    let inside = Value::from(["pck__x", "__META__NoEvent"]);
    let events = Events(vec![event(inside.into(), Epoch::root(0))]);
    assert_eq!(again(&events, Codec::Json), events);
}

#[test]
fn frames_are_read_by_the_kind_of_the_socket() {
    let body = || SENT.encode(&Ping, Codec::Json).expect("can be written");
    let frame = |text: &'static str| Bytes::from_static(text.as_bytes());
    let parse = |frames, framing| RawMessage::parse(frames, framing).expect("has an envelope");
    let raw = parse(vec![frame("ping"), body()], Framing::Topic);
    assert_eq!((raw.topic(), raw.peer()), (&frame("ping"), None));
    assert!(raw.decode::<Ping>().is_ok());
    let raw = parse(vec![frame("b"), body()], Framing::Identity);
    assert_eq!(
        (raw.topic(), raw.peer()),
        (&Bytes::new(), Some(&frame("b")))
    );
    // What noob tolerates: only the last frame counts.
    assert_eq!(parse(vec![body()], Framing::Topic).topic(), "");
    assert_eq!(parse(vec![frame(""), body()], Framing::Body).kind(), "ping");
    assert_eq!(
        parse(vec![frame("b"), frame(""), body()], Framing::Identity).peer(),
        Some(&frame("b"))
    );
    assert!(RawMessage::parse(vec![body(), frame("junk")], Framing::Topic).is_err());
    assert_eq!(
        RawMessage::parse(vec![], Framing::Body).expect_err("is refused"),
        WireError::Empty
    );
}

#[test]
fn subscriptions_have_no_envelope() {
    let decode = |frame: &'static [u8]| {
        RawMessage::parse(vec![Bytes::from_static(frame)], Framing::Subscription)?
            .decode::<Subscription>()
    };
    let gained = decode(b"\x01__subscriber__:command").expect("is a subscription");
    assert_eq!(
        (gained.subscribed, gained.subscriber()),
        (true, Some("command"))
    );
    assert_eq!(gained.topic, Subscription::introduction("command"));
    let lost = decode(b"\x00__subscriber__:b").expect("is a subscription");
    assert_eq!((lost.subscribed, lost.subscriber()), (false, Some("b")));
    let all = decode(b"\x01").expect("is a subscription");
    assert_eq!((all.topic.is_empty(), all.subscriber()), (true, None));
    assert_eq!(
        decode(b"\x01__subscriber__:\xff")
            .expect("is a subscription")
            .subscriber(),
        None
    );
    assert_eq!(decode(b""), Err(WireError::Empty));
    assert_eq!(
        decode(b"user data"),
        Err(WireError::Subscription { first: b'u' })
    );
    let raw = RawMessage::parse(vec![Bytes::from_static(b"\x01x")], Framing::Subscription)
        .expect("is a subscription");
    assert_eq!(raw.kind(), Subscription::KIND);
}

#[test]
fn a_message_of_another_kind_is_not_read() {
    let raw = arrived(SENT.encode(&Ping, Codec::MsgPack).expect("can be written"));
    assert_eq!(
        raw.decode::<Stop>().expect_err("is refused").to_string(),
        "a `ping` message cannot be read as `stop`"
    );
}

#[test]
fn names_are_shared_between_the_events_of_a_node() {
    let events = Events(vec![
        event(Value::Null.into(), Epoch::root(0)),
        event(Value::Null.into(), Epoch::root(1)),
    ]);
    for codec in [Codec::Json, Codec::MsgPack] {
        let read = again(&events, codec);
        assert!(
            Arc::ptr_eq(&read.0[0].node_id, &read.0[1].node_id),
            "{codec}"
        );
    }
}

#[test]
fn large_bytes_are_not_copied_out_of_a_body() {
    let value = Value::Bytes(vec![7; 100_000].into());
    let body = SENT
        .encode_events(&[event(value.into(), Epoch::root(0))], Codec::MsgPack)
        .expect("can be written");
    let range = body.as_ptr_range();
    let events: Events = arrived(body).decode().expect("can be read");
    let Emit::Value(Value::Bytes(bytes)) = &events.0[0].value else {
        panic!("not bytes: {events:?}")
    };
    assert!(range.contains(&bytes.as_ptr()));
}

#[test]
fn a_scalar_event_is_small_in_msgpack() {
    let event = Event {
        id: 5,
        ..event(Value::Int(3).into(), Epoch::root(9))
    };
    let body = SENT
        .encode_events(&[event], Codec::MsgPack)
        .expect("can be written");
    // Envelope 1 + kind 6 + sender 2 + time 9, list 1, event 1 + id 1 + time 9 + node 2 + signal 2 + epoch 1 + value 1.
    assert_eq!(body.len(), 36);
}

/// Reads `frame` as everything that it could be.
fn read_as_anything(frame: &[u8]) {
    for framing in [
        Framing::Body,
        Framing::Topic,
        Framing::Identity,
        Framing::Subscription,
    ] {
        let Ok(raw) = RawMessage::parse(vec![Bytes::copy_from_slice(frame)], framing) else {
            continue;
        };
        let _ = raw.value().map(|value| value.to_string());
        let _ = raw.decode::<Announce>();
        let _ = raw.decode::<Identify>();
        let _ = raw.decode::<Status>();
        let _ = raw.decode::<Failure>();
        let _ = raw.decode::<Events>();
        let _ = raw.decode::<Process>();
        let _ = raw.decode::<Start>();
        let _ = raw.decode::<EpochEnded>();
        let _ = raw.decode::<Spec>();
        let _ = (
            raw.decode::<Ping>(),
            raw.decode::<Stop>(),
            raw.decode::<Deinit>(),
            raw.decode::<Init>(),
        );
        let _ = raw.decode::<Subscription>();
        let _ = raw.deserialize::<(String, Vec<i64>)>();
    }
}

#[test]
fn claimed_lengths_and_depths_do_no_harm() {
    let head = b"\x94\xa5event\xa1a\x00";
    for tail in [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x03\x93",
        b"\x91\x96\x00\x00\xa1a\xa1s\xdd\xff\xff\xff\xff",
        b"\x91\xdd\xff\xff\xff\xff",
    ] {
        read_as_anything(&[head, tail].concat());
        assert!(
            arrived(Bytes::from([head, tail].concat()))
                .decode::<Events>()
                .is_err()
        );
    }
    for (open, codec) in [
        (&b"\x91"[..], Codec::MsgPack),
        (b"[", Codec::Json),
        (b"{\"a\":", Codec::Json),
        (b"\x81\xa1a", Codec::MsgPack),
    ] {
        let head: &[u8] = if codec == Codec::Json {
            b"{\"type\":\"spec\",\"node_id\":\"a\",\"value\":"
        } else {
            b"\x94\xa4spec\xa1a\x00"
        };
        let frame = Bytes::from([head, &open.repeat(100_000)].concat());
        read_as_anything(&frame);
        let error = RawMessage::parse(vec![frame], Framing::Body)
            .and_then(|raw| raw.decode::<Spec>())
            .expect_err("is refused");
        assert!(
            error.to_string().contains("nested deeper than 201 levels"),
            "{error}"
        );
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let epoch = (
        any::<u32>(),
        proptest::collection::vec(("[a-z]{1,40}", any::<u32>()), 0..3),
    )
        .prop_map(|(root, path)| {
            path.into_iter()
                .fold(Epoch::root(root), |epoch, (node, index)| {
                    epoch.child(node, index)
                })
        });
    let value = prop_oneof![
        any_value().prop_map(Emit::Value),
        Just(Emit::Nothing),
        Just(Emit::Exhausted)
    ];
    (
        any::<u64>(),
        any::<i64>(),
        ".{1,9}",
        ".{0,40}",
        epoch,
        value,
    )
        .prop_map(|(id, micros, node_id, signal, epoch, value)| Event {
            id,
            timestamp: Timestamp::from_micros(micros),
            node_id: node_id.into(),
            signal: signal.into(),
            epoch,
            value,
        })
}

/// What noob's JSON makes of a value, or `None` if it has no word for it.
fn through_json(value: &Value, whole: bool) -> Option<Value> {
    match value {
        Value::Float(float) if !float.is_finite() => Some(Value::Null),
        Value::Bytes(bytes) => through_json(&Value::from(std::str::from_utf8(bytes).ok()?), whole),
        Value::Tensor(_) => None,
        Value::Pickle(_) if !whole => None,
        Value::Str(text) if whole && sentinel::misread(text).is_some() => None,
        Value::List(items) => Some(
            items
                .iter()
                .map(|item| through_json(item, false))
                .collect::<Option<Vec<_>>>()?
                .into(),
        ),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| Some((key.clone(), through_json(value, false)?)));
            Some(entries.collect::<Option<Map>>()?.into())
        }
        other => Some(other.clone()),
    }
}

proptest! {
    #[test]
    fn msgpack_says_every_event_bit_by_bit(events in proptest::collection::vec(any_event(), 0..5)) {
        let read = again(&Events(events.clone()), Codec::MsgPack).0;
        prop_assert_eq!(read.len(), events.len());
        for (read, event) in read.iter().zip(&events) {
            match (&read.value, &event.value) {
                (Emit::Value(a), Emit::Value(b)) => prop_assert!(a.same(b), "{a} {b}"),
                (a, b) => prop_assert_eq!(a, b),
            }
            prop_assert_eq!(&Event { value: Emit::Nothing, ..read.clone() }, &Event { value: Emit::Nothing, ..event.clone() });
        }
    }

    #[test]
    fn json_says_a_value_or_refuses_it(value in any_value()) {
        let events = Events(vec![event(value.clone().into(), Epoch::root(0))]);
        match (SENT.encode(&events, Codec::Json), through_json(&value, true)) {
            (Ok(body), Some(expected)) => {
                // A judge that is not ours.
                let text = std::str::from_utf8(&body).expect("is UTF-8");
                prop_assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{}", text);
                let read: Events = arrived(body).decode().expect("can be read");
                let Emit::Value(read) = &read.0[0].value else { panic!("no value") };
                prop_assert!(read.same(&expected), "{read} {expected}");
            }
            (Err(WireError::Unencodable { .. }), None) => {}
            (written, expected) => prop_assert!(false, "{written:?} {expected:?}"),
        }
    }

    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), packed in any::<bool>()) {
        read_as_anything(&bytes);
        let head: &[u8] = if packed { b"\x94\xa5event\xa1a\x00" } else { b"{\"type\":\"event\",\"node_id\":\"a\",\"value\":" };
        read_as_anything(&[head, &bytes].concat());
    }

    #[test]
    fn no_mutation_does_harm(
        events in proptest::collection::vec(any_event(), 1..3),
        json in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let codec = if json { Codec::Json } else { Codec::MsgPack };
        let Ok(body) = SENT.encode_events(&events, codec) else { return Ok(()) };
        let mut body = body.to_vec();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        read_as_anything(&body);
    }
}
