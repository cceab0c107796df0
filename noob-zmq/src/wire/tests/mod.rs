//! Tests of all messages in both codecs, by subject.

use proptest::prelude::*;

use super::*;
use crate::graph::{Bytes, Emit, Epoch, Event, Timestamp, Value, any_value};

mod framing;
mod json;
mod robustness;
mod round_trip;

const CODECS: [Codec; 2] = [Codec::Json, Codec::MsgPack];

const SENT: Envelope<'_> = Envelope {
    sender: "a",
    timestamp: Timestamp::from_micros(1_704_067_200_000_000),
};

fn received(body: impl Into<Bytes>) -> RawMessage {
    RawMessage::from_body(body.into()).expect("has an envelope")
}

fn event(value: impl Into<Emit>, epoch: Epoch) -> Event {
    let timestamp = Timestamp::from_micros(1_704_067_200_000_001);
    Event::new(u64::MAX, timestamp, "a", "s", epoch, value)
}

/// Encodes a message and decodes it.
fn round_trip<M: Message>(message: &M, codec: Codec) -> M {
    let raw = received(SENT.encode(message, codec).expect("can be written"));
    assert_eq!(
        (raw.kind(), &**raw.sender(), raw.timestamp()),
        (M::KIND, "a", Some(SENT.timestamp))
    );
    assert_eq!(raw.codec(), codec);
    raw.decode().expect("can be read")
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
        // Any microsecond, or one that the calendar of RFC 3339 has.
        prop_oneof![any::<i64>(), 0..4_000_000_000_000_000_i64],
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
