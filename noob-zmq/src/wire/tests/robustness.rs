//! No bytes do harm: whatever a peer sends is decoded or rejected, without a panic and without
//! memory that is only claimed.

use super::*;

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
