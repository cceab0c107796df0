//! Frames of the kinds of sockets, and buffers that are shared between frames and values.

use std::sync::Arc;

use super::*;

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
    // Only the last frame is the body.
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
fn subscriptions_are_read_without_an_envelope() {
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
fn a_message_of_another_kind_is_rejected() {
    let raw = received(SENT.encode(&Ping, Codec::MsgPack).expect("can be written"));
    assert_eq!(
        raw.decode::<Stop>().expect_err("is refused").to_string(),
        "a `ping` message cannot be read as `stop`"
    );
}

#[test]
fn events_of_a_node_share_names() {
    let events = Events(vec![
        event(Value::Null, Epoch::root(0)),
        event(Value::Null, Epoch::root(1)),
    ]);
    let read = round_trip(&events, Codec::MsgPack);
    assert!(Arc::ptr_eq(&read.0[0].node_id, &read.0[1].node_id));
}

#[test]
fn large_bytes_are_not_copied_out_of_a_body() {
    let value = Value::Bytes(vec![7; 100_000].into());
    let body = SENT
        .encode_events(&[event(value, Epoch::root(0))], Codec::MsgPack)
        .expect("can be written");
    let range = body.as_ptr_range();
    let events: Events = received(body).decode().expect("can be read");
    let Emit::Value(Value::Bytes(bytes)) = &events.0[0].value else {
        panic!("not bytes: {events:?}")
    };
    assert!(range.contains(&bytes.as_ptr()));
}

#[test]
fn a_scalar_event_is_small_in_msgpack() {
    let event = Event {
        id: 5,
        ..event(Value::Int(3), Epoch::root(9))
    };
    let length = |count| {
        let events = vec![event.clone(); count];
        let body = SENT.encode_events(&events, Codec::MsgPack);
        body.expect("can be written").len()
    };
    // Envelope 1, kind 6, sender 2, time 9; events 1, names 1 + 2 + 2, first id 1, first time 9,
    // list 1; for each event 1, its id, time, node, signal, epoch and value 1 each.
    assert_eq!(length(1), 35 + 7);
    assert_eq!(length(10), 35 + 10 * 7);
}
