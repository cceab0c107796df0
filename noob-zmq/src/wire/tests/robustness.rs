//! No bytes do harm: whatever a peer sends is decoded or rejected, without a panic and without
//! memory that is only claimed.

use super::*;
use crate::graph::from_value;

/// Decodes a frame as every message that it could be.
fn decode_as_anything(frame: &[u8]) {
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
        let _ = raw.decode::<EpochsEnded>();
        let _ = raw.decode::<Health>();
        let _ = raw.decode::<Lend>();
        let _ = raw.decode::<Resume>();
        let _ = (
            raw.decode::<Ping>(),
            raw.decode::<Stop>(),
            raw.decode::<Deinit>(),
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
        decode_as_anything(&[head, tail].concat());
        assert!(
            received(Bytes::from([head, tail].concat()))
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
        let (head, limit): (&[u8], _) = match codec {
            Codec::Json => (
                b"{\"type\":\"lend\",\"node_id\":\"a\",\"value\":",
                "recursion limit exceeded",
            ),
            Codec::MsgPack => (b"\x94\xa4lend\xa1a\x00", "nested deeper than 201 levels"),
        };
        let frame = Bytes::from([head, &open.repeat(100_000)].concat());
        decode_as_anything(&frame);
        let error = RawMessage::parse(vec![frame], Framing::Body)
            .and_then(|raw| raw.decode::<Lend>())
            .expect_err("is refused");
        assert!(error.to_string().contains(limit), "{error}");
    }
}

/// Returns a message with a list of a text and a packed list: its contents, and the length that is
/// claimed for them.
fn with_packed(text: &str, contents: &[u8], claimed: usize) -> RawMessage {
    let claimed = u32::try_from(claimed).unwrap().to_be_bytes();
    let text = [&[0xd9, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let head = b"\x94\xa5event\xa1a\x00\x92";
    let body = [&head[..], &text, b"\xc9", &claimed, b"\x06", contents].concat();
    received(body)
}

#[test]
fn packed_list_of_wrong_contents_is_rejected() {
    let little = cfg!(target_endian = "little");
    let (own, other) = if little {
        ("<i4", ">i4")
    } else {
        (">i4", "<i4")
    };
    let contents = |of: &str, data: &[u8]| [b"\x92\xa3", of.as_bytes(), data].concat();
    let eight = b"\xc4\x08\0\0\0\0\0\0\0\0";
    let good = contents(own, eight);
    with_packed("", &good, good.len()).value().unwrap();
    for claimed in [0, 1, good.len() - 1, good.len() + 1, u32::MAX as usize] {
        assert!(
            with_packed("", &good, claimed).value().is_err(),
            "{claimed}"
        );
    }
    for wrong in [
        contents(other, eight),
        contents("<i3", eight),
        contents(own, b"\xc4\x07\0\0\0\0\0\0\0"),
        contents(own, b"\xc4\x09\0\0\0\0\0\0\0\0"),
        contents(own, b"\xc6\xff\xff\xff\xff"),
        contents(own, b"\x92\x00\x00"),
        contents(own, b"\xa4\0\0\0\0"),
        // A packed list, a tensor, and a frame that is not there as the numbers.
        contents(own, &[b"\xc7\x0f\x06", &good[..]].concat()),
        contents(own, b"\xd4\x03\x93"),
        contents(own, b"\xd6\x04\0\0\0\0"),
        [b"\x92\xd4\x06\x92", &eight[..]].concat(),
        [b"\x92\x05", &eight[..]].concat(),
        b"\x91\xa3<i4".to_vec(),
        [b"\x93", &good[1..], b"\x00"].concat(),
        Vec::new(),
    ] {
        let value = with_packed("", &wrong, wrong.len()).value();
        assert!(value.is_err(), "{wrong:?}: {value:?}");
    }
}

#[test]
fn packed_list_is_read_at_every_alignment() {
    let numbers: Vec<f64> = (0..100).map(|n| f64::from(n) / 8.0).collect();
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_ne_bytes()).collect();
    let of = if cfg!(target_endian = "little") {
        "<f8"
    } else {
        ">f8"
    };
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let contents = [b"\x92\xa3", of.as_bytes(), b"\xc5", &length, &bytes].concat();
    for offset in 0..8 {
        let message = with_packed(&"x".repeat(offset), &contents, contents.len());
        let Ok(Value::List(list)) = message.value() else {
            panic!("at {offset}: it is not read");
        };
        let read: Vec<f64> = from_value(&list[1]).unwrap();
        assert_eq!(read, numbers, "at {offset}");
        assert_eq!(
            list[1],
            numbers.iter().map(|n| Value::Float(*n)).collect::<Value>()
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        codec in proptest::sample::select(&CODECS[..]),
    ) {
        decode_as_anything(&bytes);
        let head: &[u8] = match codec {
            Codec::MsgPack => b"\x94\xa5event\xa1a\x00",
            Codec::Json => b"{\"type\":\"event\",\"node_id\":\"a\",\"value\":",
        };
        decode_as_anything(&[head, &bytes].concat());
    }

    #[test]
    fn no_mutation_does_harm(
        events in proptest::collection::vec(any_event(), 1..3),
        codec in proptest::sample::select(&CODECS[..]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let Ok(body) = SENT.encode_events(&events, codec) else { return Ok(()) };
        let mut body = body.to_vec();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        decode_as_anything(&body);
    }
}
